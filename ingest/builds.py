"""Builds as they lie on disk and on servers: is one whole, is there room for a new one, remove an old one."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import closing, suppress
from pathlib import Path

import numpy as np

from kg.errors import IndexUnavailableError, PlankgError, StoreUnavailableError
from kg.ports import GraphStore
from kg.queries import COUNT_BY_LABEL, COUNT_BY_TYPE
from kg.schema import BASE_LABEL
from kg.settings import Settings
from kg.state import Manifest, StateDirectory, load_documents

log = logging.getLogger(__name__)
#: counting a graph of many plans on a server that was just started
_COUNT_TIMEOUT_S = 120.0


def is_intact(state: StateDirectory, manifest: Manifest, settings: Settings) -> bool:
    """Read something of every part: what a reader would stumble over, a build has to repair.

    Raises: StoreUnavailableError, IndexUnavailableError: a server that holds a part does not answer.
    """
    from kg.adapters.indexes import open_vector_index
    from kg.adapters.lexical_index import LexicalIndex
    from kg.adapters.stores import open_graph_store

    path = state.build_path(manifest.build)
    probe = np.eye(1, manifest.dimension, dtype=np.float32)[0]
    try:
        _, passages = load_documents(path, manifest.plans)
        LexicalIndex(path / "lexical").search("规划", 1)
        with closing(open_graph_store(settings, path / "graph.kgl")) as store:
            whole = _counts(store) == (dict(manifest.labels), dict(manifest.relations))
        with closing(open_vector_index(settings, manifest.build, path)) as index:
            found = index.search(probe, 1)
    except (StoreUnavailableError, IndexUnavailableError):
        raise
    except PlankgError as exc:
        log.info("%s", exc)
        return False
    return whole and len(passages) == manifest.passages and bool(found) == bool(passages)


def _counts(store: GraphStore) -> tuple[dict[str, int], dict[str, int]]:
    """Nodes by label and relations by type, as the store counts them."""
    labels = store.query(COUNT_BY_LABEL, timeout_s=_COUNT_TIMEOUT_S)
    types = store.query(COUNT_BY_TYPE, timeout_s=_COUNT_TIMEOUT_S)
    return (
        {str(row["label"]): int(str(row["count"])) for row in labels if row["label"] != BASE_LABEL},
        {str(row["type"]): int(str(row["count"])) for row in types},
    )


def reach_servers(settings: Settings, name: str, path: Path) -> None:
    """Fail before the minute of embedding, not after it, if a server is down.

    Raises: StoreUnavailableError, IndexUnavailableError.
    """
    from kg.adapters.indexes import open_vector_index
    from kg.adapters.stores import open_graph_store

    if settings.neo4j_uri:
        with closing(open_graph_store(settings, path / "graph.kgl")) as store:
            store.describe()
    if settings.chroma_host:
        with closing(open_vector_index(settings, name, path)) as index:
            index.drop()  # a new build's collection is not there yet: this only connects


def remove_old(state: StateDirectory, settings: Settings, keep: Sequence[str]) -> None:
    """Remove all builds but the current and the one before it, which open readers may still use."""
    for name in state.obsolete_builds(keep):
        delete_build(state, settings, name)


def delete_build(state: StateDirectory, settings: Settings, name: str) -> None:
    """Remove a build from disk and from the vector server; a server that does not answer keeps it."""
    from kg.adapters.indexes import open_vector_index

    if settings.chroma_host:
        index = open_vector_index(settings, name, state.build_path(name))
        with suppress(PlankgError), closing(index):
            index.drop()
    state.delete_build(name)
