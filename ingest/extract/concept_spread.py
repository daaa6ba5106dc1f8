"""Sets whose members stand apart: `四大板块：一是…；二是…`, and headings that a set's name counts."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from ingest.document import Span
from ingest.extract.concept_sets import PART, QUOTED, ConceptFinder, Found
from ingest.extract.firm_words import alternation
from kg.model import BlockKind
from kg.tokens import chinese_number

_FIRST = re.compile(r"[^。；：:，“”]{0,6}[：:]\s*一是")
_NEXT = re.compile(r"([一二三四五六七八九十])是([^，,；;。：:]{2,30})")
_DEFINED = re.compile(r"“([^“”，。；]{4,10})”，?(?:即|是指|包括)[：:]?")
_HEADINGS = (BlockKind.RUN_IN, BlockKind.SUBHEADING)
_ORDINAL = re.compile(r"^(?:[（(]?[一二三四五六七八九十0-9]+[)）]?[、.．]?)?\s*")


def find_spread(finder: ConceptFinder) -> Iterator[Found]:
    """Sets told across sentences of a paragraph, then those told by headings of a section."""
    for span in _paragraphs(finder):
        yield from _enumerated(finder, span)
        yield from _by_head_noun(finder, span)
    yield from _headed(finder)


def _paragraphs(finder: ConceptFinder) -> Iterator[Span]:
    """Paragraphs with the heading that opens them."""
    start = -1
    for block in finder.context.outline.document.blocks:
        if block.kind is BlockKind.RUN_IN:
            start = block.start
        elif block.kind is BlockKind.PARAGRAPH:
            yield Span(block.start if start < 0 else start, block.end)
            start = -1
        else:
            start = -1


def _enumerated(finder: ConceptFinder, span: Span) -> Iterator[Found]:
    """`重点发展四大板块：一是A，…；二是B，…`: as many as the name says, in order."""
    for match in finder.counted.finditer(finder.text, span.start, span.end):
        if not _FIRST.match(finder.text, match.end(), span.end):
            continue
        number = chinese_number(match.group(1)) or 0
        members: list[Span] = []
        for item in _NEXT.finditer(finder.text, match.end(), span.end):
            if chinese_number(item.group(1)) == len(members) + 1:
                members.append(Span(item.start(2), item.end(2)))
            if len(members) == number:
                break
        if len(members) == number > 1:
            where = Span(match.start(), match.end())
            quotes = tuple(Span(m.start - 2, m.end) for m in members)
            yield Found(match.group(), where, tuple(members), where, "enumerated", number, quotes=quotes)


def _by_head_noun(finder: ConceptFinder, span: Span) -> Iterator[Found]:
    """`“一档案两网络”，即…信息档案；…走访网络、…照护网络`: members end with the noun that counts them."""
    text = finder.text
    for match in _DEFINED.finditer(text, span.start, span.end):
        parts = PART.findall(match.group(1))
        if len(parts) < 2 or "".join("".join(part) for part in parts) != match.group(1):
            continue
        ends = alternation(noun for _, noun in parts)
        listed = re.compile(rf"[^。]*?(?:{ends})(?=[、；，。])")
        stop = text.find("。", match.end(), span.end) + 1 or span.end
        members = tuple(_unmarked(text, m) for m in listed.finditer(text, match.end(), stop))
        names = [text[s.start : s.end] for s in members]
        counts = [sum(name.endswith(noun) for name in names) for _, noun in parts]
        if counts == [chinese_number(count) or 0 for count, _ in parts]:
            where = Span(match.start(1), match.end(1))
            yield Found(
                match.group(1),
                where,
                members,
                Span(where.start - 1, members[-1].end),
                "head_noun",
                len(members),
            )


def _unmarked(text: str, match: re.Match[str]) -> Span:
    """A match without list marks in front."""
    return Span(match.end() - len(match.group().lstrip("、；，： ")), match.end())


def _headed(finder: ConceptFinder) -> Iterator[Found]:
    """`“两区三基地”` under whose section headings say `打造…区` twice and `打造…基地` three times."""
    terms = {m.group(1): Span(m.start(1), m.end(1)) for m in reversed(list(QUOTED.finditer(finder.text)))}
    compounds = {}
    for term, where in terms.items():
        parts = [(chinese_number(count) or 0, noun) for count, noun in PART.findall(term)]
        if len(parts) > 1 and sum(count for count, _ in parts) > 2 and finder.is_term(term):
            compounds[term] = (where, parts)
    if not compounds:
        return
    for headings in _headings(finder).values():
        names = [finder.text[s.start : s.end] for s in headings]
        for term, (where, parts) in compounds.items():
            chosen = [
                [s for s, name in zip(headings, names, strict=True) if name.endswith(noun)]
                for _, noun in parts
            ]
            if all(len(some) == count for some, (count, _) in zip(chosen, parts, strict=True)):
                members = tuple(sorted((s for some in chosen for s in some), key=lambda s: s.start))
                yield Found(term, where, members, where, "headings", len(members), quotes=members)


def _headings(finder: ConceptFinder) -> dict[str, list[Span]]:
    """Per division, what its headings name behind a verb: `打造某某基地。` → `某某基地`."""
    verbs = re.compile(rf"(?:{alternation(finder.context.lexicon.concept_words.get('list_verbs', ()))})")
    found: dict[str, list[Span]] = defaultdict(list)
    for block in finder.context.outline.document.blocks:
        if block.kind in _HEADINGS:
            text = finder.text[block.start : block.end].rstrip("。： ")
            ordinal = _ORDINAL.match(text)
            verb = verbs.match(text, ordinal.end() if ordinal else 0)
            if verb and len(text) - verb.end() >= 3:
                found[block.parent].append(Span(block.start + verb.end(), block.start + len(text)))
    return found
