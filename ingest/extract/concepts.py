"""Named sets such as `“四张名片”`, `六大产业`, `“三寺两窑一街区”`, with their members."""

from __future__ import annotations

import re

from ingest.document import Span
from ingest.extract.base import ExtractionContext
from ingest.extract.concept_sets import PART, QUOTED, ConceptFinder, Found, expected_members
from ingest.extract.concept_spread import find_spread
from ingest.extract.matching import NameMatcher
from ingest.extract.mentions import ACTORS_AND_PLACES
from ingest.extract.zones import PROSE, sentences
from kg.model import Entity
from kg.schema import Label, RelationType

_INCLUDES = re.compile(r"包括([^，。；]{2,60})")


class ConceptExtractor:
    """Concept nodes and CONSISTS_OF their members, which are concepts or known entities."""

    name = "concepts"

    def extract(self, context: ExtractionContext) -> None:
        """Find sets by the patterns that list their members; then terms that are only named."""
        sets: dict[str, set[str]] = {}
        finder = ConceptFinder(context)
        known = {
            form: entity
            for entity in context.graph.entities(*ACTORS_AND_PLACES, Label.INDUSTRY)
            for form in (entity.name, *(() if entity.label is Label.INDUSTRY else entity.aliases))
        }
        found = [*finder.find(), *find_spread(finder)]
        for concept in found:
            self._add(context, concept, known, sets)
        self._included(context, known)
        names = {concept.name for concept in found}
        seen: set[str] = set()
        for zone in sentences(context.outline, PROSE):
            for match in QUOTED.finditer(context.text, zone.span.start, zone.span.end):
                term = match.group(1)
                if term not in seen and finder.is_term(term):
                    seen.add(term)
                    if term not in names:
                        names.add(term)
                        context.graph.add(
                            Label.CONCEPT, term, properties=_at(Span(match.start(1), match.end(1)))
                        )
                    self._common_word(context, term)
                    self._parts(context, term, Span(match.start(), match.end()), names)
        _members_of_parts(context)

    def _add(
        self, context: ExtractionContext, concept: Found, known: dict[str, Entity], sets: dict[str, set[str]]
    ) -> None:
        agrees = concept.expected is None or concept.expected == len(concept.members)
        if not agrees and abs((concept.expected or 0) - len(concept.members)) > 2:
            return
        id = self._id(context, concept, known, sets)
        aliases = (concept.alias,) if concept.alias else ()
        context.graph.add(Label.CONCEPT, concept.name, id=id, aliases=aliases, properties=_at(concept.where))
        if concept.expected and agrees:
            context.graph.add(Label.CONCEPT, concept.name, id=id, properties={"size": concept.expected})
        for order, span in enumerate(concept.members, 1):
            name = context.text[span.start : span.end]
            entity = known.get(name)
            target = entity.id if entity else context.graph.add(Label.CONCEPT, name, properties=_at(span))
            if target != id:
                context.graph.relate(
                    id,
                    RelationType.CONSISTS_OF,
                    target,
                    quote=concept.quotes[order - 1] if concept.quotes else concept.quote,
                    method=concept.method,
                    confidence=0.95 if agrees and concept.expected else 0.8 if agrees else 0.4,
                    properties={"order": order},
                )

    def _included(self, context: ExtractionContext, known: dict[str, Entity]) -> None:
        """`某某涵养区包括甲镇、乙乡`: a concept that is known as a member has members itself."""
        concepts = {e.name: e for e in context.graph.entities(Label.CONCEPT) if len(e.name) >= 4}
        matcher = NameMatcher(concepts)
        for zone in sentences(context.outline, PROSE):
            for start, end, name in matcher.find(context.text, zone.span.start, zone.span.end):
                if match := _INCLUDES.match(context.text, end, zone.span.end):
                    self._include(context, concepts[name], Span(start, match.end()), match, known)

    def _include(
        self,
        context: ExtractionContext,
        whole: Entity,
        quote: Span,
        match: re.Match[str],
        known: dict[str, Entity],
    ) -> None:
        for order, item in enumerate(re.finditer(r"[^、和及]+", match.group(1)), 1):
            span = Span(match.start(1) + item.start(), match.start(1) + item.end())
            part = known.get(item.group())
            id = part.id if part else context.graph.add(Label.CONCEPT, item.group(), properties=_at(span))
            if id != whole.id:
                context.graph.relate(
                    whole.id,
                    RelationType.CONSISTS_OF,
                    id,
                    quote=quote,
                    method="includes",
                    confidence=0.9,
                    properties={"order": order},
                )

    def _id(
        self, context: ExtractionContext, concept: Found, known: dict[str, Entity], sets: dict[str, set[str]]
    ) -> str:
        """One node per set: a second set of other members under the same name is another concept."""
        id = context.graph.entity_id(Label.CONCEPT, concept.name)
        old = sets.setdefault(id, set())
        names = {context.text[span.start : span.end] for span in concept.members}
        names |= {known[name].name for name in names if name in known}
        if old and not old & names and concept.method != "formula":
            return f"{id}@{concept.where.start}"
        old |= names
        return id

    def _common_word(self, context: ExtractionContext, term: str) -> None:
        """`六新`: the first list of exactly six items that all begin with `新`."""
        number, word = expected_members(term), term[-1]
        if len(term) != 2 or not number or number < 3:
            return
        item = rf"{word}[^、，。；：“”]{{1,6}}"
        pattern = re.compile(
            rf"(?<!、)(?<!{word})({item}(?:、{item}){{{number - 1}}})(?!、)"
            r"(?=[^、，。；：“”]{0,4}[，。；：“”])"
        )
        match = pattern.search(context.text)
        if match:
            id = context.graph.entity_id(Label.CONCEPT, term)
            for order, part in enumerate(re.finditer(r"[^、]+", match.group(1)), 1):
                span = Span(match.start(1) + part.start(), match.start(1) + part.end())
                target = context.graph.add(Label.CONCEPT, part.group(), properties=_at(span))
                context.graph.relate(
                    id,
                    RelationType.CONSISTS_OF,
                    target,
                    quote=Span(match.start(1), match.end(1)),
                    method="common_word",
                    confidence=0.7,
                    properties={"order": order},
                )

    def _parts(self, context: ExtractionContext, term: str, where: Span, names: set[str]) -> None:
        """`一核两带三区` consists of `一核`, `两带` and `三区` where the plan speaks of those."""
        parts = ["".join(part) for part in PART.findall(term)]
        if len(parts) < 2 or "".join(parts) != term or not all(f"“{part}”" in context.text for part in parts):
            return
        id = context.graph.entity_id(Label.CONCEPT, term)
        for order, part in enumerate(parts, 1):
            target = context.graph.add(Label.CONCEPT, part)
            context.graph.relate(
                id,
                RelationType.CONSISTS_OF,
                target,
                quote=where,
                method="compound",
                confidence=0.9,
                properties={"order": order},
            )


def _members_of_parts(context: ExtractionContext) -> None:
    """What the parts of a set of sets consist of, the set consists of."""
    relations = context.graph.relations(RelationType.CONSISTS_OF)
    for compound in [r for r in relations if r.method == "compound"]:
        held = sum(r.source == compound.source for r in context.graph.relations(RelationType.CONSISTS_OF))
        members = [r for r in relations if r.source == compound.target and r.target != compound.source]
        for order, member in enumerate(members, held + 1):
            if member.evidence:
                context.graph.relate(
                    compound.source,
                    RelationType.CONSISTS_OF,
                    member.target,
                    quote=Span(member.evidence.start, member.evidence.end),
                    method="compound_member",
                    confidence=0.8,
                    properties={"order": order},
                )


def _at(span: Span) -> dict[str, int]:
    return {"start": span.start, "stop": span.end}
