"""An engine to test on, a small graph to put into it, and how to compare what comes out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import neo4j

from kg.adapters.kglite_store import KgliteStore
from kg.adapters.neo4j_store import Neo4jStore
from kg.model import Cell, Entity, Evidence, Graph, Relation, Row
from kg.ports import GraphStore
from kg.schema import Label, RelationType
from tests import neo4j_server as servers

QUOTE = Evidence("plan-1", 10, 22, "甲厂在乙镇建设一条生产线，\n“一期”完工。")
FIRM = Entity(
    "firm-1",
    Label.ENTERPRISE,
    "甲厂玻璃有限公司",
    ("甲厂", "甲厂“玻璃”"),
    {
        "title": "标题",
        "type": "外资",
        "start": 3,
        "end": 9,
        "text": "第一行\n第二行\t'引号' \"双\" \\反斜杠 `反引号` \u3000末尾 ",
        "empty": "",
        "whole": 7,
        "negative": -3,
        "large": 2**62,
        "real": 1.5,
        "round_real": 2.0,
        "tiny": 1e-12,
        "yes": True,
        "no": False,
        "words": ("一", "二"),
        "numbers": (1.0, 2.5),
        "nothing": (),
    },
)
TOWN = Entity("town-1", Label.TOWN, "乙镇", (), {"whole": 1.25, "real": 4, "yes": "是", "text": "北部山区"})
VILLAGE = Entity("village-1", Label.VILLAGE, "丙村")
PROJECT = Entity("box-1/1", Label.PROJECT, "玻璃生产线项目", ("玻璃线",), {"number": 1})
LOCATED = Relation(
    "firm-1", RelationType.LOCATED_IN, "town-1", QUOTE, "sentence", 0.9, {"words": ("x",), "rank": 2}
)
GRAPH = Graph(
    (FIRM, TOWN, VILLAGE, PROJECT),
    (
        LOCATED,
        Relation("village-1", RelationType.PART_OF, "town-1"),
        Relation("box-1/1", RelationType.IMPLEMENTED_BY, "firm-1", QUOTE, "line", 0.75),
        Relation("box-1/1", RelationType.LOCATED_IN, "town-1", QUOTE, "line", 1),
    ),
)


@dataclass(frozen=True, slots=True)
class Engine:
    """An empty graph engine. Plain data, so that another process can open it too."""

    name: str
    address: str  # a file for KGLite, a Bolt URI for Neo4j

    def open(self) -> GraphStore:
        """A new store on the same data."""
        if self.name == "kglite":
            return KgliteStore(Path(self.address))
        return Neo4jStore(self.address, servers.USER, servers.PASSWORD, servers.DATABASE)


def run_on_server(uri: str, statement: str) -> list[dict[str, object]]:
    """Run a statement on the server past our store, as another program would."""
    with (
        neo4j.GraphDatabase.driver(uri, auth=(servers.USER, servers.PASSWORD)) as driver,
        driver.session(database=servers.DATABASE) as session,
    ):
        return [dict(record) for record in session.run(statement)]


def with_entity(graph: Graph, entity: Entity) -> Graph:
    """The graph with one entity exchanged for its namesake."""
    return replace(graph, entities=tuple(entity if e.id == entity.id else e for e in graph.entities))


def expected_node(entity: Entity) -> Row:
    listed: Mapping[str, Cell] = {
        name: list(value) if isinstance(value, tuple) else value for name, value in entity.properties.items()
    }
    return {"id": entity.id, "name": entity.name, "aliases": list(entity.aliases), **listed}


def exactly(value: Cell) -> str:
    """A value as text in which 1, 1.0 and true differ."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
