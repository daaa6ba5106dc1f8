"""Find many names in a text at once: the longest at each place, none overlapping."""

from __future__ import annotations

from collections.abc import Iterable, Iterator


class NameMatcher:
    """Leftmost-longest matching of a set of names. Cost grows with the text, hardly with the set."""

    def __init__(self, names: Iterable[str]) -> None:
        """Empty names are left out."""
        self._by_pair: dict[str, list[str]] = {}
        for name in sorted(set(names), key=lambda n: (-len(n), n)):
            if name:
                self._by_pair.setdefault(name[:2], []).append(name)
        self._single = {name for name in self._by_pair if len(name) == 1}

    def find(self, text: str, start: int = 0, end: int | None = None) -> Iterator[tuple[int, int, str]]:
        """(start, end, name) of every match in ``text[start:end]``, in order."""
        stop = len(text) if end is None else end
        position = start
        while position < stop:
            name = self.at(text, position, stop)
            if name:
                yield position, position + len(name), name
                position += len(name)
            else:
                position += 1

    def at(self, text: str, position: int, end: int | None = None) -> str:
        """The longest name that begins at this position, or an empty string."""
        stop = len(text) if end is None else end
        for name in self._by_pair.get(text[position : position + 2], ()):
            if position + len(name) <= stop and text.startswith(name, position):
                return name
        single = text[position : position + 1]
        return single if single in self._single else ""
