"""All extractors together: quotes, endpoints, stability; helpers for the other extractor tests."""

from __future__ import annotations

import random
import re
from functools import lru_cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.extract.registry import EXTRACTORS, extract_graph
from ingest.lexicon import Lexicon, load_lexicon
from ingest.outline import build_outline
from ingest.passages import make_passages
from kg.errors import OutlineError
from kg.model import Graph
from kg.schema import ENDPOINTS, STRUCTURAL, Label, RelationType

ROOT = Path(__file__).resolve().parents[3]
PLANS = (
    ROOT / "data" / "plans" / "jiaocheng-14th-five-year-plan.txt",
    *sorted((ROOT / "tests" / "data" / "plans").glob("*-plan.txt")),
)
#: relations that the structure and indicator extractors make: their own tests hold those
_NOT_OURS = STRUCTURAL | {RelationType.LISTS}


@lru_cache(maxsize=1)
def lexicon() -> Lexicon:
    return load_lexicon(ROOT / "data" / "lexicon")


@lru_cache(maxsize=8)
def plan_text(path: Path) -> str:
    return path.read_bytes().decode("utf-8")


@lru_cache(maxsize=8)
def plan_graph(path: Path) -> Graph:
    return graph_of(plan_text(path))


def graph_of(text: str) -> Graph:
    outline = build_outline(text, "plan")
    return extract_graph(outline, make_passages(outline), lexicon())


def document(body: str, items: tuple[str, ...] = (), box: str = "重点项目") -> str:
    """A small plan with one section of text, and one box if there are items."""
    lines = ["甲山县国民经济和社会发展第十四个五年规划纲要", "", "第一章 发展目标", "第一节 产业发展", body]
    if items:
        lines += [
            "",
            f"专栏1-1：“十四五”{box}（部分）",
            *(f"{i}.{item}。" for i, item in enumerate(items, 1)),
        ]
    return "\n".join([*lines, "", "第二节 保障措施", "加强组织领导，落实工作责任，完善考核机制。", ""])


def extract(body: str, items: tuple[str, ...] = (), box: str = "重点项目") -> Graph:
    return graph_of(document(body, items, box))


def names(graph: Graph, label: Label) -> set[str]:
    return {entity.name for entity in graph.entities if entity.label is label}


def triples(graph: Graph) -> set[tuple[str, str, str]]:
    by_id = {entity.id: entity.name for entity in graph.entities}
    return {(by_id[r.source], r.type.value, by_id[r.target]) for r in graph.relations}


def assert_sound(text: str, graph: Graph) -> None:
    """Ids are unique, ends exist and are allowed, every quote is verbatim, confidence is in 0..1."""
    by_id = {entity.id: entity for entity in graph.entities}
    assert len(by_id) == len(graph.entities)
    assert len({r.key for r in graph.relations}) == len(graph.relations)
    for entity in graph.entities:
        start, stop = entity.properties.get("start"), entity.properties.get("stop")
        if isinstance(start, int) and isinstance(stop, int):
            assert 0 <= start < stop <= len(text)
        if entity.label is not Label.PLAN:
            assert entity.name.strip(), entity
    for relation in graph.relations:
        assert relation.source in by_id and relation.target in by_id
        assert 0 <= relation.confidence <= 1
        if relation.evidence:
            quoted = text[relation.evidence.start : relation.evidence.end]
            assert relation.evidence.quote == quoted != ""
        if relation.type is RelationType.CONFLICTS_WITH:
            start, stop = relation.properties["other_start"], relation.properties["other_stop"]
            assert relation.properties["other_quote"] == text[start:stop] != ""
        if relation.type in _NOT_OURS:
            continue
        sources, targets = ENDPOINTS[relation.type]
        assert by_id[relation.source].label in sources and by_id[relation.target].label in targets
        assert relation.evidence or relation.method in ("taxonomy", "indicator_table")


@pytest.mark.parametrize("path", PLANS, ids=lambda path: path.stem)
def test_every_relation_of_a_plan_is_sound(path: Path) -> None:
    assert_sound(plan_text(path), plan_graph(path))


def test_extracting_twice_gives_the_same_graph() -> None:
    assert graph_of(plan_text(PLANS[1])) == plan_graph(PLANS[1])


