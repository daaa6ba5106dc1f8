"""A conversation as a file."""

from __future__ import annotations

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from qa.service import QuestionService
from ui import texts
from ui.api.files import FILE, named_response
from ui.api.guards import JSON_BODY
from ui.chat.word import docx_of
from ui.exports import FORMATS

_MAX_CHARS = 500_000


class ConversationRequest(BaseModel):
    """A conversation as Markdown."""

    model_config = ConfigDict(extra="forbid")

    markdown: str = Field(min_length=1, max_length=_MAX_CHARS)


def router(service: QuestionService) -> APIRouter:
    """Routes under ``/conversation``; they need nothing of the service."""
    routes = APIRouter(prefix="/conversation", tags=["questions"])

    @routes.post("/docx", dependencies=[JSON_BODY], **FILE)
    def docx(wanted: ConversationRequest) -> Response:
        """A conversation, given as Markdown, as a Word document."""
        data = docx_of(wanted.markdown)
        return named_response(data, texts.EXPORT_FILE, "docx", FORMATS["docx"].media_type)

    return routes
