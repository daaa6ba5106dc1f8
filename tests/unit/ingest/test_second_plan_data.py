"""The second plan, its gold annotation and its questions agree with each other, to the character.

The plan is fictional and written in another form than the first: parts above chapters, boxes numbered
through the document, tables with one row a line, a table of contents, page lines, footnotes, CRLF.
Whoever edits the text must see here which annotation has come loose.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from kg.schema import RelationType

TESTS = Path(__file__).resolve().parents[2]
PLAN = TESTS / "data" / "plans" / "qingshan-plan.txt"
GOLD = TESTS / "data" / "plans" / "qingshan-gold.json"
QUESTIONS = TESTS / "eval" / "qingshan-questions.jsonl"
FIRST_PLAN = TESTS.parent / "data" / "plans" / "jiaocheng-14th-five-year-plan.txt"

QUESTION_FIELDS = {
    "id", "category", "question", "must", "must_not", "quote",
    "answerable", "max_chars", "history", "min_ratio",
}  # fmt: skip
CATEGORIES = {
    "indicator", "fact", "define", "list", "enterprise", "town", "industry", "project",
    "relation", "count", "arith", "conflict", "refuse", "followup", "summary", "noise",
}  # fmt: skip
#: a comparator and the wording that it stands for
WORDING = {
    ">=": "不低于|不少于|以上",
    ">": "突破|超过",
    "<=": "控制在.+以内",
    "≈": "左右",
    "=": ".",
}
#: the answers of these are computed, so they need not stand in the plan
COMPUTED = {"count", "arith"}
Json = dict[str, Any]


@pytest.fixture(scope="module")
def text() -> str:
    return PLAN.read_bytes().decode("utf-8")


@pytest.fixture(scope="module")
def gold() -> Json:
    loaded: Json = json.loads(GOLD.read_text(encoding="utf-8"))
    return loaded


@pytest.fixture(scope="module")
def questions() -> list[Json]:
    return [json.loads(line) for line in QUESTIONS.read_text(encoding="utf-8").splitlines()]


def normalise(value: str) -> str:
    """Full width to half width, and no white space, so that 85% finds ８５％."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", value))


def spans(node: object) -> Iterator[Json]:
    """Every object of the annotation that says where it stands in the text."""
    if isinstance(node, dict):
        if "quote" in node:
            yield node
        for value in node.values():
            yield from spans(value)
    elif isinstance(node, list):
        for value in node:
            yield from spans(value)


def lines_that_match(text: str, pattern: str) -> list[tuple[int, int]]:
    """Offsets of the lines that match, without their line end."""
    return [(m.start(), m.end()) for m in re.finditer(rf"(?m)^(?:{pattern})(?=\r$)", text)]


def offsets(nodes: list[Json]) -> list[tuple[int, int]]:
    return [(node["start"], node["end"]) for node in nodes]


def known_names(gold: Json) -> set[str]:
    kinds = ("enterprises", "organizations", "towns", "villages", "places", "industries")
    return {node["name"] for kind in kinds for node in gold[kind]}


def test_the_plan_is_the_annotated_one(text: str, gold: Json) -> None:
    plan = gold["plan"]
    assert plan["file"] == PLAN.name
    assert hashlib.sha256(PLAN.read_bytes()).hexdigest() == plan["sha256"], "原文已变，请重做标注"
    assert len(text) == plan["characters"]
    han = len(re.findall("[\u4e00-\u9fff]", text))
    assert han == plan["han_characters"] and 12_000 <= han <= 18_000


def test_every_line_ends_as_on_windows(text: str, gold: Json) -> None:
    assert gold["plan"]["newline"] == "\r\n"
    assert text.count("\n") == text.count("\r") == text.count("\r\n") > 400


def test_every_quote_is_verbatim_at_its_offsets(text: str, gold: Json) -> None:
    nodes = list(spans(gold))
    assert len(nodes) > 400
    loose = [n for n in nodes if not n["quote"] or text[n["start"] : n["end"]] != n["quote"]]
    assert loose == []


