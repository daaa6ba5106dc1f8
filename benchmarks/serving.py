"""The page over the current build, served as users serve it."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager

from kg.settings import load_settings


@contextmanager
def served(**variables: str) -> Iterator[str]:
    """Address of the page, served with these environment variables more."""
    environment = {**os.environ, "PLANKG_HOME": str(load_settings().home), **variables}
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    command = [sys.executable, "-m", "ui.cli", "serve", "--port", port]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            address = re.search(r"http://\S+?(?=（|\s)", process.stdout.readline())
            assert address is not None
            yield address.group()
        finally:
            process.terminate()
