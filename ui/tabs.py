"""The tabs of the page, in their order. A tab is a line here, and what carries its name:

``ui/assets/app/tabs/<id>.js`` (and ``.css``) shows it, ``ui/texts/<language>/<id>.json`` holds its words,
``ui/api/<id>.py`` gives its data over HTTP, from ``qa/browse/``. `ui.app` lays out the conversation.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ui import texts

ASSETS = Path(__file__).parent / "assets"
CHAT = "chat"


@dataclass(frozen=True, slots=True)
class Tab:
    """A tab. ``id`` stands in addresses (``?tab=graph``) and element ids (``#pk-panel-graph``)."""

    id: str

    @property
    def title(self) -> str:
        """Its name in the language in use."""
        return texts.section(self.id)["TAB"]


TABS = tuple(map(Tab, (CHAT, "graph", "projects", "indicators", "conflicts", "source")))


def shown_tabs(admin: bool) -> tuple[Tab, ...]:
    """The tabs of a page; the administrator's only where it is enabled."""
    return (*TABS, Tab("admin")) if admin else TABS


def style_sheets(tabs: Iterable[Tab]) -> list[str]:
    """Addresses of the style sheets of the tabs, relative to the page; the general ones first."""
    own = [f"app/tabs/{tab.id}.css" for tab in tabs]
    return ["app/app.css", "app/lists.css", *(path for path in own if (ASSETS / path).exists())]
