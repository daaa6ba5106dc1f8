"""Tables as files: read back by other libraries."""

from __future__ import annotations

import csv
import io

from docx import Document
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from ui.exports import FORMATS, Sheet, printable

SHEET = Sheet("项目/企业", ("名称", "投资"), (("甲厂", 22.5), ("=1+1", None), ("多行\n文字", 3)))


def test_a_csv_opens_in_excel_with_chinese_and_without_formulas() -> None:
    data = FORMATS["csv"].write(SHEET)
    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
    assert rows == [["名称", "投资"], ["甲厂", "22.5"], ["'=1+1", ""], ["多行\n文字", "3"]]


def test_a_workbook_keeps_numbers_and_takes_no_text_for_a_formula() -> None:
    page = load_workbook(io.BytesIO(FORMATS["xlsx"].write(SHEET))).active
    assert page is not None
    rows = [[cell.value for cell in row] for row in page.iter_rows()]
    assert rows == [["名称", "投资"], ["甲厂", 22.5], ["=1+1", None], ["多行\n文字", 3]]
    assert page["A3"].data_type == "s"
    assert page.freeze_panes == "A2"


def test_a_word_document_has_the_title_and_the_table() -> None:
    document = Document(io.BytesIO(FORMATS["docx"].write(SHEET)))
    assert document.paragraphs[0].text == "项目/企业"
    rows = [[cell.text for cell in row.cells] for row in document.tables[0].rows]
    assert rows == [["名称", "投资"], ["甲厂", "22.5"], ["=1+1", ""], ["多行\n文字", "3"]]


@settings(max_examples=30, deadline=None)
@given(st.text(max_size=40))
def test_any_text_can_be_written(text: str) -> None:
    shown = text.encode("utf-8", "ignore").decode("utf-8")
    for format in FORMATS.values():
        assert format.write(Sheet(shown, (shown,), ((shown,),)))
    page = load_workbook(io.BytesIO(FORMATS["xlsx"].write(Sheet("甲", ("乙",), ((shown,),))))).active
    assert page is not None
    assert unix(str(page["A2"].value or "")) == unix(printable(shown))


def unix(text: str) -> str:
    """With line ends as workbooks keep them."""
    return text.replace("\r\n", "\n").replace("\r", "\n")
