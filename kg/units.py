"""Units of dense retrieval: the sentences of a passage, each under its nearest heading.

A passage's vector blurs its sentences: on our questions recall@5 is .79 by passages and .91 by their best
sentence (see docs/retrieval.md).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from kg.model import BlockKind, Passage, unit_id
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
            headings=passage.headings[-1:],
        )
        for index, (start, end) in enumerate(spans)
    ]


def all_units(passages: Iterable[Passage]) -> list[Passage]:
    """The units of all passages, in order."""
    return [unit for passage in passages for unit in sentence_units(passage)]
