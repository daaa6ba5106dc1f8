"""Concepts, quantified statements, and contradictions between them."""

from __future__ import annotations

import pytest

from kg.model import Graph, Relation
from kg.schema import Label, RelationType
from tests.unit.ingest.test_extract_registry import extract, graph_of, names


def members(graph: Graph, concept: str) -> list[str]:
    by_id = {entity.id: entity for entity in graph.entities}
    found = [
        r for r in graph.relations if r.type is RelationType.CONSISTS_OF and by_id[r.source].name == concept
    ]
    return [by_id[r.target].name for r in sorted(found, key=lambda r: int(str(r.properties["order"])))]


@pytest.mark.parametrize(
    ("sentence", "concept", "expected"),
    [
        ("实施产业创优、环境创建、管理创新、民生创享“四创战略”，举全县之力。", "四创战略",
         "产业创优 环境创建 管理创新 民生创享"),
        ("“畜、果、蔬、菌、药、蜂”六大特色农业产业稳步壮大。", "六大特色农业产业", "畜 果 蔬 菌 药 蜂"),
        ("围绕煤化工、装备制造、生物工程、新能源四大产业体系发展。", "四大产业体系",
         "煤化工 装备制造 生物工程 新能源"),
        ("打造由玄忠寺、天凝寺、圆铭寺、瓦窑、磁窑、明清商业街构建的“三寺两窑一街区”。", "三寺两窑一街区",
         "玄忠寺 天凝寺 圆铭寺 瓦窑 磁窑 明清商业街"),
        ("坚持“三个优先”原则，即生态保护优先、民生改善优先、实体经济优先。", "三个优先",
         "生态保护优先 民生改善优先 实体经济优先"),
        ("“两带”是指青荷先进制造产业带和环湖特色农业产业带。", "两带",
         "青荷先进制造产业带 环湖特色农业产业带"),
        ("严守“三区三线”（城镇空间、生态空间、农业空间，开发边界、基本农田、保护红线）。", "三区三线",
         "城镇空间 生态空间 农业空间 开发边界 基本农田 保护红线"),
        ("以“国培”“省培”“市培”“县培”“校本”五级培训为抓手。", "五级培训", "国培 省培 市培 县培 校本"),
        ("实行行政、人员、业务、药品、财务、绩效等“六统一”管理。", "六统一", "行政 人员 业务 药品 财务 绩效"),
        ("打造“手续最简、环境最优、效率最高”的 “三最”营商环境。", "三最", "手续最简 环境最优 效率最高"),
        ("引导形成“海陆一体，一城两港”（县城、南港及北港）的形态。", "一城两港", "县城 南港 北港"),
        ("重点针对印染所产生的废水、废气、废渣等三大印染产品进行利用。", "三大印染产品", "废水 废气 废渣"),
        ("创建了“云雾山”、“雁小荷”两个地域公用品牌。", "两个地域公用品牌", "云雾山 雁小荷"),
        ("以瓦窑、田家、坡下、蒲河四村联创美丽乡村为牵引。", "四村联创", "瓦窑 田家 坡下 蒲河"),
        ("具备感染性、损伤性及药物性全三类废物处置能力。", "三类废物处置能力", "感染性 损伤性 药物性"),
    ],
)  # fmt: skip
def test_a_named_set_has_the_members_that_the_text_lists(sentence: str, concept: str, expected: str) -> None:
    assert members(extract(sentence), concept) == expected.split()


def test_a_list_of_another_length_is_not_taken_for_the_set() -> None:
    assert members(extract("坚持改革、开放“四个自信”，不断前进。"), "四个自信") == []
    assert names(extract("坚持改革、开放“四个自信”，不断前进。"), Label.CONCEPT) == {"四个自信"}


def test_a_set_of_sets_consists_of_them() -> None:
    graph = extract("构建“一核两带”格局。“一核”是指甲山城区。“两带”是指东带和西带。")
    assert members(graph, "一核两带") == ["一核", "两带", "甲山城区", "东带", "西带"]
    assert members(graph, "一核") == ["甲山城区"]


