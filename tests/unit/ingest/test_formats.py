"""Documents of all formats give the graph that their text gives; and how `load_text` chooses a format."""

from __future__ import annotations

import html
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from ingest import load
from ingest.extraction import Extraction, extract
from ingest.lexicon import load_lexicon
from ingest.load import SUFFIXES, load_text
from kg.errors import InputError
from kg.schema import Label
from tests.e2e.browser import find_browser
from tests.strategies import SECOND_PLAN

DATA = Path(__file__).parents[2] / "data" / "formats"
LEXICON = Path(__file__).parents[3] / "data" / "lexicon"
_HEADING = re.compile(r"第[一二三四五六七八九十]+([篇章节])\s*(.*)")
_LEVELS = {"篇": 1, "章": 2, "节": 3}
_PAGE = re.compile(r"- [0-9]+ -")


@dataclass(frozen=True)
class Piece:
    """A heading (level above 0), a paragraph (0), or a table (rows) of a plan."""

    text: str
    level: int = 0
    rows: tuple[tuple[str, ...], ...] = ()


@cache
def plan_pieces() -> tuple[Piece, ...]:
    """The second plan as someone would write it: without page numbers, what they cut joined again."""
    lines: list[str] = []
    cut = False
    for line in load_text(SECOND_PLAN).split("\n"):
        text = line.strip(" 　\r")
        if cut and text:
            lines[-1] += text
            cut = False
        elif _PAGE.fullmatch(text):
            cut = bool(lines) and len(lines[-1]) > 60 and lines[-1][-1] not in "。；"
        elif text:
            lines.append(text)
    pieces: list[Piece] = []
    rows: list[tuple[str, ...]] = []
    for text in [*lines, ""]:
        cells = tuple(cell.strip() for cell in re.split(r"\t| \| ?", text))
        is_group = bool(rows) and rows[0][0] == "序号" and bool(re.fullmatch("[一二三四]、.{2,8}", text))
        if len(cells) > 2 or is_group:
            rows.append(cells)
            continue
        if rows:
            pieces.append(Piece("", rows=tuple(rows)))
            rows = []
        match = _HEADING.fullmatch(text)
        level = _LEVELS[match.group(1)] if match and "…" not in text else 0
        pieces += [Piece(text, level)] if text else []
    return tuple(pieces)


def write_docx(path: Path) -> None:
    """The plan as a Word document with automatic numbers in its headings and merged cells in its tables."""
    document = docx.Document()
    numbers = document.part.numbering_part.element
    levels = "".join(
        f'<w:lvl w:ilvl="{i}"><w:start w:val="1"/><w:numFmt w:val="chineseCountingThousand"/>{restart}'
        f'<w:lvlText w:val="第%{i + 1}{unit}"/></w:lvl>'
        for i, (unit, restart) in enumerate([("篇", ""), ("章", '<w:lvlRestart w:val="0"/>'), ("节", "")])
    )
    abstract = f'<w:abstractNum {nsdecls("w")} w:abstractNumId="99">{levels}</w:abstractNum>'
    numbers.append(parse_xml(abstract))
    numbers.append(parse_xml(f'<w:num {nsdecls("w")} w:numId="99"><w:abstractNumId w:val="99"/></w:num>'))
    document.sections[0].footer.paragraphs[0].text = "- 1 -"
    for piece in plan_pieces():
        if piece.level:
            match = _HEADING.fullmatch(piece.text)
            assert match
            heading = document.add_heading(match.group(2), piece.level)
            number = (
                f'<w:numPr {nsdecls("w")}><w:ilvl w:val="{piece.level - 1}"/><w:numId w:val="99"/></w:numPr>'
            )
            heading._p.get_or_add_pPr().append(parse_xml(number))
        elif not piece.rows:
            document.add_paragraph(piece.text)
        else:
            table = document.add_table(0, len(piece.rows[0]))
            for texts in piece.rows:
                cells = table.add_row().cells
                if len(texts) == 1:
                    cells[0].merge(cells[-1])
                for cell, text in zip(cells, texts, strict=False):
                    cell.text = text
    document.save(str(path))


def write_html(path: Path) -> None:
    """The plan as a page in GB 2312, as many authorities' pages are, with all that surrounds the text."""
    body = []
    for piece in plan_pieces():
        text = html.escape(piece.text).replace("  ", " &nbsp;")
        if piece.level:
            body.append(f"<h{piece.level}>{text}</h{piece.level}>")
        elif not piece.rows:
            body.append(f"<p>　　{text}</p>")
        else:
            rows = []
            for texts in piece.rows:
                span = f" colspan={len(piece.rows[0])}" if len(texts) == 1 else ""
                rows.append("<tr>" + "".join(f"<td{span}>{html.escape(t)}</td>" for t in texts) + "</tr>")
            body.append("<table>" + "\n".join(rows) + "</table>")
    style = (
        'body { font-family: "Noto Serif CJK SC", serif } table { border-collapse: collapse } '
        "td { border: 1px solid } @media print { header, footer, nav { display: none } }"
    )
    page = (
        f"<!DOCTYPE html><html><head><meta charset=gbk><title>规划</title><style>{style}</style></head><body>"
        "<header>政府网站</header><nav><a href='/'>首页</a></nav>" + "\n".join(body) + "<footer>版权</footer>"
    )
    path.write_bytes(page.encode("gb18030"))


