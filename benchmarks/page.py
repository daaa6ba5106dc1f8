"""How long a user waits, in a real browser: from Enter to the first words and to the whole answer.

``python -m benchmarks.page`` serves the current build, opens the page in headless Chromium, asks questions of
several kinds, one conversation each, and prints medians. The page itself takes the times (by a
``MutationObserver``), so that driving the browser does not count.
"""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from contextlib import closing
from statistics import median

from selenium.webdriver.common.by import By

from kg.settings import load_settings
from tests.e2e.browser import Browser, open_browser

_QUESTIONS = (
    "2025年森林覆盖率目标是多少？", "专栏6-1有哪些项目？", "教师队伍建设怎么抓？", "新能源有哪些企业？",
    "城镇化率要提高多少个百分点？", "旅游方面有什么打算？", "2025年有多少辆出租车？", "“四创战略”是什么？",
    "截至2020年城区集中供热率是多少？", "磁窑村有什么项目？",
)  # fmt: skip
_WATCH = """
const log = document.querySelector('#pk-transcript');
window.times = {};
window.addEventListener('keydown', (event) => {
  if (event.key === 'Enter') window.times = {sent: performance.now()};
}, true);
new MutationObserver(() => {
  const now = performance.now(), seen = window.times;
  if (!seen.sent) return;
  if (!seen.first && log.querySelector('.pk-text')) seen.first = now - seen.sent;
  const done = log.querySelector('.pk-log[aria-busy=false]');
  if (seen.first && !seen.whole && done) seen.whole = now - seen.sent;
}).observe(log, {childList: true, subtree: true, attributes: true});
"""


def main() -> None:
    """Serve, ask and print the table."""
    settings = load_settings()
    environment = {**os.environ, "PLANKG_HOME": str(settings.home)}
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    command = [sys.executable, "-m", "ui.cli", "serve", "--port", port]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            address = re.search(r"http://\S+?(?=（|\s)", process.stdout.readline())
            assert address is not None
            with open_browser() as browser:
                times = [_ask(browser, address.group(), question) for question in _QUESTIONS]
        finally:
            process.terminate()
    print("| from Enter, in the browser | median | range | limit |\n|---|---|---|---|")
    for name, values in zip(("first words", "whole answer"), zip(*times[1:], strict=True), strict=True):
        print(f"| {name} | {median(values):.0f} ms | {min(values):.0f}–{max(values):.0f} | < 150 / 300 ms |")


def _ask(browser: Browser, address: str, question: str) -> tuple[float, float]:
    """A question in a conversation of its own: milliseconds until its first words and its whole answer."""
    browser.open(address)
    browser.driver.execute_script(_WATCH)  # type: ignore[no-untyped-call]
    browser.ask(question)
    assert browser.driver.find_elements(By.CSS_SELECTOR, ".pk-text"), question
    seen = browser.driver.execute_script("return window.times")  # type: ignore[no-untyped-call]
    return float(seen["first"]), float(seen["whole"])


if __name__ == "__main__":
    main()
