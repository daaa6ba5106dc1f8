"""Build: plan files → graph, passage indexes and documents, beside the old state, then one swap."""

from __future__ import annotations

import hashlib
import logging
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from ingest.builds import delete_build, is_intact, reach_servers, remove_old
from ingest.extract.base import ChatSession
from ingest.extract.model_triples import instructions
from ingest.extraction import Extraction, ExtractionCache, extract
from ingest.lexicon import load_lexicon
from ingest.load import load_text, plan_id_of
from kg.errors import InputError, PlankgError, StateError
from kg.model import Graph, Passage, PlanDocument, WriteCounts
from kg.ports import Embedder, ProgressCallback
from kg.settings import Settings
from kg.state import Manifest, StateDirectory, load_texts, save_documents
from kg.units import all_units, with_passage_means
from kg.vector_cache import embed_cached

log = logging.getLogger(__name__)
_PACKAGES = ("plankg", "kglite", "neo4j", "chromadb", "bm25s", "sentence-transformers", "onnxruntime")
_SOURCE_PACKAGES = ("ingest", "kg")
#: how often a request to the chat model is sent again
_CHAT_RETRIES = 2
_NO_CHANGES = WriteCounts(0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class BuildResult:
    """What a build made.

    ``unchanged`` is set when the current state was already this; then nothing was read or written.
    ``plans_read`` counts the plans that were not known from an earlier build; ``graph_changes`` is what
    the graph store had to write, which for the embedded store is always all. ``warnings`` are for the user.
    """

    manifest: Manifest
    unchanged: bool
    plans_read: int = 0
    graph_changes: WriteCounts = _NO_CHANGES
    warnings: tuple[str, ...] = ()


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
    files: Sequence[Path],
    settings: Settings,
    on_progress: ProgressCallback | None = None,
    *,
    add: bool = False,
    embedder: Embedder | None = None,
) -> BuildResult:
    """Build the state from exactly these plan files, or with ``add`` from these and those already there.

    A file replaces the plan of the same id. Safe to repeat: what was read and embedded before is not read
    and embedded again. Killed half-way, the old state answers, and the next build goes on where this one
    was. ``embedder`` is for callers who have one; the settings name it otherwise.

    Raises: InputError, OutlineError: a file cannot be used; nothing was written.
        StateError, StoreError, ModelMissingError, IndexUnavailableError: likewise, one line each.
    """
    given = _read_plans(files)
    state = StateDirectory(settings.home)
    builder = _Builder(state, settings, embedder or _embedder(settings), on_progress)
    with state.locked():
        current = state.current() if add else None
        return builder.make_current({**(_texts(state, current) if current else {}), **given})


def remove(
    plan: str,
    settings: Settings,
    on_progress: ProgressCallback | None = None,
    *,
    embedder: Embedder | None = None,
) -> BuildResult:
    """Build the state anew without one of its plans.

    Raises: InputError: there is no such plan, or no other. Else like `build`.
    """
    state = StateDirectory(settings.home)
    state.require_current()  # before the lock, which would make a directory
    builder = _Builder(state, settings, embedder or _embedder(settings), on_progress)
    with state.locked():
        texts = _texts(state, state.require_current())
        if plan not in texts:
            raise InputError(f"库中没有规划 {plan}。现有的规划：{'、'.join(texts)}。")
        if len(texts) == 1:
            raise InputError(f"库中只有 {plan} 一个规划，不能移除。换用别的请运行 plankg build 规划文件。")
        return builder.make_current({id: text for id, text in texts.items() if id != plan})


def rebuild(
    settings: Settings, on_progress: ProgressCallback | None = None, *, embedder: Embedder | None = None
) -> BuildResult:
    """Build the plans of the current build anew, as after a change of the word lists.

    Raises: StateError: nothing was built. Else like `build`.
    """
    state = StateDirectory(settings.home)
    state.require_current()  # before the lock, which would make a directory
    builder = _Builder(state, settings, embedder or _embedder(settings), on_progress)
    with state.locked():
        return builder.make_current(_texts(state, state.require_current()))


def undo(
    settings: Settings, on_progress: ProgressCallback | None = None, *, embedder: Embedder | None = None
) -> BuildResult:
    """Go back to the build before the current one; the same again goes forward.

    The graph on a server, or a build of another model, is made anew from the texts of that build.

    Raises: StateError: there is no build before. Else like `build`.
    """
    state = StateDirectory(settings.home)
    if state.previous() is None:
        raise StateError("没有可以退回的上一个库：状态目录里只有一次建库的结果。")
    builder = _Builder(state, settings, embedder or _embedder(settings), on_progress)
    with state.locked():
        previous = state.previous()
        if previous is None:
            raise StateError("没有可以退回的上一个库。")
        return builder.go_back_to(previous)


