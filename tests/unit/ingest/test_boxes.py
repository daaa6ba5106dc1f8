"""Boxes and their items: all of both plans, and the forms that a careless reader loses."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given

from ingest.document import Box
from ingest.outline import build_outline
from kg.model import BlockKind
from tests.strategies import FIRST_PLAN, SECOND_PLAN, MadePlan, examples, made_plans, outline_of, text_of

OPENING = "第一章 总则\n第一节 依据\n全县经济社会发展取得显著成效，综合实力明显增强。\n"
BOX_LINE = re.compile(r"(?m)^[\t ]*专栏(\d+-\d+)[：:]?(.*)$")
ITEM_LINE = re.compile(r"(\d+)[.、．] ?(.+)")


def boxes_of(text: str) -> list[tuple[str, list[str]]]:
    """(number, items) of the boxes of a text."""
    return [(box.number, [item.text for item in box.items]) for box in build_outline(text, "plan").boxes]


def items_after(text: str, heading: str) -> list[str]:
    """The items of the only box of a short plan, given the lines of the box."""
    ((_, items),) = boxes_of(f"{OPENING}{heading}\n{text}")
    return items


def box(number: str) -> Box:
    return next(b for b in outline_of(FIRST_PLAN).boxes if b.number == number)


@pytest.fixture(scope="module")
def gold() -> list[dict[str, Any]]:
    loaded = json.loads(SECOND_PLAN.with_name("qingshan-gold.json").read_text("utf-8"))
    boxes: list[dict[str, Any]] = loaded["boxes"]
    return boxes


# -- the first plan


def listed_in_the_text() -> list[tuple[str, list[str]]]:
    """(number, items) of the first plan's boxes: a heading, then all numbered lines that follow."""
    text = text_of(FIRST_PLAN)
    found = []
    for heading in BOX_LINE.finditer(text):
        items: list[str] = []
        for line in filter(None, (line.strip() for line in text[heading.end() :].split("\n"))):
            item = ITEM_LINE.fullmatch(line)
            if not item or int(item[1]) != len(items) + 1:
                break
            items.append(item[2].rstrip("。； "))
        found.append((heading[1], items))
    return found


def test_the_plan_has_thirty_boxes_with_one_hundred_and_sixty_two_items() -> None:
    boxes = outline_of(FIRST_PLAN).boxes
    assert (len(boxes), sum(len(b.items) for b in boxes)) == (30, 162)


def test_boxes_hold_exactly_the_numbered_lines_below_their_headings() -> None:
    found = [(b.number, [item.text for item in b.items]) for b in outline_of(FIRST_PLAN).boxes]
    assert found == listed_in_the_text()


def test_headings_and_items_are_verbatim_at_their_offsets() -> None:
    text = text_of(FIRST_PLAN)
    for b in outline_of(FIRST_PLAN).boxes:
        heading = text[b.heading.start : b.heading.end]
        assert heading.startswith(f"专栏{b.number}") and heading.endswith(b.title)
        for item in b.items:
            assert text[item.span.start : item.span.end] == item.text
        for left, right in pairwise(b.items):
            assert (left.number + 1, left.span.end) < (right.number + 1, right.span.start)


def test_boxes_stand_in_the_chapter_of_their_number() -> None:
    for b in outline_of(FIRST_PLAN).boxes:
        chapter = outline_of(FIRST_PLAN).path(b.parent)[0]
        assert chapter.number == int(b.number.split("-")[0]), b.number
        assert b.locator.startswith(chapter.ordinal) and b.locator.endswith(f"专栏{b.number}")


def test_the_box_after_the_last_table_belongs_to_chapter_five() -> None:
    outline = outline_of(FIRST_PLAN)
    strayed = outline.boxes[-1]
    assert strayed.heading.start > outline.tables[-1].rows[-1].cells[-1].span.end
    assert [d.number for d in outline.path(strayed.parent)] == [5, 6]
    assert (strayed.number, strayed.locator) == ("5-6", "第五章 第六节 专栏5-6")
    blocks = [b for b in outline.document.blocks if b.parent == strayed.id]
    assert {b.locator for b in blocks} == {strayed.locator} and len(blocks) == 1 + len(strayed.items)


def test_a_box_may_stand_before_one_with_a_lower_number() -> None:
    numbers = [b.number for b in outline_of(FIRST_PLAN).boxes]
    assert numbers.index("8-2") + 1 == numbers.index("8-1")
    assert len(box("8-2").items) == 3 and len(box("8-1").items) == 7


def test_a_box_heading_may_lack_its_colon_and_follow_a_tab() -> None:
    text = text_of(FIRST_PLAN)
    start = box("11-1").heading.start
    assert text[start - 1] == "\t" and "：" not in text[start : box("11-1").heading.end]
    assert box("11-1").title.startswith("“十四五”") and len(box("11-1").items) == 2


def test_items_may_lack_a_full_stop_and_begin_with_digits() -> None:
    text = text_of(FIRST_PLAN)
    items = [item for b in outline_of(FIRST_PLAN).boxes for item in b.items]
    assert sum(text[item.span.end] not in "。；" for item in items) == 5
    assert [item.text for item in box("14-1").items] == ["国家气象观测站建设项目", "2001人防工程"]
    assert text[box("14-1").items[1].span.start - 1] == " "


# -- the second plan


