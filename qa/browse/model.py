"""Values that browsing gives."""

from __future__ import annotations

from dataclasses import dataclass

from kg.model import Cell


@dataclass(frozen=True, slots=True)
class Place:
    """Where a plan says something: ``plan_text[start:end] == quote``, always."""

    plan: str
    start: int
    end: int
    quote: str
    locator: str


@dataclass(frozen=True, slots=True)
class Thing:
    """A node by its names. ``label`` is one of `kg.schema.Label`."""

    id: str
    label: str
    name: str


@dataclass(frozen=True, slots=True)
class Fact:
    """A relation of a thing with another; ``outgoing``: it leads from the thing to the other.

    ``place`` is None for what follows from the document's structure or a word list. ``other_place`` is a
    contradiction's second statement, and ``kind`` what kind of contradiction it is.
    """

    type: str
    outgoing: bool
    other: Thing
    place: Place | None
    method: str
    confidence: float
    kind: str = ""
    other_place: Place | None = None


@dataclass(frozen=True, slots=True)
class Attribute:
    """A property of a thing, by its name in the graph; ``place`` says where it stands if it is known."""

    key: str
    value: str | int | float
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Card:
    """All that the graph has about a thing; ``mentions`` are the sentences that name it."""

    thing: Thing
    plan: str
    aliases: tuple[str, ...]
    place: Place | None
    attributes: tuple[Attribute, ...]
    facts: tuple[Fact, ...]
    mentions: tuple[Place, ...]


def whole(cell: Cell) -> int | None:
    """A cell as an integer, None if it is no number."""
    return int(cell) if isinstance(cell, int | float) else None
