"""Numbers as a text states them: value, unit, bound, tendency, year; in Arabic and in Chinese digits."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from qa.wording.words import WordingWords

_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "○": 0, "两": 2}
_SCALES = {"十": 10, "百": 100, "千": 1000, "万": 10_000, "亿": 100_000_000}
_CHINESE = f"[{''.join(_DIGITS)}{''.join(_SCALES)}]"
#: `千` and `百` may begin the unit: 千瓦, 百分点
_SCALE = r"(?:万亿|千万|百万|十万|亿|万|千(?![瓦米克伏])|百(?!分)|十)?"
#: the period of a plan is a name; marks and the numbers of a list's items state nothing
_NOTHING = re.compile(r"\[\d+\]|十[一二三四五六]五|(?m:^\s*(?:[-*]\s*)?\(?\d+[.、)]\s*(?=\D))")
_SENTENCE_END = re.compile(r"[。!?;\n]")
_CLAUSE_END = re.compile(r"[,。!?;:\n、()]")
_FROM_TO = re.compile(r"\s*(?:年?(?:到|至|和|与|、|-|—|~)+)\s*")
_YEARS = range(1900, 2101)
#: how far a bound stands from its number
_NEAR = 6
_LONGEST_BOUND_AFTER = 3


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number in a text. ``value`` counts base units; ``bare`` is the number as printed.

    ``bound`` is 1 for `不低于`, -1 for `不超过`; ``tendency`` 1 for a rise, -1 for a fall; ``year`` the
    last one named before it in its sentence.
    """

    text: str
    value: float
    bare: float
    unit: str
    bound: int = 0
    tendency: int = 0
    year: int | None = None

    @property
    def is_year(self) -> bool:
        """Whether it names a year."""
        return self.unit in ("年", "") and self.bare in _YEARS

    def states_what(self, other: Quantity) -> bool:
        """Whether the numbers are equal, in whatever units; one without unit is taken as printed."""
        if self.unit and other.unit:
            return self.unit == other.unit and _equal(self.value, other.value)
        return _equal(self.bare, other.bare) or _equal(self.value, other.value)


def _equal(left: float, right: float) -> bool:
    return abs(left - right) <= 1e-9 * max(abs(left), abs(right))


