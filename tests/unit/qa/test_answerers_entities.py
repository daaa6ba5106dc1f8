"""Firms and places: their projects and what the text says of them, and nothing about their look-alikes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from qa.grading import normalise
from qa.model import Answer
from qa.service import QuestionService
from tests.conftest import SECOND_PLAN

GOLD = json.loads(SECOND_PLAN.with_name("qingshan-gold.json").read_text("utf-8"))
ITEMS: list[dict[str, Any]] = [item for box in GOLD["boxes"] for item in box["items"]]
OWNERS = sorted({owner for item in ITEMS for owner in item.get("owners") or ()})
ALIASES = [(firm["aliases"][0], firm["name"]) for firm in GOLD["enterprises"] if firm["aliases"]]
TOWNS = [town["name"] for town in GOLD["towns"] if town["name"].endswith(("镇", "乡"))]


def says(answer: Answer, text: str) -> bool:
    return normalise(text) in normalise(answer.answer)


def cites(answer: Answer, place: dict[str, Any]) -> bool:
    return any(c.start < place["end"] and place["start"] < c.end for c in answer.citations)


@pytest.mark.parametrize("owner", OWNERS)
def test_a_firms_projects_are_all_there(second: QuestionService, owner: str) -> None:
    answer = second.ask(f"{owner}有哪些项目？")
    own = [item for item in ITEMS if owner in (item.get("owners") or ())]
    assert [item["name"] for item in own if not cites(answer, item)] == []


@pytest.mark.parametrize(("alias", "name"), ALIASES)
def test_a_short_name_gives_what_the_full_name_gives(second: QuestionService, alias: str, name: str) -> None:
    short, full = second.ask(f"介绍一下{alias}"), second.ask(f"介绍一下{name}")
    assert not short.refused
    assert {c.start for c in short.citations} & {c.start for c in full.citations}
    assert any(name == entity.name for entity in short.entities)


@pytest.mark.parametrize("town", TOWNS)
def test_a_towns_profile_has_its_own_line(second: QuestionService, town: str) -> None:
    answer = second.ask(f"{town}重点发展什么？")
    assert not answer.refused
    assert all(citation.quote for citation in answer.citations)
    assert any(town in c.quote or town in c.locator for c in answer.citations)


def test_a_towns_projects_are_those_that_stand_in_it(second: QuestionService) -> None:
    answer = second.ask("枫溪镇有哪些项目？")
    own = [item for item in ITEMS if "枫溪镇" in item["text"]]
    assert own and all(cites(answer, item) for item in own)
    assert not says(answer, "竹坪抽水蓄能")


def test_a_subsidiary_is_not_its_parent(second: QuestionService) -> None:
    answer = second.ask("锂源回收有哪些项目？")
    assert says(answer, "废旧动力电池梯次利用项目")
    assert not says(answer, "锂电材料省级工程研究中心")


def test_a_road_is_not_the_firm_of_the_same_name(second: QuestionService) -> None:
    answer = second.ask("金穗路在哪里？")
    assert says(answer, "金穗路")
    assert not says(answer, "金穗粮油")


def test_partners_come_from_the_sentences_that_name_them(second: QuestionService) -> None:
    answer = second.ask("恒岳机械和谁合作？")
    assert says(answer, "澜州大学")


def test_a_sentence_is_told_once(second: QuestionService) -> None:
    lines = [line for line in second.ask("锂源新材有哪些项目？").answer.splitlines() if line.startswith("- ")]
    bodies = [line.rsplit("[", 1)[0] for line in lines]
    assert len(set(bodies)) == len(bodies)


@pytest.mark.parametrize(
    "question",
    [
        "锂源新材有多少员工？",
        "澜康药业的法定代表人是谁？",
        "澜康药业的股票代码是多少？",
        "通达物流哪一年成立？",
    ],
)
def test_what_the_plan_does_not_tell_of_a_firm_is_refused(second: QuestionService, question: str) -> None:
    answer = second.ask(question)
    assert answer.refused
    assert "没有" in answer.answer


def test_two_ways_of_writing_a_name_are_pointed_out(second: QuestionService) -> None:
    answer = second.ask("枫溪镇有哪些项目？")
    assert says(answer, "丰溪镇")
    assert answer.conflicts


# -- well-known facts of the real plan


def test_the_glass_group_of_the_real_plan_and_its_subsidiary(service: QuestionService) -> None:
    group = service.ask("利虎集团有哪些项目？")
    assert all(says(group, f"专栏{number}") for number in ("5-4", "5-5", "6-1"))
    subsidiary = service.ask("利虎集团青耀技术玻璃有限公司有什么项目？")
    assert says(subsidiary, "2.8亿元")
    assert not says(subsidiary, "LOW-E")


@pytest.mark.parametrize("question", ["红星幼儿园有哪些项目？", "晋阳街有哪些项目？", "建华小学的情况"])
def test_a_look_alike_of_a_real_firm_is_not_the_firm(service: QuestionService, question: str) -> None:
    answer = service.ask(question)
    firms = {"红星": "红星化工", "晋阳": "晋阳集团", "建华": "建华"}
    assert not any(e.label == "Enterprise" and e.name == firms[question[:2]] for e in answer.entities)
