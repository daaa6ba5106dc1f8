"""What every embedder promises (`kg.ports.Embedder`), on the real default model."""

from __future__ import annotations

import json
import multiprocessing
import shutil
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from ingest.model_setup import MODEL_NAME, is_prepared
from ingest.model_setup.reference import load_reference
from kg.adapters.embedder_process import ProcessEmbedder, open_single_question_embedder
from kg.adapters.embedding import OnnxEmbedder, SentenceTransformerEmbedder, open_embedder
from kg.errors import ModelMissingError
from kg.settings import PROJECT_ROOT, load_settings

AnyEmbedder = OnnxEmbedder | SentenceTransformerEmbedder | ProcessEmbedder
BIG_FILES = ("model.safetensors", "model.onnx_data")


@pytest.fixture(scope="session")
def model_dir() -> Path:
    directory = load_settings().models_dir / MODEL_NAME
    if not is_prepared(directory):
        pytest.skip(f"{directory} is not prepared: run `make model`")
    return directory


@pytest.fixture(scope="session")
def onnx(model_dir: Path) -> OnnxEmbedder:
    return OnnxEmbedder(model_dir)


@pytest.fixture(scope="session")
def sentence_transformer(model_dir: Path) -> SentenceTransformerEmbedder:
    return SentenceTransformerEmbedder(str(model_dir))


@pytest.fixture(scope="session")
def in_process(model_dir: Path) -> ProcessEmbedder:
    made = open_single_question_embedder(model_dir.name, model_dir.parent)
    assert isinstance(made, ProcessEmbedder)
    return made


@pytest.fixture(params=["onnx", "sentence_transformer", "in_process"])
def embedder(request: pytest.FixtureRequest) -> AnyEmbedder:
    made: AnyEmbedder = request.getfixturevalue(request.param)
    return made


def cosines(left: NDArray[np.float32], right: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.sum(left * right, axis=1) / (np.linalg.norm(left, axis=1) * np.linalg.norm(right, axis=1))


def test_rows_are_normalised_float32_of_the_stated_dimension(embedder: AnyEmbedder) -> None:
    vectors = embedder.embed_passages(["森林覆盖率达到42%。", "一", ""])
    assert vectors.shape == (3, embedder.dimension) == (3, 384)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)


def test_a_question_gives_one_normalised_vector(embedder: AnyEmbedder) -> None:
    vector = embedder.embed_query("森林覆盖率的目标是多少？")
    assert vector.shape == (384,)
    assert vector.dtype == np.float32
    assert np.linalg.norm(vector) == pytest.approx(1.0, abs=1e-5)


def test_no_texts_give_no_rows(embedder: AnyEmbedder) -> None:
    assert embedder.embed_passages([]).shape == (0, embedder.dimension)


def test_rows_stand_in_the_order_of_the_texts_whatever_their_lengths(embedder: AnyEmbedder) -> None:
    texts = [f"第{i}项。" + "推进基础设施建设，" * (i * 7 % 11) for i in range(40)]
    together = embedder.embed_passages(texts)
    alone = np.concatenate([embedder.embed_passages([text]) for text in texts])
    assert cosines(together, alone).min() > 0.9999


def test_progress_rises_to_the_number_of_texts(embedder: AnyEmbedder) -> None:
    calls: list[tuple[int, int]] = []
    texts = [f"第{i}条" for i in range(150)]
    embedder.embed_passages(texts, lambda done, total, label: calls.append((done, total)))
    assert len(calls) > 1
    assert [done for done, _ in calls] == sorted({done for done, _ in calls})
    assert calls[-1] == (150, 150)


def test_text_past_the_limit_of_512_tokens_does_not_count(embedder: AnyEmbedder) -> None:
    start = "建设高标准农田，完善灌溉设施，推广节水技术。" * 200
    vectors = embedder.embed_passages([start + "甲" * 3000, start + "完全不同的结尾" * 500, start[:300]])
    assert np.isfinite(vectors).all()
    assert np.allclose(vectors[0], vectors[1], atol=1e-5)
    assert not np.allclose(vectors[0], vectors[2], atol=1e-3)


