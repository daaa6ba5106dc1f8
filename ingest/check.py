"""Does a graph keep its promises: every quote verbatim, every end allowed, every count right."""

from __future__ import annotations

import logging
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from enum import StrEnum
from time import perf_counter

from kg.errors import GraphCheckError
from kg.model import Entity, Graph, PlanDocument, PropertyValue, Relation
from kg.schema import ENDPOINTS, STRUCTURAL, UNQUOTED_METHODS, Label, RelationType
from kg.settings import Settings

log = logging.getLogger(__name__)

#: labels whose nodes are called as the text calls them
_NAMED_BY_TEXT = frozenset(
    {
        Label.PROJECT, Label.ENTERPRISE, Label.ORGANIZATION, Label.TOWN, Label.VILLAGE, Label.PLACE,
        Label.PRODUCT, Label.INDICATOR, Label.TARGET, Label.CONCEPT,
    }
)  # fmt: skip
#: an indicator is also known by its name without brackets, which the text need not have
_DERIVED_ALIASES = frozenset({Label.INDICATOR})
#: label → the relation that says where its nodes belong: exactly one leads to each
_ONE_OWNER: dict[Label, RelationType] = {
    Label.PART: RelationType.HAS_PART,
    Label.CHAPTER: RelationType.HAS_CHAPTER,
    Label.SECTION: RelationType.HAS_SECTION,
    Label.BOX: RelationType.HAS_BOX,
    Label.PASSAGE: RelationType.HAS_PASSAGE,
    Label.PROJECT: RelationType.LISTS,
    Label.INDICATOR: RelationType.HAS_INDICATOR,
}
#: (label, property with a printed or counted number, relation that should lead to as many)
_COUNTS = (
    (Label.BOX, "size", RelationType.LISTS),
    (Label.INDICATOR_GROUP, "printed_count", RelationType.HAS_INDICATOR),
)
_LONGEST_SHOWN = 30


class Severity(StrEnum):
    """An error is a defect of ours and stops a build; a warning may be the plan's own doing."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """One broken promise. ``rule`` is short and English, ``message`` Chinese and one line."""

    severity: Severity
    rule: str
    message: str

    def __str__(self) -> str:
        """For people."""
        return f"{'错误' if self.severity is Severity.ERROR else '警告'}：{self.message}"


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What a check of a state found, and how much it looked at."""

    findings: tuple[Finding, ...]
    entities: int
    relations: int

    @property
    def errors(self) -> int:
        """How many of the findings are errors."""
        return sum(finding.severity is Severity.ERROR for finding in self.findings)


def check_graph(graph: Graph, documents: Iterable[PlanDocument]) -> list[Finding]:
    """Everything that is wrong with a graph of these plans, in the graph's order. Never raises."""
    checker = _Checker(graph, {document.id: document.text for document in documents})
    return [*checker.entities(), *checker.relations(), *checker.cardinalities()]


def require_sound(graph: Graph, documents: Iterable[PlanDocument]) -> None:
    """Check a graph before it is written; what may be the plan's own doing is only logged.

    Raises: GraphCheckError: at least one finding is an error.
    """
    started = perf_counter()
    findings = check_graph(graph, documents)
    errors = [finding for finding in findings if finding.severity is Severity.ERROR]
    for finding in findings:
        log.info("%s", finding)
    log.info("check: %d findings, %.2f s", len(findings), perf_counter() - started)
    if errors:
        raise GraphCheckError(
            f"图谱自检发现 {len(errors)} 处错误，没有写入，原有的库未改动。第一处：{errors[0].message}。"
            "请用 plankg -v build 查看全部，并交给维护人员。"
        )


def check_state(settings: Settings) -> CheckReport:
    """Check the current state as it is stored.

    Raises: StateError: nothing was built, or it is damaged. StoreError: the graph cannot be read.
    """
    from kg.adapters.stores import open_graph_store
    from kg.export.reading import read_graph
    from kg.state import StateDirectory, load_documents

    state = StateDirectory(settings.home)
    manifest = state.require_current()
    path = state.build_path(manifest.build)
    documents, _ = load_documents(path, manifest.plans)
    with closing(open_graph_store(settings, path / "graph.kgl")) as store:
        graph = read_graph(store)
    findings = check_graph(graph, documents.values())
    return CheckReport(tuple(findings), len(graph.entities), len(graph.relations))


