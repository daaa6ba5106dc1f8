"""Reports for people and programs: the plan's contradictions, and the rows of named queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from kg.errors import InputError
from kg.model import Cell, Row
from kg.named_queries import NAMED, RESOLVE, NamedQuery
from kg.schema import RelationType
from qa.knowledge import Knowledge

_MAX_ROWS = 100_000
_KINDS = {
    "value": "数值不一致",
    "count": "数目不一致",
    "target": "目标不一致",
    "baseline": "基期数据不一致",
    "growth": "总量与增速不一致",
    "wording": "提法不一致",
    "name": "名称写法不一致",
    "unit": "单位不一致",
}
_OTHER_KIND = "表述不一致"


@dataclass(frozen=True, slots=True)
class Statement:
    """What the plan says at a place: ``plan_text[start:end] == quote``."""

    quote: str
    start: int
    end: int
    source: str
    locator: str


@dataclass(frozen=True, slots=True)
class ReportedConflict:
    """Two statements that cannot both stand. ``about`` are the nodes that they are statements on."""

    kind: str
    title: str
    about: tuple[str, str]
    confidence: float
    statements: tuple[Statement, Statement]

    def to_json(self) -> dict[str, Any]:
        """For programs."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class NamedResult:
    """The rows of a named query; ``unknown`` are the given names that nothing in the graph has."""

    query: NamedQuery
    rows: tuple[Row, ...]
    unknown: tuple[str, ...]


def conflicts(knowledge: Knowledge) -> tuple[ReportedConflict, ...]:
    """All contradictions that were found at build, in the order of their first statements."""
    found: list[ReportedConflict] = []
    for row in knowledge.store.query(NAMED["conflicts"].cypher, max_rows=_MAX_ROWS):
        left = _statement(knowledge, row, "quote", "start", "stop")
        right = _statement(knowledge, row, "other_quote", "other_start", "other_stop")
        if left is None or right is None:
            continue  # the checker reports such a one
        about = (str(row["left"]), str(row["right"]))
        if right.start < left.start:
            left, right, about = right, left, (about[1], about[0])
        kind, confidence = str(row["kind"]), row["confidence"]
        sure = float(confidence) if isinstance(confidence, int | float) else 0.0
        found.append(ReportedConflict(kind, _KINDS.get(kind, _OTHER_KIND), about, sure, (left, right)))
    return tuple(sorted(found, key=lambda c: (c.statements[0].source, *(s.start for s in c.statements))))


def _statement(knowledge: Knowledge, row: Row, quote: str, start: str, stop: str) -> Statement | None:
    plan, first, last = row["plan"], row[start], row[stop]
    if not isinstance(plan, str) or not isinstance(first, int) or not isinstance(last, int):
        return None
    block = knowledge.block(plan, first)
    return Statement(str(row[quote]), first, last, plan, block.locator if block else "")


def conflicts_text(found: Sequence[ReportedConflict]) -> str:
    """The contradictions for reading, numbered, both statements with their places."""
    if not found:
        return "规划中没有发现互相矛盾的表述。"
    several = len({statement.source for item in found for statement in item.statements}) > 1
    lines = [f"规划中有 {len(found)} 处表述互相矛盾："]
    for number, item in enumerate(found, 1):
        lines += ["", f"{number}. {item.title}"]
        for mark, statement in zip("甲乙", item.statements, strict=True):
            plan = f"{statement.source} " if several else ""
            where = f"{plan}{statement.locator}（{statement.start}–{statement.end}）"
            lines.append(f"   {mark}：“{_one_line(statement.quote)}”")
            lines.append(f"       {where}")
    return "\n".join(lines)


# -- named queries


def named_queries_text() -> str:
    """The named queries with their parameters, for reading."""
    lines = ["可用的查询（plankg query 查询名 参数…）："]
    for query in NAMED.values():
        lines.append(f"  {query.usage}")
        lines.append(f"      {query.title}")
    return "\n".join(lines)


def named_queries() -> tuple[NamedQuery, ...]:
    """All of them."""
    return tuple(NAMED.values())


def run_named(knowledge: Knowledge, name: str, arguments: Sequence[str]) -> NamedResult:
    """Run a named query.

    Raises: InputError: no such query, or arguments that it does not take. StoreError: the store failed.
    """
    query = NAMED.get(name)
    if query is None:
        raise InputError(f"没有名为 {name} 的查询。可用：{'、'.join(NAMED)}。")
    parameters = query.bind(arguments)
    rows = knowledge.store.query(query.cypher, parameters, max_rows=_MAX_ROWS)
    unknown: list[str] = []
    if not rows:
        things = (str(parameters[p.name]) for p in query.parameters if p.default is None)
        unknown = [thing for thing in things if not knowledge.store.query(RESOLVE, {"name": thing})]
    return NamedResult(query, tuple(rows), tuple(unknown))


def named_text(result: NamedResult) -> str:
    """The rows for reading: a numbered line each, columns by their Chinese titles, then their quote."""
    lines: list[str] = []
    for number, row in enumerate(result.rows, 1):
        hop = [_hop(row)] if row.keys() >= _HOP else []
        cells = [
            f"{title}：{_shown(row[column])}"
            for column, title in result.query.columns.items()
            if column not in _PLACED and row[column] is not None and not (hop and column in _HOP)
        ]
        lines.append(f"{number}. " + "，".join((*hop, *cells)))
        if row.get("quote") is not None and row.get("start") is not None:
            lines.append(f"   “{_one_line(str(row['quote']))}”（{row['start']}–{row['stop']}）")
    for thing in result.unknown:
        lines.append(f"图谱里没有叫“{thing}”的事物。请换一个名称，或用 plankg ask 提问。")
    lines.append(f"共 {len(result.rows)} 行")
    return "\n".join(lines)


#: columns that are shown as a quote with its place
_PLACED = frozenset({"quote", "plan", "start", "stop"})
#: columns that are shown as one arrow
_HOP = frozenset({"from", "type", "outgoing", "to"})
_TYPES = {
    RelationType.LISTS: "列有",
    RelationType.IMPLEMENTED_BY: "实施主体",
    RelationType.LOCATED_IN: "位于",
    RelationType.BELONGS_TO: "所属行业",
    RelationType.PRODUCES: "生产",
    RelationType.COOPERATES_WITH: "合作",
    RelationType.DEVELOPS: "发展",
    RelationType.PART_OF: "隶属",
    RelationType.HAS_INDICATOR: "含指标",
    RelationType.CONSISTS_OF: "包括",
    RelationType.DRIVES: "带动",
    RelationType.TARGETS: "目标对象",
    RelationType.CONFLICTS_WITH: "矛盾",
}


def _hop(row: Row) -> str:
    """`甲厂 ←实施主体— 一号项目`: the arrow points as the relation does."""
    type = str(row["type"])
    named = _TYPES.get(RelationType(type), type)
    arrow = f"—{named}→" if row["outgoing"] else f"←{named}—"
    return f"{row['from']} {arrow} {row['to']}"


def _shown(cell: Cell) -> str:
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, Sequence) and not isinstance(cell, str):
        return " · ".join(_shown(item) for item in cell) or "无"
    if isinstance(cell, Mapping):
        return "，".join(f"{key}={_shown(value)}" for key, value in cell.items())
    return _one_line(str(cell))


def _one_line(text: str) -> str:
    return " ".join(text.split())
