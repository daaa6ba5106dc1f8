"""Which nodes of the graph a question names."""

from __future__ import annotations

from collections.abc import Iterable

from kg.schema import Label
from kg.tokens import fold
from qa.knowledge import Knowledge, Node

#: what people ask about by name, most telling first
_LINKED = (
    Label.ENTERPRISE, Label.ORGANIZATION, Label.TOWN, Label.VILLAGE, Label.PLACE, Label.CONCEPT,
    Label.INDICATOR, Label.PROJECT, Label.PRODUCT, Label.INDUSTRY,
)
#: longest short name of a firm, as people abbreviate: `利虎`, `新天源`
_SHORT = 3
#: how far behind a short name a word is looked for that makes it another thing's name
_BEHIND = 8


class EntityLinker:
    """Finds names and aliases in a question, longest first, without overlaps.

    Left out are the words that questions are made of (a concept may have a member `业务`), and a firm's
    short name where it only begins the name of a place or a public body.
    """

    def __init__(self, knowledge: Knowledge, labels: Iterable[Label] = _LINKED) -> None:
        """Reads the names of the nodes with these labels once."""
        self._forms: dict[str, list[Node]] = {}
        self._endings = knowledge.lexicon.name_endings
        words = knowledge.lexicon.words
        own = {*knowledge.own_names, *words.frame, *words.generic}
        for label in labels:
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
            size, nodes = self._match_at(folded, position)
            for node in nodes:
                found.setdefault(node.id, node)
            position += size
        return tuple(found.values())

    def forms_of(self, nodes: Iterable[Node], folded: str) -> tuple[str, ...]:
        """The names of these nodes that stand in a folded text, longest first."""
        forms = {fold(form).strip("“”\"' ") for node in nodes for form in node.forms}
        return tuple(sorted((f for f in forms if f and f in folded), key=len, reverse=True))

    def _match_at(self, folded: str, position: int) -> tuple[int, list[Node]]:
        """How many characters the longest name at a position has, and whose it is; (1, []) if none."""
        for size in range(min(self._longest, len(folded) - position), 1, -1):
            nodes = self._forms.get(folded[position : position + size], [])
            if size <= _SHORT and any(node.label is Label.ENTERPRISE for node in nodes):
                if self._goes_on_to_another(folded[position + size :]):
                    nodes = [node for node in nodes if node.label is not Label.ENTERPRISE]
            if nodes:
                return size, nodes
        return 1, []

    def _goes_on_to_another(self, rest: str) -> bool:
        """Whether what stands behind a short name makes it the name of a place or a public body.

        The ending must be a word: `山` makes the name of a mountain, `山西` does not.
        """
        import rjieba

        return any(word in self._endings for word in rjieba.cut(rest[:_BEHIND], False)[:1])
