"""The HTTP API under ``/api/v1``: one module a resource with ``router(service)``; errors in one form."""

from __future__ import annotations

import logging

from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse

from kg.errors import CypherError, CypherRefusedError, InputError, PlankgError
from qa.service import QuestionService
from ui import texts
from ui.api import registry

log = logging.getLogger(__name__)

PREFIX = "/api/v1"


def add_api(app: FastAPI, service: QuestionService) -> None:
    """Add every resource to an application, and say errors as ``{"error": {"message": …}}``."""
    api = APIRouter(prefix=PREFIX)
    for make in registry.ROUTERS:
        api.include_router(make(service))
    app.include_router(api)
    app.add_exception_handler(PlankgError, _known)
    app.add_exception_handler(RequestValidationError, _malformed)
    app.add_exception_handler(Exception, _unexpected)


def error_response(status: int, message: str) -> JSONResponse:
    """An error as every route gives it."""
    return JSONResponse({"error": {"message": message}}, status_code=status)


async def _known(request: Request, error: Exception) -> JSONResponse:
    """What the user gave is 400, what may not be done 403, what is missing or down 503."""
    if isinstance(error, CypherRefusedError):
        return error_response(403, str(error))
    return error_response(400 if isinstance(error, InputError | CypherError) else 503, str(error))


async def _malformed(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"])
    return error_response(422, f"请求中的 {where} 无法使用：{first['msg']}。")


async def _unexpected(request: Request, error: Exception) -> JSONResponse:
    log.error("%s failed", request.url.path, exc_info=error)
    return error_response(500, texts.UNEXPECTED)
