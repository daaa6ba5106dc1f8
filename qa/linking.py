"""Which nodes of the graph a question names."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import accumulate

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


#: things that have a name of their own, in place of a word that names a kind
OWN_NAMES = frozenset(
    {Label.ENTERPRISE, Label.ORGANIZATION, Label.TOWN, Label.VILLAGE, Label.PLACE}
)
#: characters that stand before a name without being part of it
_FUNCTION = frozenset("的在和与及或到是由对从向为以把被让给跟同比至、了")
_LEGAL = re.compile(r"(?:(?:股份|集团)?有限(?:责任)?公司|股份公司|集团公司|总公司|分公司|公司|集团)$")
_SHORTEST_PART = 3


def _partial_names(knowledge: Knowledge) -> dict[str, Node]:
    """Beginnings and cores of firms' names that stand for one firm only.

    The core leaves out the legal form and the name of another firm in front (`某集团甲技术有限公司` is
    `甲技术` too); a beginning is whole words.
    """
    import rjieba

    written = {fold(form): node for node in knowledge.of(Label.ENTERPRISE) for form in node.forms}
    found: dict[str, list[Node]] = {}
    for form, node in written.items():
        core = _LEGAL.sub("", form)
        front = next((core[:n] for n in range(len(core) - 1, 1, -1) if core[:n] in written), "")
        if front and written[front] is not node:
            core = core[len(front) :]
        parts = set(accumulate(rjieba.cut(core, False)))
        for part in parts if core != form else parts - {core}:
            if len(part) >= _SHORTEST_PART and part not in written:
                found.setdefault(part, []).append(node)
    return {part: nodes[0] for part, nodes in found.items() if all(node is nodes[0] for node in nodes)}


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
        self._partial = _partial_names(knowledge) if Label.ENTERPRISE in labels else {}
        self._text = knowledge.folded_text
        self._longest = max(map(len, (*self._forms, *self._partial)), default=0)
        self._names_only = lru_cache(maxsize=10_000)(self._is_name_only)

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
        nodes = tuple(nodes)
        forms = {fold(form).strip("“”\"' ") for node in nodes for form in node.forms}
        forms |= {part for part, node in self._partial.items() if part in folded and node in nodes}
        return tuple(sorted((f for f in forms if f and f in folded), key=len, reverse=True))

    def names_in(self, nodes: Iterable[Node], folded: str) -> tuple[str, ...]:
        """The names in a folded text of those nodes that have a name of their own, longest first."""
        return self.forms_of((node for node in nodes if node.label in OWN_NAMES), folded)

    def _match_at(self, folded: str, position: int) -> tuple[int, list[Node]]:
        """How many characters the longest name at a position has, and whose it is; (1, []) if none."""
        for size in range(min(self._longest, len(folded) - position), 1, -1):
            nodes = self._nodes(folded[position : position + size])
            if size <= _SHORT and any(node.label is Label.ENTERPRISE for node in nodes):
                if self._goes_on_to_another(folded[position + size :]):
                    nodes = [node for node in nodes if node.label is not Label.ENTERPRISE]
            if nodes and size <= _SHORT and self._ends_another(folded, position, size):
                nodes = [node for node in nodes if node.label not in OWN_NAMES]
            if nodes:
                return size, nodes
        return 1, []

    def _nodes(self, form: str) -> list[Node]:
        """The nodes with this name; else the firm of whose name alone it is a part."""
        if form not in self._forms and form in self._partial and self._names_only(form):
            return [self._partial[form]]
        return self._forms.get(form, [])

    def _is_name_only(self, part: str) -> bool:
        """Whether the plans write a part of a firm's name nowhere but in that firm's names."""
        rest = self._text
        for form in sorted(map(fold, self._partial[part].forms), key=len, reverse=True):
            if part in form:
                rest = rest.replace(form, " ")
        return part not in rest

    def _ends_another(self, folded: str, position: int, size: int) -> bool:
        """Whether a short name is the end of a longer one that the plans write: `坡底` in `东坡底`."""
        before = folded[position - 1 : position]
        if not "\u4e00" <= before <= "\u9fff" or before in _FUNCTION:
            return False
        return folded[position - 1 : position + size] in self._text

    def _goes_on_to_another(self, rest: str) -> bool:
        """Whether what stands behind a short name makes it the name of a place or a public body.

        The ending must be a word: `山` makes the name of a mountain, `山西` does not.
        """
        import rjieba

        return any(word in self._endings for word in rjieba.cut(rest[:_BEHIND], False)[:1])
