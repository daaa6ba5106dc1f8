"""The command line as a user runs it: a process of its own, with an environment of its own."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from kg.settings import PROJECT_ROOT
from tests.conftest import SMALL_PLAN

#: a question that the small plan answers, and what every right answer to it says
SMALL_QUESTION = "到2025年全县地区生产总值达到多少？"
SMALL_ANSWER = "120亿元"
#: generous, because a loaded machine is no defect; no test waits for it
TIMEOUT_S = 300
#: variables that would make a run depend on whoever runs the tests
_FOREIGN = ("PLANKG_", "NEO4J_", "CHROMA_", "HF_", "TRANSFORMERS_", "GRADIO_", "PYTHONIOENCODING")


@dataclass(frozen=True, slots=True)
class Done:
    """A finished command: exit code and what it printed."""

    code: int
    out: str
    err: str

    def ok(self) -> str:
        """What it printed; it must have succeeded in silence."""
        assert (self.code, self.err) == (0, "")
        return self.out

    def json(self) -> Any:
        """What it printed, as JSON."""
        return json.loads(self.ok())

    def refusal(self, *words: str, code: int = 1) -> str:
        """Its one line on stderr, which holds these words; nothing else may have been printed."""
        assert self.out == ""
        assert self.err.startswith("plankg: ") and self.err.endswith("\n"), self.err
        line = self.err.removesuffix("\n")
        assert "\n" not in line, self.err
        assert [word for word in words if word not in line] == [], line
        assert self.code == code, line
        return line


@dataclass(frozen=True, slots=True)
class CommandLine:
    """``plankg`` on a state directory. The environment is ours alone, except for the system's part.

    Commands run in an empty directory, so that nobody's ``.env`` is read: it might name a database.
    """

    home: Path
    models: Path
    variables: Mapping[str, str] = field(default_factory=dict)

    def with_variables(self, **variables: str) -> CommandLine:
        """The same with more environment variables."""
        return replace(self, variables={**self.variables, **variables})

    def run(self, *arguments: str | Path) -> Done:
        """Run ``plankg`` with these arguments until it ends."""
        return self.run_python("-m", "ui.cli", *map(str, arguments))

    def run_python(self, *arguments: str, stdin: str | None = None) -> Done:
        """Run Python with these arguments, as ``plankg`` would run."""
        done = subprocess.run(
            [sys.executable, *arguments],
            env=self.environment(),
            cwd=self._directory(),
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            capture_output=True,
            encoding="utf-8",
            timeout=TIMEOUT_S,
        )
        return Done(done.returncode, done.stdout, done.stderr)

    @contextmanager
    def started(self, *arguments: str) -> Iterator[subprocess.Popen[str]]:
        """A Python process with pipes at all its ends; it is gone when the block ends."""
        with subprocess.Popen(
            [sys.executable, *arguments],
            env=self.environment(),
            cwd=self._directory(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        ) as process:
            try:
                yield process
            finally:
                if process.poll() is None:
                    process.kill()

    def environment(self) -> dict[str, str]:
        """The whole environment of a run."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(_FOREIGN)}
        paths = [self.variables.get("PYTHONPATH"), str(PROJECT_ROOT), os.environ.get("PYTHONPATH")]
        return {
            **kept,
            "PLANKG_HOME": str(self.home),
            "PLANKG_MODELS": str(self.models),
            **self.variables,
            "PYTHONPATH": os.pathsep.join(filter(None, paths)),
        }

    def _directory(self) -> Path:
        directory = self.home.parent / "empty"
        directory.mkdir(exist_ok=True, parents=True)
        return directory


@lru_cache
def _small_state(base: Path, models: Path) -> Path:
    plan = base / "small-plan.txt"
    plan.write_text(SMALL_PLAN, "utf-8")
    home = base / "small-home"
    CommandLine(home, models).run("build", plan).ok()
    return home


def small_state(factory: pytest.TempPathFactory, models: Path, home: Path) -> CommandLine:
    """The command line on a copy, in ``home``, of a state built from the small plan.

    The first call of a run builds the state; each later one saves the seconds of a build.
    """
    shutil.copytree(_small_state(factory.getbasetemp(), models), home)
    return CommandLine(home, models)


def contents(home: Path) -> dict[str, str]:
    """Digests of all files that answers depend on: what is intact has the same before and after.

    The lock and the caches are left out, because a build that fails may touch them; and what is in
    Chroma's files, because it writes to them even when it only searches.
    """
    digests = {}
    for path in sorted(home.rglob("*")):
        name = str(path.relative_to(home))
        if path.is_file() and not name.startswith(("lock", "vectors.sqlite", "extracted")):
            data = b"" if "chroma" in path.parts else path.read_bytes()
            digests[name] = hashlib.sha256(data).hexdigest()
    return digests


def current_build(home: Path) -> Path:
    """The directory of the current build."""
    name = json.loads((home / "current.json").read_text("utf-8"))["build"]
    return home / "builds" / str(name)


def write_questions(path: Path, *questions: Mapping[str, object]) -> Path:
    """Write a question file, one JSON object a line."""
    path.write_text("".join(json.dumps(q, ensure_ascii=False) + "\n" for q in questions), "utf-8")
    return path


#: Runs ``plankg build`` and does something to itself when the build reports its progress for the n-th
#: time with a label: ``kill`` and ``interrupt`` send a signal, ``wait`` says "reached" and waits for a
#: line. Only the progress bar, which does nothing here, is replaced.
_AT_STAGE = """
import os, signal, sys
from ui import cli, commands, progress

action, label, count, *plans = sys.argv[1:]
reached = 0

def act(self, done, total, said):
    global reached
    reached += said == label
    if said != label or reached != int(count):
        return
    if action == "wait":
        print("reached", flush=True)
        sys.stdin.readline()
    else:
        os.kill(os.getpid(), signal.SIGKILL if action == "kill" else signal.SIGINT)

progress.ProgressBar.__call__ = act
sys.exit(cli.main(["build", *plans]))
"""


def build_until(action: str, label: str, *plans: Path, count: int = 1) -> tuple[str, ...]:
    """Python's arguments for a build that does ``action`` at its ``count``-th step with this label."""
    return ("-c", _AT_STAGE, action, label, str(count), *map(str, plans))


KILLED = -signal.SIGKILL