def test_boxes_of_the_second_plan_are_those_of_the_annotation(gold: list[dict[str, Any]]) -> None:
    outline = outline_of(SECOND_PLAN)
    assert [(b.number, b.title, b.heading.start, b.heading.end) for b in outline.boxes] == [
        (str(g["number"]), g["title"], g["heading"]["start"], g["heading"]["end"]) for g in gold
    ]
    for b, g in zip(outline.boxes, gold, strict=True):
        path = [d.ordinal for d in outline.path(b.parent)]
        assert path == [ordinal for ordinal in (g["part"], g["chapter"], g["section"]) if ordinal]


def test_items_of_the_second_plan_are_those_of_the_annotation(gold: list[dict[str, Any]]) -> None:
    text = text_of(SECOND_PLAN)
    for b, g in zip(outline_of(SECOND_PLAN).boxes, gold, strict=True):
        assert [item.text for item in b.items] == [item["text"] for item in g["items"]]
        assert [item.number for item in b.items] == list(range(1, len(g["items"]) + 1))
        for item, expected in zip(b.items, g["items"], strict=True):
            assert text[item.span.start : item.span.end] == item.text
            assert expected["start"] <= item.span.start < item.span.end <= expected["end"]


def test_items_that_are_rows_keep_their_cells(gold: list[dict[str, Any]]) -> None:
    text = text_of(SECOND_PLAN)
    tables = [(b, g) for b, g in zip(outline_of(SECOND_PLAN).boxes, gold, strict=True) if "columns" in g]
    assert len(tables) == 2
    for b, g in tables:
        for item, expected in zip(b.items, g["items"], strict=True):
            assert [column for column, _, _ in item.cells] == g["columns"]
            assert " | ".join(value for _, value, _ in item.cells) == expected["quote"]
            assert all(text[span.start : span.end] == value for _, value, span in item.cells)


# -- orderly plans of any kind


@given(made_plans())
@examples(80)
def test_an_orderly_plan_gives_back_its_boxes_and_items(plan: MadePlan) -> None:
    assert boxes_of(plan.text) == [(b.number, list(b.items)) for b in plan.boxes]
    assert [b.title for b in build_outline(plan.text, "plan").boxes] == [b.title for b in plan.boxes]


# -- conditions


@pytest.mark.parametrize("marker", ["{}.", "{}. ", "{}、", "（{}）", "{}．", "　　{}.", "\t{}."])
@pytest.mark.parametrize("end", ["。", "；", ""])
def test_numbered_items_of_every_form(marker: str, end: str) -> None:
    items = ["供热工程", "2001人防工程", "5G基站"]
    lines = [marker.format(number) + item + end for number, item in enumerate(items, 1)]
    assert items_after("\n".join(lines), "专栏1-1：重点项目") == items


def test_dashed_and_circled_items() -> None:
    assert items_after("——甲工程；\n——乙工程。", "专栏1 项目") == ["甲工程", "乙工程"]
    assert items_after("①甲工程；\n②乙工程。", "专栏1 项目") == ["甲工程", "乙工程"]


def test_a_box_ends_where_the_numbers_do_not_go_on() -> None:
    after = "1.甲工程。\n2.乙工程。\n1.另起一段的内容。"
    assert items_after(after, "专栏1 项目") == ["甲工程", "乙工程"]


def test_a_long_item_goes_on_in_the_next_line() -> None:
    first = "1.建设年产十万吨特种材料及配套研发中心、检测中心和物流园区等基础设施的综合"
    assert items_after(f"{first}\n性项目。\n2.乙工程。", "专栏1 项目") == [f"{first[2:]}\n性项目", "乙工程"]


def test_a_paragraph_below_a_box_is_none_of_its_items() -> None:
    after = "1.甲工程。\n2.乙工程\n\n各部门要抓好落实，定期调度。"
    assert items_after(after, "专栏1 项目") == ["甲工程", "乙工程"]


def test_a_page_number_between_items_is_a_footer() -> None:
    text = f"{OPENING}专栏1 项目\n1.甲工程。\n\n- 8 -\n\n2.乙工程。"
    assert boxes_of(text) == [("1", ["甲工程", "乙工程"])]
    kinds = [b.kind for b in build_outline(text, "plan").document.blocks[-3:]]
    assert kinds == [BlockKind.BOX_ITEM, BlockKind.FOOTER, BlockKind.BOX_ITEM]


def test_the_next_heading_ends_a_box() -> None:
    text = f"{OPENING}专栏1-1 项目\n1.甲工程\n专栏1-2 项目\n1.乙工程\n第二节 目标\n1.丙工程。"
    assert boxes_of(text) == [("1-1", ["甲工程"]), ("1-2", ["乙工程"])]


def test_rows_that_sum_up_are_no_items() -> None:
    table = "序号 | 项目名称 | 投资\n1 | 甲工程 | 3\n2 | 乙工程 | 4\n | 合计 | 7"
    assert items_after(table, "专栏1 项目") == ["甲工程", "乙工程"]


def test_two_boxes_with_one_number_have_ids_of_their_own() -> None:
    boxes = build_outline(f"{OPENING}专栏1 甲\n1.甲工程\n专栏1 乙\n1.乙工程", "plan").boxes
    assert len({b.id for b in boxes}) == 2


def test_a_sentence_about_a_box_is_no_box() -> None:
    assert boxes_of(f"{OPENING}专栏1所列8个项目总投资37.72亿元，由各部门抓好落实。\n") == []
