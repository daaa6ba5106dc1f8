"""Who works with whom: agreements, joint institutes, firms founded by firms."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ingest.document import Span
from ingest.extract.base import ExtractionContext
from ingest.extract.firm_words import FirmWords
from ingest.extract.mentions import ACTORS_AND_PLACES, Mention, MentionFinder
from ingest.extract.zones import PROSE, Zone, sentences
from kg.schema import Label, RelationType

_ACTORS = (Label.ENTERPRISE, Label.ORGANIZATION)
_AGREEMENT = re.compile(
    r"签订|签署|达成|合作|共同成立|共建|战略协议|协作|产学研|订单式|联合(?:攻关|建设|培养|研发|实验室)"
)
_JOINT = re.compile(r"[与同和跟]")
_FOUNDED = re.compile(r"引进[^，。]{1,8}(?:成立|设立|组建)了?")
_JOINT_INSTITUTE = re.compile(r"与([^，。“]{3,14})共同成立“([^”]{3,20})”")


class CooperationExtractor:
    """COOPERATES_WITH between firms and their partners; `PART_OF` for a firm that another founded."""

    name = "cooperation"

    def extract(self, context: ExtractionContext) -> None:
        """Read the sentences that name two actors, or an institute founded together."""
        finder = MentionFinder(context.graph, FirmWords(context.outline, context.lexicon), ACTORS_AND_PLACES)
        for zone in sentences(context.outline, PROSE):
            actors = finder.find(context.text, zone.span, *_ACTORS)
            if len(actors) > 1:
                _cooperates(context, zone.span, actors)
                _founded(context, zone, actors)
            _joint_institute(context, zone, finder)


def _cooperates(context: ExtractionContext, span: Span, actors: Sequence[Mention]) -> None:
    """`甲与乙签订…协议`, `以甲为主体，联合乙、丙`, `由甲牵头、乙共建`; a firm is always the source."""
    text = context.text
    for i, left in enumerate(actors[:-1]):
        right = actors[i + 1]
        between = text[left.span.end : right.span.start]
        partners = _run(text, actors, i + 1)
        after = text[partners[-1].span.end : span.end]
        clause = re.split(r"[，。；]", after)[0]
        joined = bool(_JOINT.fullmatch(between)) and bool(_AGREEMENT.search(clause))
        united = bool(re.fullmatch(r"为(?:主体|龙头)，联合", between))
        led = bool(re.fullmatch(r"牵头[、，](?:与|和|联合)?", between)) and clause.startswith("共建")
        elided = i == 0 and bool(re.search(r"，(?:并)?与$", between)) and bool(_AGREEMENT.search(clause))
        if joined or united or led or (elided and "。" not in between):
            for partner in partners:
                _pair(context, left, partner, Span(left.span.start, partner.span.end + len(clause)))


def _run(text: str, actors: Sequence[Mention], first: int) -> list[Mention]:
    """The actor at this index and those listed after it with list commas."""
    run = [actors[first]]
    for actor in actors[first + 1 :]:
        if text[run[-1].span.end : actor.span.start] not in ("、", "和", "及"):
            break
        run.append(actor)
    return run


def _pair(context: ExtractionContext, left: Mention, right: Mention, quote: Span) -> None:
    source, target = left, right
    if source.entity.label is not Label.ENTERPRISE:
        source, target = right, left
    if source.entity.label is Label.ENTERPRISE and source.entity.id != target.entity.id:
        context.graph.relate(
            source.entity.id,
            RelationType.COOPERATES_WITH,
            target.entity.id,
            quote=quote,
            method="agreement",
            confidence=0.85,
        )


def _founded(context: ExtractionContext, zone: Zone, actors: Sequence[Mention]) -> None:
    """`甲引进外资成立了乙` makes 乙 part of 甲."""
    firms = [m for m in actors if m.entity.label is Label.ENTERPRISE]
    for match in _FOUNDED.finditer(context.text, zone.span.start, zone.span.end):
        parent = next((m for m in firms if m.span.end == match.start()), None)
        child = next((m for m in firms if m.span.start == match.end()), None)
        if parent and child and parent.entity.id != child.entity.id:
            context.graph.relate(
                child.entity.id,
                RelationType.PART_OF,
                parent.entity.id,
                quote=Span(parent.span.start, child.span.end),
                method="founded",
                confidence=0.8,
            )


def _joint_institute(context: ExtractionContext, zone: Zone, finder: MentionFinder) -> None:
    """`与某大学共同成立“某某—甲某研究院”` joins the university with the firm that the name holds."""
    for match in _JOINT_INSTITUTE.finditer(context.text, zone.span.start, zone.span.end):
        quote = Span(match.start(), match.end())
        for partner in finder.find(context.text, Span(match.start(1), match.end(1)), *_ACTORS):
            for firm in _firms_in(context, match.group(2)):
                if firm != partner.entity.id:
                    context.graph.relate(
                        firm,
                        RelationType.COOPERATES_WITH,
                        partner.entity.id,
                        quote=quote,
                        method="joint_institute",
                        confidence=0.85,
                    )


def _firms_in(context: ExtractionContext, name: str) -> Iterator[str]:
    """Firms whose short name is part of an institute's name."""
    for firm in context.graph.entities(Label.ENTERPRISE):
        if any(form in name for form in (firm.name, *firm.aliases) if len(form) >= 2):
            yield firm.id
