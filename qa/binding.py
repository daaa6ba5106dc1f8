"""Whether what a sentence gives belongs to the thing that is asked about, and not to its neighbour."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kg.model import BlockKind
from kg.schema import Label
from kg.tokens import fold
from qa import patterns
from qa.answerers.base import Inquiry
from qa.evidence import term_credit, values
from qa.knowledge import Node, Sentence
from qa.lexicon import AskedKind
from qa.linking import OWN_NAMES
from qa.question import AnswerType, Term

#: things that act: an amount that stands beside one of them is not that of another one
_ACTORS = frozenset({Label.ENTERPRISE, Label.ORGANIZATION})
_PLACES = frozenset({Label.TOWN, Label.VILLAGE, Label.PLACE})
#: a row's columns, and not its commas, say what belongs together
_ROWS = frozenset({BlockKind.TABLE_CELL, BlockKind.TABLE_GROUP})
#: what parts a sentence: marks, but not in a number, and `和` behind the end of a name
_PART = re.compile(
    r"[,;](?!\d{3}(?!\d))|、|(?<=项目|工程|电站|公司|集团|企业|基地|中心|园区)(?:,?以及|及|和|与)(?!其)"
)
_ENCLOSED = re.compile(r"\([^()]*\)|“[^”]*”|《[^》]*》")
#: what is said of each member of a list, or of all in its order
_EACH = re.compile(r"分别|各(?!类|项|级|种|地|界|方|乡|县|镇)|平均|均(?!衡|价|等)")
_LEAST_CREDIT = 0.5
#: length from which a word of the question names something by itself
_TELLING = 3
#: letters that name something, as units do not
_LATIN = re.compile(r"[a-z]{3}")
#: behind these stands what came into being, and not who made it
_FOUNDED = re.compile(r"(?:成立|组建|设立|创办|新设|注册)(?:了|为)?[^,;、]{0,4}$")
_ASKS_FOUNDED = re.compile(r"成立|组建|设立|创办|新设|注册|新公司|[办开建]了|叫什么")
#: two or three characters between an office and a title
_TITLED = re.compile(
    r"[委府理长院局会]([\u4e00-\u9fff]{2,3})(?:总?书记|同志|总理|主席|院士|教授|先生|女士)"
)
_TITLE = r"(?:总?书记|同志|总理|主席|院士|教授|先生|女士|[县市镇乡局院校董事会]长|主任|经理)"
_BESIDE_TITLE = re.compile(rf"([\u4e00-\u9fff]{{2,3}})?{_TITLE}[:、]?([\u4e00-\u9fff]{{2,3}})?")
_NO_NAME = re.compile(r"[委党第总副级一务组]|负责|主要")
_NEAR = re.compile(r"附近|沿线|沿岸|境内|周边|[东西南北]侧|以[东西南北]|[东西南北]部|内$")
_PLACE_END = re.compile(
    r"[\u4e00-\u9fff]{1,8}?"
    r"(?:镇|乡|村|街道|社区|县|市|区|街|路|河|湖|山|沟|园|寺|水库|基地|广场|景区|厂|校|院|馆|庄)"
)


def binds(sentence: Sentence, inquiry: Inquiry) -> bool:
    """Whether a sentence can be the answer: it gives what is asked, of what is asked.

    An amount or year stands in the part of the thing; a name of the asked kind is not in the question
    already; a reason is given where one is asked for.
    """
    question = inquiry.question
    if question.answer_type in (AnswerType.AMOUNT, AnswerType.YEAR) and not question.wants_list:
        return _value_belongs(sentence, inquiry)
    if not _gives_reason(sentence, inquiry) or not _says_whether(sentence, inquiry):
        return False
    kind = _asked_kind(inquiry)
    if kind is not None:
        return _has_new_name(sentence, inquiry, kind)
    if question.answer_type is AnswerType.PERSON:
        return _names_person(sentence.folded, question.folded)
    if question.answer_type is AnswerType.PLACE:
        return _has_new_place(sentence, inquiry)
    if patterns.DOER.search(question.folded):
        return _has_new_name(sentence, inquiry, None)
    return True


def told_by_unit(word: str, inquiry: Inquiry) -> bool:
    """Whether a word of the question need not stand beside its amount, whose unit says the same."""
    return inquiry.knowledge.lexicon.unit_decides(inquiry.question.folded, word)


def asks_name(inquiry: Inquiry) -> bool:
    """Whether the name of a firm, a place or another thing of some kind is asked for."""
    question = inquiry.question
    if question.wants_list or "什么" in question.folded:  # more is asked than the name
        return False
    doer = bool(patterns.DOER.search(question.folded))
    return doer or question.answer_type is AnswerType.PLACE or _asked_kind(inquiry) is not None


# -- amounts and years


@dataclass(frozen=True, slots=True)
class _Part:
    """A stretch between marks. ``listed``: a list's mark parts it from a neighbour."""

    start: int
    end: int
    text: str
    listed: bool