def test_questions_and_passages_are_told_apart(embedder: AnyEmbedder) -> None:
    text = "森林覆盖率"
    assert embedder.embed_query(text) @ embedder.embed_passages([text])[0] < 0.999


def test_a_question_is_nearest_to_the_passage_that_answers_it(embedder: AnyEmbedder) -> None:
    passages = [
        "城镇登记失业率控制在4.5%以内，新增就业岗位1.2万个。",
        "新建污水处理厂两座，城镇污水集中处理率达到98%。",
        "森林覆盖率达到42%，新增造林面积10万亩。",
        "每千人口执业医师数达到3.2人，建成县级医疗集团。",
    ]
    scores = embedder.embed_passages(passages) @ embedder.embed_query("要种多少亩树？")
    assert int(scores.argmax()) == 2


def test_many_threads_get_what_one_gets(embedder: AnyEmbedder) -> None:
    questions = [f"第{i}个项目的总投资是多少？" + "请说明。" * (i % 5) for i in range(24)]
    expected = np.stack([embedder.embed_query(question) for question in questions])
    with ThreadPoolExecutor(6) as pool:
        found = np.stack(list(pool.map(embedder.embed_query, questions)))
    assert cosines(found, expected).min() > 0.9999


def test_vectors_are_the_engines_own(embedder: AnyEmbedder) -> None:
    cases = load_reference()
    passages = [case for case in cases if not case.is_query]
    questions = [case for case in cases if case.is_query]
    assert len(cases) >= 50
    found = np.concatenate(
        [
            embedder.embed_passages([case.text for case in passages]),
            np.stack([embedder.embed_query(case.text) for case in questions]),
        ]
    )
    assert cosines(found, np.stack([case.vector for case in passages + questions])).min() >= 0.999


def test_both_libraries_give_the_same_vectors(
    onnx: OnnxEmbedder, sentence_transformer: SentenceTransformerEmbedder
) -> None:
    texts = [case.text for case in load_reference()] + ["加强组织领导，明确责任分工。" * 100]
    found = cosines(onnx.embed_passages(texts), sentence_transformer.embed_passages(texts))
    assert found.min() >= 0.9999


def test_the_default_model_opens_with_onnx(model_dir: Path) -> None:
    embedder = open_embedder(MODEL_NAME, model_dir.parent)
    assert isinstance(embedder, OnnxEmbedder)
    assert embedder.name == MODEL_NAME


def test_a_path_opens_the_model_that_stands_there(model_dir: Path, tmp_path: Path) -> None:
    embedder = open_embedder(str(model_dir), tmp_path)
    assert isinstance(embedder, OnnxEmbedder)
    # another directory of the same name may hold another model
    assert embedder.name == str(model_dir.resolve())


@pytest.mark.parametrize("model", ["no-such-model", "./no/such/path", "/no/such/path"])
def test_a_model_that_is_not_there_is_one_line_that_names_the_remedy(model: str, tmp_path: Path) -> None:
    with pytest.raises(ModelMissingError) as caught:
        open_embedder(model, tmp_path)
    assert "make model" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_hub_name_without_a_hub_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    embedder = open_embedder("no-such-owner/no-such-model", tmp_path)
    with pytest.raises(ModelMissingError, match="no-such-owner/no-such-model") as caught:
        embedder.embed_query("问题")
    assert "\n" not in str(caught.value)


@pytest.fixture
def small_copy(model_dir: Path, tmp_path: Path) -> Path:
    """The model's directory with the first kilobyte of its two big files."""
    target = tmp_path / "copy"
    shutil.copytree(model_dir, target, ignore=shutil.ignore_patterns(*BIG_FILES))
    for relative in ("model.safetensors", "onnx/model.onnx_data"):
        with (model_dir / relative).open("rb") as file:
            (target / relative).write_bytes(file.read(1024))
    return target


