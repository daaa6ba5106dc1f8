"""Calculations over amounts in running text: differences, ratios, shares, sums, averages, structures."""

from __future__ import annotations

import re
from collections.abc import Sequence

from kg.quantities import Amount
from qa import patterns
from qa.answerers.base import Inquiry
from qa.compose import Draft, format_number
from qa.evidence import has_years, term_credit
from qa.figures import Figure, Shares, comparable, figures_in, plain, shares_in
from qa.knowledge import Sentence
from qa.operands import Binding, asked_unit, bind, bind_projects, has_unit, operand

_PERCENT = "%"
_COUNTED_YEARS = {word: n for n, word in enumerate("一二三四五六七八九十", 1)} | {"两": 2}
_HOW_MANY = re.compile(r"多少|几|多大|比例|比重")
_ENDING = re.compile(r"(?:的|所|要|还|会|就|它|都)+$")
_INVESTED = re.compile(r"投")
_STATED_RATE = re.compile(r"平均|[人户亩]均|每[个户家名人场座所年]")
_STATED_GAP = re.compile(r"(?<!不)(?:高于|低于|多于|少于|快于|超过)|比(?![重例率])")
_ROUGH = re.compile(r"余|\d多|以上|以内|左右|不[低少高多]于|[<>≤≥~]")
_STRUCTURE_WORDS = re.compile(r"占比|比重|份额|结构|比例|百分点|个点|百分之")
_STRUCTURE_DEPTH, _MOST_LOST = 60, 0.45
#: for a gap that is stated: sentences looked at, how much of the thing they hold, how near the word stands
_GAP_DEPTH, _LEAST_OF_THING, _GAP_CHARS = 10, 0.45, 16


class CalculationAnswerer:
    """Computes from amounts that the text states, where it does not state the result itself."""

    kind = "calculation"

    def answer(self, inquiry: Inquiry) -> Draft | None:
        """The calculation with its operands, or None when the operands are not certain."""
        if not _HOW_MANY.search(inquiry.question.folded):
            return None
        return (
            _structure(inquiry) or _sum(inquiry) or _times(inquiry) or _part(inquiry)
            or _comparison(inquiry) or _yearly(inquiry) or _average(inquiry)
        )


# -- two or more amounts of one unit


def _comparison(inquiry: Inquiry) -> Draft | None:
    """`甲比乙多多少`."""
    for pattern in patterns.COMPARED:
        if found := pattern.search(inquiry.question.folded):
            unit = asked_unit(inquiry.question.folded[found.end() :])
            if (stated := _stated_gap(inquiry, found["x"], found["y"], unit)) is not None:
                return stated
            binding = _alike(inquiry, (found["x"], found["y"]), unit)
            if binding is not None:
                return _say_difference(inquiry, (found["x"], found["y"]), binding, unit)
    return None


def _times(inquiry: Inquiry) -> Draft | None:
    """`甲是乙的几倍`."""
    found = patterns.TIMES.search(inquiry.question.folded)
    binding = found and _alike(inquiry, (found["x"], found["y"]), None)
    if not found or binding is None or not binding.figures[1].amount.base:
        return None
    draft = _begun(inquiry, (found["x"], found["y"]), binding)
    (a, b), _ = _in_one_unit(draft, binding.figures, None)
    ratio = draft.compute(format_number(round(a / b, 2)))
    draft.say(f"计算：{_number(draft, a)} ÷ {_number(draft, b)} = {ratio}，即{ratio}倍。")
    return _with_sources(draft, binding)


def _part(inquiry: Inquiry) -> Draft | None:
    """`甲占乙的百分之几`, where both are amounts."""
    for pattern in patterns.PART:
        found = pattern.search(inquiry.question.folded)
        if not found:
            continue
        binding = _alike(inquiry, (found["x"], found["y"]), None, shares=False)
        if binding is None or not binding.figures[0].amount.base <= binding.figures[1].amount.base > 0:
            continue
        draft = _begun(inquiry, (found["x"], found["y"]), binding)
        (a, b), _ = _in_one_unit(draft, binding.figures, None)
        share = draft.compute(format_number(round(a / b * 100, 2)))
        draft.say(f"计算：{_number(draft, a)} ÷ {_number(draft, b)} = {share}%。")
        return _with_sources(draft, binding)
    return None


