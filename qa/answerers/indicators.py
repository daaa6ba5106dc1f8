"""Indicators: values as printed, differences computed, groups and attributes listed."""

from __future__ import annotations

import re
from dataclasses import dataclass

from kg.queries import GROUP_OF_INDICATOR, INDICATORS_OF_GROUP, STATEMENTS_OF_INDICATOR
from kg.schema import Label
from kg.tokens import bigrams, fold
from qa.answerers.base import Inquiry
from qa.answerers.statements import say_pair, stated_pair
from qa.compose import Draft, format_number
from qa.evidence import asked_pairs, same_unit, share_asked, term_credit
from qa.knowledge import Knowledge, Node
from qa.patterns import UNIT
from qa.question import Question

_ATTRIBUTE = re.compile(r"约束性|预期性")
_TABLE_WORDS = re.compile(r"指标")
_ABOUT_TABLE = re.compile(
    r"指标体系|多少(?:项|个)指标|几(?:项|个|大?类)指标|哪些指标|指标[^，,。]{0,6}?(?:多少|几)(?:项|个|类)?"
)
#: words of an indicator table's title
_TABLE_TITLE = frozenset("体系 经济社会 发展 经济 社会 预期 表 表格 成绩 成效 评价 衡量".split())
_ASKS_RATE = re.compile(r"年均|增长率|增幅|百分之|倍|增长多少|复合")
#: words that ask for a part of an indicator's row, so they need not stand in its name
_FACETS = frozenset(
    "指标 基期 年均 增长 增速 增长率 累计 属性 约束性 预期性 单位 百分点 提高 增加 提升 下降 降低 变化 "
    "现状 基础 值 目标值 多 少 升 差 数据 约束 预期 性质 类型 类 完成 实现 每年 平均 目前 高 低 计算 "
    "相比 相差 幅度 要求 考核 考核指标".split()
)
_MAX_SHOWN = 3
#: share of an indicator's name that the metric of a statement about it must have
_SAME_METRIC = 0.7
#: sentences of the text shown beside the table, and those with further goals
_MAX_SENTENCES, _MAX_STATEMENTS = 2, 3
_UNIT = re.compile(r"[（(][^（()）]*[)）]\s*$")
#: a change may be asked for in these, whatever the unit
_CHANGES = frozenset({"%", "倍", "百分点", "个百分点", "个", "项", "年"})
#: an amount per something is not the amount
_PER = ("人均", "户均", "亩均", "地均")
#: an indicator is the whole county's; a question about one of these is not about it
_SUBJECTS = frozenset({Label.TOWN, Label.VILLAGE, Label.ENTERPRISE, Label.ORGANIZATION})


@dataclass(frozen=True, slots=True)
class _Linked:
    node: Node
    score: float
    recall: float


