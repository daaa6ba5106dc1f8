"""Build: plan files → graph, passage indexes and documents, beside the old state, then one swap."""

from __future__ import annotations

import hashlib
import logging
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np

from ingest.check import require_sound
from ingest.extract.registry import extract_graph
from ingest.lexicon import load_lexicon
from ingest.load import load_text, plan_id_of
from ingest.outline import build_outline
from ingest.passages import make_passages
from kg.errors import IndexUnavailableError, InputError, PlankgError, StoreUnavailableError
from kg.model import Graph, Passage, PlanDocument
from kg.ports import Embedder, ProgressCallback
from kg.queries import NODES
from kg.schema import Label
from kg.settings import Settings
from kg.state import Manifest, StateDirectory, load_documents, save_documents
from kg.units import all_units, with_passage_means
from kg.vector_cache import embed_cached

log = logging.getLogger(__name__)
_PACKAGES = ("plankg", "kglite", "neo4j", "chromadb", "bm25s", "sentence-transformers", "onnxruntime")
_SOURCE_PACKAGES = ("ingest", "kg")


@dataclass(frozen=True, slots=True)
class BuildResult:
    """What a build made. ``unchanged`` is set when the current state was already this."""

    manifest: Manifest
    unchanged: bool


@dataclass
class _Stages:
    """Seconds and one log line per stage."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def __call__(self, name: str) -> Iterator[None]:
        started = time.perf_counter()
        yield
        self.seconds[name] = round(time.perf_counter() - started, 3)
        log.info("%s: %.2f s", name, self.seconds[name])


def build(
    files: Sequence[Path], settings: Settings, on_progress: ProgressCallback | None = None
) -> BuildResult:
    """Build the state from these plan files. Safe to repeat; killed half-way, the old state answers.

    Raises: InputError, OutlineError: a file cannot be used; nothing was written.
        GraphCheckError: the graph breaks its own rules; likewise.
        StateError, StoreError, ModelMissingError, IndexUnavailableError: likewise, one line each.
    """
    from kg.adapters.embedding import open_embedder

    progress = on_progress or (lambda done, total, label: None)
    texts = _read_plans(files)
    state = StateDirectory(settings.home)
    embedder = open_embedder(settings.embedding_model, settings.models_dir)
    fingerprint = _fingerprint(texts, settings, embedder.name)
    with state.locked():
        current = _current_or_none(state)
        if current and current.fingerprint == fingerprint and _intact(state, current, settings):
            return BuildResult(current, unchanged=True)
        stages = _Stages()
        with stages("extract"):
            documents, passages, graph, jurisdictions = _extract(texts, settings, progress)
        name, path = state.new_build()
        try:
            _reach_servers(settings, name, path)
            manifest = _write(
                _Build(name, path, fingerprint, documents, passages, graph, jurisdictions),
                state, settings, embedder, stages, progress,
            )
        except BaseException:
            _delete_build(state, settings, name)
            raise
        _remove_old(state, settings, keep=(name, current.build if current else name))
    return BuildResult(manifest, unchanged=False)


def has_usable_state(settings: Settings) -> bool:
    """Whether there is a build, of whatever plans, that questions can be asked of.

    Raises: StoreUnavailableError, IndexUnavailableError: a server that holds a part does not answer.
    """
    state = StateDirectory(settings.home)
    current = _current_or_none(state)
    return current is not None and _intact(state, current, settings)


def default_plans(project_root: Path) -> list[Path]:
    """The plan files in ``data/plans``."""
    return sorted((project_root / "data" / "plans").glob("*.txt"))


def _read_plans(files: Sequence[Path]) -> dict[str, str]:
    if not files:
        raise InputError("没有规划文件。请给出文件路径，或把 .txt 放进 data/plans/。")
    texts: dict[str, str] = {}
    for file in files:
        plan = plan_id_of(file)
        if plan in texts:
            raise InputError(f"两个规划文件同名（{plan}）。请改名后重试。")
        texts[plan] = load_text(file)
    return texts


def _fingerprint(texts: dict[str, str], settings: Settings, model: str) -> str:
    """Digest of all that the result depends on: texts, word lists, our own code, model, stores."""
    digest = hashlib.sha256()
    for plan, text in texts.items():
        digest.update(f"{plan}\x00{text}\x00".encode())
    root = Path(__file__).resolve().parent.parent
    for package in _SOURCE_PACKAGES:
        for file in sorted((root / package).rglob("*.py")):
            digest.update(file.read_bytes())
    for file in sorted(settings.lexicon_dir.glob("*.json")):
        digest.update(file.read_bytes())
    stores = (settings.neo4j_uri, settings.neo4j_database, settings.chroma_host, settings.chroma_port)
    digest.update(f"{model}\x00{stores}".encode())
    return digest.hexdigest()


def _current_or_none(state: StateDirectory) -> Manifest | None:
    """A damaged state is no reason not to build a new one."""
    try:
        return state.current()
    except PlankgError as exc:
        log.info("%s", exc)
        return None


def _intact(state: StateDirectory, manifest: Manifest, settings: Settings) -> bool:
    """Read something of every part: what a reader would stumble over, a build has to repair.

    Raises: StoreUnavailableError, IndexUnavailableError: a server that holds a part does not answer.
    """
    from kg.adapters.indexes import open_vector_index
    from kg.adapters.lexical_index import LexicalIndex
    from kg.adapters.stores import open_graph_store

    path = state.build_path(manifest.build)
    probe = np.eye(1, manifest.dimension, dtype=np.float32)[0]
    try:
        _, passages = load_documents(path, manifest.plans)
        LexicalIndex(path / "lexical").search("规划", 1)
        with closing(open_graph_store(settings, path / "graph.kgl")) as store:
            labels = {label.value: len(store.query(NODES[label], max_rows=1_000_000)) for label in Label}
        with closing(open_vector_index(settings, manifest.build, path)) as index:
            found = index.search(probe, 1)
    except (StoreUnavailableError, IndexUnavailableError):
        raise
    except PlankgError as exc:
        log.info("%s", exc)
        return False
    whole = len(passages) == manifest.passages and bool(found) == bool(passages)
    return whole and all(manifest.labels.get(label, 0) == count for label, count in labels.items())


def _reach_servers(settings: Settings, name: str, path: Path) -> None:
    """Fail before the minute of embedding, not after it, if a server is down.

    Raises: StoreUnavailableError, IndexUnavailableError.
    """
    from kg.adapters.indexes import open_vector_index
    from kg.adapters.stores import open_graph_store

    if settings.neo4j_uri:
        with closing(open_graph_store(settings, path / "graph.kgl")) as store:
            store.describe()
    if settings.chroma_host:
        with closing(open_vector_index(settings, name, path)) as index:
            index.drop()  # a new build's collection is not there yet: this only connects


def _extract(
    texts: dict[str, str], settings: Settings, progress: ProgressCallback
) -> tuple[list[PlanDocument], list[Passage], Graph, list[str]]:
    lexicon = load_lexicon(settings.lexicon_dir)
    documents: list[PlanDocument] = []
    passages: list[Passage] = []
    graphs: list[Graph] = []
    jurisdictions: list[str] = []
    for i, (plan, text) in enumerate(texts.items()):
        progress(i, len(texts), "解析规划")
        outline = build_outline(text, plan)
        pieces = make_passages(outline)
        graphs.append(extract_graph(outline, pieces, lexicon))
        documents.append(outline.document)
        passages.extend(pieces)
        jurisdictions.append(outline.jurisdiction)
    progress(len(texts), len(texts), "解析规划")
    graph = Graph(
        tuple(e for g in graphs for e in g.entities), tuple(r for g in graphs for r in g.relations)
    )
    require_sound(graph, documents)
    return documents, passages, graph, jurisdictions


@dataclass(frozen=True, slots=True)
class _Build:
    name: str
    path: Path
    fingerprint: str
    documents: list[PlanDocument]
    passages: list[Passage]
    graph: Graph
    jurisdictions: list[str]


def _write(
    made: _Build,
    state: StateDirectory,
    settings: Settings,
    embedder: Embedder,
    stages: _Stages,
    progress: ProgressCallback,
) -> Manifest:
    """Write all parts of a build, the graph last, then make it current."""
    from kg.adapters.indexes import open_vector_index
    from kg.adapters.lexical_index import LexicalIndex
    from kg.adapters.stores import open_graph_store

    units = all_units(made.passages)
    with stages("embed"):
        vectors = embed_cached(embedder, [u.indexed_text for u in units], state.vector_cache, progress)
    with stages("index"):
        progress(0, 2, "写入索引")
        save_documents(made.path, made.documents, made.passages)
        LexicalIndex(made.path / "lexical").write(made.passages)
        with closing(open_vector_index(settings, made.name, made.path)) as index:
            index.write(*with_passage_means(units, vectors))
        progress(1, 2, "写入索引")
    with stages("graph"), closing(open_graph_store(settings, made.path / "graph.kgl")) as store:
        store.write(made.graph, progress)
        engine = store.describe()
    manifest = Manifest(
        build=made.name,
        fingerprint=made.fingerprint,
        plans=tuple(d.id for d in made.documents),
        titles=tuple(d.title for d in made.documents),
        jurisdictions=tuple(made.jurisdictions),
        embedding_model=embedder.name,
        dimension=embedder.dimension,
        passages=len(made.passages),
        labels=dict(Counter(e.label.value for e in made.graph.entities)),
        relations=dict(Counter(r.type.value for r in made.graph.relations)),
        graph_engine=engine,
        versions=_versions(),
        built_at=time.strftime("%Y-%m-%d %H:%M:%S"),
        seconds=stages.seconds,
    )
    state.activate(manifest)
    progress(2, 2, "写入索引")
    return manifest


def _versions() -> dict[str, str]:
    found: dict[str, str] = {}
    for package in _PACKAGES:
        with suppress(PackageNotFoundError):
            found[package] = version(package)
    return found


def _remove_old(state: StateDirectory, settings: Settings, keep: Sequence[str]) -> None:
    """Remove all builds but the current and the one before it, which open readers may still use."""
    for name in state.obsolete_builds(keep):
        _delete_build(state, settings, name)


def _delete_build(state: StateDirectory, settings: Settings, name: str) -> None:
    from kg.adapters.indexes import open_vector_index

    if settings.chroma_host:
        index = open_vector_index(settings, name, state.build_path(name))
        with suppress(PlankgError), closing(index):
            index.drop()
    state.delete_build(name)

