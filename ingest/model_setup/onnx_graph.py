"""Writes the encoder as ``onnx/model.onnx``: the place where sentence-transformers keeps exports.

The graph is put together by hand from standard operators (opset 20) instead of traced from torch,
for one reason: the embedding table, four fifths of the model, stays in its 4-bit blocks and only the
rows of a text are expanded. The values are exactly those of the float32 model, in 54 MB instead of
384 MB. Weights stand in a file of their own, which onnxruntime maps instead of reading.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ingest.model_setup.weights import BLOCK, EngineWeights

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto, TensorProto

OPSET = 20
#: added to the attention score of a padding position: far below every real score
_MASKED = 1e9


def write_onnx(weights: EngineWeights, directory: Path) -> None:
    """Write ``model.onnx`` and ``model.onnx_data``.

    Inputs ``input_ids`` and ``attention_mask``: int64 (batch, sequence), sequence at most
    `ModelShape.max_positions`. Output ``last_hidden_state``: float32 (batch, sequence, hidden).
    """
    import onnx

    directory.mkdir(parents=True, exist_ok=True)
    onnx.save(
        _Encoder(weights).build(),
        str(directory / "model.onnx"),
        save_as_external_data=True,
        all_tensors_to_one_file=True,
        location="model.onnx_data",
    )


class _Encoder:
    """Collects nodes and weights; every method returns the name of the value it adds."""

    def __init__(self, weights: EngineWeights) -> None:
        self.weights = weights
        self.shape = weights.shape
        self.nodes: list[NodeProto] = []
        self.initializers: dict[str, TensorProto] = {}

    def build(self) -> ModelProto:
        """The whole model."""
        from onnx import TensorProto, helper

        hidden = self._normalized(self._embeddings(), "emb.ln", "emb")
        bias = self._attention_bias()
        for layer in range(self.shape.layers):
            hidden = self._layer(hidden, bias, f"l{layer}")
        self._add("Identity", [hidden], "last_hidden_state")
        axes = ["batch", "sequence"]
        inputs = [
            helper.make_tensor_value_info(name, TensorProto.INT64, axes)
            for name in ("input_ids", "attention_mask")
        ]
        output = helper.make_tensor_value_info(
            "last_hidden_state", TensorProto.FLOAT, [*axes, self.shape.hidden]
        )
        graph = helper.make_graph(
            self.nodes, "encoder", inputs, [output], initializer=list(self.initializers.values())
        )
        return helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=9, producer_name="plankg"
        )

    def _add(self, operator: str, inputs: Sequence[str], name: str, **attributes: Any) -> str:
        from onnx import helper

        self.nodes.append(helper.make_node(operator, list(inputs), [name], name=name, **attributes))
        return name

    def _constant(self, name: str, value: NDArray[Any]) -> str:
        from onnx import numpy_helper

        if name not in self.initializers:
            self.initializers[name] = numpy_helper.from_array(np.ascontiguousarray(value), name)
        return name

    def _sizes(self, *sizes: int) -> str:
        """A shape or axes constant; 0 keeps the size of the input."""
        return self._constant("sizes_" + "_".join(map(str, sizes)), np.array(sizes, np.int64))

    def _embeddings(self) -> str:
        """Word (expanded from its 4-bit blocks), position and type 0: (batch, sequence, hidden)."""
        from onnx import TensorProto

        table, hidden = self.weights.matrices["emb.word"], self.shape.hidden
        self._add("Gather", [self._constant("word.nibbles", table.nibbles), "input_ids"], "packed_rows")
        blocks = self._sizes(0, 0, hidden // BLOCK, BLOCK // 2)
        packed = self._add("Reshape", ["packed_rows", blocks], "packed")
        low = self._add("BitwiseAnd", [packed, self._constant("low_half", np.array(15, np.uint8))], "low")
        shift = self._constant("half_width", np.array(4, np.uint8))
        high = self._add("BitShift", [packed, shift], "high", direction="RIGHT")
        self._add("Concat", [low, high], "nibbles", axis=3)
        self._add("Cast", ["nibbles"], "nibbles_float", to=TensorProto.FLOAT)
        self._add("Sub", ["nibbles_float", self._constant("offset", np.array(8, np.float32))], "steps")
        self._add("Gather", [self._constant("word.scales", table.scales), "input_ids"], "scales_half")
        self._add("Cast", ["scales_half"], "scales_float", to=TensorProto.FLOAT)
        self._add("Unsqueeze", ["scales_float", self._sizes(3)], "scales")
        self._add("Mul", ["steps", "scales"], "word_blocks")
        words = self._add("Reshape", ["word_blocks", self._sizes(0, 0, hidden)], "words")
        vectors = self.weights.vectors
        positions = vectors["emb.pos"].reshape(-1, hidden) + vectors["emb.type"][:hidden]
        length = self._add("Shape", ["input_ids"], "length", start=1, end=2)
        start = self._sizes(0)
        rows = [self._constant("positions", positions), start, length, start]
        return self._add("Add", [words, self._add("Slice", rows, "position_rows")], "emb.sum")

    def _attention_bias(self) -> str:
        """0 at real tokens and a large negative number at padding: (batch, 1, 1, sequence)."""
        from onnx import TensorProto

        self._add("Cast", ["attention_mask"], "mask_float", to=TensorProto.FLOAT)
        self._add("Sub", ["mask_float", self._constant("one", np.array(1, np.float32))], "mask_minus_one")
        large = self._constant("masked", np.array(_MASKED, np.float32))
        self._add("Mul", ["mask_minus_one", large], "mask_bias")
        return self._add("Unsqueeze", ["mask_bias", self._sizes(1, 2)], "attention_bias")

    def _layer(self, hidden: str, bias: str, name: str) -> str:
        """One encoder layer: (batch, sequence, hidden) to the same."""
        context = self._attention(hidden, bias, name)
        attended = self._dense(context, f"{name}.ao")
        self._add("Add", [attended, hidden], f"{name}.attention_residual")
        middle = self._normalized(f"{name}.attention_residual", f"{name}.aln", f"{name}.attention")
        self._add("Gelu", [self._dense(middle, f"{name}.fi")], f"{name}.gelu")
        self._add("Add", [self._dense(f"{name}.gelu", f"{name}.fo"), middle], f"{name}.output_residual")
        return self._normalized(f"{name}.output_residual", f"{name}.oln", f"{name}.output")

    def _attention(self, hidden: str, bias: str, name: str) -> str:
        """Self-attention before its output projection: (batch, sequence, hidden)."""
        size = self.shape.hidden // self.shape.heads
        heads = self._sizes(0, 0, self.shape.heads, size)
        # keys come transposed for the product; 1/sqrt(size) is folded into the queries' weights
        orders = {"q": [0, 2, 1, 3], "k": [0, 2, 3, 1], "v": [0, 2, 1, 3]}
        for part, order in orders.items():
            scale = size**-0.5 if part == "q" else 1.0
            flat = self._dense(hidden, f"{name}.{part}", scale)
            split = self._add("Reshape", [flat, heads], f"{name}.{part}.split")
            self._add("Transpose", [split], f"{name}.{part}.heads", perm=order)
        self._add("MatMul", [f"{name}.q.heads", f"{name}.k.heads"], f"{name}.scores")
        self._add("Add", [f"{name}.scores", bias], f"{name}.masked_scores")
        self._add("Softmax", [f"{name}.masked_scores"], f"{name}.probabilities", axis=-1)
        self._add("MatMul", [f"{name}.probabilities", f"{name}.v.heads"], f"{name}.context.heads")
        self._add("Transpose", [f"{name}.context.heads"], f"{name}.context.split", perm=[0, 2, 1, 3])
        joined = self._sizes(0, 0, self.shape.hidden)
        return self._add("Reshape", [f"{name}.context.split", joined], f"{name}.context")

    def _dense(self, value: str, name: str, scale: float = 1.0) -> str:
        """``value @ W.T + b``, both times ``scale``."""
        factor = np.float32(scale)
        matrix = self.weights.matrices[f"{name}.w"].dequantized().T * factor
        bias = self.weights.vectors[f"{name}.b"] * factor
        product = self._add("MatMul", [value, self._constant(f"{name}.weight", matrix)], f"{name}.product")
        return self._add("Add", [product, self._constant(f"{name}.bias", bias)], f"{name}.sum")

    def _normalized(self, value: str, name: str, output: str) -> str:
        """Layer normalisation over the last axis."""
        vectors = self.weights.vectors
        weight = self._constant(f"{name}.weight", vectors[f"{name}.w"])
        bias = self._constant(f"{name}.bias", vectors[f"{name}.b"])
        epsilon = self.shape.layer_norm_eps
        return self._add("LayerNormalization", [value, weight, bias], output, axis=-1, epsilon=epsilon)
