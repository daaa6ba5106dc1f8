"""Time and memory of builds of many synthetic plans. Prints Markdown tables.

::

    python -m benchmarks.many_plans --full 2 4 8      builds as a user runs them, embedding included
    python -m benchmarks.many_plans --hashed 25 100   the same with hashed vectors in place of the model's

The embedding of a plan takes the better part of a minute and is known to be linear, so that a hundred
plans would take over an hour for it alone. With ``--hashed`` it is replaced, in this benchmark only, by
character bigrams hashed into a vector of the same length; everything else is the product's own. After the
largest hashed build: nothing changed, one paragraph changed, one plan removed, that undone, and a build
that is killed at half and started again. With ``NEO4J_URI`` set the graph goes to that server.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.synthetic import Template, read_template, write_plans
from ingest.pipeline import BuildResult, build, default_plans, remove, undo
from kg.ports import ProgressCallback
from kg.settings import PROJECT_ROOT, load_settings
from kg.state import StateDirectory

_STAGES = ("extract", "embed", "index", "graph")


class HashingEmbedder:
    """Vectors without a model: signed hashes of a text's character bigrams, as long as the model's."""

    name = "benchmark-hashing"
    dimension = 384

    def embed_passages(
        self, texts: Sequence[str], on_progress: ProgressCallback | None = None
    ) -> NDArray[np.float32]:
        """See `kg.ports.Embedder`."""
        return np.stack([self.embed_query(text) for text in texts])

    def embed_query(self, text: str) -> NDArray[np.float32]:
        """See `kg.ports.Embedder`."""
        hashes = np.array([zlib.crc32(text[i : i + 2].encode()) for i in range(len(text))], np.int64)
        vector = np.bincount(hashes % self.dimension, 1.0 - 2.0 * (hashes >> 31), self.dimension)
        vector[0] += 1e-3  # no text is nothing
        result: NDArray[np.float32] = (vector / np.linalg.norm(vector)).astype(np.float32)
        return result


@dataclass(frozen=True, slots=True)
class Run:
    """A process that built something: wall time, processor time, peak memory, exit code."""

    seconds: float
    cpu_seconds: float
    peak_gb: float
    code: int
    result: dict[str, Any]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    numbers: dict[str, Any] = {"type": int, "nargs": "*", "default": [], "metavar": "PLANS"}
    parser.add_argument("--full", help="builds with the model's vectors", **numbers)
    parser.add_argument("--hashed", help="builds with hashed vectors", **numbers)
    parser.add_argument("--folder", type=Path, help="work here and keep it (default: a temporary folder)")
    parser.add_argument("--child", nargs="+", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        _child(*options.child)
        return
    with tempfile.TemporaryDirectory(prefix="plankg-many-") as temporary:
        folder = options.folder or Path(temporary)
        (plan,) = default_plans(PROJECT_ROOT)
        template = read_template(plan, load_settings())
        if options.full:
            _measure(False, options.full, template, folder)
        if options.hashed:
            home, plans = _measure(True, options.hashed, template, folder)
            _measure_changes(home, plans)
            _measure_resumption(folder / "killed", plans)


def _measure(hashed: bool, counts: Sequence[int], template: Template, folder: Path) -> tuple[Path, Path]:
    """A build from nothing per count; returns the last one's state directory and its plans."""
    stages = [f"{name} s" for name in _STAGES]
    title = "Cold builds, hashed vectors" if hashed else "Cold builds, embedded by the model"
    _head(title, "plans", "characters", "wall s", "cpu s", "cpu s a plan", *stages, "peak GB", "state MB")
    for count in counts:
        plans = folder / f"{'hashed' if hashed else 'full'}-{count}"
        files = write_plans(template, plans, range(1, count + 1))
        home = folder / f"home-{plans.name}"
        run = _run("build", home, plans) if hashed else _run_product(home, files)
        manifest = StateDirectory(home).require_current()
        characters = sum(len(path.read_text("utf-8")) for path in files)
        stage_seconds = [manifest.seconds[name] for name in _STAGES]
        times = [run.seconds, run.cpu_seconds, run.cpu_seconds / count, *stage_seconds]
        sizes = f"{run.peak_gb:.2f}", f"{_megabytes(home):.0f}"
        _row(count, f"{characters / 1e6:.2f} million", *(f"{seconds:.1f}" for seconds in times), *sizes)
    return home, plans


def _head(title: str, *columns: str) -> None:
    print(f"\n{title}:\n")
    _row(*columns)
    print("|---" * len(columns) + "|")


def _row(*cells: object) -> None:
    print("| " + " | ".join(map(str, cells)) + " |", flush=True)


def _measure_changes(home: Path, plans: Path) -> None:
    """What is done again when little changed, on the state that the last build left."""
    _head("The same state, changed", "what", "wall s", "plans read", "graph rows written", "peak GB")
    _print_change("nothing changed", _run("build", home, plans))
    changed = sorted(plans.iterdir())[0]
    text = changed.read_text("utf-8")
    middle = text.index("\n", len(text) // 2) + 1
    changed.write_text(text[:middle] + "新增一段：全县建设三座充电站。\n" + text[middle:], "utf-8")
    _print_change("one paragraph more in one plan", _run("build", home, plans))
    _print_change("one plan removed", _run("remove", home, plans, changed.stem))
    _print_change("that undone", _run("undo", home, plans))


def _measure_resumption(home: Path, plans: Path) -> None:
    """Kill a build when half of the plans are read, and start it again."""
    count = len(list(plans.iterdir()))
    killed = _run("build", home, plans, "", str(count // 2))
    again = _run("build", home, plans)
    _head("Killed at half and started again", "what", "wall s", "plans read", "peak GB")
    kept = "killed" if killed.code == -signal.SIGKILL else f"ended with {killed.code}"
    _row(f"{kept} after {count // 2} plans", f"{killed.seconds:.0f}", count // 2, f"{killed.peak_gb:.2f}")
    _row("started again", f"{again.seconds:.0f}", again.result["plans_read"], f"{again.peak_gb:.2f}")


def _print_change(what: str, run: Run) -> None:
    read, written = run.result["plans_read"], run.result["written"]
    _row(what, f"{run.seconds:.1f}", read, written, f"{run.peak_gb:.2f}")


def _run_product(home: Path, files: Sequence[Path]) -> Run:
    """``plankg build`` as a user runs it."""
    return _timed([sys.executable, "-m", "ui.cli", "build", *map(str, files)], home)


def _run(action: str, home: Path, plans: Path, plan: str = "", kill_at: str = "0") -> Run:
    """An action of the pipeline in a process of its own, with hashed vectors."""
    command = [sys.executable, "-m", "benchmarks.many_plans", "--child", action, str(plans), plan, kill_at]
    return _timed(command, home)


def _timed(command: Sequence[str], home: Path) -> Run:
    settings = load_settings()
    environment = {**os.environ, "PLANKG_HOME": str(home), "PLANKG_MODELS": str(settings.models_dir)}
    started = time.perf_counter()
    pipe = subprocess.PIPE
    with subprocess.Popen(command, env=environment, cwd=PROJECT_ROOT, stdout=pipe, text=True) as process:
        assert process.stdout is not None
        output = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - started
    last = output.splitlines()[-1] if output else ""
    result = json.loads(last) if re.match(r"\{", last) else {}
    return Run(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 2**20, process.returncode, result)


def _child(action: str, plans: str, plan: str, kill_at: str) -> None:
    """Runs in the measured process; prints what it did as one line of JSON."""

    def on_progress(done: int, total: int, label: str) -> None:
        if label == "解析规划" and int(kill_at) and done == int(kill_at):
            os.kill(os.getpid(), signal.SIGKILL)

    settings, embedder = load_settings(), HashingEmbedder()
    result: BuildResult
    if action == "build":
        result = build(sorted(Path(plans).iterdir()), settings, on_progress, embedder=embedder)
    elif action == "remove":
        result = remove(plan, settings, on_progress, embedder=embedder)
    else:
        result = undo(settings, on_progress, embedder=embedder)
    changes = result.graph_changes
    written = changes.entities_written + changes.relations_written
    removed = changes.entities_removed + changes.relations_removed
    print(json.dumps({"plans_read": result.plans_read, "written": written + removed}))


def _megabytes(home: Path) -> float:
    return sum(path.stat().st_size for path in home.rglob("*") if path.is_file()) / 1e6


if __name__ == "__main__":
    main()
