"""What the page has beside an answer: questions that lead on, verdicts, a small graph."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver.common.keys import Keys

from tests.e2e.browser import Browser
from tests.e2e.cli import CommandLine, small_state
from tests.e2e.serving import served
from ui.feedback import Feedback, FeedbackStore

QUESTION = "金穗粮油有哪些项目？"


@pytest.fixture(autouse=True)
def no_console_errors(browser: Browser) -> Iterator[None]:
    browser.console_errors()  # what an earlier test left
    yield
    assert browser.console_errors() == []


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, models_dir: Path) -> Path:
    home = tmp_path_factory.mktemp("beside") / "home"
    return small_state(tmp_path_factory, models_dir, home).home


@pytest.fixture(scope="module")
def address(home: Path, models_dir: Path) -> Iterator[str]:
    with served(CommandLine(home, models_dir)) as found:
        yield found


def kept(home: Path) -> list[Feedback]:
    return FeedbackStore.of(home).all()


def test_a_question_that_leads_on_is_asked_with_one_click(browser: Browser, served_page: str) -> None:
    browser.open(served_page)
    browser.ask("约束性指标有哪些？")
    offered = browser.find(".pk-next button")
    question = offered.text
    offered.click()
    browser.wait(lambda: len(browser.all(".pk-turn")) == 2 and browser.all(".pk-log[aria-busy=false]"))
    turn = browser.all(".pk-turn")[-1]
    assert question in turn.text and turn.find_elements("css selector", ".pk-mark")
    # only the last answer leads on, and not back
    browser.wait(lambda: browser.all(".pk-turn:last-child .pk-verdicts"))
    assert browser.all(".pk-turn:not(:last-child) .pk-next") == []
    assert question not in [each.text for each in browser.all(".pk-next button")]


def test_a_verdict_is_kept_explained_changed_and_withdrawn(
    browser: Browser, address: str, home: Path
) -> None:
    browser.open(address)
    browser.ask(QUESTION)
    browser.find(".pk-verdict[data-verdict=down]").click()
    browser.wait(lambda: [entry.verdict for entry in kept(home)] == ["down"])
    browser.find(".pk-comment textarea").send_keys("少了一个项目<b>")
    browser.find(".pk-comment button").click()
    browser.wait(lambda: kept(home)[0].comment)
    (entry,) = kept(home)
    assert (entry.question, entry.comment) == (QUESTION, "少了一个项目<b>")
    assert "大米项目" in entry.answer and entry.sources.startswith("small-plan:")
    # the next answer leaves it as it is
    browser.ask("到2025年全县地区生产总值达到多少？")
    first = browser.find(".pk-turn .pk-verdict[data-verdict=down]")
    assert first.get_attribute("aria-pressed") == "true"
    browser.find(".pk-turn .pk-verdict[data-verdict=up]").send_keys(Keys.ENTER)
    browser.wait(lambda: [entry.verdict for entry in kept(home)] == ["up"])
    browser.find(".pk-turn .pk-verdict[data-verdict=up]").click()
    browser.wait(lambda: kept(home) == [])
    assert browser.all(".pk-turn .pk-comment:not([hidden])") == []


def test_verdicts_are_exported_by_command(browser: Browser, address: str, home: Path, tmp_path: Path) -> None:
    command = CommandLine(home, home)
    assert "没有评价" in command.run("feedback", tmp_path / "none.csv").ok()
    browser.open(address)
    browser.ask(QUESTION)
    browser.find(".pk-verdict[data-verdict=up]").click()
    browser.wait(lambda: kept(home))
    for format in ("csv", "xlsx", "jsonl"):
        path = tmp_path / f"verdicts.{format}"
        assert "有用 1，有误 0" in command.run("feedback", "--format", format, path).ok()
        assert path.stat().st_size > 50
    command.run("feedback", tmp_path / "no" / "such.csv").refusal("目录")


def test_a_small_graph_shows_what_the_answer_speaks_of(browser: Browser, served_page: str) -> None:
    browser.open(served_page)
    browser.ask("利虎玻璃集团有哪些项目？")
    browser.find(".pk-answer-graph canvas")
    told = str(browser.find(".pk-small-graph").get_attribute("aria-label"))
    assert "利虎玻璃集团" in told and "条关系" in told
    # it stays while sources are opened
    browser.open_citation(1)
    browser.find(".pk-answer-graph canvas")
    browser.find(".pk-answer-graph a").click()
    browser.find("#pk-panel-graph .pk-canvas canvas")
    assert "tab=graph&node=" in browser.driver.current_url
    browser.driver.back()
    browser.wait(lambda: browser.find(".pk-answer-graph").is_displayed())


def test_a_refusal_has_no_graph_and_still_takes_a_verdict(browser: Browser, address: str) -> None:
    browser.open(address)
    browser.ask("火星基地什么时候建成？")
    browser.find(".pk-verdict")
    assert browser.all(".pk-answer-graph") == []
