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
    return named_response(made.write(sheet), sheet.title, format, made.media_type)


def named_response(data: bytes, title: str, suffix: str, media_type: str) -> Response:
    """Data as a file that is saved under a title and today's date."""
    name = quote(f"{title}-{date.today().isoformat()}.{suffix}")
    headers = {"Content-Disposition": f"attachment; filename=export.{suffix}; filename*=UTF-8''{name}"}
    return Response(data, media_type=media_type, headers=headers)


def source_cell(place: Place | None) -> str:
    """Where a row stands, in one cell: place in the document, offsets, quote."""
    if place is None:
        return ""
    return f"{place.locator}（{place.plan} {place.start}–{place.end}）：{' '.join(place.quote.split())}"
