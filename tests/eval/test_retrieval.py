"""Is the right passage among the first k? Recall on the gold questions that README.md describes."""

from __future__ import annotations

import pytest

from benchmarks.retrieval import GOLD_FILE, GoldPlace, chain_ranker, product_ranker, read_gold, recall
from qa.service import QuestionService

#: least share of questions with a relevant passage among the first five
FLOOR_AT_5 = 0.92


@pytest.fixture(scope="module")
def gold(service: QuestionService) -> list[GoldPlace]:
    knowledge = service.knowledge
    return read_gold(GOLD_FILE, knowledge.documents, knowledge.passages.values())


def test_every_gold_place_lies_in_a_passage(gold: list[GoldPlace]) -> None:
    assert len(gold) >= 60
    assert [place.question for place in gold if not place.relevant] == []


def test_recall_counts_questions_with_a_relevant_passage_in_reach() -> None:
    places = [GoldPlace("甲", frozenset({"a"})), GoldPlace("乙", frozenset({"b", "c"}))]
    shares = recall(places, {"甲": ["x", "a"], "乙": ["c"]}.__getitem__, (1, 2))
    assert shares == {1: 0.5, 2: 1.0}


def test_the_product_finds_the_place(service: QuestionService, gold: list[GoldPlace]) -> None:
    shares = recall(gold, product_ranker(service.knowledge))
    assert shares[5] >= FLOOR_AT_5, f"recall by depth: {shares}"


def test_a_chain_is_given_the_place(service: QuestionService, gold: list[GoldPlace]) -> None:
    shares = recall(gold, chain_ranker(service, k=5), (5,))
    assert shares[5] >= FLOOR_AT_5, f"recall by depth: {shares}"


def test_fusion_beats_each_of_its_parts(service: QuestionService, gold: list[GoldPlace]) -> None:
    retriever = service.knowledge.retriever

    def part(name: str) -> float:
        return recall(gold, lambda q: [s.passage_id for s in retriever.lexical.search(q, 5)[name]], (5,))[5]

    fused = recall(gold, lambda q: [s.passage_id for s in retriever.search(q, 5).passages], (5,))[5]
    assert fused > max(part("words"), part("bigrams"))
