"""Most and least: which towns, firms, boxes or industries have most projects; projects by investment."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from kg.model import Row
from kg.named_queries import NAMED
from kg.queries import FACTS_OF
from kg.schema import Label
from kg.tokens import chinese_number
from qa.answerers.base import Inquiry
from qa.compose import Draft, format_number
from qa.knowledge import Knowledge, Node

_MOST = re.compile(r"最[多大高]|第一|排名|前[一二三四五六七八九十\d]+[名位个项家]?|排行|居首|榜首")
_LEAST = re.compile(r"最[少小低]")
_PROJECTS = re.compile(r"项目|工程")
_MONEY = re.compile(r"投资|花钱|金额|造价|资金|亿元|万元")
_ABOVE = r"超过|超|大于|高于|多于|不低于|不少于|至少|达到|过"
_BELOW = r"低于|小于|少于|不超过|不到|不足|以内"
#: all projects whose investment is known are asked for
_STATED = re.compile(r"(?:写|列|标|注|说|公布|披露|给出|有)(?:明|出|了)?(?:确|具体)?的?(?:总?投资|金额|资金)")
_AMOUNT = re.compile(
    rf"(?P<before>{_ABOVE}|{_BELOW}|在)?\s*(?P<number>\d+(?:\.\d+)?|[一二两三四五六七八九十百]+)\s*(?:个)?(?P<unit>亿|万)元?(?:人民币)?\s*"
    rf"(?P<after>以上|以下|及以上|以内)?"
)


def _asked(kinds: str) -> re.Pattern[str]:
    """`哪个镇…`, `…的镇是哪`."""
    return re.compile(rf"(?:哪|谁)[^，。？?]{{0,4}}(?:{kinds})|(?:{kinds})(?:是哪|是谁|有哪|排)")


#: what is ranked by its projects: how it is asked for, the query, its column of names
_RANKED: tuple[tuple[re.Pattern[str], str, str], ...] = (
    (_asked("乡镇|镇|乡|街道"), "projects_by_town", "town"),
    (_asked("企业|公司|单位|集团|主体"), "projects_by_owner", "owner"),
    (_asked("专栏"), "projects_by_box", "box"),
    (_asked("产业|行业|领域"), "projects_by_industry", "industry"),
)
#: words of such questions that name no thing
_NEUTRAL = re.compile(
    r"^(?:.{0,2}项目.{0,2}|投资.{0,2}|总投资.{0,2}|金额|资金|数量?|最.|大|小|多|少|高|低|前.{0,2}|第一|排名|排行|"
    r"\d.*|.{0,2}[亿万]元?|乡镇|镇|乡|企业|公司|单位|集团|专栏|产业|行业|领域|以上|以下|超过|.{0,2}工程|个|家|年|元|明确|列明|亿|万)$"
)
_MAX_SHOWN = 10
#: which of several named things has more, or fewer, projects
_COMPARES = re.compile(
    r"(?:哪|谁)[^，。？?]{0,8}项目[^，。？?]{0,4}(?:多|少)(?!少)|项目[^，。？?]{0,6}(?:多|少)的?是?(?:哪|谁)|"
    r"项目[^，。？?]{0,4}(?:哪|谁)[^，。？?]{0,6}(?:多|少)(?!少)|比[^，。？?]{1,16}(?:多|少)(?:吗|不|没)"
)
#: what is compared so, by the query that counts it
_COMPARED = (
    (frozenset({Label.TOWN}), "projects_by_town"),
    (frozenset({Label.ENTERPRISE, Label.ORGANIZATION}), "projects_by_owner"),
    (frozenset({Label.INDUSTRY}), "projects_by_industry"),
)
_NAMED = frozenset().union(*(labels for labels, _ in _COMPARED))


@dataclass(frozen=True, slots=True)
class _Limit:
    """A bound on investments, in 亿元."""

    said: str
    holds: Callable[[float], bool]


class RankingAnswerer:
    """Ranks what the graph counts, or lists the projects by the investment that the plan states."""

    kind = "ranking"

    def answer(self, inquiry: Inquiry) -> Draft | None:
        """The ranking, or None when no order or bound is asked for, or something else is asked as well."""
        question = inquiry.question
        if not _PROJECTS.search(question.folded) or question.box_numbers:
            return None
        if draft := self._compared(inquiry):
            return draft
        if any(not _NEUTRAL.fullmatch(term.text) for term in question.specific):
            return None
        most, least = _MOST.search(question.folded), _LEAST.search(question.folded)
        limit = _limit(question.folded)
        stated = _STATED.search(question.folded)
        if _MONEY.search(question.folded) and (most or least or limit or stated):
            return self._by_investment(inquiry, limit, lowest=bool(least))
        if most or least:
            for pattern, query, column in _RANKED:
                if pattern.search(question.folded):
                    return self._counted(inquiry, query, column, lowest=bool(least))
        return None

    def _compared(self, inquiry: Inquiry) -> Draft | None:
        """`甲镇和乙镇哪个项目多`: things of one kind that the question names, by their projects."""
        if not _COMPARES.search(inquiry.question.folded):
            return None
        for labels, query in _COMPARED:
            named = [entity for entity in inquiry.entities if entity.label in labels]
            if len(named) < 2 or len(named) < len([e for e in inquiry.entities if e.label in _NAMED]):
                continue
            rows = inquiry.knowledge.store.query(NAMED[query].cypher)
            counts = {str(row["id"]): int(str(row["projects"])) for row in rows}
            ranked = sorted(named, key=lambda node: (-counts.get(node.id, 0), node.id))
            return self._say_compared(inquiry, query, [(node, counts.get(node.id, 0)) for node in ranked])
        return None

    def _say_compared(self, inquiry: Inquiry, query: str, ranked: list[tuple[Node, int]]) -> Draft:
        draft = inquiry.draft(self.kind)
        draft.cypher = NAMED[query].cypher
        fewest = bool(re.search("少(?!于)", inquiry.question.folded))
        counts = [count for _, count in ranked]
        end = min(counts) if fewest else max(counts)
        names = "、".join(node.name for node, count in ranked if count == end)
        said = "一样多" if min(counts) == max(counts) else f"项目较{'少' if fewest else '多'}的是{names}"
        draft.say(f"按各专栏所列项目统计，{said}：")
        for node, count in ranked:
            shown = _projects_of(inquiry.knowledge, node)[:_MAX_SHOWN]
            listed = "、".join(f"{each.name}{draft.cite_node(each, '专栏项目')}" for each in shown)
            more = "等" if len(shown) < count else ""
            behind = f"（{listed}{more}）" if listed else draft.cite_node(node, "统计对象")
            draft.say(f"- {node.name}：{draft.compute(str(count))}个{behind}")
        draft.mention(node for node, _ in ranked)
        return draft

    def _by_investment(self, inquiry: Inquiry, limit: _Limit | None, *, lowest: bool) -> Draft | None:
        """Projects with a stated investment within the limit, the greatest first."""
        priced = [
            (amount, project)
            for project in inquiry.knowledge.of(Label.PROJECT)
            if (amount := project.number("investment_yi_yuan")) is not None
        ]
        if not priced:
            return None
        chosen = [pair for pair in priced if limit is None or limit.holds(pair[0])]
        chosen.sort(key=lambda pair: (pair[0] if lowest else -pair[0], pair[1].integer("start") or 0))
        draft = inquiry.draft(self.kind)
        draft.mention(project for _, project in chosen[:_MAX_SHOWN])
        total = draft.compute(str(len(priced)))
        note = f"（各专栏中写明投资额的项目共{total}个，其余项目没有写明）"
        if not chosen:
            draft.say(f"各专栏中没有写明投资额{limit.said if limit else ''}的项目{note}。")
            for amount, project in sorted(priced, key=lambda pair: -pair[0])[:3]:
                _say_project(draft, amount, project, "- ")
            draft.refused = True
            return draft
        if limit:
            draft.say(f"投资额{limit.said}的项目有{draft.compute(str(len(chosen)))}个{note}：")
        elif _MOST.search(inquiry.question.folded) or lowest:
            draft.say(f"投资额最{'小' if lowest else '大'}的是{chosen[0][1].name}{note}：")
        else:
            draft.say(f"写明投资额的专栏项目有{total}个：")
        for number, (amount, project) in enumerate(chosen[: None if limit else _MAX_SHOWN], 1):
            _say_project(draft, amount, project, f"{number}. ")
        return draft

    def _counted(self, inquiry: Inquiry, query: str, column: str, *, lowest: bool) -> Draft | None:
        """Things by the number of their projects."""
        knowledge = inquiry.knowledge
        rows = [row for row in knowledge.store.query(NAMED[query].cypher) if row[column]]
        rows.sort(key=lambda row: int(str(row["projects"])) * (1 if lowest else -1))
        if not rows:
            return None
        draft = inquiry.draft(self.kind)
        draft.cypher = NAMED[query].cypher
        first = rows[0]["projects"]
        best = [row for row in rows if row["projects"] == first]
        names = "、".join(str(row[column]) for row in best[:5])
        draft.say(
            f"按各专栏所列项目统计，项目最{'少' if lowest else '多'}的是{names}"
            f"（{draft.compute(str(first))}个）："
        )
        for number, row in enumerate(rows[:_MAX_SHOWN], 1):
            node = _ranked_node(knowledge, row)
            mark = draft.cite_node(node, "统计对象") if node else ""
            draft.mention([node] if node else [])
            draft.say(f"{number}. {row[column]}：{draft.compute(str(row['projects']))}个{mark}")
        return draft


def _projects_of(knowledge: Knowledge, node: Node) -> list[Node]:
    """The projects that are a thing's own: of a firm, in a town, of an industry."""
    rows = knowledge.store.query(FACTS_OF, {"id": node.id})
    others = (knowledge.by_id.get(str(row["other"])) for row in rows if not row["outgoing"])
    return [other for other in others if other is not None and other.label is Label.PROJECT]


