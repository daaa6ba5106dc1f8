"""Arithmetic over what the text states: an achieved figure against the goal for the same thing."""

from __future__ import annotations

import re
from dataclasses import dataclass

from kg.schema import Label
from kg.tokens import fold
from qa.answerers.base import Inquiry
from qa.compose import Draft, format_number
from qa.evidence import asked_pairs, share_asked
from qa.knowledge import Node

_RATIO = re.compile(r"倍|翻|增幅|增长率|百分之|增长(?:了|多少)|年均|复合|平均每年")
_A_YEAR = re.compile(r"年均|复合|每年")
#: share of a metric's name that the question must have
_LEAST = 0.6
_PERCENT = ("%", "％")


@dataclass(frozen=True, slots=True)
class Pair:
    """What was achieved and what is aimed at, of one metric in one unit."""

    achieved: Node
    goal: Node
    share: float


def stated_pair(inquiry: Inquiry) -> Pair | None:
    """The achieved figure and the goal of the metric that the question names; None unless both are stated."""
    pairs = asked_pairs(inquiry.question, inquiry.knowledge.lexicon)
    named = [
        (share, node)
        for node in inquiry.knowledge.of(Label.TARGET)
        if node.number("value") is not None and node.text("metric")
        and (share := share_asked(fold(node.text("metric")), pairs, inquiry.knowledge.weight)) >= _LEAST
    ]
    best: Pair | None = None
    for share, goal in named:
        if goal.text("tense") != "goal":
            continue
        for other, achieved in named:
            if achieved.text("tense") == "achieved" and _comparable(achieved, goal, inquiry.question.years):
                found = Pair(achieved, goal, share + other)
                if best is None or found.share > best.share:
                    best = found
    return best


def _comparable(achieved: Node, goal: Node, years: tuple[int, ...]) -> bool:
    """Whether two statements speak of one thing, in the years asked for: one name ends with the other."""
    a, b = fold(achieved.text("metric")), fold(goal.text("metric"))
    stated = (achieved.integer("year"), goal.integer("year"))
    if any(year not in stated for year in years) and None not in stated:
        return False
    same = a.endswith(b) or b.endswith(a)
    units = achieved.text("base_unit"), goal.text("base_unit")
    return same and units[0] == units[1] and not (_gains(achieved) or _gains(goal))


def _gains(node: Node) -> bool:
    """Whether a statement gives what was added, and not the level."""
    return node.text("change") in ("净增", "新增", "增加", "减少", "累计", "培育")


class ArithmeticAnswerer:
    """Computes how far a goal lies from what was achieved, when the text states both."""

    kind = "arithmetic"

    def answer(self, inquiry: Inquiry) -> Draft | None:
        """Both statements and the computation, or None."""
        if not inquiry.question.wants_difference:
            return None
        pair = stated_pair(inquiry)
        if pair is None:
            return None
        draft = inquiry.draft(self.kind)
        say_pair(draft, inquiry, pair)
        return draft


def say_pair(draft: Draft, inquiry: Inquiry, pair: Pair) -> None:
    """Both statements and what is computed from them."""
    for node, why in ((pair.achieved, "已有数值"), (pair.goal, "目标")):
        metric, name = node.text("metric"), node.name
        draft.say(f"{name if metric in name else f'{metric}：{name}'}{draft.cite_node(node, why)}")
    _say_computation(draft, inquiry, pair)


def _say_computation(draft: Draft, inquiry: Inquiry, pair: Pair) -> None:
    """Difference, and ratio or growth where it is asked for, with the expressions."""
    unit = pair.goal.text("unit")
    scale = (pair.goal.number("base_value") or 0) / (pair.goal.number("value") or 1) or 1
    before = (pair.achieved.number("base_value") or 0) / scale
    after = pair.goal.number("value") or 0
    values = (after, before, after - before, abs(after - before))
    shown = [draft.compute(format_number(value)) for value in values]
    word = "增加" if after >= before else "减少"
    shown_unit = "个百分点" if unit in _PERCENT else unit
    draft.say(f"计算：{word}{shown[3]}{shown_unit}（{shown[0]} − {shown[1]} = {shown[2]}）。")
    if before > 0 and _RATIO.search(inquiry.question.folded) and unit not in _PERCENT:
        ratio = draft.compute(format_number(round(after / before, 2)))
        growth = draft.compute(format_number(round((after / before - 1) * 100, 1)))
        draft.say(f"目标是已有数值的{ratio}倍（{shown[0]} ÷ {shown[1]}），增长{growth}%。")
        _say_rate(draft, inquiry, pair, after / before, f"{shown[0]}/{shown[1]}")


def _say_rate(draft: Draft, inquiry: Inquiry, pair: Pair, ratio: float, shown: str) -> None:
    """The growth a year that the ratio amounts to, where it is asked for and both years are known."""
    first, last = pair.achieved.integer("year"), pair.goal.integer("year") or _last_year(inquiry)
    if not _A_YEAR.search(inquiry.question.folded) or not first or not last or last <= first:
        return
    years = last - first
    rate = draft.compute(format_number(round((ratio ** (1 / years) - 1) * 100, 2)))
    begin, end, span, one = (draft.compute(str(value)) for value in (first, last, years, 1))
    draft.say(f"{begin}至{end}年折合年均增长{rate}%（({shown})^({one}/{span}) − {one}）。")


def _last_year(inquiry: Inquiry) -> int | None:
    """The year that the question asks for, else the one that the plan's indicators aim at."""
    aimed = (node.integer("target_year") for node in inquiry.knowledge.of(Label.INDICATOR))
    return max(inquiry.question.years, default=None) or next(filter(None, aimed), None)
