"""What a named concept means: the sentence that lists its members or says what it is."""

from __future__ import annotations

import re
from dataclasses import dataclass

from kg.queries import CONCEPT_MEMBERS
from kg.schema import Label
from kg.sentences import clause_spans
from kg.tokens import fold
from qa.answerers.base import Inquiry
from qa.compose import Draft, shown
from qa.knowledge import Node, Sentence
from qa.question import AnswerType, Question

_SUBJECT = re.compile(
    r"(?:什么是|何为|何谓|解释(?:一下)?|说明(?:一下)?)\s*(.{2,20}?)(?:[?？。！]|$|是什么|的含义|的意思)|"
    r"(?:^|[，,、]|请问|规划中?的?|所说的|提到的)(.{2,20}?)(?:具体)?(?:是什么|指的?是|指什么|指哪|是指|是哪|包括哪|包含哪|含义|什么意思|的?定义|分别是|怎么理解|如何理解|都?有哪[几一二三四五六七八九十])"
)
_QUOTES = re.compile(r"[“”\"'‘’「」『』《》]")
_LIST_BEFORE = re.compile(r"、[^。；]{1,60}?$")
_MAX_QUOTE = 260
_WINDOW = 180


@dataclass(frozen=True, slots=True)
class _Found:
    sentence: Sentence
    score: float
    part: bool = False


class DefinitionAnswerer:
    """Answers what a term means with the sentence that says so, and the concept's known members."""

    kind = "definition"

    def answer(self, inquiry: Inquiry) -> Draft | None:
        """The defining sentence, or None when the question asks for no definition."""
        question = inquiry.question
        if not (question.wants_definition or (question.quoted and question.wants_list)):
            return None
        if question.answer_type in (AnswerType.YEAR, AnswerType.PERSON):
            return None
        for term in _terms(question, inquiry.entities):
            found = [*_part_sentences(inquiry, term), *_defining_sentences(inquiry, term)]
            concept = _concept(inquiry, term)
            members = _members(inquiry, concept) if concept else []
            if (found and found[0].score >= 2) or members:
                name = _QUOTES.sub("", concept.name) if concept else term
                return self._draft(inquiry, term, name, found, members)
        return None

    def _draft(
        self,
        inquiry: Inquiry,
        term: str,
        name: str,
        found: list[_Found],
        members: list[tuple[Node, object]],
    ) -> Draft:
        draft = inquiry.draft(self.kind)
        if members:
            marks = "".join(dict.fromkeys(draft.cite_relation(edge, "组成") for _, edge in members))  # type: ignore[arg-type]
            count = draft.compute(str(len(members)))
            draft.say(f"“{name}”包括{count}项：{'、'.join(node.name for node, _ in members)}{marks}。")
            draft.mention(node for node, _ in members)
            draft.cypher = CONCEPT_MEMBERS
        best = found[0].score if found else 0
        parts = sum(item.part for item in found)
        for item in [f for f in found if f.score >= max(best - 0.5, 2) or f.part][: max(parts, 2)]:
            if not item.part and draft.cites(item.sentence.plan_id, item.sentence.start, item.sentence.end):
                continue  # the members' quote is this sentence's
            start, end = _window(inquiry, item.sentence, term)
            mark = draft.cite(item.sentence.plan_id, start, end, "定义")
            draft.say(f"{shown(inquiry.knowledge.text(item.sentence.plan_id, start, end), _MAX_QUOTE)}{mark}")
        return draft


def _terms(question: Question, entities: tuple[Node, ...]) -> list[str]:
    """What may be asked for: the quoted term nearest to the question word first, then the subject."""
    terms = list(reversed(question.quoted))
    for match in _SUBJECT.finditer(question.folded):
        subject = next(group for group in match.groups() if group)
        terms.append(_QUOTES.sub("", subject).strip(" 的是"))
    terms += [fold(_QUOTES.sub("", node.name)) for node in entities if node.label is Label.CONCEPT]
    return [term for term in dict.fromkeys(terms) if len(term) >= 2 or term in question.quoted]


