"""The chat model: any OpenAI-compatible server, through LangChain."""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from kg.adapters.chat_errors import reply_error
from kg.errors import ChatModelError, ChatModelUnavailableError
from kg.ports import ChatModel
from kg.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Generator

    from langchain_core.messages import AIMessageChunk, BaseMessage
    from langchain_openai import ChatOpenAI

log = logging.getLogger(__name__)
#: a reply longer than this has lost its way
_MAX_REPLY_CHARS = 8000
#: many local servers want no key, but the protocol has a place for one
_NO_KEY = "none"
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_THOUGHT, _THOUGHT_END = "<think>", "</think>"


def open_chat_model(settings: Settings, *, retries: int = 0) -> ChatModel | None:
    """The configured chat model, or None. Contacts nobody; imports its library at the first use.

    ``retries`` is for work that nobody waits for: how often a request is sent again.
    """
    if settings.llm_base_url is None or settings.llm_model is None:
        return None
    return OpenAIChatModel(
        settings.llm_base_url, settings.llm_model, settings.llm_api_key, settings.llm_timeout_s, retries
    )


class OpenAIChatModel:
    """A model on a server that speaks the chat protocol of OpenAI."""

    def __init__(
        self, base_url: str, name: str, api_key: str | None, timeout_s: float, retries: int = 0
    ) -> None:
        """``timeout_s`` is for a whole reply, however its pieces come."""
        self._base_url = base_url
        self._name = name
        self._api_key = api_key
        self._timeout_s = timeout_s
        self._retries = retries
        self._takes_schema = True

    @property
    def name(self) -> str:
        """The model's name, as its server knows it."""
        return self._name

    def prepare(self) -> None:
        """Load the library, which takes seconds."""
        assert self._client is not None

    def stream(
        self, instructions: str, text: str, *, schema: Mapping[str, Any] | None = None
    ) -> Iterator[str]:
        """The reply in pieces; see `kg.ports.ChatModel`."""
        messages = [("system", instructions), ("human", text)]
        if schema is None or not self._takes_schema:
            yield from self._reply(messages, {})
            return
        form = {"name": "reply", "schema": dict(schema), "strict": True}
        try:
            asked = {"response_format": {"type": "json_schema", "json_schema": form}}
            yield from self._reply(messages, {"extra_body": asked})
        except SchemaRefusedError:
            log.info("%s takes no JSON schema", self._name)
            self._takes_schema = False
            yield from self._reply(messages, {})

    def _reply(self, messages: list[tuple[str, str]], options: dict[str, Any]) -> Iterator[str]:
        """Pieces of one reply, without its thoughts, at most up to the time limit."""
        spoken = 0
        with closing(_without_thought(self._pieces(messages, options))) as pieces:
            for piece in pieces:
                spoken += len(piece)
                if spoken > _MAX_REPLY_CHARS:
                    raise ChatModelError("对话模型的回答过长。请重试，或换一个模型。")
                yield piece
        if not spoken:
            raise ChatModelError("对话模型没有给出回答。请重试，或换一个模型。")

    def _pieces(self, messages: list[tuple[str, str]], options: dict[str, Any]) -> Generator[str, None, None]:
        """What another thread reads: only so does the limit hold for a server that sends nothing."""
        self.prepare()  # loading the library is not the server's time
        pieces: queue.Queue[str | Exception | None] = queue.Queue()
        stopped, begun = threading.Event(), False
        deadline = time.monotonic() + self._timeout_s
        work = (messages, options, pieces, stopped)
        threading.Thread(target=self._read, args=work, name="chat-model", daemon=True).start()
        try:
            while (piece := self._next(pieces, deadline)) is not None:
                if isinstance(piece, Exception):
                    if options and getattr(piece, "status_code", 0) in _NO_SUCH_OPTION:
                        raise SchemaRefusedError from piece
                    raise reply_error(piece, self._server, self._timeout_s, begun) from piece
                begun = True
                yield piece
        finally:
            stopped.set()

    def _next(self, pieces: queue.Queue[str | Exception | None], deadline: float) -> str | Exception | None:
        try:
            return pieces.get(timeout=max(deadline - time.monotonic(), 0.001))
        except queue.Empty:
            return TimeoutError()

    def _read(
        self,
        messages: list[tuple[str, str]],
        options: dict[str, Any],
        pieces: queue.Queue[str | Exception | None],
        stopped: threading.Event,
    ) -> None:
        """Put the reply's pieces into the queue, then None; or what went wrong."""
        try:
            from langsmith.run_helpers import tracing_context

            finished = ""
            with tracing_context(enabled=False):  # whatever the environment says, nothing goes elsewhere
                chunks = self._client.stream(cast("list[BaseMessage]", messages), **options)
                with closing(cast("Generator[AIMessageChunk, None, None]", chunks)):
                    for chunk in chunks:
                        if stopped.is_set():
                            return
                        finished = chunk.response_metadata.get("finish_reason") or finished
                        if text := str(chunk.text):
                            pieces.put(text)
            pieces.put(_ending(finished))
        except Exception as exc:  # whatever the server made the libraries raise; translated where it is read
            pieces.put(exc)

    @property
    def _server(self) -> str:
        """The server's address without what may be secret in it."""
        parts = urlsplit(self._base_url)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"

    @cached_property
    def _client(self) -> ChatOpenAI:
        import httpx
        from langchain_openai import ChatOpenAI
        from pydantic import SecretStr

        local = urlsplit(self._base_url).hostname in _LOOPBACK
        return ChatOpenAI(
            model=self._name,
            base_url=self._base_url,
            api_key=SecretStr(self._api_key or _NO_KEY),  # never another service's key from the environment
            temperature=0,
            timeout=self._timeout_s,
            max_retries=self._retries,
            stream_usage=False,
            use_responses_api=False,
            openai_proxy=None,
            # an office's proxy does not lead back to this machine
            http_client=httpx.Client(timeout=self._timeout_s, trust_env=not local),
        )


class SchemaRefusedError(Exception):
    """The server does not know how to hold a model to a schema."""


#: how servers say that they do not know an option
_NO_SUCH_OPTION = frozenset({400, 404, 415, 422, 501})


def _ending(finished: str) -> Exception | None:
    """Whether a reply came to its end; ``finished`` is what the server says of it."""
    if not finished:
        return ChatModelUnavailableError("对话模型的回答中途断开。请稍后重试。")
    if finished == "length":
        return ChatModelError("对话模型的回答因长度限制被截断。请调大该服务的上下文或输出长度。")
    if finished == "content_filter":
        return ChatModelError("对话模型的服务拦截了回答。请换一种问法，或换一个模型。")
    return None


def _without_thought(pieces: Generator[str, None, None]) -> Generator[str, None, None]:
    """Leave out what stands between the marks of thought at the beginning."""
    with closing(pieces):
        head = begun = ""
        for piece in pieces:
            head += piece
            begun = head.lstrip()
            if begun.startswith(_THOUGHT):
                said = begun.partition(_THOUGHT_END)[2].lstrip()
                if said:
                    yield said
                    break
            elif not _THOUGHT.startswith(begun[: len(_THOUGHT)]):
                yield head
                break
        else:
            if begun and not begun.startswith(_THOUGHT):
                yield head
        yield from pieces
