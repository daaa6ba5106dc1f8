"""The answers for clients of OpenAI's chat completions: ``/v1/chat/completions``, ``/v1/models``.

No model speaks here. The last message of the user is the question, the turns before it are the
conversation; what a system message says about how to answer is not followed, because the plan's answer is
nobody's to instruct. A streamed answer is sent when it is complete and checked: a chat client cannot take
back what it has shown.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from typing import Any, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field, JsonValue, field_validator

from kg.errors import InputError
from qa.model import Answer
from qa.service import QuestionService
from ui.api.answer_text import with_sources, without_sources
from ui.api.answers import AnswerDocument, recent
from ui.api.errors import MissingError, OpenAIErrorDocument, responses
from ui.api.guards import JSON_BODY
from ui.api.questions import EventStream

MODEL = "plankg"
_PIECE_CHARS = 24


class ChatMessage(BaseModel):
    """A message; ``content`` is text, or a list of parts of which those of text are read."""

    model_config = ConfigDict(extra="ignore")

    role: str
    content: str | list[dict[str, JsonValue]] | None = None

    @field_validator("content", mode="before")
    @classmethod
    def _text_or_parts(cls, value: object) -> object:
        parts = value if isinstance(value, list) else []
        if not isinstance(value, str | list | None) or not all(isinstance(part, dict) for part in parts):
            raise ValueError("应为文字，或由文字部分组成的列表")
        return value

    @property
    def text(self) -> str:
        """The text of the content."""
        if isinstance(self.content, list):
            return "\n".join(str(part.get("text", "")) for part in self.content if part.get("type") == "text")
        return self.content or ""


class StreamOptions(BaseModel):
    """What a stream tells besides the answer."""

    model_config = ConfigDict(extra="ignore")

    include_usage: bool = False


class ChatRequest(BaseModel):
    """A conversation. Fields that are not here are accepted and change nothing."""

    model_config = ConfigDict(
        extra="ignore",
        json_schema_extra={
            "examples": [{"model": MODEL, "messages": [{"role": "user", "content": "主要目标是什么？"}]}]
        },
    )

    messages: list[ChatMessage] = Field(min_length=1, max_length=10_000)
    model: str = Field(default=MODEL, description=f"Any name; the answer is always of {MODEL}")
    stream: bool | None = False
    stream_options: StreamOptions | None = None
    n: int | None = None

    @field_validator("n")
    @classmethod
    def _one_answer(cls, value: int | None) -> int | None:
        if value not in (None, 1):
            raise ValueError("只能是 1，因为同一个问题只有一个回答")
        return value


class Usage(BaseModel):
    """Characters, not tokens: of the question with its history, and of the answer. No model reads them."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class AssistantMessage(BaseModel):
    """The answer in Markdown, its numbered sources below it."""

    role: Literal["assistant"] = "assistant"
    content: str
    refusal: None = None


class Choice(BaseModel):
    """The one answer."""

    index: Literal[0] = 0
    message: AssistantMessage
    logprobs: None = None
    finish_reason: Literal["stop"] = "stop"


class ChatCompletion(BaseModel):
    """A complete answer; ``plankg`` is what `/api/v1/ask` gives."""

    id: str
    object: Literal["chat.completion"] = "chat.completion"
    created: int
    model: str = MODEL
    choices: list[Choice]
    usage: Usage
    plankg: AnswerDocument


class Model(BaseModel):
    """What can be asked."""

    id: str = MODEL
    object: Literal["model"] = "model"
    created: int = 0
    owned_by: str = MODEL


class ModelList(BaseModel):
    """All that can be asked."""

    object: Literal["list"] = "list"
    data: list[Model]


