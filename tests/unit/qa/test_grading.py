"""Grades of constructed answers, and the same verdicts as the judge that stands beside the project."""

from __future__ import annotations

import importlib.util
import json
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.errors import InputError
from kg.settings import PROJECT_ROOT
from qa.grading import GoldQuestion, grade, normalise, read_questions, share
from qa.model import Answer, Citation

PLAN = (
    "第一章 目标\n到2025年，粮食产量达到4.1万吨，比2020年的3.9万吨增加。\n"
    "1.综合物流园区项目。\n粮食产量再提高。\n"
)
PLANS = {"plan": PLAN}
JUDGE = PROJECT_ROOT.parent / "shared" / "eval" / "grade.py"

GOLD = GoldQuestion(
    id="q1", question="粮食产量到多少？", category="indicator", must=(("4.1",), ("3.9", "三点九")),
    must_not=("小麦",), quote=("粮食产量达到4.1万吨",), max_chars=60,
)
REFUSE = GoldQuestion(id="q2", question="2030年呢？", must=(("没有",),), answerable=False)


def cite(quote: str, locator: str = "第一章") -> Citation:
    start = PLAN.index(quote)
    return Citation(quote, start, start + len(quote), "plan", locator)


GOOD = Answer(
    "粮食产量到多少？", "到2025年4.1万吨[1]，2020年3.9万吨[2]。", False,
    citations=(cite("到2025年，粮食产量达到4.1万吨"), cite("2020年的3.9万吨")), elapsed_ms=10,
)


def test_a_right_answer_meets_all_four_measures() -> None:
    result = grade(GOLD, GOOD, PLANS)
    assert result.correct and result.cited and result.grounded
    assert result.verbatim == (True, True)
    assert result.why == ()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"answer": "到2025年4.1万吨[1]。"}, "3.9"),  # a group is missing
        ({"answer": "14.1万吨，3.9万吨"}, "4.1"),  # a number must stand alone
        ({"answer": GOOD.answer + "小麦"}, "小麦"),
        ({"answer": GOOD.answer + "。" * 60}, "过长"),
        ({"refused": True}, "误拒"),
    ],
)
def test_what_makes_an_answer_wrong(change: dict[str, Any], reason: str) -> None:
    result = grade(GOLD, replace(GOOD, **change), PLANS)
    assert not result.correct
    assert any(reason in why for why in result.why)


def test_one_alternative_of_a_group_is_enough() -> None:
    assert grade(GOLD, replace(GOOD, answer="4.1 和三点九"), PLANS).correct


def test_a_share_of_the_groups_can_be_enough() -> None:
    half = GOLD.model_copy(update={"min_ratio": 0.5})
    assert grade(half, replace(GOOD, answer="4.1万吨"), PLANS).correct
    assert not grade(half, replace(GOOD, answer="产量"), PLANS).correct


def test_what_cannot_be_answered_has_to_be_refused() -> None:
    refusal = Answer("2030年呢？", "规划没有说明2030年的数值。", True)
    assert grade(REFUSE, refusal, PLANS).correct
    assert "应拒未拒" in grade(REFUSE, replace(refusal, refused=False), PLANS).why


def test_a_citation_elsewhere_does_not_count() -> None:
    assert grade(GOLD, replace(GOOD, citations=(cite("1.综合物流园区项目。"),)), PLANS).cited is False


def test_a_citation_next_to_the_place_or_too_short_to_tell_it_does_not_count() -> None:
    for other in (cite("到2025年，"), cite("，比2020年的3.9"), Citation("产量", 0, 2, "plan", "")):
        assert grade(GOLD, replace(GOOD, citations=(other,)), PLANS).cited is False


def test_without_a_gold_quote_citing_is_not_judged() -> None:
    assert grade(GOLD.model_copy(update={"quote": ()}), GOOD, PLANS).cited is None
    assert grade(REFUSE, replace(GOOD, refused=True), PLANS).cited is None


def test_a_quote_that_is_not_the_plans_text_is_not_verbatim() -> None:
    first, second = GOOD.citations
    broken = replace(GOOD, citations=(replace(first, quote="到2025年产量4.1万吨"), second))
    assert grade(GOLD, broken, PLANS).verbatim == (False, True)


def test_a_number_from_nowhere_is_not_grounded() -> None:
    result = grade(GOLD, replace(GOOD, answer=GOOD.answer + "增加0.2万吨"), PLANS)
    assert not result.grounded
    assert result.correct  # grounding is a measure of its own
    derived = replace(GOOD, answer=GOOD.answer + "增加0.2万吨", derived=("0.2",))
    assert grade(GOLD, derived, PLANS).grounded


def test_numbers_of_earlier_turns_are_known() -> None:
    turns = GOLD.model_copy(update={"history": (("2019年呢", "不清楚"),)})
    assert grade(turns, replace(GOOD, answer=GOOD.answer + "2019"), PLANS).grounded


def test_width_spaces_quotes_and_markdown_do_not_matter() -> None:
    assert normalise("**“４．１ 万吨”** | `x`") == normalise("4.1万吨x")


def test_share_of_nothing_is_whole() -> None:
    assert share([]) == share([None]) == 1.0
    assert share([True, False, None]) == 0.5


