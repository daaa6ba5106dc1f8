"""The state directory: builds beside each other, one of them current, swapped by one rename.

::

    PLANKG_HOME/
      current.json          {"build": "<id>", "previous": "<id>"}; replaced atomically, last of all
      builds/<id>/          manifest.json, graph.kgl, chroma/, lexical/, plans/, passages.jsonl
      extracted/            what was read of each plan, so that a rebuild reads only what is new
      vectors.sqlite        vectors by model and text, so that a rebuild embeds only what is new
      feedback.sqlite       what users said of answers
      uploads/              files that a build of the page is reading
      lock                  held while a build writes
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import secrets
import shutil
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from kg.errors import StateError, StateLockedError
from kg.model import Block, BlockKind, Passage, PlanDocument

FORMAT = 3
_REBUILD = "请重新建库：plankg build"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a build contains. ``fingerprint`` covers everything that its content depends on."""

    build: str
    fingerprint: str
    plans: tuple[str, ...]
    titles: tuple[str, ...]
    jurisdictions: tuple[str, ...]
    embedding_model: str
    dimension: int
    passages: int
    labels: Mapping[str, int]
    relations: Mapping[str, int]
    graph_engine: str
    versions: Mapping[str, str]
    built_at: str
    seconds: Mapping[str, float] = field(default_factory=dict)
    format: int = FORMAT


class StateDirectory:
    """Access to a state directory. Creating the object touches nothing on disk."""

    def __init__(self, home: Path) -> None:
        """``home`` is PLANKG_HOME."""
        self.home = home

    def build_path(self, build: str) -> Path:
        """Where a build's files are."""
        return self.home / "builds" / build

    @property
    def vector_cache(self) -> Path:
        """The vector cache's file."""
        return self.home / "vectors.sqlite"

    @property
    def extracted(self) -> Path:
        """The directory of extractions."""
        return self.home / "extracted"

    def current(self) -> Manifest | None:
        """The current build's manifest; None if nothing was ever built.

        Raises: StateError: damaged, or written by another version.
        """
        build = self._pointer().get("build")
        return None if build is None else self._manifest(build)

    def previous(self) -> Manifest | None:
        """The manifest of the build that was current before; None if there is none, or it was removed.

        Raises: StateError: damaged, or written by another version.
        """
        build = self._pointer().get("previous")
        return self._manifest(build) if build and self.build_path(build).is_dir() else None

    def _pointer(self) -> dict[str, str]:
        """What current.json says; empty if nothing was ever built."""
        try:
            data = json.loads((self.home / "current.json").read_text("utf-8"))
            pointer = {"build": str(data["build"])}
            return pointer | {"previous": str(data["previous"])} if data.get("previous") else pointer
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as exc:
            raise StateError(f"状态目录 {self.home} 已损坏（current.json 无法读取）。{_REBUILD}") from exc

    def require_current(self) -> Manifest:
        """Like `current`, but nothing built is an error too."""
        manifest = self.current()
        if manifest is None:
            raise StateError(f"还没有建库（{self.home}）。请先运行：plankg build")
        return manifest

    def _manifest(self, build: str) -> Manifest:
        path = self.build_path(build) / "manifest.json"
        try:
            data = json.loads(path.read_text("utf-8"))
            if data.get("format") != FORMAT:
                found = data.get("format")
                raise StateError(f"状态目录 {self.home} 由另一版本建立（格式 {found}）。{_REBUILD}")
            for key in ("plans", "titles", "jurisdictions"):
                data[key] = tuple(data[key])
            return Manifest(**data)
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as exc:
            raise StateError(f"状态目录 {self.home} 已损坏（{path.name} 无法读取）。{_REBUILD}") from exc

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the build lock; it ends with the process, so a kill leaves nothing to clean.

        Raises: StateLockedError: another process builds. StateError: the directory cannot be written.
        """
        try:
            self.home.mkdir(parents=True, exist_ok=True)
            file = (self.home / "lock").open("a")
        except OSError as exc:
            raise StateError(
                f"无法写入状态目录 {self.home}：{exc.strerror}。请检查 PLANKG_HOME 与权限。"
            ) from exc
        with file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as exc:
                raise StateLockedError(f"另一个进程正在向 {self.home} 建库。请等它结束后再试。") from exc
            yield

    def new_build(self) -> tuple[str, Path]:
        """An id and an empty directory for a new build."""
        build = f"{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(4)}"
        path = self.build_path(build)
        path.mkdir(parents=True)
        return build, path

    def activate(self, manifest: Manifest) -> None:
        """Make a complete build the current one. From here on readers see it."""
        path = self.build_path(manifest.build) / "manifest.json"
        _write_durably(path, json.dumps(asdict(manifest), ensure_ascii=False, indent=1))
        before = None
        with suppress(StateError):  # a damaged pointer is replaced
            before = self._pointer().get("build")
        pointer = {"build": manifest.build, "previous": before}
        _write_durably(self.home / "current.json", json.dumps(pointer))

    def obsolete_builds(self, keep: Sequence[str]) -> list[str]:
        """Ids of builds on disk that are not in ``keep``."""
        root = self.home / "builds"
        return sorted(p.name for p in root.iterdir() if p.name not in keep) if root.is_dir() else []

    def delete_build(self, build: str) -> None:
        """Remove a build's files."""
        shutil.rmtree(self.build_path(build), ignore_errors=True)


