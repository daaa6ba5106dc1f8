"""Named queries: what each returns, and that both engines return the same rows in the same order."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from ingest.extract.registry import extract_graph
from ingest.lexicon import load_lexicon
from ingest.load import load_text, plan_id_of
from ingest.outline import build_outline
from ingest.passages import make_passages
from ingest.pipeline import default_plans
from kg.adapters.kglite_store import KgliteStore
from kg.adapters.neo4j_store import Neo4jStore
from kg.errors import InputError
from kg.model import Cell, Entity, Evidence, Graph, PropertyValue, Relation, Row
from kg.named_queries import NAMED, RESOLVE
from kg.ports import GraphStore
from kg.schema import Label, RelationType
from kg.settings import PROJECT_ROOT, load_settings
from tests import neo4j_server as servers
from tests.conftest import SECOND_PLAN
from tests.contract.graph_engine import exactly
from tests.neo4j_server import Neo4jServer

PAGE = PROJECT_ROOT / "docs" / "queries.md"
R = RelationType


def node(id: str, label: Label, name: str, *aliases: str, **properties: PropertyValue) -> Entity:
    return Entity(id, label, name, aliases, {"plan": "p", **properties})


def edge(
    source: str, type: RelationType, target: str, start: int = -1, **properties: PropertyValue
) -> Relation:
    """A relation; with a start it has a quote of four characters that names it."""
    if start < 0:
        return Relation(source, type, target, properties=properties)
    return Relation(
        source, type, target, Evidence("p", start, start + 4, f"引文{start:02d}"), "rule", 0.9, properties
    )


#: a group and its subsidiary, a town with a village, two levels of industry, a chain, a contradiction
GRAPH = Graph(
    (
        node("p", Label.PLAN, "规划"),
        node("box", Label.BOX, "专栏1 项目", start=1, locator="第一章 专栏1"),
        node("box/1", Label.PROJECT, "玻璃项目", number=1, start=10),
        node("box/2", Label.PROJECT, "管桩项目", number=2, start=20, investment_yi_yuan=2.5),
        node("box/3", Label.PROJECT, "污水项目", number=3, start=30),
        node("group", Label.ENTERPRISE, "金星集团", "金星"),
        node("branch", Label.ENTERPRISE, "金星玻璃有限公司"),
        node("office", Label.ORGANIZATION, "水务局"),
        node("town", Label.TOWN, "乙水镇", "乙水"),
        node("village", Label.VILLAGE, "丙村"),
        node("other", Label.TOWN, "丁山镇"),
        node("materials", Label.INDUSTRY, "材料产业"),
        node("glass", Label.INDUSTRY, "玻璃产业", "玻璃"),
        node("chain", Label.CONCEPT, "光伏产业链", kind="chain", written="硅砂—玻璃", start=40, stop=45),
        node("set", Label.CONCEPT, "四张名片", start=60),
        node("sand", Label.CONCEPT, "硅砂", start=40),
        node("pane", Label.CONCEPT, "玻璃、陶瓷", start=43),
        node("passage", Label.PASSAGE, "第一章", text="金星在乙水镇", start=0, stop=6, locator="第一章"),
        node("lone", Label.PLACE, "孤山"),
    ),
    (
        edge("box", R.LISTS, "box/1", 10),
        edge("box", R.LISTS, "box/2", 20),
        edge("box", R.LISTS, "box/3", 30),
        edge("box/1", R.IMPLEMENTED_BY, "branch", 10),
        edge("box/2", R.IMPLEMENTED_BY, "group", 20),
        edge("box/3", R.IMPLEMENTED_BY, "office", 30),
        edge("branch", R.PART_OF, "group", 12),
        edge("box/1", R.LOCATED_IN, "village", 11),
        edge("box/2", R.LOCATED_IN, "town", 21),
        edge("village", R.PART_OF, "town", 13),
        edge("box/1", R.BELONGS_TO, "glass", 14),
        edge("box/2", R.BELONGS_TO, "materials", 22),
        edge("branch", R.BELONGS_TO, "glass", 15),
        edge("glass", R.PART_OF, "materials"),
        edge("glass", R.PART_OF, "pane", 43),
        edge("chain", R.CONSISTS_OF, "sand", 40, position=1, order=1),
        edge("chain", R.CONSISTS_OF, "pane", 41, position=2, order=2),
        edge("set", R.CONSISTS_OF, "town", 60, order=1),
        edge("group", R.DRIVES, "chain", 44),
        edge("passage", R.MENTIONS, "group", 0),
        edge("passage", R.MENTIONS, "town", 3),
        edge(
            "town", R.CONFLICTS_WITH, "other", 50, kind="name",
            other_quote="引文70", other_start=70, other_stop=74,
        ),
    ),
)  # fmt: skip


def at(start: int) -> dict[str, Cell]:
    return {"quote": f"引文{start:02d}", "plan": "p", "start": start, "stop": start + 4}


NOWHERE: dict[str, Cell] = {"quote": None, "plan": None, "start": None, "stop": None}
GLASS = {"id": "box/1", "project": "玻璃项目", "box": "专栏1 项目"}
PILES = {"id": "box/2", "project": "管桩项目", "box": "专栏1 项目"}

CASES: list[tuple[str, list[str], list[Row]]] = [
    ("projects_of_enterprise", ["金星"], [
        {"owner": "金星玻璃有限公司", **GLASS, "investment_yi_yuan": None, **at(10)},
        {"owner": "金星集团", **PILES, "investment_yi_yuan": 2.5, **at(20)},
    ]),
    ("projects_of_enterprise", ["branch"], [
        {"owner": "金星玻璃有限公司", **GLASS, "investment_yi_yuan": None, **at(10)},
    ]),
    ("projects_of_town", ["乙水"], [
        {"place": "丙村", **GLASS, **at(11)}, {"place": "乙水镇", **PILES, **at(21)},
    ]),
    ("projects_of_town", ["丙村"], [{"place": "丙村", **GLASS, **at(11)}]),
    ("projects_of_town", ["金星集团"], []),
    ("projects_of_industry", ["材料产业"], [
        {"industry": "玻璃产业", **GLASS, **at(14)}, {"industry": "材料产业", **PILES, **at(22)},
    ]),
    ("projects_of_industry", ["玻璃"], [{"industry": "玻璃产业", **GLASS, **at(14)}]),
    ("enterprises_of_industry", ["材料产业"], [
        {"id": "branch", "enterprise": "金星玻璃有限公司", "industry": "玻璃产业", **at(15)},
    ]),
    ("path", ["丙村", "金星"], [
        {"step": 1, "from": "丙村", "type": "LOCATED_IN", "outgoing": False, "to": "玻璃项目", **at(11)},
        {"step": 2, "from": "玻璃项目", "type": "IMPLEMENTED_BY", "outgoing": True, "to": "金星玻璃有限公司",
         **at(10)},
        {"step": 3, "from": "金星玻璃有限公司", "type": "PART_OF", "outgoing": True, "to": "金星集团",
         **at(12)},
    ]),
    ("path", ["玻璃产业", "材料产业"], [
        {"step": 1, "from": "玻璃产业", "type": "PART_OF", "outgoing": True, "to": "材料产业", **NOWHERE},
    ]),
    ("path", ["丙村", "丙村"], []),
    ("path", ["丙村", "孤山"], []),
    ("path", ["丙村", "从来没有"], []),
    ("together", ["金星集团", "乙水镇"], [
        {"first": "金星集团", "second": "乙水镇", "locator": "第一章", "quote": "金星在乙水镇", "plan": "p",
         "start": 0, "stop": 6},
    ]),
    ("neighbourhood", ["水务局"], [
        {"distance": 1, "from": "水务局", "type": "IMPLEMENTED_BY", "outgoing": False, "to": "污水项目",
         "label": "Project", "id": "box/3", **at(30)},
        {"distance": 2, "from": "污水项目", "type": "LISTS", "outgoing": False, "to": "专栏1 项目",
         "label": "Box", "id": "box", **at(30)},
    ]),
    ("neighbourhood", ["水务局", "1"], [
        {"distance": 1, "from": "水务局", "type": "IMPLEMENTED_BY", "outgoing": False, "to": "污水项目",
         "label": "Project", "id": "box/3", **at(30)},
    ]),
    ("most_connected", ["2"], [
        {"name": "玻璃产业", "label": "Industry", "id": "glass", "neighbours": 4, "relations": 4},
        {"name": "乙水镇", "label": "Town", "id": "town", "neighbours": 4, "relations": 4},
    ]),
    ("projects_by_box", [], [
        {"box": "专栏1 项目", "locator": "第一章 专栏1", "plan": "p", "start": 1, "projects": 3},
    ]),
    ("projects_by_owner", [], [
        {"owner": "金星玻璃有限公司", "label": "Enterprise", "id": "branch", "projects": 1},
        {"owner": "金星集团", "label": "Enterprise", "id": "group", "projects": 1},
        {"owner": "水务局", "label": "Organization", "id": "office", "projects": 1},
    ]),
    ("projects_by_town", [], [{"town": "乙水镇", "id": "town", "projects": 2}]),
    ("projects_by_industry", [], [
        {"industry": "材料产业", "above": None, "id": "materials", "projects": 2},
        {"industry": "玻璃产业", "above": "材料产业", "id": "glass", "projects": 1},
    ]),
    ("chains", [], [
        {"chain": "光伏产业链", "stages": ["硅砂", "玻璃、陶瓷"], "firms": ["金星集团"], "quote": "硅砂—玻璃",
         "plan": "p", "start": 40, "stop": 45},
    ]),
    ("chains_of", ["玻璃"], [{"chain": "光伏产业链", "name": "玻璃产业", "position": 2, **at(41)}]),
    ("chains_of", ["硅砂"], [{"chain": "光伏产业链", "name": "硅砂", "position": 1, **at(40)}]),
    ("chains_of", ["金星"], [{"chain": "光伏产业链", "name": "金星集团", "position": None, **at(44)}]),
    ("chains_of", ["乙水镇"], []),
    ("conflicts", [], [
        {"kind": "name", "left": "乙水镇", "right": "丁山镇", "confidence": 0.9, **at(50),
         "other_quote": "引文70", "other_start": 70, "other_stop": 74},
    ]),
]  # fmt: skip


@pytest.mark.parametrize(("name", "arguments", "rows"), CASES, ids=["-".join((c[0], *c[1])) for c in CASES])
def test_a_named_query_returns_its_columns_and_rows(
    store: GraphStore, name: str, arguments: list[str], rows: list[Row]
) -> None:
    store.write(GRAPH)
    query = NAMED[name]
    found = store.query(query.cypher, query.bind(arguments))
    assert [exactly(row) for row in found] == [exactly(row) for row in rows]
    assert all(list(row) == list(query.columns) for row in found)


def test_every_named_query_has_a_case() -> None:
    assert {case[0] for case in CASES} == NAMED.keys()


def test_a_name_resolves_by_id_name_and_written_form(store: GraphStore) -> None:
    store.write(GRAPH)
    group = {"id": "group", "name": "金星集团", "label": "Enterprise"}
    for name in ("group", "金星集团", "金星"):
        assert store.query(RESOLVE, {"name": name}) == [group]
    assert store.query(RESOLVE, {"name": "从来没有"}) == []


@pytest.mark.parametrize(
    ("name", "arguments", "said"),
    [
        ("path", ["甲"], "用法：path 起点 终点"),
        ("chains", ["甲"], "用法：chains"),
        ("neighbourhood", ["甲", "0"], "应为正整数"),
        ("neighbourhood", ["甲", "多"], "应为正整数"),
        ("most_connected", ["99999999999"], "应为正整数"),
    ],
)
def test_wrong_arguments_are_one_clear_line(name: str, arguments: list[str], said: str) -> None:
    with pytest.raises(InputError, match=re.escape(said)):
        NAMED[name].bind(arguments)


# -- whole plans


def extracted(plan: Path) -> Graph:
    outline = build_outline(load_text(plan), plan_id_of(plan))
    return extract_graph(outline, make_passages(outline), load_lexicon(load_settings().lexicon_dir))


def calls(graph: Graph) -> Iterator[tuple[str, list[str]]]:
    """Every named query, with several things of each kind by any of their forms."""
    of: dict[Label, list[str]] = {}
    for entity in graph.entities:
        of.setdefault(entity.label, []).append((*entity.aliases, entity.name)[0])
    firms, towns, industries = of[Label.ENTERPRISE][:8], of[Label.TOWN][:4], of[Label.INDUSTRY][:8]
    located = [r.target for r in graph.relations if r.type is RelationType.LOCATED_IN][:8]
    driving = [r.source for r in graph.relations if r.type is RelationType.DRIVES][:2]
    things = {"enterprise": firms, "town": [*towns, *located], "industry": industries}
    for query in NAMED.values():
        needed = [p for p in query.parameters if p.default is None]
        if len(needed) == 2:
            pairs = [*pairwise(firms), *zip(towns, firms, strict=False)]
            yield from ((query.name, list(pair)) for pair in pairs)
        elif needed:
            kind = query.name.rpartition("_of_")[2]
            others = [*firms[:4], *towns[:2], *industries[:6], *driving, of[Label.INDICATOR][0]]
            named = things.get(kind, others)
            yield from ((query.name, [name]) for name in named)
        else:
            yield query.name, []


@pytest.mark.parametrize("plan", [*default_plans(PROJECT_ROOT), SECOND_PLAN], ids=lambda plan: plan.stem)
def test_both_engines_return_the_same_rows_of_a_whole_plan(
    plan: Path, neo4j_server: Neo4jServer, tmp_path: Path
) -> None:
    graph = extracted(plan)
    embedded = KgliteStore(tmp_path / "graph.kgl")
    server = Neo4jStore(neo4j_server.uri, servers.USER, servers.PASSWORD, servers.DATABASE)
    embedded.write(graph)
    server.write(graph)
    answered = dict.fromkeys(NAMED, 0)
    for name, arguments in calls(graph):
        query = NAMED[name]
        left, right = (s.query(query.cypher, query.bind(arguments)) for s in (embedded, server))
        assert list(map(exactly, left)) == list(map(exactly, right)), (name, arguments)
        answered[name] += len(left)
    assert [name for name, rows in answered.items() if rows == 0] == []
    embedded.close()
    server.close()


# -- the page


def test_the_page_describes_every_named_query() -> None:
    text = PAGE.read_text("utf-8")
    for query in NAMED.values():
        assert f"| `{query.usage}` | {query.title} |\n" in text
    assert len(re.findall(r"^\| `", text, re.M)) == len(NAMED)


def test_every_example_of_the_page_has_rows(tmp_path: Path) -> None:
    (plan,) = default_plans(PROJECT_ROOT)
    store = KgliteStore(tmp_path / "graph.kgl")
    store.write(extracted(plan))
    examples = re.findall(r"^plankg query (.+?)(?: --json)?$", PAGE.read_text("utf-8"), re.M)
    assert len(examples) >= 5
    for example in examples:
        name, *arguments = shlex.split(example)
        query = NAMED[name]
        assert store.query(query.cypher, query.bind(arguments)) != [], example
    store.close()
