"""Understand a question: its words, what kind of answer it wants, and what it speaks of."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum

from kg.tokens import fold
from qa import patterns
from qa.lexicon import QuestionLexicon


class AnswerType(StrEnum):
    """What must stand in a sentence for it to be an answer."""

    ANY = "any"
    AMOUNT = "amount"  # a number, with one of the units asked for if any
    YEAR = "year"
    PERSON = "person"
    PLACE = "place"


class Aspect(StrEnum):
    """What of a thing is asked about, as far as plans tell it in different places."""

    ANY = "any"
    PAST = "past"
    FUTURE = "future"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Term:
    """A content word of the question. ``weight`` is its rarity.

    ``generic``: too general to identify a thing; ``place``: a place name, which has no other words.
    """

    text: str
    weight: float
    generic: bool = False
    place: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """A question, understood as far as its own words go."""

    text: str
    folded: str
    terms: tuple[Term, ...]
    quoted: tuple[str, ...]
    years: tuple[int, ...]
    units: tuple[str, ...]
    answer_type: AnswerType
    aspect: Aspect
    wants_list: bool
    wants_count: bool
    wants_definition: bool
    wants_difference: bool
    wants_summary: bool
    box_numbers: tuple[str, ...]

    @property
    def specific(self) -> tuple[Term, ...]:
        """The terms that identify something."""
        return tuple(term for term in self.terms if not term.generic)


def understand(
    text: str,
    lexicon: QuestionLexicon,
    weight: WeightFunction,
    drop: tuple[str, ...] = (),
    periods: Collection[str] | None = None,
    names: Collection[str] = (),
) -> Question:
    """Understand a question. ``weight`` gives a word's rarity; words in ``drop`` identify nothing.

    ``periods``: those that the plans speak of (`十四五`); another one must stand in what answers.
    ``names``: folded names in the question, which are kept whole.
    """
    folded = fold(text)
    return Question(
        text=text,
        folded=folded,
        terms=_terms(folded, lexicon, weight, drop, periods, names),
        quoted=_quoted(text),
        years=tuple(dict.fromkeys(int(y) for y in patterns.YEAR.findall(folded))),
        units=tuple(patterns.UNIT.findall(folded)) or _measured_units(folded, lexicon),
        answer_type=_answer_type(folded, lexicon),
        aspect=_aspect(folded),
        wants_list=bool(patterns.LIST.search(folded)),
        wants_count=bool(patterns.COUNT.search(folded)),
        wants_definition=bool(patterns.DEFINITION.search(folded)),
        wants_difference=bool(patterns.DIFFERENCE.search(folded)),
        wants_summary=bool(patterns.SUMMARY.search(folded)),
        box_numbers=tuple(re.sub(r"\s*[-—–－]\s*", "-", n) for n in patterns.BOX.findall(folded)),
    )


def _measured_units(folded: str, lexicon: QuestionLexicon) -> tuple[str, ...]:
    """Units by what is measured; where a change is asked for, its share will do as well."""
    if patterns.DURATION.search(folded):
        return patterns.DURATIONS
    if patterns.SHARE.search(folded):
        return ("%", "分之")
    units = lexicon.units_of(folded)
    return (*units, "%", "倍") if units and patterns.DIFFERENCE.search(folded) else units


def _quoted(text: str) -> tuple[str, ...]:
    """Quoted terms, folded; a plan's period in quotation marks (`“十四五”`) is a date, not a term."""
    found = (fold(quoted) for quoted in patterns.QUOTED.findall(text))
    return tuple(dict.fromkeys(term for term in found if not patterns.DATE.fullmatch(term)))


