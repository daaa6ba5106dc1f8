"""Whether a sentence says only what its evidence says: numbers, names, and the words that carry it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import cache, cached_property

from kg.tokens import fold, words
from qa.model import Answer, Citation
from qa.wording.pairing import Linker, Segment, misattributed, segments
from qa.wording.quantities import Quantity, QuantityReader, supported
from qa.wording.sentences import without_marks
from qa.wording.words import WordingWords

#: least share of a sentence's words that must stand in the evidence
_LEAST_SUPPORT = 0.6
_QUOTED = re.compile(r"[“「『《\"]([^”」』》\"\n]{1,40})[”」』》\"]")
_LATIN = re.compile(r"[A-Za-z][A-Za-z0-9.+-]*[A-Za-z0-9]")
_NUMBER_WORD = re.compile(r"[0-9]|^[零〇一二两三四五六七八九十百千万亿分之点第几个]+$")
#: parts of speech that rjieba gives to proper names
_NAME_TAGS = frozenset({"nr", "ns", "nt", "nz", "nrt", "nrfg"})


class Checker:
    """Checks sentences against a plain answer and its citations."""

    def __init__(self, plain: Answer, link: Linker, lexicon: WordingWords) -> None:
        """``link`` finds the names that the graph knows."""
        self._plain = plain
        self._link = link
        self._lexicon = lexicon
        self._reader = QuantityReader(lexicon)
        self._read = cache(self._reader.read)
        self._segments = cache(lambda text: tuple(segments(text, self._reader, link)))

    def faults(self, text: str, marks: Iterable[int]) -> list[str]:
        """What a sentence says that neither the citations of its marks nor the plain answer say.

        Without a mark, or with one that has no citation, nothing is checked: that is fault enough.
        """
        numbers = tuple(dict.fromkeys(marks))
        if not numbers or not all(1 <= number <= len(self._plain.citations) for number in numbers):
            return ["mark"]
        cited = [_evidence_text(self._plain.citations[number - 1]) for number in numbers]
        said = without_marks(text)
        source = spaceless("\n".join((self._plain.answer, *cited)))
        return [
            *self._unsupported_numbers(said, cited),
            *self._unsupported_names(said, source),
            *self._unsupported_words(said, source),
        ]

    # -- numbers

    def _unsupported_numbers(self, said: str, cited: Sequence[str]) -> list[str]:
        texts = (self._stated, *cited)
        quantities: list[Quantity] = [q for text in texts for q in self._read(text)]
        wrong = [claim.text for claim in self._reader.read(said) if not supported(claim, quantities)]
        sources: list[Segment] = [s for text in texts for s in self._segments(text)]
        return wrong + misattributed(segments(said, self._reader, self._link), sources)

    @cached_property
    def _stated(self) -> str:
        """What the plain answer says, and what was computed for it."""
        return "\n".join((self._plain.answer, *self._plain.derived))

    # -- names

    def _unsupported_names(self, said: str, source: str) -> list[str]:
        folded = fold(said)
        missing = [
            node.name for node in self._link(folded)
            if not any(spaceless(form) in source for form in node.forms if form)
        ]  # fmt: skip
        names = (*_QUOTED.findall(said), *_LATIN.findall(folded), *self._name_like(said))
        return [*missing, *(name for name in names if spaceless(name) not in source)]

    def _name_like(self, said: str) -> list[str]:
        """Words that are proper names by their tag, or by their ending."""
        import rjieba

        found: list[str] = []
        before = ""
        for word, tag in rjieba.tag(unicodedata.normalize("NFKC", said)):
            if tag in _NAME_TAGS and len(word) > 1:
                found.append(word)
            elif word in self._lexicon.name_endings:  # what stands before it makes it a name
                found.append(before + word)
            elif word.endswith(self._lexicon.name_endings) and len(word) > 1:
                found.append(word)
            before = word if "\u4e00" <= word[:1] <= "\u9fff" else ""
        return [name for name in found if name not in self._lexicon.generic_names]

    # -- everything else

    def _unsupported_words(self, said: str, source: str) -> list[str]:
        """Negations that the evidence does not have; all words, if too few of them stand there."""
        folded = fold(said)
        wrong = [word for word in self._lexicon.negations if word in folded and word not in source]
        told = [word for word in words(said) if len(word) > 1 and self._tells(word)]
        missing = [word for word in told if word not in source]
        if told and 1 - len(missing) / len(told) < _LEAST_SUPPORT:
            wrong += missing
        if not told and not self._reader.read(said):
            wrong.append("nothing said")
        return wrong

    def _tells(self, word: str) -> bool:
        """Whether a word carries meaning of its own; numbers are checked apart."""
        return word not in self._lexicon.glue and not _NUMBER_WORD.search(word)


def _evidence_text(citation: Citation) -> str:
    return f"{citation.locator}\n{citation.quote}"


def spaceless(text: str) -> str:
    """Folded, without white space and quotation marks: how names and words are compared."""
    return re.sub(r"[\s“”\"'‘’「」『』《》]+", "", fold(text))
