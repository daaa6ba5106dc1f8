"""Answers that are computed or counted from running text of the second plan."""

from __future__ import annotations

import pytest

from qa.grading import normalise
from qa.service import QuestionService


@pytest.mark.parametrize(
    ("question", "value", "expression"),
    [
        ("毕业企业比在孵企业少多少家？", "35", "25 − 60 = -35"),
        ("耕地保有量比永久基本农田多多少万亩？", "4.2", "32.6 − 28.4 = 4.2"),
        ("新增公共停车位和新能源汽车充电桩一共多少个？", "3800", "3200 + 600 = 3800"),
        ("公共停车位是新能源汽车充电桩的几倍？", "5.33", "3200 ÷ 600 = 5.33"),
        ("引进的亿元以上项目里，十亿元以上项目占多大比例？", "10", "5 ÷ 50 = 10%"),
        ("新增市场主体里头企业占百分之几？", "21.33", "= 21.33%"),
        ("老旧小区改造平均每个小区惠及多少户？", "146.43", "8200户 ÷ 56个 = 146.43"),
        ("易地扶贫搬迁户均几口人？", "3.71", "4879人 ÷ 1316户 = 3.71"),
        ("五年累计投入的扶贫资金平均一年多少亿元？", "1.47", "7.35 ÷ 5 = 1.47"),
    ],
)
def test_a_result_is_computed_with_its_expression_and_its_sentence(
    second: QuestionService, question: str, value: str, expression: str
) -> None:
    answer = second.ask(question)
    assert answer.kind == "calculation"
    assert value in answer.derived
    assert normalise(expression) in normalise(answer.answer)
    assert answer.citations


@pytest.mark.parametrize(
    ("question", "result"),
    [
        ("三产的比重五年里提高了几个百分点？", "41.2 − 39.4 = 1.8"),
        ("第二产业现在占比比一产高多少个百分点？", "40.2 − 18.6 = 21.6"),
        ("调整以前二产的比重比一产高几个百分点？", "38.1 − 22.5 = 15.6"),
    ],
)
def test_a_structure_is_compared_by_its_parts(
    second: QuestionService, question: str, result: str
) -> None:
    assert normalise(result) in normalise(second.ask(question).answer)


@pytest.mark.parametrize(
    ("question", "size"),
    [
        ("枫溪镇推广的食用菌有几个品种？", "4"),
        ("竹坪乡重点种几种中药材？", "3"),
    ],
)
def test_a_list_without_a_number_is_counted(second: QuestionService, question: str, size: str) -> None:
    answer = second.ask(question)
    assert answer.kind == "count"
    assert answer.derived == (size,)
    assert answer.citations


@pytest.mark.parametrize(
    "question",
    [
        "全县一共有多少个行政村？",  # the number is stated
        "白鹭湖有几个码头？",  # no list is of the kind
        "创建省级美丽宜居村庄多少个？",
        "枫溪镇推广的木耳有几种？",  # only one of the listed things is one
    ],
)
def test_a_number_that_is_stated_or_unknown_is_not_counted(second: QuestionService, question: str) -> None:
    assert second.ask(question).kind != "count"


@pytest.mark.parametrize(
    "question",
    [
        "停车位比路灯多多少个？",  # one of the two is not in the text
        "人才公寓比口袋公园大多少平方米？",  # none has an amount in this unit
        "平均每座危桥花了多少万元？",
        "云峰乡比松岭镇多几个村？",
    ],
)
def test_nothing_is_computed_when_an_operand_is_not_certain(second: QuestionService, question: str) -> None:
    assert second.ask(question).kind != "calculation"


@pytest.mark.parametrize(
    ("question", "expression"),
    [
        ("磷酸铁锂正极材料项目比储能电池模组生产线项目多投多少亿元？", "12.6 − 8.2 = 4.4"),
        ("云峰风电场和城乡供水一体化工程一共投资多少亿元？", "7.2 + 4.3 = 11.5"),
    ],
)
def test_investments_of_projects_are_compared_though_they_stand_in_a_table(
    second: QuestionService, question: str, expression: str
) -> None:
    answer = second.ask(question)
    assert normalise(expression) in normalise(answer.answer)
    assert len(answer.citations) == 2


def test_amounts_of_different_sentences_are_not_divided(second: QuestionService) -> None:
    assert second.ask("人才公寓平均每名科技特派员几套？").kind != "calculation"


def test_an_average_that_the_text_states_is_not_computed(second: QuestionService) -> None:
    answer = second.ask("云雾合作社带动的贫困户户均年增收多少元？")
    assert answer.kind != "calculation"
    assert "5200" in answer.answer
