"""Ports: what graph store, vector index, embedder and chat model promise. The docstrings are contracts.

The same contract tests (``tests/contract``) run against every adapter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from kg.model import Cell, Graph, Passage, Row, Scored, WriteCounts

#: called as ``on_progress(done, total, label)``; ``label`` is Chinese and short
ProgressCallback = Callable[[int, int, str], None]


class GraphStore(Protocol):
    """A property graph that answers Cypher.

    Nodes carry ``Entity`` and one label of the schema, with properties ``id``, ``name``,
    ``aliases`` (list of strings, possibly empty) and those of the entity. Relations carry
    ``method``, ``confidence`` and, where they have evidence, ``quote``, ``start``, ``end``,
    ``plan`` (the plan's id). Direction is source → target. Safe to read from many threads.
    """

    def write(self, graph: Graph, on_progress: ProgressCallback | None = None) -> WriteCounts:
        """Make the store hold exactly this graph.

        Atomic: a reader, or a process that starts after a kill, sees all of the old graph or all
        of the new. Writing what is already there changes nothing and counts 0. Duplicate entity
        ids or relation keys in ``graph``, and relations with an unknown endpoint, raise
        `StoreError` before anything is written.
        """
        ...

    def query(
        self,
        cypher: str,
        parameters: Mapping[str, Cell] | None = None,
        *,
        timeout_s: float = 10.0,
        max_rows: int = 10_000,
    ) -> list[Row]:
        """Run a read-only statement; one dict per row, keys as in RETURN, in the store's order.

        Nodes and relations in a result come as plain maps of their properties (lists as lists).
        An unknown id gives no rows, never an error. At most ``max_rows`` rows are returned.

        Raises: CypherRefusedError: the statement would write or read files.
            CypherError: syntax, unknown function, or over the time limit.
            StoreUnavailableError: the server is gone.
        """
        ...

    def query_apart(
        self,
        cypher: str,
        parameters: Mapping[str, Cell] | None = None,
        *,
        timeout_s: float = 10.0,
        max_rows: int = 10_000,
    ) -> list[Row]:
        """As `query`, for a statement from outside: whatever it takes, this process keeps running.

        Raises: as `query`. StoreError also: it took too much memory, its result is too long, or too
            many such statements run already.
        """
        ...

    def describe(self) -> str:
        """Engine and version for people, e.g. ``KGLite 0.21.0`` or ``Neo4j 5.26.29``."""
        ...

    def close(self) -> None:
        """Release files and connections. Safe to call twice."""
        ...


class VectorIndex(Protocol):
    """Dense vectors of passages, cosine similarity."""

    def write(self, passages: Sequence[Passage], vectors: NDArray[np.float32]) -> None:
        """Make the index hold exactly these passages; ``vectors`` is (len(passages), dim)."""
        ...

    def prepare(self) -> None:
        """Load what the first search would load."""
        ...

    def search(self, vector: NDArray[np.float32], k: int) -> list[Scored]:
        """The k nearest passages, best first; fewer if the index is smaller. Score is cosine."""
        ...

    def close(self) -> None:
        """Release files and connections. Safe to call twice."""
        ...


class Embedder(Protocol):
    """Text to vectors. Rows are L2-normalised, so a dot product is the cosine."""

    @property
    def name(self) -> str:
        """What tells this model's vectors from another's."""
        ...

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        ...

    def embed_passages(
        self, texts: Sequence[str], on_progress: ProgressCallback | None = None
    ) -> NDArray[np.float32]:
        """Embed texts to be found. Returns: (len(texts), dimension), L2-normalised rows."""
        ...

    def embed_query(self, text: str) -> NDArray[np.float32]:
        """Embed a question. Returns: (dimension,), L2-normalised."""
        ...


class ChatModel(Protocol):
    """A language model that is told what to do and given a text to do it with. Optional everywhere."""

    @property
    def name(self) -> str:
        """The model's name, as its server knows it."""
        ...

    def prepare(self) -> None:
        """Load what the first reply would load. Contacts nobody."""
        ...

    def stream(
        self, instructions: str, text: str, *, schema: Mapping[str, Any] | None = None
    ) -> Iterator[str]:
        """The reply in pieces as they come; what the model thinks aloud is left out.

        ``schema`` asks for JSON of this form; a server that cannot hold the model to it is asked without,
        so the reply still has to be checked. All of the reply comes within the time limit. Closing the
        iterator ends the request. Safe to call from many threads.

        Raises: ChatModelUnavailableError: no server, a refusal, the time limit, or a broken connection.
            ChatModelError: the reply is empty, cut off, or not of the protocol.
        """
        ...
