"""Embedders: ONNX for the prepared model, sentence-transformers for any other.

Nothing is read and no library is imported before the first text (or ``dimension``) is asked for:
onnxruntime and tokenizers cost under a second, sentence-transformers ten times that.
"""

from __future__ import annotations

import json
import logging
import os
import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, ParamSpec, TypeVar

import numpy as np
from numpy.typing import NDArray

from kg.adapters import sentence_worker
from kg.adapters.sentence_worker import ModelFacts
from kg.errors import ModelMissingError
from kg.ports import Embedder, ProgressCallback

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_P = ParamSpec("_P")
_T = TypeVar("_T")
_log = logging.getLogger(__name__)

ONNX_FILE = Path("onnx") / "model.onnx"
_POOLING_FILE = Path("1_Pooling") / "config.json"
_LABEL = "计算向量"
#: a batch holds at most this many tokens with its padding, about four passages: their activations stay
#: in a core's cache. Ten times as many took 1.7 times as long (docs/embedding-model.md)
_BATCH_TOKENS = 768
#: texts that sentence-transformers gets between two calls of the progress callback
_CHUNK_TEXTS = 128
#: what models call the prompt for texts to be found, in order of preference
_PASSAGE_PROMPTS = ("passage", "document", "corpus")
_HUB_NAME = re.compile(r"[A-Za-z0-9][\w.-]*/[\w.-]+")


def open_embedder(model: str, models_dir: Path) -> Embedder:
    """The embedder for a model: its directory's name in ``models_dir``, a path, or a hub name.

    A directory with an ONNX export that we can run gives an `OnnxEmbedder`, anything else a
    `SentenceTransformerEmbedder`. The model itself is loaded on first use.

    Raises: ModelMissingError: no such directory, and not a hub name (``owner/model``).
    """
    embedder = _choose(model, models_dir)
    return embedder


def _choose(model: str, models_dir: Path) -> OnnxEmbedder | SentenceTransformerEmbedder:
    in_models_dir, by_path = models_dir / model, Path(model).expanduser().resolve()
    for directory, name in ((in_models_dir, model), (by_path, str(by_path))):
        if directory.is_dir():
            if _has_usable_onnx(directory):
                return OnnxEmbedder(directory, name)
            return SentenceTransformerEmbedder(str(directory.resolve()), name)
    if _HUB_NAME.fullmatch(model):
        return SentenceTransformerEmbedder(model)
    raise ModelMissingError(
        f"找不到嵌入模型 {model}（在 {models_dir} 下和路径中都没有）。"
        "请运行 make model 准备默认模型，或检查 PLANKG_EMBEDDING_MODEL。"
    )


class OnnxEmbedder:
    """A sentence-transformers directory with an ONNX export, run by onnxruntime. Thread-safe.

    Texts are cut at the model's limit (512 tokens for the default model). ``name`` tells models
    apart in the index and the vector cache; without one it is the directory.
    Raises (on first use): ModelMissingError: a file is missing or damaged.
    """

    def __init__(self, model_dir: Path, name: str | None = None) -> None:
        """Remember where the model is; nothing is read yet."""
        self.name = name or str(model_dir)
        self._dir = model_dir
        self._lock = threading.Lock()
        self._model: _OnnxModel | None = None

    @cached_property
    def dimension(self) -> int:
        """Length of a vector, from ``config.json``."""
        size = _read_json(self._dir / "config.json").get("hidden_size")
        if not isinstance(size, int):
            raise _damaged(self._dir)
        return size

    def embed_passages(
        self, texts: Sequence[str], on_progress: ProgressCallback | None = None
    ) -> NDArray[np.float32]:
        """Embed texts to be found; see `Embedder`."""
        vectors: NDArray[np.float32] = np.zeros((len(texts), self.dimension), np.float32)
        if not texts:
            return vectors
        model = self._loaded()
        prompt = model.layout.passage_prompt
        ids = [e.ids for e in model.tokenizer.encode_batch([prompt + text for text in texts])]
        done = 0
        for rows in _batches([len(row) for row in ids]):
            vectors[rows] = model.embed([ids[row] for row in rows])
            done += len(rows)
            if on_progress:
                on_progress(done, len(texts), _LABEL)
        return vectors

    def embed_query(self, text: str) -> NDArray[np.float32]:
        """Embed a question; see `Embedder`."""
        model = self._loaded()
        vector: NDArray[np.float32] = model.embed(
            [model.tokenizer.encode(model.layout.query_prompt + text).ids]
        )[0]
        return vector

    def _loaded(self) -> _OnnxModel:
        if self._model is None:
            with self._lock:
                if self._model is None:
                    self._model = _load_onnx(self._dir)
        return self._model