def test_counts_agree_with_the_lists(gold: Json) -> None:
    counts, outline, boxes = gold["counts"], gold["outline"], gold["boxes"]
    kinds = Counter(node["kind"] for node in outline)
    parents = {node["parent"] for node in outline}
    found = {
        "parts": kinds["part"],
        "chapters": kinds["chapter"],
        "sections": kinds["section"],
        "chapters_without_sections": sum(
            node["kind"] == "chapter" and node["number"] not in parents for node in outline
        ),
        "parts_without_chapters": sum(
            node["kind"] == "part" and node["number"] not in parents for node in outline
        ),
        "box_items": sum(len(box["items"]) for box in boxes),
        "box_items_by_box": [len(box["items"]) for box in boxes],
        "indicators_by_table": [table["rows"] for table in gold["tables"]],
        "indicator_groups": sum(len(table["groups"]) for table in gold["tables"]),
        "toc_lines": gold["toc"]["lines"],
    }
    found |= {key: len(gold[key]) for key in counts.keys() - found.keys()}
    assert found == counts


def test_the_outline_holds_every_heading_outside_the_contents(text: str, gold: Json) -> None:
    headings = lines_that_match(text, r"第[一二三四五六七八九十]+[篇章节]  \S[^\r…]*")
    assert offsets(gold["outline"]) == headings
    above = {"part": None, "chapter": "part", "section": "chapter"}
    last: dict[str, str] = {}
    for node in gold["outline"]:
        parent_kind = above[node["kind"]]
        assert node["parent"] == (last[parent_kind] if parent_kind else None), node
        last[node["kind"]] = node["number"]


def test_the_contents_repeat_the_headings_with_their_pages(text: str, gold: Json) -> None:
    toc = text[gold["toc"]["start"] : gold["toc"]["end"]]
    entries = re.findall(r"(?m)^　*(第\S+  .+?) …+ (\d+)(?=\r|$)", toc)
    assert len(entries) == gold["toc"]["lines"]
    ends = [node["end"] for node in gold["page_lines"]]
    expected = [
        (node["quote"], str(1 + sum(end <= node["start"] for end in ends))) for node in gold["outline"]
    ]
    assert entries == expected


def test_page_lines_and_footnotes_are_all_annotated(text: str, gold: Json) -> None:
    assert offsets(gold["page_lines"]) == lines_that_match(text, r"- \d+ -")
    assert offsets(gold["footnotes"]) == lines_that_match(text, r"[①②③④⑤] [^\r]+")
    for note in gold["footnotes"]:
        marks = [m.start() for m in re.finditer(note["marker"], text)]
        assert len(marks) == 2 and marks[0] < note["start"], note["marker"]


def test_boxes_are_numbered_through_and_hold_their_items_in_order(text: str, gold: Json) -> None:
    boxes = gold["boxes"]
    assert [box["number"] for box in boxes] == list(range(1, 9))
    headings = lines_that_match(text, r"专栏\d(?:[:：]|  )[^\r]+")
    assert [(b["heading"]["start"], b["heading"]["end"]) for b in boxes] == headings
    for box, following in pairwise([*boxes, None]):
        leaves = [box["heading"], *box["items"]]
        assert all(left["end"] < right["start"] for left, right in pairwise(leaves))
        if following is not None:
            assert leaves[-1]["end"] < following["heading"]["start"]


def test_no_item_line_of_a_box_is_left_out(text: str, gold: Json) -> None:
    starts = [node["start"] for node in gold["outline"]]
    starts += [box["heading"]["start"] for box in gold["boxes"]]
    for box in gold["boxes"]:
        begin = box["heading"]["end"]
        end = min((start for start in starts if start > begin), default=len(text))
        lines = lines_that_match(text, r"（\d）[^\r]+|\d、[^\r]+|——[^\r]+|[^\r]+ \| [^\r]+")
        inside = [(start, stop) for start, stop in lines if begin < start < end]
        if box["layout"] == "pipe":
            del inside[0]  # the header row
        if box["total_row"] is not None:
            inside.remove((box["total_row"]["start"], box["total_row"]["end"]))
        assert offsets(box["items"]) == inside, box["number"]


