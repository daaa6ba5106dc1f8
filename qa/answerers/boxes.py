"""Boxes and their projects: complete lists, counts, and projects that share a topic."""

from __future__ import annotations

import re
from collections.abc import Sequence

from kg.queries import PROJECTS_OF_BOX
from kg.schema import Label
from kg.tokens import fold
from qa.answerers.base import Inquiry
from qa.compose import Draft, format_number
from qa.evidence import asked_pairs, share_asked, term_credit
from qa.knowledge import Knowledge, Node
from qa.patterns import KIND
from qa.question import Question, Term

_ABOUT_PROJECTS = re.compile(r"项目|工程|专栏|清单|列了|建设哪|建哪")
#: words for what is asked of a project, not for the project
_FACET = re.compile(
    r"^(?:(?:建设|实施|承建|责任|牵头)?(?:单位|主体|地点|地址|年限|时间|工期|业主|规模)|"
    r"总?投资额?|年产|产能|产量|资金)$"
)
#: words for the form of the list, not its topic
_FORM = frozenset("项目 工程 专栏 清单 列表 名单 类 建设 阶段 状态 新建 改造".split())
#: what joins things that are asked for alike, and what makes them examples of a kind
_JOIN = re.compile(r"(?:、|和|与|及|以及|或者?|还有|跟)$")
_EXAMPLES = re.compile(r"[这那一]类|之类|[这那]种|等(?!级|于|待)|[这那]些")
_TOPIC_END = re.compile(r"(?:类)?(?:重点|重大)?(?:建设)?(?:项目|工程项目|工程)+$")
_MAX_FOUND = 25
#: what asks for one of several
_ONE_OF_THEM = re.compile(r"哪一?(?:个|项|条|座|处|家|所|类)|有没有|有无|是否有")
_SAME_WORD = 0.9
#: share of a box's and of the found projects that must be the same for the box to be what is asked for
_MOST_OF, _SMALLEST = 0.7, 4


class BoxAnswerer:
    """Answers with the items of a box, named by number or by topic, or with projects by topic."""

    kind = "box"

    def answer(self, inquiry: Inquiry) -> Draft | None:
        """A box's list or count, or projects from all boxes whose names carry the question's words."""
        question, knowledge = inquiry.question, inquiry.knowledge
        boxes = self._by_number(question, knowledge)
        if boxes:
            return self._chosen(inquiry, boxes) or say_boxes(inquiry, boxes)
        if question.box_numbers:
            return None
        if not _ABOUT_PROJECTS.search(question.folded):
            return None
        if box := self._by_topic(question, knowledge):
            return self._chosen(inquiry, [box]) or say_boxes(inquiry, [box])
        return self._part_of_box(inquiry)

    def _by_number(self, question: Question, knowledge: Knowledge) -> list[Node]:
        return [b for b in knowledge.of(Label.BOX) if b.text("number") in question.box_numbers]

    def _by_topic(self, question: Question, knowledge: Knowledge) -> Node | None:
        """The box whose topic covers the question and is covered by it; None if none clearly does."""
        best: tuple[float, Node] | None = None
        for box in knowledge.of(Label.BOX):
            score = _topic_score(fold(box.text("topic")), question, knowledge)
            if score > (best[0] if best else 0.72):
                best = (score, box)
        return best[1] if best and not self._of_other_kind(question, best[1], knowledge) else None

    def _of_other_kind(self, question: Question, box: Node, knowledge: Knowledge) -> bool:
        """`哪些公路项目跟旅游有关`: a kind that other projects are of, and hardly any of this box's."""
        topic = fold(box.text("topic"))
        inside, every = projects_of_box(knowledge, box), list(knowledge.of(Label.PROJECT))
        for term in _kinds_of_project(question):
            if term_credit(term.text, topic, knowledge.lexicon):
                continue
            of_kind = [project for project in every if _has(project, term, knowledge)]
            if of_kind and 2 * sum(project in of_kind for project in inside) < len(inside):
                return True
        return False

    def _chosen(self, inquiry: Inquiry, boxes: list[Node]) -> Draft | None:
        """`供电工程项目里220千伏的是哪个`: the items that have what the question says of one of them."""
        question, knowledge = inquiry.question, inquiry.knowledge
        if len(boxes) != 1 or not _ONE_OF_THEM.search(question.folded):
            return None
        (box,) = boxes
        known = fold(f"{box.name} {box.text('topic')}")
        rest = [t for t in question.terms if t.text not in known and t.text not in _FORM and _tells_apart(t)]
        every = projects_of_box(knowledge, box)
        fitting = [project for project in every if all(_has(project, term, knowledge) for term in rest)]
        return self._say_part(inquiry, box, fitting) if rest and 0 < len(fitting) < len(every) else None

    def _part_of_box(self, inquiry: Inquiry) -> Draft | None:
        """`城市建设专栏里有几个道排工程`: the items of the named box that carry the other words."""
        question, knowledge = inquiry.question, inquiry.knowledge
        for box in knowledge.of(Label.BOX):
            core = _TOPIC_END.sub("", fold(box.text("topic")))
            if len(core) < 3 or core not in question.folded:
                continue
            rest = [t for t in question.specific if t.text not in core and not core.startswith(t.text)]
            projects = [
                p for p in projects_of_box(knowledge, box)
                if all(term_credit(t.text, fold(project_text(p)), knowledge.lexicon) >= 0.5 for t in rest)
            ]
            if rest and projects:
                return self._say_part(inquiry, box, projects)
        return None

    def _say_part(self, inquiry: Inquiry, box: Node, projects: list[Node]) -> Draft:
        draft = inquiry.draft(self.kind)
        count = draft.compute(str(len(projects)))
        mark = draft.cite_node(box, "专栏")
        draft.say(f"{box.name}（{box.text('locator')}）中相符的有{count}项{mark}：")
        say_projects(draft, projects)
        return draft


