"""Score sentences against a question: how much of it they cover, and whether they can answer it."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from kg.model import BlockKind, Scored
from kg.tokens import bigrams
from qa import patterns
from qa.knowledge import Knowledge, Sentence
from qa.lexicon import QuestionLexicon
from qa.question import AnswerType, Aspect, Question, Term, WeightFunction

_NUMBER = r"(?<![a-z0-9])\d+(?:\.\d+)?"
#: a number with what it counts; not one that names something (`5G`, `PM2.5`) or numbers an item (`3.`)
_AMOUNT = re.compile(
    rf"{_NUMBER}\s*(?:余|多|至|到|[-—~～:：]\s*\d[\d.]*)?\s*(?:[%％‰×x+㎡]|[kmg]w(?!h)|w(?![a-z])|kv|mva|n?m3|k?m[³23]?(?![a-z])|t(?![a-z])|nm|"
    rf"(?![年月日、.．章节])[\u4e00-\u9fff])|\d[\d.]*[:：]\d|[亿万]\s*(?:元|吨|人|亩)|{_NUMBER}[亿万]|"
    r"[一二两三四五六七八九十百]+(?:余|多)?(?:次|所|家|座|倍|成|名|条|届|处|期|万|亿)"
)
_YEAR = re.compile(
    r"(?:19|20)\d\d\s*年|[“\"]?十[三四五六]五[”\"]?(?:末|时期|期间)|规划期末|二[〇○零]\S{2}年|"
    rf"(?:{'|'.join(patterns.REIGNS)})(?:元|[一二三四五六七八九十]+)年"
)
_ORDINAL = re.compile(r"(?:第|前)[一二三四五六七八九十百\d]+(?!个?五年|[章节条])|首[位批次]|榜首|前列")
_BARE_YEAR = re.compile(r"(?:19|20)\d\d\s*年?")
_PLACE = re.compile(r"[镇乡村县市区路街河山园寺库]")
_PERSON = re.compile(r"(?:书记|县长|主任|同志|院士|教授|先生|总书记|总理)")
#: how much each counts in a sentence's score; chosen on tests/eval/retrieval.jsonl (docs/retrieval.md)
_COVERAGE, _LIKENESS, _RANK = 0.8, 1.0, 0.3
#: weight of a term found only around the sentence, not in it
_IN_CONTEXT = 0.75
_IN_BEFORE = 0.45


@dataclass(frozen=True, slots=True)
class Match:
    """A sentence with its score. ``coverage`` is the share of the question's weight found, 0..1.

    ``likeness`` is its vector's nearness to the question's, 0..1. ``missing`` are the specific terms
    found nowhere near it; ``typed``: it has what is asked for.
    """

    sentence: Sentence
    score: float
    coverage: float
    likeness: float
    missing: tuple[Term, ...]
    typed: bool

    @property
    def lost(self) -> float:
        """Weight of the missing terms."""
        return sum(term.weight for term in self.missing)


@lru_cache(maxsize=100_000)  # the sentences of a section have its headings in common
def term_credit(term: str, text: str, lexicon: QuestionLexicon) -> float:
    """How far a word stands in a text: 1 as it is, 0.9 as a synonym, less by shared bigrams."""
    if term in text:
        return 1.0
    if any(synonym in text for synonym in lexicon.synonyms(term)):
        return 0.9
    if len(term) >= 3:
        pairs = {term[i : i + 2] for i in range(len(term) - 1)}
        share = sum(pair in text for pair in pairs) / len(pairs)
        return 0.8 * share if share >= 0.5 else 0.0
    return 0.0


def asked_pairs(question: Question, lexicon: QuestionLexicon) -> set[str]:
    """The bigrams of a question, and of the synonyms of its words."""
    words = (other for term in question.terms for other in lexicon.synonyms(term.text))
    return set(bigrams(question.folded)).union(*map(bigrams, words))


def share_asked(name: str, pairs: set[str], weight: WeightFunction) -> float:
    """Share of a folded name's weight that stands among these bigrams, 0..1."""
    own = set(bigrams(name))
    # fsum, since sets have no order: ties must not hang on it
    total = math.fsum(weight(pair) for pair in own)
    return math.fsum(weight(pair) for pair in own & pairs) / total if total else 0.0


