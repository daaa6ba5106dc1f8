"""Answers put together with evidence, and checked before they are shown."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.schema import Label
from qa.compose import Draft, format_number, shown
from qa.knowledge import Node
from qa.model import Answer, Citation
from qa.service import QuestionService
from qa.verify import numbers, ungrounded, verify

QUOTE = "全县地区生产总值达到86.4亿元"


@pytest.fixture
def draft(second: QuestionService) -> Draft:
    return Draft(second.knowledge, "test")


def place(service: QuestionService, quote: str) -> tuple[str, int, int]:
    """(plan id, start, end) of the plan's first such words."""
    ((plan, document),) = service.knowledge.documents.items()
    start = document.text.index(quote)
    return plan, start, start + len(quote)


def answer_with(text: str, *, derived: tuple[str, ...] = (), quote: str = "", locator: str = "") -> Answer:
    citation = Citation(quote, 0, len(quote), "plan", locator)
    return Answer("问题", text, False, citations=(citation,), derived=derived)


def test_a_place_is_cited_once_and_keeps_its_number(draft: Draft, second: QuestionService) -> None:
    first, other = place(second, QUOTE), place(second, "一般公共预算收入达到5.2亿元")
    assert [draft.cite(*first), draft.cite(*other), draft.cite(*first)] == ["[1]", "[2]", "[1]"]
    answer = draft.build("问题")
    assert [c.quote for c in answer.citations] == [QUOTE, "一般公共预算收入达到5.2亿元"]


def test_a_citation_says_where_it_stands(draft: Draft, second: QuestionService) -> None:
    draft.cite(*place(second, QUOTE))
    (citation,) = draft.build("问题").citations
    assert "第一章 第一节" in citation.locator
    assert second.knowledge.text(citation.source, citation.start, citation.end) == citation.quote


def test_what_has_no_place_gives_no_mark(draft: Draft) -> None:
    assert draft.cite_node(Node("x", Label.PROJECT, "x", (), {})) == ""
    assert draft.cite_relation(None) == ""
    assert draft.cite_relation({"quote": "x"}) == ""
    assert not draft.quoted


def test_a_place_in_a_plan_that_is_not_loaded_gives_no_mark(draft: Draft) -> None:
    elsewhere = {"plan": "another-plan", "start": 0, "end": 5, "stop": 5}
    assert draft.cite_relation(elsewhere) == ""
    assert draft.cite_node(Node("x", Label.PROJECT, "x", (), elsewhere)) == ""


def test_cites_tells_whether_a_citation_overlaps(draft: Draft, second: QuestionService) -> None:
    plan, start, end = place(second, QUOTE)
    draft.cite(plan, start, end)
    assert draft.cites(plan, end - 1, end + 5)
    assert not draft.cites(plan, end, end + 5)
    assert not draft.cites("another-plan", start, end)


def test_list_items_keep_together_and_paragraphs_stand_apart(draft: Draft) -> None:
    for line in ("共2项：", "1. 甲", "2. 乙", "正文：丙"):
        draft.say(line)
    assert draft.build("问题").answer == "共2项：\n1. 甲\n2. 乙\n\n正文：丙"


def test_computed_numbers_are_noted_once(draft: Draft) -> None:
    assert draft.compute("4.45") == "4.45"
    draft.compute("4.45")
    assert draft.build("问题").derived == ("4.45",)


def test_a_conflict_names_its_citations(draft: Draft, second: QuestionService) -> None:
    marks = [draft.cite(*place(second, QUOTE)), "", draft.cite(*place(second, "五年年均增长6.8%"))]
    draft.conflict("两处不同", marks)
    (conflict,) = draft.build("问题").conflicts
    assert conflict.citations == (1, 2)


def test_entities_are_named_once(draft: Draft) -> None:
    node = Node("x", Label.TOWN, "石桥镇", (), {})
    draft.mention([node, node])
    assert [e.name for e in draft.build("问题").entities] == ["石桥镇"]


# -- quotes for reading


