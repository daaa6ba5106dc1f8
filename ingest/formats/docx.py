"""Word documents (.docx) as plain text: the body alone, without headers, footers and notes.

The parts are read straight from the archive: a broken picture or setting elsewhere in the file, which
other programs leave often, makes no difference.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from zipfile import BadZipFile, ZipFile

from ingest.formats.docx_numbering import (
    BULLET,
    Numbering,
    attribute,
    children,
    name_of,
    read_numbering,
    value,
    whole,
)
from ingest.formats.grid import GridCell, table_blocks
from ingest.formats.plain import FormatError, as_text, clean_line, raised

#: uncompressed; a file whose members say that they are larger is a bomb rather than a plan
MAX_UNPACKED_BYTES = 200 * 2**20
_MAX_XML_BYTES = 50 * 2**20
_MAX_MEMBERS = 10_000
_MAX_DEPTH = 100
_OFFICE = "officeDocument"
_REMEDY = "请用 Word 或 WPS 打开后另存为 .docx。"
#: what is in the file but not in the text: deleted and moved text, codes of fields, other versions
_LEFT_OUT = frozenset(
    "del moveFrom instrText delText Fallback rPr pPr sdtPr sdtEndPr tblPr tblGrid trPr tcPr sectPr "
    "footnoteReference endnoteReference footnoteRef endnoteRef annotationRef rt object chart".split()
)
_SIGNS = {"tab": "\t", "ptab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}


@dataclass(frozen=True, slots=True)
class _Style:
    """A paragraph style: the style that it is based on, and its list (id, level), each if any."""

    based_on: str
    list_id: str
    level: int | None


def read(data: bytes) -> str:
    """The text of a Word document.

    Raises: FormatError: it is none, of the old format, encrypted, damaged, or unpacks beyond the limit.
    """
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise FormatError("设有打开密码，或是旧版 .doc 文件。请取消密码并另存为 .docx 后重试。")
    if not data.startswith(b"PK"):
        raise FormatError(f"不是 .docx 文件（内容不是 Word 压缩包）。{_REMEDY}")
    try:
        with ZipFile(BytesIO(data)) as archive:
            _check_size(archive)
            main = _main_part(archive)
            document = _xml(archive, main)
            folder = posixpath.dirname(main)
            numbering = read_numbering(_xml(archive, posixpath.join(folder, "numbering.xml")))
            styles = _styles(_xml(archive, posixpath.join(folder, "styles.xml")))
    except BadZipFile as exc:
        raise FormatError(f"不是有效的 .docx 文件，可能已损坏。{_REMEDY}") from exc
    body = next(children(document, "body"), None) if document is not None else None
    if body is None:
        raise FormatError(f"不是 Word 文档（其中没有正文）。{_REMEDY}")
    return as_text(_Reader(numbering, styles).blocks(body))


def _check_size(archive: ZipFile) -> None:
    """Refuse what unpacks to too much; no member yields more than its entry says."""
    members = archive.infolist()
    total = sum(member.file_size for member in members)
    if len(members) > _MAX_MEMBERS or total > MAX_UNPACKED_BYTES:
        raise FormatError(f"解压后超过上限 {MAX_UNPACKED_BYTES // 2**20} MB。请删去图片或拆分后再建库。")
    if any(member.flag_bits & 1 for member in members):
        raise FormatError("设有密码。请取消密码后重试。")


def _main_part(archive: ZipFile) -> str:
    """The name of the part with the text, as the archive's own list of parts says."""
    relations = _xml(archive, "_rels/.rels")
    for relation in relations if relations is not None else ():
        if attribute(relation, "Type").rpartition("/")[2] == _OFFICE:
            return attribute(relation, "Target").lstrip("/")
    return "word/document.xml"


def _xml(archive: ZipFile, name: str) -> Any:
    """The root element of a part, None if there is no such part. Nothing outside of it is read."""
    from lxml import etree  # type: ignore[import-untyped]

    try:
        member = archive.getinfo(name)
    except KeyError:
        return None
    if member.file_size > _MAX_XML_BYTES:
        raise FormatError(f"的正文解压后超过上限 {_MAX_XML_BYTES // 2**20} MB。请拆分后再建库。")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True)
    try:
        return etree.fromstring(archive.read(member), parser)
    except etree.XMLSyntaxError as exc:
        raise FormatError(f"不是有效的 .docx 文件，可能已损坏。{_REMEDY}") from exc


def _styles(root: Any) -> dict[str, _Style]:
    styles: dict[str, _Style] = {}
    for style in children(root, "style") if root is not None else ():
        level = value(style, "pPr", "numPr", "ilvl")
        styles[attribute(style, "styleId")] = _Style(
            value(style, "basedOn"),
            value(style, "pPr", "numPr", "numId"),
            whole(level, 0) if level else None,
        )
    return styles