def test_box_items_state_what_the_annotation_says(gold: Json) -> None:
    names = known_names(gold)
    aliases = {
        node["name"]: (node["name"], *node["aliases"])
        for kind in ("enterprises", "organizations", "towns", "places")
        for node in gold[kind]
    }
    for box in gold["boxes"]:
        for item in box["items"]:
            assert item["name"] in item["text"] and item["text"] in item["quote"]
            for name in (*item["owners"], *item["places"]):
                assert name in names, name
                assert any(form in item["quote"] for form in aliases.get(name, (name,))), (name, item)
            if item["industry"] is not None:
                assert item["industry"] in names
            assert item["investment_wan"] == stated_investment_wan(item["quote"])


def stated_investment_wan(line: str) -> int | None:
    """The investment that a box item prints, in 万元: a table cell, or 总投资…."""
    if line.count(" | ") == 4:
        return int(line.split(" | ")[3])
    found = re.search(r"总投资([\d.]+)(万|亿)元", line)
    return None if found is None else round(float(found[1]) * {"万": 1, "亿": 10_000}[found[2]])


def test_the_total_row_is_the_sum_and_no_item(text: str, gold: Json) -> None:
    box = gold["boxes"][0]
    total = sum(item["investment_wan"] for item in box["items"])
    assert box["total_row"]["quote"].split(" | ")[3] == str(total)
    assert not any(item["text"].startswith("合计") for item in box["items"])
    assert f"总投资{total / 10_000}亿元" in text


def test_indicator_cells_are_the_printed_row(gold: Json) -> None:
    layouts = {table["number"]: {"tab": "\t", "pipe": " | "}[table["layout"]] for table in gold["tables"]}
    assert set(layouts.values()) == {"\t", " | "}
    for row in gold["indicators"]:
        cells = [str(row["number"]), row["name"], row["unit"], row["base_value"], row["target_value"]]
        assert row["quote"] == layouts[row["table"]].join([*cells, row["growth"], row["attribute"]])
        for printed, number in (
            (row["base_value"], row["base_number"]),
            (row["target_value"], row["target_number"]),
        ):
            digits = re.sub(r"[^\d.]", "", printed)
            assert number == (float(digits) if digits else None)
        assert row["cumulative"] == row["target_value"].startswith("［")


def test_growth_leads_from_the_base_to_the_target(gold: Json) -> None:
    """Only the deliberate contradictions may be in the plan, so its arithmetic must be right."""
    for row in gold["indicators"]:
        base, target, growth = row["base_number"], row["target_number"], row["growth"]
        if (found := re.match(r"[\d.]+(?=%)", growth)) is not None:
            assert ((target / base) ** 0.2 - 1) * 100 == pytest.approx(float(found[0]), abs=0.1), row["name"]
        elif growth != "—":
            assert target - base == pytest.approx(float(growth.strip("［］"))), row["name"]


def test_every_registered_firm_of_the_text_is_annotated(text: str, gold: Json) -> None:
    names = tuple(node["name"] for node in gold["enterprises"])
    suffix = re.compile(r"有限责任公司|股份有限公司|集团总公司|专业合作社|供电公司")
    ends = [m.end() for m in suffix.finditer(text)]
    assert len(ends) > 25
    assert [text[end - 20 : end] for end in ends if not text[:end].endswith(names)] == []
    forms = Counter(form for node in gold["enterprises"] for form in (node["name"], *node["aliases"]))
    assert max(forms.values()) == 1, "一个写法只能指一家企业"
    assert [form for form in forms if form not in text] == []


def test_abbreviations_that_the_text_introduces_are_aliases(text: str, gold: Json) -> None:
    aliases = {
        (node["name"], alias)
        for kind in ("enterprises", "organizations")
        for node in gold[kind]
        for alias in node["aliases"]
    }
    introduced = re.findall(r"（以下简称“(.+?)”）", text)
    assert sorted(alias for _, alias in aliases) == sorted(introduced)
    assert all(f"{name}（以下简称“{alias}”）" in text for name, alias in aliases)


def test_towns_are_as_many_as_the_text_says(text: str, gold: Json) -> None:
    kinds = Counter(town["kind"] for town in gold["towns"])
    assert f"辖{kinds['街道办事处']}个街道、{kinds['镇']}个镇、{kinds['乡']}个乡" in text
    assert all(town["name"].endswith(town["kind"]) for town in gold["towns"])
    towns = {town["name"] for town in gold["towns"]}
    for village in gold["villages"]:
        assert village["town"] in towns
        assert village["town"] in village["quote"] and village["name"] in village["quote"]


