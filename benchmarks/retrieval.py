"""Recall of every retriever on the gold questions with gold places. Prints a Markdown table.

``python -m benchmarks.retrieval``, after ``make build``; takes about a minute, most of it for embedding the
passages whole, which the product does not do. What the rows are is described in docs/retrieval.md.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from kg.adapters.embedding import open_embedder
from kg.adapters.indexes import open_vector_index
from kg.model import Passage, PlanDocument, Scored, unit_parent
from kg.ports import Embedder, VectorIndex
from kg.settings import PROJECT_ROOT, load_settings
from kg.state import StateDirectory
from kg.units import WHOLE
from qa.evidence import best_passages
from qa.knowledge import Knowledge
from qa.langchain import PlanRetriever
from qa.service import QuestionService

GOLD_FILE = PROJECT_ROOT / "tests" / "eval" / "retrieval.jsonl"
DEPTHS = (1, 5, 10, 20)
#: the usual constant of reciprocal rank fusion
_RANK_CONSTANT = 60
_UNITS = 300

#: a question to passage ids, best first
Ranker = Callable[[str], Sequence[str]]


@dataclass(frozen=True, slots=True)
class GoldPlace:
    """A question and the ids of the passages that overlap one of its gold quotes."""

    question: str
    relevant: frozenset[str]


def read_gold(
    file: Path, documents: Mapping[str, PlanDocument], passages: Collection[Passage]
) -> list[GoldPlace]:
    """Read a set of ``{"question", "quotes"}`` lines. A quote that stands in no plan gives no passage."""
    gold: list[GoldPlace] = []
    for line in file.read_text("utf-8").splitlines():
        data = json.loads(line)
        spans = [span for quote in data["quotes"] for span in _occurrences(quote, documents)]
        relevant = frozenset(
            p.id for p in passages
            if any(p.plan_id == plan and p.start < end and start < p.end for plan, start, end in spans)
        )
        gold.append(GoldPlace(data["question"], relevant))
    return gold


def _occurrences(quote: str, documents: Mapping[str, PlanDocument]) -> Iterator[tuple[str, int, int]]:
    for plan, document in documents.items():
        at = document.text.find(quote)
        while at >= 0:
            yield plan, at, at + len(quote)
            at = document.text.find(quote, at + 1)


def recall(gold: Sequence[GoldPlace], rank: Ranker, depths: Sequence[int] = DEPTHS) -> dict[int, float]:
    """By depth k, the share of questions with a relevant passage among the first k."""
    found = dict.fromkeys(depths, 0)
    for place in gold:
        ranking = rank(place.question)
        for depth in depths:
            found[depth] += not place.relevant.isdisjoint(ranking[:depth])
    return {depth: count / len(gold) for depth, count in found.items()}


def product_ranker(knowledge: Knowledge, k: int = DEPTHS[-1]) -> Ranker:
    """The passages that answers are looked for in: hybrid search, then ranked by their sentences."""

    def rank(text: str) -> list[str]:
        question = knowledge.understand(text)
        return [scored.passage_id for scored in best_passages(question, knowledge, k)]

    return rank


def chain_ranker(service: QuestionService, k: int = DEPTHS[-1]) -> Ranker:
    """What `qa.langchain.PlanRetriever` gives to a chain."""
    retriever = PlanRetriever(service=service, k=k)
    return lambda text: [str(document.id) for document in retriever.invoke(text)]


def main() -> None:
    """Rank every gold question with every retriever and print the table."""
    settings = load_settings()
    state = StateDirectory(settings.home)
    with closing(QuestionService(settings)) as service:
        knowledge, manifest = service.knowledge, service.manifest()
        embedder = open_embedder(settings.embedding_model, settings.models_dir)
        with closing(open_vector_index(settings, manifest.build, state.build_path(manifest.build))) as index:
            gold = read_gold(GOLD_FILE, knowledge.documents, knowledge.passages.values())
            rankers = {**_parts(knowledge, index, embedder), **_wholes(service)}
            print(f"{len(gold)} questions, {len(knowledge.passages)} passages, {embedder.name}\n")
            print(_row("retriever", [f"@{depth}" for depth in DEPTHS]))
            print(_row("---", ["---"] * len(DEPTHS)))
            for name, rank in rankers.items():
                print(_row(name, [f"{share:.2f}" for share in recall(gold, rank).values()]))


def _row(name: str, cells: Sequence[str]) -> str:
    return f"| {name} | " + " | ".join(cells) + " |"


def _parts(knowledge: Knowledge, index: VectorIndex, embedder: Embedder) -> dict[str, Ranker]:
    """The single retrievers, and their fusion by ranks."""
    lexical = knowledge.retriever.lexical

    def dense(text: str, *, whole: bool) -> list[str]:
        units = index.search(embedder.embed_query(text), _UNITS)
        parents = (unit_parent(unit.passage_id) for unit in units)
        return list(dict.fromkeys(id for id, number in parents if (number == WHOLE) is whole))

    def words(text: str) -> list[str]:
        return _ids(lexical.search(text, _UNITS)["words"])

    def bigrams(text: str) -> list[str]:
        return _ids(lexical.search(text, _UNITS)["bigrams"])

    def sentences(text: str) -> list[str]:
        return dense(text, whole=False)

    return {
        "dense, passages embedded whole": _embedded_whole(knowledge, embedder),
        "dense, means of sentences": lambda text: dense(text, whole=True),
        "dense, best sentence": sentences,
        "BM25, words": words,
        "BM25, character bigrams": bigrams,
        "reciprocal ranks of the last three": lambda text: _by_ranks(
            [sentences(text), words(text), bigrams(text)]
        ),
    }


def _wholes(service: QuestionService) -> dict[str, Ranker]:
    """What the product makes of them."""
    knowledge = service.knowledge
    return {
        "fused by scores": lambda text: _ids(knowledge.retriever.search(text, DEPTHS[-1]).passages),
        "fused, ranked by sentences (the product)": product_ranker(knowledge),
        "LangChain retriever": chain_ranker(service),
    }


def _embedded_whole(knowledge: Knowledge, embedder: Embedder) -> Ranker:
    """What a first attempt does: one vector a passage, headings and text together."""
    ids = list(knowledge.passages)
    vectors = embedder.embed_passages([p.indexed_text for p in knowledge.passages.values()])
    return lambda text: [ids[i] for i in np.argsort(-(vectors @ embedder.embed_query(text)))[: DEPTHS[-1]]]


def _by_ranks(rankings: Sequence[Sequence[str]]) -> list[str]:
    scores: dict[str, float] = {}
    for ranking in rankings:
        for place, id in enumerate(ranking, 1):
            scores[id] = scores.get(id, 0.0) + 1 / (_RANK_CONSTANT + place)
    return sorted(scores, key=lambda id: (-scores[id], id))


def _ids(ranking: Sequence[Scored]) -> list[str]:
    return [scored.passage_id for scored in ranking]


if __name__ == "__main__":
    main()
