"""What a printed amount measures: the words before it, or behind it, that name its metric."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from ingest.extract.firm_words import alternation
from ingest.extract.names import tags
from kg.quantities import AMOUNT

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
_SIGNS_BY_LENGTH = sorted(_VERB_SIGNS.items(), key=lambda pair: -len(pair[0]))
_GROWTH = re.compile(r"年均增长|年均增速|年增长|增长")
_TIME = re.compile(
    r"^(?:[0-9０-９]{4}(?:年|-[0-9]{4}年)?(?:年?[底末初])?|二[〇○零]三五年|[0-9]{1,2}月|每年|每个?乡镇)"
)
_METRIC = re.compile(r"[\u4e00-\u9fffA-Za-z0-9“”（）().·&／/+＋、-]+")
_FIGURE_ONLY = re.compile(r"^[0-9.．%％:：×xX/-]*$")
_RANK = re.compile(
    r"^(.*?)(?:跻身|进入|挺进|迈入|位居|位列|居|排名)?(?:全[省市国县]|[\u4e00-\u9fff]{2}市)?前$"
)
_RANKED = re.compile(r"[\u4e00-\u9fff]{2,12}?(?:在[\u4e00-\u9fff]{2,4}的)?(?:位次|排名|排位)")
_SHARE = re.compile(r"([^，。；]{2,24}占[^，。；]{2,20}?)的?(?:比重|比例)?[的为]?(?:严控|控制)?$")
_DEED = re.compile(r"的(建设|改造|培训|治理|整治|创建|培育)$")
_VOLTAGE = r"(?:[0-9]+\s*(?:kV|KV|千伏|MW|兆瓦)\s*)?"
_SEVERAL = ("、", "和", "及", "并", "与")
_LIST_MARKS = "、，：: 　"
_CAPACITY_UNITS = frozenset({"MW", "千瓦", "吨"})


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric; ``change`` is the verb of doing (`新增`) or empty for a level; ``sign`` a comparator that
    the words imply; ``extra`` counts the characters behind the amount that belong to it."""

    name: str
    change: str = ""
    sign: str = ""
    extra: int = 0


