"""Places other than towns and villages: rivers, roads, parks and the like, one node for each."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from ingest.document import Span
from ingest.extract.base import ExtractionContext
from ingest.extract.matching import NameMatcher
from ingest.extract.names import WordSet, looks_proper, occurrences, tags
from ingest.extract.place_names import Found, PlaceFinder, has_name, is_place_like
from kg.schema import Label

#: characters of the longest name read, which two adjacent names may share
_LONGEST = 16
#: between a river and the place beside it: `某河流域某沟`
_REACH = re.compile(r"(?:流域|水系|支流|干流|一级|上游|中游|下游|沿线|片区|.段)*")


def add_places(context: ExtractionContext, finder: PlaceFinder, homes: Sequence[str]) -> None:
    """Add Place nodes; ``homes`` are names of towns and villages, which may stand before a place."""
    own, text = context.outline.jurisdiction, context.text
    firms = tuple(form for e in context.graph.entities(Label.ENTERPRISE) for form in (e.name, *e.aliases))
    counts: Counter[str] = Counter()
    first: dict[str, Span] = {}
    for name, span in _single_names(context, finder, homes):
        counts[name] += 1
        first.setdefault(name, span)
    behind = _Behind(own, text)
    opening = WordSet(firms)
    taken = {
        form
        for entity in context.graph.entities(Label.TOWN, Label.VILLAGE)
        for form in (entity.name, *entity.aliases, re.sub("(?:镇|乡)$", "", entity.name))
    }
    for name in _without_longer(counts):
        if name in taken or (name.endswith("电站") and opening.at(name)):
            continue  # a firm's power station is its project
        full = behind.full(name)
        aliases = [form for form in (name, *behind.forms(name)) if form != full]
        context.graph.add(Label.PLACE, full, aliases=aliases, properties=at(first[name]))


def at(span: Span) -> dict[str, int]:
    """Where a node is first named, as properties."""
    return {"start": span.start, "stop": span.end}


def _single_names(
    context: ExtractionContext, finder: PlaceFinder, homes: Sequence[str]
) -> Iterator[tuple[str, Span]]:
    """(name, where) of each place; two adjacent names (`某河某水库`) are two places."""
    own, firms, before = context.outline.jurisdiction, _firm_spans(context), WordSet(homes)
    found = []
    for candidate in finder.find("place", _LONGEST):
        span = candidate.span
        if not any(s <= span.start and span.end <= e for s, e in firms.get(span.start // 64, ())):
            found.append((before.strip(candidate.name), candidate))
    known = {name for name, candidate in found if is_place_like(*_parts(name, candidate), finder)}
    known.update(name for name in homes if len(name) > 1)
    for name, candidate in found:
        rest = _behind_known(name, candidate, known, finder)
        if not rest and name not in known:
            continue
        name = rest or name
        if own and name.startswith(own) and len(name) > len(own) + 2:
            name = own[:-1] + name.removeprefix(own)
        yield name, Span(candidate.span.end - len(rest or candidate.name), candidate.span.end)


def _parts(name: str, candidate: Found) -> tuple[str, str]:
    return (name.removesuffix(candidate.suffix) or name, candidate.suffix)


def _behind_known(name: str, candidate: Found, known: set[str], finder: PlaceFinder) -> str:
    """The second of two adjacent names, if the first is a known place; else nothing."""
    for cut in range(len(name) - len(candidate.suffix) - 1, 1, -1):
        if name[:cut] not in known or not name[:cut].endswith((*finder.waters, *finder.several)):
            continue
        reach = _REACH.match(name, cut)
        rest = name[reach.end() if reach else cut :]
        body = rest.removesuffix(candidate.suffix)
        if body in finder.not_names or not body:
            continue
        if further := _behind_known(rest, candidate, known, finder):
            return further
        landmark = len(body) > 1 and body.endswith(finder.landscape)
        beside = rest != name[cut:] and body in finder.directions
        if landmark or beside or (len(body) > 1 and is_place_like(body, candidate.suffix, finder)):
            return rest
    return ""


def _firm_spans(context: ExtractionContext) -> dict[int, list[tuple[int, int]]]:
    """Where firms are written, by blocks of 64 characters, so that no place is found inside a name."""
    names = [form for firm in context.graph.entities(Label.ENTERPRISE) for form in (firm.name, *firm.aliases)]
    spans: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for start, end, _ in NameMatcher(names).find(context.text):
        for bucket in range(start // 64, end // 64 + 1):
            spans[bucket].append((start, end))
    return spans


def _without_longer(counts: Counter[str]) -> list[str]:
    """Names that are not another name with a verb or adjective in front (`拓宽` + `某河街`)."""
    return [name for name in counts if not any(_leads(name, other, counts) for other in _ends(name, counts))]


def _ends(name: str, counts: Counter[str]) -> Iterator[str]:
    """The other names, of three characters or more, that a name ends with."""
    return (name[at:] for at in range(1, len(name) - 2) if name[at:] in counts)


def _leads(name: str, other: str, counts: Counter[str]) -> bool:
    return _is_lead(name.removesuffix(other)) or _is_chance(name, other, counts)


def _is_chance(name: str, other: str, counts: Counter[str]) -> bool:
    """Whether a name written once is a frequent one with one word before it that is no direction."""
    lead = name.removesuffix(other)
    return counts[name] == 1 and counts[other] >= 3 and len(lead) == 2


def _is_lead(text: str) -> bool:
    """Whether a text before a name is a verb or plain word, no name."""
    return tags(text)[0][1][0] in "vd" or not (looks_proper(text) or has_name(text))


class _Behind:
    """What the text writes behind the county's own name, to know places by their name with it."""

    def __init__(self, own: str, text: str) -> None:
        self._text = text
        self._counts: dict[str, Counter[str]] = {}
        for prefix in (own[:-1], own):
            if len(prefix) >= 2:
                starts = [start + len(prefix) for start in occurrences(text, prefix)]
                longest = range(2, _LONGEST + 1)
                self._counts[prefix] = Counter(text[s : s + length] for s in starts for length in longest)

    def full(self, name: str) -> str:
        """The plan's own development zone and the like: with the county where the text often has that."""
        for prefix, counts in self._counts.items():
            often = counts[name] > 1 and counts[name] >= self._text.count(name) / 2
            if often and not name.startswith(prefix):
                return prefix + name
        return name

    def forms(self, name: str) -> list[str]:
        """The written forms with the county's name, long and short, and without if that is written alone."""
        own = (p for p in self._counts if name.startswith(p) and len(name) > len(p) + 2)
        bare = name.removeprefix(next(own, ""))
        forms = [prefix + bare for prefix, counts in reversed(self._counts.items()) if counts[bare]]
        joined = sum(counts[bare] for counts in self._counts.values())
        return [*forms, bare] if not forms or self._text.count(bare) > joined else forms
