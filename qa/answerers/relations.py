"""How named things are connected: two of them by a relation or a path, one with those it works with."""

from __future__ import annotations

import re
from collections.abc import Mapping

from kg.model import Row
from kg.named_queries import NAMED
from kg.queries import MENTIONING_PASSAGES, PARTNERS, RELATIONS_BETWEEN
from kg.schema import Label
from kg.tokens import fold
from qa.answerers.base import Inquiry
from qa.answerers.boxes import kinds_asked
from qa.compose import Draft, shown
from qa.knowledge import Node

#: what is asked, not of what
_ASKS = re.compile(r"关系|关联|联系|瓜葛|渊源|交集|往来|隶属|属于|归属|控股|参股|合作")
_STRONG = re.compile(
    r"关系|关联|联系|瓜葛|渊源|交集|往来|连在?一?起|"
    r"(?:什么|哪些|啥|怎么|如何|有何|有没有)[^，。？?]{0,4}合作|合作[^，。？?]{0,4}(?:什么|哪些|啥|内容)"
)
_ACTORS = frozenset({Label.ENTERPRISE, Label.ORGANIZATION})
_WHOM = re.compile(r"哪|谁|什么|啥|几家|多少家|有无|有没有|列|名单")
_NAMED = frozenset(
    {Label.ENTERPRISE, Label.ORGANIZATION, Label.TOWN, Label.VILLAGE, Label.PLACE, Label.PROJECT,
     Label.INDUSTRY, Label.PRODUCT, Label.CONCEPT}
)
#: the relations in words, from the first to the second
_SAID = {
    "PART_OF": "是{b}的一部分", "IMPLEMENTED_BY": "由{b}实施", "LOCATED_IN": "位于{b}",
    "BELONGS_TO": "属于{b}", "PRODUCES": "生产{b}", "COOPERATES_WITH": "与{b}合作", "DEVELOPS": "发展{b}", 
    "CONSISTS_OF": "包括{b}", "DRIVES": "带动{b}", "LISTS": "列有{b}",
}
WORKS_WITH = re.compile(r"合作|联合|携手|共建|共同|牵手|联手|协议|伙伴|搭伙|合伙")
#: kinds of partners that may be asked for, by what their names end with
_KINDS = (
    (re.compile(r"大学|高校|院校|学校"), re.compile(r"大学|学院|学校$")),
    (re.compile(r"科研|研究"), re.compile(r"研究|科学院|大学|学院")),
    (re.compile(r"企业|公司|厂"), re.compile(r"公司|集团|厂|企业")),
)
_PARTNER_WORDS = re.compile(
    r"(?:大学|高校|院校|学校|科研|研究|机构|院所|企业|公司|单位|伙伴|对象|产学研|本地|外地|方|家|院|所)+"
)
_SUBSIDIARY = "是{b}的下属企业"
_MAX_TOGETHER = 2
_MAX_HOPS = 4


class RelationAnswerer:
    """Answers how two things are connected or whom one works with, when the question asks for just that."""

    kind = "relation"

    def answer(self, inquiry: Inquiry) -> Draft | None:
        """The relation or path with its quotes, what names both, or a refusal; None if not asked."""
        question = inquiry.question
        if (partners := self._partners(inquiry)) is not None:
            return partners
        if not _STRONG.search(question.folded):
            return None
        pair = self._pair(inquiry)
        if pair is None:
            return None
        first, second = pair
        draft = inquiry.draft(self.kind)
        draft.mention(pair)
        rows = inquiry.knowledge.store.query(RELATIONS_BETWEEN, {"first": first.id, "second": second.id})
        for row in rows:
            _say_hop(draft, inquiry, row)
        if not rows:
            self._path(inquiry, draft, first, second)
        self._together(inquiry, draft, first, second)
        if not draft.quoted:
            draft.refused = True
            draft.lines.clear()
            draft.say(f"规划中没有说明{first.name}与{second.name}的关系，也没有同时提到二者的表述。")
        return draft

    def _partners(self, inquiry: Inquiry) -> Draft | None:
        """Whom the one firm or body that is named works with; None if that is not asked, or none is known."""
        question = inquiry.question
        named = [node for node in inquiry.entities if node.label in _ACTORS]
        if len(named) != 1 or not WORKS_WITH.search(question.folded) or not _WHOM.search(question.folded):
            return None
        forms = " ".join(map(fold, named[0].forms))
        asked = (*question.specific, *(t for t in kinds_asked(question) if len(t.text) > 1))
        others = any(t.text not in forms and not _beside(t.text) for t in asked)
        if others or "项目" in question.folded:  # a profile tells both
            return None
        draft = inquiry.draft(self.kind)
        return draft if say_partners(draft, named[0], question.folded) else None

    def _pair(self, inquiry: Inquiry) -> tuple[Node, Node] | None:
        """The first nodes of two different names in the question; None unless it asks of just these two."""
        folded, linker = inquiry.question.folded, inquiry.linker
        nodes = [node for node in inquiry.entities if node.label in _NAMED]
        forms = {node.id: next(iter(linker.forms_of([node], folded)), "") for node in nodes}
        chosen: list[Node] = []
        for node in nodes:
            if forms[node.id] and forms[node.id] not in [forms[other.id] for other in chosen]:
                chosen.append(node)
        rest = folded
        for node in chosen:
            rest = rest.replace(forms[node.id], " ")
        others = [t for t in inquiry.question.specific if t.text in rest and not _ASKS.search(t.text)]
        return (chosen[0], chosen[1]) if len(chosen) == 2 and not others else None

    def _path(self, inquiry: Inquiry, draft: Draft, first: Node, second: Node) -> None:
        query = NAMED["path"].cypher
        hops = inquiry.knowledge.store.query(query, {"from": first.id, "to": second.id})
        if not hops or len(hops) > _MAX_HOPS:
            return
        draft.cypher = query
        draft.say(f"规划没有直接说明{first.name}与{second.name}的关系，二者之间的联系是：")
        for number, hop in enumerate(hops, 1):
            left, right = (hop["from"], hop["to"]) if hop["outgoing"] else (hop["to"], hop["from"])
            mark = ""
            if hop["quote"]:
                place = {"plan": hop["plan"], "start": hop["start"], "end": hop["stop"]}
                mark = draft.cite_relation(place, "关系依据")
            said = _SAID.get(str(hop["type"]), "关联{b}").format(b=right)
            draft.say(f"{number}. {left}{said}{mark}")

    def _together(self, inquiry: Inquiry, draft: Draft, first: Node, second: Node) -> None:
        """Sentences that name both and are not quoted yet."""
        knowledge = inquiry.knowledge
        passages, others = (
            [str(row["passage"]) for row in knowledge.store.query(MENTIONING_PASSAGES, {"id": node.id})]
            for node in (first, second)
        )
        said: list[str] = []
        for passage in passages:
            for sentence in knowledge.sentences_of(passage) if passage in others else ():
                both = all(any(fold(f) in sentence.folded for f in n.forms) for n in (first, second))
                cited = draft.cites(sentence.plan_id, sentence.start, sentence.end)
                if both and not cited and sentence.folded not in said and len(said) < _MAX_TOGETHER:
                    draft.quote(sentence, "同时提到二者", prefix="正文：")
                    said.append(sentence.folded)


