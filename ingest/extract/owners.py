"""Who carries an item of a box out: by its column, its own words, or the running text about it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ingest.document import BoxItem, Span
from ingest.extract.base import ExtractionContext
from ingest.extract.firm_words import FirmWords
from ingest.extract.mentions import Mention, MentionFinder
from ingest.extract.names import longest_first, strip_prefixes
from ingest.extract.zones import PROSE
from kg.schema import Label, RelationType

_ACTORS = (Label.ENTERPRISE, Label.ORGANIZATION)
_OWNER_PHRASE = re.compile(
    r"由([^，。；]{2,40}?)(?:控股)?(?:投资建设|投资兴建|承建|承担建设|负责建设|组织实施|负责实施|实施|负责运营|牵头|运营"
    r"|(?:投资|建设)(?!有限|集团|公司|控股|投资|发展))"
)
#: behind a school's or hospital's name: it is built itself, or a wing of it
_BUILT = re.compile(
    r"^(?:[\u4e00-\u9fff]{0,4}[病院校园]区)?(?:整体)?"
    r"(?:建设|新建|迁建|改建|扩建|改扩建|改造|提升|升级|标准化|一期|二期|三期|项目|工程|[（(，,；;]|$)"
)
#: a trade that opens an item as the subject of what it does
_DOES = re.compile(r"^(?:利用|采用|建设|新建|投资|年产|改造|实施|开发)")
_SHORTEST_TAIL = 4


def relate_owners(
    context: ExtractionContext, finder: MentionFinder, words: FirmWords, project: str, item: BoxItem
) -> list[str]:
    """Add IMPLEMENTED_BY for an item; returns the ids of its owners."""
    found: list[str] = []
    for mention, span, method, confidence in _owner_mentions(context, finder, words, item):
        if mention.entity.id not in found:
            found.append(mention.entity.id)
            context.graph.relate(
                project,
                RelationType.IMPLEMENTED_BY,
                mention.entity.id,
                quote=span,
                method=method,
                confidence=confidence,
            )
    return found


def _owner_mentions(
    context: ExtractionContext, finder: MentionFinder, words: FirmWords, item: BoxItem
) -> Iterator[tuple[Mention, Span, str, float]]:
    """(owner, quote, method, confidence): the column says it, else a phrase, else the item's head."""
    if item.cells:
        for header, _, span in item.cells:
            if any(word in header for word in words.owner_headers):
                for mention in finder.find(context.text, span, *_ACTORS):
                    yield mention, item.span, "owner_column", 1.0
        return
    for rule in (_told_owners, _head_owners, _trade_owners):
        found = list(rule(context, finder, words, item))
        yield from found
        if found:
            return


def _told_owners(
    context: ExtractionContext, finder: MentionFinder, words: FirmWords, item: BoxItem
) -> Iterator[tuple[Mention, Span, str, float]]:
    """`…，由甲承建`, `由甲牵头、乙共建`."""
    body = context.text[item.span.start : item.span.end]
    for phrase in _OWNER_PHRASE.finditer(body):
        start = item.span.start + phrase.start()
        inner = Span(item.span.start + phrase.start(1), item.span.start + phrase.end())
        joint = re.match(r"[、，]([^、，。；]{2,20})共建", body[phrase.end() :])
        if joint:
            inner = Span(inner.start, inner.end + joint.end())
        for mention in finder.find(context.text, inner, *_ACTORS):
            yield mention, Span(start, inner.end), "owner_phrase", 0.95


def _head_owners(
    context: ExtractionContext, finder: MentionFinder, words: FirmWords, item: BoxItem
) -> Iterator[tuple[Mention, Span, str, float]]:
    """The firm or office that opens the item, after its region if there is one, and those listed with it."""
    head = next(iter(finder.find(context.text, item.span, *_ACTORS)), None)
    if head is None:
        return
    before = context.text[item.span.start : head.span.start]
    if strip_prefixes(before + "项目", words.regions) != "项目":
        return
    run = [head]
    for mention in finder.find(context.text, Span(head.span.end, item.span.end), *_ACTORS):
        if context.text[run[-1].span.end : mention.span.start] != "、":
            break
        run.append(mention)
    after = context.text[run[-1].span.end : item.span.end]
    if head.entity.label is Label.ORGANIZATION and not head.form.endswith("集团"):
        if _BUILT.match(after) or head.form.endswith("馆"):
            return  # the school, hospital or museum is what is built
    for mention in run:
        yield mention, item.span, "item_head", 0.9 if mention is head else 0.85


def _trade_owners(
    context: ExtractionContext, finder: MentionFinder, words: FirmWords, item: BoxItem
) -> Iterator[tuple[Mention, Span, str, float]]:
    """`铁合金利用…制取某某石材项目`: the trade stands for the one firm of it to which the running text
    gives the project (`某某铁合金某某石材项目`)."""
    text, span = context.text, item.span
    trade = next((w for w in longest_first(words.sectors) if text.startswith(w, span.start, span.end)), "")
    name = text[span.start : span.end]
    if not trade or not _DOES.match(name[len(trade) :]):
        return
    firms = [
        firm
        for firm in context.graph.entities(Label.ENTERPRISE)
        if any(words.core(form).endswith(trade) for form in (firm.name, *firm.aliases))
    ]
    tails = (name[at:] for at in range(len(trade) + 1, len(name.removesuffix("项目")) - _SHORTEST_TAIL + 1))
    elsewhere = text.replace(name, "")
    tail = next((tail for tail in tails if tail in elsewhere), "")
    for at in (m.start() for m in re.finditer(re.escape(tail), text)) if tail and len(firms) == 1 else ():
        block = context.outline.document.block_at(at)
        before = Span(max(0, at - 20), at)
        said = finder.find(text, before, Label.ENTERPRISE) if block and block.kind in PROSE else []
        if said and said[-1].span.end == at and said[-1].entity.id == firms[0].id:
            yield said[-1], Span(said[-1].span.start, at + len(tail)), "trade_in_text", 0.75
            return
