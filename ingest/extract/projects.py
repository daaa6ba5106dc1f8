"""Attributes of projects: owner, place, industry, products, capacity, investment."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ingest.document import BoxItem, Span
from ingest.extract.base import ExtractionContext
from ingest.extract.firm_words import FirmWords
from ingest.extract.industries import classifier
from ingest.extract.locations import relate_places
from ingest.extract.mentions import ACTORS_AND_PLACES, MentionFinder
from ingest.extract.owners import relate_owners
from ingest.extract.zones import items, sentences
from ingest.lexicon import IndustryEntry
from kg.model import PropertyValue
from kg.quantities import UNIT, half_width
from kg.schema import Label, RelationType

_NUMBER = r"[0-9０-９]+(?:[.．][0-9０-９]+)?"
_CAPACITY = re.compile(
    rf"(?:年产|日产|年加工|年处理|年出栏|年屠宰|日处理)\s*{_NUMBER}\s*[万亿千百]?(?:{UNIT})?"
    rf"|[0-9]+\s*[×xX]\s*[0-9]+\s*M[WV]|{_NUMBER}\s*万?千瓦|{_NUMBER}\s*MW|{_NUMBER}\s*k[VW]|{_NUMBER}千伏"
    rf"|(?<!占地)(?<!面积)(?<![0-9.]){_NUMBER}\s*万?(?:吨|套|台|米|亩|平方米|立方米|㎡|张)(?:/年|/d|/日)?|{_NUMBER}(?:Nm³|m³)(?:/d|/h)?"
)
_INVESTMENT = re.compile(rf"(?:总投资|投资)(?:额)?(?:达|约|为|了)?\s*({_NUMBER})\s*(亿|万)元")
_PRODUCT = re.compile(
    rf"(?:年产|日产)?\s*{_NUMBER}\s*[万亿千百]?(?:吨|套|台|米|立方米|㎡|平方米)(?:/年)?"
    r"([\u4e00-\u9fffA-Za-z]{2,14}?)(?=生产线|项目|扩建|技改|改扩建|升级|建设|及|和|、|，|；|。|[0-9]|$)"
)
_TOTAL = re.compile(r"(?:合|总|小)\s*计.{0,4}")
_TAIL = re.compile(r"(?:清洁生产|新型.*|节能.*|深加工|系列产品|智能化.*|绿色化.*)$")
_CHANGE = re.compile(r"替代|协同处置|退城入园|智能化改造|绿色化改造")
_NO_PRODUCT = re.compile(r"技术|综合|改造|利用|新建|生产能力|标准|规模|配套|绿色化|智能化|处理|治理")


class ProjectAttributeExtractor:
    """IMPLEMENTED_BY, LOCATED_IN, BELONGS_TO, PRODUCES and the printed figures of every box item."""

    name = "projects"

    def extract(self, context: ExtractionContext) -> None:
        """Read every box item; then join what the running text says of a firm's project."""
        words = FirmWords(context.outline, context.lexicon)
        finder = MentionFinder(context.graph, words, ACTORS_AND_PLACES)
        owners: dict[str, list[str]] = {}
        for project, box, item in items(context.outline):
            if _TOTAL.fullmatch(item.text.strip() if not item.cells else item.cells[0][1].strip()):
                continue
            owner = relate_owners(context, finder, words, project, item)
            for entity in owner:
                owners.setdefault(entity, []).append(project)
            relate_places(context, finder, words, project, item)
            _industry(context, project, box, item, owner)
            _figures(context, project, item)
            _products(context, project, item)
        _join_body(context, finder, owners)


# -- industry


def _industry(
    context: ExtractionContext, project: str, box_id: str, item: BoxItem, owners: Sequence[str]
) -> None:
    """By the item's own words, weighed up by the box's topic and the owner's name; else by topic or
    section title alone."""
    taxonomy = classifier(context.lexicon.industries)
    box = context.graph.entity(box_id)
    topic = str(box.properties.get("topic", "")) if box else ""
    about = [hit.entry for hit in taxonomy.hits(topic)]
    firms = [entity.name for id in owners if (entity := context.graph.entity(id))]
    trades = [hit.entry for name in firms for hit in taxonomy.hits(name)]
    name = item.cells[0][1] if item.cells else item.text
    # a change to a works belongs to the trade of the works, whatever the change is about
    trade_boost = 4.0 if _CHANGE.search(name) else 1.5
    hits = [*((hit.weight, hit.entry) for hit in taxonomy.hits(name)), *((2.0, e) for e in trades)]
    hits = [(weight, entry) for weight, entry in hits if not entry.auxiliary] or hits
    scored = [(w + _boost(e, about) + (trade_boost if e in trades and e.parent else 0.0), e) for w, e in hits]
    entry = max(scored, key=lambda pair: pair[0])[1] if scored else None
    method, confidence = "own_words", 0.9
    if entry is None:
        entry, method, confidence = next(iter((*trades, *about)), None), "box_topic", 0.7
    if entry is None:
        outer = next((b for b in context.outline.boxes if b.id == box_id), None)
        division = context.outline.division(outer.parent) if outer else None
        hit = taxonomy.best(division.title) if division else None
        entry, method, confidence = hit.entry if hit else None, "section_title", 0.5
    if entry is None:
        return
    target = context.graph.add(Label.INDUSTRY, entry.name)
    context.graph.relate(
        project, RelationType.BELONGS_TO, target, quote=item.span, method=method, confidence=confidence
    )


