"""Find chapters and sections: which numbering the plan uses, tables of contents, missing headings."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from ingest.lines import Line
from ingest.numbering import (
    DIVISION_STYLES,
    Numbered,
    box_heading,
    bullet_marker,
    has_leader,
    heading,
    is_contents_title,
    is_figure_caption,
    is_page_number,
    is_source_note,
    item_marker,
)
from kg.errors import OutlineError
from kg.schema import Label

_CN_DIGITS = "零一二三四五六七八九"
NO_HEADINGS = "没有找到章节标题（如“第一章 …”“第一节 …”“一、…”），无法建立目录结构。请检查是否选错了文件。"


@dataclass(frozen=True, slots=True)
class DivisionLine:
    """A division's heading: lines [first, last] of the text."""

    label: Label
    number: int
    ordinal: str
    title: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Headings:
    """All division headings by first line, and the lines of the table of contents."""

    divisions: dict[int, DivisionLine]
    contents: frozenset[int]


def chinese_ordinal(number: int, unit: str) -> str:
    """`第二十一章` for (21, 章)."""
    tens, ones = divmod(number, 10)
    text = ("" if tens == 1 else _CN_DIGITS[tens] if tens < 10 else str(tens)) + "十" if tens else ""
    return f"第{text}{_CN_DIGITS[ones] if ones or not tens else ''}{unit}"


def find_headings(lines: Sequence[Line]) -> Headings:
    """Find the plan's divisions.

    Raises: OutlineError: the text has no chapter with a title, and no two headings of one lower style.
    """
    contents = _contents_lines(lines)
    found = {
        index: numbered
        for index, line in enumerate(lines)
        if index not in contents
        and (numbered := heading(line.content))
        # behind a tab stand the cells of tables too, some of them numbered: `一、经济发展`
        and (not line.tabbed or numbered.style in DIVISION_STYLES)
    }
    labels = _labels_by_style(found)
    divisions: dict[int, DivisionLine] = {}
    for index, numbered in found.items():
        label = labels.get(numbered.style)
        if label and numbered.title:
            divisions[index] = _division_line(lines[index], index, numbered, label)
        elif label and index + 1 < len(lines):  # the title stands on the next line
            follow = _next_text(lines, index + 1)
            if follow is not None and follow not in found:
                title = lines[follow].content
                divisions[index] = DivisionLine(
                    label, numbered.number, _ordinal(lines[index].content, numbered), title, index, follow
                )
    if not divisions:
        raise OutlineError(NO_HEADINGS)
    for implied in _implied_chapters(lines, divisions, contents):
        divisions[implied.first] = implied
    return Headings(dict(sorted(divisions.items())), contents)


def _division_line(line: Line, index: int, numbered: Numbered, label: Label) -> DivisionLine:
    ordinal = _ordinal(line.content, numbered)
    return DivisionLine(label, numbered.number, ordinal, numbered.title, index, index)


def _ordinal(content: str, numbered: Numbered) -> str:
    if numbered.style in DIVISION_STYLES:
        return re.sub(r"\s+", "", content[: len(content) - len(numbered.title)]).rstrip("：:、.")
    marker = content[: len(content) - len(numbered.title)].strip()
    return marker.rstrip("、.．")


def _labels_by_style(found: dict[int, Numbered]) -> dict[str, Label]:
    """Which numbering style plays which part: 章 and 节 where there are such, else the next best."""
    counts = Counter(numbered.style for numbered in found.values())
    if counts["chapter"]:
        labels = {"part": Label.PART, "chapter": Label.CHAPTER}
        labels["section" if counts["section"] else "ideographic"] = Label.SECTION
        return labels
    order = [s for s in ("part", "section", "ideographic", "ideographic_paren") if counts[s] >= 2]
    if not order:
        raise OutlineError(NO_HEADINGS)
    return dict(zip(order, (Label.CHAPTER, Label.SECTION), strict=False))


def _contents_lines(lines: Sequence[Line]) -> frozenset[int]:
    """Lines of a table of contents: from its title to where the first entry comes again."""
    title = next((i for i, line in enumerate(lines) if is_contents_title(line.content)), None)
    marked = {i for i, line in enumerate(lines) if has_leader(line.content) and heading(line.content)}
    if title is None:
        return frozenset(marked)
    entries: set[str] = set()
    for index in range(title + 1, len(lines)):
        content = lines[index].content
        if not content or is_page_number(content):
            continue
        entry = _entry_text(content)
        if (entry in entries and not has_leader(content)) or len(content) > 80:
            return frozenset(marked | set(_region(lines, title, index)))
        entries.add(entry)
    return frozenset(marked | {title})


def _region(lines: Sequence[Line], title: int, end: int) -> list[int]:
    """The lines from the title on; where entries have page numbers, up to the last that has one."""
    last = max((i for i in range(title, end) if has_leader(lines[i].content)), default=end - 1)
    return [i for i in range(title, last + 1) if not lines[i].blank]


def _entry_text(content: str) -> str:
    return re.sub(r"[\s.．·…\-—]*[0-9０-９]*[\s\-—]*$", "", re.sub(r"\s+", "", content))


def _next_text(lines: Sequence[Line], index: int) -> int | None:
    while index < len(lines):
        content = lines[index].content
        if content:
            return index if len(content) <= 60 and may_be_title(content) else None
        index += 1
    return None


def may_be_title(content: str) -> bool:
    """Whether a line without a number could be a title: no sentence, and no known thing of another kind."""
    return not (
        content.endswith(("。", "；", "！"))
        or box_heading(content)
        or is_page_number(content)
        or is_figure_caption(content)
        or is_source_note(content)
        or item_marker(content)
        or bullet_marker(content)
    )


def _implied_chapters(
    lines: Sequence[Line], divisions: dict[int, DivisionLine], contents: frozenset[int]
) -> list[DivisionLine]:
    """Chapters whose heading has no number: section numbers start again without a chapter between.

    The title is the run of short lines before that section which are no sentences.
    """
    implied: list[DivisionLine] = []
    taken = contents.union(*(range(d.first, d.last + 1) for d in divisions.values()))
    chapter = last_section = 0
    for index, division in sorted(divisions.items()):
        if division.label is Label.PART:
            last_section = 0
        elif division.label is Label.CHAPTER:
            chapter, last_section = division.number, 0
        elif division.label is Label.SECTION:
            if division.number == 1 and last_section >= 1 and division.ordinal.startswith("第"):
                title = _title_lines_before(lines, index, taken)
                if title:
                    chapter += 1
                    text = "".join(lines[i].content for i in title)
                    ordinal = chinese_ordinal(chapter, "章")
                    implied.append(
                        DivisionLine(Label.CHAPTER, chapter, ordinal, text, title[0], title[-1])
                    )
            last_section = division.number
    return implied


def _title_lines_before(lines: Sequence[Line], index: int, taken: frozenset[int]) -> list[int]:
    title: list[int] = []
    for i in range(index - 1, max(index - 6, -1), -1):
        content = lines[i].content
        if not content:
            if title:
                break
            continue
        if i in taken or len(content) > 40 or not may_be_title(content):
            break
        title.insert(0, i)
    return title
