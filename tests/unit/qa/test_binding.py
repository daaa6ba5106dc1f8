"""What is asked belongs to the thing it is asked of, and not to its neighbour."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from kg.model import BlockKind, Passage
from kg.tokens import fold
from qa.answerers.base import Inquiry
from qa.binding import asks_name, binds, parts_of, told_by_unit, whether
from qa.evidence import has_type
from qa.knowledge import Sentence
from qa.question import AnswerType, Question
from qa.service import QuestionService

Ask = Callable[[str], Inquiry]


@pytest.fixture(scope="module")
def ask(second: QuestionService) -> Ask:
    def inquiry(text: str) -> Inquiry:
        linker, folded = second.linker, fold(text)
        entities = linker.link(folded)
        question = second.knowledge.understand(text, linker.names_in(entities, folded))
        return Inquiry(question, second.knowledge, entities, linker)

    return inquiry


def sentence(
    text: str, *, before: str = "", heading: str = "", kind: BlockKind = BlockKind.PARAGRAPH
) -> Sentence:
    passage = Passage("p", "plan", 0, len(text), text, kind, "parent", "第一章", (heading,))
    return Sentence("plan", 0, len(text), text, fold(text), fold(heading), fold(before), passage)


# -- parts


def test_clauses_and_members_of_lists_are_parts_and_numbers_and_brackets_stay_whole() -> None:
    parts = parts_of(fold("推进甲电站、乙（丙、丁）项目，投资1,200万元"))
    assert [part.text for part in parts] == ["推进甲电站", "乙(丙、丁)项目", "投资1,200万元"]
    assert [part.listed for part in parts] == [True, True, False]


def test_two_projects_joined_by_and_are_two_parts() -> None:
    assert len(parts_of("推进甲电站和乙风电项目")) == 2
    assert len(parts_of("发展煤炭和电力")) == 1


# -- amounts


@pytest.mark.parametrize(
    ("question", "text", "belongs"),
    [
        # another member of the list has it
        ("竹坪抽水蓄能电站装机容量多大", "重点推进竹坪抽水蓄能电站、松岭300MW风力发电等项目。", False),
        ("松岭风力发电项目装机多大", "重点推进竹坪抽水蓄能电站、松岭300MW风力发电等项目。", True),
        # a sum of all
        ("竹炭项目年产多少吨", "重点生产竹炭、竹单板、竹家居等产品，形成年产100万吨新材料能力。", False),
        ("竹炭项目年产多少吨", "建设竹炭项目，年产100万吨。", True),
        # firms beside each other
        ("恒岳机械投资多少亿元", "推进锂源新材投资25亿元的技改、恒岳机械120万吨改造项目。", False),
        ("锂源新材投资多少亿元", "推进锂源新材投资25亿元的技改、恒岳机械120万吨改造项目。", True),
        ("石桥竹器厂投资多少亿元", "推进锂源新材投资25亿元的技改。", False),
        # what comes only later
        ("污水处理厂二期总投资多少", "总投资14亿元的15项重点工程全部开工，污水处理厂二期主体完工。", False),
        # each in its order, or a share of each member
        ("消费占比多少", "投资、消费、出口占比分别达到58%、30%、12%。", True),
        ("绿地占比多少", "绿地、林地等用地占比不低于30%。", True),
    ],
)
def test_an_amount_is_that_of_its_part(ask: Ask, question: str, text: str, belongs: bool) -> None:
    assert binds(sentence(text), ask(question)) is belongs


def test_a_bare_clause_goes_on_about_the_thing_before(ask: Ask) -> None:
    assert binds(sentence("建设污水处理厂，总投资3亿元。"), ask("污水处理厂总投资多少"))


def test_what_goes_on_about_the_sentence_before_has_no_thing_of_its_own(ask: Ask) -> None:
    before = "福利养护院列入示范项目。"
    inquiry = ask("福利养护院总投资多少")
    assert not binds(sentence("PPP项目总投资达17亿元。", before=before), inquiry)
    assert binds(sentence("总投资达17亿元。", before=before), inquiry)


def test_items_of_a_box_do_not_speak_for_each_other(ask: Ask) -> None:
    inquiry = ask("绿禾农业的食用菌项目投资多少万元")
    before = "食用菌工厂化栽培项目，由绿禾农业投资建设。"
    other = "瑞丰生猪养殖项目，总投资1.1亿元。"
    assert not binds(sentence(other, before=before, kind=BlockKind.BOX_ITEM), inquiry)


def test_rows_are_read_by_their_columns(ask: Ask) -> None:
    row = sentence("甲项目，乙公司，126000", kind=BlockKind.TABLE_CELL)
    assert binds(row, ask("锂源新材的甲项目总投资多少"))


# -- years, names, places, reasons


@pytest.mark.parametrize(
    ("question", "text", "belongs"),
    [
        ("污水处理厂什么时候开工", "污水处理厂2025年建成通水。", False),
        ("污水处理厂什么时候建成", "污水处理厂2025年建成通水。", True),
        ("污水处理厂什么时候改造", "2018年11月，实施了污水处理厂超低排放改造工程。", True),
        ("引进的外资是哪家公司出的", "恒岳机械引进外资成立了青河生物科技有限公司。", True),
        ("恒岳机械引进的外资是哪家公司出的", "恒岳机械引进外资成立了青河生物科技有限公司。", False),
        ("恒岳机械引进外资成立了什么公司", "恒岳机械引进外资成立了青河生物科技有限公司。", True),
        ("物流园由哪家公司投资", "建设物流园，扶持货物运输企业。", False),
        ("物流园由哪家公司投资", "由通达物流投资建设物流园。", True),
        ("产学研合作是和哪所大学签的", "与澜州大学签订协议。", True),
        ("产学研合作是和哪所大学签的", "签订协议。", False),
        ("气象站建在哪个镇", "建设国家气象站。", False),
        ("气象站建在哪个镇", "在白鹭镇建设国家气象站。", True),
        ("气象站建在哪里", "建设国家气象站。", False),
        ("气象站建在哪里", "国家气象站选址青河沿岸。", True),
        ("县委书记是谁", "强化党委书记第一责任人责任。", False),
        ("谁的批示肯定了治水", "治水得到国务院副总理汪洋同志肯定。", True),
        ("白鹭镇为什么建示范园", "在白鹭镇引导发展农业，建设示范园。", False),
        ("白鹭镇为什么建示范园", "由于土地肥沃，在白鹭镇建设示范园。", True),
        ("白鹭湖有地下停车场吗", "规划公共停车场，利用地下空间。", False),
        ("白鹭湖有停车场吗", "在白鹭湖建设停车场。", True),
        ("白鹭湖有没有缆车", "白鹭湖建成国家湿地公园。", False),
    ],
)
def test_a_sentence_gives_what_is_asked(ask: Ask, question: str, text: str, belongs: bool) -> None:
    assert binds(sentence(text), ask(question)) is belongs


def test_what_is_asked_by_name_or_by_yes_and_no(ask: Ask) -> None:
    assert asks_name(ask("白鹭湖由谁建设")) and asks_name(ask("白鹭湖在哪个镇"))
    assert not asks_name(ask("白鹭湖有什么项目，谁来养"))
    assert [term.text for term in whether(ask("白鹭湖有没有缆车"))] == ["缆车"]
    assert whether(ask("白鹭湖是湖吗？有没有缆车？")) == ()


# -- units and kinds of values


def test_a_unit_that_measures_one_thing_stands_for_its_word(ask: Ask) -> None:
    assert told_by_unit("装机容量", ask("竹坪抽水蓄能电站装机容量多大"))
    assert not told_by_unit("投资", ask("竹坪抽水蓄能电站投资多少"))  # not all money is invested


@pytest.mark.parametrize(
    ("question", "text", "typed"),
    [
        ("项目规模多大", "推进600MW太阳能项目。", True),
        ("生产线是多少兆瓦的", "建设50MWCIGS生产线。", True),
        ("每天能处理多少立方米", "新建15000m³/d工程。", True),
        ("投入在全省排第几", "投入增长12%。", False),
        ("投入在全省排第几", "投入位居全省第六。", True),
        ("出版的是哪一年的县志", "点校清代光绪八年县志。", True),
    ],
)
def test_what_counts_as_a_value(
    ask: Ask, question: str, text: str, typed: bool
) -> None:
    assert has_type(fold(text), ask(question).question) is typed


def test_what_is_measured_at_the_end_of_a_question_asks_for_its_amount(ask: Ask) -> None:
    assert ask("松岭公路的长度").question.answer_type is AnswerType.AMOUNT
    assert ask("产能集中在哪类企业").question.answer_type is AnswerType.ANY
    assert ask("如何增加收入").question.answer_type is AnswerType.ANY


def test_a_list_of_amounts_is_not_judged_by_one(ask: Ask) -> None:
    inquiry = ask("恒岳机械投资多少亿元")
    question: Question = replace(inquiry.question, wants_list=True)
    listing = Inquiry(question, inquiry.knowledge, inquiry.entities, inquiry.linker)
    assert binds(sentence("锂源新材投资25亿元。"), listing)


# -- the whole way


@pytest.mark.parametrize(
    "question",
    [
        "澜青高速公路青山段设计时速是多少公里", "储能电池模组生产线项目的负责人是谁", "白鹭湖面积多大",
        "石桥镇中心卫生院迁建项目有多少张床位", "绿禾农业的食用菌项目投资多少万元",
        "云峰乡高山康养小镇由哪家公司投资",
    ],
)
def test_an_attribute_that_the_plan_does_not_give_is_refused(second: QuestionService, question: str) -> None:
    assert second.ask(question).refused


@pytest.mark.parametrize(
    ("question", "fact"),
    [
        ("澜青高速公路青山段全长多少公里", "46.3"), ("青河大桥改建工程由谁承建", "青山城市建设投资"),
        ("储能电池模组生产线项目总投资多少万元", "82000"), ("老龙湾村归哪个镇管", "枫溪镇"),
        ("县人民医院传染病区改扩建工程增加多少床位", "150"), ("竹坪抽水蓄能电站装机多大", "120万千瓦"),
    ],
)
def test_its_twin_is_answered(second: QuestionService, question: str, fact: str) -> None:
    answer = second.ask(question)
    assert not answer.refused
    assert fact in answer.answer
