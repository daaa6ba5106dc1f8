"""The stretches of a plan in which extractors look: paragraphs, items and cells, by sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ingest.document import BoxItem, Outline, Span
from kg.model import Block, BlockKind
from kg.sentences import sentence_spans

PROSE = frozenset({BlockKind.PARAGRAPH, BlockKind.RUN_IN})
NAMED = PROSE | {BlockKind.BOX_ITEM, BlockKind.TABLE_CELL, BlockKind.SUBHEADING}
#: characters of the longest sentence; rules look back and ahead within one, so what has no full stop is cut
_LONGEST_ZONE = 1200
_CLAUSE = re.compile(r"[^，,；;。！？：:\n]+")
_PARTS = re.compile(r"[^、，,；;。！？：:\n]+")


@dataclass(frozen=True, slots=True)
class Zone:
    """A sentence, item or cell: where it is, and the block that it belongs to."""

    span: Span
    block: Block

    def quote(self, text: str) -> str:
        """The zone's text."""
        return text[self.span.start : self.span.end]


def sentences(outline: Outline, kinds: frozenset[BlockKind] = PROSE) -> Iterator[Zone]:
    """Sentences of the blocks of these kinds, in document order; an item or cell is one zone.

    What is longer than any sentence is cut, after a comma where there is one.
    """
    text = outline.document.text
    for block in outline.document.blocks:
        if block.kind not in kinds:
            continue
        spans = sentence_spans(text, block.start, block.end) if block.kind in PROSE else ()
        for start, end in spans or ((block.start, block.end),):
            yield from (Zone(span, block) for span in _cut(text, start, end))


def _cut(text: str, start: int, end: int) -> Iterator[Span]:
    while end - start > _LONGEST_ZONE:
        comma = max(text.rfind(mark, start + 1, start + _LONGEST_ZONE) for mark in "，、") + 1
        stop = comma or start + _LONGEST_ZONE
        yield Span(start, stop)
        start = stop
    if start < end:
        yield Span(start, end)


def clauses(text: str, span: Span) -> Iterator[Span]:
    """The stretches between commas, semicolons, colons and full stops."""
    for match in _CLAUSE.finditer(text, span.start, span.end):
        yield Span(match.start(), match.end())


def parts(text: str, span: Span) -> Iterator[Span]:
    """The stretches between any punctuation, list commas included."""
    for match in _PARTS.finditer(text, span.start, span.end):
        yield Span(match.start(), match.end())


def items(outline: Outline) -> Iterator[tuple[str, str, BoxItem]]:
    """(project id, box id, item) of every box item."""
    for box in outline.boxes:
        for item in box.items:
            yield f"{box.id}/{item.number}", box.id, item
