"""Enterprises: one node per firm, all its written forms as aliases, subsidiaries apart."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ingest.document import Span
from ingest.extract.base import ExtractionContext
from ingest.extract.firm_forms import FirmForm, find_forms
from ingest.extract.firm_words import FirmWords, alternation
from ingest.extract.names import WordSet, dictionary_words, is_word, looks_proper, occurrences
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
        _more_forms(text, firms, words)
        firms = [part for firm in firms for part in _split_by_trade(firm, text, words)]
        ids: dict[str, str] = {}
        stems = _StemAliases(firms, text, words)
        for firm in sorted(firms, key=lambda f: min(form.span.start for form in f.forms)):
            name = _canonical(firm, words)
            first = next(form for form in firm.forms if form.text == name)
            aliases = [f for f in firm.texts() if f != name and _stands_alone(f, firm.texts(), text)]
            id = context.graph.add(
                Label.ENTERPRISE,
                name,
                aliases=(*aliases, *stems.of(firm, name)),
                properties={"start": first.span.start, "stop": first.span.end, "rule": first.rule},
            )
            for form in firm.texts():
                ids[form] = id
        self._parents(context, firms, ids, words)

    def _parents(
        self, context: ExtractionContext, firms: Sequence[Firm], ids: dict[str, str], words: FirmWords
    ) -> None:
        groups = {form.text: form for firm in firms for form in firm.forms if form.text.endswith("集团")}
        stems: dict[str, list[str]] = defaultdict(list)
        for name in groups:
            stems[words.stem(name)].append(name)
        openings = WordSet(groups)
        for firm in firms:
            own = ids[firm.forms[0].text]
            for form in firm.forms:
                parent = openings.at(form.text[:-1])
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
            group = next((g for g in stems[firm.stem] if ids[g] != own), None)
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
        if not _CONTROL.search(before):
            return
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
        not any(text.startswith(longer, start - at) for longer, at in insides if at <= start)
        for start in occurrences(text, form)
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
    opened = Counter(stem[:length] for stem in known for length in range(2, len(stem) + 1))
    stems = WordSet(known)
    result = []
    for form in forms:
        if form.rule in ("item_head", "project_head"):
            stem = words.stem(form.text)
            if stem not in known and opened[stem] > 1:
                continue  # what several firms begin with is none of them
            best = stems.at(text, form.span.start) or stem
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


def _more_forms(text: str, firms: list[Firm], words: FirmWords) -> None:
    """Add other written forms of known coined stems: stem with sector words or a legal form behind."""
    tail = re.compile(rf"(?:{alternation(words.sectors)})*(?:{alternation((*words.legal, *words.weak))})?")
    reach = _Covered(firms)
    for firm in firms:
        stems = dict.fromkeys((firm.stem, *(words.stem(form.text) for form in firm.forms)))
        taken = {form.span for form in firm.forms}
        for stem in stems:
            if is_word(stem) or not looks_proper(stem):
                continue
            for start in occurrences(text, stem):
                after = tail.match(text, start + len(stem))
                span = Span(start, after.end() if after else start + len(stem))
                longer = span.end - span.start > len(stem)
                if longer and span not in taken and _ends_there(text, span, stem, words):
                    form = FirmForm(text[span.start : span.end], span, "known_stem")
                    if not reach.holds(span):
                        firm.forms.append(form)
                        reach.add(span)


class _Covered:
    """Where forms of firms stand: how far the longest reaches that covers a character."""

    def __init__(self, firms: Iterable[Firm]) -> None:
        self._ends: dict[int, int] = {}
        for firm in firms:
            for form in firm.forms:
                self.add(form.span)

    def add(self, span: Span) -> None:
        """Take another form in."""
        for position in range(span.start, span.end):
            self._ends[position] = max(self._ends.get(position, 0), span.end)

    def holds(self, span: Span) -> bool:
        """Whether a form holds all of the span."""
        return self._ends.get(span.start, 0) >= span.end

    def __contains__(self, position: int) -> bool:
        return position in self._ends


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


def _split_by_trade(firm: Firm, text: str, words: FirmWords) -> list[Firm]:
    """`华某焦化` and `华某肥业` share a stem but are two firms; short names join the name that they
    abbreviate, the bare stem and the group the one whose trade their surroundings speak of."""
    trades: dict[str, Firm] = {}
    bare: list[FirmForm] = []
    for form in firm.forms:
        trade = "" if form.full or form.rule == "alias" else _trade(form, words)
        if not trade:
            bare.append(form)
            continue
        full = form.text.endswith(words.legal)
        same = next((name for name in trades if _same_trade(name, trade, full, trades[name], words)), trade)
        trades.setdefault(same, Firm(firm.stem)).forms.append(form)
    sure = {t: part for t, part in trades.items() if any(f.rule not in _WEAK_RULES for f in part.forms)}
    if is_word(firm.stem) and sure:  # `滨海燃气公司` does not make a firm of `滨海旅游`
        trades = sure
        firm = Firm(firm.stem, [*bare, *(form for part in trades.values() for form in part.forms)])
    if len(trades) < 2:
        return [firm]
    abbreviated = {form.text: form.full for form in bare if form.full}
    for part in trades.values():
        known = {form.text for form in part.forms}
        part.forms += [form for form in bare if abbreviated.get(form.text) in known]
        bare = [form for form in bare if abbreviated.get(form.text) not in known]
    if bare:
        around = " ".join(text[form.span.end : form.span.end + 30] for form in bare)
        spoken = [hit.entry for hit in words.industries.hits(around)]
        names = {_sub_industry(trade, words): trade for trade in reversed(trades)}
        main = next((names[entry] for entry in spoken if entry in names), next(iter(trades)))
        trades[main].forms[:0] = bare
    return list(trades.values())


def _trade(form: FirmForm, words: FirmWords) -> str:
    """A form's sector words, if they name a sub-industry or the form is a full name; else nothing."""
    sector = words.core(form.text).removeprefix(words.stem(form.text))
    return sector if form.text.endswith(words.legal) or _sub_industry(sector, words) else ""