class IndicatorAnswerer:
    """Answers about indicators of the table and their groups."""

    kind = "indicator"

    def answer(self, inquiry: Inquiry) -> Draft | None:
        """An indicator's row, a difference, a group's list, or None."""
        question, knowledge = inquiry.question, inquiry.knowledge
        linked = self._linked(question, knowledge)
        strong = [link for link in linked if link.score >= 0.62]
        if group := self._group(question, knowledge, bool(strong)):
            return self._list(inquiry, group)
        if _ATTRIBUTE.search(question.folded) and _TABLE_WORDS.search(question.folded) and not strong:
            return self._by_attribute(inquiry)
        if self._asks_for_all(question) and not strong:
            return self._all(inquiry)
        if not strong or about_another(inquiry, strong[0].node):
            return None
        best = strong[0].score
        nodes = [link.node for link in strong if link.score >= best - 0.08][:_MAX_SHOWN]
        return say_indicators(inquiry, nodes)

    def _linked(self, question: Question, knowledge: Knowledge) -> list[_Linked]:
        pairs = asked_pairs(question, knowledge.lexicon)
        links = [_link(node, question, knowledge, pairs) for node in knowledge.of(Label.INDICATOR)]
        return sorted(links, key=lambda link: (-link.score, -link.recall, link.node.id))

    # -- groups

    def _group(self, question: Question, knowledge: Knowledge, has_indicator: bool) -> Node | None:
        if has_indicator and not _TABLE_WORDS.search(question.folded):
            return None
        for node in knowledge.of(Label.INDICATOR_GROUP):
            name = re.sub(r"[“”\"]", "", fold(node.name))
            plain = re.sub(r"[“”\"]", "", question.folded)
            if len(name) >= 2 and name in plain and _TABLE_WORDS.search(question.folded):
                return node
            pieces = [p for p in re.split(r"[与和、及]", name) if len(p) >= 3]
            if pieces and any(piece in plain for piece in pieces) and re.search(r"指标|类", question.folded):
                return node
        return None

    def _list(self, inquiry: Inquiry, group: Node) -> Draft:
        draft = inquiry.draft(self.kind)
        draft.cypher = INDICATORS_OF_GROUP
        rows = inquiry.knowledge.store.query(draft.cypher, {"id": group.id})
        members = sorted(inquiry.knowledge.nodes_in(rows), key=lambda node: node.integer("start") or 0)
        wanted = _ATTRIBUTE.search(inquiry.question.folded)
        if wanted and re.search(r"哪|几|多少", inquiry.question.folded):
            members = [m for m in members if m.text("attribute") == wanted.group()] or members
        mark = draft.cite_node(group, "指标分组")
        draft.say(f"{group.name}类指标共{draft.compute(str(len(members)))}项{mark}：")
        draft.mention([group, *members])
        _say_members(draft, members, figures=not _only_counted(inquiry.question))
        return draft

    def _by_attribute(self, inquiry: Inquiry) -> Draft | None:
        match = _ATTRIBUTE.search(inquiry.question.folded)
        if match is None:
            return None
        draft = inquiry.draft(self.kind)
        members = [n for n in inquiry.knowledge.of(Label.INDICATOR) if n.text("attribute") == match.group()]
        if not members:
            return None
        draft.say(f"{match.group()}指标共{draft.compute(str(len(members)))}项：")
        _say_members(draft, members, figures=not _only_counted(inquiry.question))
        return draft

    def _asks_for_all(self, question: Question) -> bool:
        words = {term.text for term in question.terms} - _FACETS
        return bool(_ABOUT_TABLE.search(question.folded)) and words <= _TABLE_TITLE

    def _all(self, inquiry: Inquiry) -> Draft | None:
        groups = list(inquiry.knowledge.of(Label.INDICATOR_GROUP))
        members = list(inquiry.knowledge.of(Label.INDICATOR))
        if not members:
            return None
        draft = inquiry.draft(self.kind)
        total, parts = draft.compute(str(len(members))), draft.compute(str(len(groups)))
        draft.say(f"指标体系共{total}项指标，分{parts}类：")
        for group in groups:
            printed = group.text("printed_count")
            size = f"（{printed}项）" if printed else ""
            draft.say(f"- {group.name}{size}{draft.cite_node(group, '指标分组')}")
        return draft


def about_another(inquiry: Inquiry, node: Node) -> bool:
    """Whether the question asks for a year or a place that the table does not speak of."""
    question = inquiry.question
    name = fold(" ".join(node.forms))
    if any(word in question.folded and word not in name for word in _PER):
        return True
    asked, unit = UNIT.findall(question.folded), node.text("unit")
    if asked and unit and not any(same_unit(each, unit) or each in _CHANGES for each in asked):
        return True
    years = {node.integer("base_year"), node.integer("target_year")}
    if any(year not in years and str(year) not in name for year in question.years):
        return True
    if any(term.place and term.text not in name for term in question.terms):
        return True
    return any(
        e.label in _SUBJECTS and not any(fold(form) in name for form in e.forms) for e in inquiry.entities
    )


def say_indicators(inquiry: Inquiry, nodes: list[Node]) -> Draft:
    """The indicators' rows in words, what is computed from them, and what the text says of them."""
    draft = inquiry.draft(IndicatorAnswerer.kind)
    draft.mention(nodes)
    for node in nodes:
        mark = draft.cite_node(node, "指标表") + _cite_years(draft, node)
        draft.say(f"{node.name}{_unit_note(node)}：{_values(node)}{mark}。")
        if re.search(r"类|归|属于|分组|哪组", inquiry.question.folded):
            _say_group(inquiry, node, draft)
        computed = _computed(draft, node, inquiry.question)
        for line in computed:
            draft.say(line)
        pair = stated_pair(inquiry) if inquiry.question.wants_difference and not computed else None
        if pair and all(_states(each, node, inquiry.knowledge) for each in (pair.achieved, pair.goal)):
            say_pair(draft, inquiry, pair)  # the table leaves open what the text states
    _say_statements(inquiry, nodes, draft)
    return draft


