"""The example queries of the documentation, run as they stand on both engines."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from ingest.extract.registry import extract_graph
from ingest.lexicon import load_lexicon
from ingest.load import load_text, plan_id_of
from ingest.outline import build_outline
from ingest.passages import make_passages
from ingest.pipeline import default_plans
from kg.adapters.kglite_store import KgliteStore
from kg.adapters.neo4j_store import Neo4jStore
from kg.model import Cell, Graph, Row
from kg.ports import GraphStore
from kg.schema import BASE_LABEL, Label, RelationType
from kg.settings import PROJECT_ROOT, load_settings
from tests import neo4j_server as servers
from tests.neo4j_server import Neo4jServer

PAGE = PROJECT_ROOT / "docs" / "example-queries.md"
STYLE = PROJECT_ROOT / "docs" / "neo4j-browser.grass"
_LAST_SECTION = "## Neo4j only"


@dataclass(frozen=True, slots=True)
class Example:
    """A statement of the page, what it says about it, and whether only a server runs it."""

    title: str
    cypher: str
    server_only: bool


def examples() -> list[Example]:
    text = PAGE.read_text("utf-8")
    server_part = text.index(_LAST_SECTION)
    found = re.finditer(r"\n([^\n]+?):?\n\n```cypher\n(.*?)```", text, re.S)
    return [Example(m.group(1), m.group(2), m.start() > server_part) for m in found]


EXAMPLES = examples()
ANYWHERE = [example for example in EXAMPLES if not example.server_only]


def title(example: Example) -> str:
    return example.title[:40]


@pytest.fixture(scope="module")
def graph() -> Graph:
    (plan,) = default_plans(PROJECT_ROOT)
    outline = build_outline(load_text(plan), plan_id_of(plan))
    return extract_graph(outline, make_passages(outline), load_lexicon(load_settings().lexicon_dir))


@pytest.fixture(scope="module")
def embedded(graph: Graph, tmp_path_factory: pytest.TempPathFactory) -> Iterator[GraphStore]:
    """The real plan's graph in the embedded engine."""
    store = KgliteStore(tmp_path_factory.mktemp("queries") / "graph.kgl")
    store.write(graph)
    yield store
    store.close()


@pytest.fixture(scope="module")
def server(graph: Graph, neo4j_server: Neo4jServer) -> Iterator[GraphStore]:
    """The same graph on a real server."""
    store = Neo4jStore(neo4j_server.uri, servers.USER, servers.PASSWORD, servers.DATABASE)
    store.write(graph)
    yield store
    store.close()


def canonical(cell: Cell) -> str:
    return json.dumps(cell, ensure_ascii=False, sort_keys=True)


def comparable(example: Example, rows: list[Row]) -> list[str]:
    """The rows as both engines must give them: in order if the statement orders them; any shortest path."""
    if "shortestPath" in example.cypher:
        return [canonical({"步数": row["步数"]}) for row in rows]
    texts = [canonical(row) for row in rows]
    return texts if "ORDER BY" in example.cypher.rpartition("RETURN")[2] else sorted(texts)


def test_the_page_has_examples_of_its_own_and_no_other_statements() -> None:
    assert len(EXAMPLES) >= 12
    assert len(EXAMPLES) == PAGE.read_text("utf-8").count("```cypher")
    assert len({example.cypher for example in EXAMPLES}) == len(EXAMPLES)
    assert [example.server_only for example in EXAMPLES].count(True) == 1


@pytest.mark.parametrize("example", ANYWHERE, ids=title)
def test_every_example_finds_something_on_the_embedded_engine(embedded: GraphStore, example: Example) -> None:
    assert embedded.query(example.cypher)


@pytest.mark.parametrize("example", EXAMPLES, ids=title)
def test_every_example_finds_the_same_on_a_server(
    server: GraphStore, embedded: GraphStore, example: Example
) -> None:
    found = server.query(example.cypher, timeout_s=60)
    assert found
    if not example.server_only:
        assert comparable(example, found) == comparable(example, embedded.query(example.cypher))


def test_the_style_names_every_kind_of_node_and_nothing_unknown() -> None:
    style = STYLE.read_text("utf-8")
    assert set(re.findall(r"^node\.(\w+)", style, re.M)) == {label.value for label in Label}
    assert set(re.findall(r"^relationship\.(\w+)", style, re.M)) <= {type.value for type in RelationType}
    assert BASE_LABEL not in style  # every node carries it, so its colour would hide the others
    captions = set(re.findall(r'caption: "\{(\w+)\}"', style))
    assert captions == {"name", "locator"}


def test_the_page_is_found_from_the_other_one() -> None:
    text = (PAGE.parent / "neo4j.md").read_text("utf-8")
    assert {PAGE.name, STYLE.name} <= set(re.findall(r"\]\(([\w.-]+)\)", text))
