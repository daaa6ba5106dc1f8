"""Things of the graph: found as their names are typed, and everything about one."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from kg.schema import Label
from qa.browse import things
from qa.browse.model import Card, Thing
from qa.service import QuestionService


def router(service: QuestionService) -> APIRouter:
    """Routes under ``/entities``."""
    routes = APIRouter(prefix="/entities", tags=["entities"])

    @routes.get("")
    def search(
        text: str,
        label: Annotated[list[Label] | None, Query()] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 20,
    ) -> list[Thing]:
        """Things whose name, or its pinyin, begins with or holds the text; the best first."""
        return list(things.search(service.knowledge, text[:100], label or (), limit))

    @routes.get("/{id:path}")
    def card(id: str) -> Card:
        """Everything that the graph has about a thing: attributes, facts with quotes, sentences naming it."""
        return things.card(service.knowledge, id)

    return routes
