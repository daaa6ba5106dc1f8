"""Questions that lead on: the plan answers each of them, and none was asked before."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kg.errors import SettingsError
from kg.schema import Label
from kg.settings import PROJECT_ROOT
from kg.tokens import fold
from qa.service import QuestionService
from qa.suggestions import NextQuestion, load_next_questions

#: things of each label that are tried; every tenth or so of the plan's
TRIED_OF_A_LABEL = 4


def things(service: QuestionService) -> list[str]:
    """Ids of some things of every label that questions are known for, spread over the plan."""
    labels = {template.label for template in templates()}
    found: list[str] = []
    for label in sorted(labels):
        nodes = list(service.knowledge.of(Label(label)))
        found += [node.id for node in nodes[:: max(1, len(nodes) // TRIED_OF_A_LABEL)][:TRIED_OF_A_LABEL]]
    return found


def templates() -> tuple[NextQuestion, ...]:
    return load_next_questions(PROJECT_ROOT / "data" / "lexicon")


def test_every_suggested_question_is_answered(service: QuestionService) -> None:
    suggested = {question for id in things(service) for question in service.suggest([id])}
    assert len(suggested) > 20
    for question in suggested:
        answer = service.ask(question)
        assert not answer.refused and answer.citations, question


def test_what_was_asked_or_quoted_is_not_suggested(service: QuestionService) -> None:
    asked = "约束性指标有哪些？"
    answer = service.ask(asked)
    cited = [(c.source, c.start, c.end) for c in answer.citations]
    before: list[str] = [asked]
    for _ in range(3):
        found = service.suggest([e.id for e in answer.entities], cited, before, limit=2)
        assert len(found) <= 2
        assert not {fold(question) for question in found} & {fold(question) for question in before}
        before += found
    for question in before[1:]:
        places = {(c.source, c.start, c.end) for c in service.ask(question).citations}
        assert not places <= set(cited), question


def test_an_answer_without_things_leads_on_from_what_its_quotes_name(service: QuestionService) -> None:
    project = next(node for node in service.knowledge.of(Label.PROJECT))
    place = (project.text("plan"), project.integer("start") or 0, project.integer("stop") or 0)
    assert service.suggest([], [place])


def test_unknown_things_lead_nowhere(service: QuestionService) -> None:
    assert service.suggest(["no-such-thing"], [("no-such-plan", 0, 5)]) == ()


def test_a_malformed_list_of_questions_is_named(tmp_path: Path) -> None:
    (tmp_path / "next_questions.json").write_text(json.dumps([{"label": "Nothing", "question": "?"}]))
    with pytest.raises(SettingsError, match=r"next_questions\.json"):
        load_next_questions(tmp_path)


def test_without_a_list_nothing_is_suggested(tmp_path: Path) -> None:
    assert load_next_questions(tmp_path / "elsewhere") == ()