class SentenceTransformerEmbedder:
    """Any model that sentence-transformers loads, by path or hub name. Thread-safe.

    The library runs in a process of its own, which ends with this object: torch's and
    scikit-learn's OpenMP runtimes do not fit into one process with the embedded graph engine
    ("cannot allocate memory in static TLS block"), and a gigabyte goes back when a build is done.
    The process is spawned, so a script needs its ``if __name__ == "__main__"``.

    A path never touches the network. A name is looked for in the local cache first, and on the hub
    only when it is not there and ``HF_HUB_OFFLINE`` is unset. The model's own prompts are used.
    Raises (on first use): ModelMissingError: not on disk and not reachable, or damaged.
    """

    def __init__(self, name_or_path: str, name: str | None = None) -> None:
        """Remember which model; nothing is read or imported yet."""
        self.name = name or name_or_path
        self._source = name_or_path
        self._lock = threading.Lock()
        self._worker: ProcessPoolExecutor | None = None
        self._facts: ModelFacts | None = None

    @cached_property
    def dimension(self) -> int:
        """Length of a vector; loads the model."""
        return self._loaded().dimension

    def embed_passages(
        self, texts: Sequence[str], on_progress: ProgressCallback | None = None
    ) -> NDArray[np.float32]:
        """Embed texts to be found; see `Embedder`."""
        facts = self._loaded()
        vectors: NDArray[np.float32] = np.zeros((len(texts), facts.dimension), np.float32)
        prompt = _passage_prompt(facts.prompts)
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        for start in range(0, len(order), _CHUNK_TEXTS):
            rows = order[start : start + _CHUNK_TEXTS]
            vectors[rows] = self._run(sentence_worker.encode, [texts[row] for row in rows], prompt)
            if on_progress:
                on_progress(start + len(rows), len(texts), _LABEL)
        return vectors

    def embed_query(self, text: str) -> NDArray[np.float32]:
        """Embed a question; see `Embedder`."""
        prompt = self._loaded().prompts.get("query") or ""
        vector: NDArray[np.float32] = self._run(sentence_worker.encode, [text], prompt)[0]
        return vector

    def _loaded(self) -> ModelFacts:
        with self._lock:
            if self._facts is None:
                self._worker = sentence_worker.start()
                try:
                    self._facts = self._run(sentence_worker.load, self._source)
                except OSError as exc:
                    self._worker.shutdown()
                    is_path = Path(self._source).is_dir()
                    raise _damaged(Path(self._source)) if is_path else _unreachable(self._source) from exc
            return self._facts

    def _run(self, task: Callable[_P, _T], *arguments: _P.args, **options: _P.kwargs) -> _T:
        assert self._worker is not None, "loaded before the first task"
        try:
            return self._worker.submit(task, *arguments, **options).result()
        except BrokenProcessPool as exc:
            raise ModelMissingError(
                f"嵌入模型 {self.name} 的计算进程意外退出（多半是内存不足）。请释放内存后重新启动本程序。"
            ) from exc


@dataclass(frozen=True, slots=True)
class _Layout:
    """What the small JSON files of a sentence-transformers directory say."""

    pooling: Literal["mean", "cls"]
    max_tokens: int
    query_prompt: str
    passage_prompt: str


