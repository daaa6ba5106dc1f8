"""Named queries: what people ask for by name; one place, the same text on both stores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kg.errors import InputError
from kg.model import Cell
from kg.schema import BASE_LABEL, STRUCTURAL, RelationType


@dataclass(frozen=True, slots=True)
class Parameter:
    """What a named query wants to know. A default makes it a whole number, and optional.

    Every other parameter is a thing: its id, its name, or any of its written forms.
    """

    name: str
    title: str
    default: int | None = None


@dataclass(frozen=True, slots=True)
class NamedQuery:
    """A query with a name. ``title`` is its description for users; ``columns`` maps columns to titles."""

    name: str
    title: str
    cypher: str
    parameters: tuple[Parameter, ...]
    columns: Mapping[str, str]

    def bind(self, arguments: Sequence[str]) -> dict[str, Cell]:
        """The parameters for these arguments, in the query's order.

        Raises: InputError: too few, too many, or one that should be a whole number and is not.
        """
        needed = sum(parameter.default is None for parameter in self.parameters)
        if not needed <= len(arguments) <= len(self.parameters):
            raise InputError(f"查询 {self.name} 的参数个数不对。用法：{self.usage}")
        values: dict[str, Cell] = {p.name: p.default for p in self.parameters}
        for parameter, argument in zip(self.parameters, arguments, strict=False):
            if parameter.default is None:
                values[parameter.name] = argument
            elif argument.isdecimal() and 0 < int(argument) <= _LARGEST_NUMBER:
                values[parameter.name] = int(argument)
            else:
                raise InputError(f"查询 {self.name} 的“{parameter.title}”应为正整数，而不是 {argument}。")
        return values

    @property
    def usage(self) -> str:
        """How to call it: `projects_of_town 镇村或地点`, optional ones in brackets."""
        wanted = (p.title if p.default is None else f"[{p.title}={p.default}]" for p in self.parameters)
        return " ".join((self.name, *wanted))


_LARGEST_NUMBER = 10_000
_THING = Parameter("name", "名称")
#: relations that say something about the things themselves; structure, mentions and goals left out
_FACTS = "|".join(
    type.value
    for type in RelationType
    if type not in STRUCTURAL and type.value not in ("MENTIONS", "TARGETS", "LISTS")
)
_SOURCE = {"quote": "原文", "plan": "规划", "start": "起", "stop": "止"}
# KGLite takes `start` and `end` for the two nodes of a relation that has no such property of its own
_SOURCE_OF_R = (
    "r.quote AS quote, r.plan AS plan, CASE WHEN r.quote IS NULL THEN null ELSE r.start END AS start, "
    "CASE WHEN r.quote IS NULL THEN null ELSE r.end END AS stop"
)


def _is(variable: str, parameter: str = "name") -> str:
    """A thing by its id, its name, or any of its written forms."""
    return (
        f"({variable}.id = ${parameter} OR {variable}.name = ${parameter} "
        f"OR ${parameter} IN {variable}.aliases)"
    )


def _label(variable: str) -> str:
    return f"[l IN labels({variable}) WHERE l <> '{BASE_LABEL}'][0]"


#: which things a name may mean. In: name. Out: id, name, label
RESOLVE = f"""
MATCH (a:Entity) WHERE {_is("a")} RETURN a.id AS id, a.name AS name, {_label("a")} AS label ORDER BY id
"""

_QUERIES = (
    # a group's projects are those of its subsidiaries too
    NamedQuery(
        "projects_of_enterprise",
        "一家企业或单位（含其下属企业）实施的项目",
        f"""
MATCH (a:Entity) WHERE {_is("a")}
MATCH (p:Project)-[r:IMPLEMENTED_BY]->(owner:Entity)-[:PART_OF*0..2]->(a)
MATCH (b:Box)-[:LISTS]->(p)
RETURN DISTINCT owner.name AS owner, p.id AS id, p.name AS project, b.name AS box,
       p.investment_yi_yuan AS investment_yi_yuan, {_SOURCE_OF_R}
ORDER BY plan, start, id, owner
""",
        (Parameter("name", "企业或单位"),),
        {"owner": "实施主体", "id": "编号", "project": "项目", "box": "专栏",
         "investment_yi_yuan": "投资（亿元）", **_SOURCE},
    ),
    # a town's projects are those in its villages and places too
    NamedQuery(
        "projects_of_town",
        "一个乡镇、村或地点（含其下的村和地点）的项目",
        f"""
MATCH (a:Entity) WHERE (a:Town OR a:Village OR a:Place) AND {_is("a")}
MATCH (p:Project)-[r:LOCATED_IN]->(place:Entity)-[:PART_OF|LOCATED_IN*0..3]->(a)
MATCH (b:Box)-[:LISTS]->(p)
RETURN DISTINCT place.name AS place, p.id AS id, p.name AS project, b.name AS box, {_SOURCE_OF_R}
ORDER BY plan, start, id, place
""",
        (Parameter("name", "乡镇、村或地点"),),
        {"place": "地点", "id": "编号", "project": "项目", "box": "专栏", **_SOURCE},
    ),
    # an industry's projects are those of its branches too
    NamedQuery(
        "projects_of_industry",
        "一个行业（含其细分行业）的项目",
        f"""
