"""A build replaces the state as a whole or not at all, whatever ends it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from ingest.pipeline import build
from kg.settings import DEFAULT_MODEL, Settings
from qa.service import QuestionService
from tests.conftest import SMALL_PLAN, settings_for
from tests.e2e.cli import (
    KILLED,
    SMALL_ANSWER,
    SMALL_QUESTION,
    CommandLine,
    build_until,
    contents,
    current_build,
    small_state,
)

NEW_ANSWER = "135亿元"
#: all that a build reports, in order; the last step of 写入索引 comes after the swap
STAGES = ("解析规划", "计算向量", "写入索引", "写入向量", "写入图")


@pytest.fixture
def small(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, models_dir: Path) -> CommandLine:
    return small_state(tmp_path_factory, models_dir, tmp_path / "home")


@pytest.fixture
def settings(small: CommandLine) -> Settings:
    return settings_for(small.home, small.models)


@pytest.fixture
def service(settings: Settings) -> Iterator[QuestionService]:
    opened = QuestionService(settings)
    yield opened
    opened.close()


@pytest.fixture
def changed(tmp_path: Path) -> Path:
    """A later version of the small plan, in a file of the same name."""
    path = tmp_path / "small-plan.txt"
    path.write_text(SMALL_PLAN.replace(SMALL_ANSWER, NEW_ANSWER), "utf-8")
    return path


def builds(home: Path) -> set[str]:
    return {path.name for path in (home / "builds").iterdir()}


def without_model(models: Path, target: Path) -> str:
    """A model directory that can say what it is, but cannot embed anything."""
    for file in (models / DEFAULT_MODEL).rglob("*"):
        link = target / file.relative_to(models)
        if file.is_file():
            link.parent.mkdir(parents=True, exist_ok=True)
            link.write_bytes(b"") if file.suffix == ".onnx" else link.symlink_to(file)
    return str(target)


def test_the_stages_are_those_that_a_build_reports(settings: Settings, changed: Path) -> None:
    seen: list[str] = []
    build([changed], settings, lambda done, total, label: seen.append(label))
    assert tuple(dict.fromkeys(seen)) == STAGES and seen[-1] == "写入索引"


@pytest.mark.parametrize(
    ("label", "count"),
    [("解析规划", 1), ("计算向量", 2), ("写入索引", 2), ("写入图", 8)],
    ids=lambda value: str(value),
)
def test_a_killed_build_leaves_the_old_state_answering(
    small: CommandLine, settings: Settings, changed: Path, label: str, count: int
) -> None:
    before, old = contents(small.home), current_build(small.home).name
    assert small.run_python(*build_until("kill", label, changed, count=count)).code == KILLED
    left = contents(small.home)
    assert {name: left.get(name) for name in before} == before
    with closing(QuestionService(settings)) as service:
        assert SMALL_ANSWER in service.ask(SMALL_QUESTION).answer
    again = build([changed], settings)
    assert not again.unchanged
    assert builds(small.home) == {old, again.manifest.build}  # what the killed one left is gone
    with closing(QuestionService(settings)) as service:
        assert NEW_ANSWER in service.ask(SMALL_QUESTION).answer


def test_a_build_killed_right_after_the_swap_has_replaced_the_state(
    small: CommandLine, settings: Settings, changed: Path
) -> None:
    assert small.run_python(*build_until("kill", "写入索引", changed, count=3)).code == KILLED
    assert NEW_ANSWER in small.run("ask", SMALL_QUESTION).ok()


def test_the_first_build_may_be_killed_too(tmp_path: Path, models_dir: Path, changed: Path) -> None:
    command = CommandLine(tmp_path / "new-home", models_dir)
    assert command.run_python(*build_until("kill", "写入图", changed)).code == KILLED
    command.run("ask", SMALL_QUESTION).refusal("还没有建库", "plankg build")
    assert "建库完成" in command.run("build", changed).ok()
    assert len(builds(command.home)) == 1
    assert NEW_ANSWER in command.run("ask", SMALL_QUESTION).ok()


@pytest.mark.parametrize("label", ["计算向量", "写入图"])
def test_an_interrupted_build_says_so_in_one_line(small: CommandLine, changed: Path, label: str) -> None:
    before = contents(small.home)
    done = small.run_python(*build_until("interrupt", label, changed))
    done.refusal("已中断", "原有状态未改变", code=130)
    assert contents(small.home) == before


def test_of_two_builds_at_once_the_second_is_refused(small: CommandLine, changed: Path) -> None:
    with small.started(*build_until("wait", "写入图", changed)) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == "reached\n"
        small.run("build", changed).refusal("另一个进程", "请等它结束")
        assert SMALL_ANSWER in small.run("ask", SMALL_QUESTION).ok()  # readers need no lock
        out, err = first.communicate("go on\n")
    assert (first.returncode, err) == (0, "") and "建库完成" in out
    assert NEW_ANSWER in small.run("ask", SMALL_QUESTION).ok()


def test_building_what_is_already_built_changes_and_embeds_nothing(
    small: CommandLine, changed: Path, tmp_path: Path
) -> None:
    changed.write_text(SMALL_PLAN, "utf-8")
    before = contents(small.home)
    idle = small.with_variables(PLANKG_MODELS=without_model(small.models, tmp_path / "no-weights"))
    text = idle.run("build", changed).ok()
    assert "没有变化" in text and "建库完成" not in text and "Chapter 1，Section 2" in text
    assert idle.run("build", "--if-needed").ok() == ""
    assert contents(small.home) == before


def test_vectors_that_are_known_are_not_computed_again(
    small: CommandLine, changed: Path, tmp_path: Path
) -> None:
    changed.write_text(SMALL_PLAN, "utf-8")
    (small.home / "current.json").unlink()
    idle = small.with_variables(PLANKG_MODELS=without_model(small.models, tmp_path / "no-weights"))
    assert "建库完成" in idle.run("build", changed).ok()
    assert SMALL_ANSWER in small.run("ask", SMALL_QUESTION).ok()


def test_if_needed_keeps_a_state_of_any_plan(small: CommandLine, changed: Path) -> None:
    before = contents(small.home)
    assert small.run("build", "--if-needed").ok() == ""  # not the plan that a plain build would take
    assert contents(small.home) == before
    assert "建库完成" in small.run("build", "--if-needed", changed).ok()


def test_an_open_service_picks_up_a_changed_plan(
    small: CommandLine, service: QuestionService, changed: Path
) -> None:
    old = service.ask(SMALL_QUESTION)
    assert SMALL_ANSWER in old.answer
    changed.write_text("关于印发规划的通知\n\n" + changed.read_text("utf-8"), "utf-8")
    assert "建库完成" in small.run("build", changed).ok()
    new = service.ask(SMALL_QUESTION)
    assert NEW_ANSWER in new.answer
    (citation,) = new.citations
    text = changed.read_text("utf-8")
    assert text[citation.start : citation.end] == citation.quote
    assert citation.start > old.citations[0].start
    assert service.manifest().build == json.loads((small.home / "current.json").read_text("utf-8"))["build"]


def test_an_open_service_outlives_a_failed_build(
    small: CommandLine, service: QuestionService, tmp_path: Path
) -> None:
    assert SMALL_ANSWER in service.ask(SMALL_QUESTION).answer
    small.run("build", tmp_path / "missing.txt").refusal("找不到文件")
    assert SMALL_ANSWER in service.ask(SMALL_QUESTION).answer