def _states(statement: Node, indicator: Node, knowledge: Knowledge) -> bool:
    """Whether a statement's metric is the indicator, and not one of a shorter name or of another thing."""
    metric = fold(statement.text("metric"))
    cores = (_core(fold(form)) for form in indicator.forms)
    return any(share_asked(core, set(bigrams(metric)), knowledge.weight) >= _SAME_METRIC for core in cores)


def _say_group(inquiry: Inquiry, node: Node, draft: Draft) -> None:
    rows = inquiry.knowledge.store.query(GROUP_OF_INDICATOR, {"id": node.id})
    for group in inquiry.knowledge.nodes_in(rows):
        draft.say(f"所属类别：{group.name}{draft.cite_node(group, '指标分组')}")


def _say_statements(inquiry: Inquiry, nodes: list[Node], draft: Draft) -> None:
    """What the running text says about the same thing: the sentences nearest to the question, and goals."""
    said = 0
    cores = [_core(fold(form)) for node in nodes for form in node.forms]
    for match in inquiry.matches[:12]:
        sentence = match.sentence
        if said == _MAX_SENTENCES or sentence.passage.kind.value.startswith("table") or not match.typed:
            continue
        if any(_speaks_of(core, sentence.folded) for core in cores) and re.search(r"\d", sentence.folded):
            draft.quote(sentence, "正文表述", prefix="正文另有：")
            said += 1
    for node in nodes:
        rows = inquiry.knowledge.store.query(STATEMENTS_OF_INDICATOR, {"id": node.id})
        for statement in inquiry.knowledge.nodes_in(rows):
            start, stop = statement.integer("start") or 0, statement.integer("stop") or 0
            known = draft.cites(statement.text("plan"), start, stop)
            if statement.text("tense") == "goal" and not known and said < _MAX_STATEMENTS:
                draft.say(f"正文另有：{statement.name}{draft.cite_node(statement, '正文表述')}")
                said += 1


def _speaks_of(core: str, folded: str) -> bool:
    """Whether a sentence has an indicator's name other than as that of which something is a share."""
    return core in folded.replace(f"占{core}", "")


def _say_members(draft: Draft, members: list[Node], *, figures: bool) -> None:
    """A line for each: its name and, if wanted, figures, without what every line would repeat."""
    for i, node in enumerate(members, 1):
        mark = draft.cite_node(node, "指标表")
        _cite_years(draft, node)
        shown = f"{_unit_note(node)}：{_figures(node)}" if figures else ""
        draft.say(f"{i}. {node.name}{shown}{mark}")


def _only_counted(question: Question) -> bool:
    return not question.wants_list and bool(re.search(r"几|多少", question.folded))


def _figures(node: Node) -> str:
    """Base and target in short: `60.55 → 65`, or what the table has in their place."""
    base, target = node.text("base_value"), node.text("target_value") or node.text("growth")
    return f"{base} → {target}" if base and target else base or target or "表中未列"


def _cite_years(draft: Draft, node: Node) -> str:
    """The mark for the table's header, which says of which year a value is."""
    start, stop = node.integer("header_start"), node.integer("header_stop")
    return draft.cite(node.text("plan"), start, stop, "表头年份") if start is not None and stop else ""


def _link(node: Node, question: Question, knowledge: Knowledge, pairs: set[str]) -> _Linked:
    """How well the question speaks of this indicator: most of its words in the name, and the name in it."""
    written = [fold(re.sub(r"\s", "", form)) for form in node.forms]
    forms = [form for form in written if _may_be_asked(form, question, knowledge)]
    joined = " ".join(forms)
    total = covered = 0.0
    for term in question.terms:
        if term.text in _FACETS:
            continue
        total += term.weight
        covered += term.weight * term_credit(term.text, joined, knowledge.lexicon)
    precision = covered / total if total else 0.0
    recall = max(share_asked(_UNIT.sub("", form), pairs, knowledge.weight) for form in forms)
    score = 0.5 * precision + 0.5 * recall if precision < 0.999 else 0.6 + 0.4 * recall
    if recall >= 0.999:
        score = max(score, 0.75)
    whole = precision >= 0.95 and recall >= 0.55  # nothing else is asked, and most of the name stands there
    asked = whole or any(_head_asked(form, pairs) for form in forms)
    if recall < 0.2 or not asked or _is_whole(joined, question, knowledge):
        score = 0.0
    return _Linked(node, score, recall)


