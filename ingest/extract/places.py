"""Towns, villages and other places, by administrative and landscape words and by lists."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from ingest.document import Span
from ingest.extract.base import ExtractionContext
from ingest.extract.firm_forms import FirmWords, alternation
from ingest.extract.matching import NameMatcher
from ingest.extract.names import dictionary_words, is_name_word, is_word, looks_proper, strip_prefixes, tags
from ingest.extract.zones import NAMED, items, sentences
from kg.schema import Label, RelationType

#: what may not follow a suffix, because the two make another word (`村民`, `河道`, `山区`)
_NOT_AFTER = {
    "镇": r"级|域|村(?!史)|街|长|容|政府所在", "乡": r"镇|村|级|间|土|贤|愁|情|亲|下|风|音", "街道": r"两侧|可",
    "村": r"串|民|级|庄|委|集体|口|落|容|医|务|规|道|里|企|两|貌|域|通|村(?!史)|干|镇|组",
    "社区": r"[级的和、]?(?:治理|建设|居民|家长|教育|文化|卫生|养老(?!服务综)|服务|综合)",
    "河": r"道|流(?!域)|湖|长(?!制度)|岸|床", "湖": r"泊|长", "山": r"区|水|地|川|林|庄|体|洪|药|货|间|西|东", "高速": r"数据|发展|列车|宽带|度|增长|铁路|宽",
    "路": r"北(?!段)|网|线|径|灯|由|边|况|权|沿石|基", "街": r"道|区|头|巷|坊", "线": r"上|下|路|索|性|缆|型",
    "沟": r"通|渠|壑", "渠": r"道", "寺": r"院|庙", "岭": r"土", "峰": r"值|会", "江": r"山",
}
_COUNT = r"[一二三四五六七八九十两0-9]{1,2}"


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
        after = _NOT_AFTER.get(suffix)
        if after and re.match(after, text[match.end() : match.end() + 3]):
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
        if body in self.words.generic:
            return None
        river = suffix in "河湖江" and len(body) == 1 and text.count(name) > 3
        if (body in self.not_names and not river) or any(body.endswith(w) for w in self.not_names if len(w) > 1):
            return None
        return Found(name, suffix, Span(match.end() - len(name), match.end()))


    def _runs_on(self, match: re.Match[str]) -> bool:
        """Whether a one-character suffix is the inside of a longer place name (`沙河` in `沙河西街`)."""
        if len(match.group()) > 1 or match.group() in "镇乡村":
            return False
        rest = self.context.text[match.end() : match.end() + 6]
        return bool(re.match(rf"[东西南北]?(?:{alternation(self.words.places)})", rest))

    def _cut(self, segment: str, suffix: str) -> str:
        """The name at the end of a segment: without words of grammar, verbs and regions before it."""
        joint = max((i for i, c in enumerate(segment[:-1]) if c in _JOINTS), default=-1)
        if joint >= 0 and segment[joint] in "至到" and suffix.endswith(("公路", "高速", "线")):
            return suffix  # `甲至乙公路` is neither of the two
        segment = segment[joint + 1 :] if joint + 1 < len(segment) - len(suffix) else segment
        for region in self.words.regions:
            at = segment.rfind(region, 1)
            if len(region) >= 2 and at > 0 and at + len(region) <= len(segment) - len(suffix):
                segment = segment[at:]
        segment = strip_prefixes(segment, ("国道", "省道", "县道", "乡道"))
        cut = tags(segment)
        while len(cut) > 1 and cut[0][1][0] in "vdpcru" and len(cut[0][0]) < len(segment) - len(suffix):
            rest = segment[len(cut[0][0]) :]
            if not _has_name(rest[: -len(suffix)]) or looks_proper(cut[0][0]):
                break
            segment, cut = rest, cut[1:]
        stripped = strip_prefixes(segment, self.words.regions)
        return segment if len(stripped) <= len(suffix) else stripped


#: words of grammar after which a place name may begin
_JOINTS = frozenset("和与及至把将沿了的都有是因到向")


class PlaceExtractor:
    """Town, Village and Place nodes; a village is `LOCATED_IN` the town written before it."""

    name = "places"

    def extract(self, context: ExtractionContext) -> None:
        """Towns first, since villages and bare names refer to them."""
        words = FirmWords(context.outline, context.lexicon)
        finder = PlaceFinder(context, words)
        towns = self._towns(context, finder)
        villages = self._villages(context, finder, towns)
        self._places(context, finder, towns, villages)
        self._listed(context, words)
        self._before_voltage(context, words)

    # -- towns

    def _towns(self, context: ExtractionContext, finder: PlaceFinder) -> dict[str, Span]:
        names: dict[str, Span] = {}
        firms = [strip_prefixes(form, finder.words.regions) for e in context.graph.entities(Label.ENTERPRISE)
                 for form in (e.name, *e.aliases)]
        for found in finder.find("town", 4):
            body = found.name[: -len(found.suffix)]
            if body[-1] in _NO_TOWN or len(body) < 2 or not _town_like(body):
                continue
            names.setdefault(found.name, found.span)
        kept = {n: s for n, s in names.items()
                if not any(n != other and n.endswith(other) for other in names)}
        for name, span in kept.items():
            bare = re.sub(r"(?:镇|乡|街道办事处|街道)$", "", name)
            safe = "街道" not in name and not any(firm.startswith(bare) for firm in firms) and _bare_is_safe(bare, context.text, finder)
            aliases = [bare] if safe else []
            if name.endswith("街道办事处"):
                aliases.append(name.removesuffix("办事处"))
            context.graph.add(Label.TOWN, name, aliases=aliases, properties=_at(span))
        return kept

    # -- villages

    def _villages(
        self, context: ExtractionContext, finder: PlaceFinder, towns: dict[str, Span]
    ) -> dict[str, Span]:
        names: dict[str, Span] = {}
        homes: dict[str, tuple[str, Span]] = {}
        for found in finder.find("village", 9):
            name = found.name
            town = next((t for t in towns if name.startswith(t)), "")
            name = name.removeprefix(town)
            body = name[: -len(found.suffix)]
            if not 1 <= len(body) <= 4 or body in finder.not_names or re.search(rf"(?:{_COUNT})$", body):
                continue
            if body in finder.words.generic or body in finder.words.sectors:
                continue
            clean = bool(town) or context.text[found.span.start - 1 : found.span.start] == "、"
            if body[-1] in _NO_TOWN or set(body) & frozenset("乡与向党") or body.endswith("古"):
                continue
            if not _village_like(body) and not (clean and len(body) <= 3):
                continue
            names.setdefault(name, found.span)
            if town:
                homes.setdefault(name, (town, found.span))
        for name, span in names.items():
            old = name.removesuffix("村") + "古村"
            aliases = [form for form in (old + "落", old) if name.endswith("村") and form in context.text]
            id = context.graph.add(Label.VILLAGE, name, aliases=aliases, properties=_at(span))
            if name in homes:
                town, where = homes[name]
                context.graph.relate(id, RelationType.LOCATED_IN, context.graph.entity_id(Label.TOWN, town),
                                     quote=where, method="written_together", confidence=0.95)
        return names

    # -- places

    def _places(
        self, context: ExtractionContext, finder: PlaceFinder, towns: dict[str, Span],
        villages: dict[str, Span],
    ) -> None:
        counts: Counter[str] = Counter()
        firms = _firm_spans(context)
        first: dict[str, Span] = {}
        for found in finder.find("place", 9):
            name = _without_home(found.name, (*towns, *villages))
            body = name[: -len(found.suffix)] if name.endswith(found.suffix) else name
            if any(s <= found.span.start and found.span.end <= e for s, e in firms.get(found.span.start // 64, ())):
                continue
            if not _place_like(body, found.suffix, finder):
                continue
            own = context.outline.jurisdiction
            if own and name.startswith(own) and len(name) > len(own) + 2:
                name = own[:-1] + name.removeprefix(own)
            counts[name] += 1
            first.setdefault(name, found.span)
        own = context.outline.jurisdiction
        forms = _own_forms(counts, own, context.text)
        taken = {form for entity in context.graph.entities(Label.TOWN, Label.VILLAGE)
                 for form in (entity.name, *entity.aliases, re.sub("(?:镇|乡)$", "", entity.name))}
        for name in _without_longer(counts):
            if name in taken:
                continue
            full = forms.get(name, name)
            aliases = [form for form in (name, *_region_forms(name, own, context.text)) if form != full]
            context.graph.add(Label.PLACE, full, aliases=aliases, properties=_at(first[name]))

    # -- lists

    def _listed(self, context: ExtractionContext, words: FirmWords) -> None:
        """`甲、乙、丙等地`, `甲、乙、丙五村`, `甲、乙4个乡镇`: unknown members are of the known ones' kind."""
        text = context.text
        known = {
            form: entity for entity in context.graph.entities(Label.TOWN, Label.VILLAGE, Label.PLACE)
            for form in (entity.name, *entity.aliases, entity.name.removesuffix("村"))
        }
        blocked = {*words.generic, *context.lexicon.place_words.get("direction_words", ())}
        tails = alternation(context.lexicon.place_words.get("place_list_tails", ()))
        pattern = re.compile(rf"(?:{tails}|{_COUNT}村(?![民级])|{_COUNT}个乡镇)")
        for zone in sentences(context.outline, NAMED):
            for match in pattern.finditer(text, zone.span.start, zone.span.end):
                members = list(_members(text, match.start(), zone.span.start, words))
                names = [text[span.start : span.end] for span in members]
                hits = [known[name] for name in names if name in known]
                proper = [name for name in names if name in known or looks_proper(name)]
                if len(members) < 3 or not hits or 2 * len(proper) <= len(names):
                    continue
                label = Label.VILLAGE if match.group().endswith(("村", "地")) else hits[0].label
                if match.group().endswith("乡镇"):
                    label = Label.TOWN
                for span, name in zip(members, names, strict=True):
                    if name in known:
                        context.graph.add(known[name].label, known[name].name, id=known[name].id, aliases=(name,))
                    elif 2 <= len(name) <= 5 and name not in blocked and not name.startswith(tuple(known)):
                        context.graph.add(label, name, properties=_at(span))


    def _before_voltage(self, context: ExtractionContext, words: FirmWords) -> None:
        """`某县某庄110千伏输变电工程`: between region and voltage stands the site."""
        known = {form for e in context.graph.entities(Label.TOWN, Label.VILLAGE, Label.PLACE)
                 for form in (e.name, *e.aliases)}
        for _, _, item in items(context.outline):
            quote = context.text[item.span.start : item.span.end]
            rest = strip_prefixes(quote, words.regions)
            match = _VOLTAGE.match(rest)
            if match and rest != quote and match.group(1) not in known:
                start = item.span.end - len(rest)
                context.graph.add(Label.PLACE, match.group(1), properties=_at(Span(start, start + match.end())))


