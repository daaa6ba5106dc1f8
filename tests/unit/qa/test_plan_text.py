"""A plan's text, for reading."""

from __future__ import annotations

import itertools
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.errors import InputError
from kg.schema import Label
from kg.tokens import fold
from qa.browse import text
from qa.service import QuestionService


def plan_of(service: QuestionService) -> str:
    return text.plans(service.knowledge)[0].id


def test_the_blocks_are_the_plan(service: QuestionService) -> None:
    plan = plan_of(service)
    whole = service.knowledge.documents[plan].text
    blocks = text.blocks(service.knowledge, plan)
    assert all(whole[block.start : block.end] == block.text for block in blocks)
    written = "".join("".join(block.text.split()) for block in blocks)
    assert written == "".join(whole.split())


def test_the_outline_has_every_chapter_section_and_box(service: QuestionService) -> None:
    headings = text.outline(service.knowledge, plan_of(service))
    counts = service.manifest().labels
    for kind, label in (("section", Label.SECTION), ("box_heading", Label.BOX)):
        assert sum(heading.kind == kind for heading in headings) == counts[label]
    assert [h.start for h in headings] == sorted(h.start for h in headings)
    levels = {heading.kind: heading.level for heading in headings}
    assert levels["chapter"] < levels["section"] < levels["box_heading"] < levels["run_in"]


def test_the_cells_of_an_indicator_are_one_row(service: QuestionService) -> None:
    blocks = text.blocks(service.knowledge, plan_of(service))
    rows = {block.row for block in blocks if block.row is not None}
    indicators = [n.integer("start") for n in service.knowledge.nodes[Label.INDICATOR]]
    assert rows.issuperset(indicators)


def test_the_plans_table_is_whole_with_its_head_and_groups(service: QuestionService) -> None:
    blocks = text.blocks(service.knowledge, plan_of(service))
    table = [block for block in blocks if block.kind in ("table_header", "table_group", "table_cell")]
    assert all(block.row is not None for block in table)
    heads = {block.row for block in table if block.kind == "table_header"}
    assert heads == {next(block.start for block in table if block.kind == "table_header")}
    groups = [block for block in table if block.kind == "table_group"]
    assert groups and all(block.row == block.start for block in groups)


def test_names_stand_where_they_are_said_to_and_do_not_overlap(service: QuestionService) -> None:
    plan = plan_of(service)
    whole = service.knowledge.documents[plan].text
    names = text.names(service.knowledge, plan, 0, len(whole))
    assert len(names) > 1000
    for before, after in itertools.pairwise(names):
        assert before.end <= after.start
    for name in names:
        node = service.knowledge.by_id[name.thing.id]
        assert whole[name.start : name.end] in node.forms, (name, node.forms)


def test_a_name_is_marked_at_each_of_its_places_in_a_passage(service: QuestionService) -> None:
    plan = plan_of(service)
    whole = service.knowledge.documents[plan].text
    names = text.names(service.knowledge, plan, 0, len(whole))
    marked = {at for name in names for at in range(name.start, name.end)}
    repeated = 0
    for passage in service.knowledge.passages.values():
        written = {whole[n.start : n.end] for n in names if passage.start <= n.start and n.end <= passage.end}
        for form in written:
            places = [m.start() for m in re.finditer(re.escape(form), passage.text)]
            repeated += len(places) > 1
            assert all(passage.start + at in marked for at in places), (form, passage.text)
    assert repeated > 50


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_any_words_of_the_plan_are_found_in_it(service: QuestionService, data: st.DataObject) -> None:
    plan = plan_of(service)
    whole = service.knowledge.documents[plan].text
    start = data.draw(st.integers(0, len(whole) - 1))
    wanted = whole[start : start + data.draw(st.integers(1, 40))]
    if not wanted.strip():
        with pytest.raises(InputError, match="查找"):
            text.search(service.knowledge, plan, wanted)
        return
    found = text.search(service.knowledge, plan, wanted, limit=100_000)
    first = start + len(wanted) - len(wanted.lstrip())
    assert found.count == len(found.hits)
    places = [(hit.place.start, hit.place.end) for hit in found.hits]
    # hits of a text that overlaps itself are counted from the left
    assert any(at <= first < end for at, end in places)
    for hit in found.hits[:5]:
        assert bare(hit.place.quote) == bare(wanted)


def bare(written: str) -> str:
    return "".join(fold(written).split())


def test_width_case_and_line_breaks_do_not_matter(service: QuestionService) -> None:
    plan = plan_of(service)
    plain = text.search(service.knowledge, plan, "5G网络").count
    assert plain > 0
    for written in ("５ｇ网络", "5g 网络", "5G\n网 络"):
        assert text.search(service.knowledge, plan, written).count == plain


def test_all_hits_are_counted_where_only_the_first_are_given(service: QuestionService) -> None:
    plan = plan_of(service)
    every = text.search(service.knowledge, plan, "旅游", limit=100_000)
    first = text.search(service.knowledge, plan, "旅游", limit=3)
    assert first.count == every.count > 3
    assert first.hits == every.hits[:3]


def test_what_the_graph_knows_of_a_paragraph_stands_in_it(service: QuestionService) -> None:
    plan = plan_of(service)
    seen = 0
    for node in service.knowledge.nodes[Label.PROJECT][:20]:
        start, stop = node.integer("start"), node.integer("stop")
        assert start is not None and stop is not None
        known = text.known(service.knowledge, plan, start, stop)
        assert node.id in [thing.id for thing in known.things]
        for relation in (*known.relations, *known.conflicts):
            places = [p for p in (relation.fact.place, relation.fact.other_place) if p]
            assert any(place.start < stop and place.end > start for place in places)
            seen += 1
    assert seen > 20


def test_contradictions_are_told_at_both_of_their_places(service: QuestionService) -> None:
    plan = plan_of(service)
    for contradiction in service.knowledge.contradictions:
        for start, end in contradiction.spans:
            known = text.known(service.knowledge, plan, start, end)
            spans = [
                {(p.start, p.end) for p in (r.fact.place, r.fact.other_place) if p} for r in known.conflicts
            ]
            assert set(contradiction.spans) in spans


def test_an_unknown_plan_is_named_with_those_that_are_there(service: QuestionService) -> None:
    with pytest.raises(InputError, match=f"没有编号为 x 的规划。现有：{plan_of(service)}"):
        text.outline(service.knowledge, "x")
