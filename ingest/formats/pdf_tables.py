"""Ruled tables on a page of a PDF: which lines make a grid, which of its cells are one."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ingest.formats.pdf_page import Rule

_NEAR = 3.0
#: columns and rows are not narrower than this
_NARROWEST = 5.0
#: more lines than this, once joined, draw a picture; so do more cells in one table
_MOST_RULES = 500
_MOST_PLACES = 5000
#: a row with the heading of a group is not taller than this
_TALLEST_GROUP = 40.0


@dataclass(frozen=True, slots=True)
class Place:
    """A cell of a grid: rows [row, row + rows), columns alike, and its edges."""

    row: int
    column: int
    rows: int
    columns: int
    left: float
    right: float


@dataclass(frozen=True, slots=True)
class Grid:
    """A ruled table: where its columns part (left to right), its rows (top to bottom), and its cells."""

    xs: tuple[float, ...]
    ys: tuple[float, ...]
    #: (row, column) → the cell there; a merged cell stands in all of its rows and columns
    places: Mapping[tuple[int, int], Place]

    def place_at(self, x: float, y: float) -> Place | None:
        """The cell around a point, None outside."""
        column = bisect_right(self.xs, x) - 1
        row = sum(edge >= y for edge in self.ys) - 1
        return self.places.get((row, column))


def find_grids(rules: Sequence[Rule]) -> list[Grid]:
    """The ruled tables and frames of a page, from top to bottom."""
    joined = _joined(rules)
    if len(joined) > _MOST_RULES:
        return []
    groups = _open_tables_joined(_connected(joined))
    grids = [grid for group in groups if (grid := _grid(group))]
    return sorted(grids, key=lambda grid: -grid.ys[0])


def _joined(rules: Iterable[Rule]) -> list[Rule]:
    """Lines that go on where another ends, as one."""
    found: list[Rule] = []
    for rule in sorted(rules, key=lambda r: (r.upright, *_key(r))):
        last = found[-1] if found else None
        if last and last.upright == rule.upright and _goes_on(last, rule):
            found[-1] = Rule(last.x0, last.y0, max(last.x1, rule.x1) if not rule.upright else last.x1,
                             max(last.y1, rule.y1) if rule.upright else last.y1)  # fmt: skip
        else:
            found.append(rule)
    return found


def _key(rule: Rule) -> tuple[float, float]:
    """Lines of one row or column of cells stand together, though they are a hair apart."""
    return (round(rule.x0 / 2), rule.y0) if rule.upright else (round(rule.y0 / 2), rule.x0)


def _goes_on(last: Rule, rule: Rule) -> bool:
    if rule.upright:
        return abs(rule.x0 - last.x0) < _NEAR and rule.y0 <= last.y1 + _NEAR
    return abs(rule.y0 - last.y0) < _NEAR and rule.x0 <= last.x1 + _NEAR


def _connected(rules: Sequence[Rule]) -> list[list[Rule]]:
    """Lines that cross or touch, in groups."""
    groups: list[list[Rule]] = []
    for rule in rules:
        touching = [group for group in groups if any(_touch(rule, other) for other in group)]
        groups = [group for group in groups if group not in touching]
        groups.append([rule, *(other for group in touching for other in group)])
    return groups


def _open_tables_joined(groups: Sequence[list[Rule]]) -> list[list[Rule]]:
    """Tables without lines at their left and right ends fall apart at a row without lines inside."""
    found: list[list[Rule]] = []
    for group in sorted(groups, key=lambda rules: -max(rule.y1 for rule in rules)):
        last = found[-1] if found else None
        if last and _is_open(last) and _is_open(group) and _is_next_below(group, last):
            last += group
        else:
            found.append(list(group))
    return found


def _is_open(rules: Sequence[Rule]) -> bool:
    left, right = min(rule.x0 for rule in rules), max(rule.x1 for rule in rules)
    return all(left + _NARROWEST < rule.x0 < right - _NARROWEST for rule in rules if rule.upright)


def _is_next_below(rules: Sequence[Rule], above: Sequence[Rule]) -> bool:
    gap = min(rule.y0 for rule in above) - max(rule.y1 for rule in rules)
    ends = [(min(rule.x0 for rule in group), max(rule.x1 for rule in group)) for group in (rules, above)]
    return 0 <= gap < _TALLEST_GROUP and all(abs(a - b) < _NARROWEST for a, b in zip(*ends, strict=True))


def _touch(a: Rule, b: Rule) -> bool:
    across = a.x0 <= b.x1 + _NEAR and b.x0 <= a.x1 + _NEAR
    return across and a.y0 <= b.y1 + _NEAR and b.y0 <= a.y1 + _NEAR


def _grid(rules: Sequence[Rule]) -> Grid | None:
    level = [rule for rule in rules if not rule.upright]
    upright = [rule for rule in rules if rule.upright]
    if len(level) < 2 or not upright:
        return None
    # many tables have no lines at their left and right ends
    ends = [min(rule.x0 for rule in level), max(rule.x1 for rule in level)]
    xs = _apart([*(rule.x0 for rule in upright), *ends])
    ys = _apart(rule.y0 for rule in level)[::-1]
    if len(xs) < 2 or len(ys) < 2 or len(xs) * len(ys) > _MOST_PLACES:
        return None
    return Grid(tuple(xs), tuple(ys), _places(xs, ys, level, upright))


def _apart(positions: Iterable[float]) -> list[float]:
    found: list[float] = []
    for position in sorted(positions):
        if not found or position - found[-1] >= _NARROWEST:
            found.append(position)
    return found


def _places(
    xs: Sequence[float], ys: Sequence[float], level: Sequence[Rule], upright: Sequence[Rule]
) -> dict[tuple[int, int], Place]:
    """The cells, row by row: each as wide and high as no line parts it."""
    places: dict[tuple[int, int], Place] = {}
    for row in range(len(ys) - 1):
        middle = (ys[row] + ys[row + 1]) / 2
        for column in range(len(xs) - 1):
            if (row, column) in places:
                continue
            end = column + 1
            while end < len(xs) - 1 and (row, end) not in places and not _wall(xs[end], middle, upright):
                end += 1
            bottom = row + 1
            while bottom < len(ys) - 1 and not _floor((xs[column] + xs[column + 1]) / 2, ys[bottom], level):
                bottom += 1
            place = Place(row, column, bottom - row, end - column, xs[column], xs[end])
            places.update({(r, c): place for r in range(row, bottom) for c in range(column, end)})
    return places


def _wall(x: float, y: float, upright: Sequence[Rule]) -> bool:
    return any(abs(rule.x0 - x) < _NARROWEST and rule.y0 <= y <= rule.y1 for rule in upright)


def _floor(x: float, y: float, level: Sequence[Rule]) -> bool:
    return any(abs(rule.y0 - y) < _NARROWEST and rule.x0 <= x <= rule.x1 for rule in level)
