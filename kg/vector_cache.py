"""Vectors by model and text in one SQLite file, so that a rebuild embeds only what is new."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kg.errors import StateError
from kg.ports import Embedder, ProgressCallback

_SCHEMA = "CREATE TABLE IF NOT EXISTS vector (key BLOB PRIMARY KEY, data BLOB NOT NULL) WITHOUT ROWID"
#: texts embedded between two commits: an interrupted build loses at most so many
_CHUNK = 64


def embed_cached(
    embedder: Embedder, texts: Sequence[str], cache: Path, on_progress: ProgressCallback | None = None
) -> NDArray[np.float32]:
    """Embed texts, taking those already known from the cache.

    Returns: (len(texts), embedder.dimension), L2-normalised rows.
    Raises: StateError: the cache cannot be written. A damaged one is replaced.
    """
    keys = [hashlib.sha1(f"{embedder.name}\x00{text}".encode()).digest() for text in texts]
    try:
        known = _embed(embedder, texts, keys, cache, on_progress)
    except sqlite3.Error as exc:
        raise StateError(f"无法读写向量缓存 {cache}：{exc}。请检查磁盘空间与权限后重试。") from exc
    if not keys:
        return np.zeros((0, embedder.dimension), np.float32)
    return np.stack([known[key] for key in keys])


def _embed(
    embedder: Embedder,
    texts: Sequence[str],
    keys: Sequence[bytes],
    cache: Path,
    on_progress: ProgressCallback | None,
) -> dict[bytes, NDArray[np.float32]]:
    """Vectors by key; what the cache does not have is embedded and added to it."""
    with closing(_open(cache)) as db:
        known = _read(db, keys, embedder.dimension)
        missing = [i for i in dict(zip(keys, range(len(keys)), strict=True)).values() if keys[i] not in known]
        missing.sort(key=lambda i: len(texts[i]))  # texts of one length make full batches
        for first in range(0, len(missing), _CHUNK):
            if on_progress:
                on_progress(first, len(missing), "计算向量")
            chunk = missing[first : first + _CHUNK]
            vectors = embedder.embed_passages([texts[i] for i in chunk])
            known |= {keys[i]: vector for i, vector in zip(chunk, vectors, strict=True)}
            db.executemany(
                "INSERT OR REPLACE INTO vector VALUES (?, ?)",
                [(keys[i], known[keys[i]].astype(np.float32).tobytes()) for i in chunk],
            )
            db.commit()
        if on_progress and missing:
            on_progress(len(missing), len(missing), "计算向量")
    return known


def _open(path: Path) -> sqlite3.Connection:
    try:
        return _create(path)
    except sqlite3.OperationalError:  # locked, no access, disk full: the cache itself may be sound
        raise
    except sqlite3.DatabaseError:  # a damaged cache is only a cache: start anew
        path.unlink()
        path.with_name(f"{path.name}-journal").unlink(missing_ok=True)
        return _create(path)


def _create(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path)
    try:
        if db.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
            raise sqlite3.DatabaseError("damaged pages")
        db.execute(_SCHEMA)
    except BaseException:
        db.close()
        raise
    return db


def _read(
    db: sqlite3.Connection, keys: Sequence[bytes], dimension: int
) -> dict[bytes, NDArray[np.float32]]:
    """The known vectors; one of another length is of another model with the same name."""
    known: dict[bytes, NDArray[np.float32]] = {}
    for first in range(0, len(keys), 500):
        part = keys[first : first + 500]
        marks = ",".join("?" * len(part))
        for key, data in db.execute(f"SELECT key, data FROM vector WHERE key IN ({marks})", part):
            if len(data) == dimension * np.dtype(np.float32).itemsize:
                known[key] = np.frombuffer(data, np.float32)
    return known