def _answer_type(folded: str, lexicon: QuestionLexicon) -> AnswerType:
    if patterns.WHO.search(folded):
        return AnswerType.PERSON if patterns.ROLE.search(folded) else AnswerType.ANY
    if patterns.DURATION.search(folded):
        return AnswerType.AMOUNT
    if patterns.WHEN.search(folded) and not patterns.UNIT.search(folded):
        return AnswerType.YEAR
    which = patterns.WHICH.search(folded)
    if patterns.HOW_MUCH.search(folded) or (patterns.AMOUNT.search(folded) and not which):
        return AnswerType.AMOUNT
    if patterns.WHERE.search(folded):
        return AnswerType.PLACE
    others = (patterns.SUMMARY, patterns.LIST, patterns.WHETHER, patterns.WHY)
    if lexicon.units_of(folded) and not which and not any(other.search(folded) for other in others):
        return AnswerType.AMOUNT  # `…的长度`: what is measured is all that is asked
    return AnswerType.ANY


def _aspect(folded: str) -> Aspect:
    if patterns.PROBLEM.search(folded):
        return Aspect.PROBLEM
    past, future = (bool(pattern.search(folded)) for pattern in (patterns.PAST, patterns.FUTURE))
    if past == future:
        return Aspect.ANY
    return Aspect.PAST if past else Aspect.FUTURE


class WeightFunction:
    """Rarity of a word: ln(passages / passages with it), from the index's frequencies."""

    def __init__(self, frequencies: dict[str, int], passages: int) -> None:
        """``frequencies``: in how many passages a word or bigram occurs."""
        self._frequencies = frequencies
        self._passages = max(passages, 1)

    def words(self) -> Iterable[str]:
        """The words and bigrams that the plans have."""
        return self._frequencies

    def known(self, word: str) -> bool:
        """Whether the plans have this word (or, for longer ones, all its pairs)."""
        if word in self._frequencies:
            return True
        return len(word) > 2 and all(word[i : i + 2] in self._frequencies for i in range(len(word) - 1))

    def __call__(self, word: str) -> float:
        """Weight of a word, at least 0.1; a word that never occurs weighs most."""
        import math

        count = self._frequencies.get(word)
        if count is None and len(word) > 2:  # not a word of the index: as rare as its rarest pair
            count = min(self._frequencies.get(word[i : i + 2], 0) for i in range(len(word) - 1))
        return max(math.log((self._passages + 1) / ((count or 0) + 0.5)), 0.1)


#: weight of a word that is too general, or no noun, against that of one that names something
_GENERIC = 0.25
#: how one comes to a place, before its name: `到某州`
_TO_THERE = re.compile("^[到去往从距至](?=..)")
#: a "place" that begins with one of these is an ending with a word behind it: `镇建`
_ADMINISTRATIVE = "镇乡村县市省区州"
_WORD = re.compile(r"[\u4e00-\u9fffa-z0-9][\u4e00-\u9fffa-z0-9.+×%& -]*")


def _terms(
    folded: str,
    lexicon: QuestionLexicon,
    weight: WeightFunction,
    drop: tuple[str, ...],
    known_periods: Collection[str] | None,
    names: Collection[str],
) -> tuple[Term, ...]:
    import rjieba

    periods = [p for p in patterns.PERIOD.findall(folded) if known_periods and p not in known_periods]
    body = patterns.DATE.sub(" ", patterns.BOX.sub(" ", folded))
    for word in sorted(drop, key=len, reverse=True):
        body = body.replace(word, " ")
    terms: dict[str, Term] = {}
    there = (_TO_THERE.sub("", place) for place in patterns.ADMINISTRATIVE.findall(body))
    for place in (*periods, *patterns.WIDER.findall(body), *there):
        if not patterns.NOT_A_PLACE.search(place):
            terms[place] = Term(place, weight(place), place=True)
            body = body.replace(place, " ")
    for name in sorted(names, key=len, reverse=True):  # a segmenter would join its end with what follows
        if name in body and name not in terms:
            terms[name] = Term(name, weight(name))
            body = body.replace(name, " ")
    body = lexicon.frame_phrases.sub(" ", patterns.ASKING.sub(" ", body))
    whole, body = _lexicon_words(body, lexicon)
    for word, tag in (*whole, *_keep_whole(rjieba.tag(body), lexicon, weight)):
        word = _without_frame(word, lexicon, weight)
        if not _WORD.fullmatch(word) or word in lexicon.words.frame or word in terms:
            continue
        single = len(word) == 1 and "\u4e00" <= word <= "\u9fff"
        generic = word in lexicon.words.generic or single or not _names_something(word, tag, lexicon)
        named = tag == "ns" and len(word) > 1 and word[0] not in _ADMINISTRATIVE
        place = named and not lexicon.synonyms(word)
        terms[word] = Term(word, weight(word) * (_GENERIC if generic else 1.0), generic, place)
    if not patterns.SUMMARY.search(folded):  # `有哪些不足`: there it is the topic
        _weaken_kinds(terms, folded)
    if all(term.generic for term in terms.values()):
        _promote(terms, lexicon, weight)
    return tuple(terms.values())


