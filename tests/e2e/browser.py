"""A real browser for tests: headless Chromium, driven by Selenium."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import pytest
from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException, WebDriverException
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

#: generous, because a loaded machine is no defect; every wait ends as soon as its condition holds
WAIT_S = 60
WIDE = (1440, 900)
NARROW = (390, 844)

_FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)
_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
#: addresses that never leave the page
_INTERNAL = {"data", "blob", "about", "chrome", "devtools"}

T = TypeVar("T")


def find_browser() -> tuple[str, str]:
    """Paths of Chromium and chromedriver; skips the test where one is missing."""
    browser = os.environ.get("CHROME_BINARY") or next(filter(None, map(shutil.which, _BROWSERS)), None)
    driver = os.environ.get("CHROMEDRIVER") or shutil.which("chromedriver")
    if not browser or not driver:
        pytest.skip(
            "no browser: install chromium and chromium-driver (Debian: apt-get install chromium "
            "chromium-driver), or set CHROME_BINARY and CHROMEDRIVER"
        )
    return browser, driver


@contextmanager
def open_browser() -> Iterator[Browser]:
    """A fresh browser, without history or cache; closed at the end."""
    binary, driver = find_browser()
    with tempfile.TemporaryDirectory(prefix="browser-", ignore_cleanup_errors=True) as profile:
        options = Options()
        options.binary_location = binary
        for flag in (*_FLAGS, f"--user-data-dir={profile}", f"--window-size={WIDE[0]},{WIDE[1]}"):
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        chrome = webdriver.Chrome(options=options, service=Service(driver))
        try:
            yield Browser(chrome)
        finally:
            chrome.quit()


class Browser:
    """What the tests do on the page. Every wait is for a condition, never for a time."""

    def __init__(self, driver: webdriver.Chrome) -> None:
        self.driver = driver

    # -- the page

    def open(self, url: str, size: tuple[int, int] = WIDE, dark: bool = False) -> None:
        """Load the page anew, as a new session, and wait until it is ready to be asked."""
        self._command("Emulation.setDeviceMetricsOverride", _metrics(size))
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        motion = {"name": "prefers-reduced-motion", "value": "reduce"}
        self._command("Emulation.setEmulatedMedia", {"features": [scheme, motion]})
        with suppress(WebDriverException):  # nothing is open yet
            self.run("sessionStorage.clear()")
        self.driver.get(url)
        self.find(".pk-status")
        self.find(".pk-welcome")
        self.find("#pk-question textarea")
        self.wait(lambda: self.driver.execute_async_script(_HELD_STILL))

    def ask(self, question: str) -> WebElement:
        """Type a question, press Enter, and wait for its complete answer; returns the turn."""
        turns = len(self.all(".pk-turn"))
        self.start(question)
        self.wait(lambda: len(self.all(".pk-turn")) == turns + 1 and self.all(".pk-log[aria-busy=false]"))
        return self.all(".pk-turn")[-1]

    def start(self, question: str) -> None:
        """Type a question and press Enter."""
        box = self.find("#pk-question textarea")
        self.wait(lambda: self.find("#pk-send").is_displayed())
        box.send_keys(question, Keys.ENTER)

    def open_citation(self, number: int) -> WebElement:
        """Click mark ``[number]`` of the last answer and wait for its source; returns the marked words."""
        turn = self.all(".pk-turn")[-1]
        mark = turn.find_element(By.CSS_SELECTOR, f'.pk-mark[data-open$=":{number}"]')
        mark.click()
        return self.marked(number)

    def marked(self, number: int) -> WebElement:
        """Wait until the source of citation ``number`` is open; returns the marked words."""
        return self.find(f'.pk-source[data-source$=":{number}"] mark')

    # -- reading

    def all(self, selector: str) -> list[WebElement]:
        """Elements that are there now."""
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def find(self, selector: str) -> WebElement:
        """The first such element, waiting for it."""
        return self.wait(lambda: self.all(selector))[0]

    def text(self, selector: str) -> str:
        """The visible text of the first such element."""
        return self.find(selector).text

    def run(self, script: str, *arguments: object) -> Any:
        """The value of a JavaScript function body."""
        return self.driver.execute_script(script, *arguments)

    def wait(self, condition: Callable[[], T]) -> T:
        """The condition's first true value; an element that the page replaces meanwhile is looked for again.

        Raises: TimeoutException: it did not hold within `WAIT_S`.
        """
        waiting = WebDriverWait(
            self.driver, WAIT_S, poll_frequency=0.05, ignored_exceptions=[StaleElementReferenceException]
        )
        return waiting.until(lambda _: condition())

    def in_view(self, element: WebElement) -> bool:
        """Whether the element is inside the window and not scrolled out of any box around it."""
        return bool(self.run(_IN_VIEW, element))

    # -- what the browser noticed

    def console_errors(self) -> list[str]:
        """Errors on the console since the last call."""
        entries = self.driver.get_log("browser")  # type: ignore[no-untyped-call]
        return [entry["message"] for entry in entries if entry["level"] == "SEVERE"]

    def requested_hosts(self) -> dict[str, int]:
        """Hosts that anything was requested from since the last call, with the number of requests."""
        hosts: dict[str, int] = {}
        for entry in self.driver.get_log("performance"):  # type: ignore[no-untyped-call]
            url = _requested_url(json.loads(entry["message"])["message"])
            if url and urlsplit(url).scheme not in _INTERNAL:
                host = urlsplit(url).hostname or url
                hosts[host] = hosts.get(host, 0) + 1
        return hosts

    # -- permissions

    def allow_clipboard(self, url: str) -> None:
        """Let the page write the clipboard and the test read it."""
        permissions = ["clipboardReadWrite", "clipboardSanitizedWrite"]
        self._command("Browser.grantPermissions", {"origin": url.rstrip("/"), "permissions": permissions})

    def download_into(self, directory: Path) -> None:
        """Save downloads without asking."""
        options = {"behavior": "allow", "downloadPath": str(directory)}
        self._command("Browser.setDownloadBehavior", options)

    def _command(self, name: str, arguments: Mapping[str, object]) -> None:
        self.driver.execute_cdp_cmd(name, dict(arguments))


#: whether nothing has moved for some frames: what moves between the pointer's press and release gets no click
_HELD_STILL = """
const done = arguments[arguments.length - 1], held = () =>
  [...document.querySelectorAll('.pk-status, .pk-welcome, #pk-question')].map((each) => {
    const box = each.getBoundingClientRect();
    return [box.x, box.y, box.width, box.height].join();
  }).join(';');
const before = held();
let frames = 0;
requestAnimationFrame(function next() {
  if (held() !== before) done(false);
  else if (++frames === 5) done(document.readyState === 'complete');
  else requestAnimationFrame(next);
});
"""
_IN_VIEW = """
let box = arguments[0].getBoundingClientRect(), x = box.left + box.width / 2, y = box.top + box.height / 2;
let top = document.elementFromPoint(x, y);
return top !== null && (arguments[0].contains(top) || top.contains(arguments[0]));
"""


def _metrics(size: tuple[int, int]) -> dict[str, object]:
    return {"width": size[0], "height": size[1], "deviceScaleFactor": 1, "mobile": size[0] < 500}


def _requested_url(message: dict[str, Any]) -> str:
    if message["method"] == "Network.requestWillBeSent":
        return str(message["params"]["request"]["url"])
    if message["method"] == "Network.webSocketCreated":
        return str(message["params"]["url"])
    return ""
