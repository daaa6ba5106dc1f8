"""Enterprises: one node per firm, all its written forms as aliases, subsidiaries apart."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ingest.document import Span
from ingest.extract.base import ExtractionContext
from ingest.extract.firm_forms import FirmForm, find_forms
from ingest.extract.firm_words import FirmWords, alternation
from ingest.extract.names import dictionary_words, is_word, looks_proper
from ingest.lexicon import IndustryEntry
from kg.schema import Label, RelationType

#: rules whose forms count only where another rule knows the same stem
_WEAK_RULES = frozenset({"sector"})
_CONTROL = re.compile(r"(?:控股|投资设立|出资设立|全资)的")


@dataclass(slots=True)
class Firm:
    """A firm in the making: its forms, and the forms that name it surely."""

    stem: str
    forms: list[FirmForm] = field(default_factory=list)

    def texts(self) -> list[str]:
        """Distinct written forms in order of appearance."""
        ordered = sorted(self.forms, key=lambda form: form.span.start)
        return list(dict.fromkeys(form.text for form in ordered))


class EnterpriseExtractor:
    """Enterprise nodes, and `PART_OF` from a subsidiary to its parent."""

    name = "enterprises"

    def extract(self, context: ExtractionContext) -> None:
        """Find forms, group them into firms, name each firm by its fullest form."""
        words = FirmWords(context.outline, context.lexicon)
        text = context.text
        forms = _known_longer(text, _outermost(find_forms(context.outline, words)), words)
        firms = _group(forms, words)
        forms = _more_forms(text, firms, words)
        firms = [part for firm in firms for part in _split_by_trade(firm, text, words)]
        ids: dict[str, str] = {}
        for firm in sorted(firms, key=lambda f: min(form.span.start for form in f.forms)):
            name = _canonical(firm, words)
            first = next(form for form in firm.forms if form.text == name)
            aliases = [f for f in firm.texts() if f != name and _stands_alone(f, firm.texts(), text)]
            id = context.graph.add(
                Label.ENTERPRISE,
                name,
                aliases=(*aliases, *_stem_alias(firm, firms, text, words, name)),
                properties={"start": first.span.start, "stop": first.span.end, "rule": first.rule},
            )
            for form in firm.texts():
                ids[form] = id
        self._parents(context, firms, ids, words)

    def _parents(
        self, context: ExtractionContext, firms: Sequence[Firm], ids: dict[str, str], words: FirmWords
    ) -> None:
        groups = {form.text: form for firm in firms for form in firm.forms if form.text.endswith("集团")}
        for firm in firms:
            own = ids[firm.forms[0].text]
            for form in firm.forms:
                parent = next((g for g in groups if form.text.startswith(g) and form.text != g), None)
                if parent and ids[parent] != own and len(form.text) > len(parent) + 2:
                    context.graph.relate(
                        own,
                        RelationType.PART_OF,
                        ids[parent],
                        quote=form.span,
                        method="group_prefix",
                        confidence=0.95,
                    )
                self._holder(context, form, ids, own)
            group = next((g for g in groups if words.stem(g) == firm.stem and ids[g] != own), None)
            if group and firm.forms[0].rule != "suffix":
                context.graph.relate(
                    own,
                    RelationType.PART_OF,
                    ids[group],
                    quote=firm.forms[0].span,
                    method="same_stem",
                    confidence=0.6,
                )

    def _holder(self, context: ExtractionContext, form: FirmForm, ids: dict[str, str], own: str) -> None:
        """`由X控股的Y`."""
        text = context.text
        before = text[max(0, form.span.start - 24) : form.span.start]
        match = re.search(rf"({alternation(ids)})(?:{_CONTROL.pattern})$", before)
        if match and ids[match.group(1)] != own:
            start = form.span.start - (len(before) - match.start())
            context.graph.relate(
                own,
                RelationType.PART_OF,
                ids[match.group(1)],
                quote=Span(start, form.span.end),
                method="holding",
                confidence=0.95,
            )


def _stands_alone(form: str, forms: Sequence[str], text: str) -> bool:
    """Whether the text writes the form somewhere else than inside a longer form of the same firm."""
    insides = [(longer, longer.index(form)) for longer in forms if form in longer and longer != form]
    return any(
        not any(text.startswith(longer, match.start() - at) for longer, at in insides if at <= match.start())
        for match in re.finditer(re.escape(form), text)
    )


def _outermost(forms: Iterable[FirmForm]) -> list[FirmForm]:
    """Without forms that are a mere part of a longer form at the same place; groups in front stay."""
    kept: list[FirmForm] = []
    by_start = sorted(dict.fromkeys(forms), key=lambda f: (f.span.start, -f.span.end))
    for form in by_start:
        inside = next(
            (
                k
                for k in reversed(kept[-6:])
                if k.span.start <= form.span.start and form.span.end <= k.span.end and k.span != form.span
            ),
            None,
        )
        if inside is None or form.text.endswith("集团"):
            kept.append(form)
    return kept


def _known_longer(text: str, forms: list[FirmForm], words: FirmWords) -> list[FirmForm]:
    """A bare head is cut back to, or read on to, a stem that other rules or places know."""
    strong = {words.stem(f.text) for f in forms if f.rule not in ("item_head", "project_head", "sector")}
    heads: dict[str, int] = defaultdict(int)
    for form in forms:
        if form.rule == "item_head":
            heads[words.stem(form.text)] += 1
    known = strong | {stem for stem, count in heads.items() if count > 1}
    known = {
        stem.removeprefix(region)
        for stem in known
        for region in ("", *words.regions)
        if len(stem.removeprefix(region)) >= 2
    }
    result = []
    for form in forms:
        if form.rule in ("item_head", "project_head"):
            stem = words.stem(form.text)
            if stem not in known and sum(s.startswith(stem) for s in known) > 1:
                continue  # what several firms begin with is none of them
            longer = [s for s in known if text.startswith(s, form.span.start)]
            best = max(longer, key=len, default=stem)
            if best != stem and (len(best) > len(stem) or stem not in known):
                form = FirmForm(best, Span(form.span.start, form.span.start + len(best)), form.rule)
        result.append(form)
    return result


def _group(forms: list[FirmForm], words: FirmWords) -> list[Firm]:
    """Forms with one stem belong together; a defined short name joins the name it abbreviates."""
    surely = {words.stem(f.text) for f in forms if f.rule not in _WEAK_RULES}
    joined: dict[str, str] = {}
    for form in forms:
        if form.full:
            joined[words.stem(form.text)] = words.stem(form.full)
    firms: dict[str, Firm] = {}
    for form in forms:
        stem = words.stem(form.text)
        if len(stem) < 2 or (form.rule in _WEAK_RULES and stem not in surely):
            continue
        key = joined.get(stem, stem)
        firms.setdefault(key, Firm(key)).forms.append(form)
    return list(firms.values())


def _more_forms(text: str, firms: list[Firm], words: FirmWords) -> list[FirmForm]:
    """Other written forms of known coined stems: stem with sector words or a legal form behind."""
    tail = rf"(?:{alternation((*words.sectors,))})*(?:{alternation((*words.legal, *words.weak))})?"
    found: list[FirmForm] = []
    for firm in firms:
        stems = dict.fromkeys((firm.stem, *(words.stem(form.text) for form in firm.forms)))
        taken = {form.span for form in firm.forms}
        for stem in stems:
            if is_word(stem) or not looks_proper(stem):
                continue
            for match in re.finditer(rf"{re.escape(stem)}{tail}", text):
                span = Span(match.start(), match.end())
                longer = match.group() != stem
                if longer and span not in taken and _ends_there(text, span, stem, words):
                    form = FirmForm(match.group(), span, "known_stem")
                    if not _inside_other(form, firms):
                        firm.forms.append(form)
                        found.append(form)
    return found


def _ends_there(text: str, span: Span, stem: str, words: FirmWords) -> bool:
    """Whether the form is one: no place name runs across its end (`某某科技` in `某某科技园`), and a
    trade word is repeated or followed by a boundary, else it may open the project's description."""
    for place in words.places:
        for first in range(max(span.start + len(stem), span.end - len(place) + 1), span.end + 1):
            if text.startswith(place, first):
                return False
    form = text[span.start : span.end]
    trade = form[len(stem) :]
    if not words.industries.starts_with_word(trade) or form.endswith((*words.legal, *words.weak)):
        return True
    return text.count(form) > 1 or text[span.end : span.end + 1] in "、，；。等）”"


