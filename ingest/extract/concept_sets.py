"""Patterns that name a set and list its members: `“四张名片”`, `六大产业`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ingest.document import Span
from ingest.extract.base import ExtractionContext
from ingest.extract.firm_words import alternation
from ingest.extract.zones import PROSE, sentences
from kg.tokens import chinese_number

_CN = "一二三四五六七八九十两双"
QUOTED = re.compile(r"“([^“”，。；]{2,16})”")
PART = re.compile(rf"([{_CN}])([^{_CN}]{{1,6}})")
#: behind a name that is defined there, so that what stands before it is not its list
_IS = re.compile(r"是?指|，?即|是|：")
_WHOLE = re.compile(r"以[^，。；]+为(?:主体|主导|核心|重点)的([\u4e00-\u9fff]{2,14})")
_FORMULA = re.compile(r"[0-9N+＋]{3,}")


@dataclass(frozen=True, slots=True)
class Found:
    """A concept with the spans of its members and the quote that lists them."""

    name: str
    where: Span
    members: tuple[Span, ...]
    quote: Span
    method: str
    expected: int | None
    #: another name that a definition gives the set
    alias: str = ""
    #: where each member is told, if not all in one quote
    quotes: tuple[Span, ...] = ()


def expected_members(term: str) -> int | None:
    """How many members a term promises: `四张名片` 4, `三寺两窑一街区` 6, `六统一` 6; None without number."""
    if re.search("一$|一体$", term):
        term = term[:1]
    numbers = [2 if char == "双" else chinese_number(char) or 0 for char in re.findall(f"[{_CN}]", term)]
    return sum(numbers) if numbers else None


class ConceptFinder:
    """The patterns, over the sentences of the running text."""

    def __init__(self, context: ExtractionContext) -> None:
        """Uses the lexicon's verbs before lists, measure words and nouns of sets."""
        words = context.lexicon.concept_words
        self.context, self.text = context, context.text
        self.not_concepts = frozenset(words.get("not_concepts", ()))
        self.verbs = re.compile(alternation(words.get("list_verbs", ())))
        self.links = words.get("list_links", ())
        #: `一核` and `两带`, where the text writes `“一核两带”`: parts of a name that count things
        self.parts = frozenset(
            "".join(part)
            for match in QUOTED.finditer(context.text)
            for found in [PART.findall(match.group(1))]
            if len(found) > 1 and "".join("".join(part) for part in found) == match.group(1)
            for part in found
        )
        measure = alternation(words.get("measure_words", ()))
        nouns = alternation(words.get("set_nouns", ()))
        self.counted = re.compile(
            rf"([二三四五六七八九十两])(?:{measure})(?:[\u4e00-\u9fff]{{0,6}}?(?:{nouns})"
            rf"|(?<!两.)[\u4e00-\u9fff]{{2,8}}?(?=[，。；、：”（为]|$))"
        )
        self.defined = re.compile(
            r"“([^“”，。；]{2,16})”[\u4e00-\u9fff]{0,8}?(?:，即|即|是指|指|，包括|包括|是|：)(?!以?人民)([^。；：“]{3,120})"
        )

    def is_term(self, term: str) -> bool:
        """Whether a quoted term names a set: it counts something, and is no date or slogan."""
        counts = bool(re.search(f"[{_CN}]", term.replace("一", "")) or _FORMULA.search(term))
        counts = counts or len(PART.findall(term)) > 1 or term in self.parts
        return counts and term not in self.not_concepts and 2 <= len(term) <= 10 and not term.startswith("十")

    def find(self) -> Iterator[Found]:
        """Sets with members, in document order per sentence."""
        for zone in sentences(self.context.outline, PROSE):
            yield from self._before_quoted(zone.span)
            yield from self._quoted_list(zone.span)
            yield from self._bare_list(zone.span)
            yield from self._defined(zone.span)
            yield from self._bracketed(zone.span)
            yield from self._formula(zone.span)

    def _before_quoted(self, span: Span) -> Iterator[Found]:
        """`实施A、B、C、D“四创战略”`, `由A、B、C构建的“三寺两窑一街区”`."""
        for match in QUOTED.finditer(self.text, span.start, span.end):
            term = match.group(1)
            if not self.is_term(term) or _IS.match(self.text, match.end(), span.end):
                continue
            end = match.start()
            link = next(
                (
                    w
                    for w in sorted(self.links, key=len, reverse=True)
                    if self.text.endswith(w, span.start, end)
                ),
                "",
            )
            quoted = self._list_in_quotes(end, span.start)
            members = quoted or self._list_before(end - len(link), span.start)
            number = expected_members(term)
            listed = PART.findall(term)
            if link and number and len(listed) == 2 and len(members) == expected_members(listed[1][0]):
                number = len(members)  # `一区三园`: the three are listed, the one is their whole
            exact = number is not None and len(members) == number
            if len(members) >= 2 and (exact or (not link and number and abs(number - len(members)) <= 1)):
                yield Found(
                    term,
                    Span(match.start(1), match.end(1)),
                    tuple(members),
                    Span(members[0].start, match.end()),
                    "list_before",
                    number,
                )

    def _list_in_quotes(self, end: int, floor: int) -> list[Span]:
        """The list of `“审批最少、流程最优”的“两最”`."""
        quoted = re.search(r"“([^“”]{4,80})”的?\s*$", self.text[floor:end])
        return self._items(floor + quoted.start(1), floor + quoted.end(1), cut=False) if quoted else []

    def _quoted_list(self, span: Span) -> Iterator[Found]:
        """`“畜、果、蔬、菌、药、蜂”六大特色农业产业`, `“A”、“B”、“C”三条旅游线路`."""
        for match in self.counted.finditer(self.text, span.start, span.end):
            quoted = re.search(r"((?:“[^“”。；]{1,40}”[、 和]?)+)$", self.text[span.start : match.start()])
            if not quoted:
                continue
            start = span.start + quoted.start(1)
            members = [
                Span(start + m.start(), start + m.end())
                for m in re.finditer(r"[^、“” ]+", quoted.group(1))
                if m.group() != "和"
            ]
            number = chinese_number(match.group(1))
            if number == len(members):
                yield Found(
                    match.group(),
                    Span(match.start(), match.end()),
                    tuple(members),
                    Span(start, match.end()),
                    "quoted_list",
                    number,
                )

    def _bare_list(self, span: Span) -> Iterator[Found]:
        """`煤化工、装备制造、…、新能源六大产业体系`: only if the count agrees."""
        for match in self.counted.finditer(self.text, span.start, span.end):
            members = self._list_before(match.start(), span.start)
            number = chinese_number(match.group(1))
            if number == len(members) and "的" not in match.group():
                yield Found(
                    match.group(),
                    Span(match.start(), match.end()),
                    tuple(members),
                    Span(members[0].start, match.end()),
                    "counted_list",
                    number,
                )

    def _defined(self, span: Span) -> Iterator[Found]:
        """`“三个优先”原则，即A、B、C`, `“两带”是指A和B`."""
        for match in self.defined.finditer(self.text, span.start, span.end):
            term = match.group(1)
            number = expected_members(term)
            if not self.is_term(term) or not number:
                continue
            members = self._list_inside(Span(match.start(2), match.end(2)))
            plain_is = self.text[: match.start(2)].endswith("”是")
            several = len(PART.findall(term)) > 1
            if plain_is and any(m.end - m.start > 8 for m in members) and number > 1:
                continue
            if several and self.text[members[-1].end : members[-1].end + 1] == "；":
                continue
            if len(members) == number or (number == 1 and len(members) > 1):
                whole = re.match(
                    r"以[^，。；]+为(?:主体|主导|核心|重点)的([\u4e00-\u9fff]{2,14})", match.group(2)
                )
                yield Found(
                    term,
                    Span(match.start(1), match.end(1)),
                    tuple(members),
                    Span(match.start(), members[-1].end),
                    "definition",
                    number if number > 1 else None,
                    whole.group(1) if whole and number == 1 else "",
                )

    def _bracketed(self, span: Span) -> Iterator[Found]:
        """`“三区三线”（A、B、C，D、E、F）`, `“平川一体，一城两区”（A、B及C）`."""
        for match in re.finditer(r"“([^“”]{2,12})”（([^（）]{6,80})）", self.text[span.start : span.end]):
            term = match.group(1).rpartition("，")[2]
            inner = Span(span.start + match.start(2), span.start + match.end(2))
            members = [
                item
                for part in re.finditer(r"[^，]+", match.group(2))
                for item in self._items(inner.start + part.start(), inner.start + part.end(), cut=False)
            ]
            if self.is_term(term) and expected_members(term) == len(members):
                where = Span(span.start + match.end(1) - len(term), span.start + match.end(1))
                quote = Span(span.start + match.start(), inner.end + 1)
                yield Found(term, where, tuple(members), quote, "brackets", len(members))

    def _formula(self, span: Span) -> Iterator[Found]:
        """`“1+3+N”…。“1”是以A为主导产业；“3”是以B、C、D为支柱产业`."""
        for match in re.finditer(r"“([0-9A-Z])”是以([^“”；。]{2,60}?)为", self.text[span.start : span.end]):
            start = span.start + match.start()
            formulas = [
                m
                for m in QUOTED.finditer(self.text, max(0, start - 200), start)
                if "+" in m.group(1) and match.group(1) in m.group(1).split("+")
            ]
            if formulas:
                inner = Span(span.start + match.start(2), span.start + match.end(2))
                yield Found(
                    formulas[-1].group(1),
                    Span(formulas[-1].start(1), formulas[-1].end(1)),
                    tuple(self._items(inner.start, inner.end, cut=False)),
                    Span(start, span.start + match.end()),
                    "formula",
                    None,
                )

    # -- lists

    def _list_before(self, end: int, floor: int) -> list[Span]:
        """The list that ends at ``end`` (an `等` before it is dropped), first item cut at its verb."""
        while end > floor and self.text[end - 1] in "等全共这":
            end -= 1
        if self.text.endswith(("、", "和", "及"), floor, end):
            return []
        start = end
        while start > floor and self.text[start - 1] not in "，。；：“”（()":
            bracket = self.text.rfind("（", floor, start) if self.text[start - 1] == "）" else -1
            if self.text[start - 1] == "）" and not start - 8 < bracket:
                break
            start = bracket if bracket >= 0 else start - 1
        return self._items(start, end)

    def _list_inside(self, span: Span) -> list[Span]:
        """The list in a definition; `以A、B和C为主体的…` lists A, B and C."""
        segment = re.split(r"[，；。]", self.text[span.start : span.end])[0]
        core = re.match(r"以?(.+?)(?:为(?:主体|主导|支柱|核心|新兴|重点)[^、]*)?$", segment)
        first, last = (core.start(1), core.end(1)) if core else (0, len(segment))
        members = self._items(span.start + first, span.start + last, cut=False)
        if members and members[0].end - members[0].start > 12:
            members = self._items(span.start + first, span.start + last)
        return members

    def _items(self, start: int, end: int, cut: bool = True) -> list[Span]:
        spans: list[Span] = []
        for match in re.finditer(r"[^、]+", self.text[start:end]):
            spans.append(Span(start + match.start(), start + match.end()))
        if not spans or (len(spans) == 1 and not re.search("[和及]", self.text[start:end])):
            return spans
        last = spans[-1]
        joint = re.search(r"[和及]", self.text[last.start + 2 : last.end - 1])
        if joint:
            middle = last.start + 2 + joint.start()
            spans[-1:] = [Span(last.start, middle), Span(middle + 1, last.end)]
        if cut:
            first = spans[0]
            verbs = list(self.verbs.finditer(self.text, first.start, first.end - 1))
            if verbs:
                spans[0] = Span(verbs[-1].end(), first.end)
            of = self.text.rfind("的", spans[0].start, first.end - 2)
            if of >= 0 and not any("的" in self.text[s.start : s.end] for s in spans[1:]):
                spans[0] = Span(of + 1, first.end)
        if self.text.endswith("等", 0, spans[-1].end):
            spans[-1] = Span(spans[-1].start, spans[-1].end - 1)
        return [span for span in spans if 1 <= span.end - span.start <= 24]
