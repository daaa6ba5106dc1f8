"""The leaf blocks of a plan: every character in exactly one, and each of the right kind."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.lines import without_markdown
from ingest.outline import build_outline
from kg.errors import OutlineError
from kg.model import Block, BlockKind, PlanDocument
from tests.strategies import (
    FIRST_PLAN,
    SECOND_PLAN,
    examples,
    is_white,
    made_plans,
    messy_texts,
    noise,
    outline_of,
    slices,
    text_of,
)

SENTENCE = "全县经济社会发展取得显著成效，综合实力明显增强，人民生活水平稳步提高。"
BOTH = pytest.mark.parametrize("path", [FIRST_PLAN, SECOND_PLAN], ids=["first", "second"])


def assert_covers_every_character_once(document: PlanDocument) -> None:
    """Blocks are sorted, disjoint and trimmed; what stands between them is white space."""
    text, position = document.text, 0
    for block in document.blocks:
        assert position <= block.start < block.end <= len(text), block
        between = text[position : block.start]
        assert all(is_white(char) for char in between), (between, block)
        assert not is_white(text[block.start]) and not is_white(text[block.end - 1]), block
        position = block.end
    assert all(is_white(char) for char in text[position:]), text[position:]


def assert_readable(text: str) -> None:
    """A text is structured with every character in one block, or refused in one line."""
    try:
        outline = build_outline(text, "plan")
    except OutlineError as error:
        assert "\n" not in str(error)
        return
    assert outline.divisions and outline.document.text == text
    assert_covers_every_character_once(outline.document)
    known = {"plan", *(d.id for d in outline.divisions), *(box.id for box in outline.boxes)}
    assert {block.parent for block in outline.document.blocks} <= known
    assert {d.parent for d in outline.divisions} | {box.parent for box in outline.boxes} <= known
    assert all(block.locator for block in outline.document.blocks)
    for box in outline.boxes:
        for item in box.items:
            printed = text[item.span.start : item.span.end]
            if item.cells:  # a cell may be cut in two by a line break, or by a page number
                assert printed.startswith(item.text[0]) and printed.endswith(item.text[-1])
            else:
                assert printed == item.text


def blocks_of(path: Path, *kinds: BlockKind) -> list[Block]:
    return [block for block in outline_of(path).document.blocks if block.kind in kinds]


def words(path: Path, blocks: list[Block]) -> list[str]:
    return [text_of(path)[block.start : block.end] for block in blocks]


def kinds_of(text: str) -> list[tuple[BlockKind, str]]:
    """(kind, text) of the blocks of a short plan, the chapter heading left out."""
    blocks = build_outline(f"第一章 总则\n{text}", "plan").document.blocks
    return [(b.kind, f"第一章 总则\n{text}"[b.start : b.end]) for b in blocks[1:]]


# -- every character, in any text


@BOTH
def test_every_character_of_a_plan_is_in_one_block(path: Path) -> None:
    assert_readable(text_of(path))


@given(messy_texts())
@examples(250)
def test_every_character_of_a_disorderly_plan_is_in_one_block(text: str) -> None:
    assert_readable(text)


@given(made_plans())
@examples(40)
def test_every_character_of_an_orderly_plan_is_in_one_block(plan: Any) -> None:
    assert_readable(plan.text)


@given(noise().map("第一章 总则\n第二章 附则\n".__add__))
@examples(200)
def test_every_character_of_noise_below_a_heading_is_in_one_block(text: str) -> None:
    assert_readable(text)


@given(st.one_of(noise(), st.text(max_size=200)))
@examples(100)
def test_a_text_that_is_no_plan_is_refused_and_nothing_else(text: str) -> None:
    assert_readable(text)


@given(slices(FIRST_PLAN))
@examples(40)
def test_every_character_of_a_slice_of_the_first_plan_is_in_one_block(text: str) -> None:
    assert_readable(text)
    assert_readable("第一章 总则\n" + text)


@given(slices(SECOND_PLAN))
@examples(40)
def test_every_character_of_a_slice_of_the_second_plan_is_in_one_block(text: str) -> None:
    assert_readable(text)
    assert_readable("第一章 总则\n" + text)


@BOTH
@pytest.mark.parametrize("newline", ["\r\n", "\r"])
def test_the_kind_of_line_break_changes_nothing_but_offsets(path: Path, newline: str) -> None:
    plain = text_of(path).replace("\r\n", "\n")
    expected, found = build_outline(plain, "plan"), build_outline(plain.replace("\n", newline), "plan")
    assert_covers_every_character_once(found.document)
    assert [d.title for d in found.divisions] == [d.title for d in expected.divisions]
    assert [(b.number, len(b.items), b.parent) for b in found.boxes] == [
        (b.number, len(b.items), b.parent) for b in expected.boxes
    ]
    kinds = [[block.kind for block in outline.document.blocks] for outline in (found, expected)]
    assert kinds[0] == kinds[1]


# -- the kinds of blocks in the plans


def test_the_five_figures_have_captions_and_sources() -> None:
    blocks = outline_of(FIRST_PLAN).document.blocks
    figures = blocks_of(FIRST_PLAN, BlockKind.FIGURE)
    captions = words(FIRST_PLAN, figures)
    assert [c[:2] for c in captions if c.startswith("图")] == ["图1", "图2", "图3", "图4", "图5"]
    assert captions[:2] == ["图1", "交城县2016-2019年减贫人数和退贫村数"]  # on a line of its own
    assert all(len(caption) > 10 for caption in captions[1:])
    for last in figures[1:]:
        following = blocks[blocks.index(last) + 1]
        assert following.kind is BlockKind.SOURCE_NOTE
        assert words(FIRST_PLAN, [following])[0].startswith("资料来源：")
    assert len(blocks_of(FIRST_PLAN, BlockKind.SOURCE_NOTE)) == 5


def test_headings_that_open_a_paragraph_are_apart_from_their_text() -> None:
    blocks = outline_of(FIRST_PLAN).document.blocks
    under_first = [b for b in blocks if b.locator.endswith("（一）脱贫攻坚取得决定性胜利")]
    run_ins = words(FIRST_PLAN, [b for b in under_first if b.kind is BlockKind.RUN_IN])
    expected = "产业扶贫扎实推进 易地搬迁全市领先 生态扶贫增绿增收 就业扶贫带动增收 政策扶贫保障落实"
    assert run_ins == [f"{title}。" for title in expected.split()]


@BOTH
def test_a_heading_that_opens_a_paragraph_is_followed_by_text_on_its_line(path: Path) -> None:
    blocks, text = outline_of(path).document.blocks, text_of(path)
    run_ins = [(a, b) for a, b in pairwise(blocks) if a.kind is BlockKind.RUN_IN]
    assert len(run_ins) > 40
    for head, body in run_ins:
        assert body.kind in (BlockKind.PARAGRAPH, BlockKind.RUN_IN)
        assert "\n" not in text[head.end : body.start] and head.parent == body.parent
        assert text[head.end - 1] in "。：:" and "。" not in text[head.start : head.end - 1]


def test_sub_headings_of_the_first_plan() -> None:
    found = blocks_of(FIRST_PLAN, BlockKind.SUBHEADING)
    assert len(found) == 14 and words(FIRST_PLAN, found)[-1] == "附表"
    assert [b.level for b in found[:-1]] == [5] * 13
    assert all(b.parent == "plan/c01/s01" for b in found[:-1])


def test_page_lines_of_the_second_plan_are_its_footers() -> None:
    gold = json.loads(SECOND_PLAN.with_name("qingshan-gold.json").read_text("utf-8"))
    footers = blocks_of(SECOND_PLAN, BlockKind.FOOTER)
    assert [(b.start, b.end) for b in footers] == [(p["start"], p["end"]) for p in gold["page_lines"]]


def test_what_stands_before_the_first_heading_belongs_to_the_plan() -> None:
    for path in (FIRST_PLAN, SECOND_PLAN):
        first = outline_of(path).divisions[0].heading.start
        front = [b for b in outline_of(path).document.blocks if b.end <= first]
        assert {b.locator for b in front} == {"正文之前"} and {b.parent for b in front} == {"plan"}
        kinds = {b.kind for b in front}
        assert kinds <= {BlockKind.FRONT, BlockKind.TITLE, BlockKind.CONTENTS, BlockKind.FOOTER}


@BOTH
def test_title_and_place_of_a_plan(path: Path) -> None:
    outline = outline_of(path)
    place = {FIRST_PLAN: "交城县", SECOND_PLAN: "青山县"}[path]
    assert outline.jurisdiction == place
    assert outline.document.title.startswith(f"{place}国民经济和社会发展第十四个五年规划")
    assert outline.document.title.endswith("远景目标纲要")


@BOTH
def test_the_block_at_an_offset(path: Path) -> None:
    document = outline_of(path).document
    by_offset = [block for block in document.blocks for _ in range(block.start, block.end)]
    found = [document.block_at(offset) for offset in range(-2, len(document.text) + 2)]
    assert [block for block in found if block] == by_offset
    assert found[:2] == [None, None] and found[-2:] == [None, None]


# -- conditions


def test_a_figure_number_takes_the_next_line_as_its_caption() -> None:
    assert kinds_of("图1\n\n增长率\n来源：公报") == [
        (BlockKind.FIGURE, "图1"), (BlockKind.FIGURE, "增长率"), (BlockKind.SOURCE_NOTE, "来源：公报"),
    ]  # fmt: skip


@pytest.mark.parametrize("after", [SENTENCE, "第二章 目标", "一、目标", "专栏1 项目", "- 3 -", "\t序号"])
def test_a_figure_number_takes_nothing_else_for_a_caption(after: str) -> None:
    found = kinds_of(f"图1\n{after}\n")
    assert found[0] == (BlockKind.FIGURE, "图1")
    assert BlockKind.FIGURE not in [kind for kind, _ in found[1:]]


def test_several_short_headings_in_one_paragraph() -> None:
    body = "就是要" + "持续完善各项制度，加强统筹协调。"
    found = kinds_of(f"管理创新。{body}技术创新。{body}")
    assert found == [
        (BlockKind.RUN_IN, "管理创新。"), (BlockKind.PARAGRAPH, body),
        (BlockKind.RUN_IN, "技术创新。"), (BlockKind.PARAGRAPH, body),
    ]  # fmt: skip


@pytest.mark.parametrize("opening", ["", "到2025年，产值达到120亿元。", "其中：", "截至“十三五末。"])
def test_a_sentence_is_no_heading(opening: str) -> None:
    assert kinds_of(opening + SENTENCE) == [(BlockKind.PARAGRAPH, opening + SENTENCE)]


def test_levels_of_headings_go_down_from_part_to_run_in() -> None:
    headings = "第一篇总 第一章总则 第一节依据 一、目标 （一）总量 1.产值 （1）工业".split()
    text = "\n".join([*headings, "产业持续向好。" + SENTENCE])
    levels = [b.level for b in build_outline(text, "plan").document.blocks]
    assert levels == [1, 2, 3, 4, 5, 6, 7, 8, 0]


def test_an_appendix_ends_the_last_chapter() -> None:
    text = f"第一章 总则\n{SENTENCE}\n附件1：名单\n{SENTENCE}"
    last = build_outline(text, "plan").document.blocks[-1]
    assert (last.parent, last.locator) == ("plan", "附件1：名单")


def test_the_kinds_of_a_short_plan() -> None:
    text = f"某县“十四五”规划纲要\n（公开发布）\n- 1 -\n\n第一章 总则\n{SENTENCE}\n- 2 -\n注：含园区。\n"
    outline = build_outline(text, "plan")
    assert [b.kind for b in outline.document.blocks] == [
        BlockKind.TITLE, BlockKind.FRONT, BlockKind.FOOTER, BlockKind.CHAPTER,
        BlockKind.PARAGRAPH, BlockKind.FOOTER, BlockKind.SOURCE_NOTE,
    ]  # fmt: skip
    assert outline.document.title == "某县“十四五”规划纲要"
    assert outline.jurisdiction == "某县"


def test_a_plan_without_a_title_is_called_by_its_id() -> None:
    outline = build_outline(f"第一章 总则\n{SENTENCE}", "some-plan")
    assert (outline.document.title, outline.jurisdiction) == ("some-plan", "")


MARKDOWN = """# 甲山县国民经济和社会发展第十四个五年规划纲要

