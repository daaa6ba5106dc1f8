"""Projects found by their own words: owner, capacity, investment, box."""

from __future__ import annotations

import re

from kg.queries import ENDS_OF_PROJECT
from kg.schema import Label
from kg.tokens import bigrams, fold
from qa.answerers.base import Inquiry
from qa.answerers.boxes import box_of, box_of_most, find_projects, of_asked_kind, say_boxes, say_projects
from qa.answerers.industries import projects_of, trade_of
from qa.binding import says_most, whether
from qa.compose import Draft
from qa.evidence import has_type, term_credit
from qa.knowledge import Knowledge, Node
from qa.question import AnswerType, Question

_ABOUT = re.compile(
    r"项目|工程|专栏|规模|投资|年产|产能|实施主体|建设单位|(?:新建|新盖|要盖|要建|扩建|改造)[^，。？?]{0,6}(?:哪|什么)"
)
_FACTS = (("details", ""), ("status", "状态"), ("capacity", "规模"), ("investment_yi_yuan", "投资（亿元）"))
_WORDS = {"IMPLEMENTED_BY": "实施单位", "LOCATED_IN": "地点"}
_ASKS_OWNER = re.compile(
    r"由谁|谁(?:建|家|来|承|实|负|投)|哪(?:一?家|个)?(?:企业|公司|单位|集团)|"
    r"(?:实施|建设|承建|责任|投资)(?:单位|主体)|业主"
)
_MAX_DETAILED = 3
_LEAST_CREDIT = 0.5
#: what any project can be answered with
_FREE = frozenset({AnswerType.ANY})
_COUNTS_PROJECTS = re.compile(
    r"(?:多少|几)(?:个|项)?[^,，。？?]{0,8}?(?:项目|工程)|(?:项目|工程)[^,，。？?]{0,6}?(?:多少|几)(?:个|项)"
)


