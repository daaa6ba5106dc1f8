"""PDF files as plain text: broken lines, what repeats on pages, notes, ruled tables, files that are none.

The files are written here, a piece of text at a place; those of a browser are read in `test_formats`.
"""

from __future__ import annotations

import io
import random
from collections.abc import Sequence

import pypdf
import pytest

from ingest.formats import FormatError, convert, pdf
from ingest.formats.pdf_page import plain_forms

SIZE = 12
LEFT, RIGHT, TOP = 72, 72 + 36 * SIZE, 760


def at(x: float, y: float, text: str, size: float = SIZE, matrix: str = "1 0 0 1") -> str:
    """A piece of text at a place."""
    return f"BT /F1 {size} Tf {matrix} {x} {y} Tm <{text.encode('utf-16-be').hex()}> Tj ET"


def rule(x0: float, y0: float, x1: float, y1: float) -> str:
    return f"{x0} {y0} m {x1} {y1} l S"


def document(pages: Sequence[Sequence[str]]) -> bytes:
    """A PDF file with these operations on its pages."""
    ranges = "".join(f"100 beginbfrange\n{_ranges(n)}endbfrange\n" for n in (0, 100)) + (
        f"56 beginbfrange\n{_ranges(200, 56)}endbfrange\n"
    )
    streams = [f"begincmap\n{ranges}endcmap", *("\n".join(page) for page in pages)]
    first = 6
    kids = " ".join(f"{first + 2 * i + 1} 0 R" for i in range(len(pages)))
    objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Count {len(pages)}/Kids[{kids}]>>",
        "<</Type/Font/Subtype/Type0/BaseFont/Plan/Encoding/Identity-H"
        "/DescendantFonts[4 0 R]/ToUnicode 5 0 R>>",
        "<</Type/Font/Subtype/CIDFontType2/BaseFont/Plan/DW 1000/W[32[" + "500 " * 95 + "]]"
        "/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>>>",
    ]
    for i, stream in enumerate(streams):
        objects.append(f"<</Length {len(stream)}>>stream\n{stream}\nendstream")
        if i:
            objects.append(
                "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F1 3 0 R>>>>"
                f"/Contents {first + 2 * (i - 1)} 0 R>>"
            )
    out, offsets = io.BytesIO(b"%PDF-1.7\n"), []
    out.seek(0, io.SEEK_END)
    for number, content in enumerate(objects, 1):
        offsets.append(out.tell())
        out.write(f"{number} 0 obj\n{content}\nendobj\n".encode("ascii"))
    start = out.tell()
    table = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
    out.write(f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}".encode())
    out.write(f"trailer<</Size {len(objects) + 1}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF".encode())
    return out.getvalue()


def _ranges(first: int, count: int = 100) -> str:
    return "".join(f"<{n:02x}00> <{n:02x}ff> <{n:02x}00>\n" for n in range(first, first + count))


def column(*texts: str, top: float = TOP, step: float = 20) -> list[str]:
    """Lines below each other; an ideographic space in front is an indent."""
    found = []
    for i, text in enumerate(texts):
        bare = text.lstrip("　")
        found.append(at(LEFT + (len(text) - len(bare)) * SIZE, top - i * step, bare))
    return found


def lines_of(*pages: Sequence[str]) -> list[str]:
    return [line for line in convert(document(pages), ".pdf").split("\n") if line]


def refusal(data: bytes) -> str:
    with pytest.raises(FormatError) as caught:
        convert(data, ".pdf")
    line = str(caught.value)
    assert "\n" not in line and line.endswith("。"), line
    return line


def full(start: str, end: str = "") -> str:
    """A line that reaches from the left edge to the right one."""
    return start + "字" * (36 - len(start) - len(end)) + end


# -- lines and paragraphs


def test_broken_lines_are_joined_without_a_space_and_headings_stay_alone() -> None:
    page = column(
        "第一章  总则",
        full("　　全县"),
        full("经济"),
        "GDP增长。",
        full("　　第二段", "。"),
        "　　第三段。",
        "一、目标",
        full("　　（一）增长"),
        "9%以上。",
        full("　　（二）就业"),
        "2.5万人。",
    )
    assert lines_of(page) == [
        "第一章  总则",
        full("　　全县").strip("　") + full("经济") + "GDP增长。",
        full("　　第二段", "。").strip("　"),
        "第三段。",
        "一、目标",
        full("　　（一）增长").strip("　") + "9%以上。",
        full("　　（二）就业").strip("　") + "2.5万人。",
    ]


def test_a_paragraph_goes_on_over_the_end_of_a_page() -> None:
    first = [*column("第一章  总则", full("　　前半")), at(290, 40, "- 1 -")]
    second = [*column("后半。", "　　第二段。"), at(290, 40, "- 2 -")]
    assert lines_of(first, second) == ["第一章  总则", full("　　前半").strip("　") + "后半。", "第二段。"]


