"""Wording by the chat model: what it writes is shown as far as the evidence carries it."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from kg.errors import ChatModelError, ChatModelUnavailableError
from kg.ports import ChatModel
from qa.model import Answer
from qa.wording.base import is_worth_wording
from qa.wording.completeness import Completeness
from qa.wording.evidence import Checker
from qa.wording.pairing import Linker
from qa.wording.prompt import instructions, material
from qa.wording.sentences import WordedSentence, marks_of, worded_sentences
from qa.wording.words import load_wording_words

log = logging.getLogger(__name__)
#: for so long a server that failed is left alone, so that nobody waits for it question after question
_PAUSE_S = 30.0
_MAX_NAMED = 3

WORDED = "回答由对话模型（{model}）改写，数字、名称和出处已与原文核对。"
DROPPED = "对话模型的改写中有 {count} 句找不到依据，没有显示。"
NOTHING_LEFT = "对话模型的改写找不到依据，因此显示未经改写的回答。"
INCOMPLETE = "对话模型的改写漏掉了原有内容（{lost}），因此显示未经改写的回答。"
FAILED = "{reason}本次显示未经改写的回答。"


class ModelWorder:
    """A worder that asks the chat model."""

    def __init__(self, model: ChatModel, lexicon_dir: Path) -> None:
        """Nothing is asked or read yet."""
        self._model = model
        self._lexicon_dir = lexicon_dir
        self._failure = ""
        self._paused_until = 0.0

    def prepare(self) -> None:
        """Load the model's library."""
        self._model.prepare()

    def stream(self, plain: Answer, link: Linker) -> Iterator[str | Answer]:
        """See `qa.wording.base.Worder`."""
        if not is_worth_wording(plain):
            yield plain
            return
        if time.monotonic() < self._paused_until:
            yield _with_notes(plain, self._failure)
            return
        text, appended = _parts(plain)
        wording = _Wording(Checker(plain, link, load_wording_words(self._lexicon_dir)))
        try:
            yield from wording.checked(self._model.stream(instructions(), material(plain, text)))
        except ChatModelError as exc:
            log.info("not worded: %s", exc)
            self._failure = FAILED.format(reason=exc)
            if isinstance(exc, ChatModelUnavailableError):
                self._paused_until = time.monotonic() + _PAUSE_S
            yield _with_notes(plain, self._failure)
            return
        yield self._finished(plain, text, appended, wording, link)

    def _finished(self, plain: Answer, text: str, appended: str, wording: _Wording, link: Linker) -> Answer:
        """The worded answer, or the plain one where the wording lost something."""
        worded = wording.text.strip()
        if not worded:
            return _with_notes(plain, NOTHING_LEFT)
        missing = Completeness(plain, text, link, load_wording_words(self._lexicon_dir)).lost(worded)
        if missing:
            log.info("wording lost: %s", missing)
            return _with_notes(plain, INCOMPLETE.format(lost="、".join(missing[:_MAX_NAMED])))
        notes = [WORDED.format(model=self._model.name)]
        if wording.dropped:
            notes.append(DROPPED.format(count=wording.dropped))
        shown = "\n\n".join(part for part in (worded, appended) if part)
        return _with_notes(replace(plain, answer=shown), *notes)


@dataclass
class _Wording:
    """The checked text of one wording, as it grows."""

    checker: Checker
    text: str = ""
    dropped: int = 0
    #: sentences before the first mark: they go with the one that has it
    waiting: list[WordedSentence] = field(default_factory=list)
    inherited: tuple[int, ...] = ()

    def checked(self, pieces: Iterable[str]) -> Iterator[str]:
        """The sentences that hold, each as soon as it is complete."""
        for sentence in worded_sentences(pieces):
            marks = sentence.marks or self.inherited
            if not marks:
                self.waiting.append(sentence)
            else:
                for each in (*self.waiting, sentence):
                    yield from self._kept(each, marks)
                self.waiting.clear()
        self.dropped += len(self.waiting)

    def _kept(self, sentence: WordedSentence, marks: tuple[int, ...]) -> Iterator[str]:
        faults = self.checker.faults(sentence.text, marks)
        if not faults:
            self.inherited = marks
            self.text += sentence.text
            yield sentence.text
        else:
            log.info("dropped %r: %s", sentence.text, faults)
            self.dropped += 1


def _parts(plain: Answer) -> tuple[str, str]:
    """What is to be worded, and the remarks on contradictions behind it, which stay as they are."""
    disputed = {number for conflict in plain.conflicts for number in conflict.citations}
    paragraphs = plain.answer.split("\n\n")
    end = len(paragraphs)
    while end > 1 and (marks := set(marks_of(paragraphs[end - 1]))) and marks <= disputed:
        end -= 1
    return "\n\n".join(paragraphs[:end]), "\n\n".join(paragraphs[end:])


def _with_notes(answer: Answer, *notes: str) -> Answer:
    return replace(answer, notes=(*answer.notes, *notes))
