"""The question sets are gold: every fact and quote in them must stand in the plan.

What the fields mean, and how the sets are used, is in ``README.md`` beside this file.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import permutations
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

HERE = Path(__file__).parent
PLAN_FILE = HERE.parents[1] / "data" / "plans" / "jiaocheng-14th-five-year-plan.txt"
NUMBER = re.compile(r"\d+(?:\.\d+)?")
#: how far from its quote an answer may stand: the longest box is about this long
NEAR_CHARS = 400
#: a question shares little wording with its place when fewer of its character pairs occur there
LITTLE_SHARED = 0.2
SMALLEST_CATEGORY = {
    "indicator": 30, "fact": 80, "define": 20, "list": 20, "enterprise": 25, "town": 20,
    "industry": 15, "project": 20, "relation": 15, "count": 15, "arith": 15, "conflict": 10,
    "refuse": 60, "followup": 30, "summary": 12, "noise": 12,
}  # fmt: skip
#: their answers are worked out from the plan, so they need not stand in it
COMPUTED = {"arith", "count"}

Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]


class RetrievalQuestion(BaseModel):
    """A line of ``retrieval.jsonl``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    question: Text
    quotes: tuple[Text, ...] = Field(min_length=1)


class Question(BaseModel):
    """A line of ``questions.jsonl``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    category: str
    question: Text
    must: tuple[tuple[Text, ...], ...] = Field(min_length=1)
    must_not: tuple[Text, ...]
    quote: tuple[Text, ...]
    answerable: bool
    max_chars: int = Field(ge=200, le=1500)
    history: tuple[tuple[Text, Text], ...]
    min_ratio: float = Field(gt=0, le=1)
    split: Literal["dev", "held"]


Line = TypeVar("Line", bound=BaseModel)


def _read(name: str, model: type[Line]) -> tuple[Line, ...]:
    lines = (HERE / name).read_text(encoding="utf-8").splitlines()
    return tuple(model.model_validate_json(line) for line in lines)


@cache
def retrieval() -> tuple[RetrievalQuestion, ...]:
    """The retrieval set, in file order."""
    return _read("retrieval.jsonl", RetrievalQuestion)


@cache
def questions() -> tuple[Question, ...]:
    """The answer set, in file order."""
    return _read("questions.jsonl", Question)


@cache
def plan() -> str:
    """The plan's text with its newlines kept."""
    with PLAN_FILE.open(encoding="utf-8", newline="") as file:
        return file.read()


def _spoken() -> list[Question]:
    """Those in everyday speech: written by someone who extended the word lists, so none is held out."""
    return [q for q in questions() if q.id.startswith("w")]


def _occurrences(quote: str) -> Iterator[int]:
    at = plan().find(quote)
    while at >= 0:
        yield at
        at = plan().find(quote, at + 1)


def _around(quotes: tuple[str, ...], chars: int) -> str:
    """The plan around every occurrence of the quotes, ``chars`` to either side."""
    text = plan()
    return "\n".join(
        text[max(0, at - chars) : at + len(quote) + chars]
        for quote in quotes
        for at in _occurrences(quote)
    )


def _normalise(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).lower()
    return re.sub(r"[\s\"'“”‘’《》*`_#|,]+", "", folded)


def _numbers(text: str) -> set[float]:
    return {float(n) for n in NUMBER.findall(unicodedata.normalize("NFKC", text))}


def _has(text: str, wanted: str) -> bool:
    """Whether ``text`` says ``wanted``; a bare number must stand alone, not inside another."""
    if NUMBER.fullmatch(wanted):
        return float(wanted) in _numbers(text)
    return _normalise(wanted) in _normalise(text)


def _met_share(text: str, must: tuple[tuple[str, ...], ...]) -> float:
    return sum(any(_has(text, wanted) for wanted in group) for group in must) / len(must)


def _pairs(text: str) -> set[str]:
    letters = re.sub(r"\W", "", text)
    return {letters[i : i + 2] for i in range(len(letters) - 1)}


def _shared_wording(question: str, quotes: tuple[str, ...]) -> float:
    """Share of the question's character pairs that occur at, or just around, its quotes."""
    asked = _pairs(question)
    return len(asked & _pairs(_around(quotes, 60))) / len(asked)


def test_ids_number_the_lines() -> None:
    assert [q.id for q in retrieval()] == [f"r{n:03d}" for n in range(1, len(retrieval()) + 1)]
    spoken = len(_spoken())
    written = [f"q{n:03d}" for n in range(1, len(questions()) - spoken + 1)]
    assert [q.id for q in questions()] == [*written, *(f"w{n:03d}" for n in range(1, spoken + 1))]


