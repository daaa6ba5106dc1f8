"""Queries of the graph: those with a name, and read-only Cypher."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field, JsonValue

from kg.model import Cell, Row
from qa.reports import NamedResult, named_queries, run_named
from qa.service import QuestionService
from ui.api.errors import ErrorDocument, responses
from ui.api.guards import JSON_BODY

MAX_ROWS = 10_000
_DEFAULT_ROWS = 1000
_EXAMPLE: JsonValue = {"statement": "MATCH (p:Project) RETURN count(p) AS projects"}

JsonRow = dict[str, JsonValue]
RowLimit = Annotated[int, Query(ge=1, le=MAX_ROWS, description="How many rows at most")]


class CypherRequest(BaseModel):
    """A statement that only reads."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_EXAMPLE]})

    statement: str = Field(max_length=20_000)
    parameters: dict[str, JsonValue] = Field(default={}, description="Values for $names")
    limit: int = Field(default=_DEFAULT_ROWS, ge=1, le=MAX_ROWS, description="How many rows at most")


class Rows(BaseModel):
    """Rows of a result; ``cut``: there are more than were asked for."""

    rows: list[JsonRow]
    cut: bool


class QueryParameter(BaseModel):
    """What a named query wants to know. One with a default is a whole number, and optional."""

    name: str
    title: str
    default: int | None


class QueryDescription(BaseModel):
    """A named query; ``columns`` maps its columns to their titles."""

    name: str
    title: str
    parameters: list[QueryParameter]
    columns: dict[str, str]


class NamedRows(Rows):
    """Rows of a named query; ``unknown`` are the given names that nothing in the graph has."""

    columns: dict[str, str]
    unknown: list[str]


def router(service: QuestionService) -> APIRouter:
    """Routes for queries."""
    routes = APIRouter(tags=["queries"])

    @routes.get("/queries", summary="The named queries")
    def listed() -> list[QueryDescription]:
        """What each lists, and what it wants to know."""
        return descriptions()

    @routes.get("/queries/{name}", summary="Run a named query")
    def run(
        name: str,
        argument: Annotated[list[str], Query(description="In the query's order; repeat it for each")] = [],  # noqa: B006
        limit: RowLimit = _DEFAULT_ROWS,
    ) -> NamedRows:
        """Its rows. A thing is given by its id, its name, or any form of it that the plan uses."""
        return named_rows(run_named(service.knowledge, name, argument), limit)

    @routes.post(
        "/cypher",
        summary="Run read-only Cypher",
        dependencies=[JSON_BODY],
        responses=responses(ErrorDocument, 403, 413, 415),
    )
    def cypher(request: CypherRequest) -> Rows:
        """Its rows. A statement that would write, or read files, is refused with 403.

        It runs for ten seconds at most, apart from the service, with bounded memory.
        """
        return cypher_rows(service, request.statement, request.parameters, request.limit)

    return routes


def descriptions() -> list[QueryDescription]:
    """The named queries."""
    return [
        QueryDescription(
            name=query.name,
            title=query.title,
            parameters=[
                QueryParameter(name=each.name, title=each.title, default=each.default)
                for each in query.parameters
            ],
            columns=dict(query.columns),
        )
        for query in named_queries()
    ]


def named_rows(result: NamedResult, limit: int) -> NamedRows:
    """The rows of a named query, at most ``limit``."""
    rows, cut = _cut(result.rows, limit)
    return NamedRows(rows=rows, cut=cut, columns=dict(result.query.columns), unknown=list(result.unknown))


def cypher_rows(
    service: QuestionService, statement: str, parameters: Mapping[str, JsonValue], limit: int
) -> Rows:
    """The rows of a statement from outside, at most ``limit``. Raises: as `QuestionService.cypher`."""
    found = service.cypher(statement, parameters, max_rows=limit + 1, apart=True)
    rows, cut = _cut(found, limit)
    return Rows(rows=rows, cut=cut)


def _cut(rows: Sequence[Row], limit: int) -> tuple[list[JsonRow], bool]:
    return [{key: _json(cell) for key, cell in row.items()} for row in rows[:limit]], len(rows) > limit


def _json(cell: Cell) -> JsonValue:
    """A cell as JSON has it: numbers that JSON lacks as text."""
    if isinstance(cell, Mapping):
        return {key: _json(value) for key, value in cell.items()}
    if isinstance(cell, Sequence) and not isinstance(cell, str):
        return [_json(value) for value in cell]
    if isinstance(cell, float) and not math.isfinite(cell):
        return str(cell)
    return cell
