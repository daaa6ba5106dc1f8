"""Enterprises: which stretches of text are a firm's name, and which names are one firm."""

from __future__ import annotations

import pytest

from kg.model import Entity, Graph
from kg.schema import Label, RelationType
from tests.unit.ingest.test_extract_registry import extract, names, triples


def firm(graph: Graph, name: str) -> Entity:
    return next(e for e in graph.entities if e.label is Label.ENTERPRISE and e.name == name)


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("支持山西鸿远重工有限公司建设风机塔架项目。", {"山西鸿远重工有限公司"}),
        ("引进华澜电气股份有限公司，建设生产线。", {"华澜电气股份有限公司"}),
        ("由澜州交通建设集团总公司承建高速公路。", {"澜州交通建设集团总公司"}),
        ("推动金穗粮油与东湖农产品批发市场有限责任公司签订协议。", {"东湖农产品批发市场有限责任公司"}),
        ("依托锦泰稀土有限公司和田原永磁公司，做大做强永磁材料。", {"锦泰稀土有限公司", "田原永磁公司"}),
        ("鼓励石桥竹器厂扩大出口。", {"石桥竹器厂"}),
    ],
)
def test_a_legal_form_ends_a_name_and_a_trigger_begins_it(sentence: str, expected: set[str]) -> None:
    assert expected <= names(extract(sentence), Label.ENTERPRISE)


@pytest.mark.parametrize(
    "sentence",
    [
        "引入优质旅游服务公司，深度拓展市场。",
        "支持各类专业服务公司发展。",
        "县属国有企业由27户整合重组为6户集团公司。",
        "探索推行公司化经营，规范提升造林专业合作社。",
        "引导龙头企业通过基地建设为农户提供全程服务。",
        "鼓励煤焦、化工、材料、装备制造等优势行业企业建设工业互联网项目。",
    ],
)
def test_a_kind_of_firm_is_no_firm(sentence: str) -> None:
    assert names(extract(sentence), Label.ENTERPRISE) == set()


def test_a_list_of_leading_firms_names_each_of_them() -> None:
    graph = extract("依托鸿特煤化工、锦兰化工、沃锦等龙头企业，重点生产针状焦。")
    assert names(graph, Label.ENTERPRISE) == {"鸿特煤化工", "锦兰化工", "沃锦"}


def test_a_name_shares_the_suffix_of_the_one_listed_after_it() -> None:
    graph = extract("依托锐鑫、锐能耐火材料有限公司，发展新型耐火材料。")
    assert names(graph, Label.ENTERPRISE) == {"锐鑫", "锐能耐火材料有限公司"}


def test_the_firm_that_leads_an_industry_is_found_without_suffix() -> None:
    assert "利琥玻璃" in names(extract("支持以利琥玻璃为龙头的企业进军轨道交通。"), Label.ENTERPRISE)


def test_all_written_forms_of_a_firm_are_one_node_under_its_fullest_name() -> None:
    graph = extract(
        "依托利琥玻璃集团硅基新材料，发展特种玻璃。利琥集团太阳能玻璃项目投产。",
        items=("利琥年产200万套安全玻璃项目", "利琥镀膜玻璃生产线项目"),
    )
    assert names(graph, Label.ENTERPRISE) == {"利琥玻璃集团"}
    assert {"利琥集团", "利琥"} <= set(firm(graph, "利琥玻璃集团").aliases)


def test_the_beginning_of_a_name_is_no_alias_where_the_text_never_writes_it_alone() -> None:
    always = ("东槿肥业绿色新材料项目", "东槿肥业86万吨/年新材料项目")
    assert firm(extract("东槿肥业投产。", items=always), "东槿肥业").aliases == ()
    alone = extract("东槿肥业投产。", items=("东槿年产86万吨复合肥生产线项目",))
    assert firm(alone, "东槿肥业").aliases == ("东槿",)


def test_a_defined_short_name_is_an_alias_even_when_it_shares_no_stem() -> None:
    graph = extract("澜州钢铁集团总公司（以下简称“澜钢集团”）为骨干企业。澜钢集团投资建设数字化车间。")
    assert names(graph, Label.ENTERPRISE) == {"澜州钢铁集团总公司"}
    assert "澜钢集团" in firm(graph, "澜州钢铁集团总公司").aliases


def test_a_subsidiary_is_its_own_node_and_part_of_its_parent() -> None:
    graph = extract("利琥集团投产。推进利琥集团青曜技术玻璃有限公司总投资2.8亿元生产线项目。")
    assert ("利琥集团青曜技术玻璃有限公司", "PART_OF", "利琥集团") in triples(graph)


