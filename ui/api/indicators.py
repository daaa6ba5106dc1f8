"""The plans' indicators: values, what they take a year, what the text says of them; as files."""

from __future__ import annotations

from collections.abc import Iterable

from fastapi import APIRouter, Response

from qa.browse import indicators
from qa.browse.indicators import IndicatorRow
from qa.service import QuestionService
from ui import texts
from ui.api.files import FILE, ExportRequest, file_response, source_cell
from ui.api.guards import JSON_BODY
from ui.exports import Sheet, Value


def router(service: QuestionService) -> APIRouter:
    """Routes under ``/indicators``."""
    routes = APIRouter(prefix="/indicators", tags=["indicators"])

    @routes.get("")
    def rows() -> list[IndicatorRow]:
        """All indicators, in the order of the tables."""
        return list(indicators.indicators(service.knowledge))

    @routes.post("/export", dependencies=[JSON_BODY], **FILE)
    def export(wanted: ExportRequest) -> Response:
        """Indicators as CSV, Excel or Word, each with its place in the plan."""
        found = indicators.indicators(service.knowledge)
        chosen = [row for row in found if wanted.ids is None or row.thing.id in wanted.ids]
        return file_response(_sheet(chosen), wanted.format)

    return routes


def _sheet(rows: Iterable[IndicatorRow]) -> Sheet:
    words = texts.section("indicators")
    columns = ("PLAN", "GROUP", "NUMBER", "INDICATOR", "UNIT", "ATTRIBUTE", "BASE_YEAR", "BASE",
               "TARGET_YEAR", "TARGET", "CHANGE", "GROWTH_PRINTED", "NEEDED", "FORMULA",
               "SOURCE")  # fmt: skip
    cells: list[tuple[Value, ...]] = [
        (row.plan, row.group, row.number, row.thing.name, row.unit, row.attribute, row.base_year,
         row.base if row.base_number is None else row.base_number, row.target_year,
         row.target if row.target_number is None or row.target_comparator != "=" else row.target_number,
         row.change, row.growth_printed, round(row.needed.value, 2) if row.needed else None,
         row.needed.expression if row.needed else "", source_cell(row.place))
        for row in rows
    ]  # fmt: skip
    return Sheet(words["TAB"], [words[column] for column in columns], cells)
