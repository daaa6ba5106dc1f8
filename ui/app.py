"""The Gradio page: layout, and which action belongs to which event. `ui.server` serves it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path
from typing import Any

# Gradio reads this when it is imported; with it, it contacts nobody.
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"

import gradio as gr
from fastapi import FastAPI

from kg.settings import PROJECT_ROOT
from ui import texts
from ui.chat.conversation import Conversation
from ui.chat.examples import load_examples
from ui.chat.page import Page, View
from ui.service import AnsweringService
from ui.tabs import ASSETS, CHAT, Tab, style_sheets

EXAMPLES_DIR = PROJECT_ROOT / "data" / "examples"
#: how many sessions may have an answer written at the same time
CONCURRENT_ANSWERS = 8
QUESTION_MAX_CHARS = 1000

_SANS = ["system-ui", "Noto Sans CJK SC", "Noto Sans SC", "PingFang SC", "Microsoft YaHei", "sans-serif"]
_MONO = ["ui-monospace", "Noto Sans Mono CJK SC", "Consolas", "monospace"]


def mount_page(
    app: FastAPI,
    service: AnsweringService,
    tabs: Sequence[Tab],
    examples_dir: Path = EXAMPLES_DIR,
    *,
    api: bool,
    signed: bool = False,
) -> None:
    """Add the page over a service to an application, at its root.

    ``api``: the application has the HTTP API. ``signed``: users have signed in, and may sign out.

    Raises: PlankgError: the service has nothing loaded, or an example file is unusable.
    """
    page = Page(service, load_examples(examples_dir, service.status().plans))
    gr.mount_gradio_app(
        app,
        _Layout(page, tabs).blocks,
        path="/",
        footer_links=[],
        run_history=False,  # it would keep every question in the browser's own database
        enable_monitoring=False,
        ssr_mode=False,
        pwa=False,
        mcp_server=False,
        theme=gr.themes.Base(primary_hue="blue", neutral_hue="slate", font=_SANS, font_mono=_MONO),
        css_paths=[ASSETS / "page.css"],
        head=_head(tabs, api=api, signed=signed),
        favicon_path=ASSETS / "favicon.svg",
    )


def _head(tabs: Sequence[Tab], **parts: bool) -> str:
    """The page's scripts, and what they are told: language, tabs, words."""
    told = {
        "language": texts.language(),
        "tabs": [tab.id for tab in tabs],
        "words": texts.sections(),
        **parts,
    }
    config = json.dumps(told, ensure_ascii=False).replace("<", "\\u003c")  # no word may end the script
    # Links, because Gradio writes the rules of its own style sheets anew and puts a prefix before `body`
    links = "".join(f'<link rel="stylesheet" href="{address}">' for address in style_sheets(tabs))
    return (
        f"{links}<script>window.plankgConfig = {config};</script><script>{_asset('head.js')}</script>"
        '<script type="module" src="app/main.js"></script><script type="module" src="app/chat.js"></script>'
    )