def test_a_firm_held_by_another_is_part_of_it() -> None:
    graph = extract("支持锂沅新材建设项目。由锂沅新材控股的澜州锂沅电池回收有限责任公司承建项目。")
    assert ("澜州锂沅电池回收有限责任公司", "PART_OF", "锂沅新材") in triples(graph)


def test_two_trades_under_one_stem_are_two_firms() -> None:
    graph = extract(
        "华欣集团投资22亿元年产180万吨焦化项目。华欣煤焦化、美琮煤化工等企业升级改造，"
        "华欣肥业、宏星化工等一批新化工项目陆续投产。"
    )
    assert "华欣煤焦化" in firm(graph, "华欣集团").aliases
    assert "华欣肥业" in names(graph, Label.ENTERPRISE)


@pytest.mark.parametrize(
    ("item", "owner"),
    [
        ("建桦年产180万米预应力混凝土管桩扩建项目", "建桦"),
        ("瑞赛珂焦化脱硫废液资源化利用项目", "瑞赛珂"),
        ("吕梁杭垟50000Nm³空分供气项目", "吕梁杭垟"),
    ],
)
def test_the_coined_word_that_opens_a_production_item_is_its_owner(item: str, owner: str) -> None:
    graph = extract("吕梁市位于西部，到吕梁市招商。", items=(item,))
    assert owner in names(graph, Label.ENTERPRISE)


@pytest.mark.parametrize(
    "item",
    [
        "浮法线技术升级改造项目", "锰合金粉末压制热处理技术的研发项目", "餐厨垃圾处理站建设工程",
        "虹鳟鱼养殖基地项目", "年屠宰16万头生猪建设项目", "庞泉沟景区标准化建设项目",
    ],
)  # fmt: skip
def test_an_item_that_opens_with_its_subject_has_no_owner(item: str) -> None:
    assert names(extract("概况。", items=(item,)), Label.ENTERPRISE) == set()


def test_a_short_name_inside_another_word_is_not_the_firm() -> None:
    graph = extract(
        "红星化工、金岚化工等一批新化工项目陆续投产。",
        items=("红星年产20万吨有机肥生产线", "小区配套幼儿园（红星幼儿园）"),
    )
    assert ("小区配套幼儿园（红星幼儿园）", "IMPLEMENTED_BY", "红星化工") not in triples(graph)
    assert ("红星年产20万吨有机肥生产线", "IMPLEMENTED_BY", "红星化工") in triples(graph)
    kindergarten = next(
        r for r in graph.relations if r.type is RelationType.MENTIONS and r.target.endswith("红星幼儿园")
    )
    assert kindergarten.evidence is not None and kindergarten.evidence.quote == "红星幼儿园"


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("支持瀚海渔业股份公司建设育苗基地，", "瀚海渔业股份公司"),
        ("推动碧涛水产有限责任公司扩大出口。", "碧涛水产有限责任公司"),
        ("依托锦霓丝绸集团有限公司，发展高档面料。", "锦霓丝绸集团有限公司"),
        ("支持瑞茧茧丝绸有限公司建设工厂化养蚕车间。", "瑞茧茧丝绸有限公司"),
        ("鼓励涛生船舶修造厂改造船坞。", "涛生船舶修造厂"),
        ("国营白汐盐场加快转型。", "国营白汐盐场"),
    ],
)
def test_trades_of_sea_and_silk_are_part_of_a_firms_name(sentence: str, expected: str) -> None:
    assert expected in names(extract(sentence), Label.ENTERPRISE)


def test_no_factorys_name_begins_with_a_companys() -> None:
    graph = extract("引进南沣果业股份公司建设热带水果加工厂，带动就业。")
    assert names(graph, Label.ENTERPRISE) == {"南沣果业股份公司"}


def test_two_full_names_of_one_stem_in_different_trades_are_two_firms() -> None:
    graph = extract(
        "锦霓丝绸集团有限公司（以下简称“锦霓丝绸”）年产白厂丝1200吨。"
        "由锦霓丝绸控股的锦霓家纺有限责任公司开发真丝家居产品。"
    )
    assert firm(graph, "锦霓丝绸集团有限公司").aliases == ("锦霓丝绸",)
    assert ("锦霓家纺有限责任公司", "PART_OF", "锦霓丝绸集团有限公司") in triples(graph)


def test_a_word_that_opens_a_firms_name_makes_no_firm_of_its_other_uses() -> None:
    graph = extract("由瀛州市滨海燃气有限公司铺设管道项目。全力打造临港产业集聚区、滨海旅游目的地。")
    assert not {"滨海旅游", "滨海"} & {
        form for e in graph.entities if e.label is Label.ENTERPRISE for form in (e.name, *e.aliases)
    }
