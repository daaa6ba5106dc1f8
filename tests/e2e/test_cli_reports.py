"""`plankg check`, `conflicts` and `query`, run as a user runs them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kg.adapters.kglite_store import KgliteStore
from kg.export.reading import read_graph
from kg.model import Graph
from kg.named_queries import NAMED
from tests.conftest import SECOND_PLAN
from tests.e2e.cli import CommandLine, current_build, small_state

COMMANDS = ("check", "conflicts", "query")


@pytest.fixture(scope="module")
def second(tmp_path_factory: pytest.TempPathFactory, models_dir: Path) -> CommandLine:
    """The second plan's state, which no test may write to."""
    command = CommandLine(tmp_path_factory.mktemp("second") / "home", models_dir)
    command.run("build", SECOND_PLAN).ok()
    return command


@pytest.fixture
def small(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, models_dir: Path) -> CommandLine:
    return small_state(tmp_path_factory, models_dir, tmp_path / "home")


@pytest.mark.parametrize("command", COMMANDS)
def test_help_names_the_command_and_is_chinese(second: CommandLine, command: str) -> None:
    assert re.search(rf"^\s+{command}\s+[\u4e00-\u9fff]", second.run("--help").ok(), re.M)
    assert len(re.findall(r"[\u4e00-\u9fff]", second.run(command, "--help").ok())) > 10


def test_a_sound_state_passes_the_check(second: CommandLine) -> None:
    assert re.search(r"已检查 \d+ 个节点、\d+ 条关系：0 处错误，\d+ 处警告。\n$", second.run("check").ok())
    report = second.run("check", "--json").json()
    assert report["errors"] == 0 and report["entities"] > 500 and report["relations"] > 1000


def test_a_damaged_graph_fails_the_check_and_names_what_is_wrong(small: CommandLine) -> None:
    store = KgliteStore(current_build(small.home) / "graph.kgl")
    graph = read_graph(store)
    store.write(Graph(graph.entities, tuple(r for r in graph.relations if r.type.value != "LISTS")))
    store.close()
    done = small.run("check")
    assert (done.code, done.err) == (1, "")
    assert "错误：Project“" in done.out and "2 处错误，1 处警告。" in done.out
    assert small.run("check", "--json").code == 1


def test_contradictions_are_printed_with_both_quotes_and_places(second: CommandLine) -> None:
    text = second.run("conflicts").ok()
    assert "甲：“枫溪镇”" in text and "乙：“丰溪镇”" in text and "第一篇" in text
    found = second.run("conflicts", "--json").json()
    plan = SECOND_PLAN.read_bytes().decode()
    for conflict in found:
        for statement in conflict["statements"]:
            assert plan[statement["start"] : statement["end"]] == statement["quote"]


def test_named_queries_are_listed_and_run(second: CommandLine) -> None:
    assert [name for name in NAMED if name not in second.run("query").ok()] == []
    rows = second.run("query", "projects_of_enterprise", "锂源新材", "--json").json()
    assert rows and list(rows[0]) == list(NAMED["projects_of_enterprise"].columns)
    assert f"共 {len(rows)} 行" in second.run("query", "projects_of_enterprise", "锂源新材").ok()
    assert second.run("query", "projects_of_town", "从来没有镇", "--json").json() == []


def test_wrong_calls_are_one_line(second: CommandLine, tmp_path: Path, models_dir: Path) -> None:
    second.run("query", "nope").refusal("没有名为 nope 的查询", "projects_of_town")
    second.run("query", "path", "锂源新材").refusal("用法：path 起点 终点")
    second.run("query", "most_connected", "多").refusal("应为正整数")
    unbuilt = CommandLine(tmp_path / "home", models_dir)
    for command in COMMANDS:
        arguments = (command, "chains") if command == "query" else (command,)
        unbuilt.run(*arguments).refusal("plankg build")