_NO_TOWN = frozenset("等入下上进返城乡村小集重名强镇农政然心困各全每百千示范")


_VOLTAGE = re.compile(r"([\u4e00-\u9fff]{2,4})(?=[0-9]{2,3}\s*(?:kV|KV|千伏))")


def _at(span: Span) -> dict[str, int]:
    return {"start": span.start, "stop": span.end}


def _town_like(body: str) -> bool:
    """A coined word, or a dictionary word that is a noun or name; no verb, no phrase."""
    if len(body) > 3:
        return is_name_word(body)
    return looks_proper(body) or (is_word(body) and tags(body)[0][1] in ("n", "nz", "ns", "nr", "s", "f"))


def _bare_is_safe(bare: str, text: str, finder: PlaceFinder) -> bool:
    """Whether the name without `镇` stands alone somewhere and is no ordinary word."""
    if is_word(bare) and not is_name_word(bare):
        return False
    blocked = alternation((*finder.words.places, *finder.words.organizations, *finder.words.sectors))
    return re.search(rf"{re.escape(bare)}(?!{blocked})", text) is not None


_NOUNS = ("ns", "nr", "nz", "n", "s", "f", "b")


def _village_like(body: str) -> bool:
    if len(body) == 1:
        return tags(body)[0][1] in ("nr", "n", "nz", "ns", "q", "a") and body not in "农乡全每各本该某山到进入驻整"
    return looks_proper(body) or (len(body) <= 3 and tags(body)[0] in {(body, t) for t in _NOUNS})


