"""A conversation as the page keeps it: plain values, one per browser session."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from qa.model import Answer, History

#: how many earlier turns a question may refer to
HISTORY_TURNS = 6


class TurnState(StrEnum):
    """How far a turn has come."""

    PENDING = "pending"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Turn:
    """A question and what came of it. ``text`` is what has been streamed until now."""

    question: str
    state: TurnState = TurnState.PENDING
    text: str = ""
    answer: Answer | None = None
    error: str = ""


@dataclass(frozen=True, slots=True)
class Conversation:
    """Turns, oldest first; only the last one may be pending."""

    turns: tuple[Turn, ...] = ()

    @property
    def pending(self) -> bool:
        """Whether an answer is being written."""
        return bool(self.turns) and self.turns[-1].state is TurnState.PENDING

    def asked(self, question: str) -> Conversation:
        """With a new pending turn; one that was left pending counts as stopped."""
        return Conversation((*self.stopped().turns, Turn(question)))

    def streamed(self, text: str) -> Conversation:
        """With all of the last turn's text that has come until now."""
        return self._last(replace(self.turns[-1], text=text))

    def answered(self, answer: Answer) -> Conversation:
        """With the last turn's complete answer."""
        done = replace(self.turns[-1], state=TurnState.DONE, text=answer.answer, answer=answer)
        return self._last(done)

    def failed(self, error: str) -> Conversation:
        """With the last turn ended by an error."""
        return self._last(replace(self.turns[-1], state=TurnState.FAILED, error=error))

    def stopped(self) -> Conversation:
        """With no turn pending."""
        if not self.pending:
            return self
        return self._last(replace(self.turns[-1], state=TurnState.STOPPED))

    def history(self) -> History:
        """The last answered turns, for the answering layer."""
        answered = [(turn.question, turn.answer.answer) for turn in self.turns if turn.answer is not None]
        return tuple(answered[-HISTORY_TURNS:])

    def _last(self, turn: Turn) -> Conversation:
        return Conversation((*self.turns[:-1], turn))
