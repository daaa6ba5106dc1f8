"""The checker: plans that are read well pass, and every rule finds what breaks it."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from time import perf_counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.check import Finding, Severity, check_graph, check_state, require_sound
from ingest.extract import registry
from ingest.extract.base import ExtractionContext
from ingest.extract.registry import extract_graph
from ingest.outline import build_outline
from ingest.passages import make_passages
from ingest.pipeline import build
from kg.adapters.kglite_store import KgliteStore
from kg.errors import GraphCheckError
from kg.export.reading import read_graph
from kg.model import Entity, Evidence, Graph, PlanDocument, PropertyValue, Relation
from kg.schema import Label, RelationType
from kg.state import StateDirectory
from tests.conftest import settings_for
from tests.unit.ingest.test_extract_registry import PLANS, document, lexicon, plan_text

TABLE = """
附表：主要指标
序号	指标	单位	2020年	2025年	属性
一、经济发展（2项）
1	地区生产总值	亿元	80	120	预期性
2	城镇化率	%	55	62	预期性
"""
TEXT = document(
    "到2025年，全县高新技术企业达到20户。围绕“硅砂—玻璃—光伏”的光伏产业链，重点依托金星玻璃集团。"
    "实施产业创优、环境创建、管理创新、民生创享“四创战略”。",
    ("金星玻璃集团年产3万吨光伏玻璃项目", "乙水镇污水处理厂项目"),
) + TABLE  # fmt: skip

Change = Callable[[Graph], Graph]


def read(text: str) -> tuple[Graph, PlanDocument]:
    outline = build_outline(text, "plan")
    return extract_graph(outline, make_passages(outline), lexicon()), outline.document


GRAPH, DOCUMENT = read(TEXT)
TITLE = Evidence("plan", 0, 2, TEXT[:2])


def entity(label: Label) -> Entity:
    return next(e for e in GRAPH.entities if e.label is label)


def relation(type: RelationType) -> Relation:
    return next(r for r in GRAPH.relations if r.type is type)


def with_entity(label: Label, **changes: object) -> Change:
    """The graph with the first node of a label changed; ``properties`` are added to its own."""

    def change(graph: Graph) -> Graph:
        old = entity(label)
        new = dict(changes)
        if isinstance(more := new.get("properties"), dict):
            new["properties"] = {**old.properties, **more}
        swapped = tuple(replace(old, **new) if e is old else e for e in graph.entities)
        return replace(graph, entities=swapped)

    return change


def with_relation(type: RelationType, **changes: object) -> Change:
    def change(graph: Graph) -> Graph:
        old = relation(type)
        swapped = tuple(replace(old, **changes) if r is old else r for r in graph.relations)  # type: ignore[arg-type]
        return replace(graph, relations=swapped)

    return change


def without(type: RelationType) -> Change:
    return lambda graph: replace(graph, relations=tuple(r for r in graph.relations if r.type is not type))


def plus(*more: Relation) -> Change:
    return lambda graph: replace(graph, relations=(*graph.relations, *more))


def rules(findings: list[Finding], severity: Severity = Severity.ERROR) -> set[str]:
    return {finding.rule for finding in findings if finding.severity is severity}


# -- plans that are read well


@pytest.mark.parametrize("path", PLANS, ids=lambda path: path.stem)
def test_a_whole_plan_passes_in_a_moment(path: Path) -> None:
    graph, plan = read(plan_text(path))
    started = perf_counter()
    findings = check_graph(graph, [plan])
    assert perf_counter() - started < 2  # half a second on a quiet machine
    assert [str(f) for f in findings if f.severity is Severity.ERROR] == []


def test_the_small_plan_has_what_the_rules_are_about() -> None:
    assert check_graph(GRAPH, [DOCUMENT]) == []
    labels = {e.label for e in GRAPH.entities}
    assert labels >= {Label.BOX, Label.PROJECT, Label.INDICATOR_GROUP, Label.INDICATOR, Label.CONCEPT}


def test_what_a_store_gives_back_passes_like_what_was_written(tmp_path: Path) -> None:
    store = KgliteStore(tmp_path / "graph.kgl")
    store.write(GRAPH)
    assert check_graph(read_graph(store), [DOCUMENT]) == []
    broken = with_relation(RelationType.LISTS, evidence=Evidence("plan", 0, 2, "别的"))(GRAPH)
    store.write(broken)
    assert check_graph(read_graph(store), [DOCUMENT]) == check_graph(broken, [DOCUMENT]) != []
    store.close()


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    path=st.sampled_from(PLANS), at=st.floats(0, 1), size=st.integers(20, 5000), swaps=st.integers(0, 300),
    seed=st.integers(0, 2**16),
)  # fmt: skip
def test_no_slice_of_a_plan_even_shuffled_is_read_wrongly(
    path: Path, at: float, size: int, swaps: int, seed: int
) -> None:
    whole = plan_text(path)
    start = int(at * (len(whole) - 1))
    characters = list(whole[start : start + size])
    chance = random.Random(seed)
    for _ in range(swaps):
        i, j = chance.randrange(len(characters)), chance.randrange(len(characters))
        characters[i], characters[j] = characters[j], characters[i]
    graph, plan = read(document("".join(characters)))
    assert [str(f) for f in check_graph(graph, [plan]) if f.severity is Severity.ERROR] == []


# -- every rule


def outside(**properties: PropertyValue) -> dict[str, dict[str, PropertyValue]]:
    return {"properties": properties}


@pytest.mark.parametrize(
    ("rule", "change"),
    [
        ("id", lambda graph: replace(graph, entities=(*graph.entities, entity(Label.PROJECT)))),
        ("key", plus(relation(RelationType.LISTS))),
        ("plan", with_entity(Label.ENTERPRISE, **outside(plan="another"))),
        ("name", with_entity(Label.ENTERPRISE, name=" ")),
        ("name", with_entity(Label.ENTERPRISE, aliases=("",))),
        ("name", with_entity(Label.ENTERPRISE, name="从来没有的公司", aliases=())),
        ("offset", with_entity(Label.ENTERPRISE, **outside(start=-1))),
        ("offset", with_entity(Label.ENTERPRISE, **outside(stop=10**9))),
        ("offset", with_entity(Label.ENTERPRISE, **outside(start=9, stop=9))),
        ("offset", with_entity(Label.ENTERPRISE, **outside(start="9"))),
        ("offset", with_entity(Label.PROJECT, **outside(investment_start=0))),
        ("quote", with_entity(Label.PROJECT, **outside(
            investment_start=0, investment_stop=3, investment_quote="别的话"))),
        ("quote", with_entity(Label.PASSAGE, **outside(text="别的话"))),
        ("quote", with_entity(Label.PASSAGE, **outside(start=1))),
        ("value", with_entity(Label.TARGET, **outside(value=float("nan")))),
        ("value", with_entity(Label.TARGET, **outside(value=float("inf")))),
        ("value", with_entity(Label.TARGET, **outside(value=None))),  # type: ignore[arg-type]
        ("value", with_entity(Label.TARGET, **outside(value=("a", 1.0)))),  # type: ignore[arg-type]
        ("value", with_relation(RelationType.DRIVES, properties={"value": object()})),
        ("end", with_relation(RelationType.LISTS, target="no such node")),
        ("end", with_relation(RelationType.LISTS, source="plan")),
        ("end", with_relation(RelationType.LISTS, target="plan")),
        ("evidence", with_relation(RelationType.LISTS, evidence=None)),
        ("evidence", with_relation(RelationType.DRIVES, evidence=Evidence("another", 0, 1, "甲"))),
        ("quote", with_relation(RelationType.DRIVES, evidence=Evidence("plan", 0, 2, "别的"))),
        ("quote", with_relation(RelationType.DRIVES, evidence=Evidence("plan", 3, 3, ""))),
        ("quote", with_relation(RelationType.DRIVES, evidence=Evidence("plan", -3, -1, TEXT[-3:-1]))),
        ("quote", with_relation(RelationType.DRIVES, properties={
            "other_start": 0, "other_stop": 2, "other_quote": "别的"})),
        ("offset", with_relation(RelationType.DRIVES, properties={"other_start": 0})),
        ("confidence", with_relation(RelationType.DRIVES, confidence=1.01)),
        ("confidence", with_relation(RelationType.DRIVES, confidence=-0.1)),
        ("confidence", with_relation(RelationType.DRIVES, confidence=float("nan"))),
        ("confidence", with_relation(RelationType.DRIVES, method="")),
        ("owner", without(RelationType.LISTS)),
        ("owner", without(RelationType.HAS_SECTION)),
        ("owner", without(RelationType.HAS_PASSAGE)),
        ("owner", without(RelationType.HAS_BOX)),
        ("owner", without(RelationType.HAS_CHAPTER)),
        ("owner", without(RelationType.HAS_INDICATOR)),
        ("owner", without(RelationType.PART_OF)),
        ("owner", plus(Relation("plan", RelationType.HAS_BOX, entity(Label.BOX).id))),
    ],
)  # fmt: skip
def test_every_broken_promise_is_an_error_of_its_rule(rule: str, change: Change) -> None:
    findings = check_graph(change(GRAPH), [DOCUMENT])
    assert rule in rules(findings)
    assert all("\n" not in str(finding) for finding in findings)


@pytest.mark.parametrize(
    ("rule", "change"),
    [
        ("name", with_entity(Label.ENTERPRISE, aliases=("从来没有的写法",))),
        ("count", with_entity(Label.BOX, **outside(size=7))),
        ("count", with_entity(Label.INDICATOR_GROUP, **outside(printed_count=3))),
        ("conflict", plus(Relation(
            "plan", RelationType.CONFLICTS_WITH, entity(Label.BOX).id, TITLE, "two_sayings"))),
        ("loop", plus(Relation("plan", RelationType.PART_OF, "plan", TITLE, "itself"))),
    ],
)  # fmt: skip
def test_what_may_be_the_plan_s_own_doing_is_a_warning(rule: str, change: Change) -> None:
    findings = check_graph(change(GRAPH), [DOCUMENT])
    assert rules(findings) == set()
    assert rules(findings, Severity.WARNING) == {rule}


def test_a_chain_without_one_of_its_stages_is_noticed() -> None:
    stage = next(r for r in GRAPH.relations if "position" in r.properties)
    graph = replace(GRAPH, relations=tuple(r for r in GRAPH.relations if r is not stage))
    assert rules(check_graph(graph, [DOCUMENT]), Severity.WARNING) == {"count"}


def test_an_alias_that_only_leaves_out_brackets_is_no_matter() -> None:
    graph = with_entity(Label.INDICATOR, aliases=("生产总值",))(GRAPH)
    assert check_graph(graph, [DOCUMENT]) == []
    assert check_graph(with_entity(Label.INDICATOR, aliases=("总值与产量",))(GRAPH), [DOCUMENT]) == []


# -- in a build


def test_a_sound_graph_is_let_through() -> None:
    require_sound(GRAPH, [DOCUMENT])
    require_sound(with_entity(Label.BOX, **outside(size=7))(GRAPH), [DOCUMENT])


def test_an_unsound_graph_is_one_line_that_says_how_many_and_what() -> None:
    broken = without(RelationType.LISTS)(GRAPH)
    with pytest.raises(GraphCheckError, match=r"2 处错误.*没有上级") as caught:
        require_sound(broken, [DOCUMENT])
    assert "\n" not in str(caught.value)


def test_a_built_state_is_checked_as_it_is_stored(tmp_path: Path, models_dir: Path) -> None:
    plan = tmp_path / "plan.txt"
    plan.write_text(TEXT, "utf-8")
    where = settings_for(tmp_path / "home", models_dir)
    manifest = build([plan], where).manifest
    report = check_state(where)
    assert (report.errors, report.findings) == (0, ())
    assert report.entities == sum(manifest.labels.values()) > 0
    assert report.relations == sum(manifest.relations.values()) > 0
    store = KgliteStore(where.home / "builds" / manifest.build / "graph.kgl")
    store.write(with_relation(RelationType.LISTS, evidence=Evidence("plan", 0, 2, "别的"))(GRAPH))
    store.close()
    assert check_state(where).errors == 1


class _CarelessExtractor:
    """Says that the plan makes a product, which is no relation of a plan."""

    name = "careless"

    def extract(self, context: ExtractionContext) -> None:
        product = context.graph.add(Label.PRODUCT, "玻璃")
        context.graph.relate(context.graph.plan_id, RelationType.PRODUCES, product)


def test_a_build_of_an_unsound_graph_leaves_what_was_there(
    tmp_path: Path, models_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = tmp_path / "plan.txt"
    plan.write_text(TEXT, "utf-8")
    where = settings_for(tmp_path / "home", models_dir)
    before = build([plan], where).manifest
    monkeypatch.setattr(registry, "EXTRACTORS", (*registry.EXTRACTORS, _CarelessExtractor()))
    plan.write_text(TEXT.replace("20户", "30户"), "utf-8")
    with pytest.raises(GraphCheckError, match="没有写入，原有的库未改动"):
        build([plan], where)
    assert StateDirectory(where.home).current() == before
    assert [path.name for path in (where.home / "builds").iterdir()] == [before.build]
    assert check_state(where).errors == 0