class QuantityReader:
    """Finds the quantities of a text."""

    def __init__(self, words: WordingWords) -> None:
        """``words`` has the units and what bounds a number."""
        self._words = words

    def read(self, text: str) -> tuple[Quantity, ...]:
        """All quantities in order. A lone `一` is no number: it is part of too many words."""
        text = unicodedata.normalize("NFKC", re.sub(r"(?<=\d),(?=\d{3})", "", text))
        text = _NOTHING.sub(lambda match: " " * len(match.group()), text)
        found: list[Quantity] = []
        year: int | None = None
        position = 0
        for match in self._pattern.finditer(text):
            if _SENTENCE_END.search(text, position, match.start()):
                year = None
            quantity = self._quantity(text, match, year)
            if quantity is not None and quantity.is_year:
                # behind `2020年到2025年` a number belongs to either
                spanned = year is not None and bool(_FROM_TO.fullmatch(text[position : match.start()]))
                year = None if spanned else int(quantity.bare)
            found += [quantity] if quantity is not None else []
            position = match.end()
        return tuple(found)

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        units = "|".join(map(re.escape, sorted(self._words.units, key=len, reverse=True)))
        return re.compile(
            rf"百分之(?P<share>\d+(?:\.\d+)?|{_CHINESE}+(?:点{_CHINESE}+)?)"
            rf"|(?P<whole>{_CHINESE}+)分之(?P<part>{_CHINESE}+)"
            rf"|(?<![A-Za-z\d.])(?P<digits>\d+(?:\.\d+)?)\s*(?:余|多)?(?P<scale>{_SCALE})\s*(?P<unit>{units})?"
            rf"|(?P<chinese>{_CHINESE}+)(?P<measure>{units})"
            rf"|第(?P<ordinal>{_CHINESE}++)(?![,、:])",
            re.I,
        )

    def _quantity(self, text: str, match: re.Match[str], year: int | None) -> Quantity | None:
        if match["share"]:
            number, scale, word = _number(match["share"]), 1.0, "%"
        elif match["whole"]:
            number, scale, word = _number(match["part"]) / (_number(match["whole"]) or 1), 1.0, ""
        elif match["digits"]:
            number, scale, word = float(match["digits"]), _factor(match["scale"]), match["unit"] or ""
        else:
            digits = match["chinese"] or match["ordinal"]
            if match["chinese"] and not _is_number(match["chinese"]):
                return None
            number, scale, word = _number(digits), 1.0, match["measure"] or ""
        base, factor = self._words.units.get(word.lower(), ("", 1.0))
        return Quantity(
            text=match.group().strip(),
            value=number * scale * factor,
            bare=number,
            unit=base,
            bound=self._bound(text, match),
            tendency=self._tendency(text, match.start()),
            year=year,
        )

    def _bound(self, text: str, match: re.Match[str]) -> int:
        before = text[max(0, match.start() - _NEAR) : match.start()]
        before = _CLAUSE_END.split(before)[-1]
        after = text[match.end() : match.end() + _LONGEST_BOUND_AFTER]
        words = self._words
        ahead = {**dict.fromkeys(words.at_least, 1), **dict.fromkeys(words.at_most, -1)}
        # `不低于` holds `低于`: the longest decides
        for word in sorted(ahead, key=len, reverse=True):
            if word in before:
                return ahead[word]
        if after.startswith(words.at_least_after) or re.search(r"\d\s*[余多]", match.group()):
            return 1
        return -1 if after.startswith(words.at_most_after) else 0

    def _tendency(self, text: str, end: int) -> int:
        clause = _CLAUSE_END.split(text[max(0, end - 30) : end])[-1]
        rise = max((clause.rfind(word) for word in self._words.rise), default=-1)
        fall = max((clause.rfind(word) for word in self._words.fall), default=-1)
        return (rise > fall) - (fall > rise)


def supported(claim: Quantity, sources: Iterable[Quantity]) -> bool:
    """Whether a number stands in the sources with its unit, bound and year, its tendency not turned round.

    Where the sources print it with a unit, a place where they print it without does not count.
    """
    same = [source for source in sources if claim.states_what(source)]
    bare = [s for s in sources if s.unit and _equal(s.bare, claim.bare)]
    if claim.unit and not any(source.unit for source in same) and bare:
        return False
    if not any(source.bound == claim.bound for source in same):
        return False
    tendencies = {source.tendency for source in same if source.tendency}
    if claim.tendency and tendencies == {-claim.tendency}:
        return False
    years = {source.year for source in same if source.year is not None}
    return claim.is_year or claim.year is None or not years or claim.year in years


def _is_number(text: str) -> bool:
    """Not `一` alone, and not `万` in `单位：万元`."""
    return text != "一" and (text[0] == "十" or any(char in _DIGITS for char in text))


def _factor(scale: str) -> float:
    value = 1.0
    for char in scale:
        value *= _SCALES[char]
    return value


def _number(text: str) -> float:
    """`二十五点五`, `二〇二五`, `1.5` as a number."""
    if text[:1].isascii() and text[:1].isdigit():
        return float(text)
    whole, _, decimals = text.partition("点")
    fraction = "".join(str(_DIGITS.get(char, 0)) for char in decimals)
    return _whole(whole) + (float(f"0.{fraction}") if fraction else 0.0)


def _whole(text: str) -> float:
    if not any(char in _SCALES for char in text):
        return float("".join(str(_DIGITS[char]) for char in text))
    total = section = digit = 0.0
    for char in text:
        if char in _DIGITS:
            digit = _DIGITS[char]
        elif _SCALES[char] >= 10_000:
            total = (total + section + digit or 1) * _SCALES[char]
            section = digit = 0.0
        else:
            section += (digit or 1) * _SCALES[char]
            digit = 0.0
    return total + section + digit
