"""Quantified statements of the running text: goals and achieved values."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ingest.document import Span
from ingest.extract.base import ExtractionContext
from ingest.extract.firm_words import alternation
from ingest.extract.names import tags
from ingest.extract.quantities import AMOUNT, half_width, read_amount, year_of
from ingest.extract.zones import PROSE, Zone, clauses, sentences
from kg.model import PropertyValue
from kg.schema import Label, RelationType

_DOUBLE = re.compile(r"翻一番|翻番|翻两番")
_TAILS = {"以上": "≥", "以内": "≤", "以下": "≤", "左右": "≈", "之内": "≤"}
_VERB_SIGNS = {
    "突破": ">",
    "超过": ">",
    "高于": ">",
    "低于": "<",
    "不低于": "≥",
    "不少于": "≥",
    "不高于": "≤",
    "不超过": "≤",
    "控制在": "≤",
}
_SIGNS = {"≥": "≥", "＞": ">", ">": ">", "≤": "≤", "＜": "<", "<": "<"}
_GROWTH = re.compile(r"年均增长|年均增速|年增长|增长")
_TIME = re.compile(r"^(?:[0-9０-９]{4}(?:年|-[0-9]{4}年)?|二[〇○零]三五年|[0-9]{1,2}月)")
_LOW = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*[-～~—]\s*$")
_COMPARED = re.compile(r"比[0-9０-９]{4}年|从目前")
_METRIC = re.compile(r"[\u4e00-\u9fffA-Za-z0-9“”（）().·&／/+＋、-]+")
_FIGURE_ONLY = re.compile(r"^[0-9.．%％:：×xX/-]*$")


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


@dataclass(frozen=True, slots=True)
class _Carried:
    """What a clause may leave out because an earlier one said it."""

    metric: str = ""
    change: str = ""
    topic: str = ""


class TargetExtractor:
    """Target nodes with metric, value, unit, year and tense; TARGETS an indicator or its section."""

    name = "targets"

    def extract(self, context: ExtractionContext) -> None:
        """Read every sentence of the running text."""
        reader = StatementReader(context)
        indicators = {
            reader.normal(form): entity.id
            for entity in context.graph.entities(Label.INDICATOR)
            for form in (entity.name, *entity.aliases)
            if len(form) > 2
        }
        for zone in sentences(context.outline, PROSE):
            for statement in reader.read(zone):
                self._add(context, reader, zone, statement, indicators)

    def _add(
        self,
        context: ExtractionContext,
        reader: StatementReader,
        zone: Zone,
        statement: Statement,
        indicators: dict[str, str],
    ) -> None:
        quote = statement.quote
        id = f"{context.graph.plan_id}/target/{quote.start}-{quote.end}"
        tense = reader.tense(zone, statement)
        properties = statement.properties() | {"tense": tense, "locator": zone.block.locator}
        if year := reader.year(zone, statement, tense):
            properties["year"] = year
        name = context.text[quote.start : quote.end].strip()
        context.graph.add(Label.TARGET, name, id=id, properties=properties)
        indicator = indicators.get(reader.normal(statement.metric))
        about, confidence = (indicator, 0.9) if indicator else (zone.block.parent, 0.6)
        if context.graph.entity(about) is not None:
            context.graph.relate(
                id,
                RelationType.TARGETS,
                about,
                quote=quote,
                method="metric_name" if indicator else "section",
                confidence=confidence,
            )


_JOINTS = "、和及，\u3000 "
_CAPACITY_UNITS = frozenset({"MW", "千瓦", "吨"})


def _makes_sense(metric: str, unit: str) -> bool:
    """Voltages name lines and ages name people; a bare verb says something only of money."""
    if unit in ("kV", "KV", "千伏") or (unit == "岁" and not re.search("寿命|年龄", metric)):
        return False
    verbs_only = all(tag[0] in "vd" for _, tag in tags(metric)) and len(metric) <= 4
    return not verbs_only or unit.endswith("元")


class StatementReader:
    """Reads statements; carries metric and verb from clause to clause of a sentence."""

    def __init__(self, context: ExtractionContext) -> None:
        """Uses the lexicon's verbs of reaching and doing; the plan's last year is that of its tables."""
        words = context.lexicon.target_words
        self.context, self.text = context, context.text
        self.reach = re.compile(
            rf"(?:{alternation(words.get('reach_verbs', ()))})*(?:了|约|到|至|为|在)?"
            r"(?:20[0-9]{2}年的?)?(?:(?<=.)[＞>≥＜<≤])?$"
        )
        self.do = re.compile(
            rf"(?P<verb>{alternation(words.get('do_verbs', ()))})(?:了)?(?P<object>[^，。；]*)$"
        )
        self.lead = re.compile(rf"^(?:{alternation(words.get('time_words', ()))})")
        self.empty = frozenset(words.get("empty_metrics", ()))
        self.tails = words.get("metric_tails", ())
        self.heads = frozenset(words.get("value_heads", ()))
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
            if not (new and new in plain):
                plain = plain.replace(old, new)
        return plain

    def read(self, zone: Zone) -> Iterator[Statement]:
        """The statements of a sentence, in order."""
        carried = _Carried(topic=self._topic(zone))
        for clause in clauses(self.text, zone.span):
            floor, any_amount = clause.start, False
            for match in self._amounts(clause):
                found = self._statement(clause, floor, match, carried)
                floor, any_amount = match.end(), True
                if found:
                    carried = _Carried(found.metric.removesuffix("年均增速"), found.change, carried.topic)
                    yield found
            double = _DOUBLE.search(self.text, clause.start, clause.end)
            found = self._doubling(clause, double) if double else None
            if found is None and not any_amount:
                found = self._unitless(clause, carried)
            if found:
                carried = _Carried(found.metric, found.change, carried.topic)
                yield found

    def _topic(self, zone: Zone) -> str:
        """What the sentence opens with: `地区生产总值` in `地区生产总值连跨…，2020年达到…`."""
        first = re.split("[，。；]", zone.quote(self.text))[0]
        match = re.match(rf"([\u4e00-\u9fffA-Z]{{3,12}}?)(?:{self.topic_ends})", first)
        return self.clean(match.group(1)) if match else ""

    def _amounts(self, clause: Span) -> Iterator[re.Match[str]]:
        for match in AMOUNT.finditer(self.text, clause.start, clause.end):
            unit, after = match["unit"], self.text[match.end() : match.end() + 1]
            dated = unit in ("年", "期", "次", "位", "级", "岁") and after != "，" and unit != "岁"
            reference = self.text[match.start() - 1] in "图表第“栏" if match.start() else False
            if not dated and not reference and not (unit in ("个", "条") and after == "月"):
                yield match

    def _statement(
        self, clause: Span, floor: int, match: re.Match[str], carried: _Carried
    ) -> Statement | None:
        before = self.text[floor : match.start()]
        low = _LOW.search(before)
        if low:
            before = before[: low.start()]
        tail = next((t for t in _TAILS if self.text.startswith(t, match.end())), "")
        end = match.end() + len(tail)
        metric, change, sign, extra = self._metric(clause, floor, before, match, end, carried)
        if match["unit"] in _CAPACITY_UNITS or re.search("投资$", metric):
            metric = metric.rpartition("、")[2]
        finished = self._finish(metric, carried)
        if finished is None or not _makes_sense(finished, match["unit"]):
            return None
        metric = finished
        printed = next((s for c, s in _SIGNS.items() if before.rstrip().endswith(c)), "")
        comparator = "～" if low else printed or _TAILS.get(tail) or sign or "="
        amount = read_amount(match)
        value = float(low.group(1)) if low else amount.value
        start = floor + len(before) - len(before.lstrip(_JOINTS))
        printed_value = (low.group() if low else "") + match.group() + tail
        return Statement(
            metric,
            change,
            comparator,
            value,
            printed_value,
            amount.unit,
            amount.base,
            amount.base_unit,
            Span(start, end + extra),
        )

    def _metric(
        self, clause: Span, floor: int, before: str, match: re.Match[str], end: int, carried: _Carried
    ) -> tuple[str, str, str, int]:
        """(metric, verb of doing, sign of the verb, how many characters after the amount belong to it)."""
        follow = re.match(
            r"[\u4e00-\u9fffA-Za-z“”]{2,20}?(?=[，。；、（]|$|以上|左右)", self.text[end : clause.end]
        )
        after = follow.group() if follow else ""
        reach = self.reach.search(before)
        if reach and reach.group():
            return (*self._reached(before[: reach.start()], reach.group(), match["unit"], carried), 0)
        done = self.do.search(self.clean(before))
        if done and (not done.start() or done.start() >= 6):
            metric = done["object"]
            if not metric.strip("、") or metric.endswith(("等", "、")) or metric in self.empty:
                return (after, done["verb"], "", len(after)) if after else (self.clean(before), "", "", 0)
            return metric, done["verb"], "", 0
        plain = self.clean(before)
        if before.rstrip().endswith(("对", "的")) or plain in self.empty or (plain.endswith("等") and after):
            return after, "", "", len(after)
        listed = floor > clause.start and before.startswith(("、", "和", "及"))
        if carried.change and plain and (floor == clause.start or listed):
            return plain, carried.change, "", 0
        noun = plain and tags(plain.removeprefix("每年") or plain)[0][1][0] not in "vpdr"
        return (plain if noun and (floor == clause.start or listed) else ""), "", "", 0

    def _reached(self, head: str, verb: str, unit: str, carried: _Carried) -> tuple[str, str, str]:
        metric = self.clean(head) or carried.metric or carried.topic
        sign = next((s for v, s in sorted(_VERB_SIGNS.items(), key=lambda p: -len(p[0])) if v in verb), "")
        if _GROWTH.search(verb) and unit in ("%", "％", "个百分点"):
            return metric + ("年均增速" if "年" in verb else "增速"), "", sign
        if re.search(r"下降|降低", verb) and not metric.endswith("降低"):
            return metric + "降低", "", sign
        return metric, "新增" if re.search(r"新增|净增", verb) else "", sign

    def _finish(self, metric: str, carried: _Carried) -> str | None:
        """The metric tidied, or None if it names nothing."""
        marks = "、，：: 的" + ("“”" if metric.count("“") != metric.count("”") else "")
        changed = True
        while changed:
            old = metric
            metric = metric.strip(marks)
            tail = next((t for t in self.tails if metric.endswith(t) and len(metric) > len(t) + 1), "")
            metric = metric.removesuffix(tail)
            changed = metric != old
        if metric in self.heads and carried.topic and not metric.startswith(carried.topic):
            metric = carried.topic + (metric.removeprefix("产业") if carried.topic.endswith("业") else metric)
        named = 2 <= len(metric) <= 34 and _METRIC.fullmatch(metric) and not _FIGURE_ONLY.match(metric)
        return metric if named and metric not in self.empty else None

    def _unitless(self, clause: Span, carried: _Carried) -> Statement | None:
        """`系数提高到0.57`, `浓度在45～55之间`: a number without unit after a verb of reaching."""
        text = self.text[clause.start : clause.end]
        match = re.search(r"([0-9]+(?:\.[0-9]+)?)(?:\s*[～~]\s*([0-9]+(?:\.[0-9]+)?)(?:之间)?)?$", text)
        if not match or (not match.group(2) and "." not in match.group(1)):
            return None
        before = text[: match.start()]
        if self.text[clause.start - 1 : clause.start] == ":" or self.text[clause.end : clause.end + 1] == ":":
            return None  # a ratio such as 4.2:82.6:13.2
        reach = self.reach.search(before)
        if match.group(2):
            reach = re.search("在$", before) or reach
        elif reach and not reach.group() and not re.search("指数$|系数$|浓度$", before):
            return None
        metric = (
            self._finish(self.clean(before[: reach.start()]) or carried.metric, carried) if reach else None
        )
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
        metric = self._finish(self.clean(re.sub(r"比[0-9０-９]{4}年$", "", before)), _Carried())
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

    def clean(self, metric: str) -> str:
        """A metric without time, aim and list words in front."""
        changed = True
        metric = metric.strip("、，：: 　")
        while changed:
            old = metric
            metric = _TIME.sub("", metric)
            metric = self.lead.sub("", metric).strip("、，：: 　")
            changed = old != metric
        from_to = re.match(r"(.{2,24}?)[由从](?:[0-9０-９.．]+[^，。]{0,8})?$", metric)
        return from_to.group(1) if from_to else metric

    def tense(self, zone: Zone, statement: Statement) -> str:
        """`goal` or `achieved`: by the words of the sentence, else by the title of its section."""
        if re.search(
            r"[由从](?:[0-9]{4}年的?)?$",
            self.text[zone.span.start : statement.quote.end].removesuffix(statement.value_text),
        ):
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
