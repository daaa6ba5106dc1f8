"""Checks a prepared model against the engine's own results, through the adapters that run it."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ingest.model_setup.reference import ReferenceCase, load_reference
from kg.adapters.embedding import OnnxEmbedder, SentenceTransformerEmbedder
from kg.errors import ModelMissingError

#: the engine rounds activations to 8 bits, we do not; measured minimum 0.9999
MIN_COSINE_TO_ENGINE = 0.999
#: same weights, same arithmetic
MIN_COSINE_BETWEEN_LIBRARIES = 0.9999

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class CheckResult:
    """How near the prepared model is: the lowest cosine over ``texts`` texts."""

    texts: int
    cosine_to_engine: float
    cosine_between_libraries: float


def check_model(directory: Path) -> CheckResult:
    """Compare token ids and vectors of the ONNX export and of sentence-transformers.

    Raises: ModelMissingError: they differ from the engine's, or the model does not load.
    """
    cases = load_reference()
    wrong = wrong_token_ids(directory, cases)
    if wrong:
        raise _failed(f"{len(wrong)} 段文字的分词与原引擎不同，如“{wrong[0].text[:20]}”")
    onnx = _vectors(OnnxEmbedder(directory), cases)
    to_engine = _lowest_cosine(onnx, np.stack([case.vector for case in cases]))
    if to_engine < MIN_COSINE_TO_ENGINE:
        raise _failed(f"向量与原引擎的余弦只有 {to_engine:.4f}")
    between = _lowest_cosine(onnx, _vectors(SentenceTransformerEmbedder(str(directory)), cases))
    if between < MIN_COSINE_BETWEEN_LIBRARIES:
        raise _failed(f"ONNX 与 sentence-transformers 的向量余弦只有 {between:.5f}")
    result = CheckResult(len(cases), to_engine, between)
    _log.info("model checked: %s", result)
    return result


def wrong_token_ids(directory: Path, cases: Sequence[ReferenceCase]) -> list[ReferenceCase]:
    """The cases that ``tokenizer.json`` cuts otherwise than the engine."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(directory / "tokenizer.json"))
    return [case for case in cases if tuple(tokenizer.encode(case.prompted_text).ids) != case.ids]


def _vectors(
    embedder: OnnxEmbedder | SentenceTransformerEmbedder, cases: Sequence[ReferenceCase]
) -> NDArray[np.float32]:
    passages = iter(embedder.embed_passages([case.text for case in cases if not case.is_query]))
    return np.stack([embedder.embed_query(c.text) if c.is_query else next(passages) for c in cases])


def _lowest_cosine(left: NDArray[np.float32], right: NDArray[np.float32]) -> float:
    norms = np.linalg.norm(left, axis=1) * np.linalg.norm(right, axis=1)
    return float((np.einsum("ij,ij->i", left, right) / norms).min())


def _failed(what: str) -> ModelMissingError:
    return ModelMissingError(
        f"嵌入模型校验未通过：{what}。请确认依赖版本与锁定文件一致（重建 .venv），再运行 make model。"
    )