> 甲山县人民政府

# 第一章 发展基础

## 第一节 取得的成就

**（一）综合实力增强。**全县地区生产总值达到92.6亿元，经济保持较快增长。

**表1 主要指标**

| 指标 | 单位 | 2020年 | 2025年 |
|:---|:---:|---:|---:|
| 森林覆盖率 | % | 71.2 | 72 |

*注：2025年为规划目标。*

> 专栏1：重点项目
>
> - 水库工程，总投资1亿元
> - 茶园改造项目

## 第二节 存在的不足

产业结构单一，基础设施薄弱。
"""


def test_signs_of_markdown_are_no_part_of_what_is_read() -> None:
    outline = build_outline(MARKDOWN, "plan")
    assert outline.document.text == MARKDOWN
    assert [d.title for d in outline.divisions] == ["发展基础", "取得的成就", "存在的不足"]
    (box,) = outline.boxes
    assert [item.text for item in box.items] == ["水库工程，总投资1亿元", "茶园改造项目"]
    (table,) = outline.tables
    assert (table.title, [row.cells[0].text for row in table.rows]) == ("表1 主要指标", ["森林覆盖率"])
    said = {block.kind: MARKDOWN[block.start : block.end] for block in outline.document.blocks}
    assert said[BlockKind.RUN_IN] == "（一）综合实力增强。"
    assert said[BlockKind.SOURCE_NOTE] == "注：2025年为规划目标。"
    plain = without_markdown(MARKDOWN)
    assert len(plain) == len(MARKDOWN) and not set(plain) & set("#>*")


def test_a_text_without_two_headings_of_markdown_is_left_as_it_is() -> None:
    text = "# 甲\n**乙**\n> 丙\n"
    assert without_markdown(text) == text
