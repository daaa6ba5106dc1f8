"""What a topic's parts say: run-in parts and paragraphs, scored for a question and cut to a budget."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from kg.model import Block, BlockKind
from kg.sentences import clause_spans, sentence_spans
from kg.tokens import fold
from qa import patterns
from qa.compose import Draft, shown
from qa.evidence import Match, find
from qa.knowledge import HEADINGS, Knowledge
from qa.question import Question

#: share of the best part's score that another must have, more where the best is not sure; the most parts said
_NEAR, _NEAR_IF_UNSURE, _SURE, _MOST_PARTS = 0.82, 0.92, 1.2, 8
#: share of a part's score that a sentence of it must have
_TO_THE_POINT = 0.5
#: share of a section's parts that must be among the chosen for all of it to be told; the smaller one does
#: where hardly a chosen part stands elsewhere
_WHOLE, _SOME, _CONCENTRATED, _FEWEST = 0.5, 0.3, 0.75, 4
#: how much more often than the word that is asked with plans must use a synonym to be searched with it
_FAR_MORE = 8
#: the shortest stretch of a sentence that says something
_LEAST_CHARS = 28
_MOST_CHARS = 160
BUDGET_CHARS = 900


@dataclass(frozen=True, slots=True)
class Part:
    """A run-in heading with its paragraph, or a paragraph alone: blocks ``first`` to ``end``.

    ``home`` is the heading that it stands under; ``past``: it tells of what was achieved.
    ``sentences`` are the offsets of its sentences with their scores; ``score`` is the best of them.
    """

    plan_id: str
    first: int
    end: int
    home: int
    past: bool
    score: float = 0.0
    sentences: tuple[tuple[int, int, float], ...] = ()


def parts_of(knowledge: Knowledge, plan_id: str) -> tuple[Part, ...]:
    """The parts of a plan's running text, in its order."""
    return knowledge.once(_parts, plan_id)


def _parts(knowledge: Knowledge, plan_id: str) -> tuple[Part, ...]:
    document = knowledge.documents[plan_id]
    found: list[Part] = []
    above: list[int] = []
    opened = -1
    for index, block in enumerate(document.blocks):
        if block.kind is BlockKind.RUN_IN:
            opened = index
        elif block.kind in HEADINGS:
            above = [i for i in above if document.blocks[i].level < block.level] + [index]
            opened = -1
        elif block.kind is BlockKind.PARAGRAPH:
            first = opened if opened >= 0 else index
            titles = " ".join(document.text[document.blocks[i].start : document.blocks[i].end] for i in above)
            past = bool(patterns.BEFORE_HEADING.search(fold(titles)))
            found.append(Part(plan_id, first, index + 1, above[-1] if above else -1, past))
            opened = -1
    return tuple(found)


def scored_parts(question: Question, knowledge: Knowledge, matches: Sequence[Match]) -> list[Part]:
    """The parts in which these sentences stand, with their scores, best first."""
    found: list[Part] = []
    scores = {(m.sentence.plan_id, m.sentence.start): m.score for m in matches}
    for plan_id in {match.sentence.plan_id for match in matches}:
        document = knowledge.documents[plan_id]
        parts = parts_of(knowledge, plan_id)
        starts = [document.blocks[part.first].start for part in parts]
        hit = {
            bisect_right(starts, match.sentence.start) - 1
            for match in matches
            if match.sentence.plan_id == plan_id and match.sentence.passage.kind is BlockKind.PARAGRAPH
        }
        found += [_scored(parts[i], document.blocks, document.text, scores) for i in hit if i >= 0]
    return sorted(found, key=lambda part: (-part.score, part.plan_id, part.first))


def _scored(
    part: Part, blocks: tuple[Block, ...], text: str, scores: dict[tuple[str, int], float]
) -> Part:
    spans = [span for i in range(part.first, part.end) for span in
             sentence_spans(text, blocks[i].start, blocks[i].end)]
    sentences = tuple((start, end, scores.get((part.plan_id, start), 0.0)) for start, end in spans)
    return replace(part, sentences=sentences, score=max((s for _, _, s in sentences), default=0.0))


def searched(question: Question, knowledge: Knowledge, matches: Sequence[Match]) -> list[Match]:
    """The matches, and those of the question in the plan's words where it uses others; best first."""
    worded = in_plan_words(question, knowledge)
    best = {(m.sentence.plan_id, m.sentence.start): m for m in matches}
    if worded != question.folded:
        for match in find(replace(question, text=worded), knowledge):
            key = (match.sentence.plan_id, match.sentence.start)
            if key not in best or best[key].score < match.score:
                best[key] = match
    return sorted(best.values(), key=lambda m: (-m.score, m.sentence.plan_id, m.sentence.start))


def in_plan_words(question: Question, knowledge: Knowledge) -> str:
    """The folded question with words that plans hardly have replaced by the synonym that they use most."""
    text, worded = knowledge.folded_text, question.folded
    for term in sorted(question.specific, key=lambda term: -len(term.text)):
        used = {other: text.count(other) for other in knowledge.lexicon.synonyms(term.text)}
        if max(used.values(), default=0) > _FAR_MORE * text.count(term.text):
            worded = worded.replace(term.text, max(used, key=lambda other: used[other]))
    return worded


