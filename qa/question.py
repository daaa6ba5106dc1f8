"""Understand a question: its words, what kind of answer it wants, and what it speaks of."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from kg.tokens import fold
from qa.lexicon import QuestionLexicon


class AnswerType(StrEnum):
    """What must stand in a sentence for it to be an answer."""

    ANY = "any"
    AMOUNT = "amount"  # a number, with one of the units asked for if any
    YEAR = "year"
    PERSON = "person"
    PLACE = "place"


@dataclass(frozen=True, slots=True)
class Term:
    """A content word of the question. ``weight`` is its rarity.

    ``generic``: too general to identify a thing; ``place``: a place name, which has no other words.
    """

    text: str
    weight: float
    generic: bool = False
    place: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """A question, understood as far as its own words go."""

    text: str
    folded: str
    terms: tuple[Term, ...]
    quoted: tuple[str, ...]
    years: tuple[int, ...]
    units: tuple[str, ...]
    answer_type: AnswerType
    wants_list: bool
    wants_count: bool
    wants_definition: bool
    wants_difference: bool
    wants_summary: bool
    box_numbers: tuple[str, ...]

    @property
    def specific(self) -> tuple[Term, ...]:
        """The terms that identify something."""
        return tuple(term for term in self.terms if not term.generic)


_QUOTED = re.compile(r"[“\"「『《‘']([^”\"」』》’']{1,30})[”\"」』》’']")
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)\s*年?")
_BOX = re.compile(r"专栏\s*(\d+(?:\s*[-—–－]\s*\d+)?)")
_LIST = re.compile(r"哪些|哪几|有什么|有啥|清单|列出|列举|名单|都有|分别是|列了|包括什么|包含什么|哪[一二三四五六七八九十两]")
_COUNT = re.compile(r"(?:几|多少)\s*(?:个|项|家|条|类|大类?|座|处|所|户|张|种|件|名|位)|数量|总数")
_DEFINITION = re.compile(
    r"什么是|是什么(?!时候|地方|产品|企业|项目|公司)|指什么|指的是|指哪|是指|含义|什么意思|定义|怎么理解|如何理解|是哪[几一二三四五六七八九十]|具体指|指的?啥"
)
_DIFFERENCE = re.compile(
    r"(?:提高|增加|提升|增长|上升|下降|降低|减少|多|少|变化|差|相差|高|低|涨|扩大)(?:了|出|到)?(?:多少|几)|"
    r"(?:多少|几)个?百分点|差(?:多少|值|距)|增量|增幅|翻(?:几|多少)|倍|复合|年均(?:需|要|应)|净增多少"
)
_SUMMARY = re.compile(
    r"如何|怎么(?!说|写|称|样的)|怎样|哪些(?:内容|措施|举措|方面|任务|要求|做法|工作|部署|安排|挑战|机遇|问题|成就|成绩|原则|不足|变化|要点|思路|保障)|"
    r"(?:内容|措施|举措|任务|要求|安排|挑战|机遇|问题|成就|成绩|原则|不足|思路|要点|经验)(?:都|主要|具体|分别)?(?:有|是|包括|包含)?(?:哪些|什么|哪几)|"
    r"概括|总结|概述|简述|介绍|总体(?:思路|要求|目标)|主要(?:内容|任务|目标|措施)|有何|有什么(?:要求|安排|举措|措施|打算)"
)
_AMOUNT = re.compile(r"多少|几(?!乎|何)|多大|多高|多长|多宽|多快|比例|占比|数量|规模|产值|金额|总投资|增速|目标值|年产|产能|投资额|面积|人数|户数")
_WHEN = re.compile(r"哪一?年|何时|什么时候|几年(?:实现|完成|建成)|什么时间|多久|哪年|年份|几月")
_WHO = re.compile(r"是谁|谁是|谁(?:担任|当|任|主持)|哪位|何人|姓名|姓什么|叫什么")
#: in a plan, who does a thing is a firm or an office, unless a person's role is named
_ROLE = re.compile(r"书记|[县市镇乡区局处科院校董事会主]长|主任|领导|负责人|代表|总理|主席|院士|同志|教授")
#: administrative places by their ending; common words that end alike are left out
_ADMINISTRATIVE = re.compile(r"(?<![\u4e00-\u9fff])[\u4e00-\u9fff]{2,3}?[市县省州旗](?![场政民委级直内域里城长])")
_NOT_A_PLACE = re.compile(r"^(?:全|我|本|各|该|外|跨|省|地|中小|大|强)|(?:城|都|超|股|门|上|夜|集|县|园林|示范|先进|文明|强|后|省|两|设|副|小)[市县省州旗]$")
_WHERE = re.compile(r"哪里|哪儿|何处|什么地方|在哪(?!些|个专栏|一?章|个章|几|一?节)|位于|哪个(?:镇|乡|村|县|地方|区)|地点|选址")
_UNIT = re.compile(
    r"(?:多少|几)\s*(亿元|万元|元|万吨|吨|公里|千米|米|平方公里|平方米|平米|万亩|亩|公顷|万人次|人次|万人|人|个百分点|百分点|"
    r"岁|年|天|个|家|户|项|座|所|条|件|张|辆|台|头|处|村|倍|兆瓦|千瓦|万千瓦|套|名|场|种|类|次|块|级)"
)


def understand(text: str, lexicon: QuestionLexicon, weight: WeightFunction, drop: tuple[str, ...] = ()) -> Question:
    """Understand a question. ``weight`` gives a word's rarity; words in ``drop`` identify nothing."""
    folded = fold(text)
    return Question(
        text=text,
        folded=folded,
        terms=_terms(folded, lexicon, weight, drop),
        quoted=tuple(dict.fromkeys(fold(q) for q in _QUOTED.findall(text) if not _DATE.fullmatch(fold(q)))),
        years=tuple(dict.fromkeys(int(y) for y in _YEAR.findall(folded))),
        units=tuple(_UNIT.findall(folded)),
        answer_type=_answer_type(folded),
        wants_list=bool(_LIST.search(folded)),
        wants_count=bool(_COUNT.search(folded)),
        wants_definition=bool(_DEFINITION.search(folded)),
        wants_difference=bool(_DIFFERENCE.search(folded)),
        wants_summary=bool(_SUMMARY.search(folded)),
        box_numbers=tuple(re.sub(r"\s*[-—–－]\s*", "-", n) for n in _BOX.findall(folded)),
    )


