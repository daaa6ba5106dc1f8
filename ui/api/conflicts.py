"""Statements of a plan that disagree; as files for the drafting office."""

from __future__ import annotations

from collections.abc import Iterable

from fastapi import APIRouter, Response

from qa.browse import contradictions
from qa.browse.contradictions import Compared
from qa.reports import Statement
from qa.service import QuestionService
from ui import texts
from ui.api.files import FILE, ExportRequest, file_response
from ui.api.guards import JSON_BODY
from ui.exports import Sheet, Value


def router(service: QuestionService) -> APIRouter:
    """Routes under ``/conflicts``."""
    routes = APIRouter(prefix="/conflicts", tags=["conflicts"])

    @routes.get("")
    def found() -> list[Compared]:
        """All contradictions, in the order of their first statements, with what differs."""
        return list(contradictions.compared(service.knowledge))

    @routes.post("/export", dependencies=[JSON_BODY], **FILE)
    def export(wanted: ExportRequest) -> Response:
        """Contradictions as CSV, Excel or Word. ``ids`` are their kinds."""
        all_found = contradictions.compared(service.knowledge)
        chosen = [item for item in all_found if wanted.ids is None or item.conflict.kind in wanted.ids]
        return file_response(_sheet(chosen), wanted.format)

    return routes


def _sheet(found: Iterable[Compared]) -> Sheet:
    words = texts.section("conflicts")
    columns = ("NUMBER", "KIND", "FIRST", "FIRST_PLACE", "SECOND", "SECOND_PLACE", "CONFIDENCE")
    cells: list[tuple[Value, ...]] = []
    for number, item in enumerate(found, 1):
        first, second = item.conflict.statements
        cells.append(
            (number, item.conflict.title, _one_line(first.quote), _place(first), _one_line(second.quote),
             _place(second), item.conflict.confidence)
        )  # fmt: skip
    return Sheet(words["TAB"], [words[column] for column in columns], cells)


def _place(statement: Statement) -> str:
    return f"{statement.locator}（{statement.source} {statement.start}–{statement.end}）"


def _one_line(text: str) -> str:
    return " ".join(text.split())
