"""What the answering layer returns. Contract 2 of the product is `Answer.to_json`."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

#: earlier turns of the conversation, oldest first: (user, assistant)
History = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Citation:
    """A quote that carries a statement: ``plan_text[start:end] == quote``, always."""

    quote: str
    start: int
    end: int
    source: str
    locator: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class MentionedEntity:
    """An entity that the answer speaks of."""

    id: str
    label: str
    name: str


@dataclass(frozen=True, slots=True)
class ConflictStatement:
    """Statements of the plan that disagree: what about, and the citations' numbers (from 1)."""

    about: str
    citations: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer with its evidence. ``answer`` is Markdown with marks like ``[1]``.

    ``derived`` holds the numbers that were computed rather than read. ``notes`` are remarks for the
    user that are not part of the answer (a corrected typo, a fallback).
    """

    question: str
    answer: str
    refused: bool
    kind: str = ""
    citations: tuple[Citation, ...] = ()
    derived: tuple[str, ...] = ()
    conflicts: tuple[ConflictStatement, ...] = ()
    entities: tuple[MentionedEntity, ...] = ()
    notes: tuple[str, ...] = ()
    cypher: str = ""
    elapsed_ms: float = 0.0
    extra: dict[str, str] = field(default_factory=dict)

    def to_json(self, id: str = "") -> dict[str, Any]:
        """The answer as contract 2 writes it."""
        data = asdict(self)
        data.pop("extra")
        return {"id": id, **data, "elapsed_ms": round(self.elapsed_ms, 1)}


@dataclass(frozen=True, slots=True)
class SourceExcerpt:
    """A stretch of the plan for reading: ``text`` with ``text[mark_start:mark_end]`` to highlight."""

    source: str
    title: str
    locator: str
    text: str
    mark_start: int
    mark_end: int


@dataclass(frozen=True, slots=True)
class Status:
    """What is loaded, for the status line."""

    plans: tuple[str, ...]
    nodes: int
    relations: int
    passages: int
    graph_engine: str
    embedding_model: str
    built_at: str
