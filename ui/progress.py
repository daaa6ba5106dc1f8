"""A progress bar on the terminal, for the callbacks of long work."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tqdm import tqdm


class ProgressBar:
    """Draws ``on_progress(done, total, label)`` on stderr; silent when that is no terminal."""

    def __init__(self) -> None:
        """Draws nothing yet."""
        self._bar: tqdm[Any] | None = None
        self._label = ""

    def __enter__(self) -> ProgressBar:
        """Start."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave the last bar on the screen."""
        if self._bar is not None:
            self._bar.close()

    def __call__(self, done: int, total: int, label: str) -> None:
        """Show a step; a new label starts a new bar."""
        if not sys.stderr.isatty():
            return
        if self._bar is None or label != self._label:
            from tqdm import tqdm

            if self._bar is not None:
                self._bar.close()
            self._bar = tqdm(total=total, desc=label, file=sys.stderr, unit="项")
            self._label = label
        self._bar.total = total
        self._bar.update(done - self._bar.n)
