"""Whose a number is: the names that stand with it, in the wording as in the evidence."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from kg.schema import Label
from kg.tokens import fold
from qa.knowledge import Node
from qa.wording.quantities import Quantity, QuantityReader

#: the nodes of the graph that a text names
Linker = Callable[[str], Sequence[Node]]

#: what numbers are said of, and what an answer cannot do without
PROPER = frozenset(
    {Label.ENTERPRISE, Label.ORGANIZATION, Label.TOWN, Label.VILLAGE, Label.PLACE, Label.PROJECT}
)
_SENTENCE = re.compile(r"[^。！？；;\n]+")
_PART = re.compile(r"(?:[^，,、：:]|(?<=\d),(?=\d{3}))+")


@dataclass(frozen=True, slots=True)
class Segment:
    """Numbers between two commas, and the ids of what they are said of."""

    quantities: tuple[Quantity, ...]
    names: frozenset[str]


def segments(text: str, reader: QuantityReader, link: Linker) -> Iterator[Segment]:
    """The stretches of a text that hold numbers. One that names nothing takes the names of its sentence."""
    for sentence in _SENTENCE.findall(text):
        around = _names(sentence, link)
        for part in _PART.findall(sentence):
            if quantities := reader.read(part):
                yield Segment(quantities, _names(part, link) or around)


def misattributed(said: Iterable[Segment], sources: Sequence[Segment]) -> list[str]:
    """Numbers that the sources give, each time, to something else than the wording does."""
    wrong: list[str] = []
    for segment in said:
        for claim in segment.quantities if segment.names else ():
            owners = [s.names for s in sources if any(claim.states_what(q) for q in s.quantities)]
            if owners and all(names and not names & segment.names for names in owners):
                wrong.append(claim.text)
    return wrong


def _names(text: str, link: Linker) -> frozenset[str]:
    return frozenset(node.id for node in link(fold(text)) if node.label in PROPER or _is_measured(node))


def _is_measured(node: Node) -> bool:
    return node.label is Label.INDICATOR
