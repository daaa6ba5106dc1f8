"""The vector cache: nothing is embedded twice, and a broken cache costs time, never an answer."""

from __future__ import annotations

import hashlib
import random
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from kg.errors import StateError
from kg.ports import ProgressCallback
from kg.settings import PROJECT_ROOT
from kg.vector_cache import embed_cached
from tests.strategies import examples

#: a process that embeds until it is killed, and says when it begins with another batch
EMBED_FOR_EVER = """
import sys
from pathlib import Path
from kg.vector_cache import embed_cached
from tests.unit.kg.test_vector_cache import CountingEmbedder
class Slow(CountingEmbedder):
    def embed_passages(self, texts, on_progress=None):
        print(len(self.seen), flush=True)
        if len(self.seen) >= 128:
            sys.stdin.read()
        return super().embed_passages(texts)
embed_cached(Slow(), [f"文{i:04d}" for i in range(300)], Path(sys.argv[1]))
"""


class CountingEmbedder:
    """Vectors made from digests of the texts, and a record of what was embedded."""

    def __init__(self, name: str = "counting", dimension: int = 8) -> None:
        self.name = name
        self.dimension = dimension
        self.seen: list[str] = []

    def embed_passages(
        self, texts: Sequence[str], on_progress: ProgressCallback | None = None
    ) -> NDArray[np.float32]:
        self.seen += texts
        return np.stack([self.embed_query(text) for text in texts])

    def embed_query(self, text: str) -> NDArray[np.float32]:
        seed = int.from_bytes(hashlib.sha1(f"{self.name}{text}".encode()).digest()[:4])
        vector = np.random.default_rng(seed).normal(size=self.dimension)
        return (vector / np.linalg.norm(vector)).astype(np.float32)


class FailingEmbedder(CountingEmbedder):
    """Fails on the batch after so many texts, as a user does who interrupts."""

    def __init__(self, after: int) -> None:
        super().__init__()
        self._after = after

    def embed_passages(
        self, texts: Sequence[str], on_progress: ProgressCallback | None = None
    ) -> NDArray[np.float32]:
        if len(self.seen) >= self._after:
            raise KeyboardInterrupt
        return super().embed_passages(texts)


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "vectors.sqlite"


def texts_of(count: int) -> list[str]:
    return [f"文{number:04d}" for number in range(count)]


def expected(texts: Sequence[str], embedder: CountingEmbedder | None = None) -> NDArray[np.float32]:
    return np.stack([(embedder or CountingEmbedder()).embed_query(text) for text in texts])


def newly_embedded(texts: Sequence[str], cache: Path, embedder: CountingEmbedder | None = None) -> list[str]:
    """What a run over these texts embeds; its result is checked."""
    embedder = embedder or CountingEmbedder()
    np.testing.assert_array_equal(embed_cached(embedder, texts, cache), expected(texts, embedder))
    return sorted(embedder.seen)


def test_vectors_are_those_of_the_embedder_in_the_order_of_the_texts(cache: Path) -> None:
    texts = ["乙", "甲甲甲", "丙丙", "甲甲甲", ""]
    found = embed_cached(CountingEmbedder(), texts, cache)
    np.testing.assert_array_equal(found, expected(texts))
    assert found.dtype == np.float32 and found.shape == (5, 8)


def test_only_new_texts_are_embedded_and_each_once(cache: Path) -> None:
    assert newly_embedded(["甲", "乙", "甲"], cache) == sorted(["甲", "乙"])
    assert newly_embedded(["甲", "乙", "甲"], cache) == []
    assert newly_embedded(["丙", "乙", "甲"], cache) == ["丙"]


@given(st.lists(st.lists(st.text("甲乙丙", max_size=3), max_size=8), max_size=4))
@examples(40)
def test_any_sequence_of_runs_embeds_each_text_once(
    tmp_path_factory: pytest.TempPathFactory, runs: list[list[str]]
) -> None:
    cache = tmp_path_factory.mktemp("cache") / "vectors.sqlite"
    known: set[str] = set()
    for texts in runs:
        if texts:
            assert newly_embedded(texts, cache) == sorted(set(texts) - known)
        known |= set(texts)


def test_many_texts_go_through_in_one_call(cache: Path) -> None:
    texts = texts_of(1500)
    assert newly_embedded(texts, cache) == texts
    assert newly_embedded(texts[::-1], cache) == []


def test_no_texts_give_no_rows(cache: Path) -> None:
    assert embed_cached(CountingEmbedder(), [], cache).shape == (0, 8)


