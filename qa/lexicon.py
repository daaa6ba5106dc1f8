"""Words about questions: what frames them, what is too general, synonyms, and endings of names."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from kg.errors import SettingsError
from kg.schema import Label
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
    """What is measured, and the units that such an amount has.

    ``decides``: an amount in one of them measures this and nothing else, so the word itself may be missing.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    words: tuple[str, ...]
    units: tuple[str, ...]
    decides: bool = False


class AskedKind(BaseModel):
    """Words for a kind of thing that is asked for, and how one knows its names: by label or by ending."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    asked: tuple[str, ...]
    labels: frozenset[Label]
    endings: tuple[str, ...]


class Structure(BaseModel):
    """A whole whose parts a text gives as `A:B:C`: words for the whole, and for each part in its place."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    heads: tuple[str, ...]
    parts: tuple[tuple[str, ...], ...]


class JointNames(BaseModel):
    """``pairs``: a word that names two things at once (`城乡`), with the words for each in their order."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    pairs: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {}
    structures: tuple[Structure, ...] = ()


class QuestionLexicon:
    """Question words and synonym groups, folded like all text that is compared.

    ``name_endings`` turn a name into another thing's name: a firm's and `街` make a street's.
    """

    def __init__(
        self, words: QuestionWords, groups: list[list[str]], name_endings: Iterable[str] = (),
        measures: Iterable[MeasureUnits] = (), joint: JointNames | None = None,
        kinds: Iterable[AskedKind] = (), events: Iterable[list[str]] = (),
        narrower: Mapping[str, Sequence[str]] = MappingProxyType({}),
    ) -> None:
        """``groups``: words of one group stand for each other. ``events``: what happens at one time each.

        ``narrower``: kinds of a thing, which stand for it, but it does not stand for them.
        """
        self.words = words
        self.joint = joint or JointNames()
        #: the longer frame words, which a segmenter would cut into pieces with a meaning of their own
        phrases = sorted(filter(_is_phrase, words.frame), key=len, reverse=True)
        self.frame_phrases = re.compile("|".join(map(re.escape, phrases)) or r"(?!)")
        spoken = sorted(words.spoken, key=len, reverse=True)
        self._spoken = re.compile("|".join(map(re.escape, spoken)) or r"(?!)")
        self._measures = tuple(measures)
        self.kinds = tuple(kinds)
        self.events = tuple(map(frozenset, events))
        self.name_endings = frozenset(map(fold, name_endings))
        self._synonyms: dict[str, tuple[str, ...]] = {}
        for group in groups:
            folded = [fold(word) for word in group]
            for word in folded:
                others = (*self._synonyms.get(word, ()), *(w for w in folded if w != word))
                self._synonyms[word] = tuple(dict.fromkeys(others))
        for word, kinds_of_it in narrower.items():
            others = (*self._synonyms.get(fold(word), ()), *map(fold, kinds_of_it))
            self._synonyms[fold(word)] = tuple(dict.fromkeys(others))
        self._longest = max(map(len, self._synonyms), default=0)
        self._asked_measures = lru_cache(maxsize=256)(self._find_asked_measures)

    def standard(self, text: str) -> str:
        """A question in standard words where it asks in dialect: `咋` is `怎么`."""
        return self._spoken.sub(lambda match: self.words.spoken[match.group()], text)

    def units_of(self, folded: str) -> tuple[str, ...]:
        """The units that an amount has by what a folded question says is measured; empty if it does not."""
        return tuple(dict.fromkeys(unit for m in self._asked_measures(folded) for unit in m.units))

    def _find_asked_measures(self, folded: str) -> tuple[MeasureUnits, ...]:
        return tuple(m for m in self._measures if any(_asks_amount_of(word, folded) for word in m.words))

    def is_measure(self, word: str) -> bool:
        """Whether a word says what is measured: `投资`, `总投资`, `一年生产`."""
        words = (word, *self.synonyms(word))
        return any(_measures(measure, each) for measure in self._measures for each in words)

    def unit_decides(self, folded: str, word: str) -> bool:
        """Whether a question asks for an amount whose unit alone tells that it is this measure."""
        return any(
            measure.decides and _measures(measure, each)
            for measure in self._asked_measures(folded) for each in (word, *self.synonyms(word))
        )

    def synonyms(self, word: str) -> tuple[str, ...]:
        """Other words for this one, and for kinds of it; empty if none are known."""
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


def _measures(measure: MeasureUnits, word: str) -> bool:
    return any(each in word for each in measure.words)


def _is_latin(char: str) -> bool:
    return char.isascii() and char.isalpha()


def _is_phrase(word: str) -> bool:
    return len(word) >= 3 and not word.isascii()


def _asks_amount_of(word: str, folded: str) -> bool:
    """`投资多少`, `多少投资`, `…的投资？`; not `投资什么项目`."""
    much = r"(?:多少|几|多大|多高|多长)"
    near = (
        rf"{word}[^,，。？?、]{{0,6}}{much}|{much}[^,，。？?、]{{0,4}}{word}|"
        rf"{word}(?:额|量|数|值)?[?？。]?$"
    )
    return bool(re.search(near, folded))


@lru_cache(maxsize=4)
def load_question_lexicon(directory: Path) -> QuestionLexicon:
    """Read the files of words about questions, and the endings of names from the extractors' lists.

    Raises: SettingsError: missing or malformed; names the file.
    """
    try:
        words = QuestionWords.model_validate(_read(directory / "question_words.json"))
        groups = TypeAdapter(list[list[str]]).validate_python(_read(directory / "synonyms.json"))
        measures = TypeAdapter(list[MeasureUnits]).validate_python(_read(directory / "measure_units.json"))
        joint = JointNames.model_validate(_read(directory / "joint_names.json"))
        kinds = TypeAdapter(list[AskedKind]).validate_python(_read(directory / "asked_kinds.json"))
        events = TypeAdapter(list[list[str]]).validate_python(_read(directory / "events.json"))
        narrower = TypeAdapter(dict[str, list[str]]).validate_python(_read(directory / "narrower.json"))
        endings = [word for file, kinds in _ENDINGS.items() for word in _endings(directory / file, kinds)]
    except ValidationError as exc:
        raise SettingsError(f"词表内容有误：{exc.errors()[0]['msg']}。请改正 {directory}。") from exc
    return QuestionLexicon(words, groups, endings, measures, joint, kinds, events, narrower)


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
