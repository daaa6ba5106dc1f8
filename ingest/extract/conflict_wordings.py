"""Passages that repeat each other but for a word of meaning; sets, grades and units that differ."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import combinations, islice

from ingest.document import Span
from ingest.extract.base import ExtractionContext
from ingest.extract.conflict_base import node_at, relate_conflict
from ingest.extract.firm_words import alternation
from ingest.extract.zones import PROSE, items, sentences
from kg.model import Relation
from kg.schema import Label, RelationType

_SHORTEST_REPEAT = 12
_KEY_CHARS = 6
#: a sentence that more places begin like is a phrase of the genre
_MOST_REPEATS = 12
#: statements of one kind that are compared with each other; no plan has more
_MOST_COMPARED = 60
_LATER = re.compile(r"2035|二[〇○零]三五|远景")
_SHARED_MEMBERS = 0.6
_FEWEST_MEMBERS = 3
_SET_NAME = re.compile(r"^([二三四五六七八九十两][大个类项])(.*?)([\u4e00-\u9fff]{2})$")
#: classes of surface water, best first; what is worse than the last is `劣`
_CLASSES = "ⅠⅡⅢⅣⅤ"
_CLASS = re.compile(r"(从目前的?|退出|消除|稳定在|达到|提升(?:到|至)|保持)(劣?)([ⅠⅡⅢⅣⅤ一二三四五])类")
_GOOD_WATER = re.compile(r"断面水质[^，。；]{0,6}优良(?!天数)")
_RATIO = re.compile(r"比例|比率|占比|率")


def find_wording_conflicts(context: ExtractionContext) -> None:
    """Repeated passages, sets of one size, classes of water quality, units."""
    _hedged(context)
    _sets(context)
    _grades(context)
    _units(context)


# -- repeated passages


def _hedged(context: ExtractionContext) -> None:
    """The same sentence twice, once with a word that takes back some of it (`力争`, `基本`)."""
    words = context.lexicon.concept_words
    hedges = frozenset(words.get("hedges", ()))
    fillers = frozenset(words.get("fillers", ()))
    groups: dict[str, list[Span]] = defaultdict(list)
    for zone in sentences(context.outline, PROSE):
        if zone.span.end - zone.span.start >= _SHORTEST_REPEAT and not _is_past(context, zone.block.parent):
            groups[context.text[zone.span.start : zone.span.start + _KEY_CHARS]].append(zone.span)
    merged: dict[tuple[str, str], tuple[Span, Span]] = {}
    for same in groups.values():
        for left, right in combinations(same, 2) if len(same) <= _MOST_REPEATS else ():
            differing = _difference(context.text, left, right, hedges, fillers)
            if differing is None:
                continue
            nodes = (node_at(context, left.start), node_at(context, right.start))
            old = merged.get(nodes, differing)
            merged[nodes] = (_cover(old[0], differing[0]), _cover(old[1], differing[1]))
    for (a, b), quotes in merged.items():
        if a and b and a != b:
            relate_conflict(context, a, b, quotes, "wording", "repeated_with_hedge", 0.7)


def _is_past(context: ExtractionContext, division: str) -> bool:
    """Whether a division looks back, or to another year than the plan's last."""
    title = " ".join(d.title for d in context.outline.path(division))
    past = context.lexicon.target_words.get("past_titles", ())
    return bool(_LATER.search(title)) or any(word in title for word in past)


def _difference(
    text: str, left: Span, right: Span, hedges: frozenset[str], fillers: frozenset[str]
) -> tuple[Span, Span] | None:
    """The clauses in which two sentences differ, if they differ by hedges (and fillers) put in alone."""
    a, b = text[left.start : left.end].rstrip("。；"), text[right.start : right.end].rstrip("。；")
    if a == b or abs(len(a) - len(b)) > 8:
        return None
    changes = [op for op in SequenceMatcher(None, a, b, autojunk=False).get_opcodes() if op[0] != "equal"]
    put_in = [a[i1:i2] or b[j1:j2] for kind, i1, i2, j1, j2 in changes if kind != "replace"]
    if len(put_in) != len(changes) or not hedges & set(put_in) or set(put_in) - hedges - fillers:
        return None
    return (
        _clauses(text, left, [(op[1], op[2]) for op in changes]),
        _clauses(text, right, [(op[3], op[4]) for op in changes]),
    )


def _clauses(text: str, span: Span, places: Sequence[tuple[int, int]]) -> Span:
    """The clauses of a sentence that hold these places (offsets in it)."""
    first, last = span.start + places[0][0], span.start + places[-1][1]
    start = max(text.rfind(mark, span.start, first) for mark in "，；：") + 1
    ends = [at for mark in "，；。" if (at := text.find(mark, last, span.end)) >= 0]
    return Span(max(start, span.start), min(ends, default=span.end))


def _cover(a: Span, b: Span) -> Span:
    return Span(min(a.start, b.start), max(a.end, b.end))


