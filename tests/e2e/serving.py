"""The page served for a test."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from tests.fakes import FakeService


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
