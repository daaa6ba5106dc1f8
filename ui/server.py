"""The web server: the page, its scripts and the HTTP API in one application, on one address."""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

from kg.errors import SettingsError
from qa.service import QuestionService
from ui import VERSION, texts
from ui.api import add_api, registry
from ui.app import EXAMPLES_DIR, mount_page
from ui.service import AnsweringService
from ui.tabs import ASSETS, shown_tabs

log = logging.getLogger(__name__)

#: how long requests that are under way may take to end when the server stops
_SHUTDOWN_S = 3
_API_DESCRIPTION = (
    "Answers from a plan's own words, each with its place to the character; see docs/http-api.md. Only "
    "reading; no keys; for programs on the same machine or intranet. Errors are one line in Chinese."
)


def build_server(service: AnsweringService, examples_dir: Path = EXAMPLES_DIR) -> FastAPI:
    """The application over a service; not yet served. The API needs a `QuestionService`.

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
    if isinstance(service, QuestionService):
        add_api(app, service)
    app.mount("/app", StaticFiles(directory=ASSETS / "app"), name="app")
    mount_page(app, service, shown_tabs(admin=False), examples_dir)
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


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET
