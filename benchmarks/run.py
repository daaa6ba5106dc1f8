"""Time what users wait for: builds, answers, start-up, memory. Prints a Markdown table of medians.

``python -m benchmarks.run [--runs N]``; takes about five minutes for three runs on two cores. With
``NEO4J_URI`` set to an empty database it also writes the graph there once; all else uses the embedded store.
"""

from __future__ import annotations

import argparse
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from ingest.load import load_text
from ingest.outline import build_outline
from ingest.passages import make_passages
from ingest.pipeline import default_plans
from kg.adapters.embedding import open_embedder
from kg.settings import PROJECT_ROOT, load_settings
from kg.state import StateDirectory
from kg.units import all_units
from qa.grading import read_questions
from qa.service import QuestionService

_COMMAND = (sys.executable, "-m", "ui.cli")
_QUESTION = "规划期内全县污水处理率要达到多少？"


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured figure: values in ``unit``, the limit it should keep, a remark."""

    name: str
    values: Sequence[float]
    unit: str
    limit: str
    remark: str = ""

    def row(self) -> str:
        """The figure as a row of the table."""
        low, high = min(self.values), max(self.values)
        middle = median(self.values)
        digits = 0 if middle >= 100 else 1 if middle >= 10 else 2
        spread = f"{low:.{digits}f}–{high:.{digits}f}"
        return f"| {self.name} | {middle:.{digits}f} {self.unit} | {spread} | {self.limit} | {self.remark} |"


def main() -> None:
    """Run everything and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory(prefix="plankg-bench-") as folder:
        homes = [Path(folder) / f"home-{i}" for i in range(runs)]
        cold = [_seconds("build", home=home) for home in homes]
        home = homes[0]
        bare = [_bare_embedding() for _ in range(runs)]
        graph_seconds = [_graph_seconds(each) for each in homes]
        warm = [_seconds("build", home=home) for _ in range(runs)]
        asks = [_seconds("ask", _QUESTION, home=home) for _ in range(runs)]
        ratio = median(cold) / median(bare)
        figures = [
            Figure("cold build from nothing", cold, "s", "< 90 s", f"{ratio:.2f} × bare embedding"),
            Figure("bare embedding of the same sentences", bare, "s", "–"),
            Figure("of it: graph written, KGLite", graph_seconds, "s", "–"),
            *_neo4j(Path(folder) / "neo4j"),
            Figure("warm rebuild, nothing changed", warm, "s", "< 5 s"),
            *_answers(home),
            Figure("one-shot `plankg ask`", asks, "s", "< 4 s"),
            Figure("`plankg --help`", [_seconds("--help", home=home) for _ in range(runs)], "s", "< 0.5 s"),
            *_serve(home, runs),
        ]
    print("| figure | median | range | limit | |\n|---|---|---|---|---|")
    for figure in figures:
        print(figure.row())


def _environment(home: Path, *, server: bool = False) -> dict[str, str]:
    own = {"PLANKG_HOME": str(home), "PLANKG_MODELS": str(load_settings().models_dir)}
    embedded = {} if server else {"NEO4J_URI": ""}
    return {**os.environ, **own, **embedded}


def _graph_seconds(home: Path) -> float:
    """How long the current build took to write the graph."""
    return StateDirectory(home).require_current().seconds["graph"]


def _neo4j(home: Path) -> list[Figure]:
    """The same graph written to the server that is configured; nothing without one."""
    if not load_settings().neo4j_uri:
        return []
    command = [*_COMMAND, "build"]
    subprocess.run(command, env=_environment(home, server=True), check=True, capture_output=True)
    seconds = [_graph_seconds(home)]
    return [Figure("of it: graph written, Neo4j", seconds, "s", "–", "one run, into an empty database")]


def _timed(action: Callable[[], object]) -> float:
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def _seconds(*arguments: str, home: Path) -> float:
    """Wall time of a command, from start to exit."""
    command = [*_COMMAND, *arguments]
    return _timed(lambda: subprocess.run(command, env=_environment(home), check=True, capture_output=True))


def _bare_embedding() -> float:
    """Embedding alone, model loading left out: what no build can be faster than."""
    settings = load_settings()
    embedder = open_embedder(settings.embedding_model, settings.models_dir)
    embedder.embed_query("预热")
    texts: list[str] = []
    for path in default_plans(PROJECT_ROOT):
        passages = make_passages(build_outline(load_text(path), path.stem))
        texts += [unit.indexed_text for unit in all_units(passages)]
    texts.sort(key=len)
    return _timed(lambda: embedder.embed_passages(texts))


def _answers(home: Path) -> list[Figure]:
    settings = load_settings().model_copy(update={"home": home, "neo4j_uri": None})
    service = QuestionService(settings)
    service.warm_up()
    gold = read_questions(PROJECT_ROOT / "tests" / "eval" / "questions.jsonl")
    times = sorted(service.ask(q.question, q.history).elapsed_ms for q in gold)
    service.close()
    return [
        Figure("answer, warm: p50", [median(times)], "ms", "< 150 ms", f"{len(times)} questions"),
        Figure("answer, warm: p95", [times[int(0.95 * (len(times) - 1))]], "ms", "< 500 ms"),
    ]


def _serve(home: Path, runs: int) -> list[Figure]:
    """Time until the page is served, and the process's peak memory after questions over HTTP."""
    from gradio_client import Client

    ready: list[float] = []
    peaks: list[float] = []
    for _ in range(runs):
        with closing(socket.socket()) as probe:
            probe.bind(("127.0.0.1", 0))
            port = str(probe.getsockname()[1])
        command = [*_COMMAND, "serve", "--port", port]
        started = time.perf_counter()
        with subprocess.Popen(command, env=_environment(home), stdout=subprocess.PIPE, text=True) as process:
            try:
                assert process.stdout is not None
                address = re.search(r"http://\S+?(?=（|\s)", process.stdout.readline())
                ready.append(time.perf_counter() - started)
                assert address is not None
                Client(address.group(), verbose=False).close()
                status = Path(f"/proc/{process.pid}/status").read_text()
                peak = re.search(r"VmHWM:\s+(\d+)", status)
                peaks.append(int(peak.group(1)) / 2**20 if peak else 0.0)
            finally:
                process.terminate()
    return [
        Figure("`plankg serve` ready", ready, "s", "< 15 s"),
        Figure("peak memory of `serve`", peaks, "GB", "< 1.5 GB"),
    ]


if __name__ == "__main__":
    main()
