"""Industry chains: stages in order, names, what is no chain, and the firms that drive one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kg.model import Entity, Graph
from kg.schema import Label, RelationType
from tests.unit.ingest.test_extract_registry import PLANS, ROOT, assert_sound, document, extract, graph_of
from tests.unit.ingest.test_extract_registry import plan_graph as graph_of_plan

FIRST, SECOND = PLANS[:2]
GOLD = ROOT / "tests" / "data" / "gold" / "chains.json"
SECOND_GOLD = SECOND.with_name("qingshan-gold.json")


def chains(graph: Graph) -> list[Entity]:
    return [e for e in graph.entities if e.properties.get("kind") == "chain"]


def stages(graph: Graph, chain: Entity) -> list[str]:
    by_id = {entity.id: entity for entity in graph.entities}
    held = [r for r in graph.relations if r.source == chain.id and "position" in r.properties]
    placed = sorted((int(str(r.properties["position"])), by_id[r.target].name) for r in held)
    assert all(r.type is RelationType.CONSISTS_OF for r in held)
    assert [position for position, _ in placed] == list(range(1, len(placed) + 1))
    return [name for _, name in placed]


def written(graph: Graph) -> dict[str, str]:
    """Name of every chain → its stages, one after the other."""
    return {chain.name: " ".join(stages(graph, chain)) for chain in chains(graph)}


def drivers(graph: Graph) -> set[tuple[str, str]]:
    by_id = {entity.id: entity.name for entity in graph.entities}
    return {(by_id[r.source], by_id[r.target]) for r in graph.relations if r.type is RelationType.DRIVES}


@pytest.mark.parametrize(
    ("sentence", "name", "expected"),
    [
        ("围绕“磷矿—磷酸—磷酸铁锂”的磷化工产业链，延链补链。", "磷化工产业链", "磷矿 磷酸 磷酸铁锂"),
        ("围绕“铁矿石→生铁→铸件”装备产业链条，延链补链。", "装备产业链条", "铁矿石 生铁 铸件"),
        ("围绕“发电—数据中心”的绿色能源产业链，延链补链。", "绿色能源产业链", "发电 数据中心"),
        ("围绕“大数据—‘互联网+’—智慧园区”融合发展的数字产业链，延链补链。", None, "大数据 互联网+ 智慧园区"),
        ("优化“冶炼－铸造－机加”产业链条，培育配套产业。", "冶炼－铸造－机加", "冶炼 铸造 机加"),
        ("围绕“制药原料-原料药、医药中间体-成品药”医药产业链，延链补链。", "医药产业链",
         "制药原料 原料药、医药中间体 成品药"),
        ("围绕“硅砂—玻璃/陶瓷—光伏组件等”的新材料产业链，延链补链。", "新材料产业链",
         "硅砂 玻璃/陶瓷 光伏组件"),
        ("打造“采石+骨料+混凝土”等一体化的建材产业链。", "建材产业链", "采石 骨料 混凝土"),
        ("围绕“余热、余压的收集，分布式能源的利用，氢能开发等”能源岛产业链，提高效率。", "能源岛产业链",
         "余热、余压的收集 分布式能源的利用 氢能开发"),
    ],
)  # fmt: skip
def test_a_chain_has_its_stages_in_order(sentence: str, name: str | None, expected: str) -> None:
    found = written(extract(sentence))
    assert list(found.values()) == [expected]
    assert name is None or list(found) == [name]


def test_chains_of_one_list_are_called_chains_together() -> None:
    graph = extract("重点发展木-板-家具、地板；藤-编-摆件；果-汁等产业循环链，形成示范。")
    assert sorted(written(graph).values()) == ["木 板 家具、地板", "藤 编 摆件"]


def test_a_chain_of_goods_needs_no_word_for_it() -> None:
    graph = extract("开展“煤—煤沥青—沥青基碳纤维—碳纤维复合材料”等下游领域的技术研发。")
    assert list(written(graph).values()) == ["煤 煤沥青 沥青基碳纤维 碳纤维复合材料"]


@pytest.mark.parametrize(
    "sentence",
    [
        "按照“集镇—中心村—村村通”的层次建设道路。",
        "形成“城区—乡镇—中心村”三级综合交通网。",
        "建成甲山—乙水—丙城输气管线。",
        "推进“甲山—乙城一体化”进程，培育现代产业链。",
        "推进“甲山—乙城”地区延伸产业链。",
        "深化甲山—乙城产业链合作。",
        "2016-2019年减贫人数。引进2-3个企业，提升产业链。",
        "推广LOW-E玻璃和HO-EPCP产品，完善产业链。",
        "形成“政府+龙头企业+合作社+农户”的利益联结体。",
        "围绕“煤焦、化工、材料”领域产业链，实施三大工程。",
        "——综合实力显著提升。经济总量——稳步增长——持续增长。",
        "打造“煤焦、化工，材料”产业链条。",
        "“——”，“—”，“甲—”产业链，“—乙”产业链，“甲——”的产业链。",
    ],
)
def test_what_is_no_chain_is_not_taken_for_one(sentence: str) -> None:
    assert written(extract(sentence)) == {}


def test_a_chain_written_twice_is_one_and_another_under_its_name_is_another() -> None:
    graph = extract(
        "围绕“甲矿—乙粉—丙板”的建材产业链。继续围绕“甲矿—乙粉—丙板”的建材产业链。"
        "围绕“丁矿—戊粉—己板”的建材产业链。"
    )
    assert [chain.name for chain in chains(graph)] == ["建材产业链"] * 2
    held = sorted(" ".join(stages(graph, chain)) for chain in chains(graph))
    assert held == ["丁矿 戊粉 己板", "甲矿 乙粉 丙板"]


def test_stages_that_the_graph_knows_are_those_nodes() -> None:
    graph = extract("围绕“磷矿—焦化—精细化工、建材”的循环产业链，延链补链。")
    by_id = {entity.id: entity for entity in graph.entities}
    (chain,) = chains(graph)
    held = [by_id[r.target] for r in graph.relations if r.source == chain.id]
    assert [(e.label, e.name) for e in held][1] == (Label.INDUSTRY, "焦化")
    inside = {by_id[r.source].name for r in graph.relations
              if r.type is RelationType.PART_OF and r.method == "chain_stage"}  # fmt: skip
    assert "精细化工" in inside


def test_a_chain_does_not_hide_its_stages_from_the_passage() -> None:
    graph = extract("优化“冶炼－铸造－机加”产业链条，培育配套产业。")
    by_id = {entity.id: entity.name for entity in graph.entities}
    mentioned = {by_id[r.target] for r in graph.relations if r.type is RelationType.MENTIONS}
    assert {"冶炼－铸造－机加", "冶炼", "铸造", "机加"} <= mentioned


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("围绕“硅砂—玻璃—光伏”的光伏产业链，重点依托金星玻璃集团，打造基地。",
         {("金星玻璃集团", "光伏产业链")}),
        ("以金星玻璃集团为链主，延伸“硅砂—玻璃—光伏”的光伏产业链。", {("金星玻璃集团", "光伏产业链")}),
        ("拉长“硅砂—玻璃—光伏”的光伏产业链，由金星玻璃集团牵头组建联盟。",
         {("金星玻璃集团", "光伏产业链")}),
        ("契合金星玻璃集团的硅砂—玻璃—光伏产业链，形成基地。", {("金星玻璃集团", "硅砂—玻璃—光伏")}),
        ("围绕“硅砂—玻璃—光伏”的光伏产业链，依托金星玻璃集团、银河化工有限公司等龙头企业发展。",
         {("金星玻璃集团", "光伏产业链"), ("银河化工有限公司", "光伏产业链")}),
        ("围绕“硅砂—玻璃—光伏”的光伏产业链，建设园区。金星玻璃集团投产。", set()),
    ],
)  # fmt: skip
def test_firms_that_the_paragraph_ties_to_a_chain_drive_it(
    sentence: str, expected: set[tuple[str, str]]
) -> None:
    graph = extract(sentence)
    assert drivers(graph) == expected
    assert all(r.evidence and r.evidence.quote in sentence for r in graph.relations
               if r.type is RelationType.DRIVES)  # fmt: skip


def _gold(path: Path) -> list[dict[str, Any]]:
    return list(json.loads(path.read_text("utf-8"))["chains"])


@pytest.mark.parametrize(("plan", "gold"), [(FIRST, GOLD), (SECOND, SECOND_GOLD)], ids=["first", "second"])
def test_every_chain_of_a_plan_is_found_and_nothing_else(plan: Path, gold: Path) -> None:
    graph = graph_of_plan(plan)
    found = {int(str(chain.properties["start"])): stages(graph, chain) for chain in chains(graph)}
    plain = {start: [name.replace(" ", "") for name in names] for start, names in found.items()}
    assert plain == {c["start"]: c["members"] for c in _gold(gold)}


def test_named_chains_of_the_plan_carry_their_names() -> None:
    names = {chain.name for chain in chains(graph_of_plan(FIRST))}
    assert {c["name"] for c in _gold(GOLD) if "name" in c} <= names


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.text(st.sampled_from("煤焦铸造—－-→+，。；“”‘’、/等的产业链2A依托有限公司 \n"), max_size=300))
def test_any_string_of_dashes_and_marks_gives_a_sound_graph(body: str) -> None:
    text = document(body)
    graph = graph_of(text)
    assert_sound(text, graph)
    for chain in chains(graph):
        assert len(stages(graph, chain)) >= 1
