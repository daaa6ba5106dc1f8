"""Cypher that the stores run themselves, one constant or function per statement.

Values go in as parameters. Labels and relation types cannot, so they are interpolated, and only from the
schema's enums. Every statement that both engines run is written once.
"""

from __future__ import annotations

from kg.schema import BASE_LABEL, Label, RelationType

#: out: element (the engine's own id), labels, properties (``id`` included), one row per node of ours
ALL_ENTITIES = f"""
MATCH (n:{BASE_LABEL})
RETURN elementId(n) AS element, labels(n) AS labels, properties(n) AS properties
"""

#: out: element, source, type, target (our ids at both ends), properties; one row per relation of ours
ALL_RELATIONS = f"""
MATCH (a:{BASE_LABEL})-[r]->(b:{BASE_LABEL})
RETURN elementId(r) AS element, a.id AS source, type(r) AS type, b.id AS target,
       properties(r) AS properties
"""


def kglite_create_entities(label: Label) -> str:
    """Create nodes in an empty embedded graph. In: rows of {id, title, properties}.

    ``title`` is a column that the engine keeps for itself and fills from ``name``; set to the id, it is
    recognised as the engine's own and hidden from results.
    """
    return f"""
UNWIND $rows AS row
CREATE (n:{BASE_LABEL}:{label.value} {{id: row.id}})
SET n += row.properties, n.title = row.title
"""


def kglite_create_relations(type: RelationType) -> str:
    """Create relations in an embedded graph. In: rows of {source, target, properties}."""
    return f"""
UNWIND $rows AS row
MATCH (a:{BASE_LABEL} {{id: row.source}})
MATCH (b:{BASE_LABEL} {{id: row.target}})
CREATE (a)-[r:{type.value}]->(b)
SET r += row.properties
"""


#: schema of a Neo4j database; each is idempotent and runs in a transaction of its own
NEO4J_SCHEMA = (
    f"CREATE CONSTRAINT entity_id IF NOT EXISTS FOR (n:{BASE_LABEL}) REQUIRE n.id IS UNIQUE",
    f"CREATE INDEX entity_name IF NOT EXISTS FOR (n:{BASE_LABEL}) ON (n.name)",
    # the cjk analyser indexes pairs of characters, so it needs no word list
    f"CREATE FULLTEXT INDEX entity_text IF NOT EXISTS FOR (n:{BASE_LABEL}) ON EACH [n.name, n.aliases] "
    "OPTIONS {indexConfig: {`fulltext.analyzer`: 'cjk'}}",
)

#: in: seconds to wait; after a first build the full-text index fills in the background
NEO4J_AWAIT_INDEXES = "CALL db.awaitIndexes($seconds)"

#: in: elements
NEO4J_DELETE_RELATIONS = """
UNWIND $elements AS element
MATCH ()-[r]->() WHERE elementId(r) = element
DELETE r
"""

#: in: elements; relations that others attached to these nodes go with them
NEO4J_DELETE_ENTITIES = f"""
UNWIND $elements AS element
MATCH (n:{BASE_LABEL}) WHERE elementId(n) = element
DETACH DELETE n
"""

#: in: ids; takes the schema's labels off, so that another can be set
NEO4J_UNLABEL = f"""
UNWIND $ids AS id
MATCH (n:{BASE_LABEL} {{id: id}})
REMOVE n:{":".join(label.value for label in Label)}
"""


def neo4j_merge_entities(label: Label) -> str:
    """Create or overwrite nodes. In: rows of {id, properties}, ``properties`` with the id."""
    return f"""
UNWIND $rows AS row
MERGE (n:{BASE_LABEL} {{id: row.id}})
SET n = row.properties
SET n:{label.value}
"""


def neo4j_merge_relations(type: RelationType) -> str:
    """Create or overwrite relations. In: rows of {source, target, properties}."""
    return f"""
UNWIND $rows AS row
MATCH (a:{BASE_LABEL} {{id: row.source}})
MATCH (b:{BASE_LABEL} {{id: row.target}})
MERGE (a)-[r:{type.value}]->(b)
SET r = row.properties
"""
