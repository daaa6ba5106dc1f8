"""Starting the page: where the address is taken, and behind a proxy. No browser needed."""

from __future__ import annotations

import socket
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from kg.errors import SettingsError
from tests.fakes import FakeService


@pytest.fixture
def listener() -> socket.socket:
    return socket.create_server(("127.0.0.1", 0))


def test_a_taken_port_is_named_in_one_line(listener: socket.socket, tmp_path: Path) -> None:
    from ui.server import build_server, start

    with closing(listener):
        port = listener.getsockname()[1]
        with pytest.raises(SettingsError, match=f"127.0.0.1:{port}.*PLANKG_SERVER_PORT") as caught:
            start(build_server(FakeService(), tmp_path), "127.0.0.1", port)
    assert "\n" not in str(caught.value)


def test_the_page_starts_where_a_proxy_is_set(
    listener: socket.socket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ui.server import build_server, start

    port = listener.getsockname()[1]
    listener.close()
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")  # nobody listens there
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "intranet.example")
    server = start(build_server(FakeService(), tmp_path), "127.0.0.1", port)
    try:
        assert httpx.get(f"http://127.0.0.1:{port}/", trust_env=False).status_code == 200
    finally:
        server.close()


def test_importing_the_package_does_not_import_gradio() -> None:
    # a command that serves no page must not wait seconds for it
    check = "import sys, ui, ui.chat.page, ui.chat.transcript; sys.exit('gradio' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0
