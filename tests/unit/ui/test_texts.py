"""The words of the page: both languages have the same, and scripts and code ask only for words that exist."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import ui
from kg.errors import SettingsError
from kg.schema import Label, RelationType
from ui import texts

UI = Path(ui.__file__).parent
SECTIONS = sorted(path.stem for path in (UI / "texts" / "zh").glob("*.json"))


@pytest.fixture(autouse=True)
def chinese() -> None:
    texts.use("zh")


def words(language: str, section: str) -> dict[str, str]:
    found: dict[str, str] = json.loads((UI / "texts" / language / f"{section}.json").read_text("utf-8"))
    return found


@pytest.mark.parametrize("section", SECTIONS)
def test_both_languages_have_the_same_words_with_the_same_places_to_fill(section: str) -> None:
    chinese, english = words("zh", section), words("en", section)
    assert list(chinese) == list(english)
    for key, text in chinese.items():
        assert set(re.findall(r"{(\w+)", text)) == set(re.findall(r"{(\w+)", english[key])), key


def test_every_label_and_relation_has_a_name() -> None:
    assert set(words("zh", "labels")) == set(Label)
    assert set(words("zh", "relations")) == set(RelationType)


def test_scripts_ask_only_for_words_that_exist() -> None:
    shared = words("zh", "shared")
    for script in (UI / "assets" / "app").rglob("*.js"):
        code = script.read_text("utf-8")
        for variable, section in re.findall(r"const (\w+) = words\(\"(\w+)\"\)", code):
            asked = set(re.findall(rf"\b{variable}\.([A-Z][A-Z0-9_]+)\b", code))
            assert asked <= {*shared, *words("zh", section)}, script.name


def test_code_asks_only_for_words_that_exist() -> None:
    known = words("zh", "page")
    for module in UI.rglob("*.py"):
        asked = set(re.findall(r"\btexts\.([A-Z][A-Z0-9_]+)\b", module.read_text("utf-8")))
        assert asked - {"LANGUAGES", "SEND"} <= known.keys(), module.name


def test_the_language_can_be_changed() -> None:
    assert texts.SEND == words("zh", "page")["SEND"]
    texts.use("en")
    assert texts.SEND == words("en", "page")["SEND"]
    texts.use("zh")


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(SettingsError, match="PLANKG_LANGUAGE"):
        texts.use("fr")
