"""The plan's text in a real browser: places by address, contents, search, names, what the graph knows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from selenium.webdriver.common.keys import Keys

from tests.e2e.browser import NARROW, Browser

QUESTIONS = (
    "到2025年粮食综合生产能力的目标是多少？",
    "专栏6-4列了哪些现代物流类项目？",
    "“四大传统产业”是哪四个？",
)

TOWNS = '.pk-type[data-label="Town"]'


@pytest.fixture(autouse=True)
def no_console_errors(browser: Browser) -> Iterator[None]:
    browser.console_errors()  # what an earlier test left
    yield
    assert browser.console_errors() == []


@pytest.fixture(scope="module")
def plan(served_page: str) -> str:
    return str(httpx.get(f"{served_page}api/v1/source", trust_env=False).json()[0]["id"])


def go(browser: Browser, address: str, query: str) -> None:
    browser.driver.get(f"{address}{query}")
    browser.find(".pk-reader-text .pk-block")


def marked(browser: Browser, name: str = "pk-at") -> str:
    words = "return [...document.querySelectorAll('mark.' + arguments[0])].map((m) => m.textContent).join('')"
    browser.wait(lambda: browser.run(words, name))
    return str(browser.run(words, name))


def town_of(address: str, plan: str) -> dict[str, Any]:
    """The first name of a town in the text."""
    stretch = {"start": 0, "end": 1_000_000}
    names = httpx.get(f"{address}api/v1/source/{plan}/names", params=stretch, trust_env=False).json()
    return next(name for name in names if name["thing"]["label"] == "Town")


def highlight_towns(browser: Browser) -> None:
    if browser.find(TOWNS).get_attribute("aria-pressed") == "false":
        browser.find(TOWNS).click()


def test_every_citation_is_marked_at_its_address(browser: Browser, served_page: str) -> None:
    seen = 0
    for question in QUESTIONS:
        asked = {"question": question}
        answer: dict[str, Any] = httpx.post(f"{served_page}api/v1/ask", json=asked, trust_env=False).json()
        for cited in answer["citations"][:4]:
            at = f"{cited['source']}:{cited['start']}-{cited['end']}"
            go(browser, served_page, f"?at={quote(at)}")
            assert "".join(marked(browser).split()) == "".join(cited["quote"].split())
            browser.wait(lambda: browser.in_view(browser.find("mark.pk-at")))
            assert browser.run("return document.activeElement.matches('mark.pk-at')")
            seen += 1
    assert seen > 5


def test_a_citation_is_read_on_in_the_text(browser: Browser, served_page: str) -> None:
    browser.open(served_page)
    browser.ask(QUESTIONS[0])
    words = browser.open_citation(1).text
    browser.find(".pk-source a[data-go]").click()
    assert "".join(marked(browser).split()) == "".join(words.split())
    browser.driver.back()
    browser.wait(lambda: browser.find(".pk-turn").is_displayed())  # the conversation is still there
    assert QUESTIONS[0] in browser.text(".pk-turn")


@pytest.mark.parametrize("at", ["nowhere:1-5", "{plan}:999999990-999999999", "{plan}:9-3", "<b>x</b>", ":-"])
def test_a_broken_address_is_told_and_the_text_shown(
    browser: Browser, served_page: str, plan: str, at: str
) -> None:
    wrong = at.format(plan=plan)
    go(browser, served_page, f"?tab=source&at={quote(wrong)}")
    assert wrong in browser.text(".pk-reader-notice")
    assert not browser.all("mark.pk-at")


def test_the_contents_lead_to_a_section(browser: Browser, served_page: str) -> None:
    go(browser, served_page, "?tab=source")
    link = browser.all(".pk-toc-3")[5]
    title = browser.run("return arguments[0].textContent", link)
    browser.run("arguments[0].click()", link)
    assert "".join(marked(browser).split()) == "".join(title.split())
    browser.wait(lambda: browser.in_view(browser.find("mark.pk-at")))
    assert "at=" in browser.driver.current_url


def test_a_search_finds_counts_and_steps(browser: Browser, served_page: str, plan: str) -> None:
    found = httpx.get(f"{served_page}api/v1/source/{plan}/search", params={"text": "旅游"}, trust_env=False)
    count = found.json()["count"]
    go(browser, served_page, "?tab=source")
    box = browser.find(".pk-reader-bar input")
    box.send_keys("旅游")
    browser.wait(lambda: f"共 {count} 处" in browser.text(".pk-hits"))
    assert "第 1 处" in browser.text(".pk-hits")
    box.send_keys(Keys.ENTER)
    browser.wait(lambda: "第 2 处" in browser.text(".pk-hits"))
    assert browser.text("mark.pk-current") == "旅游"
    box.send_keys(Keys.SHIFT, Keys.ENTER)
    browser.wait(lambda: "第 1 处" in browser.text(".pk-hits"))
    box.send_keys(Keys.ESCAPE)
    browser.wait(lambda: not browser.all("mark.pk-hit"))


def test_what_is_not_there_is_said(browser: Browser, served_page: str) -> None:
    go(browser, served_page, "?tab=source")
    browser.find(".pk-reader-bar input").send_keys("<i>没有</i>")
    browser.wait(lambda: "<i>没有</i>" in browser.text(".pk-hits"))


def test_names_are_highlighted_by_type_and_open_their_card(
    browser: Browser, served_page: str, plan: str
) -> None:
    town = town_of(served_page, plan)
    go(browser, served_page, f"?at={quote(plan)}:{town['start']}-{town['end']}")
    marked(browser)
    highlight_towns(browser)
    browser.find(f'.pk-name[data-thing="{town["thing"]["id"]}"]').send_keys(Keys.ENTER)
    browser.wait(lambda: town["thing"]["name"] in browser.text(".pk-known .pk-thing h3"))
    browser.find(TOWNS).click()
    browser.wait(lambda: not browser.all('.pk-name[data-label="Town"]'))


def test_a_paragraph_shows_what_the_graph_reads_from_it(
    browser: Browser, served_page: str, plan: str
) -> None:
    project = httpx.get(f"{served_page}api/v1/projects", trust_env=False).json()[1]
    place = project["place"]
    go(browser, served_page, f"?at={quote('{plan}:{start}-{end}'.format(**place))}")
    marked(browser)
    browser.wait(lambda: project["thing"]["name"] in browser.text(".pk-known"))


def test_the_text_is_read_on_a_phone(browser: Browser, served_page: str, plan: str) -> None:
    browser.open(served_page, NARROW)
    go(browser, served_page, f"?at={quote(plan)}:2300-2330")
    marked(browser)
    browser.wait(lambda: browser.in_view(browser.find("mark.pk-at")))
    assert browser.run("return document.documentElement.scrollWidth <= innerWidth")
    browser.open(served_page)


# -- reading on


def scroll_to(browser: Browser, offset: int) -> None:
    """Scroll the text, as a wheel would, until the paragraph at an offset is at the top."""
    script = """
    const text = document.querySelector('.pk-reader-text');
    const parts = [...text.querySelectorAll('.pk-block')];
    const part = parts.findLast((each) => Number(each.dataset.start) <= arguments[0]);
    const away = part.getBoundingClientRect().top - text.getBoundingClientRect().top - 10;
    text.scrollTop += away;
    return Math.abs(away) < 20;
    """
    # what lies between grows when it is first laid out
    browser.wait(lambda: all(browser.run(script, offset) for _ in range(5)))


def test_contents_and_knowledge_follow_the_reading(browser: Browser, served_page: str, plan: str) -> None:
    outline = httpx.get(f"{served_page}api/v1/source/{plan}/outline", trust_env=False).json()
    projects = httpx.get(f"{served_page}api/v1/projects", trust_env=False).json()
    project = projects[len(projects) // 2]
    start = project["place"]["start"]
    heading = [each for each in outline if each["level"] <= 6 and each["start"] <= start][-1]
    go(browser, served_page, "?tab=source")
    scroll_to(browser, start)
    title = "".join(heading["title"].split())
    browser.wait(lambda: title == "".join(browser.text(".pk-contents [aria-current]").split()))
    assert browser.in_view(browser.find(".pk-contents [aria-current]"))
    browser.wait(lambda: project["thing"]["name"] in browser.text(".pk-known"))


def test_a_jump_marks_its_heading_in_the_contents(browser: Browser, served_page: str, plan: str) -> None:
    outline = httpx.get(f"{served_page}api/v1/source/{plan}/outline", trust_env=False).json()
    heading = [each for each in outline if each["level"] <= 3][-2]
    go(browser, served_page, f"?at={quote(plan)}:{heading['start']}-{heading['end']}")
    title = "".join(heading["title"].split())
    browser.wait(lambda: title == "".join(browser.text(".pk-contents [aria-current]").split()))


def test_a_whole_paragraph_is_quoted_with_its_place(browser: Browser, served_page: str, plan: str) -> None:
    browser.allow_clipboard(served_page)
    blocks = httpx.get(f"{served_page}api/v1/source/{plan}/blocks", trust_env=False).json()
    block = next(each for each in blocks if each["kind"] == "paragraph" and each["start"] > 3000)
    go(browser, served_page, f"?at={quote(plan)}:{block['start']}-{block['start'] + 2}")
    marked(browser)
    # as a triple click selects: until the beginning of what comes next
    browser.run(
        "const one = document.querySelector(`.pk-block[data-start='${arguments[0]}']`);"
        "const range = document.createRange();"
        "range.setStart(one.querySelector('.pk-words'), 0); range.setEnd(one.nextElementSibling, 0);"
        "getSelection().removeAllRanges(); getSelection().addRange(range);",
        block["start"],
    )
    button = browser.find(".pk-copy-quote")
    browser.wait(button.is_displayed)
    button.click()
    copied = browser.wait(
        lambda: browser.driver.execute_async_script("navigator.clipboard.readText().then(arguments[0])")
    )
    assert block["text"].strip() in copied and "#" not in copied.partition("http")[0]
    assert f"at={quote(plan)}%3A{block['start']}-{block['end']}" in copied


def test_what_was_kept_in_the_browser_may_be_damaged(browser: Browser, served_page: str) -> None:
    go(browser, served_page, "?tab=source")
    browser.run("localStorage.setItem('plankg.highlight', '{')")
    go(browser, served_page, "?tab=source")
    browser.find(".pk-type[aria-pressed=true]")
    browser.run("localStorage.clear()")


def test_every_hit_is_marked_and_reached(browser: Browser, served_page: str, plan: str) -> None:
    address = f"{served_page}api/v1/source/{plan}/search"
    found = httpx.get(address, params={"text": "的"}, trust_env=False).json()
    assert found["count"] > len(found["hits"]) == 500
    go(browser, served_page, "?tab=source")
    box = browser.find(".pk-reader-bar input")
    box.send_keys("的")
    browser.wait(lambda: f"共 {found['count']} 处" in browser.text(".pk-hits"))
    box.send_keys(Keys.SHIFT, Keys.ENTER)
    browser.wait(lambda: f"第 {found['count']} 处" in browser.text(".pk-hits"))
    box.send_keys(Keys.ESCAPE)


def test_rows_of_the_plans_table_are_a_table(browser: Browser, served_page: str) -> None:
    go(browser, served_page, "?tab=source")
    assert len(browser.all(".pk-reader-text [role=table]")) == 1
    rows = browser.all(".pk-reader-text [role=table] > [role=row]")
    assert len(rows[0].find_elements("css selector", ":scope > [role=columnheader]")) == 6
    assert len(rows[1].find_elements("css selector", ":scope > [role=rowheader]")) == 1
    assert len(rows) > 30
    assert all(len(row.find_elements("css selector", ":scope > [role=cell]")) > 1 for row in rows[2:5])


def test_more_hits_than_are_marked_are_said_to_be(browser: Browser, served_page: str, plan: str) -> None:
    address = f"{served_page}api/v1/source/{plan}/search"
    count = httpx.get(address, params={"text": "，", "limit": 1}, trust_env=False).json()["count"]
    assert count > 2000
    go(browser, served_page, "?tab=source")
    box = browser.find(".pk-reader-bar input")
    box.send_keys("，")
    browser.wait(lambda: f"共 {count} 处，只标出前 2000 处" in browser.text(".pk-hits"))
    box.send_keys(Keys.ESCAPE)


def test_a_chosen_paragraph_stays_until_it_is_out_of_sight(
    browser: Browser, served_page: str, plan: str
) -> None:
    go(browser, served_page, f"?at={quote(plan)}:3000-3010")
    marked(browser)
    chosen = "return document.querySelector('.pk-chosen')?.dataset.start"
    first = browser.wait(lambda: browser.run(chosen))
    scroll = "document.querySelector('.pk-reader-text').scrollBy(0, arguments[0])"
    browser.run(scroll, 100)
    # nothing may happen, and the page has had the frames in which it would follow
    browser.driver.execute_async_script(
        "const done = arguments[0]; let left = 60;"
        "(function next() { left-- ? requestAnimationFrame(next) : done(); })();"
    )
    assert browser.run(chosen) == first
    browser.run(scroll, 1500)
    browser.wait(lambda: browser.run(chosen) != first)


def test_paragraphs_are_chosen_by_keys(browser: Browser, served_page: str, plan: str) -> None:
    go(browser, served_page, f"?at={quote(plan)}:3000-3010")
    marked(browser)
    chosen = "return document.querySelector('.pk-chosen')?.dataset.start"
    focused = "return document.activeElement.dataset.start ?? document.activeElement.className"
    first = browser.wait(lambda: browser.run(chosen))

    def press(key: str) -> None:
        browser.driver.switch_to.active_element.send_keys(key)

    press(Keys.ARROW_DOWN)
    second = browser.run(chosen)
    assert int(second) > int(first)
    assert browser.run(focused) == second
    press(Keys.ARROW_UP)
    assert browser.run(chosen) == browser.run(focused) == first
    press(Keys.ENTER)
    assert browser.run(focused) == "pk-known"
    press(Keys.ESCAPE)
    assert browser.run(focused) == first


def test_the_tab_key_stops_only_at_one_paragraph(browser: Browser, served_page: str, plan: str) -> None:
    name = town_of(served_page, plan)
    go(browser, served_page, f"?at={quote(plan)}:{name['start']}-{name['end']}")
    marked(browser)
    highlight_towns(browser)
    browser.find(".pk-reader-text .pk-name")
    stops = """
    return [...document.querySelectorAll('.pk-reader-text [tabindex="0"]')]
      .filter((each) => !each.closest('.pk-chosen')).map((each) => each.outerHTML);
    """
    assert browser.run("return document.querySelector('.pk-chosen').tabIndex") == 0
    assert browser.run(stops) == []


def test_a_name_and_then_its_paragraph_are_told(browser: Browser, served_page: str, plan: str) -> None:
    town = town_of(served_page, plan)
    go(browser, served_page, f"?at={quote(plan)}:{town['start']}-{town['end']}")
    marked(browser)
    highlight_towns(browser)
    browser.find(f'.pk-name[data-thing="{town["thing"]["id"]}"]').send_keys(Keys.ENTER)
    browser.find(".pk-known article.pk-thing")
    browser.run("document.querySelector('.pk-chosen .pk-words').click()")
    browser.wait(lambda: not browser.all(".pk-known article.pk-thing"))
