"""What the chat model is told. Question and plan are data in it, and can never close their own frame."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from qa.model import Answer

#: what makes the frames; in data, characters that look like them stand instead
_FRAMES = str.maketrans({"<": "＜", ">": "＞"})
_MAX_QUOTE_CHARS = 800


@cache
def instructions() -> str:
    """The system message."""
    return (Path(__file__).parent.parent / "prompts" / "wording.txt").read_text("utf-8")


def material(plain: Answer, text: str) -> str:
    """The user message: question, the text to be worded, and the citations by number."""
    parts = [framed("问题", plain.question), framed("现有回答", text)]
    for number, citation in enumerate(plain.citations, 1):
        quote = " ".join(citation.quote.split())[:_MAX_QUOTE_CHARS]
        parts.append(framed(f"证据 编号={number}", f"（{citation.locator}）{quote}"))
    return "\n\n".join(parts)


def framed(name: str, data: str) -> str:
    """Data between marks that it cannot itself contain."""
    return f"<{name}>\n{data.translate(_FRAMES)}\n</{name.partition(' ')[0]}>"