def _sum(inquiry: Inquiry) -> Draft | None:
    """`甲、乙、丙合计多少`."""
    found = patterns.SUMMED.search(inquiry.question.folded)
    much = found and _HOW_MANY.search(inquiry.question.folded, found.end())
    if not found or not much:
        return None
    unit = asked_unit(inquiry.question.folded[much.end() :])
    if patterns.SHARE.search(inquiry.question.folded, found.end()):
        unit = Amount(1, _PERCENT, 1, _PERCENT)
    items = tuple(patterns.HOW_MANY_THINGS.sub("", item) for item in patterns.ADDED.split(found["items"]))
    if len(items) < 2 or not all(items):
        return None
    binding = _alike(inquiry, items, unit)
    if binding is None:
        return None
    draft = _begun(inquiry, items, binding)
    values, shown = _in_one_unit(draft, binding.figures, unit)
    total = draft.compute(format_number(sum(values)))
    addends = " + ".join(_number(draft, value) for value in values)
    draft.say(f"计算：{addends} = {total}，合计{total}{shown}。")
    return _with_sources(draft, binding)


def _alike(
    inquiry: Inquiry, texts: Sequence[str], unit: Amount | None, *, shares: bool = True
) -> Binding | None:
    """The amounts of things that are compared or added: all in one unit, none of them a gap itself."""

    def fits(figure: Figure) -> bool:
        base = figure.amount.base_unit
        return has_unit(figure, unit) and "百分点" not in base and (shares or base != _PERCENT)

    operands = [operand(inquiry, _ENDING.sub("", text), fits, unit) for text in texts]
    if not all(each.terms for each in operands):
        return None

    def stated(figures: list[Figure]) -> bool:
        last = operands[-1].terms
        return any(
            _STATED_GAP.search(f.near) and ("百分点" in f.amount.base_unit or has_unit(f, unit))
            and any(term_credit(t.text, f.near, inquiry.knowledge.lexicon) >= 0.9 for t in last)
            for f in figures
        )

    def agree(chosen: tuple[Figure, ...]) -> bool:
        return all(comparable(chosen[0].amount, other.amount) for other in chosen[1:])

    found = bind(inquiry, operands, agree=agree, stated=stated)
    if found is None and _INVESTED.search(inquiry.question.folded):
        found = bind_projects(inquiry, operands)
    return found


def _stated_gap(inquiry: Inquiry, x: str, y: str, unit: Amount | None) -> Draft | None:
    """The sentence that gives the gap itself: `高于全省4.4个百分点`."""
    lexicon = inquiry.knowledge.lexicon
    other, thing = inquiry.knowledge.understand(y).terms, inquiry.knowledge.understand(x).specific
    if not other or not thing:
        return None
    for match in inquiry.matches[:_GAP_DEPTH]:
        around = f"{match.sentence.folded} {match.sentence.context}"
        found = sum(t.weight for t in thing if term_credit(t.text, around, lexicon) >= 0.5)
        if found < _LEAST_OF_THING * sum(t.weight for t in thing):
            continue
        text = plain(match.sentence)
        for figure in figures_in(match.sentence, lexicon.joint):
            gap = "百分点" in figure.amount.base_unit or (unit and has_unit(figure, unit))
            near = all(term_credit(t.text, figure.near, lexicon) >= 0.9 for t in other)
            if gap and near and _STATED_GAP.search(text, max(0, figure.start - _GAP_CHARS), figure.start):
                draft = inquiry.draft(CalculationAnswerer.kind)
                draft.quote(match.sentence, "正文依据")
                return draft
    return None


def _say_difference(
    inquiry: Inquiry, texts: Sequence[str], binding: Binding, unit: Amount | None
) -> Draft:
    draft = _begun(inquiry, texts, binding)
    (a, b), shown = _in_one_unit(draft, binding.figures, unit)
    shown = "个百分点" if shown == _PERCENT else shown
    gap = draft.compute(format_number(abs(a - b)))
    difference = draft.compute(format_number(a - b))
    word = "多（高）" if a > b else "少（低）" if a < b else "相差"
    expression = f"{_number(draft, a)} − {_number(draft, b)} = {difference}"
    draft.say(f"计算：{expression}，前者比后者{word}{gap}{shown}。")
    return _with_sources(draft, binding)


# -- an amount per something


