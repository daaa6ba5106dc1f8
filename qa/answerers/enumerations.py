"""How many things a sentence lists, where it does not say their number itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from qa.answerers.base import Inquiry
from qa.binding import asked_unit
from qa.compose import Draft
from qa.evidence import Match, term_credit
from qa.figures import comparable, figures_in, plain
from qa.question import AnswerType
from qa.patterns import LISTED_COUNT

_DEPTH = 12
#: how far a sentence may lie behind the one that fits best, and how much of the question it must hold
_MOST_BEHIND, _LEAST_FOUND = 0.12, 0.6
_LEAST_CREDIT = 0.5
_LEAST_LEAD = 0.1
_CLAUSE = re.compile(r"(?:[“《(（][^”》)）]*[”》)）]|[^,，。；;：:！？!?“”])+")
_QUOTED_LIST = re.compile(r"“([^”]*、[^”]*)”")
_QUOTES_IN_A_ROW = re.compile(r"(?:“[^”、]+”[、,，]?){2,}")
_YEARS_IN_A_ROW = re.compile(r"(?:(?:19|20)\d\d、)+(?:19|20)\d\d")
_BRACKETS = re.compile(r"[“《(（][^”》)）]*[”》)）]")
_LAST_TWO = re.compile(r"(?<=[\u4e00-\u9fff”》]{2})(?:以及|及|和)(?=[\u4e00-\u9fff“《]{2})")
#: a number behind a list counts it; `一批` does not
_NUMBERED = re.compile(r"^[”’]?(?:等)?(?:这|共|共计)?(?:[二两三四五六七八九十]{1,2}|\d+)(?!年)")
_OPEN = re.compile(r"等(?![级候待同])")


@dataclass(frozen=True, slots=True)
class _Enumeration:
    """A list: how many things, its text, and what stands before and behind it in its clause."""

    size: int
    text: str
    before: str
    after: str
    match: Match


class EnumerationAnswerer:
    """Counts the things that the best sentence lists."""

    kind = "count"

    def answer(self, inquiry: Inquiry) -> Draft | None:
        """The count with the list, or None when a number is stated or no one list is meant."""
        question = inquiry.question
        asked = LISTED_COUNT.search(question.folded)
        if asked is None or question.answer_type is not AnswerType.AMOUNT:
            return None
        found = [
            (_fit(inquiry, each, asked["kind"]), each)
            for match in _best_sentences(inquiry)
            if not _stated(inquiry, match, asked["unit"])
            for each in _enumerations(match)
        ]
        good = sorted((pair for pair in found if pair[0] >= _LEAST_FOUND), key=lambda pair: -pair[0])
        if not good:
            return None
        fit, best = good[0]
        if any(fit - other < _LEAST_LEAD and each.size != best.size for other, each in good[1:]):
            return None
        draft = inquiry.draft(self.kind)
        size = draft.compute(str(best.size))
        more = "；原文以“等”收尾，是否还有未列出的，规划没有说明" if _OPEN.match(best.after) else ""
        draft.say(f"按原文所列逐一计数，共{size}{asked['unit']}：{best.text}{more}。")
        draft.quote(best.match.sentence, "正文依据")
        return draft


def _best_sentences(inquiry: Inquiry) -> list[Match]:
    """The sentences that fit best, whether or not they hold a number."""
    ranked = [(m.score - (0.2 if m.typed else -0.25), m) for m in inquiry.matches[: 3 * _DEPTH]]
    best = max((score for score, _ in ranked), default=0.0)
    return [match for score, match in ranked if score >= best - _MOST_BEHIND][:_DEPTH]


def _stated(inquiry: Inquiry, match: Match, unit: str) -> bool:
    """Whether a sentence gives a number of what is asked for."""
    amount = asked_unit(unit)
    return amount is not None and any(
        comparable(figure.amount, amount)
        and any(
            term_credit(term.text, figure.near, inquiry.knowledge.lexicon) >= _LEAST_CREDIT
            for term in inquiry.question.specific
        )
        for figure in figures_in(match.sentence, inquiry.knowledge.lexicon.joint)
    )


def _enumerations(match: Match) -> Iterator[_Enumeration]:
    """The lists of a sentence that no number counts."""
    text = plain(match.sentence)
    for pattern in (_QUOTED_LIST, _QUOTES_IN_A_ROW, _YEARS_IN_A_ROW):
        for found in pattern.finditer(text):
            inner = found[1] if pattern is _QUOTED_LIST else found[0]
            size = inner.count("、") + 1 if pattern is not _QUOTES_IN_A_ROW else inner.count("“")
            yield from _unnumbered(size, inner, text, found.start(), found.end(), match)
    for clause in _CLAUSE.finditer(text):
        bare = _BRACKETS.sub(lambda m: "□" * len(m.group()), clause.group())
        if "、" in bare and not _QUOTES_IN_A_ROW.search(clause.group()):
            last = _OPEN.split(bare.rpartition("、")[2], maxsplit=1)[0]
            size = bare.count("、") + 1 + len(_LAST_TWO.findall(last))
            end = clause.start() + len(bare) - len(bare.rpartition("、")[2]) + len(last)
            yield from _unnumbered(size, text[clause.start() : end], text, clause.start(), end, match)


def _unnumbered(
    size: int, inner: str, text: str, start: int, end: int, match: Match
) -> Iterator[_Enumeration]:
    after = text[end : end + 20]
    if size >= 2 and not _NUMBERED.match(after.lstrip("”")):
        yield _Enumeration(size, inner.strip("、,，"), text[max(0, start - 20) : start], after, match)


def _fit(inquiry: Inquiry, each: _Enumeration, kind: str) -> float:
    """How much of the question a list's sentence holds; none if the kind that is counted is not at the list."""
    lexicon, question = inquiry.knowledge.lexicon, inquiry.question
    sentence = each.match.sentence
    around = f"{sentence.folded} {sentence.context} {sentence.before}"
    total = sum(term.weight for term in question.specific)
    if not total or any(t.place and term_credit(t.text, around, lexicon) < 0.9 for t in question.specific):
        return 0.0
    at_list = f"{each.before}{each.text}{each.after}"
    got = sum(
        term.weight * (0.7 * term_credit(term.text, around, lexicon) + 0.3 * term_credit(term.text, at_list, lexicon))
        for term in question.specific
    )
    kinds = inquiry.knowledge.understand(kind).terms if kind else ()
    if kinds and not any(term_credit(t.text, at_list, lexicon) >= _LEAST_CREDIT for t in kinds):
        return 0.0
    return got / total
