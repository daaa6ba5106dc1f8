"""Passages of the plans that are near a text, for people and programs that read for themselves."""

from __future__ import annotations

from dataclasses import dataclass

from kg.errors import InputError
from kg.tokens import simplified
from qa.knowledge import Knowledge

MAX_TEXT_CHARS = 1000
MAX_PASSAGES = 100


@dataclass(frozen=True, slots=True)
class FoundPassage:
    """A passage: ``plan_text[start:end] == text``. ``score`` is relative: 1 for the best."""

    id: str
    plan: str
    start: int
    end: int
    text: str
    locator: str
    headings: tuple[str, ...]
    score: float


def search(knowledge: Knowledge, text: str, k: int = 10) -> tuple[FoundPassage, ...]:
    """At most ``k`` passages (and never more than `MAX_PASSAGES`), best first.

    What is longer than `MAX_TEXT_CHARS` is cut. Raises: InputError: there is nothing to look for.
    """
    wanted = " ".join(text.split())[:MAX_TEXT_CHARS]
    if not wanted:
        raise InputError("检索的文字是空的。请输入要查找的内容。")
    if any("\ud800" <= char <= "\udfff" for char in wanted):
        raise InputError("检索的文字不是有效的 UTF-8 文本。请检查编码。")
    wanted = knowledge.lexicon.standard(simplified(wanted))
    found: list[FoundPassage] = []
    for scored in knowledge.retriever.search(wanted, max(1, min(k, MAX_PASSAGES))).passages:
        passage = knowledge.passages[scored.passage_id]
        found.append(
            FoundPassage(
                passage.id, passage.plan_id, passage.start, passage.end, passage.text,
                passage.locator, passage.headings, round(scored.score, 4),
            )
        )  # fmt: skip
    return tuple(found)
