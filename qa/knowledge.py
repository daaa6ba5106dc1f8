"""What the answering layer knows: the current build's documents, passages, nodes and indexes."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TypeVar, cast

from kg.model import Block, BlockKind, Cell, Passage, PlanDocument, Row
from kg.ports import GraphStore
from kg.queries import CONFLICTS, NODES
from kg.schema import Label
from kg.sentences import sentence_spans
from kg.state import Manifest
from kg.tokens import fold
from kg.units import sentence_units
from qa.lexicon import QuestionLexicon
from qa.patterns import PERIOD
from qa.question import Question, WeightFunction, understand
from qa.retrieve import HybridRetriever

T = TypeVar("T")
#: a word in letters, as names are written in English
_WRITTEN = re.compile(r"[A-Za-z]{4}")
HEADINGS = frozenset({BlockKind.CHAPTER, BlockKind.SECTION, BlockKind.SUBHEADING, BlockKind.RUN_IN})
#: an end of a heading that stands for it: `主要目标`, `指导思想`
HEADING_END = 4


@dataclass(frozen=True, slots=True)
class Node:
    """A node of the graph as the answering layer sees it."""

    id: str
    label: Label
    name: str
    aliases: tuple[str, ...]
    properties: Mapping[str, Cell]

    def text(self, key: str) -> str:
        """A property as text, empty if it is not there."""
        value = self.properties.get(key)
        return "" if value is None else str(value)

    def integer(self, key: str) -> int | None:
        """A property as an integer, None if it is not there."""
        value = self.properties.get(key)
        return int(value) if isinstance(value, (int, float)) else None

    def number(self, key: str) -> float | None:
        """A property as a number, None if it is not there."""
        value = self.properties.get(key)
        return float(value) if isinstance(value, (int, float)) else None

    @property
    def forms(self) -> tuple[str, ...]:
        """All names."""
        return (self.name, *self.aliases)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of the plan with what stands around it, folded for comparison.

    ``context`` is its headings; ``before`` the sentence before it in the same passage.
    """

    plan_id: str
    start: int
    end: int
    text: str
    folded: str
    context: str
    before: str
    passage: Passage


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Two statements that cannot both stand, each with its place; ``ends`` are the nodes they are of."""

    plan_id: str
    kind: str
    ends: frozenset[str]
    spans: tuple[tuple[int, int], tuple[int, int]]
    quotes: tuple[str, str]


def contradiction_of(row: Row) -> Contradiction | None:
    """The contradiction in a row of `kg.queries.CONFLICTS`; None if it lacks its places."""
    relation = row["relation"]
    ends = [node["id"] for node in (row["left"], row["right"]) if isinstance(node, Mapping)]
    if not isinstance(relation, Mapping):
        return None
    offsets = [_integer(relation, key) for key in ("start", "end", "other_start", "other_stop")]
    if any(offset is None for offset in offsets):
        return None
    start, end, other_start, other_stop = (offset or 0 for offset in offsets)
    return Contradiction(
        plan_id=str(relation.get("plan")),
        kind=str(relation.get("kind")),
        ends=frozenset(str(end) for end in ends),
        spans=((start, end), (other_start, other_stop)),
        quotes=(str(relation.get("quote")), str(relation.get("other_quote"))),
    )


def _integer(relation: Mapping[str, Cell], key: str) -> int | None:
    value = relation.get(key)
    return int(value) if isinstance(value, (int, float)) else None


def node_of(row: Row, label: Label, key: str = "node") -> Node:
    """The node of this label in a result row."""
    properties = row[key]
    assert isinstance(properties, Mapping)
    aliases = properties.get("aliases") or ()
    assert not isinstance(aliases, (str, int, float, Mapping))
    return Node(
        id=str(properties["id"]),
        label=label,
        name=str(properties["name"]),
        aliases=tuple(str(alias) for alias in aliases),
        properties=properties,
    )


class Knowledge:
    """Everything needed to answer from one build. Safe to read from many threads."""

    def __init__(
        self,
        manifest: Manifest,
        documents: dict[str, PlanDocument],
        passages: dict[str, Passage],
        store: GraphStore,
        retriever: HybridRetriever,
        lexicon: QuestionLexicon,
    ) -> None:
        """Takes what `qa.service` opened; the caches fill on use."""
        self.manifest = manifest
        self.documents = documents
        self.passages = passages
        self.store = store
        self.retriever = retriever
        self.lexicon = lexicon
        self.sentences_of = lru_cache(maxsize=20_000)(self._sentences_of)
        self._once: dict[tuple[object, str], object] = {}

    def once(self, read: Callable[[Knowledge, str], T], plan_id: str) -> T:
        """What a function reads out of a plan; it is called once for each plan of this build."""
        key = read, plan_id
        if key not in self._once:
            self._once[key] = read(self, plan_id)
        return cast(T, self._once[key])

    @cached_property
    def weight(self) -> WeightFunction:
        """Rarity of words in the passages."""
        return WeightFunction(self.retriever.lexical.frequencies, len(self.passages))

    @cached_property
    def nodes(self) -> dict[Label, tuple[Node, ...]]:
        """All nodes but passages, by label, in document order."""
        found: dict[Label, tuple[Node, ...]] = {}
        for label in Label:
            if label is not Label.PASSAGE:
                rows = self.store.query(NODES[label], max_rows=1_000_000)
                found[label] = tuple(node_of(row, label) for row in rows)
        return found

    @cached_property
    def by_id(self) -> dict[str, Node]:
        """Nodes by id."""
        return {node.id: node for nodes in self.nodes.values() for node in nodes}

    @cached_property
    def folded_text(self) -> str:
        """All plan texts, folded: what never stands here is not in any plan."""
        return fold("\n".join(document.text for document in self.documents.values()))

    @cached_property
    def periods(self) -> frozenset[str]:
        """The periods of plans that the texts speak of: `十三五`, `十四五`."""
        return frozenset(PERIOD.findall(self.folded_text))

    def understand(self, text: str, names: Collection[str] = ()) -> Question:
        """A question, understood by what is known of these plans; ``names`` in it are kept whole."""
        own = (*self.own_names, *self.own_names_in_letters) if _WRITTEN.search(text) else self.own_names
        return understand(text, self.lexicon, self.weight, own, self.periods, names)

    def never_says(self, word: str) -> bool:
        """Whether neither a folded word nor a synonym of it stands in any plan."""
        return not any(form in self.folded_text for form in (word, *self.lexicon.synonyms(word)))

    def of(self, *labels: Label) -> Iterable[Node]:
        """The nodes with one of these labels."""
        for label in labels:
            yield from self.nodes[label]

    @cached_property
    def contradictions(self) -> tuple[Contradiction, ...]:
        """What the plans state in two ways that cannot both stand."""
        found = (contradiction_of(row) for row in self.store.query(CONFLICTS))
        return tuple(item for item in found if item is not None)

    @cached_property
    def own_names(self) -> tuple[str, ...]:
        """Names of the places whose plans these are, long forms first: `交城县`, `交城`."""
        names: list[str] = []
        for name in self.manifest.jurisdictions:
            names += [name, name[:-1]] if len(name) > 2 else [name] if name else []
        return tuple(dict.fromkeys(fold(name) for name in names))

    @cached_property
    def own_names_in_letters(self) -> tuple[str, ...]:
        """The same as English texts write them: `jiaocheng county`, `jiaocheng`."""
        from pypinyin import lazy_pinyin

        names = dict.fromkeys("".join(lazy_pinyin(name)) for name in self.own_names)
        return tuple(f"{name}{kind}" for kind in (" county", " city", " district", "") for name in names)

    def nodes_in(self, rows: Iterable[Row], key: str = "node") -> list[Node]:
        """The known nodes that result rows hold under this key, in their order."""
        found: list[Node] = []
        for row in rows:
            cell = row[key]
            if isinstance(cell, Mapping) and (node := self.by_id.get(str(cell.get("id")))):
                found.append(node)
        return found

    def text(self, plan_id: str, start: int, end: int) -> str:
        """The plan's text at these offsets."""
        return self.documents[plan_id].text[start:end]

    def block(self, plan_id: str, offset: int) -> Block | None:
        """The leaf block at an offset."""
        return self.documents[plan_id].block_at(offset)

    @cached_property
    def headings_by_ending(self) -> dict[str, list[tuple[str, int, str]]]:
        """Headings as (plan, index of the block, folded title) by the last `HEADING_END` characters."""
        found: dict[str, list[tuple[str, int, str]]] = {}
        for plan_id, document in self.documents.items():
            for index, block in enumerate(document.blocks):
                if block.kind in HEADINGS:
                    title = fold(document.text[block.start : block.end]).rstrip("。：:")
                    found.setdefault(title[-HEADING_END:], []).append((plan_id, index, title))
        return found

    @cached_property
    def starts(self) -> dict[tuple[str, int], Node]:
        """Boxes and indicators by plan and offset."""
        nodes = self.of(Label.BOX, Label.INDICATOR)
        return {(n.text("plan"), start): n for n in nodes if (start := n.integer("start")) is not None}

    def sentence_at(self, plan_id: str, offset: int) -> tuple[int, int]:
        """Where the sentence around an offset starts and ends; the whole block if it has none there."""
        text = self.documents[plan_id].text
        block = self.block(plan_id, offset)
        if block is None:
            return offset, min(offset + 1, len(text))
        spans = sentence_spans(text, block.start, block.end)
        return next(((s, e) for s, e in spans if s <= offset < e), (block.start, block.end))

    def _sentences_of(self, passage_id: str) -> tuple[Sentence, ...]:
        """The sentences of a passage; a table row is one sentence; a box item is one."""
        passage = self.passages[passage_id]
        context = fold(" ".join(passage.headings))
        sentences: list[Sentence] = []
        for unit in sentence_units(passage):
            before = sentences[-1].folded if sentences else ""
            folded = fold(unit.text)
            sentences.append(
                Sentence(unit.plan_id, unit.start, unit.end, unit.text, folded, context, before, passage)
            )
        return tuple(sentences)
