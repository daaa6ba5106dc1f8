"""Statements of the product, the same text on both stores. For users: `kg.named_queries`."""

from __future__ import annotations

from kg.schema import BASE_LABEL, Label

#: all nodes of one label. In: none. Out: node (map of properties), in document order
NODES = {
    label: f"MATCH (n:{label.value}) RETURN n AS node ORDER BY n.start, n.id" for label in Label
}

#: how many nodes carry each label, `Entity` included. In: none. Out: label, count
COUNT_BY_LABEL = f"""
MATCH (n:{BASE_LABEL}) UNWIND labels(n) AS label RETURN label, count(*) AS count
"""

#: how many relations there are of each type. In: none. Out: type, count
COUNT_BY_TYPE = f"""
MATCH (:{BASE_LABEL})-[r]->(:{BASE_LABEL}) RETURN type(r) AS type, count(*) AS count
"""

#: projects that a firm or organisation implements, or that name it. In: id. Out: project, quote, start, stop
PROJECTS_OF_ACTOR = """
MATCH (p:Project)-[r:IMPLEMENTED_BY]->(a:Entity {id: $id})
RETURN p AS project, r AS relation ORDER BY p.start, p.id
"""

#: projects in a place, or in a place that is part of it. In: id. Out: project, relation
PROJECTS_IN_PLACE = """
MATCH (p:Project)-[r:LOCATED_IN]->(a:Entity {id: $id})
RETURN p AS project, r AS relation ORDER BY p.start, p.id
"""

#: who makes or develops a product or an industry. In: id. Out: node, relation
PRODUCERS = """
MATCH (a:Entity)-[r:PRODUCES|DEVELOPS]->(:Entity {id: $id})
RETURN a AS node, r AS relation ORDER BY a.start, a.id
"""

#: what directly ties two nodes, either way. In: first, second (ids). Out: source, target, type, relation
RELATIONS_BETWEEN = """
MATCH (a:Entity)-[r]->(b:Entity) WHERE a.id IN [$first, $second] AND b.id IN [$first, $second]
  AND a.id <> b.id AND type(r) <> 'CONFLICTS_WITH'
RETURN a.id AS source, b.id AS target, type(r) AS type, r AS relation ORDER BY source, target, type
"""

#: whom a node cooperates with, whoever is named first. In: id. Out: partner, relation
PARTNERS = """
MATCH (a:Entity {id: $id})-[r:COOPERATES_WITH]-(b:Entity)
RETURN b AS partner, r AS relation ORDER BY r.start, b.id
"""

#: passages that mention a node. In: id. Out: passage id
MENTIONING_PASSAGES = """
MATCH (p:Passage)-[:MENTIONS]->(a:Entity {id: $id}) RETURN p.id AS passage ORDER BY p.start, p.id
"""

#: members of a concept with the quote that lists them. In: id. Out: member, relation
CONCEPT_MEMBERS = """
MATCH (c:Concept {id: $id})-[r:CONSISTS_OF]->(m:Entity)
RETURN m AS member, r AS relation ORDER BY r.start, m.start, m.id
"""

#: all contradictions. In: none. Out: left, right, relation
CONFLICTS = """
MATCH (a:Entity)-[r:CONFLICTS_WITH]->(b:Entity) RETURN a AS left, b AS right, r AS relation
ORDER BY r.start, r.other_start, a.id, b.id
"""

#: indicators of a group. In: id. Out: node
INDICATORS_OF_GROUP = """
MATCH (g:IndicatorGroup {id: $id})-[:HAS_INDICATOR]->(i:Indicator) RETURN i AS node ORDER BY i.start
"""

#: the group of an indicator. In: id. Out: node
GROUP_OF_INDICATOR = """
MATCH (g:IndicatorGroup)-[:HAS_INDICATOR]->(i:Indicator {id: $id}) RETURN g AS node
"""

#: what the running text states of an indicator. In: id. Out: node
STATEMENTS_OF_INDICATOR = """
MATCH (t:Target)-[:TARGETS]->(i:Indicator {id: $id}) RETURN t AS node ORDER BY t.start, t.id
"""

#: projects of a box. In: id. Out: node
PROJECTS_OF_BOX = """
MATCH (b:Box {id: $id})-[:LISTS]->(p:Project) RETURN p AS node ORDER BY p.number
"""

#: who implements a project, and where. In: id. Out: type, other, relation
ENDS_OF_PROJECT = """
MATCH (p:Project {id: $id})-[r:IMPLEMENTED_BY|LOCATED_IN]->(t:Entity)
RETURN type(r) AS type, t AS other, r AS relation ORDER BY type, r.start, t.start, t.id
"""

#: what ties a node to others, but for its passages. In: id. Out: type, outgoing, other, relation
FACTS_OF = """
MATCH (a:Entity {id: $id})-[r]-(b:Entity) WHERE NOT type(r) IN ['MENTIONS', 'HAS_PASSAGE']
RETURN DISTINCT type(r) AS type, startNode(r).id = $id AS outgoing, b.id AS other, r AS relation
ORDER BY type, outgoing DESC, other
"""

#: where passages name a node. In: id. Out: relation
MENTIONS_OF = """
MATCH (p:Passage)-[r:MENTIONS]->(a:Entity {id: $id}) RETURN r AS relation ORDER BY p.start, p.id
"""

#: relations that a plan states. In: plan. Out: source, target (ids), type, relation
RELATIONS_OF_PLAN = """
MATCH (a:Entity)-[r]->(b:Entity) WHERE r.plan = $plan
RETURN a.id AS source, b.id AS target, type(r) AS type, r AS relation
"""

#: all relations but those of passages. In: none. Out: source, target (ids), type, relation
RELATIONS = """
MATCH (a:Entity)-[r]->(b:Entity) WHERE NOT type(r) IN ['MENTIONS', 'HAS_PASSAGE']
RETURN a.id AS source, b.id AS target, type(r) AS type, r AS relation
"""
