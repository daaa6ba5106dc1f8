"""The web page in a real browser.

Tests that take `served_page` hold for any plan that states a target for grain; those that take
`fake_page` need answers that only the fake service gives (slow ones, hostile ones, failures).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from docx import Document
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

from tests.e2e.browser import NARROW, WIDE, Browser, find_browser, open_browser
from tests.e2e.serving import serving
from tests.fakes import FakeService
from ui import texts

QUESTION = "到2025年粮食综合生产能力的目标是多少？"
EXPECTED = "4.1"
#: what a slow answer of the fake service shows before it waits
FIRST_WORDS = "到202"
LOOPBACK = {"127.0.0.1", "localhost"}


@pytest.fixture(scope="module")
def fake_service() -> FakeService:
    return FakeService()


@pytest.fixture(scope="module")
def fake_page(fake_service: FakeService, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a page over the fake service, with an example question."""
    find_browser()
    examples = tmp_path_factory.mktemp("examples")
    roles = [{"role": "官员", "questions": ["粮食<产量>要达到多少？"]}]
    content = {"title": fake_service.status().plans[0], "roles": roles}
    (examples / "fake-plan.json").write_text(json.dumps(content), "utf-8")
    with serving(fake_service, examples) as address:
        yield address


@pytest.fixture(autouse=True)
def no_console_errors(browser: Browser) -> Iterator[None]:
    browser.console_errors()  # what an earlier test left
    yield
    assert browser.console_errors() == []


# -- asking, and opening the evidence


def test_a_question_is_answered_with_citations(browser: Browser, served_page: str) -> None:
    browser.open(served_page)
    turn = browser.ask(QUESTION)
    assert QUESTION in turn.text
    assert EXPECTED in turn.text
    assert "[1]" in turn.text
    assert browser.all(".pk-card .pk-locator")[0].text


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_an_opened_citation_highlights_its_quoted_words(
    browser: Browser, served_page: str, size: tuple[int, int]
) -> None:
    browser.open(served_page, size)
    browser.ask(QUESTION)
    quote = browser.run("return document.querySelector('.pk-card .pk-quote').textContent")
    marked = browser.open_citation(1)
    assert browser.run("return arguments[0].textContent", marked) == quote
    assert len(browser.run("return arguments[0].closest('.pk-source').textContent", marked)) > len(quote)
    browser.wait(lambda: browser.in_view(marked))


def test_a_card_opens_its_source_and_closes_it_again(browser: Browser, served_page: str) -> None:
    browser.open(served_page)
    browser.ask(QUESTION)
    browser.find(".pk-card").click()
    browser.marked(1)
    browser.find('.pk-card[aria-expanded="true"]').click()
    browser.wait(lambda: not browser.all(".pk-source"))
    assert browser.all('.pk-card[aria-expanded="false"]')


def test_an_example_question_is_asked_with_one_click(browser: Browser, fake_page: str) -> None:
    browser.open(fake_page)
    example = browser.find(".pk-example")
    example.click()
    browser.wait(lambda: browser.all(".pk-log[aria-busy=false]"))
    assert "粮食<产量>要达到多少？" in browser.text(".pk-question")
    assert EXPECTED in browser.text(".pk-answer")


# -- asking again


def test_a_question_is_edited_in_the_box(browser: Browser, fake_page: str) -> None:
    browser.open(fake_page)
    browser.ask("粮食产量")
    browser.run("document.querySelector('[data-edit]').click()")
    box = browser.find("#pk-question textarea")
    browser.wait(lambda: box.get_attribute("value") == "粮食产量")
    browser.ask("目标")
    assert "粮食产量目标" in browser.all(".pk-turn")[-1].text


def test_a_question_is_asked_again(browser: Browser, fake_page: str) -> None:
    browser.open(fake_page)
    browser.ask("粮食产量")
    browser.run("document.querySelector('[data-repeat]').click()")
    browser.wait(lambda: len(browser.all(".pk-turn")) == 2 and browser.all(".pk-log[aria-busy=false]"))
    assert EXPECTED in browser.all(".pk-turn")[-1].text


def test_the_last_question_comes_back_with_the_arrow_key(browser: Browser, fake_page: str) -> None:
    browser.open(fake_page)
    browser.ask("粮食产量")
    box = browser.find("#pk-question textarea")
    browser.wait(lambda: box.get_attribute("value") == "")
    box.send_keys(Keys.ARROW_UP)
    browser.wait(lambda: box.get_attribute("value") == "粮食产量")


