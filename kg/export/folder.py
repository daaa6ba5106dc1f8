"""Where an export goes: written aside, moved into place when all of it is there."""

from __future__ import annotations

import re
import shutil
import uuid
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from kg.errors import InputError

_ASIDE = ".plankg-export-"


@contextmanager
def output_folder(target: Path, known: Collection[re.Pattern[str]]) -> Iterator[Path]:
    """Check the target and yield an empty folder to write into, which is gone afterwards.

    ``known`` matches the names of files that exports make; a folder with anything else in it is refused.

    Raises: InputError: the target cannot be used, or writing failed. What is written aside never changes
        the target.
    """
    try:
        _check(target, known)
        aside = _aside(target)
        aside.mkdir(parents=True)
        try:
            yield aside
        finally:
            shutil.rmtree(aside, ignore_errors=True)
    except OSError as exc:
        why = exc.strerror or exc
        raise InputError(f"无法写入目录 {target}：{why}。请检查路径、权限和磁盘空间。") from exc


def publish(aside: Path, target: Path, names: Sequence[str], replaced: re.Pattern[str]) -> list[Path]:
    """Move the named files to the target; files there that match ``replaced`` and are not new are removed.

    Returns: where the files are now.
    """
    if not target.exists():
        aside.rename(target)
        return [target / name for name in names]
    for name in names:
        (aside / name).replace(target / name)
    for old in target.iterdir():
        if replaced.fullmatch(old.name) and old.name not in names:
            old.unlink()
    return [target / name for name in names]


def _check(target: Path, known: Collection[re.Pattern[str]]) -> None:
    if not target.exists():
        return
    if not target.is_dir():
        raise InputError(f"{target} 不是目录。请换一个目录。")
    for entry in target.iterdir():
        ours = any(pattern.fullmatch(entry.name) for pattern in known)
        if not entry.name.startswith(_ASIDE) and not (ours and entry.is_file()):
            raise InputError(f"目录 {target} 里已有别的文件（{entry.name}），没有写入。请换一个空目录。")


def _aside(target: Path) -> Path:
    """A new place on the target's file system; what a killed export left in such places is removed.

    Beside the target, so that it appears all at once. If the target exists, inside it: it may be a mount
    point, the only folder that we may write to, or somebody's working directory, so it must stay.
    """
    parent, prefix = (target, _ASIDE) if target.exists() else (target.parent, f"{_ASIDE}{target.name}-")
    if parent.exists():
        for leftover in parent.glob(f"{prefix}*"):
            shutil.rmtree(leftover, ignore_errors=True)
    return parent / f"{prefix}{uuid.uuid4().hex}"
