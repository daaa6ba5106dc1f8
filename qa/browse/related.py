"""What else concerns whom a project or a firm concerns, and why."""

from __future__ import annotations

from dataclasses import dataclass
from math import log2

from kg.schema import Label, RelationType
from qa.browse.edges import Edge, Edges, edges
from qa.browse.model import Place, Thing
from qa.browse.things import node as node_of
from qa.browse.things import thing_of
from qa.knowledge import Knowledge, Node

#: relations by which two things share a third
_SHARED = (
    RelationType.IMPLEMENTED_BY,
    RelationType.LOCATED_IN,
    RelationType.BELONGS_TO,
    RelationType.PRODUCES,
    RelationType.DRIVES,
    RelationType.LISTS,
)
#: relations that tie two things to each other
_DIRECT = (RelationType.COOPERATES_WITH, RelationType.PART_OF, RelationType.IMPLEMENTED_BY)
_DIRECT_SCORE = 3.0
_KINDS = frozenset({Label.PROJECT, Label.ENTERPRISE})


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a thing is related: a relation of this ``type`` to the thing itself or to ``via``, as that has.

    ``place`` says so of the related thing.
    """

    type: str
    via: Thing | None
    place: Place | None


@dataclass(frozen=True, slots=True)
class Related:
    """A related project or firm, with every reason."""

    thing: Thing
    reasons: tuple[Reason, ...]


def related(knowledge: Knowledge, id: str, limit: int = 12) -> tuple[Related, ...]:
    """Projects and firms that are tied to a thing or share something with it; what is rare counts more.

    Raises: InputError: there is no such thing.
    """
    start = node_of(knowledge, id)
    graph = edges(knowledge)
    scores: dict[str, float] = {}
    reasons: dict[str, list[Reason]] = {}

    def add(node: Node, score: float, reason: Reason) -> None:
        if node.label in _KINDS and node.id != start.id:
            scores[node.id] = scores.get(node.id, 0.0) + score
            reasons.setdefault(node.id, []).append(reason)

    for edge in graph.of(start, *_DIRECT):
        add(edge.other(start), _DIRECT_SCORE, Reason(edge.type.value, None, edge.place(knowledge)))
    for edge in graph.of(start, *_SHARED):
        shared = edge.other(start)
        others = _alike(graph, edge, start)
        for other in others:
            reason = Reason(edge.type.value, thing_of(shared), other.place(knowledge))
            add(other.other(shared), 1 / log2(2 + len(others)), reason)
    best = sorted(scores, key=lambda other: (-scores[other], other))[:limit]
    return tuple(Related(thing_of(knowledge.by_id[other]), tuple(reasons[other])) for other in best)


def _alike(graph: Edges, edge: Edge, start: Node) -> list[Edge]:
    """The relations by which others share what a node has by this one."""
    shared = edge.other(start)
    around = graph.into(shared, edge.type) if edge.source.id == start.id else graph.out(shared, edge.type)
    return [other for other in around if other.other(shared).id != start.id]
