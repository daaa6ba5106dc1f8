"""Bind what a question names to amounts of the text: each thing to the amount that the text gives for it.

A binding counts only when it is certain: every thing has words of its own that stand with its amount and not
with the others', and no other choice of amounts fits nearly as well.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from math import prod

from kg.quantities import AMOUNT, UNIT, Amount, read_amount
from kg.schema import Label
from kg.tokens import fold
from qa.answerers.base import Inquiry
from qa.evidence import Match, has_years, term_credit
from qa.figures import Figure, comparable, figures_in
from qa.knowledge import Node, Sentence
from qa.patterns import CALCULATING, INVESTED, MEASURED
from qa.question import Term

#: sentences that are tried; figures, choices among them and sentences of what is looked at together
_DEPTH, _MOST_FIGURES, _MOST_CHOICES, _MOST_SENTENCES = 15, 40, 30_000, 6
#: credit of a word elsewhere in an amount's own text, and of one elsewhere around it
_FAR, _AROUND = 0.85, 0.6
_LEAST_FIT, _LEAST_ANCHOR, _LEAST_LEAD, _LEAST_CONTRAST = 0.6, 0.3, 0.04, 0.45
_MOST_LOST = 0.4
#: share of an operand's words that the project's own entry must hold
_LEAST_NAMED = 0.85
_WEAK = 0.4
_YEAR_WEIGHT = 5.0
#: weight of a word for what is measured, which the unit says already
_MEASURE = 0.25
#: what was added is not the level, unless the question asks for it
_GAIN, _GAIN_COST = re.compile(r"新增|净增|增长"), 0.12
#: what is counted in another word than asked may be another thing
_UNIT_COST = 0.1
_ASKED_UNIT = re.compile(rf"(个?百分点|个点|点(?!到)|口人|{UNIT}|[亿万])")
_SCALES = {"亿": 1e8, "万": 1e4}


@dataclass(frozen=True, slots=True)
class Operand:
    """A thing that a question names: its words, which amounts may be its own, and the unit asked for.

    ``anchored``: its words must stand with its amount; else the unit tells it, and its sentence has them.
    """

    text: str
    terms: tuple[Term, ...]
    fits: Callable[[Figure], bool]
    unit: Amount | None = None
    anchored: bool = True


@dataclass(frozen=True, slots=True)
class Binding:
    """The amounts of some operands in their order, and how well they fit, 0..1 and what the place adds."""

    figures: tuple[Figure, ...]
    score: float

    @property
    def printed(self) -> tuple[str, ...]:
        """The amounts as the text prints them."""
        return tuple(figure.printed for figure in self.figures)


def operand(
    inquiry: Inquiry,
    text: str,
    fits: Callable[[Figure], bool],
    unit: Amount | None = None,
    *,
    anchored: bool = True,
) -> Operand:
    """What a piece of a question names. A year in it is one of its words."""
    read = inquiry.knowledge.understand(CALCULATING.sub(" ", text))
    words = (replace(t, weight=t.weight * _MEASURE) if MEASURED.fullmatch(t.text) else t for t in read.terms)
    years = (Term(str(year), _YEAR_WEIGHT) for year in read.years)
    return Operand(text, (*words, *years), fits, unit, anchored)


def asked_unit(text: str) -> Amount | None:
    """One of the unit that a text begins with (`亿元的投资`), None if it begins with none.

    A bare `亿` has no base unit; percentage points are asked for of per cents.
    """
    found = _ASKED_UNIT.match(text)
    if not found:
        return None
    unit = found[1]
    if "点" in unit:
        return Amount(1, "%", 1, "%")
    if unit in _SCALES:
        return Amount(1, unit, _SCALES[unit], "")
    amount = AMOUNT.fullmatch(f"1{'人' if unit == '口人' else unit}")
    return read_amount(amount) if amount else None


def has_unit(figure: Figure, unit: Amount | None) -> bool:
    """Whether an amount may be given in this unit; any may if None."""
    if unit is None:
        return True
    return figure.amount.unit.startswith(unit.unit) if not unit.base_unit else comparable(figure.amount, unit)


def bind(
    inquiry: Inquiry,
    operands: Sequence[Operand],
    *,
    agree: Callable[[tuple[Figure, ...]], bool],
    stated: Callable[[list[Figure]], bool],
) -> Binding | None:
    """The amounts of the operands, in one sentence or two neighbours; None if that is not certain.

    ``agree``: whether amounts may go together. ``stated``: whether the text itself gives what is asked, so
    that nothing is to be computed.
    """
    found: list[Binding] = []
    for match in inquiry.matches[:_DEPTH]:
        for size, window in _windows(inquiry, match):
            figures = [f for s in window for f in figures_in(s, inquiry.knowledge.lexicon.joint)]
            around = " ".join((window[0].context, window[0].before, *(s.folded for s in window)))
            lost = _lost(inquiry, match, window, around)
            if not 2 <= len(figures) <= _MOST_FIGURES or lost > _MOST_LOST:
                continue
            best = _best(inquiry, operands, figures, around, agree)
            if best is not None:
                if stated(figures):
                    return None
                found.append(Binding(best.figures, best.score - 0.3 * lost - 0.05 * size))
    found.sort(key=lambda binding: -binding.score)
    rivals = (b for b in found[1:] if b.printed != found[0].printed)
    if not found or found[0].score - next((b.score for b in rivals), 0.0) < _LEAST_LEAD:
        return None
    return found[0]


def bind_projects(inquiry: Inquiry, operands: Sequence[Operand]) -> Binding | None:
    """The investments of the projects that the operands name, each named by one project only."""
    figures: list[Figure] = []
    for each in operands:
        named = [t for t in each.terms if not INVESTED.fullmatch(t.text) and not t.generic]
        total = sum(term.weight for term in named)
        fits = sorted(
            (
                (sum(t.weight * _credit(inquiry, t, _said_of(node)) for t in named) / total, node.id, node)
                for node in inquiry.knowledge.of(Label.PROJECT)
            ),
            reverse=True,
        ) if total else []
        if not fits or fits[0][0] < _LEAST_NAMED or (fits[1:] and fits[0][0] - fits[1][0] < _LEAST_LEAD):
            return None
        figure = _investment(inquiry, fits[0][2])
        if figure is None or not each.fits(figure):
            return None
        figures.append(figure)
    apart = len({(f.sentence.plan_id, f.start) for f in figures}) == len(figures)
    return Binding(tuple(figures), 1.0) if apart else None


def _said_of(node: Node) -> str:
    return fold(" ".join((*node.forms, node.text("details"))))


def _investment(inquiry: Inquiry, node: Node) -> Figure | None:
    """A project's investment, with the sentence or row that states it."""
    amount, start = AMOUNT.match(node.text("investment")), node.integer("start")
    sentence = next(
        (
            sentence
            for passage in inquiry.knowledge.passages.values()
            if start is not None and passage.plan_id == node.text("plan")
            and passage.start <= start < passage.end
            for sentence in inquiry.knowledge.sentences_of(passage.id)
            if sentence.start <= start < sentence.end and amount and amount["number"] in sentence.folded
        ), None,
    )
    if amount is None or start is None or sentence is None:
        return None
    said = _said_of(node)
    return Figure(amount.group(), read_amount(amount), said, said, said, sentence, start)


