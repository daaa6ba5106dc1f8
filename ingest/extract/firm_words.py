"""The lexicon's words for firms, compiled, with the plan's own region names: cores and stems of names."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from ingest.document import Outline
from ingest.extract.industries import classifier
from ingest.extract.names import (
    LeftBoundary,
    is_name_word,
    is_word,
    looks_proper,
    strip_prefixes,
    strip_suffixes,
)
from ingest.lexicon import Lexicon

_REGION = re.compile(
    r"(?:^|[^\u4e00-\u9fff]|[在与对和及由向到至赴于])([\u4e00-\u9fff]{2})(?:省|市|县)(?![级场民政容区城域乡镇直属])"
)
#: characters of grammar, which no coined name holds
GRAMMAR = frozenset("及和或的是为对并与等在将把以由我其该各本一二三四五六七八九十大小多")


#: what places end with, so that a word before it is a place's and not a firm's
PLACE_ENDINGS = (*"河湖山沟峰岭村镇乡街路园寺区", "大街", "社区")
_LONGEST_HEAD = 8


def alternation(words: Iterable[str]) -> str:
    """A regular expression for any of the words, longest first; never matches if there are none."""
    return _alternation(tuple(words))


@lru_cache(maxsize=256)
def _alternation(words: tuple[str, ...]) -> str:
    ordered = sorted({word for word in words if word}, key=lambda word: (-len(word), word))
    return "|".join(map(re.escape, ordered)) if ordered else r"(?!)"


class FirmWords:
    """The lexicon's words for firms, ready to use, with the plan's own region names."""

    def __init__(self, outline: Outline, lexicon: Lexicon) -> None:
        """Region names are those of the lexicon, the jurisdiction, and `X市`, `X县` of the text."""
        words = lexicon.organization_words
        self._text = outline.document.text
        self._cores: dict[str, str] = {}
        self._place_heads: frozenset[str] | None = None
        self.legal = words.get("company_suffixes", ())
        self.factory = words.get("factory_suffixes", ())
        self.weak = words.get("weak_suffixes", ())
        self.sectors = words.get("sector_words", ())
        self.generic = words.get("generic_words", ())
        self.production = words.get("production_words", ())
        self.owner_headers = words.get("owner_headers", ())
        self.leads = words.get("lead_words", ())
        self.organizations = tuple(
            word
            for kind in ("school_words", "health_words", "government_words", "bank_words", "institute_words")
            for word in words.get(kind, ())
        )
        self.regions = self._regions(outline, words.get("regions", ()))
        suffixes = (*self.legal, *self.factory, *self.weak, *self.organizations)
        self.boundary = LeftBoundary(
            words.get("name_triggers", ()), words.get("weak_triggers", ()), (*suffixes, *self.sectors)
        )
        self.places = tuple(
            w
            for k in ("place_suffixes", "town_suffixes", "village_suffixes")
            for w in lexicon.place_words.get(k, ())
        )
        #: what makes a brand of a place's name (`某河人家`)
        self.brands = lexicon.place_words.get("brand_words", ())
        self.ends_like_organization = re.compile(
            rf"(?:{alternation(self.organizations)}|[一二三四五六七八九十]中)$"
        )
        self.industries = classifier(lexicon.industries)

    def opens_place(self, head: str) -> bool:
        """Whether the text writes a word (of up to eight characters) with a place's ending behind it."""
        if self._place_heads is None:  # one pass over the text for all words that will be asked
            endings = re.compile(f"(?={alternation(PLACE_ENDINGS)})")
            at = [match.start() for match in endings.finditer(self._text)]
            heads = (self._text[i - n : i] for i in at for n in range(2, _LONGEST_HEAD + 1) if n <= i)
            self._place_heads = frozenset(heads)
        return head in self._place_heads

    def _regions(self, outline: Outline, known: Iterable[str]) -> tuple[str, ...]:
        found = set(known)
        for match in _REGION.finditer(outline.document.text):
            if _may_be_region(match.group(1)):
                found.add(match.group(1))
        own = outline.jurisdiction
        if len(own) >= 3:
            found.add(own[:-1])
        full = {name + suffix for name in found for suffix in ("省", "市", "县")}
        return tuple(sorted(found | full | {own} - {""}, key=lambda name: (-len(name), name)))

    def core(self, name: str) -> str:
        """A name without region in front, legal form behind: `山西某某玻璃集团` → `某某玻璃`.

        The region stays where nothing distinctive is left without it (`山西粮油`).
        """
        if name not in self._cores:
            self._cores[name] = self._core(name)
        return self._cores[name]

    def _core(self, name: str) -> str:
        bare = strip_suffixes(name, (*self.legal, *self.weak))
        inner = strip_prefixes(strip_prefixes(bare, self.regions), ("国营",))
        rest = strip_suffixes(inner, self.sectors)
        if looks_proper(rest) and rest not in self.sectors:
            return inner
        return inner if len(inner) >= 4 and self._stands_alone(inner) else bare

    def _stands_alone(self, name: str) -> bool:
        """Whether the text writes the name somewhere without a region in front of it."""
        at = -1
        while (at := self._text.find(name, at + 1)) >= 0:
            if not self._text.endswith(self.regions, max(0, at - 4), at):
                return True
        return False

    def stem(self, name: str) -> str:
        """The distinctive part of a name: its core without sector words: `某某玻璃` → `某某`."""
        core = self.core(name)
        stem = strip_suffixes(core, self.sectors)
        return core if stem in self.regions or stem in self.generic or stem in self.sectors else stem

    def has_region(self, name: str) -> bool:
        """Whether the name begins with a region."""
        return name.startswith(self.regions)


def _may_be_region(name: str) -> bool:
    """Two characters before 省, 市 or 县 that are no word of grammar and no common word."""
    if is_word(name):
        return is_name_word(name)
    return looks_proper(name) and name[-1] not in "城都大上全我" and not set(name) & GRAMMAR
