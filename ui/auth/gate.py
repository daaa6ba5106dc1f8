"""Nobody gets past who has not signed in: people by a form and a cookie, programs by name and password."""

from __future__ import annotations

import base64
import binascii
import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs, quote, urlencode

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from ui import texts
from ui.api.errors import error_response
from ui.auth.login import login_html
from ui.auth.users import User, Users

COOKIE = "plankg_session"
_SESSION_S = 12 * 3600
#: failures in a row after which a name is refused for a while, whatever the password
_MOST_FAILURES = 5
_PAUSE_S = 60.0
#: names whose failures are remembered, and sessions that are kept
_MOST_KEPT = 10_000
#: what browsers fetch without the page's cookies, and what says nothing of the plans
_OPEN = frozenset({"/manifest.json", "/favicon.ico"})
_FORM_BYTES = 10_000
_LOGIN, _LOGOUT = "/login", "/logout"


@dataclass
class _Failures:
    """How often in a row a name was given a wrong password, and when last."""

    count: int = 0
    last: float = 0.0


class Gate:
    """ASGI middleware that lets pass who has signed in, as ``scope["state"]["user"]``."""

    def __init__(self, app: ASGIApp, users: Users) -> None:
        """Sessions are kept in memory: a restart signs everybody out."""
        self._app = app
        self._users = users
        self._sessions: dict[str, tuple[str, float]] = {}
        self._failures: dict[str, _Failures] = {}
        self._lock = threading.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As any ASGI application."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        path = scope["path"].removeprefix(scope.get("root_path", "")) or "/"
        if scope["type"] == "http" and path in (_LOGIN, _LOGOUT):
            response = await self._sign(Request(scope, receive), path)
            await response(scope, receive, send)
            return
        if path in _OPEN:
            await self._app(scope, receive, send)
            return
        user = self._by_cookie(Request({**scope, "type": "http"})) or await self._by_header(headers)
        if user is None:
            await self._refused(scope, headers)(scope, receive, send)
            return
        scope.setdefault("state", {})["user"] = user
        await self._app(scope, receive, send)

    # -- who it is

    def _by_cookie(self, request: Request) -> User | None:
        name, until = self._sessions.get(request.cookies.get(COOKIE, ""), ("", 0.0))
        return self._users.get(name) if until > time.monotonic() else None

    async def _by_header(self, headers: Mapping[str, str]) -> User | None:
        """HTTP's basic scheme; the same value, or `name:password`, may come as OpenAI's clients send keys."""
        scheme, _, value = headers.get("authorization", "").partition(" ")
        if scheme.lower() not in ("basic", "bearer"):
            return None
        if scheme.lower() == "basic" or ":" not in value:
            try:
                value = base64.b64decode(value, validate=True).decode()
            except (binascii.Error, UnicodeDecodeError):
                return None
        name, colon, password = value.partition(":")
        return await self._checked(name, password) if colon else None

    async def _checked(self, name: str, password: str) -> User | None:
        """The user, if the password is theirs and was not guessed at too often."""
        if self._pausing(name):
            return None
        user = await run_in_threadpool(self._users.verify, name, password)
        with self._lock:
            if user:
                self._failures.pop(name, None)
            else:
                if len(self._failures) >= _MOST_KEPT:
                    self._failures.clear()
                failed = self._failures.setdefault(name, _Failures())
                failed.count, failed.last = failed.count + 1, time.monotonic()
        return user

    def _pausing(self, name: str) -> bool:
        failed = self._failures.get(name)
        if failed is None or time.monotonic() - failed.last > _PAUSE_S:
            self._failures.pop(name, None)
            return False
        return failed.count >= _MOST_FAILURES

    # -- signing in and out

    async def _sign(self, request: Request, path: str) -> Response:
        root = request.scope.get("root_path", "")
        if path == _LOGOUT:
            self._sessions.pop(request.cookies.get(COOKIE, ""), None)
            response: Response = RedirectResponse(f"{root}{_LOGIN}", 303)
            response.delete_cookie(COOKIE)
            return response
        following = _within(request.query_params.get("next", ""))
        if request.method != "POST":
            return HTMLResponse(login_html(following))
        form = parse_qs(await _start_of_body(request))
        name, password = (form.get(each, [""])[0] for each in ("name", "password"))
        if self._pausing(name):
            return HTMLResponse(login_html(following, texts.section("login")["PAUSE"]), 429)
        if await self._checked(name, password) is None:
            return HTMLResponse(login_html(following, texts.section("login")["WRONG"]), 401)
        response = RedirectResponse(f"{root}{following}", 303)
        secure = request.url.scheme == "https"
        token = self._session(name)
        response.set_cookie(COOKIE, token, _SESSION_S, httponly=True, samesite="lax", secure=secure)
        return response

    def _session(self, name: str) -> str:
        token, now = secrets.token_urlsafe(32), time.monotonic()
        with self._lock:
            self._sessions = {key: kept for key, kept in self._sessions.items() if kept[1] > now}
            while len(self._sessions) >= _MOST_KEPT:
                self._sessions.pop(next(iter(self._sessions)))
            self._sessions[token] = (name, now + _SESSION_S)
        return token

    def _refused(self, scope: Scope, headers: Headers) -> ASGIApp:
        if scope["type"] == "websocket":
            return _close
        if scope["method"] == "GET" and "text/html" in headers.get("accept", ""):
            asked = scope["path"] + (f"?{scope['query_string'].decode()}" if scope["query_string"] else "")
            return RedirectResponse(f"{scope.get('root_path', '')}{_LOGIN}?{urlencode({'next': asked})}", 303)
        basic = {"WWW-Authenticate": f'Basic realm="{quote(texts.APP_TITLE)}", charset="UTF-8"'}
        return error_response(401, texts.section("login")["NEEDED"], Request(scope), basic)


async def _start_of_body(request: Request) -> str:
    """The form that was sent; of what is longer than any form of ours, no more is read."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _FORM_BYTES:
            break
    return body[:_FORM_BYTES].decode("utf-8", "replace")


def _within(address: str) -> str:
    """An address of this site; the page for anything else, which may lead away."""
    safe = address.startswith("/") and not address.startswith(("//", "/\\")) and address.isprintable()
    return quote(address, safe="/?&=:%-_.~,") if safe else "/"


async def _close(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "websocket.close", "code": 4401})