MATCH (a:Industry) WHERE {_is("a")}
MATCH (p:Project)-[r:BELONGS_TO]->(i:Industry)-[:PART_OF*0..2]->(a)
MATCH (b:Box)-[:LISTS]->(p)
RETURN DISTINCT i.name AS industry, p.id AS id, p.name AS project, b.name AS box, {_SOURCE_OF_R}
ORDER BY plan, start, id, industry
""",
        (Parameter("name", "行业"),),
        {"industry": "行业", "id": "编号", "project": "项目", "box": "专栏", **_SOURCE},
    ),
    NamedQuery(
        "enterprises_of_industry",
        "一个行业（含其细分行业）的企业",
        f"""
MATCH (a:Industry) WHERE {_is("a")}
MATCH (e:Enterprise)-[r:BELONGS_TO]->(i:Industry)-[:PART_OF*0..2]->(a)
RETURN DISTINCT e.id AS id, e.name AS enterprise, i.name AS industry, {_SOURCE_OF_R}
ORDER BY enterprise, industry, id
""",
        (Parameter("name", "行业"),),
        {"id": "编号", "enterprise": "企业", "industry": "行业", **_SOURCE},
    ),
    # one shortest path, the first by ids and types where there are several; a hop of the industry
    # taxonomy has no quote, because no sentence says it
    NamedQuery(
        "path",
        "两个事物之间最短的联系，每一步附原文",
        f"""
MATCH (a:Entity) WHERE {_is("a", "from")}
MATCH (b:Entity) WHERE {_is("b", "to")} AND b.id <> a.id
MATCH p = allShortestPaths((a)-[:{_FACTS}|LISTS*..8]-(b))
WITH p ORDER BY length(p), reduce(s = '', n IN nodes(p) | s + '|' + n.id),
     reduce(s = '', r IN relationships(p) | s + '|' + type(r))
LIMIT 1
UNWIND range(0, length(p) - 1) AS i
WITH i, nodes(p)[i] AS x, relationships(p)[i] AS r, nodes(p)[i + 1] AS y
RETURN i + 1 AS step, x.name AS from, type(r) AS type, startNode(r).id = x.id AS outgoing,
       y.name AS to, {_SOURCE_OF_R}
ORDER BY step
""",
        (Parameter("from", "起点"), Parameter("to", "终点")),
        {"step": "步", "from": "自", "type": "关系", "outgoing": "正向", "to": "至", **_SOURCE},
    ),
    NamedQuery(
        "together",
        "同时提到两个事物的段落",
        f"""
MATCH (a:Entity) WHERE {_is("a", "first")}
MATCH (b:Entity) WHERE {_is("b", "second")} AND b.id <> a.id
MATCH (a)<-[:MENTIONS]-(p:Passage)-[:MENTIONS]->(b)
RETURN DISTINCT a.name AS first, b.name AS second, p.locator AS locator,
       p.text AS quote, p.plan AS plan, p.start AS start, p.stop AS stop
ORDER BY plan, start, first, second
""",
        (Parameter("first", "一个事物"), Parameter("second", "另一个事物")),
        {"first": "事物", "second": "另一事物", "locator": "位置", **_SOURCE},
    ),
    # nearest first: all relations of the thing itself before those of its neighbours
    NamedQuery(
        "neighbourhood",
        "一个事物周围两步之内的联系，近的在前",
        f"""
MATCH (a:Entity) WHERE {_is("a")}
MATCH p = (a)-[:{_FACTS}|LISTS|TARGETS*1..2]-(b:Entity) WHERE b.id <> a.id
WITH length(p) AS distance, nodes(p)[length(p) - 1] AS x, relationships(p)[length(p) - 1] AS r, b
RETURN DISTINCT distance, x.name AS from, type(r) AS type, startNode(r).id = x.id AS outgoing,
       b.name AS to, {_label("b")} AS label, b.id AS id, {_SOURCE_OF_R}
ORDER BY distance, type, from, id LIMIT $budget
""",
        (_THING, Parameter("budget", "条数", 50)),
        {"distance": "步", "from": "自", "type": "关系", "outgoing": "正向", "to": "至", "label": "类别",
         "id": "编号", **_SOURCE},
    ),
    NamedQuery(
        "most_connected",
        "联系最多的事物",
        f"""
MATCH (a:Entity)-[r:{_FACTS}]-(b:Entity)
RETURN a.name AS name, {_label("a")} AS label, a.id AS id, count(DISTINCT b) AS neighbours,
       count(DISTINCT r) AS relations
