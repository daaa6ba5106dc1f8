"""What a chat model is asked about a passage, and what of its reply can be taken."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from kg.errors import ChatModelError
from kg.model import Passage
from kg.schema import ENDPOINTS, Label, RelationType

#: relations that one passage can state of things that it names; the others follow from the structure
ASKED = (
    RelationType.IMPLEMENTED_BY,
    RelationType.LOCATED_IN,
    RelationType.BELONGS_TO,
    RelationType.PRODUCES,
    RelationType.COOPERATES_WITH,
    RelationType.DEVELOPS,
)
#: things that a model may find; boxes own projects, and industries are those of the word list
NEW = frozenset({Label.ENTERPRISE, Label.ORGANIZATION, Label.TOWN, Label.VILLAGE, Label.PLACE, Label.PRODUCT})
_LABELS = NEW | {Label.PROJECT, Label.INDUSTRY, Label.CONCEPT}
_MAX_TRIPLES = 20
#: as in qa.wording: what makes the frames does not stand in data. One character for one: offsets stay
_FRAMES = str.maketrans({"<": "＜", ">": "＞"})


class Triple(BaseModel):
    """A relation as the model states it: two names, their kinds, and the words that say so."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    source: str = Field(min_length=2, max_length=60)
    source_label: Label
    relation: RelationType
    target: str = Field(min_length=2, max_length=60)
    target_label: Label
    quote: str = Field(min_length=4, max_length=400)

    @property
    def fits_schema(self) -> bool:
        """Whether our graph knows such a relation between such things."""
        sources, targets = ENDPOINTS[self.relation]
        return self.relation in ASKED and self.source_label in sources and self.target_label in targets


@dataclass(frozen=True, slots=True)
class Request:
    """What the model is told, and the form that it is held to."""

    instructions: str
    text: str
    schema: Mapping[str, Any]


def request(passage: Passage) -> Request:
    """The request for the relations of a passage."""
    shown = passage.text.translate(_FRAMES)
    headings = " / ".join(passage.headings).translate(_FRAMES)
    return Request(instructions(), f"<标题>\n{headings}\n</标题>\n\n<原文>\n{shown}\n</原文>", _schema())


@cache
def instructions() -> str:
    """The system message: the task, with the relations and kinds of the schema."""
    text = (Path(__file__).parent.parent / "prompts" / "extraction.txt").read_text("utf-8")
    return text.replace("{relations}", "\n".join(_relation_line(type) for type in ASKED))


def _relation_line(type: RelationType) -> str:
    sources, targets = ({label.value for label in side & _LABELS} for side in ENDPOINTS[type])
    return f"- {type.value}：{'|'.join(sorted(sources))} → {'|'.join(sorted(targets))}"


@cache
def _schema() -> Mapping[str, Any]:
    """JSON schema of a reply, as servers take it: every property required, none besides."""
    labels = {"type": "string", "enum": sorted(label.value for label in _LABELS)}
    properties = {
        "source": {"type": "string"},
        "source_label": labels,
        "relation": {"type": "string", "enum": [type.value for type in ASKED]},
        "target": {"type": "string"},
        "target_label": labels,
        "quote": {"type": "string"},
    }
    return _object({"triples": {"type": "array", "items": _object(properties)}})


def _object(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(properties),
        "additionalProperties": False,
    }


def triples(reply: str) -> list[Triple]:
    """The relations in a reply that are of the asked form; what stands around the JSON is left out.

    Raises: ChatModelError: there is no such JSON in the reply.
    """
    try:
        data = json.loads(reply[reply.index("{") : reply.rindex("}") + 1])
        items = data["triples"]
    except (ValueError, KeyError, TypeError, RecursionError) as exc:
        raise ChatModelError("对话模型没有按要求的格式回答。请换一个模型。") from exc
    if not isinstance(items, list):
        raise ChatModelError("对话模型没有按要求的格式回答。请换一个模型。")
    found: list[Triple] = []
    for item in items[:_MAX_TRIPLES]:
        try:
            found.append(Triple.model_validate(item))
        except ValidationError:
            continue  # one item of another form says nothing about the rest
    return [triple for triple in found if triple.fits_schema]


def located(quote: str, passage: Passage) -> tuple[int, int] | None:
    """Where the plan has these words, within the passage; None if it has not."""
    at = passage.text.translate(_FRAMES).find(quote.translate(_FRAMES))
    return (passage.start + at, passage.start + at + len(quote)) if at >= 0 else None
