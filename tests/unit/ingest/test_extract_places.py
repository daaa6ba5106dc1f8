"""Towns, villages, places and organizations."""

from __future__ import annotations

import pytest

from kg.schema import Label
from tests.unit.ingest.test_extract_registry import extract, names, triples


def test_towns_are_found_by_their_suffix_and_listed_ones_with_them() -> None:
    graph = extract("对水浴贯镇、西舍镇等区域实施修复。指导洪祥乡开展试点。支持城南街道办事处建设。")
    assert names(graph, Label.TOWN) == {"水浴贯镇", "西舍镇", "洪祥乡", "城南街道办事处"}


@pytest.mark.parametrize(
    "sentence",
    [
        "推进新型城镇化和城乡融合，引导小学向乡镇以上集中。",
        "建设特色小镇，打造全国重镇，送戏下乡。",
        "促进人口向中心镇、集镇集中。",
    ],
)
def test_a_kind_of_town_is_no_town(sentence: str) -> None:
    assert names(extract(sentence), Label.TOWN) == set()


def test_the_name_without_suffix_is_an_alias_where_the_text_has_both() -> None:
    graph = extract("在西舍镇建设矿山。推进西舍历史遗留矿山修复。")
    town = next(e for e in graph.entities if e.label is Label.TOWN)
    assert (town.name, town.aliases) == ("西舍镇", ("西舍",))


def test_a_village_written_after_its_town_lies_in_it() -> None:
    graph = extract("在枫浴镇杨家坳村投资建设食用菌工厂化栽培项目。")
    assert ("杨家坳村", "LOCATED_IN", "枫浴镇") in triples(graph)


@pytest.mark.parametrize(
    "sentence",
    [
        "全面推进农村改革，150个行政村通互联网。",
        "深化村民自治，发展村集体经济。",
        "健全城乡社区治理，改造老旧社区。",
    ],
)
def test_a_kind_of_village_is_no_village(sentence: str) -> None:
    assert names(extract(sentence), Label.VILLAGE) == set()


def test_unknown_members_of_a_list_of_villages_are_villages() -> None:
    graph = extract("推进瓦窑、青村、杜家庄、梁家庄等地集中供热建设，改造青村、杜家庄管网。")
    assert {"瓦窑", "青村", "杜家庄", "梁家庄"} <= names(graph, Label.VILLAGE) | names(graph, Label.PLACE)


def test_rivers_roads_and_zones_are_places_and_common_words_are_not() -> None:
    graph = extract(
        "治理瓷窑河、瓦窑河，改造北环路，建设甲山经济开发区。绿水青山就是金山银山，统一思路，养护道路。"
    )
    assert names(graph, Label.PLACE) == {"瓷窑河", "瓦窑河", "北环路", "甲山经济开发区"}


def test_a_place_inside_a_longer_one_is_not_found_by_itself() -> None:
    assert names(extract("改造沙荷西街，建设龙珊大街。"), Label.PLACE) == {"沙荷西街", "龙珊大街"}


def test_the_site_between_region_and_voltage_is_a_place() -> None:
    graph = extract("概况。", items=("甲山县谷洞道110千伏输变电工程项目",))
    assert ("甲山县谷洞道110千伏输变电工程项目", "LOCATED_IN", "谷洞道") in triples(graph)


def test_organizations_are_found_by_kind() -> None:
    graph = extract(
        "与同济大学合作研发。由县发展和改革局牵头，报县人民代表大会批准。建设县人民医院传染病区，扩建城西小学。"
        "与澜洲市农业科学研究院（以下简称“市农科院”）签订协议。"
    )
    found = names(graph, Label.ORGANIZATION)
    assert {"同济大学", "县发展和改革局", "县人民医院", "城西小学", "澜洲市农业科学研究院"} <= found
    institute = next(e for e in graph.entities if e.name == "澜洲市农业科学研究院")
    assert "市农科院" in institute.aliases


@pytest.mark.parametrize(
    "sentence",
    ["建设普通高中和农村幼儿园，支持民办学校。", "鼓励各类银行放贷。", "县级医疗集团挂牌，社区卫生院改造。"],
)
def test_a_kind_of_organization_is_none(sentence: str) -> None:
    assert names(extract(sentence), Label.ORGANIZATION) == set()


