"""What firms make and belong to, and what towns develop."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ingest.document import Span
from ingest.extract.base import ExtractionContext
from ingest.extract.firm_words import FirmWords
from ingest.extract.industries import IndustryClassifier, classifier
from ingest.extract.mentions import ACTORS_AND_PLACES, Mention, MentionFinder
from ingest.extract.names import strip_prefixes
from ingest.extract.zones import sentences
from kg.model import BlockKind
from kg.schema import Label, RelationType

_ACTORS = (Label.ENTERPRISE, Label.ORGANIZATION)
_SPOTS = (Label.TOWN, Label.VILLAGE, Label.PLACE)
#: verbs before a list of what is made, grown or done
_MAKE = re.compile(
    r"(?P<manner>重点|主要|大力|优先|积极|引导|深入|继续)?"
    r"(?P<verb>生产|发展|种植|推广|开发|研发|做强做优|做大做强)"
    r"(?!区|阶段|战略|规划|机遇|格局|的|成|研发|投产|加工)"
)
_LIST_END = re.compile(r"等[^，。；、]{0,14}|产品(?!、)|[，。；：]")
_PRODUCT_STOP = re.compile(
    r"(?:研发|投产|一体化|园区|区|高点|发电|出口)$|^(?:加快|推进|提升|实施|建设|形成|打造|带动|现代|循环|优势|特色|相关|下游)$|企业|项目|经济|体系|行业|基地|能力|品牌|战略"
)
#: behind a list of firms and what each of them makes
_NAMED_TAIL = re.compile(r"等(?:新产品|产品)(?:研发|投产|开发)|等[^，。；、等]{2,8}装备")
#: what follows a firm's name in a list of works, and what is said of such works
_WORK = re.compile(r"[\u4e00-\u9fffA-Za-z0-9]{3,20}")
_DONE = re.compile(r"项目|投产|建成|完工|开工|复产|生产线")
#: what all firms of a list are
_LEADING = re.compile(r"等(?:一批)?([^，。；、]{2,10}?)(?:龙头|骨干|重点)企业")
_ITEM = re.compile(r"[^、]+")


class ActivityExtractor:
    """BELONGS_TO and PRODUCES of enterprises, DEVELOPS of towns."""

    name = "activities"

    def extract(self, context: ExtractionContext) -> None:
        """Read the sentences that name a firm or a town; then industries from a firm's projects."""
        words = FirmWords(context.outline, context.lexicon)
        finder = MentionFinder(context.graph, words, ACTORS_AND_PLACES)
        taxonomy = classifier(context.lexicon.industries)
        title: tuple[Span, list[Mention]] | None = None
        for zone in sentences(context.outline):
            mentions = finder.find(context.text, zone.span)
            if zone.block.kind is BlockKind.RUN_IN:
                title = (zone.span, [m for m in mentions if m.entity.label in _SPOTS])
                continue
            firms = [m for m in mentions if m.entity.label is Label.ENTERPRISE]
            if firms:
                _belongs(context, zone.span, firms, taxonomy)
                _works(context, zone.span, firms, taxonomy)
                _produces(context, zone.span, firms, taxonomy)
                _named_products(context, zone.span, firms, taxonomy)
                _chains(context, zone.span, firms, taxonomy)
            _develops(context, zone.span, mentions, title, taxonomy)
            title = None
        _by_projects(context, taxonomy)


# -- industries of firms


