"""Structure a plan: divisions, boxes, tables, and leaf blocks that cover every character once."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from ingest.boxes import RawBox, lists_projects, read_box, table_items
from ingest.divisions import NO_HEADINGS, DivisionLine, Headings, find_headings, may_be_title
from ingest.document import Box, BoxItem, Cell, Division, Outline, Span, Table, TableRow
from ingest.lines import Line, is_blank, split_lines, trim, without_markdown
from ingest.numbering import (
    RUN_IN_LEVEL,
    SUBHEADING_LEVELS,
    heading,
    is_appendix,
    is_figure_caption,
    is_figure_number,
    is_page_number,
    is_source_note,
)
from ingest.paragraphs import paragraph_spans
from ingest.tables import RawTable, is_group, read_table
from kg.errors import OutlineError
from kg.model import Block, BlockKind, PlanDocument
from kg.schema import Label

_PIPES = "|｜"
_QUOTED_TITLE = re.compile(r"《([^《》\n]*(?:规划|纲要|计划)[^《》\n]*)》")
_TABLE_NUMBER = re.compile(r"((?:附[件表录]|表)\s*[0-9０-９一二三四五六七八九十]*)[\s：:、.．]*(.*)")
_TITLE_LINE = re.compile(r"规划|纲要|计划|要点|报告")
_JURISDICTION = re.compile(
    r"([\u4e00-\u9fff]{1,7}?(?:自治县|自治州|自治区|县|市|区|旗|省|镇|乡))"
    r"(?:国民经济|人民政府|[“\"]?十[三四五六]五)"
)


def build_outline(text: str, plan_id: str) -> Outline:
    """Structure a plan's text.

    Raises: OutlineError: the text has no chapter headings.
    """
    plain = without_markdown(text)
    lines = split_lines(plain)
    return _Builder(text, plain, plan_id, lines, find_headings(lines)).build()


@dataclass
class _Builder:
    """``text`` is what is read: the ``source`` with blanks in place of Markdown's signs."""

    source: str
    text: str
    plan_id: str
    lines: list[Line]
    headings: Headings
    divisions: list[Division] = field(default_factory=list)
    boxes: list[Box] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    current: dict[Label, Division] = field(default_factory=dict)
    subheading: str = ""
    appendix: str = ""
    ids: Counter[str] = field(default_factory=Counter)

    def build(self) -> Outline:
        index = 0
        while index < len(self.lines):
            index = self._step(index)
        if not self.divisions:  # what looked like headings are groups of a table
            raise OutlineError(NO_HEADINGS)
        title = self._plan_title()
        self._place_boxes()
        blocks = tuple(sorted(self.blocks, key=lambda block: block.start))
        document = PlanDocument(self.plan_id, title, self.source, blocks)
        return Outline(
            document,
            self._jurisdiction(title),
            tuple(self.divisions),
            tuple(self.boxes),
            tuple(self.tables),
        )

    def _step(self, index: int) -> int:
        """Read what starts at this line; returns the line after it."""
        line = self.lines[index]
        if line.blank:
            return index + 1
        if index in self.headings.contents:
            self._block(BlockKind.CONTENTS, line.start, line.end)
            return index + 1
        if division := self.headings.divisions.get(index):
            return self._division(division)
        if box := read_box(self.text, self.lines, index, self._is_division):
            return self._box(box)
        if table := read_table(self.text, self.lines, index):
            return self._table(table)
        if self.divisions and is_figure_caption(line.content):
            return self._figure(index)
        self._text_line(index)
        return index + 1

    def _is_division(self, index: int) -> bool:
        return index in self.headings.divisions or is_appendix(self.lines[index].content)

    # -- divisions

    def _division(self, found: DivisionLine) -> int:
        order = [Label.PART, Label.CHAPTER, Label.SECTION]
        for label in order[order.index(found.label) :]:
            self.current.pop(label, None)
        parent = self._parent()
        prefix = {Label.PART: "p", Label.CHAPTER: "c", Label.SECTION: "s"}[found.label]
        base = self.plan_id if found.label is Label.PART else parent
        if found.label is Label.CHAPTER:
            base = self.plan_id  # chapters are numbered through the plan in most plans
        division = Division(
            id=self._unique(f"{base}/{prefix}{found.number:02d}"),
            label=found.label,
            number=found.number,
            ordinal=found.ordinal,
            title=found.title,
            heading=Span(self.lines[found.first].start, self.lines[found.last].end),
            parent=parent,
        )
        self.divisions.append(division)
        self.current[found.label] = division
        self.subheading = self.appendix = ""
        kind = BlockKind.SECTION if found.label is Label.SECTION else BlockKind.CHAPTER
        level = order.index(found.label) + 1
        for line in self.lines[found.first : found.last + 1]:
            if not line.blank:
                self._block(kind, line.start, line.end, parent=division.id, level=level)
        return found.last + 1

    def _unique(self, id: str) -> str:
        self.ids[id] += 1
        return id if self.ids[id] == 1 else f"{id}-{self.ids[id]}"

    def _parent(self) -> str:
        for label in (Label.SECTION, Label.CHAPTER, Label.PART):
            if label in self.current:
                return self.current[label].id
        return self.plan_id

    def _locator(self, detail: str = "") -> str:
        ordinals = [self.current[label].ordinal for label in (Label.PART, Label.CHAPTER, Label.SECTION)
                    if label in self.current]
        return " ".join(part for part in (*ordinals, self.appendix, detail) if part) or "正文之前"

    # -- boxes and tables

    def _box(self, raw: RawBox) -> int:
        head = self.lines[raw.first]
        box = Box(
            id=self._unique(f"{self.plan_id}/box/{raw.number}"),
            number=raw.number,
            title=raw.title,
            heading=Span(head.start, head.end),
            items=raw.items,
            parent=self._parent(),
            locator=self._locator(f"专栏{raw.number}"),
        )
        self.boxes.append(box)
        made = len(self.blocks)
        self._block(BlockKind.BOX_HEADING, head.start, head.end, box.locator, box.id)
        if raw.table:
            self._row_blocks(raw.table, box.locator, box.id)
        else:
            for span in raw.item_spans:
                self._block(BlockKind.BOX_ITEM, span.start, span.end, box.locator, box.id)
        self._skipped_lines(raw.first + 1, raw.last, made)
        return raw.last + 1

    def _row_blocks(self, table: RawTable, locator: str, parent: str) -> None:
        self._cell_blocks(BlockKind.TABLE_HEADER, table.header, locator, parent)
        for row in table.rows:
            kind = BlockKind.TABLE_GROUP if is_group(row) else BlockKind.TABLE_CELL
            self._cell_blocks(kind, row, locator, parent)

    def _cell_blocks(self, kind: BlockKind, row: Sequence[Cell], locator: str, parent: str) -> None:
        """Blocks of a row's cells; the delimiters between them belong to the cell before."""
        spans = [cell.span for cell in row if cell.text]
        for i, span in enumerate(spans):
            start, end = span.start, span.end
            limit = spans[i + 1].start if i + 1 < len(spans) else len(self.text)
            while i == 0 and start > 0 and self._delimits(start - 1):
                start -= 1
            while end < limit and self._delimits(end):
                end += 1
            self._block(kind, *trim(self.text, start, end), locator, parent)

    def _delimits(self, offset: int) -> bool:
        """Whether the character can stand between the cells of a row."""
        char = self.text[offset]
        return char in _PIPES or (is_blank(char) and char not in "\r\n")

    def _skipped_lines(self, first: int, last: int, made: int) -> None:
        """Lines inside a box or table that none of its blocks covers are leaf blocks too.

        Those are page numbers, rules and repeated headers; ``made`` is how many blocks came before it.
        """
        spans = sorted((block.start, block.end) for block in self.blocks[made:])
        starts = [start for start, _ in spans]
        for line in self.lines[first : last + 1]:
            before = bisect_left(starts, line.end) - 1
            if not line.blank and (before < 0 or spans[before][1] <= line.start):
                self._block(BlockKind.FOOTER, line.start, line.end)

    def _table(self, raw: RawTable) -> int:
        heading_block = self._claim_table_heading(raw.first)
        if heading_block and lists_projects(raw) and (items := table_items(self.text, raw)[0]):
            return self._project_table(raw, heading_block, items)
        locator = self._locator()
        groups = []
        rows = []
        for row in raw.rows:
            if is_group(row):
                groups.append(next(cell for cell in row if cell.text))
            else:
                rows.append(TableRow(row, len(groups) - 1 if groups else None))
        table = Table(
            heading=heading_block,
            title=self.text[heading_block.start : heading_block.end] if heading_block else "",
            header=raw.header,
            groups=tuple(groups),
            rows=tuple(rows),
            parent=self._parent(),
            locator=locator,
        )
        self.tables.append(table)
        made = len(self.blocks)
        self._row_blocks(raw, locator, table.parent)
        self._skipped_lines(raw.first, raw.last, made)
        return raw.last + 1

    def _project_table(self, raw: RawTable, heading: Span, items: tuple[BoxItem, ...]) -> int:
        """A table of projects under a heading of its own is a box in all but name."""
        title = self.text[heading.start : heading.end]
        match = _TABLE_NUMBER.match(title)
        number = re.sub(r"\s", "", match.group(1)) if match else "项目表"
        box = Box(
            id=self._unique(f"{self.plan_id}/box/{number}"),
            number=number,
            title=(match.group(2) if match else title) or "重点项目",
            heading=heading,
            items=items,
            parent=self._parent(),
            locator=self._locator() if self.appendix else self._locator(number),
        )
        self.boxes.append(box)
        self.blocks[-1] = replace(self.blocks[-1], kind=BlockKind.BOX_HEADING, parent=box.id)
        made = len(self.blocks)
        self._row_blocks(raw, box.locator, box.id)
        self._skipped_lines(raw.first, raw.last, made)
        return raw.last + 1

    def _claim_table_heading(self, index: int) -> Span | None:
        """The short line right before a table is its heading."""
        if not self.blocks:
            return None
        block = self.blocks[-1]
        line = next((n for n in reversed(self.lines[:index]) if not n.blank), None)
        if line is None or block.start != line.start or block.end != line.end or len(line.content) > 60:
            return None
        if block.kind not in (BlockKind.PARAGRAPH, BlockKind.SUBHEADING) or line.content.endswith("。"):
            return None
        self.blocks[-1] = replace(block, kind=BlockKind.TABLE_HEADING, level=0)
        return Span(block.start, block.end)

    # -- plain lines

    def _figure(self, index: int) -> int:
        """A caption, or a figure's number with its caption on the next line that is not blank."""
        line = self.lines[index]
        self._block(BlockKind.FIGURE, line.start, line.end)
        if not is_figure_number(line.content):
            return index + 1
        follow = next((i for i in range(index + 1, len(self.lines)) if not self.lines[i].blank), None)
        if follow is None or not self._is_caption(follow):
            return index + 1
        self._block(BlockKind.FIGURE, self.lines[follow].start, self.lines[follow].end)
        return follow + 1

    def _is_caption(self, index: int) -> bool:
        line = self.lines[index]
        if index in self.headings.contents or self._is_division(index) or line.tabbed:
            return False
        return may_be_title(line.content) and len(line.content) <= 60 and not heading(line.content)

    def _text_line(self, index: int) -> None:
        line = self.lines[index]
        content = line.content
        if is_page_number(content):
            self._block(BlockKind.FOOTER, line.start, line.end)
        elif not self.divisions:
            kind = BlockKind.TITLE if self._is_title_line(content) else BlockKind.FRONT
            self._block(kind, line.start, line.end)
        elif is_source_note(content):
            self._block(BlockKind.SOURCE_NOTE, line.start, line.end)
        elif is_appendix(content):
            self.current.clear()
            self.appendix, self.subheading = content, ""
            self._block(BlockKind.SUBHEADING, line.start, line.end)
        elif numbered := heading(content):
            self.subheading = content
            level = SUBHEADING_LEVELS.get(numbered.style, 3)
            self._block(BlockKind.SUBHEADING, line.start, line.end, self._locator(content), level=level)
        else:
            for kind, start, end in paragraph_spans(self.text, line.start, line.end):
                level = self._run_in_level(start) if kind is BlockKind.RUN_IN else 0
                self._block(kind, start, end, self._locator(self.subheading), level=level)

    def _run_in_level(self, start: int) -> int:
        """A run-in heading with a number has its number's depth."""
        numbered = heading(self.text[start : start + 40].split("。")[0])
        return SUBHEADING_LEVELS.get(numbered.style, RUN_IN_LEVEL) if numbered else RUN_IN_LEVEL

    def _is_title_line(self, content: str) -> bool:
        return len(content) <= 50 and not content.endswith(("。", "：")) and bool(_TITLE_LINE.search(content))

    def _block(
        self, kind: BlockKind, start: int, end: int, locator: str = "", parent: str = "", level: int = 0
    ) -> None:
        block = Block(kind, start, end, parent or self._parent(), locator or self._locator(), level)
        self.blocks.append(block)

    # -- afterwards

    def _plan_title(self) -> str:
        front = self.text[: self.divisions[0].heading.start] if self.divisions else ""
        quoted = _QUOTED_TITLE.search(front)
        if quoted:
            return quoted.group(1)
        titles = [b for b in self.blocks if b.kind is BlockKind.TITLE]
        return "".join(self.text[b.start : b.end] for b in titles[:3]) or self.plan_id

    def _jurisdiction(self, title: str) -> str:
        for source in (title, self.text[:3000]):
            if match := _JURISDICTION.search(source):
                return match.group(1)
        return ""

    def _place_boxes(self) -> None:
        """A box numbered N-M that stands outside chapter N belongs to chapter N all the same."""
        chapters = {d.number: d for d in self.divisions if d.label is Label.CHAPTER}
        moved: dict[str, Box] = {}
        for i, box in enumerate(self.boxes):
            number = box.number.partition("-")[0]
            chapter = chapters.get(int(number)) if "-" in box.number and number.isdigit() else None
            if chapter and not self._inside(box.parent, chapter):
                section = self._section_like(chapter, box.title)
                home = section or chapter
                ordinals = " ".join(d.ordinal for d in (chapter, section) if d)
                locator = f"{ordinals} 专栏{box.number}"
                self.boxes[i] = moved[box.id] = replace(box, parent=home.id, locator=locator)
        self.blocks = [
            replace(b, locator=moved[b.parent].locator) if b.parent in moved else b
            for b in self.blocks
        ]

    def _inside(self, parent: str, chapter: Division) -> bool:
        ids = {chapter.id} | {d.id for d in self.divisions if d.parent == chapter.id}
        return parent in ids

    def _section_like(self, chapter: Division, title: str) -> Division | None:
        """The chapter's section whose title shares most with the box's, beyond what all share."""
        sections = [d for d in self.divisions if d.parent == chapter.id]
        common = Counter(pair for d in sections for pair in _pairs(d.title))
        scored = [
            (sum(1 / common[pair] for pair in _pairs(title) & _pairs(d.title)), d) for d in sections
        ]
        best = max(scored, key=lambda pair: pair[0], default=(0.0, None))
        return best[1] if best[0] >= 1 else None


def _pairs(text: str) -> set[str]:
    return {text[i : i + 2] for i in range(len(text) - 1)}

