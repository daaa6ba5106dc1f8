"""When the plan does not say: what is missing, and the nearest that it does say."""

from __future__ import annotations

from kg.schema import Label
from qa.answerers.base import Inquiry
from qa.compose import Draft
from qa.patterns import ADMINISTRATIVE
from qa.question import AnswerType

_NEAREST = 2
_MIN_NEAR = 0.3
_ASKED = {
    AnswerType.AMOUNT: "相应的数值",
    AnswerType.YEAR: "相应的时间",
    AnswerType.PERSON: "相关人员",
    AnswerType.PLACE: "相应的地点",
}


class ChatAnswerer:
    """Declines small talk and other requests that no plan can answer."""

    kind = "chat"

    def answer(self, inquiry: Inquiry) -> Draft | None:
        """A polite refusal that says what can be asked, or None."""
        question = inquiry.question
        if not any(word in question.folded for word in inquiry.knowledge.lexicon.words.chat):
            return None
        draft = inquiry.draft(self.kind)
        draft.say("规划中没有这方面的内容，无法回答。可以询问规划中的指标、项目、企业、乡镇和政策任务。")
        return draft


def refuse(inquiry: Inquiry) -> Draft:
    """Say that the plan does not say, name what is missing, and quote what comes nearest."""
    draft = inquiry.draft("refusal")
    question, knowledge = inquiry.question, inquiry.knowledge
    near = [m for m in inquiry.matches[:30] if m.coverage >= _MIN_NEAR][:_NEAREST]
    unknown = [_as_asked(t.text, question.text) for t in question.specific if knowledge.never_says(t.text)]
    if beyond := _beyond(draft, inquiry):
        draft.say(beyond)
    elif unknown:
        words = "、".join(f"“{word}”" for word in unknown[:4])
        draft.say(f"规划中没有提到{words}，因此无法回答。")
    else:
        thing = "、".join(node.name for node in inquiry.entities[:2])
        asked = _ASKED.get(question.answer_type, "这一问题的答案")
        missing = "、".join(f"“{t.text}”" for t in (near[0].missing if near else ())[:3])
        about = f"关于{thing}，" if thing else ""
        lacking = f"（没有与{missing}相对应的表述）" if missing else ""
        draft.say(f"{about}规划中没有说明{asked}{lacking}。")
    if near:
        draft.say("规划中较为接近的内容：")
        for found in near:
            draft.quote(found.sentence, "相近内容", prefix="- ")
    elif not knowledge.documents:
        draft.say("当前没有载入规划。")
    return draft


def _as_asked(word: str, text: str) -> str:
    """A folded word as the question writes it."""
    at = text.lower().find(word)
    return text[at : at + len(word)] if at >= 0 else word


def _beyond(draft: Draft, inquiry: Inquiry) -> str:
    """Why a plan of this county does not say it: another place, or a year after it was made; else empty."""
    question, knowledge = inquiry.question, inquiry.knowledge
    own = knowledge.manifest.jurisdictions
    others = [t.text for t in question.specific if t.place and ADMINISTRATIVE.fullmatch(t.text)]
    if own and others and not any(place in whole for place in others for whole in own):
        names = "、".join(f"“{name}”" for name in others)
        return f"规划的范围是{'、'.join(own)}，没有说明{names}的情况，因此无法回答。"
    indicators = knowledge.nodes[Label.INDICATOR]
    base = max((node.integer("base_year") or 0 for node in indicators), default=0)
    aimed = {node.integer("target_year") for node in indicators}
    later = [year for year in question.years if year > base and year not in aimed]
    if base and later:
        years = "、".join(f"{year}年" for year in later)
        return f"规划的基期是{draft.compute(str(base))}年，没有说明{years}的相应内容，因此无法回答。"
    return ""
