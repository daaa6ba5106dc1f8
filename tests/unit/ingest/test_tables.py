"""Tables in plain text: one cell a line behind tabs, or one row a line with tabs or pipes."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from ingest.document import Table
from ingest.outline import build_outline
from kg.errors import OutlineError
from kg.model import BlockKind
from tests.strategies import FIRST_PLAN, SECOND_PLAN, outline_of, text_of

OPENING = "第一章 总则\n全县经济社会发展取得显著成效，综合实力明显增强。\n表1 主要指标\n"
GROUP = re.compile(r"[一二三四五六]、.+（\d+项）")


def tables_of(lines: str) -> tuple[Table, ...]:
    """The tables of a short plan with these lines."""
    return build_outline(OPENING + lines, "plan").tables


def rows_of(lines: str) -> list[list[str]]:
    """The cells of the only table of a short plan with these lines."""
    (table,) = tables_of(lines)
    return [[cell.text for cell in row.cells] for row in table.rows]


@pytest.fixture(scope="module")
def gold() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(SECOND_PLAN.with_name("qingshan-gold.json").read_text("utf-8"))
    return loaded


# -- the first plan


def cells_in_the_text() -> list[str]:
    """The cells of the first plan's table, read without any of our code: a tab begins each of them."""
    text = text_of(FIRST_PLAN)
    printed = text[text.index("\n\t序号\n") : text.index(" 专栏5-6")]
    return [re.sub(r"\s", "", cell) for cell in re.split(r"\n\t", printed)[1:]]


def test_the_table_has_all_its_cells_in_their_rows() -> None:
    (table,) = outline_of(FIRST_PLAN).tables
    cells = cells_in_the_text()
    header, body = cells[:6], [cell for cell in cells[6:] if not GROUP.fullmatch(cell)]
    assert [cell.text for cell in table.header] == header
    assert [[cell.text for cell in row.cells] for row in table.rows] == [
        body[i : i + 6] for i in range(0, len(body), 6)
    ]
    assert [row.cells[0].text for row in table.rows] == [str(number) for number in range(1, 34)]


def test_the_six_groups_hold_as_many_rows_as_they_say() -> None:
    (table,) = outline_of(FIRST_PLAN).tables
    groups = [cell.text for cell in table.groups]
    assert groups == [cell for cell in cells_in_the_text() if GROUP.fullmatch(cell)] and len(groups) == 6
    sizes = [sum(row.group == index for row in table.rows) for index in range(6)]
    assert [f"（{size}项）" for size in sizes] == [group[group.index("（") :] for group in groups]


def test_cells_over_several_lines_are_one() -> None:
    text = text_of(FIRST_PLAN)
    (table,) = outline_of(FIRST_PLAN).tables
    assert [cell.text for cell in table.header][2:4] == ["2020年（规划基期）", "2025年（规划目标）"]
    long = [cell for row in table.rows for cell in row.cells if "\n" in text[cell.span.start : cell.span.end]]
    assert "高于GDP增长" in [cell.text for cell in long]
    for cell in (*table.header, *long):
        assert re.sub(r"\s", "", text[cell.span.start : cell.span.end]) == cell.text


def test_the_table_has_its_title_and_stands_in_the_appendix() -> None:
    (table,) = outline_of(FIRST_PLAN).tables
    assert table.title.endswith("经济社会发展预期指标体系")
    assert (table.parent, table.locator) == ("plan", "附表")


# -- the second plan


def test_tables_of_the_second_plan_are_those_of_the_annotation(gold: dict[str, Any]) -> None:
    text = text_of(SECOND_PLAN)
    tables = outline_of(SECOND_PLAN).tables
    for table, expected in zip(tables, gold["tables"], strict=True):
        assert table.title == expected["caption"]["quote"]
        assert table.heading is not None and table.heading.start == expected["caption"]["start"]
        assert [cell.text for cell in table.header] == expected["columns"]
        assert [(cell.text, cell.span.start) for cell in table.groups] == [
            (group["quote"], group["start"]) for group in expected["groups"]
        ]
        rows = [row for row in gold["indicators"] if row["table"] == expected["number"]]
        assert [(r.cells[0].span.start, r.cells[-1].span.end) for r in table.rows] == [
            (row["start"], row["end"]) for row in rows
        ]
        cells = [cell for row in table.rows for cell in row.cells]
        assert all(text[cell.span.start : cell.span.end] == cell.text for cell in cells)


# -- one row a line

EXPECTED = [["1", "产值", "3", "4"], ["2", "收入", "5", "6"]]


@pytest.mark.parametrize("delimiter", ["|", " | ", "｜", "\t", " |　", "  ｜ "])
@pytest.mark.parametrize("newline", ["\n", "\n\n"])
def test_rows_with_delimiters(delimiter: str, newline: str) -> None:
    rows = [["序号", "指标", "2020年", "2025年"], *EXPECTED]
    assert rows_of(newline.join(delimiter.join(row) for row in rows)) == EXPECTED


def test_rows_framed_by_pipes_with_a_rule_below_the_header() -> None:
    assert rows_of("|序号|指标|2020年|\n|---|:-:|--:|\n| 1 | 产值 | 3 |\n|||4|\n|2||5|") == [
        ["1", "产值", "3"], ["", "", "4"], ["2", "", "5"],
    ]  # fmt: skip


