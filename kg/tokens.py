"""Tokens for lexical search: words by a segmenter, and character bigrams that no segmenter can spoil."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

Tokenizer = Callable[[str], list[str]]

_RUN = re.compile(r"[\u4e00-\u9fff]+|[a-z0-9.+%×]+")
#: function characters that carry no topic
_STOP = frozenset("的了和与及或在为对是把被将从到等个之其以并于也都就而且")


def fold(text: str) -> str:
    """NFKC, lower case: what both sides of a comparison go through."""
    return _fold_short(text) if len(text) <= _SHORT else _fold(text)


#: names and words are folded over and over again; whole texts once
_SHORT = 64


def _fold(text: str) -> str:
    return unicodedata.normalize("NFKC", text).lower()


_fold_short = lru_cache(maxsize=100_000)(_fold)


@lru_cache(maxsize=1)
def _converter() -> Any:
    from opencc import OpenCC

    return OpenCC("t2s")


def shortened(text: str, limit: int) -> str:
    """The start of a text, at most ``limit`` characters long as it is and folded: `ﷺ` becomes eighteen."""
    text = text[:limit]
    while (length := len(fold(text))) > limit:
        text = text[: len(text) * limit // length]
    return text


def simplified(text: str) -> str:
    """A text in simplified characters; nothing else changes."""
    result: str = _converter().convert(text)
    return result


def words(text: str) -> list[str]:
    """Words of a text in search mode: long words also give their parts."""
    import rjieba

    folded = fold(text)
    return [w for w in rjieba.cut_for_search(folded) if _RUN.fullmatch(w) and w not in _STOP]


def bigrams(text: str) -> list[str]:
    """Character bigrams of Chinese runs (a single character stands alone), other runs whole."""
    tokens: list[str] = []
    for run in _RUN.findall(fold(text)):
        if "\u4e00" <= run[0] <= "\u9fff" and len(run) > 1:
            tokens.extend(run[i : i + 2] for i in range(len(run) - 1))
        else:
            tokens.append(run)
    return tokens


TOKENIZERS: dict[str, Tokenizer] = {"words": words, "bigrams": bigrams}


#: what an empty text gets, which nothing matches
NO_TOKEN = "\x00"


def tokenize_all(texts: Sequence[str], tokenizer: Tokenizer) -> list[list[str]]:
    """Tokens of each text, an equal one kept once: many plans share their words."""
    known: dict[str, str] = {}
    return [[known.setdefault(token, token) for token in tokenizer(text)] or [NO_TOKEN] for text in texts]


_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "○": 0, "两": 2}


def chinese_number(text: str) -> int | None:
    """`二十一` → 21, `12` → 12, `１２` → 12; None if it is no number below 1000."""
    text = text.strip()
    if not text:
        return None
    if text.isdecimal():
        return int(text)
    total = current = 0
    for char in text:
        if char in _DIGITS:
            current = current * 10 + _DIGITS[char] if current and "十" not in text else _DIGITS[char]
        elif char == "十":
            total, current = total + (current or 1) * 10, 0
        elif char == "百":
            total, current = total + (current or 1) * 100, 0
        else:
            return None
    return total + current