def router(service: QuestionService) -> APIRouter:
    """Routes for OpenAI's clients."""
    routes = APIRouter(tags=["chat"])

    @routes.post(
        "/chat/completions",
        summary="Answer as a chat model would",
        dependencies=[JSON_BODY],
        response_model=ChatCompletion,
        responses={
            200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}},
            **responses(OpenAIErrorDocument, 413, 415),
        },
    )
    def complete(request: ChatRequest, http: Request) -> ChatCompletion | EventStream:
        """The answer with its sources, whole, or with ``stream`` as chunks in server-sent events.

        The last message of the user is the question; system messages and settings of models change
        nothing. The last chunk of a stream carries ``plankg`` too.
        """
        question, turns = conversation(request.messages)
        answer = service.ask(question, recent(turns))
        text = with_sources(answer, str(http.base_url))
        usage = _usage(question, turns, text)
        if request.stream:
            told = usage if request.stream_options and request.stream_options.include_usage else None
            return EventStream.of(_chunks(answer, text, told))
        return ChatCompletion(
            id=_id(),
            created=int(time.time()),
            choices=[Choice(message=AssistantMessage(content=text))],
            usage=usage,
            plankg=AnswerDocument.of(answer),
        )

    @routes.get("/models", summary="What can be asked")
    def models() -> ModelList:
        """One name."""
        return ModelList(data=[Model()])

    @routes.get("/models/{model}", summary="One of them", responses=responses(OpenAIErrorDocument, 404))
    def model(model: str) -> Model:
        """The same name."""
        if model != MODEL:
            raise MissingError(f"没有名为 {model} 的模型。可用：{MODEL}。")
        return Model()

    return routes


def conversation(messages: list[ChatMessage]) -> tuple[str, list[tuple[str, str]]]:
    """The last question, and the turns before it: (user, assistant).

    Raises: InputError: nobody asks anything, or the question is not text alone.
    """
    asked = [place for place, message in enumerate(messages) if message.role == "user"]
    if not asked:
        raise InputError("messages 中没有 user 消息。请把问题作为最后一条 user 消息发送。")
    last = messages[asked[-1]]
    if isinstance(last.content, list) and any(part.get("type") != "text" for part in last.content):
        raise InputError("问题只能是文字，不能包含图片、声音或文件。请改正后再试。")
    turns: list[tuple[str, str]] = []
    for message in messages[: asked[-1]]:
        if message.role == "user":
            turns.append((message.text, ""))
        elif message.role == "assistant" and turns:
            turns[-1] = (turns[-1][0], without_sources(message.text))
    return last.text, turns


def _usage(question: str, turns: list[tuple[str, str]], text: str) -> Usage:
    prompt = len(question) + sum(len(part) for turn in turns for part in turn)
    return Usage(prompt_tokens=prompt, completion_tokens=len(text), total_tokens=prompt + len(text))


def _id() -> str:
    return f"chatcmpl-{uuid.uuid4().hex}"


class _Chunk(BaseModel):
    id: str
    object: Literal["chat.completion.chunk"] = "chat.completion.chunk"
    created: int
    model: str = MODEL
    choices: list[dict[str, Any]]
    usage: Usage | None = None
    plankg: AnswerDocument | None = None


def _chunks(answer: Answer, text: str, usage: Usage | None) -> Iterator[str]:
    id, created = _id(), int(time.time())

    def event(delta: dict[str, str] | None, end: str | None = None, **more: Any) -> str:
        choices = [] if delta is None else [
            {"index": 0, "delta": delta, "logprobs": None, "finish_reason": end}
        ]  # fmt: skip
        chunk = _Chunk(id=id, created=created, choices=choices, **more)
        return f"data: {chunk.model_dump_json(exclude=_absent(chunk))}\n\n"

    yield event({"role": "assistant", "content": ""})
    for start in range(0, len(text), _PIECE_CHARS):
        yield event({"content": text[start : start + _PIECE_CHARS]})
    yield event({}, "stop", plankg=AnswerDocument.of(answer))
    if usage:
        yield event(None, usage=usage)
    yield "data: [DONE]\n\n"


def _absent(chunk: _Chunk) -> set[str]:
    """Fields that most chunks do not have at all."""
    return {name for name in ("usage", "plankg") if getattr(chunk, name) is None}