def _windows(inquiry: Inquiry, match: Match) -> Iterator[tuple[int, list[Sentence]]]:
    """A sentence, with its neighbours, and its whole passage, each with how far it reaches."""
    sentences = inquiry.knowledge.sentences_of(match.sentence.passage.id)
    at = sentences.index(match.sentence)
    yield 0, [match.sentence]
    if at + 1 < len(sentences):
        yield 1, list(sentences[at : at + 2])
    if at:
        yield 1, list(sentences[at - 1 : at + 1])
    if 2 < len(sentences) <= _MOST_SENTENCES:
        yield 2, list(sentences)


def _lost(inquiry: Inquiry, match: Match, window: list[Sentence], around: str) -> float:
    """Share of what the question names that is nowhere around; all of it if a place or a year is missing."""
    question, lexicon = inquiry.question, inquiry.knowledge.lexicon
    specific = inquiry.knowledge.understand(CALCULATING.sub(" ", question.text)).specific
    missing = [t for t in specific if term_credit(t.text, around, lexicon) < _WEAK]
    if any(term.place for term in missing) or not any(has_years(s, question) for s in window):
        return 1.0
    total = sum(term.weight for term in specific)
    return sum(term.weight for term in missing) / total if total else 1.0


def _best(
    inquiry: Inquiry,
    operands: Sequence[Operand],
    figures: list[Figure],
    around: str,
    agree: Callable[[tuple[Figure, ...]], bool],
) -> Binding | None:
    """The best choice of amounts among these, if it is certain."""
    options = [[f for f in figures if each.fits(f)] for each in operands]
    if not all(options) or prod(map(len, options)) > _MOST_CHOICES:
        return None
    fits = [
        {id(f): _fit(inquiry, each, f, some, around) for f in some}
        for each, some in zip(operands, options, strict=True)
    ]
    choices = [
        Binding(chosen, sum(fit[id(f)] for fit, f in zip(fits, chosen, strict=True)) / len(chosen))
        for chosen in product(*options)
        if len({id(f) for f in chosen}) == len(chosen) and agree(chosen)
    ]
    if not choices:
        return None
    choices.sort(key=lambda binding: -binding.score)
    best = choices[0]
    rival = next((b.score for b in choices[1:] if b.printed != best.printed), 0.0)
    if best.score < _LEAST_FIT or best.score - rival < _LEAST_LEAD:
        return None
    if not all(_anchored(inquiry, each, f) for each, f in zip(operands, best.figures, strict=True)):
        return None
    if not _told_apart(inquiry, operands, best.figures):
        return None
    return best