def _inside_other(form: FirmForm, firms: Iterable[Firm]) -> bool:
    return any(
        other.span.start <= form.span.start and form.span.end <= other.span.end
        for firm in firms
        for other in firm.forms
    )


def _split_by_trade(firm: Firm, text: str, words: FirmWords) -> list[Firm]:
    """`华某焦化` and `华某肥业` share a stem but are two firms; the bare stem and the group belong
    to the one whose trade their surroundings speak of."""
    trades: dict[str, Firm] = {}
    bare: list[FirmForm] = []
    for form in firm.forms:
        trade = _trade(form, firm, words)
        if trade is None or form.full or form.rule == "alias":
            bare.append(form)
        else:
            trades.setdefault(trade.name, Firm(firm.stem)).forms.append(form)
    if len(trades) < 2 or not bare:
        return [firm]
    around = " ".join(text[form.span.end : form.span.end + 30] for form in bare)
    names = [hit.entry.name for hit in words.industries.hits(around)]
    main = next((name for name in names if name in trades), next(iter(trades)))
    trades[main].forms[:0] = bare
    return list(trades.values())


def _trade(form: FirmForm, firm: Firm, words: FirmWords) -> IndustryEntry | None:
    """The sub-industry that a form's sector words name, if they are that precise."""
    sector = words.core(form.text).removeprefix(words.stem(form.text))
    hit = words.industries.best(sector) if sector else None
    return hit.entry if hit and hit.entry.parent else None


def _canonical(firm: Firm, words: FirmWords) -> str:
    """The fullest form: a legal name before a group before the rest, then the longest."""
    rules = {form.text: form.rule for form in firm.forms}

    def rank(form: str) -> tuple[int, int, bool]:
        legal = form.endswith(words.legal)
        weak = form.endswith((*words.weak, *words.factory))
        return (2 if legal else 1 if weak else 0, len(form), rules[form] not in _WEAK_RULES)

    return max(firm.texts(), key=rank)


def _stem_alias(firm: Firm, firms: Sequence[Firm], text: str, words: FirmWords, name: str) -> list[str]:
    """The short stem, where the text writes it alone, it is coined or long, and it names no place."""
    stem = words.stem(name)
    short = len(stem) < 4 and (is_word(stem) or not looks_proper(stem))
    if stem in firm.texts() or len(stem) < 2 or short or not name.endswith((*words.legal, *words.weak)):
        return []
    if any(other.stem != stem and other.stem.startswith(stem) for other in firms):
        return []
    spans = [form.span for other in firms for form in other.forms]
    written = False
    for match in re.finditer(re.escape(stem), text):
        if any(span.start <= match.start() < span.end for span in spans):
            continue
        if text.startswith(words.places, match.end()):
            return []
        following = dictionary_words(text[match.start() : match.end() + 3])
        crosses = not any("".join(following[:i]) == stem for i in range(1, len(following) + 1))
        written = written or not crosses
    return [stem] if written else []
