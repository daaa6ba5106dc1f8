"""Values of one metric that cannot all hold: goals, bases, totals and parts, counts of one whole."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from ingest.document import Span
from ingest.extract.base import ExtractionContext
from ingest.extract.conflict_base import node_at, relate_conflict, span_of
from ingest.extract.firm_words import alternation
from ingest.extract.statements import StatementReader
from ingest.extract.zones import PROSE, sentences
from kg.model import PropertyValue
from kg.quantities import AMOUNT, read_amount
from kg.schema import Label, RelationType

_SHORTEST_METRIC = 4
_MOST_VALUES = 24
_EXACT, _ABOUT = 0.005, 0.1
#: base plus growth and goal may differ by so much through rounding
_SUM_ROOM = 0.05
_SCOPES = re.compile(r"每年|年均|[由从](?=[0-9])|共计|累计|全省|全市|全国|同比|新增|净增|其中")
_TOTAL = re.compile(r"累计|以来|五年|共计")
_ONE_YEAR = re.compile(r"全年|当年|本年")
#: doing these makes more of a thing, whichever is said
_MADE = frozenset({"完成", "新增", "净增", "建成", "累计完成", "实施"})
_WIDER = re.compile(r"全[省市国]|共有?$")
#: a cell that leaves the figure to others states none that could disagree
_DEFERRED = re.compile(r"下达|[0-9０-９]")


@dataclass(frozen=True, slots=True)
class Claim:
    """A value of a metric as the plan states it somewhere; ``low`` to ``high`` is what it allows."""

    entity: str
    metric: str
    change: str
    year: int | None
    tense: str
    unit: str
    value: float
    low: float
    high: float
    quote: Span
    scope: frozenset[str]

    @property
    def key(self) -> str:
        """What claims that speak of the same thing have in common."""
        deed = "新增" if self.change == "净增" else self.change
        return self.metric if deed == self.metric else deed + self.metric  # `累计培训300人` says no more


def find_value_conflicts(context: ExtractionContext) -> None:
    """Compare the claims of each metric, then the counts of each whole."""
    reader = StatementReader(context)
    wholes = _whole_counts(context)
    claims = [*_target_claims(context, reader), *_indicator_claims(context, reader)]
    groups: dict[tuple[str, str, str], list[Claim]] = defaultdict(list)
    for claim in claims:
        if len(claim.key) >= _SHORTEST_METRIC or claim.key.startswith("全部"):
            groups[(claim.key, claim.tense, claim.unit)].append(claim)
    for same in groups.values():
        for left, right in combinations(_distinct(same), 2):
            if _contradict(left, right):
                kind = "count" if left.key.startswith("全部") else "value"
                _relate(context, left, right, kind, f"same_{kind}", 0.85)
    _sums(context, claims)
    _totals(context, claims)
    _open_cells(context, reader, claims)
    _parts(context, wholes)
    _listed(context)


def _distinct(claims: Sequence[Claim]) -> list[Claim]:
    """The first claim of each value; none where so many differ that they cannot speak of one thing."""
    first: dict[tuple[object, ...], Claim] = {}
    for claim in claims:
        first.setdefault((claim.low, claim.high, claim.year, claim.scope), claim)
    return list(first.values()) if len(first) <= _MOST_VALUES else []


def _relate(
    context: ExtractionContext, left: Claim, right: Claim, kind: str, method: str, confidence: float
) -> None:
    quotes = (left.quote, right.quote)
    relate_conflict(context, left.entity, right.entity, quotes, kind, method, confidence)


# -- claims


def _target_claims(context: ExtractionContext, reader: StatementReader) -> Iterator[Claim]:
    for target in context.graph.entities(Label.TARGET):
        p = target.properties
        base, quote = p.get("base_value"), span_of(target)
        if not isinstance(base, int | float) or quote is None:
            continue
        year = p.get("year")
        yield Claim(
            target.id,
            reader.normal(str(p["metric"])),
            str(p.get("change", "")),
            year if isinstance(year, int) else None,
            str(p["tense"]),
            str(p["base_unit"]),
            float(base),
            *_interval(str(p["comparator"]), float(base)),
            quote,
            frozenset(_SCOPES.findall(context.text[quote.start : quote.end])),
        )


def _indicator_claims(context: ExtractionContext, reader: StatementReader) -> Iterator[Claim]:
    for indicator in context.graph.entities(Label.INDICATOR):
        p, quote = indicator.properties, span_of(indicator)
        match = AMOUNT.match("1" + str(p.get("unit", "")))
        if not match or quote is None:
            continue
        per = read_amount(match)
        for kind, tense in (("target", "goal"), ("base", "achieved")):
            number, year = p.get(f"{kind}_number"), p.get(f"{kind}_year")
            if isinstance(number, int | float) and isinstance(year, int):
                value = float(number) * per.base
                yield Claim(
                    indicator.id,
                    reader.normal(indicator.name),
                    "",
                    year,
                    tense,
                    per.base_unit,
                    value,
                    *_interval(str(p.get(f"{kind}_comparator", "=")), value),
                    quote,
                    frozenset(),
                )


def _interval(comparator: str, value: float) -> tuple[float, float]:
    """The values that a statement allows; `=` leaves room for rounding, `≈` for a tenth."""
    if comparator in ("≥", ">"):
        return value * (1 - _EXACT), float("inf")
    if comparator in ("≤", "<"):
        return float("-inf"), value * (1 + _EXACT)
    if comparator == "～":
        return float("-inf"), float("inf")  # a range is checked by nobody: its upper end is not kept
    room = abs(value) * (_ABOUT if comparator == "≈" else _EXACT)
    return value - room, value + room


def _contradict(left: Claim, right: Claim) -> bool:
    """Same time and scope, different places in the text, and no value that suits both."""
    if left.entity == right.entity or left.scope != right.scope:
        return False
    if left.year != right.year and left.year is not None and right.year is not None:
        return False
    if left.tense == "goal" and left.year != right.year:
        return False
    return left.high < right.low or right.high < left.low


# -- sums


def _sums(context: ExtractionContext, claims: Sequence[Claim]) -> None:
    """`净增100户` from 55 cannot end at `达到100户`: base and net growth against the goal."""
    printed = {indicator.id for indicator in context.graph.entities(Label.INDICATOR)}
    bases = {_of(c): c for c in claims if c.tense == "achieved" and c.entity in printed}
    goals: dict[tuple[str, str], list[Claim]] = defaultdict(list)
    for claim in claims:
        if claim.tense == "goal":
            goals[_of(claim)].append(claim)
    for key, base in bases.items():
        same = _distinct(goals[key])
        for gain, goal in ((g, c) for g in same for c in same if g.change == "净增" and not c.change):
            total = base.value + gain.value
            if goal.year == gain.year and goal.entity != base.entity:
                room = _SUM_ROOM * total
                if total + room < goal.low or goal.high < total - room:
                    _relate(context, gain, goal, "value", "base_and_growth", 0.7)


def _of(claim: Claim) -> tuple[str, str]:
    return claim.metric, claim.unit


def _totals(context: ExtractionContext, claims: Sequence[Claim]) -> None:
    """What was done in several years is not less than what was done in one of them."""
    done: dict[tuple[str, str], list[Claim]] = defaultdict(list)
    for claim in claims:
        if claim.tense == "achieved" and claim.change in _MADE:
            done[_of(claim)].append(claim)
    for same in map(_distinct, done.values()):
        said = [(claim, context.text[claim.quote.start : claim.quote.end]) for claim in same]
        years = [claim for claim, quote in said if _ONE_YEAR.search(quote)]
        for total in (claim for claim, quote in said if _TOTAL.search(quote)):
            for year in years:
                if total.high < year.low:
                    _relate(context, total, year, "value", "total_and_part", 0.7)


def _open_cells(context: ExtractionContext, reader: StatementReader, claims: Sequence[Claim]) -> None:
    """A figure in the text for what the indicator table leaves without one (`保持在合理区间`)."""
    for indicator in context.graph.entities(Label.INDICATOR):
        p, quote, metric = indicator.properties, span_of(indicator), reader.normal(indicator.name)
        open_metrics = {
            metric + ending
            for cell, endings in (("target_value", ("",)), ("growth", ("年均增长率", "增长率")))
            if p.get(cell) and not _DEFERRED.search(str(p[cell]))
            for ending in endings
        }
        for claim in claims if quote and open_metrics else ():
            said = claim.metric.removeprefix("年均") in open_metrics and not claim.change
            if quote and said and claim.tense == "goal" and claim.year == p.get("target_year"):
                quotes = (claim.quote, quote)
                relate_conflict(context, claim.entity, indicator.id, quotes, "value", "figure_and_none", 0.6)


# -- counts


def _whole_counts(context: ExtractionContext) -> dict[str, list[tuple[float, Span, str]]]:
    """`144个行政村全部通…` and `150个行政村…全部…` count the same whole; (number, where, node) of each."""
    wholes = alternation(context.lexicon.target_words.get("counted_wholes", ()))
    pattern = re.compile(rf"([0-9]+)个({wholes})[^，。；]{{0,8}}?(?:全部|实现全覆盖|全覆盖)")
    found: dict[str, list[tuple[float, Span, str]]] = defaultdict(list)
    for zone in sentences(context.outline, PROSE):
        for match in pattern.finditer(context.text, zone.span.start, zone.span.end):
            span = Span(match.start(), match.end())
            number = float(match.group(1))
            properties: dict[str, PropertyValue] = {
                "metric": f"全部{match.group(2)}",
                "comparator": "=",
                "value": number,
                "value_text": f"{match.group(1)}个",
                "unit": "个",
                "tense": "achieved",
                "base_value": number,
                "base_unit": "个",
                "start": span.start,
                "stop": span.end,
                "locator": zone.block.locator,
            }
            id = f"{context.graph.plan_id}/target/{span.start}-{span.end}"
            context.graph.add(Label.TARGET, match.group(), id=id, properties=properties)
            found[match.group(2)].append((number, span, id))
            if context.graph.entity(zone.block.parent):
                context.graph.relate(
                    id,
                    RelationType.TARGETS,
                    zone.block.parent,
                    quote=span,
                    method="whole_count",
                    confidence=0.6,
                )
    return found


def _number(count: tuple[float, Span, str]) -> float:
    return count[0]


def _parts(context: ExtractionContext, wholes: dict[str, list[tuple[float, Span, str]]]) -> None:
    """`建设73个贫困村通网工程` speaks of more than the `67个贫困村` that are all there are."""
    if not wholes:
        return
    pattern = re.compile(rf"([0-9]+)个({alternation(wholes)})")
    for zone in sentences(context.outline, PROSE):
        for match in pattern.finditer(context.text, zone.span.start, zone.span.end):
            number, whole, span, id = float(match.group(1)), *max(wholes[match.group(2)], key=_number)
            before = context.text[max(zone.span.start, match.start() - 12) : match.start()]
            node = node_at(context, match.start())
            if number > whole and node and not _WIDER.search(before):
                quotes = (span, Span(match.start(), match.end()))
                relate_conflict(context, id, node, quotes, "count", "part_above_whole", 0.7)


def _listed(context: ExtractionContext) -> None:
    """`专栏2所列6个项目` where the box lists five."""
    boxes = {box.label: box for box in context.outline.boxes}
    pattern = re.compile(
        rf"({alternation(boxes)})(?![0-9-])(?:中|内)?(?:所列|列出|列入|列明)的?(?:共|全部)?([0-9]+)[个项]"
    )
    for zone in sentences(context.outline, PROSE) if boxes else ():
        for match in pattern.finditer(context.text, zone.span.start, zone.span.end):
            box, node = boxes[match.group(1)], node_at(context, match.start())
            if box.items and len(box.items) != int(match.group(2)) and node:
                quotes = (Span(match.start(), match.end()), box.heading)
                relate_conflict(context, node, box.id, quotes, "count", "box_and_text", 0.8)
