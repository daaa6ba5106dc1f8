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
_LISTED = re.compile(r"[^、，,。；;：:\n]+(?:、[^、，,。；;：:\n]+){2,}")
_QUOTED = re.compile(r"[“《]([^”》\n]{2,20})[”》]")
#: share of a member's character pairs that must stand in the wording
_LEAST_KEPT = 0.6


def items(text: str) -> list[str]:
    """The items of a text's Markdown lists."""
    return _ITEM.findall(text)


class Completeness:
    """What of a plain answer may not be lost.

    That is every number, name, item and listed thing in what we composed. Of a sentence of the plan that
    is quoted whole, a wording may leave out what was not asked for: the quote is shown beside it anyway.
    Not so where the question asks for all there is.
    """

    def __init__(self, plain: Answer, text: str, link: Linker, lexicon: WordingWords) -> None:
        """``text`` is the part of the plain answer that was to be worded."""
        self._text = text
        self._link = link
        self._reader = QuantityReader(lexicon)
        for_all = any(word in plain.question for word in lexicon.asks_for_all)
        self._required = text if for_all else _composed(plain, text)

    def lost(self, wording: str) -> list[str]:
        """What the wording lacks; empty if nothing."""
        said, names = spaceless(wording), without_marks(self._required)
        missing = self._lost_numbers(wording)
        for node in self._link(fold(names)):
            if node.label in PROPER and not any(spaceless(form) in said for form in node.forms if form):
                missing.append(node.name)
        missing += [quoted for quoted in _QUOTED.findall(names) if spaceless(quoted) not in said]
        pairs = set(bigrams(wording))
        missing += [member for member in _members(names) if not _is_kept(member, said, pairs)]
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


def _composed(plain: Answer, text: str) -> str:
    """The sentences that are not, word for word, those of the citations."""
    quotes = spaceless("\n".join(citation.quote for citation in plain.citations))
    return "".join(
        sentence.text for sentence in worded_sentences([text]) if not _is_quote(sentence.text, quotes)
    )


def _is_quote(sentence: str, quotes: str) -> bool:
    bare = re.sub(r"^(?:[-*]|\d+\.)\s|……\s*$", "", without_marks(sentence).strip())
    return len(bare) > 1 and spaceless(bare) in quotes


def _members(text: str) -> list[str]:
    """The members of lists within sentences, `甲、乙、丙`."""
    return [member for listed in _LISTED.findall(text) for member in _MEMBER.findall(listed)]


def _is_kept(member: str, said: str, pairs: set[str]) -> bool:
    """The first and the last member of a list have the sentence around it with them."""
    if spaceless(member) in said:
        return True
    own = set(bigrams(member))
    return sum(pair in pairs for pair in own) >= _LEAST_KEPT * len(own)
