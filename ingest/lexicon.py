"""Domain words from ``data/lexicon/``: data files that another region's plan can replace."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from kg.errors import SettingsError


class IndustryEntry(BaseModel):
    """An industry of the taxonomy: words that name it, and words that point to it.

    ``productive`` industries make goods: an item about one is usually a firm's project.
    An ``auxiliary`` industry works for others: a laboratory belongs to the trade that it studies.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    parent: str | None = None
    productive: bool = False
    auxiliary: bool = False
    synonyms: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()


class Lexicon(BaseModel):
    """All word lists of the extractors, validated."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    industries: tuple[IndustryEntry, ...] = ()
    organization_words: dict[str, tuple[str, ...]] = {}
    place_words: dict[str, tuple[str, ...]] = {}
    place_followers: dict[str, tuple[str, ...]] = {}
    concept_words: dict[str, tuple[str, ...]] = {}
    target_words: dict[str, tuple[str, ...]] = {}


@lru_cache(maxsize=4)
def load_lexicon(directory: Path) -> Lexicon:
    """Read and validate the word lists.

    Raises: SettingsError: the directory or a file is missing or malformed; names the file.
    """
    data: dict[str, object] = {}
    for name in Lexicon.model_fields:
        path = directory / f"{name}.json"
        try:
            data[name] = json.loads(path.read_text("utf-8"))
        except FileNotFoundError as exc:
            raise SettingsError(
                f"词表目录缺少文件 {path}。请恢复 data/lexicon 或检查 PLANKG_LEXICON。"
            ) from exc
        except (json.JSONDecodeError, UnicodeDecodeError) as exc:
            raise SettingsError(f"词表文件 {path} 不是有效的 JSON：{exc}。请改正。") from exc
    try:
        return Lexicon.model_validate(data)
    except ValidationError as exc:
        first = exc.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise SettingsError(f"词表内容有误：{where}：{first['msg']}。请改正 {directory}。") from exc
