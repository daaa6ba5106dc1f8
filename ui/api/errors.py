"""Errors of the HTTP API, in one form: ``{"error": {"message": one Chinese line}}``; never a traceback.

Routes under ``/v1`` add what OpenAI's clients look for.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from kg.errors import CypherError, CypherRefusedError, InputError, PlankgError
from ui import texts

log = logging.getLogger(__name__)

OPENAI_PREFIX = "/v1"
#: errors that every route may give
EVERYWHERE = (400, 422, 500, 503)
#: what of a request Pydantic refused, by its types of errors; the rest is told as unusable
_REASONS = {
    "bool_parsing": "应为 true 或 false",
    "bool_type": "应为 true 或 false",
    "dict_type": "应为 JSON 对象",
    "extra_forbidden": "不是这个接口的参数",
    "float_parsing": "应为数字",
    "float_type": "应为数字",
    "greater_than_equal": "应不小于 {ge}",
    "int_from_float": "应为整数",
    "int_parsing": "应为整数",
    "int_parsing_size": "太大",
    "int_type": "应为整数",
    "less_than_equal": "应不大于 {le}",
    "list_type": "应为列表",
    "literal_error": "应为 {expected}",
    "model_attributes_type": "应为 JSON 对象",
    "model_type": "应为 JSON 对象",
    "recursion_loop": "嵌套太深",
    "string_too_long": "最多 {max_length} 个字",
    "string_too_short": "不能为空",
    "string_type": "应为文字",
    "string_unicode": "不是有效的 UTF-8 文本",
    "too_long": "最多 {max_length} 项",
    "too_short": "不能为空",
    "tuple_type": "应为列表",
}
_STATUS = {
    400: "请求的内容无法读取。请发送 UTF-8 编码的 JSON。",
    404: "没有这个接口。全部接口见 /api/openapi.json。",
    405: "这个接口不接受 {method} 请求。用法见 /api/openapi.json。",
    413: "请求太大。请缩短后再试。",
    415: "请求的内容应是 JSON。请设置 Content-Type: application/json。",
}
_OTHER_STATUS = "请求没有完成（{status}）。用法见 /api/openapi.json。"


class ApiError(BaseModel):
    """What went wrong and what to do, in one Chinese line."""

    message: str


class ErrorDocument(BaseModel):
    """The body of every error."""

    error: ApiError


class OpenAIError(ApiError):
    """An error as OpenAI's clients read it."""

    type: str
    param: str | None
    code: str | None


class OpenAIErrorDocument(BaseModel):
    """The body of every error of the routes for OpenAI's clients."""

    error: OpenAIError


class ToldError(HTTPException):
    """A refusal with a line of its own for the user."""

    def __init__(self, status: int, line: str) -> None:
        """``line``: what happened and what to do."""
        super().__init__(status, line)


class MissingError(ToldError):
    """There is no such thing at this address."""

    def __init__(self, line: str) -> None:
        """``line``: what happened and what to do."""
        super().__init__(404, line)


def responses(document: type[BaseModel], *statuses: int) -> dict[int | str, dict[str, Any]]:
    """The error responses of a route, for its OpenAPI description."""
    return {status: {"model": document, "description": HTTPStatus(status).phrase} for status in statuses}


def json_responses(document: type[BaseModel], *statuses: int) -> dict[int | str, dict[str, Any]]:
    """`responses` of a route whose success is no JSON, those of every route included: FastAPI would call
    them what the success is.
    """
    schema = {"schema": {"$ref": f"#/components/schemas/{document.__name__}"}}
    return {
        status: {"description": HTTPStatus(status).phrase, "content": {"application/json": schema}}
        for status in (*EVERYWHERE, *statuses)
    }


def add_error_handlers(app: FastAPI) -> None:
    """Tell every error of an application's own routes in the one form."""
    app.add_exception_handler(PlankgError, _known)
    app.add_exception_handler(RequestValidationError, _malformed)
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(Exception, _unexpected)


def error_response(
    status: int, message: str, request: Request | None = None, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """An error as every route gives it."""
    error: dict[str, str | None] = {"message": message}
    if request is not None and _is_openai(request):
        kind = "invalid_request_error" if status < 500 else "server_error"
        error |= {"type": kind, "param": None, "code": None}
    return JSONResponse({"error": error}, status_code=status, headers=headers)


def status_of(error: Exception) -> int:
    """What the user gave is 400, what may not be done 403, what is missing or down 503, a defect 500."""
    if isinstance(error, CypherRefusedError):
        return 403
    if isinstance(error, InputError | CypherError):
        return 400
    return 503 if isinstance(error, PlankgError) else 500


def message_of(error: Exception) -> str:
    """The line for the user; what no user can do anything about goes to the log."""
    if isinstance(error, PlankgError):
        return str(error)
    log.error("request failed", exc_info=error)
    return texts.UNEXPECTED


def _is_openai(request: Request) -> bool:
    return str(request.scope.get("path", "")).startswith(f"{OPENAI_PREFIX}/")


async def _known(request: Request, error: Exception) -> JSONResponse:
    return error_response(status_of(error), str(error), request)


async def _malformed(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    return error_response(400 if _is_openai(request) else 422, malformed_line(error.errors()[0]), request)


def malformed_line(error: Mapping[str, Any]) -> str:
    """One of Pydantic's errors, for users."""
    kind, place = str(error["type"]), error["loc"]
    if kind == "json_invalid" or (kind == "missing" and len(place) < 2):
        return "请求的内容不是有效的 JSON。请改正后再试。"
    # the first says whether it stood in the address or in the body
    where = ".".join(str(part) for part in place[1:])[:100]
    if kind == "missing":
        return f"请求中缺少 {where}。请补上后再试。"
    reason = _REASONS.get(kind, "无法使用").format_map(error.get("ctx", {}))
    if kind == "value_error":
        reason = str(error.get("ctx", {}).get("error", reason))
    return f"请求中的 {where} {reason}。请改正后再试。" if where else f"请求的内容{reason}。请改正后再试。"


def refusal(status: int, request: Request, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """An error of the request itself, told by its status."""
    line = _STATUS.get(status, _OTHER_STATUS).format(method=request.method, status=status)
    return error_response(status, line, request, headers)


async def _refused(request: Request, error: Exception) -> JSONResponse:
    """What the framework refuses: unknown addresses and methods, bodies that are too long or no JSON."""
    assert isinstance(error, HTTPException)
    if isinstance(error, ToldError):
        return error_response(error.status_code, error.detail, request)
    return refusal(error.status_code, request, error.headers)


async def _unexpected(request: Request, error: Exception) -> JSONResponse:
    return error_response(500, message_of(error), request)