def test_a_word_that_had_no_room_leaves_a_short_line() -> None:
    page = column("　　" + "字" * 28 + "达到", "123456789012亿元。", "　　第二段。", full("　　三"), "四。")
    assert lines_of(page)[0] == "字" * 28 + "达到123456789012亿元。"


def test_a_heading_as_long_as_a_line_stays_alone() -> None:
    heading = "第一章  " + "标" * 30
    page = [at(LEFT + 12, 780, heading), *column(full("　　正文"), "字。", full("　　二"), "三。")]
    assert lines_of(page)[:2] == [heading, full("　　正文").strip("　") + "字。"]


def test_quotes_that_meet_are_not_parted() -> None:
    page = column(
        "　　" + "字" * 31 + "单", "位”“国家新区”建设。", full("　　二"), "三。", full("　　四"), "五。"
    )
    assert lines_of(page)[0] == "字" * 31 + "单位”“国家新区”建设。"


def test_a_large_title_of_two_lines_is_one() -> None:
    wide = "某县国民经济和社会发展第十四个五年规划纲"
    page = [
        at(LEFT, 780, wide, 21.6),
        at(LEFT + 190, 750, "要", 21.6),
        *column("第一章 总则", full("　　正文"), "字。", top=700),
    ]
    assert lines_of(page)[0] == wide + "要"


def test_pieces_of_a_line_are_put_in_order_and_spaces_kept_where_they_are_seen() -> None:
    page = [
        at(LEFT + 60, 700, "总则"),
        at(LEFT, 700, "第一章"),
        at(LEFT, 680, "five"),
        at(LEFT + 50, 680, "year plan"),
    ]
    assert lines_of(page) == ["第一章 总则", "five year plan"]


def test_odd_forms_of_characters_become_ordinary_ones() -> None:
    assert plain_forms("⼀、⽴⾜⼾籍⻓⻘⺠⻁ ﬁve 2021―2025〜⸺") == "一、立足户籍长青民虎 five 2021—2025～——"
    assert plain_forms("［１２％］①㎡（一）") == "［１２％］①㎡（一）"


def test_raised_numbers_are_powers() -> None:
    page = [at(LEFT, 700, "面积为五十平方米即"), at(LEFT + 108, 700, "50m"), at(LEFT + 126, 705, "2", 7)]
    assert lines_of(page) == ["面积为五十平方米即50m²"]


# -- what is no text of the plan


def test_what_repeats_on_the_pages_is_left_out() -> None:
    pages = [
        [
            at(LEFT, 810, "某县第十四个五年规划", 9),
            *column(f"第{n}章  标题", f"　　正文{n}。"),
            at(290, 30, f"第{i}页 共4页"),
        ]
        for i, n in enumerate("一二三四", 1)
    ]
    assert lines_of(*pages) == [line for n in "一二三四" for line in (f"第{n}章  标题", f"正文{n}。")]


@pytest.mark.parametrize("number", ["1", "- 1 -", "— 1 —", "第 1 页", "1/9"])
def test_page_numbers_are_left_out(number: str) -> None:
    page = [*column("第一章  总则", "　　正文若干字。"), at(290, 40, number)]
    assert lines_of(page) == ["第一章  总则", "正文若干字。"]


def test_a_number_that_ends_a_sentence_is_no_page_number() -> None:
    page = column("第一章  总则", full("　　五年规划到"), "2025")
    assert lines_of(page)[-1].endswith("字2025")


def test_notes_at_the_bottom_are_left_out() -> None:
    page = [
        *column("第一章  总则", "　　正文。", full("　　正文"), "若干字。"),
        at(LEFT, 90, "① 链长制：一种机制，", 9),
        at(LEFT, 78, "由县领导负责。", 9),
    ]
    assert lines_of(page)[1:] == ["正文。", full("　　正文").strip("　") + "若干字。"]


def test_numbers_at_the_edges_of_few_pages_are_kept() -> None:
    pages = [column(f"第{n}章  标题", f"　　正文{n}若干字。") for n in "一二三四五六七"]
    kept = [*column("38", "　　正文若干字。"), at(290, 30, "7")]
    assert lines_of(*pages, kept)[-3:] == ["38", "正文若干字。", "7"]


def test_a_watermark_is_left_out_and_a_turned_page_read() -> None:
    page = [*column("第一章  总则", "　　正文。"), at(200, 300, "征求意见稿", 40, "0.7 0.7 -0.7 0.7")]
    assert lines_of(page) == ["第一章  总则", "正文。"]
    turned = [at(100, 72, "第一章  总则", SIZE, "0 1 -1 0"), at(130, 72, "正文若干字。", SIZE, "0 1 -1 0")]
    assert lines_of(turned) == ["第一章  总则", "正文若干字。"]


# -- tables


