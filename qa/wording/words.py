"""Words that the checks of a wording need: units, bounds, tendencies, endings of names."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from kg.errors import SettingsError


class WordingWords(BaseModel):
    """``units``: a unit's base and how many of it make one; ``glue``: words that state nothing.

    ``at_least`` and ``at_most`` stand before a number, their ``_after`` forms behind it. ``generic_names``
    end like names and are none. ``asks_for_all``: a question with one wants every item.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    units: dict[str, tuple[str, float]]
    at_least: tuple[str, ...]
    at_most: tuple[str, ...]
    at_least_after: tuple[str, ...]
    at_most_after: tuple[str, ...]
    rise: tuple[str, ...]
    fall: tuple[str, ...]
    negations: tuple[str, ...]
    glue: frozenset[str]
    name_endings: tuple[str, ...]
    generic_names: frozenset[str]
    asks_for_all: tuple[str, ...]


@lru_cache(maxsize=4)
def load_wording_words(directory: Path) -> WordingWords:
    """Read ``wording_words.json``.

    Raises: SettingsError: missing or malformed; names the file.
    """
    path = directory / "wording_words.json"
    try:
        return WordingWords.model_validate(json.loads(path.read_text("utf-8")))
    except ValidationError as exc:
        raise SettingsError(f"词表内容有误：{exc.errors()[0]['msg']}。请改正 {path}。") from exc
    except (OSError, ValueError) as exc:
        raise SettingsError(f"词表文件 {path} 缺失或不是有效的 JSON。请恢复 data/lexicon。") from exc
