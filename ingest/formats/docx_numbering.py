"""Word's automatic numbers, which stand in no text: `第一章`, `（一）`, `1.` rebuilt from numbering.xml."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

_DIGITS = "零一二三四五六七八九"
_CHINESE = frozenset(
    {"chineseCounting", "chineseCountingThousand", "ideographDigital", "japaneseCounting",
     "japaneseDigitalTenThousand", "taiwaneseCounting", "taiwaneseCountingThousand", "koreanCounting",
     "ideographTraditional", "chineseLegalSimplified"}
)  # fmt: skip
_CIRCLED = frozenset({"decimalEnclosedCircle", "decimalEnclosedCircleChinese"})
_PLACE = re.compile(r"%([1-9])")
#: after these the title follows at once; after `第一章` or `1.1` comes a space
_CLOSING = ("、", "）", "．", "。", "：", "】")
_MAX_LEVEL = 8
BULLET = "• "
_FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")


@dataclass(frozen=True, slots=True)
class Level:
    """A level of a list: the number's form, the text around it (`第%1章`), where it starts.

    ``restart`` is the deepest level, counted from 1, after which it starts anew: 0 is never, as chapters
    are counted through all parts.
    """

    form: str
    text: str
    start: int
    restart: int
    legal: bool


@dataclass
class Numbering:
    """The lists of a document; numbers are counted in the order in which `label` is asked."""

    #: list id → (id of what it counts with, its levels)
    lists: Mapping[str, tuple[str, Mapping[int, Level]]]
    _counts: dict[str, dict[int, int]] = field(default_factory=dict)
    _started: set[tuple[str, int]] = field(default_factory=set)
    #: (list id, level) → number that this list starts with, where it shares its count with others
    restarts: Mapping[tuple[str, int], int] = field(default_factory=dict)

    def label(self, list_id: str, level: int) -> str:
        """The number of the next paragraph of this list and level, with the space after it."""
        found = self.lists.get(list_id)
        if found is None or level not in found[1]:
            return ""
        counter, levels = found
        counts = self._counts.setdefault(counter, {})
        key = (list_id, level)
        if key in self.restarts and key not in self._started:
            counts[level] = self.restarts[key]
        else:
            counts[level] = counts[level] + 1 if level in counts else levels[level].start
        self._started.add(key)
        for deeper in [other for other in counts if other > level]:
            if deeper not in levels or level < levels[deeper].restart:
                del counts[deeper]
        return _label(levels, counts, level)


def _label(levels: Mapping[int, Level], counts: Mapping[int, int], level: int) -> str:
    own = levels[level]
    if own.form == "bullet":
        return BULLET

    def number(match: re.Match[str]) -> str:
        at = int(match.group(1)) - 1
        if at not in levels:
            return ""
        form = "decimal" if own.legal else levels[at].form
        return formatted(counts.get(at, levels[at].start), form)

    text = _PLACE.sub(number, own.text).strip()
    if not text:
        return ""
    return text if text.endswith(_CLOSING) else text + " "


def formatted(number: int, form: str) -> str:
    """A number in one of Word's forms; in an unknown one, as digits."""
    if form == "none":
        return ""
    if form in _CHINESE and 0 <= number < 100:
        return _chinese(number)
    if form in _CIRCLED and 1 <= number <= 20:
        return chr(ord("①") + number - 1)
    if form == "decimalFullWidth":
        return str(number).translate(_FULL_WIDTH)
    if form == "decimalZero":
        return f"{number:02d}"
    if form in ("upperLetter", "lowerLetter") and 1 <= number <= 26:
        return chr(ord("A" if form == "upperLetter" else "a") + number - 1)
    if form in ("upperRoman", "lowerRoman") and 1 <= number < 40:
        tens, ones = divmod(number, 10)
        roman = "X" * tens + ["", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX"][ones]
        return roman if form == "upperRoman" else roman.lower()
    return str(number)


def _chinese(number: int) -> str:
    tens, ones = divmod(number, 10)
    if not tens:
        return _DIGITS[ones]
    return ("" if tens == 1 else _DIGITS[tens]) + "十" + (_DIGITS[ones] if ones else "")


def read_numbering(root: Any) -> Numbering:
    """The lists of numbering.xml; ``root`` is its root element, or None where there is none."""
    if root is None:
        return Numbering({})
    abstract = {
        attribute(element, "abstractNumId"): dict(_levels(element))
        for element in children(root, "abstractNum")
    }
    lists: dict[str, tuple[str, Mapping[int, Level]]] = {}
    restarts: dict[tuple[str, int], int] = {}
    for element in children(root, "num"):
        list_id = attribute(element, "numId")
        base = value(element, "abstractNumId")
        levels = dict(abstract.get(base, {}))
        for override in children(element, "lvlOverride"):
            at = whole(attribute(override, "ilvl"), -1)
            levels.update(_levels(override))
            if start := value(override, "startOverride"):
                restarts[list_id, at] = whole(start, 1)
        lists[list_id] = (base, levels)
    return Numbering(lists, restarts=restarts)


def _levels(element: Any) -> Iterator[tuple[int, Level]]:
    for level in children(element, "lvl"):
        at = whole(attribute(level, "ilvl"), -1)
        if 0 <= at <= _MAX_LEVEL:
            yield at, Level(
                form=value(level, "numFmt") or "decimal",
                text=value(level, "lvlText"),
                start=whole(value(level, "start"), 1),
                restart=whole(value(level, "lvlRestart"), _MAX_LEVEL + 1),
                legal=next(children(level, "isLgl"), None) is not None,
            )


def name_of(element: Any) -> str:
    """The element's name without its namespace, of which there are two in use; "" of a comment."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def children(element: Any, name: str) -> Iterator[Any]:
    """The element's children of this name."""
    return (child for child in element if name_of(child) == name)


def attribute(element: Any, name: str) -> str:
    """The attribute's value, whatever its namespace; empty if there is none."""
    return next((str(v) for key, v in element.attrib.items() if key.rpartition("}")[2] == name), "")


def value(element: Any, *path: str) -> str:
    """The ``val`` of the first child on this path; empty if there is none."""
    for name in path:
        element = next(children(element, name), None)
        if element is None:
            return ""
    return attribute(element, "val")


def whole(text: str, default: int) -> int:
    """The number, or the default where the text is no number of a sensible size."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else default
