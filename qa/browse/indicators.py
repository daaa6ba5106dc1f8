"""The indicators of the plans: values, what they take a year, and what the text says of them."""

from __future__ import annotations

from dataclasses import dataclass

from kg.schema import Label, RelationType
from qa.browse.edges import Edges, edges
from qa.browse.model import Place, Thing
from qa.browse.things import place_of, relation_place, thing_of
from qa.knowledge import Knowledge, Node

_PERCENT = ("%", "％", "‰")


@dataclass(frozen=True, slots=True)
class Growth:
    """What an indicator needs a year; ``points``: in percentage points, else per cent of growth."""

    value: float
    points: bool
    expression: str


@dataclass(frozen=True, slots=True)
class Statement:
    """A figure of the running text for an indicator; ``tense`` is ``achieved`` or ``goal``."""

    thing: Thing
    tense: str
    value: str
    year: int | None
    place: Place | None


@dataclass(frozen=True, slots=True)
class Dispute:
    """A statement that contradicts the indicator's row or another statement on it."""

    kind: str
    first: Place | None
    second: Place | None


@dataclass(frozen=True, slots=True)
class IndicatorRow:
    """An indicator. ``base`` and ``target`` as printed, with their numbers where they are plain ones.

    ``growth_printed`` is the table's own column of growth; ``needed`` is computed from base and target.
    """

    thing: Thing
    plan: str
    group: str
    number: int | None
    unit: str
    attribute: str
    base_year: int | None
    base: str
    base_number: float | None
    target_year: int | None
    target: str
    target_number: float | None
    target_comparator: str
    growth_printed: str
    change: float | None
    needed: Growth | None
    statements: tuple[Statement, ...]
    disputes: tuple[Dispute, ...]
    place: Place | None


def indicators(knowledge: Knowledge) -> tuple[IndicatorRow, ...]:
    """All indicators, in the order of the tables."""
    graph = edges(knowledge)
    return tuple(_row(knowledge, graph, node) for node in knowledge.nodes[Label.INDICATOR])


def _row(knowledge: Knowledge, graph: Edges, node: Node) -> IndicatorRow:
    groups = graph.sources(node, RelationType.HAS_INDICATOR)
    stated = graph.sources(node, RelationType.TARGETS)
    base, target = node.number("base_number"), node.number("target_number")
    change = None if base is None or target is None else round(target - base, 6)
    return IndicatorRow(
        thing=thing_of(node),
        plan=node.text("plan"),
        group=groups[0].name if groups else "",
        number=node.integer("number"),
        unit=node.text("unit"),
        attribute=node.text("attribute"),
        base_year=node.integer("base_year"),
        base=node.text("base_value"),
        base_number=base,
        target_year=node.integer("target_year"),
        target=node.text("target_value"),
        target_number=target,
        target_comparator=node.text("target_comparator"),
        growth_printed=node.text("growth"),
        change=change,
        needed=_needed(node),
        statements=tuple(_statement(knowledge, each) for each in stated),
        disputes=_disputes(knowledge, graph, (node, *stated)),
        place=place_of(knowledge, node),
    )


def _needed(node: Node) -> Growth | None:
    """Growth a year from base to target; None unless both are plain numbers of different years."""
    base, target = node.number("base_number"), node.number("target_number")
    first, last = node.integer("base_year"), node.integer("target_year")
    if base is None or target is None or first is None or last is None or last <= first:
        return None
    years = last - first
    if any(sign in node.text("unit") for sign in _PERCENT):
        value = (target - base) / years
        expression = f"({_shown(target)} − {_shown(base)}) ÷ {years} = {_shown(round(value, 2))}"
        return Growth(value, True, expression)
    if base <= 0 or target <= 0:
        return None
    value = ((target / base) ** (1 / years) - 1) * 100
    expression = f"({_shown(target)} ÷ {_shown(base)})^(1/{years}) − 1 = {_shown(round(value, 2))}%"
    return Growth(value, False, expression)


def _statement(knowledge: Knowledge, node: Node) -> Statement:
    return Statement(
        thing=thing_of(node),
        tense=node.text("tense"),
        value=node.text("value_text"),
        year=node.integer("year"),
        place=place_of(knowledge, node),
    )


def _disputes(knowledge: Knowledge, graph: Edges, nodes: tuple[Node, ...]) -> tuple[Dispute, ...]:
    found = {}
    for node in nodes:
        for edge in graph.of(node, RelationType.CONFLICTS_WITH):
            kind = edge.relation.get("kind") if isinstance(edge.relation, dict) else ""
            first, second = edge.place(knowledge), relation_place(knowledge, edge.relation, "other_")
            found[edge.source.id, edge.target.id] = Dispute(str(kind or ""), first, second)
    return tuple(found.values())


def _shown(value: float) -> str:
    return f"{value:.10g}"