def _average(inquiry: Inquiry) -> Draft | None:
    """`平均一个甲有几个乙`."""
    found = next((m for p in patterns.AVERAGE if (m := p.search(inquiry.question.folded))), None)
    if found is None:
        return None
    unit = asked_unit(found["b"])
    counted = asked_unit(found["c"])
    name = _after_unit(found["b"], unit)
    strict = found["c"] not in "个项"
    whole = found["head"] if found["c"] + "均" in inquiry.question.folded else name
    of = "" if whole is found["head"] else found["head"] + found["a"]
    if unit is None and not whole:
        return None
    divisor = operand(inquiry, of, lambda f: _counts(f, counted, strict), counted, anchored=not strict)
    dividend = operand(inquiry, whole, lambda f: has_unit(f, unit), unit)
    if not strict and not divisor.terms:
        return None

    def stated(figures: list[Figure]) -> bool:
        return any(_STATED_RATE.search(f.lead) and has_unit(f, unit) for f in figures)

    binding = bind(
        inquiry, (dividend, divisor), stated=stated,
        agree=lambda chosen: chosen[1].amount.base > 0 and chosen[0].sentence == chosen[1].sentence,
    )
    if binding is None:
        return None
    draft = inquiry.draft(CalculationAnswerer.kind)
    (total, count) = binding.figures
    scale = unit.base if unit and unit.base_unit else total.amount.base / (total.amount.value or 1)
    value, shown = total.amount.base / scale, unit.unit if unit and unit.base_unit else total.amount.unit
    mean = draft.compute(format_number(round(value / count.amount.base, 2)))
    draft.say(f"计算：{total.printed} ÷ {count.printed} = {mean}，平均每{found['c']}{mean}{shown}。")
    return _with_sources(draft, binding)


def _counts(figure: Figure, counted: Amount | None, strict: bool) -> bool:
    """Whether an amount counts what `每户` or `一个` speaks of: `个` may stand for other words."""
    if counted is None:
        return False
    if strict:
        return figure.amount.base_unit == counted.base_unit
    return figure.amount.base_unit != _PERCENT and has_unit(figure, counted)


def _after_unit(text: str, unit: Amount | None) -> str:
    """What is counted, behind the unit it is counted in."""
    if unit is None:
        return text
    return re.sub(rf"^(?:口人|{re.escape(unit.unit)})", "", text)


def _yearly(inquiry: Inquiry) -> Draft | None:
    """`五年累计…，平均一年多少`: the period stands with the amount."""
    question = inquiry.question
    found = patterns.AVERAGE_YEAR.search(question.folded)
    much = found and _HOW_MANY.search(question.folded, found.end())
    if not found or not much:
        return None
    unit = asked_unit(question.folded[much.end() :])
    thing = question.folded[: found.start()] + question.folded[found.end() : much.start()]
    each = operand(
        inquiry, thing, lambda f: has_unit(f, unit) and bool(patterns.YEARS_COUNTED.search(f.near)), unit
    )
    if unit is None or not each.terms:
        return None
    binding = bind(
        inquiry, (each,), agree=lambda chosen: True,
        stated=lambda figures: any(re.search(r"每年|年均", f.lead) and has_unit(f, unit) for f in figures),
    )
    period = binding and patterns.YEARS_COUNTED.search(binding.figures[0].near)
    if binding is None or not period:
        return None
    years = _COUNTED_YEARS.get(period[1]) or int(period[1])
    draft = inquiry.draft(CalculationAnswerer.kind)
    (value,), shown = _in_one_unit(draft, binding.figures, unit)
    mean = draft.compute(format_number(round(value / years, 2)))
    expression = f"{_number(draft, value)} ÷ {draft.compute(str(years))} = {mean}"
    draft.say(f"计算：{expression}，平均每年{mean}{shown}。")
    return _with_sources(draft, binding)


# -- structures


def _structure(inquiry: Inquiry) -> Draft | None:
    """A share of `三次产业结构由A:B:C调整为D:E:F`, how it changed, or how two of them differ."""
    question = inquiry.question
    structures = inquiry.knowledge.lexicon.joint.structures
    if not _STRUCTURE_WORDS.search(question.folded):
        return None
    shares = next(
        (s for m in inquiry.matches[:_STRUCTURE_DEPTH]
         if (s := shares_in(m.sentence, structures)) and _about(inquiry, m.sentence, s)), None,
    )
    if shares is None:
        return None
    asked = _asked_parts(question.folded, shares)
    if len(asked) == 1:
        return _say_share(inquiry, shares, asked[0])
    compared = any(p.search(question.folded) for p in (*patterns.COMPARED, patterns.TIMES))
    if len(asked) == 2 and compared:
        return _say_two_shares(inquiry, shares, (asked[0], asked[1]))
    return None


def _asked_parts(folded: str, shares: Shares) -> list[int]:
    """The parts that a question names, by their place in the structure, in the question's order."""
    heads = "|".join(map(re.escape, shares.structure.heads))
    text = re.sub(heads, lambda m: " " * len(m.group()), folded)
    places = {
        index: min((at for word in words if (at := text.find(word)) >= 0), default=-1)
        for index, words in enumerate(shares.structure.parts)
    }
    return sorted((index for index, at in places.items() if at >= 0), key=places.__getitem__)