def test_two_users_have_a_conversation_each(browser: Browser, fake_page: str) -> None:
    browser.open(fake_page)
    browser.ask("粮食产量")
    with open_browser() as other:
        other.open(fake_page)
        assert not other.all(".pk-turn")
        other.ask("有哪些项目")
        assert len(other.all(".pk-turn")) == 1
    browser.ask("项目")
    assert [turn.text.count("有哪些项目") for turn in browser.all(".pk-turn")] == [0, 0]


def test_a_paste_of_five_megabytes_is_cut_and_answered(browser: Browser, fake_page: str) -> None:
    browser.open(fake_page)
    browser.run(
        "const box = document.querySelector('#pk-question textarea');"
        "box.value = '粮食' + '很长'.repeat(1250000);"
        "box.dispatchEvent(new Event('input', {bubbles: true}));"
    )
    turn = browser.ask("？")
    assert turn.text


# -- the status line, and what the page asks of the network


def test_the_status_line_shows_plan_counts_engine_and_model(browser: Browser, served_page: str) -> None:
    browser.open(served_page)
    status = browser.text(".pk-status")
    counts = re.search(r"([\d,]+) 个节点，([\d,]+) 条关系，([\d,]+) 个段落", status)
    assert counts and all(int(count.replace(",", "")) > 0 for count in counts.groups())
    values = [element.text for element in browser.all(".pk-status dd")]
    assert len(values) == 5 and all(values)


def test_everything_is_requested_from_loopback(browser: Browser, served_page: str) -> None:
    browser.requested_hosts()
    browser.open(served_page)
    browser.ask(QUESTION)
    browser.open_citation(1)
    hosts = browser.requested_hosts()
    assert sum(hosts.values()) > 10  # the log really was read
    assert set(hosts) <= LOOPBACK


def test_no_script_style_or_picture_has_an_address_elsewhere(browser: Browser, served_page: str) -> None:
    browser.open(served_page)
    nodes = "[...document.querySelectorAll('link[href], script[src], img[src]')]"
    addresses = browser.run(f"return {nodes}.map(node => node.href || node.src)")
    assert addresses and all(address.startswith((served_page, "data:")) for address in addresses)


# -- text stays text


def test_markup_in_question_answer_and_plan_stays_text(browser: Browser, fake_page: str) -> None:
    browser.open(fake_page)
    title = browser.driver.title
    question = "<img src=x onerror=\"document.title='被攻破'\"><script>document.title='被攻破'</script>"
    turn = browser.ask(question)
    assert question in turn.text
    assert "<script>document.title='被攻破'</script> 如下" in turn.text
    browser.open_citation(1)
    assert "<b>专班</b>" in browser.text(".pk-original mark")
    assert "<img src=x onerror=" in browser.text(".pk-original")
    inserted = "#pk-panel-chat img, #pk-panel-chat script, #pk-panel-chat b, #pk-panel-chat iframe"
    assert browser.all(inserted) == []
    assert browser.driver.title == title


# -- streaming, stopping, starting anew


def test_text_appears_while_the_answer_is_written_and_stop_ends_it(
    browser: Browser, fake_page: str, fake_service: FakeService
) -> None:
    fake_service.proceed.clear()
    browser.open(fake_page)
    browser.start("慢慢说粮食")
    browser.wait(lambda: FIRST_WORDS in browser.text(".pk-turn"))
    assert browser.all(".pk-log[aria-busy=true]")
    browser.wait(lambda: browser.find("#pk-stop").is_displayed())
    browser.find("#pk-stop").click()
    browser.wait(lambda: texts.STOPPED in browser.text(".pk-turn"))
    fake_service.proceed.set()
    assert EXPECTED in browser.ask("粮食目标是多少？").text
    assert texts.STOPPED in browser.text(".pk-turn")


def test_a_question_sent_while_an_answer_is_written_waits_in_the_box(
    browser: Browser, fake_page: str, fake_service: FakeService
) -> None:
    fake_service.proceed.clear()
    browser.open(fake_page)
    browser.start("慢慢说粮食")
    browser.wait(lambda: FIRST_WORDS in browser.text(".pk-turn"))
    box = browser.find("#pk-question textarea")
    browser.wait(lambda: box.get_attribute("value") == "")
    box.send_keys("粮食目标是多少？", Keys.ENTER)
    fake_service.proceed.set()
    browser.wait(lambda: browser.all(".pk-log[aria-busy=false]"))
    assert len(browser.all(".pk-turn")) == 1
    assert box.get_attribute("value") == "粮食目标是多少？"
    browser.wait(lambda: browser.find("#pk-send").is_displayed())
    browser.find("#pk-send").click()
    browser.wait(lambda: len(browser.all(".pk-turn")) == 2 and browser.all(".pk-log[aria-busy=false]"))


