"""Towns, villages and other places, by administrative and landscape words and by lists."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from pypinyin import lazy_pinyin

from ingest.document import Span
from ingest.extract.base import ExtractionContext
from ingest.extract.firm_words import FirmWords, alternation
from ingest.extract.names import WordSet, looks_proper, strip_prefixes, tags
from ingest.extract.place_names import PlaceFinder, bare_is_safe, is_town_like, is_village_like
from ingest.extract.place_nodes import add_places, at
from ingest.extract.zones import NAMED, items, sentences
from kg.schema import Label, RelationType

_COUNT = r"[一二三四五六七八九十两0-9]{1,2}"
_VOLTAGE = re.compile(r"([\u4e00-\u9fff]{2,4})(?=[0-9]{2,3}\s*(?:kV|KV|千伏))")
#: what a town's or village's name does not end with: `乡镇`, `每村`, `送戏下乡`
_NO_TOWN = frozenset("等入下上进返城乡村小集重名强镇农政然心困各全每百千示范")


class PlaceExtractor:
    """Town, Village and Place nodes; a village is `LOCATED_IN` the town written before it."""

    name = "places"

    def extract(self, context: ExtractionContext) -> None:
        """Towns first, since villages and bare names refer to them."""
        words = FirmWords(context.outline, context.lexicon)
        finder = PlaceFinder(context, words)
        towns = self._towns(context, finder)
        villages = self._villages(context, finder, towns)
        add_places(context, finder, (*towns, *villages))
        self._listed(context, words)
        self._before_voltage(context, words)

    # -- towns

    def _towns(self, context: ExtractionContext, finder: PlaceFinder) -> dict[str, Span]:
        names: dict[str, Span] = {}
        doubtful: dict[str, Span] = {}
        firms = (
            strip_prefixes(form, finder.words.regions)
            for e in context.graph.entities(Label.ENTERPRISE)
            for form in (e.name, *e.aliases)
        )
        opened = {form[:length] for form in firms for length in range(1, len(form) + 1)}
        for found in finder.find("town", 4):
            body = found.name[: -len(found.suffix)]
            around = (
                context.text[found.span.start - 1 : found.span.start] + context.text[found.span.end :][:1]
            )
            listed = "、" in around and len(body) <= 3 and body not in finder.words.generic
            if body[-1] in _NO_TOWN or "之" in body or len(body) < 2:
                continue
            likely = is_town_like(body) or listed
            (names if likely else doubtful).setdefault(found.name, found.span)
        sounds = {tuple(lazy_pinyin(name)) for name in names}
        for name, span in doubtful.items():  # a town's name with a wrong character may be any word
            if name not in names and tuple(lazy_pinyin(name)) in sounds:
                names[name] = span
        known = WordSet(names)
        kept = {name: span for name, span in names.items() if not known.ends(name)}
        for name, span in kept.items():
            bare = re.sub(r"(?:镇|乡|街道办事处|街道)$", "", name)
            safe = "街道" not in name and bare not in opened and bare_is_safe(bare, context.text, finder)
            aliases = [bare] if safe else []
            if name.endswith("街道办事处"):
                aliases.append(name.removesuffix("办事处"))
            context.graph.add(Label.TOWN, name, aliases=aliases, properties=at(span))
        return kept

    # -- villages

    def _villages(
        self, context: ExtractionContext, finder: PlaceFinder, towns: dict[str, Span]
    ) -> dict[str, Span]:
        names: dict[str, Span] = {}
        homes: dict[str, tuple[str, Span]] = {}
        homes_before = WordSet(towns)
        for found in finder.find("village", 9):
            name = found.name
            town = homes_before.at(name)
            name = name.removeprefix(town)
            body = name[: -len(found.suffix)]
            if not 1 <= len(body) <= 4 or body in finder.not_names or re.search(rf"(?:{_COUNT})$", body):
                continue
            if body in finder.words.generic or body in finder.words.sectors:
                continue
            clean = bool(town) or context.text[found.span.start - 1 : found.span.start] == "、"
            if body[-1] in _NO_TOWN or set(body) & frozenset("乡与向党") or body.endswith("古"):
                continue
            if not is_village_like(body) and not (clean and len(body) <= 3):
                continue
            names.setdefault(name, found.span)
            if town:
                homes.setdefault(name, (town, found.span))
        for name, span in names.items():
            old = name.removesuffix("村") + "古村"
            aliases = [form for form in (old + "落", old) if name.endswith("村") and form in context.text]
            id = context.graph.add(Label.VILLAGE, name, aliases=aliases, properties=at(span))
            if name in homes:
                town, where = homes[name]
                context.graph.relate(
                    id,
                    RelationType.LOCATED_IN,
                    context.graph.entity_id(Label.TOWN, town),
                    quote=where,
                    method="written_together",
                    confidence=0.95,
                )
        return names

    # -- lists

    def _listed(self, context: ExtractionContext, words: FirmWords) -> None:
        """`甲、乙、丙等地`, `甲、乙、丙五村`, `甲、乙4个乡镇`: all members are of one kind."""
        text = context.text
        known = {
            form: entity
            for entity in context.graph.entities(Label.TOWN, Label.VILLAGE, Label.PLACE)
            for form in (entity.name, *entity.aliases, entity.name.removesuffix("村"))
        }
        blocked = {*words.generic, *context.lexicon.place_words.get("direction_words", ())}
        endings = tuple(context.lexicon.place_words.get("settlement_endings", ()))
        tails = alternation(context.lexicon.place_words.get("place_list_tails", ()))
        starts = WordSet(known)
        pattern = re.compile(rf"(?:{tails}|{_COUNT}村(?![民级])|{_COUNT}个乡镇)")
        for zone in sentences(context.outline, NAMED):
            for match in pattern.finditer(text, zone.span.start, zone.span.end):
                members = list(_members(text, match.start(), zone.span.start, words))
                names = [text[span.start : span.end] for span in members]
                hits = [known[name] for name in names if name in known]
                proper = [name for name in names if name in known or looks_proper(name)]
                settled = sum(name.endswith(endings) for name in names) > len(names) / 2
                if len(members) < 3 or not (hits or settled) or 2 * len(proper) <= len(names):
                    continue
                label = Label.VILLAGE if match.group().endswith(("村", "地")) or not hits else hits[0].label
                if match.group().endswith("乡镇"):
                    label = Label.TOWN
                for span, name in zip(members, names, strict=True):
                    if name in known:
                        context.graph.add(
                            known[name].label, known[name].name, id=known[name].id, aliases=(name,)
                        )
                    elif 2 <= len(name) <= 5 and name not in blocked and not starts.at(name):
                        context.graph.add(label, name, properties=at(span))

    def _before_voltage(self, context: ExtractionContext, words: FirmWords) -> None:
        """`某县某庄110千伏输变电工程`: between region and voltage stands the site."""
        known = {
            form
            for e in context.graph.entities(Label.TOWN, Label.VILLAGE, Label.PLACE)
            for form in (e.name, *e.aliases)
        }
        for _, _, item in items(context.outline):
            quote = context.text[item.span.start : item.span.end]
            rest = strip_prefixes(quote, words.regions)
            match = _VOLTAGE.match(rest)
            if match and rest != quote and match.group(1) not in known:
                start = item.span.end - len(rest)
                context.graph.add(
                    Label.PLACE, match.group(1), properties=at(Span(start, start + match.end()))
                )


def _members(text: str, end: int, floor: int, words: FirmWords) -> Iterator[Span]:
    """The items of the list that ends here, the first one cut at its left boundary."""
    first = end
    while first > floor and text[first - 1] not in "，；。：“”（）()":
        first -= 1
    spans: defaultdict[int, Span] = defaultdict()
    for i, match in enumerate(re.finditer(r"[^、]+", text[first:end])):
        start, stop = first + match.start(), first + match.end()
        if i == 0:
            start = words.boundary.start(text, stop, start)
            cut = tags(text[start:stop])
            if len(cut) > 1 and cut[0][1][0] in "vd":
                start += len(cut[0][0])
        spans[i] = Span(start, stop)
    yield from spans.values()
