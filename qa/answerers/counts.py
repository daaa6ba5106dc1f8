"""How many things a sentence lists, where it does not say their number itself."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from kg.tokens import fold
from qa.answerers.base import Inquiry
from qa.compose import Draft
from qa.evidence import Match, term_credit
from qa.figures import comparable, figures_in, plain
from qa.lexicon import QuestionLexicon
from qa.operands import asked_unit
from qa.patterns import CALCULATING, LISTED_COUNT
from qa.question import AnswerType, Question, Term

_DEPTH, _STATED_DEPTH = 12, 40
#: how far a sentence may lie behind the one that fits best, and how much of the question it must hold
_MOST_BEHIND, _LEAST_FOUND = 0.12, 0.6
_LEAST_CREDIT, _SURE = 0.5, 0.9
_LEAST_LEAD, _LEAST_AROUND = 0.08, 0.75
#: share of what a question names that its list's own words decide
_AT_LIST = 0.4
#: fewest things of a list that nothing but its place says to be what is counted
_FEWEST = 3
_CLAUSE = re.compile(r"(?:[“《(（][^”》)）]*[”》)）]|[^,，。；;：:！？!?“”])+")
_ITEM_NUMBER = re.compile(r"^(?:\d{1,2}[、.]|[(（]\d{1,2}[)）])")
_QUOTED_LIST = re.compile(r"“([^”]*、[^”]*)”")
_QUOTES_IN_A_ROW = re.compile(r"(?:“[^”、]+”[、,，]?){2,}")
_YEARS_IN_A_ROW = re.compile(r"(?:(?:19|20)\d\d、)+(?:19|20)\d\d")
_BRACKETS = re.compile(r"[“《(（][^”》)）]*[”》)）]")
#: between the last two things of a list
_AND = frozenset({"和", "及", "以及"})
_LONGEST_PAIR = 24
#: a number behind a list counts it; `一批` does not
_NUMBERED = re.compile(r"^[”’]?(?:等)?(?:这|共|共计)?(?:[二两三四五六七八九十]{1,2}|\d+)(?!年)")
_OPEN = re.compile(r"等(?![级候待同])")
#: what a list adds by ending with the word that is counted, and words that stand for it there
_COUNTED, _PLACES = 0.15, defaultdict(lambda: "(?!)", {"处": "地", "个": "地", "家": "企业"})
#: kinds that say nothing: anything may be one
_ANY_KIND = re.compile(r"品种|种类|类型|地方|东西|名字|内容|部分|方面")
#: here what the things do begins: `几方来出`
_DOING = re.compile(r"(?<!未)来|由|组成|构成|参[加与]")


@dataclass(frozen=True, slots=True)
class _Listed:
    """A list: how many things, its text, what stands before and behind it in its clause.

    ``quoted``: quotation marks, or years in a row, set it off.
    """

    size: int
    text: str
    before: str
    after: str
    match: Match
    quoted: bool

    @property
    def clause(self) -> str:
        """The list with what its clause says of it."""
        return f"{self.before}{self.text}{self.after}"


class CountAnswerer:
    """Counts the things that the best sentence lists."""

    kind = "count"

    def answer(self, inquiry: Inquiry) -> Draft | None:
        """The count with the list, or None when a number is stated or no one list is meant."""
        question = inquiry.question
        asked = LISTED_COUNT.search(question.folded)
        if asked is None or question.answer_type is not AnswerType.AMOUNT:
            return None
        unit, kind = asked["unit"], _ANY_KIND.sub("", _DOING.split(asked["kind"])[0])
        words = inquiry.knowledge.understand(kind).terms or ((Term(kind, 1.0),) if len(kind) > 1 else ())
        if not words and _ANY_KIND.search(asked["kind"]):  # `食用菌有几个品种`
            words = question.specific
        if any(_stated(inquiry, match, unit, words) for match in inquiry.matches[:_STATED_DEPTH]):
            return None
        found = [
            (_fit(inquiry, each, len(lists) == 1, unit, kind), each)
            for match in _best_sentences(inquiry)
            for lists in [list(_lists_in(match, inquiry.knowledge.folded_text))]
            for each in lists
            if _of_kind(inquiry, each, words)
        ]
        good = sorted((pair for pair in found if pair[0] >= _LEAST_FOUND), key=lambda pair: -pair[0])
        if not good:
            return None
        fit, best = good[0]
        if any(fit - other < _LEAST_LEAD and each.size != best.size for other, each in good[1:]):
            return None
        draft = inquiry.draft(self.kind)
        size = draft.compute(str(best.size))
        more = "；原文以“等”收尾，是否还有未列出的，规划没有说明" if _OPEN.match(best.after) else ""
        draft.say(f"按原文所列逐一计数，共{size}{unit}：{best.text}{more}。")
        draft.quote(best.match.sentence, "正文依据")
        return draft


def _best_sentences(inquiry: Inquiry) -> list[Match]:
    """The sentences that fit best, whether or not they hold a number."""
    ranked = [(m.score - (0.2 if m.typed else -0.25), m) for m in inquiry.matches[: 3 * _DEPTH]]
    best = max((score for score, _ in ranked), default=0.0)
    return [match for score, match in ranked if score >= best - _MOST_BEHIND][:_DEPTH]


def _stated(inquiry: Inquiry, match: Match, unit: str, words: tuple[Term, ...]) -> bool:
    """Whether a sentence gives a number of what is asked for: of the kind, or of all that is named."""
    amount, lexicon = asked_unit(unit), inquiry.knowledge.lexicon
    if amount is None:
        return False
    kinds = [term for term in words if not term.generic] or inquiry.question.specific
    around = f"{match.sentence.folded} {match.sentence.context}"
    return _share(inquiry.question.specific, around, lexicon) >= _LEAST_FOUND and any(
        comparable(figure.amount, amount)
        and all(term_credit(term.text, figure.near, lexicon) >= _LEAST_CREDIT for term in kinds)
        for figure in figures_in(match.sentence, lexicon.joint)
    )


def _lists_in(match: Match, plans: str) -> Iterator[_Listed]:
    """The lists of a sentence that no number counts; ``plans`` is all that the plans say, folded."""
    text = _ITEM_NUMBER.sub("", plain(match.sentence))
    for pattern in (_QUOTED_LIST, _QUOTES_IN_A_ROW, _YEARS_IN_A_ROW):
        for found in pattern.finditer(text):
            inner = found[1] if pattern is _QUOTED_LIST else found[0]
            size = inner.count("“") if pattern is _QUOTES_IN_A_ROW else inner.count("、") + 1
            yield from _unnumbered(size, inner, text, found.span(), match, quoted=True)
    for clause in _CLAUSE.finditer(text):
        bare = _BRACKETS.sub(lambda m: "□" * len(m.group()), clause.group())
        if "、" in bare and not _QUOTES_IN_A_ROW.search(clause.group()):
            last = bare.rpartition("、")[2]
            closed = _OPEN.split(last, maxsplit=1)[0]
            extra = _more_than_one(last, plans)
            if extra is None:
                continue
            size = bare.count("、") + 1 + extra
            end = clause.end() - len(last) + len(closed)
            yield from _unnumbered(size, text[clause.start() : end], text, (clause.start(), end), match)


def _more_than_one(last: str, plans: str) -> int | None:
    """1 if a list ends with two things (`白术和天麻`), else 0; None if that cannot be told (`碳中和行动`)."""
    import rjieba

    if len(last) > _LONGEST_PAIR or not any(word in last for word in _AND):
        return 0
    words = rjieba.cut(last)
    joints = [i for i, word in enumerate(words) if word in _AND]
    if len(joints) != 1 or not 0 < joints[0] < len(words) - 1:
        return 0
    ahead = "".join(words[: joints[0]])
    joined = fold(ahead[-2:] + words[joints[0]])
    return 1 if plans.count(joined) == 1 else None


def _unnumbered(
    size: int, inner: str, text: str, span: tuple[int, int], match: Match, *, quoted: bool = False
) -> Iterator[_Listed]:
    """The list with the rest of its clause, unless a number stands behind it."""
    before = re.split(r"[,，。；;：:]", text[: span[0]])[-1]
    after = re.split(r"[,，。；;：:]", text[span[1] :].lstrip("”"))[0]
    if size >= 2 and not _NUMBERED.match(after):
        yield _Listed(size, inner.strip("、,，"), before, after, match, quoted)


def _of_kind(inquiry: Inquiry, each: _Listed, words: tuple[Term, ...]) -> bool:
    """Whether what a list names is of the kind asked for.

    The kind stands behind the list, or ends several of its things, or is what the sentence begins with.
    """
    if not words:  # nothing but the list's form tells that its things are to be counted
        formed = _OPEN.match(each.after) or each.quoted
        return bool(formed) and each.size >= _FEWEST
    lexicon = inquiry.knowledge.lexicon
    items = [item.strip("“”《》") for item in re.split(r"[、,，]|”“", fold(each.text))]
    for term in words:
        forms = (term.text, *lexicon.synonyms(term.text))
        if term_credit(term.text, fold(each.after)[: len(term.text) + 14], lexicon) >= _LEAST_CREDIT:
            return True
        ending = sum(item.endswith(forms) for item in items)
        if ending >= 2 and 3 * ending >= len(items):
            return True
        if each.size >= _FEWEST and each.match.sentence.folded.startswith(forms):
            return True
    return False


def _fit(inquiry: Inquiry, each: _Listed, alone: bool, unit: str, kind: str) -> float:
    """How much of the question a list's sentence holds, and how much its own clause.

    Of a list that is ``alone`` in its sentence, the sentence is about it.
    """
    lexicon = inquiry.knowledge.lexicon
    question = inquiry.knowledge.understand(_without_asking(inquiry.question.folded))
    sentence = each.match.sentence
    around = f"{sentence.folded} {sentence.context} {sentence.before}"
    if any(t.place and term_credit(t.text, around, lexicon) < _SURE for t in question.specific):
        return 0.0
    if _share(question.specific, around, lexicon) < _LEAST_AROUND or _narrowed(question, each, kind):
        return 0.0
    own = sentence.folded if alone else fold(each.clause)
    counted = _COUNTED if re.match(rf"(?:等[多]?)?(?:{unit}|{_PLACES[unit]})", each.after) else 0.0
    return (
        (1 - _AT_LIST) * _share(question.specific, around, lexicon)
        + _AT_LIST * _share(question.terms, own, lexicon) + counted
    )


def _without_asking(folded: str) -> str:
    """A question without the words that ask how many, and kinds that say nothing."""
    text = LISTED_COUNT.sub(lambda m: f" {m['kind']}", CALCULATING.sub(" ", folded))
    return _ANY_KIND.sub(" ", text)


def _narrowed(question: Question, each: _Listed, kind: str) -> bool:
    """Whether a question asks for some of the listed things only: its word stands in some of them."""
    items = [fold(item) for item in re.split(r"[、,，]|”“", each.text)]
    rest = fold(each.before + each.after)
    # what stands in the first thing only, or in the last, is said of all
    return any(
        any(term.text in item for item in items[1:-1])
        and not all(term.text in item for item in items)
        and term.text not in rest + kind
        for term in question.specific
    )


def _share(terms: tuple[Term, ...], text: str, lexicon: QuestionLexicon) -> float:
    """Share of the weight of some words that stands in a text."""
    total = sum(term.weight for term in terms)
    found = sum(term.weight * term_credit(term.text, text, lexicon) for term in terms)
    return found / total if total else 0.0
