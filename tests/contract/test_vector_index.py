"""The promises of `kg.ports.VectorIndex`, on a directory and on a real Chroma server."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import httpx
import numpy as np
import pytest
from numpy.typing import NDArray

from kg.adapters import chroma_scan
from kg.adapters.chroma_index import ChromaIndex
from kg.errors import IndexUnavailableError, StateError
from kg.model import BlockKind, Passage

DIMENSION = 32
#: opens an index on the collection of this test; every call is a new object
Opener = Callable[[], ChromaIndex]


def passages(count: int, prefix: str = "p") -> list[Passage]:
    return [
        Passage(f"{prefix}{i}", "plan", i, i + 1, "字", BlockKind.PARAGRAPH, "plan", "第一章")
        for i in range(count)
    ]


def unit_vectors(count: int, seed: int = 0, dimension: int = DIMENSION) -> NDArray[np.float32]:
    rows = np.random.default_rng(seed).normal(size=(count, dimension)).astype(np.float32)
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for_heartbeat(server: subprocess.Popen[bytes], port: int, timeout_s: float = 60.0) -> None:
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise RuntimeError(f"chroma run ended with {server.returncode}")
        try:
            httpx.get(f"http://127.0.0.1:{port}/api/v2/heartbeat", timeout=1.0).raise_for_status()
            return
        except httpx.HTTPError:
            time.sleep(0.05)
    raise TimeoutError(f"chroma run did not answer within {timeout_s} s")


@pytest.fixture(scope="module")
def chroma_port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    command = shutil.which("chroma", path=str(Path(sys.executable).parent))
    assert command, "chromadb installs the command chroma beside its Python"
    port = free_port()
    data = tmp_path_factory.mktemp("chroma-server")
    server = subprocess.Popen(
        [command, "run", "--host", "127.0.0.1", "--port", str(port), "--path", str(data)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=data,
    )
    try:
        wait_for_heartbeat(server, port)
        yield port
    finally:
        server.terminate()
        server.wait(timeout=20)


@pytest.fixture(params=["directory", "server"])
def opener(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Opener]:
    opened: list[ChromaIndex] = []
    port = request.getfixturevalue("chroma_port") if request.param == "server" else 0

    def open_index() -> ChromaIndex:
        if request.param == "server":
            index = ChromaIndex.server("127.0.0.1", port, f"c-{tmp_path.name}")
        else:
            index = ChromaIndex.persistent(tmp_path / "chroma", "passages")
        opened.append(index)
        return index

    yield open_index
    for index in opened:
        index.close()


@pytest.fixture
def index(opener: Opener) -> ChromaIndex:
    return opener()


def test_nearest_passages_come_best_first_with_their_cosine(index: ChromaIndex) -> None:
    vectors = unit_vectors(200)
    index.write(passages(200), vectors)
    query = unit_vectors(1, seed=7)[0]
    cosine = vectors @ query
    expected = np.argsort(-cosine)[:20]
    found = index.search(query, 20)
    assert [hit.passage_id for hit in found] == [f"p{i}" for i in expected]
    assert np.allclose([hit.score for hit in found], cosine[expected], atol=1e-5)


def test_search_is_exact_on_a_plan_sized_index(index: ChromaIndex) -> None:
    vectors = unit_vectors(1200, dimension=128)
    index.write(passages(1200), vectors)
    for query in unit_vectors(20, seed=3, dimension=128):
        exact = {f"p{i}" for i in np.argsort(-(vectors @ query))[:50]}
        assert {hit.passage_id for hit in index.search(query, 50)} == exact


def test_larger_indexes_are_searched_by_chroma(index: ChromaIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chroma_scan, "SCANNED_UP_TO", 100)
    vectors = unit_vectors(400)
    index.write(passages(400), vectors)
    query = unit_vectors(1, seed=7)[0]
    exact = {f"p{i}" for i in np.argsort(-(vectors @ query))[:50]}
    found = index.search(query, 50)
    assert len(exact & {hit.passage_id for hit in found}) >= 45  # its graph of neighbours is not exact
    assert [hit.score for hit in found] == sorted((hit.score for hit in found), reverse=True)


def test_vectors_of_any_length_are_compared_by_angle(index: ChromaIndex) -> None:
    index.write(passages(2), np.array([[10.0, 0.0], [0.6, 0.8]], np.float32))
    found = index.search(np.array([0.0, 5.0], np.float32), 2)
    assert [hit.passage_id for hit in found] == ["p1", "p0"]
    assert [hit.score for hit in found] == pytest.approx([0.8, 0.0], abs=1e-6)


def test_more_wanted_than_there_are_gives_all(index: ChromaIndex) -> None:
    index.write(passages(3), unit_vectors(3))
    assert {hit.passage_id for hit in index.search(unit_vectors(1)[0], 50)} == {"p0", "p1", "p2"}


def test_none_wanted_gives_none(index: ChromaIndex) -> None:
    index.write(passages(3), unit_vectors(3))
    assert index.search(unit_vectors(1)[0], 0) == []


def test_an_empty_index_finds_nothing(index: ChromaIndex) -> None:
    index.write([], np.empty((0, DIMENSION), np.float32))
    assert index.search(unit_vectors(1)[0], 5) == []


def test_a_write_replaces_what_was_there(index: ChromaIndex) -> None:
    index.write(passages(5, "old"), unit_vectors(5))
    index.write(passages(3, "new"), unit_vectors(3, seed=1))
    found = index.search(unit_vectors(1)[0], 10)
    assert sorted(hit.passage_id for hit in found) == ["new0", "new1", "new2"]


def test_a_write_may_change_the_dimension(index: ChromaIndex) -> None:
    index.write(passages(5), unit_vectors(5))
    index.write(passages(5), unit_vectors(5, dimension=8))
    assert index.search(unit_vectors(5, dimension=8)[4], 1)[0].passage_id == "p4"


def test_more_passages_than_one_batch_are_all_written(index: ChromaIndex) -> None:
    vectors = unit_vectors(6000, dimension=4)
    index.write(passages(6000), vectors)
    for row in (0, 2999, 5999):
        assert index.search(vectors[row], 1)[0].passage_id == f"p{row}"


def test_another_index_opened_later_sees_what_was_written(opener: Opener) -> None:
    opener().write(passages(4), unit_vectors(4))
    assert opener().search(unit_vectors(4)[2], 1)[0].passage_id == "p2"


def test_an_open_index_sees_what_another_one_rewrites(opener: Opener) -> None:
    reader, writer = opener(), opener()
    writer.write(passages(2, "old"), unit_vectors(2))
    assert len(reader.search(unit_vectors(1)[0], 9)) == 2
    writer.write(passages(3, "new"), unit_vectors(3))
    assert {hit.passage_id[:3] for hit in reader.search(unit_vectors(1)[0], 9)} == {"new"}


def test_many_threads_may_search_at_once(index: ChromaIndex) -> None:
    vectors = unit_vectors(100)
    index.write(passages(100), vectors)
    index.close()  # so that the threads also race to open it
    ready = threading.Barrier(8)

    def nearest(row: int) -> str:
        if row < 8:
            ready.wait(timeout=30)
        return index.search(vectors[row], 1)[0].passage_id

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(nearest, range(100))) == [f"p{i}" for i in range(100)]


def test_closing_twice_is_harmless(opener: Opener) -> None:
    index = opener()
    index.close()
    index.write(passages(1), unit_vectors(1))
    index.close()
    index.close()


def test_a_dropped_collection_is_gone_and_dropping_again_is_harmless(index: ChromaIndex) -> None:
    index.write(passages(2), unit_vectors(2))
    index.drop()
    index.drop()
    with pytest.raises(StateError, match="plankg build"):
        index.search(unit_vectors(1)[0], 1)


def test_a_prepared_index_finds_the_same(opener: Opener) -> None:
    vectors = unit_vectors(50)
    with closing(opener()) as written:
        written.write(passages(50), vectors)
    with closing(opener()) as index:
        index.prepare()
        index.prepare()
        assert [hit.passage_id for hit in index.search(vectors[7], 1)] == ["p7"]


def test_preparing_what_is_empty_or_missing_is_as_searching_it(opener: Opener) -> None:
    with closing(opener()) as index:
        with pytest.raises(StateError, match="plankg build"):
            index.prepare()
        index.write([], unit_vectors(0))
        index.prepare()
        assert index.search(unit_vectors(1)[0], 1) == []


def test_a_collection_that_was_never_written_is_a_state_error(index: ChromaIndex) -> None:
    with pytest.raises(StateError, match="plankg build"):
        index.search(unit_vectors(1)[0], 1)


def test_a_query_of_another_dimension_is_a_state_error(index: ChromaIndex) -> None:
    index.write(passages(2), unit_vectors(2))
    with pytest.raises(StateError, match="维度"):
        index.search(unit_vectors(1, dimension=7)[0], 1)


@pytest.mark.parametrize("ids", [["a", "a"], ["a"]])
def test_repeated_ids_and_missing_vectors_are_refused_and_change_nothing(
    index: ChromaIndex, ids: list[str]
) -> None:
    index.write(passages(2), unit_vectors(2))
    rows = [Passage(i, "plan", 0, 1, "字", BlockKind.PARAGRAPH, "plan", "") for i in ids]
    with pytest.raises(ValueError):
        index.write(rows, unit_vectors(2))
    assert len(index.search(unit_vectors(1)[0], 9)) == 2


def test_a_closed_directory_can_be_moved(tmp_path: Path) -> None:
    built = ChromaIndex.persistent(tmp_path / "new", "passages")
    built.write(passages(3), unit_vectors(3))
    built.close()
    (tmp_path / "new").rename(tmp_path / "current")
    moved = ChromaIndex.persistent(tmp_path / "current", "passages")
    assert moved.search(unit_vectors(3)[1], 1)[0].passage_id == "p1"
    moved.close()


def test_searching_a_missing_directory_creates_nothing(tmp_path: Path) -> None:
    index = ChromaIndex.persistent(tmp_path / "absent", "passages")
    with pytest.raises(StateError):
        index.search(unit_vectors(1)[0], 1)
    index.drop()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("damage", ["overwritten", "truncated", "emptied"])
def test_a_damaged_directory_is_one_line_that_says_to_rebuild(tmp_path: Path, damage: str) -> None:
    index = ChromaIndex.persistent(tmp_path, "passages")
    index.write(passages(300), unit_vectors(300))
    index.close()
    file = tmp_path / "chroma.sqlite3"
    content = file.read_bytes()
    damaged = {"overwritten": b"x" * 5000, "truncated": content[: len(content) // 2], "emptied": b""}
    file.write_bytes(damaged[damage])
    with pytest.raises(StateError, match="plankg build") as caught:
        ChromaIndex.persistent(tmp_path, "passages").search(unit_vectors(1)[0], 1)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("junk", [b"", b"junk" * 100])
def test_a_plan_sized_index_depends_on_its_database_alone(tmp_path: Path, junk: bytes) -> None:
    # Chroma's own graph files carry no checksum: were they read, damage in them would give wrong
    # neighbours or end the process.
    vectors = unit_vectors(1500)
    index = ChromaIndex.persistent(tmp_path, "passages")
    index.write(passages(1500), vectors)
    index.search(vectors[0], 1)
    index.close()
    for path in tmp_path.rglob("*.*"):
        if path.is_file() and path.name != "chroma.sqlite3":
            path.write_bytes(junk)
    reopened = ChromaIndex.persistent(tmp_path, "passages")
    exact = [f"p{i}" for i in np.argsort(-(vectors @ vectors[7]))[:20]]
    assert [hit.passage_id for hit in reopened.search(vectors[7], 20)] == exact
    reopened.close()


def test_an_unreachable_server_is_named_with_its_port() -> None:
    port = free_port()
    index = ChromaIndex.server("127.0.0.1", port, "passages")
    with pytest.raises(IndexUnavailableError, match=f"127.0.0.1:{port}.*CHROMA_HOST") as caught:
        index.search(unit_vectors(1)[0], 1)
    assert "\n" not in str(caught.value)


def test_a_server_that_is_not_chroma_is_unavailable() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        port = listener.getsockname()[1]

        def answer() -> None:
            connection, _ = listener.accept()
            with closing(connection):
                connection.recv(4096)
                connection.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")

        other = threading.Thread(target=answer, daemon=True)
        other.start()
        with pytest.raises(IndexUnavailableError):
            ChromaIndex.server("127.0.0.1", port, "passages").search(unit_vectors(1)[0], 1)
        other.join(timeout=10)


def test_a_server_that_never_answers_is_given_up_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kg.adapters.chroma_index.CONNECT_TIMEOUT_S", 0.2)
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(IndexUnavailableError, match=str(port)):
            ChromaIndex.server("127.0.0.1", port, "passages").search(unit_vectors(1)[0], 1)


def test_nothing_is_printed_or_logged(
    index: ChromaIndex, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("INFO", logger="chromadb"):
        index.write(passages(3), unit_vectors(3))
        index.search(unit_vectors(1)[0], 1)
    assert capfd.readouterr() == ("", "")
    assert [record.message for record in caplog.records if record.name.startswith("chromadb")] == []
