"""Cut a plan into passages for retrieval: about 230 characters, of one kind, with their headings."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ingest.document import Box, Outline, Span, Table
from ingest.lines import trim
from kg.model import Block, BlockKind, Passage
from kg.sentences import clause_spans, sentence_spans

TARGET_CHARS = 230
_MAX_CHARS = 320
#: a sentence longer than this is cut at its commas, and where it has none, anywhere
_MAX_SENTENCE = 480
_MERGE_BELOW = 80
_SENTENCE_END = "。！？；;：:”）"
_PROSE = frozenset(
    {BlockKind.PARAGRAPH, BlockKind.RUN_IN, BlockKind.FIGURE, BlockKind.SOURCE_NOTE, BlockKind.FRONT,
     BlockKind.TITLE}
)
_HEADINGS = frozenset({BlockKind.CHAPTER, BlockKind.SECTION, BlockKind.SUBHEADING})


@dataclass(slots=True)
class _Draft:
    """A stretch of prose that grows block by block under one parent and one set of headings."""

    start: int
    end: int
    block: Block
    headings: tuple[str, ...]
    run_in: bool


def make_passages(outline: Outline) -> tuple[Passage, ...]:
    """All passages of a plan in document order."""
    text = outline.document.text
    seen: Counter[str] = Counter()
    passages: list[Passage] = []
    for span, kind, parent, locator, headings in sorted(_pieces(outline), key=lambda p: p[0].start):
        body = text[span.start : span.end]
        digest = hashlib.sha1(f"{parent}|{body}".encode()).hexdigest()[:12]
        seen[digest] += 1
        suffix = f"-{seen[digest]}" if seen[digest] > 1 else ""
        plan_id = outline.document.id
        passages.append(
            Passage(
                f"{plan_id}/passage/{digest}{suffix}",
                plan_id, span.start, span.end, body, kind, parent, locator, headings,
            )
        )
    return tuple(passages)


_Piece = tuple[Span, BlockKind, str, str, tuple[str, ...]]


def _pieces(outline: Outline) -> Iterator[_Piece]:
    yield from _prose_pieces(outline)
    yield from _list_pieces(outline)
    for box in outline.boxes:
        yield from _box_pieces(outline, box)
    for table in outline.tables:
        yield from _table_pieces(outline, table)


def _titles(outline: Outline, parent: str) -> tuple[str, ...]:
    return tuple(division.title for division in outline.path(parent))


def _prose_pieces(outline: Outline) -> Iterator[_Piece]:
    text = outline.document.text
    titles: dict[str, tuple[str, ...]] = {}
    for draft in _drafts(outline, titles):
        for start, end in _cut(text, draft.start, draft.end):
            block = draft.block
            yield Span(start, end), BlockKind.PARAGRAPH, block.parent, block.locator, draft.headings


def _drafts(outline: Outline, titles: dict[str, tuple[str, ...]]) -> Iterator[_Draft]:
    text = outline.document.text
    draft: _Draft | None = None
    subheading, subheading_parent = "", ""
    broken = False
    for block in outline.document.blocks:
        if block.kind is BlockKind.FOOTER and draft and text[draft.end - 1] not in _SENTENCE_END:
            broken = True  # a page number in mid-sentence: what follows belongs to it
            continue
        if broken and draft and block.kind is BlockKind.PARAGRAPH and block.parent == draft.block.parent:
            draft.end, broken = block.end, False
            continue
        broken = False
        if block.kind not in _PROSE:
            if draft:
                yield draft
                draft = None
            if block.kind is BlockKind.SUBHEADING:
                subheading, subheading_parent = text[block.start : block.end], block.parent
            continue
        if block.parent not in titles:
            titles[block.parent] = _titles(outline, block.parent)
        above = titles[block.parent] + ((subheading,) if subheading_parent == block.parent else ())
        if draft and _goes_with(draft, block):
            draft.end = block.end
            draft.run_in = draft.run_in and block.kind is BlockKind.RUN_IN
            continue
        if draft:
            yield draft
        run_in = block.kind is BlockKind.RUN_IN
        title = (text[block.start : block.end].strip("—。：: "),) if run_in else ()
        draft = _Draft(block.start, block.end, block, above + title, run_in)
    if draft:
        yield draft


def _list_pieces(outline: Outline) -> Iterator[_Piece]:
    """Numbered lines in a row, each read as a sub-heading, of which at most the last heads anything."""
    text = outline.document.text
    run: list[Block] = []
    for block in (*outline.document.blocks, None):
        if block and block.kind is BlockKind.FOOTER:
            continue
        if block and block.kind is BlockKind.SUBHEADING and (not run or run[0].parent == block.parent):
            run.append(block)
            continue
        if run and block and block.kind not in _HEADINGS:
            run.pop()
        if run:
            parent, locator = run[0].parent, run[0].locator
            for span in _cut(text, run[0].start, run[-1].end):
                yield Span(*span), BlockKind.PARAGRAPH, parent, locator, _titles(outline, parent)
        run = [block] if block and block.kind is BlockKind.SUBHEADING else []


def _goes_with(draft: _Draft, block: Block) -> bool:
    """A body goes with its run-in heading; a short paragraph with the one before it."""
    if block.parent != draft.block.parent or block.locator != draft.block.locator:
        return False
    if draft.run_in:
        return True
    if block.kind is BlockKind.RUN_IN:
        return False
    short = draft.end - draft.start < _MERGE_BELOW or block.end - block.start < _MERGE_BELOW
    return short and block.end - draft.start <= TARGET_CHARS and block.start - draft.end <= 4


def _cut(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Cut at sentence ends into pieces near the target length; no piece is a mere tail."""
    if end - start <= _MAX_CHARS:
        yield start, end
        return
    sentences = list(_short_spans(text, start, end))
    count = max(1, round((end - start) / TARGET_CHARS))
    goal = (end - start) / count
    first = sentences[0][0]
    for i, (_, stop) in enumerate(sentences):
        following = sentences[i + 1][1] if i + 1 < len(sentences) else None
        if following is None or (stop - first >= goal * 0.6 and following - first > goal * 1.15):
            yield first, stop
            if following is not None:
                first = sentences[i + 1][0]