def _embedder(settings: Settings) -> Embedder:
    from kg.adapters.embedding import open_embedder

    return open_embedder(settings.embedding_model, settings.models_dir)


def _texts(state: StateDirectory, manifest: Manifest) -> dict[str, str]:
    return load_texts(state.build_path(manifest.build), manifest.plans)


def has_usable_state(settings: Settings) -> bool:
    """Whether there is a build, of whatever plans, that questions can be asked of.

    Raises: StoreUnavailableError, IndexUnavailableError: a server that holds a part does not answer.
    """
    state = StateDirectory(settings.home)
    current = _current_or_none(state)
    return current is not None and is_intact(state, current, settings)


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


def _fingerprint(texts: Mapping[str, str], code: str, settings: Settings, model: str) -> str:
    """Digest of all that the result depends on: code and word lists, texts, model, stores."""
    digest = hashlib.sha256(code.encode())
    for plan, text in texts.items():
        digest.update(f"{plan}\x00{text}\x00".encode())
    stores = (settings.neo4j_uri, settings.neo4j_database, settings.chroma_host, settings.chroma_port)
    digest.update(f"{model}\x00{stores}".encode())
    return digest.hexdigest()


def _code_digest(settings: Settings) -> str:
    """Digest of what reads a plan: our own code and the word lists."""
    digest = hashlib.sha256()
    root = Path(__file__).resolve().parent.parent
    for package in _SOURCE_PACKAGES:
        for file in sorted((root / package).rglob("*.py")):
            digest.update(file.read_bytes())
    for file in sorted(settings.lexicon_dir.glob("*.json")):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _chat_session(settings: Settings) -> ChatSession | None:
    """The chat model, where it is to read plans too."""
    from kg.adapters.chat_model import open_chat_model

    model = open_chat_model(settings, retries=_CHAT_RETRIES) if settings.llm_extract else None
    return ChatSession(model) if model else None


def _current_or_none(state: StateDirectory) -> Manifest | None:
    """A damaged state is no reason not to build a new one."""
    try:
        return state.current()
    except PlankgError as exc:
        log.info("%s", exc)
        return None


@dataclass(frozen=True, slots=True)
class _Read:
    """What was read of all plans, but for the graph, which is large and needed last."""

    documents: list[PlanDocument]
    passages: list[Passage]
    jurisdictions: list[str]
    new: int


