"""The graph in a real browser: drawn, as tables, paths with their quotes, files."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import httpx
import networkx as nx
import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

from tests.e2e.browser import NARROW, Browser

LOOPBACK = {"127.0.0.1", "localhost"}


@pytest.fixture(autouse=True)
def no_console_errors(browser: Browser) -> Iterator[None]:
    browser.console_errors()  # what an earlier test left
    yield
    assert browser.console_errors() == []


@pytest.fixture(scope="module")
def firm(served_page: str) -> dict[str, Any]:
    """A firm with projects, as the API tells it."""
    rows = httpx.get(f"{served_page}api/v1/enterprises", trust_env=False).json()
    return max(rows, key=lambda row: len(row["projects"]))["thing"]


def around(address: str, id: str, shown: tuple[str, ...] = ()) -> dict[str, Any]:
    wanted = {"id": id, "shown": list(shown)}
    found: dict[str, Any] = httpx.post(f"{address}api/v1/graph/around", json=wanted, trust_env=False).json()
    return found


def go(browser: Browser, address: str, query: str) -> None:
    browser.driver.get(f"{address}{query}")
    browser.find(".pk-canvas canvas")


def counts(browser: Browser) -> tuple[int, int]:
    """How many nodes and relations are drawn, as it is told to a screen reader; none before that."""
    label = browser.find(".pk-canvas").get_attribute("aria-label") or ""
    numbers = [int("".join(filter(str.isdigit, part))) for part in label.split("，")[1:3]]
    return (numbers[0], numbers[1]) if numbers else (0, 0)


def parameter(browser: Browser, name: str) -> str | None:
    return parse_qs(urlsplit(browser.driver.current_url).query).get(name, [None])[0]


def press(browser: Browser, selector: str, title: str) -> None:
    browser.wait(lambda: [each for each in browser.all(selector) if each.text == title])[0].click()


def test_the_start_shows_the_best_connected_things(browser: Browser, served_page: str) -> None:
    browser.requested_hosts()
    expected = httpx.get(f"{served_page}api/v1/graph/start", trust_env=False).json()
    go(browser, served_page, "?tab=graph")
    browser.wait(lambda: counts(browser) == (len(expected["nodes"]), len(expected["edges"])))
    assert set(browser.requested_hosts()) <= LOOPBACK


def test_a_thing_is_found_as_it_is_typed_and_shown_with_its_facts(
    browser: Browser, served_page: str, firm: dict[str, Any]
) -> None:
    go(browser, served_page, "?tab=graph")
    box = browser.find(".pk-combo input")
    box.send_keys(firm["name"])
    browser.find(".pk-combo [role=option]")
    box.send_keys(Keys.ARROW_DOWN, Keys.ENTER)
    browser.wait(lambda: firm["name"] in browser.text(".pk-graph .pk-detail h3"))
    assert parameter(browser, "node") == firm["id"]
    part = around(served_page, firm["id"])
    browser.wait(lambda: counts(browser)[0] >= len(part["nodes"]))
    browser.driver.back()
    browser.wait(lambda: parameter(browser, "node") is None)


def test_expanding_adds_neighbours_and_hiding_takes_one_away_until_undone(
    browser: Browser, served_page: str, firm: dict[str, Any]
) -> None:
    go(browser, served_page, f"?tab=graph&node={quote(firm['id'], safe='')}")
    part = around(served_page, firm["id"])
    browser.wait(lambda: counts(browser)[0] == len(part["nodes"]))
    neighbour = max((n for n in part["nodes"] if n["id"] != firm["id"]), key=lambda n: n["links"])
    more = around(served_page, neighbour["id"], tuple(n["id"] for n in part["nodes"]))
    browser.wait(lambda: [b for b in browser.all(".pk-thing-link") if b.text == neighbour["name"]])[0].click()
    browser.wait(lambda: neighbour["name"] in browser.text(".pk-graph .pk-detail h3"))
    press(browser, ".pk-node-tools button", "展开相邻")
    browser.wait(lambda: counts(browser)[0] == len(more["nodes"]) > len(part["nodes"]))
    press(browser, ".pk-node-tools button", "隐藏")
    browser.wait(lambda: counts(browser)[0] == len(more["nodes"]) - 1)
    press(browser, ".pk-lists-bar button", "恢复隐藏的（1）")
    browser.wait(lambda: counts(browser)[0] == len(more["nodes"]))


def test_types_and_relations_are_filtered(
    browser: Browser, served_page: str, firm: dict[str, Any]
) -> None:
    go(browser, served_page, f"?tab=graph&node={quote(firm['id'], safe='')}")
    part = around(served_page, firm["id"])
    browser.wait(lambda: counts(browser)[0] == len(part["nodes"]))
    projects = [n for n in part["nodes"] if n["label"] == "Project"]
    browser.find('.pk-legend [data-label="Project"] input').click()
    browser.wait(lambda: counts(browser)[0] == len(part["nodes"]) - len(projects) < len(part["nodes"]))
    browser.find('.pk-legend [data-label="Project"] input').send_keys(Keys.SPACE)
    browser.wait(lambda: counts(browser)[0] == len(part["nodes"]))
    kept = [e for e in part["edges"] if e["type"] != "IMPLEMENTED_BY"]
    browser.find(".pk-relation-filter summary").click()
    browser.find('.pk-relation-filter [data-label="IMPLEMENTED_BY"] input').click()
    browser.wait(lambda: counts(browser)[1] == len(kept) < len(part["edges"]))


def test_a_node_and_an_edge_are_clicked_in_the_drawing(
    browser: Browser, served_page: str, firm: dict[str, Any]
) -> None:
    go(browser, served_page, f"?tab=graph&node={quote(firm['id'], safe='')}")
    browser.wait(lambda: counts(browser)[0] == len(around(served_page, firm["id"])["nodes"]))
    # the chosen node is in the middle: a click beside it, until a line or another thing is hit
    canvas = browser.find(".pk-canvas canvas")
    before = browser.text(".pk-graph .pk-detail h3")
    for step in range(1, 40):
        turned = [(1, 0), (0, 1), (-1, 0), (0, -1), (1, 1), (-1, 1), (1, -1), (-1, -1)][step % 8]
        x, y = (part * (20 + 4 * step) for part in turned)
        ActionChains(browser.driver).move_to_element_with_offset(canvas, x, y).click().perform()
        if browser.text(".pk-graph .pk-detail h3") != before:
            break
    assert browser.text(".pk-graph .pk-detail h3") != before


def test_a_path_is_told_step_by_step_with_quotes(
    browser: Browser, served_page: str, firm: dict[str, Any]
) -> None:
    part = httpx.get(f"{served_page}api/v1/graph/start", trust_env=False).json()
    others = [n for n in part["nodes"] if n["label"] == "Industry"]
    ends = [{"source": firm["id"], "target": other["id"]} for other in others]
    address = f"{served_page}api/v1/graph/paths"
    found = [httpx.get(address, params=each, trust_env=False).json() for each in ends]
    path = max((f for f in found if f["paths"]), key=lambda f: len(f["paths"][0]))
    hops = path["paths"][0]
    assert len(hops) > 1
    go(browser, served_page, "?tab=graph")
    for box, thing in zip(browser.all(".pk-path-form .pk-combo input"), (firm, path["target"]), strict=True):
        box.send_keys(thing["name"])
        browser.wait(lambda: any(each.is_displayed() for each in browser.all(".pk-path-form [role=option]")))
        box.send_keys(Keys.ENTER)
    press(browser, ".pk-path-form button", "找最短路径")
    browser.wait(lambda: browser.all(".pk-paths ol"))
    steps = browser.all(".pk-paths section:first-of-type li")
    assert len(steps) == len(hops)
    for step, hop in zip(steps, hops, strict=True):
        assert hop["source"]["name"] in step.text and hop["target"]["name"] in step.text
        if place := hop["edges"][0]["place"]:
            assert "".join(place["quote"].split()) in "".join(step.text.split())
    assert (parameter(browser, "from"), parameter(browser, "to")) == (firm["id"], path["target"]["id"])
    browser.find(".pk-paths .pk-place-link").click()
    browser.find("mark.pk-at")


def test_the_tables_show_the_same_by_keys_alone(
    browser: Browser, served_page: str, firm: dict[str, Any]
) -> None:
    go(browser, served_page, f"?tab=graph&node={quote(firm['id'], safe='')}")
    part = around(served_page, firm["id"])
    browser.wait(lambda: counts(browser)[0] == len(part["nodes"]))
    switch = next(each for each in browser.all(".pk-lists-bar button") if each.text == "表格")
    switch.send_keys(Keys.ENTER)
    rows = browser.all(".pk-graph-tables .pk-table:nth-of-type(1) tbody tr")
    assert len(browser.all(".pk-graph-tables tbody tr")) == len(part["nodes"]) + len(part["edges"])
    other = next(row for row in rows if firm["name"] not in row.text)
    button = other.find_element("css selector", "button")
    name = button.text
    button.send_keys(Keys.ENTER)
    browser.wait(lambda: name in browser.text(".pk-graph .pk-detail h3"))


def test_what_is_shown_is_saved(
    browser: Browser, served_page: str, firm: dict[str, Any], tmp_path: Path
) -> None:
    browser.download_into(tmp_path)
    go(browser, served_page, f"?tab=graph&node={quote(firm['id'], safe='')}")
    part = around(served_page, firm["id"])
    browser.wait(lambda: counts(browser)[0] == len(part["nodes"]))
    for button in browser.all(".pk-files button"):
        button.click()
    files = browser.wait(lambda: finished(tmp_path, {"png", "csv", "xlsx", "graphml"}))
    assert files["png"].startswith(b"\x89PNG\r\n")
    graph = nx.parse_graphml(files["graphml"].decode("utf-8"), force_multigraph=True)
    assert set(graph.nodes) == {n["id"] for n in part["nodes"]}
    assert graph.number_of_edges() == len(part["edges"])
    table = list(csv.reader(io.StringIO(files["csv"].decode("utf-8-sig"))))
    assert len(table) == 1 + len(part["edges"])


def finished(directory: Path, suffixes: set[str]) -> dict[str, bytes] | None:
    """The saved files by their suffix, once all are there."""
    files = {file.suffix[1:]: file.read_bytes() for file in directory.iterdir()}
    return files if files.keys() == suffixes and all(files.values()) else None


def test_the_graph_is_there_on_a_phone(browser: Browser, served_page: str) -> None:
    browser.open(served_page, NARROW)
    go(browser, served_page, "?tab=graph")
    assert browser.run("return document.documentElement.scrollWidth <= innerWidth")
    browser.open(served_page)


def test_a_double_click_expands_what_is_hit(browser: Browser, served_page: str, firm: dict[str, Any]) -> None:
    part = around(served_page, firm["id"])
    neighbour = max((n for n in part["nodes"] if n["id"] != firm["id"]), key=lambda n: n["links"])
    more = around(served_page, neighbour["id"], tuple(n["id"] for n in part["nodes"]))
    go(browser, served_page, f"?tab=graph&node={quote(firm['id'], safe='')}")
    browser.wait(lambda: counts(browser)[0] == len(part["nodes"]))
    browser.wait(lambda: [b for b in browser.all(".pk-thing-link") if b.text == neighbour["name"]])[0].click()
    browser.wait(lambda: neighbour["name"] in browser.text(".pk-graph .pk-detail h3"))
    # what was chosen stands in the middle
    ActionChains(browser.driver).double_click(browser.find(".pk-canvas canvas")).perform()
    browser.wait(lambda: counts(browser)[0] == len(more["nodes"]) > len(part["nodes"]))


def test_without_any_type_of_relation_the_files_have_none(
    browser: Browser, served_page: str, firm: dict[str, Any], tmp_path: Path
) -> None:
    browser.download_into(tmp_path)
    go(browser, served_page, f"?tab=graph&node={quote(firm['id'], safe='')}")
    part = around(served_page, firm["id"])
    browser.wait(lambda: counts(browser)[0] == len(part["nodes"]))
    browser.find(".pk-relation-filter summary").click()
    while ticked := browser.all(".pk-relation-filter input:checked"):
        ticked[0].click()
    assert counts(browser) == (len(part["nodes"]), 0)
    press(browser, ".pk-files button", "导出 CSV")
    press(browser, ".pk-files button", "导出 GraphML")
    files = browser.wait(lambda: finished(tmp_path, {"csv", "graphml"}))
    table = list(csv.DictReader(io.StringIO(files["csv"].decode("utf-8-sig"))))
    assert len(table) == len(part["nodes"]) and not any(row["联系"] for row in table)
    graph = nx.parse_graphml(files["graphml"].decode("utf-8"), force_multigraph=True)
    assert (len(graph.nodes), graph.number_of_edges()) == (len(part["nodes"]), 0)


def test_going_back_to_the_start_shows_the_start(
    browser: Browser, served_page: str, firm: dict[str, Any]
) -> None:
    expected = httpx.get(f"{served_page}api/v1/graph/start", trust_env=False).json()
    start = (len(expected["nodes"]), len(expected["edges"]))
    go(browser, served_page, "?tab=graph")
    browser.wait(lambda: counts(browser) == start)
    box = browser.find(".pk-combo input")
    outside = max(
        (row["thing"] for row in httpx.get(f"{served_page}api/v1/projects", trust_env=False).json()
         if row["thing"]["id"] not in {n["id"] for n in expected["nodes"]}),
        key=lambda thing: len(thing["name"]),
    )  # fmt: skip
    box.send_keys(outside["name"])
    browser.find(".pk-combo [role=option]")
    box.send_keys(Keys.ARROW_DOWN, Keys.ENTER)
    browser.wait(lambda: counts(browser) != start)
    browser.driver.back()
    browser.wait(lambda: counts(browser) == start)


def test_a_path_shows_what_was_hidden_on_it(
    browser: Browser, served_page: str, firm: dict[str, Any]
) -> None:
    go(browser, served_page, f"?tab=graph&node={quote(firm['id'], safe='')}")
    part = around(served_page, firm["id"])
    browser.wait(lambda: counts(browser)[0] == len(part["nodes"]))
    project = next(n for n in part["nodes"] if n["label"] == "Project")
    browser.find('.pk-legend [data-label="Project"] input').click()
    press(browser, ".pk-node-tools button", "隐藏")
    browser.wait(lambda: [b for b in browser.all(".pk-lists-bar button") if b.text == f"恢复 {firm['name']}"])
    for box, thing in zip(browser.all(".pk-path-form .pk-combo input"), (firm, project), strict=True):
        box.send_keys(thing["name"])
        browser.wait(lambda: any(each.is_displayed() for each in browser.all(".pk-path-form [role=option]")))
        box.send_keys(Keys.ENTER)
    press(browser, ".pk-path-form button", "找最短路径")
    browser.wait(lambda: browser.all(".pk-paths ol"))
    assert counts(browser)[0] >= 2 and counts(browser)[1] >= 1
    assert browser.find('.pk-legend [data-label="Project"] input').is_selected()
