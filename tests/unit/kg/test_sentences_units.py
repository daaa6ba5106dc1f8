"""Sentences and clauses, and the units of dense retrieval that are made of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.passages import make_passages
from kg.model import BlockKind, Passage, unit_id, unit_parent
from kg.sentences import clause_spans, sentence_spans
from kg.units import WHOLE, all_units, sentence_units, with_passage_means
from tests.strategies import FIRST_PLAN, SECOND_PLAN, examples, is_white, noise, outline_of, paragraphs

Spans = Callable[[str, int, int], list[tuple[int, int]]]


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text, 0, len(text))]


def clauses(text: str) -> list[str]:
    return [text[start:end] for start, end in clause_spans(text, 0, len(text))]


def passage(text: str, kind: BlockKind = BlockKind.PARAGRAPH) -> Passage:
    """A passage that stands at offset 100."""
    headings = ("第一章", "第一节")
    return Passage("p/passage/1", "p", 100, 100 + len(text), text, kind, "p/c01", "第一章", headings)


@pytest.mark.parametrize("spans", [sentence_spans, clause_spans])
@given(st.one_of(noise(), st.lists(paragraphs()).map("\n".join)), st.data())
@examples(120)
def test_spans_leave_out_nothing_but_white_space(spans: Spans, text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    found = spans(text, start, end)
    assert all(left[1] <= right[0] for left, right in pairwise(found))
    position = start
    for first, last in found:
        assert start <= first < last <= end
        assert all(is_white(char) for char in text[position:first])
        assert not is_white(text[first]) and not is_white(text[last - 1])
        position = last
    assert all(is_white(char) for char in text[position:end])


def test_sentences_end_with_their_marks_and_quotes() -> None:
    assert sentences("甲。乙；丙！丁？“戊。”己") == ["甲。", "乙；", "丙！", "丁？", "“戊。”", "己"]
    assert sentences("甲。）乙……丙") == ["甲。）", "乙……丙"]


def test_lines_end_sentences_but_a_page_number_does_not() -> None:
    broken = "资产负债率\r\n- 11 -\r\n控制在60%以内。"
    assert sentences(f"{broken}乙") == [broken, "乙"]
    assert sentences("甲\n乙\n12\n丙") == ["甲", "乙", "12", "丙"]


def test_clauses_end_at_commas_and_colons_but_not_inside_numbers() -> None:
    assert clauses("其中：产值3.5亿元，增长5%；收入。") == ["其中：", "产值3.5亿元，", "增长5%；", "收入。"]
    assert clauses("粮食、蔬菜和水果") == ["粮食、蔬菜和水果"]


def test_invisible_characters_are_no_sentence() -> None:
    assert sentences("\ufeff甲。\u200b\n\u200b\n乙\u200b") == ["甲。", "乙"]


def test_a_passage_gives_its_sentences_at_their_places_in_the_plan() -> None:
    units = sentence_units(passage("甲甲。\n  乙乙；丙"))
    assert [(u.id, u.text, u.start, u.end) for u in units] == [
        ("p/passage/1#0", "甲甲。", 100, 103), ("p/passage/1#1", "乙乙；", 106, 109),
        ("p/passage/1#2", "丙", 109, 110),
    ]  # fmt: skip
    assert all(u.parent == "p/c01" and u.indexed_text == u.text for u in units)


@pytest.mark.parametrize("kind", [BlockKind.TABLE_CELL, BlockKind.TABLE_GROUP])
def test_a_row_of_a_table_stays_whole(kind: BlockKind) -> None:
    (unit,) = sentence_units(passage("1\n\t产值；增加值\n\t3", kind))
    assert (unit.text, unit.start) == ("1\n\t产值；增加值\n\t3", 100)


def test_an_id_leads_back_to_the_passage_and_the_sentence() -> None:
    assert unit_parent(unit_id("p/passage/1", 12)) == ("p/passage/1", 12)
    assert unit_parent(unit_id("p#1/passage/1", WHOLE)) == ("p#1/passage/1", WHOLE)


def test_a_passage_has_the_mean_of_its_sentences_beside_them() -> None:
    """Weights are roots of lengths: 16 and 4 characters count 4 to 2."""
    units = sentence_units(passage("甲" * 15 + "。" + "乙乙乙。"))
    units += sentence_units(replace(passage("丙"), id="q"))
    vectors = np.eye(3, dtype=np.float32)
    found, means = with_passage_means(units, vectors)
    assert [unit.id for unit in found[:3]] == [unit.id for unit in units]
    assert [unit_parent(unit.id) for unit in found[3:]] == [("p/passage/1", WHOLE), ("q", WHOLE)]
    np.testing.assert_array_equal(means[:3], vectors)
    expected = np.array([[4 / 20**0.5, 2 / 20**0.5, 0], [0, 0, 1]])
    assert np.allclose(means[3:], expected)
    assert means.dtype == np.float32


@pytest.mark.parametrize("path", [FIRST_PLAN, SECOND_PLAN], ids=["first", "second"])
def test_units_of_a_plan_are_verbatim_and_complete(path: Path) -> None:
    outline = outline_of(path)
    passages = make_passages(outline)
    units = all_units(passages)
    assert len({unit.id for unit in units}) == len(units) > 300
    text = outline.document.text
    by_passage: dict[str, str] = {}
    for unit in units:
        assert text[unit.start : unit.end] == unit.text
        id = unit_parent(unit.id)[0]
        by_passage[id] = by_passage.get(id, "") + "".join(unit.text.split())
    assert by_passage == {p.id: "".join(p.text.split()) for p in passages}
