"""The chat model behind its port: replies whole, and every failure as one line that says what to do."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from kg.adapters.chat_model import OpenAIChatModel, open_chat_model
from kg.errors import ChatModelError, ChatModelUnavailableError
from kg.settings import PROJECT_ROOT, Settings
from tests.chat_server import ChatServer, Reply, Script

SECRET = "sk-for-nobodys-eyes"


def model_for(server: ChatServer, timeout_s: float = 20, key: str | None = SECRET) -> OpenAIChatModel:
    return OpenAIChatModel(server.base_url, "scripted", key, timeout_s)


def reply_to(script: Script | Reply, timeout_s: float = 20) -> str:
    with ChatServer(script) as server:
        return "".join(model_for(server, timeout_s).stream("要求", "材料"))


def test_a_reply_comes_in_pieces() -> None:
    text = "到2025年，森林覆盖率达到58.5%[1]。\n\n第二段。"
    with ChatServer(Reply(text)) as server:
        pieces = list(model_for(server).stream("要求", "材料"))
        (request,) = server.requests
    assert "".join(pieces) == text and len(pieces) > 3
    assert [m["role"] for m in request["messages"]] == ["system", "user"]
    assert [m["content"] for m in request["messages"]] == ["要求", "材料"]
    assert (request["model"], request["stream"], request["temperature"]) == ("scripted", True, 0)
    assert server.keys == [f"Bearer {SECRET}"]


def test_the_key_of_another_service_is_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    monkeypatch.setenv("OPENAI_API_BASE", "http://127.0.0.1:9/v1")
    monkeypatch.setenv("OPENAI_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    with ChatServer(Reply("好。")) as server:
        assert "".join(model_for(server, key=None).stream("要求", "材料")) == "好。"
        assert SECRET not in "".join(server.keys)


@pytest.mark.parametrize(
    ("said", "heard"),
    [
        ("<think>先想一想[9]。</think>\n\n答[1]。", "答[1]。"),
        ("\n<think>\n</think>答。", "答。"),
        ("<table>不是想法", "<table>不是想法"),
        ("  答。<think>不在开头</think>", "  答。<think>不在开头</think>"),
    ],
)
def test_what_a_model_thinks_aloud_is_left_out(said: str, heard: str) -> None:
    assert reply_to(Reply(said)) == heard


FAILURES = {
    "401": (Reply(status=401), "PLANKG_LLM_API_KEY"),
    "403": (Reply(status=403), "PLANKG_LLM_API_KEY"),
    "404": (Reply(status=404), "PLANKG_LLM_MODEL"),
    "429": (Reply(status=429, headers={"Retry-After": "60"}), "429"),
    "400": (Reply(status=400), "400"),
    "500": (Reply(status=500), "500"),
    "503": (Reply(status=503), "503"),
    "no reply at all": (Reply(broken_after=0), "断开|连不上"),
    "broken in the middle": (Reply("一二三四五六七八九十", broken_after=2), "中途断开"),
    "ended in the middle": (Reply("一二三四五六七八", finish=None), "中途断开"),
    "an error in the middle": (Reply(raw=b'data: {"error": {"message": "boom"}}\n\n'), "中途出错"),
    "never ends": (Reply("一二三四", hangs=True), "1 秒.*PLANKG_LLM_TIMEOUT"),
    "never begins": (Reply(hangs=True), "1 秒.*PLANKG_LLM_TIMEOUT"),
}
BAD_REPLIES = {
    "nothing": (Reply(""), "没有给出回答"),
    "only thoughts": (Reply("<think>想啊想"), "没有给出回答"),
    "white space": (Reply(" \n "), "没有给出回答"),
    "cut off": (Reply("一二三", finish="length"), "截断"),
    "filtered": (Reply("", finish="content_filter"), "拦截"),
    "endless": (Reply("长" * 9000), "过长"),
    "a web page": (Reply(raw=b"<html><body>hello</body></html>"), "无法解析|没有给出|断开"),
    "broken JSON": (Reply(raw=b"data: {nope\n\n"), "无法解析"),
    "another form": (Reply(raw=b"data: [1, 2]\n\n"), "无法解析"),
}


@pytest.mark.parametrize("name", FAILURES)
def test_a_failing_server_is_one_line_that_says_what_to_do(name: str) -> None:
    reply, words = FAILURES[name]
    started = time.monotonic()
    with pytest.raises(ChatModelUnavailableError, match=words) as caught:
        reply_to(reply, timeout_s=1 if reply.hangs else 20)
    line = str(caught.value)
    assert "请" in line and "\n" not in line and "Error" not in line
    assert time.monotonic() - started < 15  # never the server's own idea of when to try again


@pytest.mark.parametrize("name", BAD_REPLIES)
def test_an_unusable_reply_is_one_line_that_says_what_to_do(name: str) -> None:
    reply, words = BAD_REPLIES[name]
    with pytest.raises(ChatModelError, match=words) as caught:
        reply_to(reply)
    assert "请" in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize("key", ["密钥", "two\nlines"])
def test_a_key_that_cannot_be_sent_is_named_but_not_shown(key: str) -> None:
    with ChatServer(Reply("好。")) as server:
        with pytest.raises(ChatModelError, match="PLANKG_LLM_API_KEY") as caught:
            list(model_for(server, key=key).stream("要求", "材料"))
    assert key not in str(caught.value)


def test_no_failure_shows_the_key() -> None:
    echo = Reply(status=401, raw=json.dumps({"error": {"message": f"wrong key {SECRET}"}}).encode())
    with pytest.raises(ChatModelError) as caught:
        reply_to(echo)
    assert SECRET not in str(caught.value)


def test_no_server_names_the_address_without_what_is_secret() -> None:
    model = OpenAIChatModel(f"http://user:{SECRET}@127.0.0.1:9/v1", "scripted", None, 5)
    with pytest.raises(ChatModelUnavailableError, match=r"连不上.*127\.0\.0\.1:9") as caught:
        list(model.stream("要求", "材料"))
    assert SECRET not in str(caught.value)


def test_whoever_stops_listening_ends_the_request() -> None:
    with ChatServer(Reply("一二三四" * 500)) as server:
        pieces = model_for(server).stream("要求", "材料")
        assert next(iter(pieces))
        pieces.close()  # type: ignore[attr-defined]
        for thread in threading.enumerate():
            if thread.name == "chat-model":
                thread.join(10)
                assert not thread.is_alive()


def test_many_threads_get_their_own_replies() -> None:
    def echo(request: dict[str, Any]) -> Reply:
        return Reply("回" + request["messages"][1]["content"])

    with ChatServer(echo) as server:
        model = model_for(server)
        with ThreadPoolExecutor(8) as pool:
            replies = list(pool.map(lambda i: "".join(model.stream("要求", f"第{i}段")), range(24)))
    assert replies == [f"回第{i}段" for i in range(24)]


def test_a_schema_is_asked_for_and_given_up_where_the_server_knows_none() -> None:
    def script(request: dict[str, Any]) -> Reply:
        return Reply(status=400) if "response_format" in request else Reply('{"a": 1}')

    schema = {"type": "object"}
    with ChatServer(script) as server:
        model = model_for(server)
        assert ["".join(model.stream("要求", "材料", schema=schema)) for _ in range(2)] == ['{"a": 1}'] * 2
        asked = [request.get("response_format") for request in server.requests]
    assert [bool(form) for form in asked] == [True, False, False]
    assert asked[0]["json_schema"]["schema"] == schema


def test_nothing_is_traced_and_no_vocabulary_is_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    import langsmith.utils
    import tiktoken.registry

    with socket.create_server(("127.0.0.1", 0)) as collector:
        monkeypatch.setenv("LANGSMITH_TRACING", "true")
        monkeypatch.setenv("LANGSMITH_API_KEY", "ls-key")
        monkeypatch.setenv("LANGSMITH_ENDPOINT", f"http://127.0.0.1:{collector.getsockname()[1]}")
        langsmith.utils.get_env_var.cache_clear()
        assert langsmith.utils.tracing_is_enabled()
        assert reply_to(Reply("好。")) == "好。"
        collector.settimeout(1)
        with pytest.raises(TimeoutError):  # nobody comes
            collector.accept()
    langsmith.utils.get_env_var.cache_clear()
    assert tiktoken.registry.ENCODINGS == {}


def test_without_configuration_there_is_no_model_and_nothing_is_imported() -> None:
    assert open_chat_model(Settings.model_validate({})) is None
    script = (
        "import sys; from kg.settings import Settings; from qa.service import QuestionService;"
        "QuestionService(Settings.model_validate({'PLANKG_LLM_BASE_URL': 'http://127.0.0.1:9/v1',"
        " 'PLANKG_LLM_MODEL': 'm'})); import ui.commands, ingest.pipeline; print(*sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=PROJECT_ROOT, capture_output=True, text=True, check=True
    )
    loaded = {re.split(r"\.", name)[0] for name in done.stdout.split()}
    assert "qa" in loaded
    assert (
        loaded & {"langchain_openai", "langchain_core", "langsmith", "openai", "httpx", "tiktoken"} == set()
    )
