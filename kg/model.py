"""The words that all packages share. Plain, frozen values; no behaviour that needs a library."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from kg.schema import Label, RelationType

#: what a node or relation property may hold; lists are homogeneous
PropertyValue = str | int | float | bool | tuple[str, ...] | tuple[float, ...]
#: a result cell, as the stores return it
Cell = str | int | float | bool | None | Sequence["Cell"] | Mapping[str, "Cell"]
Row = dict[str, Cell]


class BlockKind(StrEnum):
    """What a leaf block of the document is. Every non-blank character is in exactly one."""

    CONTENTS = "contents"  # an entry of a table of contents
    FRONT = "front"  # document number, issuer, addressee, date, notes before the first heading
    TITLE = "title"
    CHAPTER = "chapter"  # heading line(s)
    SECTION = "section"
    SUBHEADING = "subheading"  # （一）…, （1）…, 一、… on a line of its own
    RUN_IN = "run_in"  # a heading that opens its paragraph
    PARAGRAPH = "paragraph"
    BOX_HEADING = "box_heading"
    BOX_ITEM = "box_item"
    FIGURE = "figure"  # caption
    SOURCE_NOTE = "source_note"  # 资料来源：…
    TABLE_HEADING = "table_heading"
    TABLE_HEADER = "table_header"
    TABLE_GROUP = "table_group"
    TABLE_CELL = "table_cell"
    FOOTER = "footer"


@dataclass(frozen=True, slots=True)
class Block:
    """A leaf of the document: ``text[start:end]``, without leading or trailing white space.

    ``parent`` is the id of the structural node it belongs to (plan, chapter, section or box).
    ``locator`` says where it stands, for people: ``第六章 第一节 专栏6-1``. ``level`` is a heading's
    depth, 1 for the outermost; 0 for what is no heading.
    """

    kind: BlockKind
    start: int
    end: int
    parent: str
    locator: str
    level: int = 0


@dataclass(frozen=True, slots=True)
class Evidence:
    """A verbatim quote: ``plan_text[start:end] == quote``; offsets in characters."""

    plan_id: str
    start: int
    end: int
    quote: str


@dataclass(frozen=True, slots=True)
class Entity:
    """A node. ``id`` is ours and stable across builds of the same text."""

    id: str
    label: Label
    name: str
    aliases: tuple[str, ...] = ()
    properties: Mapping[str, PropertyValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Relation:
    """An edge. At most one per (source, type, target); extracted ones carry evidence.

    ``method`` names the rule that found it; ``confidence`` is in 0..1.
    """

    source: str
    type: RelationType
    target: str
    evidence: Evidence | None = None
    method: str = "structure"
    confidence: float = 1.0
    properties: Mapping[str, PropertyValue] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, str, str]:
        """What makes two relations the same one."""
        return (self.source, self.type.value, self.target)


@dataclass(frozen=True, slots=True)
class Graph:
    """All nodes and relations of a state, in document order."""

    entities: tuple[Entity, ...]
    relations: tuple[Relation, ...]


@dataclass(frozen=True, slots=True)
class Passage:
    """A unit of retrieval: ``plan_text[start:end] == text``; about 230 characters of one kind.

    ``headings`` are the titles above it, outermost first; they are indexed with the text.
    """

    id: str
    plan_id: str
    start: int
    end: int
    text: str
    kind: BlockKind
    parent: str
    locator: str
    headings: tuple[str, ...] = ()

    @property
    def indexed_text(self) -> str:
        """What retrieval sees: the headings, then the text."""
        return " ".join((*self.headings[-2:], self.text))


def unit_id(passage_id: str, index: int) -> str:
    """Id of a passage's sentence in the vector index."""
    return f"{passage_id}#{index}"


def unit_parent(id: str) -> tuple[str, int]:
    """(passage id, index of the sentence) of a unit's id."""
    passage_id, _, index = id.rpartition("#")
    return passage_id, int(index)


@dataclass(frozen=True, slots=True)
class PlanDocument:
    """A plan as read: its text and its leaf blocks in order."""

    id: str
    title: str
    text: str
    blocks: tuple[Block, ...]

    def block_at(self, offset: int) -> Block | None:
        """The block that covers a character, or None for white space and out of range."""
        low, high = 0, len(self.blocks)
        while low < high:
            middle = (low + high) // 2
            if self.blocks[middle].end <= offset:
                low = middle + 1
            else:
                high = middle
        if low < len(self.blocks) and self.blocks[low].start <= offset:
            return self.blocks[low]
        return None


@dataclass(frozen=True, slots=True)
class Scored:
    """A passage id with a score; higher is better, the scale is the retriever's own."""

    passage_id: str
    score: float


@dataclass(frozen=True, slots=True)
class WriteCounts:
    """What a graph write changed."""

    entities_written: int
    entities_removed: int
    relations_written: int
    relations_removed: int
