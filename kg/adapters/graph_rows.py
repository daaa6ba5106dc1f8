"""From a `Graph` to plain rows, and what of them a store lacks; shared by the graph stores."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from kg.errors import StoreError
from kg.model import Cell, Entity, Graph, PropertyValue, Relation, Row, WriteCounts
from kg.schema import BASE_LABEL, Label, RelationType

#: source id, relation type, target id
RelationKey = tuple[str, str, str]

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_ENTITY_KEYS = frozenset({"id", "name", "aliases"})
_RELATION_KEYS = frozenset({"method", "confidence", "plan", "start", "end", "quote"})
_LABELS = frozenset(label.value for label in Label)


@dataclass(frozen=True, slots=True)
class EntityRow:
    """A node as it is stored; ``properties`` hold id, name and aliases too."""

    id: str
    label: Label
    properties: dict[str, Cell]

    @property
    def fingerprint(self) -> str:
        """Equal for equal content; tells 1 from 1.0 and from true."""
        return _fingerprint([self.label.value], self.properties)


@dataclass(frozen=True, slots=True)
class RelationRow:
    """A relation as it is stored; ``properties`` hold method, confidence and evidence too."""

    source: str
    type: RelationType
    target: str
    properties: dict[str, Cell]

    @property
    def key(self) -> RelationKey:
        """What makes two relations the same one."""
        return (self.source, self.type.value, self.target)

    @property
    def fingerprint(self) -> str:
        """Equal for equal content; tells 1 from 1.0 and from true."""
        return _fingerprint([], self.properties)


@dataclass(frozen=True, slots=True)
class GraphRows:
    """A checked graph: unique ids and keys, every endpoint known, every name storable."""

    entities: dict[str, EntityRow]
    relations: dict[RelationKey, RelationRow]


@dataclass(frozen=True, slots=True)
class Changes:
    """What turns a stored graph into another. Stale ones are given by the engine's own ids."""

    entities: list[EntityRow]
    relations: list[RelationRow]
    relabelled_ids: list[str]
    stale_entities: list[str]
    stale_relations: list[str]

    @property
    def counts(self) -> WriteCounts:
        """What the caller of a write is told."""
        return WriteCounts(
            len(self.entities), len(self.stale_entities), len(self.relations), len(self.stale_relations)
        )

    @property
    def size(self) -> int:
        """How many rows it takes to apply this."""
        stale = len(self.stale_entities) + len(self.stale_relations)
        return len(self.entities) + len(self.relations) + len(self.relabelled_ids) + stale

    @property
    def none(self) -> bool:
        """Whether the stored graph is already the wanted one."""
        return self.counts == WriteCounts(0, 0, 0, 0)


def graph_rows(graph: Graph) -> GraphRows:
    """Check a graph and flatten it.

    Raises: StoreError: duplicate id or relation key, unknown endpoint, or a property that cannot be
        stored under its name or with its value.
    """
    entities: dict[str, EntityRow] = {}
    for entity in graph.entities:
        if entity.id in entities:
            raise StoreError(f"无法写入图：实体编号“{entity.id}”重复。请检查抽取结果。")
        entities[entity.id] = _entity_row(entity)
    relations: dict[RelationKey, RelationRow] = {}
    for relation in graph.relations:
        shown = "-".join(relation.key)
        if relation.key in relations:
            raise StoreError(f"无法写入图：关系“{shown}”重复。请检查抽取结果。")
        for end in (relation.source, relation.target):
            if end not in entities:
                raise StoreError(f"无法写入图：关系“{shown}”的端点“{end}”不存在。请检查抽取结果。")
        relations[relation.key] = _relation_row(relation)
    return GraphRows(entities, relations)