class _Layout:
    """The components and their events; one object per page."""

    def __init__(self, page: Page, tabs: Sequence[Tab]) -> None:
        self._page = page
        with gr.Blocks(title=texts.APP_TITLE, fill_width=True, analytics_enabled=False) as self.blocks:
            self.conversation = gr.State(Conversation())
            self.cleared = gr.State(Conversation())
            self.header = _html("pk-header", page.header())
            _html("pk-tabs", _tabs_html(tabs))
            with gr.Row(elem_id="pk-panel-chat", equal_height=False):
                self._place_conversation()
                with gr.Column(elem_id="pk-right"):
                    self.evidence = _html("pk-evidence", page.welcome().evidence, "evidence.js")
            for tab in tabs:
                if tab.id != CHAT:
                    _place_tab(tab)
            self._connect()
        self.blocks.queue(default_concurrency_limit=CONCURRENT_ANSWERS)

    def _place_conversation(self) -> None:
        with gr.Column(elem_id="pk-left"):
            self.transcript = _html("pk-transcript", self._page.welcome().transcript, "transcript.js")
            with gr.Column(elem_id="pk-composer"):
                self.box = gr.Textbox(
                    label=texts.QUESTION_LABEL,
                    placeholder=texts.QUESTION_PLACEHOLDER,
                    show_label=False,
                    container=False,
                    lines=1,
                    max_lines=6,
                    max_length=QUESTION_MAX_CHARS,
                    elem_id="pk-question",
                )
                with gr.Row(elem_id="pk-buttons"):
                    self.new = gr.Button(texts.NEW_CONVERSATION, size="sm", elem_id="pk-new")
                    self.undo = gr.Button(texts.UNDO_CLEAR, size="sm", visible=False, elem_id="pk-undo")
                    self.export = gr.Button(texts.EXPORT, size="sm", elem_id="pk-export")
                    self.word = gr.Button(texts.EXPORT_WORD, size="sm", elem_id="pk-word")
                    self.stop = gr.Button(
                        texts.STOP, variant="stop", size="sm", visible=False, elem_id="pk-stop"
                    )
                    self.send = gr.Button(texts.SEND, variant="primary", size="sm", elem_id="pk-send")

    def _connect(self) -> None:
        shown: Any = [
            self.conversation, self.cleared, self.transcript, self.evidence, self.undo, self.stop, self.send
        ]  # fmt: skip
        quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
        # Not "once": the page's own idea of what still runs lags behind a stop, and then it drops the
        # next question without a word. Whether an answer is being written is decided in `_ask`.
        typed = gr.on(
            [self.box.submit, self.send.click],
            self._ask,
            [self.box, self.conversation],
            [self.box, *shown],
            trigger_mode="multiple",
            **quiet,
        )
        chosen = self.transcript.example_select(
            self._ask_example, [self.conversation], [self.box, *shown], trigger_mode="multiple", **quiet
        )
        running = [typed, chosen]
        now: dict[str, Any] = {"queue": False, "cancels": running, **quiet}
        self.stop.click(self._stop, [self.conversation], shown, **now)
        self.new.click(self._clear, [self.conversation, self.cleared], shown, **now)
        self.undo.click(self._restore, [self.cleared], shown, **now)
        for component in (self.transcript, self.evidence):
            component.select(
                self._open, [self.conversation], [self.evidence], trigger_mode="always_last", **quiet
            )
        told = {
            "title": texts.EXPORT_TITLE,
            "file": texts.EXPORT_FILE,
            "empty": texts.NOTHING_TO_EXPORT,
            "failed": texts.EXPORT_FAILED,
        }
        for button, kind in ((self.export, "md"), (self.word, "docx")):
            button.click(None, js=f"() => window.plankg.exportConversation({json.dumps(told)}, '{kind}')")
        self.blocks.load(self._page.header, None, [self.header], **quiet)

    def _ask(self, question: str, conversation: Conversation) -> Iterator[Any]:
        if conversation.pending:
            yield gr.skip()  # the question stays in the box until the answer is there or was stopped
            return
        box: Any = ""  # emptied with the first view, then left to the user's next question
        for view in self._page.ask(question, conversation):
            yield [box, *_outputs(view)]
            box = gr.skip()

    def _ask_example(self, conversation: Conversation, event: gr.EventData) -> Iterator[Any]:
        question = str(event._data.get("question", ""))[:QUESTION_MAX_CHARS]
        yield from self._ask(question, conversation)

    def _stop(self, conversation: Conversation) -> list[Any]:
        return _outputs(self._page.stop(conversation))

    def _clear(self, conversation: Conversation, cleared: Conversation) -> list[Any]:
        return _outputs(self._page.clear(conversation, cleared))

    def _restore(self, cleared: Conversation) -> list[Any]:
        return _outputs(self._page.restore(cleared))

    def _open(self, conversation: Conversation, event: gr.EventData) -> str:
        return self._page.open_source(conversation, event._data.get("open"))


def _outputs(view: View) -> list[Any]:
    return [
        view.conversation,
        view.undo,
        view.transcript,
        view.evidence,
        gr.update(visible=bool(view.undo.turns)),
        gr.update(visible=view.busy),
        gr.update(visible=not view.busy),
    ]


def _tabs_html(tabs: Sequence[Tab]) -> str:
    """The bar of tabs; `app/main.js` makes it work, by pointer, keys and addresses."""
    buttons = "".join(
        f'<button type="button" role="tab" id="pk-tab-{tab.id}" data-tab="{tab.id}"'
        f' aria-controls="pk-panel-{tab.id}" aria-selected="{str(tab.id == CHAT).lower()}">'
        f"{escape(tab.title)}</button>"
        for tab in tabs
    )
    label = escape(texts.section("shared")["TABS"])
    return f'<nav class="pk-tabs" role="tablist" aria-label="{label}">{buttons}</nav>'


def _place_tab(tab: Tab) -> None:
    """An empty panel, which the tab's script fills when it is first shown."""
    gr.HTML(
        f'<section class="pk-tab" data-tab="{tab.id}" aria-label="{escape(tab.title)}"></section>',
        elem_id=f"pk-panel-{tab.id}",
        apply_default_css=False,
    )


def _html(elem_id: str, value: str, script: str | None = None) -> gr.HTML:
    return gr.HTML(
        value,
        elem_id=elem_id,
        apply_default_css=False,
        js_on_load=_asset(script) if script else None,
        words={"copied": texts.COPIED, "failed": texts.COPY_FAILED},
    )


def _asset(name: str) -> str:
    return (ASSETS / name).read_text("utf-8")
