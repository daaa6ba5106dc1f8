"""Written forms of enterprises: where the text writes a name that must be a firm's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ingest.document import BoxItem, Outline, Span
from ingest.extract.firm_words import GRAMMAR, PLACE_ENDINGS, FirmWords, alternation
from ingest.extract.names import (
    dictionary_words,
    is_name_word,
    looks_proper,
    strip_prefixes,
    tags,
    without_words,
)
from ingest.extract.zones import NAMED, items, parts, sentences

_ALIAS = re.compile(r"[（(](?:以下)?(?:简称|称)(?:为)?[：:]?[“\"]?([^”\"（()）]{2,12})[”\"]?[)）]")


@dataclass(frozen=True, slots=True)
class FirmForm:
    """A written form of a firm: where it stands, which rule found it, what it abbreviates if told."""

    text: str
    span: Span
    rule: str
    full: str = ""


def find_forms(outline: Outline, words: FirmWords) -> list[FirmForm]:
    """All written forms that stand where only a firm can stand, in document order per rule."""
    text = outline.document.text
    spans = [zone.span for zone in sentences(outline, NAMED)]
    forms: list[FirmForm] = []
    for span in spans:
        forms.extend(_by_suffix(text, span, words))
        forms.extend(_by_coordination(text, span, words))
        forms.extend(_by_trigger(text, span, words))
        forms.extend(_by_sector(text, span, words))
        forms.extend(_by_project(text, span, words))
    forms.extend(_from_items(outline, words))
    return forms


def _by_suffix(text: str, span: Span, words: FirmWords) -> Iterator[FirmForm]:
    """`…有限公司`, `…集团`, `…合作社`, `…食品厂`; with the short name that the text defines for it."""
    pattern = re.compile(
        rf"({alternation(words.legal)})|({alternation(words.factory)})|({alternation(words.weak)})(?![化制性]|企业集团)"
    )
    position = floor = span.start
    while match := pattern.search(text, position, span.end):
        position = match.end()
        # a company may have a branch, but no factory's name begins with a company's
        first = floor if match.group(2) else span.start
        start = words.boundary.start(text, match.end(), first, keep=len(match.group()) + 1)
        floor = match.end() if match.group(1) else floor
        name = text[start : match.end()]
        if start > 0 and text[start - 1].isdigit():
            continue
        alias = _ALIAS.match(text, match.end())
        if not alias and not _is_firm_name(name, match, words):
            continue
        short = ""
        if alias:
            short = alias.group(1)
            yield FirmForm(short, Span(alias.start(1), alias.end(1)), "alias", full=name)
        yield FirmForm(name, Span(start, match.end()), "suffix")
        yield from _shared_suffix(text, start, name, words)


def _is_firm_name(name: str, match: re.Match[str], words: FirmWords) -> bool:
    if words.ends_like_organization.search(name) or name.endswith(("医疗集团",)):
        return False
    rest = without_words(words.core(name), (*words.generic, *words.sectors))
    if match.group(1):
        return len(rest) >= 2 or words.has_region(name)
    if match.group(2):
        rest = without_words(name[: -len(match.group(2))], words.generic)
        return len(rest) >= 2 and "化" not in rest
    bare = words.core(name)
    if words.has_region(name) and len(bare) >= 2 and (bare in words.sectors or bare not in words.generic):
        return True
    if len(rest) < 2 or (len(rest) > 6 and not looks_proper(words.stem(name))):
        return False
    stem = words.stem(name)
    named_trade = bare.endswith(words.sectors) and bare not in words.sectors
    return looks_proper(stem) or looks_proper(rest) or _noun_like(stem) or named_trade


def _noun_like(stem: str) -> bool:
    """One short noun may name a cooperative or farm (`云雾`); verbs and longer phrases may not."""
    cut = tags(stem)
    return len(stem) <= 3 and len(cut) == 1 and cut[0][1] in ("n", "nz", "z", "i", "l")


def _shared_suffix(text: str, start: int, name: str, words: FirmWords) -> Iterator[FirmForm]:
    """`锐甲、锐乙耐火材料有限公司`: the first of two names shares the second's suffix."""
    if start < 2 or text[start - 1] != "、":
        return
    first = words.boundary.start(text, start - 1, max(0, start - 14), keep=2)
    other = text[first : start - 1]
    if 2 <= len(other) <= 4 and looks_proper(other) and len(other) == len(words.stem(name)):
        yield FirmForm(other, Span(first, start - 1), "shared_suffix")


