"""The page served for a test."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from tests.e2e.cli import CommandLine
from tests.fakes import FakeService


@contextmanager
def served(command: CommandLine, port: int | None = None) -> Iterator[str]:
    """The page as ``plankg serve`` serves it with these variables; gives its address."""
    arguments = ("-m", "ui.cli", "serve", "--port", str(port or free_port()))
    with command.started(*arguments) as process:
        assert process.stdout is not None
        ready = process.stdout.readline()
        address = re.search(r"http://[\w.]+:\d+/?", ready)
        assert address, (ready, process.stderr.read() if process.stderr else "")
        # what it writes later must not fill its pipe
        threading.Thread(target=process.stderr.read if process.stderr else str, daemon=True).start()
        yield address.group()


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(service: FakeService, examples_dir: Path) -> Iterator[str]:
    """The page over a service, on a free port; gives its address."""
    from ui.server import build_server, start

    port = free_port()
    server = start(build_server(service, examples_dir), "127.0.0.1", port)
    try:
        yield f"http://127.0.0.1:{port}/"
    finally:
        service.proceed.set()
        server.close()
