"""Summaries of a topic: the headings of the section that treats it, in order, or its paragraph."""

from __future__ import annotations

from dataclasses import dataclass

from kg.model import Block, BlockKind
from kg.sentences import sentence_spans
from kg.tokens import fold
from qa.answerers.base import Inquiry
from qa.compose import Draft, shown
from qa.evidence import term_credit
from qa.question import Question

_HEADINGS = frozenset({BlockKind.CHAPTER, BlockKind.SECTION, BlockKind.SUBHEADING, BlockKind.RUN_IN})
_MIN_COVERAGE = 0.72
_MAX_POINTS = 12
_MAX_CHARS = 900
_POINT_CHARS = 70


@dataclass(frozen=True, slots=True)
class _Topic:
    """A heading and the index range of the blocks under it."""

    plan_id: str
    blocks: tuple[Block, ...]
    index: int
    end: int
    coverage: float


class SummaryAnswerer:
    """Answers how or what about a topic with the points of the part that is headed by it."""

    kind = "summary"

    def answer(self, inquiry: Inquiry) -> Draft | None:
        """The points under the best heading, or None when no heading is about the question."""
        if not inquiry.question.wants_summary:
            return None
        topic = self._topic(inquiry)
        if topic is None:
            return None
        draft = inquiry.draft(self.kind)
        heading = topic.blocks[topic.index]
        text = inquiry.knowledge.documents[topic.plan_id].text
        mark = draft.cite(topic.plan_id, heading.start, heading.end, "标题")
        title = text[heading.start : heading.end].rstrip("。：:")
        draft.say(f"{heading.locator}“{title}”{mark}：")
        inner = [b for b in topic.blocks[topic.index + 1 : topic.end] if b.level]
        top = min((b.level for b in inner), default=0)
        if sum(b.level == top for b in inner) >= 2:
            self._points(draft, topic, text, top)
        else:
            self._sentences(inquiry, draft, topic, text)
        return draft

    def _points(self, draft: Draft, topic: _Topic, text: str, level: int) -> None:
        """Each heading of this level with the first sentence under it."""
        blocks = topic.blocks
        said = 0
        for i in range(topic.index + 1, topic.end):
            if blocks[i].level != level or said == _MAX_POINTS:
                continue
            end = blocks[i].end
            if i + 1 < topic.end and blocks[i + 1].kind is BlockKind.PARAGRAPH:
                end = sentence_spans(text, blocks[i + 1].start, blocks[i + 1].end)[0][1]
            mark = draft.cite(topic.plan_id, blocks[i].start, end, "要点")
            draft.say(f"- {shown(text[blocks[i].start : end], _POINT_CHARS)}{mark}")
            said += 1

    def _sentences(self, inquiry: Inquiry, draft: Draft, topic: _Topic, text: str) -> None:
        used = 0
        for block in topic.blocks[topic.index + 1 : topic.end]:
            if block.kind not in (BlockKind.PARAGRAPH, BlockKind.RUN_IN):
                continue
            for start, end in sentence_spans(text, block.start, block.end):
                if used and used + end - start > _MAX_CHARS:
                    return
                mark = draft.cite(topic.plan_id, start, end, "要点")
                draft.say(f"- {shown(text[start:end], 160)}{mark}")
                used += min(end - start, 160)

    def _topic(self, inquiry: Inquiry) -> _Topic | None:
        best: _Topic | None = None
        for plan_id, document in inquiry.knowledge.documents.items():
            for index, block in enumerate(document.blocks):
                if block.kind not in _HEADINGS:
                    continue
                title = fold(document.text[block.start : block.end])
                coverage = _coverage(title, inquiry.question, inquiry)
                if coverage < _MIN_COVERAGE or (best and coverage <= best.coverage):
                    continue
                end = _scope_end(document.blocks, index)
                if end > index + 1:
                    best = _Topic(plan_id, document.blocks, index, end, coverage)
        return best


def _coverage(title: str, question: Question, inquiry: Inquiry) -> float:
    """Share of the question in the heading, less a little for what else the heading speaks of."""
    terms = question.specific or question.terms
    total = sum(term.weight for term in terms)
    if not total:
        return 0.0
    credits = [term_credit(term.text, title, inquiry.knowledge.lexicon) for term in terms]
    if min(credits) < 0.4:
        return 0.0
    covered = sum(term.weight * credit for term, credit in zip(terms, credits, strict=True))
    return covered / total - 0.004 * len(title)


def _scope_end(blocks: tuple[Block, ...], index: int) -> int:
    """Index after the last block under the heading: up to the next of its level or above."""
    level = blocks[index].level
    end = index + 1
    while end < len(blocks) and not 0 < blocks[end].level <= level:
        if blocks[index].kind is BlockKind.RUN_IN and blocks[end].kind is not BlockKind.PARAGRAPH:
            break
        end += 1
    return end
