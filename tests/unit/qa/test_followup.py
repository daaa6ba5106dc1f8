"""Follow-up questions are made to stand alone with what the turns before were about."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa.followup import resolve
from qa.linking import EntityLinker
from qa.service import QuestionService


def resolved(service: QuestionService, *turns: str) -> str:
    """The last of these questions, resolved after the others were asked and answered."""
    history: tuple[tuple[str, str], ...] = ()
    for turn in turns[:-1]:
        history = (*history, (turn, service.ask(turn, history).answer))
    return resolve(turns[-1], history, service.knowledge, EntityLinker(service.knowledge))


def test_a_first_question_stays_as_it_is(second: QuestionService) -> None:
    assert resolved(second, "它的目标是多少？") == "它的目标是多少？"


@pytest.mark.parametrize(
    "question", ["森林覆盖率的目标是多少？", "专栏3列了哪些项目？", "枫溪镇重点发展什么产业？"]
)
def test_a_question_that_names_its_thing_stays_as_it_is(second: QuestionService, question: str) -> None:
    assert resolved(second, "锂源新材有哪些项目？", question) == question


@pytest.mark.parametrize(
    ("first", "then", "thing"),
    [
        ("锂源新材有哪些项目？", "它和谁合作？", "锂源新材"),
        ("枫溪镇重点发展什么？", "这个镇有什么项目？", "枫溪镇"),
        ("通达物流建什么？", "该企业的项目在哪里？", "通达物流"),
        ("“五个青山”是什么？", "这个概念在哪一章提出？", "五个青山"),
        ("茶叶产量2025年达到多少？", "该指标属于什么性质？", "茶叶产量"),
    ],
)
def test_a_pronoun_stands_for_the_thing_last_spoken_of(
    second: QuestionService, first: str, then: str, thing: str
) -> None:
    standalone = resolved(second, first, then)
    assert thing in standalone
    assert not standalone.startswith(("它", "这", "该"))


def test_a_pronoun_keeps_what_is_asked(second: QuestionService) -> None:
    assert resolved(second, "锂源新材有哪些项目？", "它和谁合作？").endswith("和谁合作？")


def test_a_pronoun_for_a_town_skips_the_firm(second: QuestionService) -> None:
    standalone = resolved(second, "锂源新材在石桥镇有项目吗？", "这个镇重点发展什么？")
    assert "石桥镇" in standalone
    assert "锂源" not in standalone


def test_a_new_year_replaces_the_old(second: QuestionService) -> None:
    assert "2020年" in resolved(second, "2025年茶叶产量达到多少？", "那2020年呢？")
    assert "2025年" not in resolved(second, "2025年茶叶产量达到多少？", "那2020年呢？")


def test_a_year_alone_keeps_the_thing(second: QuestionService) -> None:
    assert "茶叶产量" in resolved(second, "茶叶产量2025年达到多少？", "那2020年呢？")


def test_a_second_question_without_a_subject_is_about_that_of_the_first(second: QuestionService) -> None:
    answer = second.ask("茶叶产量2020年是多少？到“十四五”末要达到多少？")
    assert not answer.refused
    assert "没有说明" not in answer.answer
    assert "茶叶产量" in resolved(second, "茶叶产量2020年是多少？", "到“十四五”末要达到多少？")


def test_a_subject_is_carried_on_through_several_turns(second: QuestionService) -> None:
    standalone = resolved(second, "锂源新材有哪些项目？", "它还有别的项目吗？", "投资多少？")
    assert "锂源新材" in standalone
    assert "投资多少" in standalone


def test_another_name_replaces_the_old(second: QuestionService) -> None:
    standalone = resolved(second, "枫溪镇重点发展什么？", "竹坪乡呢？")
    assert "竹坪乡" in standalone
    assert "枫溪镇" not in standalone
    assert "发展" in standalone


@pytest.mark.parametrize(
    ("first", "then", "old"),
    [
        ("枫溪镇重点发展什么？", "那竹坪乡呢？", "枫溪镇"),
        ("森林覆盖率的目标是多少？", "那茶叶产量呢？", "森林覆盖率"),
    ],
)
def test_another_name_after_na_replaces_the_old(
    second: QuestionService, first: str, then: str, old: str
) -> None:
    standalone = resolved(second, first, then)
    assert old not in standalone
    assert then[1:-2] in standalone


def test_a_new_year_after_na_keeps_what_was_asked(second: QuestionService) -> None:
    standalone = resolved(second, "茶叶产量2025年比2015年增加多少？", "那2020年呢？")
    assert "增加多少" in standalone


def test_a_follow_up_is_answered_and_says_how_it_was_understood(second: QuestionService) -> None:
    first = "茶叶产量2025年达到多少？"
    history = ((first, second.ask(first).answer),)
    answer = second.ask("该指标属于什么性质？", history)
    assert "预期性" in answer.answer
    assert any("茶叶产量" in note for note in answer.notes)


def test_history_changes_nothing_about_a_question_that_stands_alone(second: QuestionService) -> None:
    question = "高标准农田面积的目标是多少？"
    alone = second.ask(question)
    after = second.ask(question, (("锂源新材有哪些项目？", "……"),))
    assert (after.answer, after.citations) == (alone.answer, alone.citations)


TURN = st.text(max_size=20) | st.sampled_from(["它呢？", "那2020年呢", "这个项目", "“”", "锂源新材"])


@settings(max_examples=100, deadline=None)
@given(question=TURN, history=st.lists(st.tuples(TURN, TURN), max_size=3))
def test_any_conversation_can_be_resolved(
    second: QuestionService, question: str, history: list[tuple[str, str]]
) -> None:
    text = resolve(question, tuple(history), second.knowledge, _linker(second))
    assert isinstance(text, str)
    if not history:
        assert text == question


_LINKERS: dict[int, EntityLinker] = {}


def _linker(service: QuestionService) -> EntityLinker:
    """One linker for all examples: reading the names takes longer than linking."""
    return _LINKERS.setdefault(id(service), EntityLinker(service.knowledge))
