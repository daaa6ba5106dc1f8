"""Passage vectors in Chroma: a directory on this machine, or a Chroma server.

Chroma is imported on first use, because importing it takes over a second.
"""

from __future__ import annotations

import logging
import shutil
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

import numpy as np
from numpy.typing import NDArray

from kg.adapters.chroma_files import copy_sealed, seal
from kg.adapters.chroma_scan import OTHER_DIMENSION, Vectors, read_vectors
from kg.errors import IndexUnavailableError, PlankgError, StateError
from kg.model import Passage, Scored
from kg.ports import ProgressCallback

if TYPE_CHECKING:
    from chromadb.api import ClientAPI
    from chromadb.api.models.Collection import Collection

log = logging.getLogger(__name__)

#: entries written or read at once
_STEP = 2000
#: beyond this share of changes, those before included, all is written: deleted entries stay in the graph
_MOST_CHANGED = 0.25
#: vectors that differ less are the same; Chroma normalises what it stores
_SAME_VECTOR = 1e-5
#: how long a server may take to accept a connection, and to answer, in seconds
CONNECT_TIMEOUT_S = 5.0
READ_TIMEOUT_S = 60.0

# Of Chroma's own search, which only larger collections than a plan's need (`chroma_scan`). Wider than its
# defaults: on 2400 vectors, 200 to 400 neighbours then miss one in a thousand.
_HNSW: dict[str, Any] = {
    "space": "cosine",
    "ef_construction": 200,
    "ef_search": 400,
    "max_neighbors": 32,
    # Up to this many vectors, Chroma keeps them in its SQLite file alone. Its own graph files carry no
    # checksum: a damaged one gives wrong neighbours, or ends the whole process.
    "sync_threshold": 5000,
}


class _Place(Protocol):
    """Where collections live: how to reach them, and what to say when that fails."""

    def connect(self) -> ClientAPI: ...

    def exists(self) -> bool: ...

    def failure(self, exc: Exception) -> PlankgError: ...

    def missing(self, collection: str) -> PlankgError: ...


@dataclass(frozen=True, slots=True)
class _Directory:
    path: Path

    def connect(self) -> ClientAPI:
        import chromadb

        return chromadb.PersistentClient(path=str(self.path), settings=_quiet_settings())

    def exists(self) -> bool:
        # Opening would create the directory, and a reader must not leave one behind.
        return (self.path / "chroma.sqlite3").is_file()

    def failure(self, exc: Exception) -> PlankgError:
        return StateError(f"段落索引目录 {self.path} 已损坏或无法读写。请运行 plankg build 重建。")

    def missing(self, collection: str) -> PlankgError:
        return StateError(f"段落索引目录 {self.path} 中没有 {collection}。请运行 plankg build 重建。")


@dataclass(frozen=True, slots=True)
class _Server:
    host: str
    port: int

    def connect(self) -> ClientAPI:
        import chromadb
        import httpx

        # Chroma's client waits for ever. Asking for the heartbeat first bounds the wait for a
        # server that is gone or hangs, before its constructor sends requests of its own.
        timeout = httpx.Timeout(READ_TIMEOUT_S, connect=CONNECT_TIMEOUT_S)
        heartbeat = httpx.get(
            f"http://{self.host}:{self.port}/api/v2/heartbeat", timeout=CONNECT_TIMEOUT_S
        )
        heartbeat.raise_for_status()
        settings = _quiet_settings(chroma_server_host=self.host, chroma_server_http_port=self.port)
        client = chromadb.HttpClient(host=self.host, port=self.port, settings=settings)
        cast(Any, client)._server._session.timeout = timeout
        return client

    def exists(self) -> bool:
        return True

    def failure(self, exc: Exception) -> PlankgError:
        return IndexUnavailableError(
            f"无法使用 Chroma 服务器 {self.host}:{self.port}（{type(exc).__name__}）。"
            "请启动它，或检查 CHROMA_HOST、CHROMA_PORT。"
        )

    def missing(self, collection: str) -> PlankgError:
        return StateError(
            f"Chroma 服务器 {self.host}:{self.port} 上没有 {collection}。请运行 plankg build 重建。"
        )


def _quiet_settings(**values: Any) -> Any:
    """Chroma settings that send nothing anywhere, whatever the environment or ``.env`` says."""
    from chromadb.config import Settings

    silent = {"anonymized_telemetry": False, "chroma_otel_collection_endpoint": ""}
    return cast(Any, Settings)(_env_file=None, **silent, **values)