def test_models_do_not_share_vectors(cache: Path) -> None:
    assert newly_embedded(["甲"], cache, CountingEmbedder("one")) == ["甲"]
    assert newly_embedded(["甲"], cache, CountingEmbedder("two")) == ["甲"]
    assert newly_embedded(["甲"], cache, CountingEmbedder("one")) == []


def test_a_model_with_another_dimension_under_the_same_name_is_embedded_anew(cache: Path) -> None:
    newly_embedded(["甲", "乙"], cache, CountingEmbedder(dimension=8))
    assert newly_embedded(["甲"], cache, CountingEmbedder(dimension=4)) == ["甲"]
    assert newly_embedded(["甲"], cache, CountingEmbedder(dimension=4)) == []


def test_progress_counts_what_is_new(cache: Path) -> None:
    reports: list[tuple[int, int]] = []

    def report(done: int, total: int, label: str) -> None:
        assert label
        reports.append((done, total))

    embed_cached(CountingEmbedder(), texts_of(20), cache)
    embed_cached(CountingEmbedder(), texts_of(20), cache, report)
    assert reports == []
    embed_cached(CountingEmbedder(), texts_of(170), cache, report)
    assert reports[0] == (0, 150) and reports[-1] == (150, 150)
    assert reports == sorted(reports) and len(reports) > 2


# -- interruption


def test_an_interrupted_run_keeps_what_it_did(cache: Path) -> None:
    texts = texts_of(300)
    failing = FailingEmbedder(after=128)
    with pytest.raises(KeyboardInterrupt):
        embed_cached(failing, texts, cache)
    assert len(failing.seen) == 128
    assert newly_embedded(texts, cache) == sorted(set(texts) - set(failing.seen))


def test_a_killed_run_keeps_what_it_did(cache: Path) -> None:
    command = [sys.executable, "-c", EMBED_FOR_EVER, str(cache)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=PROJECT_ROOT, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdout is not None
        assert [process.stdout.readline().strip() for _ in range(3)] == ["0", "64", "128"]
        process.send_signal(signal.SIGKILL)
    assert len(newly_embedded(texts_of(300), cache)) == 300 - 128


# -- damage


def _garbage(cache: Path) -> None:
    cache.write_bytes(b"no database at all" * 100)


def _cut(cache: Path) -> None:
    cache.write_bytes(cache.read_bytes()[: cache.stat().st_size // 2])


def _scribble(cache: Path) -> None:
    """Overwrite pages beyond the first, so that the file still opens."""
    content = bytearray(cache.read_bytes())
    content[4096:-4096] = random.Random(7).randbytes(len(content) - 8192)
    cache.write_bytes(content)


def _header_only(cache: Path) -> None:
    cache.write_bytes(cache.read_bytes()[:100])


@pytest.mark.parametrize("damage", [_garbage, _cut, _scribble, _header_only])
def test_a_damaged_cache_is_replaced(cache: Path, damage: Callable[[Path], None]) -> None:
    texts = texts_of(400)
    newly_embedded(texts, cache)
    damage(cache)
    assert newly_embedded(texts, cache) == texts
    assert newly_embedded(texts, cache) == []


def test_a_vector_cut_short_is_embedded_anew(cache: Path) -> None:
    newly_embedded(["甲", "乙"], cache)
    with closing(sqlite3.connect(cache)) as db, db:
        db.execute("UPDATE vector SET data = substr(data, 1, 7)")
    assert newly_embedded(["甲"], cache) == ["甲"]


def test_an_empty_file_is_a_new_cache(cache: Path) -> None:
    cache.write_bytes(b"")
    assert newly_embedded(["甲"], cache) == ["甲"]
    assert newly_embedded(["甲"], cache) == []


@pytest.mark.parametrize("path", ["missing/vectors.sqlite", "."])
def test_a_place_that_cannot_be_written_is_named(tmp_path: Path, path: str) -> None:
    with pytest.raises(StateError, match=r"^无法读写向量缓存.*请检查.*$"):
        embed_cached(CountingEmbedder(), ["甲"], tmp_path / path)
    assert list(tmp_path.iterdir()) == []


def test_a_cache_that_another_process_writes_is_not_taken_for_a_damaged_one(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    newly_embedded(["甲"], cache)
    connect = sqlite3.connect
    with closing(connect(cache)) as other:
        other.execute("BEGIN EXCLUSIVE")
        monkeypatch.setattr(sqlite3, "connect", lambda path: connect(path, timeout=0))
        with pytest.raises(StateError, match="locked"):
            embed_cached(CountingEmbedder(), ["甲"], cache)
    assert newly_embedded(["甲"], cache) == []
