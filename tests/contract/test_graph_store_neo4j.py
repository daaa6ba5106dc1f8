"""What only a server has: neighbours in the database, indexes, routing, credentials."""

from __future__ import annotations

import re
import socket
from pathlib import Path

import pytest

from kg.adapters.neo4j_store import Neo4jStore
from kg.errors import CypherRefusedError, StoreUnavailableError
from kg.model import Graph, WriteCounts
from tests import neo4j_server as servers
from tests.contract.graph_engine import FIRM, GRAPH, run_on_server
from tests.neo4j_server import Neo4jServer

DOCUMENTATION = Path(__file__).resolve().parents[2] / "docs" / "neo4j.md"


def test_nodes_of_others_are_left_alone(neo4j_server: Neo4jServer) -> None:
    run_on_server(neo4j_server.uri, "MATCH (n) DETACH DELETE n")
    run_on_server(neo4j_server.uri, "CREATE (:Person {id: 'town-1'})-[:KNOWS]->(:Person {name: '别人'})")
    store = Neo4jStore(neo4j_server.uri, servers.USER, servers.PASSWORD, servers.DATABASE)
    assert store.write(GRAPH) == WriteCounts(4, 0, 4, 0)
    assert store.write(Graph((), ())) == WriteCounts(0, 4, 0, 4)
    store.close()
    rows = run_on_server(neo4j_server.uri, "MATCH (a:Person)-[:KNOWS]->(b) RETURN a.id AS a, b.name AS b")
    assert rows == [{"a": "town-1", "b": "别人"}]


def test_what_others_changed_is_put_right(neo4j_server: Neo4jServer) -> None:
    run_on_server(neo4j_server.uri, "MATCH (n) DETACH DELETE n")
    store = Neo4jStore(neo4j_server.uri, servers.USER, servers.PASSWORD, servers.DATABASE)
    store.write(GRAPH)
    run_on_server(neo4j_server.uri, "CREATE (:Entity {name: '没有编号'})")
    run_on_server(
        neo4j_server.uri,
        "MATCH (a {id: 'village-1'}), (b {id: 'town-1'}) "
        "CREATE (a)-[:PART_OF {method: 'x'}]->(b) SET b:Extra",
    )
    assert store.write(GRAPH) == WriteCounts(0, 1, 0, 1)
    assert store.write(GRAPH) == WriteCounts(0, 0, 0, 0)
    store.close()
    labels = run_on_server(neo4j_server.uri, "MATCH (n:Extra) RETURN n.id AS id")
    assert labels == [{"id": "town-1"}]


def test_names_and_aliases_are_found_by_full_text(neo4j_server: Neo4jServer) -> None:
    run_on_server(neo4j_server.uri, "MATCH (n) DETACH DELETE n")
    store = Neo4jStore(neo4j_server.uri, servers.USER, servers.PASSWORD, servers.DATABASE)
    store.write(GRAPH)
    search = (
        "CALL db.index.fulltext.queryNodes('entity_text', $words) YIELD node, score "
        "WHERE score > 0 RETURN node.id AS id ORDER BY score DESC, id"
    )
    assert store.query(search, {"words": "玻璃有限"})[0] == {"id": "firm-1"}
    assert {row["id"] for row in store.query(search, {"words": "玻璃线"})} >= {"box-1/1"}
    documented = re.findall(r"```cypher\n(.+?)```", DOCUMENTATION.read_text("utf-8"), re.DOTALL)
    assert FIRM.name in {row["node.name"] for row in store.query(documented[0])}
    rows = run_on_server(neo4j_server.uri, "SHOW INDEXES YIELD name, type RETURN name, type")
    kinds = {(row["name"], row["type"]) for row in rows}
    assert {("entity_id", "RANGE"), ("entity_name", "RANGE"), ("entity_text", "FULLTEXT")} <= kinds
    store.close()


def test_routing_addresses_work_too(neo4j_server: Neo4jServer) -> None:
    uri = neo4j_server.uri.replace("bolt://", "neo4j://")
    store = Neo4jStore(uri, servers.USER, servers.PASSWORD, servers.DATABASE)
    store.write(GRAPH)
    assert store.query("MATCH (n) RETURN count(n) AS c") == [{"c": 4}]
    store.close()


def test_the_server_refuses_what_slips_past_the_guard(
    neo4j_server: Neo4jServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kg.adapters.neo4j_store.check_read_only", lambda _: None)
    store = Neo4jStore(neo4j_server.uri, servers.USER, servers.PASSWORD, servers.DATABASE)
    store.write(GRAPH)
    for statement in ("CREATE (n:Entity {id: 'x'})", "MATCH (n) DETACH DELETE n", "DROP INDEX entity_name"):
        with pytest.raises(CypherRefusedError, match="拒绝执行"):
            store.query(statement)
    assert store.write(GRAPH) == WriteCounts(0, 0, 0, 0)
    store.close()


@pytest.mark.parametrize(
    ("user", "password", "database", "said"),
    [
        # not the real user: after three wrong passwords the server would lock that out for a while
        ("nobody", "wrong", servers.DATABASE, "NEO4J_PASSWORD"),
        (servers.USER, None, servers.DATABASE, "NEO4J_PASSWORD"),
        (servers.USER, servers.PASSWORD, "nosuch", "NEO4J_DATABASE"),
    ],
)
def test_refused_access_names_the_setting(
    neo4j_server: Neo4jServer, user: str, password: str | None, database: str, said: str
) -> None:
    store = Neo4jStore(neo4j_server.uri, user, password, database)
    for attempt in (lambda: store.query("RETURN 1 AS x"), lambda: store.write(GRAPH)):
        with pytest.raises(StoreUnavailableError, match=said) as caught:
            attempt()
        assert neo4j_server.uri in str(caught.value)
    store.close()


def test_a_wrong_password_is_said_at_once(neo4j_server: Neo4jServer) -> None:
    store = Neo4jStore(neo4j_server.uri, servers.USER, "wrong", servers.DATABASE)
    with pytest.raises(StoreUnavailableError, match="NEO4J_PASSWORD"):
        store.describe()
    store.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.mark.parametrize("scheme", ["bolt", "neo4j"])
def test_an_unreachable_server_is_named(scheme: str) -> None:
    uri = f"{scheme}://127.0.0.1:{free_port()}"
    store = Neo4jStore(uri, servers.USER, servers.PASSWORD, servers.DATABASE)
    with pytest.raises(StoreUnavailableError, match="NEO4J_URI") as caught:
        store.query("RETURN 1 AS x")
    assert uri in str(caught.value)
    store.close()


@pytest.mark.parametrize(
    "uri", ["localhost:7687", "http://user:secret@localhost", "bolt://[", "bolt://localhost:port", ""]
)
def test_an_unusable_address_is_explained(uri: str) -> None:
    store = Neo4jStore(uri, servers.USER, servers.PASSWORD, servers.DATABASE)
    with pytest.raises(StoreUnavailableError, match="NEO4J_URI") as caught:
        store.query("RETURN 1 AS x")
    assert "secret" not in str(caught.value)
    store.close()
