"""Tables of other formats, as the rows between pipes that `ingest.tables` reads.

A table that only frames text, as boxes (专栏) are printed, becomes that text.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from ingest.formats.plain import join_lines, without_cjk_gaps
from ingest.numbering import box_heading, is_source_note

_HEADER_WORD = re.compile(r"序号|指标|名称|项目|单位")
_NUMBER = re.compile(r"[0-9０-９]{1,3}")
_MAX_GROUP_CHARS = 40
_MAX_LABEL_CHARS = 12
_MAX_HEADER_ROWS = 3
_MAX_HEADER_CHARS = 30
#: rows times columns; no table that someone reads has more
_MAX_PLACES = 500_000
#: a cell of more paragraphs than this is text in a frame, unless the table has a header
_MAX_CELL_LINES = 2


@dataclass(frozen=True, slots=True)
class GridCell:
    """A cell: its upper left corner, how many rows and columns it spans, its paragraphs.

    A paragraph of several lines is a table inside the cell.
    """

    row: int
    column: int
    rows: int
    columns: int
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        """The cell's text in one line; a pipe in it would end the cell."""
        text = ""
        for line in self.lines:
            text = join_lines(text, line)
        return without_cjk_gaps(re.sub(r"\s+", " ", text).replace("|", "｜"))


def table_blocks(cells: Iterable[GridCell]) -> list[str]:
    """A table as blocks of text: its rows as one block of lines, and what it frames as lines.

    A merged cell's text stands in its first row and column only.
    """
    grid = _without_unused_columns(sorted(cells, key=lambda cell: (cell.row, cell.column)))
    width = max((cell.column + cell.columns for cell in grid), default=0)
    rows = [list(row) for _, row in groupby(grid, key=lambda cell: cell.row)]
    if width < 2 or len(rows) * width > _MAX_PLACES or _is_frame(rows):
        return [line for cell in grid for line in cell.lines]
    if width == 2 and not any(_is_header(row) for row in rows[:_MAX_HEADER_ROWS]):
        return [line for row in rows for line in _pair(row)]
    return _Writer(width).write(rows)


class _Writer:
    """Writes the rows of a table; a row across the whole table above the others is its title."""

    def __init__(self, width: int) -> None:
        self.width = width
        self.blocks: list[str] = []
        self.lines: list[str] = []

    def write(self, rows: Sequence[Sequence[GridCell]]) -> list[str]:
        index = 0
        while index < len(rows):
            row = rows[index]
            index += 1
            filled = [cell for cell in row if cell.lines]
            if len(filled) == 1 and filled[0].columns >= self.width and not self._is_group(filled[0]):
                self._end()
                self.blocks += filled[0].lines
            elif filled and not self.lines:
                height = _header_height(row, self.width)
                header = [cell for line in rows[index - 1 : index - 1 + height] for cell in line]
                index += height - 1
                self._row(_header_texts(header, self.width))
            elif filled:
                self._row({cell.column: cell.text for cell in row})
        self._end()
        return self.blocks

    def _is_group(self, cell: GridCell) -> bool:
        """Whether a row across the whole table is a heading of the rows below it."""
        text = cell.text
        if not self.lines or len(cell.lines) > 1 or len(text) > _MAX_GROUP_CHARS:
            return False
        return not (box_heading(text) or is_source_note(text))

    def _row(self, texts: dict[int, str]) -> None:
        # a reader needs three cells in a row
        columns = range(max(self.width, 3))
        self.lines.append("|" + "|".join(f" {texts.get(column, '')} " for column in columns) + "|")

    def _end(self) -> None:
        if self.lines:
            self.blocks.append("\n".join(self.lines))
        self.lines = []


def _without_unused_columns(cells: Sequence[GridCell]) -> list[GridCell]:
    """The cells with columns counted anew where some cell starts: many are left of layout alone."""
    starts = sorted({cell.column for cell in cells})
    found: list[GridCell] = []
    for cell in cells:
        first, end = (bisect_left(starts, at) for at in (cell.column, cell.column + cell.columns))
        found.append(replace(cell, column=first, columns=end - first))
    return found


def _is_header(row: Sequence[GridCell]) -> bool:
    short = [cell.text for cell in row if len(cell.text) <= _MAX_HEADER_CHARS]
    return len(row) > 1 and any(map(_HEADER_WORD.search, short))


def _is_frame(rows: Sequence[Sequence[GridCell]]) -> bool:
    """Whether the table only lays out text: it holds a table, or no header but cells of many paragraphs."""
    if any("\n" in line for row in rows for cell in row for line in cell.lines):
        return True
    if any(_is_header(row) for row in rows[:_MAX_HEADER_ROWS]):
        return False
    return any(len(cell.lines) > _MAX_CELL_LINES for row in rows for cell in row)


def _pair(row: Sequence[GridCell]) -> list[str]:
    """A row of two cells without a header: a numbered item, or a label and what it says."""
    filled = [cell for cell in row if cell.lines]
    if len(filled) != 2 or len(filled[0].text) > _MAX_LABEL_CHARS or len(filled[1].lines) > 1:
        return [line for cell in filled for line in cell.lines]
    label, text = (cell.lines[0] if len(cell.lines) == 1 else cell.text for cell in filled)
    if _NUMBER.fullmatch(label):
        return [f"{label}. {text}"]
    return [f"{label.rstrip('：:')}：{text}"]


def _header_height(row: Sequence[GridCell], width: int) -> int:
    """How many rows the header has: as many as its tallest cell, where another one has parts below it."""
    if not any(1 < cell.columns < width for cell in row):
        return 1
    return min(max(cell.rows for cell in row), _MAX_HEADER_ROWS)


def _header_texts(cells: Sequence[GridCell], width: int) -> dict[int, str]:
    """Column → its header, that of the columns which it is a part of included."""
    texts: dict[int, str] = {}
    for cell in cells:
        for column in range(cell.column, min(cell.column + cell.columns, width)):
            texts[column] = texts.get(column, "") + cell.text
    return texts
