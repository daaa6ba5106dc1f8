"""The HTTP API as `plankg serve` serves it, asked by an ordinary client."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import httpx
import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.pipeline import default_plans
from kg.settings import PROJECT_ROOT

QUESTION = "到2025年粮食综合生产能力的目标是多少？"
EXPECTED = "4.1"
PLAN = {path.stem: path.read_bytes().decode() for path in default_plans(PROJECT_ROOT)}
#: generous, because a loaded machine is no defect
TIMEOUT_S = 120
ASK = "/api/v1/ask"
CYPHER = "/api/v1/cypher"
CHAT = "/v1/chat/completions"
TOWNS = "MATCH (n:Town) RETURN n.name AS name ORDER BY name"
_CHINESE_LINE = re.compile(r"[^\n]*[\u4e00-\u9fff][^\n]*")


@pytest.fixture(scope="module")
def api(served_page: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=served_page, timeout=TIMEOUT_S, trust_env=False) as client:
        yield client


@pytest.fixture(scope="module")
def document(api: httpx.Client) -> dict[str, Any]:
    """The OpenAPI document."""
    found: dict[str, Any] = api.get("/api/openapi.json").json()
    return found


def conforms(document: Mapping[str, Any], route: str, response: httpx.Response) -> Any:
    """The response's JSON; its status must be documented for the route, and its body as documented."""
    operation = document["paths"][route][response.request.method.lower()]
    assert str(response.status_code) in operation["responses"], (route, response.status_code, response.text)
    content = operation["responses"][str(response.status_code)]["content"]
    schema = content[response.headers["content-type"].split(";")[0]]["schema"]
    body = response.json()
    jsonschema.validate(body, {**schema, "components": document["components"]})
    return body


def refusal(response: httpx.Response, *statuses: int) -> str:
    """The one Chinese line of an error."""
    assert response.status_code in statuses, response.text
    message = response.json()["error"]["message"]
    assert _CHINESE_LINE.fullmatch(message) and "Traceback" not in response.text
    return str(message)


# -- what is asked is answered


def test_an_answer_cites_the_plans_own_words(api: httpx.Client, document: dict[str, Any]) -> None:
    response = api.post(ASK, json={"question": QUESTION, "id": "q-7"})
    answer = conforms(document, ASK, response)
    assert (answer["id"], answer["question"], answer["refused"]) == ("q-7", QUESTION, False)
    assert EXPECTED in answer["answer"] and answer["citations"]
    for citation in answer["citations"]:
        assert PLAN[citation["source"]][citation["start"] : citation["end"]] == citation["quote"]


def test_a_question_goes_on_from_the_turns_before(api: httpx.Client) -> None:
    history = [[QUESTION, f"{EXPECTED}万吨"]]
    answer = api.post(ASK, json={"question": "2020年呢？", "history": history}).json()
    assert any("粮食" in note for note in answer["notes"]) and "3.9" in answer["answer"]


def test_what_the_plan_does_not_say_is_an_answer_and_no_error(api: httpx.Client) -> None:
    response = api.post(ASK, json={"question": "火星移民的预算是多少？"})
    assert response.status_code == 200 and response.json()["refused"]


def test_pieces_of_a_streamed_answer_make_the_answer(api: httpx.Client) -> None:
    with api.stream("POST", f"{ASK}/stream", json={"question": QUESTION, "id": "s"}) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        lines = [line for line in response.iter_lines() if line]
    names, data = lines[::2], [json.loads(line.removeprefix("data: ")) for line in lines[1::2]]
    assert names == ["event: piece"] * (len(names) - 1) + ["event: answer"] and len(names) > 2
    assert "".join(piece["text"] for piece in data[:-1]) == data[-1]["answer"]
    whole = api.post(ASK, json={"question": QUESTION, "id": "s"}).json()
    assert {**whole, "elapsed_ms": 0} == {**data[-1], "elapsed_ms": 0}


