"""Answers that are files to take away."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Literal
from urllib.parse import quote

from fastapi import Response
from pydantic import BaseModel, ConfigDict

from qa.browse.model import Place
from ui.api.errors import ErrorDocument, json_responses
from ui.exports import FORMATS, Sheet

#: what every route that gives a file passes to FastAPI
FILE: Mapping[str, Any] = {"response_class": Response, "responses": json_responses(ErrorDocument)}


class ExportRequest(BaseModel):
    """Which rows, in their order, as what. Without ``ids``: all."""

    model_config = ConfigDict(extra="forbid")

    format: Literal["csv", "xlsx", "docx"]
    ids: list[str] | None = None


def file_response(sheet: Sheet, format: str) -> Response:
    """A table as a file that is saved under its title and today's date."""
    made = FORMATS[format]
    name = quote(f"{sheet.title}-{date.today().isoformat()}.{format}")
    headers = {"Content-Disposition": f"attachment; filename=export.{format}; filename*=UTF-8''{name}"}
    return Response(made.write(sheet), media_type=made.media_type, headers=headers)


def source_cell(place: Place | None) -> str:
    """Where a row stands, in one cell: place in the document, offsets, quote."""
    if place is None:
        return ""
    return f"{place.locator}（{place.plan} {place.start}–{place.end}）：{' '.join(place.quote.split())}"
