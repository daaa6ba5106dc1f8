"""How well goals, facts, named sets, chains and contradictions of a graph agree with the annotated plan."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import permutations

from benchmarks.graph_gold import Chain, Entry, Goal, Gold
from benchmarks.graph_scores import (
    GraphView,
    Score,
    Tally,
    assign,
    figures,
    overlap,
    plain_text,
    same_value,
)
from kg.model import Entity, Relation
from kg.schema import Label, RelationType

_SIGNS = {"≥": ">=", "≤": "<=", "＞": ">", "＜": "<"}
#: names of one unit
_UNITS = {"％": "%", "公里": "km", "家": "户", "名": "人"}
#: how much of the shorter of two metric names the other must share
_SAME_METRIC = 0.6
#: what stands between members of a chain's link
_AND = re.compile(r"[、/]")
#: method of relations that make a chain
_CHAIN = "chain"
#: quote, start, end
Side = tuple[str, int, int]


def targets(gold: Gold, graph: GraphView) -> Iterator[Score]:
    """Goals of the annotated stretch, and how many of the found ones have each part right."""
    scope = gold.targets.scope
    nodes = [
        node
        for node in graph.of(Label.TARGET)
        if node.properties.get("tense") != "achieved" and scope.start <= _start(node) < scope.end
    ]
    goals = gold.targets.targets
    pairs = assign(goals, nodes, _weigh_goal)
    tally = Tally("targets")
    for g, goal in enumerate(goals):
        if not goal.optional:
            tally.want(g in pairs, f"{goal.quote}（{goal.value}{goal.unit}）")
    taken = {f: goals[g] for g, f in pairs.items()}
    for f, node in enumerate(nodes):
        match = taken.get(f)
        if match is None or not match.optional:
            p = node.properties
            tally.got(match is not None, f"{node.name}（{p.get('metric')}：{p.get('value_text')}）")
    yield tally.score()
    yield from _parts([(goals[g], nodes[f]) for g, f in pairs.items() if not goals[g].optional])


def _start(node: Entity) -> int:
    start = node.properties.get("start")
    return start if isinstance(start, int) else -1


def _weigh_goal(goal: Goal, node: Entity) -> float:
    """Characters shared by the quotes if the values are equal; an optional goal may have no figure."""
    p = node.properties
    start, stop, value = _start(node), p.get("stop"), p.get("value")
    if not isinstance(stop, int) or not isinstance(value, int | float):
        return 0.0
    shared = overlap(goal.start, goal.end, start, stop)
    numbers = figures(str(p.get("value_text", "")))
    unit = str(p.get("unit", ""))
    equal = goal.numbers == numbers or any(same_value(n, goal.unit, value, unit) for n in goal.numbers)
    if goal.optional and not goal.numbers:
        equal = True
    return shared / (1.0 + bool(goal.optional)) if equal else 0.0


def _parts(pairs: Sequence[tuple[Goal, Entity]]) -> Iterator[Score]:
    """Of the goals that were found: which have the right metric, comparator, unit, year."""
    parts = ("metric", "comparator", "unit", "year")
    tallies = {part: Tally(f"targets: {part}", sample=True) for part in parts}
    for goal, node in pairs:
        p = node.properties
        found = {k: str(p.get(k, "")) for k in tallies}
        checks = {
            "metric": _same_metric(goal.metric, found["metric"] + str(p.get("change", ""))),
            "comparator": _SIGNS.get(found["comparator"], found["comparator"]) == goal.comparator,
            "unit": _UNITS.get(found["unit"], found["unit"]) == _UNITS.get(goal.unit, goal.unit),
            "year": goal.year is None or found["year"] == str(goal.year),
        }
        for part, right in checks.items():
            tallies[part].want(right, f"{goal.quote}：应为 {getattr(goal, part)}，得 {found[part]}")
    yield from (tally.score() for tally in tallies.values())


def _same_metric(left: str, right: str) -> bool:
    """Whether the names share enough characters, in whatever order."""
    a, b = set(plain_text(left)), set(plain_text(right))
    return len(a & b) >= _SAME_METRIC * min(len(a), len(b)) > 0


def achieved(gold: Gold, graph: GraphView) -> Score:
    """Facts of what has been reached; a sample."""
    nodes = [node for node in graph.of(Label.TARGET) if node.properties.get("tense") == "achieved"]
    pairs = assign(gold.achieved, nodes, _weigh_goal)
    tally = Tally("achieved facts", sample=True)
    for g, fact in enumerate(gold.achieved):
        tally.want(g in pairs, f"{fact.quote}（{fact.value}{fact.unit}）")
    return tally.score()


# -- sets and chains


def concepts(gold: Gold, graph: GraphView) -> Iterator[Score]:
    """Named sets, and their members; a set that the gold does not have is false."""
    finds: dict[str, list[Entity]] = defaultdict(list)
    for r in graph.relations(RelationType.CONSISTS_OF):
        if r.method != _CHAIN:
            finds[r.source].append(graph.entities[r.target])
    nodes = [graph.entities[id] for id in finds]
    keys = [graph.names.keys(c.name, *c.aliases) for c in gold.concepts]
    pairs = assign(keys, nodes, lambda wanted, node: float(len(wanted & graph.keys(node))))
    sets, members = Tally("concepts"), Tally("concept members")
    taken = {f: gold.concepts[c] for c, f in pairs.items()}
    for c, concept in enumerate(gold.concepts):
        if concept.optional:
            continue
        sets.want(c in pairs, concept.name)
        held = [graph.keys(n) for n in finds[nodes[pairs[c]].id]] if c in pairs else []
        for group in concept.members:
            wanted = graph.names.keys(*group)
            members.want(any(wanted & h for h in held), f"{concept.name}：{group[0]}")
    for f, node in enumerate(nodes):
        match = taken.get(f)
        if match is None or not match.optional:
            sets.got(match is not None, f"{node.name}：{'、'.join(n.name for n in finds[node.id])}")
        if match is not None and not match.optional:
            right = graph.names.keys(*(m for group in match.members for m in group))
            for member in finds[node.id]:
                members.got(bool(graph.keys(member) & right), f"{match.name}：{member.name}")
    yield sets.score()
    yield members.score()


def chains(gold: Gold, graph: GraphView) -> Score:
    """Chains with all members in order; links of several members may be split or not."""
    found = _chains(graph)
    tally = Tally("chains")
    pairs = assign(gold.chains.chains, found, lambda c, rs: _weigh_chain(c, rs, graph))
    for c, chain in enumerate(gold.chains.chains):
        if not chain.optional:
            tally.want(c in pairs, chain.quote)
    taken = {f: gold.chains.chains[c] for c, f in pairs.items()}
    for f, relations in enumerate(found):
        match = taken.get(f)
        if match is None or not match.optional:
            tally.got(match is not None, "—".join(_links(relations, graph)))
    return tally.score()


def chain_links(graph: GraphView) -> list[list[str]]:
    """The members of every chain in order."""
    return [_links(relations, graph) for relations in _chains(graph)]


def _chains(graph: GraphView) -> list[list[Relation]]:
    found: dict[str, list[Relation]] = defaultdict(list)
    for r in graph.relations(RelationType.CONSISTS_OF):
        if r.method == _CHAIN and r.evidence:
            found[r.source].append(r)
    return list(found.values())


def _links(relations: Sequence[Relation], graph: GraphView) -> list[str]:
    order = sorted(relations, key=lambda r: float(str(r.properties.get("order", 0))))
    return [graph.entities[r.target].name for r in order]


def _weigh_chain(chain: Chain, relations: Sequence[Relation], graph: GraphView) -> float:
    quotes = [r.evidence for r in relations if r.evidence]
    on_it = sum(1 for e in quotes if overlap(chain.start, chain.end, e.start, e.end))
    wanted, found = (_flat(links) for links in (chain.members, _links(relations, graph)))
    return float(on_it) if wanted == found else 0.0


def _flat(links: Sequence[str]) -> list[str]:
    return [plain_text(part) for link in links for part in _AND.split(link)]


# -- contradictions


def conflicts(gold: Gold, graph: GraphView) -> Score:
    """CONFLICTS_WITH: a find is right if its two quotes meet two statements of one contradiction."""
    tally = Tally("conflicts")
    finds = [(r, sides(r, graph)) for r in graph.relations(RelationType.CONFLICTS_WITH)]
    for c in gold.conflicts.conflicts:
        if c.certain:
            hit = any(_meets(c.kind, c.statements, pair) for _, pair in finds)
            tally.want(hit, f"{c.kind}：{c.about}")
    for r, pair in finds:
        hits = [c for c in gold.conflicts.conflicts if _meets(c.kind, c.statements, pair)]
        if not hits or any(c.certain for c in hits):
            text = " ↔ ".join(quote for quote, _, _ in pair)
            tally.got(bool(hits), f"{r.properties.get('kind')}：{text}")
    return tally.score()


def sides(relation: Relation, graph: GraphView) -> tuple[Side, Side]:
    """Both quotes of a contradiction with their offsets (-1, -1 if unknown)."""
    p, e = relation.properties, relation.evidence
    first = (e.quote, e.start, e.end) if e else (graph.entities[relation.source].name, -1, -1)
    start, stop = p.get("other_start"), p.get("other_stop")
    ends = (start, stop) if isinstance(start, int) and isinstance(stop, int) else (-1, -1)
    return first, (str(p.get("other_quote", "")), *ends)


def _meets(kind: str, statements: Sequence[Entry], pair: tuple[Side, Side]) -> bool:
    return any(_on(kind, a, pair[0]) and _on(kind, b, pair[1]) for a, b in permutations(statements, 2))


def _on(kind: str, statement: Entry, side: Side) -> bool:
    """Whether a side lies on a statement, or, of a name, says it elsewhere, if shorter or longer."""
    quote, start, end = side
    if overlap(statement.start, statement.end, start, end):
        return True
    name, said = plain_text(statement.quote), plain_text(quote)
    return kind == "name" and (name in said or (len(said) > 1 and said in name))
