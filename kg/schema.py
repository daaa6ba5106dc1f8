"""Graph schema: labels, relation types, and what each relation may connect.

Every node carries the label ``Entity`` plus one `Label`. Identifiers are ASCII because the embedded
store accepts no others; Chinese lives in values.
"""

from __future__ import annotations

from enum import StrEnum

BASE_LABEL = "Entity"


class Label(StrEnum):
    """What a node is."""

    PLAN = "Plan"
    PART = "Part"  # 篇, in plans that group their chapters
    CHAPTER = "Chapter"
    SECTION = "Section"
    PASSAGE = "Passage"
    BOX = "Box"
    PROJECT = "Project"
    ENTERPRISE = "Enterprise"
    INDUSTRY = "Industry"
    TOWN = "Town"
    VILLAGE = "Village"
    PLACE = "Place"
    ORGANIZATION = "Organization"
    PRODUCT = "Product"
    INDICATOR = "Indicator"
    INDICATOR_GROUP = "IndicatorGroup"
    TARGET = "Target"
    CONCEPT = "Concept"


class RelationType(StrEnum):
    """How two nodes are connected; the direction is source → target."""

    HAS_PART = "HAS_PART"
    HAS_CHAPTER = "HAS_CHAPTER"
    HAS_SECTION = "HAS_SECTION"
    HAS_PASSAGE = "HAS_PASSAGE"
    HAS_BOX = "HAS_BOX"
    LISTS = "LISTS"
    IMPLEMENTED_BY = "IMPLEMENTED_BY"
    LOCATED_IN = "LOCATED_IN"
    BELONGS_TO = "BELONGS_TO"
    PRODUCES = "PRODUCES"
    COOPERATES_WITH = "COOPERATES_WITH"
    DEVELOPS = "DEVELOPS"
    PART_OF = "PART_OF"
    HAS_INDICATOR = "HAS_INDICATOR"
    CONSISTS_OF = "CONSISTS_OF"
    DRIVES = "DRIVES"  # a firm that the plan ties to an industry chain
    MENTIONS = "MENTIONS"
    TARGETS = "TARGETS"
    CONFLICTS_WITH = "CONFLICTS_WITH"


_PLACES = frozenset({Label.TOWN, Label.VILLAGE, Label.PLACE})
_ACTORS = frozenset({Label.ENTERPRISE, Label.ORGANIZATION})
_ANY = frozenset(Label)

#: relation type → (labels allowed at the source, labels allowed at the target)
ENDPOINTS: dict[RelationType, tuple[frozenset[Label], frozenset[Label]]] = {
    RelationType.HAS_PART: (frozenset({Label.PLAN}), frozenset({Label.PART})),
    RelationType.HAS_CHAPTER: (frozenset({Label.PLAN, Label.PART}), frozenset({Label.CHAPTER})),
    RelationType.HAS_SECTION: (
        frozenset({Label.PLAN, Label.PART, Label.CHAPTER}),
        frozenset({Label.SECTION}),
    ),
    RelationType.HAS_PASSAGE: (
        frozenset({Label.PLAN, Label.PART, Label.CHAPTER, Label.SECTION, Label.BOX}),
        frozenset({Label.PASSAGE}),
    ),
    RelationType.HAS_BOX: (
        frozenset({Label.PLAN, Label.PART, Label.CHAPTER, Label.SECTION}),
        frozenset({Label.BOX}),
    ),
    RelationType.LISTS: (frozenset({Label.BOX}), frozenset({Label.PROJECT})),
    RelationType.IMPLEMENTED_BY: (frozenset({Label.PROJECT}), _ACTORS),
    RelationType.LOCATED_IN: (_ACTORS | _PLACES | {Label.PROJECT, Label.CONCEPT}, _PLACES),
    RelationType.BELONGS_TO: (
        frozenset({Label.PROJECT, Label.ENTERPRISE}),
        frozenset({Label.INDUSTRY}),
    ),
    RelationType.PRODUCES: (
        frozenset({Label.PROJECT, Label.ENTERPRISE}),
        frozenset({Label.PRODUCT}),
    ),
    RelationType.COOPERATES_WITH: (frozenset({Label.ENTERPRISE}), _ACTORS),
    RelationType.DEVELOPS: (_PLACES, frozenset({Label.INDUSTRY, Label.PRODUCT})),
    RelationType.PART_OF: (_ANY, _ANY),
    RelationType.HAS_INDICATOR: (
        frozenset({Label.INDICATOR_GROUP}),
        frozenset({Label.INDICATOR}),
    ),
    RelationType.CONSISTS_OF: (frozenset({Label.CONCEPT}), _ANY),
    RelationType.DRIVES: (frozenset({Label.ENTERPRISE}), frozenset({Label.CONCEPT})),
    RelationType.MENTIONS: (frozenset({Label.PASSAGE}), _ANY),
    RelationType.TARGETS: (frozenset({Label.TARGET}), _ANY),
    RelationType.CONFLICTS_WITH: (_ANY, _ANY),
}

#: relations that follow from the document's structure; they carry no quote
STRUCTURAL: frozenset[RelationType] = frozenset(
    {
        RelationType.HAS_PART,
        RelationType.HAS_CHAPTER,
        RelationType.HAS_SECTION,
        RelationType.HAS_PASSAGE,
        RelationType.HAS_BOX,
        RelationType.HAS_INDICATOR,
    }
)

#: methods of relations that no sentence states: the word lists' taxonomy, and an indicator group without
#: a heading of its own
UNQUOTED_METHODS = frozenset({"taxonomy", "indicator_table"})
