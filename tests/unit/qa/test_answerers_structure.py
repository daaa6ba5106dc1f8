"""Counts of the plan's own parts, each with the list behind it."""

from __future__ import annotations

import re
from typing import Any

import pytest

from qa.model import Answer
from qa.service import QuestionService


def items(answer: Answer) -> list[str]:
    return re.findall(r"(?m)^\d+\. .*$", answer.answer)


@pytest.mark.parametrize(
    ("question", "count"),
    [("规划一共有多少章？", 14), ("全文分几篇？", 7), ("规划里有几个专栏？", 8), ("一共有几节？", 21)],
)
def test_parts_of_the_plan_are_counted_and_listed(second: QuestionService, question: str, count: int) -> None:
    answer = second.ask(question)
    assert str(count) in answer.derived
    assert len(items(answer)) == count
    assert len(answer.citations) == count


def test_all_projects_are_counted_by_box(second: QuestionService, gold: dict[str, Any]) -> None:
    answer = second.ask("规划一共列了多少个项目？")
    assert str(gold["counts"]["box_items"]) in answer.derived
    sizes = [int(size) for line in items(answer) for size in re.findall(r"（(\d+)项）", line)]
    assert sizes == gold["counts"]["box_items_by_box"]


def test_a_chapter_narrows_the_count(second: QuestionService, service: QuestionService) -> None:
    assert len(items(second.ask("第四章有几节？"))) == 3
    assert len(items(service.ask("第九章有几个专栏？"))) == 3


def test_a_chapter_under_a_part_narrows_the_count(second: QuestionService) -> None:
    assert len(items(second.ask("第四章有几个专栏？"))) == 2


@pytest.mark.parametrize("question", ["枫溪镇有几个项目？", "竹产业有多少个项目？"])
def test_a_count_of_something_else_is_not_the_whole(second: QuestionService, question: str) -> None:
    assert "53" not in second.ask(question).derived
    assert "规划共有" not in second.ask(question).answer


# -- well-known facts of the real plan


@pytest.mark.parametrize(
    ("question", "count"),
    [("规划有多少章？", 15), ("规划一共多少节？", 69), ("有几个专栏？", 30), ("一共列了多少个项目？", 162)],
)
def test_parts_of_the_real_plan(service: QuestionService, question: str, count: int) -> None:
    assert str(count) in service.ask(question).derived
