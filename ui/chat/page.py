"""What happens on the page: each method is one action and returns what the page then shows."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from kg.errors import PlankgError
from qa.model import Answer, Citation, History
from ui import texts
from ui.chat.conversation import Conversation
from ui.chat.evidence import (
    evidence_html,
    excerpt_html,
    header_html,
    latest_evidence_html,
    message_html,
    source_error_html,
)
from ui.chat.examples import PlanExamples
from ui.chat.transcript import transcript_html, welcome_html
from ui.service import AnsweringService

logger = logging.getLogger(__name__)

#: a page that is redrawn more often than this looks no smoother and costs the server more
REDRAW_S = 0.05
#: how much of the plan is shown before and after a quote
CONTEXT_CHARS = 400


@dataclass(frozen=True, slots=True)
class View:
    """What the page shows. ``busy``: an answer is being written; ``undo``: the old one can come back."""

    conversation: Conversation
    transcript: str
    evidence: str
    busy: bool = False
    undo: Conversation = field(default_factory=Conversation)


class Page:
    """The page's actions over an answering service. Holds nothing about any session."""

    def __init__(self, service: AnsweringService, examples: Sequence[PlanExamples] = ()) -> None:
        """``examples`` are shown while a conversation is empty."""
        self._service = service
        self._examples = tuple(examples)

    def header(self) -> str:
        """The title and status line."""
        try:
            return header_html(self._service.status())
        except PlankgError as error:
            return header_html(str(error))
        except Exception:
            logger.exception("status failed")
            return header_html(texts.UNEXPECTED)

    def welcome(self) -> View:
        """An empty conversation."""
        return self._view(Conversation())

    def ask(self, question: str, conversation: Conversation) -> Iterator[View]:
        """Ask and show the answer as it comes; nothing happens for a blank question.

        The first view comes before the service is called, so that the question is seen at once.
        """
        question = question.strip()
        if not question:
            return
        history = conversation.stopped().history()
        conversation = conversation.asked(question)
        yield self._writing(conversation)
        try:
            for piece in self._pieces(question, history):
                if isinstance(piece, Answer):
                    yield self._view(conversation.answered(piece))
                    return
                conversation = conversation.streamed(piece)
                yield self._writing(conversation)
            raise RuntimeError("the service's stream ended without an answer")
        except PlankgError as error:
            logger.warning("question failed", exc_info=True)
            yield self._view(conversation.failed(str(error)))
        except Exception:
            logger.exception("question failed")
            yield self._view(conversation.failed(texts.UNEXPECTED))

    def stop(self, conversation: Conversation) -> View:
        """Keep what has come until now as an unfinished answer."""
        return self._view(conversation.stopped())

    def clear(self, conversation: Conversation, undo: Conversation) -> View:
        """Start anew; the old conversation can be brought back until the next question."""
        kept = conversation.stopped() if conversation.turns else undo
        return View(
            Conversation(),
            welcome_html(self._examples, cleared=bool(kept.turns)),
            message_html(texts.EVIDENCE_EMPTY),
            undo=kept,
        )

    def restore(self, undo: Conversation) -> View:
        """Bring the cleared conversation back."""
        return self._view(undo)

    def open_source(self, conversation: Conversation, target: object) -> str:
        """The evidence panel for ``"turn:number"``; number 0 shows the turn's cards, none open."""
        turn, number = _parsed(target)
        if not 0 <= turn < len(conversation.turns):
            return message_html(texts.EVIDENCE_GONE, "error")
        answer = conversation.turns[turn].answer
        if answer is None or not 1 <= number <= len(answer.citations):
            return evidence_html(conversation, turn)
        source = self._excerpt(answer.citations[number - 1], turn, number)
        return evidence_html(conversation, turn, number, source)

    def _pieces(self, question: str, history: History) -> Iterator[str | Answer]:
        """All text until now, at most once in `REDRAW_S`, then the answer."""
        text, drawn_at = "", 0.0
        for piece in self._service.stream(question, history):
            if isinstance(piece, Answer):
                yield piece
                return
            text += piece
            if time.monotonic() - drawn_at >= REDRAW_S:
                drawn_at = time.monotonic()
                yield text

    def _excerpt(self, citation: Citation, turn: int, number: int) -> str:
        try:
            excerpt = self._service.source(
                citation.source, citation.start, citation.end, context_chars=CONTEXT_CHARS
            )
        except PlankgError as error:
            return source_error_html(str(error))
        except Exception:
            logger.exception("source failed")
            return source_error_html(texts.SOURCE_FAILED)
        return excerpt_html(excerpt, citation, turn, number, CONTEXT_CHARS)

    def _writing(self, conversation: Conversation) -> View:
        pending = message_html(texts.EVIDENCE_PENDING)
        return View(conversation, transcript_html(conversation), pending, busy=True)

    def _view(self, conversation: Conversation) -> View:
        filled = bool(conversation.turns)
        transcript = transcript_html(conversation) if filled else welcome_html(self._examples)
        return View(conversation, transcript, latest_evidence_html(conversation))


def _parsed(target: object) -> tuple[int, int]:
    """``"turn:number"`` from the browser; anything else gives a turn that does not exist."""
    turn, _, number = str(target).partition(":")
    if turn.isdecimal() and number.isdecimal() and len(turn) + len(number) < 12:
        return int(turn), int(number)
    return -1, 0
