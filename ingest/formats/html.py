"""HTML pages as plain text: blocks as lines, tables as rows, without what is only the page's frame."""

from __future__ import annotations

import codecs
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ingest.formats.grid import GridCell, table_blocks
from ingest.formats.plain import FormatError, as_text, clean_line, is_cjk, raised

_DROPPED = frozenset(
    "script style nav head title meta link template noscript iframe object embed applet audio video canvas "
    "svg map button input select option textarea datalist dialog rt rp".split()
)
#: those of a page are its frame; those of an article hold its title and its notes
_FRAME = frozenset({"header", "footer"})
_CONTENT = frozenset({"article", "main"})
_BLOCKS = frozenset(
    "address article aside blockquote body caption center dd details dir div dl dt fieldset figcaption "
    "figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr html legend li main menu ol p pre search section "
    "summary table tbody td tfoot th thead tr ul".split()
)
_NOTES = frozenset({"doc-noteref", "doc-footnote", "doc-endnote", "doc-endnotes", "doc-pagebreak"})
_HIDDEN_STYLE = re.compile(r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)
_CHARSET = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w.:-]{2,40})""", re.IGNORECASE)
_SNIFFED_BYTES = 4096
_WHITE = re.compile(r"[ \t\r\n\f]+")
_NOTE_MARK = re.compile(r"[\[［【(（]?[0-9０-９①-⑳*]{1,3}[\]］】)）]?")
#: what a page may say of itself → codec: pages that name GB 2312 or GBK use more than these have
_CHARSETS = {"gb2312": "gb18030", "gbk": "gb18030", "gb18030": "gb18030", "gb_2312-80": "gb18030",
             "x-gbk": "gb18030", "big5": "big5hkscs", "big5-hkscs": "big5hkscs"}  # fmt: skip
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_MAX_SPAN = 1000
_MAX_CELLS = 200_000


def read(data: bytes) -> str:
    """The text of an HTML page.

    Raises: FormatError: it is no HTML, of no known encoding, or nested beyond all measure.
    """
    from lxml import etree  # type: ignore[import-untyped]

    if data.startswith((b"%PDF", b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise FormatError("不是 HTML 文件（内容是其他格式）。请检查扩展名与内容是否一致。")
    source = _decode(data).replace("\x00", "")
    if not source.strip():
        raise FormatError("是空文件。请给出有正文的规划文件。")
    # the text is written anew as UTF-8, whatever the page says of itself; "huge" is up to 2,048 levels
    parser = etree.HTMLParser(
        encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True, huge_tree=True
    )
    root = etree.fromstring(source.encode("utf-8", "ignore"), parser)
    if any("depth" in error.message.lower() for error in parser.error_log):
        raise FormatError("的标签嵌套过深，无法读取。请在浏览器中打开后另存为文本（.txt）。")
    if root is None:
        raise FormatError("不是有效的 HTML 文件。请检查文件内容。")
    return as_text(_Reader().read(root))


def _decode(data: bytes) -> str:
    """The page as characters. What is UTF-8 is no other encoding, whatever the page says of itself."""
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return data.decode(encoding, "replace")
    declared = _CHARSET.search(data[:_SNIFFED_BYTES])
    name = _CHARSETS.get(declared.group(1).decode("ascii", "ignore").lower()) if declared else None
    for encoding in ("utf-8", name or "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    if name:  # a broken character spoils no page
        return data.decode(name, "replace")
    raise FormatError("的编码无法识别。请在浏览器中打开后另存为 UTF-8 编码的网页或文本。")


@dataclass
class _Table:
    """A table that is being read: its cells so far, and which columns cells from above still take."""

    cells: list[GridCell] = field(default_factory=list)
    row: int = -1
    column: int = 0
    taken: dict[int, int] = field(default_factory=dict)  # column → first row that is free again
    captions: list[str] = field(default_factory=list)


@dataclass
class _Frame:
    """Where blocks go: the page, a cell, or a caption. ``span`` is (rows, columns) of a cell."""

    tag: str
    blocks: list[str] = field(default_factory=list)
    span: tuple[int, int] = (1, 1)


class _Reader:
    """Walks the tree without recursion, so that its depth costs nothing."""

    def __init__(self) -> None:
        self.frames = [_Frame("")]
        self.tables: list[_Table] = []
        self.inline: list[str] = []
        self.marker = ""
        self.lists: list[int] = []
        self.content_depth = 0
        self.preformatted = 0
        self.cells = 0

    def read(self, root: Any) -> list[str]:
        from lxml import etree

        walk = etree.iterwalk(root, events=("start", "end"))
        skipped: Any = None
        for event, element in walk:
            if event == "start":
                if skipped is None and self._is_dropped(element):
                    skipped = element
                    walk.skip_subtree()
                elif skipped is None:
                    self._start(element)
                    self._text(element.text)
                continue
            if skipped is element:
                skipped = None
            else:
                self._end(element)
            self._text(element.tail)
        self._flush()
        return self.frames[0].blocks

    def _is_dropped(self, element: Any) -> bool:
        tag = element.tag
        if not isinstance(tag, str) or tag in _DROPPED:
            return True
        if tag in _FRAME and not self.content_depth:
            return True
        if tag == "sup" and _is_note_mark(element):
            return True
        style = element.get("style") or ""
        hidden = element.get("hidden") is not None or bool(_HIDDEN_STYLE.search(style))
        return hidden or element.get("role") in _NOTES

    def _start(self, element: Any) -> None:
        tag = element.tag
        if tag in _BLOCKS:
            self._flush()
        if tag in _CONTENT:
            self.content_depth += 1
        elif tag == "pre":
            self.preformatted += 1
        elif tag == "table":
            self.tables.append(_Table())
        elif tag == "tr" and self.tables:
            self.tables[-1].row += 1
            self.tables[-1].column = 0
        elif tag in ("td", "th", "caption") and self.tables:
            span = (_span(element, "rowspan"), _span(element, "colspan"))
            self.frames.append(_Frame(tag, span=span))
        elif tag in ("ol", "ul"):
            self.lists.append(_start_of(element) if tag == "ol" else -1)
        elif tag == "li":
            self._marker(element)
        elif tag == "br":
            self.inline.append("\n")
        elif tag == "sup":
            self.inline.append("\x0e")  # marks where raised text starts; no page has this character

    def _end(self, element: Any) -> None:
        tag = element.tag
        if tag in _BLOCKS:
            self._flush()
        if tag in _CONTENT:
            self.content_depth -= 1
        elif tag == "pre":
            self.preformatted -= 1
        elif tag in ("td", "th", "caption") and self.tables and self.frames[-1].tag == tag:
            self._end_cell()
        elif tag == "table" and self.tables:
            table = self.tables.pop()
            self.frames[-1].blocks += table.captions + table_blocks(table.cells)
        elif tag in ("ol", "ul") and self.lists:
            self.lists.pop()
        elif tag == "li":
            self.marker = ""
        elif tag == "sup" and "\x0e" in self.inline:
            start = len(self.inline) - 1 - self.inline[::-1].index("\x0e")
            self.inline[start:] = [raised("".join(self.inline[start + 1 :]))]

    def _end_cell(self) -> None:
        frame, table = self.frames.pop(), self.tables[-1]
        if frame.tag == "caption":
            table.captions += frame.blocks
            return
        self.cells += frame.span[1]
        if self.cells > _MAX_CELLS:
            raise FormatError("的表格过大，无法读取。请拆分后再建库。")
        row = max(table.row, 0)
        while table.taken.get(table.column, 0) > row:
            table.column += 1
        rows, columns = frame.span
        table.cells.append(GridCell(row, table.column, rows, columns, tuple(frame.blocks)))
        if rows > 1:
            table.taken.update(dict.fromkeys(range(table.column, table.column + columns), row + rows))
        table.column += columns

    def _marker(self, element: Any) -> None:
        """The number or dot of a list item, which is not in the page's text."""
        if not self.lists:
            return
        style = (element.getparent().get("style") or "") + (element.get("style") or "")
        if self.lists[-1] >= 0:
            number = _start_of(element, "value") if element.get("value") else self.lists[-1]
            self.lists[-1] = number + 1
            if "none" not in style:
                self.marker = f"{number}. "
        elif "none" not in style and not _is_menu(element):
            self.marker = "• "

    def _text(self, text: str | None) -> None:
        if text:
            text = text.replace("\x0e", "")
            self.inline.append(text if self.preformatted else _collapsed(text))

    def _flush(self) -> None:
        """The inline text so far is a block: its lines, cut at <br>."""
        if not self.inline:
            return
        text = "".join(self.inline).replace("\x0e", "")
        self.inline = []
        lines = [clean_line(re.sub(" {2,}", " ", line)) for line in text.split("\n")]
        block = [line for line in lines if line]
        if block:  # the marker waits for text, which may stand in a block inside the item
            block[0] = self.marker + block[0]
            self.marker = ""
        # a break parts paragraphs on many pages, so each line stands for itself
        self.frames[-1].blocks += block


