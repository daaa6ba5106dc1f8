"""What reads as the name of a town, a village or a place, and where it begins."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ingest.document import Span
from ingest.extract.base import ExtractionContext
from ingest.extract.firm_words import FirmWords, alternation
from ingest.extract.names import (
    WordSet,
    dictionary_words,
    is_name_word,
    is_word,
    looks_proper,
    occurrences,
    strip_prefixes,
    tags,
)
from ingest.extract.zones import NAMED, sentences

#: words of grammar after which a place name may begin
_JOINTS = frozenset("和与及至把将沿了的都有是因到向")
_NUMERALS = frozenset("一二两三四五六七八九十")
#: `一湖两镇`, `两镇三乡` count things; a name has no numeral before and right behind a noun
_COUNTING = re.compile(r"[一二两三四五六七八九十]+[^一二两三四五六七八九十\W]{1,2}[一二两三四五六七八九十]+$")
_NOUNS = ("ns", "nr", "nz", "n", "s", "f", "b")


@dataclass(frozen=True, slots=True)
class Found:
    """A place name where it stands; ``full`` includes a region written in front of it."""

    name: str
    suffix: str
    span: Span


class PlaceFinder:
    """Finds place names of one kind by their suffixes."""

    def __init__(self, context: ExtractionContext, words: FirmWords) -> None:
        """Uses the lexicon's place words and the plan's own regions."""
        self.context = context
        self.words = words
        lexicon = context.lexicon.place_words
        self.not_names = frozenset(lexicon.get("not_names", ()))
        #: what may not follow a suffix, because the two make another word (`村民`, `河道`, `山区`)
        self.followers = {
            suffix: re.compile("|".join(after)) for suffix, after in context.lexicon.place_followers.items()
        }
        self.not_endings = tuple(word for word in self.not_names if len(word) > 1)
        self.blocked = WordSet((*words.places, *words.organizations, *words.sectors))
        self.any_region = re.compile(alternation(words.regions))
        self.landscape = lexicon.get("landscape", ())
        self.waters = lexicon.get("waters", ())
        self.several = tuple(w for w in lexicon.get("place_suffixes", ()) if len(w) > 1)
        self.zones = lexicon.get("zone_suffixes", ())
        self.directions = frozenset(lexicon.get("direction_words", ()))
        self.suffixes = {kind: lexicon.get(f"{kind}_suffixes", ()) for kind in ("town", "village", "place")}

    def find(self, kind: str, longest: int) -> Iterator[Found]:
        """Names of up to ``longest`` characters before one of the kind's suffixes."""
        pattern = re.compile(alternation(self.suffixes[kind]))
        text = self.context.text
        for zone in sentences(self.context.outline, NAMED):
            position = zone.span.start
            while match := pattern.search(text, position, zone.span.end):
                position = match.end()
                found = self._name(match, zone.span.start, longest)
                if found:
                    yield found

    def _name(self, match: re.Match[str], floor: int, longest: int) -> Found | None:
        text, suffix = self.context.text, match.group()
        after = self.followers.get(suffix)
        if after and after.match(text, match.end(), match.end() + 3):
            return None
        if text.startswith(self.words.brands, match.end()):
            return None
        if _COUNTING.search(text[max(floor, match.start() - 8) : match.start()]):
            return None
        start = self.words.boundary.start(text, match.end(), floor, keep=len(suffix) + 1)
        if text[start - 1 : start].isdigit() or self._runs_on(match):
            return None
        name = self._cut(text[start : match.end()], suffix)
        body = name[: -len(suffix)]
        if not 1 <= len(body) <= longest or not re.fullmatch(r"[\u4e00-\u9fff]+", body):
            return None
        if body in self.words.regions:
            own = len(suffix) > 2 or suffix == "山"
            return Found(name, suffix, Span(match.end() - len(name), match.end())) if own else None
        named = self._with_region(text[start : match.end()], name, suffix)
        if named:
            return Found(named, suffix, Span(match.end() - len(named), match.end()))
        if body in self.words.generic:
            return None
        river = _is_river(body, suffix, text)
        if (body in self.not_names and not river) or body.endswith(self.not_endings):
            return None
        return Found(name, suffix, Span(match.end() - len(name), match.end()))

    def _with_region(self, segment: str, name: str, suffix: str) -> str:
        """`甲县智慧产业园`: a kind of zone is a name where its region stands before it; else nothing."""
        body = name[: -len(suffix)]
        if suffix not in self.zones or not (body in self.not_names or body in self.words.generic):
            return ""
        before = segment.removesuffix(name).rstrip("·")
        region = next((r for r in self.words.regions if before.endswith(r)), "")
        return region and region + name

    def _runs_on(self, match: re.Match[str]) -> bool:
        """Whether a one-character suffix is the inside of a longer place name (`某河` in `某河西街`)."""
        if len(match.group()) > 1 or match.group() in "镇乡村":
            return False
        rest = self.context.text[match.end() : match.end() + 6]
        return bool(re.match(rf"[东西南北]?(?:{alternation(self.words.places)})", rest))

    def _cut(self, segment: str, suffix: str) -> str:
        """The name at the end of a segment: without words of grammar, verbs and regions before it."""
        joint = max((i for i, c in enumerate(segment[:-1]) if c in _JOINTS), default=-1)
        if joint >= 0 and segment[joint] in "至到" and suffix.endswith(("公路", "高速", "线")):
            return suffix  # `甲至乙公路` is neither of the two
        if segment[: -len(suffix)].endswith(("有", "是", "的", "了")):
            return suffix
        segment = segment[joint + 1 :] if joint + 1 < len(segment) - len(suffix) else segment
        for region in self.words.regions if self.any_region.search(segment, 1) else ():
            at = segment.rfind(region, 1)
            if len(region) >= 2 and at > 0 and at + len(region) <= len(segment) - len(suffix):
                segment = segment[at:]
        segment = strip_prefixes(segment, ("国道", "省道", "县道", "乡道"))
        cut = tags(segment)
        while len(cut) > 1 and cut[0][1][0] in "vdpcru" and len(cut[0][0]) < len(segment) - len(suffix):
            rest = segment[len(cut[0][0]) :]
            if not has_name(rest[: -len(suffix)]) or looks_proper(cut[0][0]):
                break
            segment, cut = rest, cut[1:]
        stripped = strip_prefixes(segment, self.words.regions)
        return segment if len(stripped) <= len(suffix) else stripped


