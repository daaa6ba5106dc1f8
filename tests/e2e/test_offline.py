"""Nothing that we run looks for a network: neither set-up nor answers nor the page leave the machine."""

from __future__ import annotations

import json
import re
import signal
import socket
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from tests.conftest import SMALL_PLAN
from tests.e2e.cli import SMALL_ANSWER, SMALL_QUESTION, TIMEOUT_S, CommandLine
from tests.e2e.test_mcp_server import asked_by_hand

#: Python runs this at every start. Audit hooks see every socket call and cannot be removed again.
#: What leaves the machine is refused and noted; Unix sockets and the loopback device are free.
_GUARD = '''
import ipaddress, os, sys

def _is_local(host):
    if isinstance(host, bytes):
        host = host.decode("ascii", "replace")
    if host in (None, "", "localhost"):
        return True
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback or host in ("0.0.0.0", "::")
    except ValueError:
        return False

def _guard(event, arguments):
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) else ""
    elif event in ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"):
        host = arguments[0]
    elif event == "socket.getnameinfo":
        host = arguments[0][0]
    else:
        return
    if not _is_local(host):
        note = os.open(os.environ["PLANKG_TEST_REFUSED"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.write(note, f"{event} {host} by {sys.argv}\\n".encode())
        os.close(note)
        raise OSError(f"refused by the test: {event} {host}")

sys.addaudithook(_guard)
'''


@pytest.fixture
def refused(tmp_path: Path) -> Path:
    """The file that names everything the guard refused; missing as long as nothing was."""
    return tmp_path / "refused.txt"


@pytest.fixture
def guarded(tmp_path: Path, models_dir: Path, refused: Path) -> CommandLine:
    """The command line with the guard in each of its processes, and no word about hubs or proxies."""
    (tmp_path / "guard").mkdir()
    (tmp_path / "guard" / "sitecustomize.py").write_text(_GUARD, "utf-8")
    command = CommandLine(
        tmp_path / "home",
        models_dir,
        {"PYTHONPATH": str(tmp_path / "guard"), "PLANKG_TEST_REFUSED": str(refused)},
    )
    environment = command.environment()
    assert [name for name in environment if name.startswith(("HF_", "TRANSFORMERS_", "GRADIO_"))] == []
    return command


@pytest.mark.parametrize(
    "attempt",
    [
        "import socket; socket.create_connection(('192.0.2.1', 80), timeout=1)",
        "import socket; socket.getaddrinfo('plankg.example', 443)",
        "import urllib.request; urllib.request.urlopen('http://192.0.2.1/')",
        "import asyncio; asyncio.run(asyncio.open_connection('192.0.2.1', 80))",
        "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('192.0.2.1', 53))",
    ],
    ids=["connect", "name", "http", "asyncio", "datagram"],
)
def test_the_guard_refuses_and_notes(guarded: CommandLine, refused: Path, attempt: str) -> None:
    assert guarded.run_python("-c", attempt).code == 1
    assert "192.0.2.1" in refused.read_text() or "plankg.example" in refused.read_text()


def test_the_guard_lets_the_loopback_device_through(guarded: CommandLine, refused: Path) -> None:
    script = (
        "import socket; server = socket.create_server(('127.0.0.1', 0)); "
        "socket.create_connection(server.getsockname()); socket.getaddrinfo('localhost', 80)"
    )
    assert guarded.run_python("-c", script).ok() == ""
    assert not refused.exists()


def test_building_asking_and_serving_never_try_the_network(
    guarded: CommandLine, refused: Path, tmp_path: Path
) -> None:
    plan = tmp_path / "plan.txt"
    plan.write_text(SMALL_PLAN, "utf-8")
    assert "建库完成" in guarded.run("build", plan).ok()
    assert SMALL_ANSWER in guarded.run("ask", SMALL_QUESTION).ok()
    with guarded.started("-m", "ui.cli", "serve", "--port", str(_free_port())) as server:
        assert server.stdout is not None
        address = re.search(r"http://127\.0\.0\.1:\d+", server.stdout.readline())
        assert address is not None
        assert SMALL_ANSWER in asked_over_http(address.group(), SMALL_QUESTION)
        counted = {"statement": "MATCH (n) RETURN count(n) > 0 AS some"}
        rows = httpx.post(f"{address.group()}/api/v1/cypher", json=counted, trust_env=False, timeout=60)
        assert rows.json()["rows"] == [{"some": True}]
        server.send_signal(signal.SIGINT)
        out, err = server.communicate(timeout=TIMEOUT_S)
    assert (server.returncode, out, err) == (0, "", "")
    with guarded.started("-m", "ui.cli", "mcp") as assistant:
        assert SMALL_ANSWER in asked_by_hand(assistant, SMALL_QUESTION)
        assert assistant.communicate(timeout=TIMEOUT_S) == ("", "")
    assert not refused.exists(), refused.read_text()


def asked_over_http(address: str, question: str) -> str:
    """The page's HTML of a question's answer, asked as a browser asks: join the queue, read its events."""
    with httpx.Client(base_url=address, trust_env=False, timeout=60) as client:
        assert client.get("/").status_code == 200
        dependencies = client.get("/config").json()["dependencies"]
        ask = next(item for item in dependencies if item["api_name"] == "_ask")
        request = {
            "data": [question, None],
            "fn_index": ask["id"],
            "trigger_id": ask["targets"][0][0],
            "session_hash": "session",
        }
        client.post("/gradio_api/queue/join", json=request).raise_for_status()
        with client.stream("GET", "/gradio_api/queue/data", params={"session_hash": "session"}) as events:
            for line in events.iter_lines():
                event = json.loads(line.removeprefix("data:")) if line.startswith("data:") else {}
                if event.get("msg") == "process_completed":
                    assert event["success"], event
                    return str(event["output"]["data"])
    raise AssertionError("the page's stream ended without an answer")


def _free_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        return int(server.getsockname()[1])
