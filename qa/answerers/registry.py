"""The answerers in the order in which they are asked. A new kind of question is a line here."""

from __future__ import annotations

from qa.answerers.base import Answerer
from qa.answerers.boxes import BoxAnswerer
from qa.answerers.calculations import CalculationAnswerer
from qa.answerers.chains import ChainAnswerer
from qa.answerers.counts import CountAnswerer
from qa.answerers.definitions import DefinitionAnswerer
from qa.answerers.entities import EntityAnswerer
from qa.answerers.enumerations import EnumerationAnswerer
from qa.answerers.headings import HeadingListAnswerer
from qa.answerers.indicators import IndicatorAnswerer
from qa.answerers.industries import IndustryAnswerer
from qa.answerers.investments import InvestmentAnswerer
from qa.answerers.projects import ProjectAnswerer
from qa.answerers.rankings import RankingAnswerer
from qa.answerers.refusal import ChatAnswerer
from qa.answerers.relations import RelationAnswerer
from qa.answerers.statements import ArithmeticAnswerer
from qa.answerers.structure import StructureAnswerer
from qa.answerers.summary import SummaryAnswerer
from qa.answerers.text import TextAnswerer

ANSWERERS: tuple[Answerer, ...] = (
    ChatAnswerer(),
    StructureAnswerer(),
    RankingAnswerer(),
    CalculationAnswerer(),
    IndicatorAnswerer(),
    ArithmeticAnswerer(),
    InvestmentAnswerer(),
    EnumerationAnswerer(),
    DefinitionAnswerer(),
    ChainAnswerer(),
    RelationAnswerer(),
    IndustryAnswerer(),
    BoxAnswerer(),
    EntityAnswerer(),
    ProjectAnswerer(),
    SummaryAnswerer(),
    HeadingListAnswerer(),
    CountAnswerer(),
    TextAnswerer(),
)