def _ranked_node(knowledge: Knowledge, row: Row) -> Node | None:
    """What a row counts: by its id, or a box by its place."""
    if "id" in row:
        return knowledge.by_id.get(str(row["id"]))
    place = (row["plan"], row["start"])
    return next((b for b in knowledge.of(Label.BOX) if (b.text("plan"), b.integer("start")) == place), None)


def _say_project(draft: Draft, amount: float, project: Node, lead: str) -> None:
    shown = draft.compute(format_number(amount))
    name = project.aliases[0] if project.aliases else project.name
    where = f"（专栏{project.text('box')}）" if project.text("box") else ""
    mark = draft.cite_node(project, "专栏项目")
    start, stop = project.integer("investment_start"), project.integer("investment_stop")
    source = draft.cite(project.text("plan"), start, stop, "投资额") if start is not None and stop else ""
    draft.say(f"{lead}{name}{where}：{shown}亿元{mark}{source}")


def _limit(folded: str) -> _Limit | None:
    """The bound on an amount of money that a question states, if any."""
    for match in _AMOUNT.finditer(folded):
        number = match["number"]
        value = float(number) if number[0].isdigit() else float(chinese_number(number) or 0)
        amount = value if match["unit"] == "亿" else value / 10_000
        before, after = match["before"] or "", match["after"] or ""
        below = bool(re.fullmatch(_BELOW, before)) or after in ("以下", "以内")
        above = bool(re.fullmatch(_ABOVE, before)) or "以上" in after
        shown = f"{format_number(value)}{match['unit']}元"
        if below:
            strict = not re.search("不超过|以内|以下", match.group())
            return _Limit(f"{'低于' if strict else '不超过'}{shown}", _below(amount, strict))
        if above:
            strict = bool(re.search("^(?:超|大于|高于|多于|过)", match["before"] or ""))
            return _Limit(f"{'超过' if strict else '不低于'}{shown}", _above(amount, strict))
    return None


def _below(amount: float, strict: bool) -> Callable[[float], bool]:
    return lambda value: value < amount if strict else value <= amount


def _above(amount: float, strict: bool) -> Callable[[float], bool]:
    return lambda value: value > amount if strict else value >= amount