def _collapsed(text: str) -> str:
    """White space as a browser shows it: one space, and none where a line of Chinese was broken."""

    def blank(match: re.Match[str]) -> str:
        start, end = match.span()
        broken = "\n" in match.group() and 0 < start and end < len(text)
        return "" if broken and is_cjk(text[start - 1]) and is_cjk(text[end]) else " "

    return _WHITE.sub(blank, text)


def _is_note_mark(element: Any) -> bool:
    """Whether raised text is a link to a note, and nothing else."""
    links = [child for child in element if child.tag == "a"]
    text = "".join(element.itertext()).strip()
    return len(links) == 1 and len(element) == 1 and bool(_NOTE_MARK.fullmatch(text))


def _is_menu(element: Any) -> bool:
    """Whether a list item is a link alone: a path or a menu, where a dot would say nothing."""
    children: Sequence[Any] = list(element)
    return len(children) == 1 and children[0].tag == "a" and not (element.text or "").strip()


def _span(element: Any, name: str) -> int:
    value = element.get(name) or "1"
    return min(max(int(value), 1), _MAX_SPAN) if value.strip().isdecimal() and len(value) < 9 else 1


def _start_of(element: Any, name: str = "start") -> int:
    value = (element.get(name) or "").strip()
    return int(value) if value.isascii() and value.isdecimal() and len(value) < 6 else 1
