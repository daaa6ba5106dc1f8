"""What each part of answering is worth: question sets answered with one part left out at a time.

``python -m benchmarks.ablation [QUESTIONS.jsonl ...]``; takes half an hour on two cores. Builds the plan
in ``data/plans`` and the other county's. The files given are further question sets about the plan in
``data/plans``. Prints a Markdown table; what its rows and columns are is described in docs/ablation.md.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from ingest.pipeline import build, default_plans
from kg.settings import PROJECT_ROOT, Settings, load_settings
from qa.answerers.base import Answerer, Inquiry
from qa.answerers.registry import ANSWERERS
from qa.answerers.text import TextAnswerer
from qa.baselines import BASELINES, first_passage
from qa.components import Components
from qa.compose import Draft
from qa.evaluation import Report, run
from qa.grading import GoldQuestion, read_questions
from qa.retrieve import ALL_SOURCES, Source
from qa.service import QuestionService

_TESTS = PROJECT_ROOT / "tests"
_OWN, _OTHER = _TESTS / "eval" / "questions.jsonl", _TESTS / "eval" / "qingshan-questions.jsonl"
_OTHER_PLAN = _TESTS / "data" / "plans" / "qingshan-plan.txt"
#: what answers without the graph: small talk, headings and sentences come from the text
_WITHOUT_GRAPH = ("chat", "headings", "text")
_ALL = "nothing"


@dataclass(frozen=True, slots=True)
class QuestionSet:
    """Questions and the state that they are asked of."""

    name: str
    gold: tuple[GoldQuestion, ...]
    settings: Settings


@dataclass(frozen=True, slots=True)
class Variant:
    """A way to answer: its parts, and whether the word lists have synonyms."""

    components: Components
    synonyms: bool = True


class _WithoutEntities:
    """An answerer that is not told which nodes of the graph a question names."""

    def __init__(self, answerer: Answerer) -> None:
        self._answerer = answerer
        self.kind = answerer.kind

    def answer(self, inquiry: Inquiry) -> Draft | None:
        """What the answerer says without entities."""
        return self._answerer.answer(replace(inquiry, entities=()))


def variants() -> dict[str, Variant]:
    """By what is left out."""
    all_parts = Components()

    def answering(change: Callable[[Answerer], Answerer | None]) -> Variant:
        changed = (change(answerer) for answerer in ANSWERERS)
        return Variant(replace(all_parts, answerers=tuple(a for a in changed if a is not None)))

    def text(replacement: Answerer) -> Variant:
        return answering(lambda answerer: replacement if answerer.kind == "text" else answerer)

    def without(kind: str) -> Variant:
        return answering(lambda answerer: None if answerer.kind == kind else answerer)

    return {
        _ALL: Variant(all_parts),
        "graph answers (all but headings and text)": answering(
            lambda answerer: answerer if answerer.kind in _WITHOUT_GRAPH else None
        ),
        **{f"answerer: {answerer.kind}": without(answerer.kind) for answerer in ANSWERERS},
        **{
            f"retriever: {source}": Variant(replace(all_parts, sources=ALL_SOURCES - {source}))
            for source in Source
        },
        "both BM25": Variant(replace(all_parts, sources=frozenset({Source.DENSE}))),
        "entity linking": Variant(replace(all_parts, entities=False)),
        "entity linking in text answers": text(_WithoutEntities(TextAnswerer())),
        "attribute check": text(TextAnswerer(max_attribute_lost=1.0)),
        "typo correction": Variant(replace(all_parts, typos=False)),
        "synonyms": Variant(all_parts, synonyms=False),
        "follow-up resolution": Variant(replace(all_parts, follow_ups=False)),
        "contradictions": Variant(replace(all_parts, contradictions=False)),
    }


def measure(variant: Variant, questions: QuestionSet, bare_lexicon: Path) -> Report:
    """Grades of a set, answered by a variant."""
    settings = questions.settings
    if not variant.synonyms:
        settings = settings.model_copy(update={"lexicon_dir": bare_lexicon})
    with closing(QuestionService(settings, variant.components)) as service:
        service.warm_up()
        return run(questions.gold, lambda q: service.ask(q.question, q.history), _plans(service))


def measure_baseline(name: str, questions: QuestionSet) -> Report:
    """Grades of a set, answered by the first passage of a plain search."""
    with closing(QuestionService(questions.settings)) as service:
        knowledge = service.knowledge
        return run(questions.gold, lambda q: first_passage(knowledge, name, q.question), _plans(service))


def _plans(service: QuestionService) -> dict[str, str]:
    return {id: document.text for id, document in service.knowledge.documents.items()}


def without_synonyms(lexicon: Path, folder: Path) -> Path:
    """A copy of the word lists in which no word stands for another."""
    copy = folder / "lexicon"
    shutil.copytree(lexicon, copy)
    (copy / "synonyms.json").write_text("[]", "utf-8")
    (copy / "narrower.json").write_text("{}", "utf-8")
    return copy


def main() -> None:
    """Build, answer everything once per variant, print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("questions", nargs="*", type=Path, help="further question sets about the plan")
    files: list[Path] = parser.parse_args().questions
    with tempfile.TemporaryDirectory(prefix="plankg-ablation-") as temporary:
        folder = Path(temporary)
        sets = _question_sets(files, folder)
        bare = without_synonyms(load_settings().lexicon_dir, folder)
        _print_head(sets)
        everything: list[Report] = []
        for name, variant in variants().items():
            reports = [measure(variant, questions, bare) for questions in sets]
            everything = everything or reports
            print(row(name, reports, everything), flush=True)
        for name in BASELINES:
            reports = [measure_baseline(name, questions) for questions in sets]
            print(row(f"all but the first passage of {name} search", reports, everything), flush=True)


