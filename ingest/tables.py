"""Read tables from plain text: one cell a line behind tabs, or one row a line with tabs or pipes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ingest.document import Cell, Span
from ingest.lines import Line, trim
from ingest.numbering import DIVISION_STYLES, box_heading, heading, is_page_number

_GROUP = re.compile(r"(?:[一二三四五六七八九十]+\s*[、．.]|[（(][一二三四五六七八九十]+[）)])\s*\S.*")
_HEADER_WORD = re.compile(r"序号|指标|名称|项目|单位")
_MIN_CELLS = 6
#: longer cells than this are not those of a header, but paragraphs behind tabs
_MAX_HEADER_CHARS = 30
_RULE = re.compile(r"[|\s:+=-]+")


@dataclass(frozen=True, slots=True)
class RawTable:
    """A table in lines [first, last]: header, then rows and group headings in order.

    A group heading is a row of one cell.
    """

    first: int
    last: int
    header: tuple[Cell, ...]
    rows: tuple[tuple[Cell, ...], ...]


def read_table(text: str, lines: Sequence[Line], index: int) -> RawTable | None:
    """The table that starts at this line, or None."""
    return _read_delimited(text, lines, index) or _read_cells(text, lines, index)


def is_group(cells: Sequence[Cell]) -> bool:
    """Whether a row is a group heading such as `二、创新驱动（3项）`."""
    filled = [cell for cell in cells if cell.text]
    return len(filled) == 1 and bool(_GROUP.fullmatch(filled[0].text))


def _read_delimited(text: str, lines: Sequence[Line], index: int) -> RawTable | None:
    """Rows of cells between tabs or pipes; the first row is the header."""
    framed = lines[index].content.startswith(("|", "｜"))
    delimiter = next((d for d in ("|", "｜", "\t") if _cells_in(text, lines[index], d, framed)), None)
    if delimiter is None:
        return None
    header = _cells_in(text, lines[index], delimiter, framed)
    if not any(_HEADER_WORD.search(cell.text) for cell in header):
        return None
    rows: list[tuple[Cell, ...]] = []
    last = above = index  # the last line of the table; the line above, page numbers included
    for i in range(index + 1, len(lines)):
        line = lines[i]
        if line.blank:
            continue
        if _is_division(line):
            break
        cells = _cells_in(text, line, delimiter, framed)
        if delimiter != "\t" and _RULE.fullmatch(line.content):
            last = above = i
            continue
        if not cells and is_page_number(line.content):
            above = i
            continue
        if not cells:
            if not (i == above + 1 and _GROUP.fullmatch(line.content) and len(line.content) <= 40):
                break
            cells = (Cell(line.content, Span(line.start, line.end)),)
        last = above = i
        if [cell.text for cell in cells] != [cell.text for cell in header]:  # it is repeated on a new page
            rows.append(cells)
    return RawTable(index, last, header, tuple(rows)) if rows else None


def _cells_in(text: str, line: Line, delimiter: str, framed: bool) -> tuple[Cell, ...]:
    """The cells of a row, () if the line has fewer than three.

    In a framed table a pipe stands at either end of the row too; in others an empty cell stands
    before or after such a pipe. White space at the start of a line is layout where cells are
    separated by pipes; a leading tab marks a one-cell line of the other format.
    """
    if delimiter == "\t" and line.tabbed:
        return ()
    inner, position = line.content, line.start
    if framed:
        position += inner.startswith(delimiter)
        inner = inner.removeprefix(delimiter).removesuffix(delimiter)
    if inner.count(delimiter) < 2:
        return ()
    cells: list[Cell] = []
    for part in inner.split(delimiter):
        start, end = trim(text, position, position + len(part))
        cells.append(Cell(text[start:end], Span(start, end)))
        position += len(part) + 1
    return tuple(cells)


def _read_cells(text: str, lines: Sequence[Line], index: int) -> RawTable | None:
    """One cell a line, each behind a tab; lines without a tab continue the cell above."""
    first = lines[index]
    if not first.tabbed or len(first.content) > _MAX_HEADER_CHARS or box_heading(first.content):
        return None
    cells, starts, last = _tabbed_cells(text, lines, index)
    if len(cells) < _MIN_CELLS:
        return None
    width = _header_width(lines, starts)
    header = cells[:width]
    if not 3 <= width < len(cells) or not any(_HEADER_WORD.search(cell.text) for cell in header):
        return None
    if any(len(cell.text) > _MAX_HEADER_CHARS for cell in header):
        return None
    rows: list[tuple[Cell, ...]] = []
    position = width
    while position < len(cells):
        size = 1 if _GROUP.fullmatch(cells[position].text) else width
        rows.append(tuple(cells[position : position + size]))
        position += size
    return RawTable(index, last, tuple(header), tuple(rows))


def _tabbed_cells(text: str, lines: Sequence[Line], index: int) -> tuple[list[Cell], list[int], int]:
    """(cells, the line each starts on, the last line) of the run of tabbed lines from ``index``."""
    spans: list[tuple[int, int]] = []
    texts: list[str] = []
    starts: list[int] = []
    last = index
    for i in range(index, len(lines)):
        line = lines[i]
        if line.blank:
            continue
        if _is_division(line) or box_heading(line.content):
            break
        if line.tabbed:
            spans.append((line.start, line.end))
            texts.append(line.content)
            starts.append(i)
        elif i - last > 3 or len(line.content) > 20 or not _cell_goes_on(lines, i):
            break
        elif line.content.isdecimal() or not is_page_number(line.content):  # a figure may be cut in two
            spans[-1] = (spans[-1][0], line.end)
            texts[-1] += line.content
        last = i
    cells = [
        Cell(re.sub(r"\s+", "", content), Span(*span)) for content, span in zip(texts, spans, strict=True)
    ]
    return cells, starts, last


def _is_division(line: Line) -> bool:
    """`第二章 …`; a line such as `二、…` is a group of the table rather than a section of the plan."""
    numbered = heading(line.content)
    return numbered is not None and numbered.style in DIVISION_STYLES


def _cell_goes_on(lines: Sequence[Line], index: int) -> bool:
    """Whether another cell comes soon after this untabbed line, so that it is part of the table."""
    return any(line.tabbed for line in lines[index + 1 : index + 5])


def _header_width(lines: Sequence[Line], starts: Sequence[int]) -> int:
    """How many cells come before the first blank line: those of the header."""
    width = 1
    while width < len(starts) and not any(
        line.blank for line in lines[starts[width - 1] + 1 : starts[width]]
    ):
        width += 1
    return width
