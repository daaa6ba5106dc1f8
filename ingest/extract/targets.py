"""Quantified statements of the running text as nodes: goals and achieved values."""

from __future__ import annotations

from ingest.extract.base import ExtractionContext
from ingest.extract.statements import Statement, StatementReader
from ingest.extract.zones import PROSE, Zone, sentences
from kg.schema import Label, RelationType


class TargetExtractor:
    """Target nodes with metric, value, unit, year and tense; TARGETS an indicator or its section."""

    name = "targets"

    def extract(self, context: ExtractionContext) -> None:
        """Read every sentence of the running text."""
        reader = StatementReader(context)
        indicators = {
            reader.normal(form): entity.id
            for entity in context.graph.entities(Label.INDICATOR)
            for form in (entity.name, *entity.aliases)
            if len(form) > 2
        }
        for zone in sentences(context.outline, PROSE):
            for statement in reader.read(zone):
                self._add(context, reader, zone, statement, indicators)

    def _add(
        self,
        context: ExtractionContext,
        reader: StatementReader,
        zone: Zone,
        statement: Statement,
        indicators: dict[str, str],
    ) -> None:
        quote = statement.quote
        id = f"{context.graph.plan_id}/target/{quote.start}-{quote.end}"
        tense = reader.tense(zone, statement)
        properties = statement.properties() | {"tense": tense, "locator": zone.block.locator}
        if year := reader.year(zone, statement, tense):
            properties["year"] = year
        name = context.text[quote.start : quote.end].strip()
        context.graph.add(Label.TARGET, name, id=id, properties=properties)
        indicator = indicators.get(reader.normal(statement.metric))
        about, confidence = (indicator, 0.9) if indicator else (zone.block.parent, 0.6)
        if context.graph.entity(about) is not None:
            context.graph.relate(
                id,
                RelationType.TARGETS,
                about,
                quote=quote,
                method="metric_name" if indicator else "section",
                confidence=confidence,
            )