def test_targets_say_what_their_quotes_say(gold: Json) -> None:
    assert len(gold["targets"]) >= 80
    for target in gold["targets"]:
        quote = normalise(target["quote"])
        assert re.search(WORDING[target["comparator"]], quote), target
        if target["unit"] == "倍":
            assert target["value"] == 2 and "翻一番" in quote, target
        else:
            value = re.escape(f"{target['value']:g}{normalise(target['unit'])}")
            assert re.search(rf"(?<![\d.]){value}", quote), target
        years = re.findall(r"到(20\d\d)年", quote)
        assert all(year == str(target["year"]) for year in years), target


def test_concepts_and_chains_name_their_members(gold: Json) -> None:
    for concept in gold["concepts"]:
        evidence = "".join(node["quote"] for node in concept["evidence"])
        assert [m for m in concept["members"] if m not in evidence] == [], concept["name"]
    for chain in gold["chains"]:
        assert re.split("[→-]", chain["quote"]) == chain["members"]


def test_relations_stay_within_the_schema(gold: Json) -> None:
    names = known_names(gold)
    for relation in gold["relations"]:
        assert relation["type"] in set(RelationType)
        assert relation["source"] in names or relation["type"] in {"IMPLEMENTED_BY", "LOCATED_IN"}
        if relation["type"] in {"IMPLEMENTED_BY", "COOPERATES_WITH", "LOCATED_IN", "BELONGS_TO", "PART_OF"}:
            assert relation["target"] in names, relation


def test_the_two_contradictions_are_in_the_text(text: str, gold: Json) -> None:
    by_kind = {conflict["kind"]: conflict["statements"] for conflict in gold["conflicts"]}
    assert by_kind.keys() == {"target", "name"} and len(gold["conflicts"]) == 2
    table, running = by_kind["target"]
    assert "\t60\t" in table["quote"] and "62%" in running["quote"]
    (renamed,) = (town for town in gold["towns"] if town["aliases"])
    misspelt = renamed["aliases"][0]
    assert text.count(misspelt) == 2 < text.count(renamed["name"])
    assert [misspelt in node["quote"] for node in by_kind["name"]] == [False, True, True]


def test_nothing_is_shared_with_the_first_plan(gold: Json) -> None:
    first = FIRST_PLAN.read_text(encoding="utf-8")
    kinds = ("enterprises", "towns", "villages")
    forms = [f for kind in kinds for n in gold[kind] for f in (n["name"], *n.get("aliases", ()))]
    assert [form for form in forms if form in first] == []


def test_questions_have_the_fields_of_the_grader(questions: list[Json]) -> None:
    assert len(questions) >= 140
    assert all(question.keys() == QUESTION_FIELDS for question in questions)
    assert len({question["id"] for question in questions}) == len(questions)
    assert len({question["question"] for question in questions}) == len(questions)
    categories = Counter(question["category"] for question in questions)
    assert categories.keys() == CATEGORIES
    assert categories["refuse"] >= 18 and categories["followup"] == 8
    for question in questions:
        assert 0 < question["min_ratio"] <= 1 and question["max_chars"] >= 500
        assert all(group and all(group) for group in question["must"]) and question["must"]
        assert bool(question["history"]) == (question["category"] == "followup")
        assert all(len(turn) == 2 for turn in question["history"])


def test_question_quotes_are_verbatim_and_only_for_answerable_ones(text: str, questions: list[Json]) -> None:
    for question in questions:
        assert question["answerable"] == (question["category"] != "refuse")
        assert bool(question["quote"]) == question["answerable"], question["id"]
        assert [quote for quote in question["quote"] if quote not in text] == [], question["id"]


def test_required_answers_stand_in_the_plan_unless_computed(text: str, questions: list[Json]) -> None:
    plan = re.sub("[“”]", "", normalise(text))
    for question in questions:
        if question["answerable"] and question["category"] not in COMPUTED:
            for group in question["must"]:
                assert any(normalise(answer) in plan for answer in group), (question["id"], group)
