"""Who is in a trade: the firms (and projects) of an industry or a product, each with its sentence."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from kg.model import Cell
from kg.named_queries import NAMED
from kg.queries import PRODUCERS
from kg.schema import Label
from kg.tokens import fold
from qa.answerers.base import Inquiry
from qa.answerers.boxes import find_projects, say_projects
from qa.compose import Draft
from qa.evidence import term_credit
from qa.knowledge import Knowledge, Node
from qa.question import AnswerType, Question

_FIRMS = re.compile(
    r"(?:哪|什么|有啥|几|多少|列|骨干|龙头|重点|领军|主要|代表|核心|所有)[^，。？?]{0,8}(?:企业|公司|厂家|厂商|集团|工厂|厂子?(?![房区]))|"
    r"(?:企业|公司|厂家|厂商|集团|工厂)[^，。？?]{0,12}(?:哪|什么|有谁|几家|多少家)|龙头是?谁|"
    r"合作(?:对象|伙伴|企业)|(?:跟|和|与|找)(?:谁|哪)|谁[^，。？?]{0,2}(?:做|生产|造|从事|经营|干|搞)"
)
#: what is asked of the firms, not which trade they are in
_ABOUT_FIRMS = re.compile(
    r"^(?:.{0,2}(?:企业|公司|厂家|厂商|厂|工厂|集团)|龙头|骨干|领军|链主|合作|伙伴|对象|代表|投资|材料商|产业|行业|领域|"
    r"产业链|业|家|主)$"
)
_MAX_FIRMS = 20
_MAX_SENTENCES = 2
#: how much longer than the words of a question an industry's name may be: `产业`, `业`
_ROOM = 3


@dataclass
class _Firm:
    """A firm with the relations that tie it to the trade."""

    node: Node
    relations: list[Mapping[str, Cell]] = field(default_factory=list)
    products: list[str] = field(default_factory=list)


class IndustryAnswerer:
    """Lists the firms of a trade that the question names, and its projects when these are asked for too."""

    kind = "industry"

    def answer(self, inquiry: Inquiry) -> Draft | None:
        """The firms with their evidence, or None when no firms are asked for or the trade has none."""
        question = inquiry.question
        if not _FIRMS.search(question.folded) or not _lists(question):
            return None
        trade = trade_of(inquiry)
        firms = _firms(trade, inquiry.knowledge) if trade else []
        if not trade or not firms:
            return None
        draft = inquiry.draft(self.kind)
        draft.cypher = NAMED["enterprises_of_industry"].cypher
        _say_firms(draft, trade, firms)
        if re.search(r"项目|工程", question.folded) and (projects := projects_of(trade, inquiry)):
            draft.say(f"相关的专栏项目有{draft.compute(str(len(projects)))}个：")
            say_projects(draft, projects, with_box=True)
        _say_text(inquiry, draft, trade)
        return draft


@dataclass(frozen=True, slots=True)
class Trade:
    """What a question says firms or projects are in: how it is written, and the nodes that it means."""

    words: tuple[str, ...]
    industries: tuple[Node, ...]
    products: tuple[Node, ...]

    @property
    def name(self) -> str:
        """As the question writes it."""
        return "、".join(self.words)


def trade_of(inquiry: Inquiry) -> Trade | None:
    """The trade that a question speaks of; None when it speaks of something else as well, or of no trade."""
    question, knowledge = inquiry.question, inquiry.knowledge
    linked = [node for node in inquiry.entities if node.label in (Label.INDUSTRY, Label.PRODUCT)]
    forms = inquiry.linker.forms_of(linked, question.folded)
    if any(f not in forms for f in inquiry.linker.forms_of(inquiry.entities, question.folded)):
        return None
    words = [form for form in forms if not any(form in other for other in forms if form != other)]
    subject = [t for t in question.specific if not _ABOUT_FIRMS.search(t.text) and len(t.text) > 1]
    rest = [term.text for term in subject if not any(term.text in word for word in words)]
    wanted = tuple(dict.fromkeys([*words, *rest]))
    if not wanted:
        return None
    industries = tuple(n for n in knowledge.of(Label.INDUSTRY) if _carries(n, wanted, knowledge, whole=True))
    products = tuple(n for n in knowledge.of(Label.PRODUCT) if _carries(n, wanted, knowledge, whole=False))
    return Trade(wanted, industries, products) if industries or products else None


def projects_of(trade: Trade, inquiry: Inquiry) -> list[Node]:
    """The trade's projects: those of its industries, and those whose names carry its words."""
    knowledge = inquiry.knowledge
    found = {project.id: project for project in find_projects(inquiry.question, knowledge)}
    for industry in trade.industries:
        for row in knowledge.store.query(NAMED["projects_of_industry"].cypher, {"name": industry.id}):
            if project := knowledge.by_id.get(str(row["id"])):
                found[project.id] = project
    return sorted(found.values(), key=lambda p: (p.text("plan"), p.integer("start") or 0))


