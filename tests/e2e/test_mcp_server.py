"""`plankg mcp`, started and asked by the protocol's own client library."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, StdioServerParameters
from mcp.types import CallToolResult, Tool

from kg.settings import Settings
from tests.e2e.cli import CommandLine
from tests.e2e.test_http_api import EXPECTED, PLAN, QUESTION, TIMEOUT_S

TOWNS = "MATCH (n:Town) RETURN n.name AS name ORDER BY name"


@pytest.fixture(scope="module")
def command(built: Settings) -> CommandLine:
    return CommandLine(built.home, built.models_dir)


def session(command: CommandLine, use: Callable[[Client], Awaitable[Any]]) -> Any:
    """What a function gets from a server of its own."""
    server = StdioServerParameters(
        command=sys.executable,
        args=["-m", "ui.cli", "mcp"],
        env=command.environment(),
        cwd=command.home.parent,
    )

    async def run() -> Any:
        async with Client(server, read_timeout_seconds=TIMEOUT_S) as client:
            return await use(client)

    return asyncio.run(run())


#: tools with arguments that they can use; those that need what another gives are called in `_everything`
_CALLS: list[tuple[str, dict[str, Any]]] = [
    ("ask", {"question": QUESTION}),
    ("search_passages", {"text": "粮食综合生产能力", "k": 2}),
    ("list_conflicts", {}),
    ("status", {}),
    ("list_queries", {}),
    ("run_query", {"name": "projects_by_box", "limit": 2}),
    ("run_cypher", {"statement": TOWNS, "limit": 1}),
]
_REFUSED: list[tuple[str, dict[str, Any]]] = [
    ("ask", {"question": " "}),
    ("ask", {}),
    ("ask", {"question": 5}),
    ("search_passages", {"text": "粮食", "k": 0}),
    ("read_source", {"plan": "nope", "start": 0, "end": 1}),
    ("entity", {"id": "nope"}),
    ("run_query", {"name": "nope"}),
    ("run_cypher", {"statement": "CREATE (n:Town)"}),
    ("run_cypher", {"statement": "RETURN size(reduce(s='aaaaaaaaaa', x IN range(1, 40) | s + s)) AS n"}),
]


async def _everything(client: Client) -> dict[str, Any]:
    """The tools, what each gives, and what each refuses."""
    results: dict[str, CallToolResult] = {}
    for name, arguments in _CALLS:
        results[name] = await client.call_tool(name, arguments)
    town = value(results["run_cypher"])["rows"][0]["name"]
    results["find_entities"] = await client.call_tool("find_entities", {"text": town})
    thing = value(results["find_entities"])[0]["id"]
    results["entity"] = await client.call_tool("entity", {"id": thing})
    plan, text = next(iter(PLAN.items()))
    where = {"plan": plan, "start": 100, "end": 120, "context_chars": 10}
    results["read_source"] = await client.call_tool("read_source", where)
    refused = [await client.call_tool(name, arguments) for name, arguments in _REFUSED]
    tools = (await client.list_tools()).tools
    return {"tools": tools, "results": results, "refused": refused, "excerpt": text[90:130], "town": town}


def value(result: CallToolResult) -> Any:
    """A tool's structured result; lists come wrapped."""
    assert not result.is_error, result.content
    data = result.structured_content
    assert data is not None
    return data["result"] if data.keys() == {"result"} else data


@pytest.fixture(scope="module")
def told(command: CommandLine) -> dict[str, Any]:
    found: dict[str, Any] = session(command, _everything)
    return found


def test_every_tool_only_reads_and_says_in_chinese_what_it_does(told: dict[str, Any]) -> None:
    tools: list[Tool] = told["tools"]
    assert {tool.name for tool in tools} == told["results"].keys()
    for tool in tools:
        assert tool.annotations and tool.annotations.read_only_hint and not tool.annotations.destructive_hint
        assert any("\u4e00" <= char <= "\u9fff" for char in tool.description or "")
        assert tool.output_schema, tool.name
        described = tool.input_schema.get("properties", {})
        assert all(argument["description"] for argument in described.values()), tool.name


def test_an_answer_cites_the_plans_own_words(told: dict[str, Any]) -> None:
    answer = value(told["results"]["ask"])
    assert EXPECTED in answer["answer"] and answer["citations"] and not answer["refused"]
    for citation in answer["citations"]:
        assert PLAN[citation["source"]][citation["start"] : citation["end"]] == citation["quote"]


def test_passages_conflicts_and_excerpts_stand_where_they_say(told: dict[str, Any]) -> None:
    passages = value(told["results"]["search_passages"])
    assert len(passages) == 2
    for passage in passages:
        assert PLAN[passage["plan"]][passage["start"] : passage["end"]] == passage["text"]
    for conflict in value(told["results"]["list_conflicts"]):
        for each in conflict["statements"]:
            assert PLAN[each["source"]][each["start"] : each["end"]] == each["quote"]
    assert value(told["results"]["read_source"])["text"] == told["excerpt"]


def test_the_graph_is_queried_by_name_by_thing_and_by_cypher(told: dict[str, Any]) -> None:
    results = told["results"]
    assert len(value(results["run_query"])["rows"]) == 2 and value(results["run_query"])["cut"]
    assert "projects_by_box" in {query["name"] for query in value(results["list_queries"])}
    assert value(results["entity"])["thing"]["name"] == told["town"]
    mentions = value(results["entity"])["mentions"]
    assert mentions
    for place in mentions:
        assert PLAN[place["plan"]][place["start"] : place["end"]] == place["quote"]
    assert value(results["status"])["nodes"] > 0


def test_what_cannot_be_done_is_told_in_one_chinese_line(told: dict[str, Any]) -> None:
    assert len(told["refused"]) == len(_REFUSED)
    for (name, arguments), result in zip(_REFUSED, told["refused"], strict=True):
        assert result.is_error, (name, arguments)
        (content,) = result.content
        assert "\n" not in content.text and any("\u4e00" <= char <= "\u9fff" for char in content.text)


def asked_by_hand(process: subprocess.Popen[str], question: str) -> str:
    """The line that answers a question to a server that was just started, in the protocol's own words."""
    hello = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}}
    assert process.stdin and process.stdout
    for message in (
        {"id": 1, "method": "initialize", "params": hello},
        {"method": "notifications/initialized"},
        {"id": 2, "method": "tools/call", "params": {"name": "ask", "arguments": {"question": question}}},
    ):
        process.stdin.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
        process.stdin.flush()
    lines = [json.loads(process.stdout.readline()) for _ in range(2)]
    assert [line["id"] for line in lines] == [1, 2]
    return json.dumps(lines[1], ensure_ascii=False)


def test_nothing_but_the_protocol_is_written_to_standard_output(command: CommandLine) -> None:
    with command.started("-m", "ui.cli", "-v", "mcp") as process:
        assert EXPECTED in asked_by_hand(process, QUESTION)
        out, err = process.communicate(timeout=TIMEOUT_S)  # closes its input: the client is gone
    assert (out, process.returncode) == ("", 0)
    assert "DEBUG" in err  # it did have something to say


def test_without_a_build_it_ends_with_one_line(tmp_path: Path, models_dir: Path) -> None:
    CommandLine(tmp_path / "home", models_dir).run("mcp").refusal("plankg build")
