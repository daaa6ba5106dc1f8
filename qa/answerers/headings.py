"""Lists that the plan writes as headings: `打造…基地。` five times under one section."""

from __future__ import annotations

import re

from kg.model import Block, BlockKind
from kg.tokens import fold
from qa.answerers.base import Inquiry
from qa.compose import Draft, shown
from qa.evidence import term_credit
from qa.question import Question

_MIN_HEADINGS = 3
_MAX_HEADINGS = 15
#: the word right behind the question word says what is to be listed
_LISTED = re.compile(r"(?:哪些|哪几[个项类种条]?)([\u4e00-\u9fff]{1,4})")


class HeadingListAnswerer:
    """Lists the run-in headings of one section that share what the question asks to be listed."""

    kind = "headings"

    def answer(self, inquiry: Inquiry) -> Draft | None:
        """The headings, or None when no section has several that fit."""
        question = inquiry.question
        if not question.wants_list:
            return None
        keys = _keys(question)
        listed = _LISTED.search(question.folded)
        if listed:  # `哪些村` asks for villages, whatever the headings share
            keys = [key for key in keys if listed.group(1)[:1] in key or key in listed.group(1)]
        best: tuple[float, str, list[Block], str] | None = None
        for plan_id, document in inquiry.knowledge.documents.items():
            for parent, blocks in _run_ins(document.blocks).items():
                for key in keys:
                    fitting = [b for b in blocks if key in fold(document.text[b.start : b.end])]
                    if len(fitting) < _MIN_HEADINGS:
                        continue
                    score = self._fit(inquiry, key, plan_id, fitting) + 0.01 * len(fitting)
                    if score > (best[0] if best else 0.6):
                        best = (score, plan_id, fitting, parent)
        if best is None:
            return None
        return self._draft(inquiry, best[1], best[2])

    def _fit(self, inquiry: Inquiry, key: str, plan_id: str, blocks: list[Block]) -> float:
        """Share of the question's other words found in the section's and the headings' words."""
        knowledge = inquiry.knowledge
        text = knowledge.documents[plan_id].text
        words = " ".join(text[b.start : b.end] for b in blocks)
        parents = " ".join(n.name for n in knowledge.by_id.values() if n.id == blocks[0].parent)
        around = fold(f"{words} {parents}")
        rest = [t for t in inquiry.question.specific if t.text != key and key not in t.text]
        total = sum(t.weight for t in rest)
        if not total:
            return 1.0
        return sum(t.weight * term_credit(t.text, around, knowledge.lexicon) for t in rest) / total

    def _draft(self, inquiry: Inquiry, plan_id: str, blocks: list[Block]) -> Draft:
        draft = inquiry.draft(self.kind)
        text = inquiry.knowledge.documents[plan_id].text
        count = draft.compute(str(len(blocks)))
        draft.say(f"{blocks[0].locator}共列{count}项：")
        for i, block in enumerate(blocks[:_MAX_HEADINGS], 1):
            mark = draft.cite(plan_id, block.start, block.end, "要点")
            draft.say(f"{i}. {shown(text[block.start : block.end].strip('—。：: '))}{mark}")
        return draft


def _keys(question: Question) -> list[str]:
    """What is to be listed: a quoted term, or the last nouns of the question."""
    nouns = [t.text for t in question.terms if len(t.text) >= 2]
    return [*question.quoted, *reversed(nouns[-2:])]


def _run_ins(blocks: tuple[Block, ...]) -> dict[str, list[Block]]:
    found: dict[str, list[Block]] = {}
    for block in blocks:
        if block.kind is BlockKind.RUN_IN:
            found.setdefault(block.parent, []).append(block)
    return found
