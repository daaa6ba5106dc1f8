"""HTML pages as plain text: blocks, white space, tables, encodings, what is left out, hostile pages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.formats import FormatError, convert
from ingest.outline import build_outline
from tests.strategies import examples


def text_of(body: str) -> str:
    return convert(f'<html><head><meta charset="utf-8"></head><body>{body}</body></html>'.encode(), ".html")


def lines_of(body: str) -> list[str]:
    return [line for line in text_of(body).split("\n") if line]


def refusal(data: bytes) -> str:
    with pytest.raises(FormatError) as caught:
        convert(data, ".html")
    line = str(caught.value)
    assert "\n" not in line and line.endswith("。"), line
    return line


# -- text


def test_blocks_are_lines_with_a_blank_line_between_them() -> None:
    page = (
        "<h1>规划</h1><h2>第一章&emsp;总则</h2><p>　　全县<b>经济</b>平稳。"
        "<p>第二段<br/>第三段<div>第四段</div>尾"
    )
    assert text_of(page) == "规划\n\n第一章 总则\n\n全县经济平稳。\n\n第二段\n\n第三段\n\n第四段\n\n尾\n"


def test_white_space_is_that_of_a_browser() -> None:
    assert text_of("<p>\n  全县\n  经济   和 GDP\n growth</p>") == "全县经济 和 GDP growth\n"
    assert text_of("<p>一&nbsp;&nbsp;二\u200b三</p>") == "一  二三\n"


def test_what_is_not_the_text_is_left_out() -> None:
    page = (
        "<header>政府网</header><nav><ul><li>首页</li></ul></nav>"
        "<script>var a='脚本'</script><style>p{}</style>"
        "<!-- 注释 --><p hidden>甲</p><div style='color:red; DISPLAY : none'><p>乙</p></div>"
        "<span style='visibility:hidden'>丙</span><noscript>丁</noscript><template>戊</template>"
        "<select><option>己</select><button>庚</button><p>正文。</p><footer>版权</footer>"
    )
    assert text_of(page) == "正文。\n"


def test_what_follows_something_left_out_is_kept() -> None:
    assert text_of("<p>前<script>x</script>中<span hidden>y</span>后</p>") == "前中后\n"


def test_the_header_of_an_article_holds_its_title() -> None:
    page = "<header>政府网</header><article><header><h1>某县规划</h1></header><p>正文。</p></article>"
    assert text_of(page) == "某县规划\n\n正文。\n"


def test_marks_of_notes_and_notes_are_left_out_but_not_powers() -> None:
    page = (
        '<p>链长制<sup><a href="#n1">①</a></sup>，3 m<sup>2</sup>，10<sup>-8</sup>，CO<sub>2</sub></p>'
        '<section role="doc-endnotes">① 链长制：……</section>'
    )
    assert text_of(page) == "链长制，3 m²，10⁻⁸，CO2\n"


def test_markup_in_the_text_is_text() -> None:
    assert text_of("<p>&lt;script&gt;alert(1)&lt;/script&gt; &amp;lt; &#x4e2d;&hellip;</p>") == (
        "<script>alert(1)</script> &lt; 中…\n"
    )


def test_lists_are_numbered_lines() -> None:
    page = (
        "<ol start=3><li>甲<ul><li>子</li></ul></li><li><p>乙</p><p>续</p></li></ol>"
        "<ul style='list-style:none'><li>丙</li></ul>"
        "<ul><li><a href='/'>路径</a></li><li></li></ul><li>丁</li>"
    )
    assert lines_of(page) == ["3. 甲", "• 子", "4. 乙", "续", "丙", "路径", "丁"]


def test_text_set_in_lines_keeps_them() -> None:
    assert lines_of("<pre>第一章 总则\n\n正文  甲。</pre>") == ["第一章 总则", "正文 甲。"]


# -- tables


def test_tables_are_rows_between_pipes_and_merged_cells_are_written_once() -> None:
    page = (
        "<table><caption>表1 指标</caption><thead><tr><th>序号<th>指标<th>单位<th>2025年</thead>"
        "<tr><td colspan=4>一、经济</td></tr><tr><td>1<td>总值<td rowspan=2>亿元<td>8</tr>"
        "<tr><td>2<td><p>财政</p><p>收入</p><td>a|b</table>"
    )
    assert text_of(page) == (
        "表1 指标\n\n| 序号 | 指标 | 单位 | 2025年 |\n| 一、经济 |  |  |  |\n"
        "| 1 | 总值 | 亿元 | 8 |\n| 2 | 财政收入 |  | a｜b |\n"
    )


def test_a_header_of_two_rows_becomes_one() -> None:
    page = (
        "<table><tr><td rowspan=2>指标<td rowspan=2>单位<td colspan=2>数值</tr><tr><td>2020年<td>2025年</tr>"
        "<tr><td>总值<td>亿元<td>1<td>2</tr></table>"
    )
    assert lines_of(page)[0] == "| 指标 | 单位 | 数值2020年 | 数值2025年 |"


def test_a_table_for_layout_is_its_text() -> None:
    page = (
        "<table><tr><td>导航</td><td><p>第一章 总则</p><p>正文。</p><table>"
        "<tr><td>序号<td>指标<td>单位</tr><tr><td>1<td>总值<td>亿元</tr></table></td></tr></table>"
    )
    assert lines_of(page) == [
        "导航",
        "第一章 总则",
        "正文。",
        "| 序号 | 指标 | 单位 |",
        "| 1 | 总值 | 亿元 |",
    ]


def test_the_reader_finds_what_the_page_has() -> None:
    page = (
        "<h1>某县“十四五”规划</h1><h2>第一章 总则</h2><h3>第一节 基础</h3><p>正文。</p>"
        "<p>专栏1 重点项目</p><ol><li>甲桥。<li>乙路。</ol><p>后文。</p><h2>第二章 目标</h2><p>正文。</p>"
    )
    outline = build_outline(text_of(page), "plan")
    assert [d.ordinal for d in outline.divisions] == ["第一章", "第一节", "第二章"]
    assert [[item.text for item in box.items] for box in outline.boxes] == [["甲桥", "乙路"]]


# -- encodings


@pytest.mark.parametrize(
    ("declared", "encoding"),
    [
        ("gb2312", "gbk"),
        ("GBK", "gb18030"),
        ("gb18030", "gb18030"),
        ("big5", "big5"),
        ("", "gb18030"),
        ("utf-8", "utf-8"),
        ("", "utf-8"),
        ("iso-8859-1", "utf-8"),
        ("windows-1252", "gb18030"),
        ("gb2312", "utf-8"),
        ("utf-8", "utf-16"),
        ("utf-8", "utf-8-sig"),
        ("no-such", "utf-8"),
        ("hex", "utf-8"),
    ],
)
def test_encodings(declared: str, encoding: str) -> None:
    meta = f'<meta http-equiv="Content-Type" content="text/html; charset={declared}">' if declared else ""
    page = f"<html><head>{meta}</head><body><p>第一章 水利</p></body></html>"
    assert convert(page.encode(encoding), ".htm") == "第一章 水利\n"


def test_a_declaration_of_xml_is_no_hindrance() -> None:
    page = (
        '<?xml version="1.0" encoding="gbk"?><html xmlns="http://www.w3.org/1999/xhtml"><p>第一章</p></html>'
    )
    assert convert(page.encode("gbk"), ".html") == "第一章\n"


def test_a_broken_character_does_not_spoil_the_page() -> None:
    page = "<meta charset=gbk><p>第一章 总则</p>".encode("gbk") + b"\xff<p>x</p>"
    assert convert(page, ".html").startswith("第一章 总则\n")


# -- pages that are refused


def test_what_is_no_page_is_refused() -> None:
    assert "不是 HTML" in refusal(b"%PDF-1.7") and "不是 HTML" in refusal(b"PK\x03\x04")
    assert "空文件" in refusal(b"\0\0") and "没有文字" in refusal(b"<html><body></body></html>")
    assert "编码无法识别" in refusal(bytes(range(128, 256)))


def test_deep_nesting_is_read_and_endless_nesting_refused() -> None:
    assert text_of("<div>" * 1000 + "深" + "</div>" * 1000) == "深\n"
    for tag in ("div", "b", "table><tr><td", "sup><a", "ul><li"):
        assert "嵌套过深" in refusal(f"<{tag}>".encode() * 50_000 + "深".encode())


def test_a_table_of_senseless_size_is_refused_or_read_as_text() -> None:
    assert "表格过大" in refusal(b"<table><tr>" + b"<td rowspan=9999 colspan=9999>a" * 3000)
    assert text_of("<table><tr><td colspan=99999999999999 rowspan=-1>甲</table>") == "甲\n"
    tall = text_of("<table><tr>" + "<td>a" * 2000 + "<tr><td>b" * 2000 + "</table>")
    assert tall.count("a") == tall.count("b") == 2000 and len(tall) < 20_000


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=200))
@examples(100)
def test_any_page_gives_clean_lines_or_one_line_of_refusal(text: str) -> None:
    try:
        read = convert(f"<p>甲</p><table><tr><td>{text}</td><td>{text}<ul><li>{text}".encode(), ".html")
    except FormatError as exc:
        assert "\n" not in str(exc)
        return
    assert read == read.encode().decode() and read.endswith("\n") and "\n\n\n" not in read
    assert all(line == line.strip(" \t\u3000") for line in read.split("\n"))
    assert not set("\r\x00\x0b\x0c\x1c\x85\u2028\ufeff") & set(read)
