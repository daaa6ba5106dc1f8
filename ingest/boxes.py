"""Read boxes (专栏): the heading, then numbered items, dashed items, or a small table."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ingest.document import BoxItem, Span
from ingest.lines import Line, trim
from ingest.numbering import (
    box_heading,
    bullet_marker,
    heading,
    is_figure_caption,
    is_page_number,
    item_marker,
)
from ingest.tables import RawTable, is_group, read_table

_NAME_COLUMN = re.compile(r"(?:项目|工程|任务|建设内容)?名称|^项目$|^工程$")
#: what a table of projects says of them
_PROJECT_COLUMN = re.compile(r"[设施任建体]单位|主体|地点|位置|选址|投资|建设(?:内容|规模|年限|性质)|工期")
_NO_PROJECT_COLUMN = re.compile(r"指标|(?:19|20)[0-9]{2}年?(?:实际|目标|规划)?$")
#: a last row that sums up is no item
_TOTAL = re.compile(r"(?:合\s*计|总\s*计|小\s*计)")
_END_PUNCTUATION = "。；;.．，, \t\u3000"
#: what has no letter, digit or character says nothing: neither a line nor a cell of it is an item
_SAYS_SOMETHING = re.compile(r"[^\W_]")


@dataclass(frozen=True, slots=True)
class RawBox:
    """A box in lines [first, last]; ``table`` is set where its items are rows."""

    first: int
    last: int
    number: str
    title: str
    items: tuple[BoxItem, ...]
    item_spans: tuple[Span, ...]
    table: RawTable | None = None


def read_box(
    text: str, lines: Sequence[Line], index: int, is_division: Callable[[int], bool]
) -> RawBox | None:
    """The box whose heading is this line, or None. ``is_division`` says which lines end it."""
    head = box_heading(lines[index].content)
    if head is None:
        return None
    number, title = head
    first = _next_text(lines, index + 1)
    table = read_table(text, lines, first) if first is not None and not is_division(first) else None
    if table:
        items, spans = table_items(text, table)
        return RawBox(index, table.last, number, title, items, spans, table)
    items, spans, last = _list_items(text, lines, index, is_division)
    return RawBox(index, last, number, title, items, spans)


def lists_projects(table: RawTable) -> bool:
    """Whether the rows of a table are projects: it names them and says by whom, where, or for what."""
    names = [cell.text for cell in table.header]
    if any(_NO_PROJECT_COLUMN.search(name) for name in names):
        return False
    return any(map(_NAME_COLUMN.search, names)) and any(map(_PROJECT_COLUMN.search, names))


def _next_text(lines: Sequence[Line], index: int) -> int | None:
    return next((i for i in range(index, len(lines)) if not lines[i].blank), None)


def _list_items(
    text: str, lines: Sequence[Line], index: int, is_division: Callable[[int], bool]
) -> tuple[tuple[BoxItem, ...], tuple[Span, ...], int]:
    items: list[BoxItem] = []
    spans: list[Span] = []
    last, number = index, 1
    for i in range(index + 1, len(lines)):
        line = lines[i]
        if line.blank or (is_page_number(line.content) and items):
            continue
        if is_division(i) or box_heading(line.content) or is_figure_caption(line.content):
            break
        marker = _marker_length(line.content, number)
        if marker is None:
            if not _goes_on(lines, i, items, spans, last):
                break
            items[-1] = _item(text, items[-1].number, items[-1].span.start, line.end)
            spans[-1] = Span(spans[-1].start, line.end)
        else:
            if _SAYS_SOMETHING.search(line.content, marker):
                items.append(_item(text, number, line.start + marker, line.end))
                spans.append(Span(line.start, line.end))
            number += 1
        last = i
    return tuple(items), tuple(spans), last


def _goes_on(
    lines: Sequence[Line], i: int, items: Sequence[BoxItem], spans: Sequence[Span], last: int
) -> bool:
    """Whether an unnumbered line continues the item above: it follows at once and both are cut off."""
    if not items or i != last + 1 or heading(lines[i].content):
        return False
    return lines[last].content[-1] not in "。；;" and len(lines[last].content) > 30


def _marker_length(content: str, expected: int) -> int | None:
    """Length of the marker of the expected item; None when the line is no further item."""
    numbered = item_marker(content)
    if numbered:
        return numbered[1] if numbered[0] == expected else None
    return bullet_marker(content) or None


def _item(text: str, number: int, start: int, end: int) -> BoxItem:
    start, end = trim(text, start, end)
    while end > start and text[end - 1] in _END_PUNCTUATION:
        end -= 1
    return BoxItem(number, text[start:end], Span(start, end))


def table_items(text: str, table: RawTable) -> tuple[tuple[BoxItem, ...], tuple[Span, ...]]:
    """The rows of a table as items, with the span of each row; a row that sums up is none."""
    names = [cell.text for cell in table.header]
    column = next((i for i, name in enumerate(names) if _NAME_COLUMN.search(name)), 0)
    items: list[BoxItem] = []
    spans: list[Span] = []
    for row in table.rows:
        name = row[column].text if column < len(row) else ""
        if is_group(row) or not _SAYS_SOMETHING.search(name) or _TOTAL.match(name):
            continue
        cells = tuple((name, cell.text, cell.span) for name, cell in zip(names, row, strict=False))
        items.append(BoxItem(len(items) + 1, name, row[column].span, cells))
        spans.append(Span(row[0].span.start, row[-1].span.end))
    return tuple(items), tuple(spans)
