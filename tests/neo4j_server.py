"""A real Neo4j server for tests, run by a script outside the project.

The script is the one that ``PLANKG_TEST_NEO4J`` names, or ``../shared/neo4j/neo4j`` beside the checkout.
It understands ``start HOME [--bolt PORT] [--http PORT] [--password PASSWORD]``, prints one JSON line
``{"bolt": uri, "browser": url, "pid": number}`` once the server answers, and ``stop HOME``.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

USER = "neo4j"
PASSWORD = "for-tests-only"
DATABASE = "neo4j"

_CHECKOUT = Path(__file__).resolve().parent.parent
_START_TIMEOUT_S = 180


@dataclass(frozen=True, slots=True)
class Neo4jServer:
    """A running server; ``uri`` is its Bolt address, ``browser`` its web page."""

    uri: str
    browser: str
    pid: int
    home: Path

    def stop(self) -> None:
        """Shut down in order; the data stay in ``home``."""
        _call("stop", str(self.home))

    def kill(self) -> None:
        """End the process at once, as a power cut would."""
        os.kill(self.pid, signal.SIGKILL)
        (self.home / "neo4j.pid").unlink(missing_ok=True)


def start(home: Path, *, port: int = 0) -> Neo4jServer:
    """Start a server on its data in ``home`` (made if missing); port 0 takes a free one."""
    output = _call("start", str(home), "--bolt", str(port), "--password", PASSWORD)
    told = json.loads(output.splitlines()[-1])
    return Neo4jServer(told["bolt"], told["browser"], told["pid"], home)


def port_of(server: Neo4jServer) -> int:
    """The Bolt port."""
    port = urlsplit(server.uri).port
    assert port is not None
    return port


def why_not() -> str | None:
    """Why no server can be started here, and how to get one; None if it can."""
    if _script() is None:
        return "no Neo4j: set PLANKG_TEST_NEO4J to a start/stop script (see docs/neo4j.md) and run again"
    if shutil.which("java") is None:
        return "no Java for Neo4j: install openjdk-17-jre-headless and run again"
    return None


def _script() -> Path | None:
    named = os.environ.get("PLANKG_TEST_NEO4J")
    path = Path(named) if named else _CHECKOUT.parent / "shared" / "neo4j" / "neo4j"
    if named and not path.exists():
        raise FileNotFoundError(f"PLANKG_TEST_NEO4J names {path}, which does not exist")
    return path if path.exists() else None


def _call(*arguments: str) -> str:
    script = _script()
    assert script is not None
    done = subprocess.run(
        [sys.executable, str(script), *arguments], capture_output=True, text=True, timeout=_START_TIMEOUT_S
    )
    if done.returncode != 0:
        raise RuntimeError(f"neo4j {arguments[0]} failed: {done.stderr or done.stdout}")
    return done.stdout
