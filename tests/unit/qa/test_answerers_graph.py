"""Answers that the graph gives: firms of a trade, relations, chains, rankings, arithmetic, named parts."""

from __future__ import annotations

import re

import pytest

from qa.model import Answer
from qa.service import QuestionService


def listed(answer: Answer) -> list[str]:
    """The numbered lines of an answer, without numbers and marks."""
    lines = re.findall(r"(?m)^\d+\. (.+)$", answer.answer)
    return [re.sub(r"\[\d+\]", "", line) for line in lines]


# -- firms of a trade


@pytest.mark.parametrize("question", ["锂电产业有哪些企业？", "做锂电的企业有哪几家？", "哪些企业属于锂电？"])
def test_the_firms_of_a_trade_are_listed_with_their_sentences(second: QuestionService, question: str) -> None:
    answer = second.ask(question)
    assert answer.kind == "industry"
    firms = listed(answer)
    assert "青山锂源新材料股份有限公司" in firms
    assert f"{len(firms)}家" in answer.answer
    assert len(answer.citations) >= 1
    assert any("锂源" in citation.quote for citation in answer.citations)


def test_a_trade_without_firms_is_not_answered_with_others(second: QuestionService) -> None:
    answer = second.ask("造船产业有哪些企业？")
    assert answer.refused
    assert answer.kind != "industry"


def test_a_question_about_a_firm_is_not_one_about_its_trade(second: QuestionService) -> None:
    assert second.ask("锂源新材和哪些企业合作？").kind != "industry"


# -- how two things are connected


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("锂源新材和锂源回收是什么关系？", ("下属企业", "控股")),
        ("金穗粮油与东湖农产品批发市场有什么合作？", ("合作", "产销对接")),
    ],
)
def test_a_relation_is_told_with_its_sentence(
    second: QuestionService, question: str, words: tuple[str, ...]
) -> None:
    answer = second.ask(question)
    assert answer.kind == "relation"
    assert all(word in answer.answer for word in words)
    assert answer.citations


def test_things_that_no_relation_ties_get_the_path_or_a_refusal(second: QuestionService) -> None:
    answer = second.ask("恒岳机械和白鹭镇有什么关系？")
    assert answer.kind == "relation"
    assert answer.refused or "没有直接说明" in answer.answer or "正文：" in answer.answer


# -- most, least, and within an amount


def test_those_whom_a_body_works_with_are_listed_with_their_sentences(second: QuestionService) -> None:
    answer = second.ask("澜州大学和哪些本地企业有合作？")
    assert answer.kind == "relation"
    assert "2家" in answer.answer
    assert "恒岳机械" in answer.answer and "锂源新材" in answer.answer
    assert len(answer.citations) == 2


def test_partners_are_those_of_the_kind_asked_for(second: QuestionService) -> None:
    answer = second.ask("锂源新材与哪些大学合作？").answer
    assert "澜州大学" in answer
    assert "1. 东方储能材料研究院" not in answer and "2. 东方储能材料研究院" not in answer


def test_what_is_not_a_partner_is_not_answered_with_partners(second: QuestionService) -> None:
    assert second.ask("锂源新材和哪些国家合作？").kind != "relation"


def test_a_profile_tells_projects_and_partners(second: QuestionService) -> None:
    answer = second.ask("金穗粮油有哪些项目和合作？")
    assert answer.kind == "entity"
    assert "10万吨稻谷" in answer.answer and "东湖农产品批发市场" in answer.answer


def test_the_whole_of_a_share_is_not_what_is_asked_about(second: QuestionService) -> None:
    answer = second.ask("数字经济占GDP的比重要提到多少？").answer
    assert "数字经济增加值占地区生产总值比重" in answer and "9" in answer
    assert "121.2" not in answer


def test_projects_above_an_amount_are_those_whose_stated_investment_is(second: QuestionService) -> None:
    answer = second.ask("投资超过10亿元的项目有哪些？")
    assert answer.kind == "ranking"
    amounts = [float(amount) for amount in re.findall(r"：([\d.]+)亿元", answer.answer)]
    assert amounts == sorted(amounts, reverse=True)
    assert len(amounts) >= 2
    assert min(amounts) > 10


@pytest.mark.parametrize(
    ("question", "holds"),
    [
        ("投资低于1亿元的项目有哪些", lambda amount: amount < 1),
        ("总投资不低于8.2亿元的项目有哪些？", lambda amount: amount >= 8.2),
        ("投资在5000万元以下的项目", lambda amount: amount <= 0.5),
    ],
)
def test_bounds_are_read_as_they_are_said(second: QuestionService, question: str, holds: object) -> None:
    answer = second.ask(question)
    assert answer.kind == "ranking"
    amounts = [float(amount) for amount in re.findall(r"(?m)^\d+\. .*：([\d.]+)亿元", answer.answer)]
    assert callable(holds)
    assert all(holds(amount) for amount in amounts)
    assert bool(amounts) is not answer.refused


