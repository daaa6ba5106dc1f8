"""Project attributes, and what firms and towns do."""

from __future__ import annotations

import pytest

from kg.model import Graph, PropertyValue
from kg.schema import Label, RelationType
from tests.unit.ingest.test_extract_registry import extract, graph_of, triples


def project(graph: Graph, number: int) -> dict[str, PropertyValue]:
    return next(
        dict(e.properties)
        for e in graph.entities
        if e.label is Label.PROJECT and e.properties["number"] == number
    )


@pytest.mark.parametrize(
    ("item", "capacity"),
    [
        ("利琥年产20万吨有机肥生产线", "年产20万吨"),
        ("太嶽30万千瓦分散式风电项目", "30万千瓦"),
        ("国瑾2×300MW发电项目", "2×300MW"),
        ("东槿肥业86万吨/年绿色新材料项目", "86万吨/年"),
        ("新建15000m³/d高盐废水治理工程项目", "15000m³/d"),
    ],
)
def test_the_capacity_is_kept_as_printed(item: str, capacity: str) -> None:
    assert project(extract("概况。", items=(item,)), 1)["capacity"] == capacity


@pytest.mark.parametrize(
    ("item", "name"),
    [
        ("河东湿地公园提质工程，总投资3.6亿元，由河东文旅集团投资建设", "河东湿地公园提质工程"),
        ("渔港经济区二期，位于南澳镇；总投资5.2亿元", "渔港经济区二期"),
        ("农产品冷链中心，库容3万吨", "农产品冷链中心"),
        ("县医院改扩建工程,新增床位约150张", "县医院改扩建工程"),
        ("防波堤工程，长6.5公里，建设期2021—2023年", "防波堤工程"),
        ("年产2万吨精纺纱，5万件针织衫生产线项目", "年产2万吨精纺纱，5万件针织衫生产线项目"),
        ("新型面料、毛呢，军用布以及家纺等特种纺织品生产线项目",) * 2,
        ("由澜州职业学院运营的公共实训基地",) * 2,
    ],
)
def test_a_project_is_named_without_the_clauses_of_detail(item: str, name: str) -> None:
    graph = extract("概况。", items=(item,))
    found = next(e for e in graph.entities if e.label is Label.PROJECT)
    assert found.name == name
    assert item in (found.name, *found.aliases)
    listed = next(r for r in graph.relations if r.type is RelationType.LISTS)
    assert listed.evidence is not None and listed.evidence.quote == item


def test_a_floor_area_is_no_capacity() -> None:
    assert "capacity" not in project(extract("概况。", items=("智慧物流园，占地260亩",)), 1)


@pytest.mark.parametrize(
    ("item", "yi_yuan"),
    [("湿地公园提质工程，总投资3.6亿元", 3.6), ("水库除险加固工程，总投资8600万元", 0.86)],
)
def test_investment_is_a_number_of_hundred_million_yuan(item: str, yi_yuan: float) -> None:
    assert project(extract("概况。", items=(item,)), 1)["investment_yi_yuan"] == pytest.approx(yi_yuan)


def test_the_text_tells_the_investment_of_the_item_with_same_owner_and_capacity() -> None:
    graph = extract(
        "重点推进华欣集团投资22亿元年产180万吨焦化及化工新材料项目一期工程、美琮集团投资25亿元年产180万吨焦化升级改造项目。",
        items=("华欣年产180万吨焦化及新材料项目", "美琮年产180万吨焦化技改项目", "美琮焦炉煤气制氢项目"),
    )
    assert [project(graph, n).get("investment_yi_yuan") for n in (1, 2, 3)] == [22.0, 25.0, None]
    assert project(graph, 1)["investment_quote"] == "华欣集团投资22亿元"


def test_owner_place_and_figures_come_from_the_columns_of_a_table_box() -> None:
    rows = (
        "项目名称 | 建设单位 | 建设地点 | 总投资（万元） | 建设年限\n"
        "采茶机项目 | 甲山县恒越机械有限责任公司 | 河东镇 | 15600 | 2021—2022年\n"
        "公路升级工程 | 县交通运输局 | 河东镇、云岭乡 | 24300 | 2022—2024年"
    )
    graph = graph_of(
        "甲山县第十四个五年规划纲要\n\n第一章 发展\n第一节 产业\n概况。\n\n"
        f"专栏1  重点工业项目\n{rows}\n\n第二节 保障\n加强领导。\n"
    )
    found = triples(graph)
    assert ("采茶机项目", "IMPLEMENTED_BY", "甲山县恒越机械有限责任公司") in found
    assert ("公路升级工程", "IMPLEMENTED_BY", "县交通运输局") in found
    assert {("公路升级工程", "LOCATED_IN", "河东镇"), ("公路升级工程", "LOCATED_IN", "云岭乡")} <= found
    assert project(graph, 2)["investment_yi_yuan"] == pytest.approx(2.43)
    assert project(graph, 1)["period"] == "2021—2022年"


