"""Contradictions by rule, each on an invented text, and beside it what only looks like one."""

from __future__ import annotations

import pytest

from kg.model import Graph
from kg.schema import RelationType
from tests.unit.ingest.test_extract_registry import document, extract, graph_of


def conflicts(graph: Graph, method: str) -> list[tuple[str, str, str]]:
    """(kind, quote, other quote) of the contradictions that a rule found."""
    return [
        (str(r.properties["kind"]), r.evidence.quote if r.evidence else "", str(r.properties["other_quote"]))
        for r in graph.relations
        if r.type is RelationType.CONFLICTS_WITH and r.method == method
    ]


def with_table(body: str, *rows: str) -> Graph:
    """A plan whose section has this text, and a table of indicators behind it."""
    return graph_of(
        "甲山县第十四个五年规划纲要\n\n第一章 目标\n第一节 主要目标\n"
        f"{body}\n\n表1  主要指标\n\n序号\t指标\t单位\t2020年\t2025年\t年均增长\t属性\n一、经济发展\n"
        + "\n".join(f"{i}\t{row}\t预期性" for i, row in enumerate(rows, 1))
        + "\n\n第二节 保障\n加强领导。\n"
    )


ROWS = ("常住人口城镇化率\t%\t51\t60\t-", "居民收入\t元\t20000\t30000\t8%")


@pytest.mark.parametrize(
    ("goal", "found"), [("到2025年，外贸企业达到60家", 1), ("到2025年，外贸企业达到95家", 0)]
)
def test_base_and_net_growth_must_end_at_the_goal(goal: str, found: int) -> None:
    body = f"净增外贸企业60家，鼓励出海。\n{goal}。"
    graph = with_table(body, *ROWS, "外贸企业\t家\t35\t>60\t-")
    assert len(conflicts(graph, "base_and_growth")) == found


def test_a_figure_for_what_the_table_leaves_open_is_a_conflict() -> None:
    body = "到2025年，旅游总收入达到50亿元。到2025年，渔业总产值年均增长9%。到2025年，服装产值达到80亿元。"
    graph = with_table(
        body, *ROWS, "旅游总收入\t亿元\t20\t力争达到全市平均水平\t-",
        "渔业总产值\t亿元\t11\t-\t各年度视情提出", "服装产值\t亿元\t40\t完成市里下达的目标\t-",
    )  # fmt: skip
    assert [quote for _, quote, _ in conflicts(graph, "figure_and_none")] == [
        "旅游总收入达到50亿元", "渔业总产值年均增长9%",
    ]  # fmt: skip


def test_five_years_are_not_less_than_one_of_them() -> None:
    before = "“十三五”期间，累计完成造林面积2.1万亩。"
    graph = extract(f"{before}\n2019年全年完成造林3.4万亩。")
    assert conflicts(graph, "total_and_part") == [
        ("value", "累计完成造林面积2.1万亩", "2019年全年完成造林3.4万亩")
    ]
    assert conflicts(extract(f"{before}\n2019年全年完成造林0.4万亩。"), "total_and_part") == []


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("共建设58个渔业村码头", 1),
        ("建设12个渔业村码头", 0),
        ("全省支持580个渔业村建码头", 0),
    ],
)
def test_a_part_is_not_more_than_the_whole(said: str, found: int) -> None:
    text = document(f"41个行政村全部通班车。\n{said}。".replace("渔业村", "行政村"))
    assert len(conflicts(graph_of(text), "part_above_whole")) == found


def test_a_sentence_repeated_with_a_hedge_is_a_conflict_of_wording() -> None:
    first = "城区渔港改造全面完成，游客满意度达到全省平均水平。"
    second = "城区渔港改造全面完成，游客满意度力争达到全省平均水平。"
    assert conflicts(extract(f"{first}\n{second}"), "repeated_with_hedge") == []  # one passage
    text = document(first) + "第二章 民生\n第一节 旅游\n" + second + "\n"
    assert conflicts(graph_of(text), "repeated_with_hedge") == [
        ("wording", "游客满意度达到全省平均水平", "游客满意度力争达到全省平均水平")
    ]


@pytest.mark.parametrize(
    "other",
    [
        "城区渔港改造全面完成，游客满意度达到全省平均水平。",
        "城区渔港改造全面完成，游客满意度达到全市领先水平。",
        "城区渔港改造力争完成。",
    ],
)
def test_sentences_that_are_equal_or_differ_in_more_are_none(other: str) -> None:
    text = document("城区渔港改造全面完成，游客满意度达到全省平均水平。")
    text += f"第二章 民生\n第一节 旅游\n{other}\n"
    assert conflicts(graph_of(text), "repeated_with_hedge") == []


