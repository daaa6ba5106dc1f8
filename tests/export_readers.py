"""Readers of exported CSV and GraphML, written from the formats' rules and not from the writers' code."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from kg.model import Entity, Evidence, Graph, PropertyValue, Relation
from kg.schema import Label, RelationType

Properties = dict[str, PropertyValue]


def entity(id: str, label: str, properties: Properties) -> Entity:
    """A node from its properties, ``name`` and ``aliases`` among them."""
    rest = {name: value for name, value in properties.items() if name not in ("id", "name", "aliases")}
    aliases: Any = properties.get("aliases", ())
    return Entity(id, Label(label), str(properties["name"]), aliases, rest)


def relation(source: str, type: str, target: str, properties: Properties) -> Relation:
    """A relation from its properties, those of the evidence among them."""
    found: Any = dict(properties)
    method, confidence = found.pop("method"), found.pop("confidence")
    evidence = None
    if "quote" in found:
        evidence = Evidence(found.pop("plan"), found.pop("start"), found.pop("end"), found.pop("quote"))
    return Relation(source, RelationType(type), target, evidence, method, confidence, found)


def own_name(name: str) -> str:
    """A property's own name, which the export may have given a type or an underscore."""
    return name.partition(".")[0].removesuffix("_")


# --- CSV of neo4j-admin ---------------------------------------------------------------------------

_CELL = re.compile(r'(?:"(?P<quoted>(?:[^"]|"")*)"|(?P<bare>[^",\n]*))(?P<end>,|\n)')
_SCALARS: dict[str, Callable[[str], Any]] = {
    "string": str, "long": int, "double": float, "boolean": {"true": True, "false": False}.__getitem__
}  # fmt: skip


def csv_records(text: str) -> Iterator[list[str | None]]:
    """The records of a CSV file (RFC 4180); an unquoted empty cell is None."""
    record: list[str | None] = []
    position = 0
    while position < len(text):
        match = _CELL.match(text, position)
        assert match is not None, f"not CSV at {position}: {text[position : position + 40]!r}"
        position = match.end()
        quoted = match["quoted"]
        record.append((match["bare"] or None) if quoted is None else quoted.replace('""', '"'))
        if match["end"] == "\n":
            yield record
            record = []


def read_csv(folder: Path) -> Graph:
    """The graph in the files that ``import.args`` names."""
    arguments = [line.split("=", 1) for line in (folder / "import.args").read_text().splitlines()]
    options = dict(arguments)
    assert options["--multiline-fields"] == "true"
    delimiter = chr(int(options["--array-delimiter"].removeprefix("U+"), 16))
    entities: list[Entity] = []
    relations: list[Relation] = []
    for option, name in arguments:
        if option == "--nodes":
            for cells, properties in _csv_rows(folder / name, delimiter):
                base, label = cells[":LABEL"].split(delimiter)
                assert base == "Entity"
                entities.append(entity(cells["id:ID"], label, properties))
        elif option == "--relationships":
            for cells, properties in _csv_rows(folder / name, delimiter):
                relations.append(relation(cells[":START_ID"], cells[":TYPE"], cells[":END_ID"], properties))
    return Graph(tuple(entities), tuple(relations))


def _csv_rows(path: Path, delimiter: str) -> Iterator[tuple[dict[str, str], Properties]]:
    """Yield (cells of the import's own columns, properties)."""
    records = csv_records(path.read_bytes().decode("utf-8"))
    header = [str(cell) for cell in next(records)]
    for record in records:
        own: dict[str, str] = {}
        properties: Properties = {}
        for column, cell in zip(header, record, strict=True):
            name, _, kind = column.partition(":")
            if kind.isupper() or kind == "ID":
                assert cell is not None
                own[column] = cell
            elif cell is not None:
                properties[name] = _csv_value(cell, kind, delimiter)
        yield own, properties


def _csv_value(cell: str, kind: str, delimiter: str) -> PropertyValue:
    scalar = _SCALARS[kind.removesuffix("[]")]
    if kind.endswith("[]"):
        return tuple(map(scalar, cell.split(delimiter))) if cell else ()
    value: PropertyValue = scalar(cell)
    return value


# --- GraphML --------------------------------------------------------------------------------------

_NS = "{http://graphml.graphdrawing.org/xmlns}"
_KINDS: dict[str, Callable[[str], Any]] = {
    "string": str, "long": int, "double": float, "boolean": {"true": True, "false": False}.__getitem__
}  # fmt: skip


def unmarked(text: str) -> str:
    """Text with ``_xHHHH_`` turned back into characters (ECMA-376, ST_Xstring)."""
    return re.sub("_x([0-9A-Fa-f]{4})_", lambda match: chr(int(match[1], 16)), text)


def read_graphml(path: Path) -> Graph:
    """The graph in a GraphML file, by the standard library's parser."""
    root = ElementTree.parse(path).getroot()
    keys = {key.attrib["id"]: key for key in root.iter(f"{_NS}key")}
    entities: list[Entity] = []
    relations: list[Relation] = []
    for node in root.iter(f"{_NS}node"):
        data = _graphml_data(node, keys)
        assert data.pop("label") == data["name"]
        label = str(data.pop("labels"))
        entities.append(entity(unmarked(node.attrib["id"]), label, {own_name(n): v for n, v in data.items()}))
    for edge in root.iter(f"{_NS}edge"):
        data = _graphml_data(edge, keys)
        type = str(data.pop("label"))
        source, target = unmarked(edge.attrib["source"]), unmarked(edge.attrib["target"])
        relations.append(relation(source, type, target, {own_name(n): v for n, v in data.items()}))
    return Graph(tuple(entities), tuple(relations))


def _graphml_data(element: ElementTree.Element, keys: Mapping[str, ElementTree.Element]) -> Properties:
    result: Properties = {}
    for data in element.iter(f"{_NS}data"):
        key = keys[data.attrib["key"]]
        assert element.tag == _NS + key.attrib["for"]
        text = unmarked(data.text or "")
        is_list = key.find(f"{_NS}desc") is not None
        convert = _KINDS[key.attrib["attr.type"]]
        result[key.attrib["attr.name"]] = tuple(json.loads(text)) if is_list else convert(text)
    return result