class ProjectAnswerer:
    """Answers with the projects whose names carry the question's words."""

    kind = "project"

    def answer(self, inquiry: Inquiry) -> Draft | None:
        """The projects with what is known of them, or None."""
        question, knowledge = inquiry.question, inquiry.knowledge
        named = _named_in(question, knowledge)
        if not named and not _ABOUT.search(question.folded):
            return None
        projects = named or self._found(inquiry)
        projects = [
            p for p in projects if self._answers(question, knowledge, p) and _says_whether(p, inquiry)
        ]
        if not projects:
            asks_owner = bool(_ASKS_OWNER.search(question.folded))
            return self._without_owner(inquiry, named) if named and asks_owner else None
        if question.wants_list and not named and (box := box_of_most(projects, knowledge)):
            return say_boxes(inquiry, [box])
        draft = inquiry.draft(self.kind)
        many = question.wants_list or question.wants_count or len(projects) > _MAX_DETAILED
        if len(projects) > 1 and many:
            draft.say(f"各专栏中相符的项目有{draft.compute(str(len(projects)))}个：")
            say_projects(draft, projects, with_box=True)
        else:
            for project in projects[:_MAX_DETAILED]:
                self._say(draft, knowledge, project)
        self._say_text(inquiry, draft, projects)
        return draft

    def _found(self, inquiry: Inquiry) -> list[Node]:
        """Projects by the words of their names; where a list of a trade is asked for, its projects too."""
        trade = trade_of(inquiry) if inquiry.question.wants_list or inquiry.question.wants_count else None
        if trade and trade.industries:
            return of_asked_kind(projects_of(trade, inquiry), inquiry.question, inquiry.knowledge)
        return find_projects(inquiry.question, inquiry.knowledge)

    def _answers(self, question: Question, knowledge: Knowledge, project: Node) -> bool:
        """Whether the project has what is asked of it: an amount in its unit, a year, a person."""
        if _ASKS_OWNER.search(question.folded) and not self._owned(knowledge, project):
            return False
        if question.wants_list or _COUNTS_PROJECTS.search(question.folded) or question.answer_type in _FREE:
            return True
        if re.search(r"专栏|哪一?类|属于", question.folded):
            return True
        if question.answer_type is AnswerType.PLACE:
            return self._located(knowledge, project)
        facts = fold(" ".join((*project.forms, *(project.text(key) for key, _ in _FACTS))))
        if project.text("details"):  # a row of a table: its columns hold what they say
            return question.answer_type is AnswerType.YEAR or _tells(question, knowledge, project, facts)
        return has_type(facts, question)

    def _without_owner(self, inquiry: Inquiry, projects: list[Node]) -> Draft:
        """The projects are there, but not who builds them: say so, and what there is."""
        draft = inquiry.draft(self.kind)
        draft.refused = True
        draft.say("规划中没有说明该项目由谁实施。规划中的表述：")
        say_projects(draft, projects, with_box=True)
        return draft

    def _owned(self, knowledge: Knowledge, project: Node) -> bool:
        rows = knowledge.store.query(ENDS_OF_PROJECT, {"id": project.id})
        return bool(project.text("details")) or any(row["type"] == "IMPLEMENTED_BY" for row in rows)

    def _located(self, knowledge: Knowledge, project: Node) -> bool:
        rows = knowledge.store.query(ENDS_OF_PROJECT, {"id": project.id})
        return bool(project.text("details")) or any(row["type"] == "LOCATED_IN" for row in rows)

    def _say(self, draft: Draft, knowledge: Knowledge, project: Node) -> None:
        draft.mention([project])
        name = project.aliases[0] if project.aliases else project.name
        mark = draft.cite_node(project, "专栏项目")
        box = box_of(knowledge, project)
        where = ""
        if box:
            place = f"专栏{box.text('number')}“{box.text('topic')}”（{box.text('locator')}）"
            where = f"，列于{place}{draft.cite_node(box, '专栏')}"
        draft.say(f"{name}{mark}{where}。")
        facts = [
            f"{word}：{project.text(key)}" if word else project.text(key)
            for key, word in _FACTS if project.text(key)
        ]
        if amount := project.text("investment_yi_yuan"):
            draft.compute(amount)  # the plan may print it in another unit
        for row in knowledge.store.query(ENDS_OF_PROJECT, {"id": project.id}):
            other = row["other"]
            if isinstance(other, dict):
                evidence = draft.cite_relation(row["relation"], "关系依据")
                facts.append(f"{_WORDS[str(row['type'])]}：{other['name']}{evidence}")
        if facts:
            draft.say("；".join(facts) + "。")

    def _say_text(self, inquiry: Inquiry, draft: Draft, projects: list[Node]) -> None:
        """One or two sentences of running text that speak of the same thing."""
        said = 0
        for match in inquiry.matches[:8]:
            kind = match.sentence.passage.kind.value
            if kind in ("box_item", "table_cell", "table_group") or match.missing or match.coverage < 0.7:
                continue
            draft.quote(match.sentence, "正文依据", prefix="正文：")
            said += 1
            if said == 2:
                return


def _tells(question: Question, knowledge: Knowledge, project: Node, facts: str) -> bool:
    """Whether the columns of a row have the unit asked for, or a word of what is asked beyond the name."""
    if question.answer_type is AnswerType.PERSON:
        return has_type(facts, question)
    if question.units:
        return any((unit.lstrip("万亿") or unit) in facts for unit in question.units)
    name = fold(" ".join(project.forms))
    asked = [term.text for term in question.specific if term.text not in name]
    return not asked or any(term_credit(word, facts, knowledge.lexicon) >= _LEAST_CREDIT for word in asked)


def _says_whether(project: Node, inquiry: Inquiry) -> bool:
    """Whether a project's facts speak of what a yes-or-no question asks of it."""
    asked = whether(inquiry)
    facts = fold(" ".join((*project.forms, *(project.text(key) for key, _ in _FACTS))))
    return not asked or says_most(asked, facts, inquiry)


def _named_in(question: Question, knowledge: Knowledge) -> list[Node]:
    """Projects whose whole name (or nearly) stands in the question."""
    pairs = set(bigrams(question.folded))
    found: list[tuple[float, Node]] = []
    for project in knowledge.of(Label.PROJECT):
        own = set(bigrams(fold(project.name)))
        share = len(own & pairs) / len(own) if own else 0.0
        if share >= 0.8 and len(own) >= 4:
            found.append((share, project))
    found.sort(key=lambda pair: -pair[0])
    return [project for share, project in found if share >= found[0][0] - 0.05][:_MAX_DETAILED]
