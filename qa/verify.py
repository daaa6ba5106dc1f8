"""Check an answer before it is shown: quotes are verbatim, numbers are grounded."""

from __future__ import annotations

import logging
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import replace

from qa.knowledge import Knowledge
from qa.model import Answer

log = logging.getLogger(__name__)
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_NOTHING_LEFT = "相关表述中的数字在规划里找不到依据，因此没有给出回答。请换一种问法，或查看所引的原文。"
_NO_CLAIM = re.compile(r"(?m)\[\d+\]|^\s*(?:[-*]\s*)?\d+[.、．)）]\s*(?=\D)")


def numbers(text: str) -> set[float]:
    """All numbers of a text; thousands separators and full-width digits are understood."""
    text = re.sub(r"(?<=\d),(?=\d{3})", "", unicodedata.normalize("NFKC", text))
    return {float(number) for number in _NUMBER.findall(text)}


def ungrounded(answer: Answer, asked: Iterable[str]) -> set[float]:
    """Numbers of the answer that stand in no citation, in no question, and were not computed."""
    known = set().union(*map(numbers, (*asked, *answer.derived)), set())
    for citation in answer.citations:
        known |= numbers(citation.quote) | numbers(citation.locator)
    return numbers(_NO_CLAIM.sub("", answer.answer)) - known


def verify(answer: Answer, knowledge: Knowledge, asked: Iterable[str]) -> Answer:
    """The answer, without lines whose numbers are not grounded; broken citations are a bug and raise.

    An answer of which nothing is left is a refusal.

    Raises: AssertionError: a citation is not the plan's text at its offsets.
    """
    for citation in answer.citations:
        text = knowledge.text(citation.source, citation.start, citation.end)
        if text != citation.quote:
            raise AssertionError(f"citation at {citation.start} is not verbatim")
    asked = tuple(asked)
    if not ungrounded(answer, asked):
        return answer
    kept = [
        line for line in answer.answer.split("\n")
        if not ungrounded(replace(answer, answer=line), asked)
    ]
    log.warning("dropped %d ungrounded lines", answer.answer.count("\n") + 1 - len(kept))
    text = re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip()
    notes = (*answer.notes, "有表述因数字缺少依据而未显示")
    return replace(answer, answer=text or _NOTHING_LEFT, refused=answer.refused or not text, notes=notes)