def test_what_a_core_is_made_of_and_what_it_is_called() -> None:
    graph = extract(
        "构建“一核两湾”格局：“一核”是指以城关镇、港口镇为主体的滨海发展核，“两湾”是指东湾、西湾。"
    )
    core = next(e for e in graph.entities if e.label is Label.CONCEPT and e.name == "一核")
    assert core.aliases == ("滨海发展核",)
    assert members(graph, "一核") == ["城关镇", "港口镇"]
    assert members(graph, "一核两湾") == ["一核", "两湾", "城关镇", "港口镇", "东湾", "西湾"]


def test_members_that_are_counted_off_across_sentences_are_members() -> None:
    body = (
        "重点发展三大产品板块：一是精纺面料产品板块，主要发展毛呢；二是家用纺织品板块，发展床品。三是产业用布板块。"
    )
    graph = extract(body)
    assert members(graph, "三大产品板块") == ["精纺面料产品板块", "家用纺织品板块", "产业用布板块"]
    told = [r.evidence.quote for r in graph.relations if r.type is RelationType.CONSISTS_OF and r.evidence]
    assert told == ["一是精纺面料产品板块", "二是家用纺织品板块", "三是产业用布板块"]
    assert members(extract(body.replace("三是", "四是")), "三大产品板块") == []


def test_headings_of_a_section_are_the_set_whose_name_counts_them() -> None:
    names_ = ["滨海旅游区", "渔港经济区", "水产加工基地", "船舶修造基地", "冷链物流基地"]
    told = [f"打造{name}。加快建设，完善配套设施，提升服务水平。" for name in names_]
    body = "\n".join(["重点打造“两区三基地”。", *told])
    graph = extract(body)
    assert members(graph, "两区三基地") == names_
    fewer = extract(body.replace("打造冷链物流基地。", "打造冷链物流。"))
    assert members(fewer, "两区三基地") == []


def test_members_that_end_with_the_noun_of_the_name_are_told_apart_by_it() -> None:
    graph = extract(
        "建立“一档案两网络”，即渔民、船员家庭信息档案；渔民、船员家庭走访网络、困难渔民照护网络。加快推进。"
    )
    assert members(graph, "一档案两网络") == [
        "渔民、船员家庭信息档案", "渔民、船员家庭走访网络", "困难渔民照护网络",
    ]  # fmt: skip

def test_a_chain_keeps_the_order_of_its_links() -> None:
    graph = extract("围绕“煤炭—焦化—化产回收”的全资源耦合循环产业链，促进利用。")
    assert members(graph, "全资源耦合循环产业链") == ["煤炭", "焦化", "化产回收"]


def test_a_period_in_quotation_marks_is_no_concept() -> None:
    assert names(extract("“十三五”时期和“十四五”时期。"), Label.CONCEPT) == set()


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("力争到2025年，地区生产总值突破120亿元。", ("地区生产总值", ">", 120.0, "亿元", 2025)),
        ("到2025年，规模以上工业企业达到100家以上。", ("规模以上工业企业", "≥", 100.0, "家", 2025)),
        ("到2025年城镇调查失业率控制在5.5%以内。", ("城镇调查失业率", "≤", 5.5, "%", 2025)),
        ("到2025年空气质量优良天数比率不低于９０％。", ("空气质量优良天数比率", "≥", 90.0, "%", 2025)),
        ("到2025年新增市场主体1.5万个。", ("市场主体", "=", 1.5, "万个", 2025)),
        ("到2025年茶叶产量比2020年翻一番。", ("茶叶产量", "=", 2.0, "倍", 2025)),
        ("到2025年打造15个未来产业新产品。", ("未来产业新产品", "=", 15.0, "个", 2025)),
        ("到2025年总磷消减比例＞５％。", ("总磷消减比例", ">", 5.0, "%", 2025)),
        ("到2025年培育2-3个领军品牌。", ("领军品牌", "～", 2.0, "个", 2025)),
        ("到2025年农田灌溉水有效利用系数提高到0.57。", ("农田灌溉水有效利用系数", "=", 0.57, "", 2025)),
    ],
)
def test_a_quantified_goal_is_read(sentence: str, expected: tuple[str, str, float, str, int]) -> None:
    targets = [e for e in extract(sentence).entities if e.label is Label.TARGET]
    assert len(targets) == 1
    p = targets[0].properties
    assert (p["metric"], p["comparator"], p["value"], p["unit"], p["year"]) == expected
    assert p["tense"] == "goal"