def test_a_slow_answer_of_one_session_does_not_hold_up_another(
    browser: Browser, fake_page: str, fake_service: FakeService
) -> None:
    fake_service.proceed.clear()
    browser.open(fake_page)
    first = browser.driver.current_window_handle
    browser.start("慢慢说粮食")
    browser.wait(lambda: FIRST_WORDS in browser.text(".pk-turn"))
    browser.driver.switch_to.new_window("tab")
    try:
        browser.open(fake_page)
        assert "综合物流园区项目" in browser.ask("专栏1有哪些项目？").text
    finally:
        browser.driver.close()
        browser.driver.switch_to.window(first)
    fake_service.proceed.set()
    browser.wait(lambda: browser.all(".pk-log[aria-busy=false]"))
    assert EXPECTED in browser.text(".pk-turn")


def test_two_sessions_have_separate_conversations(browser: Browser, served_page: str) -> None:
    browser.open(served_page)
    first = browser.driver.current_window_handle
    browser.ask(QUESTION)
    browser.driver.switch_to.new_window("tab")
    try:
        browser.open(served_page)
        assert browser.all(".pk-turn") == []
        browser.ask("规划有没有写到地铁？")
        assert len(browser.all(".pk-turn")) == 1
        assert QUESTION not in browser.text("#pk-transcript")
    finally:
        browser.driver.close()
        browser.driver.switch_to.window(first)
    assert len(browser.all(".pk-turn")) == 1
    assert "地铁" not in browser.text("#pk-transcript")
    browser.open_citation(1)
    assert QUESTION in browser.text(".pk-for")


def test_a_new_conversation_can_be_undone(browser: Browser, served_page: str) -> None:
    browser.open(served_page)
    browser.ask(QUESTION)
    browser.find("#pk-new").click()
    browser.find(".pk-welcome")
    assert browser.all(".pk-turn") == []
    browser.wait(lambda: browser.find("#pk-undo").is_displayed())
    browser.find("#pk-undo").click()
    browser.find(".pk-turn")
    assert EXPECTED in browser.text(".pk-turn")
    browser.open_citation(1)


def test_an_error_is_one_chinese_line_and_the_next_question_works(browser: Browser, fake_page: str) -> None:
    browser.open(fake_page)
    browser.ask("断线了吗")
    assert browser.text(".pk-turn .pk-error") == "图数据库没有响应。请检查服务是否启动。"
    browser.ask("崩溃")
    assert browser.all(".pk-turn .pk-error")[-1].text == texts.UNEXPECTED
    assert EXPECTED in browser.ask("粮食目标是多少？").text


# -- taking away


def test_an_answer_is_copied_with_its_citations(browser: Browser, served_page: str) -> None:
    browser.open(served_page)
    browser.allow_clipboard(served_page)
    browser.ask(QUESTION)
    browser.find("[data-copy]").click()
    assert browser.text(".pk-notice") == texts.COPIED
    copied = browser.run("return navigator.clipboard.readText()")
    quote = browser.run("return document.querySelector('.pk-card .pk-quote').textContent")
    assert QUESTION in copied and EXPECTED in copied
    assert f"“{' '.join(quote.split())}”" in copied


