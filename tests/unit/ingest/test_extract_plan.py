"""Known facts of the two plans, and recall and precision against our own reading of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kg.model import Entity, Graph
from kg.schema import Label, RelationType
from tests.unit.ingest.test_extract_registry import PLANS, names, plan_graph, triples

GOLD = json.loads(
    (Path(__file__).resolve().parents[2] / "data" / "plans" / "qingshan-gold.json").read_text("utf-8")
)
#: every firm that the first plan names, each with its written forms, as read by hand
FIRMS = (
    "老农民食品 老农民", "鑫源鑫", "天骄", "嘉荣", "东锦肥业",
    "利虎玻璃集团 利虎集团 利虎玻璃 利虎", "利虎集团青耀技术玻璃有限公司",
    "中交网通信息科技公司 中交网通", "山西中交高速数据中心有限公司", "中鼎云铸", "中晶环保", "典石晨晶",
    "义望铁合金公司 义望铁合金", "金兰化工 金兰", "鑫升机械", "湘电风能", "三喜化工", "德莱奥化工",
    "宏特煤化工 宏特", "润锦化工", "新元太", "华鑫集团 华鑫煤焦化 华鑫", "华鑫肥业", "红星化工 红星",
    "美锦集团 美锦煤化工 美锦", "玖珑腾", "绿宇通生物科技公司", "吕梁杭氧", "国锦煤电 国锦 国锦国电",
    "沃锦", "锐鑫", "锐能耐火材料有限公司", "高科稀土有限公司", "田园永磁公司",
    "山西国利天能有限公司 国利天能", "山西天能古冶重工有限公司", "国网新能源控股有限公司",
    "国网新源控股有限公司 国网新源", "中科正泰", "恩泽生物", "新天源", "同人至", "山西太岳", "瑞赛科",
    "建华", "德通", "晋阳集团 晋阳", "晋能电力集团", "山西粮油集团", "交城邮政分公司",
    "金桃园集团 金桃园", "兴龙铸造公司", "碧洲农牧", "圪洞坡", "王山岭种植大户", "天汁然公司",
    "庞泉酒庄",
)  # fmt: skip


@pytest.fixture(scope="module")
def first() -> Graph:
    return plan_graph(PLANS[0])


@pytest.fixture(scope="module")
def second() -> Graph:
    return plan_graph(PLANS[1])


def forms(graph: Graph, label: Label) -> dict[str, Entity]:
    return {form: e for e in graph.entities if e.label is label for form in (e.name, *e.aliases)}


def test_firms_of_the_first_plan_are_those_that_a_reader_finds(first: Graph) -> None:
    gold = {line.split()[0] for line in FIRMS}
    found = names(first, Label.ENTERPRISE)
    assert len(found & gold) / len(gold) >= 0.97, gold - found
    assert len(found & gold) / len(found) >= 0.97, found - gold
    known = forms(first, Label.ENTERPRISE)
    for line in FIRMS:
        name, *aliases = line.split()
        assert all(known[alias].name == name for alias in aliases), line


@pytest.mark.parametrize(
    "triple",
    [
        ("华鑫年产180万吨焦化及新材料项目", "IMPLEMENTED_BY", "华鑫集团"),
        ("宏特煤基碳纤维及其复合材料项目", "IMPLEMENTED_BY", "宏特煤化工"),
        ("国利天能铜铟镓硒薄膜太阳能电池项目", "IMPLEMENTED_BY", "山西国利天能有限公司"),
        ("交城县供销社物流中心建设项目", "IMPLEMENTED_BY", "交城县供销社"),
        ("交城县西社镇、水峪贯镇生态植被恢复项目", "LOCATED_IN", "水峪贯镇"),
        ("磁窑古村旅游开发项目", "LOCATED_IN", "磁窑村"),
        ("吕梁交城河西庄110千伏输变电工程项目", "LOCATED_IN", "河西庄"),
        ("红星年产20万吨有机肥生产线", "BELONGS_TO", "肥料产业"),
        ("国锦煤电虚拟电厂项目", "BELONGS_TO", "火电产业"),
        ("利虎集团青耀技术玻璃有限公司", "PART_OF", "利虎玻璃集团"),
        ("绿宇通生物科技公司", "PART_OF", "金兰化工"),
        ("利虎玻璃集团", "COOPERATES_WITH", "山西中北大学"),
        ("新天源", "PRODUCES", "高效酶抑制剂关键中间体"),
        ("义望铁合金公司", "PRODUCES", "微碳锰铁合金"),
        ("西社镇", "DEVELOPS", "白皮松"),
        ("四张名片", "CONSISTS_OF", "省会城市后花园"),
        ("三寺两窑一街区", "CONSISTS_OF", "玄中寺"),
        ("六新", "CONSISTS_OF", "新基建"),
    ],
)  # fmt: skip
def test_known_facts_of_the_first_plan(first: Graph, triple: tuple[str, str, str]) -> None:
    assert triple in triples(first)


def test_a_short_name_in_a_school_a_place_or_a_common_word_is_not_the_firm(first: Graph) -> None:
    owners = {(s, t) for s, r, t in triples(first) if r == "IMPLEMENTED_BY"}
    assert not {s for s, _ in owners if "幼儿园" in s or "田园康养" in s or "火山煤矿" in s}


def test_contradictions_of_the_first_plan(first: Graph) -> None:
    found = {
        (str(r.properties["kind"]), r.evidence.quote if r.evidence else "")
        for r in first.relations
        if r.type is RelationType.CONFLICTS_WITH
    }
    assert found >= {
        ("value", "战略性新兴产业增加值占比达到8%"), ("value", "五年培育高新技术企业18户"),
        ("value", "规模以上工业企业达到150户"), ("count", "150个行政村集体经济全部"),
        ("name", "洪湘乡"), ("name", "坡底村"), ("name", "魏家河水库"), ("name", "庞泉沟国家森林公园"),
        ("name", "国网新能源控股有限公司"), ("wording", "煤炭企业生产经营信息采集和物流服务平台"),
        ("wording", "环境综合智能管理服务平台"),
    }  # fmt: skip
    assert len(found) <= 33, "at least four of five must be real, and 27 are"


@pytest.mark.parametrize(
    ("metric", "value", "unit"),
    [("地区生产总值", 200.0, "亿元"), ("学前三年幼儿教育毛入园率", 99.5, "%"), ("耕地红线", 24.0, "万亩")],
)
def test_targets_of_the_first_plan(first: Graph, metric: str, value: float, unit: str) -> None:
    targets = [e.properties for e in first.entities if e.label is Label.TARGET]
    assert [
        t
        for t in targets
        if (t["metric"], t["value"], t["unit"], t.get("year")) == (metric, value, unit, 2025)
        and t["tense"] == "goal"
    ]


def test_enterprises_towns_and_villages_of_the_second_plan_are_complete(second: Graph) -> None:
    for key, label in (("enterprises", Label.ENTERPRISE), ("towns", Label.TOWN), ("villages", Label.VILLAGE)):
        gold = {entry["name"] for entry in GOLD[key]}
        found = names(second, label)
        # 丰溪镇 is the second plan's deliberate misspelling of 枫溪镇
        assert len(found & gold) / len(gold) >= 0.97, (key, gold - found)
        assert len(found & gold) / len(found) >= 0.9, (key, found - gold)


def test_organizations_of_the_second_plan_are_found(second: Graph) -> None:
    gold = {entry["name"] for entry in GOLD["organizations"]}
    assert len(gold & set(forms(second, Label.ORGANIZATION))) / len(gold) >= 0.85


def test_targets_of_the_second_plan_are_found(second: Graph) -> None:
    signs = {"=": "=", ">": ">", ">=": "≥", "<": "<", "<=": "≤", "≈": "≈"}
    found = {
        (e.properties["comparator"], e.properties["value"], e.properties["unit"], e.properties.get("year"))
        for e in second.entities
        if e.label is Label.TARGET
    }
    gold = [(signs[t["comparator"]], float(t["value"]), t["unit"], t["year"]) for t in GOLD["targets"]]
    assert sum(target in found for target in gold) / len(gold) >= 0.9


def test_owners_of_the_second_plan_are_those_that_the_items_state(second: Graph) -> None:
    by_id = {e.id: e for e in second.entities}
    owners: dict[str, set[str]] = {}
    for relation in second.relations:
        if relation.type is RelationType.IMPLEMENTED_BY:
            item = (*by_id[relation.source].aliases, by_id[relation.source].name)[0]
            owners.setdefault(item, set()).add(by_id[relation.target].name)
    gold = {
        (item["text"], owner) for box in GOLD["boxes"] for item in box["items"] for owner in item["owners"]
    }
    found = {(name, owner) for name, several in owners.items() for owner in several}
    assert len(gold & found) / len(gold) >= 0.9, gold - found
    assert len(gold & found) / len(found) >= 0.9, found - gold
