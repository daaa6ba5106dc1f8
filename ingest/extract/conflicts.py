"""Where the plan contradicts itself: values of one metric that cannot both hold, names written two ways."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from pypinyin import lazy_pinyin

from ingest.document import Span
from ingest.extract.base import ExtractionContext
from ingest.extract.firm_words import FirmWords, alternation
from ingest.extract.names import strip_prefixes
from ingest.extract.quantities import AMOUNT, read_amount
from ingest.extract.statements import StatementReader
from ingest.extract.zones import PROSE, sentences
from kg.model import Entity, PropertyValue
from kg.schema import Label, RelationType

_SHORTEST_METRIC = 4
_EXACT, _ABOUT = 0.005, 0.1
_SCOPES = re.compile(r"每年|年均|[由从](?=[0-9])|共计|累计|全省|全市|全国|同比|新增|净增|其中")
_UNIT_IN_NAME = re.compile(r"[（(]([^（()）]*)[)）]\s*$")
_DIRECTIONS = frozenset("东西南北上下前后左右中内外新老大小一二三四五六七八九十")


@dataclass(frozen=True, slots=True)
class _Claim:
    """A value of a metric as the plan states it somewhere."""

    entity: str
    key: str
    year: int | None
    tense: str
    unit: str
    low: float
    high: float
    quote: Span
    scope: frozenset[str]


class ConflictExtractor:
    """CONFLICTS_WITH, kind `value` (or `count`) between statements and `name` between variants."""

    name = "conflicts"

    def extract(self, context: ExtractionContext) -> None:
        """Compare statements of one metric, then names of one kind."""
        reader = StatementReader(context)
        _whole_counts(context)
        groups: dict[tuple[str, str, str], list[_Claim]] = defaultdict(list)
        for claim in (*_target_claims(context, reader), *_indicator_claims(context, reader)):
            if len(claim.key) >= _SHORTEST_METRIC or claim.key.startswith("全部"):
                groups[(claim.key, claim.tense, claim.unit)].append(claim)
        for claims in groups.values():
            for left, right in combinations(claims, 2):
                if _contradict(left, right):
                    kind = "count" if left.key.startswith("全部") else "value"
                    _relate(context, left.entity, right.entity, left.quote, right.quote, kind, 0.85)
        _names(context)
        _wordings(context)


# -- values


def _target_claims(context: ExtractionContext, reader: StatementReader) -> Iterator[_Claim]:
    for target in context.graph.entities(Label.TARGET):
        p = target.properties
        base, start, stop = p.get("base_value"), p.get("start"), p.get("stop")
        if not isinstance(base, int | float) or not isinstance(start, int) or not isinstance(stop, int):
            continue
        change = str(p.get("change", ""))
        key = ("新增" if change == "净增" else change) + reader.normal(str(p["metric"]))
        low, high = _interval(str(p["comparator"]), float(base))
        year = p.get("year")
        quote = context.text[start:stop]
        yield _Claim(
            target.id,
            key,
            year if isinstance(year, int) else None,
            str(p["tense"]),
            str(p["base_unit"]),
            low,
            high,
            Span(start, stop),
            frozenset(_SCOPES.findall(quote)),
        )


def _indicator_claims(context: ExtractionContext, reader: StatementReader) -> Iterator[_Claim]:
    for indicator in context.graph.entities(Label.INDICATOR):
        p = indicator.properties
        start, stop = p.get("start"), p.get("stop")
        unit = str(p.get("unit", ""))
        match = AMOUNT.match("1" + unit)
        if not match or not isinstance(start, int) or not isinstance(stop, int):
            continue
        per = read_amount(match)
        for kind, tense in (("target", "goal"), ("base", "achieved")):
            number, year = p.get(f"{kind}_number"), p.get(f"{kind}_year")
            if isinstance(number, int | float) and isinstance(year, int):
                low, high = _interval(str(p.get(f"{kind}_comparator", "=")), float(number) * per.base)
                yield _Claim(
                    indicator.id,
                    reader.normal(indicator.name),
                    year,
                    tense,
                    per.base_unit,
                    low,
                    high,
                    Span(start, stop),
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


def _contradict(left: _Claim, right: _Claim) -> bool:
    """Same time and scope, different places in the text, and no value that suits both."""
    if left.entity == right.entity or left.scope != right.scope:
        return False
    if left.year != right.year and left.year is not None and right.year is not None:
        return False
    if left.tense == "goal" and left.year != right.year:
        return False
    return left.high < right.low or right.high < left.low


def _whole_counts(context: ExtractionContext) -> None:
    """`144个行政村全部通…` and `150个行政村…全部…` count the same whole."""
    wholes = alternation(context.lexicon.target_words.get("counted_wholes", ()))
    pattern = re.compile(rf"([0-9]+)个({wholes})[^，。；]{{0,8}}?(?:全部|实现全覆盖|全覆盖)")
    for zone in sentences(context.outline, PROSE):
        for match in pattern.finditer(context.text, zone.span.start, zone.span.end):
            span = Span(match.start(), match.end())
            properties: dict[str, PropertyValue] = {
                "metric": f"全部{match.group(2)}",
                "comparator": "=",
                "value": float(match.group(1)),
                "value_text": f"{match.group(1)}个",
                "unit": "个",
                "tense": "achieved",
                "base_value": float(match.group(1)),
                "base_unit": "个",
                "start": span.start,
                "stop": span.end,
                "locator": zone.block.locator,
            }
            id = f"{context.graph.plan_id}/target/{span.start}-{span.end}"
            context.graph.add(Label.TARGET, match.group(), id=id, properties=properties)
            if context.graph.entity(zone.block.parent):
                context.graph.relate(
                    id,
                    RelationType.TARGETS,
                    zone.block.parent,
                    quote=span,
                    method="whole_count",
                    confidence=0.6,
                )


# -- names


def _names(context: ExtractionContext) -> None:
    """Two names of one kind that differ by one character: a homophone, or a long name otherwise equal."""
    words = FirmWords(context.outline, context.lexicon)
    for label in (Label.TOWN, Label.VILLAGE, Label.PLACE, Label.ENTERPRISE):
        for left, right in combinations(context.graph.entities(label), 2):
            sure = _variant(left, right, words)
            spans = _where(context, left), _where(context, right)
            if sure and spans[0] and spans[1]:
                _relate(context, left.id, right.id, spans[0], spans[1], "name", sure)


def _variant(left: Entity, right: Entity, words: FirmWords) -> float:
    """How sure it is that two names are one name written differently; 0 if they are not."""
    a, b = _bare(left.name, words), _bare(right.name, words)
    if left.label is Label.ENTERPRISE:
        legal = left.name.endswith(words.legal) and right.name.endswith(words.legal)
        return 0.7 if legal and len(min(a, b, key=len)) >= 4 and _one_inserted(a, b) else 0.0
    if a.replace("国家森林公园", "国家公园") == b.replace("国家森林公园", "国家公园") and a != b:
        return 0.7
    if len(a) != len(b) or a == b:
        return 0.0
    places = [i for i, (x, y) in enumerate(zip(a, b, strict=True)) if x != y]
    if len(places) != 1 or {a[places[0]], b[places[0]]} <= _DIRECTIONS:
        return 0.0
    at = places[0]
    if lazy_pinyin(a[at]) == lazy_pinyin(b[at]):
        return 0.85
    suffix = next((w for w in words.places if len(w) > 1 and a.endswith(w) and b.endswith(w)), "")
    return 0.7 if len(a) - len(suffix) >= 3 and suffix and at < len(a) - len(suffix) else 0.0


def _bare(name: str, words: FirmWords) -> str:
    """A village's name without `村`, so that `某底村` and `某地` meet; others as they are."""
    return name.removesuffix("村") if len(name) > 2 else name


