"""The plans' texts, for reading."""

from __future__ import annotations

from fastapi import APIRouter

from qa.model import SourceExcerpt
from qa.service import QuestionService


def router(service: QuestionService) -> APIRouter:
    """Routes under ``/source``."""
    routes = APIRouter(prefix="/source", tags=["source"])

    @routes.get("/{plan}/excerpt")
    def excerpt(plan: str, start: int, end: int, context_chars: int = 400) -> SourceExcerpt:
        """The text around ``[start, end)`` of a plan, with what to highlight; offsets in characters."""
        return service.source(plan, start, end, context_chars=max(0, min(context_chars, 20_000)))

    return routes
