"""What stands on a page of a PDF: pieces of text and ruled lines, with their places.

Points are of the page as it is read: y grows upwards, and text runs from left to right.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from ingest.formats.plain import is_cjk

Matrix = Sequence[float]
#: forms that fonts give as characters of their own: radicals for the words they are, ligatures
_FORMS = re.compile("[\u2e80-\u2fdf\uf900-\ufaff\ufb00-\ufb06]")
#: radicals to which Unicode gives no character, or not the simplified one; signs that fonts draw alike
_RADICALS = str.maketrans(
    "―〜∕⼾⺁⺇⺊⺎⺒⺓⺝⺟⺠⺩⺪⺬⺵⺶⺻⺼⺽⻁⻄⻅⻆⻉⻊⻋⻑⻓⻔⻗⻘⻙⻚⻛⻜⻝⻡⻢⻣⻤⻥⻦⻧⻨⻩⻪⻬⻮⻰⻳",
    "—～／户厂几卜兀巳幺月母民王疋示网羊聿月臼虎西见角贝足车長长门雨青韦页风飞食首马骨鬼鱼鸟卤麦黄黾齐齿龙龟",
)
_THICKEST = 3.0
_SHORTEST = 4.0
_FILLS = frozenset({b"f", b"F", b"f*"})
_STROKES = frozenset({b"S", b"s", b"B", b"B*", b"b", b"b*"})
#: more lines than this on one page draw a picture
_MAX_RULES = 5000
_LATIN_WIDTH = 0.52
_WIDE = frozenset("%@ABCDEGHKMNOPQRTUVWXYZmw+=<>")
_WIDE_WIDTH = 0.8


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text: where it starts on its base line, and how large its letters are."""

    text: str
    x: float
    y: float
    size: float
    angle: int = 0

    @property
    def width(self) -> float:
        """About how wide it is; what the fonts say is not always at hand."""
        return text_width(self.text) * self.size


@dataclass(frozen=True, slots=True)
class Rule:
    """A straight line from (x0, y0) to (x1, y1), both ends in rising order."""

    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def upright(self) -> bool:
        """Whether it runs from top to bottom."""
        return self.y1 - self.y0 > self.x1 - self.x0


@dataclass(frozen=True, slots=True)
class Page:
    """A page's text in the order in which it was written, and its ruled lines."""

    pieces: tuple[Piece, ...]
    rules: tuple[Rule, ...]


def text_width(text: str) -> float:
    """About how wide a text is, as a multiple of its size."""
    return sum(_char_width(char) for char in text)


def _char_width(char: str) -> float:
    if is_cjk(char) or ord(char) > 0x2000 or char in "×÷±":
        return 1.0
    return _WIDE_WIDTH if char in _WIDE else _LATIN_WIDTH


def read_page(page: Any, tick: Callable[[], None]) -> Page:
    """The text and lines of a page of pypdf; ``tick`` is called at each step, and may raise."""
    collector = _Collector(tick)
    page.extract_text(visitor_text=collector.on_text, visitor_operand_before=collector.on_operand)
    return _turned_upright(collector.pieces, collector.rules)


class _Collector:
    def __init__(self, tick: Callable[[], None]) -> None:
        self.pieces: list[Piece] = []
        self.rules: list[Rule] = []
        self._tick = tick
        self._paths: list[list[tuple[float, float]]] = []

    def on_text(self, text: str, cm: Matrix, tm: Matrix, font: object, size: float) -> None:
        text = plain_forms(text.replace("\n", "").replace("\r", ""))
        if not text:
            return
        x, y = _point(cm, tm[4], tm[5])
        across = (tm[0] * cm[0] + tm[1] * cm[2], tm[0] * cm[1] + tm[1] * cm[3])
        up = math.hypot(tm[2] * cm[0] + tm[3] * cm[2], tm[2] * cm[1] + tm[3] * cm[3])
        degrees = math.degrees(math.atan2(across[1], across[0]))
        quarter = round(degrees / 90)
        if abs(degrees - 90 * quarter) < 5 and up * size > 0.5:  # what stands askew is a watermark
            self.pieces.append(Piece(text, x, y, abs(size) * up, quarter % 4 * 90))

    def on_operand(self, operator: bytes, operands: Any, cm: Matrix, tm: Matrix) -> None:
        self._tick()
        if operator == b"re" and len(operands) >= 4:
            x, y, w, h = (float(number) for number in operands[:4])
            corners = [(x, y), (x + w, y), (x + w, y + h), (x, y + h), (x, y)]
            self._paths.append([_point(cm, *corner) for corner in corners])
        elif operator == b"m" and len(operands) >= 2:
            self._paths.append([_point(cm, float(operands[0]), float(operands[1]))])
        elif operator == b"l" and self._paths and len(operands) >= 2:
            self._paths[-1].append(_point(cm, float(operands[0]), float(operands[1])))
        elif operator in _FILLS or operator in _STROKES:
            self._paint(operator in _STROKES)
        elif operator == b"n":
            self._paths = []

    def _paint(self, stroked: bool) -> None:
        for path in self._paths:
            if len(self.rules) <= _MAX_RULES:
                self._add(path)
                if stroked:
                    for first, second in pairwise(path):
                        self._add([first, second])
        self._paths = []

    def _add(self, points: Sequence[tuple[float, float]]) -> None:
        """A path that is long and thin is a line."""
        xs, ys = [x for x, _ in points], [y for _, y in points]
        wide, high = max(xs) - min(xs), max(ys) - min(ys)
        if min(wide, high) > _THICKEST or max(wide, high) < _SHORTEST:
            return
        x, y = (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2
        self.rules.append(Rule(min(xs), y, max(xs), y) if wide > high else Rule(x, min(ys), x, max(ys)))


def plain_forms(text: str) -> str:
    """The text with ordinary characters in place of the odd forms that fonts give."""
    text = text.replace("⸺", "——").translate(_RADICALS)
    return _FORMS.sub(lambda match: unicodedata.normalize("NFKC", match.group()), text)


def _point(cm: Matrix, x: float, y: float) -> tuple[float, float]:
    return x * cm[0] + y * cm[2] + cm[4], x * cm[1] + y * cm[3] + cm[5]


def _turned_upright(pieces: Sequence[Piece], rules: Sequence[Rule]) -> Page:
    """The page turned so that most of its text runs from left to right, without text that does not."""
    counts: Counter[int] = Counter()
    for piece in pieces:
        counts[piece.angle] += len(piece.text.strip())
    angle = counts.most_common(1)[0][0] if counts else 0
    kept = [piece for piece in pieces if piece.angle == angle]
    lines = () if len(rules) > _MAX_RULES else tuple(rules)
    if angle == 0:
        return Page(tuple(kept), lines)
    turned = []
    for piece in kept:
        x, y = _turn(piece.x, piece.y, angle)
        turned.append(replace(piece, x=x, y=y))
    return Page(tuple(turned), tuple(_turned_rule(rule, angle) for rule in lines))


def _turn(x: float, y: float, angle: int) -> tuple[float, float]:
    return {90: (y, -x), 180: (-x, -y), 270: (-y, x)}[angle]


def _turned_rule(rule: Rule, angle: int) -> Rule:
    (xa, ya), (xb, yb) = _turn(rule.x0, rule.y0, angle), _turn(rule.x1, rule.y1, angle)
    return Rule(min(xa, xb), min(ya, yb), max(xa, xb), max(ya, yb))