class _Builder:
    """Makes builds of plan texts. The caller holds the lock."""

    def __init__(
        self,
        state: StateDirectory,
        settings: Settings,
        embedder: Embedder,
        on_progress: ProgressCallback | None,
    ) -> None:
        self._state = state
        self._settings = settings
        self._embedder = embedder
        self._progress = on_progress or (lambda done, total, label: None)
        self._code = _code_digest(settings)
        self._cache = ExtractionCache(state.extracted, self._code)
        self._chat = _chat_session(settings)
        self._chat_cache = ExtractionCache(state.extracted, self._version)
        self._stages = _Stages()

    def make_current(self, texts: Mapping[str, str]) -> BuildResult:
        """Build these plans, unless the current build is of exactly them."""
        fingerprint = self._fingerprint_of(texts)
        current = _current_or_none(self._state)
        if current and current.fingerprint == fingerprint:
            if is_intact(self._state, current, self._settings):
                return BuildResult(current, unchanged=True)
        with self._stages("extract"):
            read = self._read(texts)
        fingerprint = self._fingerprint_of(texts)  # a chat model that failed is no part of the result
        name, path = self._state.new_build()
        try:
            reach_servers(self._settings, name, path)
            self._write_passages(name, path, read, current)
            graph = self._graph(texts)
            changes, engine = self._write_graph(path, graph)
            manifest = self._manifest(name, fingerprint, read, graph, engine)
            self._state.activate(manifest)
        except BaseException:
            delete_build(self._state, self._settings, name)
            raise
        self._progress(2, 2, "写入索引")
        remove_old(self._state, self._settings, keep=(name, current.build if current else name))
        caches = (self._cache, self._chat_cache)
        self._cache.prune([cache.path(plan, text) for cache in caches for plan, text in texts.items()])
        warnings = (self._chat.failure,) if self._chat and self._chat.failure else ()
        return BuildResult(manifest, False, read.new, changes, warnings)

    def go_back_to(self, previous: Manifest) -> BuildResult:
        """Make an earlier build current, by one swap if all of it is still there."""
        same_model = previous.embedding_model == self._embedder.name
        # a server holds one graph only, that of the current build
        if same_model and not self._settings.neo4j_uri and is_intact(self._state, previous, self._settings):
            self._state.activate(previous)
            return BuildResult(previous, unchanged=False)
        return self.make_current(_texts(self._state, previous))

    @property
    def _model(self) -> tuple[str, int]:
        return self._embedder.name, self._embedder.dimension

    def _extraction(self, plan: str, text: str) -> tuple[Extraction, bool]:
        """What a plan says, and whether it had to be read for that."""
        known = self._chat_cache.get(plan, text) or (None if self._chats else self._cache.get(plan, text))
        if known is not None:
            return known, False
        lexicon = load_lexicon(self._settings.lexicon_dir)
        extraction = extract(plan, text, lexicon, self._chat, self._progress)
        (self._chat_cache if self._chats else self._cache).put(extraction)
        return extraction, True

    @property
    def _chats(self) -> bool:
        """Whether a chat model reads plans too, and has not failed."""
        return self._chat is not None and not self._chat.failure

    @property
    def _version(self) -> str:
        """Of what reads plans: the code and the word lists, and a chat model with what it is told."""
        if self._chat is None or self._chat.failure:
            return self._code
        return f"{self._code}\x00{self._chat.model.name}\x00{instructions()}"

    def _fingerprint_of(self, texts: Mapping[str, str]) -> str:
        return _fingerprint(texts, self._version, self._settings, self._embedder.name)

    def _read(self, texts: Mapping[str, str]) -> _Read:
        read = _Read([], [], [], 0)
        new = 0
        for done, (plan, text) in enumerate(texts.items()):
            self._progress(done, len(texts), "解析规划")
            extraction, fresh = self._extraction(plan, text)
            new += fresh
            read.documents.append(extraction.document)
            read.passages.extend(extraction.passages)
            read.jurisdictions.append(extraction.jurisdiction)
        self._progress(len(texts), len(texts), "解析规划")
        return replace(read, new=new)

    def _write_passages(self, name: str, path: Path, read: _Read, before: Manifest | None) -> None:
        """Documents, lexical index, and vector index; the last starts from that of the build before."""
        from kg.adapters.indexes import open_vector_index
        from kg.adapters.lexical_index import LexicalIndex

        units = all_units(read.passages)
        with self._stages("embed"):
            texts = [unit.indexed_text for unit in units]
            vectors = embed_cached(self._embedder, texts, self._state.vector_cache, self._progress)
        with self._stages("index"):
            self._progress(0, 2, "写入索引")
            save_documents(path, read.documents, read.passages)
            LexicalIndex(path / "lexical").write(read.passages)
            base = None
            if before and (before.embedding_model, before.dimension) == self._model:
                build = before.build
                base = open_vector_index(self._settings, build, self._state.build_path(build))
            with closing(open_vector_index(self._settings, name, path)) as index:
                index.write(*with_passage_means(units, vectors), base=base, on_progress=self._progress)
            self._progress(1, 2, "写入索引")

    def _graph(self, texts: Mapping[str, str]) -> Graph:
        """The graph of all plans, taken from the cache."""
        graphs = [self._extraction(plan, text)[0].graph for plan, text in texts.items()]
        entities = tuple(entity for graph in graphs for entity in graph.entities)
        return Graph(entities, tuple(relation for graph in graphs for relation in graph.relations))

    def _write_graph(self, path: Path, graph: Graph) -> tuple[WriteCounts, str]:
        """Returns: what the store wrote, and which engine it is."""
        from kg.adapters.stores import open_graph_store

        with self._stages("graph"):
            with closing(open_graph_store(self._settings, path / "graph.kgl")) as store:
                return store.write(graph, self._progress), store.describe()

    def _manifest(self, name: str, fingerprint: str, read: _Read, graph: Graph, engine: str) -> Manifest:
        return Manifest(
            build=name,
            fingerprint=fingerprint,
            plans=tuple(document.id for document in read.documents),
            titles=tuple(document.title for document in read.documents),
            jurisdictions=tuple(read.jurisdictions),
            embedding_model=self._embedder.name,
            dimension=self._embedder.dimension,
            passages=len(read.passages),
            labels=dict(Counter(entity.label.value for entity in graph.entities)),
            relations=dict(Counter(relation.type.value for relation in graph.relations)),
            graph_engine=engine,
            versions=_versions(),
            built_at=time.strftime("%Y-%m-%d %H:%M:%S"),
            seconds=self._stages.seconds,
        )


def _versions() -> dict[str, str]:
    found: dict[str, str] = {}
    for package in _PACKAGES:
        with suppress(PackageNotFoundError):
            found[package] = version(package)
    return found
