"""Cut a paragraph line into run-in headings and body."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ingest.lines import trim
from ingest.numbering import bullet_marker, item_marker
from kg.model import BlockKind

_RUN_IN = re.compile(r"[^。；！？\n]{2,30}?[。：:](?=\s*\S)")
_INNER_RUN_IN = re.compile(r"(?<=。)[\u4e00-\u9fff“”]{3,8}。(?=\S)")
_NO_HEADING = re.compile(
    r"[0-9０-９%％《》]|^[一二三四五六七八九十]+是|年来|我们|这是|其中|例如|如下|包括|要求$"
)
_MIN_BODY = 10


def paragraph_spans(text: str, start: int, end: int) -> Iterator[tuple[BlockKind, int, int]]:
    """Leaf spans of a paragraph line: a run-in heading where it opens with one, then the body.

    A very short sentence without inner punctuation in mid-paragraph (`管理创新。就是要…`) is a
    run-in heading too.
    """
    head = _run_in_end(text, start, end)
    if head:
        yield (BlockKind.RUN_IN, start, head)
    position = head or start
    for match in _INNER_RUN_IN.finditer(text, position, end):
        if match.end() >= end - _MIN_BODY or not _titles_like(text[match.start() : match.end() - 1]):
            continue
        if position < match.start():
            yield (BlockKind.PARAGRAPH, *trim(text, position, match.start()))
        yield (BlockKind.RUN_IN, match.start(), match.end())
        position = match.end()
    body = trim(text, position, end)
    if body[0] < body[1]:
        yield (BlockKind.PARAGRAPH, *body)


def _titles_like(text: str) -> bool:
    return len(text.strip("“”")) <= 6 and not _NO_HEADING.search(text)


def _run_in_end(text: str, start: int, end: int) -> int | None:
    """End of the heading that opens text[start:end], punctuation included; None if there is none."""
    content = text[start:end]
    marker = bullet_marker(content) or (item_marker(content) or (0, 0))[1]
    match = _RUN_IN.match(content, marker)
    if not match or match.end() >= len(content) - _MIN_BODY:
        return None
    title = content[marker : match.end() - 1]
    if _NO_HEADING.search(title) or title.count("“") != title.count("”"):
        return None
    if title.count("，") + title.count("、") > 2:
        return None
    return start + match.end()

