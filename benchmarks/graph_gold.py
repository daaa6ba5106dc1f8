"""The gold annotation in ``tests/data/gold`` as values; what the fields mean is in its README."""

from __future__ import annotations

from pathlib import Path
from typing import get_type_hints

from pydantic import BaseModel, ConfigDict, TypeAdapter

from kg.settings import PROJECT_ROOT

GOLD_DIR = PROJECT_ROOT / "tests" / "data" / "gold"
#: equal names of one thing
Alternatives = tuple[str, ...]


class Entry(BaseModel):
    """A stretch of the plan: ``plan[start:end] == quote``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    quote: str
    start: int
    end: int


class Part(BaseModel):
    """A group of entries, with no stretch of its own."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Form(Entry):
    """A written form of a name, in a clause that has it."""

    form: str


class Named(Part):
    """A firm, town or village. ``optional`` says why it may be found or not."""

    name: str
    forms: tuple[Form, ...]
    optional: str = ""
    variants: tuple[str, ...] = ()
    also_forms: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Every way in which the thing is written, slips of the plan left out."""
        forms = (f.form for f in self.forms if f.form not in self.variants)
        return tuple(dict.fromkeys((self.name, *forms, *self.also_forms)))


class Firm(Named):
    """``same_as``: the plan does not say whether this is that firm."""

    parent: str | None
    same_as: str = ""


class NotFirm(Form):
    """What looks like a firm's name and is none in that place."""

    why: str


class Enterprises(Part):
    """``enterprises.json``."""

    enterprises: tuple[Firm, ...]
    not_firms: tuple[NotFirm, ...]


class Locality(Named):
    """A town or village; ``label`` is Town or Village."""

    label: str


class ProjectEntry(Entry):
    """An item of a box; the quote is its text."""

    box: str
    number: int
    project: str
    why: str = ""
    body: Entry | None = None

    @property
    def key(self) -> tuple[str, int]:
        """What identifies the project: its box and its number there."""
        return (self.box, self.number)


class Owner(ProjectEntry):
    """Who carries a project out; ``also`` may be found or not."""

    owners: tuple[str, ...]
    also: tuple[str, ...]


class Location(ProjectEntry):
    """Where a project is; ``also`` may be found or not."""

    places: tuple[Alternatives, ...]
    also: tuple[str, ...]


class Branch(ProjectEntry):
    """The industries that may be given to a project."""

    first_level: tuple[str, ...]
    industries: tuple[str, ...]


class FirmTrade(Entry):
    """The industries that a firm belongs to and what it makes; ``also…`` may be found or not."""

    firm: str
    industries: tuple[Alternatives, ...]
    also: tuple[str, ...]
    products: tuple[Alternatives, ...]
    also_products: tuple[str, ...]


class Goal(Entry):
    """A quantified statement; ``numbers`` are the figures of ``value`` as printed."""

    metric: str
    comparator: str
    value: str
    numbers: tuple[float, ...]
    unit: str
    year: int | None
    optional: str = ""


class Scope(Part):
    """The stretch of the plan for which an annotation is complete."""

    start: int
    end: int


class Targets(Part):
    """``targets.json``."""

    scope: Scope
    targets: tuple[Goal, ...]


class NamedSet(Part):
    """A set such as 四创战略, with its members as far as the text gives them."""

    name: str
    aliases: tuple[str, ...]
    members: tuple[Alternatives, ...]
    quotes: tuple[Entry, ...]
    optional: str = ""


class Chain(Entry):
    """Members in order; one that the text joins by 、 stands as written."""

    members: tuple[str, ...]
    name: str = ""
    optional: str = ""


class Excluded(Entry):
    """What looks like one and is none."""

    why: str
    partner: str = ""


class Chains(Part):
    """``chains.json``."""

    chains: tuple[Chain, ...]
    not_chains: tuple[Excluded, ...]


class Partnership(Entry):
    """A firm and whom it works with."""

    firm: str
    partner: str
    also_partners: tuple[str, ...]
    required: bool
    why: str = ""


class Cooperation(Part):
    """``cooperation.json``."""

    cooperation: tuple[Partnership, ...]
    not_cooperation: tuple[Excluded, ...]


class Contradiction(Part):
    """Statements that cannot all hold; not ``certain``: two readers could differ."""

    kind: str
    about: str
    certain: bool
    statements: tuple[Entry, ...]
    why: str = ""


class NearMiss(Part):
    """Statements that look like a contradiction and are none."""

    why: str
    statements: tuple[Entry, ...]


class Conflicts(Part):
    """``conflicts.json``."""

    conflicts: tuple[Contradiction, ...]
    near_misses: tuple[NearMiss, ...]


class IndicatorRow(Entry):
    """A row of the indicator table, cells as printed."""

    number: int
    group: str
    name: str
    unit: str
    base_2020: str
    target_2025: str
    growth: str
    attribute: str


class Group(Entry):
    """A group of indicators and the number that it prints."""

    group: str
    count: int


class Indicators(Part):
    """``indicators.json``."""

    groups: tuple[Group, ...]
    indicators: tuple[IndicatorRow, ...]


class Item(Entry):
    """An item of a box."""

    number: int
    name: str


class GoldBox(Entry):
    """A box with its items; the quote is its heading."""

    box: str
    title: str
    chapter: str
    section: str
    items: tuple[Item, ...]


class Gold(Part):
    """All of the annotation."""

    enterprises: Enterprises
    owners: tuple[Owner, ...]
    places: tuple[Location, ...]
    industries: tuple[Branch, ...]
    firm_industries: tuple[FirmTrade, ...]
    towns_villages: tuple[Locality, ...]
    cooperation: Cooperation
    indicators: Indicators
    boxes: tuple[GoldBox, ...]
    targets: Targets
    achieved: tuple[Goal, ...]
    concepts: tuple[NamedSet, ...]
    chains: Chains
    conflicts: Conflicts


def load_gold(directory: Path = GOLD_DIR) -> Gold:
    """Read and validate the annotation.

    Raises: pydantic.ValidationError: a file has an unknown field or misses one.
    """
    parts = {
        name: TypeAdapter(type_).validate_json((directory / f"{name}.json").read_bytes())
        for name, type_ in get_type_hints(Gold).items()
        if name in Gold.model_fields
    }
    return Gold.model_validate(parts)