def _beside(word: str) -> bool:
    """Whether a word of the question says only that a partner is asked for, or of which kind."""
    return bool(WORKS_WITH.search(word) or _PARTNER_WORDS.fullmatch(word))


def say_partners(draft: Draft, node: Node, asked: str = "") -> bool:
    """Say whom a firm or body works with, each with its sentence; those of the kind asked for, if any.

    Returns: whether there was anything to say.
    """
    rows = draft.knowledge.store.query(PARTNERS, {"id": node.id})
    found = [(partner, row) for row in rows if (partner := draft.knowledge.by_id.get(_id(row["partner"])))]
    for words, names in _KINDS:
        if words.search(asked) and (of_kind := [pair for pair in found if _is_kind(pair[0], names)]):
            found = of_kind
            break
    if not found:
        return False
    partners = list(dict.fromkeys(partner.name for partner, _ in found))
    draft.cypher = draft.cypher or PARTNERS  # in a profile, the projects' own stands
    draft.mention([node, *(partner for partner, _ in found)])
    draft.say(f"规划中与{node.name}合作的有{draft.compute(str(len(partners)))}家：")
    for number, (partner, row) in enumerate(found, 1):
        relation = row["relation"]
        assert isinstance(relation, Mapping)
        plan, at = str(relation.get("plan")), relation.get("start")
        start, end = draft.knowledge.sentence_at(plan, at if isinstance(at, int) else 0)
        mark = draft.cite(plan, start, end, "合作依据")
        draft.say(f"{number}. {partner.name}：“{shown(draft.knowledge.text(plan, start, end))}”{mark}")
    return True


def _is_kind(node: Node, names: re.Pattern[str]) -> bool:
    return any(names.search(form) for form in node.forms)


def _id(node: object) -> str:
    return str(node["id"]) if isinstance(node, Mapping) else ""


def _say_hop(draft: Draft, inquiry: Inquiry, row: Row) -> None:
    """A relation as a sentence of ours with its quote."""
    ends = [inquiry.knowledge.by_id.get(str(row[key])) for key in ("source", "target")]
    if not isinstance(row["relation"], Mapping) or ends[0] is None or ends[1] is None:
        return
    template = _SAID.get(str(row["type"]), "关联{b}")
    if row["type"] == "PART_OF" and all(end and end.label is Label.ENTERPRISE for end in ends):
        template = _SUBSIDIARY
    draft.cypher = RELATIONS_BETWEEN
    said = f"{ends[0].name}{template.format(b=ends[1].name)}"
    relation = row["relation"]
    plan, start = relation.get("plan"), relation.get("start")
    if not relation.get("quote") or not isinstance(plan, str) or not isinstance(start, int):
        draft.say(f"{said}。")  # the industry taxonomy: no sentence says it
        return
    start, end = inquiry.knowledge.sentence_at(plan, start)
    mark = draft.cite(plan, start, end, "关系依据")
    draft.say(f"{said}：“{shown(inquiry.knowledge.text(plan, start, end))}”{mark}")