def changes(wanted: GraphRows, stored_entities: Iterable[Row], stored_relations: Iterable[Row]) -> Changes:
    """Compare with what a store holds: the rows of `kg.cypher.ALL_ENTITIES`, then of `ALL_RELATIONS`."""
    entities = dict(wanted.entities)
    relabelled: list[str] = []
    stale_entities: list[str] = []
    seen: set[object] = set()
    for row in stored_entities:
        labels, properties = _strings(row["labels"]), _map(row["properties"])
        id = properties.get("id")
        if not isinstance(id, str) or id in seen or id not in wanted.entities:
            stale_entities.append(str(row["element"]))
            continue
        seen.add(id)
        ours = sorted(_LABELS.intersection(labels))
        if _fingerprint(ours, properties) == wanted.entities[id].fingerprint:
            del entities[id]
        elif ours != [wanted.entities[id].label.value]:
            relabelled.append(id)
    relations, stale_relations = _relation_changes(wanted, stored_relations)
    return Changes(list(entities.values()), relations, relabelled, stale_entities, stale_relations)


def _relation_changes(wanted: GraphRows, stored: Iterable[Row]) -> tuple[list[RelationRow], list[str]]:
    """Returns: (relations to write, engine ids of those to remove)."""
    relations = dict(wanted.relations)
    stale: list[str] = []
    kept: dict[RelationKey, str] = {}  # others may have drawn a second one: keep the one that is right
    for row in stored:
        key, element = (str(row["source"]), str(row["type"]), str(row["target"])), str(row["element"])
        if key not in wanted.relations:
            stale.append(element)
            continue
        same = _fingerprint([], _map(row["properties"])) == wanted.relations[key].fingerprint
        if key in kept:
            stale.append(kept[key] if same else element)
        if same or key not in kept:
            kept[key] = element
        if same:
            relations.pop(key, None)
    return list(relations.values()), stale


def _entity_row(entity: Entity) -> EntityRow:
    properties = _properties(entity.properties, _ENTITY_KEYS, entity.id)
    properties |= {"id": entity.id, "name": entity.name, "aliases": list(entity.aliases)}
    return EntityRow(entity.id, Label(entity.label), properties)


def _relation_row(relation: Relation) -> RelationRow:
    properties = _properties(relation.properties, _RELATION_KEYS, "-".join(relation.key))
    properties |= {"method": relation.method, "confidence": float(relation.confidence)}
    if relation.evidence is not None:
        found = relation.evidence
        properties |= {"plan": found.plan_id, "start": found.start, "end": found.end, "quote": found.quote}
    return RelationRow(relation.source, RelationType(relation.type), relation.target, properties)


def _properties(given: Mapping[str, PropertyValue], reserved: frozenset[str], owner: str) -> dict[str, Cell]:
    result: dict[str, Cell] = {}
    for name, value in given.items():
        if not _IDENTIFIER.fullmatch(name):
            raise StoreError(f"无法写入图：“{owner}”的属性名“{name}”不是英文标识符。请改用英文名。")
        if name in reserved:
            raise StoreError(f"无法写入图：“{owner}”的属性名“{name}”由系统保留。请换一个名字。")
        result[name] = _stored_value(value, name, owner)
    return result


def _stored_value(value: PropertyValue, name: str, owner: str) -> Cell:
    if isinstance(value, tuple):
        items: list[str | float] = list(value)
        if any(isinstance(item, float) for item in items):
            # Neo4j stores a list of one type only, and would turn the whole numbers itself
            items = [float(item) if isinstance(item, int) else item for item in items]
        if len({type(item) for item in items}) <= 1 and all(_is_scalar(item) for item in items):
            return items
    elif _is_scalar(value):
        return value
    raise StoreError(
        f"无法写入图：“{owner}”的属性“{name}”的值 {value!r} 无法保存。请用文字、数字或它们的列表。"
    )


def _is_scalar(value: object) -> bool:
    if isinstance(value, int):
        return -(2**63) <= value < 2**63
    return isinstance(value, str | float)


def _fingerprint(labels: Iterable[str], properties: Mapping[str, Cell]) -> str:
    return repr((list(labels), sorted((name, repr(value)) for name, value in properties.items())))


def _map(value: Cell) -> Mapping[str, Cell]:
    if not isinstance(value, Mapping):
        raise StoreError(f"图引擎返回了意外的内容：{BASE_LABEL} 的属性不是键值表。请重新构建。")
    return value


def _strings(value: Cell) -> list[str]:
    return [str(item) for item in value] if isinstance(value, Sequence) else []
