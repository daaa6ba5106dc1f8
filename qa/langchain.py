"""LangChain components: a retriever over passages and graph, and a Runnable from question to answer.

Compose them with anything else of LangChain: ``PlanRetriever(service=s) | prompt | model``, or
``answer_chain(s).batch(questions)``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from langchain_core.runnables import Runnable, RunnableLambda
from pydantic import ConfigDict, Field

from kg.model import Passage
from kg.queries import MENTIONING_PASSAGES
from kg.tokens import fold, shortened
from qa.evidence import find
from qa.knowledge import Knowledge
from qa.linking import EntityLinker
from qa.model import Answer
from qa.service import MAX_QUESTION_CHARS, QuestionService, history_of

#: least number of passages that ranking by sentences chooses among; twice as many rank no better
_MIN_DEPTH = 30


class PlanRetriever(BaseRetriever):
    """Passages for a question: those of hybrid search, and those that the graph says mention its entities.

    Both are ranked by their best sentence, as for answers. Documents are the plan's text at their offsets;
    they carry ``id``, ``source``, ``start``, ``end``, ``locator`` and ``score`` as metadata, best first.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    service: QuestionService
    k: int = Field(5, ge=1)

    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun
    ) -> list[Document]:
        knowledge = self.service.knowledge
        text = shortened(" ".join(query.split()), MAX_QUESTION_CHARS)
        question = knowledge.understand(text)
        mentioning = _mentioning(text, knowledge)
        matches = find(question, knowledge, extra_passages=mentioning, depth=max(self.k, _MIN_DEPTH))
        scores: dict[str, float] = {}
        for match in matches:
            scores.setdefault(match.sentence.passage.id, match.score)
        best = list(scores.items())[: self.k]
        return [_document(knowledge.passages[passage_id], score) for passage_id, score in best]


def _mentioning(text: str, knowledge: Knowledge) -> list[str]:
    """Ids of the passages that mention an entity named in the text, by whatever name."""
    return [
        str(row["passage"])
        for node in EntityLinker(knowledge).link(fold(text))
        for row in knowledge.store.query(MENTIONING_PASSAGES, {"id": node.id})
    ]


def _document(passage: Passage, score: float) -> Document:
    return Document(
        page_content=passage.text,
        id=passage.id,
        metadata={
            "source": passage.plan_id, "start": passage.start, "end": passage.end,
            "locator": passage.locator, "score": score,
        },
    )


def answer_chain(service: QuestionService) -> Runnable[str | Mapping[str, Any], Answer]:
    """A Runnable: a question, or ``{"question": …, "history": [[user, assistant], …]}``, to an `Answer`."""

    def run(value: str | Mapping[str, Any]) -> Answer:
        if isinstance(value, str):
            return service.ask(value)
        return service.ask(str(value["question"]), history_of(value.get("history", ())))

    return RunnableLambda(run).with_config(run_name="plankg")
