"""Lexical search: tokens of both kinds, rankings, and an index that says when it is damaged."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.passages import make_passages
from kg.adapters.lexical_index import LexicalIndex
from kg.errors import StateError
from kg.model import BlockKind, Passage
from kg.tokens import TOKENIZERS, bigrams, fold, tokenize_all, words
from tests.strategies import SECOND_PLAN, examples, noise, outline_of

TEXTS = {
    "grain": "粮食产量达到4.1万吨，比上年增加0.2万吨。",
    "heat": "实施供热管网改造工程，新建热源厂一座。",
    "wind": "建设云峰100MW风电场，总投资7.2亿元。",
    "tea": "发展有机茶，推进茶旅融合，打造万亩茶海。",
}


def passage(id: str, text: str, headings: tuple[str, ...] = ()) -> Passage:
    return Passage(id, "p", 0, len(text), text, BlockKind.PARAGRAPH, "p/c01", "第一章", headings)


def passages() -> list[Passage]:
    return [passage(id, text) for id, text in TEXTS.items()]


@pytest.fixture
def index(tmp_path: Path) -> LexicalIndex:
    """An index of `TEXTS`, as another process would open it."""
    LexicalIndex(tmp_path / "lexical").write(passages())
    return LexicalIndex(tmp_path / "lexical")


@pytest.fixture(scope="module")
def open_index(tmp_path_factory: pytest.TempPathFactory) -> LexicalIndex:
    """An index of `TEXTS` that is written once."""
    index = LexicalIndex(tmp_path_factory.mktemp("lexical"))
    index.write(passages())
    return index


def ids(index: LexicalIndex, text: str, k: int = 10) -> dict[str, list[str]]:
    """Per tokenizer, the ids found."""
    return {name: [s.passage_id for s in found] for name, found in index.search(text, k).items()}


# -- tokens


def test_forms_of_one_character_are_one() -> None:
    assert fold("ＧＤＰ　４２％") == "gdp 42%"


def test_bigrams_of_chinese_and_whole_runs_of_the_rest() -> None:
    assert bigrams("粮食产量4.1万吨，２×300MW") == ["粮食", "食产", "产量", "4.1", "万吨", "2×300mw"]
    assert bigrams("茶，ABC") == ["茶", "abc"]


def test_words_without_those_that_carry_no_topic() -> None:
    assert words("粮食和蔬菜的产量") == ["粮食", "蔬菜", "产量"]
    assert "产业" in words("产业园区")


@given(st.one_of(noise(), st.text(max_size=80)))
@examples(150)
def test_tokens_are_pieces_of_the_folded_text(text: str) -> None:
    for tokenizer in TOKENIZERS.values():
        tokens = tokenizer(text)
        assert all(token and token in fold(text) for token in tokens)
        assert tokens == tokenizer(unicodedata.normalize("NFKC", text))


@pytest.mark.parametrize("text", ["", "，。", "　\n", "🙂"])
def test_a_text_without_words_has_no_tokens_but_a_place(text: str) -> None:
    assert bigrams(text) == words(text) == []
    assert [len(tokens) for tokens in tokenize_all([text, "粮食"], bigrams)] == [1, 1]


# -- search


@pytest.mark.parametrize(
    ("question", "id"),
    [("粮食产量是多少", "grain"), ("供热", "heat"), ("100mw", "wind"), ("１００ＭＷ", "wind")],
)
def test_the_passage_that_answers_comes_first(index: LexicalIndex, question: str, id: str) -> None:
    for found in ids(index, question).values():
        assert found[0] == id


def test_best_first_and_no_more_than_asked(index: LexicalIndex) -> None:
    for found in index.search("供热工程和风电场建设，粮食产量，茶", 3).values():
        assert len(found) == 3
        scores = [scored.score for scored in found]
        assert scores == sorted(scores, reverse=True) and scores[-1] > 0


def test_passages_that_share_no_word_are_left_out(index: LexicalIndex) -> None:
    assert ids(index, "供热管网", k=10) == {"words": ["heat"], "bigrams": ["heat"]}


@pytest.mark.parametrize("question", ["", "，。？", "的和了", "航天飞机", "zzz"])
def test_a_question_about_nothing_known_finds_nothing(index: LexicalIndex, question: str) -> None:
    assert ids(index, question) == {name: [] for name in TOKENIZERS}


@given(question=st.one_of(noise(), st.sampled_from(list(TEXTS.values())), st.text("粮食供热茶风电的，4.1")))
@examples(80)
def test_scores_have_one_scale_for_all_questions(open_index: LexicalIndex, question: str) -> None:
    for found in open_index.search(question, 10).values():
        assert all(0 < scored.score < 0.4 for scored in found)


def test_a_passage_of_nothing_but_the_question_comes_near_the_highest_score(tmp_path: Path) -> None:
    index = LexicalIndex(tmp_path)
    index.write([passage("all", "供热" * 200), *passages()])
    for found in index.search("供热", 1).values():
        assert found[0].passage_id == "all" and found[0].score == pytest.approx(0.4, abs=0.02)


def test_headings_are_found_too(tmp_path: Path) -> None:
    index = LexicalIndex(tmp_path)
    index.write([passage("a", "加快推进建设。", ("改善民生", "教育事业")), passage("b", "加快推进改革。")])
    assert ids(index, "教育") == {"words": ["a"], "bigrams": ["a"]}


def test_in_how_many_passages_a_token_occurs(index: LexicalIndex) -> None:
    assert index.frequencies["万吨"] == 1  # twice in one passage
    assert index.frequencies["建设"] == 1 and index.frequencies["茶海"] == 1
    assert index.frequencies["粮食"] == 1  # a word and a bigram, and still one passage
    assert "航天" not in index.frequencies


def test_writing_again_leaves_nothing_of_the_old_passages(tmp_path: Path) -> None:
    LexicalIndex(tmp_path).write(passages())
    LexicalIndex(tmp_path).write([passage("new", "建设航天飞机。"), passage("other", "供水工程。")])
    assert ids(LexicalIndex(tmp_path), "供热管网") == {"words": [], "bigrams": []}
    assert ids(LexicalIndex(tmp_path), "航天飞机") == {"words": ["new"], "bigrams": ["new"]}


def test_an_index_of_nothing_finds_nothing(tmp_path: Path) -> None:
    LexicalIndex(tmp_path).write([])
    assert ids(LexicalIndex(tmp_path), "供热") == {"words": [], "bigrams": []}


def test_passages_of_a_plan_are_found_by_their_own_words(tmp_path: Path) -> None:
    """Each is among the first three for its own text."""
    plan = make_passages(outline_of(SECOND_PLAN))
    index = LexicalIndex(tmp_path)
    index.write(plan)
    for passage in plan[::3]:
        for found in ids(index, passage.text, k=3).values():
            assert passage.id in found, passage.text


# -- damage


def _remove(path: Path) -> None:
    path.unlink()


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _garbage(path: Path) -> None:
    path.write_bytes(b"\xff\xfe\x00")


def _half(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


@pytest.mark.parametrize("damage", [_remove, _empty, _garbage, _half])
def test_damage_to_any_file_is_reported_with_a_remedy(
    tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    LexicalIndex(tmp_path).write(passages())
    files = sorted(path for path in tmp_path.rglob("*") if path.is_file())
    assert len(files) > 8
    for file in files:
        content = file.read_bytes()
        damage(file)
        with pytest.raises(StateError, match="plankg build"):
            index = LexicalIndex(tmp_path)
            index.search("供热管网", 3)
            assert index.frequencies, file
            pytest.fail(f"{file.name} is damaged and nobody noticed")
        file.write_bytes(content)
    assert ids(LexicalIndex(tmp_path), "供热管网")["words"] == ["heat"]


def test_a_missing_index_is_reported_with_a_remedy(tmp_path: Path) -> None:
    with pytest.raises(StateError, match="plankg build"):
        LexicalIndex(tmp_path / "none").search("供热", 3)


def test_opening_reads_nothing(tmp_path: Path) -> None:
    LexicalIndex(tmp_path / "none")
    assert list(tmp_path.iterdir()) == []
