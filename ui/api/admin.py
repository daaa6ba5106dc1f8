"""What administrators do: plans in, plans out, back to the build before; only where it is enabled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from fastapi import APIRouter, Depends, Request, Response, UploadFile
from pydantic import BaseModel

from ingest.load import MAX_BYTES, SUFFIXES
from kg.errors import StateError
from kg.state import Manifest, StateDirectory
from qa.service import QuestionService
from ui import texts
from ui.admin.jobs import BuildJobs, Job
from ui.admin.uploads import stored
from ui.api.errors import ErrorDocument, ToldError, responses
from ui.api.files import FILE, file_response
from ui.auth.origin import is_local
from ui.auth.users import Users
from ui.feedback import FeedbackStore, sheet_of

_UPLOAD_BYTES = 4 * MAX_BYTES


@dataclass(frozen=True, slots=True)
class LoadedPlan:
    """A plan of the current build."""

    id: str
    title: str
    characters: int
    passages: int


class Overview(BaseModel):
    """What is loaded and by what; ``previous`` is what can be gone back to."""

    plans: list[LoadedPlan]
    build: str
    built_at: str
    graph_engine: str
    embedding_model: str
    versions: dict[str, str]
    seconds: dict[str, float]
    nodes: int
    relations: int
    previous: list[str]
    previous_at: str
    suffixes: list[str]
    max_bytes: int
    feedback_up: int
    feedback_down: int


def router(service: QuestionService, jobs: BuildJobs, users: Users | None) -> APIRouter:
    """Routes under ``/admin``; each refuses who is no administrator."""

    def administrators(request: Request) -> None:
        """Without users, whoever sits at this machine is one."""
        user = request.scope.get("state", {}).get("user")
        if users is not None and not (user and user.admin):
            raise ToldError(403, texts.section("admin")["NOT_ADMIN"])
        if users is None and not is_local(request):
            raise ToldError(403, texts.section("admin")["NOT_LOCAL"])

    routes = APIRouter(
        prefix="/admin",
        tags=["admin"],
        dependencies=[Depends(administrators)],
        responses=responses(ErrorDocument, 403),
    )
    _add_views(routes, service, jobs)
    _add_changes(routes, jobs)
    return routes


def _add_views(routes: APIRouter, service: QuestionService, jobs: BuildJobs) -> None:
    store, state = FeedbackStore.of(service.home), StateDirectory(service.home)

    @routes.get("")
    def overview() -> Overview:
        """The plans that are loaded, the build and the one before it, engines and versions."""
        return _overview(service, state, store)

    @routes.get("/job")
    def job() -> Job | None:
        """The change that runs, or ran last, with its progress and log; nothing before the first."""
        return jobs.latest()

    @routes.get("/feedback/{format}", **FILE)
    def feedback(format: Literal["csv", "xlsx"]) -> Response:
        """What users said of answers."""
        return file_response(sheet_of(store.all()), format)


def _add_changes(routes: APIRouter, jobs: BuildJobs) -> None:
    @routes.post("/plans", status_code=202, max_body_size=_UPLOAD_BYTES)
    def add(files: list[UploadFile]) -> Job:
        """Add plans, or replace those of the same file names; as txt, md, docx, pdf or html."""
        names, paths = stored(files, jobs.staging())
        return jobs.start("add", "、".join(names), paths)

    @routes.delete("/plans/{plan}", status_code=202)
    def remove(plan: str) -> Job:
        """Remove a plan; the build with it can be gone back to."""
        return jobs.start("remove", plan)

    @routes.post("/undo", status_code=202)
    def undo() -> Job:
        """Go back to the build before; the same again goes forward."""
        return jobs.start("undo", "")

    @routes.post("/rebuild", status_code=202)
    def rebuild() -> Job:
        """Read the loaded plans anew, after word lists or program have changed."""
        return jobs.start("rebuild", "")

    @routes.delete("/job", status_code=204)
    def cancel() -> Response:
        """End the change that runs; the state stays as it was."""
        jobs.cancel()
        return Response(status_code=204)


def _overview(service: QuestionService, state: StateDirectory, store: FeedbackStore) -> Overview:
    now, before, knowledge = service.manifest(), _previous(state), service.knowledge
    entries = store.all()
    passages = [passage.plan_id for passage in knowledge.passages.values()]
    plans = [
        LoadedPlan(id, document.title, len(document.text), passages.count(id))
        for id, document in knowledge.documents.items()
    ]
    return Overview(
        plans=plans,
        build=now.build,
        built_at=now.built_at,
        graph_engine=now.graph_engine,
        embedding_model=now.embedding_model,
        versions=dict(now.versions),
        seconds=dict(now.seconds),
        nodes=sum(now.labels.values()),
        relations=sum(now.relations.values()),
        previous=list(before.titles) if before else [],
        previous_at=before.built_at if before else "",
        suffixes=sorted(SUFFIXES),
        max_bytes=MAX_BYTES,
        feedback_up=sum(entry.verdict == "up" for entry in entries),
        feedback_down=sum(entry.verdict == "down" for entry in entries),
    )


def _previous(state: StateDirectory) -> Manifest | None:
    """What can be gone back to; a damaged build cannot."""
    try:
        return state.previous()
    except StateError:
        return None