def _about(inquiry: Inquiry, sentence: Sentence, shares: Shares) -> bool:
    """Whether the structure is what a question is about: nothing else is named that is not around it."""
    question = inquiry.question
    own = [word for words in (shares.structure.heads, *shares.structure.parts) for word in words]
    around = f"{sentence.folded} {sentence.context} {' '.join(own)} 比重 占比 份额 比例 gdp 地区生产总值"
    if not _asked_parts(question.folded, shares) or not has_years(sentence, question):
        return False
    missing = [
        t for t in question.specific if term_credit(t.text, around, inquiry.knowledge.lexicon) < 0.5
    ]
    total = sum(term.weight for term in question.specific) or 1.0
    return not any(t.place for t in missing) and sum(t.weight for t in missing) / total <= _MOST_LOST


def _say_share(inquiry: Inquiry, shares: Shares, part: int) -> Draft | None:
    draft = inquiry.draft(CalculationAnswerer.kind)
    name, after = shares.structure.parts[part][0], shares.after[part]
    if not shares.before:
        draft.say(f"{name}占{after}%。")
    else:
        before = shares.before[part]
        change = float(after) - float(before)
        word = "提高" if change >= 0 else "下降"
        gap, shown = (draft.compute(format_number(value)) for value in (abs(change), change))
        draft.say(
            f"{name}由{before}%变为{after}%。计算：{after} − {before} = {shown}，{word}{gap}个百分点。"
        )
    draft.quote(shares.sentence, "正文依据")
    return draft


def _say_two_shares(inquiry: Inquiry, shares: Shares, parts: tuple[int, int]) -> Draft | None:
    draft = inquiry.draft(CalculationAnswerer.kind)
    earlier = patterns.EARLIER.search(inquiry.question.folded) and shares.before
    values = shares.before if earlier else shares.after
    names = [shares.structure.parts[part][0] for part in parts]
    a, b = (float(values[part]) for part in parts)
    draft.say(f"{names[0]}{values[parts[0]]}%，{names[1]}{values[parts[1]]}%。")
    if patterns.TIMES.search(inquiry.question.folded) and b:
        ratio = draft.compute(format_number(round(a / b, 2)))
        draft.say(f"计算：{values[parts[0]]} ÷ {values[parts[1]]} = {ratio}，即{ratio}倍。")
    else:
        gap = draft.compute(format_number(abs(a - b)))
        word = "高" if a >= b else "低"
        shown = draft.compute(format_number(a - b))
        expression = f"{values[parts[0]]} − {values[parts[1]]} = {shown}"
        draft.say(f"计算：{expression}，{names[0]}比{names[1]}{word}{gap}个百分点。")
    draft.quote(shares.sentence, "正文依据")
    return draft


# -- wording


def _begun(inquiry: Inquiry, texts: Sequence[str], binding: Binding) -> Draft:
    """A draft that says which amount was taken for which thing."""
    draft = inquiry.draft(CalculationAnswerer.kind)
    pairs = zip(texts, binding.figures, strict=True)
    draft.say("；".join(f"{_ENDING.sub('', text)}：{figure.printed}" for text, figure in pairs))
    if any(_ROUGH.search(figure.printed + figure.near) for figure in binding.figures):
        draft.notes.append("原文给出的是约数或界限，这里按所写的数计算")
    return draft


def _in_one_unit(
    draft: Draft, figures: Sequence[Figure], unit: Amount | None
) -> tuple[list[float], str]:
    """Values of amounts in one unit, with it: the unit asked for, else the first one's as it is printed."""
    first = figures[0].amount
    if all(figure.amount.unit == first.unit for figure in figures) and not (
        unit and unit.base_unit and unit.base != first.base / (first.value or 1)
    ):
        return [figure.amount.value for figure in figures], first.unit
    scale = unit.base if unit and unit.base_unit else first.base / (first.value or 1)
    shown = unit.unit if unit and unit.base_unit else first.unit
    return [figure.amount.base / scale for figure in figures], shown


def _number(draft: Draft, value: float) -> str:
    """A number as it is shown; noted as computed, since it may be in another unit than printed."""
    return draft.compute(format_number(value))


def _with_sources(draft: Draft, binding: Binding) -> Draft:
    """The draft with the sentences that the amounts stand in."""
    for sentence in dict.fromkeys(figure.sentence for figure in binding.figures):
        draft.quote(sentence, "正文依据")
    return draft