def test_what_is_wrong_with_a_streamed_question_is_told_by_the_status(
    api: httpx.Client, document: dict[str, Any]
) -> None:
    response = api.post(f"{ASK}/stream", json={"question": " "})
    assert "空" in refusal(response, 400)
    conforms(document, f"{ASK}/stream", response)


# -- search, queries, Cypher


def test_passages_are_found_with_their_places(api: httpx.Client, document: dict[str, Any]) -> None:
    response = api.get("/api/v1/search", params={"text": "粮食综合生产能力", "k": 3})
    found = conforms(document, "/api/v1/search", response)
    assert len(found) == 3 and found[0]["score"] == 1.0
    assert [p["score"] for p in found] == sorted((p["score"] for p in found), reverse=True)
    for passage in found:
        assert PLAN[passage["plan"]][passage["start"] : passage["end"]] == passage["text"]
    assert any("粮食" in passage["text"] for passage in found)


def test_every_named_query_runs_with_its_parameters(api: httpx.Client, document: dict[str, Any]) -> None:
    queries = conforms(document, "/api/v1/queries", api.get("/api/v1/queries"))
    town = api.post(CYPHER, json={"statement": TOWNS, "limit": 1}).json()["rows"][0]["name"]
    for query in queries:
        arguments = [town for parameter in query["parameters"] if parameter["default"] is None]
        response = api.get(f"/api/v1/queries/{query['name']}", params={"argument": arguments, "limit": 5})
        result = conforms(document, "/api/v1/queries/{name}", response)
        assert result["columns"] == query["columns"] and len(result["rows"]) <= 5
        assert result["rows"] or arguments, query["name"]


def test_a_name_that_nothing_has_is_told(api: httpx.Client) -> None:
    result = api.get("/api/v1/queries/projects_of_town", params={"argument": "从来没有镇"}).json()
    assert (result["rows"], result["unknown"]) == ([], ["从来没有镇"])


def test_rows_are_cut_at_the_limit_and_say_so(api: httpx.Client, document: dict[str, Any]) -> None:
    everything = conforms(document, CYPHER, api.post(CYPHER, json={"statement": TOWNS}))
    assert len(everything["rows"]) > 2 and not everything["cut"]
    two = api.post(CYPHER, json={"statement": TOWNS, "limit": 2}).json()
    assert two == {"rows": everything["rows"][:2], "cut": True}
    named = api.get("/api/v1/queries/projects_by_box", params={"limit": 1}).json()
    assert len(named["rows"]) == 1 and named["cut"]


def test_values_go_into_cypher_as_parameters_and_come_back_as_json(api: httpx.Client) -> None:
    values = {"list": [1, "二", {"three": None}], "text": "'; CREATE (n)"}
    request = {"statement": "RETURN $list AS list, $text AS text, 1e308 * 10 AS much", "parameters": values}
    assert api.post(CYPHER, json=request).json()["rows"] == [{**values, "much": "inf"}]


@pytest.mark.parametrize("statement", ["CREATE (n:Town)", "MATCH (n) DETACH DELETE n",
                                       "LOAD CSV FROM 'file:///etc/passwd' AS row RETURN row"])  # fmt: skip
def test_a_statement_that_does_not_only_read_is_forbidden(
    api: httpx.Client, document: dict[str, Any], statement: str
) -> None:
    response = api.post(CYPHER, json={"statement": statement})
    conforms(document, CYPHER, response)
    refusal(response, 403)


def test_a_statement_that_wants_all_memory_does_not_end_the_service(api: httpx.Client) -> None:
    bomb = "RETURN size(reduce(s = 'aaaaaaaaaa', x IN range(1, 40) | s + s)) AS n"
    refusal(api.post(CYPHER, json={"statement": bomb}), 400)
    assert api.get("/api/v1/status").json()["nodes"] > 0


# -- what cannot be used is told in one line

