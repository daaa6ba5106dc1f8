"""An answer as programs get it: contract 2, over HTTP and over MCP."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict, Field

from qa.model import Answer, Citation, ConflictStatement, History, MentionedEntity
from qa.service import history_of

#: earlier turns that may come with a question
MAX_TURNS = 50


class AnswerDocument(BaseModel):
    """An answer with its evidence. For every citation ``plan_text[start:end] == quote``, always."""

    model_config = ConfigDict(extra="forbid")

    id: str = Field(description="The id that came with the question")
    question: str
    answer: str = Field(description="Markdown; marks like [1] are the citations' numbers")
    refused: bool = Field(description="The plan does not say; the answer says so, and what is nearest")
    kind: str = Field(description="Which kind of question it was taken for; empty for some")
    citations: list[Citation]
    derived: list[str] = Field(description="Numbers that were computed from the plan, not read in it")
    conflicts: list[ConflictStatement] = Field(description="Statements of the plan that disagree")
    entities: list[MentionedEntity] = Field(description="Things of the graph that the answer speaks of")
    notes: list[str] = Field(description="Remarks that are not part of the answer: a corrected typo, …")
    cypher: str = Field(description="The graph query that was used, if any")
    elapsed_ms: float

    @classmethod
    def of(cls, answer: Answer, id: str = "") -> AnswerDocument:
        """Contract 2 of an answer."""
        return cls.model_validate(answer.to_json(id))


def recent(turns: Sequence[Sequence[str]]) -> History:
    """The last `MAX_TURNS` turns. Raises: InputError: a turn is not a pair of texts."""
    return history_of(turns)[-MAX_TURNS:]
