"""A conversation as a Word document, read back."""

from __future__ import annotations

import io

from docx import Document
from hypothesis import given, settings
from hypothesis import strategies as st

from ui.chat.word import docx_of

MARKDOWN = """# 记录

**问：有哪些项目？**

专栏1列了 **2** 个项目：

| 编号 | 项目 |
|---|---|
| 1 | 物流园区 [1] |
| 2 | <b>冷链</b> [2] |

依据：

- [1] 第二章：“1.综合物流园区项目。”
- [2] 第二章

1. 其一
2. 其二
"""


def test_headings_bold_words_lists_and_tables_are_kept() -> None:
    document = Document(io.BytesIO(docx_of(MARKDOWN)))
    shown = [(p.style.name if p.style else "", p.text) for p in document.paragraphs]
    assert shown == [
        ("Heading 1", "记录"),
        ("Normal", "问：有哪些项目？"),
        ("Normal", "专栏1列了 2 个项目："),
        ("Normal", "依据："),
        ("List Bullet", "[1] 第二章：“1.综合物流园区项目。”"),
        ("List Bullet", "[2] 第二章"),
        ("List Number", "其一"),
        ("List Number", "其二"),
    ]
    assert [run.text for p in document.paragraphs for run in p.runs if run.bold] == ["问：有哪些项目？", "2"]
    table = [[cell.text for cell in row.cells] for row in document.tables[0].rows]
    assert table == [["编号", "项目"], ["1", "物流园区 [1]"], ["2", "<b>冷链</b> [2]"]]


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=300))
def test_any_text_becomes_a_document(text: str) -> None:
    assert Document(io.BytesIO(docx_of(text.encode("utf-8", "ignore").decode("utf-8"))))
