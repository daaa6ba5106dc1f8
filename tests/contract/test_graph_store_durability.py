"""Kills, damage and lost servers: what `kg.ports.GraphStore` promises when things go wrong."""

from __future__ import annotations

import contextlib
import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kg.adapters.kglite_store import KgliteStore
from kg.adapters.neo4j_store import Neo4jStore
from kg.errors import StateError, StoreError, StoreUnavailableError
from kg.model import Entity, Graph, Relation, WriteCounts
from kg.ports import GraphStore
from kg.schema import Label, RelationType
from tests import neo4j_server as servers
from tests.contract.graph_engine import Engine
from tests.neo4j_server import Neo4jServer

CHECKOUT = Path(__file__).resolve().parents[2]
#: a process that writes graphs in turn, says so at every step, and stops after ``steps`` of them
WRITER = """
import pickle, signal, sys
engine, graphs, steps = pickle.loads(sys.stdin.buffer.read())
store = engine.open()
def told(done, total, label):
    global steps
    print(done, total, flush=True)
    steps -= 1
    if steps == 0:
        signal.pause()
while True:
    for graph in graphs:
        store.write(graph, told)
        print("written", flush=True)
"""


def town_graph(name: str, count: int) -> Graph:
    """A plan with ``count`` towns in it, each named after ``name``."""
    towns = tuple(Entity(f"town-{i}", Label.TOWN, f"{name}{i}") for i in range(count))
    plan = Entity("plan", Label.PLAN, name)
    return Graph((plan, *towns), tuple(Relation(town.id, RelationType.PART_OF, "plan") for town in towns))


OLD = town_graph("旧", 300)
NEW = town_graph("新", 2500)


def held(store: GraphStore) -> tuple[str, int, int]:
    """What a store holds: (name of the plan, nodes, relations)."""
    row = store.query(
        "MATCH (p:Plan) OPTIONAL MATCH (p)<-[r:PART_OF]-(t:Town) WHERE t.name STARTS WITH p.name "
        "RETURN p.name AS name, count(t) AS towns, count(r) AS relations",
        timeout_s=120.0,  # a server that has just come back plans its first statement slowly
    )[0]
    return str(row["name"]), int(str(row["towns"])), int(str(row["relations"]))


HELD_OLD, HELD_NEW = ("旧", 300, 300), ("新", 2500, 2500)


def start_writer(engine: Engine, graphs: list[Graph], steps: int = -1) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER],
        cwd=CHECKOUT,
        env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdin is not None
    process.stdin.write(pickle.dumps((engine, graphs, steps)))
    process.stdin.close()
    return process


def kill_after(process: subprocess.Popen[bytes], lines: int) -> None:
    """Kill a writer once it has said so many lines."""
    assert process.stdout is not None
    for _ in range(lines):
        assert process.stdout.readline(), "the writer ended by itself"
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()


def test_a_writer_killed_half_way_leaves_the_old_graph(engine: Engine) -> None:
    store = engine.open()
    store.write(OLD)
    kill_after(start_writer(engine, [NEW], steps=3), lines=3)
    fresh = engine.open()
    assert held(fresh) == HELD_OLD
    assert fresh.write(OLD) == WriteCounts(0, 0, 0, 0)
    fresh.write(NEW)  # nothing is left locked
    assert held(fresh) == HELD_NEW
    store.close()
    fresh.close()


@pytest.mark.parametrize("lines", [1, 5, 7, 8, 9, 10, 15, 16, 17, 24])
def test_a_kill_at_any_time_leaves_one_of_the_two_graphs(tmp_path: Path, lines: int) -> None:
    engine = Engine("kglite", str(tmp_path / "graph.kgl"))
    engine.open().write(OLD)
    kill_after(start_writer(engine, [NEW, OLD]), lines)  # it goes on writing until the kill arrives
    fresh = engine.open()
    assert held(fresh) in (HELD_OLD, HELD_NEW)
    assert fresh.write(OLD) in (WriteCounts(0, 0, 0, 0), WriteCounts(301, 2200, 0, 2200))


def test_leftovers_of_killed_writers_are_removed_later(tmp_path: Path) -> None:
    store = KgliteStore(tmp_path / "graph.kgl")
    stale, recent = tmp_path / ".graph.kgl.0123.tmp", tmp_path / ".graph.kgl.4567.tmp"
    for leftover in (stale, recent):
        leftover.write_bytes(b"half")
    os.utime(stale, (0, 0))
    store.write(OLD)
    assert sorted(path.name for path in tmp_path.iterdir()) == [recent.name, "graph.kgl"]


