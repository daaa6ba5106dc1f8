"""The promises of `kg.ports.GraphStore`, on the embedded engine and on a real Neo4j server."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from kg.adapters.stores import open_graph_store
from kg.errors import StoreError, StoreUnavailableError
from kg.model import Entity, Graph, Relation, WriteCounts
from kg.ports import GraphStore
from kg.schema import Label, RelationType
from kg.settings import Settings
from tests import neo4j_server as servers
from tests.contract.graph_engine import (
    FIRM,
    GRAPH,
    LOCATED,
    PROJECT,
    QUOTE,
    TOWN,
    VILLAGE,
    Engine,
    exactly,
    expected_node,
    with_entity,
)


def test_nodes_come_back_as_they_were_written(store: GraphStore, engine: Engine) -> None:
    store.write(GRAPH)
    for reader in (store, engine.open()):
        rows = reader.query("MATCH (n:Entity) RETURN n, properties(n) AS p, labels(n) AS labels")
        found = {row["n"]["id"]: row for row in rows}  # type: ignore[index, call-overload]
        assert found.keys() == {"firm-1", "town-1", "village-1", "box-1/1"}
        for entity in GRAPH.entities:
            row = found[entity.id]
            assert exactly(row["n"]) == exactly(expected_node(entity))
            assert exactly(row["p"]) == exactly(expected_node(entity))
            assert row["labels"] == ["Entity", entity.label.value]
        reader.close()


def test_relations_come_back_with_their_evidence(store: GraphStore) -> None:
    store.write(GRAPH)
    expected = {
        "method": "sentence", "confidence": 0.9, "plan": "plan-1", "start": 10, "end": 22,
        "quote": QUOTE.quote, "words": ["x"], "rank": 2,
    }  # fmt: skip
    rows = store.query(
        "MATCH (:Enterprise)-[r:LOCATED_IN]->(:Town) RETURN r, properties(r) AS p, type(r) AS type"
    )
    assert [exactly(row["r"]) for row in rows] == [exactly(expected)]
    assert [exactly(row["p"]) for row in rows] == [exactly(expected)]
    assert rows[0]["type"] == "LOCATED_IN"


def test_relations_without_evidence_carry_method_and_confidence_only(store: GraphStore) -> None:
    store.write(GRAPH)
    rows = store.query("MATCH (:Village)-[r:PART_OF]->() RETURN r")
    assert exactly(rows[0]["r"]) == exactly({"method": "structure", "confidence": 1.0})


def test_keys_lists_only_what_was_stored(store: GraphStore) -> None:
    store.write(GRAPH)
    rows = store.query("MATCH (n:Village) RETURN keys(n) AS k, n {.*} AS m")
    assert sorted(rows[0]["k"]) == ["aliases", "id", "name"]  # type: ignore[arg-type, type-var]
    assert rows[0]["m"] == {"aliases": [], "id": "village-1", "name": "丙村"}


def test_relations_point_from_source_to_target(store: GraphStore) -> None:
    store.write(GRAPH)
    forward = store.query("MATCH (a {id: 'firm-1'})-[:LOCATED_IN]->(b) RETURN b.id AS id")
    backward = store.query("MATCH (a {id: 'firm-1'})<-[:LOCATED_IN]-(b) RETURN b.id AS id")
    assert (forward, backward) == ([{"id": "town-1"}], [])


def test_first_write_counts_everything(store: GraphStore) -> None:
    assert store.write(GRAPH) == WriteCounts(4, 0, 4, 0)
    rows = store.query("MATCH (n) RETURN count(n) AS nodes, COUNT { MATCH ()-->() } AS relations LIMIT 1")
    assert rows == [{"nodes": 4, "relations": 4}]


def test_writing_the_same_again_counts_nothing(store: GraphStore, engine: Engine) -> None:
    store.write(GRAPH)
    reordered = Graph(GRAPH.entities[::-1], GRAPH.relations[::-1])
    assert store.write(GRAPH) == WriteCounts(0, 0, 0, 0)
    other = engine.open()
    assert other.write(reordered) == WriteCounts(0, 0, 0, 0)
    other.close()


def test_writing_a_smaller_graph_removes_the_rest(store: GraphStore) -> None:
    store.write(GRAPH)
    smaller = Graph((FIRM, TOWN), (LOCATED,))
    assert store.write(smaller) == WriteCounts(0, 2, 0, 3)
    assert store.query("MATCH (n) RETURN n.id AS id ORDER BY id") == [{"id": "firm-1"}, {"id": "town-1"}]
    assert store.query("MATCH ()-[r]->() RETURN count(r) AS c") == [{"c": 1}]
    assert store.write(GRAPH) == WriteCounts(2, 0, 3, 0)
    assert store.write(Graph((), ())) == WriteCounts(0, 4, 0, 4)
    assert store.query("MATCH (n) RETURN count(n) AS c") == [{"c": 0}]


def test_only_changed_content_is_counted(store: GraphStore) -> None:
    store.write(GRAPH)
    renamed = replace(TOWN, name="乙镇（新）", properties={"whole": 1.25})
    changed = with_entity(GRAPH, renamed)
    changed = replace(changed, relations=(replace(LOCATED, confidence=0.5), *GRAPH.relations[1:]))
    assert store.write(changed) == WriteCounts(1, 0, 1, 0)
    rows = store.query("MATCH (n:Town)<-[r:LOCATED_IN]-(:Enterprise) RETURN n, r.confidence AS c")
    assert exactly(rows[0]["n"]) == exactly(expected_node(renamed))
    assert rows[0]["c"] == 0.5


def test_a_number_of_another_type_is_a_change(store: GraphStore) -> None:
    store.write(GRAPH)
    for value in (1.0, True, 1):
        changed = with_entity(GRAPH, replace(PROJECT, properties={"number": value}))
        store.write(changed)
        rows = store.query("MATCH (n:Project) RETURN n.number AS number")
        assert exactly(rows[0]["number"]) == exactly(value)


def test_a_changed_label_replaces_the_old_one(store: GraphStore) -> None:
    store.write(GRAPH)
    assert store.write(with_entity(GRAPH, replace(VILLAGE, label=Label.PLACE))) == WriteCounts(1, 0, 0, 0)
    rows = store.query("MATCH (n {id: 'village-1'})-[:PART_OF]->(m) RETURN labels(n) AS l, m.id AS id")
    assert rows == [{"l": ["Entity", "Place"], "id": "town-1"}]
    assert store.query("MATCH (n:Village) RETURN n") == []


@pytest.mark.parametrize(
    ("graph", "named"),
    [
        (Graph((TOWN, VILLAGE, replace(TOWN, name="另一个")), ()), "town-1"),
        (replace(GRAPH, relations=(LOCATED, replace(LOCATED, confidence=0.1))), "LOCATED_IN"),
        (Graph((TOWN,), (Relation("town-1", RelationType.PART_OF, "nowhere"),)), "nowhere"),
        (Graph((TOWN,), (Relation("nowhere", RelationType.PART_OF, "town-1"),)), "nowhere"),
        (Graph((replace(TOWN, properties={"中文": 1}),), ()), "中文"),
        (Graph((replace(TOWN, properties={"a` = 1 //": 1}),), ()), "a` = 1 //"),
        (Graph((replace(TOWN, properties={"id": "x"}),), ()), "id"),
        (Graph((replace(TOWN, properties={"huge": 2**63}),), ()), "huge"),
        (Graph((TOWN, FIRM), (replace(LOCATED, properties={"start": 1}),)), "start"),
    ],
)
def test_an_unusable_graph_is_refused_before_anything_changes(
    store: GraphStore, graph: Graph, named: str
) -> None:
    store.write(GRAPH)
    with pytest.raises(StoreError, match="无法写入图") as caught:
        store.write(graph)
    assert named in str(caught.value)
    assert store.write(GRAPH) == WriteCounts(0, 0, 0, 0)


def test_an_unknown_label_cannot_reach_the_statement(store: GraphStore) -> None:
    forged = Entity("x", "Town {id:'y'}) DETACH DELETE (n", "x")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="is not a valid Label"):
        store.write(Graph((forged,), ()))


def test_progress_ends_at_the_total(store: GraphStore) -> None:
    calls: list[tuple[int, int, str]] = []
    store.write(GRAPH, lambda done, total, label: calls.append((done, total, label)))
    assert calls[-1] == (8, 8, "写入图")
    assert [done for done, _, _ in calls] == sorted(done for done, _, _ in calls)


def test_describe_names_engine_and_version(store: GraphStore, engine: Engine) -> None:
    name, version = store.describe().split()
    assert name == {"kglite": "KGLite", "neo4j": "Neo4j"}[engine.name]
    assert version[0].isdigit()


def test_a_closed_store_says_so(engine: Engine) -> None:
    store = engine.open()
    store.write(GRAPH)
    store.close()
    store.close()
    with pytest.raises(StoreUnavailableError, match="已经关闭"):
        store.query("RETURN 1 AS x")
    with pytest.raises(StoreUnavailableError, match="已经关闭"):
        store.write(GRAPH)


def test_settings_choose_the_engine(engine: Engine, tmp_path: Path) -> None:
    uri = engine.address if engine.name == "neo4j" else None
    values = {"NEO4J_URI": uri, "NEO4J_USER": servers.USER, "NEO4J_PASSWORD": servers.PASSWORD}
    settings = Settings.model_validate(values)
    store = open_graph_store(settings, tmp_path / "graph.kgl")
    store.write(GRAPH)
    assert store.describe().lower().startswith(engine.name)
    store.close()
