"""What users say of answers."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Response
from fastapi import Path as PathParameter
from pydantic import BaseModel, ConfigDict, Field

from qa.service import QuestionService
from ui.api.guards import JSON_BODY
from ui.feedback import Feedback, FeedbackStore

FeedbackId = Annotated[str, PathParameter(pattern=r"^[0-9a-zA-Z-]{8,64}$")]


class FeedbackRequest(BaseModel):
    """A verdict on an answer, with what was asked and answered."""

    model_config = ConfigDict(extra="forbid")

    verdict: Literal["up", "down"]
    comment: str = Field("", max_length=2000)
    question: str = Field(max_length=2000)
    answer: str = Field(max_length=50_000)
    sources: str = Field("", max_length=50_000, description="The answer's places, one a line")


def router(service: QuestionService) -> APIRouter:
    """Routes under ``/feedback``. What is kept is read with ``plankg feedback``, or by administrators."""
    routes = APIRouter(prefix="/feedback", tags=["questions"])
    store = FeedbackStore.of(service.home)

    @routes.put("/{id}", status_code=204, dependencies=[JSON_BODY])
    def put(id: FeedbackId, given: FeedbackRequest) -> Response:
        """Keep a verdict on this machine, under an id that the client makes; it replaces an earlier one."""
        store.put(Feedback(id=id, build=service.manifest().build, **given.model_dump()))
        return Response(status_code=204)

    @routes.delete("/{id}", status_code=204)
    def remove(id: FeedbackId) -> Response:
        """Withdraw a verdict."""
        store.remove(id)
        return Response(status_code=204)

    return routes
