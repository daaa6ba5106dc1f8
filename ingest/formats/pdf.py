"""PDF files as plain text: broken lines joined, ruled tables as rows, without what repeats on each page."""

from __future__ import annotations

import logging
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from io import BytesIO

from ingest.formats.grid import GridCell, table_blocks
from ingest.formats.pdf_lines import Measure, TextLine, measure, paragraphs, text_lines
from ingest.formats.pdf_page import Page, Piece, read_page
from ingest.formats.pdf_tables import Grid, Place, find_grids
from ingest.formats.plain import FormatError, as_text
from ingest.numbering import is_page_number

#: a plan of 300 pages takes some 20 s; a file made to take for ever is given up
MAX_SECONDS = 240.0
_MAX_PAGES = 3000
_HEAD_BYTES = 1024
#: a scan may have a text layer with numbers and stamps alone
_FEWEST_CHARS, _FEWEST_A_PAGE = 6, 5
_EDGE_LINES = 3
#: smaller than the text by this factor are headers and notes
_SMALL = 0.92
_PAGE_OF = re.compile(r"(?:第\s*)?[0-9]{1,4}\s*(?:页)?\s*[/／,，共]+\s*[0-9]{1,4}\s*页?")
_NOTE = re.compile(r"[①-⑳]|[\[［【(（]\s*[0-9]{1,2}\s*[\]］】)）]|[⁰¹²³⁴⁵⁶⁷⁸⁹]+|[0-9]{1,2}\s")
_NO_TEXT = "没有文字层（可能是扫描件）。请先做文字识别（OCR），再导入识别后的文件。"
_LOCKED = "设有打开密码。请用 PDF 软件取消密码后重试。"


@dataclass
class _Region:
    """A part of a page: lines of text, or a table with the pieces of text in each of its cells."""

    lines: list[TextLine] = field(default_factory=list)
    grid: Grid | None = None
    cells: dict[Place, list[Piece]] = field(default_factory=dict)


def read(data: bytes) -> str:
    """The text of a PDF file.

    Raises: FormatError: it is none, encrypted, scanned, too long, or takes too long. pypdf raises others.
    """
    if b"%PDF" not in data[:_HEAD_BYTES]:
        raise FormatError("不是 PDF 文件（开头没有 %PDF）。请检查扩展名与内容是否一致。")
    tick = _ticker(time.monotonic() + MAX_SECONDS)
    pages = list(_pages(data, tick))
    _check_text(pages)
    regions = []
    for number, page in enumerate(pages):
        tick()
        regions.append(_regions(page, number))
    _drop_repeated(regions)
    body = [line for page in regions for region in page for line in region.lines]
    how = measure(body)
    _drop_notes(regions, how)
    return as_text(_blocks([region for page in regions for region in page], how))


def _pages(data: bytes, tick: Callable[[], None]) -> Iterator[Page]:
    from pypdf import PdfReader
    from pypdf.errors import DependencyError

    # it reports every flaw that it gets over, thousands in a damaged file
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    reader = PdfReader(BytesIO(data))
    try:
        if reader.is_encrypted and not reader.decrypt(""):
            raise FormatError(_LOCKED)
    except (DependencyError, NotImplementedError) as exc:
        raise FormatError(_LOCKED) from exc
    if len(reader.pages) > _MAX_PAGES:
        raise FormatError(f"超过 {_MAX_PAGES} 页。请拆分后再建库。")
    for page in reader.pages:
        yield read_page(page, tick)
        tick()


def _ticker(deadline: float) -> Callable[[], None]:
    def tick() -> None:
        if time.monotonic() > deadline:
            raise FormatError(f"在 {MAX_SECONDS:.0f} 秒内没有读完。请拆分，或另存为文本（.txt）后再建库。")

    return tick


def _check_text(pages: Sequence[Page]) -> None:
    text = "".join(piece.text for page in pages for piece in page.pieces)
    inked = re.sub(r"[\s\d_—–-]", "", text)
    if len(inked) < max(_FEWEST_CHARS, _FEWEST_A_PAGE * len(pages)):
        raise FormatError(_NO_TEXT)
    if inked.count("\ufffd") > 0.2 * len(inked):
        raise FormatError("的文字无法提取（字体没有字符对照表）。请先做文字识别（OCR），再导入识别后的文件。")


