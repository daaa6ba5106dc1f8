"""Plans to read: those on disk, and Hypothesis strategies for orderly and for disorderly ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from ingest.document import Outline
from ingest.load import load_text
from ingest.outline import build_outline

FIRST_PLAN = Path(__file__).parent.parent / "data" / "plans" / "jiaocheng-14th-five-year-plan.txt"
SECOND_PLAN = Path(__file__).parent / "data" / "plans" / "qingshan-plan.txt"

_NUMERALS = "一 二 三 四 五 六 七 八 九 十 十一 十二".split()
_TOPICS = "发展基础 产业体系 城乡融合 生态屏障 “三农”工作 数字政府 基础设施，补齐短板 人口均衡".split()
_CLAUSES = (
    "到2025年粮食产量达到4.1万吨 推进“五有”工作机制 投资27836.2万元 建设2×300MW机组 覆盖率≥42％ 坚持生态优先 "
    "实施《行动方案》 （含园区）企业达到100户 加快改造 占比45～55% 由县级领导包联"
).split()
_ITEMS = (
    "供热管网改造工程 2001人防工程 年产5万吨大米项目（谋划） 5G基站建设项目 “一河两岸”综合治理项目 "
    "综合物流园：一期、二期 100MW风电场 第一小学扩建项目"
).split()
_SENTENCES = [
    "，".join(_CLAUSES[i : i + length]) + end
    for i in range(len(_CLAUSES))
    for length, end in ((1, "。"), (3, "；"), (4, "！"))
]
_INDENTS = ("", "", "　　", "  ", "\t", "\xa0", "\u200b")
#: every character that some reader gives a meaning, and every kind of white space
_TROUBLE = (
    "第一二十百章节篇部分专栏附表目录图注资料来源、．.：:；。，“”《》（）()-—－|｜…·0123９①⑳●*=+"
    "\t\n\r \u3000\xa0\ufeff\u200b\u2028\x0b\x0c\x85建设项目工程序号指标单位年规划县"
)


def examples(count: int) -> Callable[[Any], Any]:
    """Settings of a property test: the same examples in every run, and no clock."""
    return settings(
        max_examples=count, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
    )


@cache
def text_of(path: Path) -> str:
    """A plan's text."""
    return load_text(path)


@cache
def outline_of(path: Path) -> Outline:
    """A plan, structured once for all tests."""
    return build_outline(text_of(path), "plan")


def is_white(char: str) -> bool:
    """White space to a reader. Kept apart from `ingest.lines`, whose rule it checks."""
    return char.isspace() or char in "\ufeff\u200b"


def choice(*options: str) -> st.SearchStrategy[str]:
    """One of these strings."""
    return st.sampled_from(options)


def paragraphs() -> st.SearchStrategy[str]:
    """One line of running text that ends like a sentence, perhaps opened by a heading."""
    run_in = choice("", "", "产业发展持续向好。", "一是优化环境。", "——加强领导。", "（1）提质增效。")
    body = st.lists(st.sampled_from(_SENTENCES), min_size=1, max_size=6).map("".join)
    return st.builds("{}{}{}落实到位。".format, choice("", "　　", "  ", "\t"), run_in, body)


def _page_numbers() -> st.SearchStrategy[str]:
    return choice("- 3 -", "— 12 —", "第 4 页", "－５－", "17")


# -- orderly plans


@dataclass(frozen=True, slots=True)
class MadeBox:
    """A box as it was put into a plan."""

    number: str
    title: str
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MadePlan:
    """An orderly plan: its text, and what a reader must find in it, in order."""

    text: str
    chapters: tuple[tuple[str, str], ...]
    sections: tuple[tuple[str, str], ...]
    boxes: tuple[MadeBox, ...]