def _one_inserted(a: str, b: str) -> bool:
    short, long = sorted((a, b), key=len)
    return len(long) - len(short) == 1 and any(
        long[:i] + long[i + 1 :] == short for i in range(1, len(long) - 1)
    )


# -- wordings


def _wordings(context: ExtractionContext) -> None:
    """A project's name in the running text with one word exchanged, or its words in another order."""
    text = context.text
    regions = FirmWords(context.outline, context.lexicon).regions
    for project in context.graph.entities(Label.PROJECT):
        name = re.sub(r"(?:建设)?(?:项目|工程)$", "", strip_prefixes(project.name, regions))
        if len(name) < _SHORTEST_WORDING:
            continue
        for at in _candidates(text, name):
            block = context.outline.document.block_at(at)
            found = text[at : at + len(name)]
            if block is None or block.kind not in PROSE or not _reworded(name, found):
                continue
            start = text.find(name, int(str(project.properties.get("start", 0))))
            if start >= 0 and context.graph.entity(block.parent):
                _relate(
                    context,
                    project.id,
                    block.parent,
                    Span(start, start + len(name)),
                    Span(at, at + len(found)),
                    "wording",
                    0.75,
                )


_SHORTEST_WORDING = 11


def _candidates(text: str, name: str) -> list[int]:
    """Where a text of the name's length begins or ends as the name does."""
    starts = {match.start() for match in re.finditer(re.escape(name[:2]), text)}
    ends = {match.end() - len(name) for match in re.finditer(re.escape(name[-4:]), text)}
    return sorted(at for at in starts | ends if at >= 0)


def _reworded(name: str, found: str) -> bool:
    if found == name or len(found) != len(name) or re.search(r"[，。；、：\s]", found):
        return False
    differing = [i for i, (a, b) in enumerate(zip(name, found, strict=True)) if a != b]
    exchanged = len(differing) == 2 and differing[1] - differing[0] == 1 and not name[differing[0]].isdigit()
    return exchanged or (sorted(name) == sorted(found))


def _where(context: ExtractionContext, entity: Entity) -> Span | None:
    for form in (entity.name, *entity.aliases):
        at = context.text.find(form)
        if at >= 0:
            return Span(at, at + len(form))
    return None


def _relate(
    context: ExtractionContext, left: str, right: str, quote: Span, other: Span, kind: str, confidence: float
) -> None:
    properties: dict[str, PropertyValue] = {
        "kind": kind,
        "other_quote": context.text[other.start : other.end],
        "other_start": other.start,
        "other_stop": other.end,
    }
    context.graph.relate(
        left,
        RelationType.CONFLICTS_WITH,
        right,
        quote=quote,
        method=f"same_{kind}",
        confidence=confidence,
        properties=properties,
    )
