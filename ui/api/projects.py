"""The plans' projects and enterprises: tables, what is related, files."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated, TypeVar

from fastapi import APIRouter, Query, Response

from qa.browse import related, tables
from qa.browse.model import Thing
from qa.browse.related import Related
from qa.browse.tables import EnterpriseRow, ProjectRow
from qa.service import QuestionService
from ui import texts
from ui.api.files import FILE, ExportRequest, file_response, source_cell
from ui.api.guards import JSON_BODY
from ui.exports import Sheet, Value

Row = TypeVar("Row", ProjectRow, EnterpriseRow)


def router(service: QuestionService) -> APIRouter:
    """Routes for projects, enterprises, and what is related to one."""
    routes = APIRouter(tags=["projects"])

    @routes.get("/projects")
    def projects() -> list[ProjectRow]:
        """All projects, in the order of the plans."""
        return list(tables.projects(service.knowledge))

    @routes.get("/enterprises")
    def enterprises() -> list[EnterpriseRow]:
        """All firms, in the order in which the plans name them."""
        return list(tables.enterprises(service.knowledge))

    @routes.get("/related/{id:path}")
    def what_is_related(id: str, limit: Annotated[int, Query(ge=1, le=100)] = 12) -> list[Related]:
        """Projects and firms that are tied to a thing or share something with it, and why."""
        return list(related.related(service.knowledge, id, limit))

    @routes.post("/projects/export", dependencies=[JSON_BODY], **FILE)
    def export_projects(wanted: ExportRequest) -> Response:
        """Projects as CSV, Excel or Word, each with its place in the plan."""
        rows = _chosen(tables.projects(service.knowledge), wanted.ids)
        return file_response(_projects_sheet(rows), wanted.format)

    @routes.post("/enterprises/export", dependencies=[JSON_BODY], **FILE)
    def export_enterprises(wanted: ExportRequest) -> Response:
        """Firms as CSV, Excel or Word, each with its place in the plan."""
        rows = _chosen(tables.enterprises(service.knowledge), wanted.ids)
        return file_response(_enterprises_sheet(rows), wanted.format)

    return routes


def _chosen(rows: Iterable[Row], ids: Sequence[str] | None) -> list[Row]:
    if ids is None:
        return list(rows)
    by_id = {row.thing.id: row for row in rows}
    return [by_id[id] for id in ids if id in by_id]


def _projects_sheet(rows: Iterable[ProjectRow]) -> Sheet:
    words = texts.section("projects")
    columns = ("PLAN", "BOX", "NUMBER", "PROJECT", "OWNERS", "INDUSTRIES", "TOWNS", "PLACES", "STATUS",
               "CAPACITY", "INVESTMENT", "AMOUNT", "SOURCE")  # fmt: skip
    cells: list[tuple[Value, ...]] = [
        (row.plan, row.box, row.number, row.thing.name, _names(row.owners), _names(row.industries),
         _names(row.towns), _names(row.places), row.status, row.capacity, row.investment,
         row.investment_yi_yuan, source_cell(row.place))
        for row in rows
    ]  # fmt: skip
    return Sheet(words["PROJECTS"], [words[column] for column in columns], cells)


def _enterprises_sheet(rows: Iterable[EnterpriseRow]) -> Sheet:
    words = texts.section("projects")
    columns = ("PLAN", "ENTERPRISE", "ALIASES", "GROUP", "INDUSTRIES", "TOWNS", "PLACES", "PROJECT_COUNT",
               "PROJECTS", "INVESTED", "AMOUNT", "PRODUCTS", "PARTNERS", "CHAINS", "SOURCE")  # fmt: skip
    cells: list[tuple[Value, ...]] = [
        (row.plan, row.thing.name, "、".join(row.aliases), row.group.name if row.group else "",
         _names(row.industries), _names(row.towns), _names(row.places), len(row.projects),
         _names(row.projects), row.invested, row.investment_yi_yuan, _names(row.products),
         _names(row.partners), _names(row.chains), source_cell(row.place))
        for row in rows
    ]  # fmt: skip
    return Sheet(words["ENTERPRISES"], [words[column] for column in columns], cells)


def _names(things: Iterable[Thing]) -> str:
    return "、".join(thing.name for thing in things)
