"""Put an answer together: text, numbered citations, computed numbers; every quote cut from the plan."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from kg.model import Cell
from kg.sentences import PAGE_BREAK
from qa.knowledge import Knowledge, Node, Sentence
from qa.model import Answer, Citation, ConflictStatement, MentionedEntity

#: longest quote that is shown whole; the citation always holds the whole one
_SHOWN_CHARS = 180
_MAX_ENTITIES = 12


class Draft:
    """An answer in the making. Quotes get their numbers in the order of use."""

    def __init__(self, knowledge: Knowledge, kind: str) -> None:
        """``kind`` names the answerer."""
        self.knowledge = knowledge
        self.kind = kind
        self.refused = False
        self.lines: list[str] = []
        self.derived: list[str] = []
        self.notes: list[str] = []
        self.conflicts: list[ConflictStatement] = []
        self.cypher = ""
        self._citations: dict[tuple[str, int, int], Citation] = {}
        self._entities: dict[str, MentionedEntity] = {}

    @property
    def quoted(self) -> bool:
        """Whether anything was cited."""
        return bool(self._citations)

    def cites(self, plan_id: str, start: int, end: int) -> bool:
        """Whether a citation overlaps this stretch of the plan."""
        return any(
            c.source == plan_id and c.start < end and start < c.end for c in self._citations.values()
        )

    def cite(self, plan_id: str, start: int, end: int, why: str = "") -> str:
        """The mark (`[1]`) for this stretch of the plan."""
        key = (plan_id, start, end)
        if key not in self._citations:
            block = self.knowledge.block(plan_id, start)
            self._citations[key] = Citation(
                quote=self.knowledge.text(plan_id, start, end),
                start=start,
                end=end,
                source=plan_id,
                locator=block.locator if block else "",
                why=why,
            )
        return f"[{list(self._citations).index(key) + 1}]"

    def cite_node(self, node: Node, why: str = "") -> str:
        """The mark for where a node stands (`start`, `stop`); empty if it has no place."""
        start, stop = node.integer("start"), node.integer("stop")
        plan = node.text("plan")
        if start is None or stop is None or plan not in self.knowledge.documents:
            return ""
        return self.cite(plan, start, stop, why)

    def cite_relation(self, relation: Cell, why: str = "") -> str:
        """The mark for a relation's quote; empty if it has none, or if it is of a plan not loaded."""
        if not isinstance(relation, Mapping):
            return ""
        plan, start, end = relation.get("plan"), relation.get("start"), relation.get("end")
        if not isinstance(start, int) or not isinstance(end, int):
            return ""
        if not isinstance(plan, str) or plan not in self.knowledge.documents:
            return ""
        return self.cite(plan, start, end, why)

    def say(self, line: str) -> None:
        """Add a line."""
        self.lines.append(line)

    def quote(self, sentence: Sentence, why: str = "", prefix: str = "", suffix: str = "") -> None:
        """Add a sentence of the plan as a line."""
        mark = self.cite(sentence.plan_id, sentence.start, sentence.end, why)
        self.say(f"{prefix}{shown(sentence.text)}{suffix}{mark}")

    def compute(self, value: str) -> str:
        """Note a number as computed; returns it."""
        self.derived.append(value)
        return value

    def mention(self, nodes: Iterable[Node]) -> None:
        """Note entities that the answer speaks of."""
        for node in nodes:
            self._entities.setdefault(node.id, MentionedEntity(node.id, node.label.value, node.name))

    def conflict(self, about: str, marks: Iterable[str]) -> None:
        """Note that the cited statements disagree."""
        numbers = tuple(int(mark.strip("[]")) for mark in marks if mark)
        self.conflicts.append(ConflictStatement(about, numbers))

    def build(self, question: str, *, refused: bool = False) -> Answer:
        """The finished answer."""
        return Answer(
            question=question,
            answer=_paragraphs(self.lines),
            refused=refused,
            kind=self.kind,
            citations=tuple(self._citations.values()),
            derived=tuple(dict.fromkeys(self.derived)),
            conflicts=tuple(self.conflicts),
            entities=tuple(list(self._entities.values())[:_MAX_ENTITIES]),
            notes=tuple(self.notes),
            cypher=" ".join(self.cypher.split()),
        )


_ITEM = re.compile(r"(?:- |\d+\. )")


def _paragraphs(lines: Iterable[str]) -> str:
    """Lines as Markdown: a list keeps together, and what follows it starts a paragraph of its own."""
    parts: list[str] = []
    for line in lines:
        item = bool(_ITEM.match(line))
        if parts:
            parts.append("\n" if item else "\n\n")
        parts.append(line)
    return "".join(parts)


def shown(text: str, limit: int = _SHOWN_CHARS) -> str:
    """A quote for reading: line breaks folded, cut at a clause when it is long, never inside a number."""
    text = re.sub(r"\s+", " ", PAGE_BREAK.sub("", text)).strip()
    if len(text) <= limit:
        return text
    cut = max(text.rfind(mark, 0, limit) for mark in "，；、。")
    if cut <= limit // 2:
        cut = limit
        if _NUMBER_ON.match(text, limit):
            cut = len(_NUMBER_END.sub("", text[:limit]))
    return text[:cut] + "……"


#: what goes on where a number is cut in two, and its beginning
_NUMBER_ON = re.compile(r"[.,]?[0-9]")
_NUMBER_END = re.compile(r"[0-9][0-9.,]*$")


def format_number(value: float) -> str:
    """A number as people write it: at most four decimals, no trailing zeros."""
    text = f"{value:.4f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