def test_the_school_that_is_built_is_not_who_builds_it() -> None:
    graph = extract("概况。", items=("城西小学建设项目", "县中医院康复楼，由甲山城建投资有限公司承建"))
    owners = {t for t in triples(graph) if t[1] == "IMPLEMENTED_BY"}
    assert {o for _, _, o in owners} == {"甲山城建投资有限公司"}


@pytest.mark.parametrize(
    ("item", "owners"),
    [
        ("甲山县中医医院区域检验中心建设项目", {"甲山县中医医院"}),
        ("甲山县人民医院、甲山县中医医院门诊楼装修工程项目", {"甲山县人民医院", "甲山县中医医院"}),
        ("疾病预防控制中心微生物实验楼项目", {"疾病预防控制中心"}),
        ("甲山县人民医院传染病区改扩建工程", set()),
        ("甲山县第一中学新校区，位于河东镇", set()),
        ("甲山县中医医院整体迁建项目", set()),
    ],
)
def test_an_office_that_opens_an_item_about_something_else_is_its_owner(item: str, owners: set[str]) -> None:
    assert {t for _, r, t in triples(extract("概况。", items=(item,))) if r == "IMPLEMENTED_BY"} == owners


def test_a_trade_that_opens_an_item_is_the_firm_to_which_the_text_gives_the_project() -> None:
    item = "陶瓷利用煤矸石制取发泡保温板项目"
    graph = extract("恒泰陶瓷公司发泡保温板项目投产，支持恒泰陶瓷公司做大。", items=(item,))
    assert (item, "IMPLEMENTED_BY", "恒泰陶瓷公司") in triples(graph)
    relation = next(r for r in graph.relations if r.type is RelationType.IMPLEMENTED_BY)
    assert relation.evidence is not None and relation.evidence.quote == "恒泰陶瓷公司发泡保温板项目"


@pytest.mark.parametrize(
    "body",
    [
        "支持恒泰陶瓷公司做大做强。",
        "恒泰陶瓷公司、远峰陶瓷公司发泡保温板项目投产。",
        "推广发泡保温板，支持恒泰陶瓷公司做大。",
    ],
)
def test_a_trade_is_no_firm_where_the_text_does_not_say_which(body: str) -> None:
    graph = extract(body, items=("陶瓷利用煤矸石制取发泡保温板项目",))
    assert not [r for r in graph.relations if r.type is RelationType.IMPLEMENTED_BY]


@pytest.mark.parametrize(
    ("item", "box", "industry"),
    [
        ("利琥LOW-E镀膜玻璃生产线项目", "新装备项目", "玻璃与硅基新材料"),
        ("废旧动力电池梯次利用项目", "工业项目", "锂电材料"),
        ("鼎晟陶瓷厂窑炉清洁能源替代项目", "改造项目", "陶瓷"),
        ("永宁路拓宽改造工程", "县城交通项目", "交通"),
        ("白漳河改造工程", "生态保护修复项目", "生态修复"),
        ("山泉饮品项目", "工业项目", "农产品加工业"),
        ("竹材料检验检测中心", "科技创新平台项目", "竹产业"),
        ("陶瓷研究院甲山分院", "科技创新平台项目", "陶瓷"),
        ("甲山县科技企业孵化器二期", "重点项目", "科技服务业"),
    ],
)
def test_the_industry_follows_own_words_owner_and_box(item: str, box: str, industry: str) -> None:
    assert (item, "BELONGS_TO", industry) in triples(extract("概况。", items=(item,), box=box))


def test_what_is_made_is_a_product_and_what_is_worked_on_is_not() -> None:
    graph = extract(
        "概况。", items=("锦兰年产20万吨腐殖酸钾复合肥生产线项目", "金穗粮油年加工10万吨稻谷生产线项目")
    )
    assert {t for _, r, t in triples(graph) if r == "PRODUCES"} == {"腐殖酸钾复合肥"}


def test_firms_of_a_clause_make_what_it_lists() -> None:
    graph = extract(
        "依托鸿特煤化工、锦兰化工等龙头企业碳基新材料，重点生产煤系针状焦、炭黑等产品；依托义旺铁合金公司，重点发展金属锰。"
    )
    made = {t for t in triples(graph) if t[1] == "PRODUCES"}
    assert made == {
        ("鸿特煤化工", "PRODUCES", "煤系针状焦"), ("鸿特煤化工", "PRODUCES", "炭黑"),
        ("锦兰化工", "PRODUCES", "煤系针状焦"), ("锦兰化工", "PRODUCES", "炭黑"),
        ("义旺铁合金公司", "PRODUCES", "金属锰"),
    }  # fmt: skip
    assert ("锦兰化工", "BELONGS_TO", "碳基新材料") in triples(graph)


