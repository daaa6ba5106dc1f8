"""Every export format read back and compared: by engines and libraries where they can read it."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import kglite
import neo4j
import pytest
from hypothesis import example, given, settings

from ingest.extract.registry import extract_graph
from ingest.lexicon import load_lexicon
from ingest.outline import build_outline
from ingest.passages import make_passages
from kg.adapters.graph_rows import graph_rows
from kg.adapters.kglite_store import KgliteStore
from kg.adapters.neo4j_store import Neo4jStore
from kg.export import FORMATS, export_graph
from kg.export.reading import read_graph
from kg.model import Entity, Graph
from kg.ports import GraphStore
from kg.schema import Label, RelationType
from tests import neo4j_server as servers
from tests.contract.graph_engine import run_on_server
from tests.export_graphs import NAMES, all_nasty, graphs
from tests.export_readers import own_name, read_csv, read_graphml, unmarked
from tests.neo4j_server import Neo4jServer

ROOT = Path(__file__).resolve().parents[2]
PLAN = ROOT / "data" / "plans" / "jiaocheng-14th-five-year-plan.txt"


@pytest.fixture(scope="module")
def plan_graph() -> Graph:
    """What the extractors find in the real plan."""
    outline = build_outline(PLAN.read_bytes().decode("utf-8"), "plan")
    return extract_graph(outline, make_passages(outline), load_lexicon(ROOT / "data" / "lexicon"))


def canonical(graph: Graph) -> tuple[dict[str, str], dict[tuple[str, str, str], str]]:
    """What a graph says, without order; tells 1 from 1.0 and from true."""
    rows = graph_rows(graph)
    return (
        {id: row.fingerprint for id, row in rows.entities.items()},
        {key: row.fingerprint for key, row in rows.relations.items()},
    )


@contextmanager
def exported(graph: Graph, format: str) -> Iterator[Path]:
    """A folder with the graph in a format."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "out"
        export_graph(graph, format, target)
        yield target


# --- any store → graph ----------------------------------------------------------------------------


def test_a_store_gives_back_the_graph_that_was_written(store: GraphStore, plan_graph: Graph) -> None:
    for graph in (plan_graph, Graph((), ()), all_nasty()):
        store.write(graph)
        read = read_graph(store)
        assert canonical(read) == canonical(graph)
        starts = [e.properties["start"] for e in read.entities if e.label is Label.PASSAGE]
        assert starts == sorted(starts)


def test_every_engine_gives_the_same_order(
    neo4j_server: Neo4jServer, plan_graph: Graph, tmp_path: Path
) -> None:
    run_on_server(neo4j_server.uri, "MATCH (n) DETACH DELETE n")
    with opened(neo4j_server) as server_store:
        server_store.write(plan_graph)
        embedded = KgliteStore(tmp_path / "graph.kgl")
        embedded.write(Graph(plan_graph.entities[::-1], plan_graph.relations[::-1]))
        assert read_graph(server_store) == read_graph(embedded)


# --- cypher ---------------------------------------------------------------------------------------


@contextmanager
def opened(server: Neo4jServer) -> Iterator[GraphStore]:
    store = Neo4jStore(server.uri, servers.USER, servers.PASSWORD, servers.DATABASE)
    yield store
    store.close()


@pytest.fixture(scope="module")
def run_script(neo4j_server: Neo4jServer) -> Iterator[Callable[[Path], None]]:
    """A function that runs a script through the driver, a line at a time."""
    auth = (servers.USER, servers.PASSWORD)
    with (
        neo4j.GraphDatabase.driver(neo4j_server.uri, auth=auth) as driver,
        driver.session(database=servers.DATABASE) as session,
    ):

        def run(script: Path) -> None:
            for line in script.read_text(encoding="utf-8").splitlines():
                assert line.endswith(";")
                session.run(line).consume()

        yield run


@settings(max_examples=25, deadline=None)
@given(graph=graphs())
def test_cypher_loads_in_neo4j_again_and_again(
    neo4j_server: Neo4jServer, run_script: Callable[[Path], None], graph: Graph
) -> None:
    run_on_server(neo4j_server.uri, "MATCH (n) DETACH DELETE n")
    with exported(graph, "cypher") as folder, opened(neo4j_server) as store:
        for _ in range(2):
            run_script(folder / "graph.cypher")
            assert canonical(read_graph(store)) == canonical(graph)


def test_cypher_of_the_plan_loads_in_neo4j(
    neo4j_server: Neo4jServer, run_script: Callable[[Path], None], plan_graph: Graph
) -> None:
    for graph in (plan_graph, all_nasty()):
        run_on_server(neo4j_server.uri, "MATCH (n) DETACH DELETE n")
        with exported(graph, "cypher") as folder, opened(neo4j_server) as store:
            run_script(folder / "graph.cypher")
            assert canonical(read_graph(store)) == canonical(graph)
    constraints = run_on_server(neo4j_server.uri, "SHOW CONSTRAINTS YIELD name RETURN name")
    assert {"name": "entity_id"} in constraints