def test_line_breaks_and_page_numbers_are_folded_away() -> None:
    assert shown("资产负债率\r\n- 11 -\r\n控制在60%以内") == "资产负债率控制在60%以内"
    assert shown("一\n  二") == "一 二"


@given(st.text(st.sampled_from("增长12.5，亿元、。 \n"), max_size=120), st.integers(8, 40))
def test_a_shown_quote_is_short_and_the_beginning_of_the_text(text: str, limit: int) -> None:
    cut = shown(text, limit)
    whole = " ".join(text.split())
    assert whole.startswith(cut.removesuffix("……"))
    assert len(cut) <= limit + len("……")


@given(st.text(st.sampled_from("增长亿元0123456789.,"), min_size=1, max_size=80), st.integers(8, 40))
def test_a_cut_never_makes_another_number(text: str, limit: int) -> None:
    assert numbers(shown(text, limit)) <= numbers(text)


def test_a_long_quote_ends_at_a_clause() -> None:
    assert shown("一二三四五六七，八九十", 9) == "一二三四五六七……"


@given(st.floats(-1e6, 1e6))
def test_numbers_are_written_to_four_decimals_without_padding(value: float) -> None:
    written = format_number(value)
    assert float(written) == pytest.approx(value, abs=5.1e-5)
    assert written == "0" or not written.startswith("-0") or "." in written
    assert "." not in written or not written.endswith(("0", "."))


def test_a_difference_is_written_as_people_do() -> None:
    assert format_number(65 - 60.55) == "4.45"
    assert format_number(100.0) == "100"
    assert format_number(-0.00001) == "0"


# -- checking


def test_numbers_are_read_in_full_width_and_with_separators() -> None:
    assert numbers("１２８个，27,836.2万元，－5") == {128, 27836.2, 5}


@pytest.mark.parametrize(
    ("text", "stray"),
    [
        ("达到86.4亿元[1]", set()),  # in the quote
        ("达到87.4亿元[1]", {87.4}),
        ("提高4.45个百分点", set()),  # computed
        ("见专栏6-4", set()),  # in the locator
        ("到2031年", {2031}),
        ("按您问的2026年", set()),  # in the question
        ("1. 甲\n2. 乙\n- 3. 丙", set()),  # list numbers are no claims
        ("[9]", set()),  # nor are marks
    ],
)
def test_every_number_needs_a_source(text: str, stray: set[float]) -> None:
    answer = answer_with(text, derived=("4.45",), quote="达到８６.4亿元", locator="专栏6-4")
    assert ungrounded(answer, ["2026年呢"]) == stray


def test_a_grounded_answer_stays_as_it_is(draft: Draft, second: QuestionService) -> None:
    draft.say(f"{QUOTE}{draft.cite(*place(second, QUOTE))}")
    answer = draft.build("问题")
    assert verify(answer, second.knowledge, ["问题"]) is answer


def test_a_line_with_an_invented_number_is_dropped_and_said_so(draft: Draft, second: QuestionService) -> None:
    for line in (f"{QUOTE}{draft.cite(*place(second, QUOTE))}", "其中工业31.7亿元", "以上"):
        draft.say(line)
    checked = verify(draft.build("问题"), second.knowledge, ["问题"])
    assert "31.7" not in checked.answer
    assert QUOTE in checked.answer and "以上" in checked.answer
    assert "\n\n\n" not in checked.answer
    assert checked.notes != ()
    assert not checked.refused


def test_an_answer_of_which_nothing_is_left_is_a_refusal(draft: Draft, second: QuestionService) -> None:
    draft.cite(*place(second, QUOTE))
    draft.say("达到31.7亿元[1]")
    checked = verify(draft.build("问题"), second.knowledge, ["问题"])
    assert checked.refused
    assert checked.answer and not numbers(checked.answer)


def test_a_citation_that_is_not_the_plans_text_never_leaves(draft: Draft, second: QuestionService) -> None:
    draft.cite(*place(second, QUOTE))
    answer = draft.build("问题")
    broken = replace(answer, citations=(replace(answer.citations[0], quote="改写过的话"),))
    with pytest.raises(AssertionError):
        verify(broken, second.knowledge, ["问题"])
