"""Questions to answers, whole and in pieces; search; what is loaded."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import chain
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field, JsonValue

from qa.browse.search import MAX_PASSAGES, FoundPassage, search
from qa.model import Answer, Status
from qa.service import MAX_QUESTION_CHARS, QuestionService
from ui.api.answers import MAX_TURNS, AnswerDocument, recent
from ui.api.errors import ErrorDocument, json_responses, message_of, responses
from ui.api.guards import JSON_BODY

#: of a longer answer, its first things and quotes are enough to lead on from
_MAX_THINGS = 200
_Question = Annotated[str, Field(max_length=MAX_QUESTION_CHARS)]
_EXAMPLE: JsonValue = {"question": "规划的主要目标是什么？"}


class AskRequest(BaseModel):
    """A question. What is longer than 1,000 characters is cut, as on the page."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_EXAMPLE]})

    question: str
    history: list[tuple[str, str]] = Field(
        default=[], max_length=MAX_TURNS, description="Earlier turns, oldest first: [question, answer]"
    )
    id: str = Field(default="", max_length=200, description="Comes back with the answer")


class SuggestionsRequest(BaseModel):
    """What an answer speaks of (ids of things), what it quotes (plan, start, end), what was asked before."""

    model_config = ConfigDict(extra="forbid")

    entities: list[str] = Field(default=[], max_length=_MAX_THINGS)
    cited: list[tuple[str, int, int]] = Field(default=[], max_length=_MAX_THINGS)
    asked: list[_Question] = Field(default=[], max_length=MAX_TURNS)
    limit: int = Field(3, ge=1, le=10)


class EventStream(StreamingResponse):
    """Server-sent events."""

    media_type = "text/event-stream"

    @classmethod
    def of(cls, events: Iterator[str]) -> EventStream:
        """``events`` are complete, blank line included; nobody between may keep or gather them."""
        return cls(events, headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})


def router(service: QuestionService) -> APIRouter:
    """Routes for questions."""
    routes = APIRouter(tags=["questions"])

    @routes.post(
        "/ask",
        summary="Ask a question",
        dependencies=[JSON_BODY],
        responses=responses(ErrorDocument, 413, 415),
    )
    def ask(request: AskRequest) -> AnswerDocument:
        """The answer with its evidence; that the plan does not say is an answer too (``refused``)."""
        return AnswerDocument.of(service.ask(request.question, recent(request.history)), request.id)

    @routes.post(
        "/ask/stream",
        summary="Ask a question, and read the answer as it is written",
        dependencies=[JSON_BODY],
        responses=json_responses(ErrorDocument, 413, 415),
        response_class=EventStream,
    )
    def stream(request: AskRequest) -> EventStream:
        """Server-sent events: ``piece`` with ``{"text"}``, then one ``answer`` as `/ask` gives it.

        The text of ``answer`` counts where the pieces differ from it. If the answer breaks off, the last
        event is an ``error`` with the body of an error.
        """
        pieces = service.stream(request.question, recent(request.history))
        first = next(pieces)  # what is wrong with the question is told by the status
        return EventStream.of(_events(chain((first,), pieces), request.id))

    @routes.post("/suggestions", summary="What may be asked next", dependencies=[JSON_BODY])
    def suggestions(wanted: SuggestionsRequest) -> tuple[str, ...]:
        """Questions that lead on from an answer; the plan answers each, with quotes of its own."""
        return service.suggest(wanted.entities, wanted.cited, wanted.asked, wanted.limit)

    @routes.get("/search", summary="Search the plans")
    def find(
        text: Annotated[str, Query(description="Words or a sentence; cut at 1,000 characters")],
        k: Annotated[int, Query(ge=1, le=MAX_PASSAGES, description="How many passages at most")] = 10,
    ) -> tuple[FoundPassage, ...]:
        """Passages near a text, best first: by words, by pairs of characters and by meaning."""
        return search(service.knowledge, text, k)

    @routes.get("/status", summary="What is loaded")
    def status() -> Status:
        """The plans, the size of the graph, engine, model and time of the build."""
        return service.status()

    return routes


def _events(pieces: Iterator[str | Answer], id: str) -> Iterator[str]:
    try:
        for piece in pieces:
            if isinstance(piece, Answer):
                yield f"event: answer\ndata: {AnswerDocument.of(piece, id).model_dump_json()}\n\n"
            else:
                yield _event("piece", {"text": piece})
    except Exception as exc:  # the status has been sent: this is the only place left to tell it
        yield _event("error", {"error": {"message": message_of(exc)}})


def _event(name: str, data: object) -> str:
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"