ORDER BY neighbours DESC, relations DESC, id LIMIT $limit
""",
        (Parameter("limit", "条数", 20),),
        {"name": "名称", "label": "类别", "id": "编号", "neighbours": "相邻事物", "relations": "联系"},
    ),
    NamedQuery(
        "projects_by_box",
        "每个专栏的项目数",
        """
MATCH (b:Box)-[:LISTS]->(p:Project)
RETURN b.name AS box, b.locator AS locator, b.plan AS plan, b.start AS start, count(p) AS projects
ORDER BY plan, start
""",
        (),
        {"box": "专栏", "locator": "位置", "plan": "规划", "start": "起", "projects": "项目数"},
    ),
    NamedQuery(
        "projects_by_owner",
        "每个实施主体的项目数",
        f"""
MATCH (p:Project)-[:IMPLEMENTED_BY]->(a:Entity)
RETURN a.name AS owner, {_label("a")} AS label, a.id AS id, count(DISTINCT p) AS projects
ORDER BY projects DESC, id
""",
        (),
        {"owner": "实施主体", "label": "类别", "id": "编号", "projects": "项目数"},
    ),
    NamedQuery(
        "projects_by_town",
        "每个乡镇（含其下的村和地点）的项目数",
        """
MATCH (p:Project)-[:LOCATED_IN]->(:Entity)-[:PART_OF|LOCATED_IN*0..3]->(t:Town)
RETURN t.name AS town, t.id AS id, count(DISTINCT p) AS projects ORDER BY projects DESC, id
""",
        (),
        {"town": "乡镇", "id": "编号", "projects": "项目数"},
    ),
    # a project counts for each industry it belongs to, and for the industry above that
    NamedQuery(
        "projects_by_industry",
        "每个行业（含其细分行业）的项目数",
        """
MATCH (p:Project)-[:BELONGS_TO]->(:Industry)-[:PART_OF*0..2]->(i:Industry)
WITH i, count(DISTINCT p) AS projects
OPTIONAL MATCH (i)-[:PART_OF]->(above:Industry)
RETURN i.name AS industry, above.name AS above, i.id AS id, projects ORDER BY projects DESC, id
""",
        (),
        {"industry": "行业", "above": "上级行业", "id": "编号", "projects": "项目数"},
    ),
    NamedQuery(
        "chains",
        "全部产业链：环节依次排列，附带动企业",
        """
MATCH (c:Concept)-[r:CONSISTS_OF]->(s:Entity) WHERE c.kind = 'chain' AND r.position > 0
WITH c, r, s ORDER BY c.id, r.position
WITH c, collect(s.name) AS stages
OPTIONAL MATCH (e:Enterprise)-[:DRIVES]->(c)
WITH c, stages, e ORDER BY c.id, e.name
RETURN c.name AS chain, stages, collect(e.name) AS firms, c.written AS quote, c.plan AS plan,
       c.start AS start, c.stop AS stop
ORDER BY plan, start
""",
        (),
        {"chain": "产业链", "stages": "环节", "firms": "企业", **_SOURCE},
    ),
    # as a stage, as one of several things that a stage names, or as a firm that drives the chain
    NamedQuery(
        "chains_of",
        "一个产品、行业或企业所在的产业链",
        f"""
MATCH (a:Entity) WHERE {_is("a")}
MATCH (a)-[:PART_OF*0..1]->(s:Entity)<-[r:CONSISTS_OF]-(c:Concept) WHERE c.kind = 'chain'
RETURN c.name AS chain, a.name AS name, r.position AS position, {_SOURCE_OF_R} ORDER BY plan, start, position
UNION
MATCH (a:Enterprise) WHERE {_is("a")}
MATCH (a)-[r:DRIVES]->(c:Concept)
RETURN c.name AS chain, a.name AS name, null AS position, {_SOURCE_OF_R} ORDER BY plan, start, position
""",
        (_THING,),
        {"chain": "产业链", "name": "名称", "position": "环节序号", **_SOURCE},
    ),
    NamedQuery(
        "conflicts",
        "规划中互相矛盾的表述，附两处原文",
        f"""
MATCH (a:Entity)-[r:CONFLICTS_WITH]->(b:Entity)
RETURN r.kind AS kind, a.name AS left, b.name AS right, r.confidence AS confidence, {_SOURCE_OF_R},
       r.other_quote AS other_quote, r.other_start AS other_start, r.other_stop AS other_stop
ORDER BY plan, start, other_start, kind
""",
        (),
        {"kind": "类型", "left": "甲", "right": "乙", "confidence": "可信度", **_SOURCE,
         "other_quote": "另一处原文", "other_start": "另一处起", "other_stop": "另一处止"},
    ),
)  # fmt: skip

#: name → query, in the order in which people see them
NAMED: dict[str, NamedQuery] = {query.name: query for query in _QUERIES}
