"""Hostile and silly questions by the hundred; ``python -m benchmarks.hostile`` asks ten thousand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from benchmarks.hostile import (
    KINDS,
    HostileQuestion,
    ask_all,
    contents,
    faults_of,
    hostile_questions,
    plan_names,
)
from kg.settings import Settings
from qa.service import QuestionService

COUNT, SEED = 608, 2


@pytest.fixture(scope="module")
def names(second: QuestionService) -> list[str]:
    return plan_names(second)


def test_every_answer_is_sound_and_nothing_is_written(
    second: QuestionService, second_settings: Settings, names: list[str]
) -> None:
    before = contents(second, second_settings.home)
    outcome = ask_all(second, hostile_questions(names, COUNT, SEED))
    assert outcome.faults == []
    assert contents(second, second_settings.home) == before
    assert outcome.asked.total() == COUNT and outcome.asked.keys() == KINDS.keys()


def test_questions_that_are_no_text_are_rejected_and_others_are_not(
    second: QuestionService, names: list[str]
) -> None:
    alone = (replace(q, history=()) for q in hostile_questions(names, 190, SEED))
    outcome = ask_all(second, alone)
    assert outcome.rejected == {kind: 10 for kind in ("empty", "lone surrogates")}
    # the questions are not so silly that refusing all of them would pass
    assert outcome.answered["names in frames"] >= 5


def test_equal_seeds_give_equal_questions_and_others_do_not(names: list[str]) -> None:
    first, again, other = (list(hostile_questions(names, 100, seed)) for seed in (7, 7, 8))
    assert first == again != other
    assert any(question.history for question in first)


def test_faults_are_found(second: QuestionService) -> None:
    question = "森林覆盖率的目标是多少？"
    good = second.ask(question)
    assert faults_of(second, good, (question,)) == []
    moved = replace(good.citations[0], start=good.citations[0].start + 1)
    for bad, fault in (
        (replace(good, answer=" "), "empty"),
        (replace(good, citations=()), "no citation"),
        (replace(good, citations=(moved, *good.citations[1:])), "not verbatim"),
        (replace(good, answer=good.answer + "，共98765个"), "ungrounded"),
        (replace(good, answer=good.answer + "[77]"), "marks without citation"),
    ):
        assert any(fault in found for found in faults_of(second, bad, (question,)))


def test_a_crash_is_noted_with_its_question(second: QuestionService) -> None:
    broken = HostileQuestion("names in frames", "森林覆盖率", ((1, 2),))  # type: ignore[arg-type]
    outcome = ask_all(second, iter([broken, HostileQuestion("empty", "", ())]))
    assert [(kind, text) for kind, text, _ in outcome.faults] == [("names in frames", "森林覆盖率")]
    assert outcome.rejected["empty"] == 1


def test_a_changed_state_is_noticed(second: QuestionService, second_settings: Settings) -> None:
    before = contents(second, second_settings.home)
    stray = second_settings.home / "stray.txt"
    stray.write_text("x", "utf-8")
    try:
        assert contents(second, second_settings.home) != before
    finally:
        stray.unlink()
