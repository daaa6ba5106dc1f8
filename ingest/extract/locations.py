"""Where the projects of boxes are: by their column, their own words, or the running text about them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ingest.document import BoxItem, Span
from ingest.extract.base import ExtractionContext
from ingest.extract.firm_words import FirmWords
from ingest.extract.mentions import Mention, MentionFinder
from ingest.extract.names import strip_prefixes, strip_suffixes
from ingest.extract.zones import PROSE
from kg.schema import Label, RelationType

_PLACES = (Label.TOWN, Label.VILLAGE, Label.PLACE)
_SITE_COLUMN = re.compile(r"地点|位置|选址")
_BUILT = ("电站", "处理厂", "填埋厂")
#: behind a park's name: the park is what is built
_BUILDS = re.compile(r"(?:建设|新建|扩建|一期|二期)?(?:项目|工程)|建设|[（(，,；;]|$")
_TAIL = re.compile(r"(?:建设)?(?:项目|工程)$")
_PLANNED = r"(?:规划|规划建设|建设|新建|布局|实施|推进|选址建设)"
_SHORTEST_NAME = 6


def relate_places(
    context: ExtractionContext, finder: MentionFinder, words: FirmWords, project: str, item: BoxItem
) -> None:
    """Add LOCATED_IN for an item; the running text is asked only where the item itself names no place."""
    found = list(_own_places(context, finder, words, item)) or list(
        _told_places(context, finder, words, item)
    )
    for place, quote, method, confidence in found:
        context.graph.relate(
            project, RelationType.LOCATED_IN, place, quote=quote, method=method, confidence=confidence
        )


def _own_places(
    context: ExtractionContext, finder: MentionFinder, words: FirmWords, item: BoxItem
) -> Iterator[tuple[str, Span, str, float]]:
    """(place, quote, method, confidence) by the item's column or words."""
    columns = [span for header, _, span in item.cells if _SITE_COLUMN.search(header)]
    for span in columns or [item.span]:
        for mention in finder.find(context.text, span):
            exact = mention.form == mention.entity.name
            if mention.entity.label is Label.ORGANIZATION:
                for place in _named_after(finder, mention, words):
                    yield place, item.span, "organization_name", 0.75
            elif mention.entity.label in _PLACES and (item.cells or not _is_built(context, mention, item)):
                method = "place_column" if item.cells else "item_text"
                yield mention.entity.id, item.span, method, 1.0 if item.cells else 0.9 if exact else 0.8


def _is_built(context: ExtractionContext, mention: Mention, item: BoxItem) -> bool:
    """Whether a plant or park is what the item builds, not where it builds it."""
    if mention.form.endswith(_BUILT):
        return True
    parks = tuple(
        w for w in context.lexicon.place_words.get("zone_suffixes", ()) if w.endswith(("园", "园区"))
    )
    follows = _BUILDS.match(context.text, mention.span.end, item.span.end)
    return mention.form.endswith(parks) and follows is not None


def _named_after(finder: MentionFinder, mention: Mention, words: FirmWords) -> Iterator[str]:
    """`某某路小学` stands in `某某路`: the street, town or village in a school's or hospital's name."""
    bare = strip_suffixes(mention.form, (*words.organizations, "中心"))
    for inner in finder.find(bare, Span(0, len(bare)), *_PLACES):
        if inner.form == bare:
            yield inner.entity.id


def _told_places(
    context: ExtractionContext, finder: MentionFinder, words: FirmWords, item: BoxItem
) -> Iterator[tuple[str, Span, str, float]]:
    """`在某乡某村某沟规划…工程`: the running text says where it plans just this project."""
    text = context.text
    name = _TAIL.sub("", strip_prefixes(text[item.span.start : item.span.end], words.regions))
    if item.cells or len(name) < _SHORTEST_NAME or len(set(name)) < _SHORTEST_NAME:
        return
    for match in re.finditer(re.escape(name), text):
        block = context.outline.document.block_at(match.start())
        if block is None or block.kind not in PROSE:
            continue
        start = max(block.start, match.start() - 40)
        lead = re.search(
            rf"(?:^|[，。；：]|在|于)([^，。；：、在于]{{2,24}}){_PLANNED}$", text[start : match.start()]
        )
        if lead is None:
            continue
        where = Span(start + lead.start(1), start + lead.end(1))
        run = finder.find(text, where, *_PLACES)
        if run and run[0].span.start == where.start and run[-1].span.end == where.end:
            yield run[-1].entity.id, Span(where.start, match.end()), "body_text", 0.8
            return