def test_an_empty_cell_at_the_start_of_an_unframed_row_moves_no_column() -> None:
    assert rows_of("序号|指标|2020年\n|产值|3\n2|收入|") == [["", "产值", "3"], ["2", "收入", ""]]


def test_the_line_before_a_table_is_its_title() -> None:
    (table,) = tables_of("序号\t指标\t2020年\n1\t产值\t3")
    assert table.title == "表1 主要指标"


def test_a_table_goes_on_over_a_page_break_with_its_header_repeated() -> None:
    header = "序号 | 指标 | 2020年"
    second = f"{header}\n2 | 收入 | 5\n- 6 -\n二、民生（1项）\n3 | 床位 | 7\n"
    lines = f"{header}\n1 | 产值 | 3\n\n- 5 -\n\n{second}"
    (table,) = tables_of(lines)
    assert [row.cells[1].text for row in table.rows] == ["产值", "收入", "床位"]
    assert [row.group for row in table.rows] == [None, None, 0]
    blocks = build_outline(OPENING + lines, "plan").document.blocks
    footers = [b for b in blocks if b.kind is BlockKind.FOOTER]
    assert len(footers) == 3  # two page numbers, and the header on the second page


def test_a_sentence_ends_a_table() -> None:
    lines = "序号\t指标\t2020年\n1\t产值\t3\n全县要抓好落实。\n二、保障措施\n2\t收入\t5"
    assert rows_of(lines) == [["1", "产值", "3"]]


def test_rows_without_the_words_of_a_header_are_no_table() -> None:
    assert tables_of("甲|乙|丙\n1|2|3") == ()


def test_a_large_table_has_every_line_in_one_block_only() -> None:
    text = OPENING + "序号|指标|2020年\n" + "".join(f"{i}|产值{i}|3\n" for i in range(600))
    blocks = build_outline(text, "plan").document.blocks
    kinds = [b.kind for b in blocks if b.start > len(OPENING)]
    assert kinds.count(BlockKind.TABLE_CELL) == 1800 and BlockKind.FOOTER not in kinds


# -- one cell a line

HEADER = "\t序号\n\t指标\n\t2020年\n（基期）\n\t2025年\n\n"


def test_cells_behind_tabs_with_groups() -> None:
    lines = f"{HEADER}\t一、经济\n\n\t1\n\t产值\n\t3\n\t4\n\n\t2\n\t收入\n\t5\n\t6\n"
    (table,) = tables_of(lines)
    assert [cell.text for cell in table.header] == ["序号", "指标", "2020年（基期）", "2025年"]
    assert [cell.text for cell in table.groups] == ["一、经济"]
    assert [[cell.text for cell in row.cells] for row in table.rows] == EXPECTED


def test_a_page_number_between_cells_or_inside_one_is_no_part_of_them() -> None:
    lines = f"{HEADER}\t1\n\t产值\n\t3\n- 5 -\n\t4\n\n\t2\n\t收\n- 6 -\n入\n\t5\n\t6\n"
    assert rows_of(lines) == EXPECTED


def test_a_figure_cut_in_two_is_one_cell() -> None:
    assert rows_of(f"{HEADER}\t1\n\t产值\n\t3\n\t12\n5\n\n\t2\n\t收入\n\t5\n\t6\n")[0][3] == "125"


def test_a_box_heading_behind_a_tab_ends_a_table() -> None:
    lines = f"{HEADER}\t1\n\t产值\n\t3\n\t4\n\n\t2\n\t收入\n\t5\n\t6\n\t专栏1：项目\n1.甲工程。"
    assert rows_of(lines) == EXPECTED
    assert len(build_outline(OPENING + lines, "plan").boxes) == 1


@pytest.mark.parametrize("heading", ["第二章 目标", "\t第二章 目标", "第二章\t目标\t任务"])
def test_a_chapter_ends_a_table(heading: str) -> None:
    for table in (f"{HEADER}\t1\n\t产值\n\t3\n\t4\n\n", "序号\t指标\t2020年\n1\t产值\t3\n"):
        outline = build_outline(f"{OPENING}{table}{heading}\n\t5\n\t6\n", "plan")
        assert [d.ordinal for d in outline.divisions] == ["第一章", "第二章"]
        assert [[cell.text for cell in row.cells][:2] for row in outline.tables[0].rows] == [["1", "产值"]]


def test_paragraphs_behind_tabs_are_no_table() -> None:
    sentence = "\t加快推进重点项目建设，确保各项指标按期完成，单位产值能耗持续下降，人民生活不断改善。\n"
    outline = build_outline(OPENING + sentence * 8 + "\n" + sentence * 8, "plan")
    assert outline.tables == ()
    assert sum(b.kind is BlockKind.PARAGRAPH for b in outline.document.blocks) == 18


def test_a_header_as_long_as_paragraphs_is_no_table() -> None:
    long = "\t加快推进重点项目建设，确保各项指标按期完成，单位产值能耗持续下降。\n"
    assert tables_of(f"\t序号\n{long}{long}\n{long * 4}") == ()


def test_groups_of_a_table_alone_make_no_plan() -> None:
    with pytest.raises(OutlineError):
        build_outline("序号|指标|2020年\n一、经济\n1|产值|3\n二、民生\n2|床位|5", "plan")


def test_short_lines_behind_tabs_without_rows_are_no_table() -> None:
    assert tables_of("\t项目一\n\t项目二\n\t项目三\n\t项目四\n\t项目五\n\t项目六\n") == ()