def _by_coordination(text: str, span: Span, words: FirmWords) -> Iterator[FirmForm]:
    """`A、B、C等龙头企业`, `A、B等一批…企业`: each of the list is a firm."""
    pattern = re.compile(rf"等(?:一批)?[^，；。、]{{0,8}}?(?:{alternation(words.leads)})|等一批")
    for match in pattern.finditer(text, span.start, span.end):
        first = match.start()
        while first > span.start and text[first - 1] not in "，；。：“”（）()":
            first -= 1
        listed = list(_list_items(text, first, match.start(), words))
        if not listed or not any(_names_firm(text[s.start : s.end], words) for s in listed):
            continue
        for item in listed:
            if _may_name_firm(text[item.start : item.end], words):
                yield FirmForm(text[item.start : item.end], item, "coordination")


def _list_items(text: str, start: int, end: int, words: FirmWords) -> Iterator[Span]:
    position = start
    for match in re.finditer(r"[^、]+", text[start:end]):
        item_start, item_end = start + match.start(), start + match.end()
        for joint in re.finditer(r"[和及与]", text[item_start:item_end]):
            middle = item_start + joint.start()
            if looks_proper(text[item_start:middle]) or text[item_start:middle].endswith(words.sectors):
                yield Span(item_start, middle)
                item_start = middle + 1
        position = words.boundary.start(text, item_end, item_start)
        if item_end - position >= 2:
            yield Span(position, item_end)


def _names_firm(name: str, words: FirmWords) -> bool:
    """Coined, or a name with a firm's sector behind it."""
    stem = words.stem(name)
    if name.endswith(words.places) or name.endswith(words.organizations):
        return False
    return 2 <= len(stem) <= 6 and looks_proper(stem) and stem not in words.generic


def _may_name_firm(name: str, words: FirmWords) -> bool:
    """In a list that holds a firm, every word that is not just a kind of trade is one."""
    if name.endswith(("等", "业")) and not name.endswith(words.sectors):
        return False
    if words.ends_like_organization.search(name):
        return False
    rest = without_words(name, (*words.generic, *words.sectors, *words.regions))
    return bool(rest) and 2 <= len(name) <= 14


def _by_trigger(text: str, span: Span, words: FirmWords) -> Iterator[FirmForm]:
    """`以X为龙头/主体/链主`, `X集团投资…`, `由X投资建设/承建`, `依托X，`."""
    lead = re.compile(r"以([\u4e00-\u9fffA-Za-z]{2,14}?)为(?:龙头|主体|链主|骨干|引领)")
    owner = re.compile(
        r"由([\u4e00-\u9fffA-Za-z、]{2,30}?)(?:投资建设|投资兴建|承建|承担|牵头|负责建设|组织实施|负责运营|运营"
        r"|建设(?!有限|集团|公司|控股|投资|发展))"
    )
    for pattern, rule in ((lead, "lead"), (owner, "owner_phrase")):
        for match in pattern.finditer(text, span.start, span.end):
            for item in parts(text, Span(match.start(1), match.end(1))):
                if _names_firm(text[item.start : item.end], words):
                    yield FirmForm(text[item.start : item.end], item, rule)


def _by_sector(text: str, span: Span, words: FirmWords) -> Iterator[FirmForm]:
    """A coined word and a sector word at the head of a clause or list item: `某某肥业绿色新材料`.

    Weak by itself: `by_evidence` keeps it where the clause speaks of a project, or where another
    rule knows the word.
    """
    pattern = re.compile(rf"([\u4e00-\u9fff]{{2,4}}?)({alternation(words.sectors)})")
    for part in parts(text, span):
        start = part.start
        while start < part.end and text[start] in " 　\t“":
            start += 1
        cut = strip_prefixes(text[start : part.end], _LEADING)
        start = part.end - len(cut)
        match = pattern.match(text, start, part.end)
        if not match or not looks_proper(match.group(1)) or match.group(1) in words.generic:
            continue
        end = match.end()
        while longer := next((w for w in words.sectors if text.startswith(w, end)), ""):
            end += len(longer)
        if not text.startswith(("产业", "行业", "工业", "技术", "产品", "方面"), match.end()):
            projects = re.search(r"项目|生产线|投产|建成|企业|公司", text[match.end() : span.end])
            rule = "sector_project" if projects and _is_coined(match.group(1)) else "sector"
            yield FirmForm(text[start : match.end()], Span(start, match.end()), rule)


def _by_project(text: str, span: Span, words: FirmWords) -> Iterator[FirmForm]:
    """A coined word that opens a project in a list of projects: `某某酚醛树脂项目、…`."""
    for part in parts(text, span):
        content = text[part.start : part.end].lstrip(" 　\t“")
        start = part.end - len(content)
        content = strip_prefixes(content, _LEADING)
        start = part.end - len(content)
        if words.regions and content.startswith(words.regions):
            continue
        head = proper_head(content, words)
        clause = re.match(r"[^，；。]*", text[start : span.end])
        said = clause.group() if clause else ""
        if not _PROJECT.search(said) or not words.industries.is_productive(said):
            continue
        if words.opens_place(head):
            continue  # a place (`某门大街`) whose waterworks are a project
        if head and _is_coined(words.stem(head)) and not words.industries.starts_with_word(content):
            yield FirmForm(head, Span(start, start + len(head)), "project_head")