def _place_like(body: str, suffix: str, finder: PlaceFinder) -> bool:
    """Whether what stands before the suffix is a name: coined or proper, at least in part."""
    whole = body + suffix
    if suffix in "河湖江" and len(body) == 1 and finder.context.text.count(whole) > 3:
        return True
    if body in finder.not_names or body in finder.words.sectors:
        return False
    if body in finder.words.regions:
        return True
    last = dictionary_words(whole)[-1]
    if re.search(r"[一二三四五六七八九十]大$", body) or (whole.endswith(finder.words.regions) and len(suffix) == 1):
        return False
    common = len(suffix) == 1 and len(last) > 1 and last != suffix and last.endswith(suffix) and not is_name_word(last)
    if common and finder.context.text.count(whole) < (2 if suffix == "线" else 3):
        return False
    if len(suffix) > 1:
        water = body[-1:] in ("河", "沟", "湖") and len(body) <= 4
        return (_has_name(body) or water) and len(body) <= 8
    if len(body) < 2:
        return len(whole) > 1 and (is_name_word(whole) or _has_name(body))
    numerals = set(body) & _NUMERALS and (body[0] in _NUMERALS or len(body) != 2)
    if len(body) > 4 or numerals or suffix in body:
        return False
    return looks_proper(body) or (is_word(body) and len(body) <= 3 and tags(body)[0][1] in ("n", "nz", "s"))


