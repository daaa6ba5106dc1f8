"""What a build takes from one plan, and a cache of it on disk, so that only changed plans are read again.

A file of the cache is written as soon as its plan is read: a build that is killed goes on where it was.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import logging
import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingest.check import require_sound
from ingest.extract.base import ChatSession
from ingest.extract.registry import extract_graph
from ingest.lexicon import Lexicon
from ingest.outline import build_outline
from ingest.passages import make_passages
from kg.errors import StateError
from kg.model import (
    Block,
    BlockKind,
    Entity,
    Evidence,
    Graph,
    Passage,
    PlanDocument,
    PropertyValue,
    Relation,
)
from kg.ports import ProgressCallback
from kg.schema import Label, RelationType

_log = logging.getLogger(__name__)
#: gzip's quickest: a sixth of the size for 0.03 s a plan
_COMPRESSION = 1


@dataclass(frozen=True, slots=True)
class Extraction:
    """A plan as read: document, the place whose plan it is (or empty), passages, graph."""

    document: PlanDocument
    jurisdiction: str
    passages: tuple[Passage, ...]
    graph: Graph


def extract(
    plan: str,
    text: str,
    lexicon: Lexicon,
    chat: ChatSession | None = None,
    on_progress: ProgressCallback | None = None,
) -> Extraction:
    """Read a plan, and check that the graph keeps its promises.

    ``chat`` adds what a chat model finds; if that failed, it says why, and the rest is there.

    Raises: OutlineError: the text has no headings. GraphCheckError: a defect of ours.
    """
    outline = build_outline(text, plan)
    passages = make_passages(outline)
    graph = extract_graph(outline, passages, lexicon, chat, on_progress)
    require_sound(graph, [outline.document])
    return Extraction(outline.document, outline.jurisdiction, tuple(passages), graph)


class ExtractionCache:
    """Extractions in a directory, one file each, named by a digest of all that they depend on."""

    def __init__(self, directory: Path, version: str) -> None:
        """``version`` stands for the code and the word lists. Nothing is read or written yet."""
        self._directory = directory
        self._version = version

    def path(self, plan: str, text: str) -> Path:
        """Where the extraction of this plan is, or would be."""
        digest = hashlib.sha256(f"{self._version}\x00{plan}\x00{text}".encode()).hexdigest()
        return self._directory / f"{digest[:40]}.json.gz"

    def get(self, plan: str, text: str) -> Extraction | None:
        """The plan's extraction; None if it is not there, or damaged."""
        path = self.path(plan, text)
        try:
            with gzip.open(path, "rt", encoding="utf-8") as file:
                return _from_data(plan, text, json.load(file))
        except FileNotFoundError:
            return None
        except (OSError, EOFError, ValueError, KeyError, TypeError, IndexError) as exc:
            _log.info("%s: %s", path.name, exc)
            return None

    def put(self, extraction: Extraction) -> None:
        """Keep an extraction.

        Raises: StateError: it cannot be written.
        """
        path = self.path(extraction.document.id, extraction.document.text)
        temporary = path.with_suffix(".tmp")
        try:
            self._directory.mkdir(parents=True, exist_ok=True)
            with gzip.open(temporary, "wt", _COMPRESSION, encoding="utf-8") as file:
                file.write(json.dumps(_to_data(extraction), ensure_ascii=False, separators=(",", ":")))
            os.replace(temporary, path)
        except OSError as exc:
            raise StateError(f"无法写入 {path}：{exc.strerror}。请检查磁盘空间与权限后重试。") from exc

    def prune(self, keep: Collection[Path]) -> None:
        """Remove all files but these."""
        if self._directory.is_dir():
            for path in self._directory.iterdir():
                if path not in keep:
                    path.unlink(missing_ok=True)


def _to_data(extraction: Extraction) -> dict[str, Any]:
    """Plain data for JSON. What can be cut from the plan's text is left out."""
    document, graph = extraction.document, extraction.graph
    return {
        "title": document.title,
        "jurisdiction": extraction.jurisdiction,
        "blocks": [[b.kind, b.start, b.end, b.parent, b.locator, b.level] for b in document.blocks],
        "passages": [
            [p.id, p.start, p.end, p.kind, p.parent, p.locator, p.headings] for p in extraction.passages
        ],
        "entities": [[e.id, e.label, e.name, e.aliases, dict(e.properties)] for e in graph.entities],
        "relations": [_relation_data(relation) for relation in graph.relations],
    }


def _relation_data(relation: Relation) -> list[Any]:
    span = (relation.evidence.start, relation.evidence.end) if relation.evidence else None
    ends = [relation.source, relation.type, relation.target]
    return [*ends, span, relation.method, relation.confidence, dict(relation.properties)]


def _from_data(plan: str, text: str, data: dict[str, Any]) -> Extraction:
    blocks = tuple(Block(BlockKind(kind), *rest) for kind, *rest in data["blocks"])
    passages = tuple(
        Passage(id, plan, start, end, text[start:end], BlockKind(kind), parent, locator, tuple(headings))
        for id, start, end, kind, parent, locator, headings in data["passages"]
    )
    entities = tuple(
        Entity(id, Label(label), name, tuple(aliases), _properties(properties))
        for id, label, name, aliases, properties in data["entities"]
    )
    relations = tuple(
        Relation(
            source, RelationType(type), target, _evidence(plan, text, span),
            method, confidence, _properties(properties),
        )
        for source, type, target, span, method, confidence, properties in data["relations"]
    )  # fmt: skip
    document = PlanDocument(plan, data["title"], text, blocks)
    return Extraction(document, data["jurisdiction"], passages, Graph(entities, relations))


def _evidence(plan: str, text: str, span: tuple[int, int] | None) -> Evidence | None:
    if span is None:
        return None
    start, end = span
    return Evidence(plan, start, end, text[start:end])


def _properties(data: Mapping[str, Any]) -> dict[str, PropertyValue]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in data.items()}
