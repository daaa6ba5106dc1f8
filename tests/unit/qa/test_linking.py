"""Which names a question speaks of: the longest at each place, short names guarded."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.schema import Label
from kg.settings import PROJECT_ROOT
from kg.tokens import fold
from qa.knowledge import Knowledge, Node
from qa.lexicon import QuestionLexicon, load_question_lexicon
from qa.linking import EntityLinker
from qa.service import QuestionService

NAMES = (
    (Label.ENTERPRISE, "宏远玻璃集团", ("宏远", "宏远玻璃")),
    (Label.ENTERPRISE, "宏远集团青峰技术玻璃有限公司", ("青峰技术",)),
    (Label.ENTERPRISE, "东升", ()),
    (Label.TOWN, "石桥镇", ("石桥",)),
    (Label.PLACE, "东升路", ()),
    (Label.CONCEPT, "业务", ()),
    (Label.CONCEPT, "“三区”", ("三区",)),
    (Label.INDICATOR, "常住人口城镇化率", ()),
    (Label.INDUSTRY, "城市建设", ("城镇化",)),
    (Label.PLACE, "青山", ()),
    (Label.PRODUCT, "LNG", ()),
)


@dataclass
class NamesOnly:
    """Stands in for `Knowledge`: a linker reads no more of it than this."""

    lexicon: QuestionLexicon
    own_names: tuple[str, ...] = ("青山县", "青山")
    nodes: list[Node] = field(default_factory=list)
    folded_text: str = "宏远集团青峰技术玻璃有限公司与宏远玻璃集团签约。"

    def of(self, *labels: Label) -> Iterable[Node]:
        return (node for node in self.nodes if node.label in labels)


def make_linker() -> EntityLinker:
    nodes = [Node(name, label, name, aliases, {}) for label, name, aliases in NAMES]
    lexicon = load_question_lexicon(PROJECT_ROOT / "data" / "lexicon")
    return EntityLinker(cast(Knowledge, NamesOnly(lexicon, nodes=nodes)))


LINKER = make_linker()


def linked(text: str) -> list[str]:
    return [node.name for node in LINKER.link(fold(text))]


def test_a_short_name_is_its_firm() -> None:
    assert linked("宏远有哪些项目？") == ["宏远玻璃集团"]


def test_the_longest_name_wins_so_a_subsidiary_is_not_its_group() -> None:
    assert linked("宏远集团青峰技术玻璃有限公司投资多少") == ["宏远集团青峰技术玻璃有限公司"]


def test_names_come_in_the_order_of_the_question() -> None:
    assert linked("石桥镇和宏远分别有什么项目") == ["石桥镇", "宏远玻璃集团"]


def test_width_and_case_do_not_matter() -> None:
    assert linked("ｌｎｇ的产量") == ["LNG"]


@pytest.mark.parametrize(
    "text",
    ["宏远街在哪里", "宏远街有哪些项目", "宏远幼儿园有几所", "宏远村的项目", "宏远镇", "宏远中学改造"],
)
def test_a_firms_short_name_inside_a_place_or_a_school_is_not_the_firm(text: str) -> None:
    assert linked(text) == []


@pytest.mark.parametrize(
    "text", ["宏远山西公司", "宏远江苏项目", "宏远乡村振兴投入", "宏远村镇银行贷款", "宏远在哪", "宏远"]
)
def test_a_word_that_only_begins_like_an_ending_leaves_the_firm(text: str) -> None:
    assert linked(text) == ["宏远玻璃集团"]


def test_a_place_that_begins_with_a_firms_name_is_the_place() -> None:
    assert linked("东升路哪年修") == ["东升路"]
    assert linked("东升哪年投产") == ["东升"]


def test_a_full_name_is_not_guarded() -> None:
    assert linked("宏远玻璃集团学校") == ["宏远玻璃集团"]


def test_words_that_questions_are_made_of_name_nothing() -> None:
    assert linked("有什么业务") == []


def test_the_plans_own_county_names_nothing() -> None:
    assert linked("青山的产业") == []


def test_quotation_marks_around_a_concept_do_not_hide_it() -> None:
    assert linked("“三区”指哪三区") == linked("三区指哪三区") == ["“三区”"]


def test_an_indicators_name_hides_the_words_in_it() -> None:
    assert linked("常住人口城镇化率目标") == ["常住人口城镇化率"]
    assert linked("城镇化怎么推进") == ["城市建设"]


def test_forms_are_those_in_the_text_longest_first() -> None:
    nodes = LINKER.link("宏远玻璃也叫宏远")
    assert LINKER.forms_of(nodes, "宏远玻璃也叫宏远") == ("宏远玻璃", "宏远")
    assert LINKER.forms_of(nodes, "石桥镇") == ()


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from([*(name for _, name, _ in NAMES), *"街的？", "宏远", "山西"]), max_size=8))
def test_every_linked_node_is_written_in_the_text(pieces: list[str]) -> None:
    text = fold("".join(pieces))
    found = LINKER.link(text)
    assert len({node.id for node in found}) == len(found)
    assert all(LINKER.forms_of([node], text) for node in found)


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("锂源新材有什么项目", "青山锂源新材料股份有限公司"),
        ("锂源回收是做什么的", "青山锂源电池回收有限责任公司"),
        ("竹坪乡发展什么", "竹坪乡"),
        ("“一核两带三区”是什么", "一核两带三区"),
    ],
)
def test_names_of_a_real_graph(second: QuestionService, question: str, name: str) -> None:
    nodes = EntityLinker(second.knowledge).link(fold(question))
    assert name in [node.name.strip("“”") for node in nodes]
