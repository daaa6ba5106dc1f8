"""Hybrid retrieval: BM25 by words and by bigrams, dense vectors, fused by reciprocal ranks."""

from __future__ import annotations

from collections.abc import Sequence

from kg.adapters.lexical_index import LexicalIndex
from kg.model import Scored
from kg.ports import Embedder, VectorIndex

#: the constant of reciprocal rank fusion (Cormack, Clarke, Büttcher 2009)
_RRF_K = 60
_DEPTH = 60


class HybridRetriever:
    """Ranks passages for a question. Safe to use from many threads."""

    def __init__(self, lexical: LexicalIndex, vectors: VectorIndex, embedder: Embedder) -> None:
        """The three sources; nothing is loaded before the first search."""
        self.lexical = lexical
        self._vectors = vectors
        self._embedder = embedder

    def search(self, text: str, k: int, *, expanded: str = "") -> list[Scored]:
        """At most k passages, best first; the score is the fused one, at most 1.

        ``expanded`` is what the lexical side searches for, if not the text itself.
        """
        rankings = self.rankings(text, expanded)
        return fuse(list(rankings.values()))[:k]

    def rankings(self, text: str, expanded: str = "") -> dict[str, list[Scored]]:
        """The ranking of each source by its name: ``dense``, ``words``, ``bigrams``."""
        rankings = self.lexical.search(expanded or text, _DEPTH)
        rankings["dense"] = self._vectors.search(self._embedder.embed_query(text), _DEPTH)
        return rankings


def fuse(rankings: Sequence[Sequence[Scored]]) -> list[Scored]:
    """Reciprocal rank fusion; 1.0 is first place in every ranking."""
    scores: dict[str, float] = {}
    for ranking in rankings:
        for rank, scored in enumerate(ranking):
            scores[scored.passage_id] = scores.get(scored.passage_id, 0.0) + 1 / (_RRF_K + rank)
    best = len(rankings) / _RRF_K if rankings else 1.0
    ordered = sorted(scores.items(), key=lambda item: (-item[1], item[0]))
    return [Scored(id, score / best) for id, score in ordered]