def _same_trade(known: str, trade: str, full: bool, firm: Firm, words: FirmWords) -> bool:
    """Whether sector words may be those of one firm; two full names are of two if they differ in them."""
    if known in trade or trade in known:
        return True
    if full and any(form.text.endswith(words.legal) for form in firm.forms):
        return False
    entry = _sub_industry(known, words)
    return entry is not None and entry == _sub_industry(trade, words)


def _sub_industry(sector: str, words: FirmWords) -> IndustryEntry | None:
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


class _StemAliases:
    """The short stem of a firm's name as its alias, where the text writes it alone."""

    def __init__(self, firms: Sequence[Firm], text: str, words: FirmWords) -> None:
        self._text, self._words = text, words
        self._covered = _Covered(firms)
        self._places = WordSet(words.places)
        stems = {firm.stem for firm in firms}
        self._openings = {stem[:length] for stem in stems for length in range(1, len(stem))}

    def of(self, firm: Firm, name: str) -> list[str]:
        """The stem if it is coined or long, no other firm's beginning, and names no place; else nothing."""
        words, text = self._words, self._text
        stem = words.stem(name)
        short = len(stem) < 4 and (is_word(stem) or not looks_proper(stem))
        if stem in firm.texts() or len(stem) < 2 or short or not name.endswith((*words.legal, *words.weak)):
            return []
        if stem in self._openings:
            return []
        written = False
        for at in occurrences(text, stem):
            if at in self._covered:
                continue
            if self._places.at(text, at + len(stem)):
                return []
            following = dictionary_words(text[at : at + len(stem) + 3])
            crosses = not any("".join(following[:i]) == stem for i in range(1, len(following) + 1))
            written = written or not crosses
        return [stem] if written else []