HOSTILE: dict[str, tuple[str, bytes, int]] = {
    "nothing": (ASK, b"", 422),
    "no JSON": (ASK, b'{"question":', 422),
    "a list": (ASK, b"[]", 422),
    "null": (ASK, b"null", 422),
    "no question": (ASK, b"{}", 422),
    "an empty question": (ASK, b'{"question": " "}', 400),
    "a number for a question": (ASK, b'{"question": 5}', 422),
    "half a character": (ASK, b'{"question": "\\ud800"}', 400),
    "half a character for an id": (ASK, b'{"question": "a", "id": "\\ud800"}', 422),
    "no UTF-8": (ASK, b'{"question": "\xff"}', 400),
    "an unknown field": (ASK, b'{"question": "a", "temperature": 1}', 422),
    "half a turn": (ASK, b'{"question": "a", "history": [["a"]]}', 422),
    "a turn of numbers": (ASK, b'{"question": "a", "history": [[1, 2]]}', 422),
    "endless history": (ASK, json.dumps({"question": "a", "history": [["a", "b"]] * 51}).encode(), 422),
    "deeply nested": (ASK, b"[" * 500_000, 400),
    "a deeply nested parameter": (
        CYPHER, b'{"statement": "RETURN 1", "parameters": {"a": ' + b"[" * 900 + b"]" * 900 + b"}}", 422
    ),
    "a huge number": (CYPHER, b'{"statement": "RETURN $a", "parameters": {"a": 99999999999999999999}}', 400),
    "no rows": (CYPHER, b'{"statement": "RETURN 1 AS x", "limit": 0}', 422),
    "wrong Cypher": (CYPHER, b'{"statement": "MATCH (n) RETURN m.x"}', 400),
    "a message of numbers": (CHAT, b'{"messages": [{"role": "user", "content": 5}]}', 400),
    "no messages": (CHAT, b'{"messages": []}', 400),
    "nobody asks": (CHAT, b'{"messages": [{"role": "system", "content": "a"}]}', 400),
    "several answers": (CHAT, b'{"n": 3, "messages": [{"role": "user", "content": "a"}]}', 400),
}  # fmt: skip


@pytest.mark.parametrize(("route", "body", "status"), HOSTILE.values(), ids=HOSTILE)
def test_a_body_that_cannot_be_used_gets_one_line(
    api: httpx.Client, document: dict[str, Any], route: str, body: bytes, status: int
) -> None:
    response = api.post(route, content=body, headers={"Content-Type": "application/json"})
    refusal(response, status)
    conforms(document, route, response)


@pytest.mark.parametrize("announced", [True, False], ids=["of known length", "in chunks"])
@pytest.mark.parametrize("route", [ASK, CHAT, CYPHER])
def test_a_pasted_book_is_refused_in_one_line(
    api: httpx.Client, document: dict[str, Any], route: str, announced: bool
) -> None:
    body = json.dumps({"question": "粮" * 1_700_000}, ensure_ascii=False).encode()
    content: Any = body if announced else iter([body[:2_500_000], body[2_500_000:]])
    response = api.post(route, content=content, headers={"Content-Type": "application/json"})
    assert "太大" in refusal(response, 413)
    conforms(document, route, response)


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/api/v1/nothing", 404), ("/v1/nothing", 404), (ASK, 405), (CHAT, 405), ("/v1/models/gpt-4", 404),
        ("/api/v1/search", 422), ("/api/v1/search?text=+", 400), ("/api/v1/search?text=a&k=many", 422),
        ("/api/v1/search?text=a&k=0", 422), ("/api/v1/queries/nope", 400), ("/api/v1/queries/path", 400),
        ("/api/v1/queries/most_connected?argument=-1", 400), ("/api/v1/queries/%ff", 400),
        ("/api/v1/source/nope/excerpt?start=0&end=1", 400), ("/api/v1/source/x/excerpt?start=a&end=1", 422),
    ],
)  # fmt: skip
def test_an_address_that_cannot_be_used_gets_one_line(api: httpx.Client, address: str, status: int) -> None:
    refusal(api.get(address), status)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
