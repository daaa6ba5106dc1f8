"""JSON-LD: one document, and the context that gives its words their meaning.

Things have IRIs under ``urn:plankg:entity:``, our own words under ``urn:plankg:schema:``; schema.org's are
used where they mean the same. A relation is there twice: as a plain property of its source, and as an
``rdf:Statement`` that carries method, confidence and evidence.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from importlib.resources import files
from pathlib import Path
from urllib.parse import quote

from kg.adapters.graph_rows import EntityRow, GraphRows, RelationKey, RelationRow
from kg.export.base import Format, create_text, free_name
from kg.model import Cell
from kg.schema import Label

_FILE = "graph.jsonld"
_CONTEXT = "context.jsonld"
_FILES = re.compile(rf"{re.escape(_FILE)}|{re.escape(_CONTEXT)}")
#: what schema.org would call a thing of ours, in addition to our own label
_ALSO: dict[Label, str] = {
    Label.PLAN: "schema:Report",
    Label.PART: "schema:CreativeWork",
    Label.CHAPTER: "schema:Chapter",
    Label.SECTION: "schema:CreativeWork",
    Label.PASSAGE: "schema:CreativeWork",
    Label.BOX: "schema:CreativeWork",
    Label.PROJECT: "schema:Project",
    Label.ENTERPRISE: "schema:Organization",
    Label.ORGANIZATION: "schema:Organization",
    Label.TOWN: "schema:AdministrativeArea",
    Label.VILLAGE: "schema:AdministrativeArea",
    Label.PLACE: "schema:Place",
    Label.PRODUCT: "schema:Product",
    Label.INDUSTRY: "schema:DefinedTerm",
    Label.CONCEPT: "schema:DefinedTerm",
    Label.INDICATOR: "schema:StatisticalVariable",
}
#: terms of the context that are ours to use as names of properties
_ENTITY_TERMS = frozenset({"id", "name", "aliases", "text"})
_RELATION_TERMS = frozenset({"confidence"})
#: integers beyond this lose digits in processors that know doubles only
_MAX_PLAIN_INTEGER = 2**53 - 1


def iri_part(id: str) -> str:
    """An id as part of an IRI: letters and digits of any script stay, the rest is percent-encoded.

    A colon is always encoded, so ids joined by colons can be told apart; so is a slash at the start,
    because a compact IRI must not go on with two.
    """
    encoded = "".join(char if _is_plain(char) else quote(char, safe="") for char in id)
    return f"%2F{encoded[1:]}" if encoded.startswith("/") else encoded


def _is_plain(char: str) -> bool:
    if char.isascii():
        return char.isalnum() or char in "-._~/"
    return char.isalnum() and ord(char) < 0xE000  # all of what IRIs allow there; planes above differ


def entity_iri(id: str) -> str:
    """The compact IRI of a node."""
    return f"entity:{iri_part(id)}"


def relation_iri(key: RelationKey) -> str:
    """The compact IRI of a relation."""
    return "relation:" + ":".join(map(iri_part, key))


def json_value(value: Cell) -> object:
    """A value that keeps its type and digits in every processor."""
    if isinstance(value, list):
        return {"@list": [json_value(item) for item in value]}
    if isinstance(value, bool) or isinstance(value, str):
        return value
    if isinstance(value, int):
        plain = abs(value) <= _MAX_PLAIN_INTEGER
        return value if plain else {"@value": str(value), "@type": "xsd:integer"}
    if isinstance(value, float):
        # a whole number would become an integer, and processors keep 16 digits of the others
        plain = not value.is_integer() and float(f"{value:.15E}") == value
        return value if plain else {"@value": repr(value), "@type": "xsd:double"}
    raise TypeError(f"not a stored value: {value!r}")


def _entity(
    entity: EntityRow, targets: Mapping[str, list[str]], reserved: frozenset[str]
) -> dict[str, object]:
    also = _ALSO.get(entity.label)
    node: dict[str, object] = {
        "@id": entity_iri(entity.id),
        "@type": [entity.label.value, also] if also else entity.label.value,
        "id": entity.id,
        "name": entity.properties["name"],
        "aliases": entity.properties["aliases"],  # a set, as other programs expect of schema.org's term
    }
    for name, value in entity.properties.items():
        if name not in ("id", "name", "aliases"):
            node[free_name(name, reserved)] = json_value(value)
    return {**node, **targets}


def _statement(relation: RelationRow, reserved: frozenset[str]) -> dict[str, object]:
    return {
        "@id": relation_iri(relation.key),
        "@type": "Statement",
        "subject": entity_iri(relation.source),
        "predicate": relation.type.value,
        "object": entity_iri(relation.target),
        **{free_name(name, reserved): json_value(value) for name, value in relation.properties.items()},
    }


def _nodes(rows: GraphRows, terms: frozenset[str]) -> Iterator[dict[str, object]]:
    outgoing: dict[str, dict[str, list[str]]] = {}
    for relation in rows.relations.values():
        by_type = outgoing.setdefault(relation.source, {})
        by_type.setdefault(relation.type.value, []).append(entity_iri(relation.target))
    for entity in rows.entities.values():
        yield _entity(entity, outgoing.get(entity.id, {}), _lower(terms - _ENTITY_TERMS))
    for relation in rows.relations.values():
        yield _statement(relation, _lower(terms - _RELATION_TERMS))


def _lower(names: frozenset[str]) -> frozenset[str]:
    return frozenset(name.lower() for name in names)


def _write(rows: GraphRows, folder: Path) -> list[str]:
    context = files("kg.export").joinpath(_CONTEXT).read_text(encoding="utf-8")
    terms = frozenset(json.loads(context)["@context"])
    with create_text(folder / _CONTEXT) as file:
        file.write(context)
    with create_text(folder / _FILE) as file:
        file.write(f'{{"@context": "{_CONTEXT}", "@graph": [')
        separator = "\n"
        for node in _nodes(rows, terms):
            file.write(separator + json.dumps(node, ensure_ascii=False))
            separator = ",\n"
        file.write("\n]}\n")
    return [_FILE, _CONTEXT]


JSONLD = Format("JSON-LD 文件和它的上下文，供语义网工具读取", _FILES, _write)