def match(
    sentence: Sentence,
    question: Question,
    lexicon: QuestionLexicon,
    rank_score: float = 0.0,
    likeness: float = 0.0,
) -> Match:
    """Score one sentence. ``rank_score`` (0..1) is its passage's place in the retrieval."""
    total = got = 0.0
    missing: list[Term] = []
    for term in question.terms:
        credit = term_credit(term.text, sentence.folded, lexicon)
        if credit < 1:
            credit = max(credit, _IN_CONTEXT * term_credit(term.text, sentence.context, lexicon))
            credit = max(credit, _IN_BEFORE * term_credit(term.text, sentence.before, lexicon))
        total += term.weight
        got += term.weight * credit
        if credit < 0.4 and not term.generic:
            missing.append(term)
    coverage = got / total if total else 0.0
    typed = has_type(sentence.folded, question) or _is_row(sentence, question)
    score = _COVERAGE * coverage + _LIKENESS * likeness + _RANK * rank_score
    if question.answer_type is not AnswerType.ANY:
        score += 0.2 if typed else -0.25
    if question.years:
        score += 0.1 if has_years(sentence, question) else -0.1
    score += _told_here(sentence, question.aspect)
    if sentence.passage.kind is BlockKind.TABLE_GROUP or len(sentence.text) < 6:
        score -= 0.3
    return Match(sentence, score, coverage, likeness, tuple(missing), typed)


_TOLD_HERE, _TOLD_ELSEWHERE = 0.15, -0.1


def _told_here(sentence: Sentence, aspect: Aspect) -> float:
    """What it counts that the sentence stands under a heading of the kind where plans tell such things."""
    if aspect is Aspect.PROBLEM:
        return _TOLD_HERE if patterns.PROBLEM_HEADING.search(sentence.context) else 0.0
    if aspect is Aspect.ANY or not patterns.ACHIEVED_HEADING.search(sentence.context):
        return 0.0
    return _TOLD_HERE if aspect is Aspect.PAST else _TOLD_ELSEWHERE


_PER = re.compile(r"[人户亩地]均|每(?!年|个?月|天|日)")


def _is_row(sentence: Sentence, question: Question) -> bool:
    """Whether this is a row of a table with figures: their units stand in the row's name or the header.

    An amount per something is not the amount.
    """
    if sentence.passage.kind is not BlockKind.TABLE_CELL or not re.search(r"\d", sentence.folded[2:]):
        return False
    return not _PER.search(sentence.folded) or bool(re.search(r"均|每|千|万", question.folded))


#: cosines of unrelated and of the most telling sentences, as the default model gives them
_UNLIKE, _ALIKE = 0.82, 0.94


def likeness_of(cosine: float) -> float:
    """A cosine on a scale of 0 (unrelated) to 1 (says the same)."""
    return min(max((cosine - _UNLIKE) / (_ALIKE - _UNLIKE), 0.0), 1.0)


def has_type(folded: str, question: Question) -> bool:
    """Whether a sentence holds what the question asks for: an amount (in its unit), a year, a place."""
    kind = question.answer_type
    if kind in (AnswerType.AMOUNT, AnswerType.YEAR):
        return bool(values(folded, question))
    if kind is AnswerType.PERSON:
        return bool(_PERSON.search(folded))
    if kind is AnswerType.PLACE:
        return bool(_PLACE.search(folded))
    return True


def values(folded: str, question: Question) -> list[tuple[int, int]]:
    """Where the amounts (in the unit asked for, if any) or the years stand that may be the answer."""
    if question.answer_type is AnswerType.YEAR:
        found = [match.span() for match in _YEAR.finditer(folded)]
    elif patterns.ORDINAL.search(question.folded):
        found = [match.span() for match in _ORDINAL.finditer(folded)]
    elif question.units:
        found = [span for unit in question.units for span in _of_unit(folded, unit)]
    else:
        bare = _BARE_YEAR.sub(lambda year: " " * len(year[0]), folded)
        found = [match.span() for match in _AMOUNT.finditer(bare)]
    return sorted(set(found))


