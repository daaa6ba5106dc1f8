"""Names of one thing that are written in two ways: of places and firms, of projects, products and offices."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import combinations

from pypinyin import lazy_pinyin

from ingest.document import Span
from ingest.extract.base import ExtractionContext
from ingest.extract.conflict_base import DIRECTIONS, node_at, relate_conflict, span_of
from ingest.extract.firm_words import FirmWords, alternation
from ingest.extract.names import is_word, strip_prefixes
from ingest.extract.zones import PROSE, items, parts, sentences
from kg.model import Entity
from kg.schema import Label

_TAIL = re.compile(r"(?:建设)?(?:项目|工程)$")
_BRACKETS = re.compile(r"[（(][^（()）]*[)）].*$")
_SHORTEST_WORDING = 11
_SHORTEST_END = 6
_SHORTEST_LISTED = 5
_SHORTEST_PRODUCT = 5
#: names that more share but for one character are a series, and no slips
_MOST_ALIKE = 30
#: sounds that are mistaken for each other: front and back nasals, flat and curled tongue
_SOUNDS = str.maketrans({"g": ""})


def find_name_conflicts(context: ExtractionContext) -> None:
    """Compare names of one kind, then names of projects, products and offices with the running text."""
    words = FirmWords(context.outline, context.lexicon)
    _pairs(context, words)
    _projects(context, words)
    _lists(context, words)
    _products(context)
    _abbreviations(context)


# -- places and firms


def _pairs(context: ExtractionContext, words: FirmWords) -> None:
    """Two names of one kind that differ by one character: a homophone, or a long name otherwise equal."""
    for label in (Label.TOWN, Label.VILLAGE, Label.PLACE, Label.ENTERPRISE):
        for left, right in _neighbours(context.graph.entities(label)):
            sure = _variant(left, right, words)
            spans = (_where(context, left), _where(context, right)) if sure else (None, None)
            if spans[0] and spans[1]:
                quotes = (spans[0], spans[1])
                relate_conflict(context, left.id, right.id, quotes, "name", "same_name", sure)


def _neighbours(entities: Sequence[Entity]) -> Iterator[tuple[Entity, Entity]]:
    """Pairs whose names are equal but for one character exchanged or put in, or for `森林`; the earlier
    first, each pair once."""
    groups: dict[str, list[int]] = defaultdict(list)
    for number, entity in enumerate(entities):
        name = _bare(entity.name)
        gaps = {name[:i] + "*" + name[i + 1 :] for i in range(len(name))}
        gaps |= {name[:i] + "*" + name[i:] for i in range(1, len(name))}
        for key in gaps | {name.replace("国家森林公园", "国家公园")}:
            groups[key].append(number)
    pairs = {pair for same in groups.values() if len(same) <= _MOST_ALIKE for pair in combinations(same, 2)}
    for left, right in sorted(pairs):
        yield entities[left], entities[right]


def _variant(left: Entity, right: Entity, words: FirmWords) -> float:
    """How sure it is that two names are one name written differently; 0 if they are not."""
    a, b = _bare(left.name), _bare(right.name)
    if left.label is Label.ENTERPRISE:
        legal = left.name.endswith(words.legal) and right.name.endswith(words.legal)
        return 0.7 if legal and len(min(a, b, key=len)) >= 4 and _one_inserted(a, b) else 0.0
    if a != b and a.replace("国家森林公园", "国家公园") == b.replace("国家森林公园", "国家公园"):
        return 0.7
    at = _one_exchanged(a, b)
    if at < 0:
        return 0.0
    if lazy_pinyin(a[at]) == lazy_pinyin(b[at]):
        return 0.85
    suffix = next((w for w in words.places if len(w) > 1 and a.endswith(w) and b.endswith(w)), "")
    return 0.7 if len(a) - len(suffix) >= 3 and suffix and at < len(a) - len(suffix) else 0.0


def _bare(name: str) -> str:
    """A village's name without `村`, so that `某底村` and `某地` meet; others as they are."""
    return name.removesuffix("村") if len(name) > 2 else name


def _one_exchanged(a: str, b: str) -> int:
    """Where two names of one length differ, if by one character that is no direction; else -1."""
    if len(a) != len(b):
        return -1
    differing = [i for i, (x, y) in enumerate(zip(a, b, strict=True)) if x != y]
    if len(differing) != 1 or {a[differing[0]], b[differing[0]]} <= DIRECTIONS:
        return -1
    return differing[0]


def _word_exchanged(a: str, b: str) -> bool:
    """Whether two names of one length, six characters or more, differ by two that stand side by side."""
    if len(a) != len(b) or len(a) < 6:
        return False
    differing = [i for i, (x, y) in enumerate(zip(a, b, strict=True)) if x != y]
    return len(differing) == 2 and differing[1] - differing[0] == 1 and not a[differing[0]].isdigit()


def _one_inserted(a: str, b: str) -> bool:
    short, long = sorted((a, b), key=len)
    inner = range(1, len(long) - 1)
    return len(long) - len(short) == 1 and any(long[:i] + long[i + 1 :] == short for i in inner)


def _where(context: ExtractionContext, entity: Entity) -> Span | None:
    for form in (entity.name, *entity.aliases):
        at = context.text.find(form)
        if at >= 0:
            return Span(at, at + len(form))
    return None


# -- projects


