"""What an amount measures: the orders of words in which plans state goals, on invented sentences."""

from __future__ import annotations

import pytest

from kg.quantities import AMOUNT, read_amount
from kg.schema import Label
from tests.unit.ingest.test_extract_registry import extract


def goals(body: str) -> list[tuple[str, str, str, str]]:
    """(verb, metric, comparator, value as printed) of every statement, in order."""
    found = [e.properties for e in extract(body).entities if e.label is Label.TARGET]
    return [
        (str(p.get("change", "")), str(p["metric"]), str(p["comparator"]), str(p["value_text"]))
        for p in found
    ]


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        # a noun behind the number, one or several
        ("每年认定3户省级以上工业设计中心、6户以上市级工业设计中心。",
         [("认定", "省级以上工业设计中心", "=", "3户"), ("认定", "市级工业设计中心", "≥", "6户以上")]),
        ("实施12项纺织基础研究和8项印染技术攻关行动。",
         [("实施", "纺织基础研究", "=", "12项"), ("实施", "印染技术攻关行动", "=", "8项")]),
        ("扶持全县举办4个以上渔民文化节和建成5个渔家乐示范村的建设。",
         [("举办", "渔民文化节", "≥", "4个以上"), ("建成", "渔家乐示范村建设", "=", "5个")]),
        ("推进码头改造、完成8万亩海水养殖确权任务。", [("完成", "海水养殖确权任务", "=", "8万亩")]),
        ("规划安排新建3条110kV线路。", [("安排新建", "110kV线路", "=", "3条")]),
        # adjectives between number and noun
        ("打造3-5个国内知名、省内领先的服装品牌。", [("打造", "服装品牌", "～", "3-5个")]),
        ("全县建成不少于12个以上设施齐全、游客满意的旅游驿站。",
         [("建成", "旅游驿站", "≥", "12个以上")]),
        ("每个乡镇至少建成2所托育中心。", [("建成", "托育中心", "≥", "2所")]),
        # a share
        ("研发经费支出占营业收入的3%，争创一流。", [("", "研发经费支出占营业收入比重", "=", "3%")]),
        ("实现城乡一体化，100%的行政村通班车。", [("", "行政村通班车", "=", "100%")]),
        ("保持渔港污水收集率100%。", [("", "渔港污水收集率", "=", "100%")]),
        # one noun for several amounts
        ("实现近期3万吨/日、远期5万吨/日的污水处理能力。",
         [("", "近期污水处理能力", "=", "3万吨/日"), ("", "远期污水处理能力", "=", "5万吨/日")]),
        ("完成1200户4800人搬迁任务。",
         [("完成", "搬迁任务", "=", "1200户"), ("完成", "搬迁任务", "=", "4800人")]),
        # ranks
        ("旅游总收入跻身全省前10位，力争进入前5位，影响扩大。",
         [("", "旅游总收入位次", "≤", "10位"), ("", "旅游总收入位次", "≤", "5位")]),
        ("综合实力在全市的位次不断前移，进入全市前3名。", [("", "综合实力在全市的位次", "≤", "3名")]),
        # the county's own name and the time are no part of the metric
        ("2025年末甲山新建2座冷库。", [("新建", "冷库", "=", "2座")]),
        ("其中渔工培训3500人，织工培训2600人。",
         [("", "渔工培训", "=", "3500人"), ("", "织工培训", "=", "2600人")]),
        ("使其达到供水能力6万立方米/天，满足需要。", [("", "供水能力", "=", "6万立方米/天")]),
        ("新建和改造供热管网45公里。", [("新建和改造", "供热管网", "=", "45公里")]),
    ],
)  # fmt: skip
def test_a_goal_is_read_whatever_the_order_of_words(
    sentence: str, expected: list[tuple[str, str, str, str]]
) -> None:
    found = goals(sentence)
    assert [(m, c, v) for _, m, c, v in found] == [(m, c, v) for _, m, c, v in expected]
    assert [change for change, *_ in found if change] == [change for change, *_ in expected if change]


@pytest.mark.parametrize(
    "sentence",
    ["培育外贸企业25家，到2025年，全县增长。", "2025年，开放水平提高。", "2021-2023年，分步实施。"],
)
def test_a_year_is_no_amount(sentence: str) -> None:
    assert not [value for *_, value in goals(sentence) if "202" in value]


@pytest.mark.parametrize(
    ("printed", "unit", "base", "base_unit"),
    [
        ("40MVA", "MVA", 40.0, "MVA"), ("5万立方米/天", "万立方米/天", 50_000.0, "立方米/天"),
        ("300MW", "MW", 300_000.0, "kW"), ("61km", "km", 61.0, "km"), ("61公里", "公里", 61.0, "km"),
        ("1.2万吨", "万吨", 12_000.0, "吨"), ("35微克/立方米", "微克/立方米", 35.0, "微克/立方米"),
        ("12艘", "艘", 12.0, "艘"), ("30万锭", "万锭", 300_000.0, "锭"),
    ],
)  # fmt: skip
def test_an_amount_is_read_with_its_whole_unit(printed: str, unit: str, base: float, base_unit: str) -> None:
    match = AMOUNT.match(printed)
    assert match is not None and match.group() == printed
    amount = read_amount(match)
    assert (amount.unit, amount.base, amount.base_unit) == (unit, pytest.approx(base), base_unit)


def test_a_rate_is_no_plain_amount_of_its_numerator() -> None:
    found = goals("处理规模达7300吨/处理站。")
    assert found == [("", "处理规模", "=", "7300吨/处理站")]


@pytest.mark.parametrize(
    ("body", "tense"),
    [
        ("标准厂房面积达到15万平方米，已提前实现2025年目标。", "achieved"),
        ("2023年标准厂房面积已达到15万平方米，提前完成“十四五”目标。", "achieved"),
        ("到2025年，标准厂房面积达到15万平方米，力争提前完成规划目标。", "goal"),
        ("到2025年，标准厂房面积达到15万平方米；路网已经完成规划任务。", "goal"),
    ],
)
def test_what_is_said_to_be_reached_is_no_goal_whatever_its_year(body: str, tense: str) -> None:
    (target,) = [e for e in extract(body).entities if e.label is Label.TARGET]
    assert target.properties["tense"] == tense


@pytest.mark.parametrize("body", ["专栏1所列8个重点项目由县政府统筹。", "推动附件所列14个重点项目落地。"])
def test_a_count_of_what_a_box_lists_is_no_goal(body: str) -> None:
    assert [e.name for e in extract(body).entities if e.label is Label.TARGET] == []


@pytest.mark.parametrize(
    ("clause", "metric", "value"),
    [
        ("在境外建设渔业基地2个", "渔业基地", "2个"),
        ("每天往返航班不少于6班", "往返航班", "6班"),
        ("吸纳就业4000人", "就业", "4000人"),
        ("新建查验通道16条", "查验通道", "16条"),
        ("年产蚕丝被60万床", "蚕丝被", "60万床"),
    ],
)
def test_verbs_and_units_of_other_trades(clause: str, metric: str, value: str) -> None:
    (goal,) = goals(f"到2025年，{clause}。")
    assert metric in goal[1] and value == goal[3]
