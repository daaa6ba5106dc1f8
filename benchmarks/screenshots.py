"""Screenshots of each tab for the README: ``python -m benchmarks.screenshots`` (``make screenshots``).

Serves the current build and writes ``docs/screenshots/<tab>.png`` at 1440 by 900. What is shown is chosen by
what the loaded plan has: an example question, the best-connected firm, a project with an investment.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx

from benchmarks.serving import served
from kg.settings import PROJECT_ROOT
from tests.e2e.browser import Browser, open_browser

OUT = PROJECT_ROOT / "docs" / "screenshots"


def main() -> None:
    """Serve, open each tab in a telling state, and save it."""
    OUT.mkdir(parents=True, exist_ok=True)
    with served(PLANKG_ADMIN="1") as address, open_browser() as browser:
        browser.open(address)
        browser.find(".pk-example").click()
        browser.wait(lambda: browser.all(".pk-log[aria-busy=false]"))
        browser.find(".pk-next")
        browser.find(".pk-answer-graph canvas")
        _save(browser, "chat")
        for tab, query, ready in _states(address):
            browser.driver.get(f"{address}?tab={tab}&{query}")
            browser.find(ready)
            _save(browser, tab)


def _states(address: str) -> Iterator[tuple[str, str, str]]:
    """For each tab but the first: its address' parameters, and what is there once it is shown."""
    firms, projects = (_fetch(address, path) for path in ("enterprises", "projects"))
    firm = max(firms, key=lambda row: len(row["projects"]))["thing"]["id"]
    invested = max(projects, key=lambda row: row["investment_yi_yuan"] or 0)
    place = invested["place"]
    yield "graph", f"node={quote(firm, safe='')}", ".pk-graph .pk-detail h3"
    yield "projects", f"open={quote(invested['thing']['id'], safe='')}", ".pk-related"
    yield "indicators", "", ".pk-indicator"
    yield "conflicts", "", ".pk-conflicts > li"
    yield "source", f"at={quote('{plan}:{start}-{end}'.format(**place))}", "mark.pk-at"
    yield "admin", "", ".pk-admin-table tbody tr"


def _fetch(address: str, path: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = httpx.get(f"{address}api/v1/{path}", trust_env=False).json()
    return found


def _save(browser: Browser, name: str) -> None:
    path: Path = OUT / f"{name}.png"
    # once more after the next frames: what is drawn by script is there then
    browser.driver.execute_async_script(
        "const done = arguments[0]; let frames = 0;"
        "requestAnimationFrame(function next() { ++frames < 30 ? requestAnimationFrame(next) : done(); });"
    )  # type: ignore[no-untyped-call]
    browser.driver.save_screenshot(str(path))
    print(f"{path.relative_to(PROJECT_ROOT)}: {path.stat().st_size // 1024} kB")


if __name__ == "__main__":
    main()
