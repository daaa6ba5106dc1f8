"""One change of the state at a time, in a process of its own: the page answers on meanwhile.

A build reads foreign files and takes all the processor it gets; apart from the server it can be ended,
and cannot bring the server down.
"""

from __future__ import annotations

import multiprocessing
import shutil
import threading
import time
from collections import deque
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, Literal

from kg.errors import StateLockedError
from kg.settings import Settings
from ui import texts
from ui.admin.worker import Kind, work

#: lines of the log that are kept
_MOST_LINES = 500
_END_S = 5.0


@dataclass(frozen=True, slots=True)
class Job:
    """A change and how far it is: ``done`` of ``total`` steps of what ``label`` says.

    ``message``: how it ended, for the user. ``log``: what the build said, oldest first.
    """

    kind: Kind
    what: str
    state: Literal["running", "done", "failed", "cancelled"]
    label: str = ""
    done: int = 0
    total: int = 0
    message: str = ""
    log: tuple[str, ...] = ()
    seconds: float = 0.0


class BuildJobs:
    """Starts and follows changes of one state. Thread-safe."""

    def __init__(self, settings: Settings) -> None:
        """Starts nothing."""
        self._settings = settings
        self._lock = threading.Lock()
        self._job: Job | None = None
        self._lines: deque[str] = deque(maxlen=_MOST_LINES)
        self._process: BaseProcess | None = None
        self._started = 0.0

    def latest(self) -> Job | None:
        """The change that runs, or ran last."""
        with self._lock:
            if self._job is None or self._job.state != "running":
                return self._job
            return self._with_log(self._job)

    def staging(self) -> Path:
        """A new directory for the files of a change."""
        directory = self._settings.home / "uploads" / f"{time.time_ns():x}"
        directory.mkdir(parents=True)
        return directory

    def start(self, kind: Kind, what: str, files: tuple[Path, ...] = ()) -> Job:
        """Begin a change: ``add`` of files, ``remove`` of the plan ``what``, ``undo``, or ``rebuild``.

        The files' directories are removed at its end, or when it cannot begin.
        Raises: StateLockedError: another one runs.
        """
        with self._lock:
            if self._job is not None and self._job.state == "running":
                _remove(files)
                raise StateLockedError(texts.section("admin")["BUSY"])
            context = multiprocessing.get_context("spawn")
            here, there = context.Pipe(duplex=False)
            arguments = (there, self._settings, kind, what, files)
            self._process = context.Process(target=work, args=arguments, name="build")
            self._process.start()
            there.close()  # else the end of the process would not be seen here
            self._lines.clear()
            self._started = time.monotonic()
            self._job = Job(kind, what, "running")
        following = (here, self._process, files)
        threading.Thread(target=self._follow, args=following, name="build-follower", daemon=True).start()
        return self._job

    def cancel(self) -> None:
        """End the change that runs; the state stays as it was. Without one, nothing happens."""
        with self._lock:
            if self._job is not None and self._job.state == "running" and self._process is not None:
                self._process.terminate()

    def close(self) -> None:
        """End what runs, and return when it has ended."""
        self.cancel()
        if self._process is not None:
            self._process.join(_END_S)
            if self._process.is_alive():
                self._process.kill()

    def _follow(self, reports: Connection, process: BaseProcess, files: tuple[Path, ...]) -> None:
        outcome: tuple[str, str] | None = None
        try:
            while True:
                kind, value = reports.recv()
                if kind in ("done", "failed"):
                    outcome = kind, str(value)
                else:
                    self._heard(kind, value)
        except (EOFError, OSError):
            process.join()
        _remove(files)
        self._end(outcome, process)

    def _heard(self, kind: str, value: Any) -> None:
        with self._lock:
            assert self._job is not None
            if kind == "line":
                self._lines.append(str(value))
            else:
                done, total, label = value
                self._job = replace(self._job, done=done, total=total, label=label)

    def _end(self, outcome: tuple[str, str] | None, process: BaseProcess) -> None:
        """Say how it ended, once the process has: only then may the next begin."""
        words = texts.section("admin")
        with self._lock:
            assert self._job is not None
            ended = self._with_log(self._job)
            if outcome is not None:
                state: Literal["done", "failed"] = "done" if outcome[0] == "done" else "failed"
                self._job = replace(ended, state=state, message=outcome[1])
            elif process.exitcode is not None and process.exitcode < 0:  # by a signal: ours
                self._job = replace(ended, state="cancelled", message=words["CANCELLED"])
            else:
                message = words["DIED"].format(code=process.exitcode)
                self._job = replace(ended, state="failed", message=message)

    def _with_log(self, job: Job) -> Job:
        seconds = round(time.monotonic() - self._started, 1)
        return replace(job, log=tuple(self._lines), seconds=seconds)


def _remove(files: tuple[Path, ...]) -> None:
    for directory in {file.parent for file in files}:
        shutil.rmtree(directory, ignore_errors=True)
