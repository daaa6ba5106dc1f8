"""Document → outline, passages, graph and index. `ingest.pipeline` is the door."""
