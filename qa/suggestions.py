"""Questions that lead on from an answer: about the things it speaks of, and those next to them in the graph.

Which questions may be asked of which things stands in the word lists (``next_questions.json``). A question
is proposed where the graph has what it asks for, and kept where it is answered.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import islice, zip_longest
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from kg.errors import SettingsError
from kg.schema import Label, RelationType
from kg.tokens import fold
from qa.browse.edges import Edges, edges
from qa.knowledge import Knowledge, Node
from qa.linking import EntityLinker
from qa.model import Answer

#: a quote's place: plan, start, end
Span = tuple[str, int, int]
#: names that are longer make no question that one likes to read
_NAME_CHARS = 24
#: how many questions are tried for each that is suggested
_TRIED_FOR_ONE = 3
#: in how many quotes of an answer things to ask about are looked for
_QUOTES_READ = 6
#: how many things next to those of the answer are looked at
_NEIGHBOURS = 8


class Needed(BaseModel):
    """What the graph has of a thing that may be asked about so: a property, or a relation."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    property: str = ""
    type: RelationType | None = None
    direction: Literal["in", "out"] = "out"
    other: Label | None = None

    def holds(self, node: Node, graph: Edges) -> bool:
        """Whether a node has it."""
        if self.property and node.properties.get(self.property) in (None, ""):
            return False
        if self.type is None:
            return True
        ends = graph.targets if self.direction == "out" else graph.sources
        return any(self.other in (None, end.label) for end in ends(node, self.type))


class NextQuestion(BaseModel):
    """A question about things of a label: `{name}` is theirs."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    label: Label
    needs: Needed = Needed()
    question: str


@lru_cache(maxsize=4)
def load_next_questions(directory: Path) -> tuple[NextQuestion, ...]:
    """The questions of the word lists; none where there is no such list.

    Raises: SettingsError: malformed; names the file.
    """
    path = directory / "next_questions.json"
    if not path.exists():
        return ()
    try:
        found = TypeAdapter(list[NextQuestion]).validate_json(path.read_bytes())
    except ValidationError as exc:
        where = ".".join(str(part) for part in exc.errors()[0]["loc"])
        raise SettingsError(f"词表 {path} 内容有误（{where}）。请改正。") from exc
    return tuple(found)


class Suggester:
    """Proposes questions about one build's things, and keeps only those that are answered."""

    def __init__(
        self,
        knowledge: Knowledge,
        linker: EntityLinker,
        templates: Sequence[NextQuestion],
        ask: Callable[[str], Answer],
    ) -> None:
        """``ask`` answers a question from the same build."""
        self._knowledge = knowledge
        self._linker = linker
        self._templates = templates
        self._ask = ask
        self._tried: dict[str, frozenset[Span]] = {}

    def suggest(
        self, ids: Sequence[str], cited: Sequence[Span], asked: Sequence[str], limit: int
    ) -> tuple[str, ...]:
        """Up to ``limit`` questions that lead on from an answer, none that was ``asked``."""
        candidates = self._proposed((*ids, *self._named_in(cited)), asked)
        found: dict[frozenset[Span], str] = {}
        for question in islice(candidates, limit * _TRIED_FOR_ONE):
            quotes = self._quotes(question)
            if _leads_on(quotes, cited):
                found.setdefault(quotes, question)  # two questions with one answer are one
            if len(found) == limit:
                break
        return tuple(found.values())

    def _quotes(self, question: str) -> frozenset[Span]:
        """The places that answer a question, asked once only; none if it is refused."""
        if question not in self._tried:
            answer = self._ask(question)
            places = ((each.source, each.start, each.end) for each in answer.citations)
            self._tried[question] = frozenset(() if answer.refused else places)
        return self._tried[question]

    def _named_in(self, spans: Sequence[Span]) -> Iterator[str]:
        """The things that are named in some places of the plans."""
        for plan, start, end in spans[:_QUOTES_READ]:
            if plan in self._knowledge.documents:
                quote = self._knowledge.text(plan, start, end)
                yield from (node.id for node in self._linker.link(fold(quote)))

    def _proposed(self, ids: Iterable[str], asked: Collection[str]) -> Iterator[str]:
        """Questions about things, the best first; of one thing after another."""
        graph, by_id = edges(self._knowledge), self._knowledge.by_id
        here = [by_id[id] for id in dict.fromkeys(ids) if id in by_id]
        known = {fold(question) for question in asked}
        said = " ".join(known)
        # what the question named is known to who asked; what the answer brought leads on
        here.sort(key=lambda node: any(fold(form) in said for form in node.forms))
        rows = [_questions(node, self._templates, graph) for node in (*here, *_around(here, graph))]
        seen: set[str] = set()
        for question in (each for turn in zip_longest(*rows) for each in turn if each):
            if fold(question) not in known and question not in seen:
                seen.add(question)
                yield question


def _leads_on(quotes: Collection[Span], cited: Collection[Span]) -> bool:
    """Whether at least half of the quotes say something that those cited before do not."""
    fresh = [quote for quote in quotes if not any(_overlap(quote, other) for other in cited)]
    return bool(quotes) and 2 * len(fresh) >= len(quotes)


def _overlap(one: Span, other: Span) -> bool:
    return one[0] == other[0] and one[1] < other[2] and other[1] < one[2]


def _around(nodes: Sequence[Node], graph: Edges) -> list[Node]:
    """What is next to these in the graph, the best connected first."""
    inside = {node.id for node in nodes}
    tied = (edge.other(node) for node in nodes for edge in graph.of(node))
    found = {other.id: other for other in tied if other.id not in inside}
    return sorted(found.values(), key=lambda node: (-len(graph.of(node)), node.id))[:_NEIGHBOURS]


def _questions(node: Node, templates: Sequence[NextQuestion], graph: Edges) -> list[str]:
    name = min(node.forms, key=lambda form: (len(form) > _NAME_CHARS, form != node.name, len(form)))
    if len(name) > _NAME_CHARS:
        return []
    fitting = (each for each in templates if each.label is node.label and each.needs.holds(node, graph))
    return [each.question.replace("{name}", name) for each in fitting]
