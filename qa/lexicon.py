"""Words about questions: what frames them, what is too general, synonyms, and endings of names."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable
from functools import lru_cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from kg.errors import SettingsError
from kg.tokens import fold


class QuestionWords(BaseModel):
    """``frame``: words that say how is asked; ``generic``: too general alone; ``chat``: not about a plan.

    ``spoken``: how people ask where they speak dialect, and the standard words for it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    frame: frozenset[str]
    generic: frozenset[str]
    chat: tuple[str, ...]
    spoken: dict[str, str] = {}


class MeasureUnits(BaseModel):
    """What is measured, and the units that such an amount has."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    words: tuple[str, ...]
    units: tuple[str, ...]


class QuestionLexicon:
    """Question words and synonym groups, folded like all text that is compared.

    ``name_endings`` turn a name into another thing's name: a firm's and `街` make a street's.
    """

    def __init__(
        self, words: QuestionWords, groups: list[list[str]], name_endings: Iterable[str] = (),
        measures: Iterable[MeasureUnits] = (),
    ) -> None:
        """``groups``: words of one group stand for each other."""
        self.words = words
        #: the longer frame words, which a segmenter would cut into pieces with a meaning of their own
        phrases = sorted(filter(_is_phrase, words.frame), key=len, reverse=True)
        self.frame_phrases = re.compile("|".join(map(re.escape, phrases)) or r"(?!)")
        spoken = sorted(words.spoken, key=len, reverse=True)
        self._spoken = re.compile("|".join(map(re.escape, spoken)) or r"(?!)")
        self._measures = tuple(measures)
        self.name_endings = frozenset(map(fold, name_endings))
        self._synonyms: dict[str, tuple[str, ...]] = {}
        for group in groups:
            folded = [fold(word) for word in group]
            for word in folded:
                others = (*self._synonyms.get(word, ()), *(w for w in folded if w != word))
                self._synonyms[word] = tuple(dict.fromkeys(others))
        self._longest = max(map(len, self._synonyms), default=0)

    def standard(self, text: str) -> str:
        """A question in standard words where it asks in dialect: `咋` is `怎么`."""
        return self._spoken.sub(lambda match: self.words.spoken[match.group()], text)

    def units_of(self, folded: str) -> tuple[str, ...]:
        """The units that an amount has by what a folded question says is measured; empty if it does not."""
        found = (m.units for m in self._measures if any(_asks_amount_of(word, folded) for word in m.words))
        return tuple(dict.fromkeys(unit for units in found for unit in units))

    def synonyms(self, word: str) -> tuple[str, ...]:
        """Other words for this one; empty if none are known."""
        return self._synonyms.get(word, ())

    @property
    def known(self) -> Collection[str]:
        """All words with synonyms, to be kept whole when a question is cut into words."""
        return self._synonyms.keys()

    def longest_at(self, text: str, position: int) -> int:
        """Length of the longest word with synonyms, of three characters or more, at a place; 0 if none.

        A word in Latin letters is found whole only: there is no `bus` in `business`.
        """
        longest = min(self._longest, len(text) - position)
        return next((n for n in range(longest, 2, -1) if self._is_at(text, position, position + n)), 0)

    def _is_at(self, text: str, start: int, end: int) -> bool:
        if text[start:end] not in self._synonyms:
            return False
        return not (_is_latin(text[start]) and _is_latin(text[start - 1 : start])) and not (
            _is_latin(text[end - 1]) and _is_latin(text[end : end + 1])
        )


def _is_latin(char: str) -> bool:
    return char.isascii() and char.isalpha()


def _is_phrase(word: str) -> bool:
    return len(word) >= 3 and not word.isascii()


def _asks_amount_of(word: str, folded: str) -> bool:
    """`投资多少`, `多少投资`, `…的投资？`; not `投资什么项目`."""
    much = r"(?:多少|几|多大|多高)"
    near = rf"{word}[^，。？?、]{{0,6}}{much}|{much}[^，。？?、]{{0,4}}{word}|{word}(?:额|量|数|值)?[?？。]?$"
    return bool(re.search(near, folded))


@lru_cache(maxsize=4)
def load_question_lexicon(directory: Path) -> QuestionLexicon:
    """Read ``question_words.json``, ``synonyms.json``, and the endings of names from the extractors' lists.

    Raises: SettingsError: missing or malformed; names the file.
    """
    try:
        words = QuestionWords.model_validate(_read(directory / "question_words.json"))
        groups = TypeAdapter(list[list[str]]).validate_python(_read(directory / "synonyms.json"))
        measures = TypeAdapter(list[MeasureUnits]).validate_python(_read(directory / "measure_units.json"))
        endings = [word for file, kinds in _ENDINGS.items() for word in _endings(directory / file, kinds)]
    except ValidationError as exc:
        raise SettingsError(f"词表内容有误：{exc.errors()[0]['msg']}。请改正 {directory}。") from exc
    return QuestionLexicon(words, groups, endings, measures)


#: the lists that hold endings of names of places and public bodies, by file
_ENDINGS = {
    "place_words.json": ("place_suffixes", "town_suffixes", "village_suffixes"),
    "organization_words.json": ("school_words", "health_words", "government_words", "bank_words"),
}


def _endings(path: Path, kinds: tuple[str, ...]) -> list[str]:
    lists = TypeAdapter(dict[str, list[str]]).validate_python(_read(path))
    return [word for kind in kinds for word in lists.get(kind, ())]


def _read(path: Path) -> object:
    try:
        return json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as exc:
        raise SettingsError(f"词表文件 {path} 缺失或不是有效的 JSON。请恢复 data/lexicon。") from exc
