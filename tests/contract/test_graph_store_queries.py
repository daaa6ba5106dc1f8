"""`GraphStore.query`: the same statement gives the same rows on every engine."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from kg.errors import CypherError, CypherRefusedError
from kg.model import Cell, Graph, Row, WriteCounts
from kg.ports import GraphStore
from tests.contract.graph_engine import GRAPH, QUOTE, TOWN, VILLAGE, exactly, expected_node

CASES: list[tuple[str, str, dict[str, Cell], list[Row]]] = [
    (
        "variable length",
        "MATCH (:Project)-[*1..2]->(n) RETURN DISTINCT n.id AS id ORDER BY id",
        {},
        [{"id": "firm-1"}, {"id": "town-1"}],
    ),
    (
        "shortest path",
        "MATCH (a {id: $a}) MATCH (b {id: $b}) MATCH p = shortestPath((a)-[*..5]-(b)) "
        "RETURN [n IN nodes(p) | n.id] AS ids, [r IN relationships(p) | type(r)] AS types, length(p) AS n",
        {"a": "village-1", "b": "firm-1"},
        [{"ids": ["village-1", "town-1", "firm-1"], "types": ["PART_OF", "LOCATED_IN"], "n": 2}],
    ),
    (
        "aggregation",
        "MATCH (n)-[:LOCATED_IN]->(t:Town) RETURN t.name AS town, count(n) AS c, collect(n.id) AS ids",
        {},
        [{"town": "乙镇", "c": 2, "ids": ["firm-1", "box-1/1"]}],
    ),
    (
        "order, skip, limit",
        "MATCH (n) RETURN n.id AS id ORDER BY n.id DESC SKIP 1 LIMIT 2",
        {},
        [{"id": "town-1"}, {"id": "firm-1"}],
    ),
    (
        "contains",
        "MATCH (n:Entity) WHERE n.name CONTAINS '玻璃' OR '玻璃线' IN n.aliases "
        "RETURN n.id AS id ORDER BY id",
        {},
        [{"id": "box-1/1"}, {"id": "firm-1"}],
    ),
    (
        "optional",
        "MATCH (n:Town) OPTIONAL MATCH (n)-[:PRODUCES]->(m) RETURN n.id AS id, m AS m, m.name AS name",
        {},
        [{"id": "town-1", "m": None, "name": None}],
    ),
    (
        "list parameter",
        "MATCH (n:Entity) WHERE n.id IN $ids RETURN n.id AS id ORDER BY id",
        {"ids": ["town-1", "firm-1", "no such"]},
        [{"id": "firm-1"}, {"id": "town-1"}],
    ),
    (
        "maps and null as parameters",
        "UNWIND $rows AS row RETURN row.id AS id, row.deep.list[1] AS second, $nothing AS nothing",
        {
            "rows": [{"id": "a", "deep": {"list": [1, 2]}}, {"id": None, "deep": {"list": []}}],
            "nothing": None,
        },
        [{"id": "a", "second": 2, "nothing": None}, {"id": None, "second": None, "nothing": None}],
    ),
    (
        "a value that looks like Cypher",
        "MATCH (n) WHERE n.name = $name RETURN n",
        {"name": "' OR 1=1 //"},
        [],
    ),
    (
        "end as a bare property name",
        "MATCH (:Enterprise)-[r]->() WHERE r.end > 5 AND r.start < r.end "
        "RETURN r.start, r.end, r.end - 1 AS e",
        {},
        [{"r.start": 10, "r.end": 22, "e": 21}],
    ),
    (
        "end in backticks",
        "MATCH (:Enterprise)-[r]->() RETURN r.`end`, r['end'] AS `the end`",
        {},
        [{"r.`end`": 22, "the end": 22}],
    ),
    (
        "names in backticks",
        "MATCH (n:Town) WITH n.name AS `a b` RETURN `a b`, '>' + `a b`",
        {},
        [{"a b": "乙镇", "'>' + `a b`": ">乙镇"}],
    ),
    (
        "end in a pattern and in a map",
        "MATCH ()-[r {end: 22, method: 'sentence'}]->() RETURN {end: r.end, text: r.quote} AS span",
        {},
        [{"span": {"end": 22, "text": QUOTE.quote}}],
    ),
    (
        "Chinese names of columns and variables",
        "MATCH (n:Town) WITH n.name AS 镇 RETURN 镇, 镇 + '！' AS 喊, size(镇)",
        {},
        [{"镇": "乙镇", "喊": "乙镇！", "size(镇)": 2}],
    ),
    (
        "comments",
        "// 先找镇\nMATCH (n:Town) /* 一个 'CREATE' */ RETURN n.name AS name // DELETE n",
        {},
        [{"name": "乙镇"}],
    ),
    (
        "a path",
        "MATCH p = (:Village)-[]->(:Town) RETURN p",
        {},
        [
            {
                "p": {
                    "nodes": [expected_node(VILLAGE), expected_node(TOWN)],
                    "relationships": [{"method": "structure", "confidence": 1.0}],
                }
            }
        ],
    ),
    (
        "union",
        "MATCH (n:Town) RETURN n.id AS id UNION MATCH (n:Village) RETURN n.id AS id",
        {},
        [{"id": "town-1"}, {"id": "village-1"}],
    ),
    (
        "subqueries",
        "MATCH (n:Town) CALL (n) { MATCH (m)-->(n) RETURN count(m) AS c } "
        "RETURN c, EXISTS { (n)<--(:Village) } AS e, COUNT { (n)<-[:LOCATED_IN]-() } AS k",
        {},
        [{"c": 3, "e": True, "k": 2}],
    ),
    (
        "case and comprehensions",
        "UNWIND [1, 2, 3] AS x WITH collect(CASE WHEN x > 1 THEN x * 2 ELSE 0 END) AS l "
        "RETURN [y IN l WHERE y > 0 | y + 1] AS l, reduce(s = 0, y IN l | s + y) AS s",
        {},
        [{"l": [5, 7], "s": 10}],
    ),
    (
        "labels and types",
        "MATCH (a)-[r]->(b) RETURN labels(a)[1] AS a, type(r) AS t, labels(b)[1] AS b, count(*) AS c "
        "ORDER BY a, t",
        {},
        [
            {"a": "Enterprise", "t": "LOCATED_IN", "b": "Town", "c": 1},
            {"a": "Project", "t": "IMPLEMENTED_BY", "b": "Enterprise", "c": 1},
            {"a": "Project", "t": "LOCATED_IN", "b": "Town", "c": 1},
            {"a": "Village", "t": "PART_OF", "b": "Town", "c": 1},
        ],
    ),
    (
        "a date",
        "RETURN date('2021-03-05') AS d, date('2021-03-05').year AS y",
        {},
        [{"d": "2021-03-05", "y": 2021}],
    ),
]


@pytest.mark.parametrize(("cypher", "parameters", "rows"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_statements_give_the_same_rows_on_every_engine(
    store: GraphStore, cypher: str, parameters: dict[str, Cell], rows: list[Row]
) -> None:
    store.write(GRAPH)
    found = store.query(cypher, parameters)
    for row in (*found, *rows):
        if isinstance(row.get("ids"), list) and "collect" in cypher:
            row["ids"] = sorted(map(str, row["ids"]))  # type: ignore[arg-type]
    assert [exactly(row) for row in found] == [exactly(row) for row in rows]
    if found:
        assert list(found[0]) == list(rows[0])


@pytest.mark.parametrize(
    "statement",
    [
        "MATCH (n:Entity {id: 'no such'}) RETURN n",
        "MATCH (n:Entity {id: 'no such'})-[r]-(m) RETURN m",
        "MATCH (n:Nothing) RETURN n",
        "MATCH (n:Project {no_such_property: 1}) RETURN n",
        "MATCH ()-[r:NO_SUCH_TYPE]->() RETURN r",
        "MATCH (n) WHERE n.no_such_property = 1 RETURN n",
    ],
)
def test_what_is_unknown_gives_no_rows_and_no_remarks(
    store: GraphStore, statement: str, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    store.write(GRAPH)
    assert store.query(statement) == []
    assert capfd.readouterr() == ("", "")
    assert not caplog.records


def test_an_empty_graph_answers(store: GraphStore) -> None:
    store.write(Graph((), ()))
    assert store.query("MATCH (n:Entity {id: 'x'}) RETURN n") == []
    assert store.query("MATCH (n) RETURN count(n) AS c") == [{"c": 0}]


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE (n:Entity {id: 'x'})",
        "MATCH (n) SET n.name = 'x' RETURN n",
        "MATCH (n) DETACH DELETE n",
        "MERGE (n:Entity {id: 'town-1'}) RETURN n",
        "MATCH (n) RETURN n; MATCH (m) DETACH DELETE m",
        "MATCH (n) WITH n, 1DELETE n",
        "LOAD CSV FROM 'file:///etc/hostname' AS line RETURN line",
        "CALL { LOAD CSV FROM 'file:///etc/hostname' AS line RETURN line } RETURN line",
        "CALL apoc.load.json('file:///etc/hostname') YIELD value RETURN value",
        "CALL dbms.components()",
    ],
)
def test_writes_and_file_access_are_refused(store: GraphStore, statement: str) -> None:
    store.write(GRAPH)
    with pytest.raises(CypherRefusedError, match="拒绝执行"):
        store.query(statement)
    assert store.write(GRAPH) == WriteCounts(0, 0, 0, 0)


@pytest.mark.parametrize(
    ("statement", "parameters"),
    [
        ("MATCH (n RETURN n", {}),
        ("MATCH (n) RETURN", {}),
        ("RETURN no_such_function(1)", {}),
        ("RETURN $missing AS x", {}),
        ("RETURN 1 / 0 AS x", {}),
        ("RETURN $big AS x", {"big": 2**70}),
        ("RETURN $odd AS x", {"odd": object()}),
    ],
)
def test_a_wrong_statement_is_one_clear_line(
    store: GraphStore, statement: str, parameters: dict[str, Cell]
) -> None:
    store.write(GRAPH)
    with pytest.raises(CypherError) as caught:
        store.query(statement, parameters)
    assert "\n" not in str(caught.value)
    assert "请" in str(caught.value)


def test_a_statement_over_its_time_is_stopped(store: GraphStore) -> None:
    store.write(GRAPH)
    heavy = "UNWIND range(1, 30000) AS x UNWIND range(1, 30000) AS y WITH x * y AS z RETURN sum(z) AS s"
    with pytest.raises(CypherError, match=r"超过 0\.2 秒"):
        store.query(heavy, timeout_s=0.2)
    assert store.query("RETURN 1 AS x") == [{"x": 1}]


def test_a_statement_from_outside_gives_the_same_rows_errors_and_limits(store: GraphStore) -> None:
    store.write(GRAPH)
    nodes = "MATCH (n:Entity) WHERE n.id IN $ids RETURN n, n.id AS id ORDER BY id"
    ids: dict[str, Cell] = {"ids": ["town-1", "firm-1"]}
    assert store.query_apart(nodes, ids) == store.query(nodes, ids) != []
    assert store.query_apart("UNWIND range(1, 50) AS x RETURN x", max_rows=1) == [{"x": 1}]
    with pytest.raises(CypherRefusedError):
        store.query_apart("CREATE (n:Town)")
    with pytest.raises(CypherError) as caught:
        store.query_apart("RETURN $missing.x +")
    assert "\n" not in str(caught.value)


def test_no_more_rows_than_asked_for(store: GraphStore) -> None:
    store.write(GRAPH)
    many = "UNWIND range(1, 5000) AS x RETURN x ORDER BY x"
    assert store.query(many, max_rows=3) == [{"x": 1}, {"x": 2}, {"x": 3}]
    assert store.query(many + " LIMIT 2", max_rows=3) == [{"x": 1}, {"x": 2}]
    assert len(store.query(many)) == 5000
    assert store.query(many, max_rows=0) == []


def test_eight_threads_read_at_once(store: GraphStore) -> None:
    store.write(GRAPH)

    def read(number: int) -> list[Row]:
        return store.query("MATCH (n:Entity {id: $id})-[r]-(m) RETURN m.id AS id, $n AS n ORDER BY id",
                           {"id": "town-1", "n": number})  # fmt: skip

    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(read, range(200)))
    for number, rows in enumerate(results):
        assert rows == [{"id": id, "n": number} for id in ("box-1/1", "firm-1", "village-1")]
