"""Uploaded plan files, stored for a build under harmless names."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from fastapi import UploadFile

from ingest.load import MAX_BYTES, SUFFIXES, plan_id_of
from kg.errors import InputError
from ui import texts

#: files of one upload
MAX_FILES = 20


def stored(files: Sequence[UploadFile], directory: Path) -> tuple[list[str], tuple[Path, ...]]:
    """Store files in a directory; after an error it is gone. Returns: their names and paths.

    Raises: InputError: none or too many, too large, of an ending that cannot be read, or of one name.
    """
    try:
        if not 0 < len(files) <= MAX_FILES:
            raise InputError(texts.section("admin")["FILE_COUNT"].format(count=MAX_FILES))
        names = [_checked_name(file.filename or "") for file in files]
        paths = tuple(_stored(file, directory / name) for file, name in zip(files, names, strict=True))
    except BaseException:
        shutil.rmtree(directory, ignore_errors=True)
        raise
    return names, paths


def _checked_name(name: str) -> str:
    """A name for an uploaded file, without folders.

    Raises: InputError: it ends in nothing that can be read.
    """
    path = Path(name.replace("\\", "/").rsplit("/", 1)[-1])
    if path.suffix.lower() not in SUFFIXES:
        allowed = "、".join(sorted(SUFFIXES))
        raise InputError(texts.section("admin")["WRONG_TYPE"].format(name=name[:100], allowed=allowed))
    return plan_id_of(path)[:100] + path.suffix.lower()


def _stored(file: UploadFile, path: Path) -> Path:
    """An upload as a file; a larger one than can be read is not kept.

    Raises: InputError: too large, or another file of this upload has the same name.
    """
    words = texts.section("admin")
    if path.exists():
        raise InputError(words["SAME_NAME"].format(name=path.name))
    if (file.size or 0) > MAX_BYTES:
        raise InputError(words["TOO_LARGE"].format(name=path.name, size=MAX_BYTES >> 20))
    with path.open("wb") as out:
        shutil.copyfileobj(file.file, out)
    return path
