"""How far a sentence answers a question."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.model import BlockKind, Passage
from kg.tokens import fold
from qa.evidence import find, has_type, has_years, likeness_of, match, term_credit
from qa.knowledge import Sentence
from qa.lexicon import QuestionLexicon, QuestionWords
from qa.question import AnswerType, Question, understand
from qa.service import QuestionService

Read = Callable[[str], Question]
WORDS = QuestionWords(frame=frozenset(), generic=frozenset(), chat=())
LEXICON = QuestionLexicon(WORDS, [["污水", "废水"], ["研发", "研究与试验发展"]])


def sentence(text: str, *, heading: str = "", before: str = "") -> Sentence:
    passage = Passage("p", "plan", 0, len(text), text, BlockKind.PARAGRAPH, "parent", "第一章", (heading,))
    return Sentence("plan", 0, len(text), text, fold(text), fold(heading), fold(before), passage)


def test_a_word_counts_whole_as_it_is_and_nearly_whole_as_a_synonym() -> None:
    assert term_credit("污水", "建设污水处理厂", LEXICON) == 1
    assert 0.5 < term_credit("污水", "治理废水", LEXICON) < 1
    assert term_credit("污水", "建设学校", LEXICON) == 0


def test_a_long_word_counts_by_the_pairs_it_shares() -> None:
    part = term_credit("空气质量优良", "空气质量明显提升", LEXICON)
    assert 0 < part < 1
    assert term_credit("空气质量优良", "空气湿度", LEXICON) == 0


def test_two_characters_are_there_or_not() -> None:
    assert term_credit("茶叶", "茶树种植", LEXICON) == 0


@pytest.mark.parametrize(
    ("question", "text", "answers"),
    [
        ("森林覆盖率达到多少", "到2025年森林覆盖率继续提高。", False),  # a year is no amount
        ("森林覆盖率达到多少", "森林覆盖率达到58.5%。", True),
        ("高新技术企业有多少家", "高新技术企业达到14家。", True),
        ("高新技术企业有多少家", "高新技术企业达到14户。", True),  # classifiers stand for each other
        ("治理河流多少公里", "治理河流86座。", False),
        ("锅炉拆了多少个", "淘汰锅炉175余台。", True),  # 个 may be asked of whatever is counted
        ("脱贫的有多少人", "2.8万贫困人口全部脱贫。", True),
        ("摘帽的有多少村", "67个贫困村全部摘帽。", True),
        ("要拆多少户", "6.东林村棚户区改造项目。", False),
        ("脱贫的有多少人", "2019年人均增收。", False),
        ("提高几个百分点", "提高3.5个百分点。", True),
        ("项目什么时候建成", "2022年建成投产。", True),
        ("项目什么时候建成", "投资3.6亿元。", False),
        ("县长是谁", "县长负责。", True),
        ("县长是谁", "由工信局负责。", False),
        ("有什么特色", "发展有机茶。", True),  # nothing in particular is asked for
    ],
)
def test_whether_a_sentence_has_what_is_asked_for(
    read: Read, question: str, text: str, answers: bool
) -> None:
    assert has_type(fold(text), read(question)) is answers


def test_percentage_points_may_be_printed_as_percent(read: Read) -> None:
    assert has_type(fold("提高3.5%。"), read("提高几个百分点"))


@pytest.mark.parametrize(
    ("question", "text"),
    [("占地多少亩", "治理河流86公里。"), ("产量多少吨", "受益2万人。"), ("投资几万元", "栽培3万棒。")],
)
def test_another_unit_that_shares_a_character_is_no_answer(read: Read, question: str, text: str) -> None:
    assert not has_type(fold(text), read(question))


def test_amounts_in_full_width_and_with_many_digits(read: Read) -> None:
    assert has_type(fold("比例不低于９０％。"), read("比例要多少"))
    assert has_type(fold("总投资126000万元。"), read("总投资多少万元"))


@pytest.mark.parametrize(
    ("question", "text", "speaks"),
    [
        ("2025年的产值", "到2025年产值达到60亿元。", True),
        ("2025年的产值", "“十四五”期末产值达到60亿元。", True),
        ("2025年的产值", "2020年产值达到30亿元。", False),
        ("2030年的产值", "到2025年产值达到60亿元。", False),
        ("2035年的城镇化率", "展望二〇三五年，城镇化率达到70%。", True),
        ("产值多少", "产值30亿元。", True),  # no year is asked for
    ],
)
def test_whether_a_sentence_speaks_of_the_year(read: Read, question: str, text: str, speaks: bool) -> None:
    assert has_years(sentence(text), read(question)) is speaks


def test_the_year_may_stand_in_the_heading_or_the_sentence_before(read: Read) -> None:
    asked = read("2025年的产值")
    assert has_years(sentence("产值达到60亿元。", heading="2025年目标"), asked)
    assert has_years(sentence("产值达到60亿元。", before="力争到2025年实现下列目标："), asked)


def test_a_sentence_with_every_word_is_covered_and_misses_nothing(read: Read) -> None:
    found = match(sentence("茶叶产量达到3700吨。"), read("茶叶产量"), LEXICON)
    assert found.coverage == pytest.approx(1)
    assert found.missing == ()
    assert found.lost == 0


def test_what_stands_nowhere_near_is_missing(read: Read) -> None:
    found = match(sentence("茶叶产量达到3700吨。"), read("文水县茶叶产量"), LEXICON)
    assert [term.text for term in found.missing] == ["文水县"]
    assert found.coverage < 1
    assert found.lost > 0


def test_a_heading_tells_what_a_sentence_is_about_but_less_than_its_own_words(read: Read) -> None:
    asked = read("茶叶产量")
    own = match(sentence("茶叶产量达到3700吨。"), asked, LEXICON)
    above = match(sentence("产量达到3700吨。", heading="茶叶"), asked, LEXICON)
    neither = match(sentence("产量达到3700吨。"), asked, LEXICON)
    assert own.coverage > above.coverage > neither.coverage


def test_of_two_sentences_the_one_with_an_amount_answers_how_much(read: Read) -> None:
    asked = read("茶叶产量达到多少")
    amount = match(sentence("茶叶产量达到3700吨。"), asked, LEXICON)
    none = match(sentence("茶叶产量达到新高。"), asked, LEXICON)
    assert amount.typed and not none.typed
    assert amount.score > none.score


def test_of_two_equal_sentences_the_more_alike_and_the_better_ranked_wins(read: Read) -> None:
    asked, same = read("茶叶产量"), sentence("茶叶产量增加。")
    plain = match(same, asked, LEXICON)
    assert match(same, asked, LEXICON, likeness=0.5).score > plain.score
    assert match(same, asked, LEXICON, rank_score=1.0).score > plain.score


def test_a_question_without_words_matches_nothing(read: Read) -> None:
    assert match(sentence("茶叶产量达到3700吨。"), read("多少？"), LEXICON).coverage == 0


@given(st.floats(-1, 1), st.floats(-1, 1))
def test_likeness_grows_with_the_cosine_within_0_and_1(a: float, b: float) -> None:
    low, high = sorted((a, b))
    assert 0 <= likeness_of(low) <= likeness_of(high) <= 1


def test_the_best_sentence_comes_first_and_says_it_in_other_words(second: QuestionService) -> None:
    knowledge = second.knowledge
    asked = understand("贫困村还剩几个没有摘帽", knowledge.lexicon, knowledge.weight, knowledge.own_names)
    matches = find(asked, knowledge)
    assert [m.score for m in matches] == sorted((m.score for m in matches), reverse=True)
    assert any("贫困村全部出列" in m.sentence.text for m in matches[:5])
    assert find(asked, knowledge) == matches


def test_every_match_is_the_plans_text_at_its_place(second: QuestionService) -> None:
    knowledge = second.knowledge
    asked = understand("智能采茶机", knowledge.lexicon, knowledge.weight, knowledge.own_names)
    for found in find(asked, knowledge):
        place = found.sentence
        assert knowledge.text(place.plan_id, place.start, place.end) == place.text


def test_a_passage_asked_for_is_searched_even_if_retrieval_misses_it(second: QuestionService) -> None:
    knowledge = second.knowledge
    asked = understand("智能采茶机", knowledge.lexicon, knowledge.weight, knowledge.own_names)
    last = list(knowledge.passages)[-1]
    found = {m.sentence.passage.id for m in find(asked, knowledge, extra_passages=[last], depth=1)}
    assert last in found
    assert len(found) == 2


def test_a_type_that_a_question_does_not_have_is_never_missing(read: Read) -> None:
    asked = replace(read("茶叶产量"), answer_type=AnswerType.ANY)
    assert has_type("", asked)
