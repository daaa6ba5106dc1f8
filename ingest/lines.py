"""A text as lines with character offsets, and the white space rules that all readers share."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

#: the byte order mark is no white space for Python, but it is nobody's text either
BLANK = " \t\r\n\v\f\u3000\xa0\ufeff\u200b\x1c\x1d\x1e\x1f\x85\u2028\u2029"
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\n|\r|$)")
_MARKDOWN_HEADING = re.compile(r"(?m)^ {0,3}#{1,6}[ \t]+[^\s#]")
_MARKDOWN_FEWEST = 2
#: signs of headings and quotations in front of a line, bold, and italics around a line
_MARKDOWN_SIGNS = re.compile(
    r"(?m)^ {0,3}(?:>[ \t]?)+(?:#{1,6}[ \t]+)?|^ {0,3}#{1,6}[ \t]+|\*\*|__|^\*(?=[^\s*][^*\r\n]*\*[ \t]*\r?$)"
    r"|(?<=[^\s*])\*[ \t]*(?=\r?$)"
)


@dataclass(frozen=True, slots=True)
class Line:
    """One line: ``text[start:end]`` is its content without outer white space.

    ``raw`` is the line as it stands, without its line break, from offset ``raw_start``.
    """

    start: int
    end: int
    content: str
    raw: str
    raw_start: int

    @property
    def blank(self) -> bool:
        """Whether nothing but white space stands here."""
        return not self.content

    @property
    def tabbed(self) -> bool:
        """Whether the line starts with a tab: a cell of a one-cell-per-line table."""
        return self.raw.startswith("\t")


def trim(text: str, start: int, end: int) -> tuple[int, int]:
    """Shrink [start, end) so that no white space stands at either end; empty becomes (start, start)."""
    while start < end and is_blank(text[start]):
        start += 1
    while end > start and is_blank(text[end - 1]):
        end -= 1
    return start, end


def is_blank(char: str) -> bool:
    """Whether a character is white space for our purposes."""
    return char.isspace() or char in BLANK


def without_markdown(text: str) -> str:
    """The text with blanks in place of Markdown's signs, if it is Markdown: all offsets stay."""
    headings = _MARKDOWN_HEADING.finditer(text)
    if sum(1 for _ in zip(range(_MARKDOWN_FEWEST), headings, strict=False)) < _MARKDOWN_FEWEST:
        return text
    return _MARKDOWN_SIGNS.sub(lambda sign: " " * len(sign.group()), text)


def split_lines(text: str) -> list[Line]:
    """All lines of a text, in order."""
    return list(_iter_lines(text))


def _iter_lines(text: str) -> Iterator[Line]:
    position = 0
    while position < len(text):
        match = _LINE.match(text, position)
        assert match is not None  # the pattern matches the empty string
        raw = match.group().rstrip("\r\n")
        start, end = trim(text, position, position + len(raw))
        yield Line(start, end, text[start:end], raw, position)
        position = match.end()