def _lists(question: Question) -> bool:
    return question.wants_count or question.answer_type in (AnswerType.ANY, AnswerType.PERSON)


def _firms(trade: Trade, knowledge: Knowledge) -> list[_Firm]:
    """The firms of a trade's industries and products, in the plan's order."""
    found: dict[str, _Firm] = {}
    for industry in trade.industries:
        for row in knowledge.store.query(NAMED["enterprises_of_industry"].cypher, {"name": industry.id}):
            if firm := knowledge.by_id.get(str(row["id"])):
                relation = {"plan": row["plan"], "start": row["start"], "end": row["stop"]}
                found.setdefault(firm.id, _Firm(firm)).relations.append(relation)
    for product in trade.products:
        for row in knowledge.store.query(PRODUCERS, {"id": product.id}):
            for firm in knowledge.nodes_in([row]):
                if firm.label is Label.ENTERPRISE and isinstance(row["relation"], Mapping):
                    entry = found.setdefault(firm.id, _Firm(firm))
                    entry.relations.append(row["relation"])
                    entry.products.append(product.name)
    return sorted(found.values(), key=lambda f: (f.node.text("plan"), f.node.integer("start") or 0))


def _carries(node: Node, words: Sequence[str], knowledge: Knowledge, *, whole: bool) -> bool:
    """Whether a name of the node carries every word; ``whole``: and little else."""
    longest = sum(map(len, words)) + _ROOM if whole else math.inf
    return any(
        len(form) <= longest and all(term_credit(word, form, knowledge.lexicon) >= 0.9 for word in words)
        for form in map(fold, node.forms)
    )


def _say_firms(draft: Draft, trade: Trade, firms: list[_Firm]) -> None:
    draft.mention(firm.node for firm in firms)
    draft.say(f"规划中与“{trade.name}”有关的企业有{draft.compute(str(len(firms)))}家：")
    for number, firm in enumerate(firms[:_MAX_FIRMS], 1):
        products = "、".join(dict.fromkeys(firm.products))
        made = f"（{products}）" if products else ""
        marks = "".join(dict.fromkeys(draft.cite_relation(r, "企业与行业") for r in firm.relations[:2]))
        draft.say(f"{number}. {firm.node.name}{made}{marks}")
    if len(firms) > _MAX_FIRMS:
        draft.say(f"其余{draft.compute(str(len(firms) - _MAX_FIRMS))}家从略。")


def _say_text(inquiry: Inquiry, draft: Draft, trade: Trade) -> None:
    """What the running text says of the trade and its firms."""
    said: list[str] = []
    for match in inquiry.matches[:12]:
        sentence = match.sentence
        if len(said) == _MAX_SENTENCES or sentence.passage.kind.value.startswith(("box", "table")):
            continue
        if any(term_credit(w, sentence.folded, inquiry.knowledge.lexicon) < 0.9 for w in trade.words):
            continue
        if sentence.folded not in said and re.search(r"企业|公司|集团|龙头|依托", sentence.folded):
            draft.quote(sentence, "正文依据", prefix="正文：")
            said.append(sentence.folded)