# -- reading question sets


def test_a_question_set_is_read_in_order_with_blank_lines_left_out(tmp_path: Path) -> None:
    file = tmp_path / "q.jsonl"
    file.write_text('{"id": "a", "question": "甲", "extra": 1}\n\n{"id": "b", "question": "乙"}\n', "utf-8")
    assert [q.id for q in read_questions(file)] == ["a", "b"]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "没有问题"),
        (b"\n \n", "没有问题"),
        (b'{"id": "a"}\n', "第 1 行"),
        (b'{"id": "a", "question": "x"}\nnot json\n', "第 2 行"),
        (b'{"id": "a", "question": "x", "history": [["only one"]]}\n', "第 1 行"),
        ("中文".encode("gbk"), "UTF-8"),
    ],
)
def test_a_bad_question_set_is_one_clear_line(tmp_path: Path, content: bytes, says: str) -> None:
    file = tmp_path / "q.jsonl"
    file.write_bytes(content)
    with pytest.raises(InputError, match=says) as error:
        read_questions(file)
    assert "\n" not in str(error.value)


def test_a_missing_question_set_and_a_directory(tmp_path: Path) -> None:
    for path in (tmp_path / "none.jsonl", tmp_path):
        with pytest.raises(InputError):
            read_questions(path)


# -- the same verdicts as the judge beside the project


@pytest.fixture(scope="module")
def judge() -> ModuleType:
    """The stand-alone judge; it is no part of the project, so it may be absent."""
    if not JUDGE.is_file():
        pytest.skip("没有 ../shared/eval/grade.py：把评分脚本放到项目旁边即可运行")
    spec = importlib.util.spec_from_file_location("judge", JUDGE)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def assert_same_verdict(judge: ModuleType, question: GoldQuestion, answer: Answer) -> None:
    theirs = judge.grade(json.loads(question.model_dump_json()), answer.to_json(question.id), PLAN)
    ours = grade(question, answer, PLANS)
    assert ours.correct == theirs["correct"]
    assert ours.cited == theirs["cited"]
    assert list(ours.verbatim) == theirs["verbatim"]
    assert ours.grounded == theirs["grounded"]


SAID = (
    "4.1万吨", "3.9", "三点九", "14.1", "4.10", "４．１", "小麦", "小 麦", "**没有**", "[1]", "[7]",
    "\n1. 物流", "\n- 2） 项", "0.2", "27,836.2", "2025年", "。" * 30, "粮食“产量”", "", "专栏1-1",
)  # fmt: skip
CITED = (
    cite("到2025年，粮食产量达到4.1万吨"),
    cite("2020年的3.9万吨"),
    cite("1.综合物流园区项目。"),
    cite("粮食产量再提高"),
    cite("产量"),
    cite("到2025年，"),  # ends where a gold quote begins
    cite("，比2020年的3.9"),  # begins where it ends
    Citation("产量", 0, 2, "plan", ""),  # too short to tell a place
    Citation("改写的话", 3, 8, "plan", "第2章"),
    Citation("粮食产量达到4.1万吨", 0, 2, "plan", ""),
)
ANSWERS = st.builds(
    lambda parts, cited, refused, derived: Answer(
        "问", "".join(parts), refused, citations=tuple(cited), derived=tuple(derived)
    ),
    st.lists(st.sampled_from(SAID), max_size=6),
    st.lists(st.sampled_from(CITED), max_size=3),
    st.booleans(),
    st.lists(st.sampled_from(["0.2", "约4.10%", ""]), max_size=2),
)
QUESTIONS = st.builds(
    lambda must, bad, ratio, quote, answerable, longest, history: GoldQuestion(
        id="q", question="2030年呢", must=must, must_not=bad, min_ratio=ratio, quote=quote,
        answerable=answerable, max_chars=longest, history=history,
    ),
    st.sampled_from(
        [(("4.1",),), (("4.1",), ("3.9", "三点九")), (("粮食产量", "物流"),), (("没有",),), (("4.1万吨",),)]
    ),
    st.sampled_from([(), ("小麦",), ("“小麦”", "4.1")]),
    st.sampled_from([1.0, 0.5, 0.0]),
    st.sampled_from([(), ("粮食产量",), ("粮食产量达到4.1万吨", "物流"), ("比2020年的 3.9万吨",)]),
    st.booleans(),
    st.sampled_from([10, 40, 10**9]),
    st.sampled_from([(), (("2019年", "0.2"),)]),
)


@settings(max_examples=400, deadline=None)
@given(question=QUESTIONS, answer=ANSWERS)
def test_constructed_answers_get_the_same_verdicts(
    judge: ModuleType, question: GoldQuestion, answer: Answer
) -> None:
    assert_same_verdict(judge, question, answer)


def test_the_examples_above_get_the_same_verdicts(judge: ModuleType) -> None:
    changes: tuple[dict[str, Any], ...] = ({}, {"refused": True}, {"citations": ()}, {"answer": ""})
    for question in (GOLD, REFUSE, GOLD.model_copy(update={"quote": ()})):
        for change in changes:
            assert_same_verdict(judge, question, replace(GOOD, **change))
