"""Fixtures of the end-to-end tests: the page as `plankg serve` serves it, and a browser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kg.settings import Settings
from tests.e2e.browser import Browser, find_browser, open_browser
from tests.e2e.cli import CommandLine
from tests.e2e.serving import served


@pytest.fixture(scope="session")
def served_page(built: Settings) -> Iterator[str]:
    """Address of the page as `plankg serve` serves it, on the real plan."""
    find_browser()
    with served(CommandLine(built.home, built.models_dir)) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_browser() as opened:
        yield opened
