"""Where the plan contradicts itself: values, names and wordings that cannot both hold."""

from __future__ import annotations

from ingest.extract.base import ExtractionContext
from ingest.extract.conflict_names import find_name_conflicts
from ingest.extract.conflict_values import find_value_conflicts
from ingest.extract.conflict_wordings import find_wording_conflicts


class ConflictExtractor:
    """CONFLICTS_WITH between statements that disagree, with the kind of disagreement.

    Kinds: `value`, `baseline`, `count`, `name`, `wording`, `unit`.
    """

    name = "conflicts"

    def extract(self, context: ExtractionContext) -> None:
        """Compare values of one metric, then names, then wordings."""
        find_value_conflicts(context)
        find_name_conflicts(context)
        find_wording_conflicts(context)
