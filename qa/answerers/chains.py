"""Industry chains: all of them, or the stages of those that a question names."""

from __future__ import annotations

import re

from kg.model import Row
from kg.named_queries import NAMED
from kg.tokens import fold
from qa.answerers.base import Inquiry
from qa.compose import Draft
from qa.evidence import term_credit
from qa.question import AnswerType

_ABOUT = re.compile(r"产业链条?|链条|循环链|全链")
_ASKS = re.compile(r"哪|几|多少|什么|啥|列|怎么|如何|构成|组成|环节|上下游|上游|下游|介绍")
#: what is asked of a chain, not which one it is
_FACET = re.compile(
    r"^(?:产业链?|链条?|循环|环节|上下?游|下游|构成|组成|结构|节点|[一二三四五六七八九十\d]+[大条个]?|大|产业)$"
)
_MAX_CHAINS = 20
_NUMERALS = "一二三四五六七八九十"
_NUMBER = re.compile(rf"([{_NUMERALS}])[大条]")


class ChainAnswerer:
    """Lists industry chains with their stages in order and the firms that drive them."""

    kind = "chain"

    def answer(self, inquiry: Inquiry) -> Draft | None:
        """The chains, or None when none is asked for or none has the question's words in its name."""
        question, knowledge = inquiry.question, inquiry.knowledge
        if not _ABOUT.search(question.folded) or not _ASKS.search(question.folded):
            return None
        if question.answer_type is not AnswerType.ANY and not question.wants_count:
            return None
        terms = [t.text for t in question.specific if not _FACET.fullmatch(t.text)]
        chains = knowledge.store.query(NAMED["chains"].cypher)
        if terms:
            chains = [
                chain for chain in chains
                if all(term_credit(term, _words(chain), knowledge.lexicon) >= 0.8 for term in terms)
            ]
        chains = _of_number(chains, inquiry)
        if not chains:
            return None
        draft = inquiry.draft(self.kind)
        draft.cypher = NAMED["chains"].cypher
        if len(chains) > 1:
            draft.say(f"规划中的产业链有{draft.compute(str(len(chains)))}条：")
        for number, chain in enumerate(chains[:_MAX_CHAINS], 1):
            lead = f"{number}. " if len(chains) > 1 else ""
            draft.say(f"{lead}{_stages(chain)}{_firms(chain)}{_mark(draft, chain)}")
        return draft


def _list(chain: Row, key: str) -> list[str]:
    value = chain[key]
    return [str(item) for item in value] if isinstance(value, (list, tuple)) else []


def _words(chain: Row) -> str:
    return fold(" ".join([str(chain["chain"]), *_list(chain, "stages")]))


def _of_number(chains: list[Row], inquiry: Inquiry) -> list[Row]:
    """Where a number is asked for (`八大产业链`): the chains of the one part that names so many."""
    asked = _NUMBER.search(inquiry.question.folded)
    if asked is None:
        return chains
    number = _NUMERALS.index(asked.group(1)) + 1
    parts: dict[str, list[Row]] = {}
    for chain in chains:
        block = inquiry.knowledge.block(str(chain["plan"]), int(str(chain["start"])))
        if block and str(chain["chain"]).endswith("链"):
            parts.setdefault(f"{chain['plan']} {block.locator}", []).append(chain)
    return next((same for same in parts.values() if len(same) == number), chains)


def _mark(draft: Draft, chain: Row) -> str:
    place = {"plan": chain["plan"], "start": chain["start"], "end": chain["stop"]}
    return draft.cite_relation(place, "产业链")


def _stages(chain: Row) -> str:
    """The stages in order, behind the chain's name where that says more."""
    stages = " → ".join(_list(chain, "stages"))
    name = str(chain["chain"])
    return f"{name}：{stages}" if name.endswith("链") else stages or name


def _firms(chain: Row) -> str:
    firms = _list(chain, "firms")
    return f"（企业：{'、'.join(firms)}）" if firms else ""
