"""Parts of the graph: around a thing, the start, paths; the same as the store tells."""

from __future__ import annotations

from itertools import pairwise

import networkx as nx
import pytest

from kg.errors import InputError
from kg.schema import Label, RelationType
from qa.browse import graph
from qa.reports import run_named
from qa.service import QuestionService


def test_around_a_thing_are_its_neighbours_and_all_that_ties_these(service: QuestionService) -> None:
    knowledge = service.knowledge
    for node in knowledge.nodes[Label.ENTERPRISE][:15]:
        part = graph.around(knowledge, node.id, limit=300)
        rows = service.cypher(
            "MATCH (a:Entity {id: $id})-[r]-(b:Entity) WHERE NOT type(r) IN ['MENTIONS', 'HAS_PASSAGE']"
            " AND NOT b:Passage RETURN DISTINCT b.id AS id",
            {"id": node.id},
        )
        assert {n.id for n in part.nodes} == {node.id, *(str(row["id"]) for row in rows)}
        ids = {n.id for n in part.nodes}
        assert all(edge.source in ids and edge.target in ids for edge in part.edges)


def test_a_small_room_keeps_what_is_best_tied_and_counts_the_rest(service: QuestionService) -> None:
    knowledge = service.knowledge
    parts = [graph.around(knowledge, node.id, limit=300) for node in knowledge.nodes[Label.INDUSTRY]]
    whole = max(parts, key=lambda part: len(part.nodes))
    node = whole.nodes[0]
    part = graph.around(service.knowledge, node.id, limit=3)
    assert len(part.nodes) == 4 and part.left_out == len(whole.nodes) - 4 > 0


def test_only_wanted_relations_and_labels_come(service: QuestionService) -> None:
    node = service.knowledge.nodes[Label.ENTERPRISE][0]
    part = graph.around(service.knowledge, node.id, types=[RelationType.BELONGS_TO], labels=[Label.INDUSTRY])
    assert {n.label for n in part.nodes if n.id != node.id} <= {"Industry"}
    assert {edge.type for edge in part.edges} <= {"BELONGS_TO"}


def test_the_start_is_tied_together_and_small(service: QuestionService) -> None:
    part = graph.start(service.knowledge, 40)
    tied = {end for edge in part.edges for end in (edge.source, edge.target)}
    assert 10 < len(part.nodes) <= 40 and {n.id for n in part.nodes} == tied


def test_a_path_is_as_short_as_the_shortest(service: QuestionService) -> None:
    knowledge = service.knowledge
    whole = nx.Graph()
    for row in service.cypher(
        "MATCH (a:Entity)-[r]->(b:Entity) WHERE type(r) IN $types AND NOT a:Passage AND NOT b:Passage"
        " RETURN a.id AS a, b.id AS b",
        {"types": [type.value for type in graph.CONTENT]},
        max_rows=100_000,
    ):
        whole.add_edge(row["a"], row["b"])
    firms, towns = knowledge.nodes[Label.ENTERPRISE][:8], knowledge.nodes[Label.TOWN][:4]
    compared = 0
    for firm in firms:
        for town in towns:
            found = graph.paths(knowledge, firm.id, town.id)
            if found.structural or not found.paths:
                known = firm.id in whole and town.id in whole
                assert not (known and nx.has_path(whole, firm.id, town.id))
                continue
            shortest = nx.shortest_path_length(whole, firm.id, town.id)
            for route in found.paths:
                assert len(route) == shortest
                assert route[0].source.id == firm.id and route[-1].target.id == town.id
                assert all(before.target == after.source for before, after in pairwise(route))
            compared += 1
    assert compared > 3


def test_every_quote_of_a_path_stands_in_the_plan(service: QuestionService) -> None:
    firms = service.knowledge.nodes[Label.ENTERPRISE]
    found = graph.paths(service.knowledge, firms[0].id, firms[5].id)
    for route in found.paths:
        for hop in route:
            for edge in hop.edges:
                if edge.place:
                    text = service.knowledge.documents[edge.place.plan].text
                    assert text[edge.place.start : edge.place.end] == edge.place.quote


def test_the_named_query_and_the_page_find_paths_of_the_same_length(service: QuestionService) -> None:
    firms, compared = service.knowledge.nodes[Label.ENTERPRISE], 0
    for first, second in pairwise(firms[:12]):
        rows = run_named(service.knowledge, "path", [first.id, second.id]).rows
        if rows:  # it looks no further than eight steps
            assert len(rows) == len(graph.paths(service.knowledge, first.id, second.id).paths[0])
            compared += 1
    assert compared > 2


def test_a_thing_is_no_path_to_itself_and_unknown_things_are_named(service: QuestionService) -> None:
    node = service.knowledge.nodes[Label.TOWN][0]
    assert graph.paths(service.knowledge, node.id, node.id).paths == ()
    with pytest.raises(InputError, match="nowhere"):
        graph.paths(service.knowledge, node.id, "nowhere")
    with pytest.raises(InputError, match="nowhere"):
        graph.around(service.knowledge, "nowhere")


def test_a_part_opens_as_graphml(service: QuestionService) -> None:
    part = graph.start(service.knowledge, 30)
    data = graph.graphml(service.knowledge, [n.id for n in part.nodes])
    read = nx.parse_graphml(data.decode("utf-8"), force_multigraph=True)
    assert set(read.nodes) == {n.id for n in part.nodes}
    assert read.number_of_edges() >= len(part.edges)