def _question_sets(files: Sequence[Path], folder: Path) -> list[QuestionSet]:
    plan, other = (load_settings().model_copy(update={"home": folder / name}) for name in ("plan", "other"))
    build(default_plans(PROJECT_ROOT), plan)
    build([_OTHER_PLAN], other)
    own = tuple(question for question in read_questions(_OWN) if question.split == "dev")
    return [
        *(QuestionSet(file.stem, tuple(read_questions(file)), plan) for file in files),
        QuestionSet(_OWN.stem, own, plan),
        QuestionSet(_OTHER.stem, tuple(read_questions(_OTHER)), other),
    ]


# -- the table

_COLUMNS = ("left out", "correct", "change", "lost", "won", "cited", "wrongly refused", "missed")


def _print_head(sets: Sequence[QuestionSet]) -> None:
    print(f"{sum(len(questions.gold) for questions in sets)} questions\n")
    print(_line((*_COLUMNS, *(f"{questions.name} ({len(questions.gold)})" for questions in sets))))
    print(_line(["---"] + ["---:"] * (len(_COLUMNS) - 1 + len(sets))))


def row(name: str, reports: Sequence[Report], everything: Sequence[Report]) -> str:
    """The measures over all sets against those of ``everything``, then the share correct by set."""
    both, before = _pooled(reports), _pooled(everything)
    pairs = [(old.correct, new.correct) for old, new in zip(before.grades, both.grades, strict=True)]
    totals, refusals = both.totals(), both.refusals()
    change = totals["correct"] - before.totals()["correct"]
    counts = [pairs.count((True, False)), pairs.count((False, True))]
    by_set = (f"{report.totals()['correct']:.3f}" for report in reports)
    return _line([
        name, f"{totals['correct']:.3f}", f"{change:+.3f}", *map(str, counts), f"{totals['cited']:.3f}",
        str(refusals.wrongly), str(refusals.missed), *by_set,
    ])  # fmt: skip


def _pooled(reports: Iterable[Report]) -> Report:
    return Report(tuple(grade for report in reports for grade in report.grades))


def _line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"


if __name__ == "__main__":
    main()
