"""Words about questions are data: read whole, folded, and told when they cannot be used."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from kg.errors import SettingsError
from kg.settings import PROJECT_ROOT
from kg.tokens import fold
from qa.lexicon import QuestionLexicon, QuestionWords, load_question_lexicon

DATA = PROJECT_ROOT / "data" / "lexicon"
NO_WORDS = QuestionWords(frame=frozenset(), generic=frozenset(), chat=())


def test_words_of_a_group_stand_for_each_other_and_not_for_themselves() -> None:
    lexicon = QuestionLexicon(NO_WORDS, [["污水", "废水"], ["废水", "排污"]])
    assert lexicon.synonyms("污水") == ("废水",)
    assert set(lexicon.synonyms("废水")) == {"污水", "排污"}
    assert lexicon.synonyms("学校") == ()


def test_a_kind_stands_for_the_thing_and_not_the_thing_for_its_kind() -> None:
    lexicon = QuestionLexicon(NO_WORDS, [["学校", "校园"]], narrower={"学校": ["高中", "小学"]})
    assert lexicon.synonyms("学校") == ("校园", "高中", "小学")
    assert lexicon.synonyms("高中") == ()
    assert lexicon.synonyms("校园") == ("学校",)


def test_no_school_stands_for_another_kind_of_school() -> None:
    lexicon = load_question_lexicon(DATA)
    schools = json.loads((DATA / "narrower.json").read_text("utf-8"))["学校"]
    assert set(schools) <= set(lexicon.synonyms("学校"))
    assert set(lexicon.synonyms("高中")).isdisjoint({"学校", "小学", "初中", "幼儿园"})


def test_width_and_case_are_folded() -> None:
    assert QuestionLexicon(NO_WORDS, [["ＧＤＰ", "地区生产总值"]]).synonyms("gdp") == ("地区生产总值",)


def test_the_longest_known_word_at_a_place() -> None:
    lexicon = QuestionLexicon(NO_WORDS, [["老年人", "老年人口", "老人"]])
    assert lexicon.longest_at("全县老年人口比例", 2) == 4
    assert lexicon.longest_at("全县老年人", 2) == 3
    assert lexicon.longest_at("全县", 0) == 0
    assert lexicon.longest_at("", 0) == 0


def test_a_word_in_latin_letters_is_found_whole_only() -> None:
    lexicon = QuestionLexicon(NO_WORDS, [["公交", "bus", "bus stop"], ["5g网络", "手机5g"]])
    assert lexicon.longest_at("bus routes", 0) == 3
    assert lexicon.longest_at("a bus stop?", 2) == 8
    assert lexicon.longest_at("business", 0) == 0
    assert lexicon.longest_at("omnibus", 4) == 0
    assert lexicon.longest_at("bus线路", 0) == 3
    assert lexicon.longest_at("建5g网络吗", 1) == 4


def test_a_question_in_dialect_is_put_in_standard_words() -> None:
    words = QuestionWords(
        frame=frozenset(), generic=frozenset(), chat=(), spoken={"啥": "什么", "啥时候": "什么时候"}
    )
    lexicon = QuestionLexicon(words, [])
    assert lexicon.standard("啥时候建成，叫啥") == "什么时候建成，叫什么"
    assert lexicon.standard("什么时候建成") == "什么时候建成"
    assert QuestionLexicon(NO_WORDS, []).standard("啥") == "啥"


def test_the_products_own_words_are_usable() -> None:
    lexicon = load_question_lexicon(DATA)
    assert {"街", "小学", "医院", "镇"} <= lexicon.name_endings
    assert "多少" in lexicon.words.frame
    assert not lexicon.words.frame & set(lexicon.words.chat)
    assert not lexicon.words.frame & lexicon.words.generic
    assert all(word not in lexicon.synonyms(word) for word in lexicon.known)


def test_the_products_synonyms_can_be_reached() -> None:
    """A question is put in standard words before its words are looked up; a word alone has no other."""
    lexicon = load_question_lexicon(DATA)
    groups: list[list[str]] = json.loads((DATA / "synonyms.json").read_text("utf-8"))
    assert [group for group in groups if len(set(map(fold, group))) < max(len(group), 2)] == []
    assert [word for word in lexicon.known if lexicon.standard(word) != word] == []


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