def test_without_the_clipboard_interface_an_answer_can_still_be_copied(
    browser: Browser, served_page: str
) -> None:
    # as on an intranet address, where browsers do not offer it
    browser.open(served_page)
    browser.ask(QUESTION)
    browser.run("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
    browser.find("[data-copy]").click()
    assert browser.text(".pk-notice") == texts.COPIED
    browser.find("#pk-question textarea").send_keys(Keys.CONTROL, "v")
    box = "return document.querySelector('#pk-question textarea').value"
    browser.wait(lambda: EXPECTED in browser.run(box))


def test_the_conversation_is_exported_as_word(browser: Browser, served_page: str, tmp_path: Path) -> None:
    browser.download_into(tmp_path)
    browser.open(served_page)
    browser.find("#pk-word").click()
    browser.wait(lambda: browser.text(".pk-notice") == texts.NOTHING_TO_EXPORT)
    turn = browser.ask(QUESTION)
    cited = turn.find_elements("css selector", ".pk-text .pk-mark")
    browser.find("#pk-word").click()
    browser.wait(lambda: list(tmp_path.glob("*.docx")))
    document = Document(str(next(tmp_path.glob("*.docx"))))
    paragraphs = [paragraph.text for paragraph in document.paragraphs]
    assert paragraphs[0] == texts.EXPORT_TITLE
    assert any(QUESTION in each for each in paragraphs) and any(EXPECTED in each for each in paragraphs)
    sources = [p.text for p in document.paragraphs if p.style and p.style.name == "List Bullet"]
    assert cited and any(each.startswith("[1]") for each in sources)


def test_the_conversation_is_exported_as_markdown(browser: Browser, served_page: str, tmp_path: Path) -> None:
    browser.open(served_page)
    browser.download_into(tmp_path)
    browser.ask(QUESTION)
    browser.ask("规划有没有写到地铁？")
    browser.find("#pk-export").click()
    (file,) = browser.wait(lambda: list(tmp_path.glob("*.md")))
    text = browser.wait(lambda: file.read_text("utf-8"))
    assert text.startswith(f"# {texts.EXPORT_TITLE}\n")
    assert text.index(QUESTION) < text.index("地铁")
    assert "- [1] " in text


# -- keyboard, sizes, colours


def test_the_page_can_be_used_without_a_mouse(browser: Browser, served_page: str) -> None:
    browser.open(served_page)
    keys = ActionChains(browser.driver)
    browser.wait(lambda: browser.run("return document.activeElement.tagName") == "TEXTAREA")
    keys.send_keys(QUESTION).perform()
    keys.key_down(Keys.SHIFT).send_keys(Keys.ENTER).key_up(Keys.SHIFT).perform()
    assert browser.all(".pk-turn") == []  # a new line, not sent
    keys.send_keys(Keys.ENTER).perform()
    browser.wait(lambda: browser.all(".pk-log[aria-busy=false]"))
    for _ in range(30):
        keys.key_down(Keys.SHIFT).send_keys(Keys.TAB).key_up(Keys.SHIFT).perform()
        if browser.run("return document.activeElement.matches('.pk-text .pk-mark')"):
            break
    assert browser.run("return document.activeElement.matches('.pk-text .pk-mark')")
    outline = browser.run("return getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
    keys.send_keys(Keys.ENTER).perform()
    browser.find(".pk-source mark")
    browser.wait(lambda: browser.run("return document.activeElement.matches('.pk-source')"))
    keys.send_keys(Keys.ESCAPE).perform()
    browser.wait(lambda: browser.run("return document.activeElement.matches('.pk-text .pk-mark')"))


def nothing_sticks_out(browser: Browser) -> bool:
    return bool(browser.run("return document.documentElement.scrollWidth <= innerWidth"))


@pytest.mark.parametrize("size", [WIDE, (1024, 768), NARROW], ids=str)
def test_no_size_scrolls_sideways(browser: Browser, fake_page: str, size: tuple[int, int]) -> None:
    browser.open(fake_page, size)
    assert nothing_sticks_out(browser)
    for question in ("粮食目标是多少？", "专栏1有哪些项目？", "项目" + "x" * 300):
        browser.ask(question)
    browser.open_citation(1)
    assert nothing_sticks_out(browser)


def test_on_a_narrow_screen_the_evidence_stands_below_and_the_box_stays_at_hand(
    browser: Browser, served_page: str
) -> None:
    browser.open(served_page, NARROW)
    browser.ask(QUESTION)
    top: Callable[[str], float] = lambda selector: float(browser.find(selector).rect["y"])  # noqa: E731
    assert top("#pk-right") > top("#pk-composer")
    assert browser.in_view(browser.find("#pk-question textarea"))


def test_dark_and_light_follow_the_system(browser: Browser, served_page: str) -> None:
    ground = "return getComputedStyle(document.querySelector('#pk-right')).backgroundColor"
    seen = []
    for dark in (False, True):
        browser.open(served_page, dark=dark)
        seen.append([int(value) for value in re.findall(r"\d+", browser.run(ground))[:3]])
    light, dark_ground = seen
    assert min(light) > 200
    assert max(dark_ground) < 80


def test_every_control_has_a_name(browser: Browser, served_page: str) -> None:
    browser.open(served_page)
    browser.ask(QUESTION)
    controls = browser.all("#pk-panel-chat :is(button, textarea, a, summary):not([hidden] *)")
    assert len(controls) > 6
    nameless = [each.get_attribute("outerHTML") for each in controls if not each.accessible_name]
    assert nameless == []
