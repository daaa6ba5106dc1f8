"""Answers from running text: the sentence that carries both the thing and what is asked of it."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from kg.model import BlockKind
from kg.schema import Label
from kg.tokens import fold
from qa.answerers.base import Inquiry
from qa.answerers.boxes import say_boxes
from qa.answerers.indicators import about_another, say_indicators
from qa.binding import binds, told_by_unit
from qa.compose import Draft, format_number
from qa.evidence import Match, has_years
from qa.knowledge import Node, Sentence
from qa.linking import OWN_NAMES
from qa.question import AnswerType, Question

#: log odds that a sentence answers by its `signs`: fitted by logistic regression to which best sentences hold
#: the gold quote of our development questions (`benchmarks.certainty`, docs/retrieval.md)
_WEIGHTS, _BASE = (1.87, 2.02, 2.72, -0.62), -1.99
_CERTAIN = 0.2
_MAX_UNKNOWN = 0.65
_MAX_ATTRIBUTE_LOST = 0.6
_YEARS = re.compile(r"(?:19|20)\d\d年(?:的)?")
#: of these something is asked, so that their name alone is no answer
_NAMED = OWN_NAMES | {Label.PROJECT}
_TYPED = frozenset({AnswerType.PERSON, AnswerType.YEAR, AnswerType.AMOUNT})
_DEPTH = 60
_MAX_CHARS = 420
_MAX_LIST_CHARS = 900
_SUMMARY_PASSAGES = 3


class TextAnswerer:
    """Quotes the best sentence, and others that say nearly as much about the same thing."""

    kind = "text"

    def __init__(self, max_attribute_lost: float = _MAX_ATTRIBUTE_LOST) -> None:
        """``max_attribute_lost``: share of what is asked of the named things that may be missing."""
        self._max_attribute_lost = max_attribute_lost

    def answer(self, inquiry: Inquiry) -> Draft | None:
        """The quoted sentences, or None when no sentence can answer."""
        question = inquiry.question
        good = acceptable(inquiry, self._max_attribute_lost)
        if not good:
            return None
        if (structured := _structured(good[0], inquiry)) is not None:
            return structured
        draft = inquiry.draft(self.kind)
        if question.wants_summary:
            say_passages(draft, good)
            return draft
        difference(draft, good[0], question)
        broad = question.wants_list or question.wants_summary or question.answer_type is AnswerType.ANY
        say_matches(draft, good, max_chars=_MAX_LIST_CHARS if broad else _MAX_CHARS,
                    most=5 if broad else 3, margin=0.35 if question.wants_summary else 0.25)
        return draft


def _structured(best: Match, inquiry: Inquiry) -> Draft | None:
    """The box whose heading is the best sentence, or the indicator whose row it is, said as such."""
    node = _node_at(best, inquiry)
    if node is None:
        return None
    return say_indicators(inquiry, [node]) if node.label is Label.INDICATOR else say_boxes(inquiry, [node])


def _node_at(match: Match, inquiry: Inquiry) -> Node | None:
    """The box or indicator that stands in a sentence."""
    sentence, starts = match.sentence, inquiry.knowledge.starts
    places = ((sentence.plan_id, offset) for offset in range(sentence.start, sentence.end))
    return next((starts[place] for place in places if place in starts), None)


def acceptable(inquiry: Inquiry, max_attribute_lost: float = _MAX_ATTRIBUTE_LOST) -> list[Match]:
    """The sentences that can be an answer, best first: right type, nothing named missing, likely enough."""
    found = inquiry.matches[:_DEPTH]
    if not found or not inquiry.question.specific:
        return []
    return [
        match for match in found
        if _fits(match, inquiry, max_attribute_lost) and _odds(signs(match, inquiry)) >= _CERTAIN
    ]


def signs(match: Match, inquiry: Inquiry) -> tuple[float, float, float, float]:
    """What tells whether a sentence answers: its coverage, its likeness, how far it is ahead of the next
    other sentence (only the best one is), and the share of what is asked that stands in no plan."""
    found = inquiry.matches
    lead = 0.0
    if match is found[0]:
        lead = match.score - next((m.score for m in found if m.sentence.folded != match.sentence.folded), 0.0)
    unknown = sum(term.weight for term in match.missing if inquiry.knowledge.never_says(term.text))
    share = unknown / sum(term.weight for term in inquiry.question.specific)
    return match.coverage, match.likeness, lead, share


def best_signs(inquiry: Inquiry) -> tuple[Match, tuple[float, float, float, float]] | None:
    """The best sentence with its signs, if it has all that is asked for; for `benchmarks.certainty`."""
    found = inquiry.matches
    if not found or not inquiry.question.specific or not _fits(found[0], inquiry, _MAX_ATTRIBUTE_LOST):
        return None
    return found[0], signs(found[0], inquiry)


def _fits(match: Match, inquiry: Inquiry, max_attribute_lost: float) -> bool:
    """Whether a sentence has the type, the places, the year and the attribute that are asked for."""
    question = inquiry.question
    if question.answer_type in _TYPED and not match.typed:
        return False
    if any(term.place for term in match.missing) or _other_year(match, question):
        return False
    row = _node_at(match, inquiry) if match.sentence.passage.kind is BlockKind.TABLE_CELL else None
    if row is not None and row.label is Label.INDICATOR and about_another(inquiry, row):
        return False
    return _attribute_lost(match, inquiry) <= max_attribute_lost and binds(match.sentence, inquiry)


def _odds(signs: tuple[float, float, float, float]) -> float:
    """Log odds that a sentence with these signs answers the question."""
    if signs[-1] > _MAX_UNKNOWN:  # most of what is asked about stands in no plan
        return -math.inf
    return _BASE + sum(weight * sign for weight, sign in zip(_WEIGHTS, signs, strict=True))


def _attribute_lost(match: Match, inquiry: Inquiry) -> float:
    """Share of what is asked of the named things that the sentence lacks: names alone are no answer."""
    named = [node for node in inquiry.entities if node.label in _NAMED]
    if not named:
        return 0.0
    names = " ".join(fold(form) for node in named for form in node.forms)
    asked = [
        term for term in inquiry.question.specific
        if term.text not in names and not told_by_unit(term.text, inquiry)
    ]
    missing = {term.text for term in match.missing}
    total = sum(term.weight for term in asked)
    return sum(term.weight for term in asked if term.text in missing) / total if total else 0.0


def _other_year(match: Match, question: Question) -> bool:
    """Whether a year is asked for that is neither the plan's end nor anywhere near the sentence."""
    return bool(question.years) and not has_years(match.sentence, question)


