"""What the HTTP API says when something fails behind it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from kg.errors import CypherError, CypherRefusedError, InputError, PlankgError, StoreUnavailableError
from qa.model import Answer, History
from tests.fakes import FakeService
from ui import texts
from ui.api import chat_completions, questions
from ui.api.errors import add_error_handlers

SECRET = "a path, a key, a line of code"


class BreakingService(FakeService):
    """Fails as it is told to."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error

    def ask(self, question: str, history: History = ()) -> Answer:
        raise self.error

    def stream(self, question: str, history: History = ()) -> Iterator[str | Answer]:
        yield "开头"
        raise self.error


def client(service: Any) -> TestClient:
    app = FastAPI()
    app.include_router(questions.router(service))
    app.include_router(chat_completions.router(service), prefix="/v1")
    add_error_handlers(app)
    return TestClient(app, raise_server_exceptions=False)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (InputError("问题不好。"), 400), (CypherError("语句不好。"), 400),
        (CypherRefusedError("不行。"), 403), (StoreUnavailableError("断线了。"), 503),
        (PlankgError("坏了。"), 503),
    ],
)  # fmt: skip
def test_a_known_error_is_told_in_its_own_line(error: PlankgError, status: int) -> None:
    response = client(BreakingService(error)).post("/ask", json={"question": "粮食"})
    assert (response.status_code, response.json()) == (status, {"error": {"message": str(error)}})


@pytest.mark.parametrize("route", ["/ask", "/v1/chat/completions"])
def test_a_defect_is_told_without_what_it_is(route: str, caplog: pytest.LogCaptureFixture) -> None:
    body = {"question": "粮食"} if route == "/ask" else {"messages": [{"role": "user", "content": "粮食"}]}
    response = client(BreakingService(RuntimeError(SECRET))).post(route, json=body)
    assert response.status_code == 500 and SECRET not in response.text
    assert response.json()["error"]["message"] == texts.UNEXPECTED
    assert SECRET in caplog.text  # the log has it


def test_clients_of_openai_get_errors_in_its_form() -> None:
    service = BreakingService(StoreUnavailableError("断线了。"))
    body = {"messages": [{"role": "user", "content": "粮食"}]}
    response = client(service).post("/v1/chat/completions", json=body)
    told = {"message": "断线了。", "type": "server_error", "param": None, "code": None}
    assert (response.status_code, response.json()) == (503, {"error": told})


@pytest.mark.parametrize(
    ("error", "line"),
    [(StoreUnavailableError("断线了。"), "断线了。"), (RuntimeError(SECRET), texts.UNEXPECTED)],
)
def test_an_answer_that_breaks_off_ends_with_the_error(error: Exception, line: str) -> None:
    response = client(BreakingService(error)).post("/ask/stream", json={"question": "粮食"})
    events = [event.split("\n") for event in response.text.strip().split("\n\n")]
    assert [name for name, _ in events] == ["event: piece", "event: error"]
    assert json.loads(events[1][1].removeprefix("data: ")) == {"error": {"message": line}}


def test_an_answers_markup_stays_the_plans_words_in_a_chat() -> None:
    body = {"messages": [{"role": "user", "content": "<b>"}]}
    answer = client(FakeService()).post("/v1/chat/completions", json=body).json()
    sources = answer["choices"][0]["message"]["content"].split(f"**{texts.EVIDENCE}**")[1]
    assert r"\<b\>专班\</b\>" in sources and "<b>" not in sources
