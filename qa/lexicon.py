"""Words about questions: what frames them, what is too general to identify a thing, synonyms."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from kg.errors import SettingsError
from kg.tokens import fold


class QuestionWords(BaseModel):
    """``frame``: words that say how is asked; ``generic``: too general alone; ``chat``: not about a plan."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    frame: frozenset[str]
    generic: frozenset[str]
    chat: tuple[str, ...]


class QuestionLexicon:
    """Question words and synonym groups, folded like all text that is compared."""

    def __init__(self, words: QuestionWords, groups: list[list[str]]) -> None:
        """``groups``: words of one group stand for each other."""
        self.words = words
        self._synonyms: dict[str, tuple[str, ...]] = {}
        for group in groups:
            folded = [fold(word) for word in group]
            for word in folded:
                others = (*self._synonyms.get(word, ()), *(w for w in folded if w != word))
                self._synonyms[word] = tuple(dict.fromkeys(others))

    def synonyms(self, word: str) -> tuple[str, ...]:
        """Other words for this one; empty if none are known."""
        return self._synonyms.get(word, ())

    @property
    def known(self) -> frozenset[str]:
        """All words with synonyms, to be kept whole when a question is cut into words."""
        return frozenset(self._synonyms)


@lru_cache(maxsize=4)
def load_question_lexicon(directory: Path) -> QuestionLexicon:
    """Read ``question_words.json`` and ``synonyms.json``.

    Raises: SettingsError: missing or malformed; names the file.
    """
    try:
        words = QuestionWords.model_validate(_read(directory / "question_words.json"))
        groups = TypeAdapter(list[list[str]]).validate_python(_read(directory / "synonyms.json"))
    except ValidationError as exc:
        raise SettingsError(f"词表内容有误：{exc.errors()[0]['msg']}。请改正 {directory}。") from exc
    return QuestionLexicon(words, groups)


def _read(path: Path) -> object:
    try:
        return json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as exc:
        raise SettingsError(f"词表文件 {path} 缺失或不是有效的 JSON。请恢复 data/lexicon。") from exc
