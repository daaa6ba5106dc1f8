"""The plans' projects and enterprises as tables."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from kg.schema import Label, RelationType
from qa.browse.edges import Edges, edges
from qa.browse.model import Place, Thing
from qa.browse.things import place_of, thing_of
from qa.knowledge import Knowledge, Node

_PLACE_ABOVE = (RelationType.PART_OF, RelationType.LOCATED_IN)


@dataclass(frozen=True, slots=True)
class ProjectRow:
    """A project. ``towns`` are those of its places; ``industries`` with those above them, the narrower first.

    ``investment_yi_yuan`` in 100 million yuan, None where the plan states none.
    """

    thing: Thing
    plan: str
    number: int | None
    box: str
    industries: tuple[Thing, ...]
    places: tuple[Thing, ...]
    towns: tuple[Thing, ...]
    owners: tuple[Thing, ...]
    products: tuple[Thing, ...]
    status: str
    capacity: str
    investment: str
    investment_yi_yuan: float | None
    place: Place | None


@dataclass(frozen=True, slots=True)
class EnterpriseRow:
    """A firm. ``investment_yi_yuan`` is the sum over those ``projects`` that state one, ``invested`` many."""

    thing: Thing
    plan: str
    aliases: tuple[str, ...]
    industries: tuple[Thing, ...]
    places: tuple[Thing, ...]
    towns: tuple[Thing, ...]
    projects: tuple[Thing, ...]
    invested: int
    investment_yi_yuan: float | None
    products: tuple[Thing, ...]
    partners: tuple[Thing, ...]
    group: Thing | None
    chains: tuple[Thing, ...]
    place: Place | None


def projects(knowledge: Knowledge) -> tuple[ProjectRow, ...]:
    """All projects, in the order of the plans."""
    return tuple(_project(knowledge, edges(knowledge), node) for node in knowledge.nodes[Label.PROJECT])


def enterprises(knowledge: Knowledge) -> tuple[EnterpriseRow, ...]:
    """All firms, in the order in which the plans name them."""
    return tuple(_enterprise(knowledge, edges(knowledge), node) for node in knowledge.nodes[Label.ENTERPRISE])


def _project(knowledge: Knowledge, graph: Edges, node: Node) -> ProjectRow:
    places, towns = _located(graph, node)
    boxes = graph.sources(node, RelationType.LISTS)
    return ProjectRow(
        thing=thing_of(node),
        plan=node.text("plan"),
        number=node.integer("number"),
        box=boxes[0].name if boxes else "",
        industries=_industries(graph, node),
        places=places,
        towns=towns,
        owners=_things(graph.targets(node, RelationType.IMPLEMENTED_BY)),
        products=_things(graph.targets(node, RelationType.PRODUCES)),
        status=node.text("status"),
        capacity=node.text("capacity"),
        investment=node.text("investment"),
        investment_yi_yuan=node.number("investment_yi_yuan"),
        place=place_of(knowledge, node),
    )


def _enterprise(knowledge: Knowledge, graph: Edges, node: Node) -> EnterpriseRow:
    places, towns = _located(graph, node)
    own = graph.sources(node, RelationType.IMPLEMENTED_BY)
    amounts = [amount for p in own if (amount := p.number("investment_yi_yuan")) is not None]
    groups = [upper for upper in graph.targets(node, RelationType.PART_OF) if upper.label is Label.ENTERPRISE]
    chains = [*graph.targets(node, RelationType.DRIVES), *graph.sources(node, RelationType.CONSISTS_OF)]
    partners = [edge.other(node) for edge in graph.of(node, RelationType.COOPERATES_WITH)]
    return EnterpriseRow(
        thing=thing_of(node),
        plan=node.text("plan"),
        aliases=node.aliases,
        industries=_industries(graph, node),
        places=places,
        towns=towns,
        projects=_things(own),
        invested=len(amounts),
        investment_yi_yuan=round(sum(amounts), 6) if amounts else None,
        products=_things(graph.targets(node, RelationType.PRODUCES)),
        partners=_things(partners),
        group=thing_of(groups[0]) if groups else None,
        chains=_things(chain for chain in chains if chain.text("kind") == "chain"),
        place=place_of(knowledge, node),
    )


def _industries(graph: Edges, node: Node) -> tuple[Thing, ...]:
    own = graph.targets(node, RelationType.BELONGS_TO)
    return _things(upper for industry in own for upper in graph.above(industry, RelationType.PART_OF))


def _located(graph: Edges, node: Node) -> tuple[tuple[Thing, ...], tuple[Thing, ...]]:
    """Where a thing is: the places, and the towns that they are or lie in."""
    own = graph.targets(node, RelationType.LOCATED_IN)
    around = [upper for place in own for upper in graph.above(place, *_PLACE_ABOVE)]
    return _things(own), _things(upper for upper in around if upper.label is Label.TOWN)


def _things(nodes: Iterable[Node]) -> tuple[Thing, ...]:
    return tuple(thing_of(node) for node in {node.id: node for node in nodes}.values())
