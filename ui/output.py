"""What commands tell and write."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from kg.errors import InputError


def say(text: str = "") -> None:
    """Print for the user."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()  # whoever waits for the address reads a pipe


def check_output(path: Path) -> None:
    """Say before the work that its result could not be written.

    Raises: InputError: a directory, or in none.
    """
    if path.is_dir() or not path.parent.is_dir():
        raise InputError(f"无法写入 {path}：目录不存在或它本身是目录。请换一个输出文件。")


@contextmanager
def writing(path: Path) -> Iterator[TextIO]:
    """A text file to write; a failure is told in one line."""
    with _told(path), path.open("w", encoding="utf-8") as file:
        yield file


def write_bytes(path: Path, data: bytes) -> None:
    """Write a file; a failure is told in one line."""
    with _told(path):
        path.write_bytes(data)


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as exc:
        why = exc.strerror or exc
        raise InputError(f"无法写入 {path}：{why}。请检查权限和磁盘空间，或换一个文件。") from exc