def test_an_unchanged_graph_does_not_touch_the_file(tmp_path: Path) -> None:
    path = tmp_path / "graph.kgl"
    KgliteStore(path).write(OLD)
    before = path.stat()
    assert KgliteStore(path).write(OLD) == WriteCounts(0, 0, 0, 0)
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_an_open_store_keeps_what_it_read(tmp_path: Path) -> None:
    path = tmp_path / "graph.kgl"
    KgliteStore(path).write(OLD)
    reader = KgliteStore(path)
    assert held(reader) == HELD_OLD
    KgliteStore(path).write(NEW)
    assert held(reader) == HELD_OLD
    assert held(KgliteStore(path)) == HELD_NEW


def test_readers_see_the_old_graph_or_the_new_one(tmp_path: Path) -> None:
    store = KgliteStore(tmp_path / "graph.kgl")
    store.write(OLD)
    with ThreadPoolExecutor(8) as pool:
        seen = [pool.submit(lambda: [held(store) for _ in range(20)]) for _ in range(8)]
        for graph in (NEW, OLD, NEW):
            store.write(graph)
        found = {one for future in seen for one in future.result()}
    assert found <= {HELD_OLD, HELD_NEW}
    assert held(store) == HELD_NEW


def test_a_missing_file_says_to_build(tmp_path: Path) -> None:
    with pytest.raises(StateError, match="plankg build"):
        KgliteStore(tmp_path / "graph.kgl").query("RETURN 1 AS x")


def test_a_folder_in_place_of_the_file_is_explained(tmp_path: Path) -> None:
    with pytest.raises(StateError, match="无法读取"):
        KgliteStore(tmp_path).query("RETURN 1 AS x")
    with pytest.raises(StateError, match="无法读取"):
        KgliteStore(tmp_path).write(OLD)


def test_a_place_that_cannot_be_written_is_explained(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(StoreError, match="无法写入") as caught:
        KgliteStore(tmp_path / "file" / "graph.kgl").write(OLD)
    assert "\n" not in str(caught.value)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("written") / "graph.kgl"
    KgliteStore(path).write(OLD)
    return path.read_bytes()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_damaged_file_is_noticed_and_left_as_it_is(
    written: bytes, tmp_path: Path, data: st.DataObject
) -> None:
    damaged = bytearray(written)
    if data.draw(st.booleans(), label="cut"):
        del damaged[data.draw(st.integers(0, len(written) - 1)) :]
    else:
        damaged[data.draw(st.integers(0, len(written) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    path = tmp_path / "graph.kgl"
    path.write_bytes(damaged)
    with pytest.raises(StateError, match="已损坏") as caught:
        KgliteStore(path).query("RETURN 1 AS x")
    assert "\n" not in str(caught.value)
    with pytest.raises(StateError, match="已损坏"):
        KgliteStore(path).write(NEW)
    assert path.read_bytes() == damaged


@pytest.fixture
def mortal_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Neo4jServer]:
    """A server of its own, to be killed."""
    if reason := servers.why_not():
        pytest.skip(reason)
    server = servers.start(tmp_path_factory.mktemp("mortal"))
    yield server
    with contextlib.suppress(ProcessLookupError):
        os.kill(int((server.home / "neo4j.pid").read_text()), signal.SIGKILL)


def test_a_server_killed_in_mid_write_comes_back_with_the_old_graph(mortal_server: Neo4jServer) -> None:
    store = Neo4jStore(mortal_server.uri, servers.USER, servers.PASSWORD, servers.DATABASE)
    store.write(OLD)
    with pytest.raises(StoreUnavailableError, match=r"NEO4J_URI|暂时"):
        store.write(NEW, lambda done, total, label: mortal_server.kill() if done < total else None)
    with pytest.raises(StoreUnavailableError, match="NEO4J_URI"):
        store.query("RETURN 1 AS x")
    servers.start(mortal_server.home, port=servers.port_of(mortal_server))
    assert held(store) == HELD_OLD  # the same store, it reconnects
    assert store.write(OLD) == WriteCounts(0, 0, 0, 0)
    store.close()