def test_every_extractor_has_its_own_name() -> None:
    assert len({extractor.name for extractor in EXTRACTORS}) == len(EXTRACTORS)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    path=st.sampled_from(PLANS), at=st.floats(0, 1), size=st.integers(20, 5000), swaps=st.integers(0, 300),
    seed=st.integers(0, 2**16),
)  # fmt: skip
def test_any_slice_of_a_plan_even_shuffled_gives_a_sound_graph(
    path: Path, at: float, size: int, swaps: int, seed: int
) -> None:
    whole = plan_text(path)
    start = int(at * (len(whole) - 1))
    characters = list(whole[start : start + size])
    chance = random.Random(seed)
    for _ in range(swaps):
        i, j = chance.randrange(len(characters)), chance.randrange(len(characters))
        characters[i], characters[j] = characters[j], characters[i]
    text = document("".join(characters))
    assert_sound(text, graph_of(text))


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.text(
        st.sampled_from(
            "依托由以等龙头企业有限公司集团、，。；：“”（）镇村河路A1２％亿元年产达到到2025年\t 一二三大"
        ),
        max_size=400,
    )
)
def test_any_string_of_the_words_that_rules_look_for_gives_a_sound_graph(body: str) -> None:
    text = document(body)
    assert_sound(text, graph_of(text))


#: stretches of other scripts, of look-alike characters, and of what rules look for
_SCRIPTS = st.sampled_from((
    *"，。；：、“”（）()《》—-·.|\t 　\r\n", "\u200b", "\ufeff", "\u2028", "e\u0301",
    "Vogelsberg GmbH & Co. KG", "Завод имени Лихачёва", "شركة المدينة", "עיר", "한국어",
    "😀👨‍👩‍👧", "ﬁ", "²³½",
    "２０２５年", "９０％", "１．", "ＧＤＰ", "Ⅲ", "⑤", "㈠", "㎡",
    "臺灣縣發展規劃", "鎮", "龍頭企業", "有限責任公司", "二〇二五年", "三百二十一万吨", "壹佰", "廿", "两",
    "第一章 ", "第二节 ", "专栏1：", "1.", "（2）", "——", "- ", "一、", "（一）", "表1 指标", "附表", "注：",
    "序号\t指标\t单位\t2020年\t2025年\t属性", "| 项目 | 单位 | 地点 |", "|---|---|---|",
    "达到", "年产", "亿元", "％",
    "有限公司", "集团", "合作社", "镇", "村", "河", "产业", "到2025年", "翻一番", "一湖两",
    "等企业", "由", "以", "为龙头",
))  # fmt: skip
_MIXED = st.lists(_SCRIPTS, max_size=120).map("".join)
_PUNCTUATION = st.text(st.sampled_from("，。；：、．.“”（）—-·_ 　…*#>|"), max_size=12)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(body=_MIXED, items=st.lists(_MIXED | _PUNCTUATION, max_size=5))
def test_mixed_scripts_in_text_and_boxes_give_a_sound_graph(body: str, items: list[str]) -> None:
    text = document(body, tuple(items))
    assert_sound(text, graph_of(text))


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(path=st.sampled_from(PLANS), at=st.floats(0, 1), size=st.integers(200, 6000), mixed=_MIXED)
def test_a_plan_cut_anywhere_is_refused_or_gives_a_sound_graph(
    path: Path, at: float, size: int, mixed: str
) -> None:
    """Nothing around it: tables, boxes and paragraphs begin and end in their middle."""
    whole = plan_text(path)
    start = int(at * (len(whole) - 1))
    text = whole[start : start + size // 2] + mixed + whole[start + size // 2 : start + size]
    try:
        graph = graph_of(text)
    except OutlineError:
        return
    assert_sound(text, graph)


@pytest.mark.parametrize("empty", ["。", "“”", "——", "……", "（）；", "_", "　。"])
def test_an_item_that_says_nothing_is_no_project(empty: str) -> None:
    text = document("发展工业。", ("甲山水厂扩建工程", empty, "乙水河治理工程"))
    graph = graph_of(text)
    assert names(graph, Label.PROJECT) == {"甲山水厂扩建工程", "乙水河治理工程"}
    assert_sound(text, graph)


def test_a_line_of_a_megabyte_gives_a_sound_graph() -> None:
    line = plan_text(PLANS[0])[3000:83000].replace("\n", "")
    line *= 1_000_000 // len(line.encode()) + 1
    text = document(line)
    assert_sound(text, graph_of(text))


def test_a_megabyte_without_punctuation_gives_a_sound_graph() -> None:
    line = re.sub(r"\W", "", plan_text(PLANS[0])[3000:83000])
    line *= 1_000_000 // len(line.encode()) + 1
    text = document(line, (line[:1000],))
    assert_sound(text, graph_of(text))
