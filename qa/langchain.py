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

from kg.queries import MENTIONING_PASSAGES
from kg.tokens import fold
from qa.linking import EntityLinker
from qa.model import Answer
from qa.service import QuestionService, history_of

#: what a passage gains for each entity of the question that it mentions; the fused score is at most 1
_MENTION_BONUS = 0.15


class PlanRetriever(BaseRetriever):
    """Passages for a question: hybrid search, raised where the graph says they mention its entities.

    Documents carry ``id``, ``source``, ``start``, ``end``, ``locator`` and ``score`` as metadata.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    service: QuestionService
    k: int = Field(5, ge=1)

    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun
    ) -> list[Document]:
        knowledge = self.service.knowledge
        scores = {s.passage_id: s.score for s in knowledge.retriever.search(query, max(self.k * 4, 20)).passages}
        for node in EntityLinker(knowledge).link(fold(query)):
            for row in knowledge.store.query(MENTIONING_PASSAGES, {"id": node.id}):
                passage_id = str(row["passage"])
                scores[passage_id] = scores.get(passage_id, 0.0) + _MENTION_BONUS
        best = sorted(scores.items(), key=lambda item: (-item[1], item[0]))[: self.k]
        return [self._document(passage_id, score) for passage_id, score in best]

    def _document(self, passage_id: str, score: float) -> Document:
        passage = self.service.knowledge.passages[passage_id]
        return Document(
            page_content=passage.text,
            id=passage_id,
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
