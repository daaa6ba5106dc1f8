"""Lines and their offsets, and the ways in which Chinese plans number things."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.divisions import chinese_ordinal
from ingest.lines import is_blank, split_lines, trim
from ingest.numbering import (
    box_heading,
    bullet_marker,
    chinese_number,
    has_leader,
    heading,
    is_appendix,
    is_contents_title,
    is_figure_caption,
    is_figure_number,
    is_page_number,
    is_source_note,
    item_marker,
)
from tests.strategies import examples, is_white, messy_texts, noise

DIGITS = "零一二三四五六七八九"


def written(number: int) -> str:
    """A number below 1000 as a plan writes it: 110 is 一百一十, 105 is 一百零五, 12 is 十二."""
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10)
    text = f"{DIGITS[hundreds]}百" if hundreds else ""
    if tens:
        text += ("" if tens == 1 and not hundreds else DIGITS[tens]) + "十"
    elif hundreds and ones:
        text += "零"
    return text + (DIGITS[ones] if ones or not number else "")


# -- lines


@given(st.one_of(noise(), messy_texts()))
@examples(80)
def test_lines_with_their_breaks_make_up_the_text(text: str) -> None:
    lines = split_lines(text)
    position = 0
    for line, following in zip(lines, [*lines[1:], None], strict=False):
        end = following.raw_start if following else len(text)
        assert line.raw_start == position
        assert text[line.raw_start :].startswith(line.raw)
        assert text[line.raw_start + len(line.raw) : end] in ("\n", "\r\n", "\r", "")
        assert "\n" not in line.raw and "\r" not in line.raw
        position = end
    assert position == len(text)


@given(st.one_of(noise(), messy_texts()))
@examples(80)
def test_the_content_of_a_line_is_the_line_without_outer_white_space(text: str) -> None:
    for line in split_lines(text):
        assert text[line.start : line.end] == line.content
        assert line.blank == all(is_white(char) for char in line.raw)
        if not line.blank:
            assert not is_white(line.content[0]) and not is_white(line.content[-1])
            before = line.raw[: line.start - line.raw_start]
            after = line.raw[line.end - line.raw_start :]
            assert all(is_white(char) for char in before + after)


def test_line_breaks_of_every_kind_are_kept_apart() -> None:
    lines = split_lines("甲\r\n乙\r丙\n\n丁")
    assert [line.content for line in lines] == ["甲", "乙", "丙", "", "丁"]
    assert [line.start for line in lines] == [0, 3, 5, 7, 8]


def test_a_byte_order_mark_is_white_space() -> None:
    (line,) = split_lines("\ufeff　第一章 总则\u200b ")
    assert (line.content, line.start) == ("第一章 总则", 2)


def test_a_tab_at_the_start_marks_a_cell_and_no_other_white_space_does() -> None:
    assert [line.tabbed for line in split_lines("\t序号\n 序号\n序号\t")] == [True, False, False]


@given(noise(), st.data())
@examples(80)
def test_trimming_stays_inside_and_leaves_no_outer_white_space(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    first, last = trim(text, start, end)
    assert start <= first <= last <= end
    assert all(is_white(char) for char in text[start:first] + text[last:end])
    if first < last:
        assert not is_blank(text[first]) and not is_blank(text[last - 1])


# -- numbers


def test_chinese_numbers_below_a_thousand_are_read() -> None:
    assert [chinese_number(written(number)) for number in range(1000)] == list(range(1000))


def test_ordinals_are_written_as_people_write_them() -> None:
    assert [chinese_ordinal(number, "章") for number in range(1, 100)] == [
        f"第{written(number)}章" for number in range(1, 100)
    ]


@pytest.mark.parametrize(
    ("text", "number"), [("１２", 12), (" 7 ", 7), ("二〇", 20), ("二○", 20), ("两", 2), ("007", 7)]
)
def test_other_forms_of_numbers_are_read(text: str, number: int) -> None:
    assert chinese_number(text) == number


@pytest.mark.parametrize("text", ["", "  ", "6-1", "一章", "x", "²", "1.5"])
def test_what_is_no_number_gives_none(text: str) -> None:
    assert chinese_number(text) is None


# -- headings


@pytest.mark.parametrize(
    ("line", "style", "number", "title"),
    [
        ("第一章 总则", "chapter", 1, "总则"),
        ("第十五章　加强领导，落实责任。", "chapter", 15, "加强领导，落实责任。"),
        ("第12章：总则", "chapter", 12, "总则"),
        ("第 三 节 目标", "section", 3, "目标"),
        ("第二十一节目标", "section", 21, "目标"),
        ("第二篇  发展", "part", 2, "发展"),
        ("第三部分 任务", "part", 3, "任务"),
        ("第一章", "chapter", 1, ""),
        ("一、面临的机遇", "ideographic", 1, "面临的机遇"),
        ("十二．面临的机遇", "ideographic", 12, "面临的机遇"),
        ("（十三）“六城同创”稳步推进", "ideographic_paren", 13, "“六城同创”稳步推进"),
        ("(二) 目标", "ideographic_paren", 2, "目标"),
        ("3.目标", "arabic", 3, "目标"),
        ("4、目标", "arabic", 4, "目标"),
        ("5. 2025年目标", "arabic", 5, "2025年目标"),
        ("１２．目标", "arabic", 12, "目标"),
        ("（1）目标", "arabic_paren", 1, "目标"),
    ],
)
def test_headings_of_every_style_are_known(line: str, style: str, number: int, title: str) -> None:
    found = heading(line)
    assert found is not None
    assert (found.style, found.number, found.title) == (style, number, title)


@pytest.mark.parametrize(
    "line",
    [
        "一、这是一句话。",
        "（一）要求如下：",
        "3.4万吨，比上年增加",
        "1.建设园区；",
        "第一次会议",
        "第三产业增加值",
        "第一章" + "很长" * 30,
        "一是优化环境",
        "一、",
        "123、目标",
        "",
    ],
)
def test_sentences_and_other_lines_are_no_headings(line: str) -> None:
    assert heading(line) is None


@pytest.mark.parametrize(
    ("line", "number", "title"),
    [
        ("专栏6-1：新兴产业项目（部分）", "6-1", "新兴产业项目（部分）"),
        ("专栏11-1“十四五”文化项目", "11-1", "“十四五”文化项目"),
        ("专栏1  重点工业项目", "1", "重点工业项目"),
        ("专栏3:特色农业", "3", "特色农业"),
        ("专栏 ３－２ 项目", "3-2", "项目"),
        ("专栏6 — 3：项目", "6-3", "项目"),
        ("专栏十二 项目", "12", "项目"),
        ("专栏2", "2", ""),
    ],
)
def test_box_headings_of_every_form_are_known(line: str, number: str, title: str) -> None:
    assert box_heading(line) == (number, title)


@pytest.mark.parametrize(
    "line", ["专栏1所列项目总投资37.72亿元。", "见专栏1", "专栏：项目", "专栏1 项目；", "专栏1" + "长" * 70]
)
def test_sentences_about_a_box_are_no_box_headings(line: str) -> None:
    assert box_heading(line) is None


@pytest.mark.parametrize(
    ("line", "number", "text"),
    [
        ("1.供热工程", 1, "供热工程"),
        ("2. 2001人防工程", 2, "2001人防工程"),
        ("12、供热工程", 12, "供热工程"),
        ("３．供热工程", 3, "供热工程"),
        ("（4）供热工程", 4, "供热工程"),
        ("(5) 供热工程", 5, "供热工程"),
        ("6)供热工程", 6, "供热工程"),
        ("⑦供热工程", 7, "供热工程"),
    ],
)
def test_item_markers_end_where_the_item_begins(line: str, number: int, text: str) -> None:
    found = item_marker(line)
    assert found is not None
    assert (found[0], line[found[1] :]) == (number, text)


@pytest.mark.parametrize("line", ["2001人防工程", "供热工程", "1.", "1", "1 供热工程", "1234.供热"])
def test_digits_of_an_item_are_no_marker(line: str) -> None:
    assert item_marker(line) is None


@pytest.mark.parametrize(("line", "length"), [("——甲", 2), ("—甲", 1), ("● 甲", 2), ("甲", 0), ("—", 0)])
def test_dashes_and_dots_open_items(line: str, length: int) -> None:
    assert bullet_marker(line) == length


# -- other lines


@pytest.mark.parametrize("line", ["图1 增长率", "图2", "图1-3：结构", "图 4 增长率"])
def test_captions_of_figures_are_known(line: str) -> None:
    assert is_figure_caption(line)
    assert is_figure_number(line) == (line == "图2")


@pytest.mark.parametrize("line", ["图书馆", "图1所示", "图1 显示全县增长较快。", "如图1"])
def test_other_uses_of_the_character_are_no_captions(line: str) -> None:
    assert not is_figure_caption(line)


@pytest.mark.parametrize("line", ["- 3 -", "— 12 —", "－５－", "第 3 页", "17", "·4·", "-3-"])
def test_page_numbers_are_known(line: str) -> None:
    assert is_page_number(line)


@pytest.mark.parametrize("line", ["12345", "3个", "2.5", "第3章", "- -", "", "3年"])
def test_figures_with_a_meaning_are_no_page_numbers(line: str) -> None:
    assert not is_page_number(line)


def test_sources_appendices_and_contents_are_known() -> None:
    assert is_source_note("资料来源：统计公报") and is_source_note("注：含园区。")
    assert not is_source_note("注重实效")
    assert is_appendix("附表") and is_appendix("附件2：名单")
    assert not is_appendix("附件所列项目由各部门组织实施。")
    assert is_contents_title("目    录") and is_contents_title("目录")
    assert not is_contents_title("目录管理")


@pytest.mark.parametrize(
    "line", ["总则 …… 2", "总则......12", "总则\t3", "总则   4", "总则·····- 5 -", "总则……６"]
)
def test_entries_of_contents_end_with_a_leader_and_a_page(line: str) -> None:
    assert has_leader(line)


@pytest.mark.parametrize("line", ["第一章 总则 2", "第一章 2025", "总则……", "1.5", "", "……12345"])
def test_other_lines_have_no_leader(line: str) -> None:
    assert not has_leader(line)


def test_a_long_gap_in_mid_line_is_no_trap() -> None:
    """A pattern that looks for the gap from every position would not come back from this."""
    assert not has_leader("甲" + " " * 20_000 + "乙")
    assert has_leader("甲" + " " * 20_000 + "7")


@given(st.one_of(noise(), messy_texts()))
@examples(60)
def test_any_line_is_judged_without_an_error(text: str) -> None:
    for line in split_lines(text):
        content = line.content
        found, item, box = heading(content), item_marker(content), box_heading(content)
        assert found is None or (found.number >= 0 and content.endswith(found.title))
        assert item is None or 0 < item[1] < len(content)
        assert 0 <= bullet_marker(content) <= max(len(content) - 1, 0)
        assert box is None or (box[0] and content.endswith(box[1]))
        judges = (is_figure_caption, is_source_note, is_page_number, is_contents_title, has_leader)
        assert not (line.blank and any(judge(content) for judge in judges))
