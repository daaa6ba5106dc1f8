"""Organizations: schools, hospitals, departments, banks, institutes, by the words that end them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from ingest.document import Span
from ingest.extract.base import ExtractionContext
from ingest.extract.firm_words import FirmWords, alternation
from ingest.extract.names import is_word, looks_proper, strip_prefixes, tags, without_words
from ingest.extract.zones import NAMED, items, sentences
from kg.schema import Label

_KINDS = ("school", "health", "government", "bank", "institute")
_ALIAS = re.compile(r"[（(](?:以下)?简称[“\"]?([^”\"（()）]{2,12})[”\"]?[)）]")
_QUOTED = re.compile(r"“([^“”，。、]{2,20}?(?:研究院|研究中心|学院|联盟|实验室))”")
_LEVEL = re.compile(r"^(?:省|市|州|县|区|国家)(?!级)|^第[一二三四五六七八九十]")
_NUMBERED_SCHOOL = re.compile(r"[\u4e00-\u9fff]{2}[一二三四五六七八九十]中(?![心央的部小高])")
#: names with one ending that more share are a kind of office
_MOST_ALIKE = 40
_NATIONAL = ("科技部", "教育部", "财政部", "生态环境部", "国务院", "发改委")


class OrganizationExtractor:
    """Organization nodes; an abbreviation that ends like a fuller name is its alias."""

    name = "organizations"

    def extract(self, context: ExtractionContext) -> None:
        """Add organizations in order of appearance."""
        words = FirmWords(context.outline, context.lexicon)
        found: dict[str, tuple[Span, str]] = {}
        firms = " ".join(
            form for firm in context.graph.entities(Label.ENTERPRISE) for form in (firm.name, *firm.aliases)
        )
        shorts: dict[str, str] = {}
        for name, span, kind in _outermost(self._find(context, words)):
            if name in firms:
                continue  # part of a firm's name
            found.setdefault(name, (span, kind))
            if alias := _ALIAS.match(context.text, span.end):
                shorts[alias.group(1)] = name
        full = _abbreviations(found)
        own = context.outline.jurisdiction
        for name, (span, kind) in found.items():
            target = full.get(name, shorts.get(name, name))
            start = found.get(target, (span, kind))[0]
            forms = [name, *(short for short, long in shorts.items() if long == name)]
            bare = name.removeprefix(own) if own and name.startswith(own) else ""
            if bare and own[-1] + bare in context.text:
                forms.append(own[-1] + bare)
            context.graph.add(
                Label.ORGANIZATION,
                target,
                aliases=forms,
                properties={"kind": kind, "start": start.start, "stop": start.end},
            )

    def _find(self, context: ExtractionContext, words: FirmWords) -> list[tuple[str, Span, str]]:
        text = context.text
        lexicon = context.lexicon.organization_words
        blocked = frozenset(context.lexicon.place_words.get("not_names", ()))
        kinds = {word: kind for kind in _KINDS for word in lexicon.get(f"{kind}_words", ())}
        pattern = re.compile(alternation(kinds))
        result = []
        for zone in sentences(context.outline, NAMED):
            position = zone.span.start
            while match := pattern.search(text, position, zone.span.end):
                longer = pattern.match(text, match.end(), zone.span.end)
                position = match.end()
                if longer or text[match.end() : match.end() + 1] in ("化", "等"):
                    continue
                name = _cut(text, match, zone.span.start, words)
                if name and _is_name(name, match.group(), kinds[match.group()], words, blocked):
                    result.append((name, Span(match.end() - len(name), match.end()), kinds[match.group()]))
            for match in _QUOTED.finditer(text, zone.span.start, zone.span.end):
                result.append((match.group(1), Span(match.start(1), match.end(1)), "institute"))
            for match in _NUMBERED_SCHOOL.finditer(text, zone.span.start, zone.span.end):
                if match.group()[:2] in words.regions:
                    result.append((match.group(), Span(match.start(), match.end()), "school"))
        result.extend(self._sole_offices(context, kinds))
        return result

    def _sole_offices(
        self, context: ExtractionContext, kinds: dict[str, str]
    ) -> Iterator[tuple[str, Span, str]]:
        """`疾病控制中心某某项目`: an office of which a county has one needs no name at an item's head."""
        sole = re.compile(alternation(context.lexicon.organization_words.get("sole_words", ())))
        for _, _, item in items(context.outline):
            match = None if item.cells else sole.match(context.text, item.span.start, item.span.end)
            if match:
                kind = kinds.get(match.group(), "government")
                yield match.group(), Span(match.start(), match.end()), kind