@pytest.mark.skipif(
    not shutil.which("cypher-shell"), reason="no cypher-shell on PATH: install Neo4j's and run again"
)
def test_cypher_loads_in_the_shell(neo4j_server: Neo4jServer) -> None:
    run_on_server(neo4j_server.uri, "MATCH (n) DETACH DELETE n")
    with exported(all_nasty(), "cypher") as folder, opened(neo4j_server) as store:
        login = ["-a", neo4j_server.uri, "-u", servers.USER, "-p", servers.PASSWORD]
        script = ["-d", servers.DATABASE, "--file", str(folder / "graph.cypher")]
        subprocess.run(["cypher-shell", *login, *script], check=True, timeout=120)
        assert canonical(read_graph(store)) == canonical(all_nasty())


def load_in_kglite(script: Path, file: Path) -> GraphStore:
    """Run a script on KGLite; returns: a store on the result."""
    kglite.set_query_warning_policy("silent")
    graph = kglite.KnowledgeGraph()
    for line in script.read_text(encoding="utf-8").splitlines():
        graph.cypher(line)
    # KGLite fills a title of its own from the name; our store tells it by this value and leaves it out
    graph.cypher("MATCH (n:Entity) SET n.title = n.id")
    file.write_bytes(graph.to_bytes())
    return KgliteStore(file)


# KGLite has a "label" of its own, which shows on all nodes as soon as one has a property of this name
@settings(max_examples=100, deadline=None)
@given(graph=graphs(names=tuple(name for name in NAMES if name != "label")))
def test_cypher_loads_in_kglite(graph: Graph) -> None:
    with exported(graph, "cypher") as folder:
        store = load_in_kglite(folder / "graph.cypher", folder / "graph.kgl")
        assert canonical(read_graph(store)) == canonical(graph)


def test_cypher_of_the_plan_loads_in_kglite(plan_graph: Graph, tmp_path: Path) -> None:
    export_graph(plan_graph, "cypher", tmp_path / "out")
    store = load_in_kglite(tmp_path / "out" / "graph.cypher", tmp_path / "graph.kgl")
    assert canonical(read_graph(store)) == canonical(plan_graph)


# --- csv ------------------------------------------------------------------------------------------


@settings(max_examples=100, deadline=None)
@given(graph=graphs())
def test_csv_reads_back(graph: Graph) -> None:
    with exported(graph, "csv") as folder:
        assert canonical(read_csv(folder)) == canonical(graph)


def test_csv_of_the_plan_reads_back_and_other_programs_see_the_same_cells(
    plan_graph: Graph, tmp_path: Path
) -> None:
    export_graph(plan_graph, "csv", tmp_path / "out")
    assert canonical(read_csv(tmp_path / "out")) == canonical(plan_graph)
    with (tmp_path / "out" / "nodes-Passage.csv").open(encoding="utf-8", newline="") as file:
        found = {row["id:ID"]: row["text:string"] for row in csv.DictReader(file, strict=True)}
    assert found == {e.id: e.properties["text"] for e in plan_graph.entities if e.label is Label.PASSAGE}


def admin_tool() -> list[str]:
    """The command line of neo4j-admin, in front of its arguments."""
    if found := shutil.which("neo4j-admin"):
        return [found]
    script = servers._script()
    if script is None or not list((script.parent / "lib").glob("neo4j-import-tool-*.jar")):
        pytest.skip("no neo4j-admin on PATH, nor its jars in lib/ beside the start script: install Neo4j")
    return ["java", "-Xmx1g", "-cp", f"{script.parent}/lib/*", "org.neo4j.cli.AdminTool"]


def documented_import() -> list[str]:
    """The arguments of neo4j-admin as docs/export.md gives them."""
    text = (ROOT / "docs" / "export.md").read_text(encoding="utf-8")
    command = re.search(r"^neo4j-admin (.*)$", text, re.MULTILINE)
    assert command is not None
    return command[1].split()


def without_empty_lists(graph: Graph) -> Graph:
    """The graph as neo4j-admin imports it: an empty list is no value."""
    entities = tuple(
        Entity(e.id, e.label, e.name, e.aliases, {k: v for k, v in e.properties.items() if v != ()})
        for e in graph.entities
    )
    return Graph(entities, graph.relations)