def _belongs(
    context: ExtractionContext, span: Span, firms: Sequence[Mention], taxonomy: IndustryClassifier
) -> None:
    """`某产业以甲、乙等为骨干企业`, `依托甲、乙等龙头企业碳基新材料`."""
    text = context.text
    for clause in _clauses(text, span):
        inside = [m for m in firms if clause.start <= m.span.start and m.span.end <= clause.end]
        if not inside:
            continue
        before = text[clause.start : inside[0].span.start]
        after = text[inside[-1].span.end : clause.end]
        lead = re.match(r"(.{2,14}?)(?:产业|业)?(?:要)?以$", before)
        backed = re.match(r"(?:等)?(?:龙头企业|公司|集团)?(?![和、及])([\u4e00-\u9fff]{2,12})$", after)
        topic = ""
        if lead and re.match(r".{0,24}为(?:骨干|龙头|主体|链主)", after):
            topic = lead.group(1)
        elif before.endswith("依托") and backed:
            topic = backed.group(1)
        hit = taxonomy.best(topic) if topic else None
        if hit:
            target = context.graph.add(Label.INDUSTRY, hit.entry.name)
            for mention in inside:
                context.graph.relate(
                    mention.entity.id,
                    RelationType.BELONGS_TO,
                    target,
                    quote=clause,
                    method="industry_clause",
                    confidence=0.85,
                )


def _works(
    context: ExtractionContext, span: Span, firms: Sequence[Mention], taxonomy: IndustryClassifier
) -> None:
    """`甲复合壁纸、乙酚醛树脂等项目投产`: what follows a firm's name in a list of works says its trade;
    so does what all of a list are: `甲、乙等一批农业龙头企业`."""
    text = context.text
    for clause in _clauses(text, span):
        said = text[clause.start : clause.end]
        inside = [m for m in firms if clause.start <= m.span.start and m.span.end <= clause.end]
        kind = _LEADING.search(said)
        for mention in inside:
            rest = _WORK.match(text, mention.span.end, clause.end) if _DONE.search(said) else None
            topic = rest.group() if rest else ""
            if kind and mention.span.end <= clause.start + kind.start():
                topic = kind.group(1)
            hit = taxonomy.best(topic) if topic else None
            if hit:
                target = context.graph.add(Label.INDUSTRY, hit.entry.name)
                context.graph.relate(
                    mention.entity.id,
                    RelationType.BELONGS_TO,
                    target,
                    quote=clause,
                    method="named_work",
                    confidence=0.7,
                )


def _by_projects(context: ExtractionContext, taxonomy: IndustryClassifier) -> None:
    """A firm belongs to the industries of its projects, and to the trade in its name."""
    graph = context.graph
    industry = {r.source: r for r in graph.relations(RelationType.BELONGS_TO)}
    for owned in graph.relations(RelationType.IMPLEMENTED_BY):
        firm = graph.entity(owned.target)
        found = industry.get(owned.source)
        if firm and firm.label is Label.ENTERPRISE and found and owned.evidence:
            quote = Span(owned.evidence.start, owned.evidence.end)
            graph.relate(
                firm.id,
                RelationType.BELONGS_TO,
                found.target,
                quote=quote,
                method="own_project",
                confidence=round(0.9 * found.confidence, 2),
            )
    for firm in graph.entities(Label.ENTERPRISE):
        start, stop = firm.properties.get("start"), firm.properties.get("stop")
        hit = next(iter(taxonomy.hits(firm.name)), None)
        if hit and isinstance(start, int) and isinstance(stop, int):
            target = graph.add(Label.INDUSTRY, hit.entry.name)
            graph.relate(
                firm.id,
                RelationType.BELONGS_TO,
                target,
                quote=Span(start, stop),
                method="own_name",
                confidence=0.8,
            )


# -- products


def _produces(
    context: ExtractionContext, span: Span, firms: Sequence[Mention], taxonomy: IndustryClassifier
) -> None:
    """`依托甲、乙等企业…，重点生产A、B等产品`: the firms of the stretch before the next semicolon."""
    text = context.text
    for verb in _MAKE.finditer(text, span.start, span.end):
        head = text.rfind("；", span.start, verb.start()) + 1 or span.start
        if not _is_verb(text, verb, [m.span.end for m in firms]):
            continue
        makers = _first_run(text, [m for m in firms if head <= m.span.start and m.span.end <= verb.start()])
        lead = text[max(head, (makers[0].span.start if makers else head) - 6) : verb.start()]
        if not makers or not re.search(r"依托|以[^，]{2,20}为|支持|推动|集团|公司", lead):
            continue
        for item in _listed(text, verb.end(), span.end):
            _make(context, makers, item, Span(makers[0].span.start, item.end), taxonomy, "make_list")


