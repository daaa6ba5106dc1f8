"""Each part of answering can be left out, and what it does is gone then, and only that."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from benchmarks.ablation import QuestionSet, Variant, measure, row, variants, without_synonyms
from kg.settings import PROJECT_ROOT, Settings
from qa.answerers.registry import ANSWERERS
from qa.components import Components
from qa.grading import GoldQuestion, read_questions
from qa.lexicon import load_question_lexicon
from qa.retrieve import ALL_SOURCES, Source
from qa.service import QuestionService

QUESTION = "森林覆盖率的目标是多少？"
Opener = Callable[[Components], QuestionService]


@pytest.fixture
def opened(second_settings: Settings) -> Iterator[Opener]:
    """Services with some of the parts; closed after the test."""
    services: list[QuestionService] = []

    def open_with(components: Components) -> QuestionService:
        services.append(QuestionService(second_settings, components))
        return services[-1]

    yield open_with
    for service in services:
        service.close()


def test_only_the_chosen_answerers_are_asked(second: QuestionService, opened: Opener) -> None:
    assert second.ask(QUESTION).kind == "indicator"
    rest = tuple(answerer for answerer in ANSWERERS if answerer.kind != "indicator")
    assert opened(Components(answerers=rest)).ask(QUESTION).kind not in ("indicator", "")


def test_without_entities_nothing_is_linked(second: QuestionService, opened: Opener) -> None:
    question = "锂源新材有哪些项目？"
    assert second.ask(question).kind == "entity"
    assert opened(Components(entities=False)).ask(question).kind != "entity"


def test_without_typo_correction_a_question_stays_as_it_is(second: QuestionService, opened: Opener) -> None:
    question = "青山理源新材料有限公司有哪些项目？"
    assert any("理解" in note for note in second.ask(question).notes)
    assert opened(Components(typos=False)).ask(question).notes == ()


def test_without_follow_ups_earlier_turns_do_not_count(second: QuestionService, opened: Opener) -> None:
    history = ((QUESTION, "60%"),)
    assert second.ask("那2020年呢？", history).answer != second.ask("那2020年呢？").answer
    alone = opened(Components(follow_ups=False))
    assert alone.ask("那2020年呢？", history).answer == alone.ask("那2020年呢？").answer


def test_without_contradictions_none_are_told(second: QuestionService, opened: Opener) -> None:
    told = [q for q in _second_questions() if second.ask(q.question, q.history).conflicts]
    assert told
    silent = opened(Components(contradictions=False))
    assert [q.id for q in told if silent.ask(q.question, q.history).conflicts] == []


def _second_questions() -> list[GoldQuestion]:
    return read_questions(PROJECT_ROOT / "tests" / "eval" / "qingshan-questions.jsonl")


@pytest.mark.parametrize("left_out", Source)
def test_a_retriever_that_is_left_out_is_not_asked(
    second: QuestionService, opened: Opener, left_out: Source
) -> None:
    rest = ALL_SOURCES - {left_out}
    ours = opened(Components(sources=rest)).knowledge.retriever
    text = "怎样让年轻人留在县里工作？"
    found = ours.search(text, 10)
    assert found == second.knowledge.retriever.only(*rest).search(text, 10)
    assert found.passages != second.knowledge.retriever.search(text, 10).passages
    assert bool(found.cosines) == (left_out is not Source.DENSE)


def test_sources_are_named_as_the_lexical_index_names_them(second: QuestionService) -> None:
    assert set(second.knowledge.retriever.lexical.search("森林", 3)) == ALL_SOURCES - {Source.DENSE}


def test_no_source_finds_nothing(second: QuestionService) -> None:
    assert second.knowledge.retriever.only().search("森林", 5).passages == ()


# -- the ablation


def test_each_variant_leaves_something_out() -> None:
    everything, *others = variants().values()
    assert everything == Variant(Components())
    assert [variant for variant in others if variant == everything] == []
    assert {f"answerer: {answerer.kind}" for answerer in ANSWERERS} < variants().keys()


def test_a_variant_is_measured_and_put_beside_the_whole(second_settings: Settings, tmp_path: Path) -> None:
    bare = without_synonyms(second_settings.lexicon_dir, tmp_path)
    gold = tuple(q for q in _second_questions() if q.category == "indicator")[:4]
    questions = QuestionSet("second", gold, second_settings)
    names = ("nothing", "graph answers (all but headings and text)")
    whole, reduced = (measure(variants()[name], questions, bare) for name in names)
    # a row of the table that the text answerer finds is said as an indicator
    assert {g.answer.kind for g in reduced.grades} <= {"chat", "headings", "text", "refusal", "indicator"}
    assert "indicator" in {g.answer.kind for g in whole.grades}
    pairs = list(zip(whole.grades, reduced.grades, strict=True))
    lost = sum(old.correct and not new.correct for old, new in pairs)
    won = sum(new.correct and not old.correct for old, new in pairs)
    cells = [cell.strip() for cell in row("x", [reduced], [whole]).strip("|").split("|")]
    assert cells[0] == "x" and cells[3:5] == [str(lost), str(won)]


def test_without_synonyms_no_word_stands_for_another(second_settings: Settings, tmp_path: Path) -> None:
    bare = load_question_lexicon(without_synonyms(second_settings.lexicon_dir, tmp_path))
    full = load_question_lexicon(second_settings.lexicon_dir)
    assert full.known and not bare.known
    assert bare.words == full.words
    settings = second_settings.model_copy(update={"lexicon_dir": tmp_path / "lexicon"})
    with closing(QuestionService(settings)) as service:
        assert not service.knowledge.lexicon.known