def test_the_greatest_investment_comes_first(second: QuestionService) -> None:
    first = listed(second.ask("投资最大的项目是哪个？"))[0]
    assert "28.5亿元" in first


def test_towns_are_ranked_by_their_projects(second: QuestionService) -> None:
    answer = second.ask("项目最多的乡镇是哪个？")
    counts = [int(count) for count in re.findall(r"(?m)^\d+\. .*：(\d+)个", answer.answer)]
    assert answer.kind == "ranking"
    assert counts == sorted(counts, reverse=True)
    assert answer.citations


# -- arithmetic over what the text states


def test_a_goal_is_compared_with_what_was_achieved(second: QuestionService) -> None:
    answer = second.ask("旅游综合收入要翻几倍？")
    assert "15.2亿元（30 − 14.8 = 15.2）" in answer.answer
    assert "2.03倍" in answer.answer
    assert {"15.2", "2.03"} <= set(answer.derived)
    assert len(answer.citations) >= 2


def test_the_growth_a_year_is_computed_where_it_is_asked_for(second: QuestionService) -> None:
    answer = second.ask("旅游综合收入年均复合增速要达到多少？").answer
    assert "2020至2025年折合年均增长15.18%（(30/14.8)^(1/5) − 1）" in answer


def test_what_was_only_achieved_is_not_compared(second: QuestionService) -> None:
    assert second.ask("各类扶贫资金要增加多少亿元？").kind != "arithmetic"


# -- parts of the plan


@pytest.mark.parametrize("question", ["第二篇讲什么？", "第二篇主要内容是什么"])
def test_what_a_numbered_part_holds_is_told_by_its_headings(second: QuestionService, question: str) -> None:
    answer = second.ask(question)
    assert answer.kind == "summary"
    assert [word in answer.answer for word in ("第四章", "第五章", "第六章")] == [True] * 3
    assert "第七章" not in answer.answer


def test_a_standard_part_is_found_by_the_end_of_its_heading(second: QuestionService) -> None:
    answer = second.ask("“十四五”时期的主要目标有哪些？")
    assert answer.kind == "summary"
    assert "主要目标" in answer.answer.splitlines()[0]


# -- several things in one question


def test_two_indicators_in_one_question_are_both_answered(second: QuestionService) -> None:
    answer = second.ask("常住人口城镇化率和森林覆盖率2025年分别是多少？")
    assert "60" in answer.answer
    assert "58.5" in answer.answer
    for number in re.findall(r"\[(\d+)\]", answer.answer):
        assert 1 <= int(number) <= len(answer.citations)


def test_what_one_of_two_things_lacks_is_said(second: QuestionService) -> None:
    answer = second.ask("森林覆盖率和人均藏书量2025年分别是多少？")
    assert "58.5" in answer.answer
    assert "没有" in answer.answer


# -- as people write


def test_traditional_characters_are_understood(second: QuestionService) -> None:
    assert "860" in second.ask("網格員有多少名？").answer


def test_a_homophone_of_a_word_of_the_plan_is_corrected_and_said_so(second: QuestionService) -> None:
    answer = second.ask("森林付盖率2025年的目标是多少？")
    assert "58.5" in answer.answer
    assert any("覆盖" in note for note in answer.notes)


def test_another_number_is_no_slip(second: QuestionService) -> None:
    assert not any("理解" in note for note in second.ask("“九核两带三区”是什么？").notes)


def test_a_period_that_the_plan_does_not_speak_of_is_refused(second: QuestionService) -> None:
    assert second.ask("青山县“十六五”的地区生产总值目标是多少？").refused


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("宏特煤化工和利虎玻璃集团谁的项目更多？", "较多的是宏特煤化工"),
        ("利虎玻璃集团和宏特煤化工相比，哪家的项目少？", "较少的是利虎玻璃集团"),
        ("美锦集团的项目比华鑫集团多吗？", "较多的是美锦集团"),
        ("西社镇、水峪贯镇哪个镇的项目多？", "较多的是西社镇"),
    ],
)
def test_named_things_are_compared_by_their_projects(
    service: QuestionService, question: str, told: str
) -> None:
    answer = service.ask(question)
    assert told in answer.answer and not answer.refused
    # the list behind each count
    for line in re.findall(r"(?m)^- .*$", answer.answer):
        count = re.search(r"：(\d+)个", line)
        assert count and len(re.findall(r"\[\d+\]", line)) == int(count.group(1))


def test_how_many_projects_one_thing_has_is_no_comparison(service: QuestionService) -> None:
    assert service.ask("利虎玻璃集团有多少项目？").kind != "ranking"
