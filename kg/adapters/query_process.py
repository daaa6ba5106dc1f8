"""A statement that nobody of ours wrote, in a process of its own: what it takes, this process keeps.

KGLite bounds the time of a statement and the items of most lists, not the memory of what it builds; where
memory ends, it ends its process. A statement of thirty characters can do that.
"""

from __future__ import annotations

import multiprocessing
import multiprocessing.reduction
import os
import signal
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path

from kg.errors import CypherError, PlankgError, StoreUnavailableError
from kg.model import Cell, Row

MEMORY_BYTES = 2 << 30
#: longest result that is handed over
_RESULT_BYTES = 32 << 20
#: a process takes half a second to start, more beside other work; one that hangs is ended at last
_START_S = 30.0
#: so many run at a time, so that together they fit into a small machine
_RUNNING = threading.BoundedSemaphore(2)
#: so many run or wait for that; each holds a thread of the server's, which others need too
PLACES = 8
_PLACES = threading.BoundedSemaphore(PLACES)

_Request = tuple[Path, str, dict[str, Cell], float, int]
_TOO_MUCH = "查询需要的内存或返回的内容太多，已中止。请缩小范围、少取几列或加上 LIMIT。"


def query_apart(
    path: Path, cypher: str, parameters: Mapping[str, Cell], timeout_s: float, max_rows: int
) -> list[Row]:
    """The rows of a statement on the graph in a file; see `GraphStore.query_apart`."""
    with _place(_PLACES, 0), _place(_RUNNING, timeout_s):
        return _run((path, cypher, dict(parameters), timeout_s, max_rows))


@contextmanager
def _place(places: threading.Semaphore, wait_s: float) -> Iterator[None]:
    if not places.acquire(timeout=wait_s):
        raise StoreUnavailableError("正在运行的查询太多。请稍后再试。")
    try:
        yield
    finally:
        places.release()


def _run(request: _Request) -> list[Row]:
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=_answer, args=(there, request), daemon=True)
    try:
        process.start()
        there.close()  # else the end of the process would not be seen here
        if not here.poll(request[3] + _START_S):
            raise CypherError(f"查询超过 {request[3]:g} 秒，已中止。请缩小范围或加上 LIMIT。")
        reply: list[Row] | PlankgError = here.recv()
    except EOFError as exc:
        raise CypherError(_TOO_MUCH) from exc
    except OSError as exc:  # no memory, or no permission, for one more process
        raise StoreUnavailableError("暂时无法运行查询：系统资源不足。请稍后再试。") from exc
    finally:
        here.close()
        if process.pid is not None:
            process.kill()
            process.join()
    if isinstance(reply, PlankgError):
        raise reply
    return reply


def _answer(caller: Connection, request: _Request) -> None:
    """What the process does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the caller's business
    # What the engine says when its memory ends is no message for anybody
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.__stderr__.fileno() if sys.__stderr__ else 2)
    _bound_memory()
    from kg.adapters.kglite_store import KgliteStore

    path, cypher, parameters, timeout_s, max_rows = request
    try:
        rows = KgliteStore(path).query(cypher, parameters, timeout_s=timeout_s, max_rows=max_rows)
        reply = bytes(multiprocessing.reduction.ForkingPickler.dumps(rows))
        if len(reply) > _RESULT_BYTES:
            raise CypherError(_TOO_MUCH)
    except MemoryError:
        reply = _pickled(CypherError(_TOO_MUCH))
    except PlankgError as exc:
        reply = _pickled(exc)
    caller.send_bytes(reply)


def _pickled(error: PlankgError) -> bytes:
    """An error without its cause, which may not be picklable."""
    return bytes(multiprocessing.reduction.ForkingPickler.dumps(type(error)(str(error))))


def _bound_memory() -> None:
    try:
        import resource
    except ImportError:  # Windows has none; there the time limit alone holds
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