def test_a_hedge_in_a_review_or_for_a_later_year_is_none() -> None:
    for title in ("“十三五”发展成就", "2035年远景目标"):
        text = document("城区渔港改造全面完成，游客满意度达到全省平均水平。")
        text += f"第二章 {title}\n第一节 概况\n城区渔港改造基本完成，游客满意度达到全省平均水平。\n"
        assert conflicts(graph_of(text.replace("改造全面完成", "改造完成")), "repeated_with_hedge") == []


def test_two_lists_under_one_counted_name_are_a_conflict_of_wording() -> None:
    graph = extract("发展“鱼、虾、蟹、贝、藻”五大产业。\n“鱼、虾、蟹、贝、参”五大特色海洋产业稳步壮大。")
    assert conflicts(graph, "set_members") == [
        ("wording", "“鱼、虾、蟹、贝、藻”五大产业", "“鱼、虾、蟹、贝、参”五大特色海洋产业")
    ]
    graph = extract("发展“鱼、虾、蟹”三大产业。\n“棉、麻、丝”三大传统产业升级。")
    assert conflicts(graph, "set_members") == []


def test_water_cannot_have_left_a_class_in_which_it_is() -> None:
    text = document("推动水质底线从目前的劣Ⅴ类断面提升到Ⅴ类断面。")
    text += "第二章 发展成就\n第一节 生态\n主要河流断面水质退出劣五类。\n"
    text += "第三章 生态目标\n第一节 目标\n断面水质稳定在优良水平。\n"
    assert sorted(conflicts(graph_of(text), "water_class")) == [
        ("baseline", "从目前的劣Ⅴ类", "主要河流断面水质退出劣五类"),
        ("value", "提升到Ⅴ类", "断面水质稳定在优良"),
    ]
    share = document("到2025年，断面达到Ⅲ类水体比例达到75%。") + "第二章 目标\n断面水质稳定在优良水平。\n"
    assert conflicts(graph_of(share), "water_class") == []


def test_a_unit_of_voltage_for_what_generates_power_is_a_slip() -> None:
    graph = extract("利用国瑾2×350MW余热供暖。", items=("恒能2×350MV发电项目", "河东110kV变电项目"))
    assert conflicts(graph, "unit_of_another_quantity") == [("unit", "2×350MV", "2×350MW")]
    graph = extract("利用国瑾2×350MW余热供暖。", items=("恒能2×350MW发电项目", "新增2×40MVA变电项目"))
    assert conflicts(graph, "unit_of_another_quantity") == []


def test_a_project_of_a_list_that_the_box_writes_otherwise_is_a_name_conflict() -> None:
    box = ("滨海幼儿园建设项目", "渔港小学项目", "城南中心敬老院（原粮库）项目")
    graph = extract("新建滨海幼儿园、渔港小学、城南中心养老院、东湾码头。", items=box)
    assert conflicts(graph, "listed_name") == [("name", "城南中心敬老院", "城南中心养老院")]
    graph = extract("新建滨海幼儿园、渔港小学、城南中心敬老院、城南中心养老院。", items=box)
    assert conflicts(graph, "listed_name") == []
    assert conflicts(extract("新建城南中心养老院、东湾码头、西湾码头。", items=box), "listed_name") == []


def test_a_word_put_into_a_projects_name_is_a_name_conflict() -> None:
    item = "甲山高新园中北部数据中心项目"
    graph = extract("中海北部数据中心封顶。", items=(item,))
    assert conflicts(graph, "same_name") == [("name", "中北部数据中心", "中海北部数据中心")]
    assert conflicts(extract("甲山高新园中北部数据中心封顶。", items=(item,)), "same_name") == []


def test_products_that_sound_alike_but_for_one_character_are_a_name_conflict() -> None:
    graph = extract(
        "依托恒锦纺织有限公司、恒锦纺织集团，重点生产高密仿真面料、毛呢等产品。推广高密防真面料。"
    )
    assert conflicts(graph, "product_name") == [("name", "高密仿真面料", "高密防真面料")]
    graph = extract(
        "依托恒锦纺织有限公司、恒锦纺织集团，重点生产高密仿真面料、毛呢等产品。推广高密丝真面料。"
    )
    assert conflicts(graph, "product_name") == []


def test_an_abbreviation_that_may_mean_another_office_is_a_name_conflict() -> None:
    graph = extract(
        "山大一院甲山分院封顶。山医大一院甲山分院投用。", items=("山东医科大学第一医院甲山分院项目",)
    )
    assert conflicts(graph, "abbreviation") == [("name", "山大一院甲山分院", "山医大一院甲山分院")]


@pytest.mark.parametrize(("count", "found"), [("3", 1), ("2", 0)])
def test_the_text_must_count_what_the_box_lists(count: str, found: int) -> None:
    graph = extract(f"专栏1-1所列{count}个项目由县政府统筹调度。", ("甲山水库工程", "乙水河治理工程"))
    assert len(conflicts(graph, "box_and_text")) == found