def parts_of(folded: str) -> list[_Part]:
    """The clauses of a folded sentence, and the members of the lists in them."""
    open_text = _ENCLOSED.sub(lambda found: "·" * len(found[0]), folded)
    marks = list(_PART.finditer(open_text))
    starts = [0, *(mark.end() for mark in marks)]
    ends = [*(mark.start() for mark in marks), len(folded)]
    is_list = [False, *(mark[0] not in ",;" for mark in marks), False]
    return [
        _Part(start, end, folded[start:end], is_list[n] or is_list[n + 1])
        for n, (start, end) in enumerate(zip(starts, ends, strict=True))
    ]


def _value_belongs(sentence: Sentence, inquiry: Inquiry) -> bool:
    """Whether one of the amounts or years that may be the answer is that of the thing."""
    found = values(sentence.folded, inquiry.question)
    if sentence.passage.kind in _ROWS or not found:
        return True
    reading = _Reading(sentence, inquiry)
    if reading.of_others():
        return False
    return any(reading.belongs(start) for start, _ in found)


class _Reading:
    """A sentence in its parts, and what of the question stands in each."""

    def __init__(self, sentence: Sentence, inquiry: Inquiry) -> None:
        self._inquiry, self._sentence = inquiry, sentence
        self._item = sentence.passage.kind is BlockKind.BOX_ITEM
        self._parts = parts_of(sentence.folded)
        lexicon, folded = inquiry.knowledge.lexicon, inquiry.question.folded
        self._events = [group for group in lexicon.events if any(word in folded for word in group)]
        self._asks_year = inquiry.question.answer_type is AnswerType.YEAR
        self._things = {
            term.text: term.weight for term in inquiry.question.terms
            if len(term.text) > 1 and term.text not in lexicon.words.generic and not term.text.isdigit()
            and not lexicon.is_measure(term.text) and not any(term.text in group for group in self._events)
        }
        self._held = [frozenset(t for t in self._things if self._has(part, t)) for part in self._parts]
        self._names = {f for node in inquiry.entities if node.label in _ACTORS for f in _forms(node)}
        self._named = {f for node in inquiry.entities if node.label in OWN_NAMES for f in _forms(node)}

    def _has(self, part: _Part, thing: str) -> bool:
        return term_credit(thing, part.text, self._inquiry.knowledge.lexicon) >= _LEAST_CREDIT

    def of_others(self) -> bool:
        """Whether what is asked about by name is named neither here nor right around."""
        before = "" if self._item else self._sentence.before
        around = (self._sentence.context, before, self._sentence.folded)
        return bool(self._named) and not any(form in text for form in self._named for text in around)

    def belongs(self, offset: int) -> bool:
        """Whether the value at an offset is that of the thing asked about."""
        n = next(n for n, part in enumerate(self._parts) if offset <= part.end)
        part, held = self._parts[n], self._held[n]
        if self._item:
            return self._is_the_item()
        if _EACH.search(part.text):
            return True
        if not self._happens_here(n) or self._of_another_actor(n):
            return False
        before = self._held[:n]
        if held or self._shared_by_list(n, offset):
            return True
        if not any(before):  # said around the sentence, unless what is asked about comes only later
            dates_the_rest = self._asks_year and self._is_bare(part)
            if any(self._tells(later) for later in self._parts[n + 1 :]):
                return dates_the_rest
            return not self._goes_on() or self._is_bare(part)
        nearest = max(m for m in range(n) if self._held[m])
        if self._parts[nearest].listed and not _only_frame(self._held, nearest):
            return False  # one of several: what follows is said of all of them, or of another one
        return not part.listed or self._is_bare(part)

    def _is_the_item(self) -> bool:
        """Whether an item of a box has at least half of what is asked about: its neighbours have some too."""
        held = frozenset[str]().union(*self._held)
        around = [t for t in self._things if t not in held and t in self._sentence.context]
        known = sum(self._things[thing] for thing in (*held, *around))
        return known >= sum(self._things.values()) / 2

    def _happens_here(self, n: int) -> bool:
        """Whether the year is that of the event asked about, and not of another one."""
        if not self._asks_year or not self._events:
            return True
        said = [g for g in self._inquiry.knowledge.lexicon.events if any(w in self._parts[n].text for w in g)]
        return not said or any(group in self._events for group in said)

    def _of_another_actor(self, n: int) -> bool:
        """Whether the part names a firm or body, but not the one asked about, which is named elsewhere."""
        here = self._parts[n].text
        if not self._names or any(form in here for form in self._names):
            return False
        if not any(form in part.text for part in self._parts for form in self._names):
            return False
        return any(node.label in _ACTORS for node in self._inquiry.linker.link(here))

    def _tells(self, part: _Part) -> bool:
        """Whether a part names what is asked about, and not only a short word of it."""
        return any(len(thing) >= _TELLING and thing in part.text for thing in self._things)

    def _goes_on(self) -> bool:
        """Whether only the sentence before names what is asked about, and not the heading."""
        lexicon, sentence = self._inquiry.knowledge.lexicon, self._sentence
        headed = any(term_credit(thing, sentence.context, lexicon) >= _LEAST_CREDIT for thing in self._things)
        return not headed and any(thing in sentence.before for thing in self._things)

    def _shared_by_list(self, n: int, offset: int) -> bool:
        """Whether a share of all members of a list, told behind its `等`, is one of the thing's."""
        part = self._parts[n]
        shares = "%" in self._inquiry.question.units
        return shares and part.listed and "等" in part.text[: offset - part.start]

    def _is_bare(self, part: _Part) -> bool:
        """Whether a part has no thing of its own, so that it goes on about the one before."""
        import rjieba

        lexicon, folded = self._inquiry.knowledge.lexicon, self._inquiry.question.folded
        return not any(
            (tag[:1] == "n" or _LATIN.match(word)) and len(word) > 1 and word not in folded
            and word not in lexicon.words.generic and not lexicon.is_measure(word)
            for word, tag in rjieba.tag(part.text)
        )


