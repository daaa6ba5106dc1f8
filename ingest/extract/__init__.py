"""From an outline to a graph: one module a kind of knowledge, listed in `ingest.extract.registry`."""
