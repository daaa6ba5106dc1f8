"""Words about questions are data: read whole, folded, and told when they cannot be used."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from kg.errors import SettingsError
from kg.settings import PROJECT_ROOT
from qa.lexicon import QuestionLexicon, QuestionWords, load_question_lexicon

DATA = PROJECT_ROOT / "data" / "lexicon"
NO_WORDS = QuestionWords(frame=frozenset(), generic=frozenset(), chat=())


def test_words_of_a_group_stand_for_each_other_and_not_for_themselves() -> None:
    lexicon = QuestionLexicon(NO_WORDS, [["污水", "废水"], ["废水", "排污"]])
    assert lexicon.synonyms("污水") == ("废水",)
    assert set(lexicon.synonyms("废水")) == {"污水", "排污"}
    assert lexicon.synonyms("学校") == ()


def test_width_and_case_are_folded() -> None:
    assert QuestionLexicon(NO_WORDS, [["ＧＤＰ", "地区生产总值"]]).synonyms("gdp") == ("地区生产总值",)


def test_the_longest_known_word_at_a_place() -> None:
    lexicon = QuestionLexicon(NO_WORDS, [["老年人", "老年人口", "老人"]])
    assert lexicon.longest_at("全县老年人口比例", 2) == 4
    assert lexicon.longest_at("全县老年人", 2) == 3
    assert lexicon.longest_at("全县", 0) == 0
    assert lexicon.longest_at("", 0) == 0


def test_the_products_own_words_are_usable() -> None:
    lexicon = load_question_lexicon(DATA)
    assert {"街", "小学", "医院", "镇"} <= lexicon.name_endings
    assert "多少" in lexicon.words.frame
    assert not lexicon.words.frame & set(lexicon.words.chat)
    assert all(word not in lexicon.synonyms(word) for word in lexicon.known)


@pytest.mark.parametrize("name", ["question_words.json", "synonyms.json", "place_words.json"])
@pytest.mark.parametrize("content", [None, "not json", '{"unknown": 1}', "[1]", '"x"'])
def test_an_unusable_file_is_named(tmp_path: Path, name: str, content: str | None) -> None:
    shutil.copytree(DATA, tmp_path / "lexicon")
    path = tmp_path / "lexicon" / name
    if content is None:
        path.unlink()
    else:
        path.write_text(content, "utf-8")
    with pytest.raises(SettingsError, match="lexicon"):
        load_question_lexicon(tmp_path / "lexicon")
