"""The whole graph, read back out of a store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import inf
from typing import cast

from kg.cypher import ALL_ENTITIES, ALL_RELATIONS
from kg.errors import StoreError
from kg.model import Cell, Entity, Evidence, Graph, PropertyValue, Relation, Row
from kg.ports import GraphStore
from kg.schema import Label, RelationType

_TIMEOUT_S = 600.0
_MAX_ROWS = 2**31 - 1
_LABELS = {label.value: label for label in Label}
_LABEL_ORDER = {label: at for at, label in enumerate(Label)}
_TYPES = {type.value: type for type in RelationType}
_TYPE_ORDER = {type: at for at, type in enumerate(RelationType)}


def read_graph(store: GraphStore) -> Graph:
    """All nodes and relations of a store, in the same order from every engine.

    Nodes are ordered by label, then by where the plan has them, then by id; relations by type, then by
    their ends. A store keeps no order of its own, so this is not the order in which they were written.

    Raises: StoreError: what is stored is not a graph of ours, or it was replaced while it was read.
    """
    entities = [_entity(row) for row in _rows(store, ALL_ENTITIES)]
    entities.sort(key=_entity_order)
    position = {entity.id: at for at, entity in enumerate(entities)}
    relations = [_relation(row) for row in _rows(store, ALL_RELATIONS)]
    for relation in relations:
        if relation.source not in position or relation.target not in position:
            raise StoreError("读取图的同时图被改写，读到的内容不完整。请等构建结束后重试。")
    relations.sort(key=lambda r: (_TYPE_ORDER[r.type], position[r.source], position[r.target]))
    return Graph(tuple(entities), tuple(relations))


def _rows(store: GraphStore, statement: str) -> list[Row]:
    return store.query(statement, timeout_s=_TIMEOUT_S, max_rows=_MAX_ROWS)


def _entity(row: Row) -> Entity:
    properties = _properties(row["properties"])
    labels = [_LABELS[name] for name in cast(Sequence[str], row["labels"]) if name in _LABELS]
    id, name = properties.pop("id", None), properties.pop("name", None)
    aliases = properties.pop("aliases", ())  # Neo4j's import leaves empty lists out
    if len(labels) != 1 or not isinstance(id, str) or not isinstance(name, str) or not _texts(aliases):
        raise _foreign(f"节点 {id}")
    return Entity(id, labels[0], name, cast(tuple[str, ...], aliases), properties)


def _relation(row: Row) -> Relation:
    source, type, target = (str(row[column]) for column in ("source", "type", "target"))
    properties = _properties(row["properties"])
    method, confidence = properties.pop("method", None), properties.pop("confidence", None)
    known = type in _TYPES and isinstance(method, str) and isinstance(confidence, float)
    evidence, whole = _evidence(properties)
    if not known or not whole:
        raise _foreign(f"关系 {source}-{type}-{target}")
    return Relation(
        source, _TYPES[type], target, evidence, cast(str, method), cast(float, confidence), properties
    )


def _evidence(properties: dict[str, PropertyValue]) -> tuple[Evidence | None, bool]:
    """Take the evidence out. Returns: (evidence if there is any, whether it is all there or not at all)."""
    match [properties.pop(name, None) for name in ("plan", "start", "end", "quote")]:
        case [None, None, None, None]:
            return None, True
        case [str(plan), int(start), int(end), str(quote)]:
            return Evidence(plan, start, end, quote), True
    return None, False


def _properties(cell: Cell) -> dict[str, PropertyValue]:
    return {name: _value(value) for name, value in cast(Mapping[str, Cell], cell).items()}


def _value(cell: Cell) -> PropertyValue:
    # stores return lists; what an engine of ours stores holds nothing deeper
    return cast(PropertyValue, tuple(cell) if isinstance(cell, list) else cell)


def _texts(value: object) -> bool:
    return isinstance(value, tuple) and all(isinstance(item, str) for item in value)


def _foreign(what: str) -> StoreError:
    return StoreError(f"图数据库里的{what}不是本程序写入的。请改用一个空的数据库，或重新运行 plankg build。")


def _entity_order(entity: Entity) -> tuple[int, str, float, str]:
    start = entity.properties.get("start")
    offset = start if isinstance(start, int) else inf
    return (_LABEL_ORDER[entity.label], str(entity.properties.get("plan", "")), offset, entity.id)
