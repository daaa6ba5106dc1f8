"""Lists that the plan writes as parallel wording: `“旅游+生态”为特色`, `坚持问题导向`, `一是…二是…`."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from kg.queries import CONCEPT_MEMBERS
from kg.schema import Label
from kg.sentences import clause_spans
from kg.tokens import fold
from qa.answerers.base import Inquiry
from qa.compose import Draft
from qa.evidence import term_credit
from qa.knowledge import Knowledge
from qa.question import AnswerType
from qa.topics import (
    BUDGET_CHARS,
    Part,
    cut_at_clause,
    fair_shares,
    parts_of,
    points,
    say_heading,
    scored_parts,
)

_FEWEST = 3
#: sentences near the question whose plans are read for enumerations, where there are many plans
_NEAREST = 10
#: share of what else is asked that must stand around an enumeration
_LEAST_FIT = 0.5
#: share of the best part's score that a part with ordinals must have
_NEAR_BEST = 0.9
_POINT_CHARS = 130
_NUMERALS = "一二三四五六七八九十"
_HOW_MANY = re.compile(r"(?:[两二三四五六七八九十]|几)(?:个|类|条|种|项|块|点|大|方面)")
_ORDINAL = re.compile(rf"(?P<ordinal>[{_NUMERALS}])是")
_QUOTES = re.compile(r"[“”\"'‘’「」『』]")
_EACH = re.compile(r"每|各|分别|逐[一条个项]|一条条")
_TOWNS = re.compile(r"乡镇|镇街|(?:各|哪些|哪?[几两三四五六七八九十]个)[乡镇]")
#: the verb whose objects are asked for: `提倡哪些`
_STARTER = re.compile(r"(?P<word>[\u4e00-\u9fff]{2})(?:了|的是)?(?:哪些|哪几|什么|啥)")
_PAIR = r"[\u4e00-\u9fff]{2}"
#: what fills a gap of a wording, and what follows a shared beginning
_GAP, _REST = r"[\u4e00-\u9fffa-z0-9]{1,4}?", r"[^，。；：、]{1,12}"

Group = tuple[str, int]
#: a part, the offsets of a stretch of it, and the stretch folded, without quotation marks
_Stretch = tuple[Part, int, int, str]


@dataclass(frozen=True, slots=True)
class _Item:
    """A member of an enumeration: its part, where it stands, and the words that no other member has."""

    part: Part
    start: int
    end: int
    word: str


class EnumerationAnswerer:
    """Lists all members of what the plan enumerates by repeating a wording, with the count."""

    kind = "enumeration"

    def answer(self, inquiry: Inquiry) -> Draft | None:
        """The members, or None when the question asks for no such list or none fits it."""
        question = inquiry.question
        if question.answer_type is not AnswerType.ANY and not question.wants_count:
            return None
        if not (question.wants_list or _HOW_MANY.search(question.folded) or _EACH.search(question.folded)):
            return None
        for find in (_patterned, _members, _towns, _numbered, _ordinals):
            if items := find(inquiry):
                return _said(inquiry, items)
        return None


def _said(inquiry: Inquiry, items: Sequence[_Item]) -> Draft:
    """The members in the plan's order under their heading, each up to a clause."""
    draft = inquiry.draft(EnumerationAnswerer.kind)
    home = items[0].part
    say_heading(draft, home.plan_id, home.home)
    draft.say(f"共{draft.compute(str(len(items)))}项：")
    text = inquiry.knowledge.documents[home.plan_id].text
    shares = fair_shares([min(item.end - item.start, _POINT_CHARS) for item in items], BUDGET_CHARS)
    for number, (item, share) in enumerate(zip(items, shares, strict=True), 1):
        end = cut_at_clause(text, item.start, item.end, share)
        mark = draft.cite(item.part.plan_id, item.start, end, "要点")
        draft.say(f"{number}. {' '.join(text[item.start:end].split())}{mark}")
    return draft


def _patterned(inquiry: Inquiry) -> list[_Item]:
    """Sentences of a section that begin with a quoted wording or fill a gap in it; of a part, with a verb."""
    question = inquiry.question
    for quoted in question.quoted:
        if len(quoted) > 1:
            forms = [_form(quoted, cut) for cut in range(len(quoted), 0, -1)]
            if found := _largest(inquiry, forms, lambda part: (part.plan_id, part.home), _sentences):
                return found
    words = inquiry.knowledge.lexicon.words
    for asked in _STARTER.finditer(question.folded):
        if asked["word"] in words.frame or asked["word"] in words.generic:
            continue
        forms = [_form(asked["word"], 2)]
        if found := _largest(inquiry, forms, lambda part: (part.plan_id, part.first), _tails, _LEAST_FIT):
            return found
    return []


