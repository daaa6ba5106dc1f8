"""Fixtures of the end-to-end tests: the page as `plankg serve` serves it, and a browser."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator

import pytest

from kg.settings import Settings
from tests.e2e.browser import Browser, find_browser, open_browser
from tests.e2e.serving import free_port


@pytest.fixture(scope="session")
def served_page(built: Settings) -> Iterator[str]:
    """Address of the page as `plankg serve` serves it, on the real plan."""
    find_browser()
    environment = {**os.environ, "PLANKG_HOME": str(built.home), "PLANKG_MODELS": str(built.models_dir)}
    command = [sys.executable, "-m", "ui.cli", "serve", "--port", str(free_port())]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            ready = process.stdout.readline()
            address = re.search(r"http://[\w.]+:\d+/?", ready)
            assert address, ready
            yield address.group()
        finally:
            process.terminate()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_browser() as opened:
        yield opened
