"""GraphML that opens in Gephi, networkx and igraph.

XML has no way to write most control characters, so they become ``_x0007_`` as in Office Open XML (ECMA-376,
ST_Xstring), and an underscore that would read as such a mark becomes ``_x005F_``: ids stay apart, and
nothing is lost. Lists are JSON in a text, their keys marked by ``<desc>``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO
from xml.sax.saxutils import escape

from kg.adapters.graph_rows import GraphRows
from kg.export.base import Format, create_text, free_name
from kg.model import Cell

_FILE = "graph.graphml"
_LIST_MARK = "JSON list"
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<graphml xmlns="http://graphml.graphdrawing.org/xmlns">\n'

#: names that Gephi takes for a node's looks rather than its data, and those that we write ourselves
_NODE_RESERVED = frozenset({"label", "labels", "x", "y", "z", "xpos", "ypos", "size", "r", "g", "b", "d3"})
#: likewise for edges; ``id`` and ``key`` have a meaning in networkx
_EDGE_RESERVED = frozenset({"label", "edgelabel", "d7", "weight", "id", "edgeid", "key", "r", "g", "b"})

_TYPES: dict[type, str] = {bool: "boolean", int: "long", float: "double", str: "string", list: "list"}
_MARKED = re.compile("_(?=x[0-9A-Fa-f]{4})|[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def xml_safe(text: str) -> str:
    """The text with marks for what XML cannot hold; reversible, and unchanged for ordinary text."""
    return _MARKED.sub(lambda match: f"_x{ord(match.group()):04X}_", text)


def _text(value: str) -> str:
    # a raw \r would be read as \n; line breaks stay raw because Gephi drops them as references
    return escape(xml_safe(value), {"\r": "&#13;"})


def _attribute(value: str) -> str:
    # raw white space in an attribute would be read as a blank
    return escape(xml_safe(value), {'"': "&quot;", "\r": "&#13;", "\n": "&#10;", "\t": "&#9;"})


@dataclass(frozen=True, slots=True)
class _Item:
    """A node or an edge: its XML attributes, and its data by name."""

    attributes: Mapping[str, str]
    data: Mapping[str, Cell]


class _Keys:
    """The declared data of nodes or of edges.

    A name with values of several types has several keys, ``number`` and ``number.string``: no property's
    name has a dot, and igraph refuses two keys of one name.
    """

    def __init__(self, element: str) -> None:
        """``element`` is ``node`` or ``edge``."""
        self._element = element
        self._names: dict[tuple[str, str], str] = {}

    def declare(self, data: Mapping[str, Cell]) -> None:
        """Make a key for each name and type that has none."""
        for name, value in data.items():
            kind = _TYPES[type(value)]
            if (name, kind) not in self._names:
                taken = name in self._names.values()
                self._names[name, kind] = f"{name}.{kind}" if taken else name

    def write(self, file: TextIO) -> None:
        """Write the declarations."""
        for (_, kind), name in self._names.items():
            declared = "string" if kind == "list" else kind
            head = f'<key id="{self._id(name)}" for="{self._element}" attr.name="{name}"'
            mark = f"<desc>{_LIST_MARK}</desc>" if kind == "list" else ""
            file.write(f'{head} attr.type="{declared}">{mark}</key>\n')

    def item(self, item: _Item) -> str:
        """A node or an edge as XML."""
        attributes = "".join(f' {name}="{_attribute(value)}"' for name, value in item.attributes.items())
        data = "".join(
            f'<data key="{self._id(self._names[name, _TYPES[type(value)]])}">{_text(_shown(value))}</data>'
            for name, value in item.data.items()
        )
        return f"<{self._element}{attributes}>{data}</{self._element}>\n"

    def _id(self, name: str) -> str:
        return f"{self._element}.{name}"  # never one like d3, which Gephi takes for yEd's label


def _shown(value: Cell) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)  # numbers and true, false are the same in both


def _nodes(rows: GraphRows) -> Iterable[_Item]:
    for entity in rows.entities.values():
        shown: dict[str, Cell] = {"label": entity.properties["name"], "labels": entity.label.value}
        data = {
            free_name(name, _NODE_RESERVED): value
            for name, value in entity.properties.items()
            if name != "id"  # it is the node's own
        }
        yield _Item({"id": entity.id}, shown | data)


def _edges(rows: GraphRows) -> Iterable[_Item]:
    for number, relation in enumerate(rows.relations.values(), 1):
        ends = {"id": f"e{number}", "source": relation.source, "target": relation.target}
        data = {free_name(name, _EDGE_RESERVED): value for name, value in relation.properties.items()}
        yield _Item(ends, {"label": relation.type.value, **data})


def _write(rows: GraphRows, folder: Path) -> list[str]:
    node_keys, edge_keys = _Keys("node"), _Keys("edge")
    for node in _nodes(rows):
        node_keys.declare(node.data)
    for edge in _edges(rows):
        edge_keys.declare(edge.data)
    with create_text(folder / _FILE) as file:
        file.write(_HEAD)
        node_keys.write(file)
        edge_keys.write(file)
        file.write('<graph edgedefault="directed">\n')
        file.writelines(map(node_keys.item, _nodes(rows)))
        file.writelines(map(edge_keys.item, _edges(rows)))
        file.write("</graph>\n</graphml>\n")
    return [_FILE]


GRAPHML = Format("GraphML 文件，供 Gephi、networkx 等打开", re.compile(re.escape(_FILE)), _write)
