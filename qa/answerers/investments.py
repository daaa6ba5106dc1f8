"""Which projects state what they cost, and how much: from the boxes and the running text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kg.model import BlockKind
from kg.schema import Label
from kg.tokens import fold
from qa.answerers.base import Inquiry
from qa.answerers.boxes import asked_terms, box_of, joined_terms, project_text
from qa.compose import Draft, shown
from qa.evidence import term_credit
from qa.knowledge import Knowledge
from qa.question import Term

_ASKS = re.compile(
    r"(?:写明|列明|标明|注明|写清|写出|说明|公布|给出)[^，。？?]{0,6}(?:投|钱|金额)|各(?:自|要)?(?:投|花)|"
    r"各(?:是)?多少(?:钱|投资)?|分别(?:投|花)"
)
_MONEY = re.compile(r"投|钱|金额|花费|造价")
_LIST = re.compile(r"哪|有什么|有啥|列出")
#: words for the form and the money, not for which projects
_FORM = re.compile(r"项目|工程|投|钱|金额|造价|[写列标注]明|写清|正文|专栏|建设|清单|多少")
_STATED = re.compile(r"(?:总投资|投资)额?(?:已?达|约|为|共)?\s*[0-9０-９][0-9.．０-９]*\s*[亿万]")
_ITEM = re.compile(r"[^，。；;、！？\n]+")
#: a filter that so many passages share (by weight) tells no project from another
_BROAD = 3.0
_MOST, _ITEM_CHARS = 15, 70


@dataclass(frozen=True, slots=True)
class _Stated:
    """Where a cost is stated, and the words that say of what it is, folded."""

    plan_id: str
    start: int
    end: int
    words: str


class InvestmentAnswerer:
    """Lists every project, in a box or in the text, whose cost is stated, of the kind that is asked for."""

    kind = "investment"

    def answer(self, inquiry: Inquiry) -> Draft | None:
        """The list with its count, or None when it is not asked for or nothing of the kind states a cost."""
        question, knowledge = inquiry.question, inquiry.knowledge
        folded = question.folded
        if not (_ASKS.search(folded) and _MONEY.search(folded) and _LIST.search(folded)):
            return None
        terms = [term for term in asked_terms(question) if not _FORM.search(term.text)]
        stated = _stated(knowledge)
        found = [item for item in stated if _of_kind(item, terms, inquiry)]
        named = "、".join(term.text for term in terms)
        broad = all(knowledge.weight(term.text) <= _BROAD and not term.place for term in terms)
        if not found and terms and broad:
            found, lead = stated, f"规划没有逐项标明是否属于“{named}”。写明投资额的"
        else:
            lead = f"与“{named}”有关、写明投资额的" if named else "写明投资额的"
        if not found:
            return None
        draft = inquiry.draft(self.kind)
        draft.say(f"{lead}有{draft.compute(str(len(found)))}项：")
        for number, item in enumerate(found[:_MOST], 1):
            mark = draft.cite(item.plan_id, item.start, item.end, "投资额")
            said = knowledge.text(item.plan_id, item.start, item.end)
            draft.say(f"{number}. {shown(said, _ITEM_CHARS)}{mark}")
        if len(found) > _MOST:
            draft.say(f"其余{draft.compute(str(len(found) - _MOST))}项从略。")
        return draft


def _of_kind(item: _Stated, terms: Sequence[Term], inquiry: Inquiry) -> bool:
    """Whether an item's words carry all that is asked for; of words joined by `、` one is enough."""
    joined = joined_terms(inquiry.question, terms)
    credits = {t.text: term_credit(t.text, item.words, inquiry.knowledge.lexicon) for t in terms}
    alone = all(credits[t.text] >= 0.5 for t in terms if t not in joined)
    return alone and (not joined or any(credits[t.text] >= 0.5 for t in joined))


def _stated(knowledge: Knowledge) -> list[_Stated]:
    """Every statement of a cost once, in the plan's order."""
    found: dict[str, _Stated] = {}
    texts = (item for plan_id in knowledge.documents for item in knowledge.once(_in_text, plan_id))
    for item in (*texts, *_in_boxes(knowledge)):
        key = fold(knowledge.text(item.plan_id, item.start, item.end))
        found.setdefault(re.sub(r"^\W*\w{0,2}\W", "", key) if key[:1].isdigit() else key, item)
    return sorted(found.values(), key=lambda item: (item.plan_id, item.start))


def _in_text(knowledge: Knowledge, plan_id: str) -> tuple[_Stated, ...]:
    document = knowledge.documents[plan_id]
    found: list[_Stated] = []
    for block in document.blocks:
        if block.kind is not BlockKind.PARAGRAPH:
            continue
        for match in _ITEM.finditer(document.text, block.start, block.end):
            if _STATED.search(match.group()):
                lead = len(match.group()) - len(match.group().lstrip())
                found.append(_Stated(plan_id, match.start() + lead, match.end(), fold(match.group())))
    return tuple(found)


def _in_boxes(knowledge: Knowledge) -> Iterable[_Stated]:
    """Projects that state their cost in their own line; one stated in the text is found there."""
    for project in knowledge.of(Label.PROJECT):
        start, stop = project.integer("start"), project.integer("stop")
        quoted = project.integer("investment_start")
        if project.number("investment_yi_yuan") is None or start is None or stop is None:
            continue
        if quoted is not None and not start <= quoted < stop:
            continue
        box = box_of(knowledge, project)
        topic = box.text("topic") if box else ""
        yield _Stated(project.text("plan"), start, stop, fold(f"{project_text(project)} {topic}"))
