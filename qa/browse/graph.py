"""Parts of the graph, to draw and to explore: around a thing, among given ones, and paths between two.

All of it walks one list of relations that is read once for each build (`kg.queries.RELATIONS`), so both
stores give the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

from kg.export import export_graph
from kg.export.reading import read_graph
from kg.model import Graph, Row
from kg.queries import RELATIONS
from kg.schema import STRUCTURAL, Label, RelationType
from qa.browse import things
from qa.browse.model import Place, Thing
from qa.knowledge import Knowledge

MAX_NODES = 300
MAX_PATHS = 10
_MAX_ROWS = 10_000_000
#: things that the first view starts from, and those that it shows with them
_HUBS = (Label.ENTERPRISE, Label.INDUSTRY, Label.TOWN)
_SHOWN_FIRST = frozenset(
    {*_HUBS, Label.PROJECT, Label.PRODUCT, Label.PLACE, Label.VILLAGE, Label.ORGANIZATION, Label.CONCEPT}
)
_HUBS_OF_TEN = 3
#: what the plan says, as opposed to how it is divided and where it contradicts itself
CONTENT = frozenset(RelationType) - STRUCTURAL - {RelationType.CONFLICTS_WITH}


@dataclass(frozen=True, slots=True)
class GraphNode:
    """A thing to draw. ``links``: how many others it is tied to in the whole graph."""

    id: str
    label: str
    name: str
    links: int
    place: Place | None


@dataclass(frozen=True, slots=True)
class GraphEdge:
    """A relation to draw, from source to target. ``id`` is the same in every answer of a build.

    ``place`` is its quote, None for what follows from the document's structure or a word list;
    ``other_place`` is a contradiction's second statement, ``kind`` what kind of contradiction it is.
    """

    id: str
    source: str
    target: str
    type: str
    place: Place | None
    method: str
    confidence: float
    kind: str = ""
    other_place: Place | None = None


@dataclass(frozen=True, slots=True)
class Subgraph:
    """Nodes and the relations between them; ``left_out`` counts neighbours for which there was no room."""

    nodes: tuple[GraphNode, ...]
    edges: tuple[GraphEdge, ...]
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class Hop:
    """A step of a path; the edges tie both ends, ``forward`` if the first leads from ``source`` on."""

    source: Thing
    target: Thing
    forward: bool
    edges: tuple[GraphEdge, ...]


@dataclass(frozen=True, slots=True)
class Paths:
    """The shortest paths between two things, equally long, and all that is needed to draw them.

    ``structural``: nothing but the document's structure (chapters, sections) ties them. ``more``: there
    are further paths of this length.
    """

    source: Thing
    target: Thing
    paths: tuple[tuple[Hop, ...], ...]
    graph: Subgraph
    structural: bool
    more: bool


class _Graph:
    """The relations of a build by their ends."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._knowledge = knowledge
        self.around: dict[str, dict[str, list[int]]] = {}
        self._rows: list[Row] = []
        rows = knowledge.store.query(RELATIONS, max_rows=_MAX_ROWS)
        for row in sorted(rows, key=lambda row: (str(row["source"]), str(row["type"]), str(row["target"]))):
            source, target = str(row["source"]), str(row["target"])
            if source == target or not {source, target} <= knowledge.by_id.keys():
                continue
            for one, other in ((source, target), (target, source)):
                self.around.setdefault(one, {}).setdefault(other, []).append(len(self._rows))
            self._rows.append(row)

    def type(self, at: int) -> RelationType:
        return RelationType(str(self._rows[at]["type"]))

    def neighbours(self, id: str, types: Collection[RelationType]) -> list[str]:
        """What relations of these types tie to a thing, in the graph's order."""
        found = self.around.get(id, {})
        return [other for other, edges in found.items() if any(self.type(at) in types for at in edges)]

    def edge(self, at: int) -> GraphEdge:
        row = self._rows[at]
        relation, source, target = row["relation"], str(row["source"]), str(row["target"])
        properties = relation if isinstance(relation, Mapping) else {}
        confidence = properties.get("confidence")
        return GraphEdge(
            id=f"{source} {row['type']} {target}",
            source=source,
            target=target,
            type=str(row["type"]),
            place=things.relation_place(self._knowledge, relation),
            method=str(properties.get("method") or ""),
            confidence=float(confidence) if isinstance(confidence, int | float) else 1.0,
            kind=str(properties.get("kind") or ""),
            other_place=things.relation_place(self._knowledge, relation, "other_"),
        )

    def between(self, first: str, second: str, types: Collection[RelationType]) -> tuple[GraphEdge, ...]:
        """The relations of these types between two things, either way."""
        found = self.around.get(first, {}).get(second, ())
        return tuple(self.edge(at) for at in found if self.type(at) in types)

    def among(self, ids: Collection[str], types: Collection[RelationType]) -> list[GraphEdge]:
        """The relations of these types that have both ends here."""
        inside = set(ids)
        found = {
            at
            for id in inside
            for other, edges in self.around.get(id, {}).items()
            if other in inside
            for at in edges
            if self.type(at) in types
        }
        return [self.edge(at) for at in sorted(found)]

    def node(self, id: str) -> GraphNode:
        found = self._knowledge.by_id[id]
        place = things.place_of(self._knowledge, found)
        return GraphNode(id, found.label.value, found.name, len(self.around.get(id, {})), place)

    def subgraph(
        self, ids: Iterable[str], types: Collection[RelationType], left_out: int = 0
    ) -> Subgraph:
        kept = tuple(dict.fromkeys(ids))
        return Subgraph(tuple(map(self.node, kept)), tuple(self.among(kept, types)), left_out)


