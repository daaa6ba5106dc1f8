"""Profiles of enterprises, places and other named things: their projects and what the text says."""

from __future__ import annotations

import re
from collections.abc import Sequence

from kg.queries import MENTIONING_PASSAGES, PROJECTS_IN_PLACE, PROJECTS_OF_ACTOR
from kg.schema import Label
from kg.sentences import clause_spans
from kg.tokens import fold
from qa.answerers.base import Inquiry
from qa.answerers.boxes import box_of, say_projects
from qa.answerers.relations import WORKS_WITH, say_partners
from qa.binding import asks_name, whether
from qa.compose import Draft
from qa.evidence import Match, match
from qa.knowledge import Knowledge, Node, Sentence
from qa.linking import OWN_NAMES
from qa.question import AnswerType

#: asked for one of these, a profile is no answer
_ATTRIBUTES = frozenset({AnswerType.AMOUNT, AnswerType.YEAR, AnswerType.PERSON})
#: a profile counts these
_COUNTED = re.compile(r"(?:多少|几)(?:个|项|家|条|处|次)?[^,，。？?]{0,6}?(?:项目|工程|专栏|地方|处|次)")
_MAX_SENTENCES = 5
_MAX_CHARS = 900
_WINDOW = 130


class EntityAnswerer:
    """Answers about a named thing when nothing else specific is asked of it."""

    kind = "entity"

    def answer(self, inquiry: Inquiry) -> Draft | None:
        """The profile, or None when the question names nothing or asks for something specific."""
        named = [node for node in inquiry.entities if node.label in OWN_NAMES]
        if not named or self._asks_more(inquiry, named):
            return None
        if inquiry.question.answer_type in _ATTRIBUTES and not _COUNTED.search(inquiry.question.folded):
            return None
        if asks_name(inquiry) or whether(inquiry):
            return None
        named = [node for node in named if node.label is named[0].label][:3]
        knowledge = inquiry.knowledge
        forms = sorted({fold(f) for node in named for f in node.forms if len(f) >= 2}, key=len, reverse=True)
        projects = projects_of(knowledge, named, forms)
        sentences = mention_sentences(inquiry, named, forms)
        if not projects and not sentences:
            return None
        draft = inquiry.draft(self.kind)
        draft.cypher = PROJECTS_OF_ACTOR
        draft.mention(named)
        name = "、".join(node.name for node in named)
        if projects:
            self._say_projects(inquiry, draft, name, projects)
        if WORKS_WITH.search(inquiry.question.folded) or not inquiry.question.wants_list:
            for node in named:
                say_partners(draft, node)
        self._say_sentences(draft, name, sentences, forms, bool(projects))
        return draft

    def _asks_more(self, inquiry: Inquiry, named: Sequence[Node]) -> bool:
        forms = " ".join(fold(form) for node in named for form in node.forms)
        return any(t.text not in forms and not WORKS_WITH.search(t.text) for t in inquiry.question.specific)

    def _say_projects(self, inquiry: Inquiry, draft: Draft, name: str, projects: list[Node]) -> None:
        count = draft.compute(str(len(projects)))
        draft.say(f"{name}在各专栏中共有{count}个项目：")
        say_projects(draft, projects, with_box=True)
        boxes = {box.id: box for p in projects if (box := box_of(inquiry.knowledge, p))}
        topics = [
            f"专栏{b.text('number')}（{b.text('locator')}）为“{b.text('topic')}”" for b in boxes.values()
        ]
        if topics:
            marks = "".join(draft.cite_node(box, "专栏") for box in boxes.values())
            draft.say(f"所在专栏：{'；'.join(topics)}{marks}。")

    def _say_sentences(
        self, draft: Draft, name: str, matches: Sequence[Match], forms: Sequence[str], has_projects: bool
    ) -> None:
        used = 0
        said: set[str] = set()
        lead = False
        for found in matches:
            sentence = found.sentence
            if sentence.folded in said or len(said) == _MAX_SENTENCES:
                continue
            start, end = window(draft.knowledge, sentence, forms)
            if (used and used + end - start > _MAX_CHARS) or draft.cites(sentence.plan_id, start, end):
                continue
            said.add(sentence.folded)
            if not lead:
                draft.say("正文提到：" if has_projects else f"关于{name}，规划提到：")
                lead = True
            mark = draft.cite(sentence.plan_id, start, end, "正文提及")
            text = re.sub(r"\s+", " ", draft.knowledge.text(sentence.plan_id, start, end))
            draft.say(f"- {text}{mark}")
            used += end - start


def projects_of(knowledge: Knowledge, nodes: Sequence[Node], forms: Sequence[str]) -> list[Node]:
    """Projects tied to these nodes in the graph, or naming them, in document order."""
    found: dict[str, Node] = {}
    for node in nodes:
        actor = node.label in (Label.ENTERPRISE, Label.ORGANIZATION)
        query = PROJECTS_OF_ACTOR if actor else PROJECTS_IN_PLACE
        for project in knowledge.nodes_in(knowledge.store.query(query, {"id": node.id}), "project"):
            found[project.id] = project
    if not found or nodes[0].label not in (Label.ENTERPRISE,):
        for project in knowledge.of(Label.PROJECT):
            name = fold(" ".join(project.forms))
            if any(form in name for form in forms):
                found[project.id] = project
    return sorted(found.values(), key=lambda p: (p.text("plan"), p.integer("start") or 0))


def mention_sentences(inquiry: Inquiry, nodes: Sequence[Node], forms: Sequence[str]) -> list[Match]:
    """Sentences of running text that name these nodes, those nearest to the question first."""
    knowledge = inquiry.knowledge
    passages: dict[str, None] = {}
    for node in nodes:
        for row in knowledge.store.query(MENTIONING_PASSAGES, {"id": node.id}):
            passages[str(row["passage"])] = None
    for found in inquiry.matches:
        passages.setdefault(found.sentence.passage.id, None)
    matches: list[Match] = []
    for passage in passages:
        if knowledge.passages[passage].kind.value in ("box_item", "table_cell", "table_group"):
            continue
        headings = knowledge.passages[passage].headings
        nearest = fold(headings[-1]) if headings else ""
        for sentence in knowledge.sentences_of(passage):
            if any(form in sentence.folded or form in nearest for form in forms):
                matches.append(match(sentence, inquiry.question, knowledge.lexicon))
    return sorted(matches, key=lambda m: (-_closeness(m, forms), -round(m.score, 2), m.sentence.start))


def _closeness(found: Match, forms: Sequence[str]) -> int:
    """2 for a sentence in the thing's own part, 1 for one that begins with its name, 0 for the rest."""
    headings = found.sentence.passage.headings
    if headings and any(form in fold(headings[-1]) for form in forms):
        return 2
    return int(found.sentence.folded.startswith(tuple(forms)))


def window(knowledge: Knowledge, sentence: Sentence, forms: Sequence[str]) -> tuple[int, int]:
    """The clauses of a long sentence around the first name in it; short sentences whole."""
    if sentence.end - sentence.start <= _WINDOW:
        return sentence.start, sentence.end
    text = knowledge.documents[sentence.plan_id].text
    clauses = clause_spans(text, sentence.start, sentence.end)
    hits = [i for i, (s, e) in enumerate(clauses) if any(f in fold(text[s:e]) for f in forms)]
    first = hits[0] if hits else 0
    last = first
    while last + 1 < len(clauses) and clauses[last + 1][1] - clauses[first][0] <= _WINDOW:
        last += 1
    while first > 0 and clauses[last][1] - clauses[first - 1][0] <= _WINDOW:
        first -= 1
    return clauses[first][0], clauses[last][1]