def _boost(entry: IndustryEntry, about: Sequence[IndustryEntry]) -> float:
    parents = {e.name for e in about}
    topic = 2.0 if entry in about else 1.0 if entry.parent in parents else 0.0
    return topic - (0.0 if entry.parent else 1.0)


# -- figures


def _figures(context: ExtractionContext, project: str, item: BoxItem) -> None:
    properties: dict[str, PropertyValue] = {}
    text = item.text if not item.cells else " ".join(value for _, value, _ in item.cells)
    if capacity := _CAPACITY.search(text):
        properties["capacity"] = capacity.group().strip()
    if invested := _INVESTMENT.search(text):
        properties |= _investment(invested)
    for header, value, _ in item.cells:
        unit = re.search(r"投资.*?[（(]?(亿|万)元", header)
        number = re.fullmatch(rf"\s*({_NUMBER})\s*", value)
        if unit and number:
            amount = float(half_width(number.group(1)))
            properties["investment_yi_yuan"] = amount if unit.group(1) == "亿" else round(amount / 10_000, 6)
            properties["investment"] = f"{value.strip()}{unit.group(1)}元"
        if re.search(r"年限|起止|工期", header) and value:
            properties["period"] = value
    if properties:
        _set(context, project, properties)


def _investment(match: re.Match[str]) -> dict[str, PropertyValue]:
    amount = float(half_width(match.group(1)))
    return {
        "investment_yi_yuan": amount if match.group(2) == "亿" else round(amount / 10_000, 6),
        "investment": match.group(),
    }


def _set(context: ExtractionContext, project: str, properties: dict[str, PropertyValue]) -> None:
    entity = context.graph.entity(project)
    if entity is not None:
        context.graph.add(Label.PROJECT, entity.name, id=project, properties=properties)


# -- products


def _products(context: ExtractionContext, project: str, item: BoxItem) -> None:
    industries = {n for e in context.lexicon.industries for n in (e.name, *e.synonyms)}
    for match in _PRODUCT.finditer(context.text, item.span.start, item.span.end):
        name = _TAIL.sub("", match.group(1))
        before = context.text[match.start() - 3 : match.start()] + match.group()
        if re.search(r"年(?:加工|处理|屠宰|出栏)", before):
            continue  # what is worked on, not what is made
        if name in industries or _NO_PRODUCT.search(name) or len(name) < 2:
            continue
        product = context.graph.add(
            Label.PRODUCT, name, properties={"start": match.start(1), "stop": match.start(1) + len(name)}
        )
        context.graph.relate(
            project, RelationType.PRODUCES, product, quote=item.span, method="capacity", confidence=0.85
        )


# -- running text


def _join_body(context: ExtractionContext, finder: MentionFinder, owners: dict[str, list[str]]) -> None:
    """`某集团投资22亿元年产180万吨焦化…项目` in the text tells the investment of the box item that
    has the same owner and the same capacity."""
    for zone in sentences(context.outline):
        for invested in _INVESTMENT.finditer(context.text, zone.span.start, zone.span.end):
            firms = [
                m
                for m in finder.find(context.text, Span(zone.span.start, invested.start()), Label.ENTERPRISE)
            ]
            if not firms or re.search(r"[；。、]", context.text[firms[-1].span.end : invested.start()]):
                continue
            follow = context.text[invested.end() : invested.end() + 60]
            capacity = _CAPACITY.search(re.split(r"[；。]", follow)[0])
            for project in owners.get(firms[-1].entity.id, ()):
                entity = context.graph.entity(project)
                if entity and capacity and entity.properties.get("capacity") == capacity.group().strip():
                    start = firms[-1].span.start
                    _set(
                        context,
                        project,
                        {
                            **_investment(invested),
                            "investment_quote": context.text[start : invested.end()],
                            "investment_start": start,
                            "investment_stop": invested.end(),
                        },
                    )
