"""Relations that a chat model finds where the rules find none. Off unless it is asked for.

What it says counts for as much as the plan's words carry: a quote that stands in the passage, with both
names in it. It adds to what the rules found and changes nothing of it.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from ingest.document import Span
from ingest.extract.base import ChatSession, ExtractionContext
from ingest.extract.firm_words import FirmWords
from ingest.extract.mentions import Mention, MentionFinder
from ingest.extract.model_triples import NEW, Triple, located, request, triples
from ingest.extract.names import is_word
from kg.errors import ChatModelError, ChatModelUnavailableError
from kg.model import BlockKind, Entity, Passage, PropertyValue
from kg.schema import ENDPOINTS, Label, RelationType

_log = logging.getLogger(__name__)
_KINDS = frozenset({BlockKind.PARAGRAPH, BlockKind.RUN_IN, BlockKind.BOX_ITEM})
#: below that of any rule: of two findings the rule's stays
CONFIDENCE = 0.4
#: after so many passages in a row without a reply, or without a usable one, the model is given up
_MAX_FAILED, _MAX_UNUSABLE = 3, 10
_NAME = re.compile(r"(?=.*[\u4e00-\u9fffA-Za-z])[\u4e00-\u9fffA-Za-z0-9·（）()]{2,30}")
_LABEL = "对话模型抽取"


class ModelRelationExtractor:
    """Asks the chat model about each passage, if there is one; all of a plan's findings or none."""

    name = "model_relations"

    def extract(self, context: ExtractionContext) -> None:
        """Ask, check, and only then add."""
        session = context.chat
        if session is None or session.failure:
            return
        found: list[tuple[Passage, Triple]] = []
        for passage, triple in _Asking(context, session).replies():
            found.append((passage, triple))
        if session.failure:
            _log.info("%s", session.failure)
            return
        added = _Adding(context, f"llm:{session.model.name}")
        for passage, triple in found:
            added.add(passage, triple)
        _log.info("chat model: %d relations of %d stated", added.count, len(found))


@dataclass
class _Asking:
    """One request a passage, until too many in a row fail."""

    context: ExtractionContext
    session: ChatSession
    failed: int = 0
    unusable: int = 0

    def replies(self) -> Iterator[tuple[Passage, Triple]]:
        """What the model states, by passage."""
        passages = [passage for passage in self.context.passages if passage.kind in _KINDS]
        for done, passage in enumerate(passages):
            self.context.on_progress(done, len(passages), _LABEL)
            try:
                for triple in triples(self._reply(passage)):
                    yield passage, triple
                self.failed = self.unusable = 0
            except ChatModelError as exc:
                _log.info("%s: %s", passage.id, exc)
                if self._give_up(exc):
                    return
        self.context.on_progress(len(passages), len(passages), _LABEL)

    def _reply(self, passage: Passage) -> str:
        asked = request(passage)
        return "".join(self.session.model.stream(asked.instructions, asked.text, schema=asked.schema))

    def _give_up(self, exc: ChatModelError) -> bool:
        if isinstance(exc, ChatModelUnavailableError):
            self.failed += 1
        else:
            self.unusable += 1
        if self.failed >= _MAX_FAILED or self.unusable >= _MAX_UNUSABLE:
            self.session.failure = f"没有用对话模型抽取关系，只用了规则：{exc}之后可再次运行 plankg build。"
        return bool(self.session.failure)


@dataclass
class _Adding:
    """Puts into the graph what the plan's words carry."""

    context: ExtractionContext
    method: str
    count: int = 0
    new: dict[tuple[Label, str], str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        graph = self.context.graph
        words = FirmWords(self.context.outline, self.context.lexicon)
        self.finders = (MentionFinder(graph, words), MentionFinder(graph, words, (Label.PROJECT,)))
        self.known = {form for entity in graph.entities() for form in (entity.name, *entity.aliases)}

    def add(self, passage: Passage, triple: Triple) -> None:
        """Add a relation, with the things that are new in it; nothing if a part of it does not hold."""
        place = located(triple.quote, passage)
        if place is None:
            return
        quote = Span(*place)
        sources, targets = ENDPOINTS[triple.relation]
        mentions = [m for f in self.finders for m in f.find(self.context.text, quote)]
        source = self._end(triple.source, triple.source_label, sources, mentions, quote)
        target = self._end(triple.target, triple.target_label, targets, mentions, quote)
        if source is None or target is None or source == target or triple.source == triple.target:
            return
        ids = [self._id(end, quote, passage) for end in (source, target)]
        self.context.graph.relate(
            ids[0], triple.relation, ids[1], quote=quote, method=self.method, confidence=CONFIDENCE
        )
        self.count += 1

    def _end(
        self, name: str, label: Label, allowed: frozenset[Label], mentions: list[Mention], quote: Span
    ) -> Entity | tuple[Label, str] | None:
        """The known thing of this name that the quote speaks of, or a new one; None if neither may be.

        A name that the graph knows, but that does not mean the known thing here, means nothing.
        """
        named = [m.entity for m in mentions if m.form == name and m.entity.label in allowed]
        if named:
            return next((entity for entity in named if entity.label is label), named[0])
        if name in self.known or name not in self.context.text[quote.start : quote.end]:
            return None
        at = self.context.text.index(name, quote.start)
        if any(m.span.start <= at and at + len(name) <= m.span.end for m in mentions):
            return None  # a piece of a known name
        if label not in NEW or label not in allowed or not _NAME.fullmatch(name) or is_word(name):
            return None
        taken = self.context.graph.entity(self.context.graph.entity_id(label, name))
        return None if taken and (label, name) not in self.new else (label, name)

    def _id(self, end: Entity | tuple[Label, str], quote: Span, passage: Passage) -> str:
        """The id of a thing; a new one is added, and mentioned by its passage."""
        if isinstance(end, Entity):
            return end.id
        graph, (label, name) = self.context.graph, end
        at = self.context.text.index(name, quote.start, quote.end)
        place = Span(at, at + len(name))
        if end not in self.new:
            self.new[end] = graph.add(label, name, properties=self._origin(place))
        graph.relate(
            passage.id, RelationType.MENTIONS, self.new[end], quote=place,
            method=self.method, confidence=CONFIDENCE,
        )  # fmt: skip
        return self.new[end]

    def _origin(self, place: Span) -> dict[str, PropertyValue]:
        return {"method": self.method, "start": place.start, "stop": place.end}
