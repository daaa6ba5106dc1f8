"""An answer as one Markdown text, for programs that show nothing else: the sources stand below it."""

from __future__ import annotations

import re
from urllib.parse import urlencode

from qa.model import Answer, Citation
from ui import texts

#: what Markdown would read as markup; the plan's words stay the plan's words
_MARKUP = re.compile(r"([\\`*_{}\[\]<>|#~$])")


def with_sources(answer: Answer, page: str) -> str:
    """The answer, its remarks, and the numbered sources; each links to its words on the page."""
    parts = [answer.answer, *(f"*{texts.NOTE}：{_plain(note)}*" for note in answer.notes)]
    if answer.citations:
        lines = (f"{n}. {_source(citation, page)}" for n, citation in enumerate(answer.citations, 1))
        parts.append("\n".join((_heading(), "", *lines)))
    return "\n\n".join(parts)


def without_sources(text: str) -> str:
    """An answer that `with_sources` made, without what it added at the end."""
    return text.split("\n\n" + _heading(), 1)[0]


def _heading() -> str:
    return f"**{texts.EVIDENCE}**"


def _source(citation: Citation, page: str) -> str:
    at = urlencode({"tab": "source", "at": f"{citation.source}:{citation.start}-{citation.end}"})
    locator = _plain(citation.locator or citation.source)
    return f"[{locator}]({page}?{at})：“{_plain(citation.quote)}”"


def _plain(text: str) -> str:
    """Text of one line that Markdown leaves as it is."""
    return _MARKUP.sub(r"\\\1", " ".join(text.split()))