def test_cut_weights_are_reported_as_a_damaged_model(small_copy: Path) -> None:
    for embedder in (OnnxEmbedder(small_copy), SentenceTransformerEmbedder(str(small_copy))):
        with pytest.raises(ModelMissingError, match="已损坏"):
            embedder.embed_query("问题")


@pytest.mark.parametrize(
    "file", ["onnx/model.onnx", "tokenizer.json", "1_Pooling/config.json", "config.json"]
)
def test_a_garbled_file_is_reported_as_a_damaged_model(small_copy: Path, file: str) -> None:
    (small_copy / file).write_bytes(b"\x00\xff not what it was")
    with pytest.raises(ModelMissingError, match="已损坏"):
        OnnxEmbedder(small_copy).embed_query("问题")


def test_a_configuration_without_a_size_is_reported_as_a_damaged_model(small_copy: Path) -> None:
    (small_copy / "config.json").write_text("{}")
    with pytest.raises(ModelMissingError, match="已损坏"):
        OnnxEmbedder(small_copy).embed_passages(["一"])


def test_an_empty_directory_is_reported_as_a_damaged_model(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(ModelMissingError, match="已损坏"):
        open_embedder("empty", tmp_path).embed_query("问题")


def test_what_onnx_cannot_stand_for_opens_with_sentence_transformers(small_copy: Path) -> None:
    def opened() -> str:
        return type(open_embedder("copy", small_copy.parent)).__name__

    assert opened() == "OnnxEmbedder"
    pooling = small_copy / "1_Pooling" / "config.json"
    pooling.write_text('{"pooling_mode_mean_tokens": true, "pooling_mode_max_tokens": true}')
    assert opened() == "SentenceTransformerEmbedder"
    pooling.write_text('{"pooling_mode": "cls"}')
    assert opened() == "OnnxEmbedder"
    (small_copy / "onnx" / "model.onnx").unlink()
    assert opened() == "SentenceTransformerEmbedder"


@pytest.mark.parametrize(("pooling", "expected"), [("cls", [0.0, 1.0]), ("mean", [0.6, 0.8])])
def test_pooling_and_inputs_follow_the_model(tmp_path: Path, pooling: str, expected: list[float]) -> None:
    """A two-dimensional model: ``[CLS]`` is (0, 1), ``水`` is (3, 3); the mean points to (3, 4)."""
    write_tiny_model(tmp_path / "tiny", pooling)
    embedder = open_embedder("tiny", tmp_path)
    assert isinstance(embedder, OnnxEmbedder)
    assert embedder.dimension == 2
    # the second text is longer, so the first one is padded
    assert np.allclose(embedder.embed_passages(["水", "水 水 水"])[0], expected, atol=1e-6)


def write_tiny_model(directory: Path, pooling: str) -> None:
    from onnx import TensorProto, helper, numpy_helper, save
    from tokenizers import Tokenizer, models, pre_tokenizers, processors

    (directory / "onnx").mkdir(parents=True)
    (directory / "1_Pooling").mkdir()
    table = numpy_helper.from_array(np.array([[9, 9], [0, 1], [3, 3]], np.float32), "table")
    names = ("input_ids", "attention_mask", "token_type_ids")
    nodes = [
        # types are all 0, so the sum leaves the ids as they are
        helper.make_node("Add", ["input_ids", "token_type_ids"], ["rows"]),
        helper.make_node("Gather", ["table", "rows"], ["last_hidden_state"]),
    ]
    inputs = [helper.make_tensor_value_info(name, TensorProto.INT64, ["b", "s"]) for name in names]
    output = helper.make_tensor_value_info("last_hidden_state", TensorProto.FLOAT, ["b", "s", 2])
    graph = helper.make_graph(nodes, "tiny", inputs, [output], [table])
    opset = [helper.make_opsetid("", 20)]
    save(helper.make_model(graph, opset_imports=opset, ir_version=9), str(directory / "onnx" / "model.onnx"))
    tokenizer = Tokenizer(models.WordLevel({"[PAD]": 0, "[CLS]": 1, "水": 2}, unk_token="[PAD]"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer.post_processor = processors.TemplateProcessing("[CLS] $A", special_tokens=[("[CLS]", 1)])
    tokenizer.save(str(directory / "tokenizer.json"))
    kinds = {"": "Transformer", "1_Pooling": "Pooling"}
    modules = [{"path": path, "type": f"sentence_transformers.models.{kind}"} for path, kind in kinds.items()]
    (directory / "modules.json").write_text(json.dumps(modules))
    (directory / "config.json").write_text('{"hidden_size": 2, "max_position_embeddings": 16}')
    (directory / "1_Pooling" / "config.json").write_text(json.dumps({"pooling_mode": pooling}))


def modules_after(program: str) -> set[str]:
    """Which of the heavy libraries a fresh interpreter has imported after running a program."""
    heavy = ["onnxruntime", "tokenizers", "sentence_transformers", "transformers", "torch"]
    report = f"\nimport sys; print(*(m for m in {heavy} if m in sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", program + report], cwd=PROJECT_ROOT, capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


def test_opening_an_embedder_imports_no_heavy_library(model_dir: Path) -> None:
    program = f"""
from pathlib import Path
from kg.adapters.embedding import SentenceTransformerEmbedder, open_embedder
print(open_embedder({MODEL_NAME!r}, Path({str(model_dir.parent)!r})).dimension, file=__import__("sys").stderr)
SentenceTransformerEmbedder("owner/name")
"""
    assert modules_after(program) == set()


def test_a_question_is_embedded_without_torch(model_dir: Path) -> None:
    program = f"""
from pathlib import Path
from kg.adapters.embedding import OnnxEmbedder
OnnxEmbedder(Path({str(model_dir)!r})).embed_query("问题")
"""
    assert modules_after(program) == {"onnxruntime", "tokenizers"}


def test_the_worker_dies_with_a_killed_parent() -> None:
    program = """
import os, signal
from kg.adapters import sentence_worker
print(sentence_worker.start().submit(os.getpid).result(), flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
    # the worker holds the pipe, so the end of file, which run() waits for, comes when it is gone
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=PROJECT_ROOT, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == -signal.SIGKILL
    assert int(done.stdout) > 0


def test_a_process_of_its_own_gives_the_same_vector(onnx: OnnxEmbedder, in_process: ProcessEmbedder) -> None:
    question = "森林覆盖率的目标是多少？"
    assert np.array_equal(in_process.embed_query(question), onnx.embed_query(question))


def test_a_question_is_embedded_though_the_process_was_killed(model_dir: Path) -> None:
    others = set(multiprocessing.active_children())
    embedder = open_single_question_embedder(model_dir.name, model_dir.parent)
    before = embedder.embed_query("水")
    (child,) = set(multiprocessing.active_children()) - others
    child.kill()
    child.join()
    assert np.array_equal(embedder.embed_query("水"), before)


def test_the_process_ends_with_its_embedder(model_dir: Path) -> None:
    others = set(multiprocessing.active_children())
    embedder = open_single_question_embedder(model_dir.name, model_dir.parent)
    embedder.embed_query("水")
    (child,) = set(multiprocessing.active_children()) - others
    del embedder
    child.join(60)
    assert child.exitcode == 0


def test_what_is_wrong_with_the_model_comes_back_from_the_process(model_dir: Path, tmp_path: Path) -> None:
    copy = tmp_path / "model"
    shutil.copytree(model_dir, copy, ignore=shutil.ignore_patterns(*BIG_FILES))
    (copy / "onnx" / "model.onnx").write_bytes(b"\x00" * 10)
    with pytest.raises(ModelMissingError, match="损坏"):
        open_single_question_embedder("model", tmp_path).embed_query("水")
