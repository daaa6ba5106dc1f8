"""Resolve a follow-up question from the conversation into one that stands alone."""

from __future__ import annotations

import re

from kg.schema import Label
from kg.tokens import bigrams, fold
from qa.knowledge import Knowledge, Node
from qa.linking import EntityLinker
from qa.model import History
from qa.patterns import DATE

_PRONOUN = re.compile(
    r"(?:它们|他们|它|这些|那些|上述|前面|刚才|其(?!中|他|它|余)|(?:该|此|这|那)(?=[个家项座条类一]|项目|企业|公司|工程|指标|地方|乡|镇|村|产业|集团|专栏))"
    r"(?:个|家|项(?!目)|座|条|类|一)?(?:项目|企业|公司|工程|指标|地方|乡镇|镇|乡|村|产业|概念|集团|专栏|目标)?(?:的)?"
)
_TOWNS = frozenset({Label.TOWN, Label.VILLAGE, Label.PLACE})
_FIRMS = frozenset({Label.ENTERPRISE, Label.ORGANIZATION})
#: what a pronoun's noun says about the kind of thing it stands for
_KINDS = dict.fromkeys(("镇", "乡", "村", "地方"), _TOWNS) | dict.fromkeys(("企业", "公司", "集团"), _FIRMS)
_ELLIPTIC = re.compile(r"^(?:那么?|还有|另外|再说|然后|以及)|呢[?？。]?$")
_YEAR = re.compile(r"20\d\d\s*年?")
#: turns that a subject is carried on through
_MOST_TURNS = 6
#: a follow-up of so many characters names its topic itself
_OWN_TOPIC = 6
_ASKED = re.compile(r"(?:达到|提高到|是|有|为|要)?(?:多少|几|什么|哪)[^，。？?]*[？?]?$")


def resolve(question: str, history: History, knowledge: Knowledge, linker: EntityLinker) -> str:
    """The question, made to stand alone with what earlier turns were about; unchanged if it does.

    Earlier turns are resolved in their order too, so that a subject is carried on through several.
    """
    last: tuple[str, str] | None = None
    for asked, said in history[-_MOST_TURNS:]:
        last = (_resolved(asked, last, knowledge, linker), said)
    return _resolved(question, last, knowledge, linker)


def _resolved(
    question: str, last: tuple[str, str] | None, knowledge: Knowledge, linker: EntityLinker
) -> str:
    if last is None:
        return question
    last_question, last_answer = last
    folded = fold(question)
    own = linker.link(folded)
    pronoun = _PRONOUN.search(question)
    if pronoun and not (own and not _starts_with_pronoun(question)):
        subject = _subject(last_question, last_answer, pronoun.group(), knowledge, linker)
        if subject:
            return question[: pronoun.start()] + subject + _after(question, pronoun)
    if _ELLIPTIC.search(question.strip()) or len(folded) <= 8:
        return _substitute(question, last_question, own, linker)
    if not own and _few_words(folded):
        return f"{last_question} {question}"
    return question


def _starts_with_pronoun(question: str) -> bool:
    return bool(re.match(r"\s*(?:那|这|它|该|其)", question))


def _after(question: str, pronoun: re.Match[str]) -> str:
    rest = question[pronoun.end() :]
    return ("的" if pronoun.group().endswith("的") else "") + rest


def _few_words(folded: str) -> bool:
    """Whether hardly anything but a date is said."""
    return len(re.sub(r"[\s，。？?！、的了是有要能达到末多少哪些什么吗呢]", "", DATE.sub("", folded))) <= 5


def _subject(
    last_question: str, last_answer: str, pronoun: str, knowledge: Knowledge, linker: EntityLinker
) -> str:
    """What a pronoun stands for: a project if it says so, else the thing last spoken of."""
    if "专栏" in pronoun and (boxes := re.findall(r"专栏\d+(?:-\d+)?", last_answer + last_question)):
        return str(boxes[0])
    if re.search(r"项目|工程", pronoun):
        project = _project_in(last_answer, knowledge) or _project_in(last_question, knowledge)
        if project:
            return project.name
    if "指标" in pronoun:
        for text in (last_question, last_answer):
            if indicator := _indicator_in(text, knowledge):
                return indicator.name
    labels = next((labels for word, labels in _KINDS.items() if word in pronoun), None)
    for text in (last_question, last_answer):
        nodes = tuple(n for n in linker.link(fold(text)) if labels is None or n.label in labels)
        if nodes:
            forms = linker.forms_of(nodes[:1], fold(text))
            return forms[0] if forms else nodes[0].name
    for text in (last_question, last_answer):
        indicator = _indicator_in(text, knowledge)
        if indicator:
            return indicator.name
    quoted = re.findall(r"[“\"《]([^”\"》]{2,20})[”\"》]", last_question)
    return quoted[-1] if quoted else ""


def _project_in(text: str, knowledge: Knowledge) -> Node | None:
    return _best_in(text, knowledge, Label.PROJECT)


def _indicator_in(text: str, knowledge: Knowledge) -> Node | None:
    return _best_in(text, knowledge, Label.INDICATOR)


def _best_in(text: str, knowledge: Knowledge, label: Label) -> Node | None:
    """The node whose name stands in the text, nearly whole."""
    pairs = set(bigrams(text))
    best: tuple[float, Node] | None = None
    for node in knowledge.of(label):
        own = set(bigrams(node.name))
        share = len(own & pairs) / len(own) if own else 0.0
        if share >= 0.7 and (best is None or share > best[0]):
            best = (share, node)
    return best[1] if best else None


def _substitute(question: str, last_question: str, own: tuple[Node, ...], linker: EntityLinker) -> str:
    """`那2025年呢` → the last question with its year replaced; `那X呢` → with its thing replaced."""
    years = _YEAR.findall(question)
    if years and not own:
        if _YEAR.search(last_question):
            return _YEAR.sub(years[0], last_question, count=1)
        return f"{years[0]}{last_question}"
    core = re.sub(r"^(?:那么?|还有|另外|再说|然后|以及)|呢?[?？。]?$", "", question.strip())
    asked = _ASKED.search(last_question)
    names = linker.forms_of(own, fold(core))
    if asked and len(core) - len(names[0] if names else "") >= _OWN_TOPIC:
        return f"{core}{asked.group()}"  # a topic of its own: only what is asked comes from before
    old = linker.link(fold(last_question))
    if own and old:
        old_forms = linker.forms_of(old[:1], fold(last_question))
        new_forms = linker.forms_of(own[:1], fold(question))
        if old_forms and new_forms:
            return fold(last_question).replace(old_forms[0], new_forms[0])
    return f"{last_question} {core}" if core else last_question
