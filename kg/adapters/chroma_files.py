"""A Chroma directory as files: sealed when it is written, copied to start the next index from.

Chroma's graph files carry no checksum, and a damaged one gives wrong neighbours or ends the process that
opens it. So a directory is copied only if they are as they were sealed. Its SQLite file changes even when it
is only searched, and has checks of its own.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

_DATABASE = "chroma.sqlite3"
_SEAL = "seal.json"


def seal(directory: Path, removed: int) -> None:
    """Note what the files of a closed index are; ``removed`` counts the entries deleted from it so far."""
    data = {"removed": removed, "files": _digests(directory)}
    (directory / _SEAL).write_text(json.dumps(data), "utf-8")


def copy_sealed(source: Path, target: Path) -> int | None:
    """Copy an index into a new directory, while others may search it.

    Returns: how many entries were deleted from it so far; None, and nothing is copied, if it is not sealed
        or not as it was.
    """
    try:
        data = json.loads((source / _SEAL).read_text("utf-8"))
        removed, files = int(data["removed"]), dict(data["files"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    if files != _digests(source):
        return None
    target.mkdir(parents=True, exist_ok=True)
    for name in files:
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source / name, target / name)
    with (
        closing(sqlite3.connect(f"{(source / _DATABASE).absolute().as_uri()}?mode=ro", uri=True)) as old,
        closing(sqlite3.connect(target / _DATABASE)) as new,
    ):
        old.backup(new)
    return removed


def _digests(directory: Path) -> dict[str, str]:
    """SHA-1 by relative name of the graph's files; none for a small index."""
    digests = {}
    for path in sorted(directory.glob("*/*")):
        with path.open("rb") as file:
            digests[str(path.relative_to(directory))] = hashlib.file_digest(file, "sha1").hexdigest()
    return digests
