"""How well a graph agrees with the annotated plan, kind by kind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import permutations

from benchmarks.graph_gold import Firm, Gold, ProjectEntry
from benchmarks.graph_scores import (
    GraphView,
    Names,
    Score,
    Tally,
    assign,
    overlap,
    plain_text,
    project_key,
    score_choices,
    score_sets,
)
from benchmarks.graph_statements import achieved, chains, concepts, conflicts, targets
from ingest.lexicon import load_lexicon
from kg.model import Entity
from kg.schema import Label, RelationType
from kg.settings import load_settings

_PLACES = (Label.TOWN, Label.VILLAGE, Label.PLACE)


def measure(gold: Gold, graph: GraphView) -> list[Score]:
    """All scores of the annotated plan, in the order of the table."""
    return [
        *enterprises(gold, graph),
        owners(gold, graph),
        places(gold, graph),
        industries(gold, graph),
        *firm_trades(gold, graph),
        *localities(gold, graph),
        cooperation(gold, graph),
        *boxes(gold, graph),
        indicators(gold, graph),
        *targets(gold, graph),
        achieved(gold, graph),
        *concepts(gold, graph),
        chains(gold, graph),
        conflicts(gold, graph),
    ]


# -- names


def enterprises(gold: Gold, graph: GraphView) -> Iterator[Score]:
    """Firms one to one: a firm in two nodes, or two firms in one, is an error. Then forms, parents."""
    firms = gold.enterprises.enterprises
    nodes = graph.of(Label.ENTERPRISE)
    keys = [graph.names.keys(*firm.names) for firm in firms]
    pairs = assign(keys, nodes, lambda wanted, node: float(len(wanted & graph.keys(node))))
    variants = graph.names.keys(*(v for firm in firms for v in firm.variants))
    tally, forms = Tally("enterprises"), Tally("enterprise forms")
    taken: dict[int, Firm] = {f: firms[w] for w, f in pairs.items()}
    optional = frozenset[str]().union(*(k for k, firm in zip(keys, firms, strict=True) if firm.optional))
    for w, firm in enumerate(firms):
        if not firm.optional:
            tally.want(w in pairs, firm.name)
    for f, node in enumerate(nodes):
        firm_of_node = taken.get(f)
        if firm_of_node is None:
            if not graph.keys(node) & (optional | variants):
                tally.got(False, f"{node.name}（{'、'.join(node.aliases)}）")
        elif not firm_of_node.optional:
            tally.got(True, node.name)
            _forms(forms, firm_of_node, node, firms, graph.names)
    yield tally.score()
    yield forms.score()
    yield _parents(firms, graph)
    yield _look_alikes(gold, graph)


def _forms(tally: Tally, firm: Firm, node: Entity, firms: Sequence[Firm], names: Names) -> None:
    held = names.keys(node.name, *node.aliases)
    for form in dict.fromkeys(f.form for f in firm.forms if f.form not in firm.variants):
        tally.want(bool(names.keys(form) & held), f"{firm.name}：{form}")
    right = names.keys(*firm.names, *(n for f in firms if f.same_as == firm.name for n in f.names))
    for name in dict.fromkeys((node.name, *node.aliases)):
        if name not in firm.variants:
            tally.got(bool(names.keys(name) & right), f"{firm.name}：{name}")


def _parents(firms: Sequence[Firm], graph: GraphView) -> Score:
    tally = Tally("subsidiaries")
    wanted = [(f, p) for f in firms for p in firms if f.parent == p.name]
    keys = [(graph.names.keys(*f.names), graph.names.keys(*p.names), f) for f, p in wanted]
    same = [(graph.names.keys(*f.names), graph.names.keys(f.same_as)) for f in firms if f.same_as]
    finds = [
        (graph.entities[r.source], graph.entities[r.target])
        for r in graph.relations(RelationType.PART_OF)
        if graph.entities[r.source].label is Label.ENTERPRISE
    ]
    for child, parent, firm in keys:
        if not firm.optional:
            hit = any(child & graph.keys(a) and parent & graph.keys(b) for a, b in finds)
            tally.want(hit, f"{firm.name} → {firm.parent}")
    for a, b in finds:
        if any(c & graph.keys(a) and p & graph.keys(b) for c, p in same):
            continue
        right = any(c & graph.keys(a) and p & graph.keys(b) for c, p, _ in keys)
        tally.got(right, f"{a.name} → {b.name}")
    return tally.score()


def _look_alikes(gold: Gold, graph: GraphView) -> Score:
    """Strings that look like a firm and are none: no mention of a firm may lie on them."""
    tally = Tally("look-alikes left alone", sample=True)
    mentions = [
        (r.evidence, graph.entities[r.target])
        for r in graph.relations(RelationType.MENTIONS)
        if r.evidence and graph.entities[r.target].label is Label.ENTERPRISE
    ]
    for entry in gold.enterprises.not_firms:
        start = entry.start + entry.quote.index(entry.form)
        end = start + len(entry.form)
        on_it = [node.name for e, node in mentions if overlap(start, end, e.start, e.end)]
        tally.want(not on_it, f"{entry.form}：{entry.why}，被认作 {'、'.join(on_it)}")
    return tally.score()


# -- projects


def owners(gold: Gold, graph: GraphView) -> Score:
    """IMPLEMENTED_BY of every project."""
    firms = {f.name: f.names for f in gold.enterprises.enterprises}
    finds = graph.of_projects(RelationType.IMPLEMENTED_BY)
    tally = Tally("owner")
    for entry in gold.owners:
        groups = [graph.names.keys(*firms.get(name, (name,))) for name in entry.owners]
        also = graph.names.keys(*(form for name in entry.also for form in firms.get(name, (name,))))
        score_choices(tally, _label(entry), groups, also, _finds(graph, finds.get(entry.key, [])))
    return tally.score()


def places(gold: Gold, graph: GraphView) -> Score:
    """LOCATED_IN of every project; the county itself counts neither way."""
    finds = graph.of_projects(RelationType.LOCATED_IN, *_PLACES)
    tally = Tally("place")
    for entry in gold.places:
        groups = [graph.names.keys(*group) for group in entry.places]
        also = graph.names.keys(*entry.also, graph.jurisdiction)
        score_choices(tally, _label(entry), groups, also, _finds(graph, finds.get(entry.key, [])))
    return tally.score()


def industries(gold: Gold, graph: GraphView) -> Score:
    """BELONGS_TO of every project: at least one, and each an acceptable one."""
    finds = graph.of_projects(RelationType.BELONGS_TO, Label.INDUSTRY)
    tally = Tally("industry")
    for entry in gold.industries:
        accepted = frozenset((*entry.industries, *entry.first_level))
        found = {node.name: frozenset((node.name,)) for node in finds.get(entry.key, [])}
        score_choices(tally, _label(entry), [accepted], frozenset(), found)
    return tally.score()


def _label(entry: ProjectEntry) -> str:
    return f"{entry.box}/{entry.number} {entry.project}"


def _finds(graph: GraphView, nodes: Sequence[Entity]) -> dict[str, frozenset[str]]:
    return {node.name: graph.keys(node) for node in nodes}


# -- places, cooperation


def firm_trades(gold: Gold, graph: GraphView) -> Iterator[Score]:
    """BELONGS_TO and PRODUCES of firms. An industry's first level is right too; of products, a name
    that holds the other is."""
    parents = {
        e.name: e.parent for e in load_lexicon(load_settings().lexicon_dir).industries if e.parent is not None
    }
    firms = {firm.name: graph.names.keys(*firm.names) for firm in gold.enterprises.enterprises}
    belongs, makes = Tally("firm industry"), Tally("firm product")
    for trade in gold.firm_industries:
        nodes = [n for n in graph.of(Label.ENTERPRISE) if graph.keys(n) & firms[trade.firm]]
        ids = {node.id for node in nodes}
        found = {
            type: [graph.entities[r.target] for r in graph.relations(type) if r.source in ids]
            for type in (RelationType.BELONGS_TO, RelationType.PRODUCES)
        }
        groups = [
            graph.names.keys(*group, *(parents[name] for name in group if name in parents))
            for group in trade.industries
        ]
        industries = {node.name: graph.keys(node) for node in found[RelationType.BELONGS_TO]}
        score_choices(belongs, trade.firm, groups, graph.names.keys(*trade.also), industries)
        made = {node.name: plain_text(node.name) for node in found[RelationType.PRODUCES]}
        for product in trade.products:
            hit = any(_one_in_other(name, plain) for name in product for plain in made.values())
            makes.want(hit, f"{trade.firm} → {product[0]}")
        accepted = [name for group in trade.products for name in group]
        for name, plain in made.items():
            right = any(_one_in_other(other, plain) for other in accepted)
            if right or not any(_one_in_other(other, plain) for other in trade.also_products):
                makes.got(right, f"{trade.firm} → {name}")
    yield belongs.score()
    yield makes.score()


def _one_in_other(left: str, right: str) -> bool:
    left = plain_text(left)
    return left in right or right in left


def localities(gold: Gold, graph: GraphView) -> Iterator[Score]:
    """Towns, and villages (a place of another kind is found, too, for the plan seldom says 村)."""
    for label, kind, found_as in ((Label.TOWN, "towns", (Label.TOWN,)), (Label.VILLAGE, "villages", _PLACES)):
        tally = Tally(kind)
        entries = [e for e in gold.towns_villages if e.label == label]
        held = frozenset[str]().union(*(graph.keys(node) for node in graph.of(*found_as)))
        for entry in entries:
            if not entry.optional:
                tally.want(bool(graph.names.keys(*entry.names) & held), entry.name)
        sure = graph.names.keys(*(n for e in entries if not e.optional for n in e.names))
        unsure = graph.names.keys(*(n for e in entries for n in (*e.names, *e.variants)))
        for node in graph.of(label):
            if graph.keys(node) & sure or not graph.keys(node) & unsure:
                tally.got(bool(graph.keys(node) & sure), node.name)
        yield tally.score()


def cooperation(gold: Gold, graph: GraphView) -> Score:
    """COOPERATES_WITH, in either direction."""
    firms = {f.name: f.names for f in gold.enterprises.enterprises}
    finds = [
        tuple(graph.keys(graph.entities[end]) for end in (r.source, r.target))
        for r in graph.relations(RelationType.COOPERATES_WITH)
    ]
    wanted = []
    for entry in gold.cooperation.cooperation:
        firm = graph.names.keys(*firms.get(entry.firm, (entry.firm,)))
        partners = (entry.partner, *entry.also_partners)
        partner = graph.names.keys(*(form for p in partners for form in firms.get(p, (p,))))
        wanted.append((entry, firm, partner))
    tally = Tally("cooperation")
    for entry, firm, partner in wanted:
        if entry.required:
            hit = any(a & firm and b & partner for f in finds for a, b in permutations(f))
            tally.want(hit, f"{entry.firm} — {entry.partner}")
    for r, find in zip(graph.relations(RelationType.COOPERATES_WITH), finds, strict=True):
        hits = [e for e, firm, partner in wanted for a, b in permutations(find) if a & firm and b & partner]
        if not hits or any(e.required for e in hits):
            names = (graph.entities[r.source].name, graph.entities[r.target].name)
            tally.got(bool(hits), " — ".join(names))
    return tally.score()


# -- structure


def boxes(gold: Gold, graph: GraphView) -> Iterator[Score]:
    """Boxes by number, title and section; items by box, number and words."""
    where = {r.target: r.source for r in graph.relations(RelationType.HAS_BOX)}
    tally, items = Tally("boxes"), Tally("box items")
    wanted = {(b.box, plain_text(b.title), b.chapter, b.section) for b in gold.boxes}
    found = {_box_key(graph, node, where) for node in graph.of(Label.BOX)}
    score_sets(tally, wanted, found)
    wanted_items = {(b.box, i.number, plain_text(i.name)) for b in gold.boxes for i in b.items}
    found_items = {(*project_key(p), plain_text(_item(p))) for p in graph.of(Label.PROJECT)}
    score_sets(items, wanted_items, found_items)
    yield tally.score()
    yield items.score()


def _item(project: Entity) -> str:
    """The item as printed: a status in brackets is kept apart from the project's name."""
    status = project.properties.get("status")
    return f"{project.name}（{status}）" if status else project.name


