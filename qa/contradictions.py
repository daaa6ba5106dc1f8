"""Tell the user when the plan contradicts itself about what was asked."""

from __future__ import annotations

from kg.tokens import fold
from qa.answerers.base import Inquiry
from qa.compose import Draft
from qa.evidence import asked_pairs, share_asked, term_credit
from qa.knowledge import Contradiction

_MAX_WARNINGS = 3
#: share of the question that the two statements must speak of, if the answer cites one and if not
_SHARE_CITED, _SHARE = 0.4, 0.6
#: share of a statement that the question must speak of
_SHARE_STATED = 0.3
_NAMES = frozenset({"name", "wording"})


def warn(draft: Draft, inquiry: Inquiry, contradictions: tuple[Contradiction, ...]) -> None:
    """Add to an answer the contradictions that concern it, both statements quoted."""
    asked = {node.id for node in inquiry.entities}
    said = 0
    for item in contradictions:
        if said == _MAX_WARNINGS or not _concerns(item, draft, inquiry, asked):
            continue
        marks = [draft.cite(item.plan_id, start, end, "不同表述") for start, end in item.spans]
        left, right = (" ".join(quote.split()) for quote in item.quotes)
        what = "名称有不同写法" if item.kind in _NAMES else "有不一致的表述"
        draft.say(f"注意：规划中{what}：“{left}”{marks[0]}与“{right}”{marks[1]}。")
        draft.conflict(f"{left} / {right}", marks)
        said += 1


def _concerns(item: Contradiction, draft: Draft, inquiry: Inquiry, asked: set[str]) -> bool:
    """Whether the question names one of its things, or is about what the statements say."""
    if item.ends & asked:
        return True
    if item.kind in _NAMES:
        return False
    cited = any(draft.cites(item.plan_id, start, end) for start, end in item.spans)
    words = fold(" ".join(item.quotes))
    terms = inquiry.question.specific or inquiry.question.terms
    total = sum(term.weight for term in terms)
    found = sum(t.weight * term_credit(t.text, words, inquiry.knowledge.lexicon) for t in terms)
    if not total or found / total < (_SHARE_CITED if cited else _SHARE):
        return False
    knowledge = inquiry.knowledge
    pairs = asked_pairs(inquiry.question, knowledge.lexicon)
    return max(share_asked(quote, pairs, knowledge.weight) for quote in item.quotes) >= _SHARE_STATED
