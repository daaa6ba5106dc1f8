"""Counting what a graph finds and misses: names, look-ups in a graph, scores."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar
from unicodedata import normalize

from kg.model import Entity, Graph, PropertyValue, Relation
from kg.schema import Label, RelationType

_MARKS = re.compile(r"[\s“”‘’\"'《》]")
_FIGURES = re.compile(r"\d+(?:\.\d+)?")
_LEGAL_FORM = re.compile(r"(?:控股|股份)?(?:有限责任|有限)?公司$")
_SCALES = {"万": 1e4, "亿": 1e8}
#: relative difference of two floats that mean one number
_CLOSE = 1e-9
Want = TypeVar("Want")
Find = TypeVar("Find")


@dataclass(frozen=True, slots=True)
class Score:
    """What was found of one kind.

    ``right`` of ``found`` finds are right, ``recalled`` of ``wanted`` gold entries were found. ``found``
    is None where the gold is a sample, so that a find outside it proves nothing.
    """

    kind: str
    right: int
    found: int | None
    recalled: int
    wanted: int
    misses: tuple[str, ...] = ()
    false: tuple[str, ...] = ()

    @property
    def precision(self) -> float | None:
        """Share of the finds that are right; 1 if there are none, None if the gold is a sample."""
        if self.found is None:
            return None
        return self.right / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        """Share of the gold entries that were found."""
        return self.recalled / self.wanted if self.wanted else 1.0

    @property
    def lowest(self) -> float:
        """The lower of precision and recall: what a floor is compared with."""
        return min(self.recall, 1.0 if self.precision is None else self.precision)


@dataclass
class Tally:
    """Collects the finds and misses of one kind."""

    kind: str
    sample: bool = False
    right: int = 0
    recalled: int = 0
    misses: list[str] = field(default_factory=list)
    false: list[str] = field(default_factory=list)

    def want(self, found: bool, text: str) -> None:
        """Count a gold entry."""
        if found:
            self.recalled += 1
        else:
            self.misses.append(text)

    def got(self, right: bool, text: str) -> None:
        """Count a find."""
        if right:
            self.right += 1
        else:
            self.false.append(text)

    def score(self) -> Score:
        """What was counted."""
        found = None if self.sample else self.right + len(self.false)
        false = () if self.sample else tuple(self.false)
        wanted = self.recalled + len(self.misses)
        return Score(self.kind, self.right, found, self.recalled, wanted, tuple(self.misses), false)


class Names:
    """Equality of names: punctuation, the county's own name in front and legal forms do not count."""

    def __init__(self, jurisdiction: str = "") -> None:
        """``jurisdiction`` is the county's name, e.g. ``甲县``."""
        stem = jurisdiction.rstrip("县市区")
        self._prefixes = tuple(p for p in (jurisdiction, stem, "县") if p)

    def keys(self, *names: str) -> frozenset[str]:
        """What these names have in common with other ways to write them."""
        return frozenset(key for name in names for key in self._keys(name))

    def _keys(self, name: str) -> Iterator[str]:
        plain = plain_text(name)
        for form in (plain, _LEGAL_FORM.sub("", plain)):
            yield form
            for prefix in self._prefixes:
                rest = form.removeprefix(prefix)
                if rest != form and len(rest) > 1:
                    yield rest
                    break


def plain_text(text: str) -> str:
    """Text without quotation marks and white space, in half-width characters."""
    return _MARKS.sub("", normalize("NFKC", text))


def figures(text: str) -> tuple[float, ...]:
    """The numbers in a text."""
    return tuple(float(x) for x in _FIGURES.findall(normalize("NFKC", text)))


def same_value(left: float, left_unit: str, right: float, right_unit: str) -> bool:
    """Whether two values are equal as printed, or once 万 and 亿 are worked out."""
    scaled = (_scaled(left, left_unit), _scaled(right, right_unit))
    return any(abs(a - b) <= _CLOSE * max(1.0, abs(a)) for a, b in ((left, right), scaled))


def _scaled(value: float, unit: str) -> float:
    return value * _SCALES.get(unit[:1], 1.0)


class GraphView:
    """Look-ups in a graph for measuring."""

    def __init__(self, graph: Graph) -> None:
        """Index ``graph``."""
        self.graph = graph
        self.entities = {e.id: e for e in graph.entities}
        plan = next(e for e in graph.entities if e.label is Label.PLAN)
        self.jurisdiction = str(plan.properties.get("jurisdiction", ""))
        self.names = Names(self.jurisdiction)

    def of(self, *labels: Label) -> list[Entity]:
        """The nodes of these labels."""
        return [e for e in self.graph.entities if e.label in labels]

    def relations(self, *types: RelationType) -> list[Relation]:
        """The relations of these types."""
        return [r for r in self.graph.relations if r.type in types]

    def keys(self, entity: Entity) -> frozenset[str]:
        """Keys of all names of a node."""
        return self.names.keys(entity.name, *entity.aliases)

    def of_projects(self, type: RelationType, *labels: Label) -> dict[tuple[str, int], list[Entity]]:
        """Targets of this type by (box, number) of the project at the source."""
        found: dict[tuple[str, int], list[Entity]] = defaultdict(list)
        for relation in self.relations(type):
            source, target = self.entities[relation.source], self.entities[relation.target]
            if source.label is Label.PROJECT and (not labels or target.label in labels):
                found[project_key(source)].append(target)
        return found


def project_key(entity: Entity) -> tuple[str, int]:
    """(box, number) of a project."""
    return (str(entity.properties["box"]), integer(entity.properties["number"]))


def integer(value: PropertyValue | None) -> int:
    """A whole number property; -1 if there is none."""
    return int(value) if isinstance(value, int | float) else -1


def overlap(start: int, end: int, other_start: int, other_end: int) -> int:
    """How many characters two stretches share."""
    return max(0, min(end, other_end) - max(start, other_start))


def assign(
    wanted: Sequence[Want], found: Sequence[Find], weigh: Callable[[Want, Find], float]
) -> dict[int, int]:
    """Pair each wanted thing with at most one find, heaviest pairs first; index → index."""
    pairs = sorted(
        (-weight, w, f)
        for w, want in enumerate(wanted)
        for f, find in enumerate(found)
        if (weight := weigh(want, find)) > 0
    )
    chosen: dict[int, int] = {}
    taken: set[int] = set()
    for _, w, f in pairs:
        if w not in chosen and f not in taken:
            chosen[w] = f
            taken.add(f)
    return chosen


def score_choices(
    tally: Tally,
    label: str,
    groups: Iterable[frozenset[str]],
    also: frozenset[str],
    finds: Mapping[str, frozenset[str]],
) -> None:
    """Count finds (name → keys) against groups of equal alternatives; ``also`` counts neither way."""
    groups = list(groups)
    for group in groups:
        tally.want(any(keys & group for keys in finds.values()), f"{label} → {_shortest(group)}")
    for name, keys in finds.items():
        right = any(keys & group for group in groups)
        if right or not keys & also:
            tally.got(right, f"{label} → {name}")


def score_sets(tally: Tally, wanted: Iterable[Hashable], found: Iterable[Hashable]) -> None:
    """Count two sets of values against each other; equal or not."""
    wanted, found = set(wanted), set(found)
    for entry in sorted(wanted, key=str):
        tally.want(entry in found, str(entry))
    for entry in sorted(found, key=str):
        tally.got(entry in wanted, str(entry))


def _shortest(group: frozenset[str]) -> str:
    return min(group, key=lambda key: (len(key), key)) if group else "?"
