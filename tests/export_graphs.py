"""Graphs whose texts break careless writers and readers of files."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import strategies as st

from kg.model import Entity, Evidence, Graph, PropertyValue, Relation
from kg.schema import Label, RelationType

#: what breaks quoting, escaping, line splitting, XML, IRIs, templates and our own marks
NASTY = (
    "'", '"', "''", '""', "\\", "\\'", "\\u0041", "\\n", "`", "\n", "\r", "\r\n", "\t", "\0", "\x07", "\x1b",
    "\x1c", "\x1d", "\x1e", "\x1f", "\x7f", "\x85", "\xa0", "\u2028", "\u2029", "\u3000", "\ufeff", "\ufffe",
    "\uffff", "\ue000", "😀", "𠮷", "é", "e\u0301", "，", "“一”", "一二", ",", ";", ";\n", "|", "$rows",
    "${x}", "%", "%2F", "/", "//", "/*", "*/", "../", ":", "#", "?", "@id", "{", "}", "[", "]", "<", ">", "&",
    "&amp;", "<b>", "]]>", "-->", "_x0041_", "_x005F_", "_x0041", "_x", "_", " ", "  ", "NaN", "null", "1",
    "1.0", "true",
)  # fmt: skip
#: ordinary names, and names that mean something to Cypher, CSV, Gephi, networkx or JSON-LD
NAMES = (
    "number", "note", "size", "label", "labels", "key", "weight", "kind", "x", "LABEL", "ID", "Match", "null",
    "true", "in", "xsd", "subject", "Statement", "entity", "LISTS", "Town", "text",
)  # fmt: skip

texts = st.lists(st.sampled_from(NASTY) | st.characters(exclude_categories=["Cs"]), max_size=5).map("".join)
numbers = st.floats(allow_nan=False, allow_infinity=False)
integers = st.integers(-(2**63), 2**63 - 1) | st.integers(-3, 3)
values: st.SearchStrategy[PropertyValue] = st.one_of(
    texts,
    integers,
    numbers,
    st.booleans(),
    # neo4j-admin cannot be told of a list with one empty text
    st.lists(texts, max_size=3).map(tuple).filter(lambda items: items != ("",)),
    st.lists(numbers, max_size=3).map(tuple),
)
evidence = st.builds(Evidence, texts, st.integers(0, 9), st.integers(0, 9), texts)


@st.composite
def graphs(draw: st.DrawFn, names: tuple[str, ...] = NAMES) -> Graph:
    """Small graphs with nasty ids, names, aliases, properties and quotes."""
    ids = draw(st.lists(texts.filter(bool), min_size=1, max_size=4, unique=True))
    entities = tuple(
        Entity(
            id,
            draw(st.sampled_from([Label.TOWN, Label.BOX, Label.PROJECT])),
            draw(texts),
            tuple(draw(st.lists(texts.filter(bool), max_size=3, unique=True))),
            draw(st.dictionaries(st.sampled_from((*names, "start", "end")), values, max_size=4)),
        )
        for id in ids
    )
    types = st.sampled_from([RelationType.LISTS, RelationType.PART_OF, RelationType.MENTIONS])
    keys = st.tuples(st.sampled_from(ids), types, st.sampled_from(ids))
    relations = tuple(
        Relation(
            *key,
            draw(st.none() | evidence),
            draw(texts),
            draw(st.floats(0, 1)),
            draw(st.dictionaries(st.sampled_from(names), values, max_size=3)),
        )
        for key in draw(st.lists(keys, max_size=4, unique=True))
    )
    return Graph(entities, relations)


def all_nasty() -> Graph:
    """Every nasty text as id, name, alias, property, list item and quote."""
    entities = tuple(
        Entity(f"{at}{text}", Label.TOWN, text, (f"{text}甲", "乙"), {"note": text, "list": (text, "x", "")})
        for at, text in enumerate(NASTY)
    )
    relations = tuple(
        Relation(one.id, RelationType.PART_OF, other.id, Evidence(one.name, 1, 2, one.name), one.name, 0.9)
        for one, other in pairwise(entities)
    )
    mixed = Entity("mixed", Label.TOWN, "混合", (), {"note": 7, "list": (1.5, 2.0), "yes": True, "e": 1e22})
    return Graph((*entities, mixed), relations)
