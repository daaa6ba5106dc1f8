"""The contradictions of the plans, with what differs between the two statements."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

from qa.knowledge import Knowledge
from qa.reports import ReportedConflict, conflicts

#: numbers are compared whole: of `22` and `25` both figures differ, not the last digit
_UNITS = re.compile(r"\d+(?:\.\d+)?|.", re.S)

Spans = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Compared:
    """A contradiction; ``differences`` are the stretches of each quote that the other does not have."""

    conflict: ReportedConflict
    differences: tuple[Spans, Spans]


def compared(knowledge: Knowledge) -> tuple[Compared, ...]:
    """All contradictions that were found at build, in the order of their first statements."""
    return tuple(
        Compared(found, differences(found.statements[0].quote, found.statements[1].quote))
        for found in conflicts(knowledge)
    )


def differences(first: str, second: str) -> tuple[Spans, Spans]:
    """Which stretches of each text the other does not have, as offsets in characters."""
    a, b = _UNITS.findall(first), _UNITS.findall(second)
    blocks = SequenceMatcher(None, a, b, autojunk=False).get_opcodes()
    changed = [(i1, i2, j1, j2) for tag, i1, i2, j1, j2 in blocks if tag != "equal"]
    ours = [(i1, i2) for i1, i2, _, _ in changed if i1 < i2]
    theirs = [(j1, j2) for _, _, j1, j2 in changed if j1 < j2]
    return _offsets(a, ours), _offsets(b, theirs)


def _offsets(units: list[str], spans: list[tuple[int, int]]) -> Spans:
    starts = [0]
    for unit in units:
        starts.append(starts[-1] + len(unit))
    return tuple((starts[first], starts[last]) for first, last in spans)
