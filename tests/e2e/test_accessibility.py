"""The page for everybody: axe-core on every tab, by keyboard alone, with text of twice the size."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

from tests.e2e.axe import serious
from tests.e2e.browser import NARROW, WIDE, Browser
from ui.tabs import TABS

#: what stands in each tab once its content is there
READY = {
    "chat": ".pk-example",
    "graph": ".pk-canvas canvas",
    "projects": ".pk-table tbody tr",
    "indicators": ".pk-indicator",
    "conflicts": ".pk-conflicts > li",
    "source": ".pk-reader-text .pk-block",
}
QUESTION = "到2025年粮食综合生产能力的目标是多少？"
#: an element that can be told where the focus is, by its tag, id, classes and words
_FOCUSED = """
const e = document.activeElement;
return [e.tagName, e.id, e.className, (e.getAttribute('aria-label') || e.textContent).slice(0, 30)].join('|');
"""
#: whether what has the focus shows it: an outline, or a border or shadow of its own
_SHOWS_FOCUS = """
const style = getComputedStyle(document.activeElement);
return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0 || style.boxShadow !== 'none'
  || document.activeElement.closest('#pk-question') !== null || document.activeElement === document.body;
"""


@pytest.fixture(autouse=True)
def usual_window(browser: Browser, served_page: str) -> Iterator[None]:
    yield
    browser.open(served_page)


def open_tab(browser: Browser, address: str, tab: str, size: tuple[int, int], dark: bool = False) -> None:
    browser.open(address, size, dark)
    if tab != "chat":
        browser.driver.get(f"{address}?tab={tab}")
    browser.find(READY[tab])


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
@pytest.mark.parametrize("tab", [tab.id for tab in TABS])
def test_axe_finds_nothing_serious(
    browser: Browser, served_page: str, tab: str, size: tuple[int, int], dark: bool
) -> None:
    open_tab(browser, served_page, tab, size, dark)
    assert serious(browser) == []


def test_axe_finds_nothing_serious_in_an_answer(browser: Browser, served_page: str) -> None:
    browser.open(served_page)
    browser.ask(QUESTION)
    browser.open_citation(1)
    browser.find(".pk-next")
    browser.find(".pk-answer-graph")
    browser.find(".pk-verdict").click()
    browser.find(".pk-comment textarea")
    assert serious(browser) == []


def test_the_tabs_are_used_by_arrow_keys(browser: Browser, served_page: str) -> None:
    browser.open(served_page)
    browser.find("#pk-tab-chat").send_keys(Keys.ARROW_RIGHT)
    browser.wait(lambda: browser.run("return document.activeElement.id") == "pk-tab-graph")
    assert browser.find("#pk-tab-graph").get_attribute("aria-selected") == "true"
    browser.find("#pk-tab-graph").send_keys(Keys.END)
    browser.wait(lambda: browser.run("return document.activeElement.id") == f"pk-tab-{TABS[-1].id}")
    assert len(browser.all('[role=tab][tabindex="0"]')) == 1


@pytest.mark.parametrize("tab", [tab.id for tab in TABS])
def test_the_tab_key_goes_on_and_shows_where_it_is(browser: Browser, served_page: str, tab: str) -> None:
    open_tab(browser, served_page, tab, WIDE)
    browser.run("document.activeElement.blur()")
    seen: list[str] = []
    for _ in range(25):
        ActionChains(browser.driver).send_keys(Keys.TAB).perform()
        seen.append(str(browser.run(_FOCUSED)))
        assert browser.run(_SHOWS_FOCUS), seen[-1]
    # no trap: the focus does not stay, nor go round between a few
    assert len(set(seen)) > 8, seen


@pytest.mark.parametrize("tab", [tab.id for tab in TABS])
def test_text_of_twice_the_size_needs_no_scrolling_sideways(
    browser: Browser, served_page: str, tab: str
) -> None:
    # what a browser's zoom of 200 % is: half as many pixels for the page
    open_tab(browser, served_page, tab, (WIDE[0] // 2, WIDE[1] // 2))
    assert browser.run("return document.documentElement.scrollWidth <= innerWidth")
    assert browser.find("#pk-tab-chat").is_displayed()
