"""Read tables from plain text: one cell a line behind tabs, or one row a line with tabs or pipes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ingest.document import Cell, Span
from ingest.lines import Line, trim
from ingest.numbering import box_heading

_GROUP = re.compile(r"(?:[一二三四五六七八九十]+\s*[、．.]|[（(][一二三四五六七八九十]+[）)])\s*\S.*")
_HEADER_WORD = re.compile(r"序号|指标|名称|项目|单位")
_MIN_CELLS = 6
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
    delimiter = next((d for d in ("|", "｜", "\t") if _cells_in(text, lines[index], d)), None)
    if delimiter is None:
        return None
    header = _cells_in(text, lines[index], delimiter)
    if not any(_HEADER_WORD.search(cell.text) for cell in header):
        return None
    rows: list[tuple[Cell, ...]] = []
    last = index
    for i in range(index + 1, len(lines)):
        line = lines[i]
        if line.blank or (delimiter != "\t" and _RULE.fullmatch(line.content)):
            if not line.blank:
                last = i
            continue
        cells = _cells_in(text, line, delimiter)
        if not cells:
            if not (i == last + 1 and _GROUP.fullmatch(line.content) and len(line.content) <= 40):
                break
            cells = (Cell(line.content, Span(line.start, line.end)),)
        rows.append(cells)
        last = i
    return RawTable(index, last, header, tuple(rows)) if rows else None


def _cells_in(text: str, line: Line, delimiter: str) -> tuple[Cell, ...]:
    """The cells of a row, () if the line has fewer than three.

    White space at the start of a line is layout where cells are separated by pipes; a leading tab
    marks a one-cell line of the other format.
    """
    if delimiter == "\t" and line.tabbed:
        return ()
    inner = line.content.strip(delimiter) if delimiter != "\t" else line.content
    if inner.count(delimiter) < 2:
        return ()
    position = line.start + line.content.index(inner)
    cells: list[Cell] = []
    for part in inner.split(delimiter):
        start, end = trim(text, position, position + len(part))
        cells.append(Cell(text[start:end], Span(start, end)))
        position += len(part) + 1
    return tuple(cells)


def _read_cells(text: str, lines: Sequence[Line], index: int) -> RawTable | None:
    """One cell a line, each behind a tab; lines without a tab continue the cell above."""
    if not lines[index].tabbed or box_heading(lines[index].content):
        return None
    cells, starts, last = _tabbed_cells(text, lines, index)
    if len(cells) < _MIN_CELLS:
        return None
    width = _header_width(lines, starts)
    if width < 3 or not any(_HEADER_WORD.search(cell.text) for cell in cells[:width]):
        return None
    rows: list[tuple[Cell, ...]] = []
    position = width
    while position < len(cells):
        size = 1 if _GROUP.fullmatch(cells[position].text) else width
        rows.append(tuple(cells[position : position + size]))
        position += size
    return RawTable(index, last, tuple(cells[:width]), tuple(rows))


def _tabbed_cells(text: str, lines: Sequence[Line], index: int) -> tuple[list[Cell], list[int], int]:
    """(cells, the line each starts on, the last line) of the run of tabbed lines from ``index``."""
    spans: list[tuple[int, int]] = []
    starts: list[int] = []
    last = index
    i = index
    while i < len(lines):
        line = lines[i]
        if line.blank:
            i += 1
            continue
        if box_heading(line.content):
            break
        if line.tabbed:
            spans.append((line.start, line.end))
            starts.append(i)
        elif i - last > 3 or len(line.content) > 20 or not _cell_goes_on(lines, i):
            break
        else:
            spans[-1] = (spans[-1][0], line.end)
        last = i
        i += 1
    cells = [Cell(re.sub(r"\s+", "", text[s:e]), Span(s, e)) for s, e in spans]
    return cells, starts, last


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
