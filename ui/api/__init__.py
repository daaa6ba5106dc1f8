"""The HTTP API: one module a resource with ``router(service)``, listed in `ui.api.registry`."""

from __future__ import annotations

from collections.abc import Iterable

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute

from qa.service import QuestionService
from ui.api import registry
from ui.api.errors import (
    EVERYWHERE,
    OPENAI_PREFIX,
    ErrorDocument,
    OpenAIErrorDocument,
    add_error_handlers,
    error_response,
    responses,
)
from ui.api.guards import BODY_LIMIT_BYTES, BodyLimit, unknown_addresses

__all__ = ["PREFIX", "add_api", "error_response"]

PREFIX = "/api/v1"


def add_api(app: FastAPI, service: QuestionService, more: Iterable[registry.Router] = ()) -> None:
    """Add every resource to an application, and tell errors in one form (`ui.api.errors`).

    ``more``: resources that not every server has.
    """
    for prefix, routers, errors in (
        (PREFIX, (*registry.ROUTERS, *more), responses(ErrorDocument, *EVERYWHERE)),
        (OPENAI_PREFIX, registry.OPENAI_ROUTERS, responses(OpenAIErrorDocument, *EVERYWHERE)),
    ):
        api = APIRouter(prefix=prefix, responses=errors, generate_unique_id_function=_operation)
        for make in routers:
            api.include_router(make(service), max_body_size=BODY_LIMIT_BYTES)
        app.include_router(api)
        app.include_router(unknown_addresses(app, prefix))
    add_error_handlers(app)
    app.add_middleware(BodyLimit, prefixes=(PREFIX, OPENAI_PREFIX))


def _operation(route: APIRoute) -> str:
    """The operation's name in clients that are generated: tag and function."""
    return "_".join((*(str(tag) for tag in route.tags[:1]), route.name)).replace(" ", "_")
