"""The amounts of a sentence with what is said of each, and the shares of a structure."""

from __future__ import annotations

import pytest

from kg.model import BlockKind, Passage
from kg.tokens import fold
from qa.figures import Figure, comparable, figures_in, shares_in
from qa.knowledge import Sentence
from qa.lexicon import QuestionLexicon


def sentence(text: str) -> Sentence:
    passage = Passage("p", "plan", 0, len(text), text, BlockKind.PARAGRAPH, "", "")
    return Sentence("plan", 0, len(text), text, fold(text), "", "", passage)


def figures(text: str, lexicon: QuestionLexicon) -> dict[str, Figure]:
    return {figure.printed: figure for figure in figures_in(sentence(text), lexicon.joint)}


def test_words_before_an_amount_are_its_own_and_those_behind_it_up_to_a_mark(
    lexicon: QuestionLexicon,
) -> None:
    found = figures("全县20个监管大网格、720个小网格的工作，投入3亿元。", lexicon)
    assert "大网格" in found["20个"].label and "小网格" not in found["20个"].label
    assert "小网格" in found["720个"].label and "大网格" not in found["720个"].label
    assert "投入" in found["3亿元"].near and "小网格" not in found["3亿元"].near


def test_an_amount_of_another_unit_does_not_end_what_belongs_to_one(lexicon: QuestionLexicon) -> None:
    found = figures("大暖供热615万平方米，热力站14座，供热56万平方米。", lexicon)
    assert "热力站" in found["56万平方米"].label
    assert "大暖" not in found["56万平方米"].label


def test_of_two_like_amounts_in_a_clause_the_words_between_belong_to_the_second(
    lexicon: QuestionLexicon,
) -> None:
    found = figures("支出从2016年的2769万元增加到2019年的8376万元。", lexicon)
    assert list(found) == ["2769万元", "8376万元"]
    assert "2019" in found["8376万元"].near and "2019" not in found["2769万元"].label
    assert "2016" not in found["8376万元"].near


def test_names_in_a_list_get_the_values_in_their_order(lexicon: QuestionLexicon) -> None:
    found = figures("投资、消费、出口占GDP的比重分别达到58%、30%、12%。", lexicon)
    assert [found[value].label[:2] for value in ("58%", "30%", "12%")] == ["投资", "消费", "出口"]
    assert all("gdp" in figure.label for figure in found.values())


def test_a_joint_name_stands_for_both_things(lexicon: QuestionLexicon) -> None:
    found = figures("城乡居民收入分别增长6456元和4029元。", lexicon)
    assert "城镇居民收入" in found["6456元"].label
    assert "农村居民收入" in found["4029元"].label


def test_a_list_with_more_names_than_values_gives_none_of_them_a_name(lexicon: QuestionLexicon) -> None:
    found = figures("投资、消费、出口分别增长58%、30%。", lexicon)
    assert not {"投资", "消费"} & {figure.label for figure in found.values()}


@pytest.mark.parametrize(
    ("text", "alike"),
    [
        ("投入3亿元和500万元", True),
        ("培训30人，引进20名", True),
        ("占60%，提高4个百分点", False),
        ("长3公里，宽20米", False),
        ("建成20个，惠及300亩", False),
    ],
)
def test_amounts_may_be_compared_when_they_measure_the_same(
    text: str, alike: bool, lexicon: QuestionLexicon
) -> None:
    first, second = figures(text, lexicon).values()
    assert comparable(first.amount, second.amount) is alike


def test_a_structure_is_read_by_place(lexicon: QuestionLexicon) -> None:
    shares = shares_in(sentence("三次产业结构由4.2:82.6:13.2调整为4.4:64.4:31.2。"), lexicon.joint.structures)
    assert shares is not None
    assert (shares.before[1], shares.after[2]) == ("82.6", "31.2")


def test_a_structure_without_a_change_has_no_earlier_shares(lexicon: QuestionLexicon) -> None:
    shares = shares_in(sentence("三次产业结构达到5：40：55。"), lexicon.joint.structures)
    assert shares is not None
    assert (shares.before, shares.after) == ((), ("5", "40", "55"))


def test_three_numbers_of_something_else_are_no_structure(lexicon: QuestionLexicon) -> None:
    assert shares_in(sentence("配方比例为1:2:3。"), lexicon.joint.structures) is None