class _Checker:
    """The rules, over one graph. Texts by plan id."""

    def __init__(self, graph: Graph, texts: Mapping[str, str]) -> None:
        self._graph = graph
        self._texts = texts
        self._by_id = {entity.id: entity for entity in graph.entities}
        # a name is written without the blanks and line breaks that the plan has inside it
        self._spaceless = {plan: _spaceless(text) for plan, text in texts.items()}
        self._into = Counter((r.type, r.target) for r in graph.relations)
        self._out_of = Counter((r.type, r.source) for r in graph.relations)
        self._positions: dict[str, set[PropertyValue]] = {}
        for r in graph.relations:
            if r.type is RelationType.CONSISTS_OF and "position" in r.properties:
                self._positions.setdefault(r.source, set()).add(r.properties["position"])

    # -- nodes

    def entities(self) -> Iterator[Finding]:
        """Ids, names, offsets and values of the nodes."""
        for id, count in Counter(entity.id for entity in self._graph.entities).items():
            if count > 1:
                yield _error("id", f"节点编号 {id} 出现了 {count} 次")
        for entity in self._graph.entities:
            what = f"{entity.label.value}“{_short(entity.name)}”（{entity.id}）"
            plan = entity.properties.get("plan")
            text = self._texts.get(str(plan))
            if text is None:
                yield _error("plan", f"{what}的规划 {plan} 不在库中")
                continue
            yield from self._names(entity, what, str(plan))
            yield from _spans(entity.properties, text, what)
            yield from _values(entity.properties, what)
            if entity.label is Label.PASSAGE:
                yield from _passage(entity, text, what)

    def _names(self, entity: Entity, what: str, plan: str) -> Iterator[Finding]:
        forms = (entity.name, *entity.aliases)
        if not all(form.strip() for form in forms):
            yield _error("name", f"{what}有空的名称或别名")
        if entity.label not in _NAMED_BY_TEXT:
            return
        text = self._spaceless[plan]
        unsaid = [form for form in forms if _spaceless(form) not in text]
        if len(unsaid) == len(forms):
            yield _error("name", f"{what}的名称在原文中找不到")
            return
        for form in unsaid:
            if form == entity.name or entity.label not in _DERIVED_ALIASES:
                yield _warning("name", f"{what}的名称“{_short(form)}”不是原文的写法")

    # -- relations

    def relations(self) -> Iterator[Finding]:
        """Keys, ends, evidence, confidence and values of the relations."""
        for key, count in Counter(relation.key for relation in self._graph.relations).items():
            if count > 1:
                yield _error("key", f"关系 {'-'.join(key)} 出现了 {count} 次")
        for relation in self._graph.relations:
            what = f"关系 {'-'.join(relation.key)}"
            yield from self._ends(relation, what)
            yield from self._evidence(relation, what)
            yield from _values(relation.properties, what)

    def _ends(self, relation: Relation, what: str) -> Iterator[Finding]:
        sources, targets = ENDPOINTS[relation.type]
        for side, id, labels in (("起点", relation.source, sources), ("终点", relation.target, targets)):
            entity = self._by_id.get(id)
            if entity is None:
                yield _error("end", f"{what}的{side} {id} 不存在")
            elif entity.label not in labels:
                yield _error("end", f"{what}的{side}不能是 {entity.label.value}")
        if relation.source == relation.target:
            yield _warning("loop", f"{what}的起点就是终点")

    def _evidence(self, relation: Relation, what: str) -> Iterator[Finding]:
        if not relation.method or not 0 <= relation.confidence <= 1:  # not-a-number is in no range
            yield _error("confidence", f"{what}没有方法，或可信度不在 0 到 1 之间：{relation.confidence}")
        found = relation.evidence
        if found is None:
            if relation.type not in STRUCTURAL and relation.method not in UNQUOTED_METHODS:
                yield _error("evidence", f"{what}没有引文")
            return
        text = self._texts.get(found.plan_id)
        if text is None:
            yield _error("evidence", f"{what}的引文出自规划 {found.plan_id}，它不在库中")
            return
        if not _is_verbatim(text, found.start, found.end, found.quote):
            yield _error("quote", f"{what}的引文与原文 {found.start}–{found.end} 处不符")
        yield from _spans(relation.properties, text, what)
        if relation.type is RelationType.CONFLICTS_WITH and "other_quote" not in relation.properties:
            yield _warning("conflict", f"{what}只有一方的引文")

    # -- counts

    def cardinalities(self) -> Iterator[Finding]:
        """Everything belongs to exactly one owner, and counts are those that are printed."""
        for entity in self._graph.entities:
            what = f"{entity.label.value}“{_short(entity.name)}”（{entity.id}）"
            if owner := _ONE_OWNER.get(entity.label):
                yield from self._owners(entity, owner, what)
            if entity.label is Label.INDICATOR_GROUP and not self._out_of[RelationType.PART_OF, entity.id]:
                yield _error("owner", f"{what}不属于任何规划")
            for label, name, type in _COUNTS:
                stated, found = entity.properties.get(name), self._out_of[type, entity.id]
                if entity.label is label and stated is not None and stated != found:
                    yield _warning("count", f"{what}写明 {stated} 项，图中有 {found} 项")
            if entity.properties.get("kind") == "chain":
                # two stages of one name are one node
                stated, found = entity.properties.get("size"), len(self._positions.get(entity.id, ()))
                if stated != found:
                    yield _warning("count", f"{what}有 {stated} 个环节，图中有 {found} 个")

    def _owners(self, entity: Entity, type: RelationType, what: str) -> Iterator[Finding]:
        count = self._into[type, entity.id]
        if count == 0:
            yield _error("owner", f"{what}没有上级（{type.value}）")
        elif count > 1 and entity.label is Label.INDICATOR:
            yield _warning("owner", f"{what}出现在 {count} 组指标中")  # a plan may print it twice
        elif count > 1:
            yield _error("owner", f"{what}有 {count} 个上级（{type.value}）")


