"""Run a question set and sum up the grades: by category, by answerer, beside baselines and an earlier run."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from pydantic import BaseModel, ConfigDict, ValidationError

from kg.errors import InputError
from kg.ports import ProgressCallback
from qa.grading import GoldQuestion, Grade, grade, share
from qa.model import Answer

MEASURES = ("correct", "cited", "verbatim", "grounded")


@dataclass(frozen=True, slots=True)
class Refusals:
    """How many questions were refused rightly, refused wrongly, and answered though the plan does not say."""

    rightly: int
    wrongly: int
    missed: int


@dataclass(frozen=True, slots=True)
class Report:
    """The grades of one system on a question set, in the set's order."""

    grades: tuple[Grade, ...]

    def totals(self) -> dict[str, float]:
        """The measures over all questions."""
        return {
            "correct": share(g.correct for g in self.grades),
            "cited": share(g.cited for g in self.grades),
            "verbatim": share(v for g in self.grades for v in g.verbatim),
            "grounded": share(g.grounded for g in self.grades),
        }

    def latency_ms(self) -> tuple[float, float]:
        """(p50, p95) of the answers' times."""
        times = sorted(g.answer.elapsed_ms for g in self.grades)
        return median(times), times[int(0.95 * (len(times) - 1))]

    def refusals(self) -> Refusals:
        """Refusals against what the plan says."""
        pairs = [(g.answer.refused, g.question.answerable) for g in self.grades]
        return Refusals(pairs.count((True, False)), pairs.count((True, True)), pairs.count((False, False)))

    def by_category(self) -> dict[str, Report]:
        """A report for each category, by its name."""
        found: defaultdict[str, list[Grade]] = defaultdict(list)
        for item in self.grades:
            found[item.question.category].append(item)
        return {name: Report(tuple(grades)) for name, grades in sorted(found.items())}

    def by_kind(self) -> dict[str, Report]:
        """A report for each answerer (`Answer.kind`), the one that answered most first."""
        found: defaultdict[str, list[Grade]] = defaultdict(list)
        for item in self.grades:
            found[item.answer.kind].append(item)
        ordered = sorted(found.items(), key=lambda pair: (-len(pair[1]), pair[0]))
        return {kind: Report(tuple(grades)) for kind, grades in ordered}

    def failures(self) -> list[Grade]:
        """The grades of answers that fail in any measure."""
        return [item for item in self.grades if item.failed]


def run(
    gold: Sequence[GoldQuestion],
    ask: Callable[[GoldQuestion], Answer],
    plans: dict[str, str],
    on_progress: ProgressCallback | None = None,
    label: str = "评测",
) -> Report:
    """Ask and grade every question; ``plans`` are the texts by plan id."""
    grades: list[Grade] = []
    for done, question in enumerate(gold, 1):
        grades.append(grade(question, ask(question), plans))
        if on_progress:
            on_progress(done, len(gold), label)
    return Report(tuple(grades))


# -- against an earlier run


class EarlierAnswer(BaseModel):
    """What a report says about one question; reports of older versions have no ``verbatim``."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    id: str
    question: str
    correct: bool
    cited: bool | None
    grounded: bool
    verbatim: bool | None = None
    answer: str = ""


class EarlierReport(BaseModel):
    """The part of a report that comparisons need."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    answers: tuple[EarlierAnswer, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """A question whose verdicts changed: the measures that did, and its grade now."""

    grade: Grade
    measures: tuple[str, ...]
    before: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """What changed since an earlier run, over the questions that both have in the same words.

    ``measures``: before and now. A question may be better in one measure and worse in another.
    """

    common: int
    measures: Mapping[str, tuple[float, float]]
    better: tuple[Change, ...]
    worse: tuple[Change, ...]
    only_now: tuple[str, ...]
    only_before: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """All that one ``plankg eval`` found out. ``question_set`` is the file's name."""

    question_set: str
    plans: tuple[str, ...]
    report: Report
    baselines: Mapping[str, Report] = field(default_factory=dict)
    comparison: Comparison | None = None


def read_report(path: Path) -> EarlierReport:
    """Read a report that ``plankg eval`` wrote.

    Raises: InputError: missing, or no such report.
    """
    try:
        return EarlierReport.model_validate(json.loads(path.read_text("utf-8")))
    except FileNotFoundError as exc:
        raise InputError(f"找不到评测报告 {path}。请检查路径。") from exc
    except (OSError, ValueError, ValidationError) as exc:
        raise InputError(f"{path} 不是 plankg eval 写的评测报告（JSON）。请换一个文件。") from exc


def verdicts(item: Grade) -> dict[str, bool | None]:
    """By measure, whether one answer meets it; None where it is not judged."""
    verbatim = all(item.verbatim) if item.verbatim else None
    return {"correct": item.correct, "cited": item.cited, "verbatim": verbatim, "grounded": item.grounded}


def compare(report: Report, earlier: EarlierReport) -> Comparison:
    """What changed from an earlier run to this one."""
    before = {answer.id: answer for answer in earlier.answers}
    common = [
        (item, before[item.question.id])
        for item in report.grades
        if item.question.id in before and before[item.question.id].question == item.question.question
    ]
    known = {item.question.id for item, _ in common}
    better: list[Change] = []
    worse: list[Change] = []
    for item, old in common:
        changes = {m: (getattr(old, m), now) for m, now in verdicts(item).items()}
        gained = tuple(m for m, change in changes.items() if change == (False, True))
        lost = tuple(m for m, change in changes.items() if change == (True, False))
        better += [Change(item, gained, old.answer)] if gained else []
        worse += [Change(item, lost, old.answer)] if lost else []
    return Comparison(
        common=len(common),
        measures={
            measure: (share(getattr(old, measure) for _, old in common),
                      share(verdicts(item)[measure] for item, _ in common))
            for measure in MEASURES
            if measure != "verbatim" or any(old.verbatim is not None for _, old in common)
        },
        better=tuple(better),
        worse=tuple(worse),
        only_now=tuple(g.question.id for g in report.grades if g.question.id not in known),
        only_before=tuple(answer.id for answer in earlier.answers if answer.id not in known),
    )
