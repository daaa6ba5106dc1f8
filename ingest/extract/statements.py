"""Quantified statements of a sentence: metric, comparator, value, unit, year, and whether they are goals."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ingest.document import Span
from ingest.extract.base import ExtractionContext
from ingest.extract.firm_words import alternation
from ingest.extract.metrics import Carried, MetricFinder, Place
from ingest.extract.zones import Zone, clauses
from kg.model import PropertyValue
from kg.quantities import AMOUNT, half_width, read_amount, year_of
from kg.schema import Label

_DOUBLE = re.compile(r"翻一番|翻番|翻两番")
_TAILS = {"以上": "≥", "以内": "≤", "以下": "≤", "左右": "≈", "之内": "≤"}
_SIGNS = {"≥": "≥", "＞": ">", ">": ">", "≤": "≤", "＜": "<", "<": "<"}
_LOW = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*[-～~—]\s*$")
_COMPARED = re.compile(r"比[0-9０-９]{4}年|从目前")
#: `专栏1所列8个…` counts what is written elsewhere
_LISTING = re.compile(
    r"(?:(?:专栏|附[表件录])[0-9０-９一二三四五六七八九十-]*|[图表][0-9０-９-]+)(?:所列|列出|列入|列明|中|内)的?[^，。；]{0,4}$"
)
#: said of a figure in the same or the clause before: it is reached, whatever the year of the goal
_REACHED = re.compile(
    r"(?:已经?|提前|超额)[^，。；已]{0,8}(?:实现|完成|达到|达成|超过|突破|超额)[^，。；]*(?:目标|任务|指标)|已经?[^，。；已]{0,4}(?:达|超过|突破)"
)
_AIMED = re.compile(r"力争|争取|确保|将要?|计划|努力")
_JOINTS = "、和及，\u3000 "
_CALENDAR = re.compile(r"(?:19|20)[0-9]{2}")
#: units that mostly belong to a date or an order
_DATED = ("年", "期", "次", "位", "级")


@dataclass(frozen=True, slots=True)
class Statement:
    """A quantified statement; ``change`` is the verb of doing (`新增`) or empty for a level."""

    metric: str
    change: str
    comparator: str
    value: float
    value_text: str
    unit: str
    base: float
    base_unit: str
    quote: Span

    def properties(self) -> dict[str, PropertyValue]:
        """What a Target node holds of the statement itself."""
        found: dict[str, PropertyValue] = {
            "metric": self.metric,
            "comparator": self.comparator,
            "value": self.value,
            "value_text": self.value_text,
            "unit": self.unit,
            "base_value": self.base,
            "base_unit": self.base_unit,
            "start": self.quote.start,
            "stop": self.quote.end,
        }
        return found | {"change": self.change} if self.change else found


class StatementReader:
    """Reads statements; carries metric and verb from clause to clause of a sentence."""

    def __init__(self, context: ExtractionContext) -> None:
        """Uses the lexicon's verbs of reaching and doing; the plan's last year is that of its tables."""
        words = context.lexicon.target_words
        self.context, self.text = context, context.text
        self.metrics = MetricFinder(words, context.outline.jurisdiction)
        self.topic_ends = alternation(words.get("topic_ends", ()))
        self.past = words.get("past_cues", ())
        self.past_titles = words.get("past_titles", ())
        pairs = (pair.partition("=") for pair in words.get("metric_synonyms", ()))
        self.synonyms = [(old, new) for old, _, new in pairs]
        self.target_year = self._target_year()
        self.titles = {
            d.id: " ".join(p.title for p in context.outline.path(d.id)) for d in context.outline.divisions
        }

    def _target_year(self) -> int | None:
        years = [e.properties.get("target_year") for e in self.context.graph.entities(Label.INDICATOR)]
        numbers = [year for year in years if isinstance(year, int)]
        return max(numbers, default=None)

    def normal(self, metric: str) -> str:
        """A metric without wording differences, for comparison."""
        plain = re.sub(r"[（(][^（()）]*[)）]|[“”\s]", "", half_width(metric))
        for old, new in self.synonyms:
            if not (old in new and new in plain):
                plain = plain.replace(old, new)
        return plain

    def read(self, zone: Zone) -> Iterator[Statement]:
        """The statements of a sentence, in order."""
        carried = Carried(topic=self._topic(zone))
        for clause in clauses(self.text, zone.span):
            floor, any_amount = clause.start, False
            for match in self._amounts(clause):
                found = self._statement(zone, clause, floor, match, carried)
                floor, any_amount = max(match.end(), found.quote.end if found else 0), True
                if found:
                    carried = Carried(found.metric.removesuffix("年均增速"), found.change, carried.topic)
                    yield found
            double = _DOUBLE.search(self.text, clause.start, clause.end)
            found = self._doubling(clause, double) if double else None
            if found is None and not any_amount:
                found = self._unitless(clause, carried)
            if found:
                carried = Carried(found.metric, found.change, carried.topic)
                yield found

    def _topic(self, zone: Zone) -> str:
        """What the sentence opens with: `地区生产总值` in `地区生产总值连跨…，2020年达到…`."""
        first = re.split("[，。；]", zone.quote(self.text))[0]
        match = re.match(rf"([\u4e00-\u9fffA-Z]{{3,12}}?)(?:{self.topic_ends})", first)
        return self.metrics.clean(match.group(1)) if match else ""

    def _amounts(self, clause: Span) -> Iterator[re.Match[str]]:
        for match in AMOUNT.finditer(self.text, clause.start, clause.end):
            unit, after = match["unit"], self.text[match.end() : match.end() + 1]
            ranked = unit in ("位", "名") and self.text.startswith("前", match.start() - 1)
            dated = unit in _DATED and after != "，" and not ranked
            dated = dated or (
                unit == "年" and re.fullmatch(r"(?:19|20)[0-9]{2}", match["number"]) is not None
            )
            before = self.text[max(clause.start, match.start() - 16) : match.start()]
            reference = before.endswith(tuple("图表第“栏")) or _LISTING.search(before) is not None
            around = self.text.startswith("范围", match.end())  # `近海30公里范围内`
            if not dated and not reference and not around and not (unit in ("个", "条") and after == "月"):
                yield match

    def _statement(
        self, zone: Zone, clause: Span, floor: int, match: re.Match[str], carried: Carried
    ) -> Statement | None:
        before = self.text[floor : match.start()]
        low = _LOW.search(before)
        if low:
            before = before[: low.start()]
        tail = next((t for t in _TAILS if self.text.startswith(t, match.end())), "")
        end = match.end() + len(tail)
        place = Place(
            before,
            self.text[end : clause.end],
            match["unit"],
            floor == clause.start,
            self.text[zone.span.start : clause.start],
        )
        metric = self.metrics.find(place, carried)
        if metric is None:
            return None
        printed = next((s for c, s in _SIGNS.items() if before.rstrip().endswith(c)), "")
        amount = read_amount(match)
        return Statement(
            metric.name,
            metric.change,
            "～" if low else printed or _TAILS.get(tail) or metric.sign or "=",
            float(low.group(1)) if low else amount.value,
            (low.group() if low else "") + match.group() + tail,
            amount.unit,
            amount.base,
            amount.base_unit,
            Span(floor + len(before) - len(before.lstrip(_JOINTS)), end + metric.extra),
        )

    def _unitless(self, clause: Span, carried: Carried) -> Statement | None:
        """`系数提高到0.57`, `浓度在45～55之间`: a number without unit after a verb of reaching."""
        text = self.text[clause.start : clause.end]
        match = re.search(r"([0-9]+(?:\.[0-9]+)?)(?:\s*[～~]\s*([0-9]+(?:\.[0-9]+)?)(?:之间)?)?$", text)
        if not match or (not match.group(2) and "." not in match.group(1)):
            return None
        before = text[: match.start()]
        if self.text[clause.start - 1 : clause.start] == ":" or self.text[clause.end : clause.end + 1] == ":":
            return None  # a ratio such as 4.2:82.6:13.2
        reach = self.metrics.reached(before)
        if match.group(2):
            reach = re.search("在$", before) or reach
        elif reach and not reach.group() and not re.search("指数$|系数$|浓度$", before):
            return None
        if reach is None:
            return None
        said = self.metrics.clean(before[: reach.start()]) or carried.metric
        metric = self.metrics.tidy(said, carried)
        if metric is None:
            return None
        value = float(match.group(1))
        return Statement(
            metric,
            "",
            "～" if match.group(2) else "=",
            value,
            match.group(),
            "",
            value,
            "",
            Span(clause.start, clause.end),
        )

    def _doubling(self, clause: Span, match: re.Match[str]) -> Statement | None:
        before = self.text[clause.start : match.start()]
        metric = self.metrics.tidy(self.metrics.clean(re.sub(r"比[0-9０-９]{4}年$", "", before)), Carried())
        if metric is None:
            return None
        times = 4.0 if "两" in match.group() else 2.0
        tail = "以上" if self.text.startswith("以上", match.end()) else ""
        return Statement(
            metric,
            "",
            "≥" if tail else "=",
            times,
            match.group() + tail,
            "倍",
            times,
            "倍",
            Span(clause.start, match.end() + len(tail)),
        )

    def tense(self, zone: Zone, statement: Statement) -> str:
        """`goal` or `achieved`: by the words of the sentence, else by the title of its section."""
        if re.search(
            r"[由从](?:[0-9]{4}年的?)?$",
            self.text[zone.span.start : statement.quote.end].removesuffix(statement.value_text),
        ):
            return "achieved"
        if self._is_reached(zone, statement.quote):
            return "achieved"
        sentence = _COMPARED.sub("", zone.quote(self.text))
        title = self.titles.get(zone.block.parent, "") + zone.block.locator
        past_section = any(word in title for word in self.past_titles)
        if any(cue in sentence for cue in self.past) and not re.search(
            r"力争|到2025|2025年|规划期", sentence
        ):
            return "achieved"
        if past_section and not re.search(r"力争|到2025|2025年|“十四五”末", sentence):
            return "achieved"
        return "goal"

    def _is_reached(self, zone: Zone, quote: Span) -> bool:
        """`面积达到15万亩，已提前实现2025年目标`: the clause of the statement or the next one says so."""
        spans = list(clauses(self.text, zone.span))
        at = next((i for i, span in enumerate(spans) if span.end >= quote.end), len(spans))
        for i, span in enumerate(spans[at : at + 2]):
            said = self.text[span.start : span.end]
            if i and self.text[span.start - 1] not in "，,":
                return False
            if _REACHED.search(said) and not _AIMED.search(said):
                return i == 0 or re.search("目标|任务|指标", said) is not None
        return False

    def year(self, zone: Zone, statement: Statement, tense: str) -> int | None:
        """The year that the statement, or its sentence up to it, names; for goals the plan's last."""
        named = year_of(_COMPARED.sub("", self.text[zone.span.start : statement.quote.end]))
        if named:
            return named
        title = self.titles.get(zone.block.parent, "")
        if tense == "goal":
            far = re.search(r"2035|二[〇○零]三五|远景", title)
            return 2035 if far else self.target_year
        return None
