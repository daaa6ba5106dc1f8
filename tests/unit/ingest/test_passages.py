"""Passages for retrieval: verbatim, complete, of a sane size, with ids that last."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from statistics import median

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ingest.document import Outline
from ingest.outline import build_outline
from ingest.passages import make_passages
from kg.errors import OutlineError
from kg.model import BlockKind, Passage
from tests.strategies import (
    FIRST_PLAN,
    SECOND_PLAN,
    MadePlan,
    examples,
    made_plans,
    messy_texts,
    outline_of,
    slices,
    text_of,
)

SENTENCE = "全县经济社会发展取得显著成效，综合实力明显增强，人民生活水平稳步提高。"
BOTH = pytest.mark.parametrize("path", [FIRST_PLAN, SECOND_PLAN], ids=["first", "second"])
TABLES = frozenset({BlockKind.TABLE_CELL, BlockKind.TABLE_GROUP})
#: what no passage holds: headings go with the passages below them, page numbers with none
APART = frozenset(
    {
        BlockKind.CONTENTS, BlockKind.CHAPTER, BlockKind.SECTION, BlockKind.SUBHEADING,
        BlockKind.TABLE_HEADING, BlockKind.TABLE_HEADER, BlockKind.FOOTER,
    }
)  # fmt: skip
#: the longest sentence that stays whole, and what may come before it
LONGEST = 480 + 240


def passages_of(path: Path) -> tuple[Passage, ...]:
    return make_passages(outline_of(path))


def passages(text: str) -> tuple[Passage, ...]:
    """The passages of a short plan below one chapter heading."""
    return make_passages(build_outline(f"第一章 总则\n{text}", "plan"))


def assert_sound(outline: Outline, found: tuple[Passage, ...]) -> None:
    """Verbatim, in order, disjoint, no longer than a sentence allows, with unique ids and known parents."""
    text = outline.document.text
    known = {"plan", *(d.id for d in outline.divisions), *(box.id for box in outline.boxes)}
    for passage in found:
        assert text[passage.start : passage.end] == passage.text and passage.text.strip()
        assert passage.parent in known and passage.locator and passage.plan_id == "plan"
        assert len(passage.text) <= LONGEST or passage.kind in TABLES
    assert all(left.end <= right.start for left, right in pairwise(found))
    assert len({passage.id for passage in found}) == len(found)


def assert_complete(outline: Outline, found: tuple[Passage, ...]) -> None:
    """Each word of prose, boxes and rows is in a passage."""
    covered = set[int]()
    for passage in found:
        covered.update(range(passage.start, passage.end))
    text = outline.document.text
    for block in outline.document.blocks:
        if block.kind not in APART:
            missing = [i for i in range(block.start, block.end) if i not in covered]
            assert all(text[i].isspace() or text[i] in "|｜\ufeff\u200b" for i in missing), block


# -- any text


@BOTH
def test_passages_of_a_plan_are_sound_and_complete(path: Path) -> None:
    assert_sound(outline_of(path), passages_of(path))
    assert_complete(outline_of(path), passages_of(path))


@given(st.one_of(messy_texts(), slices(FIRST_PLAN), slices(SECOND_PLAN)))
@examples(150)
def test_passages_of_any_text_are_sound_and_complete(text: str) -> None:
    try:
        outline = build_outline(text, "plan")
    except OutlineError:
        return
    found = make_passages(outline)
    assert_sound(outline, found)
    assert_complete(outline, found)


@given(made_plans())
@examples(30)
def test_passages_of_an_orderly_plan_are_sound_and_complete(plan: MadePlan) -> None:
    outline = build_outline(plan.text, "plan")
    assert_sound(outline, make_passages(outline))
    assert_complete(outline, make_passages(outline))


# -- size


def test_passages_of_prose_have_about_the_intended_size() -> None:
    sizes = [len(p.text) for p in passages_of(FIRST_PLAN) if p.kind is BlockKind.PARAGRAPH]
    assert 150 <= median(sizes) <= 260
    assert sum(size > 320 for size in sizes) <= len(sizes) / 20


def test_a_long_paragraph_is_cut_at_sentences_into_pieces_of_one_size() -> None:
    found = passages(SENTENCE * 40)
    assert len(found) > 4
    assert all(p.text.startswith("全县") and p.text.endswith("提高。") for p in found)
    assert max(len(p.text) for p in found) < 1.5 * min(len(p.text) for p in found)


@pytest.mark.parametrize("unit", ["加快推进各项改革，", "加快推进各项改革 ", "改革"])
def test_a_sentence_without_end_is_cut_all_the_same(unit: str) -> None:
    text = unit * 500
    found = passages(text)
    assert max(len(p.text) for p in found) <= LONGEST
    assert "".join(p.text for p in found).replace(" ", "") == text.replace(" ", "")
    if "，" in unit:
        assert all(p.text.endswith("，") for p in found)


def test_a_long_box_is_cut_between_its_items_and_a_long_item_at_its_sentences() -> None:
    items = "".join(f"{number}.建设年产{number}万吨特种材料项目，配套研发中心。\n" for number in range(1, 31))
    found = passages(f"{SENTENCE}\n专栏1 项目\n{items}")[1:]
    assert len(found) > 2 and {p.kind for p in found} == {BlockKind.BOX_ITEM}
    assert all(p.text.endswith("研发中心。") for p in found)
    found = passages(f"{SENTENCE}\n专栏1 项目\n1.{SENTENCE * 30}")[1:]
    assert len(found) > 2 and max(len(p.text) for p in found) <= LONGEST


# -- what goes together


def test_a_heading_and_its_text_are_one_passage_below_the_heading() -> None:
    (passage,) = passages(f"产业持续向好。{SENTENCE}")
    assert passage.text == f"产业持续向好。{SENTENCE}"
    assert passage.headings == ("总则", "产业持续向好")
    assert passage.indexed_text == f"总则 产业持续向好 {passage.text}"


def test_headings_stand_above_their_passages() -> None:
    text = f"第一节 依据\n{SENTENCE}\n（一）总量\n{SENTENCE * 3}\n第二节 目标\n{SENTENCE}"
    found = passages(text)
    assert [p.headings for p in found] == [("总则", "依据"), ("总则", "依据", "（一）总量"), ("总则", "目标")]
    assert [p.locator for p in found] == ["第一章 第一节", "第一章 第一节 （一）总量", "第一章 第二节"]


def test_a_caption_goes_with_its_source() -> None:
    found = passages(f"{SENTENCE * 7}\n图1\n\n增长率\n资料来源：公报\n（一）总量\n{SENTENCE * 7}")
    assert [p.text for p in found] == [SENTENCE * 7, "图1\n\n增长率\n资料来源：公报", SENTENCE * 7]


def test_a_page_number_in_mid_sentence_does_not_cut_the_passage() -> None:
    (passage,) = passages(f"{SENTENCE}资产负债率\n- 11 -\n控制在60%以内。{SENTENCE}")
    assert "资产负债率\n- 11 -\n控制在60%以内。" in passage.text


def test_a_page_number_after_a_sentence_is_in_no_passage() -> None:
    found = passages(f"{SENTENCE * 3}\n- 11 -\n{SENTENCE * 3}")
    assert [p.text for p in found] == [SENTENCE * 3] * 2


def test_numbered_lines_without_text_below_them_are_a_passage() -> None:
    """Each looks like a sub-heading; only the last one heads anything."""
    found = passages("1.建设供热管网\n2.改造老旧小区\n\n（一）总量\n" + SENTENCE)
    assert found[0].text == "1.建设供热管网\n2.改造老旧小区" and found[0].headings == ("总则",)
    assert found[1].headings == ("总则", "（一）总量")
    (only,) = passages("1.建设供热管网\n- 3 -\n2.改造老旧小区\n第二章 目标")
    assert only.text == "1.建设供热管网\n- 3 -\n2.改造老旧小区"


def test_each_row_of_a_table_is_a_passage_below_its_title_and_group() -> None:
    text = "表1 指标\n序号|指标|2020年\n一、经济|||\n1|产值|3\n|||\n2||5"
    found = passages(f"{SENTENCE}\n{text}")[1:]
    assert [(p.text, p.headings) for p in found if p.kind is BlockKind.TABLE_CELL] == [
        ("1|产值|3", ("表1 指标", "一、经济")), ("2||5", ("表1 指标", "一、经济")),
    ]  # fmt: skip
    assert [p.text for p in found if p.kind is BlockKind.TABLE_GROUP] == ["一、经济"]


def test_a_row_of_empty_cells_is_no_passage() -> None:
    found = passages(f"{SENTENCE}\n表1 指标\n序号｜指标｜2020年\n1｜产值｜3\n｜｜\n2｜收入｜4")[1:]
    assert [p.text for p in found] == ["1｜产值｜3", "2｜收入｜4"]


def test_every_row_of_the_indicator_table_is_a_passage() -> None:
    rows = [p for p in passages_of(FIRST_PLAN) if p.kind is BlockKind.TABLE_CELL]
    assert len(rows) == 33
    assert all(p.headings[1].endswith("项）") for p in rows)


# -- ids


def test_the_same_text_gives_the_same_passages() -> None:
    again = make_passages(build_outline(text_of(SECOND_PLAN), "plan"))
    assert again == passages_of(SECOND_PLAN)


def test_ids_do_not_depend_on_what_stands_before() -> None:
    text = text_of(FIRST_PLAN)
    moved = make_passages(build_outline(f"\n\n{SENTENCE * 8}\n{text}", "plan"))
    assert {p.id for p in passages_of(FIRST_PLAN)} <= {p.id for p in moved}


@given(st.data())
@examples(25)
def test_a_changed_paragraph_changes_only_its_own_ids(data: st.DataObject) -> None:
    text = text_of(SECOND_PLAN)
    long = [
        block
        for block in outline_of(SECOND_PLAN).document.blocks
        if block.kind is BlockKind.PARAGRAPH and block.end - block.start > 60
    ]
    block = data.draw(st.sampled_from(long))
    offset = data.draw(st.integers(block.start + 40, block.end - 10))
    assume("\u4e00" <= text[offset] <= "\u9fff")
    changed = text[:offset] + "甲" + text[offset + 1 :]
    before = {p.id: p for p in passages_of(SECOND_PLAN)}
    after = {p.id: p for p in make_passages(build_outline(changed, "plan"))}
    gone = [before[id] for id in before.keys() - after.keys()]
    come = [after[id] for id in after.keys() - before.keys()]
    assert len(gone) == len(come) == 1
    assert all(p.start <= offset < p.end for p in (*gone, *come))


def test_the_same_words_twice_in_one_section_have_two_ids() -> None:
    found = passages(f"{SENTENCE * 4}\n（一）总量\n{SENTENCE * 4}")
    assert found[0].text == found[1].text and found[0].id != found[1].id
    assert found[1].id == f"{found[0].id}-2"