def of_asked_kind(projects: list[Node], question: Question, knowledge: Knowledge) -> list[Node]:
    """Those of the kind that is asked for (`哪些公路项目`); all where none is, or none is asked for."""
    kinds = _kinds_of_project(question)
    return [p for p in projects if all(_has(p, kind, knowledge) for kind in kinds)] or projects


def _kinds_of_project(question: Question) -> list[Term]:
    return [term for term in kinds_asked(question) if term.text not in _FORM and len(term.text) > 1]


def _tells_apart(term: Term) -> bool:
    """Whether a word may be of one item and not of another: a number is, a word for anything is not."""
    return not term.generic or term.text[0].isdigit()


def _has(project: Node, term: Term, knowledge: Knowledge) -> bool:
    text = fold(project_text(project))
    if term.text[0].isdigit():
        return bool(re.search(rf"(?<![\d.]){re.escape(term.text)}(?![\d.])", text))
    return term_credit(term.text, text, knowledge.lexicon) >= _SAME_WORD


def _say_money(inquiry: Inquiry, boxes: list[Node]) -> Draft | None:
    """The sum of what the boxes' projects cost, or None where no project states it."""
    draft = inquiry.draft(BoxAnswerer.kind)
    for box in boxes:
        priced = [
            (project, amount)
            for project in projects_of_box(inquiry.knowledge, box)
            if (amount := project.number("investment_yi_yuan")) is not None
        ]
        if not priced:
            continue
        total = draft.compute(format_number(sum(amount for _, amount in priced)))
        terms = " + ".join(draft.compute(format_number(amount)) for _, amount in priced)
        mark = draft.cite_node(box, "专栏")
        count = draft.compute(str(len(priced)))
        draft.say(f"{box.name}中列明投资的{count}个项目合计{total}亿元（{terms}）{mark}：")
        say_projects(draft, [project for project, _ in priced])
    return draft if draft.quoted else None


def say_boxes(inquiry: Inquiry, boxes: list[Node]) -> Draft | None:
    """The projects of these boxes; where money is asked for, what they cost, or None if none says."""
    if "元" in inquiry.question.units and not inquiry.question.wants_list:
        return _say_money(inquiry, boxes)
    draft = inquiry.draft(BoxAnswerer.kind)
    draft.cypher = PROJECTS_OF_BOX
    for box in boxes:
        projects = projects_of_box(inquiry.knowledge, box)
        mark = draft.cite_node(box, "专栏")
        draft.mention([box])
        count = draft.compute(str(len(projects)))
        draft.say(f"{box.name}（{box.text('locator')}）共列{count}项{mark}：")
        say_projects(draft, projects)
    return draft


