"""Parts of the graph, to draw and to explore; as files."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from kg.schema import Label, RelationType
from qa.browse import graph
from qa.browse.graph import Paths, Subgraph
from qa.service import QuestionService
from ui import texts
from ui.api.files import FILE, file_response, named_response, source_cell
from ui.api.guards import JSON_BODY
from ui.exports import Sheet

_Ids = Annotated[list[str], Field(max_length=5000)]


class AroundRequest(BaseModel):
    """Around what; what is shown already; which relations and labels (none: all); how many at most."""

    model_config = ConfigDict(extra="forbid")

    id: str
    shown: _Ids = []
    types: list[RelationType] = []
    labels: list[Label] = []
    limit: int = Field(40, ge=1, le=graph.MAX_NODES)


class PartRequest(BaseModel):
    """Which things, with which types of relations between them (without ``types``: all), as what."""

    model_config = ConfigDict(extra="forbid")

    format: Literal["csv", "xlsx", "graphml"]
    ids: _Ids
    types: list[RelationType] | None = None


def router(service: QuestionService) -> APIRouter:
    """Routes under ``/graph``."""
    routes = APIRouter(prefix="/graph", tags=["graph"])

    @routes.get("/start")
    def start(limit: Annotated[int, Query(ge=1, le=graph.MAX_NODES)] = 60) -> Subgraph:
        """The best-connected firms, industries and towns, with what ties them together."""
        return graph.start(service.knowledge, limit)

    @routes.post("/around", dependencies=[JSON_BODY])
    def around(wanted: AroundRequest) -> Subgraph:
        """A thing with its neighbours that are not yet shown, and the relations of all these."""
        return graph.around(
            service.knowledge,
            wanted.id,
            shown=wanted.shown,
            types=wanted.types,
            labels=wanted.labels,
            limit=wanted.limit,
        )

    @routes.get("/paths")
    def paths(source: str, target: str, limit: Annotated[int, Query(ge=1, le=graph.MAX_PATHS)] = 5) -> Paths:
        """The shortest paths between two things, with the quotes of each step."""
        return graph.paths(service.knowledge, source, target, limit)

    @routes.post("/export", dependencies=[JSON_BODY], **FILE)
    def export(wanted: PartRequest) -> Response:
        """Things and the relations between them as CSV, Excel or GraphML."""
        if wanted.format == "graphml":
            data = graph.graphml(service.knowledge, wanted.ids, wanted.types)
            return named_response(data, texts.section("graph")["TAB"], "graphml", "application/xml")
        part = graph.among(service.knowledge, wanted.ids)
        return file_response(_sheet(part, wanted.types), wanted.format)

    return routes


def _sheet(part: Subgraph, types: Collection[RelationType] | None) -> Sheet:
    """The relations, each with both ends and its place; then the things that none of them ties."""
    words, labels, relations = (texts.section(name) for name in ("graph", "labels", "relations"))
    nodes = {node.id: node for node in part.nodes}
    edges = [edge for edge in part.edges if types is None or edge.type in types]
    rows = [
        (nodes[e.source].name, labels[nodes[e.source].label], relations[e.type], nodes[e.target].name,
         labels[nodes[e.target].label], source_cell(e.place), e.method, e.confidence)
        for e in edges
    ]  # fmt: skip
    tied = {end for edge in edges for end in (edge.source, edge.target)}
    alone = [
        (node.name, labels[node.label], "", "", "", source_cell(node.place), "", None)
        for node in part.nodes
        if node.id not in tied
    ]
    columns = ("SOURCE", "SOURCE_LABEL", "RELATION", "TARGET", "TARGET_LABEL", "PLACE", "METHOD",
               "CONFIDENCE")  # fmt: skip
    return Sheet(words["TAB"], [words[column] for column in columns], [*rows, *alone])
