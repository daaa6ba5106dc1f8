"""What the export formats share."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from kg.adapters.graph_rows import EntityRow, GraphRows, RelationRow
from kg.schema import Label, RelationType


@dataclass(frozen=True, slots=True)
class Format:
    """A file format that graphs are exported to.

    ``write(rows, folder)`` makes files in an empty folder and returns their names in order. ``files``
    matches, in full, every name that ``write`` may give: such files are replaced by a later export.
    """

    description: str
    files: re.Pattern[str]
    write: Callable[[GraphRows, Path], list[str]]


def entities_by_label(rows: GraphRows) -> dict[Label, list[EntityRow]]:
    """The nodes of each label that occurs, in the order of the schema."""
    found: defaultdict[Label, list[EntityRow]] = defaultdict(list)
    for entity in rows.entities.values():
        found[entity.label].append(entity)
    return {label: found[label] for label in Label if label in found}


def relations_by_type(rows: GraphRows) -> dict[RelationType, list[RelationRow]]:
    """The relations of each type that occurs, in the order of the schema."""
    found: defaultdict[RelationType, list[RelationRow]] = defaultdict(list)
    for relation in rows.relations.values():
        found[relation.type].append(relation)
    return {type: found[type] for type in RelationType if type in found}


def free_name(name: str, reserved: Collection[str]) -> str:
    """A property's name in a format that gives some names a meaning of its own.

    Reserved names get one more underscore at the end (``size`` → ``size_`` → ``size__``), so that no two
    names become one and the original is found by taking one off. ``reserved`` is in lower case.
    """
    return f"{name}_" if name.rstrip("_").lower() in reserved else name


def create_text(path: Path) -> TextIO:
    """Open a new UTF-8 file; line ends are written as they are given."""
    return path.open("x", encoding="utf-8", newline="")
