"""How Chinese plans number their headings, items and figures: the patterns, in one place."""

from __future__ import annotations

import re
from dataclasses import dataclass

from kg.tokens import chinese_number

_CN = "[零〇○一二三四五六七八九十百两]"
_NUM = rf"(?:{_CN}+|[0-9０-９]+)"

#: style name → pattern with groups (number, title); tried in this order
_STYLES: dict[str, re.Pattern[str]] = {
    "part": re.compile(rf"第\s*({_NUM})\s*(?:篇|编|部分)[\s:：、.]*(.*)"),
    "chapter": re.compile(rf"第\s*({_NUM})\s*章[\s:：、.]*(.*)"),
    "section": re.compile(rf"第\s*({_NUM})\s*节[\s:：、.]*(.*)"),
    "ideographic": re.compile(rf"({_CN}+)\s*[、．]\s*(.+)"),
    "ideographic_paren": re.compile(rf"[（(]\s*({_CN}+)\s*[)）]\s*(.+)"),
    "arabic": re.compile(r"([0-9０-９]{1,2})\s*(?:、|[.．](?![0-9０-９]+[^0-9\s]{0,3}[，,。]))\s*(.+)"),
    "arabic_paren": re.compile(r"[（(]\s*([0-9０-９]{1,2})\s*[)）]\s*(.+)"),
}
#: the styles that say what they number; nothing but a division opens like that
DIVISION_STYLES = frozenset({"part", "chapter", "section"})
#: depth of the styles below parts, chapters and sections, outermost first
SUBHEADING_LEVELS = {"ideographic": 4, "ideographic_paren": 5, "arabic": 6, "arabic_paren": 7}
RUN_IN_LEVEL = 8
_MAX_HEADING = 60
_HALF_WIDTH = str.maketrans("０１２３４５６７８９", "0123456789")
_SENTENCE_END = ("。", "；", ";", "，", ",", "！", "？", "：", ":")

_BOX = re.compile(
    r"专栏\s*([0-9０-９一二三四五六七八九十]+(?:\s*[-—–－‑.]\s*[0-9０-９]+)?)\s*[：:、.]?\s*(.*)"
)
_ITEM = re.compile(
    r"(?:([0-9０-９]{1,3})\s*[.．、)）]|[（(]\s*([0-9０-９]{1,3})\s*[)）]|([①-⑳]))\s*(?=\S)"
)
_BULLET = re.compile(r"(?:—{1,2}|–{1,2}|[●•·◆■▪*]|-(?=\s))\s*(?=\S)")
_FIGURE = re.compile(r"图\s*[0-9０-９]+(?:[-—][0-9０-９]+)?(?:\s|[：:]|$)")
_SOURCE_NOTE = re.compile(r"(?:资料来源|数据来源|来源|注|备注)\s*[：:]")
_FIGURE_NUMBER = re.compile(r"图\s*[0-9０-９]+(?:[-—][0-9０-９]+)?\s*[：:]?")
_PAGE = re.compile(r"[-—–－·]?\s*(?:第\s*)?[0-9０-９]{1,4}\s*(?:页)?\s*[-—–－·]?")
_CONTENTS = re.compile(r"目\s*[录次]")
_LEADER = re.compile(r"(?:[.．·…]{2,}|\t+|\s{2,})\s*[-—]?\s*[0-9０-９]{1,4}\s*[-—]?$")
#: as much of a line's end as `_LEADER` needs; on a long gap in mid-line it would take cubic time
_LEADER_CHARS = 20
_APPENDIX = re.compile(r"附(?:表|件|录|图)\s*[0-9０-９一二三四五六七八九十]*\s*[：:]?")


@dataclass(frozen=True, slots=True)
class Numbered:
    """A line that opens with a number: the style's name, the number, and the title after it."""

    style: str
    number: int
    title: str


def heading(content: str) -> Numbered | None:
    """The numbered heading that this line is, or None. Long lines and sentences are no headings."""
    if len(content) > _MAX_HEADING:
        return None
    for style, pattern in _STYLES.items():
        match = pattern.fullmatch(content)
        if not match:
            continue
        number = chinese_number(match.group(1))
        title = match.group(2).strip()
        if number is None or (style not in DIVISION_STYLES and title.endswith(_SENTENCE_END)):
            return None
        return Numbered(style, number, title)
    return None


def box_heading(content: str) -> tuple[str, str] | None:
    """(number, title) of a box heading: `专栏6-1：…`, `专栏1 …`; None for a sentence about a box."""
    match = _BOX.fullmatch(content)
    if not match or len(content) > _MAX_HEADING or content.endswith(("。", "；", "，")):
        return None
    number = re.sub(r"\s*[-—–－‑.]\s*", "-", match.group(1)).translate(_HALF_WIDTH)
    parsed = chinese_number(number)
    return (str(parsed) if parsed is not None else number), match.group(2).strip()


def item_marker(content: str) -> tuple[int, int] | None:
    """(number, length of the marker) when a line opens like a list item; None otherwise."""
    match = _ITEM.match(content)
    if not match:
        return None
    text = next(group for group in match.groups() if group)
    number = ord(text) - ord("①") + 1 if "①" <= text <= "⑳" else int(text.translate(_HALF_WIDTH))
    return number, match.end()


def bullet_marker(content: str) -> int:
    """Length of a dash or dot that opens a line, 0 if there is none."""
    match = _BULLET.match(content)
    return match.end() if match else 0


def is_figure_caption(content: str) -> bool:
    """`图1 …` on a line of its own."""
    return bool(_FIGURE.match(content)) and len(content) <= _MAX_HEADING and not content.endswith("。")


def is_figure_number(content: str) -> bool:
    """`图1` alone, with its caption on the next line."""
    return bool(_FIGURE_NUMBER.fullmatch(content))


def is_source_note(content: str) -> bool:
    """`资料来源：…` or `注：…`."""
    return bool(_SOURCE_NOTE.match(content))


def is_page_number(content: str) -> bool:
    """`- 3 -`, `— 12 —`, `第 3 页`."""
    return bool(_PAGE.fullmatch(content))


def is_contents_title(content: str) -> bool:
    """`目录`."""
    return bool(_CONTENTS.fullmatch(content))


def has_leader(content: str) -> bool:
    """Whether a line ends like an entry of a table of contents: dots or a gap, then a page number."""
    return bool(_LEADER.search(content[-_LEADER_CHARS:]))


def is_appendix(content: str) -> bool:
    """`附表`, `附件2` on a line of its own, or followed by a short title."""
    return bool(_APPENDIX.match(content)) and len(content) <= 30 and not content.endswith("。")