def test_the_metric_is_carried_to_the_next_clause() -> None:
    graph = extract("到2025年，一般预算收入完成15亿元，年均增长18%以上。")
    metrics = [e.properties["metric"] for e in graph.entities if e.label is Label.TARGET]
    assert metrics == ["一般预算收入", "一般预算收入年均增速"]


def test_an_achieved_value_is_told_from_a_goal() -> None:
    graph = extract("“十三五”期间，五年培育高新技术企业18户。力争到2025年高新技术企业突破40户。")
    tenses = [e.properties["tense"] for e in graph.entities if e.label is Label.TARGET]
    assert tenses == ["achieved", "goal"]


@pytest.mark.parametrize(
    "sentence", ["具体如图3所示，见表2。", "架设10kV电力线供村使用。", "推进3岁以下婴幼儿照护。"]
)
def test_a_reference_a_voltage_or_an_age_is_no_statement(sentence: str) -> None:
    assert names(extract(sentence), Label.TARGET) == set()


def conflicts(graph: Graph) -> list[Relation]:
    return [r for r in graph.relations if r.type is RelationType.CONFLICTS_WITH]


def test_two_goals_for_one_metric_and_year_contradict() -> None:
    found = conflicts(extract("规模以上工业企业达到150户，到2025年。\n到2025年，规上企业达到100户。"))
    assert [(r.properties["kind"], r.evidence.quote if r.evidence else "") for r in found] == []
    found = conflicts(extract("到2025年，规模以上工业企业达到150户。\n力争到2025年，规上企业达到100户。"))
    assert [r.properties["kind"] for r in found] == ["value"]
    assert found[0].properties["other_quote"] == "规上企业达到100户"


@pytest.mark.parametrize(
    "body",
    [
        "到2025年转移就业总数达到2.8万人。\n到2025年转移就业总数达到28000人。",
        "到2025年新能源装机规模达到30万千瓦。\n到2025年新能源装机规模达到300MW。",
        "到2025年城镇化率达到62%。\n到2035年城镇化率达到70%。",
        "到2025年粮食综合生产能力稳定在13万吨以上。\n到2025年粮食综合生产能力达到13.5万吨。",
        "到2025年每年新增植树造林1.3万亩。\n到2025年累计新增植树造林6.5万亩。",
        "规模以上工业企业由41家增加到63家。",
    ],
)
def test_equal_or_compatible_values_do_not_contradict(body: str) -> None:
    assert conflicts(extract(body)) == []


def test_a_goal_contradicts_the_indicator_table() -> None:
    graph = graph_of(
        "甲山县第十四个五年规划纲要\n\n第一章 目标\n第一节 主要目标\n"
        "力争到2025年，常住人口城镇化率达到62%。\n\n表1  主要指标\n\n"
        "序号\t指标\t单位\t2020年\t2025年\t年均增速\t属性\n一、经济发展\n"
        "1\t地区生产总值\t亿元\t86.4\t121.2\t7%左右\t预期性\n2\t常住人口城镇化率\t%\t51.3\t60\t-\t预期性\n\n"
        "第二节 保障\n加强领导。\n"
    )
    assert [r.target.rpartition("/")[2] for r in conflicts(graph)] == ["常住人口城镇化率"]


def test_counts_of_one_whole_contradict() -> None:
    found = conflicts(extract("150个行政村集体经济全部破零。\n全县144个行政村全部通互联网。"))
    assert [r.properties["kind"] for r in found] == ["count"]


def test_homophones_of_a_town_are_linked_and_not_merged() -> None:
    graph = extract("在枫浴镇建设。完成丰浴镇防洪堤。支持竹埔乡发展。")
    assert {"枫浴镇", "丰浴镇"} <= names(graph, Label.TOWN)
    assert [r.properties["kind"] for r in conflicts(graph)] == ["name"]


def test_roads_that_differ_by_a_direction_are_two_roads() -> None:
    assert conflicts(extract("改造沙荷西街、沙荷东街，建设南环路、北环路。")) == []


def test_a_project_named_with_its_words_in_another_order_is_a_conflict_of_wording() -> None:
    graph = extract("加快环境智能综合服务管理平台等项目。", items=("环境综合智能管理服务平台",))
    assert [r.properties["kind"] for r in conflicts(graph)] == ["wording"]