def say_matches(
    draft: Draft, matches: Sequence[Match], *, max_chars: int, most: int, margin: float
) -> None:
    """Quote the best match and those within ``margin`` of it, without repeating a wording.

    One that has what the best lacks may be a little further off.
    """
    best = matches[0].score
    lacking = {term.text for term in matches[0].missing}
    used = 0
    said: list[str] = []
    for match in matches:
        sentence = match.sentence
        adds = bool(lacking - {term.text for term in match.missing})
        if match.score < best - margin - (0.2 if adds else 0) or len(said) == most:
            continue
        text = fold(sentence.text)
        if any(text in other or other in text for other in said):
            continue
        if said and used + len(text) > max_chars:
            continue
        draft.quote(sentence, "正文依据", suffix=_place(sentence))
        said.append(text)
        used += len(text)


def say_passages(draft: Draft, matches: Sequence[Match]) -> None:
    """For a summary: the best passages, sentence by sentence in the plan's order."""
    passages = list(dict.fromkeys(match.sentence.passage.id for match in matches))[:_SUMMARY_PASSAGES]
    used = 0
    for passage in passages:
        for sentence in draft.knowledge.sentences_of(passage):
            if used + len(sentence.text) <= _MAX_LIST_CHARS:
                draft.quote(sentence, "要点", prefix="- ")
                used += len(sentence.text)


_CHANGE = re.compile(
    r"(?:由|从)[^，。；]{0,16}?(\d+(?:\.\d+)?)\s*([^\d，。；、由从到至]{0,4}?)(?:增加|提高|提升|上升|增长|扩大|下降|降低|减少|缩小|压减|调整)?"
    r"(?:到|至|为)[^，。；]{0,10}?(?<![\d.])(\d+(?:\.\d+)?)(?!\s*年)"
)


def difference(draft: Draft, match: Match, question: Question) -> None:
    """Where a change is asked for and the sentence says `由A…增加到B`, say B − A."""
    found = _CHANGE.search(_YEARS.sub("", match.sentence.text))
    if not question.wants_difference or not found:
        return
    before, after = float(found.group(1)), float(found.group(3))
    value = draft.compute(format_number(abs(after - before)))
    mark = draft.cite(match.sentence.plan_id, match.sentence.start, match.sentence.end, "正文依据")
    word = "增加" if after >= before else "减少"
    draft.say(
        f"计算：{word}{value}{found.group(2).strip()}"
        f"（{found.group(3)} − {found.group(1)} = {draft.compute(format_number(after - before))}）{mark}"
    )


def _place(sentence: Sentence) -> str:
    """Where a box item stands: without its box it says little."""
    if sentence.passage.kind is not BlockKind.BOX_ITEM:
        return ""
    return f"（{sentence.passage.headings[-1]}）"