def _topic_score(topic: str, question: Question, knowledge: Knowledge) -> float:
    core = _TOPIC_END.sub("", topic) or topic
    terms = [t for t in question.terms if t.text not in _FORM]
    total = sum(t.weight for t in terms)
    covered = sum(t.weight * term_credit(t.text, topic, knowledge.lexicon) for t in terms)
    precision = covered / total if total else 0.0
    recall = share_asked(core, asked_pairs(question, knowledge.lexicon), knowledge.weight)
    return 0.5 * precision + 0.5 * recall if recall >= 0.4 else 0.0


def projects_of_box(knowledge: Knowledge, box: Node) -> list[Node]:
    """The projects that a box lists, in their order."""
    return knowledge.nodes_in(knowledge.store.query(PROJECTS_OF_BOX, {"id": box.id}))


def find_projects(question: Question, knowledge: Knowledge) -> list[Node]:
    """Projects whose names carry all the question's specific words, in document order.

    Of words that it joins (`预制件、管桩这类`) one is enough; what they are examples of need not be named.
    Where the joined words are what is asked for (`哪些学校和幼儿园`), of all others only a place counts.
    """
    asked = [t for t in asked_terms(question) if t.text not in _FORM and not _FACET.search(t.text)]
    terms = [t for t in asked if not t.generic]
    joined = joined_terms(question, asked)
    gloss = _EXAMPLES.search(question.folded) if joined else None
    kinds = any(term in kinds_asked(question) for term in joined)
    rest = [
        t for t in terms if t not in joined and (t.place or not kinds)
        and not (gloss and question.folded.find(t.text) >= gloss.start())
    ]
    if not terms and not joined:
        return []
    weight = max((t.weight for t in joined), default=0.0)
    total = sum(t.weight for t in rest) + weight
    found: list[Node] = []
    for project in knowledge.of(Label.PROJECT):
        text = fold(project_text(project))
        covered = sum(t.weight * term_credit(t.text, text, knowledge.lexicon) for t in rest)
        covered += weight * max((term_credit(t.text, text, knowledge.lexicon) for t in joined), default=0.0)
        if covered / total >= 0.75:
            found.append(project)
    return found[:_MAX_FOUND]


def box_of_most(projects: Sequence[Node], knowledge: Knowledge) -> Node | None:
    """The box that lists nearly all of these projects and little else; None if none does."""
    for box in knowledge.of(Label.BOX):
        inside = [project for project in projects if box_of(knowledge, project) is box]
        size = len(projects_of_box(knowledge, box))
        if len(inside) >= _MOST_OF * max(len(projects), size) and size >= _SMALLEST:
            return box
    return None


def asked_terms(question: Question) -> list[Term]:
    """What tells which things: the specific words, and the kinds of things right behind the question word."""
    kinds = kinds_asked(question)
    return [t for t in question.terms if not t.generic or (t in kinds and len(t.text) > 1)]


def kinds_asked(question: Question) -> list[Term]:
    """The words right behind a question word: `学校` in `哪些学校`."""
    behind = [match.end() for match in KIND.finditer(question.folded)]
    return [t for t in question.terms if any(question.folded.startswith(t.text, n) for n in behind)]


def joined_terms(question: Question, terms: Sequence[Term]) -> list[Term]:
    """The terms that the question names side by side: `医院、卫生院`, `学校和幼儿园`."""
    folded = question.folded
    ends = {folded.find(t.text) + len(t.text): t for t in terms}
    found: list[Term] = []
    for term in terms:
        join = _JOIN.search(folded[: folded.find(term.text)])
        if join and (before := ends.get(join.start())):
            found += [before, term]
    return list(dict.fromkeys(found))


def project_text(project: Node) -> str:
    """Everything that a project's own line says."""
    return " ".join((*project.forms, project.text("details"), project.text("status")))


def say_projects(draft: Draft, projects: list[Node], *, with_box: bool = False) -> None:
    """One numbered line per project, each with its citation."""
    draft.mention(projects)
    for i, project in enumerate(projects, 1):
        name = project.aliases[0] if project.aliases else project.name
        where = f"（专栏{project.text('box')}）" if with_box and project.text("box") else ""
        draft.say(f"{i}. {name}{where}{draft.cite_node(project, '专栏项目')}")


def box_of(knowledge: Knowledge, project: Node) -> Node | None:
    """The box that lists a project."""
    return next((b for b in knowledge.of(Label.BOX) if project.id.startswith(f"{b.id}/")), None)