def _credit(inquiry: Inquiry, term: Term, text: str) -> float:
    if term.text.isdecimal():  # years that share their digits are not alike
        return float(term.text in text)
    credit = term_credit(term.text, text, inquiry.knowledge.lexicon)
    return credit if credit >= _WEAK else 0.0


def _fit(inquiry: Inquiry, each: Operand, figure: Figure, options: Sequence[Figure], around: str) -> float:
    """How far the words of an operand stand with an amount, 0..1."""
    total = sum(term.weight for term in each.terms)
    got = sum(
        term.weight * max(
            _own_credit(inquiry, term, figure, options), _AROUND * _credit(inquiry, term, around)
        )
        for term in each.terms
    )
    gain = _GAIN.search(figure.near)
    cost = _GAIN_COST if gain and gain.group() not in inquiry.question.folded else 0.0
    if each.unit and each.unit.base_unit and each.unit.base_unit != figure.amount.base_unit:
        cost += _UNIT_COST
    return (got / total if total else 1.0) - cost


def _own_credit(inquiry: Inquiry, term: Term, figure: Figure, options: Sequence[Figure]) -> float:
    """How far a word is an amount's own: in its clause, or before it unless another's clause has it."""
    near = _credit(inquiry, term, figure.near)
    rivals = (f for f in options if f is not figure and comparable(f.amount, figure.amount))
    others = max((_credit(inquiry, term, f.near) for f in rivals), default=0.0)
    return near if others > near else max(near, _FAR * _credit(inquiry, term, figure.label))


def _anchored(inquiry: Inquiry, each: Operand, figure: Figure) -> bool:
    """Whether enough of an operand's words stand in the amount's own text, or at least its sentence."""
    total = sum(term.weight for term in each.terms)
    text = f"{figure.lead} {figure.label}" if each.anchored else figure.sentence.folded
    own = sum(term.weight * _credit(inquiry, term, text) for term in each.terms)
    return not total or own / total >= (_LEAST_ANCHOR if each.anchored else _LEAST_FIT)


def _told_apart(inquiry: Inquiry, operands: Sequence[Operand], figures: Sequence[Figure]) -> bool:
    """Whether each operand has a word that is its amount's own, and no like amount's of the others."""
    for each, figure in zip(operands, figures, strict=True):
        others = [f for f in figures if f is not figure and comparable(f.amount, figure.amount)]
        if not each.terms:  # told by its unit
            others = [f for f in others if f.amount.base_unit == figure.amount.base_unit]
        if others and not any(
            _own_credit(inquiry, term, figure, figures)
            - max(_own_credit(inquiry, term, other, figures) for other in others) >= _LEAST_CONTRAST
            for term in each.terms
        ):
            return False
    return True