def _is_verb(text: str, verb: re.Match[str], ends: Sequence[int]) -> bool:
    """`产业发展`, `种植加工` are nouns; a verb has an adverb, or opens its clause or follows its subject."""
    before = text[max(0, verb.start() - 2) : verb.start()]
    return (
        bool(verb["manner"])
        or before[-1:] in "，；。："
        or verb.start() in ends
        or before.endswith(("项目", "转向"))
    )


def _first_run(text: str, firms: Sequence[Mention]) -> list[Mention]:
    """The first firm and those listed with it; a short name in brackets may stand between."""
    run = list(firms[:1])
    for firm in firms[1:]:
        if not re.fullmatch(
            r"[（(]?[^，。；]{0,6}[”）)]*|[、和及]", text[run[-1].span.end : firm.span.start]
        ):
            break
        run.append(firm)
    return run


def _named_products(
    context: ExtractionContext, span: Span, firms: Sequence[Mention], taxonomy: IndustryClassifier
) -> None:
    """`推动甲某产品、乙某产品等新产品研发投产`, `甲某产品等大型装备`: what follows a firm's name."""
    text = context.text
    tails = list(_NAMED_TAIL.finditer(text, span.start, span.end))
    if not tails:
        return
    for mention in firms:
        rest = re.match(r"[\u4e00-\u9fffA-Za-z]{2,16}?(?=[、，；]|等)", text[mention.span.end : span.end])
        if rest and mention.span.end < tails[-1].start():
            item = Span(mention.span.end, mention.span.end + rest.end())
            _make(context, [mention], item, Span(mention.span.start, item.end), taxonomy, "named_product")


def _chains(
    context: ExtractionContext, span: Span, firms: Sequence[Mention], taxonomy: IndustryClassifier
) -> None:
    """`甲公司的A—B—C产业链`: each link is made by the firm."""
    chain = re.compile(r"的((?:[^，。；—\-]{1,12}[—\-]+)+[^，。；—\-]{1,12}?)产业链")
    for mention in firms:
        match = chain.match(context.text, mention.span.end, span.end)
        for link in re.finditer(r"[^—\-]+", match.group(1)) if match else ():
            start = match.start(1) + link.start() if match else 0
            item = Span(start, start + len(link.group()))
            quote = Span(mention.span.start, match.end() if match else item.end)
            _make(context, [mention], item, quote, taxonomy, "chain")


def _make(
    context: ExtractionContext,
    makers: Sequence[Mention],
    item: Span,
    quote: Span,
    taxonomy: IndustryClassifier,
    method: str,
) -> None:
    name = context.text[item.start : item.end]
    if not _is_product(name) or taxonomy.exact(name):
        return
    target = context.graph.add(Label.PRODUCT, name, properties={"start": item.start, "stop": item.end})
    for mention in makers:
        context.graph.relate(
            mention.entity.id, RelationType.PRODUCES, target, quote=quote, method=method, confidence=0.8
        )


def _is_product(name: str) -> bool:
    return (
        2 <= len(name) <= 16
        and not _PRODUCT_STOP.search(name)
        and bool(re.fullmatch(r"[\u4e00-\u9fffA-Za-z0-9（）()·\-]+", name))
    )


