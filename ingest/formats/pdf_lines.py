"""Lines of a PDF's page, and the paragraphs that they were before they were broken."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from ingest.formats.pdf_page import Piece, text_width
from ingest.formats.plain import clean_line, is_cjk, join_lines, raised
from ingest.numbering import DIVISION_STYLES, box_heading, bullet_marker, heading, item_marker

_RAISED_SIZE = 0.8
#: two pieces further apart than this (in sizes) have a space between them
_GAP = 0.35
_CJK_GAP = 0.8
#: a line that starts this much (in sizes) further right starts a paragraph
_INDENT = 1.2
#: an indent is two characters; what stands further right is centred
_WIDEST_INDENT = 2.9
_SLACK = 0.8
#: in sizes; where all lines are shorter than this, none was broken for want of room
_NARROWEST = 20
_SENTENCE_END = ("。", "！", "？", "；", "：", "”", "）")
#: a chunk at a line's start that could not have been cut: a word or figure with what clings to it
_CHUNK = re.compile(r"(?:[!-~×÷±°·≥≤—–]+|.)(?:[，。；：、！？”’）》」』】〉%％…]|[“‘].)*")


@dataclass(frozen=True, slots=True)
class TextLine:
    """A line: its text, its left and right end, base line and size, and its page."""

    text: str
    x0: float
    x1: float
    y: float
    size: float
    page: int = 0


@dataclass(frozen=True, slots=True)
class Measure:
    """How wide the text is set: its left and right edge, and whether paragraphs open with an indent.

    ``leading`` is from one base line to the next, ``size`` that of most letters.
    """

    left: float
    right: float
    indented: bool
    leading: float
    size: float


def text_lines(pieces: Iterable[Piece], page: int = 0) -> list[TextLine]:
    """Pieces of text as lines, from top to bottom."""
    rows: list[list[Piece]] = []
    for piece in sorted(pieces, key=lambda p: -p.y):
        above = rows[-1] if rows else None
        if above and above[0].y - piece.y < 0.5 * max(piece.size, above[0].size):
            above.append(piece)
        else:
            rows.append([piece])
    return [line for row in rows if (line := _text_line(row, page))]


def _text_line(row: Sequence[Piece], page: int) -> TextLine | None:
    ordered = sorted(row, key=lambda p: p.x)
    inked = [piece for piece in ordered if piece.text.strip()]
    if not inked:
        return None
    size = max(piece.size for piece in inked)
    base = Counter(round(p.y, 1) for p in inked if p.size > _RAISED_SIZE * size).most_common(1)[0][0]
    text, end = "", inked[0].x
    for piece in ordered:
        if not piece.text.strip() and not text:
            continue
        words = piece.text
        if piece.size < _RAISED_SIZE * size and piece.y > base + 0.1 * size:
            words = raised(words)
        if text and piece.x - end > _gap(text[-1], words[0]) * size and text[-1] != " " != words[0]:
            text += " "
        text += words
        # a piece that is said to stand where the one before it does stands after it
        end = max(end, piece.x) + piece.width
    return TextLine(clean_line(text), inked[0].x, end, base, size, page) if clean_line(text) else None


def _gap(before: str, after: str) -> float:
    return _CJK_GAP if is_cjk(before) or is_cjk(after) else _GAP


def measure(lines: Sequence[TextLine]) -> Measure:
    """How the text of these lines is set."""
    sizes: Counter[float] = Counter()
    for line in lines:
        sizes[round(line.size, 1)] += len(line.text)
    size = sizes.most_common(1)[0][0] if sizes else 10.0
    body = [line for line in lines if abs(line.size - size) < 0.1 * size]
    edge = min((line.x0 for line in body), default=0.0) + _NARROWEST * size
    ends = sorted(line.x1 for line in body if line.x1 > edge)
    right = ends[int(len(ends) * 0.6)] if ends else edge
    steps = [a.y - b.y for a, b in pairwise(lines) if a.page == b.page and 0 < a.y - b.y < 4 * size]
    starts = Counter(round(line.x0 / size) for line in body)
    often = [x for x, n in starts.items() if n >= max(2, 0.1 * len(body))]
    left = min(often, default=0)
    indented = sum(n for x, n in starts.items() if 1 <= x - left <= 3) > 0.08 * len(body)
    return Measure(left * size, right, indented, median(steps) if steps else 1.5 * size, size)


def paragraphs(lines: Sequence[TextLine], how: Measure) -> list[str]:
    """The lines with what was broken in mid-sentence joined again."""
    found: list[str] = []
    last: TextLine | None = None
    first: TextLine | None = None  # the line that the paragraph starts with
    for line in lines:
        if last and first and _joins(first, last, line, how):
            found[-1] = join_lines(found[-1], line.text)
        else:
            found.append(line.text)
            first = line
        last = line
    return found


def _joins(first: TextLine, last: TextLine, line: TextLine, how: Measure) -> bool:
    """Whether a line goes on with the sentence of the line above it."""
    size = last.size
    if abs(line.size - size) > 0.1 * size or (line.page == last.page and _is_apart(last, line, how)):
        return False
    if not _is_full(last, line, how.right):
        return False
    if size > 1.1 * how.size:  # a title of two lines, centred
        return not _opens_division(line.text)
    if _opens_division(first.text) or box_heading(first.text):  # one as long as a line, or two lines
        return how.indented and not _INDENT < (line.x0 - how.left) / size < _WIDEST_INDENT
    step = (line.x0 - last.x0) / size
    if step > _INDENT:  # an indent; or the text beside the number of an item
        return first is last and _is_marked(first.text) and not _is_marked(line.text)
    ended = last.text.endswith(_SENTENCE_END)
    if ended and (_opens_division(line.text) or box_heading(line.text)):
        return False
    if first is last and step > -_INDENT and how.indented:
        # paragraphs that start alike: two of them, unless neither has an indent
        return not ended and not _is_marked(line.text)
    return how.indented or not (ended and (_is_marked(line.text) or last.text[-1] in "。！？；"))


def _is_apart(last: TextLine, line: TextLine, how: Measure) -> bool:
    return last.y - line.y > 1.6 * max(how.leading, 1.2 * line.size)


def _is_full(last: TextLine, line: TextLine, right: float) -> bool:
    """Whether the first chunk of the next line had no room on this one."""
    match = _CHUNK.match(line.text)
    chunk = match.group() if match else line.text[:1]
    return last.x1 + (text_width(chunk) + _SLACK) * last.size > right


def _opens_division(text: str) -> bool:
    numbered = heading(text)
    return numbered is not None and numbered.style in DIVISION_STYLES


def _is_marked(text: str) -> bool:
    return bool(item_marker(text) or bullet_marker(text) or heading(text) or box_heading(text))
