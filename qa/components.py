"""Which parts answering is wired of: all by default; `benchmarks.ablation` leaves out one at a time."""

from __future__ import annotations

from dataclasses import dataclass

from qa.answerers.base import Answerer
from qa.answerers.registry import ANSWERERS
from qa.retrieve import ALL_SOURCES, Source


@dataclass(frozen=True, slots=True)
class Components:
    """The parts of `qa.service.QuestionService`.

    ``entities``: names in questions are linked to the graph; ``typos``, ``follow_ups``, ``contradictions``:
    names are corrected, earlier turns are used, contradictions are told.
    """

    answerers: tuple[Answerer, ...] = ANSWERERS
    sources: frozenset[Source] = ALL_SOURCES
    entities: bool = True
    typos: bool = True
    follow_ups: bool = True
    contradictions: bool = True
