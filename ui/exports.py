"""Tables as files to take away: CSV and XLSX for spreadsheets, DOCX for documents."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

Value = str | int | float | None
#: what a spreadsheet would take for a formula
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_MAX_CELL_CHARS = 32_767  # Excel's limit
_MAX_WIDTH = 60
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_FORBIDDEN = {ord(char): " " for char in "[]:*?/\\"}


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table with a title; every row has a value for each column."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Value]]


@dataclass(frozen=True, slots=True)
class Format:
    """A file format: how a sheet is written, and its media type."""

    write: Callable[[Sheet], bytes]
    media_type: str


def csv_bytes(sheet: Sheet) -> bytes:
    """CSV in UTF-8 with the mark that Excel wants; a text that looks like a formula is quoted with ``'``."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(sheet.columns)
    writer.writerows([_harmless(value) for value in row] for row in sheet.rows)
    return out.getvalue().encode("utf-8-sig")


def xlsx_bytes(sheet: Sheet) -> bytes:
    """An Excel workbook of one sheet: numbers as numbers, everything else as text, the head frozen."""
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    book = Workbook()
    page = book.active
    assert page is not None
    page.title = printable(sheet.title).translate(_FORBIDDEN).strip("' ")[:31] or "1"
    for at, row in enumerate((sheet.columns, *sheet.rows), 1):
        for column, value in enumerate(row, 1):
            cell = page.cell(at, column)
            if isinstance(value, str):
                cell.value = printable(value)[:_MAX_CELL_CHARS]
                cell.data_type = "s"  # never a formula
            else:
                cell.value = value
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            if at == 1:
                cell.font = Font(bold=True)
    for column, width in enumerate(_widths(sheet), 1):
        page.column_dimensions[get_column_letter(column)].width = width
    page.freeze_panes = "A2"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def docx_bytes(sheet: Sheet) -> bytes:
    """A Word document with a heading and one table."""
    from docx import Document

    document = Document()
    document.add_heading(printable(sheet.title), level=1)
    table = document.add_table(rows=1, cols=len(sheet.columns), style="Table Grid")
    for cell, column in zip(table.rows[0].cells, sheet.columns, strict=True):
        cell.paragraphs[0].add_run(printable(column)).bold = True
    for row in sheet.rows:
        for cell, value in zip(table.add_row().cells, row, strict=True):
            cell.text = printable("" if value is None else str(value))
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def printable(text: str) -> str:
    """A text without the characters that XML cannot hold."""
    return _NOT_IN_XML.sub("", text)


FORMATS = {
    "csv": Format(csv_bytes, "text/csv; charset=utf-8"),
    "xlsx": Format(xlsx_bytes, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "docx": Format(docx_bytes, "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
}


def _harmless(value: Value) -> Value:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def _widths(sheet: Sheet) -> list[float]:
    """Widths of the columns in characters; a Chinese one takes two."""
    widths: list[float] = []
    for column, title in enumerate(sheet.columns):
        texts = [title, *("" if row[column] is None else str(row[column]) for row in sheet.rows)]
        widths.append(min(_MAX_WIDTH, 2 + max(sum(2 if ord(c) > 255 else 1 for c in text) for text in texts)))
    return widths
