"""Names that a question writes wrongly: equal in sound, or one character off."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from operator import eq, ne

from kg.schema import Label
from kg.tokens import fold
from qa.knowledge import Knowledge
from qa.question import Question

_NUMERALS = frozenset("一二三四五六七八九十百千万两0123456789")
#: longest name, and so longest word, that is looked at: a question may be one word of a thousand characters
_LONGEST = 12
_LONGEST_WORD = 4
#: characters in which a name may be written wrongly
_MOST_DIFFERENT = 2
_NAMED = (Label.ENTERPRISE, Label.TOWN, Label.VILLAGE, Label.PLACE, Label.ORGANIZATION, Label.CONCEPT)


@dataclass(frozen=True, slots=True)
class Correction:
    """A name as asked and as the plan writes it."""

    asked: str
    written: str


class TypoCorrector:
    """Finds what an unknown word of a question may stand for among the names of the graph."""

    def __init__(self, knowledge: Knowledge) -> None:
        """Reads the names once; sounds are worked out when an unknown word first comes."""
        self._knowledge = knowledge
        names = {fold(form) for node in knowledge.of(*_NAMED) for form in node.forms}
        self._names_by_length = {
            length: sorted(name for name in names if len(name) == length) for length in range(2, _LONGEST + 1)
        }

    def warm_up(self) -> None:
        """Load the table of sounds, half a second that the first unknown word would wait for."""
        _sound("一")

    def correct(self, question: Question) -> tuple[Correction, ...]:
        """Corrections of the words that no plan has; a word with two candidates stays as it is."""
        corrections: list[Correction] = []
        for term in question.terms:
            if not 2 <= len(term.text) <= _LONGEST or not self._knowledge.never_says(term.text):
                continue
            found = sorted(set(self._candidates(question.folded, term.text)), key=lambda c: -len(c.asked))
            found = found or self._homophones(term.text)
            # shorter names inside the longest say the same; another one makes it a guess
            if found and all(c.asked in found[0].asked and c.written in found[0].written for c in found):
                corrections.append(found[0])
        return tuple(corrections)

    def _homophones(self, word: str) -> list[Correction]:
        """The one word of the plans that sounds like this one and has a character of it in place, if any."""
        if len(word) > _LONGEST_WORD:
            return []
        alike = [
            other for other in self._knowledge.weight.words()
            if len(other) == len(word) and any(map(eq, other, word)) and _sound(other) == _sound(word)
        ]
        found = [other for other in alike if _is_word(other)]  # the index has pairs across words too
        return [Correction(word, found[0])] if len(found) == 1 else []

    def _candidates(self, folded: str, word: str) -> Iterable[Correction]:
        """Names that fit the word, or the question around it, in length and sound or writing."""
        at = folded.find(word)
        for length, names in self._names_by_length.items():
            starts = range(max(0, at - length + 1), min(at + len(word), len(folded) - length + 1))
            for asked in dict.fromkeys(folded[start : start + length] for start in starts):
                for name in names:
                    # counted first: it is quick, and almost all names differ in more
                    if 0 < sum(map(ne, asked, name)) <= _MOST_DIFFERENT and _near(asked, name):
                        yield Correction(asked, name)


def _near(asked: str, name: str) -> bool:
    """Same sound with at least one character the same; or, from three characters, one different."""
    pairs = [(a, b) for a, b in zip(asked, name, strict=True) if a != b]
    if any(a in _NUMERALS and b in _NUMERALS for a, b in pairs):
        return False  # another number is another thing, and no slip
    different = len(pairs)
    if different == len(name) or different > _MOST_DIFFERENT:
        return False
    if _sound(asked) == _sound(name):
        return True
    return len(name) >= 4 and different == 1


def _is_word(text: str) -> bool:
    import rjieba

    return list(rjieba.cut(text, False)) == [text]


@lru_cache(maxsize=50_000)
def _sound(text: str) -> tuple[str, ...]:
    from pypinyin import lazy_pinyin

    return tuple(lazy_pinyin(text))
