"""Whatever is wrong is said in one line that tells what to do, and what was built before is kept."""

from __future__ import annotations

import json
import shutil
import socket
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from ingest.pipeline import build, has_usable_state
from kg.errors import StateError
from kg.settings import DEFAULT_MODEL
from qa.service import QuestionService
from tests.conftest import SMALL_PLAN, settings_for
from tests.e2e.cli import (
    SMALL_ANSWER,
    SMALL_QUESTION,
    CommandLine,
    contents,
    current_build,
    small_state,
    write_questions,
)

GOOD_LINE = json.dumps({"id": "1", "question": SMALL_QUESTION}, ensure_ascii=False)


@pytest.fixture
def small(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, models_dir: Path) -> CommandLine:
    """The command line on a built state of its own."""
    return small_state(tmp_path_factory, models_dir, tmp_path / "home")


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory, models_dir: Path) -> CommandLine:
    """The command line on a built state that all tests share, because none may change it."""
    return small_state(tmp_path_factory, models_dir, tmp_path_factory.mktemp("kept") / "home")


@pytest.fixture
def closed_port() -> int:
    """A port that nobody listens on."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        return int(server.getsockname()[1])


# -- plan files


def _gbk(path: Path) -> None:
    path.write_bytes(SMALL_PLAN.encode("gbk"))


BAD_PLANS: dict[str, tuple[Callable[[Path], object], tuple[str, ...]]] = {
    "missing": (lambda path: None, ("找不到文件", "请检查路径")),
    "directory": (Path.mkdir, ("是目录", "请")),
    "empty": (Path.touch, ("空文件", "请")),
    "blank": (lambda path: path.write_text(" \n\t\u3000\r\n\n", "utf-8"), ("空", "请")),
    "gbk": (_gbk, ("不是 UTF-8", "GBK", "iconv")),
    "utf-16": (lambda path: path.write_text(SMALL_PLAN, "utf-16"), ("请先另存为 UTF-8",)),
    "binary": (lambda path: path.write_bytes(bytes(range(256)) * 20), ("二进制", "UTF-8")),
    "damaged": (lambda path: path.write_bytes(SMALL_PLAN.encode()[:-20] + b"\xe5\xe5"), ("不是 UTF-8", "请")),
    "no headings": (lambda path: path.write_text("今天天气很好。\n" * 40, "utf-8"), ("章", "请")),
}


@pytest.mark.parametrize("kind", BAD_PLANS)
def test_an_unusable_plan_is_named_and_the_state_kept(kept: CommandLine, tmp_path: Path, kind: str) -> None:
    make, words = BAD_PLANS[kind]
    path = tmp_path / "坏的规划.txt"
    make(path)
    before = contents(kept.home)
    kept.run("build", path).refusal(*words)
    assert contents(kept.home) == before


def test_one_unusable_plan_among_good_ones_stops_the_build(
    small: CommandLine, small_plan: Path, tmp_path: Path
) -> None:
    before = contents(small.home)
    small.run("build", small_plan, tmp_path / "missing.txt").refusal("找不到文件", "missing.txt")
    (tmp_path / "other").mkdir()
    twin = shutil.copy(small_plan, tmp_path / "other")
    small.run("build", small_plan, twin).refusal("同名", "请改名")
    assert contents(small.home) == before
    assert SMALL_ANSWER in small.run("ask", SMALL_QUESTION).ok()


def test_nothing_is_left_behind_where_nothing_was_built(tmp_path: Path, models_dir: Path) -> None:
    command = CommandLine(tmp_path / "home", models_dir)
    command.run("build", tmp_path / "missing.txt").refusal("找不到文件")
    assert not command.home.exists()


# -- state directories


def _truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _other_format(path: Path) -> None:
    data = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps({**data, "format": 99}), "utf-8")


#: what happens to a state, given its home and its current build
DAMAGES: dict[str, Callable[[Path, Path], object]] = {
    "current.json is no JSON": lambda home, build: (home / "current.json").write_text("{", "utf-8"),
    "current.json is no map": lambda home, build: (home / "current.json").write_text("[]", "utf-8"),
    "current.json is binary": lambda home, build: (home / "current.json").write_bytes(b"\xff\x00"),
    "the build is gone": lambda home, build: shutil.rmtree(build),
    "manifest is no JSON": lambda home, build: (build / "manifest.json").write_text("x", "utf-8"),
    "manifest is no map": lambda home, build: (build / "manifest.json").write_text("[]", "utf-8"),
    "manifest of another version": lambda home, build: _other_format(build / "manifest.json"),
    "graph cut off": lambda home, build: _truncate(build / "graph.kgl"),
    "graph gone": lambda home, build: (build / "graph.kgl").unlink(),
    "words cut off": lambda home, build: _truncate(build / "lexical" / "words" / "data.csc.index.npy"),
    "ids are no JSON": lambda home, build: (build / "lexical" / "ids.json").write_text("[", "utf-8"),
    "vectors damaged": lambda home, build: (build / "chroma" / "chroma.sqlite3").write_bytes(b"x" * 5000),
    "vectors gone": lambda home, build: shutil.rmtree(build / "chroma"),
    "plan text gone": lambda home, build: next((build / "plans").glob("*.txt")).unlink(),
    "plan text cut off": lambda home, build: _truncate(next((build / "plans").glob("*.txt"))),
    "passages gone": lambda home, build: (build / "passages.jsonl").unlink(),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_state_says_so_and_a_build_repairs_it(
    small: CommandLine, small_plan: Path, models_dir: Path, damage: str
) -> None:
    settings = settings_for(small.home, models_dir)
    assert has_usable_state(settings)
    DAMAGES[damage](small.home, current_build(small.home))
    before = contents(small.home)
    with closing(QuestionService(settings)) as service:
        with pytest.raises(StateError, match="plankg build"):
            service.ask(SMALL_QUESTION)
        assert contents(small.home) == before  # asking does not make it worse
        assert not has_usable_state(settings)
        assert not build([small_plan], settings).unchanged
        assert SMALL_ANSWER in service.ask(SMALL_QUESTION).answer


@pytest.mark.parametrize(
    "damage",
    [
        "current.json is no JSON", "manifest is no JSON", "manifest of another version", "graph cut off",
        "words cut off", "vectors damaged", "plan text gone",
    ],
)  # fmt: skip
def test_a_damaged_state_is_named_on_the_command_line(small: CommandLine, damage: str) -> None:
    DAMAGES[damage](small.home, current_build(small.home))
    line = small.run("ask", SMALL_QUESTION).refusal("请", "plankg build")
    assert "版本" in line or "损坏" in line


def test_damaged_parts_are_rebuilt_from_the_command_line(small: CommandLine, tmp_path: Path) -> None:
    plan = tmp_path / "small-plan.txt"
    plan.write_text(SMALL_PLAN, "utf-8")
    (small.home / "vectors.sqlite").write_bytes(b"no database")
    _truncate(current_build(small.home) / "graph.kgl")
    assert "建库完成" in small.run("build", plan).ok()
    assert SMALL_ANSWER in small.run("ask", SMALL_QUESTION).ok()


def test_a_state_directory_that_is_a_file_is_refused(
    tmp_path: Path, models_dir: Path, small_plan: Path
) -> None:
    (tmp_path / "home").write_text("mine", "utf-8")
    command = CommandLine(tmp_path / "home", models_dir)
    command.run("build", small_plan).refusal("PLANKG_HOME", "请")
    assert (tmp_path / "home").read_text("utf-8") == "mine"


# -- models and servers


def test_a_missing_model_says_how_to_get_it(kept: CommandLine, small_plan: Path, tmp_path: Path) -> None:
    before = contents(kept.home)
    without = kept.with_variables(PLANKG_MODELS=str(tmp_path))
    without.run("ask", SMALL_QUESTION).refusal(DEFAULT_MODEL, "make model")
    without.run("build", small_plan).refusal(DEFAULT_MODEL, "make model")
    assert contents(kept.home) == before


def test_a_damaged_model_says_how_to_get_it(
    kept: CommandLine, models_dir: Path, small_plan: Path, tmp_path: Path
) -> None:
    before = contents(kept.home)
    models = tmp_path / "models"
    damaged = link_model(models_dir / DEFAULT_MODEL, models / DEFAULT_MODEL)
    (damaged / "onnx" / "model.onnx").unlink()
    (damaged / "onnx" / "model.onnx").write_bytes(b"cut off")
    broken = kept.with_variables(PLANKG_MODELS=str(models))
    broken.run("ask", SMALL_QUESTION).refusal("损坏", "make model")
    (tmp_path / "changed.txt").write_text(SMALL_PLAN.replace("120亿元", "130亿元"), "utf-8")
    broken.run("build", tmp_path / "changed.txt").refusal("损坏", "make model")
    assert contents(kept.home) == before


def test_another_model_than_the_state_was_built_with_is_noticed(
    small: CommandLine, models_dir: Path, small_plan: Path, tmp_path: Path
) -> None:
    link_model(models_dir / DEFAULT_MODEL, tmp_path / "models" / "another-model")
    other = small.with_variables(
        PLANKG_MODELS=str(tmp_path / "models"), PLANKG_EMBEDDING_MODEL="another-model"
    )
    other.run("ask", SMALL_QUESTION).refusal(DEFAULT_MODEL, "another-model", "plankg build")
    assert "建库完成" in other.run("build", small_plan).ok()
    assert SMALL_ANSWER in other.run("ask", SMALL_QUESTION).ok()


def link_model(source: Path, target: Path) -> Path:
    """A model directory whose files are links, so that one of them can be replaced."""
    shutil.copytree(source, target, copy_function=lambda file, link: Path(link).symlink_to(file))
    return target


@pytest.mark.parametrize("scheme", ["bolt", "neo4j"])
def test_an_unreachable_neo4j_is_named(
    kept: CommandLine, small_plan: Path, closed_port: int, scheme: str
) -> None:
    before = contents(kept.home)
    uri = f"{scheme}://127.0.0.1:{closed_port}"
    away = kept.with_variables(NEO4J_URI=uri, NEO4J_PASSWORD="secret")
    for command in (["ask", SMALL_QUESTION], ["build", str(small_plan)], ["cypher", "RETURN 1 AS x"]):
        line = away.run(*command).refusal(uri, "请检查", "NEO4J_URI")
        assert "secret" not in line
    assert contents(kept.home) == before


def test_an_unusable_neo4j_address_is_named(kept: CommandLine) -> None:
    away = kept.with_variables(NEO4J_URI="http://127.0.0.1:7474")
    away.run("ask", SMALL_QUESTION).refusal("NEO4J_URI", "bolt://")


def test_an_unreachable_chroma_server_is_named(
    kept: CommandLine, small_plan: Path, closed_port: int
) -> None:
    before = contents(kept.home)
    away = kept.with_variables(CHROMA_HOST="127.0.0.1", CHROMA_PORT=str(closed_port))
    for command in (["ask", SMALL_QUESTION], ["build", str(small_plan)]):
        away.run(*command).refusal(f"127.0.0.1:{closed_port}", "CHROMA_HOST")
    assert contents(kept.home) == before


def test_a_port_in_use_is_named(kept: CommandLine) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = str(taken.getsockname()[1])
        kept.run("serve", "--port", port).refusal(port, "请", "PLANKG_SERVER_PORT")


# -- commands and options


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], ("缺少参数", "命令")),
        (["frobnicate"], ("frobnicate", "build")),
        (["--frobnicate", "stats"], ("不认识的参数 --frobnicate",)),
        (["ask", "--frobnicate", SMALL_QUESTION], ("不认识的参数 --frobnicate",)),
        (["stats", "surplus"], ("不认识的参数 surplus",)),
        (["cypher"], ("缺少参数", "语句")),
        (["eval"], ("缺少参数", "问题集")),
        (["export", "directory"], ("缺少参数", "--format")),
        (["export", "--format", "csv"], ("缺少参数", "目录")),
        (["export", "--format", "docx", "directory"], ("docx", "graphml")),
        (["ask", "--batch"], ("--batch", "需要一个值")),
        (["cypher", "RETURN 1", "--limit", "many"], ("--limit", "应为整数")),
        (["serve", "--port", "99999"], ("--port", "1 到 65535")),
        (["serve", "--port", "http"], ("--port", "1 到 65535")),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wrong_usage_is_explained(kept: CommandLine, arguments: list[str], words: tuple[str, ...]) -> None:
    kept.run(*arguments).refusal(*words, "plankg --help", code=2)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["ask"], ("请给出一个问题",)),
        (["ask", ""], ("请给出一个问题",)),
        (["ask", " \u3000\n"], ("问题是空的", "请输入")),
        (["ask", SMALL_QUESTION, "--batch", "questions.jsonl"], ("二者选一",)),
        (["ask", "--batch", "questions.jsonl"], ("--out",)),
        (["cypher", "RETURN 1", "--limit", "0"], ("--limit", "正整数")),
        (["cypher", "MATCH (n:Box) RETURN nosuchfunction(n)"], ("Cypher", "请检查语句")),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_an_unusable_request_is_explained(
    kept: CommandLine, arguments: list[str], words: tuple[str, ...]
) -> None:
    kept.run(*arguments).refusal(*words)


def test_a_question_in_another_encoding_is_explained(kept: CommandLine) -> None:
    # what Python makes of bytes on its command line that are not UTF-8
    question = SMALL_QUESTION.encode("gbk").decode("utf-8", "surrogateescape")
    kept.run("ask", question).refusal("不是有效的 UTF-8", "请检查")


# -- question files and outputs

BAD_QUESTIONS: dict[str, tuple[bytes | None, tuple[str, ...]]] = {
    "missing": (None, ("找不到问题文件", "请检查路径")),
    "empty": (b"\n\n", ("没有问题",)),
    "not JSON": (f"{GOOD_LINE}\nquestion\n".encode(), ("第 2 行", "请改正")),
    "not a map": (b"[]\n", ("第 1 行", "请改正")),
    "no question": (b'{"id": "1"}\n', ("第 1 行", "question")),
    "not UTF-8": (GOOD_LINE.encode("gbk"), ("UTF-8",)),
    "binary": (bytes(range(256)), ("UTF-8",)),
}


@pytest.mark.parametrize("kind", BAD_QUESTIONS)
def test_an_unusable_question_file_is_named(kept: CommandLine, tmp_path: Path, kind: str) -> None:
    content, words = BAD_QUESTIONS[kind]
    path = tmp_path / "questions.jsonl"
    if content is not None:
        path.write_bytes(content)
    out = tmp_path / "answers.jsonl"
    out.write_text("earlier", "utf-8")
    kept.run("ask", "--batch", path, "--out", out).refusal(str(path), *words)
    assert out.read_text("utf-8") == "earlier"


def test_eval_names_an_unusable_question_file_too(kept: CommandLine, tmp_path: Path) -> None:
    path = tmp_path / "questions.jsonl"
    path.write_text("{}", "utf-8")
    kept.run("eval", path).refusal(str(path), "第 1 行", "请改正")
    path.write_text('{"id": "a", "question": " "}', "utf-8")
    kept.run("eval", path).refusal(" a ", "请改正")


def test_eval_names_unusable_reports(kept: CommandLine, tmp_path: Path) -> None:
    questions, report = tmp_path / "questions.jsonl", tmp_path / "report.json"
    questions.write_text(GOOD_LINE, "utf-8")
    kept.run("eval", questions, "--compare", report).refusal(f"找不到评测报告 {report}", "请检查")
    for content in ("{}", "no JSON", '{"answers": [{"id": 1}]}'):
        report.write_text(content, "utf-8")
        kept.run("eval", questions, "--compare", report).refusal(str(report), "请换一个文件")
    for option in ("--report", "--out"):
        kept.run("eval", questions, option, questions).refusal("问题文件本身", "请")
    kept.run("eval", questions, "--report", report, "--out", report).refusal("同一个文件", "请")
    kept.run("eval", questions, "--baseline", "tfidf").refusal("--baseline", "dense", code=2)
    assert questions.read_text("utf-8") == GOOD_LINE and report.read_text("utf-8") == content


def test_a_blank_question_in_a_file_is_named(kept: CommandLine, tmp_path: Path) -> None:
    questions = write_questions(
        tmp_path / "questions.jsonl",
        {"id": "a", "question": SMALL_QUESTION},
        {"id": "b", "question": " "},
    )
    kept.run("ask", "--batch", questions, "--out", tmp_path / "answers.jsonl").refusal(" b ", "请改正")
    assert not (tmp_path / "answers.jsonl").exists()


def test_an_unwritable_output_is_named(kept: CommandLine, tmp_path: Path) -> None:
    questions = tmp_path / "questions.jsonl"
    questions.write_text(GOOD_LINE, "utf-8")
    before = contents(kept.home)
    for out in (tmp_path, tmp_path / "missing" / "answers.jsonl", questions / "answers.jsonl"):
        kept.run("ask", "--batch", questions, "--out", out).refusal(f"无法写入 {out}", "请")
    kept.run("eval", questions, "--report", tmp_path).refusal(f"无法写入 {tmp_path}", "请")
    kept.run("ask", "--batch", questions, "--out", questions).refusal("问题文件本身", "请")
    kept.run("export", "--format", "csv", questions).refusal(str(questions), "请")
    assert questions.read_text("utf-8") == GOOD_LINE
    assert contents(kept.home) == before


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux's /dev/full, a disk that is full")
def test_a_full_disk_is_named(kept: CommandLine, tmp_path: Path) -> None:
    questions = tmp_path / "questions.jsonl"
    questions.write_text(GOOD_LINE, "utf-8")
    kept.run("ask", "--batch", questions, "--out", "/dev/full").refusal("/dev/full", "请检查")
    script = "import os, sys; os.dup2(os.open('/dev/full', os.O_WRONLY), 1); from ui import cli; "
    kept.run_python("-c", script + "sys.exit(cli.main(['stats']))").refusal("磁盘空间")


# -- environment


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("PLANKG_SERVER_PORT", "abc", ("PLANKG_SERVER_PORT", "abc", "应为整数")),
        ("PLANKG_SERVER_PORT", "0", ("PLANKG_SERVER_PORT", "不小于 1")),
        ("CHROMA_PORT", "99999", ("CHROMA_PORT", "不大于 65535")),
        ("PLANKG_LEXICON", "/no/such/directory", ("/no/such/directory",)),
    ],
)
def test_an_unusable_setting_is_named(
    kept: CommandLine, small_plan: Path, name: str, value: str, words: tuple[str, ...]
) -> None:
    before = contents(kept.home)
    broken = kept.with_variables(**{name: value})
    broken.run("ask", SMALL_QUESTION).refusal(*words, "请")
    broken.run("build", small_plan).refusal(*words, "请")
    assert contents(kept.home) == before
