"""Fit the odds that a sentence answers: what `qa.answerers.text` uses to answer or to refuse.

``python -m benchmarks.certainty`` builds both plans, looks at the best sentence for each development question
that no other answerer takes, and asks whether it holds the gold quote. It prints the coefficients of a
logistic regression and, by tenfold cross-validation, what each threshold would answer rightly and wrongly,
and refuse.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ingest.pipeline import build, default_plans
from kg.settings import PROJECT_ROOT, Settings, load_settings
from kg.tokens import fold
from qa.answerers.base import Inquiry
from qa.answerers.registry import ANSWERERS
from qa.answerers.text import best_signs
from qa.grading import GoldQuestion, read_questions
from qa.service import QuestionService

_SETS = PROJECT_ROOT / "tests" / "eval"
_OTHER_PLAN = PROJECT_ROOT / "tests" / "data" / "plans" / "qingshan-plan.txt"
_NAMES = ("coverage", "likeness", "lead", "unknown")
_FOLDS = 10
_THRESHOLDS = (-0.4, -0.2, 0.0, 0.2, 0.4, 0.6)

Vector = NDArray[np.float64]


def main() -> None:
    """Measure, fit and print."""
    settings = load_settings()
    rows: list[tuple[tuple[float, ...], bool, bool]] = []
    with tempfile.TemporaryDirectory(prefix="plankg-certainty-") as folder:
        for name, plans, file in (
            ("plan", default_plans(PROJECT_ROOT), _SETS / "questions.jsonl"),
            ("other", [_OTHER_PLAN], _SETS / "qingshan-questions.jsonl"),
        ):
            own = settings.model_copy(update={"home": Path(folder) / name})
            build(plans, own)
            gold = [q for q in read_questions(file) if q.split != "held"]
            rows += _observations(own, gold + (_retrieval_questions() if name == "plan" else []))
    features = np.array([[*values, 1.0] for values, _, _ in rows])
    right = np.array([hit for _, hit, _ in rows], float)
    answerable = np.array([told for _, _, told in rows])
    weights = _fit(features, right)
    report = [f"{name} {weight:.2f}" for name, weight in zip((*_NAMES, "base"), weights, strict=True)]
    sys.stdout.write(f"{len(rows)} questions reach the judgement: {', '.join(report)}\n\n")
    sys.stdout.write("| odds from | right | wrong | answered though not stated | refused though right |\n")
    sys.stdout.write("|---:|---:|---:|---:|---:|\n")
    odds = _cross_validated(features, right)
    for threshold in _THRESHOLDS:
        said, hit = odds >= threshold, right > 0
        counts = (said & hit, said & ~hit & answerable, said & ~answerable, ~said & hit)
        cells = [f"{threshold:.1f}", *(str(int(count.sum())) for count in counts)]
        sys.stdout.write("| " + " | ".join(cells) + " |\n")


def _retrieval_questions() -> list[GoldQuestion]:
    """The questions with gold places that retrieval is measured with: all of them have an answer."""
    lines = map(json.loads, (_SETS / "retrieval.jsonl").read_text("utf-8").splitlines())
    return [GoldQuestion(id=row["id"], question=row["question"], quote=tuple(row["quotes"])) for row in lines]


def _observations(
    settings: Settings, gold: Sequence[GoldQuestion]
) -> Iterator[tuple[tuple[float, ...], bool, bool]]:
    """Per question: the signs of its best sentence, whether that is right, whether any could be."""
    service = QuestionService(settings)
    knowledge = service.knowledge
    linker = service.linker
    texts = {id: document.text for id, document in knowledge.documents.items()}
    for item in gold:
        if item.history:
            continue
        entities = linker.link(fold(item.question))
        question = knowledge.understand(item.question, linker.names_in(entities, fold(item.question)))
        inquiry = Inquiry(question, knowledge, entities, linker)
        earlier = (answerer for answerer in ANSWERERS if answerer.kind != "text")
        if any(answerer.answer(inquiry) is not None for answerer in earlier):
            continue
        best = best_signs(inquiry)
        if best is None:
            continue
        match, values = best
        sentence = match.sentence
        text = texts[sentence.plan_id]
        quoted = text[sentence.start : sentence.end]
        hit = any(quote in quoted or quoted in quote for quote in item.quote if quote in text)
        yield values, hit and item.answerable, item.answerable
    service.close()


def _fit(features: Vector, right: Vector, ridge: float = 1.0) -> Vector:
    """Weights of a logistic regression, by Newton's method; the last one, of the constant, is not shrunk."""
    weights = np.zeros(features.shape[1])
    shrink = np.full(features.shape[1], ridge)
    shrink[-1] = 0.0
    for _ in range(50):
        chance = 1 / (1 + np.exp(-features @ weights))
        slope = features.T @ (chance - right) + shrink * weights
        curve = (features * (chance * (1 - chance))[:, None]).T @ features + np.diag(shrink)
        weights = weights - np.linalg.solve(curve, slope)
    return weights


def _cross_validated(features: Vector, right: Vector) -> Vector:
    """Log odds of each row by weights fitted to the other folds."""
    odds = np.zeros(len(right))
    folds = np.random.default_rng(1).permutation(len(right)) % _FOLDS
    for fold_number in range(_FOLDS):
        inside = folds == fold_number
        odds[inside] = features[inside] @ _fit(features[~inside], right[~inside])
    return odds


if __name__ == "__main__":
    main()
