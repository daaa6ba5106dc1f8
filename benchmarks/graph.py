"""Measure the graph against the annotation of the plan: precision and recall by kind.

``python -m benchmarks.graph [--show] [--kinds PATTERN] [--min KIND=FLOOR ...]`` prints a Markdown table.
A floor holds for precision and recall; KIND may be a pattern (``'second:*=0.85'``). The exit code is 1
if a floor is missed.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

from benchmarks.graph_gold import load_gold
from benchmarks.graph_measures import measure
from benchmarks.graph_scores import GraphView, Score
from benchmarks.graph_second import load_second_gold, measure_second
from ingest.extract.registry import extract_graph
from ingest.lexicon import load_lexicon
from ingest.load import load_text, plan_id_of
from ingest.outline import build_outline
from ingest.passages import make_passages
from ingest.pipeline import default_plans
from kg.model import Graph
from kg.settings import PROJECT_ROOT, load_settings

INVENTED = PROJECT_ROOT / "tests" / "data" / "plans"
#: invented plans by the prefix of their kinds; each has another format and other trades
INVENTED_PLANS = {"second": "qingshan", "coast": "wangchao", "silk": "yunxiu", "border": "rongguan"}


def extract(file: Path) -> Graph:
    """The graph of a plan file, as a build makes it."""
    outline = build_outline(load_text(file), plan_id_of(file))
    return extract_graph(outline, make_passages(outline), load_lexicon(load_settings().lexicon_dir))


@cache
def all_scores() -> tuple[Score, ...]:
    """Scores of the annotated plan, then those of the invented ones, whose kinds begin with a prefix."""
    scores = measure(load_gold(), GraphView(extract(default_plans(PROJECT_ROOT)[0])))
    for prefix, name in INVENTED_PLANS.items():
        graph = GraphView(extract(INVENTED / f"{name}-plan.txt"))
        gold = load_second_gold(INVENTED / f"{name}-gold.json")
        scores += [replace(s, kind=f"{prefix}:{s.kind}") for s in measure_second(gold, graph)]
    return tuple(scores)


def below(scores: Sequence[Score], floors: Sequence[tuple[str, float]]) -> list[str]:
    """What misses its floor, as lines; the last pattern that fits a kind counts."""
    lines = []
    for score in scores:
        floor = next((f for pattern, f in reversed(floors) if fnmatchcase(score.kind, pattern)), None)
        if floor is not None and score.lowest < floor:
            lines.append(f"{score.kind}: {score.lowest:.3f} < {floor:g}")
    return lines


def row(score: Score) -> str:
    """A score as a row of the table."""
    precision = "–" if score.precision is None else f"{score.precision:.3f} ({score.right}/{score.found})"
    return f"| {score.kind} | {precision} | {score.recall:.3f} ({score.recalled}/{score.wanted}) |"


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--show", action="store_true", help="list what was missed and what is false")
    parser.add_argument("--kinds", default="*", help="only kinds that fit this pattern")
    parser.add_argument("--min", nargs="*", default=[], type=_floor, metavar="KIND=FLOOR")
    options = parser.parse_args(arguments)
    scores = [s for s in all_scores() if fnmatchcase(s.kind, options.kinds)]
    unknown = [p for p, _ in options.min if not any(fnmatchcase(s.kind, p) for s in scores)]
    if unknown:
        parser.error(f"no such kind: {', '.join(unknown)}")
    print("| kind | precision | recall |\n|---|---|---|")
    for score in scores:
        print(row(score))
    if options.show:
        for score in scores:
            _show(score)
    missed = below(scores, options.min)
    for line in missed:
        print(f"below its floor: {line}", file=sys.stderr)
    return 1 if missed else 0


def _floor(text: str) -> tuple[str, float]:
    kind, sign, floor = text.rpartition("=")
    if not sign:
        raise argparse.ArgumentTypeError("expected KIND=FLOOR")
    return kind, float(floor)


def _show(score: Score) -> None:
    if score.misses or score.false:
        print(f"\n## {score.kind}")
        for title, lines in (("missed", score.misses), ("false", score.false)):
            for line in lines:
                print(f"- {title}: {line}")


if __name__ == "__main__":
    sys.exit(main())
