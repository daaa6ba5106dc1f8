"""What the page asks of the answering layer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from qa.model import Answer, History, SourceExcerpt, Status


class AnsweringService(Protocol):
    """Questions to answers. Called from many threads at once.

    Raises (from every method): PlankgError: its message is one line for the user.
    """

    def ask(self, question: str, history: History = ()) -> Answer:
        """Answer a question that continues a conversation."""
        ...

    def stream(self, question: str, history: History = ()) -> Iterator[str | Answer]:
        """Yield pieces of the text as they come, then the complete answer, last."""
        ...

    def source(self, plan_id: str, start: int, end: int, *, context_chars: int = 400) -> SourceExcerpt:
        """The plan's text around ``[start:end)``, with about ``context_chars`` on either side."""
        ...

    def status(self) -> Status:
        """What is loaded."""
        ...