def _weaken_kinds(terms: dict[str, Term], folded: str) -> None:
    """What stands right behind the question word is the kind of the answer: the text gives the thing itself.

    `包括哪些乡镇` is answered by towns. Nothing changes when nothing else is asked about.
    """
    kinds = {
        word for match in patterns.KIND.finditer(folded) for word in terms
        if len(word) > 1 and folded.startswith(word, match.end())
    }
    if any(not term.generic for word, term in terms.items() if word not in kinds):
        for word in kinds:
            if not terms[word].generic and not terms[word].place:
                terms[word] = Term(word, terms[word].weight * _GENERIC, generic=True)


def _promote(terms: dict[str, Term], lexicon: QuestionLexicon, weight: WeightFunction) -> None:
    """A question with nothing but verbs is about them."""
    for word in terms:
        if len(word) > 1 and word not in lexicon.words.generic:
            terms[word] = Term(word, weight(word))


def _lexicon_words(body: str, lexicon: QuestionLexicon) -> tuple[list[tuple[str, str]], str]:
    """Words with synonyms that the segmenter would cut apart, and the text without them."""
    found: list[tuple[str, str]] = []
    position = 0
    rest: list[str] = []
    while position < len(body):
        size = lexicon.longest_at(body, position)
        if size:
            found.append((body[position : position + size], "n"))
            rest.append(" ")
        else:
            rest.append(body[position])
        position += size or 1
    return found, "".join(rest)


def _names_something(word: str, tag: str, lexicon: QuestionLexicon) -> bool:
    """Nouns and names identify; verbs, adverbs and the like may be said in other words."""
    return tag[:1] in "nxijlg" or tag in ("vn", "an", "eng", "b") or bool(lexicon.synonyms(word))


def _without_frame(word: str, lexicon: QuestionLexicon, weight: WeightFunction) -> str:
    """A word that no plan has may be a real word with question words stuck to it: `率要` → `率`."""
    frame = lexicon.words.frame
    while len(word) > 1 and word not in frame and not weight.known(word) and not lexicon.synonyms(word):
        if word[-1] in frame:
            word = word[:-1]
        elif word[0] in frame:
            word = word[1:]
        else:
            break
    return word


def _keep_whole(
    tagged: list[tuple[str, str]], lexicon: QuestionLexicon, weight: WeightFunction
) -> list[tuple[str, str]]:
    """Join neighbours that together are a word with synonyms, or single characters that a plan joins."""
    joined: list[tuple[str, str]] = []
    for word, tag in tagged:
        if joined:
            before = joined[-1][0]
            both = before + word
            singles = len(word) == 1 == len(before) and _WORD.fullmatch(both) and weight.known(both)
            if both in lexicon.known or (singles and not lexicon.words.frame & {word, before}):
                joined[-1] = (both, "n")
                continue
        joined.append((word, tag))
    return joined