def _projects(context: ExtractionContext, words: FirmWords) -> None:
    """A project's name in the running text with a word exchanged, put in, or in another place."""
    text = context.text
    for project in context.graph.entities(Label.PROJECT):
        name = _TAIL.sub("", strip_prefixes(project.name, words.regions))
        where = span_of(project)
        start = text.find(name, where.start) if where else -1
        if start < 0:
            continue
        reworded = [(0, span, "wording") for span in _reworded(text, name)]
        for shift, said, kind in (*reworded, *_with_word_put_in(text, name)):
            block = context.outline.document.block_at(said.start)
            node = node_at(context, said.start)
            if block and block.kind in PROSE and node:
                quotes = (Span(start + shift, start + len(name)), said)
                sure = 0.75 if kind == "wording" else 0.6
                relate_conflict(context, project.id, node, quotes, kind, f"same_{kind}", sure)


def _reworded(text: str, name: str) -> Iterator[Span]:
    """Where the text has the name with one word exchanged, or its words in another order."""
    if len(name) < _SHORTEST_WORDING:
        return
    starts = {match.start() for match in re.finditer(re.escape(name[:2]), text)}
    ends = {match.end() - len(name) for match in re.finditer(re.escape(name[-4:]), text)}
    for at in sorted(at for at in starts | ends if at >= 0):
        found = text[at : at + len(name)]
        if found == name or len(found) != len(name) or re.search(r"[，。；、：\s]", found):
            continue
        if _word_exchanged(name, found) or sorted(name) == sorted(found):
            yield Span(at, at + len(found))


def _with_word_put_in(text: str, name: str) -> Iterator[tuple[int, Span, str]]:
    """`中西部数据中心` and `中交西部数据中心`: a word of at most three characters before the name's end;
    (where in the name the part starts that is quoted, where in the text, kind)."""
    shift = len(name) - _SHORTEST_END - 1
    if shift < 0:
        return
    first, end = name[shift], name[shift + 1 :]
    if not re.fullmatch(r"[\u4e00-\u9fff]{7}", first + end):
        return
    for match in re.finditer(rf"{first}[\u4e00-\u9fff]{{1,3}}{end}", text):
        if match.group()[1] != first and not is_word(match.group()[1 : -len(end)]):
            yield shift, Span(match.start(), match.end()), "name"


def _lists(context: ExtractionContext, words: FirmWords) -> None:
    """A list of projects that a box lists too: one that the box writes with another character."""
    boxes: dict[str, dict[str, tuple[str, Span]]] = {}
    for project, box, item in items(context.outline):
        core = _TAIL.sub("", _BRACKETS.sub("", strip_prefixes(item.text, words.regions)))
        at = context.text.find(core, item.span.start)
        if len(core) >= 4 and 0 <= at < item.span.end:
            boxes.setdefault(box, {})[core] = (project, Span(at, at + len(core)))
    ends = {box: tuple(cores) for box, cores in boxes.items()}
    for zone in sentences(context.outline, PROSE):
        listed = [(context.text[p.start : p.end], p) for p in parts(context.text, zone.span)]
        for box, cores in boxes.items() if len(listed) > 2 else ():
            known = {name for name, _ in listed if name.endswith(ends[box])}
            missing = [core for core in cores if not any(name.endswith(core) for name in known)]
            for name, span in listed if len(known) > 1 else ():
                for core in missing if name not in known and len(name) >= _SHORTEST_LISTED else ():
                    node = node_at(context, span.start)
                    if node and (_one_exchanged(name, core) >= 0 or _word_exchanged(name, core)):
                        project, where = cores[core]
                        relate_conflict(context, project, node, (where, span), "name", "listed_name", 0.7)


# -- products and offices


def _products(context: ExtractionContext) -> None:
    """A product's name with one character that sounds alike: `反射镜` and `放射镜`."""
    text = context.text
    products: dict[str, list[Entity]] = defaultdict(list)
    for product in context.graph.entities(Label.PRODUCT):
        if len(product.name) >= _SHORTEST_PRODUCT and re.fullmatch(r"[\u4e00-\u9fff]+", product.name):
            products[product.name[:2]].append(product)
    openings = re.compile(f"(?={alternation(products)})")
    for match in openings.finditer(text) if products else ():
        start = match.start()
        for product in products[text[start : start + 2]]:
            name, found = product.name, text[start : start + len(product.name)]
            at = _one_exchanged(name, found)
            where, node = span_of(product), node_at(context, start) if 1 < at < len(name) - 1 else ""
            if where and node and _sounds_alike(found[at], name[at]):
                quotes = (where, Span(start, start + len(name)))
                relate_conflict(context, product.id, node, quotes, "name", "product_name", 0.6)


def _sounds_alike(a: str, b: str) -> bool:
    left, right = (lazy_pinyin(c)[0].replace("h", "").translate(_SOUNDS) for c in (a, b))
    return left == right


def _abbreviations(context: ExtractionContext) -> None:
    """Two abbreviations of one office of which one lacks a character, so that it may mean another."""
    for office in context.graph.entities(Label.ORGANIZATION):
        short = [form for form in office.aliases if len(form) < len(office.name)]
        for a, b in combinations(short, 2):
            at = (context.text.find(a), context.text.find(b))
            node = node_at(context, at[1])
            if len(min(a, b, key=len)) >= _SHORTEST_END and _one_inserted(a, b) and node:
                quotes = (Span(at[0], at[0] + len(a)), Span(at[1], at[1] + len(b)))
                relate_conflict(context, office.id, node, quotes, "name", "abbreviation", 0.6)
