"""Questions about the plan itself: how many chapters, boxes, projects it has, and which they are."""

from __future__ import annotations

import re

from kg.schema import Label
from qa.answerers.base import Inquiry
from qa.compose import Draft
from qa.knowledge import Node
from qa.question import Question

#: what is counted, by the word for it; `of` names the whole that a chapter's number may narrow
_COUNTED: tuple[tuple[re.Pattern[str], Label, str], ...] = (
    (re.compile(r"专栏(?!里|中|内|的?项目)"), Label.BOX, "个专栏"),
    (re.compile(r"(?<![一二三四五六七八九十\d])章"), Label.CHAPTER, "章"),
    (re.compile(r"(?<![一二三四五六七八九十\d])节(?![能约水假日庆目])"), Label.SECTION, "节"),
    (re.compile(r"篇"), Label.PART, "篇"),
    (re.compile(r"项目"), Label.PROJECT, "个专栏项目"),
)
_WHOLE = re.compile(r"几|多少|总数|数量")
_CHAPTER = re.compile(r"第[一二三四五六七八九十]+章")
#: words that may stand in such a question without making it one about something else
_NEUTRAL = frozenset(
    "章 节 篇 专栏 项目 工程 总数 数量 文件 全文 文本 结构 目录 列 列入 收录 设 设置 分 分为 安排 "
    "整个 整本 整份 全部 所有 全 本 份 部 个".split()
)
_MAX_LISTED = 40


class StructureAnswerer:
    """Counts the plan's own parts, of the whole or of one chapter, with the list behind the count."""

    kind = "structure"

    def answer(self, inquiry: Inquiry) -> Draft | None:
        """The count with its list, or None when the question is about something else."""
        question = inquiry.question
        if question.box_numbers or not _WHOLE.search(question.folded) or not self._about_structure(question):
            return None
        for pattern, label, unit in _COUNTED:
            if pattern.search(_CHAPTER.sub("", question.folded)):
                nodes = self._within(inquiry, label)
                return self._draft(inquiry, nodes, label, unit) if nodes else None
        return None

    def _about_structure(self, question: Question) -> bool:
        rest = {term.text for term in question.terms} - _NEUTRAL
        return not {word for word in rest if not _CHAPTER.fullmatch(word)}

    def _within(self, inquiry: Inquiry, label: Label) -> list[Node]:
        """The nodes of a label, those of one chapter if the question names it."""
        nodes = list(inquiry.knowledge.of(label))
        chapter = _CHAPTER.search(inquiry.question.folded)
        if chapter is None:
            return nodes
        if label in (Label.BOX, Label.PROJECT):
            return [n for n in nodes if chapter.group() in n.text("locator").split(" ")]
        homes = [n.id for n in inquiry.knowledge.of(Label.CHAPTER) if n.text("ordinal") == chapter.group()]
        return [n for n in nodes if any(n.id.startswith(f"{home}/") for home in homes)]

    def _draft(self, inquiry: Inquiry, nodes: list[Node], label: Label, unit: str) -> Draft:
        draft = inquiry.draft(self.kind)
        count = draft.compute(str(len(nodes)))
        chapter = _CHAPTER.search(inquiry.question.folded)
        whole = chapter.group() if chapter else "规划"
        if label is Label.PROJECT:
            inside = {node.id.rpartition("/")[0] for node in nodes}
            boxes = [box for box in inquiry.knowledge.of(Label.BOX) if box.id in inside]
            draft.say(f"{whole}共列出{count}{unit}，分布在{draft.compute(str(len(boxes)))}个专栏：")
            nodes = boxes
        else:
            draft.say(f"{whole}共有{count}{unit}：")
        draft.mention(nodes)
        for i, node in enumerate(nodes[:_MAX_LISTED], 1):
            size = node.integer("size")
            items = f"（{draft.compute(str(size))}项）" if size else ""
            ordinal = f"{node.text('ordinal')} " if node.text("ordinal") else ""
            draft.say(f"{i}. {ordinal}{node.name}{items}{draft.cite_node(node, '标题')}")
        if len(nodes) > _MAX_LISTED:
            draft.say(f"其余{draft.compute(str(len(nodes) - _MAX_LISTED))}个从略。")
        return draft