def _box_key(graph: GraphView, node: Entity, where: Mapping[str, str]) -> tuple[str, str, str, str]:
    number = str(node.properties["number"])
    title = plain_text(node.name).removeprefix(f"专栏{number}")
    section = graph.entities.get(where.get(node.id, ""))
    above = {r.target: graph.entities[r.source] for r in graph.relations(RelationType.HAS_SECTION)}
    chapter = above.get(section.id) if section else None
    ordinals = [str(e.properties.get("ordinal", "")) if e else "" for e in (chapter, section)]
    return (number, title, ordinals[0], ordinals[1])


def indicators(gold: Gold, graph: GraphView) -> Score:
    """Indicators with every cell and their group."""
    groups = {r.target: graph.entities[r.source].name for r in graph.relations(RelationType.HAS_INDICATOR)}
    wanted = {
        _cells(i.number, i.group, i.name, i.unit, i.base_2020, i.target_2025, i.growth, i.attribute)
        for i in gold.indicators.indicators
    }
    found = {
        _cells(p.get("number"), groups.get(node.id), node.name,
               *(p.get(k) for k in ("unit", "base_value", "target_value", "growth", "attribute")))
        for node in graph.of(Label.INDICATOR)
        for p in (node.properties,)
    }
    tally = Tally("indicators")
    score_sets(tally, wanted, found)
    return tally.score()


def _cells(*cells: object) -> tuple[str, ...]:
    """Cells as text; an empty cell and a dash are the same."""
    return tuple("" if c is None or str(c) == "-" else plain_text(str(c)) for c in cells)
