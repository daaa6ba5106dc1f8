"""How two named things are connected: the relation itself, or the path with the quote of each hop."""

from __future__ import annotations

import re
from collections.abc import Mapping

from kg.model import Row
from kg.named_queries import NAMED
from kg.queries import MENTIONING_PASSAGES, RELATIONS_BETWEEN
from kg.schema import Label
from kg.tokens import fold
from qa.answerers.base import Inquiry
from qa.compose import Draft, shown
from qa.knowledge import Node

#: what is asked, not of what
_ASKS = re.compile(r"关系|关联|联系|瓜葛|渊源|交集|往来|隶属|属于|归属|控股|参股|合作")
_STRONG = re.compile(
    r"关系|关联|联系|瓜葛|渊源|交集|往来|连在?一?起|"
    r"(?:什么|哪些|啥|怎么|如何|有何|有没有)[^，。？?]{0,4}合作|合作[^，。？?]{0,4}(?:什么|哪些|啥|内容)"
)
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
_SUBSIDIARY = "是{b}的下属企业"
_MAX_TOGETHER = 2
_MAX_HOPS = 4


class RelationAnswerer:
    """Answers how two things are connected, when the question names two and asks for just that."""

    kind = "relation"

    def answer(self, inquiry: Inquiry) -> Draft | None:
        """The relation or path with its quotes, what names both, or a refusal; None if not asked."""
        question = inquiry.question
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
