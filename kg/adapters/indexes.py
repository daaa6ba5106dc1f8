"""Choose the vector index by the settings."""

from __future__ import annotations

from pathlib import Path

from kg.adapters.chroma_index import ChromaIndex
from kg.settings import Settings


def open_vector_index(settings: Settings, build: str, build_path: Path) -> ChromaIndex:
    """The vector index of a build: on the Chroma server if one is set, else in the build's directory."""
    collection = f"plankg-{build}"
    if settings.chroma_host:
        return ChromaIndex.server(settings.chroma_host, settings.chroma_port, collection)
    return ChromaIndex.persistent(build_path / "chroma", collection)