def _only_frame(held: list[frozenset[str]], nearest: int) -> bool:
    """Whether a listed part has nothing but what an earlier part has too."""
    return any(held[nearest] <= other for other in held[:nearest])


# -- names, places, reasons


def _asked_kind(inquiry: Inquiry) -> AskedKind | None:
    """The kind of name that a `which` question asks for."""
    folded = inquiry.question.folded
    for kind in inquiry.knowledge.lexicon.kinds:
        words = "|".join(map(re.escape, kind.asked))
        if re.search(rf"哪(?:(?:一?[家个所座]|一)[^,。?、的]{{0,4}}?)?(?:{words})", folded):
            return kind
    return None


def _has_new_name(sentence: Sentence, inquiry: Inquiry, kind: AskedKind | None) -> bool:
    """Whether a name of the kind (or any firm or body) stands there that is not in the question."""
    text = f"{sentence.context} {sentence.folded}"
    labels = kind.labels if kind else _ACTORS
    asked = {node.id for node in inquiry.entities}
    forms = (
        form for node in inquiry.knowledge.of(*labels) if node.id not in asked for form in _forms(node)
        if len(form) > 1 and form in text
    )
    ended = _ended(text, kind.endings) if kind else ()
    new = [form for form in (*forms, *ended) if form not in inquiry.question.folded]
    if _ASKS_FOUNDED.search(inquiry.question.folded):
        return bool(new)
    return any(not _FOUNDED.search(text[: text.find(form)]) for form in new)


