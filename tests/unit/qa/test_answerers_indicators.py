"""Indicators: the row as printed, differences computed, lists complete, other years and places refused."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from qa.compose import format_number
from qa.grading import normalise
from qa.model import Answer
from qa.service import QuestionService
from qa.verify import numbers
from tests.conftest import SECOND_PLAN

INDICATORS: list[dict[str, Any]] = json.loads(SECOND_PLAN.with_name("qingshan-gold.json").read_text("utf-8"))[
    "indicators"
]
BY_NAME = [pytest.param(row, id=f"{row['table']}-{row['number']}") for row in INDICATORS]
MEASURED = [
    pytest.param(row, id=f"{row['table']}-{row['number']}")
    for row in INDICATORS
    if row["base_number"] is not None and row["target_number"] is not None and not row["cumulative"]
]
_DASHES = "—-"


def says(answer: Answer, text: str) -> bool:
    return normalise(text) in normalise(answer.answer)


def cites(answer: Answer, row: dict[str, Any]) -> bool:
    return any(c.start < row["end"] and row["start"] < c.end for c in answer.citations)


def items(answer: Answer) -> list[str]:
    return re.findall(r"(?m)^\d+\. .*$", answer.answer)


@pytest.mark.parametrize("row", BY_NAME)
def test_a_row_is_told_as_printed_and_cited(second: QuestionService, row: dict[str, Any]) -> None:
    answer = second.ask(f"{row['name']}2020年是多少？2025年的目标是多少？")
    printed = [row[key] for key in ("base_value", "target_value") if row[key] not in (None, *_DASHES)]
    assert [value for value in printed if not says(answer, value)] == []
    assert says(answer, row["attribute"])
    assert cites(answer, row)
    assert not answer.refused


@pytest.mark.parametrize("row", MEASURED)
def test_a_difference_is_computed_with_its_expression(second: QuestionService, row: dict[str, Any]) -> None:
    answer = second.ask(f"{row['name']}从2020年到2025年变化多少？")
    base, target = row["base_number"], row["target_number"]
    difference = format_number(target - base)
    assert difference in answer.derived
    assert f"{format_number(target)} − {format_number(base)} = {difference}" in answer.answer
    assert cites(answer, row)


@pytest.mark.parametrize("row", BY_NAME)
def test_an_attribute_is_told(second: QuestionService, row: dict[str, Any]) -> None:
    answer = second.ask(f"{row['name']}是什么性质的指标？")
    assert says(answer, f"属性为{row['attribute']}")
    assert cites(answer, row)


@pytest.mark.parametrize("attribute", ["约束性", "预期性"])
def test_indicators_by_attribute_are_all_there_and_counted(second: QuestionService, attribute: str) -> None:
    answer = second.ask(f"{attribute}指标有哪些？一共几个？")
    expected = [row for row in INDICATORS if row["attribute"] == attribute]
    assert len(items(answer)) == len(expected)
    assert [row["name"] for row in expected if not says(answer, row["name"])] == []
    assert all(cites(answer, row) for row in expected)
    assert str(len(expected)) in answer.derived
    assert float(len(expected)) in numbers(answer.answer.splitlines()[0])


@pytest.mark.parametrize("group", ["经济发展", "创新驱动", "民生福祉", "绿色生态"])
def test_a_groups_indicators_are_all_there_and_counted(second: QuestionService, group: str) -> None:
    answer = second.ask(f"{group}类指标有哪些？")
    expected = [row["name"] for row in INDICATORS if row["table"] == 1 and row["group"] == group]
    assert len(items(answer)) == len(expected)
    assert [name for name in expected if not says(answer, name)] == []
    assert str(len(expected)) in answer.derived


def test_all_indicators_are_counted(second: QuestionService) -> None:
    assert str(len(INDICATORS)) in second.ask("规划一共有多少个指标？").derived


@pytest.mark.xfail(strict=True, reason="指标体系 is read as 指 (a word of asking) and 标体系")
def test_all_indicators_are_counted_when_called_a_system(second: QuestionService) -> None:
    assert str(len(INDICATORS)) in second.ask("指标体系一共有多少个指标？").derived


def test_yearly_growth_is_worked_out_from_both_ends(second: QuestionService) -> None:
    answer = second.ask("地区生产总值2020年到2025年年均需要增长百分之几？")
    expected = format_number(round(((121.2 / 86.4) ** 0.2 - 1) * 100, 2))
    assert expected in answer.derived
    assert says(answer, expected)


@pytest.mark.parametrize(
    "question",
    [
        "2030年的森林覆盖率是多少？",
        "2019年地区生产总值是多少？",
        "2026年高新技术企业数量目标",
        "文水县2025年森林覆盖率目标是多少？",
        "太原市的地区生产总值是多少？",
        "枫溪镇的地区生产总值是多少？",
    ],
)
def test_a_year_or_place_that_the_table_does_not_speak_of_is_refused(
    second: QuestionService, question: str
) -> None:
    answer = second.ask(question)
    assert answer.refused
    assert "没有" in answer.answer


@pytest.mark.parametrize("question", ["全国的森林覆盖率目标是多少？", "全省2025年地区生产总值是多少？"])
def test_the_nation_and_the_province_are_not_the_county(second: QuestionService, question: str) -> None:
    assert second.ask(question).refused


def test_the_farther_year_comes_from_the_text_not_the_table(second: QuestionService) -> None:
    answer = second.ask("2035年常住人口城镇化率达到多少？")
    assert says(answer, "70%左右")
    assert "70%左右" in answer.citations[0].quote


def test_a_contradiction_between_table_and_text_is_shown_with_both_places(
    second: QuestionService, gold: dict[str, Any]
) -> None:
    answer = second.ask("常住人口城镇化率2025年的目标是多少？")
    assert all(says(answer, value) for value in ("60", "62%"))
    assert answer.conflicts
    statements = next(c for c in gold["conflicts"] if c["kind"] == "target")["statements"]
    assert all(cites(answer, statement) for statement in statements)


def test_a_figure_without_contradiction_warns_of_none(second: QuestionService) -> None:
    assert second.ask("森林覆盖率2025年的目标是多少？").conflicts == ()


# -- well-known facts of the real plan


def test_the_urbanisation_rate_of_the_real_plan(service: QuestionService) -> None:
    answer = service.ask("常住人口城镇化率2020年是多少，2025年要到多少？")
    assert all(says(answer, text) for text in ("60.55%", "65%", "预期性"))
    assert answer.cypher == "" or "MATCH" in answer.cypher


def test_its_rise_is_computed(service: QuestionService) -> None:
    answer = service.ask("常住人口城镇化率五年提高多少个百分点？")
    assert "4.45" in answer.derived
    assert "65 − 60.55 = 4.45" in answer.answer


def test_an_empty_cell_is_said_to_be_empty(service: QuestionService) -> None:
    answer = service.ask("地区生产总值的基期值和目标值")
    assert says(answer, "84.9亿元")
    assert says(answer, "2025年（目标）表中未列")


def test_the_real_table_has_33_indicators_of_which_8_bind(service: QuestionService) -> None:
    assert "33" in service.ask("规划一共有多少个指标？").derived
    binding = service.ask("约束性指标有哪些？")
    assert "8" in binding.derived
    assert len(items(binding)) == 8
    assert all(says(binding, name) for name in ("森林覆盖率", "粮食综合生产能力", "单位GDP能源消耗降低"))


def test_a_difference_is_never_one_of_two_other_things(service: QuestionService) -> None:
    """The table gives no figure for the goal; other coverages in the text are of other things."""
    answer = service.ask("森林覆盖率比2020年提高几个百分点？")
    assert answer.derived == () and "75" in answer.answer


def test_an_indicator_that_a_share_is_of_is_not_asked_for(service: QuestionService) -> None:
    assert "84.9" not in service.ask("企业研发投入占比多少？").answer
    goal = service.ask("GDP的目标是多少？").answer
    assert "84.9" in goal and "占GDP的比重分别" not in goal
