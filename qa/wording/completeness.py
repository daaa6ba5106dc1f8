"""Whether a wording still has everything that the plain answer cannot do without."""

from __future__ import annotations

import re

from kg.tokens import bigrams, fold
from qa.model import Answer
from qa.wording.evidence import spaceless
from qa.wording.pairing import PROPER, Linker
from qa.wording.quantities import QuantityReader
from qa.wording.sentences import marks_of, without_marks, worded_sentences
from qa.wording.words import WordingWords

_ITEM = re.compile(r"(?m)^(?:[-*] |\d+\. )(.*)$")
_MEMBER = re.compile(r"[^、，,。；;：:（）()“”\s]+")
_PART = re.compile(r"[^，,；;。：:\n（）()]+")
_LISTED = re.compile(r"[^、，,。；;：:\n]+(?:、[^、，,。；;：:\n]+){2,}")
_QUOTED = re.compile(r"[“《]([^”》\n]{2,20})[”》]")
#: share of a member's character pairs that must stand in the wording
_LEAST_KEPT = 0.6


def items(text: str) -> list[str]:
    """The items of a text's Markdown lists."""
    return _ITEM.findall(text)


class Completeness:
    """What of a plain answer may not be lost.

    That is every item, every member of a list that we put together, and every number and name that does
    not stand in the citations just so. Of the plan's own words a wording may leave out what was not asked
    for: they are shown beside it anyway. Not so where the question asks for all there is.
    """

    def __init__(self, plain: Answer, text: str, link: Linker, lexicon: WordingWords) -> None:
        """``text`` is the part of the plain answer that was to be worded."""
        self._text = text
        self._link = link
        self._reader = QuantityReader(lexicon)
        for_all = any(word in plain.question for word in lexicon.asks_for_all)
        quotes = spaceless("\n".join(f"{c.locator}\n{c.quote}" for c in plain.citations))
        sentences = [sentence.text for sentence in worded_sentences([text])]
        own = sentences if for_all else [s for s in sentences if not _stands_in(s, quotes)]
        self._own = without_marks("".join(own))
        #: of that, what is no copy from a citation
        self._required = self._own if for_all else _without_copies(self._own, quotes)

    def lost(self, wording: str) -> list[str]:
        """What the wording lacks; empty if nothing."""
        said = spaceless(wording)
        missing = self._lost_numbers(wording)
        for node in self._link(fold(self._required)):
            if node.label in PROPER and not any(spaceless(form) in said for form in node.forms if form):
                missing.append(node.name)
        missing += [quoted for quoted in _QUOTED.findall(self._required) if spaceless(quoted) not in said]
        pairs = set(bigrams(wording))
        missing += [member for member in _members(self._own) if not _is_kept(member, said, pairs)]
        marks = set(marks_of(wording))
        missing += [without_marks(item) for item in items(self._text) if not set(marks_of(item)) <= marks]
        return list(dict.fromkeys(missing))

    def _lost_numbers(self, wording: str) -> list[str]:
        worded = self._reader.read(wording)
        required = self._reader.read(self._required)
        missing = [q.text for q in required if not any(q.states_what(other) for other in worded)]
        quoted = self._reader.read(self._text)
        if quoted and not worded and not missing:
            missing.append(quoted[0].text)
        return missing


def _stands_in(sentence: str, quotes: str) -> bool:
    """Whether a sentence is one of the citations' own."""
    bare = re.sub(r"^(?:[-*]|\d+\.)\s|……\s*$", "", without_marks(sentence).strip())
    return len(bare) > 1 and spaceless(bare) in quotes


def _without_copies(text: str, quotes: str) -> str:
    """The stretches between punctuation that do not stand in the citations, one a line."""
    parts = (part for part in _PART.findall(text) if spaceless(part) not in quotes)
    return "\n".join(parts)


def _members(text: str) -> list[str]:
    """The members of lists within sentences, `甲、乙、丙`."""
    return [member for listed in _LISTED.findall(text) for member in _MEMBER.findall(listed)]


def _is_kept(member: str, said: str, pairs: set[str]) -> bool:
    """The first and the last member of a list have the sentence around it with them."""
    if spaceless(member) in said:
        return True
    own = set(bigrams(member))
    return sum(pair in pairs for pair in own) >= _LEAST_KEPT * len(own)
