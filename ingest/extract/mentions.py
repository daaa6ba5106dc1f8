"""Where the text speaks of an entity: every written form, the longest first, short names guarded."""

from __future__ import annotations

from dataclasses import dataclass

from ingest.document import Span
from ingest.extract.base import ExtractionContext, GraphBuilder
from ingest.extract.firm_words import FirmWords
from ingest.extract.matching import NameMatcher
from ingest.extract.names import dictionary_words, is_word
from kg.model import Entity
from kg.schema import Label, RelationType

#: of two entities with one written form, the label that comes first wins
NAMED_LABELS = (
    Label.ENTERPRISE,
    Label.ORGANIZATION,
    Label.TOWN,
    Label.VILLAGE,
    Label.PLACE,
    Label.INDUSTRY,
    Label.INDICATOR,
    Label.CONCEPT,
    Label.PRODUCT,
)
ACTORS_AND_PLACES = NAMED_LABELS[:5]
_FIRM_AFTER = ("、", "等", "集团", "公司", "项目", "，", "）")


@dataclass(frozen=True, slots=True)
class Mention:
    """An entity as written at a place in the text."""

    span: Span
    entity: Entity
    form: str


class MentionFinder:
    """Finds the entities of a graph in the text by name and alias."""

    def __init__(
        self, graph: GraphBuilder, words: FirmWords, labels: tuple[Label, ...] = NAMED_LABELS
    ) -> None:
        """Knows the entities that the graph holds now."""
        self._words = words
        self._forms: dict[str, Entity] = {}
        for label in labels:
            for entity in graph.entities(label):
                for form in (entity.name, *entity.aliases):
                    if len(form) >= 2:
                        self._forms.setdefault(form, entity)
        self._matcher = NameMatcher(self._forms)
        self._followers = (*words.places, *words.organizations)

    def find(self, text: str, span: Span, *labels: Label) -> list[Mention]:
        """Mentions in the span, in order; of these labels only, if any are given."""
        found: list[Mention] = []
        for start, end, form in self._matcher.find(text, span.start, span.end):
            mention = Mention(Span(start, end), self._forms[form], form)
            # right behind another name no word can lie across the edge
            free = bool(found) and found[-1].span.end == start
            if self._means_it(text, span, mention, free):
                found.append(mention)
        return [m for m in found if not labels or m.entity.label in labels]

    def _means_it(self, text: str, span: Span, mention: Mention, free: bool) -> bool:
        form, entity, start, end = mention.form, mention.entity, mention.span.start, mention.span.end
        if entity.label not in (Label.ENTERPRISE, Label.TOWN, Label.VILLAGE, Label.PLACE):
            return True
        if entity.label is not Label.ENTERPRISE and text.startswith(self._words.brands, end):
            return False
        short = form != entity.name or len(form) <= 3
        if not short or form.endswith((*self._words.legal, *self._words.weak)):
            return True
        if text.startswith(self._followers, end) and not form.endswith(self._words.places):
            return False
        if entity.label is Label.ENTERPRISE and is_word(form) and len(form) <= 3:
            return self._firm_context(text, span, start, end)
        named = form.endswith(entity.name) and form.endswith(self._words.places)
        return free or named or not self._crosses_word(text, start, end)

    def _firm_context(self, text: str, span: Span, start: int, end: int) -> bool:
        """A dictionary word is a firm only at a boundary and before what firms are followed by."""
        before = start == span.start or not "\u4e00" <= text[start - 1] <= "\u9fff"
        before = before or text[max(0, start - 2) : start].endswith(
            ("依托", "支持", "推进", "推动", "以", "由")
        )
        rest = text[end : end + 6]
        after = rest.startswith((*_FIRM_AFTER, *self._words.sectors, *self._words.production))
        industrial = self._words.industries.starts_with_word(rest)
        return before and (after or industrial or rest[:1].isdigit())

    def _crosses_word(self, text: str, start: int, end: int) -> bool:
        """Whether a dictionary word lies across an edge of the match (`高科` in `高科技`)."""
        first = max(0, start - 3)
        position = first
        for word in dictionary_words(text[first : end + 3]):
            after = position + len(word)
            if len(word) > 1 and (position < start < after or position < end < after):
                return True
            position = after
        return False


class MentionExtractor:
    """Passage -MENTIONS-> entity, once for each pair, quoting the first mention."""

    name = "mentions"

    def extract(self, context: ExtractionContext) -> None:
        """Link every passage with the entities that it names."""
        words = FirmWords(context.outline, context.lexicon)
        # projects apart: a project's name holds names of firms and places that are mentions too
        finders = (MentionFinder(context.graph, words), MentionFinder(context.graph, words, (Label.PROJECT,)))
        for passage in context.passages:
            span = Span(passage.start, passage.end)
            for mention in (mention for finder in finders for mention in finder.find(context.text, span)):
                context.graph.relate(
                    passage.id,
                    RelationType.MENTIONS,
                    mention.entity.id,
                    quote=mention.span,
                    method="name",
                    confidence=0.95 if mention.form == mention.entity.name else 0.9,
                )
