"""Indicators and their groups from indicator tables, values as printed and parsed."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ingest.document import Cell, Span, Table, TableRow
from ingest.extract.base import ExtractionContext
from kg.model import PropertyValue
from kg.schema import Label, RelationType

_YEAR = re.compile(r"(20[0-9]{2})\s*年")
_UNIT = re.compile(r"[（(]([^（()）]{1,10})[)）]\s*$")
_GROUP_NAME = re.compile(
    r"^\s*[（(]?[一二三四五六七八九十]+[)）]?[、．.]?\s*(.*?)\s*(?:[（(]\s*([0-9]+)\s*项\s*[)）])?\s*$"
)
_NUMBER = re.compile(r"[-+]?[0-9]+(?:\.[0-9]+)?")
#: the first that a value contains holds, so a negation stands before the word that it negates
_COMPARATORS = {"≥": "≥", "≧": "≥", ">": ">", "＞": ">", "<": "<", "＜": "<", "≤": "≤", "≦": "≤",
                "不低于": "≥", "不少于": "≥", "以上": "≥", "不高于": "≤", "不超过": "≤", "以内": "≤",
                "以下": "≤", "高于": ">", "超过": ">", "低于": "<"}
_GROWTH = re.compile(r"年均|增速|增长")
_EMPTY = frozenset({"", "-", "—", "——", "–", "/", "－", "--"})
#: property → pattern of the header cell that holds it; the first match of each wins
_COLUMNS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("attribute", re.compile(r"属性|性质|类型")),
    ("growth", re.compile(r"年均|增速|增长|累计|变化")),
    ("unit", re.compile(r"^(?:计量)?单\s*位")),
    ("number", re.compile(r"序号|^号$|编号")),
    ("name", re.compile(r"指标|名称|项目")),
)


@dataclass(frozen=True, slots=True)
class _Layout:
    """Which column holds what; years of the base and target columns, and where the header says so."""

    columns: dict[str, int]
    base_year: int | None
    target_year: int | None
    years: Span


def parse_value(text: str) -> tuple[str, float] | None:
    """(comparator, number) of a printed value: `≥42` → (≥, 42.0), `8%` → (=, 8.0); None if no number."""
    match = _NUMBER.search(text)
    if not match or len(_NUMBER.findall(text)) > 1:
        return None
    comparator = next((sign for word, sign in _COMPARATORS.items() if word in text), "=")
    return comparator, float(match.group())


def is_empty(text: str) -> bool:
    """Whether a cell holds nothing but a dash."""
    return text.strip() in _EMPTY


class IndicatorExtractor:
    """IndicatorGroup -HAS_INDICATOR-> Indicator for every table with a column of indicator names."""

    name = "indicators"

    def extract(self, context: ExtractionContext) -> None:
        """Add groups and indicators of all indicator tables."""
        for index, table in enumerate(context.outline.tables):
            layout = _layout(table)
            if layout is not None:
                self._table(context, table, layout, index)

    def _table(self, context: ExtractionContext, table: Table, layout: _Layout, index: int) -> None:
        groups: dict[int | None, str] = {}
        for row in table.rows:
            if row.group not in groups:
                groups[row.group] = self._group(context, table, row.group, index)
            self._indicator(context, table, row, layout, groups[row.group])

    def _group(self, context: ExtractionContext, table: Table, number: int | None, index: int) -> str:
        if number is None:
            name, printed, span = table.title or "指标", None, table.heading
        else:
            cell = table.groups[number]
            match = _GROUP_NAME.match(cell.text)
            name = match.group(1) if match else cell.text
            printed = match.group(2) if match else None
            span = cell.span
        properties: dict[str, PropertyValue] = {"table": table.title, "locator": table.locator}
        if printed:
            properties["printed_count"] = int(printed)
        if span:
            properties |= {"start": span.start, "stop": span.end}
        number_text = "x" if number is None else str(number + 1)
        id = f"{context.graph.plan_id}/indicator_group/{index + 1}-{number_text}"
        context.graph.add(Label.INDICATOR_GROUP, name, id=id, properties=properties)
        context.graph.relate(id, RelationType.PART_OF, context.graph.plan_id,
                             quote=span, method="indicator_table")
        return id

    def _indicator(
        self, context: ExtractionContext, table: Table, row: TableRow, layout: _Layout, group: str
    ) -> None:
        cells = {key: row.cells[i] for key, i in layout.columns.items() if i < len(row.cells)}
        name = cells["name"].text if "name" in cells else ""
        if not name:
            return
        unit = cells["unit"].text if "unit" in cells else ""
        if not unit and (match := _UNIT.search(name)):
            unit, plain = match.group(1), name[: match.start()]
        else:
            plain = name
        span = Span(row.cells[0].span.start, row.cells[-1].span.end)
        properties: dict[str, PropertyValue] = {
            "unit": unit, "printed_name": name, "locator": table.locator,
            "start": span.start, "stop": span.end,
            "header_start": layout.years.start, "header_stop": layout.years.end,
        }
        properties |= _cell_properties(cells, layout)
        id = context.graph.add(
            Label.INDICATOR, plain, aliases=_short_names(plain, name), properties=properties
        )
        context.graph.relate(group, RelationType.HAS_INDICATOR, id, quote=span, method="indicator_table")


def _short_names(plain: str, printed: str) -> tuple[str, ...]:
    """Other names: as printed, without its brackets, and an abbreviation in brackets (`GDP`)."""
    inner = re.findall(r"[（(]([A-Za-z&]{2,12})[)）]", plain)
    bare = re.sub(r"[（(][^（()）]*[)）]", "", plain)
    return tuple(name for name in dict.fromkeys((printed, bare, *inner)) if name != plain)


def _cell_properties(cells: dict[str, Cell], layout: _Layout) -> dict[str, PropertyValue]:
    properties: dict[str, PropertyValue] = {}
    for key in ("number", "attribute", "growth", "base", "target"):
        cell = cells.get(key)
        if cell is None or is_empty(cell.text):
            continue
        name = {"base": "base_value", "target": "target_value"}.get(key, key)
        properties[name] = int(cell.text) if key == "number" and cell.text.isdecimal() else cell.text
        if key in ("base", "target", "growth") and (parsed := parse_value(cell.text)):
            properties[f"{key}_comparator"], properties[f"{key}_number"] = parsed
    if layout.base_year:
        properties["base_year"] = layout.base_year
    if layout.target_year:
        properties["target_year"] = layout.target_year
    return properties


def _layout(table: Table) -> _Layout | None:
    """Assign columns by their header words; None if the table has no indicator names or years."""
    columns: dict[str, int] = {}
    years: list[tuple[int, int]] = []
    for i, cell in enumerate(table.header):
        # `2021—2025年年均增长` is no value of 2025
        if (year := _YEAR.search(cell.text)) and not _GROWTH.search(cell.text):
            years.append((int(year.group(1)), i))
            continue
        for key, pattern in _COLUMNS:
            if key not in columns and pattern.search(cell.text):
                columns[key] = i
                break
    if "name" not in columns or not years:
        return None
    years.sort()
    if len(years) > 1:
        columns["base"] = years[0][1]
    columns["target"] = years[-1][1]
    first, last = sorted(
        (table.header[years[0][1]].span, table.header[years[-1][1]].span), key=lambda s: s.start
    )
    return _Layout(
        columns, years[0][0] if len(years) > 1 else None, years[-1][0], Span(first.start, last.end)
    )
