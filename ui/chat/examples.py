"""Example questions of a plan, by role, from ``data/examples/<plan id>.json``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from kg.errors import InputError
from ui import texts


class RoleExamples(BaseModel):
    """Questions that one kind of reader would ask; ``hint`` says what they are after."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    role: str = Field(min_length=1)
    hint: str = ""
    questions: tuple[str, ...] = Field(min_length=1)


class PlanExamples(BaseModel):
    """The example questions of one plan."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str = Field(min_length=1)
    roles: tuple[RoleExamples, ...] = Field(min_length=1)


def load_examples(directory: Path, plans: Sequence[str]) -> tuple[PlanExamples, ...]:
    """The examples of the loaded plans, which ``plans`` names by id or by title.

    Raises: InputError: a file is not of this form.
    """
    found = []
    for path in sorted(directory.glob("*.json")):
        examples = _read(path)
        if path.stem in plans or examples.title in plans:
            found.append(examples)
    return tuple(found)


def _read(path: Path) -> PlanExamples:
    try:
        return PlanExamples.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as exc:
        reason = exc.errors()[0]["msg"] if isinstance(exc, ValidationError) else exc.strerror
        raise InputError(texts.EXAMPLES_BROKEN.format(name=path.name, reason=reason)) from exc
