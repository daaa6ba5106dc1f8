"""The graph engines that every contract test runs on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kg.ports import GraphStore
from tests.contract.graph_engine import Engine, run_on_server
from tests.neo4j_server import Neo4jServer


@pytest.fixture(params=["kglite", "neo4j"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Engine:
    """Each engine in turn, empty."""
    if request.param == "kglite":
        return Engine("kglite", str(tmp_path / "graph.kgl"))
    server: Neo4jServer = request.getfixturevalue("neo4j_server")
    run_on_server(server.uri, "MATCH (n) DETACH DELETE n")
    return Engine("neo4j", server.uri)


@pytest.fixture
def store(engine: Engine) -> Iterator[GraphStore]:
    """A store on an empty engine."""
    opened = engine.open()
    yield opened
    opened.close()