# -- sets


def _sets(context: ExtractionContext) -> None:
    """`“A、B、C”三大产业` and `“A、B、D”三大特色产业`: as many, of one kind, and not the same."""
    graph = context.graph
    held: dict[str, list[Relation]] = defaultdict(list)
    for relation in graph.relations(RelationType.CONSISTS_OF):
        held[relation.source].append(relation)
    kinds: dict[tuple[str, str], list[str]] = defaultdict(list)
    for concept in graph.entities(Label.CONCEPT):
        name = _SET_NAME.match(concept.name)
        if name and len(held[concept.id]) >= _FEWEST_MEMBERS:
            kinds[(name.group(1), name.group(3))].append(concept.id)
    for same in kinds.values():
        for a, b in combinations(same[:_MOST_COMPARED], 2):
            left, right = ({r.target for r in held[id]} for id in (a, b))
            told = (held[a][0].evidence, held[b][0].evidence)
            alike = len(left & right) >= _SHARED_MEMBERS * max(len(left), len(right))
            if left != right and len(left) == len(right) and alike and told[0] and told[1]:
                quotes = (Span(told[0].start, told[0].end), Span(told[1].start, told[1].end))
                relate_conflict(context, a, b, quotes, "wording", "set_members", 0.7)


# -- classes of water


@dataclass(frozen=True, slots=True)
class _Grade:
    """The classes of water, 1 to 6, that a statement allows, of today (`now`) or of the goal."""

    best: int
    worst: int
    now: bool
    where: Span


def _grades(context: ExtractionContext) -> None:
    """The water has left the worst class, and is in it; its goal is good, and is the last class but one."""
    found = list(islice(_water_grades(context), _MOST_COMPARED))
    for left, right in combinations(found, 2):
        if left.now == right.now and (left.worst < right.best or right.worst < left.best):
            nodes = (node_at(context, left.where.start), node_at(context, right.where.start))
            kind = "baseline" if left.now else "value"
            if all(nodes) and nodes[0] != nodes[1]:
                relate_conflict(context, *nodes, (left.where, right.where), kind, "water_class", 0.6)


def _water_grades(context: ExtractionContext) -> Iterator[_Grade]:
    for zone in sentences(context.outline, PROSE):
        said = zone.quote(context.text)
        if "断面" not in said:
            continue
        past = _is_past(context, zone.block.parent)
        for match in _CLASS.finditer(context.text, zone.span.start, zone.span.end):
            place = (match.start() - zone.span.start, match.end() - zone.span.start)
            clause = _clauses(context.text, zone.span, [place])
            if not _RATIO.search(context.text[clause.start : clause.end]):
                yield _grade(match, clause, past)
        for match in _GOOD_WATER.finditer(context.text, zone.span.start, zone.span.end):
            yield _Grade(1, 3, past, Span(match.start(), match.end()))


def _grade(match: re.Match[str], clause: Span, past: bool) -> _Grade:
    verb, worst, printed = match.groups()
    number = "ⅠⅡⅢⅣⅤ一二三四五".index(printed) % len(_CLASSES) + 1 + bool(worst)
    if verb in ("退出", "消除"):
        return _Grade(1, number - 1, past, Span(clause.start, match.end()))
    return _Grade(number, number, past or verb.startswith("从目前"), Span(match.start(), match.end()))


# -- units


def _units(context: ExtractionContext) -> None:
    """`2×660MV发电项目` beside `2×300MW`: a unit of another quantity than what it counts."""
    slips = [pair.partition("=") for pair in context.lexicon.target_words.get("unit_slips", ())]
    for wrong, _, right in slips:
        topic = alternation(context.lexicon.target_words.get("power_words", ()))
        slip = re.compile(rf"[0-9]+\s*[×xX]\s*[0-9]+\s*{wrong}(?![A-Za-z])(?=[^，。；]{{0,6}}(?:{topic}))")
        good = re.compile(rf"[0-9]+\s*[×xX]\s*[0-9]+\s*{right}(?![A-Za-z])")
        for project, _, item in items(context.outline):
            match = slip.search(context.text, item.span.start, item.span.end)
            other = _most_alike(context.text, match, good) if match else None
            node = node_at(context, other.start) if other else ""
            if match and other and node:
                quotes = (Span(match.start(), match.end()), other)
                relate_conflict(context, project, node, quotes, "unit", "unit_of_another_quantity", 0.7)


def _most_alike(text: str, slip: re.Match[str], good: re.Pattern[str]) -> Span | None:
    """The capacity that is written most like the slip: with as many digits and the same sign."""
    shape = re.sub(r"[0-9]", "0", slip.group())
    found = sorted(
        good.finditer(text),
        key=lambda m: (-SequenceMatcher(None, shape, re.sub(r"[0-9]", "0", m.group())).ratio(), m.start()),
    )
    return Span(found[0].start(), found[0].end()) if found else None
