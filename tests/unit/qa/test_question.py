"""What a question asks for, read from its own words."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.settings import PROJECT_ROOT
from kg.tokens import fold
from qa.lexicon import load_question_lexicon
from qa.question import AnswerType, Question, WeightFunction, understand

Read = Callable[[str], Question]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("森林覆盖率要达到多少", AnswerType.AMOUNT),
        ("规上企业有几家", AnswerType.AMOUNT),
        ("项目总投资", AnswerType.AMOUNT),
        ("生产线哪一年投产", AnswerType.YEAR),
        ("高速公路什么时候通车", AnswerType.YEAR),
        ("县委书记是谁", AnswerType.PERSON),
        ("项目的负责人叫什么", AnswerType.PERSON),
        ("物流园建在哪里", AnswerType.PLACE),
        ("水库位于什么地方", AnswerType.PLACE),
        ("链长制是什么意思", AnswerType.ANY),
        ("介绍一下竹产业", AnswerType.ANY),
    ],
)
def test_what_must_stand_in_an_answer(read: Read, text: str, kind: AnswerType) -> None:
    assert read(text).answer_type is kind


def test_who_builds_a_thing_is_a_firm_or_an_office_not_a_person(read: Read) -> None:
    assert read("城南客运枢纽的建设单位是谁").answer_type is AnswerType.ANY


def test_how_many_years_is_an_amount_not_a_date(read: Read) -> None:
    asked = read("平均受教育年限达到多少年")
    assert asked.answer_type is AnswerType.AMOUNT
    assert asked.units == ("年",)


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("治理河流多少公里", "公里"),
        ("提高几个百分点", "个百分点"),
        ("改造老旧小区多少个", "个"),
        ("建多少万亩茶园", "万亩"),
    ],
)
def test_the_unit_asked_for(read: Read, text: str, unit: str) -> None:
    assert unit in read(text).units


@pytest.mark.parametrize(
    ("text", "wants"),
    [
        ("专栏1列了哪些项目", "wants_list"),
        ("重点项目清单", "wants_list"),
        ("专栏1有几个项目", "wants_count"),
        ("约束性指标的数量", "wants_count"),
        ("什么是链长制", "wants_definition"),
        ("“五个青山”的含义", "wants_definition"),
        ("城镇化率提高多少个百分点", "wants_difference"),
        ("茶叶产量从2020年到2025年增加了多少", "wants_difference"),
        ("如何发展文旅产业", "wants_summary"),
        ("创新平台建设有哪些举措", "wants_summary"),
    ],
)
def test_the_form_asked_for(read: Read, text: str, wants: str) -> None:
    assert getattr(read(text), wants) is True


def test_a_plain_question_asks_for_no_special_form(read: Read) -> None:
    asked = read("森林覆盖率目标")
    forms = ("list", "count", "definition", "difference", "summary")
    assert [form for form in forms if getattr(asked, f"wants_{form}")] == []


@pytest.mark.parametrize("text", ["专栏6-4", "专栏 6-4", "专栏6－4", "专栏６—４", "专栏6 – 4"])
def test_a_box_number_in_every_form_of_dash_and_width(read: Read, text: str) -> None:
    assert read(f"{text}有哪些项目").box_numbers == ("6-4",)


def test_years_once_each_in_order(read: Read) -> None:
    assert read("从2020年到2025年，2025年比2020年多多少").years == (2020, 2025)
    assert read("投资12025万元").years == ()


def test_a_quoted_date_is_no_quoted_term(read: Read) -> None:
    assert read("“十四五”时期的“五个青山”").quoted == ("五个青山",)


@pytest.mark.parametrize("mark", ["“{}”", "《{}》", "「{}」", '"{}"', "‘{}’"])
def test_every_kind_of_quotation_mark(read: Read, mark: str) -> None:
    assert read(f"{mark.format('链长制')}是什么").quoted == ("链长制",)


def test_the_words_of_asking_identify_nothing(read: Read) -> None:
    asked = read("请问一下，规划里到2025年森林覆盖率的目标具体是多少？")
    assert set("".join(term.text for term in asked.specific)) == set("森林覆盖率")


def test_a_word_of_asking_that_no_plan_has_stays_whole(read: Read) -> None:
    """`算` is a word of asking too: cut off, it would leave `打`."""
    assert [term.text for term in read("污水处理打算怎么弄").terms] == [
        term.text for term in read("污水处理").terms
    ]


def test_the_countys_own_name_identifies_nothing(read: Read) -> None:
    assert [t.text for t in read("青山县的茶叶产量").terms] == [t.text for t in read("茶叶产量").terms]


@pytest.mark.parametrize("place", ["文水县", "太原市", "浙江省"])
def test_another_place_is_a_place_without_other_words(read: Read, place: str) -> None:
    terms = {term.text: term for term in read(f"{place}的森林覆盖率").terms}
    assert terms[place].place
    assert not terms[place].generic


@pytest.mark.parametrize(
    "text", ["全县的项目", "我市的规划", "产业强县", "示范县创建", "县城建设", "超市数量", "股市"]
)
def test_words_that_end_like_a_place_are_none(read: Read, text: str) -> None:
    assert [term.text for term in read(text).terms if term.place] == []


def test_general_words_weigh_less_than_names(read: Read) -> None:
    terms = {term.text: term for term in read("采茶机项目").terms}
    assert terms["项目"].generic
    assert terms["项目"].weight < max(t.weight for name, t in terms.items() if name != "项目")


def test_a_rarer_word_weighs_more() -> None:
    weight = WeightFunction({"项目": 90, "竹炭": 1}, 100)
    assert weight("从未写过") > weight("竹炭") > weight("项目") > 0


def test_a_long_word_is_known_when_all_its_pairs_are() -> None:
    weight = WeightFunction({"森林": 3, "林覆": 2, "覆盖": 2}, 10)
    assert weight.known("森林覆盖")
    assert not weight.known("森林公园")


def test_an_empty_plan_gives_weights_too() -> None:
    assert WeightFunction({}, 0)("项目") > 0


def test_which_year_is_no_list(read: Read) -> None:
    assert not read("生产线哪一年投产").wants_list


def test_population_is_not_cut_in_two(read: Read) -> None:
    assert "人口" in [term.text for term in read("全县有多少人口").terms]


@pytest.mark.parametrize(
    ("text", "word"), [("人均GDP目标", "gdp"), ("5A级景区有几个", "5a"), ("R&D经费", "r&d")]
)
def test_words_of_letters_and_characters_are_kept(read: Read, text: str, word: str) -> None:
    assert any(word in term.text for term in read(text).terms)


LEXICON = load_question_lexicon(PROJECT_ROOT / "data" / "lexicon")
NOTHING = WeightFunction({}, 0)
PIECES = st.sampled_from("森林覆盖率 2025年 “ ” 专栏 6-4 文水县 多少 个 😀 GDP （ 的 Ａ % '".split(" "))


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=60) | st.lists(PIECES, max_size=12).map("".join))
def test_any_text_can_be_read(text: str) -> None:
    asked = understand(text, LEXICON, NOTHING)
    folded = fold(text)
    assert asked.folded == folded
    assert all(term.weight > 0 for term in asked.terms)
    assert len({term.text for term in asked.terms}) == len(asked.terms)
    assert set("".join(term.text for term in asked.terms)) <= set(folded)
    assert all(str(year) in folded for year in asked.years)
