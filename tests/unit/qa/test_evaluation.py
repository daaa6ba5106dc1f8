"""Grades summed up, compared with an earlier run, and written for people and programs."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from kg.errors import InputError
from qa.baselines import BASELINES, first_passage
from qa.evaluation import EarlierReport, Evaluation, Refusals, Report, compare, read_report, run
from qa.evaluation_text import (
    Table,
    baseline_tables,
    evaluation_json,
    evaluation_markdown,
    evaluation_text,
    expected,
    failures_text,
    kind_table,
)
from qa.grading import GoldQuestion
from qa.model import Answer, Citation
from qa.service import QuestionService

PLAN = "粮食产量达到4.1万吨。\n茶叶产量达到2万吨。\n"
PLANS = {"plan": PLAN}


def gold(id: str, want: str = "", category: str = "fact") -> GoldQuestion:
    """A question that wants a word and its place; without a word it is to be refused."""
    must, quote = (((want,),), ("粮食产量达到4.1万吨",)) if want else ((), ())
    return GoldQuestion(
        id=id, question=f"{id}？", category=category, must=must, quote=quote, answerable=bool(want)
    )


def answer(text: str, *, kind: str = "text", refused: bool = False, ms: float = 10, at: int = 0) -> Answer:
    citation = Citation(PLAN[at : at + 11], at, at + 11, "plan", "第一章")
    return Answer("？", text, refused, kind=kind, citations=(citation,), elapsed_ms=ms)


RIGHT = answer("4.1万吨", kind="indicator", ms=30)
WRONG = answer("不详")
REFUSED = answer("没有", kind="refusal", refused=True, ms=50)


def report_of(*pairs: tuple[GoldQuestion, Answer]) -> Report:
    answers = {question.id: given for question, given in pairs}
    return run([question for question, _ in pairs], lambda question: answers[question.id], PLANS)


MIXED = report_of(
    (gold("a", "4.1"), RIGHT),
    (gold("b", "4.1"), WRONG),
    (gold("c", "4.1"), REFUSED),
    (gold("d", category="refuse"), REFUSED),
    (gold("e", category="refuse"), answer("2万吨", at=12)),
)


def test_a_report_adds_up() -> None:
    assert MIXED.totals() == {"correct": 0.4, "cited": 1.0, "verbatim": 1.0, "grounded": 1.0}
    assert MIXED.refusals() == Refusals(rightly=1, wrongly=1, missed=1)
    assert MIXED.latency_ms() == (30, 50)
    assert {name: len(part.grades) for name, part in MIXED.by_category().items()} == {"fact": 3, "refuse": 2}
    assert [item.question.id for item in MIXED.failures()] == ["b", "c", "e"]


def test_progress_is_told() -> None:
    seen: list[tuple[int, int, str]] = []
    run([gold("a", "4.1")], lambda _: RIGHT, PLANS, lambda *step: seen.append(step), "问")
    assert seen == [(1, 1, "问")]


def test_the_answerers_stand_beside_the_categories() -> None:
    table = kind_table(MIXED)
    assert table.header == ("category", "refusal", "text", "indicator")
    assert table.rows == (
        ("fact", "0/1", "0/1", "1/1"), ("refuse", "1/1", "0/1", ""), ("total", "1/2", "0/2", "1/1"),
    )  # fmt: skip


def test_an_uncited_an_unverbatim_and_an_ungrounded_answer_fail() -> None:
    broken = replace(RIGHT, citations=(replace(RIGHT.citations[0], quote="别的话"),))
    pairs = (
        (gold("a", "4.1"), answer("4.1万吨", at=12)), (gold("b", "4.1"), broken),
        (gold("c", "4.1"), replace(RIGHT, answer="4.1万吨和77")),
    )  # fmt: skip
    text = failures_text(report_of(*pairs))
    assert [word in text for word in ("引用不符", "引文与原文不符", "数字无依据")] == [True] * 3


def test_a_failure_says_what_was_asked_expected_and_answered() -> None:
    more = {"min_ratio": 0.5, "must_not": ("小麦",), "quote": ("一", "二", "三")}
    long = gold("b", "4.1").model_copy(update=more)
    assert expected(long) == "4.1；至少 50%；不含 小麦；引用 “一”|“二” 等 3 处之一"
    assert expected(gold("d")) == "拒答"
    text = failures_text(report_of((long, answer("不\n详" + "。" * 500))))
    assert text.startswith("b [fact] b？\n    缺 4.1") and "回答（text）：不 详。" in text
    assert len(text) < 500


def test_columns_stand_in_line_also_with_chinese_names() -> None:
    plain = Table("表", ("类别", "n"), (("事实", "1"), ("x", "100"))).plain()
    assert plain.splitlines() == ["类别    n", "事实    1", "x     100"]


def test_a_cell_does_not_end_a_markdown_cell() -> None:
    assert "a\\|b" in Table("表", ("x", "n"), (("a|b", "1"),)).markdown()


# -- against an earlier run


def earlier(*pairs: tuple[GoldQuestion, Answer]) -> EarlierReport:
    data = evaluation_json(Evaluation("q.jsonl", ("规划",), report_of(*pairs)))
    return EarlierReport.model_validate(json.loads(json.dumps(data)))


def test_what_got_better_and_worse_is_told_by_id() -> None:
    old = earlier(
        (gold("a", "4.1"), WRONG), (gold("b", "4.1"), RIGHT), (gold("c", "4.1"), RIGHT),
        (gold("z", "1"), WRONG),
    )
    now = report_of(
        (gold("a", "4.1"), RIGHT), (gold("b", "4.1"), answer("不详", at=12)), (gold("c", "4.1"), RIGHT),
        (gold("n", "4.1"), RIGHT),
    )  # fmt: skip
    found = compare(now, old)
    assert found.common == 3
    assert [(c.grade.question.id, c.measures) for c in found.better] == [("a", ("correct",))]
    assert [c.before for c in found.better] == ["不详"]
    assert [(c.grade.question.id, c.measures) for c in found.worse] == [("b", ("correct", "cited"))]
    assert found.measures["correct"] == (2 / 3, 2 / 3) and found.measures["cited"] == (1.0, 2 / 3)
    assert (found.only_now, found.only_before) == (("n",), ("z",))


def test_a_question_that_was_reworded_is_another_question() -> None:
    reworded = gold("a", "4.1").model_copy(update={"question": "另一问？"})
    found = compare(report_of((reworded, RIGHT)), earlier((gold("a", "4.1"), WRONG)))
    assert (found.common, found.better, found.only_now, found.only_before) == (0, (), ("a",), ("a",))


def test_a_report_without_verbatim_can_be_compared(tmp_path: Path) -> None:
    file = tmp_path / "old.json"
    row = {"id": "a", "question": "a？", "correct": False, "cited": None, "grounded": True, "kind": "text"}
    file.write_text(json.dumps({"totals": {}, "answers": [row]}), "utf-8")
    found = compare(report_of((gold("a", "4.1"), RIGHT)), read_report(file))
    assert "verbatim" not in found.measures
    assert [c.measures for c in found.better] == [("correct",)]


@pytest.mark.parametrize("content", [b"", b"[]", b'{"answers": 1}', "问".encode("gbk")])
def test_a_file_that_is_no_report_is_named(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "old.json"
    file.write_bytes(content)
    for path in (file, tmp_path, tmp_path / "none.json"):
        with pytest.raises(InputError, match=str(path.name)):
            read_report(path)


# -- the whole


def test_every_form_holds_the_baselines_and_the_comparison() -> None:
    questions = [item.question for item in MIXED.grades]
    baseline = run(questions, lambda _: answer("4.1万吨", kind="bm25"), PLANS)
    comparison = compare(MIXED, earlier((gold("a", "4.1"), WRONG)))
    whole = Evaluation("q.jsonl", ("规划",), MIXED, {"bm25": baseline}, comparison)
    text, document, data = evaluation_text(whole), evaluation_markdown(whole), evaluation_json(whole)
    assert text.endswith("total correct 0.400  cited 1.000  verbatim 1.000  grounded 1.000  n 5")
    for form in (text, document):
        assert "bm25" in form and "变好" in form and "误拒" in form
    assert json.loads(json.dumps(data)) == data
    assert data["totals"] == MIXED.totals()
    assert data["categories"]["fact"]["refusals"] == {"rightly": 0, "wrongly": 1, "missed": 0}
    assert data["kinds"]["fact"]["indicator"] == {"n": 1, "correct": 1}
    assert [failure["id"] for failure in data["failures"]] == ["b", "c", "e"]
    assert data["baselines"]["bm25"]["totals"]["correct"] == 0.6
    assert data["comparison"]["better"][0]["id"] == "a"


def test_without_baselines_and_comparison_none_are_shown() -> None:
    whole = Evaluation("q.jsonl", ("规划",), MIXED)
    assert baseline_tables(whole) == []
    assert "相比" not in evaluation_text(whole) + evaluation_markdown(whole)


def test_markup_in_questions_and_answers_is_no_markup_in_the_report() -> None:
    question = gold("a", "4.1").model_copy(update={"question": "<b>*x*</b>"})
    document = evaluation_markdown(Evaluation("q", (), report_of((question, answer("| # <i>")))))
    assert "<b>" not in document and "\\<i" in document


# -- plain searches


@pytest.mark.parametrize("name", BASELINES)
def test_a_plain_search_answers_with_its_first_passage(second: QuestionService, name: str) -> None:
    found = first_passage(second.knowledge, name, "全县地区生产总值2025年达到多少？")
    (citation,) = found.citations
    document = second.knowledge.documents[citation.source]
    assert document.text[citation.start : citation.end] == citation.quote
    assert found.answer == f"{citation.quote}[1]" and "地区生产总值" in citation.quote
    assert (found.refused, found.kind) == (False, name)


def test_a_plain_search_that_finds_nothing_refuses(second: QuestionService) -> None:
    assert first_passage(second.knowledge, "bm25", "？！").refused
