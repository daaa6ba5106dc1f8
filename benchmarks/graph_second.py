"""How well a graph agrees with the gold of an invented plan; its form is described in its ``about``."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import permutations
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from benchmarks.graph_scores import (
    GraphView,
    Score,
    Tally,
    assign,
    figures,
    overlap,
    plain_text,
    project_key,
    same_value,
    score_choices,
    score_sets,
)
from benchmarks.graph_statements import chain_links, sides
from ingest.lexicon import IndustryEntry, load_lexicon
from kg.model import Entity
from kg.schema import Label, RelationType
from kg.settings import load_settings

_PLACES = (Label.TOWN, Label.VILLAGE, Label.PLACE)


class _Part(BaseModel):
    """What is measured; the file holds more (layout, traps), which other tests read."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class _Entry(_Part):
    quote: str
    start: int
    end: int


class _Thing(_Entry):
    name: str
    aliases: tuple[str, ...] = ()
    town: str = ""


class _Item(_Entry):
    name: str
    text: str
    owners: tuple[str, ...]
    places: tuple[str, ...]
    industry: str | None
    also: tuple[str, ...] = ()


class _Division(_Entry):
    kind: str
    title: str


class _Box(_Part):
    number: int | str
    title: str
    items: tuple[_Item, ...]


class _Indicator(_Entry):
    table: int
    group: str | None
    number: int
    name: str
    unit: str
    base_value: str
    target_value: str
    growth: str
    attribute: str


class _Relation(_Entry):
    source: str
    type: str
    target: str


class _Goal(_Entry):
    metric: str
    value: float
    unit: str


class _Set(_Part):
    name: str
    members: tuple[str, ...]


class _Chain(_Entry):
    members: tuple[str, ...]


class _Conflict(_Part):
    about: str
    statements: tuple[_Entry, ...]


class SecondGold(_Part):
    """The measured part of such a gold. ``complete`` names kinds whose other finds are false."""

    complete: frozenset[str] = frozenset()
    outline: tuple[_Division, ...]
    town_variants: tuple[str, ...] = ()
    boxes: tuple[_Box, ...]
    indicators: tuple[_Indicator, ...]
    enterprises: tuple[_Thing, ...]
    organizations: tuple[_Thing, ...]
    towns: tuple[_Thing, ...]
    villages: tuple[_Thing, ...]
    places: tuple[_Thing, ...]
    relations: tuple[_Relation, ...]
    targets: tuple[_Goal, ...]
    concepts: tuple[_Set, ...]
    chains: tuple[_Chain, ...]
    conflicts: tuple[_Conflict, ...]


def load_second_gold(path: Path) -> SecondGold:
    """Read the gold.

    Raises: pydantic.ValidationError: a measured field is missing.
    """
    return SecondGold.model_validate_json(path.read_bytes())


def measure_second(gold: SecondGold, graph: GraphView) -> list[Score]:
    """All scores of a plan."""
    aliases = {t.name: t.aliases for t in (*gold.enterprises, *gold.organizations, *gold.towns)}
    return [
        _things("enterprises", gold.enterprises, graph, Label.ENTERPRISE),
        _things("organizations", gold.organizations, graph, Label.ORGANIZATION, sample=True),
        *_projects(gold, graph, aliases),
        _industries(gold, graph),
        _things("towns", gold.towns, graph, Label.TOWN, written_wrong=gold.town_variants),
        _things("villages", gold.villages, graph, Label.VILLAGE),
        _things("places", gold.places, graph, *_PLACES, sample=True),
        *_relations(gold, graph, aliases),
        *_structure(gold, graph),
        _goals(gold, graph),
        *_sets(gold, graph),
        _conflicts(gold, graph),
    ]


def _things(
    kind: str,
    things: Sequence[_Thing],
    graph: GraphView,
    *labels: Label,
    sample: bool = False,
    written_wrong: Sequence[str] = (),
) -> Score:
    """Nodes of these labels, one to one; a slip of the plan is linked, not merged, so it may be a node."""
    tally = Tally(kind, sample)
    nodes = graph.of(*labels)
    keys = [graph.names.keys(t.name, *t.aliases) for t in things]
    pairs = assign(keys, nodes, lambda wanted, node: float(len(wanted & graph.keys(node))))
    slips = graph.names.keys(*written_wrong)
    variants = {
        id for r in graph.relations(RelationType.CONFLICTS_WITH) if r.properties.get("kind") == "name"
        for id in (r.source, r.target)
    }
    for t, thing in enumerate(things):
        tally.want(t in pairs, thing.name)
    taken = set(pairs.values())
    for n, node in enumerate(nodes):
        slip = graph.keys(node) & slips or (node.id in variants and any(graph.keys(node) & k for k in keys))
        if n in taken or not slip:
            tally.got(n in taken, node.name)
    return tally.score()


