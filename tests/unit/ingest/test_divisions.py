"""Parts, chapters and sections: found in both plans, and under the conditions that hide them."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given

from ingest.document import Division
from ingest.outline import build_outline
from kg.errors import OutlineError
from kg.model import BlockKind
from kg.schema import Label
from tests.strategies import FIRST_PLAN, SECOND_PLAN, MadePlan, examples, made_plans, outline_of, text_of

SENTENCE = "全县经济社会发展取得显著成效，综合实力明显增强，人民生活水平稳步提高。"
KINDS = {"part": Label.PART, "chapter": Label.CHAPTER, "section": Label.SECTION}
SECTION_LINE = re.compile(r"(?m)^ *(第[一二三四五六七八九十]+节) +(\S.*?) *$")
CHAPTER_LINE = re.compile(r"(?m)^ *(第[一二三四五六七八九十]+章) +(\S.*?) *$")


def divisions(text: str, label: Label | None = None) -> list[str]:
    """`ordinal title` of the divisions of a text, of one label or of all."""
    found = build_outline(text, "plan").divisions
    return [f"{d.ordinal} {d.title}" for d in found if label in (None, d.label)]


def of(label: Label) -> list[Division]:
    return [d for d in outline_of(FIRST_PLAN).divisions if d.label is label]


@pytest.fixture(scope="module")
def gold() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(SECOND_PLAN.with_name("qingshan-gold.json").read_text("utf-8"))
    return loaded


# -- the first plan


def test_the_plan_has_fifteen_chapters_and_sixty_nine_sections() -> None:
    assert [chapter.number for chapter in of(Label.CHAPTER)] == list(range(1, 16))
    assert len(of(Label.SECTION)) == 69 == len(SECTION_LINE.findall(text_of(FIRST_PLAN)))


def test_numbered_headings_are_where_the_text_has_them() -> None:
    text = text_of(FIRST_PLAN)
    for label, pattern in ((Label.CHAPTER, CHAPTER_LINE), (Label.SECTION, SECTION_LINE)):
        expected = [(m[1], m[2], m.start(1), m.end(2)) for m in pattern.finditer(text)]
        found = [(d.ordinal, d.title, d.heading.start, d.heading.end) for d in of(label)]
        assert [row for row in found if row[0] != "第三章" or label is not Label.CHAPTER] == expected


def test_the_third_chapter_is_found_by_its_title_over_two_lines() -> None:
    text = text_of(FIRST_PLAN)
    third = of(Label.CHAPTER)[2]
    assert (third.number, third.ordinal) == (3, "第三章")
    assert third.title == "“十四五”时期经济社会发展的指导思想、战略定位和主要目标"
    assert "第三章" not in text
    assert re.sub(r"\s", "", text[third.heading.start : third.heading.end]) == third.title
    kinds = {b.kind for b in outline_of(FIRST_PLAN).document.blocks if b.parent == third.id}
    assert kinds == {BlockKind.CHAPTER}


def test_sections_belong_to_the_chapter_above_them() -> None:
    sizes = {chapter.number: 0 for chapter in of(Label.CHAPTER)}
    for section in of(Label.SECTION):
        chapter = next(c for c in reversed(of(Label.CHAPTER)) if c.heading.start < section.heading.start)
        assert section.parent == chapter.id
        sizes[chapter.number] += 1
        assert section.number == sizes[chapter.number]
    assert sizes[3] == 5 and all(sizes.values())


def test_divisions_have_ids_of_their_own() -> None:
    ids = [division.id for division in outline_of(FIRST_PLAN).divisions]
    assert len(set(ids)) == len(ids) == 84
    assert "plan/c03" in ids and "plan/c06/s01" in ids


# -- the second plan


def test_every_heading_of_the_second_plan_is_found_at_its_place(gold: dict[str, Any]) -> None:
    by_id = {d.id: d for d in outline_of(SECOND_PLAN).divisions}
    found = [
        (d.label, d.ordinal, d.title.split(), d.heading.start, d.heading.end)
        for d in outline_of(SECOND_PLAN).divisions
    ]
    assert found == [
        (KINDS[n["kind"]], n["number"], n["title"].split(), n["start"], n["end"]) for n in gold["outline"]
    ]
    parents = [by_id[d.parent].ordinal if d.parent in by_id else None for d in by_id.values()]
    assert parents == [node["parent"] for node in gold["outline"]]


def test_the_contents_are_no_headings_and_end_with_their_last_entry(gold: dict[str, Any]) -> None:
    blocks = [b for b in outline_of(SECOND_PLAN).document.blocks if b.kind is BlockKind.CONTENTS]
    assert (blocks[0].start, blocks[-1].end) == (gold["toc"]["start"], gold["toc"]["end"])
    assert len(blocks) == gold["toc"]["lines"] + 1


# -- orderly plans of any kind


@given(made_plans())
@examples(60)
def test_an_orderly_plan_gives_back_its_chapters_and_sections(plan: MadePlan) -> None:
    assert divisions(plan.text, Label.CHAPTER) == [" ".join(chapter) for chapter in plan.chapters]
    assert divisions(plan.text, Label.SECTION) == [" ".join(section) for section in plan.sections]


# -- conditions


def test_a_title_may_stand_on_the_next_line() -> None:
    text = f"第一章\n\n发展基础\n{SENTENCE}\n第二章\n发展目标\n{SENTENCE}"
    assert divisions(text) == ["第一章 发展基础", "第二章 发展目标"]
    first = build_outline(text, "plan").divisions[0]
    assert text[first.heading.start : first.heading.end] == "第一章\n\n发展基础"


@pytest.mark.parametrize("line", [SENTENCE, "- 3 -", "专栏1：项目", "1.项目", "资料来源：公报"])
def test_a_line_of_another_kind_is_no_title(line: str) -> None:
    assert divisions(f"第一章\n{line}\n第二章 发展目标\n{SENTENCE}") == ["第二章 发展目标"]


@pytest.mark.parametrize("text", ["", SENTENCE, "第一章", f"第一章\n- 1 -\n{SENTENCE}", "一、总则"])
def test_a_text_without_chapters_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(OutlineError, match=r"^没有找到章节标题.*请检查.*$"):
        build_outline(text, "plan")


def test_a_last_heading_without_a_title_is_no_division() -> None:
    assert divisions(f"第一章 基础\n{SENTENCE}\n第二章\n") == ["第一章 基础"]


def test_other_numbering_takes_the_place_of_chapters() -> None:
    text = f"一、基础\n（一）成就\n{SENTENCE}\n（二）不足\n{SENTENCE}\n二、目标\n（一）总量\n{SENTENCE}"
    assert divisions(text, Label.CHAPTER) == ["一 基础", "二 目标"]
    assert divisions(text, Label.SECTION) == ["（一） 成就", "（二） 不足", "（一） 总量"]


def test_a_plan_with_chapters_only_takes_the_next_style_for_sections() -> None:
    text = f"第一章 基础\n一、成就\n{SENTENCE}\n二、不足\n{SENTENCE}\n第二章 目标\n{SENTENCE}"
    assert divisions(text, Label.SECTION) == ["一 成就", "二 不足"]


def test_headings_behind_a_tab_are_found() -> None:
    text = f"\t第一章 基础\n\t{SENTENCE}\n\t第一节 成就\n\t{SENTENCE}"
    assert divisions(text) == ["第一章 基础", "第一节 成就"]


def test_groups_of_a_table_are_no_headings() -> None:
    header = "\t序号\n\t指标\n\t2020年\n\t2025年\n\n"
    table = header + "\t一、经济\n\n\t1\n\t产值\n\t3\n\t4\n\n\t二、民生\n\n\t2\n\t收入\n\t5\n\t6\n"
    assert divisions(f"第一章 基础\n{SENTENCE}\n{table}") == ["第一章 基础"]


def test_sections_that_start_again_open_a_chapter_with_the_title_before_them() -> None:
    title = "指导思想、\n主要目标\n\n第一节 思想"
    text = f"第一章 基础\n第一节 成就\n{SENTENCE}\n\n{title}\n{SENTENCE}\n第三章 末\n{SENTENCE}"
    assert divisions(text, Label.CHAPTER) == ["第一章 基础", "第二章 指导思想、主要目标", "第三章 末"]


@pytest.mark.parametrize(
    "before",
    [SENTENCE, "专栏1：项目\n1.供热工程\n2.供水工程", "图1 增长率\n资料来源：公报", "第二节 不足", "- 3 -"],
)
def test_sections_that_start_again_take_nothing_else_for_a_title(before: str) -> None:
    text = f"第一章 基础\n第一节 成就\n{SENTENCE}\n{before}\n第一节 思想\n{SENTENCE}"
    outline = build_outline(text, "plan")
    assert [d.title for d in outline.divisions if d.label is Label.CHAPTER] == ["基础"]
    assert [d.title for d in outline.divisions if d.label is Label.SECTION][-1] == "思想"
    assert len({d.id for d in outline.divisions}) == len(outline.divisions)


def test_sections_may_start_again_in_a_new_part() -> None:
    text = f"第一篇 基础\n第一章 成就\n第一节 总量\n{SENTENCE}\n第二篇 目标\n第一节 思想\n{SENTENCE}"
    assert divisions(text) == ["第一篇 基础", "第一章 成就", "第一节 总量", "第二篇 目标", "第一节 思想"]


@pytest.mark.parametrize("leader", [" …… {}", "\t{}", "......{}", ""])
def test_a_table_of_contents_is_not_read_as_headings(leader: str) -> None:
    headings = ["第一章 基础", "第一节 成就", "第二章 目标"]
    contents = "".join(f"{line}{leader.format(page)}\n" for page, line in enumerate(headings, 2))
    text = f"目　录\n{contents}- 1 -\n某县规划纲要\n" + "".join(f"{line}\n{SENTENCE}\n" for line in headings)
    assert divisions(text) == headings
    blocks = build_outline(text, "plan").document.blocks
    assert [b.kind for b in blocks[:4]] == [BlockKind.CONTENTS] * 4
    title = next(b for b in blocks if text[b.start : b.end] == "某县规划纲要")
    assert title.kind is (BlockKind.TITLE if leader else BlockKind.CONTENTS)
