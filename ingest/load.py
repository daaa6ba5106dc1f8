"""Read a plan file, or say in one line why it cannot be read."""

from __future__ import annotations

import re
from pathlib import Path

from ingest.formats import CONVERTED_SUFFIXES, FormatError, convert
from kg.errors import InputError

MAX_BYTES = 50 * 1024 * 1024
#: endings of files that can be read
SUFFIXES = frozenset({".txt", ".md"}) | CONVERTED_SUFFIXES
_KINDS = "、".join(sorted(SUFFIXES))
_EMPTY = "{path} 是空文件。请给出有正文的规划文件。"


def load_text(path: Path) -> str:
    """The file's text with its newlines kept, so that offsets are those of the file.

    A Word document, PDF file or HTML page is converted first: the offsets are those of its plain text.

    Raises: InputError: missing, a directory, unreadable, too large, empty, binary, or not UTF-8; or a
        document that is not what its ending says, encrypted, damaged, or without text.
    """
    data = _read(path)
    suffix = path.suffix.lower()
    if suffix not in CONVERTED_SUFFIXES:
        return _decode(data, path)
    if not data.strip():
        raise InputError(_EMPTY.format(path=path))
    try:
        return convert(data, suffix)
    except FormatError as exc:
        raise InputError(f"{path} {exc}") from exc


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)  # a pipe or a device does not say how much it holds
    except FileNotFoundError as exc:
        raise InputError(f"找不到文件 {path}。请检查路径。") from exc
    except IsADirectoryError as exc:
        raise InputError(f"{path} 是目录，不是规划文件。请给出一个 {_KINDS} 文件。") from exc
    except OSError as exc:
        raise InputError(f"无法读取 {path}：{exc.strerror}。请检查路径与权限。") from exc
    except ValueError as exc:  # a null character in the path
        raise InputError(f"文件路径 {str(path)!r} 无效。请检查路径。") from exc
    if len(data) > MAX_BYTES:
        raise InputError(f"{path} 超过上限 {MAX_BYTES // 2**20} MB。请拆分后再建库。")
    return data


def _decode(data: bytes, path: Path) -> str:
    if not data.strip():
        raise InputError(_EMPTY.format(path=path))
    if b"\x00" in data:
        raise InputError(f"{path} 是二进制文件，不是纯文本。请先另存为 UTF-8 文本（.txt）。")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as exc:
        hint = "看来是 GBK 编码" if _is_gbk(data) else "无法识别其编码"
        raise InputError(
            f"{path} 不是 UTF-8 文本（第 {exc.start} 字节起），{hint}。请另存为 UTF-8 后重试，"
            f"例如：iconv -f GB18030 -t UTF-8 原文件 > 新文件。"
        ) from exc
    if not text.strip("\ufeff \t\r\n\u3000"):
        raise InputError(f"{path} 只有空白。请给出有正文的规划文件。")
    return text


def _is_gbk(data: bytes) -> bool:
    try:
        text = data.decode("gb18030")
    except UnicodeDecodeError:
        return False
    return sum("\u4e00" <= char <= "\u9fff" for char in text) > len(text) * 0.3


def plan_id_of(path: Path) -> str:
    """A stable id for the plan in this file: its name without folders and ending."""
    return re.sub(r"[^\w.-]+", "-", path.stem).strip("-") or "plan"
