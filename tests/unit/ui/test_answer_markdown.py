"""Answers as HTML: marks become links, and nothing else becomes markup."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.model import Answer, Citation, ConflictStatement
from ui.chat.conversation import Turn, TurnState
from ui.chat.markdown import answer_html, turn_markdown

CITATION = Citation("全县粮食产量达到4.1万吨", 10, 22, "plan", "第一章 第一节")
#: what the renderer may produce; nothing that runs or loads
ALLOWED = {
    *("p", "strong", "em", "ul", "ol", "li", "table", "thead", "tbody", "tr", "th", "td", "br", "hr"),
    *("h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "code", "a"),
}


class Tags(HTMLParser):
    """Collects the tags of a piece of HTML, and its text."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def tags(html: str) -> Tags:
    parser = Tags()
    parser.feed(html)
    parser.close()
    return parser


def marks(html: str) -> list[str | None]:
    return [attrs.get("data-open") for tag, attrs in tags(html).found if tag == "a"]


def test_a_mark_with_its_citation_opens_it() -> None:
    html = answer_html("达到4.1万吨[1]，**重申** [2]。", (CITATION, CITATION), 3)
    assert marks(html) == ["3:1", "3:2"]
    assert "[1]" in tags(html).text
    assert "第一章 第一节" in html


@pytest.mark.parametrize("text", ["见[3]", "见[0]", "见[01x]", "见[]", "见[１]", "见[²]", "见[12345]"])
def test_a_mark_without_its_citation_stays_text(text: str) -> None:
    html = answer_html(text, (CITATION, CITATION), 0)
    assert marks(html) == []
    assert text in tags(html).text


def test_marks_in_tables_and_lists_open_their_citations_too() -> None:
    table = "| 项目 | 投资 |\n|---|---|\n| 甲 [1] | 2亿元 |\n\n- 乙 [1]\n"
    html = answer_html(table, (CITATION,), 0)
    assert marks(html) == ["0:1", "0:1"]
    assert "<table>" in html


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        '<img src=x onerror="alert(1)">',
        "![图](http://example.com/a.png)",
        "[点我](javascript:alert(1))",
        "[点我](http://example.com)",
        "<http://example.com>",
        "[1]: http://example.com\n\n[1]",
        "[1](http://example.com)",
        "<div>\n\n<iframe src=http://example.com></iframe>\n\n</div>",
        "`<b>`",
    ],
)
def test_markup_and_links_of_a_text_stay_text(text: str) -> None:
    for tag, attrs in tags(answer_html(text, (CITATION,), 0)).found:
        assert tag in ALLOWED
        assert attrs.get("href", "#pk-evidence") == "#pk-evidence"
        assert not {name for name in attrs if name.startswith("on") or name == "src"}


@given(st.text(alphabet="<>&\"'[]()!`*_|-#1:/ \nab字=", max_size=60))
def test_no_text_produces_markup_that_runs_or_loads(text: str) -> None:
    hostile = Citation(text, 0, 1, "plan", text)
    for tag, attrs in tags(answer_html(text + "[1]", (hostile,), 0)).found:
        assert tag in ALLOWED
        assert set(attrs) <= {"class", "href", "data-open", "aria-label", "start", "style"}
        assert attrs.get("href", "#pk-evidence") == "#pk-evidence"


def test_a_turn_is_taken_away_with_its_citations_notes_and_conflicts() -> None:
    answer = Answer(
        question="粮食？",
        answer="4.1万吨[1]",
        refused=False,
        citations=(Citation("达到\n4.1万吨", 1, 9, "plan", "第一章"),),
        conflicts=(ConflictStatement("粮食产量", (1,)),),
        notes=("已更正错字",),
    )
    text = turn_markdown(Turn("粮食？", TurnState.DONE, answer.answer, answer))
    for expected in ("粮食？", "4.1万吨[1]", "- [1] 第一章：“达到 4.1万吨”", "粮食产量", "已更正错字"):
        assert expected in text


def test_a_failed_turn_is_taken_away_with_its_error() -> None:
    assert "服务没有响应" in turn_markdown(Turn("粮食？", TurnState.FAILED, error="服务没有响应"))
