"""A plan's text, for reading: outline, blocks, names in it, search, what the graph knows of a stretch."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kg.errors import InputError
from kg.model import Block, BlockKind, PlanDocument
from kg.queries import RELATIONS_OF_PLAN
from kg.schema import Label, RelationType
from kg.tokens import fold
from qa.browse.model import Fact, Place, Thing
from qa.browse.things import place_at, relation_place, thing_of
from qa.knowledge import Knowledge

#: headings below those that the document numbers: a level for the outline
_LEVELS = {BlockKind.RUN_IN: 8, BlockKind.BOX_HEADING: 6, BlockKind.TABLE_HEADING: 3}
_IN_OUTLINE = frozenset({BlockKind.CHAPTER, BlockKind.SECTION, BlockKind.SUBHEADING, *_LEVELS})
#: what is stated at a place of its own, rather than named in passing
_STATED = (Label.PROJECT, Label.INDICATOR, Label.TARGET)
_CONTEXT_CHARS = 30
_MAX_ROWS = 1_000_000


@dataclass(frozen=True, slots=True)
class PlanText:
    """A plan that can be read; ``length`` in characters."""

    id: str
    title: str
    length: int


@dataclass(frozen=True, slots=True)
class Heading:
    """A line of the outline; ``level`` 1 is the outermost."""

    title: str
    level: int
    kind: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class TextBlock:
    """A leaf of the document: ``plan_text[start:end] == text``. Cells of one ``row`` belong together."""

    kind: str
    level: int
    start: int
    end: int
    text: str
    locator: str
    row: int | None = None


@dataclass(frozen=True, slots=True)
class NameSpan:
    """A name in the text, and the thing that it names."""

    start: int
    end: int
    thing: Thing


@dataclass(frozen=True, slots=True)
class Hit:
    """A place where a text was found, with what stands around it."""

    place: Place
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Hits:
    """``count`` is of all, ``hits`` the first of them."""

    count: int
    hits: tuple[Hit, ...]


@dataclass(frozen=True, slots=True)
class StatedRelation:
    """A relation of the graph and where the plan states it."""

    source: Thing
    fact: Fact


@dataclass(frozen=True, slots=True)
class StretchKnowledge:
    """What the graph knows of a stretch: what is stated there, which relations, which contradictions."""

    things: tuple[Thing, ...]
    relations: tuple[StatedRelation, ...]
    conflicts: tuple[StatedRelation, ...]


def plans(knowledge: Knowledge) -> tuple[PlanText, ...]:
    """The plans that can be read."""
    return tuple(PlanText(d.id, d.title, len(d.text)) for d in knowledge.documents.values())


def document(knowledge: Knowledge, plan: str) -> PlanDocument:
    """A plan as read.

    Raises: InputError: there is no such plan.
    """
    found = knowledge.documents.get(plan)
    if found is None:
        raise InputError(f"没有编号为 {plan[:200]} 的规划。现有：{'、'.join(knowledge.documents)}。")
    return found


def outline(knowledge: Knowledge, plan: str) -> tuple[Heading, ...]:
    """Chapters, sections, sub-headings, boxes and tables in the order of the text.

    Raises: InputError: there is no such plan.
    """
    read = document(knowledge, plan)
    found: list[Heading] = []
    for block in read.blocks:
        level = block.level or _LEVELS.get(block.kind, 0)
        if block.kind in _IN_OUTLINE and level:
            title = _one_line(read.text[block.start : block.end])
            found.append(Heading(title, level, block.kind.value, block.start, block.end))
    return tuple(found)


def blocks(knowledge: Knowledge, plan: str, start: int = 0, end: int | None = None) -> tuple[TextBlock, ...]:
    """The blocks that touch ``[start, end)``, by default all.

    Raises: InputError: there is no such plan.
    """
    read = document(knowledge, plan)
    rows = knowledge.once(_rows, plan)
    last = len(read.text) if end is None else end
    return tuple(_block(read, b, rows) for b in read.blocks if b.end > start and b.start < last)


def _block(read: PlanDocument, block: Block, rows: Mapping[int, int]) -> TextBlock:
    text = read.text[block.start : block.end]
    row = rows.get(block.start)
    return TextBlock(block.kind.value, block.level, block.start, block.end, text, block.locator, row)


def _rows(knowledge: Knowledge, plan: str) -> dict[int, int]:
    """For each cell of a table, by its start: where its row starts.

    A head is one row and so is the name of a group; other cells where an indicator was read from them.
    """
    stretches: set[tuple[int, int]] = set()
    for node in knowledge.of(Label.INDICATOR):
        begin, stop = node.integer("start"), node.integer("stop")
        if node.text("plan") == plan and begin is not None and stop is not None:
            stretches.add((begin, stop))
    found: dict[int, int] = {}
    head: int | None = None
    for block in knowledge.documents[plan].blocks:
        row: int | None = None
        if block.kind is BlockKind.TABLE_HEADER:
            row = block.start if head is None else head
        elif block.kind is BlockKind.TABLE_GROUP:
            row = block.start
        elif block.kind is BlockKind.TABLE_CELL:
            row = next((begin for begin, stop in stretches if begin <= block.start < stop), None)
        head = row if block.kind is BlockKind.TABLE_HEADER else None
        if row is not None:
            found[block.start] = row
    return found


# -- names in the text


def names(knowledge: Knowledge, plan: str, start: int, end: int) -> tuple[NameSpan, ...]:
    """The names in ``[start, end)`` in the order of the text; of those that overlap, the longest.

    Raises: InputError: there is no such plan.
    """
    document(knowledge, plan)
    spans = knowledge.once(_names, plan)
    first = bisect_left(spans, start, key=lambda span: span.start)
    return tuple(span for span in spans[first:] if span.start < end and span.end <= end)


def _names(knowledge: Knowledge, plan: str) -> list[NameSpan]:
    """All names in a plan. The graph has one place a passage for each; every other there is the same name."""
    text = knowledge.documents[plan].text
    found: set[tuple[int, int, str]] = set()
    for relation in knowledge.once(_stated, plan):
        if relation.fact.type != RelationType.MENTIONS or relation.fact.place is None:
            continue
        place, passage = relation.fact.place, knowledge.passages.get(relation.source.id)
        begin, stop = (passage.start, passage.end) if passage else (place.start, place.end)
        at = text.find(place.quote, begin, stop)
        while at >= 0:
            found.add((at, at + len(place.quote), relation.fact.other.id))
            at = text.find(place.quote, at + len(place.quote), stop)
    longest_first = sorted(found, key=lambda span: (span[0] - span[1], span[0], span[2]))
    taken = bytearray(len(text))
    kept: list[NameSpan] = []
    for begin, stop, id in longest_first:
        if not any(taken[begin:stop]):
            taken[begin:stop] = b"\x01" * (stop - begin)
            kept.append(NameSpan(begin, stop, thing_of(knowledge.by_id[id])))
    return sorted(kept, key=lambda span: span.start)


# -- searching


def search(knowledge: Knowledge, plan: str, text: str, limit: int = 500) -> Hits:
    """Where a text stands, whatever its width, case and line breaks.

    Raises: InputError: there is no such plan, or nothing is searched for.
    """
    read = document(knowledge, plan)
    wanted = "".join(fold(char) for char in text if not char.isspace())
    if not wanted:
        raise InputError("请输入要在原文中查找的文字。")
    folded, offsets = knowledge.once(_searchable, plan)
    starts = list(_occurrences(folded, wanted))
    hits = []
    for at in starts[:limit]:
        place = place_at(knowledge, plan, offsets[at], offsets[at + len(wanted) - 1] + 1)
        if place is not None:
            before = _one_line(read.text[max(0, place.start - _CONTEXT_CHARS) : place.start])
            hits.append(Hit(place, before, _one_line(read.text[place.end : place.end + _CONTEXT_CHARS])))
    return Hits(len(starts), tuple(hits))


def _occurrences(text: str, wanted: str) -> Iterable[int]:
    at = text.find(wanted)
    while at >= 0:
        yield at
        at = text.find(wanted, at + len(wanted))


def _searchable(knowledge: Knowledge, plan: str) -> tuple[str, list[int]]:
    """The text folded, without white space, and which character of the plan each of its characters is."""
    folded: list[str] = []
    offsets: list[int] = []
    for at, char in enumerate(knowledge.documents[plan].text):
        if not char.isspace():
            written = fold(char)
            folded.append(written)
            offsets += [at] * len(written)
    return "".join(folded), offsets


# -- what the graph knows


def known(knowledge: Knowledge, plan: str, start: int, end: int) -> StretchKnowledge:
    """What the graph knows of ``[start, end)``.

    Raises: InputError: there is no such plan.
    """
    document(knowledge, plan)
    relations = [r for r in knowledge.once(_stated, plan) if r.fact.type != RelationType.MENTIONS]
    touching = [
        relation
        for relation in relations
        if any(_touches(place, start, end) for place in (relation.fact.place, relation.fact.other_place))
    ]
    conflicts = tuple(r for r in touching if r.fact.type == RelationType.CONFLICTS_WITH)
    stated = tuple(
        thing_of(node)
        for node in knowledge.of(*_STATED)
        if node.text("plan") == plan and start <= (node.integer("start") or -1) < end
    )
    return StretchKnowledge(stated, tuple(r for r in touching if r not in conflicts), conflicts)


def _touches(place: Place | None, start: int, end: int) -> bool:
    return place is not None and place.start < end and place.end > start


def _stated(knowledge: Knowledge, plan: str) -> tuple[StatedRelation, ...]:
    """The relations of a plan that have a quote, in the order of the text."""
    found: list[StatedRelation] = []
    for row in knowledge.store.query(RELATIONS_OF_PLAN, {"plan": plan}, max_rows=_MAX_ROWS):
        relation = row["relation"]
        place = relation_place(knowledge, relation)
        if place is None or not isinstance(relation, Mapping):
            continue
        confidence = relation.get("confidence")
        fact = Fact(
            type=str(row["type"]),
            outgoing=True,
            other=_end(knowledge, str(row["target"])),
            place=place,
            method=str(relation.get("method") or ""),
            confidence=float(confidence) if isinstance(confidence, int | float) else 1.0,
            kind=str(relation.get("kind") or ""),
            other_place=relation_place(knowledge, relation, "other_"),
        )
        found.append(StatedRelation(_end(knowledge, str(row["source"])), fact))
    return tuple(sorted(found, key=_in_the_text))


def _in_the_text(relation: StatedRelation) -> tuple[int, str, str, str]:
    """The order of the text; of those at one place, ever the same."""
    place = relation.fact.place
    return place.start if place else 0, relation.fact.type, relation.source.id, relation.fact.other.id


def _end(knowledge: Knowledge, id: str) -> Thing:
    """An end of a relation; passages are no nodes that `Knowledge.by_id` has."""
    node = knowledge.by_id.get(id)
    if node:
        return thing_of(node)
    passage = knowledge.passages.get(id)
    return Thing(id, Label.PASSAGE.value, passage.locator if passage else id)


def _one_line(text: str) -> str:
    return " ".join(text.split())