_NUMERALS = frozenset("一二两三四五六七八九十")


def _has_name(body: str) -> bool:
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


def _firm_spans(context: ExtractionContext) -> dict[int, list[tuple[int, int]]]:
    """Where firms are written, by blocks of 64 characters, so that no place is found inside a name."""
    names = [form for firm in context.graph.entities(Label.ENTERPRISE) for form in (firm.name, *firm.aliases)]
    spans: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for start, end, _ in NameMatcher(names).find(context.text):
        for bucket in range(start // 64, end // 64 + 1):
            spans[bucket].append((start, end))
    return spans


def _without_home(name: str, homes: tuple[str, ...]) -> str:
    return strip_prefixes(name, homes)


def _without_longer(counts: Counter[str]) -> list[str]:
    """Names that are not another name with a verb or adjective in front (`拓宽` + `沙河街`)."""
    return [
        name for name in counts
        if not any(
            name != other and name.endswith(other) and len(other) > 2
            and (_is_lead(name.removesuffix(other)) or _is_chance(name, other, counts))
            for other in counts
        )
    ]


def _is_chance(name: str, other: str, counts: Counter[str]) -> bool:
    """Whether a name written once is a frequent one with one word before it that is no direction."""
    lead = name.removesuffix(other)
    return counts[name] == 1 and counts[other] >= 3 and len(lead) == 2


def _is_lead(text: str) -> bool:
    """Whether a text before a name is a verb or plain word, no name."""
    return tags(text)[0][1][0] in "vd" or not (looks_proper(text) or _has_name(text))


def _own_forms(counts: Counter[str], own: str, text: str) -> dict[str, str]:
    """The plan's own development zone and the like: named with the county where the text does so."""
    forms = {}
    for name in counts:
        for prefix in (own[:-1], own):
            often = max(2, text.count(name) / 2)
            if len(prefix) >= 2 and not name.startswith(prefix) and text.count(prefix + name) >= often:
                forms[name] = prefix + name
                break
    return forms


def _region_forms(name: str, own: str, text: str) -> list[str]:
    prefixes = [prefix for prefix in (own, own[:-1]) if len(prefix) >= 2]
    bare = next((name.removeprefix(p) for p in prefixes if name.startswith(p) and len(name) > len(p) + 2), name)
    return [form for form in (*(p + bare for p in prefixes), bare) if form in text]


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

