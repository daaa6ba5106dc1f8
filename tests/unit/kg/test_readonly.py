"""The guard for foreign Cypher, against honest readers and against cunning ones."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import kglite
import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from kg.errors import CypherRefusedError
from kg.readonly import check_read_only, tokenize, without_comments

READS = [
    "MATCH (n) RETURN n",
    "match (n) return n limit 5;",
    "MATCH (n:Project)-[r:LISTS|PART_OF*1..3]->(m) WHERE n.name CONTAINS '玻璃' AND NOT m.x IS NULL "
    "RETURN n.name AS 名称, r.end, r.`end` ORDER BY n.name DESC, m.id ASC SKIP 1 LIMIT 10",
    "OPTIONAL MATCH (n {delete: 1, set: 2}) WHERE n.delete = 'DELETE' RETURN n.delete AS delete",
    "RETURN {create: 1, `merge`: 2}.create AS `DROP`",
    "MATCH (n) WHERE n.name = $delete AND n.create STARTS WITH 'SET' RETURN n.remove",
    "UNWIND $rows AS r WITH r, r.a AS a WHERE a IN [1, 2, 3] RETURN *",
    "UNWIND [1, 2] AS x RETURN x UNION ALL MATCH (n) RETURN n.x AS x UNION RETURN 1 AS x",
    "CALL { MATCH (n) RETURN n UNION MATCH (m) RETURN m AS n } RETURN n",
    "MATCH (n) CALL (n) { WITH n MATCH (n)-->(m) RETURN count(m) AS c } RETURN c",
    "MATCH (n) CALL (*) { RETURN n.id AS c } RETURN c",
    "MATCH (n) OPTIONAL CALL (n) { RETURN n.id AS c } RETURN c",
    "CALL db.labels() YIELD label RETURN label",
    "CALL db.relationshipTypes",
    "CALL db.index.fulltext.queryNodes('x', $q) YIELD node, score WHERE score > 1 RETURN node.name, score",
    "MATCH p = shortestPath((a {id: '1'})-[*..6]-(b)) RETURN [x IN nodes(p) WHERE x:Town | x.name] AS l",
    "MATCH (n) RETURN CASE WHEN n.x > 1 THEN 'a' ELSE 'b' END AS c, count(*), count(DISTINCT n)",
    "MATCH (n) RETURN n {.name, .end, x: 1, y: n.z} AS m, n {.*} AS a",
    "MATCH (n) WHERE EXISTS { (n)-->(:Town) } AND COUNT { MATCH (n)-->(m) RETURN m } > 1 RETURN n",
    "MATCH (n) RETURN COLLECT { MATCH (n)-->(m) RETURN m.name } AS names",
    "MATCH (n) RETURN any(x IN n.aliases WHERE x = 'a') AS a, reduce(s = 0, x IN [1, 2] | s + x) AS r",
    "RETURN 2 * 3 AS x, -1 AS y, 1.5e-3, 0xFF, .5, [1, 2, 3][0..2], [1][-1], 2 ^ 3 % 4",
    "// 注释 DELETE\nMATCH (n) /* CREATE (x) */ RETURN n // SET",
    "MATCH (n)\r\nRETURN n",
    "RETURN n.name =~ '.*a', date('2021-01-01').year, date.truncate('year', date()), toUpper(n.name)",
    "MATCH (a)--(b)<-[:X]-(c)-->(d) WHERE (a)-->(d) AND a <> b XOR a.x >= 1 RETURN DISTINCT labels(a)[0]",
    "MATCH (n) WITH n ORDER BY n.x LIMIT 3 MATCH (n)-->(m) WITH DISTINCT * RETURN *",
    "WITH 1 AS start, 2 AS value RETURN start, value",
    "MATCH (n) WHERE n:A|B AND n:!C&D RETURN n, n['end'], n.`删除`",
    "RETURN 'LOAD CSV FROM \"x\"' AS x, \"'; DROP\" AS y, 'it\\'s; CREATE ()' AS z, `a``; DELETE b`",
    "RETURN 'a\\' AS x DELETE n //'",  # the backslash escapes the quotation mark on both engines
    "RETURN '\\\\' AS x, \"a//b\" AS y, '/*' AS z",
]

WRITES = [
    "CREATE (n)",
    "MERGE (n)",
    "MATCH (n) SET n.x = 1",
    "MATCH (n) SET n:Label RETURN n",
    "MATCH (n) REMOVE n.x",
    "MATCH (n) DELETE n",
    "MATCH (n) DETACH DELETE n",
    "MATCH (n) NODETACH DELETE n",
    "MATCH (n) DELETE(n)",
    "MATCH (n) WITH * DELETE n",
    "MATCH (n) RETURN n LIMIT 1 DELETE n",
    "MATCH (n) RETURN n ORDER BY n.x DESC SET n.x = 1",
    "MATCH (n) WHERE true FOREACH (x IN [1] | SET n.x = x)",
    "MATCH (n) WHERE n.x IS NOT NULL CREATE (m)",
    "MATCH (n) WITH CASE WHEN true THEN 1 END AS x CREATE (m)",
    "FOREACH (x IN [1] | CREATE (n))",
    "INSERT (n:X)",
    "DROP INDEX x",
    "CREATE INDEX FOR (n:X) ON (n.y)",
    "ALTER USER neo4j SET PASSWORD 'x'",
    "GRANT ALL ON GRAPH * TO x",
    "SHOW USERS",
    "SHOW PROCEDURES",
    "USE system MATCH (n) RETURN n",
    "START n = node(*) RETURN n",
    "TERMINATE TRANSACTION 'x'",
    "EXPLAIN MATCH (n) RETURN n",
    "PROFILE MATCH (n) DELETE n",
    "CYPHER 5 MATCH (n) RETURN n",
    "FOR VALID_TIME ALL MATCH (n) RETURN n",
    "MATCH (n) RETURN n FORMAT CSV",
    "LOAD CSV FROM 'file:///etc/passwd' AS l RETURN l",
    "LOAD CSV WITH HEADERS FROM 'http://x' AS l RETURN l",
    "USING PERIODIC COMMIT LOAD CSV FROM 'x' AS l RETURN l",
    "MATCH (n) LOAD CSV FROM 'x' AS l RETURN l",
    "CALL { LOAD CSV FROM 'x' AS l RETURN l } RETURN l",
    "CALL { CREATE (n) } RETURN 1",
    "CALL { MATCH (n) DELETE n }",
    "MATCH (n) CALL (n) { SET n.x = 1 }",
    "MATCH (n) CALL { WITH n DELETE n } IN TRANSACTIONS OF 10 ROWS",
    "MATCH (n) CALL { WITH n RETURN n AS m } IN TRANSACTIONS RETURN m",
    "RETURN EXISTS { CREATE (n) }",
    "RETURN COUNT { MATCH (n) DELETE n }",
    "RETURN 1 AS x UNION CREATE (n) RETURN 1 AS x",
    "RETURN 1 AS x UNION ALL LOAD CSV FROM 'x' AS x RETURN x",
    "CALL apoc.load.json('x') YIELD value RETURN value",
    "CALL apoc.cypher.doIt('CREATE (n)', {})",
    "CALL `apoc.load.json`('x')",
    "CALL `apoc`.`load`.`json`('x')",
    "CALL apoc . /**/ load . json('x')",
    "CALL db.labels.apoc.load('x')",
    "CALL dbms.components()",
    "CALL dbms.setConfigValue('a', 'b')",
    "CALL db.createLabel('x')",
    "CALL db.node_text_index.build({})",
    "CALL table.upsert({})",
    "MATCH (n) CALL db.cdc.enable() YIELD x RETURN x",
    "RETURN apoc.cypher.runFirstColumnSingle('CREATE (n)', {})",
    "RETURN `apoc`.`cypher`.`run`('x')",
    "RETURN apoc /**/ . cypher . run ('x')",
    "RETURN my.own.function(1)",
]

TRICKS = [
    "",
    "   ",
    "// nothing",
    "MATCH (n) RETURN n; MATCH (m) DELETE m",
    "MATCH (n) RETURN n;CREATE (m);",
    ";CREATE (m)",
    # what one lexer takes for the inside of a string or comment and another does not
    "RETURN 1 // x\r CREATE (n)",
    "RETURN 1 // x\u2028 CREATE (n)",
    "RETURN 1 // x\u0085 CREATE (n)",
    "RETURN 1 // x\x0b CREATE (n)",
    "MATCH (n) // ' \n DETACH DELETE n // '",
    "MATCH (n) /* ' */ DETACH DELETE n /* ' */",
    "MATCH (n) /* /* */ DELETE n /* */",
    "MATCH (n) `x` DELETE n `x`",
    "MATCH (n /* ) RETURN n",
    "RETURN 'unclosed",
    "RETURN `unclosed",
    'RETURN "unclosed',
    # Neo4j decodes these before it looks at anything else
    "MATCH (n) \\u0044ELETE n",
    "MATCH (n) \\u0044\\u0045\\u004C\\u0045\\u0054\\u0045 n",
    "RETURN 'a\\u0027 CREATE (n) //'",
    "RETURN 1 // \\u000a CREATE (n)",
    "RETURN `a\\u0060 CREATE (n) //`",
    "RETURN 'a\\U0027 CREATE (n)'",
    # white space, comments and letters that only look right
    "MATCH (n) DETACH/**/DELETE n",
    "MATCH (n)DELETE n",
    "MATCH (n)\tDeTaCh\nDeLeTe\tn",
    "LOAD/**/CSV FROM 'x' AS l RETURN l",
    "LOAD // x\nCSV FROM 'x' AS l RETURN l",
    "MATCH (n) ＤＥＬＥＴＥ n",
    "MATCH (n) DELE\u200bTE n",
    "MATCH (n)\u00a0DELETE n",
    "MATCH（n）RETURN n",
    "ＬＯＡＤ CSV FROM 'x' AS l RETURN l",
    "MATCH (n) \u017fET n.x = 1",
    "MATCH (n) RETURN n \u037e CREATE (m)",
    "MATCH (n) DELETE\x00 n",
    # numbers that end where the next word begins
    "MATCH (n) WITH n, 1DELETE n",
    "MATCH (n) WITH n, 1.DELETE n",
    "MATCH (n) WITH n, 1.DELETE(n)",
    "MATCH (n) WITH n, 0x1DELETE n",
    "MATCH (n) WITH n, 1e5DELETE n",
    "WITH 1 LOAD CSV FROM 'x' AS l RETURN l",
    # names where only a keyword can be, and keywords where only a name can be
    "MATCH (n) WITH n AS delete DELETE delete",
    "MATCH (n) RETURN n.delete DELETE n",
    "MATCH (n) WITH $x DELETE n",
    "MATCH (n {delete: 1}) DELETE n",
    "CALL {delete: 1}",
    "MATCH (n) RETURN [CREATE (m)]",
    "RETURN (CREATE (n))",
    "MATCH (n) WHERE DELETE n",
    "RETURN BY CREATE (n)",
    "MATCH (n) RETURN n {.*} SET n.x = 1",
    "RETURN )(",
    "RETURN [1",
    "RETURN 1]",
    "(n) DELETE n",
    "{CREATE (n)}",
    "[1]",
    "1",
    "'x'",
]


@pytest.mark.parametrize("cypher", READS)
def test_reading_passes(cypher: str) -> None:
    check_read_only(cypher)


@pytest.mark.parametrize("cypher", WRITES)
def test_whatever_is_not_reading_is_refused(cypher: str) -> None:
    with pytest.raises(CypherRefusedError, match="拒绝执行"):
        check_read_only(cypher)


@pytest.mark.parametrize("cypher", TRICKS)
def test_tricks_are_refused(cypher: str) -> None:
    with pytest.raises(CypherRefusedError, match="拒绝执行") as caught:
        check_read_only(cypher)
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == 2


@pytest.mark.parametrize("cypher", READS)
def test_tokens_join_to_the_statement(cypher: str) -> None:
    assert "".join(token.text for token in tokenize(cypher)) == cypher


def test_comments_become_spaces_of_the_same_length() -> None:
    cypher = "RETURN /* a\nb */ '/* c */' AS x // d"
    assert without_comments(cypher) == "RETURN     \n     '/* c */' AS x     "


def scattered(word: str) -> st.SearchStrategy[str]:
    """A keyword in any mixture of capitals."""
    return st.tuples(*(st.sampled_from([c.lower(), c.upper()]) for c in word)).map("".join)


def gap() -> st.SearchStrategy[str]:
    return st.lists(
        st.sampled_from([" ", "\n", "\t", "\r\n", "/* ; */", "/*'*/", '// "\n', "/**/ "]),
        min_size=1,
        max_size=3,
    ).map(lambda parts: " ".join(parts) + " ")


@settings(max_examples=300)
@given(data=st.data())
def test_a_write_after_any_read_is_refused_however_it_is_written(data: st.DataObject) -> None:
    read = data.draw(st.sampled_from(READS)).removesuffix(";")
    assume("//" not in read)
    keyword = data.draw(
        st.sampled_from(["CREATE", "MERGE", "SET", "DELETE", "REMOVE", "DROP", "FOREACH", "LOAD"])
    )
    parts = [read, data.draw(gap()), data.draw(scattered(keyword)), data.draw(gap()), "(n)"]
    with pytest.raises(CypherRefusedError):
        check_read_only("".join(parts))


@settings(max_examples=300)
@given(st.text(st.sampled_from("MATCH(n)RETUsetdl'\"`/*\\u;{}[]. \n\r$:,1éＡ镇"), max_size=40))
@example("'\\")
def test_any_text_is_judged_without_another_error(text: str) -> None:
    try:
        check_read_only(text)
    except CypherRefusedError:
        return
    assert "".join(token.text for token in tokenize(text)) == text


WORDS = (
    "MATCH (n) (m:X) RETURN WITH UNWIND CALL UNION ALL WHERE ORDER BY LIMIT SKIP AS x n m n.k n.delete "
    "1 1. 'a' $p [ ] { } ( ) , | = . * : AND NOT IN CASE WHEN THEN ELSE END EXISTS COUNT DISTINCT true "
    "CREATE MERGE SET n.k=2 DELETE DETACH REMOVE DROP FOREACH LOAD CSV FROM $file INSERT INDEX ON FOR "
    "`a` /* */ //\n db.labels() YIELD label {k:1} [1,2] 1DELETE 1LOAD FORMAT FINISH FILTER LET OFFSET"
).split(" ")


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    file = tmp_path / "secret.csv"
    file.write_text("for-nobody\n")
    return file


@pytest.fixture
def live_graph() -> Iterator[kglite.KnowledgeGraph]:
    kglite.set_query_warning_policy("silent")
    graph = kglite.KnowledgeGraph()
    graph.cypher("CREATE (a:X {id: 1, k: 1}) CREATE (b:X {id: 2, k: 5}) CREATE (a)-[:R]->(b)")
    yield graph


def dump(graph: kglite.KnowledgeGraph) -> str:
    nodes = graph.cypher("MATCH (n) RETURN properties(n) AS p, labels(n) AS l ORDER BY n.id").to_list()
    edges = graph.cypher("MATCH (a)-[r]->(b) RETURN a.id, type(r), b.id, properties(r)").to_list()
    indexes = graph.cypher("SHOW INDEXES").to_list()
    return repr((nodes, edges, indexes))


def soup() -> st.SearchStrategy[str]:
    """Token soup, mostly with a beginning that engines accept."""
    start = st.sampled_from(
        ["MATCH (n) ", "MATCH (n) WITH n ", "LOAD CSV FROM $file AS x ", "UNWIND [1] AS x ", ""]
    )
    end = st.sampled_from([" RETURN 1 AS z", " RETURN n", " RETURN x", ""])
    middle = st.lists(st.sampled_from(WORDS), max_size=7).map(" ".join)
    return st.tuples(start, middle, end).map("".join)


@settings(max_examples=1500, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cypher=soup())
@example("MATCH (n) WITH n, 1DELETE n RETURN 1 AS z")
@example("LOAD CSV FROM $file AS x RETURN x")
def test_what_passes_changes_nothing_and_reads_no_file_on_an_engine_that_could(
    live_graph: kglite.KnowledgeGraph, secret: Path, cypher: str
) -> None:
    try:
        check_read_only(cypher)
    except CypherRefusedError:
        return
    before = dump(live_graph)
    try:
        answer = repr(live_graph.cypher(cypher, params={"p": 1, "file": secret.as_uri()}, timeout_ms=2000))
    except (kglite.KgError, ValueError) as exc:
        answer = str(exc)
    assert "for-nobody" not in answer
    assert dump(live_graph) == before
