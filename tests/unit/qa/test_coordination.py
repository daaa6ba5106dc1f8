"""Questions about several things are cut into one about each."""

from __future__ import annotations

import pytest

from qa.coordination import combined, coordinated, covers, in_turn
from qa.model import Answer, Citation, ConflictStatement


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        ("城镇化率和森林覆盖率2025年分别是多少？", ("城镇化率2025年是多少？", "森林覆盖率2025年是多少？")),
        ("甲厂与乙厂的投资额各是多少", ("甲厂的投资额是多少", "乙厂的投资额是多少")),
        ("专栏1、专栏2和专栏3各有几个项目", ("专栏1有几个项目", "专栏2有几个项目", "专栏3有几个项目")),
        ("县里，医院和学校分别要建多少所？", ("县里，医院要建多少所？", "县里，学校要建多少所？")),
    ],
)
def test_each_thing_gets_a_question_of_its_own(question: str, parts: tuple[str, ...]) -> None:
    assert coordinated(question) == parts


@pytest.mark.parametrize(
    "question",
    ["城镇化率是多少？", "医院和学校有多少所？", "分别是多少？", "各乡镇有什么项目？", "好的？是多少？", ""],
)
def test_one_thing_stays_one_question(question: str) -> None:
    assert coordinated(question) == in_turn(question) == ()


def test_questions_in_a_row_are_cut_at_their_marks() -> None:
    assert in_turn("派过医护吗？实现了什么目标？") == ("派过医护吗？", "实现了什么目标？")


def test_a_paragraph_that_two_answers_share_is_said_once() -> None:
    first, second = cited("甲[1]\n\n乙[2]", "一", "二"), cited("丙[1]\n\n乙[2]", "丙", "二")
    assert combined("问", [first, second]).answer == "甲[1]\n\n乙[2]\n\n丙[3]"


def cited(text: str, *quotes: str, refused: bool = False) -> Answer:
    """An answer with these quotes."""
    citations = tuple(Citation(quote, i, i + len(quote), "plan", "第一章") for i, quote in enumerate(quotes))
    return Answer("问题", text, refused, "text", citations)


def test_one_answer_that_cites_both_is_enough() -> None:
    questions = ("甲厂的投资额是多少", "乙厂的投资额是多少")
    assert covers(cited("…[1]", "甲厂投资1亿元，乙厂投资2亿元"), questions)
    assert not covers(cited("…[1]", "甲厂投资1亿元"), questions)
    assert not covers(cited("…[1]", "甲厂投资1亿元，乙厂投资2亿元", refused=True), questions)


def test_marks_and_conflicts_are_counted_anew() -> None:
    first = cited("甲[1]，又[2]。", "一", "二")
    second = Answer(
        "问题", "乙[2]与[1]。", False, "text",
        (first.citations[1], Citation("三", 9, 10, "plan", "第二章")),
        conflicts=(ConflictStatement("不一致", (1, 2)),),
    )  # fmt: skip
    whole = combined("问", [first, second])
    assert whole.answer == "甲[1]，又[2]。\n\n乙[3]与[2]。"
    assert [citation.quote for citation in whole.citations] == ["一", "二", "三"]
    assert whole.conflicts == (ConflictStatement("不一致", (2, 3)),)
    assert not whole.refused


def test_a_refused_part_says_what_is_missing_and_no_more() -> None:
    refusal = cited("规划中没有提到“丙”。\n\n规划中较为接近的内容：\n- 丁[1]", "丁", refused=True)
    whole = combined("问", [cited("甲[1]。", "一"), refusal])
    assert whole.answer == "甲[1]。\n\n规划中没有提到“丙”。"
    assert [citation.quote for citation in whole.citations] == ["一"]
    assert not whole.refused
    assert combined("问", [refusal, refusal]).refused
