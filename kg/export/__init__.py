"""The graph in other people's formats."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from itertools import chain
from pathlib import Path

from kg.adapters.graph_rows import EntityRow, GraphRows, RelationRow, graph_rows
from kg.errors import InputError, StoreError
from kg.export.base import Format
from kg.export.cypher import CYPHER
from kg.export.folder import output_folder, publish
from kg.export.graphml import GRAPHML
from kg.export.jsonld import JSONLD
from kg.export.neo4j_csv import CSV
from kg.model import Cell, Graph

__all__ = ["FORMATS", "Format", "export_graph"]

#: by the name that the user gives
FORMATS: Mapping[str, Format] = {"cypher": CYPHER, "csv": CSV, "graphml": GRAPHML, "jsonld": JSONLD}


def export_graph(graph: Graph, format: str, directory: Path) -> list[Path]:
    """Write a graph in one of `FORMATS` and return the files, in the order in which one would read them.

    The directory is made if it is missing. One that holds anything but files of earlier exports is
    refused; files of the same format are replaced, those of other formats stay. Whatever fails before all
    is written leaves it as it was.

    Raises: InputError: unknown format; the directory cannot be used or written.
        StoreError: the graph has something that cannot be written: a duplicate, an unknown endpoint, a
            number that is not finite, text that is not valid Unicode.
    """
    if format not in FORMATS:
        raise InputError(f"没有“{format}”这种导出格式。可用的格式：{'、'.join(FORMATS)}。")
    rows = graph_rows(graph)
    _check_values(rows)
    chosen = FORMATS[format]
    with output_folder(directory, [known.files for known in FORMATS.values()]) as aside:
        names = chosen.write(rows, aside)
        return publish(aside, directory, names, chosen.files)


def _check_values(rows: GraphRows) -> None:
    for row in chain[EntityRow | RelationRow](rows.entities.values(), rows.relations.values()):
        for name, value in row.properties.items():
            for item in _items(value):
                if isinstance(item, float) and not math.isfinite(item):
                    raise _unwritable(name, item)
                if isinstance(item, str) and not _is_unicode(item):
                    raise _unwritable(name, ascii(item))


def _items(value: Cell) -> Iterable[Cell]:
    return value if isinstance(value, list) else (value,)


def _is_unicode(text: str) -> bool:
    """Whether there are no halves of surrogate pairs in it, which no file can hold."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _unwritable(name: str, value: object) -> StoreError:
    return StoreError(f"无法导出：属性“{name}”的值 {value} 不能写入文件。请重新构建图，再导出。")
