"""Projects, enterprises, indicators and contradictions as tables; what is related, and why."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from kg.schema import Label
from qa.browse import contradictions, indicators, related, tables
from qa.service import QuestionService


def test_every_project_and_firm_of_the_graph_has_its_row(service: QuestionService) -> None:
    nodes = service.knowledge.nodes
    assert [r.thing.id for r in tables.projects(service.knowledge)] == [n.id for n in nodes[Label.PROJECT]]
    assert [r.thing.id for r in tables.enterprises(service.knowledge)] == [
        n.id for n in nodes[Label.ENTERPRISE]
    ]


def test_a_row_has_the_relations_of_the_graph(service: QuestionService) -> None:
    for type, column in (("IMPLEMENTED_BY", "owners"), ("LOCATED_IN", "places"), ("PRODUCES", "products")):
        rows = service.cypher(f"MATCH (p:Project)-[:{type}]->(b:Entity) RETURN p.id AS id, b.id AS other")
        expected = {(str(row["id"]), str(row["other"])) for row in rows}
        shown = {
            (row.thing.id, thing.id)
            for row in tables.projects(service.knowledge)
            for thing in getattr(row, column)
        }
        assert shown == expected and expected


def test_the_towns_of_a_project_are_those_that_its_places_lie_in(service: QuestionService) -> None:
    rows = service.cypher(
        "MATCH (p:Project)-[:LOCATED_IN]->(:Entity)-[:PART_OF|LOCATED_IN*0..3]->(t:Town)"
        " RETURN DISTINCT p.id AS id, t.id AS town"
    )
    expected = {(str(row["id"]), str(row["town"])) for row in rows}
    shown = {(row.thing.id, town.id) for row in tables.projects(service.knowledge) for town in row.towns}
    assert shown == expected and expected


def test_the_investment_of_a_firm_is_the_sum_of_what_is_stated(service: QuestionService) -> None:
    amounts = {row.thing.id: row.investment_yi_yuan for row in tables.projects(service.knowledge)}
    some = 0
    for row in tables.enterprises(service.knowledge):
        stated = [a for p in row.projects if (a := amounts[p.id]) is not None]
        assert row.invested == len(stated)
        assert (row.investment_yi_yuan is None) == (not stated)
        assert math.isclose(row.investment_yi_yuan or 0, sum(stated))
        some += bool(stated)
    assert some


def test_what_an_indicator_takes_a_year_leads_to_its_target(service: QuestionService) -> None:
    computed = 0
    for row in indicators.indicators(service.knowledge):
        if row.needed is None:
            continue
        assert row.base_number is not None and row.target_number is not None
        assert row.base_year is not None and row.target_year is not None
        value = row.base_number
        for _ in range(row.base_year, row.target_year):
            value = value + row.needed.value if row.needed.points else value * (1 + row.needed.value / 100)
        assert math.isclose(value, row.target_number, rel_tol=1e-9)
        assert row.needed.points == ("%" in row.unit)
        assert f"{round(row.needed.value, 2):.10g}" in row.needed.expression
        computed += 1
    assert computed > 10


def test_what_is_no_plain_number_is_not_computed(service: QuestionService) -> None:
    for row in indicators.indicators(service.knowledge):
        if row.base_number is None or row.target_number is None:
            assert row.needed is None and row.change is None


def test_statements_and_disputes_of_an_indicator_stand_in_the_plan(service: QuestionService) -> None:
    found = indicators.indicators(service.knowledge)
    places = [s.place for row in found for s in row.statements]
    places += [place for row in found for d in row.disputes for place in (d.first, d.second)]
    assert len(places) > 10
    for place in places:
        assert place is not None
        assert service.knowledge.documents[place.plan].text[place.start : place.end] == place.quote


def test_related_things_are_so_for_a_reason_that_the_graph_has(service: QuestionService) -> None:
    seen = 0
    nodes = service.knowledge.nodes
    for node in (*nodes[Label.ENTERPRISE][:20], *nodes[Label.PROJECT][:20]):
        for item in related.related(service.knowledge, node.id):
            assert item.thing.id != node.id and item.reasons
            for reason in item.reasons:
                other = reason.via.id if reason.via else node.id
                for end in ([item.thing.id, node.id] if reason.via else [item.thing.id]):
                    rows = service.cypher(
                        f"MATCH (a:Entity {{id: $a}})-[r:{reason.type}]-(b:Entity {{id: $b}})"
                        " RETURN count(r) AS n",
                        {"a": end, "b": other},
                    )
                    assert rows[0]["n"], (node.name, item.thing.name, reason)
                seen += 1
    assert seen > 50


def test_what_differs_between_two_statements_is_marked() -> None:
    assert contradictions.differences("达到150户", "达到100户") == (((2, 5),), ((2, 5),))
    assert contradictions.differences("一样", "一样") == ((), ())
    assert contradictions.differences("甲、乙", "甲、乙、丙") == ((), ((3, 5),))


@given(st.text(max_size=30), st.text(max_size=30))
def test_what_is_not_marked_is_the_same_in_both(first: str, second: str) -> None:
    ours, theirs = contradictions.differences(first, second)
    assert unmarked(first, ours) == unmarked(second, theirs)


def unmarked(text: str, spans: contradictions.Spans) -> str:
    marked = {at for start, end in spans for at in range(start, end)}
    return "".join(char for at, char in enumerate(text) if at not in marked)