def _regions(page: Page, number: int) -> list[_Region]:
    """The parts of a page from top to bottom; text in a frame without columns is a part of its own."""
    grids = find_grids(page.rules)
    found = [_Region(grid=grid) for grid in grids]
    outside: list[Piece] = []
    for piece in page.pieces:
        x, y = piece.x + 0.4 * piece.size, piece.y + 0.3 * piece.size
        for region in found:
            if region.grid and (place := region.grid.place_at(x, y)):
                region.cells.setdefault(place, []).append(piece)
                break
        else:
            outside.append(piece)
    kept = [region for region in found if any(p.text.strip() for c in region.cells.values() for p in c)]
    lines = text_lines(outside, number)
    regions: list[_Region] = []
    for region in kept:
        assert region.grid is not None  # they were made with one
        top = region.grid.ys[0]
        above = [line for line in lines if line.y >= top]
        lines = [line for line in lines if line.y < top]
        regions += [_Region(above)] * bool(above) + [region]
    return [*regions, _Region(lines)] if lines else regions


# -- what is no text of the plan


def _drop_repeated(pages: Sequence[list[_Region]]) -> None:
    """Drop page numbers, and lines at the edges that come again on many pages, in one place.

    Small lines in one place on most pages are headers too, whatever they say: that of the chapter.
    """
    body = measure([line for page in pages for region in page for line in region.lines])
    counts: Counter[object] = Counter()
    for page in pages:
        counts.update({key for line in _edges(page) for key in (_shape(line), _place(line))})
    for page in pages:
        edges = _edges(page)
        for line in edges:
            repeated = counts[_shape(line)] >= max(2, len(pages) / 3)
            small = line.size < _SMALL * body.size and counts[_place(line)] >= max(3, len(pages) / 2)
            if repeated or small or _numbers_page(line, edges, len(pages)):
                for region in page:
                    region.lines = [other for other in region.lines if other is not line]


def _edges(page: Sequence[_Region]) -> list[TextLine]:
    """The lines at the top and the bottom of a page; those next to a table are at no edge."""
    top = page[0].lines[:_EDGE_LINES] if page else []
    bottom = page[-1].lines[-_EDGE_LINES:] if page else []
    return [*top, *(line for line in bottom if not any(line is other for other in top))]


def _shape(line: TextLine) -> tuple[str, int]:
    """What comes again on each page: the text but for its numbers, and where it stands."""
    return re.sub(r"[0-9０-９]+", "#", re.sub(r"\s+", "", line.text)), _place(line)


def _place(line: TextLine) -> int:
    return round(line.y / 3)


def _numbers_page(line: TextLine, edges: Sequence[TextLine], pages: int) -> bool:
    """Whether a line is a page's number, beside those that repeat: a bare number may end a sentence."""
    if _PAGE_OF.fullmatch(line.text):
        return True
    if not is_page_number(line.text):
        return False
    if not line.text.isdecimal():
        return True
    return pages == 1 and all(abs(other.y - line.y) > 1.8 * line.size for other in edges if other is not line)


def _drop_notes(pages: Sequence[list[_Region]], how: Measure) -> None:
    """Drop footnotes: smaller lines at the bottom of a page, the first of them with a note's mark."""
    for page in pages:
        if not page:
            continue
        lines = page[-1].lines
        start = len(lines)
        while start > 0 and lines[start - 1].size < _SMALL * how.size:
            start -= 1
        while start < len(lines) and not _NOTE.match(lines[start].text):
            start += 1
        page[-1].lines = lines[:start]


# -- text and tables


def _blocks(regions: Sequence[_Region], how: Measure) -> Iterator[str]:
    """Paragraphs and tables in order; both go on over the end of a page."""
    index = 0
    while index < len(regions):
        grid = regions[index].grid
        if grid is None:
            lines: list[TextLine] = []
            while index < len(regions) and regions[index].grid is None:
                lines += regions[index].lines
                index += 1
            yield from paragraphs(lines, how)
            continue
        cells: list[GridCell] = []
        while index < len(regions) and _goes_on(grid, regions[index], bool(cells)):
            rows = max((cell.row + cell.rows for cell in cells), default=0)
            cells += [replace(cell, row=cell.row + rows) for cell in _cells(regions[index], how)]
            index += 1
            while index < len(regions) and regions[index].grid is None and not regions[index].lines:
                index += 1  # nothing is left between the table and its next page
        yield from table_blocks(cells)


def _goes_on(grid: Grid, region: _Region, started: bool) -> bool:
    """Whether a table has the columns of the one before it; the first one goes on with itself."""
    if region.grid is None or not started:
        return region.grid is grid
    other = region.grid.xs
    return len(other) == len(grid.xs) and all(abs(a - b) < 4 for a, b in zip(other, grid.xs, strict=True))


def _cells(region: _Region, how: Measure) -> Iterator[GridCell]:
    assert region.grid is not None  # only tables come here
    for place in dict.fromkeys(region.grid.places.values()):
        lines = text_lines(region.cells.get(place, []))
        inner = replace(measure(lines), right=place.right - 0.5 * how.size)
        yield GridCell(place.row, place.column, place.rows, place.columns, tuple(paragraphs(lines, inner)))
