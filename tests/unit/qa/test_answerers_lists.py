"""Answers whose members stand in several places: topics, parallel wording, projects of several kinds."""

from __future__ import annotations

import re

import pytest

from qa.grading import normalise
from qa.model import Answer
from qa.service import QuestionService
from qa.topics import cut_at_clause, fair_shares


def says(answer: Answer, text: str) -> bool:
    return normalise(text) in normalise(answer.answer)


def items(answer: Answer) -> list[str]:
    return re.findall(r"(?m)^\d+\. .*$", answer.answer)


@pytest.mark.parametrize(
    ("question", "members"),
    [
        ("眼下发展有哪四块短板？", ("经济总量", "创新要素", "基础设施", "公共服务")),
        (
            "七个乡镇各自往什么方向发展？",
            ("白鹭镇", "石桥镇", "松岭镇", "枫溪镇", "竹坪乡", "茶园乡", "云峰乡"),
        ),
    ],
)
def test_an_enumeration_is_told_to_its_last_member_with_the_count(
    second: QuestionService, question: str, members: tuple[str, ...]
) -> None:
    answer = second.ask(question)
    found = items(answer)
    assert len(found) == len(members)
    assert str(len(members)) in answer.derived
    for item, member in zip(found, members, strict=True):
        assert member in item


def test_a_number_that_no_enumeration_has_gets_none(second: QuestionService) -> None:
    assert second.ask("眼下发展有哪六块短板？").kind != "enumeration"


def test_a_wording_with_a_gap_finds_all_that_fill_it(second: QuestionService) -> None:
    answer = second.ask("“保卫战”分别是哪几场？")
    assert [says(answer, name) for name in ("蓝天保卫战", "碧水保卫战", "净土保卫战")] == [True] * 3


def test_a_topic_is_told_from_several_parts_in_the_order_of_the_plan(second: QuestionService) -> None:
    answer = second.ask("蓝天、碧水、净土三场仗都怎么打？")
    places = [answer.answer.find(name) for name in ("（1）蓝天保卫战", "（2）碧水保卫战", "（3）净土保卫战")]
    assert -1 not in places
    assert places == sorted(places)


def test_a_summary_keeps_to_its_budget(second: QuestionService) -> None:
    for question in ("怎么把人才引进来、留得住？", "村里环境和风气打算怎么改善？"):
        answer = second.ask(question)
        assert not answer.refused
        assert 100 < len(answer.answer) < 1300


def test_what_is_faced_is_no_measure(second: QuestionService) -> None:
    assert not says(second.ask("村里环境和风气打算怎么改善？"), "国家战略叠加")


def test_a_topic_that_the_plan_does_not_know_is_refused(second: QuestionService) -> None:
    assert second.ask("怎么发展核电和航天？").refused


def test_projects_that_state_their_cost_are_all_listed(second: QuestionService) -> None:
    answer = second.ask("写明总投资的水利、能源工程有哪些，各多少？")
    assert len(items(answer)) == 3
    assert [says(answer, cost) for cost in ("8600万元", "4.3亿元", "7.2亿元")] == [True] * 3
    assert not says(answer, "智能采茶机")


def test_a_kind_that_states_no_cost_gets_no_other_kind(second: QuestionService) -> None:
    assert second.ask("写明总投资的航天工程有哪些，各多少？").kind != "investment"


def test_of_kinds_named_side_by_side_one_is_enough(second: QuestionService) -> None:
    answer = second.ask("食用菌、稻虾这类农业项目有哪些？")
    assert says(answer, "食用菌工厂化栽培项目") and says(answer, "稻虾综合种养示范区")


def test_shares_of_a_budget_go_first_to_those_who_want_little() -> None:
    assert fair_shares([10, 500, 500], 210) == [10, 100, 100]
    assert fair_shares([10, 20], 900) == [10, 20]
    assert fair_shares([], 900) == []


@pytest.mark.parametrize(
    ("limit", "kept"),
    [(100, "甲乙，丙丁，戊己。"), (7, "甲乙，丙丁，"), (2, "甲乙，"), (3, "甲乙，")],
)
def test_a_sentence_is_cut_behind_a_clause(limit: int, kept: str) -> None:
    text = "甲乙，丙丁，戊己。"
    assert text[: cut_at_clause(text, 0, len(text), limit)] == kept


def test_what_a_colon_announces_stays_with_it() -> None:
    text = "包括：甲乙丙丁，戊己。"
    assert text[: cut_at_clause(text, 0, len(text), 4)] == "包括：甲乙丙丁，"
