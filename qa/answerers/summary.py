"""Summaries of a topic: the headings of the section that treats it, in order, or its paragraph."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import takewhile

from kg.model import Block, BlockKind
from kg.sentences import sentence_spans
from kg.tokens import fold
from qa.answerers.base import Inquiry
from qa.compose import Draft, shown
from qa.evidence import Match, term_credit
from qa.knowledge import HEADING_END
from qa.linking import OWN_NAMES
from qa.question import AnswerType, Question
from qa.topics import Part, chosen, parts_of, say_heading, say_parts, scored_parts, searched

_NUMBERED = (BlockKind.CHAPTER, BlockKind.SECTION)
_WIDE = (*_NUMBERED, BlockKind.SUBHEADING)
_MIN_COVERAGE = 0.72
_MAX_POINTS = 12
_MAX_CHARS = 900
_POINT_CHARS = 70
_SENTENCE_CHARS = 160
_FEWEST_PARAGRAPHS = 3
_PART = re.compile(r"第[一二三四五六七八九十]+[篇章节]")
_CONTENTS = re.compile(r"讲|说|写|谈|内容|关于|包[括含]|涉及|概括|总结|介绍|标题|是什么|有什么|哪些|哪几")
#: the longest paragraph that only opens a section
_OPENING_CHARS = 200
#: the best sentence's likeness, and the share of what is asked that may stand in no plan
_LEAST_LIKENESS, _MAX_UNKNOWN = 0.4, 0.65


@dataclass(frozen=True, slots=True)
class _Topic:
    """A heading and the index range of the blocks under it."""

    plan_id: str
    blocks: tuple[Block, ...]
    index: int
    end: int
    coverage: float


class SummaryAnswerer:
    """Answers how or what about a topic: what stands under its heading, or the parts that treat it."""

    kind = "summary"

    def answer(self, inquiry: Inquiry) -> Draft | None:
        """The points under the best heading, else of the parts about the topic; None if there are none."""
        topic = _numbered(inquiry) or _named(inquiry)
        if topic is None and inquiry.question.wants_summary:
            topic = self._topic(inquiry)
        draft = inquiry.draft(self.kind)
        if topic is None:
            parts = _under_quoted(inquiry)
            if not parts and inquiry.question.wants_summary:
                parts = _gathered(inquiry)
            say_parts(draft, parts)
            return draft if parts else None
        text = inquiry.knowledge.documents[topic.plan_id].text
        say_heading(draft, topic.plan_id, topic.index)
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
        """The part's sentences; of a long part, the first of each paragraph."""
        inner = topic.blocks[topic.index + 1 : topic.end]
        paragraphs = [b for b in inner if b.kind in (BlockKind.PARAGRAPH, BlockKind.RUN_IN)]
        spans = [sentence_spans(text, block.start, block.end) for block in paragraphs]
        long = sum(block.end - block.start for block in paragraphs) > _MAX_CHARS
        if long and len(spans) >= _FEWEST_PARAGRAPHS:
            spans = [sentences[:1] for sentences in spans]
        most = _SENTENCE_CHARS if not long else max(_POINT_CHARS, _MAX_CHARS // max(len(spans), 1))
        used = 0
        for start, end in (span for sentences in spans for span in sentences):
            if used and used + min(end - start, most) > _MAX_CHARS:
                return
            mark = draft.cite(topic.plan_id, start, end, "要点")
            draft.say(f"- {shown(text[start:end], min(most, _SENTENCE_CHARS))}{mark}")
            used += min(end - start, most)

    def _topic(self, inquiry: Inquiry) -> _Topic | None:
        best: _Topic | None = None
        for plan_id, document in inquiry.knowledge.documents.items():
            for index, block in enumerate(document.blocks):
                if block.kind not in _WIDE:  # a run-in heading is one part of a topic: `topics` weighs it
                    continue
                title = fold(document.text[block.start : block.end])
                coverage = _coverage(title, inquiry.question, inquiry)
                if coverage < _MIN_COVERAGE or (best and coverage <= best.coverage):
                    continue
                end = _scope_end(document.blocks, index)
                if end > index + 1:
                    best = _Topic(plan_id, document.blocks, index, end, coverage)
        return best


def _numbered(inquiry: Inquiry) -> _Topic | None:
    """The chapter or section that the question names by its number, when it asks what is in it."""
    question = inquiry.question
    parts = _PART.findall(question.folded)
    if not parts or not _CONTENTS.search(question.folded):
        return None
    locator = " ".join(parts)
    if any(term.text not in locator for term in question.specific):
        return None
    for plan_id, document in inquiry.knowledge.documents.items():
        for index, block in enumerate(document.blocks):
            if block.kind in _NUMBERED and f" {block.locator}".endswith(f" {locator}"):
                return _Topic(plan_id, document.blocks, index, _scope_end(document.blocks, index), 1.0)
    return None


def _under_quoted(inquiry: Inquiry) -> list[Part]:
    """The parts under a heading with a quoted term, where a list is asked for and nothing defines it."""
    question, knowledge = inquiry.question, inquiry.knowledge
    if not question.wants_list or question.answer_type is not AnswerType.ANY:
        return []
    for plan_id, document in knowledge.documents.items():
        for index, block in enumerate(document.blocks):
            title = fold(document.text[block.start : block.end]) if block.kind in _WIDE else ""
            if any(len(term) > 1 and term in title for term in question.quoted):
                return [part for part in parts_of(knowledge, plan_id) if part.home == index]
    return []


def _gathered(inquiry: Inquiry) -> list[Part]:
    """The parts that treat the topic, in the plan's order; none if the plan hardly speaks of it."""
    question, knowledge = inquiry.question, inquiry.knowledge
    if not question.specific or question.answer_type is not AnswerType.ANY:
        return []
    if any(node.label in OWN_NAMES for node in inquiry.entities):
        return []
    matches = searched(question, knowledge, inquiry.matches)
    if not matches or not _treated(matches[0], inquiry):
        return []
    parts = chosen(scored_parts(question, knowledge, matches), question, knowledge)
    return _announced(parts[0], inquiry) or parts if len(parts) == 1 else parts


def _announced(part: Part, inquiry: Inquiry) -> list[Part]:
    """All parts under a heading, where the one that was found is only the words that open it."""
    blocks = inquiry.knowledge.documents[part.plan_id].blocks
    if blocks[part.first].kind is BlockKind.RUN_IN or part.first != part.home + 1:
        return []
    if blocks[part.first].end - blocks[part.first].start > _OPENING_CHARS:
        return []
    stop = _scope_end(blocks, part.home)
    return [p for p in parts_of(inquiry.knowledge, part.plan_id) if part.first <= p.first < stop]


def _treated(best: Match, inquiry: Inquiry) -> bool:
    """Whether the plan speaks of what is asked: near enough, and most of its words stand there."""
    if any(term.place for term in best.missing) or best.likeness < _LEAST_LIKENESS:
        return False
    specific = inquiry.question.specific
    unknown = sum(t.weight for t in specific if inquiry.knowledge.never_says(t.text))
    return unknown <= _MAX_UNKNOWN * sum(t.weight for t in specific)


def _named(inquiry: Inquiry) -> _Topic | None:
    """The part whose heading ends with what is asked for (`主要目标`), when nothing else is asked."""
    question = inquiry.question
    if question.answer_type is not AnswerType.ANY or question.wants_count:
        return None
    knowledge, folded = inquiry.knowledge, question.folded
    best: tuple[int, int, _Topic] | None = None
    words = [term.text for term in question.terms if len(term.text) > 1]
    for stop in range(HEADING_END, len(folded) + 1):
        ending = folded[stop - HEADING_END : stop]
        for plan_id, index, title in knowledge.headings_by_ending.get(ending, ()):
            tail = _common_tail(title, folded[:stop])
            blocks = knowledge.documents[plan_id].blocks
            rank = (len(tail), blocks[index].kind is BlockKind.SECTION)
            if (best and rank <= best[:2]) or any(word not in tail for word in words):
                continue
            end = _scope_end(blocks, index)
            if end > index + 1:
                best = (*rank, _Topic(plan_id, blocks, index, end, 1.0))
    return best[2] if best else None


def _common_tail(a: str, b: str) -> str:
    """The longest end that two texts share."""
    pairs = takewhile(lambda pair: pair[0] == pair[1], zip(reversed(a), reversed(b), strict=False))
    return a[len(a) - sum(1 for _ in pairs) :]


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
