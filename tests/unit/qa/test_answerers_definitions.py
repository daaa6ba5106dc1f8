"""What a term means: its members all there, the sentence that says so, and no answer for what is unknown."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from qa.grading import normalise
from qa.model import Answer
from qa.service import QuestionService
from tests.conftest import SECOND_PLAN

GOLD = json.loads(SECOND_PLAN.with_name("qingshan-gold.json").read_text("utf-8"))
CONCEPTS = [pytest.param(concept, id=concept["name"]) for concept in GOLD["concepts"]]


def says(answer: Answer, text: str) -> bool:
    return normalise(text) in normalise(answer.answer)


@pytest.mark.parametrize("concept", CONCEPTS)
def test_a_definition_lists_the_members_and_cites_the_words(
    second: QuestionService, concept: dict[str, Any]
) -> None:
    answer = second.ask(f"“{concept['name']}”是什么意思？")
    assert [member for member in concept["members"] if not says(answer, member)] == []
    assert any(
        c.start < place["end"] and place["start"] < c.end
        for c in answer.citations for place in concept["evidence"]
    )


@pytest.mark.parametrize(
    "frame", ["什么是{}", "{}指的是什么？", "请问{}包括哪些？", "{}怎么理解", "解释一下{}"]
)
def test_a_definition_is_given_however_it_is_asked_for(second: QuestionService, frame: str) -> None:
    answer = second.ask(frame.format("“五个青山”"))
    assert says(answer, "实力青山、创新青山、生态青山、幸福青山、平安青山")


def test_quotation_marks_are_not_needed(second: QuestionService) -> None:
    assert says(second.ask("五个青山是哪五个？"), "平安青山")


def test_a_count_of_members_equals_the_list(second: QuestionService) -> None:
    answer = second.ask("“三个优先”是什么？")
    match = re.search(r"包括(\d+)项：([^\[]+)", answer.answer)
    assert match is not None
    assert int(match.group(1)) == len(match.group(2).split("、")) == 3
    assert "3" in answer.derived


def test_a_term_explained_in_a_footnote(second: QuestionService) -> None:
    answer = second.ask("什么是链长制？")
    assert says(answer, "由县领导担任重点产业链链长")
    assert any(c.quote.startswith("①") for c in answer.citations)


def test_the_parts_of_a_compound_are_explained_one_by_one(second: QuestionService) -> None:
    answer = second.ask("“一核两带三区”是什么意思？")
    assert all(says(answer, f"“{part}”是指") for part in ("一核", "两带", "三区"))


@pytest.mark.parametrize("term", ["四海八荒战略", "量子纠缠", "六六大顺"])
def test_a_term_that_the_plan_does_not_have_is_refused(second: QuestionService, term: str) -> None:
    answer = second.ask(f"什么是“{term}”？")
    assert answer.refused
    assert "没有" in answer.answer


def test_members_come_in_the_order_of_the_name(second: QuestionService) -> None:
    answer = second.ask("“一核两带三区”是什么意思？")
    assert "一核、两带、三区" in answer.answer


def test_a_term_is_shown_as_the_plan_writes_it(second: QuestionService) -> None:
    assert "“1+3+N”" in second.ask("“1+3+N”产业体系是什么？").answer


# -- well-known facts of the real plan


@pytest.mark.parametrize(
    ("question", "members"),
    [
        ("“四创战略”是什么？", ("产业创优", "环境创建", "管理创新", "民生创享")),
        ("“六最”营商环境指什么？", ("审批最少", "流程最优", "体制最顺", "机制最活", "效率最高", "服务最好")),
        ("什么是“四张名片”？", ("转型蹚路先行区", "省会城市后花园", "绿色发展品牌县", "幸福吕梁向往地")),
    ],
)
def test_concepts_of_the_real_plan(service: QuestionService, question: str, members: tuple[str, ...]) -> None:
    answer = service.ask(question)
    assert [member for member in members if not says(answer, member)] == []
    assert not answer.refused
