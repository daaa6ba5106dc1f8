"""Industries: the taxonomy as nodes, and which industry a text speaks of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from ingest.extract.base import ExtractionContext
from ingest.extract.matching import NameMatcher
from ingest.lexicon import IndustryEntry
from kg.schema import Label, RelationType


@dataclass(frozen=True, slots=True)
class IndustryHit:
    """An industry that a text points to: the word, where it stands in the text, and its weight."""

    entry: IndustryEntry
    word: str
    position: int
    weight: float


class IndustryClassifier:
    """Points from words to industries of the taxonomy."""

    def __init__(self, entries: Sequence[IndustryEntry]) -> None:
        """A word may name or hint at several industries; all of them are hits."""
        self._words: dict[str, list[IndustryEntry]] = {}
        for entry in entries:
            for word in (entry.name, *entry.synonyms, *entry.keywords):
                if entry not in self._words.setdefault(word, []):
                    self._words[word].append(entry)
        self._matcher = NameMatcher(self._words)
        named = ((word, entry) for entry in entries for word in (entry.name, *entry.synonyms))
        self._named = {word: entry for word, entry in reversed(list(named))}

    def hits(self, text: str) -> list[IndustryHit]:
        """Hits, best first. Later words weigh more, since Chinese puts the head noun last; a
        sub-industry beats its parent."""
        found: dict[str, IndustryHit] = {}
        for start, end, word in self._matcher.find(text):
            for entry in self._words[word]:
                weight = (end - start) + 1.5 * end / max(1, len(text)) + (1.0 if entry.parent else 0.0)
                old = found.get(entry.name)
                if old is None or old.weight < weight:
                    found[entry.name] = IndustryHit(entry, word, start, weight)
        return sorted(found.values(), key=lambda hit: -hit.weight)

    def best(self, text: str) -> IndustryHit | None:
        """The best hit, or None."""
        return next(iter(self.hits(text)), None)

    def exact(self, name: str) -> IndustryEntry | None:
        """The industry that this is a name or synonym of, or None."""
        return self._named.get(name) or self._named.get(name.removesuffix("产业"))

    def is_productive(self, text: str) -> bool:
        """Whether any hit is an industry that makes goods."""
        return any(hit.entry.productive for hit in self.hits(text))

    def starts_with_word(self, text: str) -> bool:
        """Whether the text opens with a word of the taxonomy."""
        return bool(self._matcher.at(text, 0))


@lru_cache(maxsize=4)
def classifier(entries: tuple[IndustryEntry, ...]) -> IndustryClassifier:
    """The classifier of a taxonomy; built once."""
    return IndustryClassifier(entries)


class IndustryExtractor:
    """Industry nodes of the taxonomy that the plan speaks of, `PART_OF` their parent."""

    name = "industries"

    def extract(self, context: ExtractionContext) -> None:
        """Add an industry whose name, synonym or keyword occurs, and the parents of those."""
        entries = {entry.name: entry for entry in context.lexicon.industries}
        wanted: dict[str, None] = {}
        for name, entry in entries.items():
            if any(word in context.text for word in (name, *entry.synonyms, *entry.keywords)):
                wanted[name] = None
                if entry.parent:
                    wanted[entry.parent] = None
        for name in wanted:
            entry = entries[name]
            said = [word for word in entry.synonyms if word in context.text]
            context.graph.add(Label.INDUSTRY, name, aliases=said)
        for name in wanted:
            parent = entries[name].parent
            if parent:
                context.graph.relate(
                    context.graph.entity_id(Label.INDUSTRY, name),
                    RelationType.PART_OF,
                    context.graph.entity_id(Label.INDUSTRY, parent),
                    method="taxonomy",
                )
