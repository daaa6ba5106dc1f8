"""Units of dense retrieval: the sentences of a passage, and the passage as the mean of its sentences.

A passage embedded whole blurs its sentences: on our questions recall@5 is .79 by passages and .91 by their
best sentence. The mean costs nothing and finds what is spread over several sentences (docs/retrieval.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from kg.model import BlockKind, Passage, unit_id, unit_parent
from kg.sentences import sentence_spans

_WHOLE = frozenset({BlockKind.TABLE_CELL, BlockKind.TABLE_GROUP})


def sentence_units(passage: Passage) -> list[Passage]:
    """The sentences of a passage as passages of their own; a table row stays whole."""
    if passage.kind in _WHOLE:
        spans = [(0, len(passage.text))]
    else:
        spans = sentence_spans(passage.text, 0, len(passage.text))
    return [
        replace(
            passage,
            id=unit_id(passage.id, index),
            start=passage.start + start,
            end=passage.start + end,
            text=passage.text[start:end],
            headings=(),
        )
        for index, (start, end) in enumerate(spans)
    ]


def all_units(passages: Iterable[Passage]) -> list[Passage]:
    """The units of all passages, in order."""
    return [unit for passage in passages for unit in sentence_units(passage)]


#: in place of a sentence's index, for the passage itself
WHOLE = -1


def with_passage_means(
    units: Sequence[Passage], vectors: NDArray[np.float32]
) -> tuple[list[Passage], NDArray[np.float32]]:
    """Add, per passage, the mean of its sentences' vectors under index `WHOLE`.

    Longer sentences count more, by the root of their length. Returns: the units and the passages; their
    vectors, rows L2-normalised.
    """
    members: dict[str, list[int]] = {}
    for row, unit in enumerate(units):
        members.setdefault(unit_parent(unit.id)[0], []).append(row)
    wholes = [replace(units[rows[0]], id=unit_id(passage_id, WHOLE)) for passage_id, rows in members.items()]
    means = np.zeros((len(members), vectors.shape[1]), np.float32)
    for i, rows in enumerate(members.values()):
        means[i] = np.sqrt([len(units[row].text) for row in rows]) @ vectors[rows]
        means[i] /= np.linalg.norm(means[i])
    return [*units, *wholes], np.vstack([vectors, means])