def _form(wording: str, cut: int) -> re.Pattern[str]:
    """How a sentence begins that has something behind the wording, or in a gap of it at ``cut``."""
    if cut == len(wording):
        return re.compile(rf"{re.escape(wording)}(?P<word>{_REST})")
    return re.compile(rf"{re.escape(wording[:cut])}(?P<word>{_GAP}){re.escape(wording[cut:])}")


def _largest(
    inquiry: Inquiry,
    forms: Sequence[re.Pattern[str]],
    group: Callable[[Part], Group],
    stretches: Callable[[Inquiry], Iterable[_Stretch]],
    least_fit: float = 0.0,
) -> list[_Item]:
    """The items of the group that fits the rest of the question best, with one of the forms."""
    best: tuple[float, list[_Item]] = (0.0, [])
    for form in forms:
        found: defaultdict[Group, list[_Item]] = defaultdict(list)
        for part, start, end, said in stretches(inquiry):
            if (match := form.match(said)) and end not in (item.end for item in found[group(part)][-1:]):
                found[group(part)].append(_Item(part, start, end, match["word"]))
        for items in found.values():
            if len({item.word for item in items}) < _FEWEST:
                continue
            fit = _fit(inquiry, items)
            if fit >= least_fit and fit + 0.01 * len(items) > best[0]:
                best = (fit + 0.01 * len(items), items)
    return best[1]


def _plans(inquiry: Inquiry) -> Iterable[str]:
    """The plans whose enumerations may be asked for: of many, those that come near the question."""
    plans = inquiry.knowledge.documents
    if len(plans) == 1:
        return plans
    return dict.fromkeys(match.sentence.plan_id for match in inquiry.matches[:_NEAREST])


def _tails(inquiry: Inquiry) -> Iterator[_Stretch]:
    """The sentences and what is left of them from each clause on, longest first."""
    for plan_id in _plans(inquiry):
        yield from inquiry.knowledge.once(_tails_of, plan_id)


def _sentences(inquiry: Inquiry) -> Iterator[_Stretch]:
    """The sentences of running text with their parts, folded and without quotation marks."""
    for plan_id in _plans(inquiry):
        yield from inquiry.knowledge.once(_sentences_of, plan_id)


def _tails_of(knowledge: Knowledge, plan_id: str) -> tuple[_Stretch, ...]:
    return tuple(
        (part, first, end, _plain(knowledge.text(plan_id, first, end)))
        for part, start, end, _ in knowledge.once(_sentences_of, plan_id)
        for first, _ in clause_spans(knowledge.documents[plan_id].text, start, end)
    )


def _sentences_of(knowledge: Knowledge, plan_id: str) -> tuple[_Stretch, ...]:
    return tuple(
        (part, start, end, _plain(knowledge.text(plan_id, start, end)))
        for part in parts_of(knowledge, plan_id)
        for start, end in points(knowledge, part)
    )


def _plain(text: str) -> str:
    return _QUOTES.sub("", fold(text))


def _fit(inquiry: Inquiry, items: Sequence[_Item]) -> float:
    """Share of the question's specific words in the headings around the items and in the items."""
    knowledge, part = inquiry.knowledge, items[0].part
    document = knowledge.documents[part.plan_id]
    heading = document.blocks[part.home] if part.home >= 0 else None
    title = document.text[heading.start : heading.end] if heading else ""
    first = document.blocks[part.first]
    words = [document.text[item.start : item.end] for item in items]
    around = fold(" ".join((title, document.text[first.start : first.end], *words)))
    terms = inquiry.question.specific
    total = sum(term.weight for term in terms)
    if not total:
        return 0.0
    stems = [(term.weight, _stem(term.text, knowledge)) for term in terms]
    return sum(weight * term_credit(stem, around, knowledge.lexicon) for weight, stem in stems) / total


def _stem(word: str, knowledge: Knowledge) -> str:
    """A word without a general one at its end: `作风` of `作风建设`."""
    return word[:-2] if len(word) > 3 and word[-2:] in knowledge.lexicon.words.generic else word


