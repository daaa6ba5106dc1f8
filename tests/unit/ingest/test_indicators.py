"""Indicators: every cell of both plans' tables as printed, with what its value means."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ingest.document import Outline
from ingest.extract.base import ExtractionContext, GraphBuilder
from ingest.extract.indicators import IndicatorExtractor, is_empty, parse_value
from ingest.lexicon import load_lexicon
from ingest.outline import build_outline
from kg.model import Entity, Graph
from kg.schema import Label, RelationType
from kg.settings import PROJECT_ROOT
from tests.strategies import FIRST_PLAN, SECOND_PLAN, outline_of, text_of

OPENING = "第一章 总则\n全县经济社会发展取得显著成效，综合实力明显增强。\n表1 主要指标\n"


def graph_of(outline: Outline) -> Graph:
    """What the extractor finds in a plan."""
    document = outline.document
    builder = GraphBuilder(document.id, document.text)
    lexicon = load_lexicon(PROJECT_ROOT / "data" / "lexicon")
    IndicatorExtractor().extract(ExtractionContext(outline, (), lexicon, builder))
    return builder.build()


def indicators_of(lines: str) -> list[Entity]:
    """The indicators of a short plan with this table."""
    return of(graph_of(build_outline(OPENING + lines, "plan")), Label.INDICATOR)


def of(graph: Graph, label: Label) -> list[Entity]:
    return [entity for entity in graph.entities if entity.label is label]


def members(graph: Graph) -> dict[str, list[str]]:
    """Names of the indicators of each group, by the group's name."""
    names = {entity.id: entity.name for entity in graph.entities}
    groups: dict[str, list[str]] = {entity.name: [] for entity in of(graph, Label.INDICATOR_GROUP)}
    for relation in graph.relations:
        if relation.type is RelationType.HAS_INDICATOR:
            groups[names[relation.source]].append(names[relation.target])
    return groups


@pytest.fixture(scope="module")
def first() -> Graph:
    return graph_of(outline_of(FIRST_PLAN))


@pytest.fixture(scope="module")
def second() -> Graph:
    return graph_of(outline_of(SECOND_PLAN))


@pytest.fixture(scope="module")
def gold() -> list[dict[str, Any]]:
    loaded = json.loads(SECOND_PLAN.with_name("qingshan-gold.json").read_text("utf-8"))
    indicators: list[dict[str, Any]] = loaded["indicators"]
    return indicators


# -- the first plan


def test_thirty_three_indicators_in_six_groups(first: Graph) -> None:
    groups = of(first, Label.INDICATOR_GROUP)
    assert len(of(first, Label.INDICATOR)) == 33 and len(groups) == 6
    sizes = [len(names) for names in members(first).values()]
    assert sizes == [6, 3, 7, 5, 10, 2] == [group.properties["printed_count"] for group in groups]
    assert groups[0].name == "经济发展" and groups[2].name == "“六新”突破与产业升级"


def test_every_indicator_has_the_cells_of_its_row(first: Graph) -> None:
    (table,) = outline_of(FIRST_PLAN).tables
    columns = ("number", "printed_name", "base_value", "target_value", "growth", "attribute")
    for entity, row in zip(of(first, Label.INDICATOR), table.rows, strict=True):
        printed = [cell.text if not is_empty(cell.text) else "" for cell in row.cells]
        assert [str(entity.properties.get(column, "")) for column in columns] == printed
        assert (entity.properties["base_year"], entity.properties["target_year"]) == (2020, 2025)


def test_units_come_from_the_name_where_there_is_no_column_for_them(first: Graph) -> None:
    by_number = {entity.properties["number"]: entity for entity in of(first, Label.INDICATOR)}
    assert (by_number[1].name, by_number[1].properties["unit"]) == ("地区生产总值（GDP）", "亿元")
    assert set(by_number[1].aliases) == {"地区生产总值（GDP）（亿元）", "地区生产总值", "GDP"}
    assert (by_number[2].name, by_number[2].properties["unit"]) == ("常住人口城镇化率", "%")


def test_values_over_several_lines_with_words_and_with_signs(first: Graph) -> None:
    by_number = {entity.properties["number"]: entity.properties for entity in of(first, Label.INDICATOR)}
    assert by_number[6]["growth"] == "高于GDP增长" and "growth_number" not in by_number[6]
    assert by_number[5]["target_value"] == "力争达到全省平均水平" and "target_number" not in by_number[5]
    assert (by_number[4]["target_comparator"], by_number[4]["target_number"]) == ("≥", 42.0)
    assert (by_number[3]["target_comparator"], by_number[3]["target_number"]) == (">", 100.0)
    assert by_number[33]["base_number"] == 0.015208 and "target_value" not in by_number[33]