def start(knowledge: Knowledge, limit: int = 60) -> Subgraph:
    """The best-connected firms, industries and towns, with what ties most of them together."""
    graph = _graph(knowledge)
    types = CONTENT
    labels = {id: node.label for id, node in knowledge.by_id.items() if node.label in _SHOWN_FIRST}
    links = {id: [other for other in graph.neighbours(id, types) if other in labels] for id in labels}

    def ranked(ids: Iterable[str]) -> list[str]:
        return sorted((id for id in ids if links[id]), key=lambda id: (-len(links[id]), id))

    by_label = [ranked(id for id, label in labels.items() if label is hub) for hub in _HUBS]
    chosen: dict[str, None] = {}
    for place in range(max(1, limit * _HUBS_OF_TEN // 10 // len(_HUBS))):
        chosen.update(dict.fromkeys(column[place] for column in by_label if place < len(column)))
    if not chosen:
        chosen.update(dict.fromkeys(ranked(labels)[:1]))
    ties = Counter(other for id in chosen for other in links[id])
    while len(chosen) < limit:
        # what ties most of the chosen things comes first; among equals, what leads on to most others
        free = [id for id in ties if id not in chosen]
        if not free:
            break
        best = min(free, key=lambda id: (-ties[id], -len(links[id]), id))
        chosen[best] = None
        ties.update(links[best])
    kept = tuple(chosen)[:limit]
    tied = [id for id in kept if any(other in chosen for other in links[id])]
    return graph.subgraph(tied, types)


def around(
    knowledge: Knowledge,
    id: str,
    *,
    shown: Sequence[str] = (),
    types: Collection[RelationType] = (),
    labels: Collection[Label] = (),
    limit: int = 40,
) -> Subgraph:
    """A thing with up to ``limit`` neighbours that are not yet ``shown``, and all relations of these.

    Relations among what is shown come along. Empty ``types`` and ``labels`` stand for all. Neighbours that
    are tied to more of what is shown come first, then the better connected.
    Raises: InputError: there is no such thing.
    """
    things.node(knowledge, id)
    graph = _graph(knowledge)
    kinds = frozenset(types) or frozenset(RelationType)
    known = {other for other in shown if other in knowledge.by_id} | {id}
    fresh = [
        other
        for other in graph.neighbours(id, kinds)
        if other not in known and (not labels or knowledge.by_id[other].label in labels)
    ]

    def worth(other: str) -> tuple[int, int, str]:
        ties = graph.neighbours(other, kinds)
        return -sum(tie in known for tie in ties), -len(ties), other

    # the document's structure last: of a section's neighbours, its chapter says least
    structure = {other for other in fresh if not graph.between(id, other, CONTENT & kinds)}
    fresh.sort(key=lambda other: (other in structure, *worth(other)))
    kept = fresh[:limit]
    return graph.subgraph((id, *sorted(known - {id}), *kept), kinds, len(fresh) - len(kept))


def among(knowledge: Knowledge, ids: Sequence[str]) -> Subgraph:
    """These things and the relations between them; unknown ids are left out."""
    return _graph(knowledge).subgraph((id for id in ids if id in knowledge.by_id), frozenset(RelationType))


def paths(knowledge: Knowledge, source: str, target: str, limit: int = 5) -> Paths:
    """The shortest paths between two things, by what the plan says of them.

    The document's structure counts only where nothing else ties them. No path gives none.
    Raises: InputError: there is no such thing.
    """
    ends = things.thing_of(things.node(knowledge, source)), things.thing_of(things.node(knowledge, target))
    graph = _graph(knowledge)
    types: frozenset[RelationType] = CONTENT
    routes = _routes(graph, source, target, types, limit + 1)
    structural = not routes
    if structural:
        types = frozenset(RelationType)
        routes = _routes(graph, source, target, types, limit + 1)
    kept = routes[:limit]
    hops = tuple(
        tuple(
            _hop(knowledge, graph, first, second, types)
            for first, second in pairwise(route)
        )
        for route in kept
    )
    drawn = graph.subgraph((source, target, *(id for route in kept for id in route)), types)
    return Paths(*ends, hops, drawn, structural and bool(kept), len(routes) > limit)


def graphml(
    knowledge: Knowledge, ids: Collection[str], types: Collection[RelationType] | None = None
) -> bytes:
    """These things and the relations between them, of these types (None: of all), as GraphML."""
    whole, inside = read_graph(knowledge.store), set(ids)
    kinds = frozenset(RelationType if types is None else types)
    part = Graph(
        tuple(entity for entity in whole.entities if entity.id in inside),
        tuple(r for r in whole.relations if r.source in inside and r.target in inside and r.type in kinds),
    )
    with TemporaryDirectory(prefix="plankg-graph-") as folder:
        (file,) = export_graph(part, "graphml", Path(folder))
        return file.read_bytes()


def _hop(
    knowledge: Knowledge, graph: _Graph, first: str, second: str, types: Collection[RelationType]
) -> Hop:
    # the relation with a quote first: it is what can be defended
    edges = sorted(graph.between(first, second, types), key=lambda edge: (edge.place is None, edge.type))
    source, target = (things.thing_of(knowledge.by_id[id]) for id in (first, second))
    return Hop(source, target, edges[0].source == first, tuple(edges))


def _routes(
    graph: _Graph, source: str, target: str, types: Collection[RelationType], limit: int
) -> list[tuple[str, ...]]:
    """Up to ``limit`` shortest routes as ids; ever the same ones. A thing is no route to itself."""
    if source == target:
        return []
    distance = {target: 0}
    layer = [target]
    while layer and source not in distance:
        following: list[str] = []
        for id in layer:
            for other in graph.neighbours(id, types):
                if other not in distance:
                    distance[other] = distance[id] + 1
                    following.append(other)
        layer = following
    if source not in distance:
        return []
    routes: list[tuple[str, ...]] = []
    waiting: list[tuple[str, ...]] = [(source,)]
    while waiting and len(routes) < limit:
        route = waiting.pop()
        if route[-1] == target:
            routes.append(route)
            continue
        left = distance[route[-1]]
        nearer = (other for other in graph.neighbours(route[-1], types) if distance.get(other) == left - 1)
        waiting.extend((*route, other) for other in sorted(nearer, reverse=True))
    return routes


def _graph(knowledge: Knowledge) -> _Graph:
    return knowledge.once(_read, "")


def _read(knowledge: Knowledge, _plan: str) -> _Graph:
    return _Graph(knowledge)
