"""A reader of exported JSON-LD: what rdflib, which knows nothing of us, makes of document and context."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import rdflib
from rdflib.collection import Collection
from rdflib.namespace import RDF, XSD

from kg.model import Entity, Graph, PropertyValue, Relation
from kg.schema import RelationType
from tests.export_readers import Properties, entity, own_name, relation

_OURS = "urn:plankg:schema:"
_FROM_SCHEMA_ORG = {
    "https://schema.org/identifier": "id", "https://schema.org/name": "name",
    "https://schema.org/alternateName": "aliases", "https://schema.org/text": "text",
    "https://schema.org/mentions": "MENTIONS", "https://schema.org/hasPart": "HAS_PART",
}  # fmt: skip
_REIFICATION = {RDF.type, RDF.subject, RDF.predicate, RDF.object}


def read_jsonld(path: Path) -> Graph:
    """The graph in a JSON-LD file, from the triples that rdflib finds through its context."""
    triples = rdflib.Graph().parse(path, format="json-ld")
    statements = set(triples.subjects(RDF.type, RDF.Statement))
    entities: list[Entity] = []
    plain: set[tuple[str, str, str]] = set()
    for subject in set(triples.subjects(RDF.type, None)) - statements:
        own = [str(type) for type in triples.objects(subject, RDF.type) if str(type).startswith(_OURS)]
        properties, links = _jsonld_properties(triples, subject)
        id = _entity_id(subject)
        assert properties["id"] == id
        entities.append(entity(id, own[0].removeprefix(_OURS), properties))
        plain |= {(id, type, target) for type, target in links}
    relations = [_jsonld_relation(triples, statement) for statement in statements]
    assert plain == {relation.key for relation in relations}
    return Graph(tuple(entities), tuple(relations))


def _jsonld_relation(triples: rdflib.Graph, statement: Any) -> Relation:
    properties, _ = _jsonld_properties(triples, statement)
    del properties["aliases"]  # nodes only
    source, target = (_entity_id(triples.value(statement, end)) for end in (RDF.subject, RDF.object))
    type = _term(triples.value(statement, RDF.predicate))
    key = [unquote(part) for part in str(statement).removeprefix("urn:plankg:relation:").split(":")]
    assert key == [source, type, target]
    return relation(source, type, target, properties)


def _jsonld_properties(triples: rdflib.Graph, subject: Any) -> tuple[Properties, set[tuple[str, str]]]:
    """Returns: (properties, links to other nodes as (type, id))."""
    properties: Properties = {}
    links: set[tuple[str, str]] = set()
    aliases: list[str] = []
    for predicate, value in triples.predicate_objects(subject):
        if predicate in _REIFICATION:
            continue
        name = _term(predicate)
        if name in RelationType.__members__:
            links.add((name, _entity_id(value)))
        elif isinstance(value, rdflib.Literal) and name == "aliases":
            aliases.append(str(value))
        elif isinstance(value, rdflib.Literal):
            properties[own_name(name)] = _literal(value)
        else:
            properties[own_name(name)] = _list(Collection(triples, value))
    return {**properties, "aliases": tuple(sorted(aliases))}, links


def _list(items: Iterable[Any]) -> PropertyValue:
    return tuple(_literal(item) for item in items)  # type: ignore[return-value]


def _literal(value: rdflib.Literal) -> PropertyValue:
    types: dict[Any, Callable[[str], Any]] = {
        None: str, XSD.string: str, XSD.integer: int, XSD.double: float,
        XSD.boolean: {"true": True, "false": False}.__getitem__,
    }  # fmt: skip
    converted: PropertyValue = types[value.datatype](str(value))
    return converted


def _term(iri: object) -> str:
    return _FROM_SCHEMA_ORG.get(str(iri)) or str(iri).removeprefix(_OURS)


def _entity_id(iri: object) -> str:
    assert str(iri).startswith("urn:plankg:entity:")
    return unquote(str(iri).removeprefix("urn:plankg:entity:"))
