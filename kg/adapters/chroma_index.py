"""Passage vectors in Chroma: a directory on this machine, or a Chroma server.

Chroma is imported on first use, because importing it takes over a second.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

import numpy as np
from numpy.typing import NDArray

from kg.errors import IndexUnavailableError, PlankgError, StateError
from kg.model import Passage, Scored

if TYPE_CHECKING:
    from chromadb.api import ClientAPI
    from chromadb.api.models.Collection import Collection

#: how long a server may take to accept a connection, and to answer, in seconds
CONNECT_TIMEOUT_S = 5.0
READ_TIMEOUT_S = 60.0

# Wider than Chroma's defaults: measured on 1400 vectors, the first 200 of a search are then the
# exact nearest ones, at no measurable cost in time.
_HNSW: dict[str, Any] = {
    "space": "cosine",
    "ef_construction": 200,
    "ef_search": 400,
    "max_neighbors": 32,
    # Up to this many vectors, Chroma keeps them in its SQLite file alone and builds the graph in
    # memory when it opens (0.1 s per 1000). Its own graph files carry no checksum: a damaged one
    # gives wrong neighbours, or ends the whole process.
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
        self._collection: Collection | None = None
        self._lock = threading.Lock()

    @classmethod
    def persistent(cls, directory: Path, collection: str) -> ChromaIndex:
        """An index in a directory of its own; the first write creates it."""
        return cls(_Directory(directory), collection)

    @classmethod
    def server(cls, host: str, port: int, collection: str) -> ChromaIndex:
        """An index on a Chroma server. ``collection`` is ASCII, 3 to 500 characters."""
        return cls(_Server(host, port), collection)

    def write(self, passages: Sequence[Passage], vectors: NDArray[np.float32]) -> None:
        """Make the index hold exactly these passages; a write that fails leaves the old ones.

        Raises: ValueError: ``vectors`` has another length, or a passage id occurs twice.
        """
        ids = [passage.id for passage in passages]
        if len(ids) != len(vectors):
            raise ValueError(f"{len(ids)} passages, but {len(vectors)} vectors")
        if len(set(ids)) != len(ids):
            raise ValueError("a passage id occurs twice")
        with self._translated():
            client = self._connected()
            # Beside the old collection, then swapped: writing the same ids again is five times
            # slower than a new collection, and would keep those that are gone.
            staging = f"{self._name}-staging"
            _delete(client, staging)
            collection = client.create_collection(
                staging, embedding_function=None, configuration={"hnsw": cast(Any, _HNSW)}
            )
            step = client.get_max_batch_size()
            for start in range(0, len(ids), step):
                batch = slice(start, start + step)
                collection.add(ids=ids[batch], embeddings=np.asarray(vectors[batch], np.float32))
            _delete(client, self._name)
            collection.modify(name=self._name)
            self._collection = collection

    def search(self, vector: NDArray[np.float32], k: int) -> list[Scored]:
        """The k nearest passages, best first; fewer if the index is smaller. Score is cosine."""
        if k < 1:
            return []
        with self._translated():
            from chromadb.errors import NotFoundError

            try:
                return _nearest(self._opened(), vector, k)
            except NotFoundError:
                # Rewritten since it was opened: look it up by its name once more.
                self._collection = None
                return _nearest(self._opened(), vector, k)

    def drop(self) -> None:
        """Delete the collection; nothing happens if it is not there."""
        with self._translated():
            if self._place.exists():
                _delete(self._connected(), self._name)
            self._collection = None

    def close(self) -> None:
        """Release files and connections. Safe to call twice; a later call opens them anew."""
        with self._lock:
            if self._client is not None:
                cast(Any, self._client).close()  # not in the interface that Chroma declares
            self._client = None
            self._collection = None

    def _connected(self) -> ClientAPI:
        with self._lock:
            if self._client is None:
                self._client = self._place.connect()
            return self._client

    def _opened(self) -> Collection:
        collection = self._collection
        if collection is None:
            if not self._place.exists():
                raise self._place.missing(self._name)
            collection = self._connected().get_collection(self._name, embedding_function=None)
            self._collection = collection
        return collection

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
            raise StateError(
                "段落索引与当前嵌入模型的向量维度不同（可能更换过模型）。请运行 plankg build 重建。"
            ) from exc
        except Exception as exc:
            raise self._place.failure(exc) from exc


def _delete(client: ClientAPI, name: str) -> None:
    from chromadb.errors import NotFoundError

    try:
        client.delete_collection(name)
    except NotFoundError:
        return


def _nearest(collection: Collection, vector: NDArray[np.float32], k: int) -> list[Scored]:
    rows = cast(Any, [np.asarray(vector, np.float32)])
    found = collection.query(query_embeddings=rows, n_results=k, include=["distances"])
    distances = found["distances"] or [[]]
    return [
        Scored(passage_id, 1.0 - float(distance))
        for passage_id, distance in zip(found["ids"][0], distances[0], strict=True)
    ]