_PART = re.compile(r"[一二两三四五六七八九十]{1,2}[\u4e00-\u9fff]{1,2}?(?=[一二两三四五六七八九十]|$)")


def _part_sentences(inquiry: Inquiry, term: str) -> list[_Found]:
    """Where the parts of a compound are explained one by one: `“两带”是指…` for 一核两带三区."""
    parts = _PART.findall(term)
    if len(parts) < 2 or "".join(parts) != term:
        return []
    found: list[_Found] = []
    for part in parts:
        explained = [f for f in _defining_sentences(inquiry, part, quoted=True) if f.score >= 2]
        if explained:
            found.append(_Found(explained[0].sentence, 9.0, part=True))
    return list({item.sentence.start: item for item in found}.values())


def _defining_sentences(inquiry: Inquiry, term: str, *, quoted: bool = False) -> list[_Found]:
    """Sentences with the term (in quotation marks, if ``quoted``), those that list or explain it first."""
    knowledge = inquiry.knowledge
    found: list[_Found] = []
    marked = re.compile(rf"[“\"‘「]{re.escape(term)}[”\"’」]")
    for passage in knowledge.passages.values():
        if term not in _QUOTES.sub("", fold(passage.text)):
            continue
        for sentence in knowledge.sentences_of(passage.id):
            plain = _QUOTES.sub("", sentence.folded)
            if marked.search(sentence.folded) if quoted or len(term) == 1 else term in plain:
                found.append(_Found(sentence, _definition_score(plain, term)))
    return sorted(found, key=lambda f: (-f.score, f.sentence.start))


def _definition_score(plain: str, term: str) -> float:
    """How clearly a sentence lists the term's members or says what it is."""
    at = plain.find(term)
    before, after = plain[max(0, at - 80) : at], plain[at + len(term) : at + len(term) + 80]
    score = 0.5
    if match := _LIST_BEFORE.search(before):
        near = re.split(r"[，。；]", before)[-1]
        score += 2.5 + 0.1 * match.group().count("、") if "、" in near else 1.0
    if re.match(r"[^，。；]{0,6}[（(][^）)]*[、，][^）)]*[)）]", after):
        score += 3
    if re.match(r"[^，。；]{0,4}[:：]|[，,]?(?:即|是指|指的是|包括|分别[是为]|就是|是|以|为)", after):
        score += 2
    if re.search(r"[(（](?:简称|即|统称)?[“\"]?$", before):
        score += 2.5
    if re.match(r"[^，。；]{0,10}[，。]?(?:一是|构建|形成|以)", after) and "、" in after:
        score += 0.5
    return score


def _window(inquiry: Inquiry, sentence: Sentence, term: str) -> tuple[int, int]:
    """The clauses of a long sentence around the term: its list may stand before or after it."""
    if sentence.end - sentence.start <= _WINDOW:
        return sentence.start, sentence.end
    text = inquiry.knowledge.documents[sentence.plan_id].text
    clauses = clause_spans(text, sentence.start, sentence.end)
    first = next(
        (i for i, (s, e) in enumerate(clauses) if term in _QUOTES.sub("", fold(text[s:e]))), 0
    )
    last = first
    while last + 1 < len(clauses) and clauses[last + 1][1] - clauses[first][0] <= _WINDOW * 2 // 3:
        last += 1
    while first > 0 and clauses[last][1] - clauses[first - 1][0] <= _WINDOW:
        first -= 1
    return clauses[first][0], clauses[last][1]


def _concept(inquiry: Inquiry, term: str) -> Node | None:
    for node in inquiry.knowledge.of(Label.CONCEPT):
        if any(fold(_QUOTES.sub("", form)) == term for form in node.forms):
            return node
    return None


def _members(inquiry: Inquiry, concept: Node) -> list[tuple[Node, object]]:
    rows = inquiry.knowledge.store.query(CONCEPT_MEMBERS, {"id": concept.id})
    nodes = inquiry.knowledge.nodes_in(rows, "member")
    return list(zip(nodes, (row["relation"] for row in rows), strict=False))
