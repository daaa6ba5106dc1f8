"""The web server: the page, its scripts and the HTTP API in one application, on one address."""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

from kg.errors import SettingsError
from kg.settings import Settings
from qa.service import QuestionService
from ui import VERSION, texts
from ui.admin.jobs import BuildJobs
from ui.api import add_api, admin, registry
from ui.app import EXAMPLES_DIR, mount_page
from ui.auth.gate import Gate
from ui.auth.origin import LOOPBACK, SameOrigin
from ui.auth.users import Users
from ui.service import AnsweringService
from ui.tabs import ASSETS, shown_tabs

log = logging.getLogger(__name__)

#: how long requests that are under way may take to end when the server stops
_SHUTDOWN_S = 3
_API_DESCRIPTION = (
    "Answers from a plan's own words, each with its place to the character; see docs/http-api.md. Nothing "
    "but verdicts on answers is written; for programs on the same machine or intranet. Errors are one line "
    "in Chinese."
)


def build_server(
    service: AnsweringService,
    examples_dir: Path = EXAMPLES_DIR,
    *,
    users: Users | None = None,
    jobs: BuildJobs | None = None,
) -> FastAPI:
    """The application over a service; not yet served. The API needs a `QuestionService`.

    ``users``: who may use it; everybody without. ``jobs``: what administrators change the state with; none
    without.

    Raises: PlankgError: the service has nothing loaded, or an example file is unusable.
    """
    # No pages of FastAPI's own: they load their scripts from the internet
    app = FastAPI(
        title=texts.APP_TITLE,
        version=VERSION,
        description=_API_DESCRIPTION,
        openapi_tags=[dict(tag) for tag in registry.TAGS],
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/openapi.json",
    )
    api = isinstance(service, QuestionService)
    if isinstance(service, QuestionService):
        more = [partial(admin.router, jobs=jobs, users=users)] if jobs else []
        add_api(app, service, more)
    app.mount("/app", StaticFiles(directory=ASSETS / "app"), name="app")
    mount_page(app, service, shown_tabs(admin=jobs is not None), examples_dir, api=api, signed=bool(users))
    # the last added is asked first
    if users is not None:
        app.add_middleware(Gate, users=users)
    app.add_middleware(SameOrigin)
    return app


@dataclass(frozen=True, slots=True)
class RunningServer:
    """A server in a thread of its own."""

    address: str
    _server: uvicorn.Server
    _thread: threading.Thread

    def wait(self) -> None:
        """Return when the server has ended."""
        while self._thread.is_alive():
            self._thread.join(timeout=1)  # not without a limit: that would not see Ctrl-C

    def close(self) -> None:
        """End it, and return when it has ended."""
        self._server.should_exit = True
        self._thread.join()


def start(app: FastAPI, host: str, port: int) -> RunningServer:
    """Serve in a thread and return once the page answers.

    Raises: SettingsError: the address cannot be bound.
    """
    try:
        listener = socket.create_server((host, port), family=_family(host), backlog=2048)
    except OSError as exc:
        raise SettingsError(texts.PORT_IN_USE.format(host=host, port=port)) from exc
    server = uvicorn.Server(
        uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=_SHUTDOWN_S)
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="web", daemon=True)
    thread.start()
    while thread.is_alive() and not server.started:
        thread.join(timeout=0.02)
    if not server.started:
        raise SettingsError(texts.PORT_IN_USE.format(host=host, port=port))
    shown = f"[{host}]" if ":" in host else host
    address = f"http://{shown}:{listener.getsockname()[1]}/"
    log.info("web page at %s", address)
    return RunningServer(address, server, thread)


def serve(app: FastAPI, host: str, port: int, on_ready: Callable[[str], None] | None = None) -> None:
    """Serve until the process is interrupted; ``on_ready`` gets the page's address.

    Raises: SettingsError: the address cannot be bound.
    """
    running = start(app, host, port)
    try:
        if on_ready is not None:
            on_ready(running.address)
        running.wait()
    except KeyboardInterrupt:
        log.info("web page stopped")
    finally:
        running.close()


def access(settings: Settings, host: str) -> tuple[Users | None, BuildJobs | None]:
    """Who may use the page, and what administrators change the state with.

    Raises: SettingsError: the file of users cannot be used; or anybody on the net would be administrator.
    """
    users = Users(settings.auth) if settings.auth else None
    if settings.admin and users is None and host not in LOOPBACK:
        raise SettingsError(texts.ADMIN_OPEN.format(host=host))
    return users, BuildJobs(settings) if settings.admin else None


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET
