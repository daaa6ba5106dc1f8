"""Hybrid retrieval: BM25 by words and by bigrams, dense vectors of sentences, fused by their scores."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum

from kg.adapters.lexical_index import LexicalIndex
from kg.model import Scored, unit_parent
from kg.ports import Embedder, VectorIndex
from kg.units import WHOLE

#: cosines of the default model lie within .80 and .95, lexical scores within 0 and 1
_DENSE_WEIGHT = 4.0
_DENSE_DEPTH = 300
_LEXICAL_DEPTH = 80


class Source(StrEnum):
    """Where passages are searched; the lexical ones are named as `kg.tokens.TOKENIZERS` names them."""

    DENSE = "dense"
    WORDS = "words"
    BIGRAMS = "bigrams"


ALL_SOURCES = frozenset(Source)


@dataclass(frozen=True, slots=True)
class Hits:
    """What a search found: passages best first, and the cosine of each of their sentences near it.

    ``passages`` scores are relative: 1 for the best. ``floor`` is the cosine of anything not found.
    """

    passages: tuple[Scored, ...]
    cosines: dict[tuple[str, int], float]
    floor: float

    def cosine(self, passage_id: str, index: int) -> float:
        """Cosine of a passage's sentence to the question."""
        return self.cosines.get((passage_id, index), self.floor)


class HybridRetriever:
    """Ranks passages for a question. Safe to use from many threads."""

    def __init__(
        self,
        lexical: LexicalIndex,
        vectors: VectorIndex,
        embedder: Embedder,
        sources: frozenset[Source] = ALL_SOURCES,
    ) -> None:
        """``sources`` are those that a search asks; nothing is loaded before the first search."""
        self.lexical = lexical
        self._vectors = vectors
        self._embedder = embedder
        self._sources = sources

    def only(self, *sources: Source) -> HybridRetriever:
        """A retriever over the same indexes that asks these sources alone."""
        return HybridRetriever(self.lexical, self._vectors, self._embedder, frozenset(sources))

    def search(self, text: str, k: int) -> Hits:
        """At most k passages, best first.

        Synonyms are not searched for: on our questions that lowered recall@5 from .90 to .88. They
        count when sentences are compared with the question (`qa.evidence`).
        """
        dense = Source.DENSE in self._sources
        # The first question loads model and indexes, a second each: side by side
        with ThreadPoolExecutor(1) as beside:
            vector = beside.submit(self._embedder.embed_query, text) if dense else None
            if vector:
                self._vectors.prepare()
            rankings = self.lexical.search(text, _LEXICAL_DEPTH)
            units = self._vectors.search(vector.result(), _DENSE_DEPTH) if vector else []
        cosines = {unit_parent(unit.passage_id): unit.score for unit in units}
        floor = min(cosines.values(), default=0.0)
        scores = self._dense_scores(cosines, floor)
        for name, ranking in rankings.items():
            for scored in ranking if name in self._sources else ():
                scores[scored.passage_id] = scores.get(scored.passage_id, 0.0) + scored.score
        ordered = sorted(scores.items(), key=lambda item: (-item[1], item[0]))[:k]
        best = ordered[0][1] if ordered and ordered[0][1] > 0 else 1.0
        return Hits(tuple(Scored(id, score / best) for id, score in ordered), cosines, floor)

    def _dense_scores(self, cosines: dict[tuple[str, int], float], floor: float) -> dict[str, float]:
        """Per passage: half its best sentence, half its sentences' mean; at the floor if not found."""
        best: dict[str, float] = {}
        mean: dict[str, float] = {}
        for (passage_id, index), cosine in cosines.items():
            if index == WHOLE:
                mean[passage_id] = cosine
            else:
                best[passage_id] = max(best.get(passage_id, floor), cosine)
        return {
            id: _DENSE_WEIGHT * ((best.get(id, floor) + mean.get(id, floor)) / 2 - floor)
            for id in (*best, *mean)
        }
