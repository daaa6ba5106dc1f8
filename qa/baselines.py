"""What a plain search would answer: the passage that it finds first. For comparison only."""

from __future__ import annotations

import time

from qa.knowledge import Knowledge
from qa.model import Answer, Citation
from qa.retrieve import Source

#: the searches by name, each with the sources that it asks
BASELINES = {"dense": (Source.DENSE,), "bm25": (Source.WORDS, Source.BIGRAMS)}


def first_passage(knowledge: Knowledge, name: str, question: str) -> Answer:
    """The first passage of a search as the answer, and as its citation; refused if nothing is found."""
    started = time.perf_counter()
    hits = knowledge.retriever.only(*BASELINES[name]).search(question, 1)
    elapsed_ms = (time.perf_counter() - started) * 1000
    if not hits.passages:
        return Answer(question, "没有找到相关段落。", True, kind=name, elapsed_ms=elapsed_ms)
    passage = knowledge.passages[hits.passages[0].passage_id]
    quote = knowledge.text(passage.plan_id, passage.start, passage.end)
    citation = Citation(quote, passage.start, passage.end, passage.plan_id, passage.locator, name)
    return Answer(question, f"{quote}[1]", False, kind=name, citations=(citation,), elapsed_ms=elapsed_ms)
