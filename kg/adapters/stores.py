"""Which graph store the settings ask for."""

from __future__ import annotations

from pathlib import Path

from kg.ports import GraphStore
from kg.settings import Settings


def open_graph_store(settings: Settings, kglite_path: Path) -> GraphStore:
    """Neo4j if ``NEO4J_URI`` is set, else the embedded store in the file ``kglite_path``.

    Nothing is read and nothing connected yet; the first query or write does that.
    """
    if settings.neo4j_uri is not None:
        from kg.adapters.neo4j_store import Neo4jStore

        return Neo4jStore(
            settings.neo4j_uri, settings.neo4j_user, settings.neo4j_password, settings.neo4j_database
        )
    from kg.adapters.kglite_store import KgliteStore

    return KgliteStore(kglite_path)