_KIND_ONLY = ("重点", "普通", "示范", "标准化", "配套", "高中", "内", "农村", "乡镇", "中心")
#: what is named after a place and a subject
_ACADEMIC = ("大学", "学院", "职业学院", "职业技术学院")
_DIRECTIONS = ("城东", "城西", "城南", "城北")


def _cut(text: str, match: re.Match[str], floor: int, words: FirmWords) -> str:
    start = words.boundary.start(text, match.end(), floor, keep=len(match.group()))
    if text[start - 1 : start].isdigit():
        return ""
    name = text[start : match.end()]
    joint = max(name.rfind(c, 0, len(name) - len(match.group())) for c in "和与及的")
    name = name[joint + 1 :]
    cut = tags(name)
    while len(cut) > 1 and cut[0][1][0] in "vdpcru" and len(cut[0][0]) < len(name) - len(match.group()):
        if looks_proper(cut[0][0]) and not is_word(cut[0][0]):
            break
        name, cut = name[len(cut[0][0]) :], cut[1:]
    return name


def _is_name(name: str, suffix: str, kind: str, words: FirmWords, blocked: frozenset[str]) -> bool:
    """A region, a level (`县`), a coined or proper word must say which one it is."""
    if name[: -len(suffix)] in words.generic:
        return False
    if name in _NATIONAL or (kind == "school" and is_word(name) and tags(name)[0][1] == "nt"):
        return True
    body = name[: -len(suffix)]
    if not body or not re.fullmatch(r"[\u4e00-\u9fff]+", body) or len(body) > 12:
        return kind == "bank" and len(name) >= 3 and not body and name != "银行"
    if (
        body.endswith(_KIND_ONLY)
        or body.endswith(words.organizations)
        or "级" in body
        or body in words.generic
    ):
        return False
    bare = strip_prefixes(body, words.regions)
    if suffix in _ACADEMIC and _is_academic(body, bare):
        return True
    if words.has_region(body) or body in words.regions:
        return bare not in words.generic or bare in ("医疗",)
    if _LEVEL.match(body):
        return True
    several = [word for word in blocked if len(word) > 1]
    if (body in blocked and body not in _DIRECTIONS) or any(body.endswith(w) for w in several):
        return False
    if body in _DIRECTIONS:
        return kind == "school"
    rest = without_words(body, (*words.generic, *several))
    named = looks_proper(body[:2]) or looks_proper(body) or kind == "institute"
    return len(body) <= 8 and len(rest) >= 2 and named


def _is_academic(body: str, bare: str) -> bool:
    """A university is known by its place and subject, or by its subject if that is a word or two long:
    `甲州农业大学`, `热带农业大学`."""
    nouns = all(tag[0] in "nbs" for _, tag in tags(body))
    return (bare != body and len(bare) >= 2) or (nouns and len(body) >= 4)


def _outermost(found: list[tuple[str, Span, str]]) -> list[tuple[str, Span, str]]:
    """Without names that are part of a longer one at the same place."""
    kept: list[tuple[str, Span, str]] = []
    longest: list[tuple[str, Span, str]] = sorted(found, key=lambda e: (e[1].start, -e[1].end))
    reach = Span(0, 0)
    for entry in longest:
        if entry[1].end > reach.end or entry[1] == reach:
            kept.append(entry)
            reach = entry[1]
    return kept


def _abbreviations(found: dict[str, tuple[Span, str]]) -> dict[str, str]:
    """Short name → full name: the same ending of four characters or more, and every character of the
    short one in the full one in order (`山大一院某某分院`)."""
    full: dict[str, str] = {}
    alike: dict[tuple[str, str], list[str]] = defaultdict(list)
    for name in found:
        if len(name) >= 6:
            alike[(name[0], name[-4:])].append(name)
    for same in alike.values():
        for short in same:
            for long in same if len(same) <= _MOST_ALIKE else ():
                rest = iter(long)
                if len(long) > len(short) and all(c in rest for c in short) and not long.endswith(short):
                    full[short] = long
    return full