@pytest.mark.parametrize("path", [FIRST_PLAN, SECOND_PLAN], ids=["first", "second"])
def test_every_relation_quotes_its_row(path: Path, first: Graph, second: Graph) -> None:
    graph, text = {FIRST_PLAN: first, SECOND_PLAN: second}[path], text_of(path)
    entities = {entity.id: entity for entity in graph.entities}
    relations = [r for r in graph.relations if r.type is RelationType.HAS_INDICATOR]
    assert len(relations) == len(of(graph, Label.INDICATOR))
    for relation in relations:
        evidence, properties = relation.evidence, entities[relation.target].properties
        assert evidence is not None
        assert text[evidence.start : evidence.end] == evidence.quote
        assert (evidence.start, evidence.end) == (properties["start"], properties["stop"])
        header = text[int(str(properties["header_start"])) : int(str(properties["header_stop"]))]
        assert "2020年" in header and "2025年" in header and "属性" not in header


# -- the second plan


def test_indicators_of_the_second_plan_are_those_of_the_annotation(
    second: Graph, gold: list[dict[str, Any]]
) -> None:
    for entity, row in zip(of(second, Label.INDICATOR), gold, strict=True):
        properties = entity.properties
        assert entity.name == row["name"]
        for column in ("number", "unit", "base_year", "target_year"):
            assert properties[column] == row[column]
        assert (properties["start"], properties["stop"]) == (row["start"], row["end"])
        for column in ("base_value", "target_value", "growth", "attribute"):
            printed = "" if is_empty(row[column]) else row[column]
            assert properties.get(column, "") == printed
        for key in ("base_number", "target_number"):
            assert properties.get(key) == row[key], (entity.name, key)


def test_groups_of_the_second_plan_are_those_of_the_annotation(
    second: Graph, gold: list[dict[str, Any]]
) -> None:
    groups = members(second)
    in_groups = [(row["group"], row["name"]) for row in gold if row["group"]]
    assert [(group, name) for group in list(groups)[:4] for name in groups[group]] == in_groups
    (title,) = list(groups)[4:]
    assert groups[title] == [row["name"] for row in gold if row["table"] == 2]


# -- values and headers


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("84.9", ("=", 84.9)), ("8%", ("=", 8.0)), ("≥42", ("≥", 42.0)), (">100", (">", 100.0)),
        ("＞50％", (">", 50.0)), ("≤ 3.5", ("≤", 3.5)), ("［8.7］", ("=", 8.7)), ("-3", ("=", -3.0)),
        ("7%以上", ("≥", 7.0)), ("不低于90", ("≥", 90.0)), ("低于5", ("<", 5.0)), ("高于5", (">", 5.0)),
        ("不高于5", ("≤", 5.0)), ("不超过5", ("≤", 5.0)), ("超过5", (">", 5.0)), ("5.5%以内", ("≤", 5.5)),
    ],
)  # fmt: skip
def test_a_printed_value_is_a_comparator_and_a_number(text: str, value: tuple[str, float]) -> None:
    assert parse_value(text) == value


@pytest.mark.parametrize("text", ["", "-", "—", "高于GDP增长", "45～55", "2020—2025", "全省前列"])
def test_what_is_no_single_number_is_not_parsed(text: str) -> None:
    assert parse_value(text) is None


@pytest.mark.parametrize("text", ["", " ", "-", "—", "——", "/", "－"])
def test_dashes_are_empty_cells(text: str) -> None:
    assert is_empty(text) and not is_empty(f"{text}1")


@pytest.mark.parametrize("growth", ["年均增速", "2021—2025年年均增长", "2025年比2020年增长", "年均增长/累计"])
def test_a_column_of_growth_is_no_target_even_with_a_year(growth: str) -> None:
    (entity,) = indicators_of(f"序号|指标|2020年|2025年目标|{growth}|属性\n1|产值|3|4|5.9%|预期性")
    properties = entity.properties
    assert (properties["base_value"], properties["target_value"], properties["growth"]) == ("3", "4", "5.9%")
    assert (properties["base_year"], properties["target_year"]) == (2020, 2025)


def test_columns_are_known_by_their_words_in_any_order() -> None:
    (entity,) = indicators_of("指标属性|2025年|单位|指标名称|2020年\n约束性|≥4|万吨|粮食产量|3")
    properties = entity.properties
    assert (entity.name, properties["unit"], properties["attribute"]) == ("粮食产量", "万吨", "约束性")
    assert (properties["base_number"], properties["target_number"]) == (3.0, 4.0)


def test_a_table_with_a_target_only_has_no_base() -> None:
    (entity,) = indicators_of("序号|指标|2025年\n1|产值|4")
    assert entity.properties["target_value"] == "4" and "base_year" not in entity.properties


@pytest.mark.parametrize("header", ["序号|项目名称|建设单位", "序号|单位|2025年"])
def test_a_table_without_names_or_years_has_no_indicators(header: str) -> None:
    assert indicators_of(f"{header}\n1|供热工程|某公司") == []


def test_a_row_without_a_name_is_no_indicator() -> None:
    assert [e.name for e in indicators_of("序号|指标|2025年\n1||4\n2|产值|5")] == ["产值"]


def test_rows_without_a_group_belong_to_the_table_s_title() -> None:
    graph = graph_of(build_outline(f"{OPENING}序号|指标|2025年\n1|产值|4\n二、民生（1项）\n2|床位|5", "plan"))
    assert members(graph) == {"表1 主要指标": ["产值"], "民生": ["床位"]}
