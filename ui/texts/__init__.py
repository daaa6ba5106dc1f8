"""Every word that the page shows: ``<language>/<section>.json``, Chinese unless told otherwise.

A tab's words are the section of its name; ``page`` has those around the tabs and of the conversation. Words
of ``page`` are read as attributes: ``texts.SEND``. The language is chosen once, when the page is started.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from kg.errors import SettingsError

LANGUAGES = ("zh", "en")
_DIRECTORY = Path(__file__).parent
_chosen = LANGUAGES[0]


def use(language: str) -> None:
    """Show the page in this language from now on.

    Raises: SettingsError: not one of `LANGUAGES`.
    """
    global _chosen
    if language not in LANGUAGES:
        raise SettingsError(f"没有语言 {language}。PLANKG_LANGUAGE 可以是 {'、'.join(LANGUAGES)}。")
    _chosen = language


def language() -> str:
    """The language in use."""
    return _chosen


def section(name: str) -> Mapping[str, str]:
    """The words of a section in the language in use."""
    return _read(_chosen, name)


def sections() -> dict[str, Mapping[str, str]]:
    """All sections in the language in use, for the page's scripts."""
    return {path.stem: section(path.stem) for path in sorted((_DIRECTORY / _chosen).glob("*.json"))}


def __getattr__(name: str) -> str:
    try:
        return section("page")[name]
    except KeyError:
        raise AttributeError(name) from None


@cache
def _read(language: str, name: str) -> Mapping[str, str]:
    words: dict[str, str] = json.loads((_DIRECTORY / language / f"{name}.json").read_text("utf-8"))
    return words
