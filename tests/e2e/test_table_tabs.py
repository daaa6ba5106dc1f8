"""Projects, enterprises, indicators and contradictions in a real browser."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import httpx
import pytest
from docx import Document
from openpyxl import load_workbook
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import Select

from tests.e2e.browser import NARROW, Browser

ROWS = ".pk-table tbody tr"


@pytest.fixture(autouse=True)
def no_console_errors(browser: Browser) -> Iterator[None]:
    browser.console_errors()  # what an earlier test left
    yield
    assert browser.console_errors() == []


@pytest.fixture
def downloads(browser: Browser, tmp_path: Path) -> Path:
    browser.download_into(tmp_path)
    return tmp_path


def fetch(address: str, path: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = httpx.get(f"{address}api/v1/{path}", trust_env=False).json()
    return found


def go(browser: Browser, address: str, query: str, ready: str) -> WebElement:
    browser.driver.get(f"{address}{query}")
    return browser.find(ready)


def saved(browser: Browser, directory: Path, suffix: str) -> bytes:
    browser.wait(lambda: list(directory.glob(f"*.{suffix}")))
    (file,) = directory.glob(f"*.{suffix}")
    return file.read_bytes()


def parameter(browser: Browser, name: str) -> str | None:
    return parse_qs(urlsplit(browser.driver.current_url).query).get(name, [None])[0]


# -- projects and enterprises


def test_filters_narrow_the_projects_and_stand_in_the_address(browser: Browser, served_page: str) -> None:
    rows = fetch(served_page, "projects")
    go(browser, served_page, "?tab=projects", ROWS)
    assert len(browser.all(ROWS)) == len(rows)
    town = next(row["towns"][0]["name"] for row in rows if row["towns"])
    wanted = [row for row in rows if town in [each["name"] for each in row["towns"]]]
    chosen = next(each for each in browser.all(".pk-filters select") if town in each.text)
    Select(chosen).select_by_value(town)
    browser.wait(lambda: len(browser.all(ROWS)) == len(wanted))
    assert f"{len(wanted)} 条，共 {len(rows)} 条" in browser.text(".pk-count")
    assert parameter(browser, "town") == town
    browser.driver.back()
    browser.wait(lambda: len(browser.all(ROWS)) == len(rows))
    browser.driver.forward()
    browser.wait(lambda: len(browser.all(ROWS)) == len(wanted))
    browser.find(".pk-chip").click()
    browser.wait(lambda: len(browser.all(ROWS)) == len(rows))


def test_a_search_and_stated_investments(browser: Browser, served_page: str) -> None:
    rows = fetch(served_page, "projects")
    invested = [row for row in rows if row["investment_yi_yuan"] is not None]
    go(browser, served_page, "?tab=projects&amount=1", ROWS)
    browser.wait(lambda: len(browser.all(ROWS)) == len(invested) > 0)
    name = invested[0]["thing"]["name"]
    browser.find(".pk-filters input[type=search]").send_keys(name)
    browser.wait(lambda: len(browser.all(ROWS)) == 1)
    assert name in browser.text(ROWS)


def test_columns_sort_numbers_as_numbers_and_what_is_not_stated_last(
    browser: Browser, served_page: str
) -> None:
    amounts = [row["investment_yi_yuan"] for row in fetch(served_page, "projects")]
    stated = sorted((each for each in amounts if each is not None), reverse=True)
    go(browser, served_page, "?tab=projects", ROWS)
    browser.find('th[data-key="amount"] button').click()
    browser.find('th[aria-sort="ascending"] button').click()
    browser.find('th[aria-sort="descending"]')
    shown = [each.text for each in browser.all(f"{ROWS} td:last-child")]
    assert [float(each) for each in shown[: len(stated)]] == stated
    assert set(shown[len(stated) :]) == {""}


def test_a_project_opens_with_facts_quotes_and_what_is_related(browser: Browser, served_page: str) -> None:
    row = next(row for row in fetch(served_page, "projects") if row["owners"] and row["industries"])
    related = fetch(served_page, f"related/{row['thing']['id']}")
    go(browser, served_page, f"?tab=projects&open={quote(row['thing']['id'])}", ".pk-detail .pk-thing")
    detail = browser.wait(lambda: browser.text(".pk-detail .pk-related") and browser.text(".pk-detail"))
    assert row["thing"]["name"] in detail and row["owners"][0]["name"] in detail
    assert related and related[0]["thing"]["name"] in browser.text(".pk-related")
    browser.find(".pk-detail .pk-place-link").click()
    browser.find("mark.pk-at")
    assert parameter(browser, "tab") == "source"
    browser.driver.back()
    browser.wait(lambda: browser.find(".pk-detail .pk-thing").is_displayed())


def test_a_row_is_opened_by_keys(browser: Browser, served_page: str) -> None:
    go(browser, served_page, "?tab=projects&kind=enterprises", ROWS)
    button = browser.find(f"{ROWS} .pk-row-open")
    name = button.text
    button.send_keys(Keys.ENTER)
    browser.wait(lambda: name in browser.text(".pk-detail h3"))
    assert browser.all(f"{ROWS}[aria-current]")


def test_what_is_shown_is_exported_with_its_sources(
    browser: Browser, served_page: str, downloads: Path
) -> None:
    rows = [row for row in fetch(served_page, "projects") if row["status"]]
    status = rows[0]["status"]
    wanted = [row for row in rows if row["status"] == status]
    go(browser, served_page, f"?tab=projects&status={quote(status)}", ROWS)
    browser.wait(lambda: len(browser.all(ROWS)) == len(wanted))
    for button in browser.all(".pk-files button"):
        button.click()
        browser.wait(lambda button=button: button.is_enabled())
    table = list(csv.reader(io.StringIO(saved(browser, downloads, "csv").decode("utf-8-sig"))))
    assert [row[3] for row in table[1:]] == [row["thing"]["name"] for row in wanted]
    for cells, row in zip(table[1:], wanted, strict=True):
        assert f"{row['place']['start']}–{row['place']['end']}" in cells[-1]
    page = load_workbook(io.BytesIO(saved(browser, downloads, "xlsx"))).active
    assert page is not None and page.max_row == len(wanted) + 1
    assert isinstance(page["C2"].value, int)
    document = Document(io.BytesIO(saved(browser, downloads, "docx")))
    assert len(document.tables[0].rows) == len(wanted) + 1


def test_the_projects_read_as_cards_on_a_phone(browser: Browser, served_page: str) -> None:
    browser.open(served_page, NARROW)
    go(browser, served_page, "?tab=projects", ROWS)
    assert browser.run("return document.documentElement.scrollWidth <= innerWidth")
    browser.find(f"{ROWS} .pk-row-open").click()
    browser.wait(lambda: browser.find(".pk-detail .pk-thing").is_displayed())
    browser.find(".pk-detail .pk-back").click()
    browser.wait(lambda: not browser.find(".pk-detail").is_displayed())
    browser.open(served_page)


# -- contradictions


def test_contradictions_stand_side_by_side_and_lead_to_their_places(
    browser: Browser, served_page: str
) -> None:
    found = fetch(served_page, "conflicts")
    go(browser, served_page, "?tab=conflicts", ".pk-conflicts > li")
    items = browser.all(".pk-conflicts > li")
    assert len(items) == len(found)
    first = found[0]["conflict"]["statements"]
    quotes = [each.text for each in browser.all(".pk-conflicts > li:first-child blockquote")]
    assert ["".join(each.split()) for each in quotes] == ["".join(each["quote"].split()) for each in first]
    assert browser.all(".pk-conflicts > li:first-child mark")
    browser.find(".pk-conflicts > li:first-child .pk-tool").click()
    browser.find("mark.pk-at")
    assert parameter(browser, "at") == f"{first[0]['source']}:{first[0]['start']}-{first[0]['end']}"


def test_contradictions_of_a_kind_are_exported(browser: Browser, served_page: str, downloads: Path) -> None:
    found = [each["conflict"] for each in fetch(served_page, "conflicts")]
    kind = found[0]["kind"]
    wanted = [each for each in found if each["kind"] == kind]
    go(browser, served_page, f"?tab=conflicts&kind={kind}", ".pk-conflicts > li")
    assert len(browser.all(".pk-conflicts > li")) == len(wanted) < len(found)
    browser.find(".pk-files button").click()
    data = saved(browser, downloads, "docx")
    assert zipfile.is_zipfile(io.BytesIO(data))
    table = Document(io.BytesIO(data)).tables[0]
    assert len(table.rows) == len(wanted) + 1
    assert " ".join(wanted[0]["statements"][1]["quote"].split()) == table.rows[1].cells[4].text


# -- indicators


def test_indicators_show_values_and_what_they_take_a_year(browser: Browser, served_page: str) -> None:
    rows = fetch(served_page, "indicators")
    go(browser, served_page, "?tab=indicators", ".pk-indicator")
    assert len(browser.all(".pk-indicator")) == len(rows)
    assert len(browser.all(".pk-indicator-groups h2")) == len({row["group"] for row in rows})
    row = next(row for row in rows if row["needed"])
    card = browser.find(f'.pk-indicator[data-id="{row["thing"]["id"]}"]')
    assert row["needed"]["expression"] in card.text
    label = card.find_element("css selector", ".pk-chart").get_attribute("aria-label")
    assert label and row["base"] in label and row["target"] in label


def test_indicators_are_filtered_and_exported(browser: Browser, served_page: str, downloads: Path) -> None:
    rows = fetch(served_page, "indicators")
    attribute = rows[0]["attribute"]
    wanted = [row for row in rows if row["attribute"] == attribute]
    go(browser, served_page, f"?tab=indicators&attribute={quote(attribute)}", ".pk-indicator")
    assert len(browser.all(".pk-indicator")) == len(wanted) < len(rows)
    browser.find(".pk-files button").click()
    table = list(csv.reader(io.StringIO(saved(browser, downloads, "csv").decode("utf-8-sig"))))
    assert [row[3] for row in table[1:]] == [row["thing"]["name"] for row in wanted]
