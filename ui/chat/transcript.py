"""The conversation as HTML. Every text goes through `html.escape` or the safe Markdown renderer."""

from __future__ import annotations

import json
from collections.abc import Sequence
from html import escape

from qa.model import Answer
from ui import texts
from ui.chat.conversation import Conversation, Turn, TurnState
from ui.chat.examples import PlanExamples
from ui.chat.markdown import answer_html, mark_link, turn_markdown

#: of a longer answer, its first things and quotes are enough to lead on from
_MOST_ABOUT = 60


def transcript_html(conversation: Conversation) -> str:
    """All turns, oldest first. Not for an empty conversation: see `welcome_html`."""
    turns = "".join(_turn(turn, index) for index, turn in enumerate(conversation.turns))
    return (
        f'<div class="pk-log" role="log" aria-label="{texts.CONVERSATION}"'
        f' aria-busy="{str(conversation.pending).lower()}">{turns}</div>'
    )


def welcome_html(examples: Sequence[PlanExamples], cleared: bool = False) -> str:
    """What stands in an empty conversation: example questions by role."""
    hint = texts.WELCOME_HINT if examples else texts.NO_EXAMPLES_HINT
    notice = f'<p class="pk-cleared" role="status">{texts.CLEARED}</p>' if cleared else ""
    roles = "".join(
        f'<section class="pk-role"><h3>{escape(role.role)}<small>{escape(role.hint)}</small></h3><ul>'
        + "".join(
            f'<li><button type="button" class="pk-example" data-example>{escape(question)}</button></li>'
            for question in role.questions
        )
        + "</ul></section>"
        for plan in examples
        for role in plan.roles
    )
    return (
        f'<div class="pk-welcome">{notice}<h2>{texts.WELCOME_HEADING}</h2><p>{hint}</p>'
        f'<div class="pk-roles">{roles}</div></div>'
    )


def _turn(turn: Turn, index: int) -> str:
    refused = turn.answer is not None and turn.answer.refused
    state = "refused" if refused else turn.state.value
    return (
        f'<article class="pk-turn" data-turn="{index}" data-markdown="{escape(turn_markdown(turn))}"'
        f"{_about(turn)}>"
        f'<div class="pk-question"><span class="pk-who">{texts.ASKED}</span>'
        f"<p>{escape(turn.question)}</p>{_question_tools(turn)}</div>"
        f'<div class="pk-answer" data-state="{state}"><span class="pk-who">{texts.ANSWERED}</span>'
        f'<div class="pk-body">{_body(turn, index)}</div></div></article>'
    )


def _about(turn: Turn) -> str:
    """What the page's scripts lead on from (`app/chat.js`): an answer's things and quotes."""
    if turn.answer is None:
        return ""
    about = {
        "entities": [entity.id for entity in turn.answer.entities[:_MOST_ABOUT]],
        "cited": [[c.source, c.start, c.end] for c in turn.answer.citations[:_MOST_ABOUT]],
    }
    return f' data-about="{escape(json.dumps(about, ensure_ascii=False))}"'


def _question_tools(turn: Turn) -> str:
    """Edit and repeat; while its answer is being written a question has neither."""
    if turn.state is TurnState.PENDING:
        return ""
    question = escape(turn.question)
    return (
        f'<span class="pk-question-tools"><button type="button" class="pk-tool" data-edit="{question}">'
        f'{texts.EDIT}</button><button type="button" class="pk-tool" data-repeat="{question}">'
        f"{texts.REPEAT}</button></span>"
    )


def _body(turn: Turn, index: int) -> str:
    if turn.answer is not None:
        return _answer(turn.answer, index)
    text = f'<div class="pk-text">{answer_html(turn.text, (), index)}</div>' if turn.text else ""
    if turn.state is TurnState.FAILED:
        return f'{text}<p class="pk-error" role="alert">{escape(turn.error)}</p>'
    if turn.state is TurnState.STOPPED:
        return f'{text}<p class="pk-stopped">{texts.STOPPED if turn.text else texts.STOPPED_EMPTY}</p>'
    if not turn.text:
        return f'<p class="pk-searching" role="status">{texts.SEARCHING}</p>'
    return text


def _answer(answer: Answer, index: int) -> str:
    flag = f'<p class="pk-flag">{texts.REFUSED}</p>' if answer.refused else ""
    text = f'<div class="pk-text">{answer_html(answer.answer, answer.citations, index)}</div>'
    return flag + text + _conflicts(answer, index) + _notes(answer) + _cypher(answer) + _tools(answer, index)


def _conflicts(answer: Answer, index: int) -> str:
    blocks = []
    for conflict in answer.conflicts:
        marks = "".join(
            mark_link(number, answer.citations[number - 1], index)
            for number in conflict.citations
            if 1 <= number <= len(answer.citations)
        )
        see = f"<span>{texts.CONFLICT_SEE} {marks}</span>" if marks else ""
        blocks.append(
            f'<div class="pk-conflict"><strong>{texts.CONFLICT}</strong>'
            f"<p>{escape(conflict.about)} {see}</p></div>"
        )
    return "".join(blocks)


def _notes(answer: Answer) -> str:
    if not answer.notes:
        return ""
    items = "".join(f"<li>{escape(note)}</li>" for note in answer.notes)
    return f'<div class="pk-notes"><strong>{texts.NOTE}</strong><ul>{items}</ul></div>'


def _cypher(answer: Answer) -> str:
    if not answer.cypher:
        return ""
    return (
        f'<details class="pk-cypher"><summary>{texts.CYPHER}</summary>'
        f"<pre><code>{escape(answer.cypher)}</code></pre></details>"
    )


def _tools(answer: Answer, index: int) -> str:
    parts = []
    if answer.citations:
        count = texts.EVIDENCE_COUNT.format(count=len(answer.citations))
        parts.append(f'<button type="button" class="pk-tool" data-open="{index}:0">{count}</button>')
    else:
        parts.append(f"<span>{texts.NO_EVIDENCE}</span>")
    parts.append(f'<button type="button" class="pk-tool" data-copy>{texts.COPY}</button>')
    if answer.derived:
        derived = texts.DERIVED.format(numbers="、".join(answer.derived))
        parts.append(f"<span>{escape(derived)}</span>")
    if answer.elapsed_ms:
        parts.append(f"<span>{texts.ELAPSED.format(seconds=f'{answer.elapsed_ms / 1000:.2f}')}</span>")
    return f'<div class="pk-tools">{"".join(parts)}</div>'
