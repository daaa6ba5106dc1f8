"""How long a user waits, in a real browser: for the page, for the first words and for the whole answer.

``python -m benchmarks.page`` serves the current build, opens the page in headless Chromium, asks questions of
several kinds, one conversation each, and prints medians; then visits it with fresh browsers. The page
itself takes the times (by a ``MutationObserver``), so that driving the browser does not count.
"""

from __future__ import annotations

from statistics import median

from selenium.webdriver.common.by import By

from benchmarks.serving import served
from tests.e2e.browser import Browser, open_browser

_QUESTIONS = (
    "2025年森林覆盖率目标是多少？", "专栏6-1有哪些项目？", "教师队伍建设怎么抓？", "新能源有哪些企业？",
    "城镇化率要提高多少个百分点？", "旅游方面有什么打算？", "2025年有多少辆出租车？", "“四创战略”是什么？",
    "截至2020年城区集中供热率是多少？", "磁窑村有什么项目？",
)  # fmt: skip
_VISITS = 3
#: when examples and box have been on the page for a frame
_SEEN = """
new MutationObserver((_, observer) => {
  if (!document.querySelector('.pk-example') || !document.querySelector('#pk-question textarea')) return;
  observer.disconnect();
  requestAnimationFrame(() => requestAnimationFrame(() => { window.asked = performance.now(); }));
}).observe(document, {childList: true, subtree: true});
"""
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
    with served() as address:
        with open_browser() as browser:
            times = [_ask(browser, address, question) for question in _QUESTIONS]
        opened = [_first_visit(address) for _ in range(_VISITS)]
    print("| in the browser | median | range | limit |\n|---|---|---|---|")
    first, whole = zip(*times[1:], strict=True)
    painted, usable = zip(*opened, strict=True)
    for name, values, limit in (
        ("Enter to first words", first, 150), ("Enter to whole answer", whole, 300),
        ("a first visit to its first paint", painted, 2000), ("… to a page to ask on", usable, 2000),
    ):  # fmt: skip
        print(f"| {name} | {median(values):.0f} ms | {min(values):.0f}–{max(values):.0f} | < {limit} ms |")


def _first_visit(address: str) -> tuple[float, float]:
    """A browser without a cache: milliseconds until it paints anything, and the page that can be asked."""
    with open_browser() as browser:
        browser.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": _SEEN})
        browser.open(address)
        paint = browser.run("return performance.getEntriesByName('first-contentful-paint')[0].startTime")
        return float(paint), float(browser.run("return window.asked"))


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