#: other words for a plan's years; any other year must stand there as it is
_YEAR_WORDS = {
    2020: ("十三五", "目前", "截止"),
    2025: ("十四五", "规划期", "期末", "今后五年", "未来五年", "五年"),
    2035: ("二〇三五", "二○三五", "远景"),
}


def has_years(sentence: Sentence, question: Question) -> bool:
    """Whether a sentence (or what stands right around it) speaks of a year that is asked for."""
    around = f"{sentence.before} {sentence.folded} {sentence.context}"
    for year in question.years:
        if str(year) in around or any(word in around for word in _YEAR_WORDS.get(year, ())):
            return True
    return not question.years


#: units that stand for each other when people ask
_UNIT_GROUPS = (
    ("个", "家", "户", "项", "座", "所", "处"), ("人", "名", "位", "人次"), ("米", "公里", "千米", "km"),
    ("亩", "公顷"), ("%", "百分点", "个百分点"), ("兆瓦", "千瓦", "kw", "mw", "gw"),
    ("平方米", "平米", "㎡", "m2"), ("立方米", "立方", "m3", "nm3"), ("千伏", "kv"),
)


#: `多少个` may be asked of whatever is counted
_ANY_COUNT = tuple("个家户项座所处人名位台套条件辆场次种类块片株头只口眼栋间批支")
#: what may stand between a number and the noun that is asked for: `2.8万贫困人口`, `67个贫困村`
_MODIFIED = r"[个名位户]?(?![年月日])[\u4e00-\u9fff]{0,4}?"
_NOUNS = {"人": "人(?!均|才|民|事|力)", "户": "户(?!区|籍|外|型|均)", "村": "村(?!庄|级|民|委)"}


def same_unit(a: str, b: str) -> bool:
    """Whether two units may stand for each other when people ask: `家` and `户`."""
    a, b = a.lstrip("万亿") or a, b.lstrip("万亿") or b
    return a == b or any(a in group and b in group for group in _UNIT_GROUPS)


def _of_unit(folded: str, unit: str) -> list[tuple[int, int]]:
    """Where amounts in this unit, or one that may stand for it, are in a sentence."""
    core = unit.lstrip("万亿") or unit
    group = next((group for group in _UNIT_GROUPS if core in group), (core,))
    alternatives = "|".join(re.escape(u) for u in (_ANY_COUNT if core == "个" else group))
    number = r"(?:\d[\d.]*|[一二两三四五六七八九十百]+)"
    pattern = rf"{number}\s*(?:余|多)?\s*[亿万千百]*\s*(?:{alternatives})"
    if core in _NOUNS:
        pattern += rf"|\d+(?:\.\d+)?(?![\d.])[余多]?[亿万]?{_MODIFIED}{_NOUNS[core]}"
    if core in ("%", "分之"):
        pattern += r"|分之|\d[\d.]*[:：]\d"
    return [match.span() for match in re.finditer(pattern, folded)]


def find(
    question: Question, knowledge: Knowledge, *, extra_passages: Iterable[str] = (), depth: int = 30
) -> list[Match]:
    """The sentences of the best passages, best first."""
    hits = knowledge.retriever.search(question.text, depth)
    scores = {scored.passage_id: scored.score for scored in hits.passages}
    for passage_id in extra_passages:
        scores.setdefault(passage_id, 0.0)
    matches = [
        match(sentence, question, knowledge.lexicon, score, likeness_of(hits.cosine(passage_id, index)))
        for passage_id, score in scores.items()
        for index, sentence in enumerate(knowledge.sentences_of(passage_id))
    ]
    return sorted(matches, key=lambda m: (-m.score, m.sentence.plan_id, m.sentence.start))


def best_passages(question: Question, knowledge: Knowledge, k: int) -> list[Scored]:
    """The k passages whose best sentences fit the question most, best first."""
    best: dict[str, float] = {}
    for found in find(question, knowledge):
        best.setdefault(found.sentence.passage.id, found.score)
    return [Scored(id, score) for id, score in list(best.items())[:k]]