_FIELDS = st.sampled_from(
    ["question", "history", "id", "statement", "parameters", "limit", "messages", "model", "stream", "n"]
)
_MESSAGE = st.fixed_dictionaries({"role": st.text() | st.just("user"), "content": _JSON})
_BODY = _JSON | st.dictionaries(_FIELDS, _JSON | st.lists(_MESSAGE, max_size=3), max_size=4)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(route=st.sampled_from([ASK, CYPHER, CHAT]), body=_BODY)
def test_no_json_breaks_the_service(
    api: httpx.Client, document: dict[str, Any], route: str, body: object
) -> None:
    content = json.dumps(body).encode()  # with NaN and halves of characters, as careless programs write it
    response = api.post(route, content=content, headers={"Content-Type": "application/json"})
    if response.status_code != 200:
        refusal(response, 400, 403, 422)
        conforms(document, route, response)


# -- pages of other sites


@pytest.mark.parametrize("route", [ASK, f"{ASK}/stream", CYPHER, CHAT])
@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""]
)
def test_what_a_browser_posts_without_asking_is_refused(api: httpx.Client, route: str, kind: str) -> None:
    body = json.dumps({"question": "a", "statement": "RETURN 1", "messages": []}).encode()
    refusal(api.post(route, content=body, headers={"Content-Type": kind}), 415)
    headers = {"Content-Type": kind, "Origin": "http://elsewhere.example"}
    refusal(api.post(route, content=body, headers=headers), 403)


def test_other_sites_are_allowed_nothing(api: httpx.Client) -> None:
    asked = {
        "Origin": "http://elsewhere.example",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type",
    }
    answers = [api.options(ASK, headers=asked), api.get("/api/v1/status", headers=asked)]
    assert [answer.status_code for answer in answers] == [405, 200]
    for answer in answers:
        assert not [name for name in answer.headers if name.startswith("access-control")]


# -- the OpenAPI document


def test_every_operation_says_what_it_is_and_how_it_fails(document: dict[str, Any]) -> None:
    tags = {tag["name"] for tag in document["tags"] if tag["description"]}
    names = []
    for path, operations in document["paths"].items():
        for operation in operations.values():
            names.append(operation["operationId"])
            assert operation["summary"] and operation["description"], path
            assert set(operation["tags"]) <= tags, path
            assert {"400", "422", "500", "503"} <= operation["responses"].keys(), path
            assert "HTTPValidationError" not in json.dumps(operation), path
            failures = [told for status, told in operation["responses"].items() if status >= "4"]
            assert all(told["content"]["application/json"]["schema"] for told in failures), path
    assert len(set(names)) == len(names) > 10
    assert document["info"]["version"] and document["info"]["description"]


def test_the_remaining_routes_answer_as_documented(api: httpx.Client, document: dict[str, Any]) -> None:
    conforms(document, "/api/v1/status", api.get("/api/v1/status"))
    conforms(document, "/v1/models", api.get("/v1/models"))
    conforms(document, "/v1/models/{model}", api.get("/v1/models/plankg"))
    town = api.post(CYPHER, json={"statement": TOWNS, "limit": 1}).json()["rows"][0]["name"]
    found = conforms(document, "/api/v1/entities", api.get("/api/v1/entities", params={"text": town}))
    conforms(document, "/api/v1/entities/{id}", api.get(f"/api/v1/entities/{found[0]['id']}"))
    plan, text = next(iter(PLAN.items()))
    where = {"start": 100, "end": 120, "context_chars": 10}
    response = api.get(f"/api/v1/source/{plan}/excerpt", params=where)
    excerpt = conforms(document, "/api/v1/source/{plan}/excerpt", response)
    assert excerpt["text"] == text[90:130]
