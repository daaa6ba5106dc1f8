"""Every command, run as a user runs it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from ingest.load import load_text
from ingest.pipeline import default_plans
from kg.settings import PROJECT_ROOT, Settings
from tests.conftest import SMALL_PLAN
from tests.e2e.cli import (
    SMALL_ANSWER,
    SMALL_QUESTION,
    CommandLine,
    Done,
    contents,
    small_state,
    write_questions,
)

COMMANDS = (
    "build", "ask", "serve", "cypher", "query", "conflicts", "check", "stats", "export", "eval",
    "remove", "undo", "model",
)
QUESTIONS = PROJECT_ROOT / "tests" / "eval" / "questions.jsonl"
SHARED = PROJECT_ROOT.parent / "shared" / "eval"
MEASURES = ("correct", "cited", "verbatim", "grounded")
#: types of an answer's fields as others read them
ANSWER_TYPES = {
    "id": str, "question": str, "answer": str, "refused": bool, "citations": list, "derived": list,
    "conflicts": list, "entities": list, "cypher": str, "elapsed_ms": float,
}  # fmt: skip
CITATION_TYPES = {"quote": str, "start": int, "end": int, "source": str, "locator": str, "why": str}


@pytest.fixture(scope="module")
def plan_text() -> str:
    """The real plan, by whose offsets citations are checked."""
    (file,) = default_plans(PROJECT_ROOT)
    return load_text(file)


@pytest.fixture(scope="module")
def real(built: Settings) -> CommandLine:
    """The command line on the real plan's state, which no test may write to."""
    return CommandLine(built.home, built.models_dir)


@pytest.fixture
def small(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, models_dir: Path) -> CommandLine:
    return small_state(tmp_path_factory, models_dir, tmp_path / "home")


@pytest.fixture
def unbuilt(tmp_path: Path, models_dir: Path) -> CommandLine:
    return CommandLine(tmp_path / "home", models_dir)


def check_answer(answer: dict[str, Any], plan: str) -> None:
    """An answer in the form that others rely on, every citation verbatim at its offsets."""
    assert {name: type(answer[name]) for name in ANSWER_TYPES} == ANSWER_TYPES
    assert all(isinstance(number, str) for number in answer["derived"])
    for citation in answer["citations"]:
        assert {name: type(citation[name]) for name in CITATION_TYPES} == CITATION_TYPES
        assert plan[citation["start"] : citation["end"]] == citation["quote"] != ""
    marks = {int(mark) for mark in re.findall(r"\[(\d+)\]", answer["answer"])}
    assert marks <= set(range(1, len(answer["citations"]) + 1))
    for conflict in answer["conflicts"]:
        assert set(conflict["citations"]) <= set(range(1, len(answer["citations"]) + 1))


# -- help


def test_help_names_every_command(unbuilt: CommandLine) -> None:
    text = unbuilt.run("--help").ok()
    assert [name for name in COMMANDS if not re.search(rf"^\s+{name}\s", text, re.M)] == []


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_every_command_is_chinese(unbuilt: CommandLine, command: str) -> None:
    text = unbuilt.run(command, "--help").ok()
    assert f"usage: plankg {command}" in text
    options = re.split(r"\n  (?=-)", text)[1:]
    bare = [option for option in options if not re.search(r"\s{2}.*[\u4e00-\u9fff]", option)]
    assert options and bare == []


