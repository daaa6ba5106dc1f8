"""The API's resources. A new one is a module with ``router(service)`` and a line here."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import APIRouter

from qa.service import QuestionService
from ui.api import (
    chat_completions,
    conflicts,
    conversation,
    entities,
    feedback,
    graph,
    indicators,
    projects,
    queries,
    questions,
    source,
)

#: makes a resource's routes
Router = Callable[[QuestionService], APIRouter]

#: under ``/api/v1``
ROUTERS: tuple[Router, ...] = (
    questions.router,
    feedback.router,
    queries.router,
    entities.router,
    graph.router,
    projects.router,
    indicators.router,
    conflicts.router,
    conversation.router,
    source.router,
)
#: under ``/v1``, where clients of OpenAI's API look
OPENAI_ROUTERS: tuple[Router, ...] = (chat_completions.router,)
#: what the tags of the routes mean, for the OpenAPI document
TAGS = (
    {"name": "questions", "description": "Questions to answers with evidence; search in the plans."},
    {"name": "queries", "description": "Named queries, and read-only Cypher."},
    {"name": "entities", "description": "Things of the graph: by their typed names, and with all facts."},
    {"name": "graph", "description": "Parts of the graph, to draw and to explore."},
    {"name": "projects", "description": "The plans' projects, with filters; as tables."},
    {"name": "indicators", "description": "The plans' indicators and targets; as tables."},
    {"name": "conflicts", "description": "Statements of a plan that disagree."},
    {"name": "admin", "description": "Plans in and out; only where PLANKG_ADMIN is set."},
    {"name": "source", "description": "The plans' texts, for reading."},
    {"name": "chat", "description": "The same answers for clients of OpenAI's chat completions."},
)