@pytest.mark.parametrize(
    ("sentence", "pair"),
    [
        ("推动恒越机械有限公司与澜洲大学签订产学研合作协议。", ("恒越机械有限公司", "澜洲大学")),
        ("澜洲大学与恒越机械有限公司签订校企合作协议。", ("恒越机械有限公司", "澜洲大学")),
        ("以锂沅新材为主体，联合澜洲大学建设中心。以锂沅新材为链主。", ("锂沅新材", "澜洲大学")),
        ("支持云霁茶叶有限公司建设车间，与澜洲大学签订良种选育协议。", ("云霁茶叶有限公司", "澜洲大学")),
    ],
)
def test_an_agreement_joins_a_firm_with_its_partner(sentence: str, pair: tuple[str, str]) -> None:
    assert (pair[0], "COOPERATES_WITH", pair[1]) in triples(extract(sentence))


def test_firms_in_one_sentence_without_agreement_do_not_cooperate() -> None:
    graph = extract("支持恒越机械有限公司、澜洲大学参加评选。恒越机械有限公司位于澜洲大学附近。")
    assert not [r for r in graph.relations if r.type is RelationType.COOPERATES_WITH]


def test_towns_develop_what_their_sentence_or_heading_says() -> None:
    graph = extract(
        "（五）竹埔乡。建设示范乡，重点发展中药材和山泉饮品。\n西舍镇围绕生态建设，大力发展白皮松、油松等绿化苗木。"
    )
    assert {t for t in triples(graph) if t[1] == "DEVELOPS"} == {
        ("竹埔乡", "DEVELOPS", "中药材"), ("竹埔乡", "DEVELOPS", "山泉饮品"),
        ("西舍镇", "DEVELOPS", "白皮松"), ("西舍镇", "DEVELOPS", "油松"),
    }  # fmt: skip


def test_a_table_of_projects_in_an_appendix_is_a_box() -> None:
    text = "\n".join((
        "甲山县“十四五”规划", "一、发展基础", "全县经济稳步增长。", "二、主要任务", "推动项目落地。",
        "附件2：重点项目表", "序号\t项目名称\t建设单位\t总投资（万元）",
        "1\t联检楼改扩建项目\t县商务局\t28000", "2\t水果加工厂\t南沣果业有限责任公司\t22000",
        "合计\t\t\t50000",
    ))  # fmt: skip
    graph = graph_of(text)
    (box,) = [e for e in graph.entities if e.label is Label.BOX]
    assert (box.name, box.properties["number"]) == ("附件2 重点项目表", "附件2")
    assert {(a, b) for a, type, b in triples(graph) if type == "IMPLEMENTED_BY"} == {
        ("联检楼改扩建项目", "县商务局"),
        ("水果加工厂", "南沣果业有限责任公司"),
    }


def test_a_table_of_indicators_is_no_table_of_projects() -> None:
    text = "\n".join((
        "甲山县“十四五”规划", "一、发展基础", "全县经济稳步增长。", "二、主要目标", "表1 主要目标",
        "项目\t责任单位\t2020年\t2025年", "公路里程（公里）\t县交通运输局\t100\t120",
    ))  # fmt: skip
    graph = graph_of(text)
    assert not [e for e in graph.entities if e.label in (Label.BOX, Label.PROJECT)]
    assert [e.name for e in graph.entities if e.label is Label.INDICATOR] == ["公路里程"]


def belongs(body: str) -> set[tuple[str, str]]:
    return {(a, b) for a, type, b in triples(extract(body)) if type == "BELONGS_TO"}


def test_what_follows_a_firm_in_a_list_of_works_says_its_trade() -> None:
    body = "鸿特煤化工有限公司焦炉煤气综合利用、锦兰化工有限公司酚醛树脂等项目陆续投产。"
    found = belongs(body)
    assert ("鸿特煤化工有限公司", "煤化工") in found
    assert ("锦兰化工有限公司", "精细化工") in found


def test_what_a_list_of_firms_is_called_says_their_trade() -> None:
    found = belongs("培育了嘉穗有限公司、丰禾有限公司等一批省市级农业龙头企业。")
    assert {("嘉穗有限公司", "农业"), ("丰禾有限公司", "农业")} <= found


def test_products_go_on_behind_one_that_is_called_so() -> None:
    body = "依托鸿特煤化工有限公司，重点生产针状焦、精细化工产品、煤基碳纤维等产品。"
    made = {(a, b) for a, type, b in triples(extract(body)) if type == "PRODUCES"}
    assert ("鸿特煤化工有限公司", "煤基碳纤维") in made