def test_version_is_that_of_the_distribution(unbuilt: CommandLine) -> None:
    project = tomllib.loads((PROJECT_ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert unbuilt.run("--version").ok() == f"{project['name']} {project['version']}\n"
    assert project["scripts"] == {"plankg": "ui.cli:main"}


# -- build and stats


def test_build_prints_what_it_found(unbuilt: CommandLine, small_plan: Path) -> None:
    text = unbuilt.run("build", small_plan).ok()
    assert "建库完成" in text
    assert "青山县国民经济和社会发展第十四个五年规划纲要" in text
    assert "Chapter 1，Section 2，Box 1，Project 2" in text


def test_stats_count_the_real_plan(real: CommandLine) -> None:
    stats = real.run("stats", "--json").json()
    wanted = {"chapters": 15, "sections": 69, "boxes": 30, "projects": 162, "indicators": 33}
    assert {name: stats[name] for name in wanted} == wanted
    assert stats["passages"] == stats["labels"]["Passage"] > 300
    assert stats["conflicts"] == stats["relations"].get("CONFLICTS_WITH", 0)
    assert stats["embedding_model"] and stats["versions"]["kglite"] in stats["graph_engine"]


def test_stats_for_people_say_the_same(real: CommandLine) -> None:
    text = real.run("stats").ok()
    assert "Chapter 15，Section 69" in text


# -- ask


def test_an_answer_comes_with_its_evidence(real: CommandLine, plan_text: str) -> None:
    answer = real.run("ask", "--json", "工业增加值占GDP比重2025年的目标是多少？").json()
    check_answer(answer, plan_text)
    assert "42" in answer["answer"] and not answer["refused"] and answer["citations"]


def test_an_answer_for_people_lists_places_and_quotes(small: CommandLine) -> None:
    text = small.run("ask", SMALL_QUESTION).ok()
    assert SMALL_ANSWER in text.split("出处：")[0]
    assert re.search(r"^\[1\] 第一章 第一节.*（\d+–\d+）：.*120亿元", text, re.M)


def test_what_the_plan_does_not_say_is_refused(small: CommandLine) -> None:
    answer = small.run("ask", "--json", "规划写了要建几座机场？").json()
    check_answer(answer, SMALL_PLAN)
    assert answer["refused"] and "机场" in answer["answer"]


def test_asking_before_a_build_says_what_to_run(unbuilt: CommandLine) -> None:
    for command in (["ask", SMALL_QUESTION], ["cypher", "RETURN 1"], ["stats"], ["serve"]):
        unbuilt.run(*command).refusal("还没有建库", "plankg build")
    assert not unbuilt.home.exists()


def test_a_file_of_questions_is_answered_in_order(real: CommandLine, plan_text: str, tmp_path: Path) -> None:
    lines = [json.loads(line) for line in QUESTIONS.read_text("utf-8").splitlines()]
    questions = [line for at, line in enumerate(lines) if at % 3 == 0 or line["history"]]
    file, out = write_questions(tmp_path / "questions.jsonl", *questions), tmp_path / "answers.jsonl"
    text = real.run("ask", "--batch", file, "--out", out).ok()
    assert f"已回答 {len(questions)} 个问题" in text
    answers = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert [(a["id"], a["question"]) for a in answers] == [(q["id"], q["question"]) for q in questions]
    for answer in answers:
        check_answer(answer, plan_text)


def test_a_follow_up_is_understood_by_its_history(small: CommandLine, tmp_path: Path) -> None:
    turn = [SMALL_QUESTION, f"到2025年达到{SMALL_ANSWER}。[1]"]
    questions = write_questions(
        tmp_path / "questions.jsonl",
        {"id": "first", "question": "城镇化率呢？", "history": [turn]},
        {"id": "编号 二", "question": SMALL_QUESTION, "history": []},
    )
    small.run("ask", "--batch", questions, "--out", tmp_path / "answers.jsonl").ok()
    first, second = map(json.loads, (tmp_path / "answers.jsonl").read_text("utf-8").splitlines())
    assert (first["id"], second["id"]) == ("first", "编号 二")
    assert "62%" in first["answer"] and SMALL_ANSWER in second["answer"]
    assert any("上文" in note for note in first["notes"])
    single = small.run("ask", "--json", SMALL_QUESTION).json()
    assert {**second, "id": "", "elapsed_ms": 0} == {**single, "elapsed_ms": 0}


# -- cypher


def test_cypher_gives_a_json_list_of_rows(small: CommandLine) -> None:
    statement = "MATCH (:Box)-[:LISTS]->(p:Project) RETURN p.number AS number, p.name AS name ORDER BY number"
    rows = small.run("cypher", statement, "--json").json()
    assert [row["number"] for row in rows] == [1, 2]
    assert "磷酸铁锂" in rows[0]["name"] and rows[0].keys() == {"number", "name"}
    assert small.run("cypher", "MATCH (n:Village) RETURN n", "--json").json() == []


def test_cypher_for_people_says_how_many_rows_there_are(small: CommandLine) -> None:
    assert small.run("cypher", "MATCH (p:Project) RETURN p.number AS number").ok().endswith("共 2 行\n")
    cut = small.run("cypher", "MATCH (p:Project) RETURN p.number AS number", "--limit", "1").ok()
    assert "共 1 行（已达上限" in cut


def test_a_write_is_refused_and_changes_nothing(small: CommandLine) -> None:
    before = contents(small.home)
    for statement in (
        "MATCH (n) DETACH DELETE n",
        "CREATE (:Project {id: 'x', name: 'x'})",
        "MATCH (p:Project) SET p.name = 'x' RETURN p",
        "MATCH (n) RETURN n; MATCH (n) DELETE n",
    ):
        small.run("cypher", statement, "--json").refusal("拒绝执行", code=2)
    assert contents(small.home) == before
    assert small.run("cypher", "MATCH (p:Project) RETURN count(p) AS n", "--json").json() == [{"n": 2}]


def test_cypher_cannot_read_files(small: CommandLine, tmp_path: Path) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text("密码\n", "utf-8")
    for head in ("LOAD CSV", "load/**/csv", "LOAD CSV WITH HEADERS"):
        done = small.run("cypher", f"{head} FROM '{secret.as_uri()}' AS row RETURN row", "--json")
        assert "密码" not in done.refusal("拒绝执行", code=2)


# -- export


@pytest.mark.parametrize("format", ["cypher", "csv", "graphml", "jsonld"])
def test_export_writes_files_that_name_the_nodes(small: CommandLine, tmp_path: Path, format: str) -> None:
    files = list(map(Path, small.run("export", "--format", format, tmp_path / "out").ok().splitlines()))
    assert files and all(file.parent == tmp_path / "out" and file.stat().st_size for file in files)
    assert any(file.suffix == f".{format}" for file in files)
    assert "磷酸铁锂" in "".join(file.read_text("utf-8") for file in files)


def test_an_export_does_not_touch_what_is_in_the_way(small: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine", "utf-8")
    small.run("export", "--format", "csv", tmp_path / "out").refusal("mine.txt", "请")
    assert [file.name for file in (tmp_path / "out").iterdir()] == ["mine.txt"]


# -- eval


@pytest.fixture
def half_right(tmp_path: Path) -> Path:
    """Two questions on the small plan, of which one demands what the plan does not say."""
    shared = {"question": SMALL_QUESTION, "quote": ["全县地区生产总值达到120亿元"], "category": "fact"}
    return write_questions(
        tmp_path / "questions.jsonl",
        {"id": "right", "must": [["120"]], "split": "dev", **shared},
        {"id": "wrong", "must": [["121"]], "split": "held", **shared},
    )


def test_eval_prints_the_table_and_writes_a_report(small: CommandLine, half_right: Path) -> None:
    text = small.run("eval", half_right).ok()
    assert re.search(r"^category +n +correct +cited +grounded +verbatim +拒答对 +误拒 +漏拒 +p50", text, re.M)
    assert re.search(r"^fact +2 +0\.500 +1\.000 +1\.000 +1\.000 +0 +0 +0 +\d+ +\d+$", text, re.M)
    assert re.search(r"^category +text\n *fact +1/2\n *total +1/2$", text, re.M)
    assert "total correct 0.500  cited 1.000  verbatim 1.000  grounded 1.000  n 2" in text
    report = json.loads((small.home / "eval-report.json").read_text("utf-8"))
    assert report["totals"] == {"correct": 0.5, "cited": 1.0, "verbatim": 1.0, "grounded": 1.0}
    assert [(row["id"], row["correct"]) for row in report["answers"]] == [("right", True), ("wrong", False)]


def test_eval_fails_when_a_measure_falls_short(small: CommandLine, half_right: Path, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    short = small.run("eval", half_right, "--min", "correct=0.9", "--min", "cited=0.9", "--report", report)
    assert (short.code, short.err) == (1, "")
    assert "未达到：correct 0.500 < 0.9\n" in short.out and report.exists()


def test_eval_takes_one_split_and_shows_failures(small: CommandLine, half_right: Path) -> None:
    text = small.run("eval", half_right, "--split", "held", "--show", "--min", "cited=1").ok()
    assert "wrong [fact]" in text and "缺 121" in text and "right [fact]" not in text
    assert "  n 1\n" in text and "未达到" not in text


def test_eval_compares_with_an_earlier_report_also_with_the_one_that_it_replaces(
    small: CommandLine, half_right: Path
) -> None:
    small.run("eval", half_right).ok()
    report = small.home / "eval-report.json"
    lines = half_right.read_text("utf-8").replace("121", "120").splitlines()
    half_right.write_text("\n".join([*lines, lines[0].replace("right", "new")]), "utf-8")
    text = small.run("eval", half_right, "--compare", report).ok()
    assert re.search(r"^correct +0\.500 +1\.000 +\+0\.500$", text, re.M)
    assert "变好：\n  wrong [fact] correct：" in text and "变差：无" in text and "先前没有的问题：new" in text
    comparison = json.loads(report.read_text("utf-8"))["comparison"]
    assert comparison["measures"]["correct"] == {"before": 0.5, "now": 1.0}
    assert [change["id"] for change in comparison["better"]] == ["wrong"]


def test_eval_shows_plain_searches_beside(small: CommandLine, half_right: Path, tmp_path: Path) -> None:
    out = tmp_path / "report.md"
    text = small.run("eval", half_right, "--baseline", "bm25", "--baseline", "dense", "--out", out).ok()
    for name in ("plankg", "bm25", "dense"):
        assert re.search(rf"^{name} +2 +0\.500 +1\.000 ", text, re.M)
    baselines = json.loads((small.home / "eval-report.json").read_text("utf-8"))["baselines"]
    shares = {name: report["totals"]["correct"] for name, report in baselines.items()}
    assert shares == {"bm25": 0.5, "dense": 0.5}
    document = out.read_text("utf-8")
    assert document.startswith("# 评测：questions.jsonl\n") and "| bm25 | 2 | 0.500 |" in document
    assert "- wrong \\[fact\\]" in document and "应为：121" in document


@pytest.fixture(scope="module")
def shared_questions() -> Path:
    if not (SHARED / "dev.jsonl").exists():
        pytest.skip("no question set beside the project: put dev.jsonl and grade.py into ../shared/eval")
    return SHARED / "dev.jsonl"


@pytest.fixture(scope="module")
def shared_eval(
    real: CommandLine, shared_questions: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Done, dict[str, float]]:
    """What our own grader says about the question set beside the project: the run, the totals."""
    report = tmp_path_factory.mktemp("eval") / "report.json"
    done = real.run("eval", shared_questions, "--report", report, "--show")
    totals: dict[str, float] = json.loads(report.read_text("utf-8"))["totals"]
    return done, totals


def test_the_shared_questions_are_answered_well_enough(shared_eval: tuple[Done, dict[str, float]]) -> None:
    done, totals = shared_eval
    floors = {"correct": 0.95, "cited": 0.97, "verbatim": 1.0, "grounded": 1.0}
    assert {name: totals[name] for name in MEASURES if totals[name] < floors[name]} == {}, done.out


@pytest.mark.parametrize(("split", "correct", "cited"), [("dev", 0.94, 0.95), ("held", 0.90, 0.93)])
def test_our_own_questions_are_answered_well_enough(
    real: CommandLine, split: str, correct: float, cited: float, tmp_path: Path
) -> None:
    report = tmp_path / "report.json"
    questions = PROJECT_ROOT / "tests" / "eval" / "questions.jsonl"
    real.run("eval", questions, "--split", split, "--report", report).ok()
    totals: dict[str, float] = json.loads(report.read_text("utf-8"))["totals"]
    floors = {"correct": correct, "cited": cited, "verbatim": 1.0, "grounded": 1.0}
    # only the totals are shown: whoever reads the failures of the split kept aside has no measure left
    assert {name: totals[name] for name in MEASURES if totals[name] < floors[name]} == {}


def test_the_shared_grader_gives_the_same_table(
    real: CommandLine, shared_questions: Path, shared_eval: tuple[Done, dict[str, float]], tmp_path: Path
) -> None:
    answers = tmp_path / "answers.jsonl"
    real.run("ask", "--batch", shared_questions, "--out", answers).ok()
    (plan,) = default_plans(PROJECT_ROOT)
    command = [sys.executable, str(SHARED / "grade.py"), str(shared_questions), str(answers), str(plan)]
    graded = subprocess.run(command, capture_output=True, encoding="utf-8", check=True).stdout
    ours, theirs = _table(shared_eval[0].ok()), _table(graded)
    assert len(ours) > 3 and ours == theirs


def _table(text: str) -> list[list[str]]:
    """The rows of the last table of measures, without its times; of a category's, what both graders have."""
    lines = text[text.rindex("category ") :].splitlines()
    rows = [line.split() for line in lines if re.search(r"\d\.\d{3}", line) and "latency" not in line]
    return [row if row[0] == "total" else row[:5] for row in rows]


# -- output


def test_output_may_be_cut_off_by_its_reader(small: CommandLine) -> None:
    statement = "UNWIND range(1, 20000) AS n RETURN n"
    with small.started("-m", "ui.cli", "cypher", statement, "--limit", "20000") as process:
        assert process.stdout is not None and process.stderr is not None
        assert process.stdout.readline() == "n=1\n"
        process.stdout.close()
        assert process.stderr.read() == ""
        assert process.wait() == 0


def test_output_in_another_encoding_does_not_fail(small: CommandLine) -> None:
    done = small.with_variables(PYTHONIOENCODING="ascii").run("ask", SMALL_QUESTION)
    assert (done.code, done.err) == (0, "") and "120\\u4ebf\\u5143" in done.out


def test_verbose_goes_to_stderr_only(small: CommandLine) -> None:
    done = small.run("-v", "ask", "--json", SMALL_QUESTION)
    assert done.code == 0 and SMALL_ANSWER in json.loads(done.out)["answer"] and "DEBUG" in done.err
