"""The server ends in the middle of an answer and starts again: the page says so and goes on."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.chat_server import ChatServer, Reply
from tests.e2e.browser import Browser
from tests.e2e.cli import SMALL_ANSWER, SMALL_QUESTION, small_state
from tests.e2e.serving import free_port, served


def test_an_answer_that_broke_off_is_told_and_the_next_is_given(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory, models_dir: Path
) -> None:
    command = small_state(tmp_path_factory, models_dir, tmp_path_factory.mktemp("restart") / "home")
    port = free_port()
    with ChatServer(Reply("全县地区", hangs=True)) as model:
        worded = command.with_variables(PLANKG_LLM_BASE_URL=model.base_url, PLANKG_LLM_MODEL="slow")
        with served(worded, port) as address:
            browser.open(address)
            browser.start(SMALL_QUESTION)
            browser.wait(lambda: browser.all(".pk-log[aria-busy=true]") and model.requests)
    assert "连接断了" in browser.text(".pk-gone")
    with served(command, port):
        # the page comes back by itself, and offers what was asked
        again = browser.find(".pk-before [data-example]")
        assert again.text == SMALL_QUESTION
        browser.wait(lambda: browser.driver.execute_script("return document.readyState") == "complete")
        again.click()
        browser.wait(lambda: browser.all(".pk-turn") and SMALL_ANSWER in browser.text(".pk-answer"))


def test_a_conversation_that_was_ended_is_not_offered(browser: Browser, served_page: str) -> None:
    browser.open(served_page)
    browser.ask("约束性指标有哪些？")
    browser.find("#pk-new").click()
    browser.wait(lambda: browser.all(".pk-welcome"))
    browser.driver.get(served_page)
    browser.find(".pk-example")
    assert browser.all(".pk-before") == []