@st.composite
def made_plans(draw: st.DrawFn) -> MadePlan:
    """A plan in good order: a title, chapters with sections, paragraphs, boxes and page numbers."""
    chapters: list[tuple[str, str]] = []
    sections: list[tuple[str, str]] = []
    boxes: list[MadeBox] = []
    lines = ["某县国民经济和社会发展第十四个五年规划纲要", ""]
    gap = draw(choice(" ", "　", "  ", "：", ""))
    for number in range(draw(st.integers(1, 3))):
        chapters.append((f"第{_NUMERALS[number]}章", draw(st.sampled_from(_TOPICS))))
        lines += [gap.join(chapters[-1]), draw(paragraphs())]
        for section in range(draw(st.integers(1, 3))):
            sections.append((f"第{_NUMERALS[section]}节", draw(st.sampled_from(_TOPICS))))
            lines += [gap.join(sections[-1]), draw(paragraphs()), draw(choice("", "- 7 -"))]
            if draw(st.booleans()):
                box, box_lines = draw(_made_boxes(f"{number + 1}-{len(boxes) + 1}"))
                boxes.append(box)
                lines += box_lines
    newline = draw(choice("\n", "\r\n", "\n\n", "\r\n\r\n"))
    text = draw(choice("", "\ufeff")) + newline.join(lines) + newline
    return MadePlan(text, tuple(chapters), tuple(sections), tuple(boxes))


@st.composite
def _made_boxes(draw: st.DrawFn, number: str) -> tuple[MadeBox, list[str]]:
    title = draw(choice("重点项目（部分）", "供热工程", "“十四五”物流项目"))
    items = draw(st.lists(st.sampled_from(_ITEMS), min_size=1, max_size=6))
    indent, colon = draw(choice("", "\t", "  ")), draw(choice("：", ":", " ", "　"))
    lines = [f"{indent}专栏{number}{colon}{title}"]
    marker = draw(choice("{}.", "{}. ", "{}、", "（{}）", "　　{}．", "——"))
    end = draw(choice("。", "；", ""))
    page_after = draw(st.integers(1, 12))
    for index, item in enumerate(items, 1):
        lines.append(marker.format(index) + item + end)
        if index == page_after < len(items):
            lines.append("- 8 -")
    return MadeBox(number, title, tuple(items)), [*lines, ""]


# -- disorderly plans


def _headings() -> st.SearchStrategy[str]:
    divisions = "第{}篇 {}|第{}章 {}|第{}章{}|第{}章\n{}|第{}章\n\n{}|第{}章|第{}节　{}|第 {} 节 {}"
    ideographic = choice(*divisions.split("|"), "第{}部分 {}", "{}、{}", "（{}）{}", "({}) {}")
    arabic = choice(*"{}.{}|{}、{}|（{}）{}|{}. {}|第{}章 {}|第{}节 {}|{}．{}。".split("|"))
    topic = st.sampled_from(_TOPICS)
    return st.one_of(
        st.builds(str.format, ideographic, st.sampled_from(_NUMERALS), topic),
        st.builds(str.format, arabic, st.integers(0, 120), topic),
    )


def _titles() -> st.SearchStrategy[str]:
    others = "某县“十四五”规划纲要 （此件公开发布） 附表 附件2：名单 图1 表1".split()
    return choice(*_TOPICS, *others)


def _figures() -> st.SearchStrategy[str]:
    with_source = ("图1 增长率\n资料来源：统计公报", " 图2\n\n减贫人数\n来源: 年报")
    return choice(*with_source, "图3：结构", "注：含园区。", "① 词：指事。")


@st.composite
def _contents(draw: st.DrawFn) -> str:
    leader = draw(choice("……{}", " …… {}", "\t{}", "......{}", "   {}", ""))
    entries = draw(st.lists(_headings(), min_size=1, max_size=6))
    lines = [entry + leader.format(page) for page, entry in enumerate(entries, 1)]
    return "\n".join((draw(choice("目录", "目    录", "目　次")), *lines))


