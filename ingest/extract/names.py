"""What makes a stretch of Chinese text a name: coined or proper words, and where a name begins."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

import rjieba

_PROPER_TAGS = frozenset({"nr", "ns", "nz", "nt", "nrt", "nrfg"})
_NO_NAME_CHAR = re.compile(r"[^\u4e00-\u9fffA-Za-z·]")
_MAX_NAME = 24


@lru_cache(maxsize=20_000)
def tags(text: str) -> tuple[tuple[str, str], ...]:
    """(word, part of speech) of a text, as the tagger cuts it."""
    return tuple(rjieba.tag(text))


@lru_cache(maxsize=20_000)
def dictionary_words(text: str) -> tuple[str, ...]:
    """The text cut by the dictionary alone: a coined word falls apart into single characters."""
    return tuple(rjieba.cut(text, False))


@lru_cache(maxsize=20_000)
def is_word(text: str) -> bool:
    """Whether the general dictionary holds the text as one word."""
    return len(text) > 1 and len(dictionary_words(text)) == 1


@lru_cache(maxsize=20_000)
def looks_proper(text: str) -> bool:
    """Whether a short text reads as a proper name: coined, or known to the tagger as a name.

    `利` + `虎` is coined; `红星` is a dictionary word tagged as a name; `现代`, `精细` are neither.
    """
    words = dictionary_words(text)
    if len(text) < 2 or not all("\u4e00" <= c <= "\u9fff" for c in text):
        return False
    long = [word for word in words if len(word) > 1]
    if any(tags(word)[0][1] not in _PROPER_TAGS for word in long):
        return False
    return bool(long) or len(words) <= 4


@lru_cache(maxsize=20_000)
def is_name_word(word: str) -> bool:
    """Whether the tagger knows this dictionary word as a proper name."""
    return len(tags(word)) == 1 and tags(word)[0][1] in _PROPER_TAGS


@lru_cache(maxsize=512)
def longest_first(words: tuple[str, ...]) -> tuple[str, ...]:
    """The words without empty ones, longest first."""
    return tuple(sorted((word for word in words if word), key=len, reverse=True))


def strip_prefixes(text: str, prefixes: Iterable[str]) -> str:
    """The text without any of the prefixes in front of it, repeatedly; never empty."""
    ordered = longest_first(tuple(prefixes))
    changed = True
    while changed:
        changed = False
        for prefix in ordered if text.startswith(ordered) else ():
            if text.startswith(prefix) and len(text) > len(prefix):
                text, changed = text[len(prefix) :], True
    return text


def strip_suffixes(text: str, suffixes: Iterable[str]) -> str:
    """The text without any of the suffixes behind it, repeatedly; never empty."""
    ordered = longest_first(tuple(suffixes))
    changed = True
    while changed:
        changed = False
        for suffix in ordered if text.endswith(ordered) else ():
            if text.endswith(suffix) and len(text) > len(suffix):
                text, changed = text[: -len(suffix)], True
    return text


def without_words(text: str, words: Iterable[str]) -> str:
    """What is left of a text when the words are taken out, longest first from the left."""
    return _any_word(tuple(words)).sub("", text)


@lru_cache(maxsize=512)
def _any_word(words: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, longest_first(words))) or r"(?!)")


def occurrences(text: str, word: str) -> Iterator[int]:
    """Where a text holds a word, in order, overlapping ones too."""
    at = text.find(word)
    while at >= 0:
        yield at
        at = text.find(word, at + 1)


class WordSet:
    """Which of many words a text begins or ends with; the cost does not grow with their number."""

    def __init__(self, words: Iterable[str]) -> None:
        """Empty words are left out."""
        self._words = frozenset(word for word in words if word)
        self._lengths = sorted({len(word) for word in self._words}, reverse=True)

    def at(self, text: str, position: int = 0) -> str:
        """The longest of the words that stands at this position, or an empty string."""
        slices = (text[position : position + length] for length in self._lengths)
        return next((word for word in slices if word in self._words), "")

    def ends(self, text: str, shortest: int = 1) -> str:
        """The longest of the words, other than the text, that it ends with, or an empty string."""
        lengths = (length for length in self._lengths if shortest <= length < len(text))
        return next((text[-length:] for length in lengths if text[-length:] in self._words), "")

    def strip(self, text: str) -> str:
        """The text without any of the words in front of it, repeatedly; never empty."""
        while (word := self.at(text)) and len(word) < len(text):
            text = text[len(word) :]
        return text


class LeftBoundary:
    """Finds where a name begins, given where it ends."""

    def __init__(self, triggers: Iterable[str], weak: Iterable[str], list_tails: Iterable[str]) -> None:
        """``triggers`` end before a name wherever they stand; ``weak`` ones only at the very front,
        because they also occur inside names; ``list_tails`` are what a name may end with, so that
        `和` after one of them separates names."""
        single = sorted(t for t in triggers if len(t) == 1 and t != "和")
        several = sorted((t for t in triggers if len(t) > 1), key=len, reverse=True)
        self._cut = re.compile("|".join(map(re.escape, (*several, *single))) or r"(?!)")
        self._weak = tuple(sorted(weak, key=len, reverse=True))
        tails = "|".join(map(re.escape, sorted(list_tails, key=len, reverse=True)))
        self._and = re.compile(rf"(?:{tails})和" if tails else r"(?!)")

    def start(self, text: str, end: int, floor: int = 0, keep: int = 2) -> int:
        """Offset of the first character of the name that ends at ``end``; ``keep`` is how many
        characters before the end are surely part of it."""
        first = max(floor, end - _MAX_NAME)
        for stop in _NO_NAME_CHAR.finditer(text, first, end):
            first = stop.end()
        segment = text[first:end]
        limit = max(0, len(segment) - keep)
        cut = 0
        for match in self._cut.finditer(segment, 0, limit):
            cut = match.end()
        for match in self._and.finditer(segment, 0, limit):
            cut = max(cut, match.end())
        if segment.startswith("和") and limit > 0:
            cut = max(cut, 1)
        changed = True
        while changed:
            changed = False
            for word in self._weak:
                if segment.startswith(word, cut) and cut + len(word) < limit:
                    cut, changed = cut + len(word), True
        return first + cut
