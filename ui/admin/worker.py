"""The process that makes one change of the state, and reports on it."""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Literal

from kg.errors import PlankgError
from kg.settings import Settings
from ui import texts

log = logging.getLogger(__name__)

Kind = Literal["add", "remove", "undo", "rebuild"]
#: reports of progress are no closer, in seconds: nobody sees more
_CLOSEST_S = 0.1


def work(reports: Connection, settings: Settings, kind: Kind, what: str, files: tuple[Path, ...]) -> None:
    """Make a change. Reports: ``line``s of the log, ``progress``, and last ``done`` or ``failed``."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the server's business, which ends this process too
    threading.Thread(target=_exit_with_parent, daemon=True).start()
    texts.use(settings.language)
    logging.basicConfig(level=logging.INFO, handlers=[_Lines(reports)], force=True)
    for noisy in ("httpx", "chromadb", "neo4j", "pypdf"):
        logging.getLogger(noisy).setLevel(logging.CRITICAL)
    try:
        reports.send(("done", _change(settings, kind, what, files, _progress(reports))))
    except PlankgError as exc:
        reports.send(("failed", str(exc)))
    except Exception:
        log.exception("build failed")
        reports.send(("failed", texts.section("admin")["UNEXPECTED"]))


def _change(
    settings: Settings,
    kind: Kind,
    what: str,
    files: tuple[Path, ...],
    progress: Callable[[int, int, str], None],
) -> str:
    """Make the change; returns what to tell of it."""
    from ingest import pipeline

    if kind == "add":
        result = pipeline.build(files, settings, progress, add=True)
    elif kind == "remove":
        result = pipeline.remove(what, settings, progress)
    elif kind == "undo":
        result = pipeline.undo(settings, progress)
    else:
        result = pipeline.rebuild(settings, progress)
    done = "UNCHANGED" if result.unchanged else f"DONE_{kind.upper()}"
    return " ".join((texts.section("admin")[done].format(what=what), *result.warnings))


def _progress(reports: Connection) -> Callable[[int, int, str], None]:
    shown, at = "", 0.0

    def report(done: int, total: int, label: str) -> None:
        nonlocal shown, at
        now = time.monotonic()
        if label != shown or done >= total or now - at >= _CLOSEST_S:
            shown, at = label, now
            reports.send(("progress", (done, total, label)))

    return report


class _Lines(logging.Handler):
    """Log records as reports; tracebacks go to the server's own log."""

    def __init__(self, reports: Connection) -> None:
        super().__init__(logging.INFO)
        self._reports = reports
        self._line = logging.Formatter("%(asctime)s %(message)s", "%H:%M:%S")

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info:
            sys.stderr.write(f"{logging.Formatter().format(record)}\n")
        try:
            self._reports.send(("line", self._line.format(record).partition("\n")[0]))
        except OSError:  # the server is gone, and this process with it
            self.handleError(record)


def _exit_with_parent() -> None:
    """A server that was killed leaves no build behind."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
    os._exit(1)
