"""Judge answers against a question set: correct, cited, verbatim, grounded."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from kg.errors import InputError
from qa.model import Answer
from qa.verify import numbers, ungrounded


class GoldQuestion(BaseModel):
    """A line of a question set. ``must``: each group needs one of its alternatives in the answer."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    id: str
    question: str
    category: str = ""
    must: tuple[tuple[str, ...], ...] = ()
    must_not: tuple[str, ...] = ()
    min_ratio: float = 1.0
    quote: tuple[str, ...] = ()
    answerable: bool = True
    max_chars: int = 10**9
    history: tuple[tuple[str, str], ...] = ()
    split: str = ""


@dataclass(frozen=True, slots=True)
class Grade:
    """How one answer fares. ``cited`` is None where the question has no gold quote."""

    question: GoldQuestion
    answer: Answer
    correct: bool
    cited: bool | None
    verbatim: tuple[bool, ...]
    grounded: bool
    why: tuple[str, ...]

    @property
    def failed(self) -> bool:
        """Whether it is wrong, not grounded, or cites another place."""
        return bool(self.why) or self.cited is False or not all(self.verbatim)


def read_questions(path: Path) -> list[GoldQuestion]:
    """Read a question set, one JSON object a line.

    Raises: InputError: missing, not UTF-8, or a line that is no question; names the line.
    """
    try:
        lines = path.read_text("utf-8-sig").split("\n")
    except FileNotFoundError as exc:
        raise InputError(f"找不到问题文件 {path}。请检查路径。") from exc
    except (OSError, UnicodeDecodeError) as exc:
        raise InputError(f"无法读取问题文件 {path}。它应是 UTF-8 编码的 JSONL 文件。") from exc
    questions: list[GoldQuestion] = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            questions.append(GoldQuestion.model_validate(json.loads(line)))
        except (ValueError, ValidationError) as exc:
            message = f"问题文件 {path} 第 {number} 行不是有效的问题（需要 id 与 question）。请改正。"
            raise InputError(message) from exc
    if not questions:
        raise InputError(f"问题文件 {path} 中没有问题。")
    return questions


def normalise(text: str) -> str:
    """Fold width, case, white space, quotation marks and Markdown away."""
    text = unicodedata.normalize("NFKC", text).lower()
    return re.sub(r"[\s\"'“”‘’《》*`_#|]+", "", text).replace(",", "")


def _has(answer: str, wanted: str) -> bool:
    if re.fullmatch(r"\d+(?:\.\d+)?", wanted):
        return float(wanted) in numbers(answer)
    return normalise(wanted) in normalise(answer)


def _overlaps(answer: Answer, quotes: Sequence[str], plans: dict[str, str]) -> bool:
    for citation in answer.citations:
        got = normalise(citation.quote)
        plan = plans[citation.source]
        for quote in quotes:
            want = normalise(quote)
            if want in got or (len(got) >= 4 and got in want):
                return True
            at = plan.find(quote)
            while at >= 0:
                if citation.start < at + len(quote) and at < citation.end:
                    return True
                at = plan.find(quote, at + 1)
    return False


def grade(question: GoldQuestion, answer: Answer, plans: dict[str, str]) -> Grade:
    """Judge one answer; ``plans`` are the texts by plan id."""
    groups = question.must
    hits = [any(_has(answer.answer, alternative) for alternative in group) for group in groups]
    ratio = sum(hits) / len(hits) if hits else 1.0
    why: list[str] = []
    if ratio < question.min_ratio:
        why.append("缺 " + " / ".join("|".join(g) for g, hit in zip(groups, hits, strict=True) if not hit))
    if bad := [word for word in question.must_not if normalise(word) in normalise(answer.answer)]:
        why.append("不应出现 " + " / ".join(bad))
    if len(answer.answer) > question.max_chars:
        why.append(f"过长 {len(answer.answer)} > {question.max_chars}")
    if answer.refused == question.answerable:
        why.append("误拒" if answer.refused else "应拒未拒")
    asked = [question.question, *(part for turn in question.history for part in turn)]
    stray = ungrounded(answer, asked)
    cited = _overlaps(answer, question.quote, plans) if question.answerable and question.quote else None
    verbatim = tuple(plans[c.source][c.start : c.end] == c.quote for c in answer.citations)
    return Grade(question, answer, not why, cited, verbatim, not stray,
                 (*why, *((f"数字无依据 {sorted(stray)}",) if stray else ())))


def share(values: Iterable[bool | None]) -> float:
    """Share of true among those that are not None; 1.0 of nothing."""
    known = [bool(value) for value in values if value is not None]
    return sum(known) / len(known) if known else 1.0
