"""The state directory: builds beside each other, one swap, one writer, and no silent damage."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from ingest.outline import build_outline
from ingest.passages import make_passages
from kg.errors import StateError, StateLockedError
from kg.model import Passage, PlanDocument
from kg.settings import PROJECT_ROOT
from kg.state import FORMAT, Manifest, StateDirectory, load_documents, save_documents
from tests.strategies import FIRST_PLAN, SECOND_PLAN, outline_of

#: a process that holds the lock until it is killed
HOLD_LOCK = """
import sys
from pathlib import Path
from kg.state import StateDirectory
with StateDirectory(Path(sys.argv[1])).locked():
    print("locked", flush=True)
    sys.stdin.read()
"""
#: a process that makes one build after the other the current one until it is killed
SWAP_FOR_EVER = """
import sys
from dataclasses import replace
from pathlib import Path
from kg.state import StateDirectory
state = StateDirectory(Path(sys.argv[1]))
manifest = state.require_current()
with state.locked():
    while True:
        build, _ = state.new_build()
        state.activate(replace(manifest, build=build, plans=(build,)))
        print(build, flush=True)
"""


@pytest.fixture
def state(tmp_path: Path) -> StateDirectory:
    return StateDirectory(tmp_path / "home")


def manifest(build: str) -> Manifest:
    """A manifest as a build would write it; the plan is called like the build."""
    return Manifest(
        build=build, fingerprint=f"of {build}", plans=(build,), titles=("某县规划",), jurisdictions=("某县",),
        embedding_model="model", dimension=384, passages=5, labels={"Plan": 1}, relations={"HAS_CHAPTER": 15},
        graph_engine="KGLite", versions={"plankg": "0.1"}, built_at="2025-01-02 03:04:05",
        seconds={"graph": 0.5},
    )  # fmt: skip


def built(state: StateDirectory) -> Manifest:
    """Make a build and make it the current one."""
    build, _ = state.new_build()
    state.activate(manifest(build))
    return manifest(build)


@contextmanager
def running(script: str, home: Path) -> Iterator[subprocess.Popen[str]]:
    """A Python process with this script; it is killed at the end."""
    command = [sys.executable, "-c", script, str(home)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=PROJECT_ROOT, stdin=pipe, stdout=pipe, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def line_of(process: subprocess.Popen[str]) -> str:
    """The next line that the process prints."""
    assert process.stdout is not None
    return process.stdout.readline().strip()


def kill(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL


def refusal(action: Callable[[], object]) -> str:
    """The line of the StateError that an action ends with."""
    with pytest.raises(StateError) as caught:
        action()
    assert "\n" not in str(caught.value) and str(caught.value)
    return str(caught.value)


# -- the current build


def test_looking_touches_nothing(state: StateDirectory) -> None:
    assert state.current() is None
    assert state.obsolete_builds([]) == []
    assert state.vector_cache.parent == state.home
    assert not state.home.exists()


def test_without_a_build_the_command_is_named(state: StateDirectory) -> None:
    assert "plankg build" in refusal(state.require_current)


def test_the_current_build_is_the_last_activated(state: StateDirectory) -> None:
    first = built(state)
    assert state.current() == first == state.require_current()
    second = built(state)
    assert state.current() == second != first
    assert state.obsolete_builds([second.build]) == [first.build]


def test_a_build_may_be_made_current_again(state: StateDirectory) -> None:
    first = built(state)
    built(state)
    state.activate(first)
    assert state.current() == first


def test_a_half_made_build_leaves_the_current_one(state: StateDirectory) -> None:
    first = built(state)
    _, path = state.new_build()
    (path / "passages.jsonl").write_text("half", "utf-8")
    (path / "manifest.json").write_text("{", "utf-8")
    assert state.current() == first


def test_left_over_temporary_files_do_no_harm(state: StateDirectory) -> None:
    first = built(state)
    (state.home / "current.tmp").write_text("{", "utf-8")
    assert state.current() == first
    assert state.current() != built(state)  # the left-over is written over
    assert not (state.home / "current.tmp").exists()


def test_builds_have_ids_and_directories_of_their_own(state: StateDirectory) -> None:
    builds = [state.new_build() for _ in range(20)]
    assert len({build for build, _ in builds}) == 20
    assert all(path == state.build_path(build) and not any(path.iterdir()) for build, path in builds)


def test_a_deleted_build_is_gone_and_others_stay(state: StateDirectory) -> None:
    first, second = built(state), built(state)
    state.delete_build(first.build)
    state.delete_build("never-built")
    assert state.obsolete_builds([]) == [second.build] and state.current() == second


def test_a_reader_sees_one_whole_build_at_any_time(state: StateDirectory) -> None:
    built(state)
    seen: set[str] = set()
    failures: list[Exception] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            try:
                current = state.require_current()
                assert current.plans == (current.build,)
                seen.add(current.build)
            except Exception as exc:
                failures.append(exc)

    reader = threading.Thread(target=read)
    reader.start()
    try:
        for _ in range(60):
            built(state)
    finally:
        done.set()
        reader.join()
    assert failures == [] and seen


@pytest.mark.parametrize("swaps", [1, 2, 5])
def test_a_kill_while_swapping_leaves_a_whole_build(state: StateDirectory, swaps: int) -> None:
    built(state)
    with running(SWAP_FOR_EVER, state.home) as process:
        printed = [line_of(process) for _ in range(swaps)]
        kill(process)
    current = state.require_current()
    assert current.plans == (current.build,)
    assert current.build not in printed[:-1]
    assert built(state) == state.current()


# -- damage


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe", b"3", b'{"build": "gone"}', b'{"b": 1}'])
def test_a_damaged_pointer_is_reported_with_a_remedy(state: StateDirectory, content: bytes) -> None:
    built(state)
    (state.home / "current.json").write_bytes(content)
    assert "plankg build" in refusal(state.current)


def test_a_pointer_that_is_a_directory_is_reported(state: StateDirectory) -> None:
    (state.home / "current.json").mkdir(parents=True)
    assert "plankg build" in refusal(state.current)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe", b"3", b'{"format": %d}' % FORMAT])
def test_a_damaged_manifest_is_reported_with_a_remedy(state: StateDirectory, content: bytes) -> None:
    path = state.build_path(built(state).build) / "manifest.json"
    path.write_bytes(content)
    assert "plankg build" in refusal(state.current)


def test_every_beginning_of_a_manifest_is_damage(state: StateDirectory) -> None:
    path = state.build_path(built(state).build) / "manifest.json"
    content = path.read_bytes()
    for length in range(0, len(content), 7):
        path.write_bytes(content[:length])
        assert "已损坏" in refusal(state.current) or "另一版本" in refusal(state.current)


@pytest.mark.parametrize("format", [FORMAT - 1, FORMAT + 1, None, "2"])
def test_a_build_of_another_format_is_reported_as_such(state: StateDirectory, format: object) -> None:
    path = state.build_path(built(state).build) / "manifest.json"
    data = json.loads(path.read_text("utf-8")) | {"format": format, "field_of_that_version": 1}
    path.write_text(json.dumps(data), "utf-8")
    line = refusal(state.current)
    assert "另一版本" in line and "plankg build" in line


def test_a_missing_build_is_reported(state: StateDirectory) -> None:
    state.delete_build(built(state).build)
    assert "plankg build" in refusal(state.current)


def test_a_damaged_state_can_be_built_anew(state: StateDirectory) -> None:
    built(state)
    (state.home / "current.json").write_bytes(b"{")
    with state.locked():
        assert built(state) == state.current()


# -- the lock


def test_a_second_writer_is_refused_and_a_later_one_is_not(state: StateDirectory) -> None:
    other = StateDirectory(state.home)
    with state.locked():
        with pytest.raises(StateLockedError, match="另一个进程"):
            other.locked().__enter__()
    with other.locked():
        pass


def test_an_error_while_building_gives_the_lock_back(state: StateDirectory) -> None:
    with pytest.raises(ZeroDivisionError), state.locked():
        raise ZeroDivisionError
    with state.locked():
        pass


def test_readers_need_no_lock(state: StateDirectory) -> None:
    expected = built(state)
    with state.locked():
        assert StateDirectory(state.home).current() == expected


def test_a_killed_process_gives_the_lock_back(state: StateDirectory) -> None:
    with running(HOLD_LOCK, state.home) as process:
        assert line_of(process) == "locked"
        with pytest.raises(StateLockedError), state.locked():
            pass
        kill(process)
        with state.locked():
            assert (state.home / "lock").exists()


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    state = StateDirectory(tmp_path / "file" / "home")
    assert "PLANKG_HOME" in refusal(lambda: state.locked().__enter__())


# -- documents and passages


@pytest.fixture
def saved(tmp_path: Path) -> tuple[Path, list[PlanDocument], list[Passage]]:
    """Both plans with their passages, saved."""
    outlines = [replace(outline_of(p).document, id=p.stem) for p in (FIRST_PLAN, SECOND_PLAN)]
    passages = [
        replace(passage, plan_id=path.stem, id=f"{path.stem}/{passage.id}")
        for path in (FIRST_PLAN, SECOND_PLAN)
        for passage in make_passages(outline_of(path))
    ]
    save_documents(tmp_path, outlines, passages)
    return tmp_path, outlines, passages


def test_documents_and_passages_come_back_as_they_were(
    saved: tuple[Path, list[PlanDocument], list[Passage]],
) -> None:
    path, documents, passages = saved
    found, by_id = load_documents(path, [d.id for d in documents])
    assert list(found.values()) == documents
    assert list(by_id.values()) == passages and list(by_id) == [p.id for p in passages]


@pytest.mark.parametrize("break_", ["\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\x1c"])
def test_a_heading_with_a_rare_line_break_survives(tmp_path: Path, break_: str) -> None:
    text = f"第一章 总则\n（一）目标{break_}任务\n全县经济社会发展取得显著成效，综合实力增强。\n"
    outline = build_outline(text, "plan")
    passages = make_passages(outline)
    assert break_ in passages[0].headings[-1]
    save_documents(tmp_path, [outline.document], passages)
    _, by_id = load_documents(tmp_path, ["plan"])
    assert list(by_id.values()) == list(passages)


def test_a_plan_without_passages_comes_back(tmp_path: Path) -> None:
    document = build_outline("第一章 总则\n第二章 附则", "plan").document
    save_documents(tmp_path, [document], [])
    assert load_documents(tmp_path, ["plan"]) == ({"plan": document}, {})


FILES = [f"plans/{FIRST_PLAN.stem}.txt", f"plans/{FIRST_PLAN.stem}.json", "passages.jsonl"]


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("damage", ["missing", "empty", "half", "line", "binary", "other"])
def test_damaged_files_are_reported(
    saved: tuple[Path, list[PlanDocument], list[Passage]], file: str, damage: str
) -> None:
    path, documents, _ = saved
    content = (path / file).read_bytes()
    os.remove(path / file)
    if damage != "missing":
        damaged = {"empty": b"", "half": content[: len(content) // 2], "binary": b"\xff\xfe", "other": b"[3]"}
        damaged["line"] = b"".join(content.splitlines(keepends=True)[:-1])
        (path / file).write_bytes(damaged[damage])
    assert "plankg build" in refusal(lambda: load_documents(path, [d.id for d in documents]))


def test_one_changed_character_of_a_plan_is_reported(
    saved: tuple[Path, list[PlanDocument], list[Passage]],
) -> None:
    """Offsets would still fit, and the quotes would be wrong."""
    path, documents, _ = saved
    file = path / "plans" / f"{SECOND_PLAN.stem}.txt"
    file.write_bytes(file.read_bytes().replace("12万吨".encode(), "21万吨".encode(), 1))
    assert "plankg build" in refusal(lambda: load_documents(path, [d.id for d in documents]))


def test_an_unknown_plan_is_reported(saved: tuple[Path, list[PlanDocument], list[Passage]]) -> None:
    assert "plankg build" in refusal(lambda: load_documents(saved[0], ["never-built"]))