def _ended(text: str, endings: Iterable[str]) -> tuple[str, ...]:
    """What ends like a name of a kind: the ending with the two characters before it."""
    ends = "|".join(sorted(map(re.escape, endings), key=len, reverse=True))
    return tuple(re.findall(rf"[\u4e00-\u9fff]{{1,2}}(?:{ends})", text))


def _has_new_place(sentence: Sentence, inquiry: Inquiry) -> bool:
    """Whether a place stands there that is not in the question and is not the county itself."""
    question, text = inquiry.question.folded, sentence.folded
    if _NEAR.search(text):
        return True
    known = {*inquiry.knowledge.own_names, question}
    places = [
        form for node in inquiry.linker.link(text) if node.label in _PLACES for form in _forms(node)
        if form in text
    ]
    places += _PLACE_END.findall(text)
    return any(not any(place in each for each in known) for place in places)


def _names_person(folded: str, asked: str) -> bool:
    """Whether someone is named who is not in the question: a name before or behind a title."""
    import rjieba

    named = [found for found in _TITLED.findall(folded) if not _NO_NAME.search(found)]
    people = {word for word, tag in rjieba.tag(folded) if tag == "nr" and len(word) > 1 and word not in asked}
    return bool(named) or any(found in people for pair in _BESIDE_TITLE.findall(folded) for found in pair)


def _gives_reason(sentence: Sentence, inquiry: Inquiry) -> bool:
    """Whether a reason is given, if one is asked for about a named thing."""
    if not patterns.WHY.search(inquiry.question.folded) or not inquiry.entities:
        return True
    return bool(patterns.REASON.search(sentence.folded))


def whether(inquiry: Inquiry) -> tuple[Term, ...]:
    """What a yes-or-no question asks of the thing that it names: its words beside the names."""
    folded = inquiry.question.folded
    if not patterns.WHETHER.search(folded) or not inquiry.entities or "?" in folded[:-1]:
        return ()
    names = " ".join(form for node in inquiry.entities for form in _forms(node))
    lexicon = inquiry.knowledge.lexicon
    general = lexicon.words.generic - frozenset[str]().union(*lexicon.events)
    words = (term for term in inquiry.question.terms if len(term.text) > 1)
    return tuple(term for term in words if term.text not in names and term.text not in general)


def says_most(terms: Sequence[Term], folded: str, inquiry: Inquiry) -> bool:
    """Whether words with at least half of the weight, or other words for them, stand in a text."""
    lexicon = inquiry.knowledge.lexicon
    said = sum(term.weight for term in terms if term_credit(term.text, folded, lexicon) >= _LEAST_CREDIT)
    return said >= sum(term.weight for term in terms) / 2


def _says_whether(sentence: Sentence, inquiry: Inquiry) -> bool:
    """Whether a sentence speaks of the thing and of what a yes-or-no question asks of it."""
    asked = whether(inquiry)
    if not asked:
        return True
    around = f"{sentence.context} {sentence.before} {sentence.folded}"
    named = [node for node in inquiry.entities if node.label in OWN_NAMES]
    about = not named or any(form in around for node in named for form in _forms(node))
    return about and says_most(asked, sentence.folded, inquiry)


def _forms(node: Node) -> Iterable[str]:
    return (fold(form) for form in node.forms)