def _projects(gold: SecondGold, graph: GraphView, aliases: dict[str, tuple[str, ...]]) -> Iterator[Score]:
    """Owners and places of items; what only the body text says may be found or not."""
    towns = {v.name: v.town for v in gold.villages}
    for kind, type, labels in (
        ("owner", RelationType.IMPLEMENTED_BY, (Label.ENTERPRISE, Label.ORGANIZATION)),
        ("place", RelationType.LOCATED_IN, _PLACES),
    ):
        tally = Tally(f"{kind}")
        finds = graph.of_projects(type, *labels)
        for box in gold.boxes:
            for number, item in enumerate(box.items, 1):
                stated = item.owners if kind == "owner" else item.places
                wider = {towns[name] for name in stated if name in towns}
                body = {r.target for r in gold.relations if r.type == type.value and r.source in item.name}
                groups = [graph.names.keys(n, *aliases.get(n, ())) for n in stated if n not in wider]
                either = (*wider, *body, *item.also)
                also = graph.names.keys(
                    *(n for w in either for n in (w, *aliases.get(w, ()), towns.get(w, w))),
                    graph.jurisdiction,
                )
                found = {n.name: graph.keys(n) for n in finds.get((str(box.number), number), [])}
                score_choices(tally, f"{box.number}/{number} {item.name}", groups, also, found)
        yield tally.score()


def _industries(gold: SecondGold, graph: GraphView) -> Score:
    """Industries of items that state one, where the taxonomy knows the word."""
    tally = Tally("industry", sample=True)
    lexicon = load_lexicon(load_settings().lexicon_dir).industries
    finds = graph.of_projects(RelationType.BELONGS_TO, Label.INDUSTRY)
    for box in gold.boxes:
        for number, item in enumerate(box.items, 1):
            if item.industry and (accepted := _accepted(item.industry, lexicon)):
                found = {n.name for n in finds.get((str(box.number), number), [])}
                tally.want(bool(found & accepted), f"{item.name} → {item.industry}，得 {'、'.join(found)}")
    return tally.score()


def _accepted(word: str, lexicon: Sequence[IndustryEntry]) -> set[str]:
    """All branches of the first level that this word belongs to: the plan's own words are that broad."""
    direct = [e for e in lexicon if word in (e.name, *e.synonyms, *e.keywords) or word in e.name]
    first = {e.parent or e.name for e in direct}
    return first | {e.name for e in lexicon if e.parent in first}


def _relations(gold: SecondGold, graph: GraphView, aliases: dict[str, tuple[str, ...]]) -> Iterator[Score]:
    """Relations between firms, organisations, towns and what they make or develop; a sample."""
    for type in (RelationType.COOPERATES_WITH, RelationType.PART_OF, RelationType.DEVELOPS):
        tally = Tally(f"{type.value.lower().replace('_', ' ')}", sample=True)
        pairs = [(graph.entities[r.source], graph.entities[r.target]) for r in graph.relations(type)]
        for r in gold.relations:
            if r.type == type.value:
                ends = [graph.names.keys(n, *aliases.get(n, ())) for n in (r.source, r.target)]
                hit = any(
                    _alike(ends[0], graph.keys(a)) and _alike(ends[1], graph.keys(b))
                    for pair in pairs
                    for a, b in ([pair] if type is not RelationType.COOPERATES_WITH else permutations(pair))
                )
                tally.want(hit, f"{r.source} → {r.target}")
        yield tally.score()


def _alike(left: frozenset[str], right: frozenset[str]) -> bool:
    """One name is the other, or a part of it: 竹产业 and 竹产业链."""
    return bool(left & right) or any(a in b or b in a for a in left for b in right if min(len(a), len(b)) > 2)


