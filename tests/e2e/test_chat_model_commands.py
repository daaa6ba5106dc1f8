"""The commands with a chat model configured: answers are worded, question sets not, failures are notes."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chat_server import ChatServer, Reply
from tests.conftest import SMALL_PLAN
from tests.e2e.cli import SMALL_QUESTION, CommandLine
from ui.chat.conversation import Conversation
from ui.chat.page import Page

WORDED = "全县地区生产总值到2025年将达到120亿元，年均增长7%以上[1]。"
GOLD = {"id": "q1", "question": SMALL_QUESTION, "must": [["120"]], "quote": ["达到120亿元"]}


@pytest.fixture(scope="module")
def server() -> Iterator[ChatServer]:
    with ChatServer(Reply(WORDED)) as opened:
        yield opened


@pytest.fixture(scope="module")
def command(tmp_path_factory: pytest.TempPathFactory, models_dir: Path, server: ChatServer) -> CommandLine:
    """The command line on a build of the small plan, with the scripted server configured."""
    directory = tmp_path_factory.mktemp("chat")
    plan = directory / "plan.txt"
    plan.write_text(SMALL_PLAN, "utf-8")
    variables = {"PLANKG_LLM_BASE_URL": server.base_url, "PLANKG_LLM_MODEL": "scripted"}
    command = CommandLine(directory / "home", models_dir, variables)
    command.run("build", plan).ok()
    assert server.requests == []  # a model that words answers does not read plans
    return command


def test_an_answer_is_worded_and_says_so(command: CommandLine, server: ChatServer) -> None:
    server.script = Reply(WORDED)
    shown = command.run("ask", SMALL_QUESTION).ok()
    assert shown.startswith(WORDED) and "scripted" in shown and "出处：" in shown
    data = command.run("ask", SMALL_QUESTION, "--json").json()
    assert data["answer"] == WORDED and data["refused"] is False
    assert (
        SMALL_PLAN[data["citations"][0]["start"] : data["citations"][0]["end"]]
        == data["citations"][0]["quote"]
    )


def test_a_failing_server_is_a_note_and_no_failure(command: CommandLine, server: ChatServer) -> None:
    server.script = Reply(status=401)
    shown = command.run("ask", SMALL_QUESTION).ok()
    assert "120亿元" in shown and "PLANKG_LLM_API_KEY" in shown and "Traceback" not in shown


def test_a_question_set_is_graded_without_the_model_unless_asked(
    command: CommandLine, server: ChatServer, tmp_path: Path
) -> None:
    server.script = Reply(WORDED)
    questions = tmp_path / "questions.jsonl"
    questions.write_text(json.dumps(GOLD, ensure_ascii=False), "utf-8")
    server.requests.clear()
    assert "correct 1.000" in command.run("eval", questions).ok()
    assert server.requests == []
    assert "correct 1.000" in command.run("eval", questions, "--with-model").ok()
    assert len(server.requests) == 1
    out = tmp_path / "answers.jsonl"
    command.run("ask", "--batch", questions, "--out", out).ok()
    assert json.loads(out.read_text("utf-8"))["answer"] == WORDED


def test_half_a_configuration_is_one_line(command: CommandLine) -> None:
    half = CommandLine(command.home, command.models, {"PLANKG_LLM_MODEL": "scripted"})
    half.run("ask", SMALL_QUESTION).refusal("PLANKG_LLM_MODEL", "PLANKG_LLM_BASE_URL", "请")


def test_a_build_says_when_the_model_could_not_be_asked(command: CommandLine, tmp_path: Path) -> None:
    plan = tmp_path / "plan.txt"
    plan.write_text(SMALL_PLAN, "utf-8")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    variables = {
        "PLANKG_LLM_BASE_URL": f"http://127.0.0.1:{port}/v1", "PLANKG_LLM_MODEL": "scripted",
        "PLANKG_LLM_EXTRACT": "1",
    }  # fmt: skip
    shown = CommandLine(tmp_path / "home", command.models, variables).run("build", plan).ok()
    assert shown.count("注意：") == 1 and "连不上" in shown and "建库完成" in shown


def test_the_page_shows_the_worded_answer_and_replaces_what_does_not_hold(
    command: CommandLine, server: ChatServer
) -> None:
    from kg.settings import Settings
    from qa.service import QuestionService

    service = QuestionService(
        Settings.model_validate(
            {
                "PLANKG_HOME": command.home, "PLANKG_MODELS": command.models,
                "PLANKG_LLM_BASE_URL": server.base_url, "PLANKG_LLM_MODEL": "scripted",
            }
        )
    )  # fmt: skip
    page = Page(service)
    server.script = Reply(WORDED)
    *_, last = page.ask(SMALL_QUESTION, Conversation())
    assert last.conversation.turns[-1].text == WORDED and not last.busy
    server.script = Reply(
        "全县地区生产总值年均增长7%以上[1]。另据《内部通报》，已达到999亿元[1]。", finish=None
    )
    views = list(page.ask(SMALL_QUESTION, Conversation()))
    assert not any("999" in view.transcript for view in views)
    assert "120亿元" in views[-1].conversation.turns[-1].text
    assert "中途断开" in views[-1].transcript
    service.close()
