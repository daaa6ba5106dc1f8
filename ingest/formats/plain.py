"""What all formats share: clean characters, and blocks of lines as one text."""

from __future__ import annotations

import re
from collections.abc import Iterable

#: characters that nobody sees: controls, marks of direction and width, halves of a pair, private use
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f"
    "\ufeff\ufff0-\ufffb\ufffe\uffff\ud800-\udfff\ue000-\uf8ff]"
)
_ODD_BLANKS = re.compile("[\x0b\x0c\x1c-\x1f\x85\xa0\u2000-\u200a\u2028\u2029\u202f\u205f\r\n]")
_OUTER = " \t\u3000"
_SUPERSCRIPTS = str.maketrans("0123456789+-−－", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁻")
_RAISED = re.compile("[0-9]{1,3}|[+−－-][0-9]{1,3}")
_CJK = "\u2e80-\u303f\u3400-\u9fff\uf900-\ufaff\uff00-\uff65“”‘’—…·①-⑳"
_BETWEEN_CJK = re.compile(rf"(?<=[{_CJK}]) +(?=[{_CJK}])")
_IS_CJK = re.compile(f"[{_CJK}]")


class FormatError(Exception):
    """A document that cannot be converted; the message goes on after the file's name."""


def clean_line(text: str) -> str:
    """The text as one line: without unseen characters and outer white space, inner blanks as they are."""
    return _ODD_BLANKS.sub(" ", _UNSEEN.sub("", text)).strip(_OUTER)


def is_cjk(char: str) -> bool:
    """Whether a character is Chinese, punctuation included: no space stands beside it."""
    return bool(_IS_CJK.fullmatch(char))


def join_lines(first: str, second: str) -> str:
    """Two lines of one sentence as one: without a space where a Chinese character stands."""
    if not first or not second or is_cjk(first[-1]) or is_cjk(second[0]):
        return first + second
    return f"{first} {second}"


def without_cjk_gaps(text: str) -> str:
    """The text without the spaces between Chinese characters that spread a short word: `序  号`."""
    return _BETWEEN_CJK.sub("", text)


def raised(text: str) -> str:
    """Raised text: a number as superscript digits, so that 10⁸ does not become 108."""
    stripped = text.strip()
    return stripped.translate(_SUPERSCRIPTS) if _RAISED.fullmatch(stripped) else text


def as_text(blocks: Iterable[str]) -> str:
    """Blocks as one text, a blank line between them, so that no reader takes two for one."""
    kept = [block for block in blocks if block.strip()]
    return "\n\n".join(kept) + "\n" if kept else ""