def _structure(gold: SecondGold, graph: GraphView) -> Iterator[Score]:
    """Divisions; boxes; items by box, position and words; indicators with every cell."""
    outline, boxes = Tally("outline"), Tally("boxes")
    divisions = graph.of(Label.PART, Label.CHAPTER, Label.SECTION)
    score_sets(
        outline,
        {(d.kind, plain_text(d.title), d.end) for d in gold.outline},
        {(d.label.value.lower(), plain_text(d.name), d.properties["stop"]) for d in divisions},
    )
    yield outline.score()
    score_sets(
        boxes,
        {str(b.number) for b in gold.boxes},
        {str(b.properties["number"]) for b in graph.of(Label.BOX)},
    )
    yield boxes.score()
    items, names = Tally("box items"), Tally("item names", sample=True)
    found_items = {project_key(p): plain_text(p.name) for p in graph.of(Label.PROJECT)}
    wanted = {(str(b.number), n): i for b in gold.boxes for n, i in enumerate(b.items, 1)}
    for key, item in wanted.items():
        words = found_items.get(key)
        items.want(words in (plain_text(item.name), plain_text(item.text)), f"{key} {item.text}")
        names.want(words == plain_text(item.name), f"{key} {item.name}，得 {words}")
    for key, words in found_items.items():
        items.got(key in wanted, f"{key} {words}")
    yield items.score()
    yield names.score()
    rows = Tally("indicators")
    fields = ("unit", "base_value", "target_value", "growth", "attribute")
    found = {(p.name, *(_cell(p.properties.get(f)) for f in fields)) for p in graph.of(Label.INDICATOR)}
    score_sets(rows, {(i.name, *(_cell(getattr(i, f)) for f in fields)) for i in gold.indicators}, found)
    yield rows.score()


def _cell(value: object) -> str:
    return "" if value is None or str(value) in ("-", "—", "") else plain_text(str(value))


def _goals(gold: SecondGold, graph: GraphView) -> Score:
    """Goals by quote and value; where the gold is complete, other goals are false."""
    whole = "targets" in gold.complete
    tally = Tally("targets", sample=not whole)
    nodes = [n for n in graph.of(Label.TARGET) if not whole or n.properties.get("tense") != "achieved"]
    pairs = assign(gold.targets, nodes, _weigh)
    for g, goal in enumerate(gold.targets):
        tally.want(g in pairs, f"{goal.quote}（{goal.value:g}{goal.unit}）")
    taken = set(pairs.values())
    for n, node in enumerate(nodes):
        tally.got(n in taken, f"{node.name}（{node.properties.get('value_text')}）")
    return tally.score()


def _weigh(goal: _Goal, node: Entity) -> float:
    p = node.properties
    start, stop, value = p.get("start"), p.get("stop"), p.get("value")
    if not isinstance(start, int) or not isinstance(stop, int) or not isinstance(value, int | float):
        return 0.0
    unit = str(p.get("unit", ""))
    equal = goal.value in figures(str(p.get("value_text", "")))
    equal = equal or same_value(goal.value, goal.unit, value, unit)
    return float(overlap(goal.start, goal.end, start, stop)) if equal else 0.0


def _sets(gold: SecondGold, graph: GraphView) -> Iterator[Score]:
    """Members of named sets, and chains in order; samples."""
    members = Tally("concept members", sample=True)
    held: dict[str, list[Entity]] = defaultdict(list)
    for r in graph.relations(RelationType.CONSISTS_OF):
        held[plain_text(graph.entities[r.source].name)].append(graph.entities[r.target])
    for concept in gold.concepts:
        keys = [graph.keys(n) for n in held[plain_text(concept.name)]]
        for member in concept.members:
            wanted = graph.names.keys(member)
            members.want(any(_alike(wanted, k) for k in keys), f"{concept.name}：{member}")
    yield members.score()
    chains = Tally("chains", sample=True)
    found = [[plain_text(n) for n in links] for links in chain_links(graph)]
    for chain in gold.chains:
        chains.want([plain_text(m) for m in chain.members] in found, chain.quote)
    yield chains.score()


def _conflicts(gold: SecondGold, graph: GraphView) -> Score:
    """The planted contradictions; whatever else is reported is false."""
    tally = Tally("conflicts")
    finds = [sides(r, graph) for r in graph.relations(RelationType.CONFLICTS_WITH)]
    for c in gold.conflicts:
        tally.want(any(_meets(c, f) for f in finds), c.about)
    for f in finds:
        tally.got(any(_meets(c, f) for c in gold.conflicts), " ↔ ".join(quote for quote, _, _ in f))
    return tally.score()


def _meets(conflict: _Conflict, find: Sequence[tuple[str, int, int]]) -> bool:
    """A name may be quoted where it stands elsewhere, so a side may also say what a statement says."""
    return any(
        all(
            overlap(s.start, s.end, start, end) > 0 or (len(quote) > 2 and quote in s.quote)
            for s, (quote, start, end) in zip(pair, find, strict=True)
        )
        for pair in permutations(conflict.statements, 2)
    )
