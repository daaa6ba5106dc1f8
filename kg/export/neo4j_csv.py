"""CSV files for ``neo4j-admin database import full``, and a file with its arguments.

RFC 4180 quoting. A quoted empty field is an empty text, an unquoted one is no value. Where a property has
values of several types within one label, the nodes are spread over several files, because a column has
one type.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from kg.adapters.graph_rows import EntityRow, GraphRows, RelationRow
from kg.errors import StoreError
from kg.export.base import Format, create_text, entities_by_label, relations_by_type
from kg.model import Cell
from kg.schema import BASE_LABEL

_ARGUMENTS = "import.args"
_FILES = re.compile(rf"(nodes|relations)-[A-Za-z_]+(-\d+)?\.csv|{re.escape(_ARGUMENTS)}")
#: items of a list cannot be quoted, so the delimiter must be a character that occurs in none of them:
#: ASCII's own separators first, then characters for private use
_DELIMITERS = (0x1F, 0x1E, 0x1D, 0x1C, *range(0xE000, 0xF900))
#: not ``int`` and ``float``, which have 32 bits: 0.9 would come back as 0.8999999761581421
_TYPES: dict[type, str] = {bool: "boolean", int: "long", float: "double", str: "string"}


@dataclass(slots=True)
class _Record:
    """A line: cells before and after those of the properties."""

    before: tuple[str, ...]
    properties: dict[str, Cell]
    after: tuple[str, ...] = ()


@dataclass(slots=True)
class _Table:
    """Records that agree on the types of their properties: name → type as the header says it."""

    columns: dict[str, str] = field(default_factory=dict)
    records: list[_Record] = field(default_factory=list)


def _tables(records: Iterable[_Record]) -> list[_Table]:
    """Put each record into the first table whose columns it fits."""
    tables: list[_Table] = []
    for record in records:
        types = {name: _type(value) for name, value in record.properties.items()}
        for table in tables:
            if all(table.columns.get(name, type) == type for name, type in types.items()):
                break
        else:
            table = _Table()
            tables.append(table)
        table.columns.update(types)
        table.records.append(record)
    return tables


def _type(value: Cell) -> str:
    if isinstance(value, list):
        return f"{_TYPES[type(value[0])] if value else 'string'}[]"
    return _TYPES[type(value)]


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


@dataclass(frozen=True, slots=True)
class _Writer:
    folder: Path
    delimiter: str

    def entities(self, label: str, entities: Iterable[EntityRow]) -> list[str]:
        """Write the nodes of a label; returns: file names."""
        labels = _quoted(self.delimiter.join((BASE_LABEL, label)))
        records = (_Record((_quoted(e.id),), _without_id(e.properties), (labels,)) for e in entities)
        return self._write(f"nodes-{label}", ("id:ID",), records, (":LABEL",))

    def relations(self, type: str, relations: Iterable[RelationRow]) -> list[str]:
        """Write the relations of a type; returns: file names."""
        records = (
            _Record((_quoted(r.source), _quoted(r.target), _quoted(type)), r.properties) for r in relations
        )
        return self._write(f"relations-{type}", (":START_ID", ":END_ID", ":TYPE"), records, ())

    def _write(
        self, stem: str, before: tuple[str, ...], records: Iterable[_Record], after: tuple[str, ...]
    ) -> list[str]:
        names: list[str] = []
        for number, table in enumerate(_tables(records), 1):
            names.append(f"{stem}.csv" if number == 1 else f"{stem}-{number}.csv")
            with create_text(self.folder / names[-1]) as file:
                headers = (f"{name}:{type}" for name, type in table.columns.items())
                file.write(",".join((*before, *headers, *after)) + "\n")
                for record in table.records:
                    cells = (self._cell(name, record.properties.get(name)) for name in table.columns)
                    file.write(",".join((*record.before, *cells, *record.after)) + "\n")
        return names

    def _cell(self, name: str, value: Cell) -> str:
        if value is None:
            return ""
        if isinstance(value, list):
            if value == [""]:
                raise StoreError(
                    f"无法导出 CSV：属性“{name}”的列表中只有一个空字符串，neo4j-admin 会把它读成空列表。"
                    "请改用 cypher 格式。"
                )
            return _quoted(self.delimiter.join(map(_plain, value)))
        return _quoted(value) if isinstance(value, str) else _plain(value)


def _plain(value: Cell) -> str:
    return value if isinstance(value, str) else repr(value).lower()  # lower for True and False


def _without_id(properties: Mapping[str, Cell]) -> dict[str, Cell]:
    return {name: value for name, value in properties.items() if name != "id"}


def _list_items(rows: GraphRows) -> Iterator[str]:
    for row in chain[EntityRow | RelationRow](rows.entities.values(), rows.relations.values()):
        for value in row.properties.values():
            if isinstance(value, list):
                yield from (item for item in value if isinstance(item, str))


def _delimiter(rows: GraphRows) -> str:
    used = set(chain.from_iterable(_list_items(rows)))
    return next(char for char in map(chr, _DELIMITERS) if char not in used)


def _arguments(delimiter: str, nodes: Sequence[str], relations: Sequence[str]) -> str:
    lines = ["--multiline-fields=true", f"--array-delimiter=U+{ord(delimiter):04X}"]
    lines += [f"--nodes={name}" for name in nodes]
    lines += [f"--relationships={name}" for name in relations]
    return "".join(f"{line}\n" for line in lines)


def _write(rows: GraphRows, folder: Path) -> list[str]:
    writer = _Writer(folder, _delimiter(rows))
    nodes: list[str] = []
    relations: list[str] = []
    for label, entities in entities_by_label(rows).items():
        nodes += writer.entities(label.value, entities)
    for type, found in relations_by_type(rows).items():
        relations += writer.relations(type.value, found)
    with create_text(folder / _ARGUMENTS) as file:
        file.write(_arguments(writer.delimiter, nodes, relations))
    return [*nodes, *relations, _ARGUMENTS]


CSV = Format("CSV 文件，供 neo4j-admin database import 导入", _FILES, _write)