class ChromaIndex:
    """A `kg.ports.VectorIndex` over one Chroma collection.

    Connects on first use. A collection that another process rewrites in the same directory is seen
    only by an index opened afterwards; on a server it is seen at once. Safe to search from many
    threads.

    Raises (from every method): StateError: the directory is damaged, the collection is missing, or
        its vectors have another dimension. IndexUnavailableError: the server does not answer.
    """

    def __init__(self, place: _Place, collection: str) -> None:
        """Use `persistent` or `server` instead. No I/O."""
        self._place = place
        self._name = collection
        self._client: ClientAPI | None = None
        self._opened: _Opened | None = None
        self._lock = threading.Lock()

    @classmethod
    def persistent(cls, directory: Path, collection: str) -> ChromaIndex:
        """An index in a directory of its own; the first write creates it."""
        return cls(_Directory(directory), collection)

    @classmethod
    def server(cls, host: str, port: int, collection: str) -> ChromaIndex:
        """An index on a Chroma server. ``collection`` is ASCII, 3 to 500 characters."""
        return cls(_Server(host, port), collection)

    def write(
        self,
        passages: Sequence[Passage],
        vectors: NDArray[np.float32],
        *,
        base: ChromaIndex | None = None,
        on_progress: ProgressCallback | None = None,
    ) -> None:
        """Make the index hold exactly these passages; a write that fails leaves the old ones.

        A new index in a directory starts from a copy of ``base``, another one in a directory, if that
        is sound and holds most of the passages already: then only the difference is written.
        Raises: ValueError: ``vectors`` has another length, or a passage id occurs twice.
        """
        ids = [passage.id for passage in passages]
        if len(ids) != len(vectors):
            raise ValueError(f"{len(ids)} passages, but {len(vectors)} vectors")
        if len(set(ids)) != len(ids):
            raise ValueError("a passage id occurs twice")
        progress = on_progress or (lambda done, total, label: None)
        with self._translated():
            if base is None or not self._write_difference(base, ids, vectors, progress):
                self._write_all(ids, vectors, progress)

    def _write_all(
        self, ids: Sequence[str], vectors: NDArray[np.float32], progress: ProgressCallback
    ) -> None:
        client = self._connected()
        # Beside the old collection, then swapped: writing the same ids again is five times
        # slower than a new collection, and would keep those that are gone.
        staging = f"{self._name}-staging"
        _delete(client, staging)
        collection = client.create_collection(
            staging, embedding_function=None, configuration={"hnsw": cast(Any, _HNSW)}
        )
        step = min(_STEP, client.get_max_batch_size())
        _add(collection, ids, vectors, range(len(ids)), step, progress)
        _delete(client, self._name)
        collection.modify(name=self._name)
        self._opened = None
        self._seal(0)

    def _write_difference(
        self,
        base: ChromaIndex,
        ids: Sequence[str],
        vectors: NDArray[np.float32],
        progress: ProgressCallback,
    ) -> bool:
        """Write what ``base`` lacks to a copy of it. Returns: False, and nothing is there, if unusable."""
        here, there = self._place, base._place
        if not isinstance(here, _Directory) or not isinstance(there, _Directory) or here.exists():
            return False
        try:
            removed = copy_sealed(there.path, here.path)
            if removed is None:
                return False
            collection = self._connected().get_collection(base._name, embedding_function=None)
            stale, fresh = _difference(collection, ids, vectors)
            removed += len(stale)
            if removed + len(fresh) <= _MOST_CHANGED * len(ids):
                for start in range(0, len(stale), _STEP):
                    collection.delete(ids=stale[start : start + _STEP])
                _add(collection, ids, vectors, fresh, _STEP, progress)
                if collection.count() == len(ids):
                    collection.modify(name=self._name)
                    self._seal(removed)
                    return True
        except Exception as exc:  # whatever is wrong with the copy: without it, all is written
            log.info("passage index is not taken from the build before: %s", exc)
        self.close()
        shutil.rmtree(here.path, ignore_errors=True)
        return False

    def _seal(self, removed: int) -> None:
        """Close, so that all is on disk, and note what the files are."""
        if isinstance(self._place, _Directory):
            self.close()
            seal(self._place.path, removed)

    def prepare(self) -> None:
        """Import Chroma, open the collection and read its vectors, or have Chroma do so."""
        if self._opened is not None:
            return
        with self._translated():
            opened = self._open()
            any_vector = opened.collection.peek(1)["embeddings"]
            if any_vector is not None and len(any_vector):
                opened.nearest(np.asarray(any_vector[0], np.float32), 1)

    def search(self, vector: NDArray[np.float32], k: int) -> list[Scored]:
        """The k nearest passages, best first; fewer if the index is smaller. Score is cosine."""
        if k < 1:
            return []
        with self._translated():
            from chromadb.errors import NotFoundError

            try:
                return self._open().nearest(vector, k)
            except NotFoundError:
                # Rewritten since it was opened: look it up by its name once more.
                self._opened = None
                return self._open().nearest(vector, k)

    def drop(self) -> None:
        """Delete the collection; nothing happens if it is not there."""
        with self._translated():
            if self._place.exists():
                _delete(self._connected(), self._name)
            self._opened = None

    def close(self) -> None:
        """Release files and connections. Safe to call twice; a later call opens them anew."""
        with self._lock:
            if self._client is not None:
                cast(Any, self._client).close()  # not in the interface that Chroma declares
            self._client = None
            self._opened = None

    def _connected(self) -> ClientAPI:
        with self._lock:
            if self._client is None:
                self._client = self._place.connect()
            return self._client

    def _open(self) -> _Opened:
        opened = self._opened
        if opened is None:
            if not self._place.exists():
                raise self._place.missing(self._name)
            collection = self._connected().get_collection(self._name, embedding_function=None)
            opened = self._opened = _Opened(collection, read_vectors(collection))
        return opened

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """Turn whatever Chroma and its transport raise into an error of ours."""
        from chromadb.errors import InvalidArgumentError, NotFoundError

        try:
            yield
        except PlankgError:
            raise
        except NotFoundError as exc:
            raise self._place.missing(self._name) from exc
        except InvalidArgumentError as exc:
            raise StateError(OTHER_DIMENSION) from exc
        except Exception as exc:
            raise self._place.failure(exc) from exc