def test_an_abbreviation_with_the_same_ending_is_an_alias() -> None:
    graph = extract("山大一院甲山分院封顶。", items=("山西医科大学第一医院甲山分院项目",))
    hospital = next(e for e in graph.entities if e.name == "山西医科大学第一医院甲山分院")
    assert "山大一院甲山分院" in hospital.aliases


def located(item: str, body: str = "概况。") -> set[str]:
    return {t for s, r, t in triples(extract(body, items=(item,))) if r == "LOCATED_IN" and s == item}


def test_a_river_and_the_reservoir_written_after_it_are_two_places() -> None:
    body = "治理沅溪河，加固龙潭水库。"
    assert located("沅溪河龙潭水库上游段河道治理工程", body) == {"沅溪河", "龙潭水库"}
    assert located("沅溪河水库除险加固工程", body) == {"沅溪河水库"}


def test_a_gully_in_a_rivers_basin_and_a_cliff_in_a_park_are_places() -> None:
    assert located("瓷滩河流域西沟水土保持综合治理工程") == {"瓷滩河", "西沟"}
    body = "提升云台山国家森林公园品质。"
    item = "云台山国家森林公园五座崖景区保护利用工程"
    assert located(item, body) == {"云台山国家森林公园", "五座崖景区"}


def test_a_kind_of_park_is_a_place_where_its_region_or_side_of_town_is_named() -> None:
    assert located("甲山智慧产业园标准厂房供电工程") == {"甲山智慧产业园"}
    assert located("城南扩容区供水管网工程") == {"城南扩容区"}
    assert located("智慧产业园标准厂房供电工程") == set()


def test_the_park_that_is_built_is_not_where_it_is_built() -> None:
    assert located("甲山智慧物流园，占地260亩") == set()
    assert located("甲山智慧物流园建设项目") == set()


def test_a_place_in_a_brands_name_is_not_the_place() -> None:
    assert located("珠河人家民宿打造项目", "保护珠河，治理珠河，珠河流域、珠河两岸绿化。") == set()


def test_a_school_named_after_a_street_or_village_stands_in_it() -> None:
    assert located("迎春路小学建设项目", "整治迎春路沿线风貌。") == {"迎春路"}
    assert located("扩建东汾营初中", "推进瓦窑、青村、杜家庄、东汾营等地集中供热。") == {"东汾营"}


def test_the_text_tells_where_an_item_without_place_is() -> None:
    item = "建筑垃圾消纳场工程"
    body = "在岭南乡石佛村大北沟规划建筑垃圾消纳场工程，完善设施。"
    assert located(item, body) == {"大北沟"}
    assert located(item, "岭南乡石佛村治理大北沟。全县推进建筑垃圾消纳场工程。") == set()
    assert located("河东乡" + item, body + "支持河东乡。") == {"河东乡"}


def test_a_whole_sentence_before_a_suffix_is_no_place() -> None:
    graph = extract("实现所有中心村都有公路相连，棚户区改造道路通车。")
    assert names(graph, Label.PLACE) == set()


@pytest.mark.parametrize("phrase", ["一湖两镇", "两镇三乡", "一城三镇", "一镇十村"])
def test_a_phrase_that_counts_places_names_none(phrase: str) -> None:
    graph = extract(f"围绕格局打造{phrase}，推动旅游发展。")
    assert names(graph, Label.TOWN) | names(graph, Label.VILLAGE) | names(graph, Label.PLACE) == set()


def test_a_towns_name_with_a_character_of_the_same_sound_is_a_town_too() -> None:
    graph = extract("支持打洛镇发展旅游。打落镇要发挥边境派出所作用。")
    assert names(graph, Label.TOWN) == {"打洛镇", "打落镇"}


def test_islands_bays_and_new_districts_are_places() -> None:
    graph = extract("在铁礁岛海域投放平台，整治月牙湾岸线，建设滨海新区，开工建设石门水库。")
    assert {"铁礁岛", "月牙湾", "滨海新区", "石门水库"} <= names(graph, Label.PLACE)


def test_kinds_of_fishing_villages_are_no_villages() -> None:
    assert names(extract("建设美丽渔村，保护古渔村，新建抵边新村。"), Label.VILLAGE) == set()