def test_csv_imports_with_neo4j_admin(plan_graph: Graph, tmp_path: Path) -> None:
    if reason := servers.why_not():
        pytest.skip(reason)
    nasty = all_nasty()
    graph = Graph((*plan_graph.entities, *nasty.entities), (*plan_graph.relations, *nasty.relations))
    home = tmp_path / "neo4j"
    (home / "conf").mkdir(parents=True)
    export_graph(graph, "csv", tmp_path / "out")
    done = subprocess.run(
        [*admin_tool(), *documented_import()],
        cwd=tmp_path / "out",
        env={**os.environ, "NEO4J_HOME": str(home), "NEO4J_CONF": str(home / "conf")},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    server = servers.start(home)
    try:
        with opened(server) as store:
            assert canonical(read_graph(store)) == canonical(without_empty_lists(graph))
    finally:
        server.stop()


# --- graphml --------------------------------------------------------------------------------------


@settings(max_examples=100, deadline=None)
@given(graph=graphs())
@example(graph=Graph((Entity("_x0041\0", Label.TOWN, "_x0041_x0042_"),), ()))
def test_graphml_reads_back(graph: Graph) -> None:
    with exported(graph, "graphml") as folder:
        assert canonical(read_graphml(folder / "graph.graphml")) == canonical(graph)


def test_graphml_opens_in_networkx(plan_graph: Graph, tmp_path: Path) -> None:
    networkx = pytest.importorskip("networkx", reason="no networkx: pip install networkx and run again")
    for at, graph in enumerate((plan_graph, all_nasty())):
        export_graph(graph, "graphml", tmp_path / str(at))
        found = networkx.read_graphml(tmp_path / str(at) / "graph.graphml", force_multigraph=True)
        assert found.is_directed()
        assert {unmarked(node) for node in found} == {e.id for e in graph.entities}
        assert {(unmarked(a), data["label"], unmarked(b)) for a, b, data in found.edges(data=True)} == {
            r.key for r in graph.relations
        }
        by_id = {unmarked(node): data for node, data in found.nodes(data=True)}
        for entity in graph.entities:
            data = by_id[entity.id]
            assert unmarked(data["label"]) == entity.name
            assert data["labels"] == entity.label.value
            assert json.loads(unmarked(data["aliases"])) == list(entity.aliases)
            for name, value in entity.properties.items():
                if isinstance(value, int | float):
                    (shown,) = (data[key] for key in data if own_name(key) == name)
                    assert (shown, type(shown)) == (value, type(value))


# --- json-ld --------------------------------------------------------------------------------------


def sorted_aliases(graph: Graph) -> Graph:
    """The graph as RDF holds it: aliases are a set."""
    entities = tuple(
        Entity(e.id, e.label, e.name, tuple(sorted(e.aliases)), e.properties) for e in graph.entities
    )
    return Graph(entities, graph.relations)


@pytest.fixture(scope="module")
def read_jsonld() -> Callable[[Path], Graph]:
    """The reader, if the library for it is there."""
    pytest.importorskip("rdflib", reason="no rdflib: pip install rdflib and run again")
    from tests.jsonld_reader import read_jsonld

    return read_jsonld


@settings(max_examples=100, deadline=None)
@given(graph=graphs())
def test_jsonld_reads_back_through_its_context(read_jsonld: Callable[[Path], Graph], graph: Graph) -> None:
    with exported(graph, "jsonld") as folder:
        assert canonical(read_jsonld(folder / "graph.jsonld")) == canonical(sorted_aliases(graph))


def test_jsonld_of_the_plan_reads_back(read_jsonld: Callable[[Path], Graph], plan_graph: Graph) -> None:
    for graph in (plan_graph, all_nasty()):
        with exported(graph, "jsonld") as folder:
            assert canonical(read_jsonld(folder / "graph.jsonld")) == canonical(sorted_aliases(graph))


# --- documentation --------------------------------------------------------------------------------


def test_the_documented_programs_run(
    plan_graph: Graph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for library in ("networkx", "rdflib"):
        pytest.importorskip(library, reason=f"no {library}: pip install {library} and run again")
    text = (ROOT / "docs" / "export.md").read_text(encoding="utf-8")
    programs = re.findall(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    for format in FORMATS:
        export_graph(plan_graph, format, tmp_path)
    KgliteStore(tmp_path / "graph.kgl").write(plan_graph)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("NEO4J_URI", raising=False)
    results: list[dict[str, Any]] = [{} for _ in programs]
    for program, names in zip(programs, results, strict=True):
        exec(program, names)
    with_networkx, with_rdflib, with_store = results
    assert len(with_networkx["graph"]) == len(plan_graph.entities)
    listed = [r for r in plan_graph.relations if r.type is RelationType.LISTS]
    assert len(listed) == len(with_rdflib["rows"])
    assert with_store["files"] == [Path("export/graph.graphml")]
    assert canonical(read_graphml(tmp_path / "export" / "graph.graphml")) == canonical(plan_graph)
