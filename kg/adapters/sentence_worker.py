"""The process in which sentence-transformers runs: `start` and the tasks that can be given to it."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

#: as fast as 8 and faster than 32, per second of processor time (docs/embedding-model.md)
_BATCH_TEXTS = 16
#: the worker's model; set by `load` in the worker only
_model: SentenceTransformer | None = None


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """What the caller needs to know of a loaded model."""

    dimension: int
    prompts: Mapping[str, str | None]


def start() -> ProcessPoolExecutor:
    """A fresh process for one model; it ends with the executor, or when its parent dies."""
    return ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), initializer=_stay_with_parent)


def load(source: str) -> ModelFacts:
    """Load a model by path or hub name; a task, to be run before `encode`.

    Raises: OSError: not on disk and not reachable, or damaged; says so in the library's words.
    """
    global _model
    from transformers.utils import logging as transformers_logging

    transformers_logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        _model = _open(source)
    except Exception as exc:  # the library raises whatever its layers raise
        raise OSError(f"{type(exc).__name__}: {exc}") from exc
    return ModelFacts(encode([""], "").shape[1], dict(_model.prompts))


def encode(texts: Sequence[str], prompt: str) -> NDArray[np.float32]:
    """Embed texts with a prompt before each; a task. Returns: (len(texts), dim), L2-normalised."""
    assert _model is not None, "load before encode"
    vectors = _model.encode(
        list(texts),
        prompt=prompt,
        batch_size=_BATCH_TEXTS,
        show_progress_bar=False,
        normalize_embeddings=True,
        convert_to_numpy=True,
    )
    return np.asarray(vectors, np.float32)


def _open(source: str) -> SentenceTransformer:
    """From disk (a directory, or the hub's cache) if possible, so that no network is waited for."""
    from sentence_transformers import SentenceTransformer

    try:
        return SentenceTransformer(source, local_files_only=True)
    except Exception:
        offline = os.environ.get("HF_HUB_OFFLINE", "").upper() in {"1", "TRUE", "YES", "ON"}
        if offline or os.path.isdir(source):
            raise
    return SentenceTransformer(source)


def _stay_with_parent() -> None:
    """Die with the parent, even a killed one; leave Ctrl-C to it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_exit_with_parent, daemon=True).start()


def _exit_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
    os._exit(1)