_PROJECT = re.compile(r"项目|生产线|投产|建成|完工|研发|复产")


def _is_coined(word: str) -> bool:
    """No dictionary word in it, and no word of grammar."""
    return all(len(w) == 1 or is_name_word(w) for w in dictionary_words(word)) and not set(word) & GRAMMAR


_LEADING = (
    "推动",
    "支持",
    "依托",
    "推进",
    "鼓励",
    "重点依托",
    "由",
    "同时契合",
    "契合",
    "结合",
    "引进",
    "以",
)


def _from_items(outline: Outline, words: FirmWords) -> Iterator[FirmForm]:
    for _, _, item in items(outline):
        if item.cells:
            yield from _owner_cells(item, words)
        else:
            yield from _item_head(outline, item, words)


def _owner_cells(item: BoxItem, words: FirmWords) -> Iterator[FirmForm]:
    """The owner column of a box that is a table."""
    for header, value, span in item.cells:
        if any(word in header for word in words.owner_headers) and len(value) >= 3:
            if not words.ends_like_organization.search(value) and value.endswith(
                (*words.legal, *words.weak, *words.factory)
            ):
                yield FirmForm(value, span, "owner_cell")


def _item_head(outline: Outline, item: BoxItem, words: FirmWords) -> Iterator[FirmForm]:
    """The proper word that opens a production project: `某某年产…`, `某某装配式…`."""
    text = outline.document.text
    bare = strip_prefixes(item.text, words.regions)
    skip = len(item.text) - len(bare)
    made = any(word in bare for word in words.production) or words.industries.is_productive(bare)
    head = proper_head(bare, words) if made and not words.industries.starts_with_word(bare) else ""
    start = item.span.start + skip
    if any(head + suffix in text for suffix in ("镇", "乡", "村", "街道")):
        return  # a town's bare name (`某坪抽水蓄能电站`)
    own = (outline.jurisdiction, outline.jurisdiction[:-1])
    region = next((r for r in words.regions if text.endswith(r, item.span.start, start) and r not in own), "")
    if head and text[start : start + len(head)] == head:
        if region:
            yield FirmForm(region + head, Span(start - len(region), start + len(head)), "item_head")
        yield FirmForm(head, Span(start, start + len(head)), "item_head")


def proper_head(content: str, words: FirmWords) -> str:
    """The proper word at the head of an item, with the sector word that follows it; or nothing."""
    head = max(_tagged_head(content, words), _coined_head(content, words), key=len)
    inner = (i for i in range(2, len(head)) if words.industries.starts_with_word(content[i:]))
    head = head[: next(inner, len(head))]
    rest = content[len(head) :]
    if len(head) < 2 or rest.startswith(words.places) or words.ends_like_organization.search(head):
        return ""
    if rest.startswith(words.organizations) or head.endswith(PLACE_ENDINGS) or head in words.generic:
        return ""
    sector = next((w for w in sorted(words.sectors, key=len, reverse=True) if rest.startswith(w)), "")
    # a word that is also an industry (`焦化`) may as well open the project's description
    return head if words.industries.starts_with_word(sector) else head + sector


def _tagged_head(content: str, words: FirmWords) -> str:
    """Words that the tagger takes for names, up to six characters."""
    head = ""
    for word, tag in tags(content):
        if len(head) + len(word) > 6 or not all("\u4e00" <= c <= "\u9fff" for c in word):
            break
        if word in words.generic or word in words.sectors or word in words.regions:
            break
        if head and (tag == "ns" or words.industries.starts_with_word(content[len(head) :])):
            break
        if not looks_proper(head + word) or (len(word) > 1 and not looks_proper(word)):
            if not (len(word) == 1 and not head) and not (head and len(word) == 1 and tag in "pcd"):
                break
        head += word
    return head


def _coined_head(content: str, words: FirmWords) -> str:
    """Single characters that form no dictionary word, up to four, before a word that is one."""
    head = ""
    for word in dictionary_words(content[:12]):
        if len(word) > 1 or not "\u4e00" <= word <= "\u9fff" or word in GRAMMAR:
            break
        if words.industries.starts_with_word(content[len(head) :]):
            break
        head += word
    return head if 2 <= len(head) <= 4 and len(head) < len(content) else ""
