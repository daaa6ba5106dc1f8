"""The checks of a wording: numbers in every writing, names, words, and what may not be lost."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.schema import Label
from kg.settings import PROJECT_ROOT
from qa.knowledge import Node
from qa.model import Answer, Citation
from qa.wording.completeness import Completeness
from qa.wording.evidence import Checker
from qa.wording.quantities import QuantityReader, supported
from qa.wording.sentences import worded_sentences
from qa.wording.words import load_wording_words

WORDS = load_wording_words(PROJECT_ROOT / "data" / "lexicon")
READER = QuantityReader(WORDS)
NODES = (
    Node("n1", Label.ENTERPRISE, "云岭集团", ("云岭",), {}),
    Node("n2", Label.ENTERPRISE, "蓝湾药业", (), {}),
    Node("n3", Label.TOWN, "石桥镇", (), {}),
)


def link(folded: str) -> Sequence[Node]:
    """The nodes of the test that a text names, longest form first."""
    return [node for node in NODES if any(form in folded for form in node.forms)]


def answer(text: str, *quotes: str, question: str = "问题？", derived: tuple[str, ...] = ()) -> Answer:
    citations = tuple(Citation(quote, 0, len(quote), "plan", "第六章 第一节") for quote in quotes)
    return Answer(question, text, False, citations=citations, derived=derived)


# -- numbers


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("3.2亿元", 3.2e8, "元"), ("32000万元", 3.2e8, "元"), ("３．２亿元", 3.2e8, "元"),
        ("30万千瓦", 3e8, "瓦"), ("300MW", 3e8, "瓦"), ("300兆瓦", 3e8, "瓦"),
        ("百分之五", 5, "%"), ("5％", 5, "%"), ("百分之十二点五", 12.5, "%"), ("12.5%", 12.5, "%"),
        ("63个百分点", 63, "百分点"), ("二〇二五年", 2025, "年"), ("2025年", 2025, "年"),
        ("二十五家", 25, "家"), ("一百二十户", 120, "户"), ("三分之一", 1 / 3, ""),
        ("27,836.2万元", 278362000, "元"),
        ("1000公里", 1e6, "米"), ("第十二章", 12, ""), ("两个", 2, "个"), ("十万吨", 1e5, "吨"),
        ("46.3 公里", 46300, "米"),
    ],
)  # fmt: skip
def test_a_number_is_read_however_it_is_written(text: str, value: float, unit: str) -> None:
    found = READER.read(f"达到{text}。")
    assert [q.unit for q in found] == [unit]
    assert found[0].value == pytest.approx(value)


@pytest.mark.parametrize(
    "text",
    [
        "[1][12]",
        "“十四五”时期",
        "一体化、统一、第一，第二，",
        "单位：万元",
        "1. 甲\n2. 乙",
        "（1）甲",
        "5G的G",
        "PM2.5",
    ],
)
def test_what_states_no_number_is_none(text: str) -> None:
    assert [q.text for q in READER.read(text) if q.text not in ("5",)] == []


@pytest.mark.parametrize(
    ("claim", "source"),
    [
        ("3.2亿元", "32000万元"), ("百分之五", "5％"), ("30万千瓦", "300MW"), ("二〇二五年", "2025年"),
        ("27836.2万元", "投资（万元）\n27836.2"), ("不低于42%", "≥42%"), ("超过100户", ">100户"),
        ("100户以上", ">100户"),
        ("63个百分点", "63"), ("五年", "5年"), ("由27%提高到90%", "2020年27%，2025年90%"),
        ("从2020年到2025年由27%提高到90%", "2020年27%，2025年90%"),
        ("2025年达到90%，比2020年的27%高", "2020年（基期）27%，2025年（目标）90%"),
    ],
)  # fmt: skip
def test_a_number_is_supported_by_its_other_writings(claim: str, source: str) -> None:
    sources = READER.read(source)
    assert [q.text for q in READER.read(claim) if q.is_year is False and not supported(q, sources)] == []


@pytest.mark.parametrize(
    ("claim", "source"),
    [
        ("3.2万元", "3.2亿元"), ("5‰", "5%"), ("5个百分点", "5%"), ("300吨", "300MW"), ("2026年", "2025年"),
        ("42%以下", "≥42%"), ("100户", ">100户"), ("不超过三分之一", "不低于三分之一"),
        ("不低于二分之一", "不低于三分之一"),
        ("下降63个百分点", "提高63个百分点"), ("2020年90%", "2020年27%，2025年90%"), ("99.9亿元", "9.99亿元"),
        ("七百二十一个", "720个"), ("27个", "27%\n27"),
    ],
)  # fmt: skip
def test_a_changed_number_is_not_supported(claim: str, source: str) -> None:
    sources = READER.read(source)
    assert not all(supported(q, sources) for q in READER.read(claim))


@given(st.text(max_size=60))
def test_any_text_supports_its_own_numbers(text: str) -> None:
    found = READER.read(text)
    assert all(supported(quantity, found) for quantity in found)


@given(st.text(st.sampled_from("零一二两十百千万亿点分之第年元%0123456789.,，。 "), max_size=24))
def test_any_string_of_digits_is_read(text: str) -> None:
    assert all(quantity.value >= 0 for quantity in READER.read(text))


# -- sentences


@given(st.text(st.sampled_from("甲乙。！；\n [1]【2】,、”x"), max_size=60), st.integers(1, 7))
def test_sentences_are_the_same_however_the_pieces_fall(text: str, size: int) -> None:
    pieces = [text[at : at + size] for at in range(0, len(text), size)]
    whole = list(worded_sentences([text]))
    cut = list(worded_sentences(pieces))
    assert [s.text for s in cut] == [s.text for s in whole]


def test_marks_behind_the_full_stop_belong_to_the_sentence() -> None:
    found = list(worded_sentences(["甲。", "[1]", "[2] 乙【3】。丙［4，5］；丁"]))
    assert [s.text.strip() for s in found] == ["甲。[1][2]", "乙[3]。", "丙[4][5]；", "丁"]
    assert [s.marks for s in found] == [(1, 2), (3,), (4, 5), ()]


# -- evidence

QUOTE = "云岭集团投资22亿元建设特种玻璃项目，蓝湾药业投资3亿元建设丹参“四季园”，不低于5%用于研发。"


@pytest.mark.parametrize(
    "said",
    [
        "云岭集团投资22亿元，建设特种玻璃项目。",
        "云岭投资22亿元。",
        "蓝湾药业将投资3亿元建设丹参“四季园”。",
        "特种玻璃项目投资22亿元，由云岭集团建设。",
        "其中用于研发的不低于百分之五。",
    ],
)
def test_a_true_wording_has_no_fault(said: str) -> None:
    assert Checker(answer(QUOTE + "[1]", QUOTE), link, WORDS).faults(said, (1,)) == []


@pytest.mark.parametrize(
    "said",
    [
        "蓝湾药业投资22亿元。",
        "云岭集团投资3亿元。",
        "云岭集团投资22万元建设特种玻璃项目。",
        "云岭集团在石桥镇投资22亿元建设特种玻璃项目。",
        "云岭集团与腾达公司投资22亿元建设特种玻璃项目。",
        "蓝湾药业投资3亿元建设丹参“百草园”。",
        "云岭集团投资22亿元建设特种玻璃项目，被《财经周报》评为先进。",
        "云岭集团没有投资特种玻璃项目。",
        "不超过5%用于研发。",
        "云岭集团投资22亿元建设IPO项目。",
        "本规划已经废止，请拨打咨询热线。",
        "张三担任书记，负责特种玻璃项目。",
        "银杏乡建设特种玻璃项目。",
    ],
)
def test_an_invention_is_a_fault(said: str) -> None:
    assert Checker(answer(QUOTE + "[1]", QUOTE), link, WORDS).faults(said, (1,))


@pytest.mark.parametrize("marks", [(), (0,), (2,), (1, 2), (99,)])
def test_a_sentence_without_an_existing_citation_is_a_fault(marks: tuple[int, ...]) -> None:
    assert Checker(answer(QUOTE + "[1]", QUOTE), link, WORDS).faults("云岭集团投资22亿元。", marks)


def test_only_the_cited_evidence_and_the_plain_answer_count() -> None:
    checker = Checker(answer("答案[1]。", "产量4.1万吨", "产量4.3万吨"), link, WORDS)
    assert checker.faults("产量4.3万吨。", (1,))
    assert checker.faults("产量4.3万吨。", (2,)) == []


# -- completeness


def lost(plain: Answer, wording: str) -> list[str]:
    return Completeness(plain, plain.answer, link, WORDS).lost(wording)


def test_a_number_that_we_computed_may_not_be_lost() -> None:
    plain = answer(
        "普及率：2020年27%，2025年90%[1]。\n\n计算：五年提高63个百分点[1]。", "27 90", derived=("63",)
    )
    assert lost(plain, "2020年27%，2025年90%，五年提高63个百分点[1]。") == []
    assert lost(plain, "2020年27%，2025年90%[1]。") == ["五年", "63个百分点"]
    assert "27%" in lost(plain, "2025年90%，五年提高63个百分点[1]。")


def test_a_quoted_sentence_may_be_cut_to_what_was_asked() -> None:
    plain = answer(QUOTE + "[1]", QUOTE, question="云岭集团投资多少？")
    assert lost(plain, "云岭集团投资22亿元[1]。") == []
    assert lost(plain, "云岭集团投资建设[1]。")  # without any number it says nothing


def test_not_where_all_is_asked_for() -> None:
    plain = answer(QUOTE + "[1]", QUOTE, question="有哪些投资？")
    assert set(lost(plain, "云岭集团投资22亿元[1]。")) >= {"3亿元", "蓝湾药业", "四季园"}
    assert lost(plain, QUOTE) == []


def test_an_item_or_a_member_of_a_list_may_not_be_lost() -> None:
    plain = answer("共2项：\n1. 甲项目[1]\n2. 乙项目[2]", "甲项目", "乙项目")
    assert lost(plain, "共2项，是甲项目[1]。") == ["乙项目"]
    listed = answer("“三馆”包括3项：图书馆、文化馆、美术馆[1]。", "图书馆、文化馆和美术馆")
    assert lost(listed, "“三馆”是图书馆、文化馆和美术馆3项[1]。") == []
    assert lost(listed, "“三馆”是图书馆、文化馆等3项[1]。") == ["美术馆"]


def test_every_ending_and_unit_of_the_word_list_is_used() -> None:
    for word, (base, factor) in WORDS.units.items():
        (quantity,) = READER.read(f"共7{word}。")
        assert (quantity.unit, quantity.value) == (base, pytest.approx(7 * factor)), word
    assert not set(WORDS.at_least) & set(WORDS.at_most)
    assert all(re.fullmatch(r"\S+", word) for word in WORDS.glue)