def _answer_type(folded: str) -> AnswerType:
    if _WHO.search(folded):
        return AnswerType.PERSON if _ROLE.search(folded) else AnswerType.ANY
    if _WHEN.search(folded) and not _UNIT.search(folded):
        return AnswerType.YEAR
    if _AMOUNT.search(folded):
        return AnswerType.AMOUNT
    if _WHERE.search(folded):
        return AnswerType.PLACE
    return AnswerType.ANY


class WeightFunction:
    """Rarity of a word: ln(passages / passages with it), from the index's frequencies."""

    def __init__(self, frequencies: dict[str, int], passages: int) -> None:
        """``frequencies``: in how many passages a word or bigram occurs."""
        self._frequencies = frequencies
        self._passages = max(passages, 1)

    def known(self, word: str) -> bool:
        """Whether the plans have this word (or, for longer ones, all its pairs)."""
        if word in self._frequencies:
            return True
        return len(word) > 2 and all(word[i : i + 2] in self._frequencies for i in range(len(word) - 1))

    def __call__(self, word: str) -> float:
        """Weight of a word, at least 0.1; a word that never occurs weighs most."""
        import math

        count = self._frequencies.get(word)
        if count is None and len(word) > 2:  # not a word of the index: as rare as its rarest pair
            count = min(self._frequencies.get(word[i : i + 2], 0) for i in range(len(word) - 1))
        return max(math.log((self._passages + 1) / ((count or 0) + 0.5)), 0.1)


