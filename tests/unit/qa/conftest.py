"""Fixtures of the answering side: a second plan of another form, and the words about questions."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ingest.pipeline import build
from kg.settings import PROJECT_ROOT, Settings
from kg.tokens import bigrams, words
from qa.lexicon import QuestionLexicon, load_question_lexicon
from qa.question import Question, WeightFunction, understand
from qa.service import QuestionService
from tests.conftest import SECOND_PLAN, settings_for

GOLD_FILE = SECOND_PLAN.with_name("qingshan-gold.json")


@pytest.fixture(scope="session")
def second_settings(tmp_path_factory: pytest.TempPathFactory, models_dir: Path) -> Settings:
    """The second county's plan, built once. Tests must not write to its state."""
    settings = settings_for(tmp_path_factory.mktemp("second"), models_dir)
    build([SECOND_PLAN], settings)
    return settings


@pytest.fixture(scope="session")
def second(second_settings: Settings) -> Iterator[QuestionService]:
    """The answering layer on the second county's plan."""
    service = QuestionService(second_settings)
    yield service
    service.close()


@pytest.fixture(scope="session")
def lexicon() -> QuestionLexicon:
    """The product's own words about questions."""
    return load_question_lexicon(PROJECT_ROOT / "data" / "lexicon")


@pytest.fixture(scope="session")
def weight() -> WeightFunction:
    """Rarity of words in the second plan, a line of it as a passage."""
    lines = [line for line in SECOND_PLAN.read_text("utf-8").splitlines() if line.strip()]
    found = Counter(token for line in lines for token in {*words(line), *bigrams(line)})
    return WeightFunction(dict(found), len(lines))


@pytest.fixture(scope="session")
def read(lexicon: QuestionLexicon, weight: WeightFunction) -> Callable[[str], Question]:
    """Understand a question about the second plan."""
    return lambda text: understand(text, lexicon, weight, ("青山县", "青山"))


@pytest.fixture(scope="session")
def gold() -> dict[str, Any]:
    """What stands in the second plan, annotated by hand."""
    data: dict[str, Any] = json.loads(GOLD_FILE.read_text("utf-8"))
    return data
