"""The page can be read in light and dark: contrast of text on its ground (WCAG 2.1, level AA)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import ui

CSS = (Path(ui.__file__).parent / "assets" / "page.css").read_text("utf-8")
#: text colour and ground, as the style sheet combines them
PAIRS = [
    *(("text", ground) for ground in ("page", "surface", "sunken", "accent-soft", "warn-soft")),
    *(("muted", ground) for ground in ("page", "surface", "sunken")),
    *(("accent", ground) for ground in ("page", "surface", "accent-soft")),
    ("accent-strong", "accent-soft"),
    ("on-accent", "accent"),
    ("on-accent", "accent-strong"),
    ("mark-text", "mark"),
    ("warn", "warn-soft"),
    ("error", "error-soft"),
    ("error", "surface"),
    ("page", "text"),
]


def colours(selector: str) -> dict[str, str]:
    block = CSS[CSS.index(selector) :]
    return dict(re.findall(r"--pk-([\w-]+):\s*(#[0-9a-f]{6});", block[: block.index("}")]))


def luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: str, second: str) -> float:
    dark, light = sorted((luminance(first), luminance(second)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("selector", [":root, .gradio-container {", ".dark, .dark .gradio-container {"])
@pytest.mark.parametrize(("text", "ground"), PAIRS)
def test_text_stands_out_from_its_ground(selector: str, text: str, ground: str) -> None:
    named = colours(selector)
    assert contrast(named[text], named[ground]) >= 4.5


def test_nothing_is_fetched_by_the_style_sheet() -> None:
    assert not re.search(r"url\(|@import|@font-face", CSS)
