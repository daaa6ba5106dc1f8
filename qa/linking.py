"""Which nodes of the graph a question names."""

from __future__ import annotations

from collections.abc import Iterable

from kg.schema import Label
from kg.tokens import fold
from qa.knowledge import Knowledge, Node

#: what people ask about by name, most telling first
_LINKED = (
    Label.ENTERPRISE, Label.ORGANIZATION, Label.TOWN, Label.VILLAGE, Label.PLACE, Label.CONCEPT,
    Label.PROJECT, Label.PRODUCT, Label.INDUSTRY,
)


class EntityLinker:
    """Finds names and aliases in a question, longest first, without overlaps."""

    def __init__(self, knowledge: Knowledge) -> None:
        """Reads the names once."""
        self._forms: dict[str, list[Node]] = {}
        own = set(knowledge.own_names)
        for label in _LINKED:
            for node in knowledge.of(label):
                for form in node.forms:
                    key = fold(form).strip("“”\"' ")
                    if len(key) >= 2 and key not in own and not key.isdigit():
                        self._forms.setdefault(key, []).append(node)
        self._longest = max(map(len, self._forms), default=0)

    def link(self, folded: str) -> tuple[Node, ...]:
        """The nodes named in a folded text, in the order of their names there."""
        found: dict[str, Node] = {}
        position = 0
        while position < len(folded):
            size = self._match_at(folded, position)
            if size:
                for node in self._forms[folded[position : position + size]]:
                    found.setdefault(node.id, node)
            position += size or 1
        return tuple(found.values())

    def forms_of(self, nodes: Iterable[Node], folded: str) -> tuple[str, ...]:
        """The names of these nodes that stand in a folded text, longest first."""
        forms = {fold(form).strip("“”\"' ") for node in nodes for form in node.forms}
        return tuple(sorted((f for f in forms if f and f in folded), key=len, reverse=True))

    def _match_at(self, folded: str, position: int) -> int:
        for size in range(min(self._longest, len(folded) - position), 1, -1):
            if folded[position : position + size] in self._forms:
                return size
        return 0
