"""The plans' texts, for reading."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from qa.browse import text
from qa.browse.text import Heading, Hits, NameSpan, PlanText, StretchKnowledge, TextBlock
from qa.model import SourceExcerpt
from qa.service import QuestionService

_Offset = Annotated[int, Query(ge=0, description="offset in characters")]
_MAX_SEARCHED_CHARS = 200
_MAX_HITS = 2000


def router(service: QuestionService) -> APIRouter:
    """Routes under ``/source``."""
    routes = APIRouter(prefix="/source", tags=["source"])

    @routes.get("")
    def plans() -> list[PlanText]:
        """The plans that can be read."""
        return list(text.plans(service.knowledge))

    @routes.get("/{plan}/excerpt")
    def excerpt(plan: str, start: int, end: int, context_chars: int = 400) -> SourceExcerpt:
        """The text around ``[start, end)`` of a plan, with what to highlight; offsets in characters."""
        return service.source(plan, start, end, context_chars=max(0, min(context_chars, 20_000)))

    @routes.get("/{plan}/outline")
    def outline(plan: str) -> list[Heading]:
        """Chapters, sections, sub-headings, boxes and tables in the order of the text."""
        return list(text.outline(service.knowledge, plan))

    @routes.get("/{plan}/blocks")
    def blocks(plan: str, start: _Offset = 0, end: _Offset | None = None) -> list[TextBlock]:
        """The blocks (headings, paragraphs, items, cells) that touch ``[start, end)``; by default all."""
        return list(text.blocks(service.knowledge, plan, start, end))

    @routes.get("/{plan}/names")
    def names(plan: str, start: _Offset, end: _Offset) -> list[NameSpan]:
        """The names of things in ``[start, end)``."""
        return list(text.names(service.knowledge, plan, start, end))

    @routes.get("/{plan}/search")
    def search(
        plan: str,
        wanted: Annotated[str, Query(alias="text")],
        limit: Annotated[int, Query(ge=1, le=_MAX_HITS)] = 500,
    ) -> Hits:
        """Where a text stands, whatever its width, case and line breaks: how often, and the first places."""
        return text.search(service.knowledge, plan, wanted[:_MAX_SEARCHED_CHARS], limit)

    @routes.get("/{plan}/knowledge")
    def knowledge(plan: str, start: _Offset, end: _Offset) -> StretchKnowledge:
        """What the graph knows of ``[start, end)``: things and relations stated there, contradictions."""
        return text.known(service.knowledge, plan, start, end)

    return routes