def chosen(parts: Sequence[Part], question: Question, knowledge: Knowledge) -> list[Part]:
    """The parts that treat the topic, in the plan's order.

    All of a section's parts, where most of them do; what was achieved only if nothing else is near it,
    unless the question looks back.
    """
    if not patterns.LOOKS_BACK.search(question.folded):
        parts = [part for part in parts if not part.past] or parts
    if not parts:
        return []
    best = parts[0]
    nearness = _NEAR if best.score >= _SURE else _NEAR_IF_UNSURE
    near = [part for part in parts if part.score >= nearness * best.score][:_MOST_PARTS]
    scored = {(part.plan_id, part.first): part for part in parts}
    siblings = [p for p in parts_of(knowledge, best.plan_id) if p.home == best.home]
    inside = [part for part in near if (part.plan_id, part.home) == (best.plan_id, best.home)]
    if _treats_all(len(inside), len(near), len(siblings)) or patterns.SECTION_NAMED.search(question.folded):
        near = [scored.get((p.plan_id, p.first), p) for p in siblings]
    return sorted(near, key=lambda part: (part.plan_id, part.first))


def _treats_all(inside: int, near: int, siblings: int) -> bool:
    """Whether so many of a section's parts are near, of all that are near, that it is about the topic."""
    if inside >= max(2, _WHOLE * siblings):
        return True
    return inside >= max(_FEWEST, _SOME * siblings) and inside >= _CONCENTRATED * near


def say_parts(draft: Draft, parts: Sequence[Part], budget_chars: int = BUDGET_CHARS) -> None:
    """The parts under their headings: the first clauses of each sentence, as many as the budget holds."""
    wanted = [_length(draft.knowledge, part) for part in parts]
    shares = fair_shares(wanted, budget_chars)
    under: tuple[str, int] | None = None
    for part, share in zip(parts, shares, strict=True):
        if (part.plan_id, part.home) != under:
            under = (part.plan_id, part.home)
            say_heading(draft, part.plan_id, part.home)
        for start, end in points(draft.knowledge, part, share):
            mark = draft.cite(part.plan_id, start, end, "要点")
            draft.say(f"- {shown(draft.knowledge.text(part.plan_id, start, end), 2 * _MOST_CHARS)}{mark}")


def say_heading(draft: Draft, plan_id: str, index: int) -> None:
    """A heading with its place; nothing for text that stands before the first one."""
    if index < 0:
        return
    document = draft.knowledge.documents[plan_id]
    heading = document.blocks[index]
    mark = draft.cite(plan_id, heading.start, heading.end, "标题")
    title = document.text[heading.start : heading.end].rstrip("。：:")
    title = title.removeprefix(heading.locator.rpartition(" ")[2]).strip()  # the number stands before it
    named = f"“{shown(title)}”" if title else ""
    draft.say(f"{heading.locator}{named}{mark}：")


def points(knowledge: Knowledge, part: Part, budget_chars: int | None = None) -> list[tuple[int, int]]:
    """Where the points of a part stand: its sentences; within a budget, the best ones up to a clause."""
    document = knowledge.documents[part.plan_id]
    sentences = list(part.sentences or _scored(part, document.blocks, document.text, {}).sentences)
    lead = document.blocks[part.first]
    if lead.kind is BlockKind.RUN_IN and len(sentences) > 1 and sentences[0][0] == lead.start:
        heading, first = sentences[0], sentences[1]  # a run-in heading is no point without what follows
        sentences[:2] = [(heading[0], first[1], 9.0)]
    if budget_chars is None:
        return [(start, end) for start, end, _ in sentences]
    telling = [s for s in sentences if s[2] >= _TO_THE_POINT * part.score]
    most = max(1, budget_chars // _LEAST_CHARS)
    kept = sorted(sorted(telling, key=lambda s: -s[2])[:most])
    limits = fair_shares([min(end - start, _MOST_CHARS) for start, end, _ in kept], budget_chars)
    return [
        (start, cut_at_clause(document.text, start, end, limit))
        for (start, end, _), limit in zip(kept, limits, strict=True)
    ]


def cut_at_clause(text: str, start: int, end: int, limit_chars: int) -> int:
    """The end of the last clause that lies within the limit; of the first one if none does."""
    clauses = clause_spans(text, start, end)
    within = [stop for _, stop in clauses if stop - start <= limit_chars]
    if not within:
        return clauses[0][1] if clauses else end
    if text[within[-1] - 1] in "：:" and len(within) < len(clauses):  # a colon announces what follows
        return clauses[len(within)][1]
    return within[-1]


def fair_shares(wanted: Sequence[int], budget_chars: int) -> list[int]:
    """A budget shared out: everyone gets what is wanted or, where that is too much, the same as others."""
    shares = [0] * len(wanted)
    left = budget_chars
    order: Iterable[int] = sorted(range(len(wanted)), key=lambda i: wanted[i])
    for place, i in enumerate(order):
        shares[i] = min(wanted[i], left // (len(wanted) - place))
        left -= shares[i]
    return shares


def _length(knowledge: Knowledge, part: Part) -> int:
    blocks = knowledge.documents[part.plan_id].blocks
    return blocks[part.end - 1].end - blocks[part.first].start
