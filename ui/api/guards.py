"""What requests are refused before a route sees them."""

from __future__ import annotations

from collections.abc import Collection
from email.message import Message

from fastapi import APIRouter, Depends, FastAPI, HTTPException, Request
from starlette.datastructures import Headers
from starlette.routing import Match
from starlette.types import ASGIApp, Receive, Scope, Send

from ui.api.errors import refusal

#: more than any conversation needs; a route that takes files sets its own limit (``max_body_size``)
BODY_LIMIT_BYTES = 2 << 20


class BodyLimit:
    """Tells in our form that a body is too long, before any of it is read.

    FastAPI's own limit (``max_body_size``) tells it as plain text where the length was announced; it
    stays for bodies whose length was not. Files are left to it.
    """

    def __init__(self, app: ASGIApp, prefixes: Collection[str]) -> None:
        """``prefixes``: where the routes are that take at most `BODY_LIMIT_BYTES`."""
        self._app = app
        self._prefixes = tuple(f"{prefix}/" for prefix in prefixes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As any ASGI application."""
        if scope["type"] == "http" and scope["path"].startswith(self._prefixes):
            headers = Headers(scope=scope)
            length = headers.get("content-length", "")
            too_long = length.isdecimal() and int(length[:20]) > BODY_LIMIT_BYTES
            if too_long and _media_type(headers) != "multipart/form-data":
                await refusal(413, Request(scope))(scope, receive, send)
                return
        await self._app(scope, receive, send)


def _media_type(headers: Headers) -> str:
    header = Message()
    header["content-type"] = headers.get("content-type", "")
    return header.get_content_type()


async def _json_body(request: Request) -> None:
    """Refuse a body that does not call itself JSON.

    A page of another site may post forms and plain text anywhere without asking; for JSON its browser
    asks first, and is not allowed to.
    """
    if _media_type(request.headers) != "application/json":
        raise HTTPException(415)


#: for routes that take JSON
JSON_BODY = Depends(_json_body)


def unknown_addresses(app: FastAPI, prefix: str) -> APIRouter:
    """What answers below a prefix where no route does; else the page, mounted at the root, would."""
    routes = APIRouter(prefix=prefix, include_in_schema=False)
    methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]

    @routes.api_route("/{path:path}", methods=methods)
    async def unknown(request: Request) -> None:
        known = (route for route in app.router.routes if getattr(route, "name", "") != "unknown")
        other_method = any(route.matches(request.scope)[0] is Match.PARTIAL for route in known)
        raise HTTPException(405 if other_method else 404)

    return routes