def is_town_like(body: str) -> bool:
    """A coined word, or a dictionary word that is a noun or name; no verb, no phrase."""
    if len(body) > 3:
        return is_name_word(body)
    return looks_proper(body) or (is_word(body) and tags(body)[0][1] in ("n", "nz", "ns", "nr", "s", "f"))


def bare_is_safe(bare: str, text: str, finder: PlaceFinder) -> bool:
    """Whether the name without `镇` stands alone somewhere and is no ordinary word."""
    if is_word(bare) and not is_name_word(bare):
        return False
    return any(not finder.blocked.at(text, at + len(bare)) for at in occurrences(text, bare))


def is_village_like(body: str) -> bool:
    """A coined word, a dictionary noun, or one character that is a surname or noun (`王村`)."""
    if len(body) == 1:
        return (
            tags(body)[0][1] in ("nr", "n", "nz", "ns", "q", "a")
            and body not in "农乡全每各本该某山到进入驻整"
        )
    return looks_proper(body) or (len(body) <= 3 and tags(body)[0] in {(body, t) for t in _NOUNS})


def _is_river(body: str, suffix: str, text: str) -> bool:
    """A river or lake of one character (`某河`) is known by being written often."""
    one = len(body) == 1 and body not in _NUMERALS
    return suffix in ("河", "湖", "江") and one and text.count(body + suffix) > 3


def is_place_like(body: str, suffix: str, finder: PlaceFinder) -> bool:
    """Whether what stands before the suffix is a name: coined or proper, at least in part."""
    whole = body + suffix
    if _is_river(body, suffix, finder.context.text):
        return True
    if body in finder.not_names or body in finder.words.sectors:
        return False
    zone = suffix in finder.zones and (body in finder.directions or body.startswith(finder.words.regions))
    if zone or body in finder.words.regions:
        return True
    last = dictionary_words(whole)[-1]
    if re.search(r"[一二三四五六七八九十]大$", body) or (
        whole.endswith(finder.words.regions) and len(suffix) == 1
    ):
        return False
    common = (
        len(suffix) == 1
        and len(last) > 1
        and last != suffix
        and last.endswith(suffix)
        and not is_name_word(last)
    )
    if common and finder.context.text.count(whole) < (2 if suffix == "线" else 3):
        return False
    if len(suffix) > 1:
        water = body[-1:] in ("河", "沟", "湖") and len(body) <= 4
        noun = suffix == "水库" and len(body) == 2 and is_word(body) and tags(body)[0][1] in ("n", "nz", "s")
        return (has_name(body) or water or noun) and len(body) <= 8
    if len(body) < 2:
        return len(whole) > 1 and (is_name_word(whole) or has_name(body))
    numerals = set(body) & _NUMERALS and (body[0] in _NUMERALS or len(body) != 2)
    if len(body) > 4 or numerals or suffix in body:
        return False
    return looks_proper(body) or (is_word(body) and len(body) <= 3 and tags(body)[0][1] in ("n", "nz", "s"))


def has_name(body: str) -> bool:
    """A run of coined characters, or a word that is a proper name, somewhere in it."""
    run = 0
    for word in dictionary_words(body):
        if len(word) == 1:
            run += 1
            if run >= 2:
                return True
        else:
            run = 0
            if is_name_word(word):
                return True
    return len(body) == 1 and tags(body)[0][1] in ("n", "nr", "nz", "ns", "nrfg")
