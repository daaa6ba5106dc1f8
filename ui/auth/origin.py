"""Other sites' pages may not change anything here through their visitors' browsers."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from ui import texts
from ui.api.errors import error_response

_READING = frozenset({"GET", "HEAD", "OPTIONS"})
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class SameOrigin:
    """ASGI middleware that refuses what changes something where a browser says that another site asks.

    Programs say nothing of the kind, and pass.
    """

    def __init__(self, app: ASGIApp) -> None:
        """Around an application."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As any ASGI application."""
        kind = scope["type"]
        changes = kind == "websocket" or (kind == "http" and scope["method"] not in _READING)
        if changes and _from_elsewhere(Headers(scope=scope)):
            if kind == "websocket":
                await send({"type": "websocket.close", "code": 4403})
                return
            refused = error_response(403, texts.section("login")["ELSEWHERE"], Request(scope))
            await refused(scope, receive, send)
            return
        await self._app(scope, receive, send)


def _from_elsewhere(headers: Mapping[str, str]) -> bool:
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = headers.get("origin")
    # browsers on plain http beyond loopback send no Sec-Fetch-Site
    ours = (headers.get("host"), headers.get("x-forwarded-host"))
    return origin is not None and urlsplit(origin).netloc not in ours


def is_local(request: Request) -> bool:
    """Whether a request comes from this machine, and asks for it by its own name.

    The name counts because another site's may be made to lead here.
    """
    host = urlsplit(f"//{request.headers.get('host', '')}").hostname
    return request.client is not None and request.client.host in LOOPBACK and host in LOOPBACK
