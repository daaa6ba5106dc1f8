"""What reading a plan gives: its divisions, boxes and tables, beside the leaf blocks."""

from __future__ import annotations

from dataclasses import dataclass

from kg.model import PlanDocument
from kg.schema import Label


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of the text, end exclusive."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Division:
    """A part (篇), chapter (章) or section (节), or whatever the plan uses in their place.

    ``ordinal`` is how people call it (`第六章`); ``heading`` is where its title stands.
    """

    id: str
    label: Label
    number: int
    ordinal: str
    title: str
    heading: Span
    parent: str


@dataclass(frozen=True, slots=True)
class BoxItem:
    """An item of a box. ``span`` is its text without number and final punctuation.

    ``cells`` holds (column header, value, span) where the box is a table.
    """

    number: int
    text: str
    span: Span
    cells: tuple[tuple[str, str, Span], ...] = ()


@dataclass(frozen=True, slots=True)
class Box:
    """A box (专栏) or a table of projects: its printed number, title, where it belongs, its items."""

    id: str
    number: str
    title: str
    heading: Span
    items: tuple[BoxItem, ...]
    parent: str
    locator: str

    @property
    def label(self) -> str:
        """How people call it: `专栏1`, or, of a table of projects, what is printed over it: `附件2`."""
        return f"专栏{self.number}" if self.number[:1].isdigit() else self.number


@dataclass(frozen=True, slots=True)
class Cell:
    """A table cell as printed (inner line breaks folded) and where it stands."""

    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row of a table; ``group`` is the index of its group heading, or None."""

    cells: tuple[Cell, ...]
    group: int | None


@dataclass(frozen=True, slots=True)
class Table:
    """A table: header cells, group headings, rows."""

    heading: Span | None
    title: str
    header: tuple[Cell, ...]
    groups: tuple[Cell, ...]
    rows: tuple[TableRow, ...]
    parent: str
    locator: str


@dataclass(frozen=True, slots=True)
class Outline:
    """A plan, structured. ``jurisdiction`` is the place whose plan it is (`交城县`), or empty."""

    document: PlanDocument
    jurisdiction: str
    divisions: tuple[Division, ...]
    boxes: tuple[Box, ...]
    tables: tuple[Table, ...]

    def division(self, id: str) -> Division | None:
        """The division with this id, or None."""
        return next((d for d in self.divisions if d.id == id), None)

    def path(self, id: str) -> tuple[Division, ...]:
        """The division and those above it, outermost first; empty for the plan itself."""
        path: list[Division] = []
        division = self.division(id)
        while division:
            path.insert(0, division)
            division = self.division(division.parent)
        return tuple(path)