# -- values


def _spans(properties: Mapping[str, PropertyValue], text: str, what: str) -> Iterator[Finding]:
    """`start` and `stop`, also with a prefix, lie inside the text; a `quote` with them is verbatim."""
    for key, start in properties.items():
        if key != "start" and not key.endswith("_start"):
            continue
        prefix = key.removesuffix("start")
        stop = properties.get(f"{prefix}stop")
        if not isinstance(start, int) or not isinstance(stop, int) or not 0 <= start < stop <= len(text):
            yield _error("offset", f"{what}的位置 {key}={start}–{stop} 不在原文之内")
            continue
        quote = properties.get(f"{prefix}quote")
        if quote is not None and text[start:stop] != quote:
            yield _error("quote", f"{what}的引文 {prefix}quote 与原文 {start}–{stop} 处不符")


def _values(properties: Mapping[str, PropertyValue], what: str) -> Iterator[Finding]:
    """Text, truth values, finite numbers, and lists of one kind of them."""
    for key, value in properties.items():
        items = value if isinstance(value, tuple) else (value,)
        kinds = {type(item) for item in items}
        finite = all(math.isfinite(item) for item in items if isinstance(item, float))
        if not kinds <= {str, int, float, bool} or (len(kinds) > 1 and kinds != {int, float}) or not finite:
            yield _error("value", f"{what}的属性 {key} 的值 {_short(repr(value))} 不能保存")


def _passage(entity: Entity, text: str, what: str) -> Iterator[Finding]:
    p = entity.properties
    start, stop = p.get("start"), p.get("stop")
    if not isinstance(start, int) or not isinstance(stop, int) or text[start:stop] != p.get("text"):
        yield _error("quote", f"{what}的文字与原文 {start}–{stop} 处不符")


def _is_verbatim(text: str, start: int, end: int, quote: str) -> bool:
    return 0 <= start < end <= len(text) and text[start:end] == quote


def _spaceless(text: str) -> str:
    return "".join(text.split())


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST_SHOWN else line[:_LONGEST_SHOWN] + "…"


def _error(rule: str, message: str) -> Finding:
    return Finding(Severity.ERROR, rule, message)


def _warning(rule: str, message: str) -> Finding:
    return Finding(Severity.WARNING, rule, message)