class _Reader:
    def __init__(self, numbering: Numbering, styles: Mapping[str, _Style]) -> None:
        self.numbering = numbering
        self.styles = styles

    def blocks(self, parent: Any, depth: int = 0, in_cell: bool = False) -> list[str]:
        """The paragraphs and tables below an element, in order; in a cell a number may stand alone."""
        if depth > _MAX_DEPTH:
            raise FormatError(f"嵌套过深，无法读取。{_REMEDY}")
        blocks: list[str] = []
        for element in parent:
            name = name_of(element)
            if name in _LEFT_OUT:
                continue
            if name == "p":
                blocks += self._paragraph(element, depth, in_cell)
            elif name == "tbl":
                blocks += table_blocks(self._cells(element, depth))
            elif len(element):  # content controls and the like hold paragraphs too
                blocks += self.blocks(element, depth + 1, in_cell)
        return blocks

    def _paragraph(self, paragraph: Any, depth: int, in_cell: bool) -> list[str]:
        boxes: list[Any] = []
        text = "".join(_pieces(paragraph, boxes))
        lines = [line for line in map(clean_line, text.split("\n")) if line]
        number = self._number(paragraph)  # it counts though there is no text
        if lines:
            lines[0] = clean_line(number + lines[0])
        elif in_cell and number != BULLET:
            lines = [bare] if (bare := number.strip(" .、")) else []
        for box in boxes:
            lines += self.blocks(box, depth + 1)
        return lines

    def _number(self, paragraph: Any) -> str:
        """The paragraph's automatic number: its own list, else that of its style or those it is based on."""
        properties = next(children(paragraph, "pPr"), None)
        if properties is None:
            return ""
        list_id = value(properties, "numPr", "numId")
        printed = value(properties, "numPr", "ilvl")
        level = whole(printed, 0) if printed else None
        style = self.styles.get(value(properties, "pStyle"))
        for _ in range(_MAX_DEPTH):
            if style is None or (list_id and level is not None):
                break
            list_id = list_id or style.list_id
            level = style.level if level is None else level
            style = self.styles.get(style.based_on)
        return self.numbering.label(list_id, level or 0) if list_id not in ("", "0") else ""

    def _cells(self, table: Any, depth: int) -> Iterator[GridCell]:
        """The table's cells; those that only continue one above are left out."""
        open_cells: dict[int, GridCell] = {}
        for number, row in enumerate(_within(table, "tr")):
            column = whole(value(row, "trPr", "gridBefore"), 0)
            for cell in _within(row, "tc"):
                properties = next(children(cell, "tcPr"), None)
                columns, goes_on, starts = _cell_span(properties)
                above = open_cells.get(column)
                if goes_on and above:
                    taller = number - above.row + 1
                    open_cells[column] = GridCell(above.row, column, taller, above.columns, above.lines)
                else:
                    if above := open_cells.pop(column, None):
                        yield above
                    lines = tuple(self.blocks(cell, depth + 1, in_cell=True))
                    found = GridCell(number, column, 1, columns, lines)
                    if starts:
                        open_cells[column] = found
                    else:
                        yield found
                column += columns
        yield from open_cells.values()


def _cell_span(properties: Any) -> tuple[int, bool, bool]:
    """(columns, whether it continues the cell above, whether cells below may continue it)."""
    if properties is None:
        return 1, False, False
    columns = min(max(whole(value(properties, "gridSpan"), 1), 1), 1000)
    merged = next(children(properties, "vMerge"), None)
    if merged is None:
        return columns, False, False
    starts = attribute(merged, "val") == "restart"
    return columns, not starts, starts


def _within(parent: Any, name: str) -> Iterator[Any]:
    """Children of this name, also those inside content controls and marks of revision."""
    for element in parent:
        found = name_of(element)
        if found == name:
            if found != "tr" or not any(map(_is_deleted, children(element, "trPr"))):
                yield element
        elif found in ("sdt", "sdtContent", "customXml", "ins", "moveTo", "smartTag"):
            yield from _within(element, name)


def _is_deleted(properties: Any) -> bool:
    return next(children(properties, "del"), None) is not None


def _pieces(element: Any, boxes: list[Any]) -> Iterator[str]:
    """The text below an element in pieces; text boxes, which stand beside it, go to ``boxes``."""
    for child in element:
        name = name_of(child)
        if name in _LEFT_OUT:
            continue
        if name == "t":
            yield child.text or ""
        elif name in _SIGNS:
            yield _SIGNS[name] if attribute(child, "type") not in ("page", "column") else " "
        elif name == "txbxContent":
            boxes.append(child)
        elif name == "r":
            properties = next(children(child, "rPr"), None)
            if properties is not None and _is_on(properties, "vanish"):
                continue
            text = "".join(_pieces(child, boxes))
            is_raised = properties is not None and value(properties, "vertAlign") == "superscript"
            yield raised(text) if is_raised else text
        else:
            yield from _pieces(child, boxes)


def _is_on(properties: Any, name: str) -> bool:
    switch = next(children(properties, name), None)
    return switch is not None and attribute(switch, "val") not in ("0", "false", "off")
