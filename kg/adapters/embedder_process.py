"""An embedder in a process of its own, for a single question: it loads while the caller loads the rest."""

from __future__ import annotations

import multiprocessing
import signal
import threading
from collections.abc import Sequence
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kg.adapters.embedding import OnnxEmbedder, open_embedder
from kg.errors import PlankgError
from kg.ports import Embedder, ProgressCallback


class ProcessEmbedder:
    """Embeds questions in a process that starts with the first one and ends with this object.

    The default model takes as long to load as everything else that one question needs, and holds the
    interpreter's lock meanwhile; on two cores the two then take half the time. A process that answers
    many questions is better served by `OnnxEmbedder` itself. Thread-safe.
    """

    def __init__(self, embedder: OnnxEmbedder, model: str, models_dir: Path) -> None:
        """``embedder`` is what ``open_embedder(model, models_dir)`` gave; it embeds if the process cannot."""
        self.name = embedder.name
        self._embedder = embedder
        self._arguments = model, models_dir
        self._lock = threading.Lock()
        self._questions: Connection | None = None

    @property
    def dimension(self) -> int:
        """Length of a vector, from ``config.json``."""
        return self._embedder.dimension

    def embed_passages(
        self, texts: Sequence[str], on_progress: ProgressCallback | None = None
    ) -> NDArray[np.float32]:
        """Embed texts to be found, here; see `Embedder`."""
        return self._embedder.embed_passages(texts, on_progress)

    def embed_query(self, text: str) -> NDArray[np.float32]:
        """Embed a question; see `Embedder`. Raises: as `OnnxEmbedder`."""
        try:
            with self._lock:
                pipe = self._questions = self._questions or _start(*self._arguments)
                pipe.send(text)
                reply: NDArray[np.float32] | PlankgError = pipe.recv()
        except (EOFError, OSError):  # no memory, or no permission, for one more process
            return self._embedder.embed_query(text)
        if isinstance(reply, PlankgError):
            raise reply
        return reply


def open_single_question_embedder(model: str, models_dir: Path) -> Embedder:
    """As `kg.adapters.embedding.open_embedder`, for a process that asks one question and ends."""
    embedder = open_embedder(model, models_dir)
    return ProcessEmbedder(embedder, model, models_dir) if isinstance(embedder, OnnxEmbedder) else embedder


def _start(model: str, models_dir: Path) -> Connection:
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    context.Process(target=_embed, args=(there, model, models_dir), daemon=True).start()
    there.close()  # else the end of the process would not be seen here
    return here


def _embed(questions: Connection, model: str, models_dir: Path) -> None:
    """What the process does: embed what comes, until the caller is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the caller's business
    embedder = open_embedder(model, models_dir)
    while True:
        try:
            text = questions.recv()
        except EOFError:
            return
        try:
            reply: NDArray[np.float32] | PlankgError = embedder.embed_query(text)
        except PlankgError as exc:
            reply = exc
        questions.send(reply)