@dataclass(frozen=True, slots=True)
class Carried:
    """What a clause may leave out because an earlier one said it."""

    metric: str = ""
    change: str = ""
    topic: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an amount stands: the words before it in its clause, those behind it, and its unit.

    ``first`` is whether no other amount stands before it in the clause; ``earlier`` is the sentence
    up to the clause.
    """

    before: str
    after: str
    unit: str
    first: bool
    earlier: str = ""

    @property
    def listed(self) -> bool:
        """Whether the amount continues a list: `2户甲、5户乙`."""
        return not self.first and self.before.startswith(_SEVERAL)


class MetricFinder:
    """Names metrics by rules of word order; the words themselves are the lexicon's."""

    def __init__(self, words: Mapping[str, tuple[str, ...]], jurisdiction: str) -> None:
        """``words`` are the lexicon's target words; the jurisdiction's own name is no part of a metric."""
        reach = alternation(words.get("reach_verbs", ()))
        do = alternation(words.get("do_verbs", ()))
        own = alternation((jurisdiction, jurisdiction[:-1]) if len(jurisdiction) > 2 else ())
        self._reach = re.compile(
            rf"(?:{reach})*(?:了|约|到|至|为|在)?(?:20[0-9]{{2}}年的?)?(?:(?<=.)[＞>≥＜<≤])?$"
        )
        self._do = re.compile(rf"(?P<verb>(?:{do})(?:[和、及](?:{do}))*)(?:了)?(?P<object>[^，。；]*)$")
        self._direct = re.compile(
            rf"(?:^|[、和及并]|全[县市省区]|我[县市])(?P<verb>(?:{do})+(?:[和、及](?:{do})+)*)(?:了)?$"
        )
        self._lead = re.compile(rf"^(?:{alternation(words.get('time_words', ()))}|(?:{own})(?={do}))")
        self._object = re.compile(
            rf"{_VOLTAGE}[\u4e00-\u9fffA-Za-z“”\-]{{2,24}}?"
            rf"(?=[和及与]?[0-9]|[和及与并](?:{do})|[由从]|[人户亩]均|[，。；、（：]|$)"
        )
        self._empty = frozenset(words.get("empty_metrics", ()))
        self._tails = words.get("metric_tails", ())
        self._heads = frozenset(words.get("value_heads", ()))

    def find(self, place: Place, carried: Carried) -> Metric | None:
        """The metric of the amount, tidied; None if the words name none."""
        found = self._rank(place, carried) or self._told(place, carried)
        name = found.name
        if place.unit in _CAPACITY_UNITS or re.search("投资$", name):
            name = name.rpartition("、")[2]
        tidy = self.tidy(name, carried)
        if tidy is None or not _makes_sense(tidy, place.unit, bool(found.change)):
            return None
        sign = found.sign or ("≥" if re.search("至少|最少", place.before) else "")
        return Metric(tidy, found.change, sign, found.extra)

    def _rank(self, place: Place, carried: Carried) -> Metric | None:
        """`总量跻身全省前30位`, `在全省的位次逐年前移，进入全省前30位`."""
        match = _RANK.match(place.before) if place.unit in ("位", "名") else None
        if match is None:
            return None
        said = _RANKED.search(place.earlier.rpartition("；")[2][-40:])
        name = self.clean(match.group(1)) or (said.group() if said else "") or carried.metric
        return Metric(name if name.endswith(("位次", "排名")) else name + "位次", "", "≤")

    def _told(self, place: Place, carried: Carried) -> Metric:
        """The first rule that fits; its metric may be empty."""
        before = place.before
        reach = self._reach.search(before)
        if reach and reach.group():
            return self._reached(before[: reach.start()], reach.group(), place, carried)
        plain = self.clean(before.lstrip("和及并与") if place.listed else before)
        if place.unit in ("%", "％") and (share := self._share(before, place)):
            return share
        direct = self._direct.search(plain)
        if direct or (not place.first and not plain and carried.change):
            metric, extra = self._counted(place.after)
            if metric:
                return Metric(metric, direct["verb"] if direct else carried.change, "", extra)
        if direct or not plain or plain in self._empty:
            if shared := self._shared(plain, place):
                return shared
        return self._done(plain, place, carried)

    def _done(self, plain: str, place: Place, carried: Carried) -> Metric:
        """By a verb and its object before the amount, a noun behind it, or a bare noun before it."""
        after, extra = self._counted(place.after)
        done = self._do.search(plain)
        if done and (not done.start() or done.start() >= 6 or plain.startswith(("在", "于"))):
            metric = done["object"]
            if not metric.strip("、") or metric.endswith(("等", "、")) or metric in self._empty:
                return Metric(after, done["verb"], "", extra) if after else Metric(plain, done["verb"])
            return Metric(metric, done["verb"])
        listing = plain.endswith("等") and after
        if place.before.rstrip().endswith(("对", "的")) or plain in self._empty or listing:
            return Metric(after, "", "", extra)
        begins = place.first or place.listed
        if carried.change and plain and begins:
            return Metric(plain, carried.change)
        kind = tags(plain)[0][1] if plain else "v"
        return Metric(plain if begins and (kind[0] not in "vpdr" or kind == "vn") else "")

    def _reached(self, head: str, verb: str, place: Place, carried: Carried) -> Metric:
        sign = next((s for v, s in _SIGNS_BY_LENGTH if v in verb), "")
        plain = self.clean(head.lstrip("和及并与") if place.listed else head)
        direct = self._direct.search(plain)
        if direct is None and (not plain or head.endswith("、")):
            direct = self._direct.fullmatch(verb)
        metric, extra = self._counted(place.after) if direct else ("", 0)
        if direct and metric:
            return Metric(metric, direct["verb"], sign, extra)
        if direct and (shared := self._shared("", place)):
            return Metric(shared.name, direct["verb"], sign)
        metric = plain or carried.metric or carried.topic
        if _GROWTH.search(verb) and place.unit in ("%", "％", "个百分点"):
            return Metric(metric + ("年均增速" if "年" in verb else "增速"), "", sign)
        if re.search(r"下降|降低", verb) and not metric.endswith("降低"):
            return Metric(metric + "降低", "", sign)
        return Metric(metric, "新增" if re.search(r"新增|净增", verb) else "", sign)

    def _share(self, before: str, place: Place) -> Metric | None:
        """`支出占预算的1%`, and `100%的村通汽车` at the head of its clause."""
        if share := _SHARE.search(before):
            return Metric(self.clean(share.group(1)) + "比重")
        if not before.strip(_LIST_MARKS) and place.first and place.after.startswith("的"):
            metric, extra = self._counted(place.after[1:])
            return Metric(metric, "", "", extra + 1)
        return None

    def _shared(self, plain: str, place: Place) -> Metric | None:
        """`近期1万吨、远期2万吨的处理能力`, `2028户5096人搬迁任务`: one noun behind several amounts."""
        more = rf"(?:[、和及]?[\u4e00-\u9fff]{{0,3}}{_ANY_AMOUNT}(?:以上)?)"
        match = re.match(rf"{more}*的?([\u4e00-\u9fff]{{2,16}}?)(?=[，。；、]|$)", place.after)
        kind = plain if plain in self._empty else ""
        return Metric(kind + match.group(1)) if match else None

    def _counted(self, after: str) -> tuple[str, int]:
        """What the amount counts, and how many characters that takes: `特色鲜明、群众满意的服务站`."""
        match = self._object.match(after)
        if match is None:
            return "", 0
        rest = re.match(r"[^，。；：（0-9]*", after)
        whole = rest.group() if rest else ""
        noun = whole.rpartition("的")[2]
        if after[match.end() : match.end() + 1] == "、" and "的" in whole and len(noun) > 2:
            return noun, len(whole)
        return match.group(), match.end()

    def tidy(self, metric: str, carried: Carried) -> str | None:
        """The metric without marks and words of aim around it, or None if it names nothing."""
        marks = _LIST_MARKS + "的" + ("“”" if metric.count("“") != metric.count("”") else "")
        changed = True
        while changed:
            old = metric
            metric = metric.strip(marks)
            tail = next((t for t in self._tails if metric.endswith(t) and len(metric) > len(t) + 1), "")
            metric = metric.removesuffix(tail)
            changed = metric != old
        metric = _DEED.sub(r"\1", metric)
        if metric in self._heads and carried.topic and not metric.startswith(carried.topic):
            metric = carried.topic + (metric.removeprefix("产业") if carried.topic.endswith("业") else metric)
        named = 2 <= len(metric) <= 34 and _METRIC.fullmatch(metric) and not _FIGURE_ONLY.match(metric)
        return metric if named and metric not in self._empty else None

    def clean(self, metric: str) -> str:
        """A metric without time, aim and list words in front."""
        changed = True
        metric = metric.strip(_LIST_MARKS)
        while changed:
            old = metric
            metric = _TIME.sub("", metric)
            metric = self._lead.sub("", metric).strip(_LIST_MARKS)
            changed = old != metric
        from_to = re.match(r"(.{2,24}?)[由从](?:原定|原来的?|目前的?|[0-9０-９.．]+[^，。]{0,8})?$", metric)
        return from_to.group(1) if from_to else metric

    def reached(self, before: str) -> re.Match[str] | None:
        """The verbs of reaching at the end of a text; an empty match if there are none."""
        return self._reach.search(before)


_ANY_AMOUNT = re.sub(r"\?P<\w+>", "?:", AMOUNT.pattern)


def _makes_sense(metric: str, unit: str, done: bool) -> bool:
    """Voltages name lines and ages name people; a bare verb says something only of money, or as what is
    done (`新增就业`)."""
    if unit in ("kV", "KV", "千伏") or (unit == "岁" and not re.search("寿命|年龄", metric)):
        return False
    verbs_only = all(tag[0] in "vd" for _, tag in tags(metric)) and len(metric) <= 4
    return not verbs_only or unit.endswith("元") or done
