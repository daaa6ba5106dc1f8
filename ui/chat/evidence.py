"""The evidence panel and the status line as HTML."""

from __future__ import annotations

from html import escape
from urllib.parse import urlencode

from qa.model import Citation, SourceExcerpt, Status
from ui import texts
from ui.chat.conversation import Conversation


def panel_html(content: str, shown: str = "") -> str:
    """The panel around its content (HTML); ``shown`` is the ``turn:number`` that it shows."""
    return (
        f'<section class="pk-evidence" aria-label="{texts.EVIDENCE}" data-shown="{shown}">'
        f"<h2>{texts.EVIDENCE}</h2>{content}</section>"
    )


def message_html(message: str, kind: str = "hint") -> str:
    """The panel with one line instead of cards. ``kind`` is ``hint`` or ``error``."""
    return panel_html(f'<p class="pk-{kind}">{escape(message)}</p>')


def latest_evidence_html(conversation: Conversation) -> str:
    """The cards of the last turn, none of them open."""
    if not conversation.turns:
        return message_html(texts.EVIDENCE_EMPTY)
    if conversation.turns[-1].answer is None:
        return message_html(texts.EVIDENCE_UNANSWERED)
    return evidence_html(conversation, len(conversation.turns) - 1)


def evidence_html(conversation: Conversation, turn: int, number: int = 0, source: str = "") -> str:
    """The cards of a turn's citations; card ``number`` (from 1) is open and shows ``source`` (HTML)."""
    answer = conversation.turns[turn].answer
    if answer is None or not answer.citations:
        return message_html(texts.EVIDENCE_NONE)
    cards = "".join(
        _card(citation, turn, each, source if each == number else "")
        for each, citation in enumerate(answer.citations, 1)
    )
    question = escape(texts.EVIDENCE_FOR.format(question=answer.question))
    content = f'<p class="pk-for">{question}</p><ol class="pk-cards">{cards}</ol>'
    return panel_html(content, f"{turn}:{number}")


def excerpt_html(
    excerpt: SourceExcerpt, citation: Citation, turn: int, number: int, context_chars: int
) -> str:
    """A stretch of the plan with the words of a citation marked.

    Dots stand where the text goes on: at a side that has all of the ``context_chars`` asked for.
    """
    before, after = excerpt.text[: excerpt.mark_start], excerpt.text[excerpt.mark_end :]
    quoted = escape(excerpt.text[excerpt.mark_start : excerpt.mark_end])
    before = (texts.CUT if len(before) >= context_chars else "") + escape(before)
    after = escape(after) + (texts.CUT if len(after) >= context_chars else "")
    place = urlencode({"tab": "source", "at": f"{citation.source}:{citation.start}-{citation.end}"})
    return (
        f'<div class="pk-source" tabindex="-1" data-source="{turn}:{number}">'
        f'<p class="pk-place">{texts.SOURCE}：{escape(excerpt.title)}　{escape(excerpt.locator)}</p>'
        f'<div class="pk-original">{before}<mark>{quoted}</mark>{after}</div>'
        f'<div class="pk-tools"><button type="button" class="pk-tool" data-back>{texts.BACK}</button>'
        f'<button type="button" class="pk-tool" data-open="{turn}:0">{texts.CLOSE_CARD}</button>'
        f'<a class="pk-tool" href="?{escape(place)}" data-go>{texts.READ_ON}</a></div></div>'
    )


def source_error_html(message: str) -> str:
    """What stands in an open card when its source could not be read."""
    return f'<p class="pk-error" role="alert">{escape(message)}</p>'


def header_html(status: Status | str) -> str:
    """The page's title and status line; a string instead of a status is an error message."""
    if isinstance(status, str):
        line = f'<p class="pk-error" role="alert">{escape(status)}</p>'
    else:
        facts = _facts(status)
        items = "".join(f"<div><dt>{name}</dt><dd>{escape(value)}</dd></div>" for name, value in facts)
        line = f'<dl class="pk-status">{items}</dl>'
    return (
        f'<header class="pk-header"><h1>{texts.APP_TITLE}<small>{texts.TAGLINE}</small></h1>{line}</header>'
    )


def _facts(status: Status) -> list[tuple[str, str]]:
    counts = texts.GRAPH_COUNTS.format(
        nodes=status.nodes, relations=status.relations, passages=status.passages
    )
    return [
        (texts.PLAN, "；".join(status.plans) or texts.NO_PLAN),
        (texts.GRAPH, counts),
        (texts.ENGINE, status.graph_engine),
        (texts.EMBEDDING, status.embedding_model),
        (texts.BUILT_AT, status.built_at),
    ]


def _card(citation: Citation, turn: int, number: int, source: str) -> str:
    opened = bool(source)
    # An open card's button closes it: it asks for the same turn with no card open.
    target = f"{turn}:0" if opened else f"{turn}:{number}"
    why = f'<span class="pk-why">{escape(citation.why)}</span>' if citation.why else ""
    return (
        f'<li><button type="button" class="pk-card" data-open="{target}" data-number="{number}"'
        f' aria-expanded="{str(opened).lower()}"><span class="pk-number">[{number}]</span>'
        f'<span class="pk-locator">{escape(citation.locator)}</span>'
        f'<span class="pk-quote">{escape(citation.quote)}</span>{why}</button>{source}</li>'
    )
