"""What users say of answers, kept on this machine: an SQLite file beside the state."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import astuple, dataclass, fields
from datetime import UTC, datetime
from pathlib import Path

from kg.errors import StateError
from ui import texts
from ui.exports import Sheet

#: more than anyone reads; a page that is open to many must not fill the disk
MAX_ENTRIES = 50_000
VERDICTS = ("up", "down")


@dataclass(frozen=True, slots=True)
class Feedback:
    """A verdict on an answer, ``up`` or ``down``. ``sources`` are its places, one a line; ``at`` is UTC."""

    id: str
    verdict: str
    comment: str
    question: str
    answer: str
    sources: str
    build: str
    at: str = ""


class FeedbackStore:
    """Verdicts by their ids. Safe to use from many threads and processes."""

    def __init__(self, path: Path) -> None:
        """The file is made with the first verdict."""
        self._path = path

    @classmethod
    def of(cls, home: Path) -> FeedbackStore:
        """The store of a state directory."""
        return cls(home / "feedback.sqlite")

    def put(self, feedback: Feedback) -> None:
        """Keep a verdict; it replaces an earlier one of the same id.

        Raises: StateError: the file cannot be used, or there are `MAX_ENTRIES`.
        """
        kept = (*astuple(feedback)[:-1], feedback.at or datetime.now(UTC).isoformat(timespec="seconds"))
        with self._open() as database:
            known = database.execute("SELECT 1 FROM feedback WHERE id = ?", (feedback.id,)).fetchone()
            (count,) = database.execute("SELECT count(*) FROM feedback").fetchone()
            if not known and count >= MAX_ENTRIES:
                raise StateError("评价已满，没有记下。请管理员导出（plankg feedback）后移走它的文件。")
            marks = ", ".join("?" * len(kept))
            database.execute(f"INSERT OR REPLACE INTO feedback VALUES ({marks})", kept)

    def remove(self, id: str) -> None:
        """Forget a verdict; an unknown one is none."""
        with self._open() as database:
            database.execute("DELETE FROM feedback WHERE id = ?", (id,))

    def all(self) -> list[Feedback]:
        """Every verdict, oldest first."""
        if not self._path.exists():
            return []
        with self._open() as database:
            rows = database.execute("SELECT * FROM feedback ORDER BY at, id").fetchall()
        return [Feedback(*row) for row in rows]

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        columns = ", ".join(f"{field.name} TEXT NOT NULL" for field in fields(Feedback))
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(self._path, timeout=10)) as database, database:
                database.execute(f"CREATE TABLE IF NOT EXISTS feedback ({columns}, PRIMARY KEY (id))")
                yield database
        except (sqlite3.Error, OSError) as exc:
            raise StateError(
                f"无法读写评价文件 {self._path}（{exc}）。请检查权限和磁盘空间；文件损坏时请移走它。"
            ) from exc


def sheet_of(entries: list[Feedback]) -> Sheet:
    """Verdicts as a table, in the language in use."""
    words: Mapping[str, str] = texts.section("feedback")
    columns = ("AT", "VERDICT", "COMMENT", "QUESTION", "ANSWER", "SOURCES", "BUILD")
    rows = [
        (e.at, words[e.verdict.upper()], e.comment, e.question, e.answer, e.sources, e.build) for e in entries
    ]
    return Sheet(words["TITLE"], [words[f"COLUMN_{column}"] for column in columns], rows)


def json_lines(entries: list[Feedback]) -> bytes:
    """Verdicts as JSON Lines."""
    rows = ({field.name: getattr(entry, field.name) for field in fields(Feedback)} for entry in entries)
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()