def write_pdf(path: Path) -> None:
    """The plan as a browser prints it: with date, title, address and page number on each page."""
    browser, _ = find_browser()
    page = path.with_suffix(".html")
    write_html(page)
    command = [
        browser,
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        f"--user-data-dir={path.parent / 'p'}",
    ]
    subprocess.run(
        [*command, f"--print-to-pdf={path}", page.as_uri()], check=True, capture_output=True, timeout=180
    )


@cache
def original() -> Extraction:
    return extract("plan", load_text(SECOND_PLAN), load_lexicon(LEXICON))


def counted(extraction: Extraction) -> Counter[tuple[str, str]]:
    """How many entities there are of each label and name; blanks in a name do not count."""
    return Counter(
        (entity.label.value, re.sub(r"\s", "", entity.name)) for entity in extraction.graph.entities
    )


def printed_values(extraction: Extraction) -> Counter[tuple[object, ...]]:
    """What the indicators say, without where it stands."""
    names = ("base_value", "target_value", "growth", "unit", "attribute", "base_year", "target_year")
    return Counter(
        (entity.name, *(entity.properties.get(name) for name in names))
        for entity in extraction.graph.entities
        if entity.label is Label.INDICATOR
    )


@pytest.mark.parametrize("write", [write_docx, write_html, write_pdf], ids=["docx", "html", "pdf"])
def test_a_plan_gives_the_same_graph_in_every_format(tmp_path: Path, write: Callable[[Path], None]) -> None:
    path = tmp_path / f"plan.{write.__name__.removeprefix('write_')}"
    write(path)
    found = extract("plan", load_text(path), load_lexicon(LEXICON))
    expected, read = counted(original()), counted(found)
    assert not expected - read
    # a sentence and a box that a page number cuts in two in the original are whole
    extra = read - expected
    assert {label for label, _ in extra} <= {Label.TARGET, Label.PASSAGE} and extra.total() <= 4
    assert printed_values(found) == printed_values(original())
    assert len(found.graph.relations) - len(original().graph.relations) in range(5)
    assert found.jurisdiction == original().jurisdiction and found.document.title == original().document.title


def test_a_printed_page_gives_the_text_of_the_page() -> None:
    """`plan.pdf` was printed from `plan.html` by Chromium: headers, page numbers, a table over two rows."""
    page, printed = load_text(DATA / "plan.html"), load_text(DATA / "plan.pdf")
    assert re.sub("　", " ", page) == printed
    assert "| 1 | 全县经济总量 | 亿元 | 86.4 | 120 | 预期性 |\n" in printed


# -- how a file's format is chosen


def refusal(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        load_text(path)
    line = str(caught.value)
    assert "\n" not in line and line.endswith("。") and path.name in line, line
    return line


def test_all_endings_that_can_be_read_are_named() -> None:
    assert {".txt", ".md", ".docx", ".pdf", ".html", ".htm"} == SUFFIXES


@pytest.mark.parametrize("name", ["plan.HTML", "plan.Htm", "plan.html"])
def test_the_case_of_an_ending_does_not_matter(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text("<p>第一章</p>", "utf-8")
    assert load_text(path) == "第一章\n"


@pytest.mark.parametrize("name", ["plan.txt", "plan.md", "plan.unknown", "plan"])
def test_markup_in_a_text_file_is_text(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text("<p>第一章</p>", "utf-8")
    assert load_text(path) == "<p>第一章</p>"


@pytest.mark.parametrize(
    ("ending", "reason"),
    [(".docx", "不是 .docx 文件"), (".pdf", "不是 PDF 文件"), (".html", "不是 HTML 文件")],
)
def test_a_file_that_is_not_what_its_ending_says_is_refused(tmp_path: Path, ending: str, reason: str) -> None:
    path = tmp_path / f"plan{ending}"
    path.write_bytes(b"%PDF-1.7" if ending != ".pdf" else b"PK\x03\x04")
    assert reason in refusal(path)


@pytest.mark.parametrize("ending", [".docx", ".pdf", ".html"])
def test_empty_and_large_files_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str
) -> None:
    path = tmp_path / f"plan{ending}"
    path.write_bytes(b" \n")
    assert "空文件" in refusal(path)
    monkeypatch.setattr(load, "MAX_BYTES", 1)
    assert "超过上限" in refusal(path)


def test_the_libraries_are_loaded_only_when_they_are_needed() -> None:
    script = "import sys, ingest.load; print([m for m in ('docx', 'lxml', 'pypdf') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
