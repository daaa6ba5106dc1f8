"""Exact search in a collection that is small enough to be compared whole."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from kg.errors import StateError
from kg.model import Scored

if TYPE_CHECKING:
    from chromadb.api.models.Collection import Collection

#: up to this many vectors all are compared: 30 MB and 2 ms for 20,000 of 384 numbers. Chroma's own graph of
#: neighbours leaves out one vector in a thousand, the nearest of all included, and others in every build.
SCANNED_UP_TO = 20_000
#: read at once
_STEP = 2000


@dataclass(frozen=True, slots=True)
class Vectors:
    """A collection's vectors by their ids, in the order of the ids, so that every copy gives the same.

    ``rows``: (n, dimension), L2-normalised.
    """

    ids: tuple[str, ...]
    rows: NDArray[np.float32]

    def nearest(self, vector: NDArray[np.float32], k: int) -> list[Scored]:
        """The k nearest, best first, with their cosines; of equals the first ids.

        Raises: StateError: the vector has another dimension.
        """
        if not self.ids:
            return []
        if vector.shape[-1] != self.rows.shape[1]:
            raise StateError(OTHER_DIMENSION)
        cosines = self.rows @ _normalised(np.asarray(vector, np.float32)[None, :])[0]
        best = np.argsort(-cosines, kind="stable")[:k]
        return [Scored(self.ids[at], float(cosines[at])) for at in best]


OTHER_DIMENSION = "段落索引与当前嵌入模型的向量维度不同（可能更换过模型）。请运行 plankg build 重建。"


def read_vectors(collection: Collection) -> Vectors | None:
    """The vectors of a collection; None if they are too many to be compared whole."""
    count = collection.count()
    if count > SCANNED_UP_TO:
        return None
    found: dict[str, NDArray[np.float32]] = {}
    for offset in range(0, count, _STEP):
        part = collection.get(limit=_STEP, offset=offset, include=["embeddings"])
        found.update(zip(part["ids"], np.asarray(part["embeddings"], np.float32), strict=True))
    ids = tuple(sorted(found))
    rows = np.stack([found[id] for id in ids]) if ids else np.empty((0, 0), np.float32)
    return Vectors(ids, _normalised(rows))


def _normalised(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.where(lengths > 0, lengths, 1), np.float32)
