"""What extractors share: the context they read and the builder they write to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

from ingest.document import Outline, Span
from ingest.lexicon import Lexicon
from kg.model import Entity, Evidence, Graph, Passage, PropertyValue, Relation
from kg.ports import ChatModel, ProgressCallback
from kg.schema import Label, RelationType


class GraphBuilder:
    """Collects the nodes and relations of one plan, in order; ids and evidence are made here."""

    def __init__(self, plan_id: str, text: str) -> None:
        """``text`` is the plan's; every quote is cut from it."""
        self.plan_id = plan_id
        self.text = text
        self._entities: dict[str, Entity] = {}
        self._relations: dict[tuple[str, str, str], Relation] = {}

    def entity_id(self, label: Label, name: str) -> str:
        """The id that `add` gives to a thing of this label and name."""
        return f"{self.plan_id}/{label.value.lower()}/{name}"

    def add(
        self,
        label: Label,
        name: str,
        *,
        id: str | None = None,
        aliases: Iterable[str] = (),
        properties: Mapping[str, PropertyValue] | None = None,
    ) -> str:
        """Add a node, or add aliases and properties to the one with this id. Returns its id."""
        id = id or self.entity_id(label, name)
        old = self._entities.get(id)
        if old is None:
            old = Entity(id, label, name, (), {"plan": self.plan_id})
        more = tuple(dict.fromkeys((*old.aliases, *(a for a in aliases if a and a != old.name))))
        merged = {**old.properties, **(properties or {})}
        self._entities[id] = replace(old, aliases=more, properties=merged)
        return id

    def relate(
        self,
        source: str,
        type: RelationType,
        target: str,
        *,
        quote: Span | None = None,
        method: str = "structure",
        confidence: float = 1.0,
        properties: Mapping[str, PropertyValue] | None = None,
    ) -> None:
        """Add a relation; of two with the same ends and type the more confident (or first) stays."""
        evidence = None
        if quote is not None:
            evidence = Evidence(self.plan_id, quote.start, quote.end, self.text[quote.start : quote.end])
        relation = Relation(source, type, target, evidence, method, confidence, properties or {})
        old = self._relations.get(relation.key)
        if old is None or old.confidence < confidence:
            self._relations[relation.key] = relation

    def entities(self, *labels: Label) -> list[Entity]:
        """The nodes with one of these labels (all if none is given), in order of addition."""
        return [e for e in self._entities.values() if not labels or e.label in labels]

    def entity(self, id: str) -> Entity | None:
        """The node with this id, or None."""
        return self._entities.get(id)

    def relations(self, *types: RelationType) -> list[Relation]:
        """The relations of these types (all if none is given), in order of addition."""
        return [r for r in self._relations.values() if not types or r.type in types]

    def build(self) -> Graph:
        """What was collected."""
        return Graph(tuple(self._entities.values()), tuple(self._relations.values()))


@dataclass(slots=True)
class ChatSession:
    """The chat model of one build. ``failure`` is why it was given up, in one line, or empty."""

    model: ChatModel
    failure: str = ""


def _unseen(done: int, total: int, label: str) -> None:
    """Progress that nobody watches."""


@dataclass(frozen=True, slots=True)
class ExtractionContext:
    """What an extractor may read. Extractors run in order and see what earlier ones added."""

    outline: Outline
    passages: tuple[Passage, ...]
    lexicon: Lexicon
    graph: GraphBuilder
    options: Mapping[str, str] = field(default_factory=dict)
    chat: ChatSession | None = None
    on_progress: ProgressCallback = _unseen

    @property
    def text(self) -> str:
        """The plan's text."""
        return self.outline.document.text


class Extractor(Protocol):
    """Finds one kind of knowledge. Never raises on odd text; never quotes what is not there."""

    name: str

    def extract(self, context: ExtractionContext) -> None:
        """Add what is found to ``context.graph``."""
        ...
