"""How contradictions are written down, whichever rule finds them."""

from __future__ import annotations

from bisect import bisect_right

from ingest.document import Span
from ingest.extract.base import ExtractionContext
from kg.model import Entity, PropertyValue
from kg.schema import RelationType

#: changes of these characters tell two things apart, and are no slip
DIRECTIONS = frozenset("东西南北上下前后左右中内外新老大小一二三四五六七八九十")


def relate_conflict(
    context: ExtractionContext,
    left: str,
    right: str,
    quotes: tuple[Span, Span],
    kind: str,
    method: str,
    confidence: float,
) -> None:
    """CONFLICTS_WITH between two nodes, with both quotes; ``kind`` says what disagrees."""
    quote, other = quotes
    properties: dict[str, PropertyValue] = {
        "kind": kind,
        "other_quote": context.text[other.start : other.end],
        "other_start": other.start,
        "other_stop": other.end,
    }
    context.graph.relate(
        left,
        RelationType.CONFLICTS_WITH,
        right,
        quote=quote,
        method=method,
        confidence=confidence,
        properties=properties,
    )


def span_of(entity: Entity) -> Span | None:
    """Where a node stands, if it says so."""
    start, stop = entity.properties.get("start"), entity.properties.get("stop")
    return Span(start, stop) if isinstance(start, int) and isinstance(stop, int) else None


def node_at(context: ExtractionContext, offset: int) -> str:
    """The passage that holds a character, else its division or box; empty if the graph has neither."""
    at = bisect_right(context.passages, offset, key=lambda passage: passage.start) - 1
    if at >= 0 and offset < context.passages[at].end and context.graph.entity(context.passages[at].id):
        return context.passages[at].id
    block = context.outline.document.block_at(offset)
    return block.parent if block and context.graph.entity(block.parent) else ""
