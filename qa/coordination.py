"""Questions about two things at once: `A和B分别是多少` is one question about A and one about B."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from kg.tokens import fold
from qa.model import Answer, Citation, ConflictStatement

_EACH = re.compile(r"分别|各自|各(?=是|有|为|达|占|要|能|多少|定|投|需|建)")
_AND = r"(?:以及|和|与|及|跟|、)"
#: where the second thing ends, if what asks does not follow at once
_ENDS = re.compile(r"的|到?(?:19|20)\d\d\s*年|目标|投资|是|有|要|能|达到|[，,]")
_LEAD = re.compile(r"^(?:请问|那么?|规划(?:中|里)?(?:的)?|全县(?:的)?|本县(?:的)?|我县(?:的)?)+")
_MARK = re.compile(r"\[(\d+)\]")
_SHORTEST, _LONGEST, _MOST = 2, 20, 4
_SHORTEST_QUESTION = 5
#: two questions in a row: `…要建什么公园、扩什么学校`
_ASKS = re.compile(r"什么|哪|多少|几|谁|何时|怎么|如何|吗")


def coordinated(question: str) -> tuple[str, ...]:
    """`A和B分别…`: the questions about each of the things named side by side; empty if there is one."""
    each = _EACH.search(question)
    if each is None:
        return ()
    before, after = question[: each.start()], question[each.end() :]
    clause = max(before.rfind(mark) for mark in "，,；;：:。") + 1
    head, named = before[:clause], _LEAD.sub("", before[clause:])
    parts = re.split(_AND, named)
    if len(parts) < 2 or len(parts) > _MOST:
        return ()
    last, tail = parts[-1], ""
    if ends := _ENDS.search(last, 1):
        last, tail = last[: ends.start()], last[ends.start() :]
    things = [part.strip() for part in (*parts[:-1], last)]
    if any(not _SHORTEST <= len(thing) <= _LONGEST for thing in things):
        return ()
    return tuple(f"{head}{thing}{tail}{after}" for thing in things)


def in_turn(question: str) -> tuple[str, ...]:
    """Questions one after the other, each of which asks something of its own; empty if there is one."""
    parts = [part.strip() for part in re.split(r"[？?；;]", question) if part.strip()]
    asking = [part for part in parts if _ASKS.search(part) and len(part) >= _SHORTEST_QUESTION]
    return tuple(f"{part}？" for part in parts) if 2 <= len(parts) == len(asking) <= _MOST else ()


def covers(answer: Answer, questions: Sequence[str]) -> bool:
    """Whether one answer already cites what each of the questions names."""
    quoted = fold(" ".join(citation.quote for citation in answer.citations))
    return not answer.refused and all(_own(question, questions) in quoted for question in questions)


def _own(question: str, questions: Sequence[str]) -> str:
    """What only this question has, folded: the beginning that it does not share."""
    other = next(q for q in questions if q != question) if len(set(questions)) > 1 else ""
    first = next((i for i, (a, b) in enumerate(zip(question, other, strict=False)) if a != b), 0)
    last = 0
    while last < min(len(question), len(other)) - first and question[-1 - last] == other[-1 - last]:
        last += 1
    return fold(question[first : len(question) - last])


def combined(question: str, parts: Sequence[Answer]) -> Answer:
    """One answer out of the answers to each question; what one of them lacks is said in its place."""
    citations: list[Citation] = []
    texts: list[str] = []
    conflicts: list[ConflictStatement] = []
    for part in parts:
        # of a refusal only what is missing is said, not what comes near
        text = part.answer.split("\n\n")[0] if part.refused else part.answer
        places: dict[int, int] = {}
        for number, citation in enumerate(part.citations, 1):
            if part.refused and f"[{number}]" not in text:
                continue
            if citation not in citations:
                citations.append(citation)
            places[number] = citations.index(citation) + 1
        text = _MARK.sub(lambda mark, places=places: f"[{places[int(mark[1])]}]", text)  # type: ignore[misc]
        texts += [paragraph for paragraph in text.split("\n\n") if paragraph not in texts]
        for conflict in part.conflicts:
            marks = tuple(places[number] for number in conflict.citations)
            conflicts.append(replace(conflict, citations=marks))
    return replace(
        parts[0],
        question=question,
        answer="\n\n".join(texts),
        refused=all(part.refused for part in parts),
        citations=tuple(citations),
        conflicts=tuple(dict.fromkeys(conflicts)),
        derived=tuple(dict.fromkeys(value for part in parts for value in part.derived)),
        entities=tuple(dict.fromkeys(entity for part in parts for entity in part.entities)),
        notes=tuple(dict.fromkeys(note for part in parts for note in part.notes)),
    )
