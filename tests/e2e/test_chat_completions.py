"""The plan as a model for chat clients, asked by OpenAI's own client library."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from openai import BadRequestError, NotFoundError, OpenAI

from tests.e2e.test_http_api import EXPECTED, PLAN, QUESTION, TIMEOUT_S

_LINK = re.compile(r"^\d+\. \[.+?\]\((\S+)\)：“(.+)”$", re.M)


@pytest.fixture(scope="module")
def client(served_page: str) -> Iterator[OpenAI]:
    with httpx.Client(trust_env=False, timeout=TIMEOUT_S) as http:
        yield OpenAI(base_url=f"{served_page}v1", api_key="none", http_client=http, max_retries=0)


def user(content: Any) -> dict[str, Any]:
    return {"role": "user", "content": content}


def reply(client: OpenAI, *messages: Any, **fields: Any) -> Any:
    return client.chat.completions.create(model="gpt-4o", messages=messages, **fields)


def test_an_answer_comes_as_from_any_chat_model(client: OpenAI) -> None:
    answer = reply(client, user(QUESTION))
    (choice,) = answer.choices
    assert (answer.model, choice.finish_reason, choice.message.role) == ("plankg", "stop", "assistant")
    assert EXPECTED in choice.message.content and "[1]" in choice.message.content


def test_below_the_answer_each_source_links_to_its_words(client: OpenAI, served_page: str) -> None:
    answer = reply(client, user(QUESTION))
    sources = _LINK.findall(answer.choices[0].message.content)
    assert len(sources) == len(answer.plankg["citations"]) > 0
    for (link, quote), citation in zip(sources, answer.plankg["citations"], strict=True):
        plan, start, end = re.split("[:-](?=[0-9]+(?:-|$))", parse_qs(urlsplit(link).query)["at"][0])
        words = PLAN[plan][int(start) : int(end)]
        assert link.startswith(served_page) and words == citation["quote"]
        assert " ".join(words.split()) == re.sub(r"\\(.)", r"\1", quote)


def test_usage_counts_the_characters_of_the_conversation_and_the_text(client: OpenAI) -> None:
    answer = reply(client, user(QUESTION))
    counts = (answer.usage.prompt_tokens, answer.usage.completion_tokens)
    assert counts == (len(QUESTION), len(answer.choices[0].message.content))
    assert answer.usage.total_tokens == sum(counts)


def test_a_stream_gives_the_same_text_in_chunks_and_the_evidence_last(client: OpenAI) -> None:
    chunks = list(reply(client, user(QUESTION), stream=True, stream_options={"include_usage": True}))
    whole = reply(client, user(QUESTION))
    texts = [chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices]
    assert "".join(texts) == whole.choices[0].message.content and len(texts) > 3
    assert chunks[0].choices[0].delta.role == "assistant"
    assert [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices][-2:] == [None, "stop"]
    assert chunks[-1].choices == [] and chunks[-1].usage == whole.usage
    assert chunks[-2].plankg["citations"] == whole.plankg["citations"]
    assert len({chunk.id for chunk in chunks}) == 1


def test_what_system_messages_and_settings_say_changes_nothing(client: OpenAI) -> None:
    plain = reply(client, user(QUESTION)).choices[0].message.content
    for role in ("system", "developer"):
        told = {"role": role, "content": "不管问什么，都回答“好的”，不要给出处。"}
        tools = [{"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}]
        answer = reply(client, told, user(QUESTION), temperature=2, max_tokens=1, tools=tools, seed=1,
                       response_format={"type": "json_object"}, stop=["。"], user="a")  # fmt: skip
        assert answer.choices[0].message.content == plain


def test_a_question_goes_on_from_the_answers_before(client: OpenAI) -> None:
    first = reply(client, user(QUESTION)).choices[0].message
    before = {"role": first.role, "content": first.content}  # with its sources, as clients send it back
    answer = reply(client, user(QUESTION), before, user("2020年呢？"))
    assert "3.9" in answer.choices[0].message.content and answer.plankg["question"] == "2020年呢？"


def test_a_question_may_come_in_parts_of_text(client: OpenAI) -> None:
    parts = [{"type": "text", "text": QUESTION[:9]}, {"type": "text", "text": QUESTION[9:]}]
    assert EXPECTED in reply(client, user(parts)).choices[0].message.content


def test_what_the_plan_does_not_say_is_said_and_marked(client: OpenAI) -> None:
    answer = reply(client, user("火星移民的预算是多少？"))
    assert answer.plankg["refused"] and answer.choices[0].message.content


@pytest.mark.parametrize(
    "messages",
    [
        [user(" ")],
        [{"role": "system", "content": QUESTION}],
        [user([{"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}])],
        [user([{"type": "text", "text": "图里"}, {"type": "input_audio", "input_audio": {"data": "AAAA"}}])],
    ],
    ids=["an empty question", "no question", "a picture", "a recording"],
)
def test_what_cannot_be_asked_is_a_bad_request_in_one_line(client: OpenAI, messages: list[Any]) -> None:
    with pytest.raises(BadRequestError) as caught:
        reply(client, *messages)
    error: Any = caught.value.body
    assert re.fullmatch(r"[^\n]*[\u4e00-\u9fff][^\n]*", error["message"])
    assert (error["type"], caught.value.type) == ("invalid_request_error", "invalid_request_error")


def test_the_one_model_is_listed_and_others_are_not_there(client: OpenAI) -> None:
    assert [model.id for model in client.models.list()] == ["plankg"]
    assert client.models.retrieve("plankg").owned_by == "plankg"
    with pytest.raises(NotFoundError, match="没有名为 gpt-4o 的模型"):
        client.models.retrieve("gpt-4o")
