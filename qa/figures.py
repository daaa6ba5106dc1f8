"""The amounts of a sentence, each with what the sentence says of it: the operands of calculations.

An amount belongs to the words before it, back to the last amount that may be compared with it, and to what
it counts behind it: `20个大网格、720个小网格`, `改造小区56个，惠及居民8200户`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from kg.quantities import AMOUNT, Amount, half_width, read_amount
from kg.sentences import PAGE_BREAK
from kg.tokens import fold
from qa.evidence import same_unit
from qa.knowledge import Sentence
from qa.lexicon import JointNames, Structure

_DELIMITERS = re.compile(r"[，,、；;。：:（）()]|(?:和|及|与|以及)(?=\d)")
_CALENDAR = re.compile(r"(?:19|20)\d\d年")
_NAME = r"[^,;，。；、：:（）()\d]{1,16}?"
#: `A、B、C…分别达到1、2、3`; the names, what they share, and the values
_EACH = re.compile(rf"(?P<names>{_NAME}(?:[、和与及]{_NAME})*)分别[^\d，。；]{{0,8}}(?=\d)")
_SHARED = re.compile(r"[占的].*")
_JOINED = re.compile(r"[、和与及]")
_BETWEEN_VALUES = re.compile(r"[、和与及,，]")
_TRIPLE = re.compile(r"(?<![\d.:])(\d[\d.]*)[:](\d[\d.]*)[:](\d[\d.]*)(?![\d:])")
_PERSONS = frozenset("人名位口")


@dataclass(frozen=True, slots=True)
class Figure:
    """An amount with what is said of it, folded.

    ``label`` is all that is its own, ``near`` that of it which stands in the same clause, ``lead`` the clause
    up to the amount.

    ``start`` is its place in the sentence's text, for telling two figures apart.
    """

    printed: str
    amount: Amount
    near: str
    lead: str
    label: str
    sentence: Sentence
    start: int


def comparable(a: Amount, b: Amount) -> bool:
    """Whether two amounts may be subtracted: the same base unit, or words that count the same things."""
    left, right = a.base_unit.split("/")[0], b.base_unit.split("/")[0]
    if left == right or (left in _PERSONS and right in _PERSONS):
        return True
    return "百分点" not in left + right and left not in ("m", "km") and same_unit(left, right)


def plain(sentence: Sentence) -> str:
    """A sentence's text in half width, without white space and page numbers."""
    return re.sub(r"\s+", "", half_width(PAGE_BREAK.sub("", sentence.text)))


def figures_in(sentence: Sentence, joint: JointNames) -> list[Figure]:
    """The amounts of a sentence in their order; years of the calendar are none."""
    text = plain(sentence)
    found = [m for m in AMOUNT.finditer(text) if not _CALENDAR.match(text, m.start())]
    amounts = [read_amount(m) for m in found]
    names = dict(_names_by_order(text, found, joint))
    figures: list[Figure] = []
    for i, match in enumerate(found):
        kin = [j for j in range(len(found)) if j != i and comparable(amounts[i], amounts[j])]
        before = max((j for j in kin if j < i), default=None)
        after = min((j for j in kin if j > i), default=None)
        first = 0 if before is None else _owned_end(text, found[before], match)
        last = _owned_end(text, match, None if after is None else found[after])
        label = text[first : match.start()] + " " + text[match.end() : last]
        clause = _clause_start(text, match.start())
        near, lead = text[max(clause, first) : last], text[clause : match.start()]
        if i in names:
            label = near = lead = names[i]
        said = (fold(near), fold(lead), fold(label))
        figures.append(Figure(match.group(), amounts[i], *said, sentence, match.start()))
    return figures


def _owned_end(text: str, match: re.Match[str], following: re.Match[str] | None) -> int:
    """Where an amount's own words end: at the next mark, or with itself if a like amount comes first."""
    mark = _DELIMITERS.search(text, match.end())
    end = mark.start() if mark else len(text)
    return match.end() if following is not None and following.start() < end else end


def _clause_start(text: str, at: int) -> int:
    return max((m.end() for m in _DELIMITERS.finditer(text, 0, at)), default=0)


def _names_by_order(
    text: str, found: list[re.Match[str]], joint: JointNames
) -> Iterator[tuple[int, str]]:
    """Names that a list gives to amounts by their order: `投资、消费分别为58%、30%`."""
    for each in _EACH.finditer(text):
        run = _run_from(text, found, each.end())
        names = _JOINED.split(each["names"])
        if len(names) == 1:
            names = _both(names[0], joint)
        elif shared := _SHARED.search(names[-1], 1):  # what stands behind the last name is said of all
            names = [*(name + shared.group() for name in names[:-1]), names[-1]]
        if len(run) == len(names) > 1:
            yield from zip(run, names, strict=True)


def _run_from(text: str, found: list[re.Match[str]], start: int) -> list[int]:
    """The indexes of amounts that follow each other from a place, with nothing but a mark between."""
    run: list[int] = []
    for index, match in enumerate(found):
        if match.start() == start or (run and _BETWEEN_VALUES.fullmatch(text[start : match.start()])):
            run.append(index)
            start = match.end()
    return run


def _both(name: str, joint: JointNames) -> list[str]:
    """The two names in one: `城乡居民收入` is of the town and of the country."""
    for word, (first, second) in joint.pairs.items():
        if word in name:
            return [" ".join(name.replace(word, part) for part in parts) for parts in (first, second)]
    return [name]


@dataclass(frozen=True, slots=True)
class Shares:
    """The shares of a structure that a sentence prints, in per cent.

    ``before`` is empty if the sentence tells of no change.
    """

    structure: Structure
    before: tuple[str, ...]
    after: tuple[str, ...]
    sentence: Sentence


def shares_in(sentence: Sentence, structures: tuple[Structure, ...]) -> Shares | None:
    """`三次产业结构由4:83:13调整为4:64:32`; None if the sentence prints no such structure."""
    text = plain(sentence)
    triples = list(_TRIPLE.finditer(text))
    if not triples or len(triples) > 2:
        return None
    for structure in structures:
        head = any(word in text[: triples[0].start()] for word in structure.heads)
        if head and all(len(triple.groups()) == len(structure.parts) for triple in triples):
            values = [triple.groups() for triple in triples]
            return Shares(structure, values[0] if len(values) == 2 else (), values[-1], sentence)
    return None
