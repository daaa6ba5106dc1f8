"""What the engine itself makes of a set of texts: token ids and vectors.

``reference.json`` was written by `make_reference` from the engine in the pinned wheel. The wheel
cannot change (its SHA-256 is checked), so neither can these, and comparing with them is comparing
with the engine, also on machines where its compiled library does not run.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, TypeAdapter

from ingest.model_setup.sentence_model import PROMPTS

REFERENCE_FILE = Path(__file__).with_name("reference.json")


class _Case(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    text: str
    is_query: bool
    ids: list[int]
    vector: str


_CASES = TypeAdapter(list[_Case])


@dataclass(frozen=True, slots=True, eq=False)
class ReferenceCase:
    """One text as the engine sees it.

    ``ids`` are those of the text with its prompt, ``<s>`` and ``</s>`` included. ``vector``:
    (384,), L2-normalised, rounded to float16.
    """

    text: str
    is_query: bool
    ids: tuple[int, ...]
    vector: NDArray[np.float32]

    @property
    def prompted_text(self) -> str:
        """What the model reads: the text after the prompt of its kind."""
        return PROMPTS["query" if self.is_query else "passage"] + self.text


def load_reference() -> tuple[ReferenceCase, ...]:
    """All cases, in file order."""
    cases = _CASES.validate_json(REFERENCE_FILE.read_bytes())
    return tuple(
        ReferenceCase(case.text, case.is_query, tuple(case.ids), decode_vector(case.vector)) for case in cases
    )


def save_reference(cases: list[ReferenceCase]) -> None:
    """Replace the file."""
    models = [
        _Case(text=c.text, is_query=c.is_query, ids=list(c.ids), vector=encode_vector(c.vector))
        for c in cases
    ]
    lines = (model.model_dump_json() for model in models)
    REFERENCE_FILE.write_text("[\n" + ",\n".join(lines) + "\n]\n", encoding="utf-8")


def encode_vector(vector: NDArray[np.float32]) -> str:
    """A vector as base64 of little-endian float16."""
    return base64.b64encode(vector.astype("<f2").tobytes()).decode("ascii")


def decode_vector(text: str) -> NDArray[np.float32]:
    """The inverse of `encode_vector`, but for the rounding."""
    return np.frombuffer(base64.b64decode(text), "<f2").astype(np.float32)
