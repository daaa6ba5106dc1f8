"""Cut a text that comes in pieces into sentences, each with the marks behind its full stop."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

#: a sentence, the marks behind it, and line breaks; complete once something else follows
_SENTENCE = re.compile(
    r"[^。！？!?；;\n]*(?:[。！？!?；;]+[”’」』）)]*|(?=\n))(?:[ \t]*\[\d{1,3}\])*[ \t]*\n*"
)
_MARK = re.compile(r"\[(\d{1,3})\]")
#: ways in which models write marks: 【1】, ［1］, [1,2], [1、2], [^1], [证据1]
_OTHER_MARK = re.compile(r"[\[【［]\^?(?:证据|来源|出处)?\s*(\d{1,3}(?:\s*[,，、]\s*\d{1,3})*)\s*[\]】］]")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u200b-\u200f\u202a-\u202e\ufeff]")


@dataclass(frozen=True, slots=True)
class WordedSentence:
    """A sentence as written, white space included; ``marks`` are the numbers that it carries itself."""

    text: str
    marks: tuple[int, ...]


def worded_sentences(pieces: Iterable[str]) -> Iterator[WordedSentence]:
    """The sentences of a text, each as soon as it is complete; marks in the one form that is shown."""
    rest = ""
    for piece in pieces:
        rest += _CONTROL.sub("", piece)
        while (match := _SENTENCE.match(rest)) and 0 < match.end() < len(rest):
            if _may_go_on(rest[match.end() :]):
                break
            yield _sentence(rest[: match.end()])
            rest = rest[match.end() :]
    while rest.strip():
        match = _SENTENCE.match(rest)
        end = match.end() if match and match.end() else len(rest)
        yield _sentence(rest[:end])
        rest = rest[end:]


def marks_of(text: str) -> tuple[int, ...]:
    """The numbers of a text's marks, in order."""
    return tuple(int(number) for number in _MARK.findall(text))


def without_marks(text: str) -> str:
    """The text without its marks."""
    return _MARK.sub("", text)


def _may_go_on(rest: str) -> bool:
    """Whether what follows a full stop may still be one of its marks, half of which is there."""
    return bool(re.fullmatch(r"[\[【［][^\]】］]{0,12}", rest)) or rest.isspace()


def _sentence(text: str) -> WordedSentence:
    text = _OTHER_MARK.sub(lambda match: "".join(f"[{n}]" for n in re.findall(r"\d+", match[1])), text)
    return WordedSentence(text, marks_of(text))
