"""A Cypher script for Neo4j's shell and for its drivers; it can be loaded again and again.

One statement per line, each with ``;`` at its end: the uniqueness constraint, then nodes, then relations,
in batches. The statements are those that the Neo4j store itself runs, with the rows written out.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import cast

from kg import cypher as statements
from kg.adapters.graph_rows import GraphRows
from kg.export.base import Format, create_text, entities_by_label, relations_by_type
from kg.model import Cell

_FILE = "graph.cypher"
#: rows per statement: enough to make planning cheap, few enough for a line that editors still open
_BATCH = 500

#: besides quotes and backslashes: all that a shell or a program could take for the end of a line, and
#: characters that are invisible or not allowed in text files
_ESCAPED = re.compile("[\\\\'\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
#: ``\b`` and ``\f`` are not here because KGLite reads them as letters
_SHORT = {"\\": "\\\\", "'": "\\'", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def literal(value: Cell) -> str:
    """A value as Cypher, on one line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, str):
        return f"'{_ESCAPED.sub(_escape, value)}'"
    if isinstance(value, Sequence):
        return "[" + ", ".join(map(literal, value)) + "]"
    return "null"


def _escape(match: re.Match[str]) -> str:
    return _SHORT.get(match.group()) or f"\\u{ord(match.group()):04X}"


def _statement(template: str, heads: Mapping[str, str], records: Sequence[Mapping[str, Cell]]) -> str:
    """The template on one line, with the records written out in place of its parameter.

    The values stand in one list per property and not in one map per record: a server takes a list of
    plain values for a parameter, so it plans the statement once and not for every batch (measured: a
    fifth of the time). ``heads`` are the keys of a row beside ``properties``, and the names of their values
    in the records; a name with a blank is not a property. Where one record has a list, all have one.
    """
    names = dict.fromkeys(name for record in records for name in record)
    columns: list[str] = []
    cells: dict[str, str] = {}
    for name in names:
        values = [record.get(name) for record in records]
        cells[name] = f"`{name}`[`row no`]"
        if isinstance(values[0], list):
            values, offsets = _flat(values)
            columns.append(f"{literal(offsets)} AS `{name} at`")
            cells[name] = f"`{name}`[`{name} at`[`row no`]..`{name} at`[`row no` + 1]]"
        columns.append(f"{literal(values)} AS `{name}`")
    keys = [f"{key}: {cells[name]}" for key, name in heads.items()]
    properties = ", ".join(f"`{name}`: {cell}" for name, cell in cells.items() if " " not in name)
    row = f"{{{', '.join(keys)}, properties: {{{properties}}}}}"
    source = f"WITH {', '.join(columns)} UNWIND range(0, {len(records) - 1}) AS `row no` WITH {row} AS row"
    return " ".join(template.split()).replace("UNWIND $rows AS row", source, 1) + ";\n"


def _flat(lists: Sequence[Cell]) -> tuple[list[Cell], list[Cell]]:
    """Returns: (all items, where each list starts among them and, last, their number)."""
    items: list[Cell] = []
    offsets: list[Cell] = [0]
    for found in lists:
        items += cast(list[Cell], found)
        offsets.append(len(items))
    return items, offsets


def _batches(records: Iterable[Mapping[str, Cell]]) -> Iterator[Sequence[Mapping[str, Cell]]]:
    """Yield records in batches; those of a batch have lists of the same types under the same names.

    Of the same types because Neo4j does not store a part of a list that has several.
    """
    groups: defaultdict[frozenset[tuple[str, type]], list[Mapping[str, Cell]]] = defaultdict(list)
    for record in records:
        lists = ((name, value) for name, value in record.items() if isinstance(value, list))
        groups[frozenset((name, type(value[0]) if value else str) for name, value in lists)].append(record)
    for group in groups.values():
        for at in range(0, len(group), _BATCH):
            yield group[at : at + _BATCH]


def _statements(rows: GraphRows) -> Iterator[str]:
    yield f"{statements.NEO4J_SCHEMA[0]};\n"
    for label, entities in entities_by_label(rows).items():
        for batch in _batches(entity.properties for entity in entities):
            yield _statement(statements.neo4j_merge_entities(label), {"id": "id"}, batch)
    for type, relations in relations_by_type(rows).items():
        records = ({"source id": r.source, "target id": r.target, **r.properties} for r in relations)
        for batch in _batches(records):
            heads = {"source": "source id", "target": "target id"}
            yield _statement(statements.neo4j_merge_relations(type), heads, batch)


def _write(rows: GraphRows, folder: Path) -> list[str]:
    with create_text(folder / _FILE) as file:
        file.writelines(_statements(rows))
    return [_FILE]


CYPHER = Format("Cypher 脚本，供 cypher-shell 或驱动程序载入 Neo4j", re.compile(re.escape(_FILE)), _write)