def _members(inquiry: Inquiry) -> list[_Item]:
    """What is said of each member of a quoted concept, where it is asked of each."""
    question, knowledge = inquiry.question, inquiry.knowledge
    if not _EACH.search(question.folded) or question.wants_definition:
        return []
    for node in knowledge.of(Label.CONCEPT):
        if not any(_plain(form) in question.quoted for form in node.forms):
            continue
        members = knowledge.nodes_in(knowledge.store.query(CONCEPT_MEMBERS, {"id": node.id}), "member")
        names = [_plain(member.name) for member in members]
        if len(names) < _FEWEST:
            continue
        items: dict[str, _Item] = {}
        for part, start, end, said in _sentences(inquiry):
            for name in names:
                if name not in items and re.match(rf"{re.escape(name)}[。：，:]", said):
                    items[name] = _Item(part, start, end, name)
        if len(items) == len(names):
            return sorted(items.values(), key=lambda item: item.start)
    return []


def _towns(inquiry: Inquiry) -> list[_Item]:
    """What a section says under the name of each town, where it is asked of each."""
    question, knowledge = inquiry.question, inquiry.knowledge
    if not _TOWNS.search(question.folded) or not _EACH.search(question.folded):
        return []
    towns = {fold(form) for node in knowledge.of(Label.TOWN) for form in node.forms}
    found: defaultdict[Group, list[_Item]] = defaultdict(list)
    for part, start, end, said in _sentences(inquiry):
        heading = re.match(r"(?:[(（][^)）]{1,3}[)）])?(?P<word>[^。：:，]{2,8})[。：:]", said)
        if heading and heading["word"] in towns:
            found[part.plan_id, part.home].append(_Item(part, start, end, heading["word"]))
    return max((items for items in found.values() if len(items) >= _FEWEST), key=len, default=[])


def _numbered(inquiry: Inquiry) -> list[_Item]:
    """`哪三个导向`: just so many sentences of one part with `坚持…导向`, each with another word before it."""
    question = inquiry.question
    for term in question.terms:
        so_many = rf"([两二三四五六七八九十])(?:个|类|条|种|项|大)?{re.escape(term.text)}"
        asked = re.search(so_many, question.folded)
        if asked is None or term.generic or len(term.text) < 2:
            continue
        number = _NUMERALS.index(asked[1].replace("两", "二")) + 1
        form = re.compile(rf"(?P<lead>{_PAIR})(?P<word>{_PAIR}){re.escape(term.text)}")
        found: defaultdict[tuple[str, int, str], dict[str, _Item]] = defaultdict(dict)
        for part, start, end, said in _sentences(inquiry):
            for match in form.finditer(said):
                item = _Item(part, start, end, match["word"])
                found[part.plan_id, part.first, match["lead"]].setdefault(item.word, item)
        exact = [list(items.values()) for items in found.values() if len(items) == number >= _FEWEST]
        if exact:
            return max(exact, key=lambda items: _fit(inquiry, items))
    return []


def _ordinals(inquiry: Inquiry) -> list[_Item]:
    """`一是…二是…` in the part that fits best, when the question asks for so many or how many."""
    question, knowledge = inquiry.question, inquiry.knowledge
    asked = _HOW_MANY.search(question.folded)
    if asked is None or not question.specific:
        return []
    ranked = scored_parts(question, knowledge, inquiry.matches)
    for part in ranked:
        if part.score < _NEAR_BEST * ranked[0].score:
            return []
        items = _ordinals_of(knowledge, part)
        number = _NUMERALS.find(asked[0][0].replace("两", "二")) + 1
        if len(items) >= _FEWEST and number in (0, len(items)) and _fit(inquiry, items) >= _LEAST_FIT:
            return items
    return []


def _ordinals_of(knowledge: Knowledge, part: Part) -> list[_Item]:
    """The items of a part from 一是 on, in order without a gap."""
    document = knowledge.documents[part.plan_id]
    start, stop = document.blocks[part.first].start, document.blocks[part.end - 1].end
    text = document.text[start:stop]
    places = [
        m for n, m in enumerate(_ORDINAL.finditer(text)) if m["ordinal"] == _NUMERALS[n : n + 1]
    ]
    ends = [m.start() for m in places[1:]]
    return [
        _Item(part, start + place.start(), start + _without_space(text, place.start(), end), place["ordinal"])
        for place, end in zip(places, (*ends, len(text)), strict=False)
    ]


def _without_space(text: str, start: int, end: int) -> int:
    """``end`` without white space before it."""
    return start + len(text[start:end].rstrip())