def test_nothing_is_asked_twice() -> None:
    asked = [(q.question, ()) for q in retrieval()] + [(q.question, q.history) for q in questions()]
    assert [text for text, n in Counter(asked).items() if n > 1] == []


def test_every_quote_stands_in_the_plan_on_one_line() -> None:
    quotes = [(q.id, s) for q in retrieval() for s in q.quotes]
    quotes += [(q.id, s) for q in questions() for s in q.quote]
    assert [(id, s) for id, s in quotes if s not in plan() or "\n" in s] == []


def test_retrieval_quotes_are_short_enough_to_lie_in_one_passage() -> None:
    lengths = [(q.id, s) for q in retrieval() for s in q.quotes if not 8 <= len(s) <= 60]
    assert lengths == []
    assert len(retrieval()) >= 90


def _per_chapter(quotes: Iterable[str]) -> Counter[int]:
    # every chapter has a first section, and only the third lacks a numbered heading of its own
    starts = [m.start() for m in re.finditer(r"(?m)^第一节\s", plan())]
    assert len(starts) == 15
    return Counter(bisect_right(starts, min(_occurrences(quote))) for quote in quotes)


def test_retrieval_covers_every_chapter() -> None:
    counts = _per_chapter(q.quotes[0] for q in retrieval())
    assert [n for n in range(1, 16) if counts[n] < 5] == []


def test_the_answer_set_covers_every_chapter() -> None:
    counts = _per_chapter(q.quote[0] for q in questions() if q.quote)
    assert [n for n in range(1, 16) if counts[n] < 3] == []


def test_a_third_of_the_retrieval_questions_are_paraphrases() -> None:
    shared = [_shared_wording(q.question, q.quotes) for q in retrieval()]
    assert sum(share < LITTLE_SHARED for share in shared) >= len(shared) / 3


def test_forty_five_answerable_questions_are_paraphrases() -> None:
    # a count shares little wording with the last item of its list without being a paraphrase
    shared = [
        _shared_wording(q.question, q.quote)
        for q in questions()
        if q.quote and not q.history and q.category != "count"
    ]
    assert sum(share < LITTLE_SHARED for share in shared) >= 45


def test_every_category_is_there_in_number() -> None:
    counts = Counter(q.category for q in questions())
    assert counts.keys() == SMALLEST_CATEGORY.keys()
    assert {c: n for c, n in counts.items() if n < SMALLEST_CATEGORY[c]} == {}


def test_every_third_question_of_a_category_is_held_out() -> None:
    assert {q.split for q in _spoken()} == {"dev"}
    splits: defaultdict[str, list[str]] = defaultdict(list)
    for question in (q for q in questions() if q not in _spoken()):
        splits[question.category].append(question.split)
    wrong = {
        category: found
        for category, found in splits.items()
        if found != ["held" if n % 3 == 2 else "dev" for n in range(len(found))]
    }
    assert wrong == {}


def test_only_refusals_are_unanswerable_and_only_follow_ups_have_a_history() -> None:
    assert {q.category for q in questions() if not q.answerable} == {"refuse"}
    assert all(q.quote == () for q in questions() if q.category == "refuse")
    assert len({q.must for q in questions() if q.category == "refuse"}) == 1
    assert {q.category for q in questions() if q.history} == {"followup"}
    assert all(q.history for q in questions() if q.category == "followup")


def test_every_expected_answer_stands_near_a_quote() -> None:
    missing = [
        (q.id, group)
        for q in questions()
        if q.answerable and q.category not in COMPUTED
        for group in q.must
        if not _met_share(_around(q.quote, NEAR_CHARS), (group,))
    ]
    assert missing == []


def test_every_computed_difference_or_ratio_follows_from_numbers_near_its_quotes() -> None:
    wrong = []
    for question in questions():
        if question.category == "arith":
            known = _numbers(_around(question.quote, 40))
            results = {round(a - b, 2) for a, b in permutations(known, 2)}
            results |= {round(a / b, 2) for a, b in permutations(known, 2) if b}
            if float(question.must[0][0]) not in results:
                wrong.append(question.id)
    assert wrong == []


def test_repeating_the_question_does_not_answer_it() -> None:
    echoes = [q.id for q in questions() if _met_share(q.question, q.must) >= q.min_ratio]
    assert echoes == []


def test_nothing_is_both_demanded_and_forbidden() -> None:
    clashes = [
        (q.id, bad)
        for q in questions()
        for bad in q.must_not
        if any(_normalise(bad) in _normalise(wanted) for group in q.must for wanted in group)
    ]
    assert clashes == []