def _short_spans(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Sentences of text[start:end], those above the limit cut further; only white space is left out."""
    for first, stop in sentence_spans(text, start, end):
        if stop - first <= _MAX_SENTENCE:
            yield first, stop
            continue
        for clause, clause_stop in clause_spans(text, first, stop):
            for part in range(clause, clause_stop, _MAX_SENTENCE):
                piece = trim(text, part, min(part + _MAX_SENTENCE, clause_stop))
                if piece[0] < piece[1]:
                    yield piece


def _box_pieces(outline: Outline, box: Box) -> Iterator[_Piece]:
    headings = (*_titles(outline, box.parent), f"{box.label} {box.title}")
    end = box.heading.end
    start = box.heading.start
    text = outline.document.text
    spans: list[tuple[int, int]] = []
    for block in _blocks_of(outline, box.id):
        if block.end - start > _MAX_CHARS and end > start:
            spans.append((start, end))
            start = block.start
        end = max(end, block.end)
    for whole in (*spans, (start, end)):
        for span in _cut(text, *whole) if whole[1] - whole[0] > _MAX_SENTENCE else (whole,):
            yield Span(*span), BlockKind.BOX_ITEM, box.id, box.locator, headings


def _blocks_of(outline: Outline, parent: str) -> Iterable[Block]:
    return (block for block in outline.document.blocks if block.parent == parent)


def _table_pieces(outline: Outline, table: Table) -> Iterator[_Piece]:
    title = (table.title,) if table.title else ()
    for group in table.groups:
        yield group.span, BlockKind.TABLE_GROUP, table.parent, table.locator, title
    for row in table.rows:
        group_title = (table.groups[row.group].text,) if row.group is not None else ()
        filled = [cell for cell in row.cells if cell.text]
        if not filled:
            continue
        span = Span(filled[0].span.start, filled[-1].span.end)
        yield span, BlockKind.TABLE_CELL, table.parent, table.locator, title + group_title

