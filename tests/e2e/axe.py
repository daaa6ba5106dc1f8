"""axe-core on the page that a browser shows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.e2e.browser import Browser

_AXE = (Path(__file__).parents[1] / "data" / "axe" / "axe.min.js").read_text("utf-8")
_RUN = "axe.run(document, {resultTypes: ['violations']}).then(arguments[arguments.length - 1]);"


def serious(browser: Browser) -> list[str]:
    """Serious and critical findings of axe-core, a line each."""
    browser.run(_AXE)
    found: dict[str, Any] = browser.driver.execute_async_script(_RUN)
    return [
        f"{rule['id']}: {rule['help']}: {node['target']}: {node['failureSummary']}"
        for rule in found["violations"]
        if rule["impact"] in ("serious", "critical")
        for node in rule["nodes"][:5]
    ]