#: how is asked, not what about; taken out before the rest is cut into words
_ASKING = re.compile(
    r"百分之(?:多少|几)|(?:占|有|是|达|到|要|约|为)*(?:多少|多大|多高|多长|几)(?:个|项|家|座|处|户|名|位|岁|年|天|条|所|类|种|亩|吨|元|人|次|件|张|倍|米|公里|块|比例|面积|规模)*|"
    r"(?:在|是|于)?(?:什么时候|什么时间|哪一?年|何时)|什么(?:样的?)?|哪(?:一?[些个家项位类种座里儿]|几[个家项类种]?|[两三四五六七八九十][个家项类种]?)|是不是|有没有|是否|能否|"
    r"怎么[说写样]?|如何|怎样|为什么|分别|到底|究竟|一共|总共|总计|合计|请问|告诉我|我想知道|想了解|帮我|一下|规划(?:里|中|期内|提出|要求|打算)?"
)
#: weight of a word that is too general, or no noun, against that of one that names something
_GENERIC = 0.25
_WORD = re.compile(r"[\u4e00-\u9fff]+|[a-z0-9][a-z0-9.+×%-]*")
_DATE = re.compile(r"(?:19|20)\d\d\s*年?(?:底|末|初)?|[“\"]?十[三四五六]五[”\"]?(?:时期|期间|末|规划)?|第?十[三四五]个?五年")


def _terms(
    folded: str, lexicon: QuestionLexicon, weight: WeightFunction, drop: tuple[str, ...]
) -> tuple[Term, ...]:
    import rjieba

    body = _DATE.sub(" ", _BOX.sub(" ", folded))
    for word in sorted(drop, key=len, reverse=True):
        body = body.replace(word, " ")
    terms: dict[str, Term] = {}
    for place in _ADMINISTRATIVE.findall(body):
        if not _NOT_A_PLACE.search(place):
            terms[place] = Term(place, weight(place), place=True)
            body = body.replace(place, " ")
    body = _ASKING.sub(" ", body)
    whole, body = _lexicon_words(body, lexicon)
    for word, tag in (*whole, *_keep_whole(rjieba.tag(body), lexicon, weight)):
        word = _without_frame(word, lexicon, weight)
        if not _WORD.fullmatch(word) or word in lexicon.words.frame or word in terms:
            continue
        single = len(word) == 1 and "\u4e00" <= word <= "\u9fff"
        generic = word in lexicon.words.generic or single or not _names_something(word, tag, lexicon)
        place = tag == "ns" and len(word) > 1 and not lexicon.synonyms(word)
        terms[word] = Term(word, weight(word) * (_GENERIC if generic else 1.0), generic, place)
    if all(term.generic for term in terms.values()):
        _promote(terms, lexicon, weight)
    return tuple(terms.values())


def _promote(terms: dict[str, Term], lexicon: QuestionLexicon, weight: WeightFunction) -> None:
    """A question with nothing but verbs is about them."""
    for word in terms:
        if len(word) > 1 and word not in lexicon.words.generic:
            terms[word] = Term(word, weight(word))


def _lexicon_words(body: str, lexicon: QuestionLexicon) -> tuple[list[tuple[str, str]], str]:
    """Words with synonyms that the segmenter would cut apart, and the text without them."""
    found: list[tuple[str, str]] = []
    position = 0
    rest: list[str] = []
    while position < len(body):
        size = lexicon.longest_at(body, position)
        if size:
            found.append((body[position : position + size], "n"))
            rest.append(" ")
        else:
            rest.append(body[position])
        position += size or 1
    return found, "".join(rest)


def _names_something(word: str, tag: str, lexicon: QuestionLexicon) -> bool:
    """Nouns and names identify; verbs, adverbs and the like may be said in other words."""
    return tag[:1] in "nxijlg" or tag in ("vn", "an", "eng", "b") or bool(lexicon.synonyms(word))


def _without_frame(word: str, lexicon: QuestionLexicon, weight: WeightFunction) -> str:
    """A word that no plan has may be a real word with question words stuck to it: `率要` → `率`."""
    while len(word) > 1 and not weight.known(word) and not lexicon.synonyms(word):
        if word[-1] in lexicon.words.frame:
            word = word[:-1]
        elif word[0] in lexicon.words.frame:
            word = word[1:]
        else:
            break
    return word


def _keep_whole(
    tagged: list[tuple[str, str]], lexicon: QuestionLexicon, weight: WeightFunction
) -> list[tuple[str, str]]:
    """Join neighbours that together are a word with synonyms, or single characters that a plan joins."""
    joined: list[tuple[str, str]] = []
    for word, tag in tagged:
        if joined:
            before = joined[-1][0]
            both = before + word
            singles = len(word) == 1 == len(before) and _WORD.fullmatch(both) and weight.known(both)
            if both in lexicon.known or (singles and not lexicon.words.frame & {word, before}):
                joined[-1] = (both, "n")
                continue
        joined.append((word, tag))
    return joined