@dataclass(frozen=True, slots=True)
class _OnnxModel:
    """A loaded model. ``session`` is an ``onnxruntime.InferenceSession`` (untyped library)."""

    session: Any
    tokenizer: Tokenizer
    layout: _Layout
    inputs: frozenset[str]
    output: str

    def embed(self, ids: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        """Token ids of texts, any lengths, to L2-normalised (len(ids), dimension)."""
        tokens = np.zeros((len(ids), max(map(len, ids))), np.int64)
        mask = np.zeros_like(tokens)
        for row, text in enumerate(ids):
            tokens[row, : len(text)] = text
            mask[row, : len(text)] = 1
        feed = {"input_ids": tokens, "attention_mask": mask, "token_type_ids": np.zeros_like(tokens)}
        feed = {name: value for name, value in feed.items() if name in self.inputs}
        (hidden,) = self.session.run([self.output], feed)
        if self.layout.pooling == "cls":
            pooled = hidden[:, 0]
        else:
            pooled = np.einsum("bsh,bs->bh", hidden, mask.astype(np.float32))
        # dividing a sum by its count does not change its direction, so the mean needs no division
        norms = np.linalg.norm(pooled, axis=1, keepdims=True)
        result: NDArray[np.float32] = (pooled / np.maximum(norms, 1e-12)).astype(np.float32)
        return result


def _load_onnx(directory: Path) -> _OnnxModel:
    import onnxruntime
    from tokenizers import Tokenizer

    layout = _read_layout(directory)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = _usable_cores()
    # waiting threads sleep: spinning ones take the cores from everything else in the process
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        session = onnxruntime.InferenceSession(
            str(directory / ONNX_FILE), options, providers=["CPUExecutionProvider"]
        )
        tokenizer = Tokenizer.from_file(str(directory / "tokenizer.json"))
    except Exception as exc:  # both libraries raise bare exceptions of their own
        raise _damaged(directory) from exc
    tokenizer.enable_truncation(layout.max_tokens)
    tokenizer.no_padding()
    outputs = [output.name for output in session.get_outputs()]
    known = [name for name in ("last_hidden_state", "token_embeddings") if name in outputs]
    _log.info("embedding model %s loaded: ONNX", directory.name)
    return _OnnxModel(
        session=session,
        tokenizer=tokenizer,
        layout=layout,
        inputs=frozenset(value.name for value in session.get_inputs()),
        output=(known or outputs)[0],
    )


def _usable_cores() -> int:
    """Cores that this process may run on; not every system can tell."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Indices of similar lengths together, longest first; every index once."""
    order = sorted(range(len(lengths)), key=lambda i: -lengths[i])
    while order:
        size = max(1, _BATCH_TOKENS // lengths[order[0]])
        yield order[:size]
        del order[:size]


def _has_usable_onnx(directory: Path) -> bool:
    """Whether the directory has an ONNX export of an encoder with mean or first-token pooling."""
    needed = (ONNX_FILE, Path("tokenizer.json"), Path("modules.json"), _POOLING_FILE)
    if not all((directory / file).is_file() for file in needed):
        return False
    modules = _read_json(directory / "modules.json")
    kinds = [str(module.get("type")).rpartition(".")[2] for module in modules]
    if kinds[:2] != ["Transformer", "Pooling"] or set(kinds[2:]) - {"Normalize"}:
        return False
    return _pooling(directory) is not None


def _pooling(directory: Path) -> Literal["mean", "cls"] | None:
    """The pooling that the directory asks for, or None if it is another one or several."""
    config = _read_json(directory / _POOLING_FILE)
    modes = [key for key, on in config.items() if key.startswith("pooling_mode_") and on is True]
    match config.get("pooling_mode", modes):
        case "mean" | ["pooling_mode_mean_tokens"]:
            return "mean"
        case "cls" | ["pooling_mode_cls_token"]:
            return "cls"
        case _:
            return None


def _read_layout(directory: Path) -> _Layout:
    pooling = _pooling(directory)
    if pooling is None:
        raise _damaged(directory)
    limits = _read_json(directory / "sentence_bert_config.json", default={})
    positions = _read_json(directory / "config.json").get("max_position_embeddings", 512)
    prompts = _read_json(directory / "config_sentence_transformers.json", default={}).get("prompts", {})
    return _Layout(
        pooling=pooling,
        max_tokens=min(limits.get("max_seq_length") or positions, positions),
        query_prompt=prompts.get("query") or "",
        passage_prompt=_passage_prompt(prompts),
    )


def _passage_prompt(prompts: Mapping[str, str | None]) -> str:
    return next((prompt for name in _PASSAGE_PROMPTS if (prompt := prompts.get(name))), "")


def _read_json(path: Path, default: Any = None) -> Any:
    """The content of a JSON file of the model; ``default``, if given, when there is no such file.

    Raises: ModelMissingError: missing without default, or not JSON.
    """
    if default is not None and not path.is_file():
        return default
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as exc:
        raise _damaged(path.parent) from exc


def _damaged(directory: Path) -> ModelMissingError:
    return ModelMissingError(
        f"嵌入模型目录 {directory} 不完整或已损坏。默认模型请运行 make model 重新准备，其他模型请重新下载。"
    )


def _unreachable(name: str) -> ModelMissingError:
    return ModelMissingError(
        f"嵌入模型 {name} 不在本机，也无法从模型库下载。"
        "请检查网络或模型名，或运行 make model 并使用默认模型（删除 PLANKG_EMBEDDING_MODEL）。"
    )
