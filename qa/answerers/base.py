"""What an answerer is, and what it gets."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from qa.compose import Draft
from qa.evidence import Match, find
from qa.knowledge import Knowledge, Node
from qa.linking import EntityLinker
from qa.question import Question


@dataclass
class Inquiry:
    """A question on its way through the answerers: what is known, and the evidence found once."""

    question: Question
    knowledge: Knowledge
    entities: tuple[Node, ...]
    linker: EntityLinker

    @cached_property
    def matches(self) -> list[Match]:
        """Sentences that may answer, best first; retrieval runs once per question."""
        return find(self.question, self.knowledge)

    def draft(self, kind: str) -> Draft:
        """A new answer of this kind."""
        draft = Draft(self.knowledge, kind)
        draft.mention(self.entities)
        return draft


class Answerer(Protocol):
    """Answers one kind of question, or returns None when the question is not of its kind."""

    kind: str

    def answer(self, inquiry: Inquiry) -> Draft | None:
        """The answer with its evidence, or None."""
        ...
