"""The real plan on real servers, a Neo4j and a Chroma, asked through the command line."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import neo4j
import pytest

from kg.settings import PROJECT_ROOT, Settings
from tests import neo4j_server as servers
from tests.e2e.cli import TIMEOUT_S, CommandLine, contents, current_build, write_questions

QUESTIONS = PROJECT_ROOT / "tests" / "eval" / "questions.jsonl"
#: statements whose every row must be the same on both engines
STATEMENTS = (
    "MATCH (b:Box)-[:LISTS]->(p:Project) RETURN b.name AS box, count(p) AS projects ORDER BY box, projects",
    "MATCH (i:Indicator) RETURN i AS indicator ORDER BY i.start",
    "MATCH (a:Entity)-[r]->(b:Entity) RETURN type(r) AS type, count(*) AS n ORDER BY type",
    "MATCH (p:Project)-[r:IMPLEMENTED_BY]->(e) RETURN p.name AS project, e.name AS firm, r.quote AS quote, "
    "r.start AS start ORDER BY project, firm",
)


@pytest.fixture(scope="module")
def chroma_port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of a Chroma server, started by the command that chromadb installs beside Python."""
    command = shutil.which("chroma", path=str(Path(sys.executable).parent))
    assert command is not None
    with closing(socket.create_server(("127.0.0.1", 0))) as probe:
        port = int(probe.getsockname()[1])
    data = tmp_path_factory.mktemp("chroma")
    arguments = [command, "run", "--host", "127.0.0.1", "--port", str(port), "--path", str(data)]
    with subprocess.Popen(arguments, cwd=data, stdout=subprocess.DEVNULL) as server:
        try:
            _wait_until_it_answers(f"http://127.0.0.1:{port}/api/v2/heartbeat", server)
            yield port
        finally:
            server.terminate()


def _wait_until_it_answers(address: str, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + TIMEOUT_S
    while time.monotonic() < deadline:
        assert server.poll() is None, f"the server ended with {server.returncode}"
        try:
            httpx.get(address, trust_env=False).raise_for_status()
            return
        except httpx.HTTPError:
            threading.Event().wait(0.05)
    raise TimeoutError(address)


@pytest.fixture(scope="module")
def embedded(built: Settings) -> CommandLine:
    """The real plan in the embedded stores."""
    return CommandLine(built.home, built.models_dir)


@pytest.fixture(scope="module")
def remote(
    built: Settings,
    neo4j_server: servers.Neo4jServer,
    chroma_port: int,
    tmp_path_factory: pytest.TempPathFactory,
) -> CommandLine:
    """The real plan on both servers. The vectors are taken from the embedded build's cache."""
    home = tmp_path_factory.mktemp("remote") / "home"
    home.mkdir()
    shutil.copy(built.home / "vectors.sqlite", home)
    command = CommandLine(
        home,
        built.models_dir,
        {
            "NEO4J_URI": neo4j_server.uri,
            "NEO4J_USER": servers.USER,
            "NEO4J_PASSWORD": servers.PASSWORD,
            "NEO4J_DATABASE": servers.DATABASE,
            "CHROMA_HOST": "127.0.0.1",
            "CHROMA_PORT": str(chroma_port),
        },
    )
    assert "建库完成" in command.run("build").ok()
    return command


def answers(command: CommandLine, questions: Path, out: Path) -> list[dict[str, Any]]:
    """The answers without their times; sets have one order in both runs, so that only engines differ."""
    command.with_variables(PYTHONHASHSEED="0").run("ask", "--batch", questions, "--out", out).ok()
    lines = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    return [{**line, "elapsed_ms": 0} for line in lines]


def test_nothing_of_the_graph_and_vectors_is_kept_on_this_machine(remote: CommandLine) -> None:
    assert sorted(path.name for path in current_build(remote.home).iterdir()) == [
        "lexical", "manifest.json", "passages.jsonl", "plans",
    ]  # fmt: skip


def test_both_engines_hold_the_same(remote: CommandLine, embedded: CommandLine) -> None:
    here, there = (command.run("stats", "--json").json() for command in (embedded, remote))
    assert "Neo4j" in there["graph_engine"] and "KGLite" in here["graph_engine"]
    for name in ("labels", "relations", "passages", "titles", "embedding_model", "dimension"):
        assert here[name] == there[name]


@pytest.mark.parametrize("statement", STATEMENTS)
def test_both_engines_give_the_same_rows(
    remote: CommandLine, embedded: CommandLine, statement: str
) -> None:
    rows = [command.run("cypher", statement, "--json").json() for command in (embedded, remote)]
    assert len(rows[0]) > 5 and rows[0] == rows[1]


def test_both_engines_give_the_same_answers(
    remote: CommandLine, embedded: CommandLine, tmp_path: Path
) -> None:
    lines = [json.loads(line) for line in QUESTIONS.read_text("utf-8").splitlines()]
    questions = write_questions(tmp_path / "questions.jsonl", *lines[::4], lines[-1])
    here = answers(embedded, questions, tmp_path / "here.jsonl")
    there = answers(remote, questions, tmp_path / "there.jsonl")
    different = [(a, b) for a, b in zip(here, there, strict=True) if a != b]
    assert len(here) > 40 and different == []


def test_building_again_changes_nothing_on_the_servers(remote: CommandLine) -> None:
    before = contents(remote.home)
    assert "没有变化" in remote.run("build").ok()
    assert contents(remote.home) == before


def test_a_write_is_refused_on_the_server_too(remote: CommandLine) -> None:
    remote.run("cypher", "MATCH (n) DETACH DELETE n", "--json").refusal("拒绝执行", code=2)
    count = remote.run("cypher", "MATCH (p:Chapter) RETURN count(p) AS n", "--json").json()
    assert count == [{"n": 15}]


def test_wrong_credentials_are_named_without_the_password(remote: CommandLine) -> None:
    wrong = remote.with_variables(NEO4J_PASSWORD="not-this-one")
    line = wrong.run("ask", "污水处理率的目标是多少？").refusal("NEO4J_PASSWORD", "请检查")
    assert "not-this-one" not in line


def test_a_state_of_other_stores_is_noticed(
    remote: CommandLine, embedded: CommandLine, tmp_path: Path
) -> None:
    """A state that was built on this machine, asked with a server's address that holds none of it."""
    away = CommandLine(embedded.home, embedded.models, {"CHROMA_HOST": remote.variables["CHROMA_HOST"]})
    away = away.with_variables(CHROMA_PORT=remote.variables["CHROMA_PORT"])
    away.run("ask", "污水处理率的目标是多少？").refusal("Chroma", "plankg build")


def test_a_graph_that_was_emptied_is_noticed_and_rebuilt(remote: CommandLine) -> None:
    auth = (servers.USER, servers.PASSWORD)
    with neo4j.GraphDatabase.driver(remote.variables["NEO4J_URI"], auth=auth) as driver:
        driver.execute_query("MATCH (n:Entity) DETACH DELETE n")
    remote.run("ask", "污水处理率的目标是多少？").refusal("Neo4j", "plankg build")
    assert "建库完成" in remote.run("build").ok()
    assert remote.run("cypher", "MATCH (p:Chapter) RETURN count(p) AS n", "--json").json() == [{"n": 15}]


def test_old_collections_are_dropped_from_the_server(remote: CommandLine, chroma_port: int) -> None:
    import chromadb

    client = chromadb.HttpClient(host="127.0.0.1", port=chroma_port)
    names = {collection.name for collection in client.list_collections()}
    kept = {path.name for path in (remote.home / "builds").iterdir()}
    assert names == {f"plankg-{name}" for name in kept}
