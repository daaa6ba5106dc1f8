"""What a worder is, and which answers are worth wording."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from qa.model import Answer
from qa.wording.completeness import items
from qa.wording.pairing import Linker

#: an answer with as many items would have to be copied, not worded; so would one of this length
_LIST_ITEMS = 3
_LONG_CHARS = 1200


class Worder(Protocol):
    """Words plain answers better, or leaves them as they are. Never raises, never adds a statement."""

    def prepare(self) -> None:
        """Load what the first wording would load."""
        ...

    def stream(self, plain: Answer, link: Linker) -> Iterator[str | Answer]:
        """Pieces of the text to show until the answer is there, then the answer.

        Pieces are checked before they are given; the answer may still be another text, which then
        replaces them. It has the citations, computed numbers and contradictions of the plain one.
        """
        ...


def is_worth_wording(plain: Answer) -> bool:
    """Whether a model may word an answer: never a refusal, and not what is mostly a list."""
    if plain.refused or not plain.citations:
        return False
    return len(items(plain.answer)) < _LIST_ITEMS and len(plain.answer) <= _LONG_CHARS
