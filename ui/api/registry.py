"""The API's resources. A new one is a module with ``router(service)`` and a line here."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import APIRouter

from qa.service import QuestionService
from ui.api import entities, source

ROUTERS: tuple[Callable[[QuestionService], APIRouter], ...] = (entities.router, source.router)
