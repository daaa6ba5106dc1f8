"""Word documents as plain text: numbers, tables, boxes, what is left out, and files that are none."""

from __future__ import annotations

import io
import random
import zipfile
from itertools import pairwise
from typing import Any

import docx
import pytest
from docx.document import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from ingest.formats import FormatError, convert
from ingest.formats.docx_numbering import formatted
from ingest.outline import build_outline

_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def text_of(document: Document) -> str:
    stream = io.BytesIO()
    document.save(stream)
    return convert(stream.getvalue(), ".docx")


def lines_of(document: Document) -> list[str]:
    return [line for line in text_of(document).split("\n") if line]


def archive(body: str, declaration: str = "", **parts: str) -> bytes:
    """A Word document with this XML as its body."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as file:
        document = f"{declaration}<w:document {_W}><w:body>{body}</w:body></w:document>"
        file.writestr("word/document.xml", document)
        for name, content in parts.items():
            file.writestr(f"word/{name}.xml", content)
    return stream.getvalue()


def paragraph(text: str) -> str:
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


def refusal(data: bytes) -> str:
    with pytest.raises(FormatError) as caught:
        convert(data, ".docx")
    line = str(caught.value)
    assert "\n" not in line and line.endswith("。"), line
    return line


# -- paragraphs


def test_paragraphs_are_lines_with_a_blank_line_between_them() -> None:
    document = docx.Document()
    document.add_heading("第一章  总则", 1)
    document.add_paragraph("　　全县经济\xa0平稳\u200b增长。\t")
    document.add_paragraph("")
    document.add_paragraph("上行\n下行")
    assert text_of(document) == "第一章  总则\n\n全县经济 平稳增长。\n\n上行\n\n下行\n"


def test_the_same_document_gives_the_same_text() -> None:
    data = archive(paragraph("第一章 总则") + paragraph("正文。"))
    assert len({convert(data, ".docx") for _ in range(3)}) == 1


def test_headers_footers_and_notes_are_left_out() -> None:
    document = docx.Document()
    section = document.sections[0]
    section.header.paragraphs[0].text = "页眉"
    section.footer.paragraphs[0].text = "— 1 —"
    document.add_paragraph("正文。")
    assert text_of(document) == "正文。\n"
    noted = '<w:p><w:r><w:t>链长制</w:t></w:r><w:r><w:footnoteReference w:id="2"/></w:r></w:p>'
    assert convert(archive(noted, footnotes="<x>脚注</x>"), ".docx") == "链长制\n"


def test_deleted_hidden_and_field_text_is_left_out_and_inserted_text_kept() -> None:
    body = (
        "<w:p><w:ins><w:r><w:t>新增</w:t></w:r></w:ins><w:del><w:r><w:delText>删去</w:delText></w:r></w:del>"
        "<w:r><w:rPr><w:vanish/></w:rPr><w:t>隐藏</w:t></w:r>"
        '<w:r><w:rPr><w:vanish w:val="0"/></w:rPr><w:t>可见</w:t></w:r>'
        '<w:r><w:fldChar w:fldCharType="begin"/><w:instrText>PAGE</w:instrText></w:r>'
        "<w:hyperlink><w:r><w:t>链接</w:t></w:r></w:hyperlink></w:p>"
    )
    assert convert(archive(body), ".docx") == "新增可见链接\n"


def test_raised_numbers_stay_apart_from_the_text_before_them() -> None:
    document = docx.Document()
    text = document.add_paragraph("约10")
    text.add_run("8").font.superscript = True
    text.add_run("吨，PM")
    text.add_run("2.5").font.subscript = True
    assert text_of(document) == "约10⁸吨，PM2.5\n"


def test_a_text_box_is_read_once_and_after_its_paragraph() -> None:
    box = f"<w:txbxContent>{paragraph('专栏1 重点项目')}{paragraph('1.新桥。')}</w:txbxContent>"
    body = (
        '<w:p xmlns:mc="m"><w:r><mc:AlternateContent>'
        f"<mc:Choice>{box}</mc:Choice><mc:Fallback>{box}</mc:Fallback>"
        "</mc:AlternateContent><w:t>正文。</w:t></w:r></w:p>"
    )
    assert convert(archive(body), ".docx") == "正文。\n\n专栏1 重点项目\n\n1.新桥。\n"


def test_content_controls_are_read() -> None:
    body = f"<w:sdt><w:sdtContent>{paragraph('第一章 总则')}</w:sdtContent></w:sdt>"
    assert convert(archive(body), ".docx") == "第一章 总则\n"


# -- automatic numbers


def numbering(*levels: tuple[str, str]) -> str:
    """numbering.xml with one list of these levels (form, text), list 1; list 2 starts anew at 1."""
    inner = "".join(
        f'<w:lvl w:ilvl="{i}"><w:start w:val="1"/><w:numFmt w:val="{form}"/>'
        f'<w:lvlText w:val="{text}"/></w:lvl>'
        for i, (form, text) in enumerate(levels)
    )
    return (
        f'<w:numbering {_W}><w:abstractNum w:abstractNumId="7">{inner}</w:abstractNum>'
        '<w:num w:numId="1"><w:abstractNumId w:val="7"/></w:num>'
        '<w:num w:numId="2"><w:abstractNumId w:val="7"/>'
        '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride></w:num></w:numbering>'
    )


def numbered(text: str, level: int = 0, list_id: int = 1) -> str:
    return (
        f'<w:p><w:pPr><w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{list_id}"/></w:numPr></w:pPr>'
        f"<w:r><w:t>{text}</w:t></w:r></w:p>"
    )


PLAN_LEVELS = (
    ("chineseCountingThousand", "第%1章"),
    ("japaneseCounting", "第%2节"),
    ("chineseCounting", "（%3）"),
    ("decimal", "%4."),
)


def test_numbers_that_word_makes_are_rebuilt() -> None:
    body = (
        numbered("总则")
        + numbered("基础", 1)
        + numbered("成效", 2)
        + numbered("工业", 3)
        + numbered("农业", 3)
        + numbered("问题", 2)
        + numbered("环境", 1)
        + numbered("目标")
        + numbered("", 0)
        + numbered("指标", 1)
    )
    text = convert(archive(body, numbering=numbering(*PLAN_LEVELS)), ".docx")
    assert [line for line in text.split("\n") if line] == [
        "第一章 总则",
        "第一节 基础",
        "（一）成效",
        "1. 工业",
        "2. 农业",
        "（二）问题",
        "第二节 环境",
        "第二章 目标",
        "第一节 指标",
    ]
    divisions = build_outline(text, "plan").divisions
    assert [d.ordinal for d in divisions] == ["第一章", "第一节", "第二节", "第二章", "第一节"]


def test_a_list_may_start_anew() -> None:
    body = numbered("甲") + numbered("乙") + numbered("丙", 0, 2) + numbered("丁", 0, 2)
    text = convert(archive(body, numbering=numbering(("decimal", "%1、"))), ".docx")
    assert text.split() == ["1、甲", "2、乙", "1、丙", "2、丁"]


def test_numbers_may_come_from_the_style_or_the_one_it_is_based_on() -> None:
    styles = (
        f'<w:styles {_W}><w:style w:styleId="1"><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr>'
        "</w:style>"
        '<w:style w:styleId="2"><w:basedOn w:val="1"/><w:pPr><w:numPr><w:ilvl w:val="1"/></w:numPr></w:pPr>'
        '</w:style><w:style w:styleId="3"><w:basedOn w:val="3"/></w:style></w:styles>'
    )
    body = "".join(
        f'<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>'
        for style, text in [("1", "总则"), ("2", "基础"), ("3", "正文"), ("9", "其他")]
    )
    text = convert(archive(body, styles=styles, numbering=numbering(*PLAN_LEVELS)), ".docx")
    assert text == "第一章 总则\n\n第一节 基础\n\n正文\n\n其他\n"


def test_bullets_are_dots_and_list_0_is_none() -> None:
    body = numbered("甲") + numbered("乙", 0, 0) + numbered("丙", 5) + numbered("丁", 0, 9)
    text = convert(archive(body, numbering=numbering(("bullet", "\uf06c"))), ".docx")
    assert text == "• 甲\n\n乙\n\n丙\n\n丁\n"


def test_chapters_may_be_counted_through_all_parts() -> None:
    levels = numbering(("chineseCounting", "第%1篇"), ("chineseCounting", "第%2章"))
    levels = levels.replace('第%2章"/>', '第%2章"/><w:lvlRestart w:val="0"/>')
    body = "".join(numbered(text, level) for text, level in [("甲", 0), ("乙", 1), ("丙", 0), ("丁", 1)])
    text = convert(archive(body, numbering=levels), ".docx")
    assert text.split("\n\n") == ["第一篇 甲", "第一章 乙", "第二篇 丙", "第二章 丁\n"]


def test_a_cell_may_hold_a_number_alone() -> None:
    cells = [["序号", "指标", "单位"], ["", "总值", "亿元"], ["", "财政收入", "亿元"]]
    rows = "".join(
        "<w:tr>"
        + "".join(f"<w:tc>{paragraph(text) if text else numbered('')}</w:tc>" for text in row)
        + "</w:tr>"
        for row in cells
    )
    text = convert(archive(f"<w:tbl>{rows}</w:tbl>", numbering=numbering(("decimal", "%1."))), ".docx")
    assert text == "| 序号 | 指标 | 单位 |\n| 1 | 总值 | 亿元 |\n| 2 | 财政收入 | 亿元 |\n"


def test_a_table_of_contents_is_known_as_such() -> None:
    document = docx.Document()
    for line in ("目录", "第一章 总则\t1", "第二章 目标\t12"):
        document.add_paragraph(line)
    for title in ("第一章 总则", "第二章 目标"):
        document.add_heading(title, 1)
        document.add_paragraph("正文。")
    assert len(build_outline(text_of(document), "plan").divisions) == 2


@pytest.mark.parametrize(
    ("number", "form", "printed"),
    [
        (10, "chineseCounting", "十"),
        (21, "chineseCountingThousand", "二十一"),
        (3, "decimal", "3"),
        (12, "decimalFullWidth", "１２"),
        (4, "decimalEnclosedCircleChinese", "④"),
        (7, "decimalZero", "07"),
        (2, "upperLetter", "B"),
        (4, "lowerRoman", "iv"),
        (14, "upperRoman", "XIV"),
        (5, "none", ""),
        (6, "unheardOf", "6"),
    ],
)
def test_forms_of_numbers(number: int, form: str, printed: str) -> None:
    assert formatted(number, form) == printed


# -- tables


def add_table(document: Document, rows: list[list[str]]) -> Any:
    table = document.add_table(len(rows), max(map(len, rows)))
    for row, texts in zip(table.rows, rows, strict=True):
        for cell, text in zip(row.cells, texts, strict=False):
            cell.text = text
    return table


def test_tables_are_rows_between_pipes() -> None:
    document = docx.Document()
    add_table(document, [["序号", "指 标", "2025年"], ["1", "生产\n总值", "≥7|8"], ["", "", ""]])
    assert lines_of(document) == ["| 序号 | 指标 | 2025年 |", "| 1 | 生产总值 | ≥7｜8 |"]


def test_merged_cells_are_written_once() -> None:
    document = docx.Document()
    table = add_table(document, [["项目名称", "建设单位", "投资"], ["甲", "县交通局", "1"], ["乙", "", "2"]])
    table.cell(1, 1).merge(table.cell(2, 1))
    table.add_row().cells[0].merge(table.rows[3].cells[2]).text = "一、交通"
    assert lines_of(document) == [
        "| 项目名称 | 建设单位 | 投资 |",
        "| 甲 | 县交通局 | 1 |",
        "| 乙 |  | 2 |",
        "| 一、交通 |  |  |",
    ]


def test_a_header_of_two_rows_becomes_one() -> None:
    document = docx.Document()
    rows = [
        ["序号", "指标", "目标", "", "属性"],
        ["", "", "2020年", "2025年", ""],
        ["1", "总值", "8", "9", "预期性"],
    ]
    table = add_table(document, rows)
    table.cell(0, 2).merge(table.cell(0, 3))
    for column in (0, 1, 4):
        table.cell(0, column).merge(table.cell(1, column))
    assert lines_of(document) == [
        "| 序号 | 指标 | 目标2020年 | 目标2025年 | 属性 |",
        "| 1 | 总值 | 8 | 9 | 预期性 |",
    ]


def test_a_title_and_a_note_inside_the_table_are_lines_of_their_own() -> None:
    document = docx.Document()
    document.add_heading("第一章 总则", 1)
    rows = [
        ["专栏1 重点项目", "", ""],
        ["项目名称", "地点", "投资"],
        ["甲桥", "乙镇", "3"],
        ["注：投资为估算。", "", ""],
    ]
    table = add_table(document, rows)
    for row in (0, 3):
        text = table.cell(row, 0).text
        table.cell(row, 0).merge(table.cell(row, 2)).text = text
    text = text_of(document)
    assert text.split("\n\n")[1:] == [
        "专栏1 重点项目",
        "| 项目名称 | 地点 | 投资 |\n| 甲桥 | 乙镇 | 3 |",
        "注：投资为估算。\n",
    ]
    (box,) = build_outline(text, "plan").boxes
    assert [item.text for item in box.items] == ["甲桥"]


def test_a_table_of_one_cell_is_a_box_around_lines() -> None:
    document = docx.Document()
    document.add_heading("第一章 总则", 1)
    cell = document.add_table(1, 1).cell(0, 0)
    cell.text = "专栏1 重点工程"
    for item in ("1.甲桥建设，总投资三千万元，位于乙镇", "2.丙路"):
        cell.add_paragraph(item)
    document.add_paragraph("县发展改革局负责。")
    (box,) = build_outline(text_of(document), "plan").boxes
    assert [item.text for item in box.items] == ["甲桥建设，总投资三千万元，位于乙镇", "丙路"]


def test_a_table_of_two_columns_is_read_by_its_header() -> None:
    document = docx.Document()
    document.add_heading("第一章 总则", 1)
    document.add_paragraph("专栏1 重点工程")
    add_table(document, [["项目名称", "建设内容"], ["甲桥", "长三百米"], ["丙路", "长五公里"]])
    (box,) = build_outline(text_of(document), "plan").boxes
    assert [item.text for item in box.items] == ["甲桥", "丙路"]


def test_two_columns_without_a_header_are_items_or_labels() -> None:
    document = docx.Document()
    add_table(document, [["1", "甲桥"], ["发文机关：", "县政府"]])
    assert lines_of(document) == ["1. 甲桥", "发文机关：县政府"]


def test_a_table_inside_a_table_is_read() -> None:
    document = docx.Document()
    outer = document.add_table(1, 1).cell(0, 0)
    outer.text = "表1 指标"
    inner = outer.add_table(2, 3)
    for cell, text in zip(inner._cells, ["序号", "指标", "单位", "1", "总值", "亿元"], strict=True):
        cell.text = text
    assert lines_of(document) == ["表1 指标", "| 序号 | 指标 | 单位 |", "| 1 | 总值 | 亿元 |"]


def test_deleted_rows_are_left_out() -> None:
    document = docx.Document()
    table = add_table(document, [["序号", "指标", "单位"], ["1", "甲", "家"], ["2", "乙", "家"]])
    table.rows[1]._tr.get_or_add_trPr().append(parse_xml(f"<w:del {nsdecls('w')}/>"))
    assert lines_of(document) == ["| 序号 | 指标 | 单位 |", "| 2 | 乙 | 家 |"]


# -- files that are refused


def test_what_is_no_word_document_is_refused() -> None:
    assert "不是 .docx 文件" in refusal(b"text")
    assert "不是有效的 .docx" in refusal(b"PK\x03\x04" + b"x" * 99)
    assert "密码" in refusal(b"\xd0\xcf\x11\xe0" + bytes(99))
    assert "不是有效的 .docx" in refusal(archive("<w:p>"))
    assert "没有文字" in refusal(archive("<w:p/>"))
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as file:
        file.writestr("xl/workbook.xml", "<a/>")
    assert "不是 Word 文档" in refusal(stream.getvalue())


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    assert "超过上限 200 MB" in refusal(archive(" " * (201 * 2**20)))
    assert "超过上限 50 MB" in refusal(archive(" " * (51 * 2**20)))


def test_entities_are_not_read_from_files_nor_multiplied() -> None:
    outside = '<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    assert convert(archive(paragraph("前&x;") + paragraph("后"), outside), ".docx") == "前\n\n后\n"
    names = "abcdefghij"
    inner = "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in pairwise(names))
    laughs = f'<!DOCTYPE d [<!ENTITY a "{"x" * 10}">{inner}]>'
    assert "不是有效的 .docx" in refusal(archive(paragraph("&j;"), laughs))


def test_nesting_beyond_measure_is_refused() -> None:
    assert "嵌套过深" in refusal(archive("<w:sdt>" * 150 + paragraph("深") + "</w:sdt>" * 150))
    assert "不是有效的 .docx" in refusal(archive("<w:sdt>" * 5000 + "</w:sdt>" * 5000))


@pytest.mark.parametrize("seed", range(8))
def test_a_damaged_document_is_read_or_refused_in_one_line(seed: int) -> None:
    chance = random.Random(seed)
    data = bytearray(archive(paragraph("第一章 总则") * 50))
    for _ in range(10):
        data[chance.randrange(len(data))] = chance.randrange(256)
    try:
        convert(bytes(data), ".docx")
    except FormatError as exc:
        assert str(exc).endswith("。") and "\n" not in str(exc)