def _delete(client: ClientAPI, name: str) -> None:
    from chromadb.errors import NotFoundError

    try:
        client.delete_collection(name)
    except NotFoundError:
        return


def _add(
    collection: Collection,
    ids: Sequence[str],
    vectors: NDArray[np.float32],
    rows: Sequence[int],
    step: int,
    progress: ProgressCallback,
) -> None:
    """Add these rows of ``ids`` and ``vectors``, so many at once."""
    for start in range(0, len(rows), step):
        part = list(rows[start : start + step])
        collection.add(ids=[ids[row] for row in part], embeddings=np.asarray(vectors[part], np.float32))
        progress(start + len(part), len(rows), "写入向量")


def _difference(
    collection: Collection, ids: Sequence[str], vectors: NDArray[np.float32]
) -> tuple[list[str], list[int]]:
    """Returns: ids in the collection that are not wanted, or with another vector; rows that it lacks."""
    row_of = {id: row for row, id in enumerate(ids)}
    stored = collection.get(include=[])["ids"]
    known = [id for id in stored if id in row_of]
    same: set[str] = set()
    for start in range(0, len(known), _STEP):
        found = collection.get(ids=known[start : start + _STEP], include=["embeddings"])
        rows = [row_of[id] for id in found["ids"]]
        distance = np.abs(np.asarray(found["embeddings"], np.float32) - vectors[rows]).max(axis=1)
        same.update(id for id, far in zip(found["ids"], distance > _SAME_VECTOR, strict=True) if not far)
    return [id for id in stored if id not in same], [row for row, id in enumerate(ids) if id not in same]


@dataclass(frozen=True, slots=True)
class _Opened:
    """A collection, and its vectors where all are compared."""

    collection: Collection
    vectors: Vectors | None

    def nearest(self, vector: NDArray[np.float32], k: int) -> list[Scored]:
        """The k nearest, best first. Raises: NotFoundError: the collection was replaced or deleted."""
        if self.vectors is not None:
            self.collection.count()  # whether it is still there
            return self.vectors.nearest(vector, k)
        rows = cast(Any, [np.asarray(vector, np.float32)])
        found = self.collection.query(query_embeddings=rows, n_results=k, include=["distances"])
        distances = found["distances"] or [[]]
        return [
            Scored(passage_id, 1.0 - float(distance))
            for passage_id, distance in zip(found["ids"][0], distances[0], strict=True)
        ]