def _listed(text: str, start: int, end: int) -> Iterator[Span]:
    """The items of the list that starts here, up to `等…` or the end of the clause."""
    stop = _LIST_END.search(text, start, end)
    last = stop.start() if stop else end
    for match in _ITEM.finditer(text[start:last]):
        first, final = start + match.start(), start + match.end()
        joint = re.search(r"[和及]", text[first:final])
        if joint and final - first > 4:
            middle = first + joint.start()
            if middle - first >= 2 and final - middle > 2:
                yield Span(first, middle)
                first = middle + 1
        lead = len(text[first:final]) - len(
            strip_prefixes(text[first:final], ("新型", "优先发展", "重点发展"))
        )
        yield Span(first + lead, final)


# -- towns


def _develops(
    context: ExtractionContext,
    span: Span,
    mentions: Sequence[Mention],
    title: tuple[Span, list[Mention]] | None,
    taxonomy: IndustryClassifier,
) -> None:
    """`某镇…，大力发展A、B等`, and a paragraph under the town's name as run-in heading."""
    text = context.text
    for spot in mentions:
        focus = re.search(r"([\u4e00-\u9fff]{2,8}?)(?:产业)?以$", text[span.start : spot.span.start])
        if focus and spot.entity.label in _SPOTS and re.match(r"为(?:重点|核心)", text[spot.span.end :][:3]):
            item = Span(span.start + focus.start(1), span.start + focus.end(1))
            _grow(context, [spot], item, Span(item.start, spot.span.end + 3), taxonomy)
    for verb in _MAKE.finditer(text, span.start, span.end):
        if not _is_verb(text, verb, [m.span.end for m in mentions]):
            continue
        head = max(text.rfind("；", span.start, verb.start()) + 1, span.start)
        spots = [m for m in mentions if m.entity.label in _SPOTS and head <= m.span.start < verb.start()]
        spots = [m for m in spots if m.entity.label is not Label.PLACE or text[m.span.end] in "，重发以"]
        firms = [m for m in mentions if m.entity.label in _ACTORS and head <= m.span.start < verb.start()]
        subject = _subject(text, head, verb.start(), spots)
        quote_from = subject[0].span.start if subject else span.start
        if not subject and title and title[1]:
            subject, quote_from = title[1][:1], span.start
        if not subject or firms:
            continue
        for item in _listed(text, verb.end(), span.end):
            _grow(context, subject, item, Span(quote_from, item.end), taxonomy)


def _subject(text: str, head: int, verb: int, spots: Sequence[Mention]) -> list[Mention]:
    """The places that the verb speaks of: the sentence's subject, or `在甲、乙发展`, `以甲为核心`."""
    if not spots:
        return []
    first = spots[0]
    before = text[head : first.span.start]
    if before.endswith(("在", "以")) or not before.strip("　 “") or before.endswith(("，", "。", "）")):
        run = [first]
        for spot in spots[1:]:
            if run[-1].span.end == spot.span.start:
                run[-1] = spot  # `某镇某村`: the village is meant
                continue
            if text[run[-1].span.end : spot.span.start] not in ("、", "和", "及"):
                break
            run.append(spot)
        return run
    last = spots[-1]
    return [last] if re.fullmatch(r"[^，。；]{0,6}", text[last.span.end : verb]) else []


def _grow(
    context: ExtractionContext,
    subject: Sequence[Mention],
    item: Span,
    quote: Span,
    taxonomy: IndustryClassifier,
) -> None:
    name = context.text[item.start : item.end]
    entry = taxonomy.exact(name)
    if entry is not None:
        target = context.graph.add(Label.INDUSTRY, entry.name)
    elif _is_product(name):
        target = context.graph.add(Label.PRODUCT, name, properties={"start": item.start, "stop": item.end})
    else:
        return
    for mention in subject:
        context.graph.relate(
            mention.entity.id,
            RelationType.DEVELOPS,
            target,
            quote=quote,
            method="develop_list",
            confidence=0.8,
        )


def _clauses(text: str, span: Span) -> Iterator[Span]:
    for match in re.finditer(r"[^，；。]+", text[span.start : span.end]):
        yield Span(span.start + match.start(), span.start + match.end())
