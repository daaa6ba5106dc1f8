"""Statements from outside on the embedded store: they run apart, within bounds."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from kg.adapters.kglite_store import KgliteStore
from kg.adapters.query_process import PLACES
from kg.errors import CypherError, StateError, StoreUnavailableError
from kg.model import Entity, Graph
from kg.schema import Label

#: each wants more memory than any machine has; in this process it would end it
BOMBS = {
    "doubled text": "RETURN size(reduce(s = 'aaaaaaaaaa', x IN range(1, 40) | s + s)) AS n",
    "doubled list": "RETURN size(reduce(s = [1, 2], x IN range(1, 40) | s + s)) AS n",
}


@pytest.fixture
def store(tmp_path: Path) -> KgliteStore:
    opened = KgliteStore(tmp_path / "graph.kgl")
    opened.write(Graph((Entity("town-1", Label.TOWN, "乙镇"),), ()))
    return opened


@pytest.mark.parametrize("statement", BOMBS.values(), ids=BOMBS)
def test_a_statement_that_wants_all_memory_is_refused_in_one_line(
    store: KgliteStore, statement: str
) -> None:
    with pytest.raises(CypherError) as caught:
        store.query_apart(statement)
    assert "\n" not in str(caught.value) and "太多" in str(caught.value)
    assert store.query_apart("MATCH (n:Town) RETURN n.name AS name") == [{"name": "乙镇"}]


def test_a_result_that_is_too_long_to_hand_over_is_refused(store: KgliteStore) -> None:
    with pytest.raises(CypherError, match="太多"):
        store.query_apart("RETURN reduce(s = 'aaaaaaaaaa', x IN range(1, 22) | s + s) AS text")


def test_several_at_a_time_wait_for_each_other(store: KgliteStore) -> None:
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda n: store.query_apart("RETURN $n AS n", {"n": n}), range(4)))
    assert found == [[{"n": n}] for n in range(4)]


def test_more_than_can_wait_are_turned_away_at_once(store: KgliteStore) -> None:
    together = Barrier(3 * PLACES)

    def ask(number: int) -> bool:
        together.wait()
        try:
            return store.query_apart("RETURN $n AS n", {"n": number}) == [{"n": number}]
        except StoreUnavailableError as error:
            assert "请稍后再试" in str(error)
            return False

    with ThreadPoolExecutor(3 * PLACES) as pool:
        answered = sum(pool.map(ask, range(3 * PLACES)))
    assert PLACES <= answered < 3 * PLACES


def test_a_missing_file_is_told_as_by_the_store_itself(tmp_path: Path) -> None:
    with pytest.raises(StateError):
        KgliteStore(tmp_path / "none.kgl").query_apart("RETURN 1 AS x")