def _write_durably(path: Path, content: str) -> None:
    temporary = path.with_suffix(".tmp")
    with temporary.open("w", encoding="utf-8") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)


def save_documents(path: Path, documents: Sequence[PlanDocument], passages: Sequence[Passage]) -> None:
    """Write plan texts, their blocks, and passages (by offsets) below a build's directory."""
    plans = path / "plans"
    plans.mkdir()
    counts = Counter(passage.plan_id for passage in passages)
    for document in documents:
        with (plans / f"{document.id}.txt").open("w", encoding="utf-8", newline="") as file:
            file.write(document.text)
        blocks = [[b.kind.value, b.start, b.end, b.parent, b.locator, b.level] for b in document.blocks]
        data = {
            "id": document.id, "title": document.title, "digest": _digest(document.text),
            "passages": counts[document.id], "blocks": blocks,
        }  # fmt: skip
        (plans / f"{document.id}.json").write_text(json.dumps(data, ensure_ascii=False), "utf-8")
    with (path / "passages.jsonl").open("w", encoding="utf-8") as file:
        for p in passages:
            row = [p.id, p.plan_id, p.start, p.end, p.kind.value, p.parent, p.locator, list(p.headings)]
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def load_documents(path: Path, plans: Sequence[str]) -> tuple[dict[str, PlanDocument], dict[str, Passage]]:
    """Read what `save_documents` wrote: documents and passages by id, in order.

    Raises: StateError: files are missing or damaged.
    """
    try:
        documents: dict[str, PlanDocument] = {}
        expected: dict[str, int] = {}
        for plan in plans:
            documents[plan], expected[plan] = _load_document(path / "plans", plan)
        passages: dict[str, Passage] = {}
        # not splitlines(): a heading may hold line breaks that are none in JSON Lines, such as U+2028
        for line in filter(None, (path / "passages.jsonl").read_text("utf-8").split("\n")):
            id, plan, start, end, kind, parent, locator, headings = json.loads(line)
            text = documents[plan].text[start:end]
            passages[id] = Passage(
                id, plan, start, end, text, BlockKind(kind), parent, locator, tuple(headings)
            )
        if Counter(passage.plan_id for passage in passages.values()) != Counter(expected):
            raise ValueError("passages are missing")
    except (OSError, ValueError, KeyError, TypeError) as exc:
        raise _damaged(path) from exc
    return documents, passages


def load_texts(path: Path, plans: Sequence[str]) -> dict[str, str]:
    """The texts of plans by id, from what `save_documents` wrote.

    Raises: StateError: files are missing or damaged.
    """
    try:
        return {plan: _load_text(path / "plans", plan)[0] for plan in plans}
    except (OSError, ValueError, KeyError, TypeError) as exc:
        raise _damaged(path) from exc


def _load_document(directory: Path, plan: str) -> tuple[PlanDocument, int]:
    """A document and the number of its passages."""
    text, data = _load_text(directory, plan)
    blocks = tuple(Block(BlockKind(k), *rest) for k, *rest in data["blocks"])
    return PlanDocument(plan, data["title"], text, blocks), int(data["passages"])


def _load_text(directory: Path, plan: str) -> tuple[str, dict[str, Any]]:
    """A plan's text, and what is stored beside it."""
    with (directory / f"{plan}.txt").open(encoding="utf-8", newline="") as file:
        text = file.read()
    data: dict[str, Any] = json.loads((directory / f"{plan}.json").read_text("utf-8"))
    if data["digest"] != _digest(text):
        raise ValueError(f"the text of {plan} was changed")
    return text, data


def _damaged(path: Path) -> StateError:
    return StateError(f"状态目录 {path} 中的规划文本缺失或已损坏。{_REBUILD}")


def _digest(text: str) -> str:
    return hashlib.sha1(text.encode()).hexdigest()
