"""Things of the graph: found by their names as they are typed, and everything about one."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from kg.errors import InputError
from kg.model import Cell
from kg.queries import FACTS_OF, MENTIONS_OF
from kg.schema import Label
from kg.tokens import fold
from qa.browse.model import Attribute, Card, Fact, Place, Thing, whole
from qa.knowledge import Knowledge, Node

#: properties that are no statement about the thing: its names and places, and how it was found
_NOT_SHOWN = frozenset(
    {"id", "name", "aliases", "plan", "start", "stop", "locator", "rule", "box",
     "header_start", "header_stop", "investment_quote", "investment_start", "investment_stop"}
)  # fmt: skip
#: properties that stand at a place of their own
_OWN_PLACE = {"investment": "investment", "investment_yi_yuan": "investment"}
_MAX_ROWS = 100_000


def thing_of(node: Node) -> Thing:
    """A node by its names."""
    return Thing(node.id, node.label.value, node.name)


def place_at(knowledge: Knowledge, plan: str, start: int | None, end: int | None) -> Place | None:
    """The place of a plan between two offsets; None if there is no such."""
    document = knowledge.documents.get(plan)
    if document is None or start is None or end is None or not 0 <= start < end <= len(document.text):
        return None
    block = document.block_at(start)
    return Place(plan, start, end, document.text[start:end], block.locator if block else "")


def place_of(knowledge: Knowledge, node: Node) -> Place | None:
    """Where a node first stands."""
    return place_at(knowledge, node.text("plan"), node.integer("start"), node.integer("stop"))


def relation_place(knowledge: Knowledge, relation: Cell, prefix: str = "") -> Place | None:
    """The quote of a relation as the stores return it; ``other_`` is a contradiction's second."""
    if not isinstance(relation, Mapping):
        return None
    last = "other_stop" if prefix else "end"
    start, end = whole(relation.get(f"{prefix}start")), whole(relation.get(last))
    return place_at(knowledge, str(relation.get("plan")), start, end)


def node(knowledge: Knowledge, id: str) -> Node:
    """The node with an id.

    Raises: InputError: there is none.
    """
    found = knowledge.by_id.get(id)
    if found is None:
        raise InputError(f"图谱里没有编号为 {id[:200]} 的事物。请从搜索结果中选择。")
    return found


def card(knowledge: Knowledge, id: str) -> Card:
    """Everything that the graph has about a thing.

    Raises: InputError: there is no such thing.
    """
    found = node(knowledge, id)
    return Card(
        thing=thing_of(found),
        plan=found.text("plan"),
        aliases=found.aliases,
        place=place_of(knowledge, found),
        attributes=tuple(_attributes(knowledge, found)),
        facts=facts(knowledge, id),
        mentions=mentions(knowledge, id),
    )


def facts(knowledge: Knowledge, id: str) -> tuple[Fact, ...]:
    """What ties a thing to others, by type, those that lead away from it first."""
    found: list[Fact] = []
    for row in knowledge.store.query(FACTS_OF, {"id": id}, max_rows=_MAX_ROWS):
        other, relation = knowledge.by_id.get(str(row["other"])), row["relation"]
        if other is None or not isinstance(relation, Mapping):
            continue
        confidence = relation.get("confidence")
        found.append(
            Fact(
                type=str(row["type"]),
                outgoing=bool(row["outgoing"]),
                other=thing_of(other),
                place=relation_place(knowledge, relation),
                method=str(relation.get("method") or ""),
                confidence=float(confidence) if isinstance(confidence, int | float) else 1.0,
                kind=str(relation.get("kind") or ""),
                other_place=relation_place(knowledge, relation, "other_"),
            )
        )
    return tuple(found)


def mentions(knowledge: Knowledge, id: str) -> tuple[Place, ...]:
    """The sentences that name a thing, each once, in the order of the text."""
    found: dict[tuple[str, int], Place] = {}
    for row in knowledge.store.query(MENTIONS_OF, {"id": id}, max_rows=_MAX_ROWS):
        named = relation_place(knowledge, row["relation"])
        if named is None:
            continue
        start, end = knowledge.sentence_at(named.plan, named.start)
        sentence = place_at(knowledge, named.plan, start, end)
        if sentence is not None:
            found.setdefault((named.plan, start), sentence)
    return tuple(sorted(found.values(), key=lambda place: (place.plan, place.start)))


def _attributes(knowledge: Knowledge, found: Node) -> Iterable[Attribute]:
    own = place_of(knowledge, found)
    for key, value in found.properties.items():
        if key in _NOT_SHOWN or not isinstance(value, str | int | float) or value == "":
            continue
        place = own
        if stem := _OWN_PLACE.get(key):
            start, stop = found.integer(f"{stem}_start"), found.integer(f"{stem}_stop")
            place = place_at(knowledge, found.text("plan"), start, stop) or own
        yield Attribute(key, value, place)


# -- finding by name


@dataclass(frozen=True, slots=True)
class _Name:
    """A form of a thing's name, as it may be typed: folded, in pinyin, and by the initials of it."""

    folded: str
    pinyin: str
    initials: str
    node: Node

    def rank(self, typed: str) -> int | None:
        """How well what was typed fits, 0 is best; None if it does not."""
        if self.folded == typed:
            return 0
        if self.folded.startswith(typed):
            return 1
        if typed in self.folded:
            return 2
        if self.pinyin.startswith(typed) or self.initials.startswith(typed):
            return 3
        return None


def search(
    knowledge: Knowledge, typed: str, labels: Collection[Label] = (), limit: int = 20
) -> tuple[Thing, ...]:
    """Things whose name, or its pinyin, begins with or holds what was typed; the best and shortest first."""
    folded = fold(typed).strip()
    if not folded:
        return ()
    ranked: dict[str, tuple[int, int, str, Node]] = {}
    for plan in knowledge.documents:
        for name in knowledge.once(_names, plan):
            if labels and name.node.label not in labels:
                continue
            rank = name.rank(folded)
            if rank is not None:
                key = (rank, len(name.folded), name.node.id, name.node)
                known = ranked.get(name.node.id)
                ranked[name.node.id] = key if known is None else min(key, known, key=lambda item: item[:3])
    best = sorted(ranked.values(), key=lambda item: item[:3])
    return tuple(thing_of(item[3]) for item in best[:limit])


def _names(knowledge: Knowledge, plan: str) -> tuple[_Name, ...]:
    from pypinyin import Style, lazy_pinyin

    found: list[_Name] = []
    for node in knowledge.of(*(label for label in Label if label is not Label.PASSAGE)):
        if node.text("plan") != plan and node.id != plan:
            continue
        for form in node.forms:
            folded = fold(form)
            # of a long name nobody types more; initials of a goal's sentence would only be noise
            sounds = lazy_pinyin(form[:12]) if node.label is not Label.TARGET else []
            initials = lazy_pinyin(form[:12], style=Style.FIRST_LETTER) if sounds else []
            found.append(_Name(folded, "".join(sounds), "".join(initials), node))
    return tuple(found)
