"""The invented plans of other formats and trades agree with their gold annotation, to the character.

A coastal county (parts, tables between pipes), a mountain county (Markdown) and a border county (headings
without 章, tabs, projects in an appendix). Whoever edits a text sees here which annotation has come loose.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.unit.ingest.test_second_plan_data import normalise, spans

PLANS = Path(__file__).resolve().parents[2] / "data" / "plans"
#: of each plan, what its headings look like, without the signs in front
HEADINGS = {
    "wangchao": r"第[一二三四五六七八九十]+[篇章节] \S+[^\n]*",
    "yunxiu": r"#{1,2} 第[一二三四五六七八九十]+[章节] [^\n]+",
    "rongguan": r"(?:[一二三四五六七八九十]+、|（[一二三四五六七八九十]+）)[^\n。；，]+",
}
ITEMS = {
    "wangchao": r"（\d）[^\n]+|[^|\n][^\n]* \| \D[^\n]*年",
    "yunxiu": r"> - [^\n]+",
    "rongguan": r"\d+\t[^\n]+",
}
Json = dict[str, Any]


@pytest.fixture(params=sorted(HEADINGS))
def plan(request: pytest.FixtureRequest) -> tuple[str, str, Json]:
    """(name, text, gold) of each plan."""
    name: str = request.param
    text = (PLANS / f"{name}-plan.txt").read_bytes().decode("utf-8")
    gold: Json = json.loads((PLANS / f"{name}-gold.json").read_text(encoding="utf-8"))
    return name, text, gold


def matches(text: str, pattern: str) -> Iterator[tuple[int, int]]:
    """Where lines match."""
    yield from ((m.start(), m.end()) for m in re.finditer(rf"(?m)^(?:{pattern})$", text))


def test_the_plan_is_the_annotated_one(plan: tuple[str, str, Json]) -> None:
    name, text, gold = plan
    assert gold["plan"]["file"] == f"{name}-plan.txt"
    assert hashlib.sha256(text.encode()).hexdigest() == gold["plan"]["sha256"], "原文已变，请重做标注"
    assert gold["plan"]["title"] in text and len(text) == gold["plan"]["characters"]


def test_every_quote_is_verbatim_at_its_offsets(plan: tuple[str, str, Json]) -> None:
    _, text, gold = plan
    nodes = list(spans(gold))
    assert len(nodes) > 180
    assert [n for n in nodes if not n["quote"] or text[n["start"] : n["end"]] != n["quote"]] == []


def test_every_heading_and_every_item_is_annotated(plan: tuple[str, str, Json]) -> None:
    name, text, gold = plan
    headings = [end for _, end in matches(text, HEADINGS[name])]
    assert [node["end"] for node in gold["outline"]] == headings
    items = [item for box in gold["boxes"] for item in box["items"]]
    assert [(item["start"], item["end"]) for item in items] == list(matches(text, ITEMS[name]))
    for left, right in pairwise(gold["boxes"]):
        assert left["heading"]["end"] < left["items"][0]["start"] < right["heading"]["start"]


def test_items_say_what_the_annotation_says(plan: tuple[str, str, Json]) -> None:
    _, _, gold = plan
    kinds = ("enterprises", "organizations", "towns", "villages", "places")
    forms = {node["name"]: (node["name"], *node["aliases"]) for kind in kinds for node in gold[kind]}
    for item in (item for box in gold["boxes"] for item in box["items"]):
        assert item["name"] in item["text"] and item["text"] in item["quote"]
        for name in item["owners"]:
            assert any(form in item["quote"] for form in forms.get(name, (name,))), (name, item)


def test_indicators_are_the_printed_rows(plan: tuple[str, str, Json]) -> None:
    _, text, gold = plan
    assert len(gold["indicators"]) >= 10
    for row in gold["indicators"]:
        for cell in ("name", "unit", "base_value", "target_value", "attribute"):
            assert row[cell] in row["quote"]
        assert text.count(row["quote"]) == 1


def test_goals_print_their_values(plan: tuple[str, str, Json]) -> None:
    _, _, gold = plan
    assert gold["complete"] == ["targets"] and len(gold["targets"]) >= 50
    for goal in gold["targets"]:
        assert f"{goal['value']:g}{normalise(goal['unit'])}" in normalise(goal["quote"]), goal


def test_names_are_different_and_stand_in_the_text(plan: tuple[str, str, Json]) -> None:
    _, text, gold = plan
    for kind in ("enterprises", "towns", "villages"):
        forms = [form for node in gold[kind] for form in (node["name"], *node["aliases"])]
        assert len(set(forms)) == len(forms) and all(form in text for form in forms)
    towns = {town["name"] for town in gold["towns"]}
    assert {village["town"] for village in gold["villages"]} <= towns
    assert all(slip in text and slip not in towns for slip in gold["town_variants"])


def test_contradictions_have_statements_of_different_places(plan: tuple[str, str, Json]) -> None:
    _, _, gold = plan
    assert {conflict["kind"] for conflict in gold["conflicts"]} == {"target", "baseline", "count", "name"}
    for conflict in gold["conflicts"]:
        assert len({node["start"] for node in conflict["statements"]}) == len(conflict["statements"]) >= 2
