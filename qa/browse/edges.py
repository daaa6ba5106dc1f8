"""All relations of a build, read once: who is tied to whom, either way."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from kg.model import Cell
from kg.queries import RELATIONS
from kg.schema import RelationType
from qa.browse.model import Place
from qa.browse.things import relation_place
from qa.knowledge import Knowledge, Node

_MAX_ROWS = 10_000_000


@dataclass(frozen=True, slots=True)
class Edge:
    """A relation between two nodes; ``relation`` is its properties as the stores return them."""

    source: Node
    type: RelationType
    target: Node
    relation: Cell

    def place(self, knowledge: Knowledge) -> Place | None:
        """Where the plan states it, if it does."""
        return relation_place(knowledge, self.relation)

    def other(self, node: Node) -> Node:
        """The end that is not this node."""
        return self.target if self.source.id == node.id else self.source


class Edges:
    """The relations of a build by their ends. Those of passages are left out."""

    def __init__(self, edges: Iterable[Edge]) -> None:
        """Sorted by type and ends, so that what is made of them is the same every time."""
        self._out: dict[str, list[Edge]] = {}
        self._into: dict[str, list[Edge]] = {}
        for edge in sorted(edges, key=lambda e: (e.type, e.source.id, e.target.id)):
            self._out.setdefault(edge.source.id, []).append(edge)
            self._into.setdefault(edge.target.id, []).append(edge)

    def out(self, node: Node, *types: RelationType) -> list[Edge]:
        """Relations of these types (none: of all) that lead away from a node."""
        return [edge for edge in self._out.get(node.id, ()) if not types or edge.type in types]

    def into(self, node: Node, *types: RelationType) -> list[Edge]:
        """Relations of these types (none: of all) that lead to a node."""
        return [edge for edge in self._into.get(node.id, ()) if not types or edge.type in types]

    def of(self, node: Node, *types: RelationType) -> list[Edge]:
        """Both."""
        return [*self.out(node, *types), *self.into(node, *types)]

    def targets(self, node: Node, *types: RelationType) -> list[Node]:
        """The nodes that relations of these types lead to."""
        return [edge.target for edge in self.out(node, *types)]

    def sources(self, node: Node, *types: RelationType) -> list[Node]:
        """The nodes that relations of these types come from."""
        return [edge.source for edge in self.into(node, *types)]

    def above(self, node: Node, *types: RelationType) -> list[Node]:
        """The node and all that it is a part of, by relations of these types, nearest first."""
        found = {node.id: node}
        waiting = [node]
        while waiting:
            for upper in self.targets(waiting.pop(0), *types):
                if upper.id not in found:
                    found[upper.id] = upper
                    waiting.append(upper)
        return list(found.values())


def edges(knowledge: Knowledge) -> Edges:
    """The relations of the current build."""
    return knowledge.once(_read, "")


def _read(knowledge: Knowledge, plan: str) -> Edges:
    found: list[Edge] = []
    for row in knowledge.store.query(RELATIONS, max_rows=_MAX_ROWS):
        source, target = (knowledge.by_id.get(str(row[end])) for end in ("source", "target"))
        if source and target:  # a passage that contradicts another is no node here
            found.append(Edge(source, RelationType(str(row["type"])), target, row["relation"]))
    return Edges(found)
