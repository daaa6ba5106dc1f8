"""Answers as HTML and as Markdown to take away.

Nothing that a question, an answer or a plan says can become markup: raw HTML, links and images are
off, so the page never requests anything because of what a text contains.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from qa.model import Citation
from ui import texts
from ui.chat.conversation import Turn

_OFF = ["html_block", "html_inline", "link", "image", "autolink", "reference"]


def answer_html(text: str, citations: Sequence[Citation], turn: int) -> str:
    """An answer's Markdown as HTML; a mark ``[1]`` that has its citation becomes a link.

    The links carry ``data-open="turn:number"``, the turn counted from 0, the number from 1.
    """
    return str(_MARKDOWN.render(text, {"citations": citations, "turn": turn}))


def mark_link(number: int, citation: Citation, turn: int) -> str:
    """The link that opens a citation, as it stands in running text.

    Not a button: browsers break the line after one, and leave the full stop alone on the next.
    """
    label = texts.OPEN_MARK.format(number=number, locator=citation.locator)
    return (
        f'<a class="pk-mark" href="#pk-evidence" data-open="{turn}:{number}"'
        f' aria-label="{escape(label)}">[{number}]</a>'
    )


def turn_markdown(turn: Turn) -> str:
    """A question with its answer and the citations below, as Markdown to paste elsewhere."""
    lines = [f"**{texts.EXPORT_QUESTION}：{turn.question}**", ""]
    if turn.answer is None:
        lines += [turn.error or turn.text or texts.STOPPED_EMPTY]
        return "\n".join(lines) + "\n"
    lines += [turn.answer.answer]
    lines += [f"\n{texts.NOTE}：{note}" for note in turn.answer.notes]
    for conflict in turn.answer.conflicts:
        marks = "".join(f"[{number}]" for number in conflict.citations)
        lines += [f"\n{texts.CONFLICT}：{conflict.about}（{texts.CONFLICT_SEE} {marks}）"]
    if turn.answer.citations:
        lines += ["", f"{texts.EXPORT_EVIDENCE}：", ""]
        lines += [_citation_line(number, each) for number, each in enumerate(turn.answer.citations, 1)]
    return "\n".join(lines) + "\n"


def _citation_line(number: int, citation: Citation) -> str:
    quote = " ".join(citation.quote.split())
    return f"- [{number}] {citation.locator}：“{quote}”"


def _mark_rule(state: StateInline, silent: bool) -> bool:
    """Recognise ``[1]``; the number must be one of the citations, else it stays text."""
    if state.src[state.pos] != "[":
        return False
    end = state.src.find("]", state.pos + 1, state.pos + 5)
    digits = state.src[state.pos + 1 : end] if end > 0 else ""
    if not (digits.isascii() and digits.isdigit()):
        return False
    if not 1 <= int(digits) <= len(state.env["citations"]):
        return False
    if not silent:
        state.push("citation_mark", "", 0).meta = {"number": int(digits)}
    state.pos = end + 1
    return True


def _render_mark(
    renderer: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType
) -> str:
    number = int(tokens[index].meta["number"])
    return mark_link(number, env["citations"][number - 1], int(env["turn"]))


def _markdown() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable("table").disable(_OFF)
    parser.inline.ruler.push("citation_mark", _mark_rule)
    parser.add_render_rule("citation_mark", _render_mark)
    return parser


_MARKDOWN = _markdown()