def _may_be_asked(form: str, question: Question, knowledge: Knowledge) -> bool:
    """Whether a name in letters (`GDP`) is asked for, and not only in other words for a part of it."""
    if not form.isascii() or form in question.folded:
        return True
    return any(form in knowledge.lexicon.synonyms(term.text) for term in question.terms)


def _is_whole(name: str, question: Question, knowledge: Knowledge) -> bool:
    """Whether the question names it only as that of which something is a share: `占GDP的比重`."""
    wholes = (t.text for t in question.terms if f"占{t.text}" in question.folded)
    return "占" not in name and any(term_credit(whole, name, knowledge.lexicon) >= 0.9 for whole in wholes)


def _head_asked(form: str, pairs: set[str]) -> bool:
    """Whether the question has the end of a name, which says what is measured: `…城镇化率`."""
    core = _core(re.sub(r"[（(][^（()）]*[)）]", "", form))
    return bool(set(bigrams(core)[-2:]) & pairs)


def _core(name: str) -> str:
    """A name without brackets and without the ending that says what is measured."""
    bare = re.sub(r"[（(][^（()）]*[)）]", "", name)
    return re.sub(r"(?:增长率|增速|比重|比例|占比|降低|增长|数量|年均|数)$", "", bare) or bare


def _unit_note(node: Node) -> str:
    unit = node.text("unit")
    return f"（{unit}）" if unit else ""


def _values(node: Node) -> str:
    """The row in words; what the table leaves empty is left out."""
    unit = node.text("unit")
    parts: list[str] = []
    for key, year, role in (("base_value", "base_year", "基期"), ("target_value", "target_year", "目标")):
        value = node.text(key)
        if value:
            parts.append(f"{node.text(year)}年（{role}）{_with_unit(value, unit)}")
        elif node.text(year):
            parts.append(f"{node.text(year)}年（{role}）表中未列")
    if growth := node.text("growth"):
        percent = "%" if re.fullmatch(r"[≥>＞≤<]?[\d.]+", growth) else ""
        parts.append(f"年均增长/累计 {growth}{percent}")
    if attribute := node.text("attribute"):
        parts.append(f"属性为{attribute}")
    return "，".join(parts)


def _with_unit(value: str, unit: str) -> str:
    if not unit or not re.search(r"\d", value) or unit in value or ("%" in value and unit == "%"):
        return value
    return f"{value}{unit}"


def _computed(draft: Draft, node: Node, question: Question) -> list[str]:
    """Difference, growth and yearly rate between base and target, where both are numbers."""
    base, target = node.number("base_number"), node.number("target_number")
    years = (node.integer("target_year") or 0) - (node.integer("base_year") or 0)
    asked = question.wants_difference or "年均" in question.folded
    if base is None or target is None or not asked:
        return []
    unit = node.text("unit")
    sign = node.text("target_comparator").replace("=", "")
    difference = target - base
    word = "提高" if difference >= 0 else "下降"
    at_least = "至少" if sign in (">", "≥") and difference >= 0 else ""
    shown_unit = "个百分点" if unit == "%" else unit
    value = draft.compute(format_number(abs(difference)))
    signed = draft.compute(format_number(difference))
    expression = f"{format_number(target)} − {format_number(base)} = {signed}"
    lines = [f"计算：五年{at_least}{word}{value}{shown_unit}（{expression}）。".replace("五年", _span(years))]
    if base > 0 and target > 0 and years > 0 and _ASKS_RATE.search(question.folded):
        total = draft.compute(format_number(round((target / base - 1) * 100, 2)))
        yearly = draft.compute(format_number(round(((target / base) ** (1 / years) - 1) * 100, 2)))
        draft.compute(str(years))
        ratio = f"{format_number(target)}/{format_number(base)}"
        lines.append(f"累计变化 {total}%，折合年均 {yearly}%（({ratio})^(1/{years}) − 1）。")
        draft.compute("1")
    return lines


def _span(years: int) -> str:
    return {5: "五年", 10: "十年"}.get(years, "期间")


