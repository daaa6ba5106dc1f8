"""All extractors in the order in which they run, and the function that runs them."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from time import perf_counter

from ingest.document import Outline
from ingest.extract.activities import ActivityExtractor
from ingest.extract.base import ChatSession, ExtractionContext, Extractor, GraphBuilder
from ingest.extract.chains import ChainExtractor
from ingest.extract.concepts import ConceptExtractor
from ingest.extract.conflicts import ConflictExtractor
from ingest.extract.cooperation import CooperationExtractor
from ingest.extract.enterprises import EnterpriseExtractor
from ingest.extract.indicators import IndicatorExtractor
from ingest.extract.industries import IndustryExtractor
from ingest.extract.mentions import MentionExtractor
from ingest.extract.model_relations import ModelRelationExtractor
from ingest.extract.organizations import OrganizationExtractor
from ingest.extract.places import PlaceExtractor
from ingest.extract.projects import ProjectAttributeExtractor
from ingest.extract.structure import StructureExtractor
from ingest.extract.targets import TargetExtractor
from ingest.lexicon import Lexicon
from kg.model import Graph, Passage
from kg.ports import ProgressCallback

_log = logging.getLogger(__name__)

#: later extractors read what earlier ones added
EXTRACTORS: tuple[Extractor, ...] = (
    StructureExtractor(),
    IndicatorExtractor(),
    IndustryExtractor(),
    EnterpriseExtractor(),
    OrganizationExtractor(),
    PlaceExtractor(),
    ProjectAttributeExtractor(),
    ActivityExtractor(),
    CooperationExtractor(),
    ConceptExtractor(),
    TargetExtractor(),
    ConflictExtractor(),
    MentionExtractor(),
    ChainExtractor(),
    ModelRelationExtractor(),
)


def extract_graph(
    outline: Outline,
    passages: Sequence[Passage],
    lexicon: Lexicon,
    chat: ChatSession | None = None,
    on_progress: ProgressCallback | None = None,
) -> Graph:
    """Everything that the extractors find in one plan, as one graph in document order.

    ``chat`` is for the one that asks a chat model, which alone takes long enough to tell its progress.
    """
    document = outline.document
    graph = GraphBuilder(document.id, document.text)
    context = ExtractionContext(outline, tuple(passages), lexicon, graph, chat=chat)
    if on_progress is not None:
        context = replace(context, on_progress=on_progress)
    for extractor in EXTRACTORS:
        started = perf_counter()
        extractor.extract(context)
        _log.debug("extractor %s: %.2f s", extractor.name, perf_counter() - started)
    return graph.build()