def table(
    rows: Sequence[Sequence[str]], xs: Sequence[float], top: float, height: float = 24, outer: bool = True
) -> list[str]:
    """A ruled table; a row of one text has no lines inside."""
    bottom = top - height * len(rows)
    found = [rule(xs[0], y, xs[-1], y) for y in (top - i * height for i in range(len(rows) + 1))]
    if outer:
        found += [rule(x, bottom, x, top) for x in (xs[0], xs[-1])]
    for i, row in enumerate(rows):
        upper = top - i * height
        if len(row) > 1:
            found += [rule(x, upper - height, x, upper) for x in xs[1:-1]]
        for x, text in zip(xs, row, strict=False):
            parts = text.split("\n")
            found += [at(x + 3, upper - 10 - 10 * n, part, 9) for n, part in enumerate(parts)]
    return found


XS = [72, 110, 250, 320, 400]
HEADER = ["序号", "指标", "单位", "2025年"]


@pytest.mark.parametrize("outer", [True, False])
def test_ruled_tables_are_rows_between_pipes(outer: bool) -> None:
    rows = [HEADER, ["一、经济发展"], ["1", "地区生产\n总值", "亿元", "≥8"], ["2", "财政收入", "", "9"]]
    page = [
        *column("第一章  总则", "　　表1 指标"),
        *table(rows, XS, 700, outer=outer),
        *column("　　后文。", top=550),
    ]
    assert lines_of(page) == [
        "第一章  总则",
        "表1 指标",
        "| 序号 | 指标 | 单位 | 2025年 |",
        "| 一、经济发展 |  |  |  |",
        "| 1 | 地区生产总值 | 亿元 | ≥8 |",
        "| 2 | 财政收入 |  | 9 |",
        "后文。",
    ]


def test_a_table_goes_on_on_the_next_page() -> None:
    first = [*column("第一章  总则"), *table([HEADER, ["1", "甲", "家", "2"]], XS, 200), at(290, 30, "- 1 -")]
    second = [
        *table([["二、民生"], ["2", "乙", "人", "3"]], XS, 780),
        *column("　　后文。", top=600),
        at(290, 30, "- 2 -"),
    ]
    text = convert(document([first, second]), ".pdf")
    assert text.split("\n\n")[1].split("\n") == [
        "| 序号 | 指标 | 单位 | 2025年 |",
        "| 1 | 甲 | 家 | 2 |",
        "| 二、民生 |  |  |  |",
        "| 2 | 乙 | 人 | 3 |",
    ]


def test_a_frame_around_a_box_is_no_table() -> None:
    frame = [
        rule(72, 700, 520, 700),
        rule(72, 600, 520, 600),
        rule(72, 600, 72, 700),
        rule(520, 600, 520, 700),
    ]
    inside = [
        at(80, 680, "专栏1 重点工程"),
        at(80, 660, "1." + "桥" * 34),
        at(80, 640, "梁。"),
        at(80, 620, "2.乙路。"),
    ]
    assert lines_of([*column("第一章  总则"), *frame, *inside, *column("　　后文。", top=560)]) == [
        "第一章  总则",
        "专栏1 重点工程",
        "1." + "桥" * 34 + "梁。",
        "2.乙路。",
        "后文。",
    ]


# -- files that are refused


def test_what_is_no_pdf_or_has_no_text_is_refused() -> None:
    assert "没有 %PDF" in refusal(b"<html>")
    assert "可能已损坏" in refusal(b"%PDF-1.7\n" + bytes(range(256)) * 20)
    assert "OCR" in refusal(document([[rule(1, 1, 99, 99)]]))
    assert "字符对照表" in refusal(document([column("\ufffd" * 30)]))


def test_a_password_is_asked_to_be_removed_unless_it_only_guards_changes() -> None:
    plain = document([column("第一章  总则", "　　正文若干字。")])
    for user, owner in (("x", "x"), ("", "x")):
        writer = pypdf.PdfWriter(clone_from=io.BytesIO(plain))
        writer.encrypt(user, owner)
        stream = io.BytesIO()
        writer.write(stream)
        if user:
            assert "取消密码" in refusal(stream.getvalue())
        else:
            assert convert(stream.getvalue(), ".pdf") == convert(plain, ".pdf")


def test_a_file_that_takes_for_ever_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "MAX_SECONDS", -1.0)
    assert "没有读完" in refusal(document([column("第一章  总则")]))


def test_a_drawing_of_thousands_of_lines_is_no_table() -> None:
    lines = [rule(10 + i % 90, 10, 10 + i % 90, 700) for i in range(6000)]
    assert lines_of([*lines, *column("第一章  总则", "　　正文若干字。")]) == ["第一章  总则", "正文若干字。"]


@pytest.mark.parametrize("seed", range(12))
def test_a_damaged_file_is_read_or_refused_in_one_line(seed: int) -> None:
    chance = random.Random(seed)
    page = [*column("第一章  总则", "　　正文若干字。"), *table([HEADER, ["1", "甲", "家", "2"]], XS, 600)]
    data = bytearray(document([page, page]))
    for _ in range(40):
        data[chance.randrange(9, len(data))] = chance.randrange(256)
    try:
        convert(bytes(data), ".pdf")
    except FormatError as exc:
        assert str(exc).endswith("。") and "\n" not in str(exc)
