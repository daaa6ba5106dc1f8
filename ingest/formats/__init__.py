"""Documents of other formats as plain text, in the form that the readers of outline and tables know best.

One module a format, each with a function from the file's bytes to its text; a new format is a line in
``_READERS``. The text is what the offsets of all evidence refer to: the same file gives the same text.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from ingest.formats.plain import FormatError

__all__ = ["CONVERTED_SUFFIXES", "FormatError", "convert"]
#: ending → module with a function ``read(data)``; it is imported only when such a file is read
_READERS = {
    ".docx": "ingest.formats.docx",
    ".htm": "ingest.formats.html",
    ".html": "ingest.formats.html",
    ".pdf": "ingest.formats.pdf",
}
CONVERTED_SUFFIXES = frozenset(_READERS)
_DAMAGED = "无法转换为文本，文件可能已损坏。请用原来的软件打开后另存一次，或另存为 UTF-8 文本（.txt）。"


def convert(data: bytes, suffix: str) -> str:
    """The text of a document with this ending, one of `CONVERTED_SUFFIXES`.

    Raises: FormatError: it is of another format, encrypted, damaged, hostile, or has no text.
    """
    read: Callable[[bytes], str] = import_module(_READERS[suffix]).read
    try:
        text = read(data)
    except FormatError:
        raise
    except Exception as exc:  # what a damaged file makes the foreign parsers raise has no end
        raise FormatError(_DAMAGED) from exc
    if not text.strip():
        raise FormatError("中没有文字。请给出有正文的规划文件；若是扫描件，请先做文字识别（OCR）。")
    return text
