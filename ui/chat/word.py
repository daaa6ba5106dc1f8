"""A conversation as a Word document, from the Markdown that the page keeps of it."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

from ui.exports import printable

_PARSER = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable("table")
_LISTS = {"bullet_list_open": "List Bullet", "ordered_list_open": "List Number"}


def docx_of(markdown: str) -> bytes:
    """Headings, paragraphs, bold words, lists and tables; anything else stays as its text."""
    from docx import Document

    document = Document()
    tokens = _PARSER.parse(printable(markdown))
    styles: list[str] = []
    heading = 0
    for token, inside in _walk(tokens):
        if token.type in _LISTS:
            styles.append(_LISTS[token.type])
        elif token.type.endswith("_list_close"):
            styles.pop()
        elif token.type == "heading_open":
            heading = int(token.tag[1:])
        elif token.type == "inline":
            if heading:
                paragraph = document.add_heading(level=min(heading, 9))
            else:
                paragraph = document.add_paragraph(style=styles[-1] if styles else None)
            heading = 0
            _write(paragraph, token.children or [])
        elif token.type == "table_open":
            _add_table(document, inside)
        elif token.content:
            document.add_paragraph(token.content)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _walk(tokens: Sequence[Token]) -> Iterator[tuple[Token, Sequence[Token]]]:
    """The tokens in their order; a table's come with its opening one and not again."""
    at = 0
    while at < len(tokens):
        token, end = tokens[at], at
        if token.type == "table_open":
            end = next(i for i in range(at, len(tokens)) if tokens[i].type == "table_close")
        yield token, tokens[at + 1 : end]
        at = end + 1


def _write(paragraph: Any, inline: Sequence[Token]) -> None:
    bold = False
    for token in inline:
        if token.type in ("strong_open", "strong_close"):
            bold = token.type == "strong_open"
        elif token.type in ("softbreak", "hardbreak"):
            paragraph.add_run().add_break()
        elif token.content:
            paragraph.add_run(token.content).bold = bold


def _add_table(document: Any, tokens: Sequence[Token]) -> None:
    rows: list[list[Sequence[Token]]] = []
    for token in tokens:
        if token.type == "tr_open":
            rows.append([])
        elif token.type == "inline":
            rows[-1].append(token.children or [])
    table = document.add_table(rows=len(rows), cols=max(map(len, rows)), style="Table Grid")
    for row, cells in zip(table.rows, rows, strict=True):
        for cell, inline in zip(row.cells, cells, strict=False):
            _write(cell.paragraphs[0], inline)