@st.composite
def _messy_boxes(draw: st.DrawFn) -> str:
    form = draw(choice("专栏{0}：{1}", "\t专栏{0}{1}", "专栏 {0}  {1}", "　专栏{0}:{1}", "专栏{0}"))
    number = draw(choice("1", "6-1", "9－2", "三", "2.1", "１", "6 - 3"))
    head = form.format(number, draw(st.sampled_from(_TOPICS)))
    if draw(st.booleans()):
        return head + "\n" + draw(st.one_of(_delimited_tables(), _cell_tables()))
    marker = draw(choice("{}.", "{}. ", "{}、", "（{}）", "{})", "①", "——", "●", "", "   {}．"))
    texts = draw(st.lists(st.one_of(st.sampled_from(_ITEMS), paragraphs()), max_size=5))
    lines = [head, *(marker.format(number) + text for number, text in enumerate(texts, 1))]
    extra = draw(st.one_of(_page_numbers(), st.sampled_from((*_INDENTS, *_ITEMS, *_TOPICS))))
    lines.insert(draw(st.integers(1, len(lines))), extra)
    return "\n".join(lines)


_CELLS = ("1", "地区生产总值", "86.4", "", "［8.7］", "一、经济", "合计", "-", "约束性", "　", "预期\u200b性")
_HEADERS = ("序号", "指标名称", "单位", "2020年", "2025年", "年均增长", "项目名称", "")


@st.composite
def _delimited_tables(draw: st.DrawFn) -> str:
    delimiter = draw(choice("|", " | ", "｜", "\t", "|　", " |\xa0"))
    header = draw(st.lists(st.sampled_from(_HEADERS), min_size=2, max_size=6))
    cells = st.lists(st.sampled_from(_CELLS), min_size=1, max_size=len(header))
    rows = [header, *draw(st.lists(cells, max_size=5))]
    left, right = draw(st.sampled_from((("", ""), ("|", "|"), ("  | ", " |"), ("", "|"), ("　|", "|　"))))
    lines = [left + delimiter.join(row) + right for row in rows]
    extra = draw(choice("", "二、创新（2项）", "|---|:-:|---|", "- 5 -", lines[0]))
    lines.insert(draw(st.integers(1, len(lines))), extra)
    return "\n".join(lines)


@st.composite
def _cell_tables(draw: st.DrawFn) -> str:
    header = draw(st.lists(st.sampled_from(_HEADERS[:-1]), min_size=3, max_size=6))
    words = (*_CELLS, "2020年\n（基期）", "高于 \n\n增长", "二、创新（2项）", "86\n- 5 -\n.4")
    cells = draw(st.lists(st.sampled_from(words), max_size=20))
    gap = draw(choice("\n\t", "\n\n\t", "\n \n\t", "\n- 5 -\n\t"))
    return "\t" + "\n\t".join(header) + "\n\n\t" + gap.join(cells)


@st.composite
def messy_texts(draw: st.DrawFn) -> str:
    """Any mixture of what plans are made of, in any order, with any white space."""
    part = st.one_of(
        _headings(), paragraphs(), _titles(), _figures(), _page_numbers(), _contents(), _messy_boxes(),
        _delimited_tables(), _cell_tables(), st.text(_TROUBLE, max_size=40),
    )  # fmt: skip
    parts = draw(st.lists(st.builds(str.__add__, st.sampled_from(_INDENTS), part), min_size=1, max_size=14))
    opening = draw(choice("第一章 总则\n第二章 附则\n", "第一章 总则\n第一节 依据\n", "一、总则\n二、附则\n"))
    text = draw(choice("", "\ufeff", "\n\n")) + draw(choice(opening, opening, opening, "")) + "\n".join(parts)
    return text.replace("\n", draw(choice("\n", "\r\n", "\r")))


def noise() -> st.SearchStrategy[str]:
    """Short text without any order, of the characters that readers look at."""
    return st.text(_TROUBLE, max_size=300)


@st.composite
def slices(draw: st.DrawFn, path: Path) -> str:
    """Some stretch of a plan, cut anywhere."""
    text = text_of(path)
    start = draw(st.integers(0, len(text) - 1))
    return text[start : start + draw(st.integers(500, 6000))]
