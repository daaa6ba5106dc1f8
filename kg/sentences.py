"""Cut text into sentences and clauses. Shared by reading (passages) and answering (quotes)."""

from __future__ import annotations

import re

#: a page number on a line of its own may cut a sentence in two; it does not end it
PAGE_BREAK = re.compile(r"\s*[\r\n]\s*[-—–－]\s*[0-9０-９]{1,4}\s*[-—–－]\s*[\r\n]\s*")
#: byte order mark and zero-width space: white space to a reader, not to `str.isspace`
_INVISIBLE = "\ufeff\u200b"
_SENTENCE = re.compile(
    rf"(?:{PAGE_BREAK.pattern}|[^。！？；;\n\r])*(?:[。！？；;]+[”’」』）)]*|[\n\r]+|$)"
)
_CLAUSE = re.compile(
    rf"(?:{PAGE_BREAK.pattern}|[^，,。！？；;：:\n\r])*(?:[，,。！？；;：:]+[”’」』）)]*|[\n\r]+|$)"
)


def sentence_spans(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Spans of the sentences in text[start:end], without outer white space."""
    return _spans(_SENTENCE, text, start, end)


def clause_spans(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Spans of the clauses (between commas) in text[start:end], without outer white space."""
    return _spans(_CLAUSE, text, start, end)


def _spans(pattern: re.Pattern[str], text: str, start: int, end: int) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    position = start
    while position < end:
        match = pattern.match(text, position, end)
        assert match is not None  # the pattern matches the empty string
        first, last = match.start(), match.end()
        position = last if last > position else position + 1
        while first < last and _is_blank(text[first]):
            first += 1
        while last > first and _is_blank(text[last - 1]):
            last -= 1
        if first < last:
            spans.append((first, last))
    return spans


def _is_blank(char: str) -> bool:
    return char.isspace() or char in _INVISIBLE
