"""Industry chains such as `煤炭—焦化—化产回收`: ordered concepts, and the firms that are tied to them."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ingest.document import Span
from ingest.extract.base import ExtractionContext
from ingest.extract.firm_words import FirmWords, alternation
from ingest.extract.industries import IndustryClassifier, classifier
from ingest.extract.mentions import Mention, MentionFinder
from ingest.extract.zones import PROSE
from kg.model import Block, BlockKind, Entity
from kg.schema import Label, RelationType

_KINDS = PROSE | {BlockKind.SUBHEADING}
_LONGEST_STAGE, _LONGEST_LISTED_STAGE = 24, 40
#: with fewer, the text has to call it a chain
_FEWEST_STAGES = 3
#: a dash between digits or letters is a range or part of a model number (`2-3`, `LOW-E`)
_DASH = r"(?:(?<![0-9A-Za-z])[—→－–‐−\-]{1,2}|[—→－–‐−\-]{1,2}(?![0-9A-Za-z—→－–‐−\-]))"
_STAGE = r"[^—→－–‐−\-，。；：！？“”\n]{1,40}"
_ADDED = r"[^+＋，。；：！？“”\n]{1,40}"
_DASHED = re.compile(rf"{_STAGE}(?:{_DASH}{_STAGE})+")
_PLUSSED = re.compile(rf"{_ADDED}(?:[+＋]{_ADDED})+")
_LISTED = re.compile(r"[^，。；：！？“”\n]{1,60}(?:，[^，。；：！？“”\n]{1,60})+")
_QUOTED = re.compile(r"“([^“”\n]{3,160})”")
#: what a chain is called, right behind it: `”的清洁能源产业链`, `”等一体化的生态产业链`
_NOUN = re.compile(
    r"等?(?:一体化)?的?([\u4e00-\u9fff]{0,14}?(?:产业循环链|产业链条|产业链|循环链|供应链|链条|链))"
)
#: what is done to chains
_CHAIN_VERBS = ("延伸", "延长", "拉长", "补齐", "做强", "做大", "做优", "提升", "稳定", "融入")
_GENERIC = re.compile(r"(?:全|大|整)?(?:产业|循环|供应)*链条?")
_BARE_END = re.compile("等|产业循环链|产业链条?|循环链|链条")
#: between chains of one list, which one noun at its end may name all
_BETWEEN = re.compile(r"[“”、，；和及 ]{0,4}")
_ALTERNATIVES = re.compile(r"[^、/／和或]+")
_FIRM_BEFORE = re.compile(r"(?:依托|利用|借助|发挥|支持|鼓励|推动|引导|引进|以|由|带动)$")
_FIRM_AFTER = re.compile(
    r"等?[^，。；、]{0,6}?(?:为链主|为龙头|为骨干|为主体|为核心|牵头|带动|龙头企业|骨干企业|链主企业)"
)
_OWNER_LINK = re.compile("的“?")
#: a firm further away, in characters, is not spoken of with the chain
_REACH = 200
_LIST_GAP = re.compile(r"[、和及与]")


@dataclass(frozen=True, slots=True)
class Chain:
    """A chain as written: its text, its stages in order, and its name where it has one of its own."""

    written: Span
    stages: tuple[Span, ...]
    name: Span | None

    @property
    def quote(self) -> Span:
        """What shows the chain and, if it stands behind it, its name."""
        return Span(self.written.start, self.name.end) if self.name else self.written


@dataclass(frozen=True, slots=True)
class _Candidate:
    """What is written like a chain: whether it is called one, and whether it stands in quotation marks."""

    chain: Chain
    called: bool
    quoted: bool


class ChainExtractor:
    """Concept (kind `chain`) -CONSISTS_OF-> its stages; Enterprise -DRIVES-> chain.

    `position` of CONSISTS_OF is the stage's, from 1; `order` says the same, as it does for other sets. A
    stage that names several things is one node, and those of them that the graph knows are PART_OF it.

    Runs after the mentions and adds its own: a chain without a name of its own is called as it is
    written, and as a name to look for it would hide the names of its stages.
    """

    name = "chains"

    def extract(self, context: ExtractionContext) -> None:
        """Add the chains of every paragraph, then the firms that the same paragraph ties to them."""
        finder = ChainFinder(context)
        nodes = _Nodes(context)
        firms = MentionFinder(
            context.graph, FirmWords(context.outline, context.lexicon), (Label.ENTERPRISE,)
        )
        for block in context.outline.document.blocks:
            if block.kind not in _KINDS:
                continue
            chains = [(chain, nodes.add(chain)) for chain in finder.find(block)]
            if chains:  # most paragraphs have none
                near = Span(
                    max(block.start, chains[0][0].written.start - _REACH),
                    min(block.end, chains[-1][0].written.end + _REACH),
                )
                _drivers(context, chains, firms.find(context.text, near))


class ChainFinder:
    """The chains that a paragraph writes, in order."""

    def __init__(self, context: ExtractionContext) -> None:
        """Uses the lexicon's verbs before lists, and the taxonomy to tell a chain from a route."""
        self._text = context.text
        verbs = context.lexicon.concept_words.get("list_verbs", ())
        self._verbs = re.compile(rf".*(?:{alternation(verbs)}|的)")
        self._acts = re.compile(alternation((*_CHAIN_VERBS, *(verb for verb in verbs if len(verb) > 1))))
        self._taxonomy: IndustryClassifier = classifier(context.lexicon.industries)

    def find(self, block: Block) -> list[Chain]:
        """Chains that are called one, stand in a list with such a one, or join goods of industries."""
        found = sorted(self._candidates(Span(block.start, block.end)), key=lambda c: c.chain.written.start)
        accepted: list[Chain] = []
        in_list = False
        following = len(self._text)
        for candidate in reversed(found):
            chain = candidate.chain
            gap = self._text[chain.written.end : min(following, chain.written.end + 5)]
            in_list = candidate.called or (in_list and bool(_BETWEEN.fullmatch(gap)))
            if self._is_chain(candidate, in_list):
                accepted.append(chain)
            following = chain.written.start
        return accepted[::-1]

    def _is_chain(self, candidate: _Candidate, in_list: bool) -> bool:
        """Roads, regions and levels of administration are written like chains, but make nothing."""
        names = (self._text[stage.start : stage.end] for stage in candidate.chain.stages)
        if len(candidate.chain.stages) >= _FEWEST_STAGES:
            return in_list or any(map(self._taxonomy.is_productive, names))
        return candidate.called and (candidate.quoted or any(map(self._taxonomy.is_productive, names)))

    def _candidates(self, span: Span) -> Iterator[_Candidate]:
        inside: list[Span] = []
        for match in _QUOTED.finditer(self._text, span.start, span.end):
            body = Span(match.start(1), match.end(1))
            inside.append(body)
            noun = _NOUN.match(self._text, match.end(), span.end)
            # `“A—B”地区延伸产业链` says what is done, not what A—B is called
            acts = noun is not None and self._acts.search(noun.group(1))
            yield from self._quoted(body, None if acts else noun)
        ends = [body.end for body in inside]
        for match in _DASHED.finditer(self._text, span.start, span.end):
            at = bisect_right(ends, match.start())
            if at == len(inside) or inside[at].start >= match.end():
                yield from self._bare(match)

    def _quoted(self, body: Span, noun: re.Match[str] | None) -> Iterator[_Candidate]:
        """`“A—B—C”…`; joined by `+` or `，` only where it is called a chain."""
        name = Span(noun.start(1), noun.end(1)) if noun and not _GENERIC.fullmatch(noun.group(1)) else None
        for pattern, joint, longest in (
            (_DASHED, _DASH, _LONGEST_STAGE),
            (_PLUSSED, r"[+＋]", _LONGEST_STAGE),
            (_LISTED, "，", _LONGEST_LISTED_STAGE),
        ):
            if not pattern.fullmatch(self._text, body.start, body.end):
                continue
            stages = self._stages(body, joint)
            short = all(stage.end - stage.start <= longest for stage in stages)
            enough = pattern is _DASHED or (name and len(stages) >= _FEWEST_STAGES)
            if stages and short and enough:
                chain = Chain(Span(stages[0].start, stages[-1].end), stages, name)
                yield _Candidate(chain, called=noun is not None, quoted=True)
            return

    def _bare(self, match: re.Match[str]) -> Iterator[_Candidate]:
        """`重点发展A-B-C等产业循环链`, `甲公司的A—B—C产业链`: cut at the verb and before the noun."""
        stages = list(self._stages(Span(match.start(), match.end()), _DASH))
        if not stages:
            return
        first, last = stages[0], stages[-1]
        if verb := self._verbs.match(self._text, first.start, first.end - 1):
            stages[0] = _trimmed(self._text, Span(verb.end(), first.end))
        end = _BARE_END.search(self._text, last.start + 1, last.end)
        if end:
            stages[-1] = _trimmed(self._text, Span(last.start, end.start()))
        if all(stage.end - stage.start <= _LONGEST_STAGE // 2 for stage in stages):
            chain = Chain(Span(stages[0].start, stages[-1].end), tuple(stages), None)
            called = bool(_NOUN.match(self._text, stages[-1].end, match.end()))
            yield _Candidate(chain, called, quoted=False)

    def _stages(self, span: Span, joint: str) -> tuple[Span, ...]:
        """The stages without blanks, inner quotation marks and a closing `等`; empty if one is empty."""
        stages: list[Span] = []
        start = span.start
        for joined in (*re.compile(joint).finditer(self._text, span.start, span.end), None):
            end = joined.start() if joined else span.end
            stages.append(_trimmed(self._text, Span(start, end)))
            start = joined.end() if joined else end
        if self._text.endswith("等", stages[-1].start, stages[-1].end):
            stages[-1] = replace(stages[-1], end=stages[-1].end - 1)
        return tuple(stages) if all(stage.start < stage.end for stage in stages) else ()


def _trimmed(text: str, span: Span) -> Span:
    start, end = span.start, span.end
    while start < end and (text[start].isspace() or text[start] in "‘’'"):
        start += 1
    while start < end and (text[end - 1].isspace() or text[end - 1] in "‘’'"):
        end -= 1
    return Span(start, end)


class _Nodes:
    """Writes chains and stages, on nodes that are there where the name is the same."""

    def __init__(self, context: ExtractionContext) -> None:
        self._context = context
        labels = (Label.INDUSTRY, Label.PRODUCT, Label.CONCEPT)
        named = [e for label in labels for e in context.graph.entities(label)]
        self._by_name: dict[str, Entity] = {e.name: e for e in reversed(named)}
        self._by_form = {form: e for e in reversed(named) for form in e.aliases} | self._by_name
        self._stages_of: dict[str, tuple[str, ...]] = {}
        self._starts = [passage.start for passage in context.passages]

    def add(self, chain: Chain) -> str:
        """Add a chain with its stages. Returns its id."""
        context, text = self._context, self._context.text
        where = chain.name or chain.written
        names = tuple(text[stage.start : stage.end] for stage in chain.stages)
        id = self._id(text[where.start : where.end], names, chain)
        context.graph.add(
            Label.CONCEPT, text[where.start : where.end], id=id,
            properties={
                "kind": "chain", "written": text[chain.written.start : chain.written.end],
                "size": len(names), "start": chain.written.start, "stop": chain.written.end,
            },
        )
        for position, (name, stage) in enumerate(zip(names, chain.stages, strict=True), 1):
            target = self._stage(name, stage)
            self._mention(stage, target)
            if target != id:
                context.graph.relate(
                    id, RelationType.CONSISTS_OF, target, quote=chain.quote, method="chain",
                    confidence=0.9 if chain.name else 0.85,
                    properties={"order": position, "position": position},
                )
        self._mention(where, id)
        return id

    def _mention(self, span: Span, id: str) -> None:
        """Say that the passage around the span, if it is in one, mentions the node."""
        passages = self._context.passages
        at = bisect_right(self._starts, span.start) - 1
        if at >= 0 and span.end <= passages[at].end and span.end - span.start > 1:
            self._context.graph.relate(
                passages[at].id, RelationType.MENTIONS, id, quote=span, method="chain", confidence=0.9
            )

    def _id(self, name: str, stages: tuple[str, ...], chain: Chain) -> str:
        """One node per chain: other stages under the same name are another chain."""
        id = self._context.graph.entity_id(Label.CONCEPT, name)
        if self._stages_of.setdefault(id, stages) != stages:
            id = f"{id}@{chain.written.start}"
        return id

    def _stage(self, name: str, span: Span) -> str:
        graph = self._context.graph
        known = self._by_name.get(name)
        where = {"start": span.start, "stop": span.end}
        id = known.id if known else graph.add(Label.CONCEPT, name, properties=where)
        parts = [m.group() for m in _ALTERNATIVES.finditer(name)]
        for part in parts if len(parts) > 1 else ():
            thing = self._by_form.get(part)
            if thing and thing.id != id:
                graph.relate(
                    thing.id, RelationType.PART_OF, id, quote=span, method="chain_stage", confidence=0.85
                )
        return id


# -- firms


def _drivers(
    context: ExtractionContext, chains: Sequence[tuple[Chain, str]], mentions: Sequence[Mention]
) -> None:
    """Relate the firms that a paragraph ties to its chains; both in document order."""
    text = context.text
    starts = [chain.written.start for chain, _ in chains]
    tied_until = -1
    for mention in mentions:
        start, end = mention.span.start, mention.span.end
        at = bisect_right(starts, start)
        if at and start < chains[at - 1][0].written.end:
            continue  # the firm is a part of the chain's own words
        owned = at < len(chains) and bool(_OWNER_LINK.fullmatch(text, end, starts[at]))
        chain, id = chains[at] if owned or not at else chains[at - 1]
        tied = owned or bool(
            _FIRM_BEFORE.search(text[max(0, start - 6) : start])
            or _FIRM_AFTER.match(text, end)
            or (tied_until >= 0 and _LIST_GAP.fullmatch(text, tied_until, start))
        )
        first, last = sorted((chain.written, mention.span), key=lambda span: span.start)
        if not tied or last.start - first.end > _REACH:
            continue
        tied_until = end
        context.graph.relate(
            mention.entity.id, RelationType.DRIVES, id, quote=Span(first.start, last.end),
            method="chain_owner" if owned else "chain_firm", confidence=0.9 if owned else 0.75,
        )
