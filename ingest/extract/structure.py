"""The document's own structure as a graph: plan, divisions, passages, boxes and their projects."""

from __future__ import annotations

import re

from ingest.document import Box, BoxItem, Span
from ingest.extract.base import ExtractionContext
from kg.quantities import UNIT
from kg.schema import Label, RelationType

_STATUS = re.compile(r"[（(]\s*(谋划|在建|续建|新建|前期|储备|拟建|已建成?|规划)[^）)]*[）)]\s*$")
#: a clause behind a project's name that tells a detail of it: who, where, how much; such words do not open
#: a further item of a list of products (`甲玻璃，乙玻璃生产线项目`)
_DETAIL = re.compile(
    r"[，,；;]\s*(?:由[^，,；;]{2,40}?(?:建|运营|实施|牵头|负责|承担)|(?:位于|坐落|地处|选址|落户|落地|落址|设在|建在|拟建)"
    r"|(?:总|计划|概算|预计|估算|拟)?投资(?:额)?(?:约|为|达)?[0-9０-９]|占地|建设(?:期|年限|周期|地点|内容|规模)|工期"
    r"|[\u4e00-\u9fff]{0,8}?(?:约|达|为|达到|不少于)?[0-9０-９]+(?:[.．][0-9０-９]+)?"
    rf"(?:万|亿|千|百)?(?:{UNIT})(?:以上|左右)?(?:$|[，,；;]))"
)
_GENERIC_TITLE = re.compile(r"[“\"]?十[三四五六]五[”\"]?(?:时期|期间)?|[（(]部分[)）]|重点?重大(?=项目)")


def box_topic(title: str, jurisdiction: str) -> str:
    """What a box is about: its title without plan period, place name and `（部分）`."""
    topic = _GENERIC_TITLE.sub("", title)
    for name in (jurisdiction, jurisdiction[:-1]):
        if len(name) >= 2 and topic.startswith(name):
            topic = topic[len(name) :]
            break
    return topic.strip(" ：:“”\"") or title


def short_name(item: str) -> str:
    """An item's name without the clauses that tell details: `某某工程，总投资3亿元` → `某某工程`."""
    detail = _DETAIL.search(item)
    return item[: detail.start()].rstrip() if detail and detail.start() >= 4 else item


class StructureExtractor:
    """Plan, Part, Chapter, Section, Passage, Box, Project; `LISTS` quotes the item."""

    name = "structure"

    def extract(self, context: ExtractionContext) -> None:
        """Add the structure. Boxes and passages hang on the division they stand in."""
        graph, outline = context.graph, context.outline
        document = outline.document
        jurisdiction = {"jurisdiction": outline.jurisdiction}
        graph.add(Label.PLAN, document.title, id=document.id, properties=jurisdiction)
        for division in outline.divisions:
            graph.add(
                division.label,
                division.title,
                id=division.id,
                aliases=(f"{division.ordinal} {division.title}",),
                properties={
                    "number": division.number, "ordinal": division.ordinal,
                    "start": division.heading.start, "stop": division.heading.end,
                },
            )
            relation = {Label.PART: RelationType.HAS_PART, Label.CHAPTER: RelationType.HAS_CHAPTER}.get(
                division.label, RelationType.HAS_SECTION
            )
            graph.relate(division.parent, relation, division.id)
        for box in outline.boxes:
            self._box(context, box)
        for passage in context.passages:
            graph.add(
                Label.PASSAGE, passage.locator, id=passage.id,
                properties={"text": passage.text, "start": passage.start, "stop": passage.end,
                            "kind": passage.kind.value, "locator": passage.locator},
            )
            graph.relate(passage.parent, RelationType.HAS_PASSAGE, passage.id)

    def _box(self, context: ExtractionContext, box: Box) -> None:
        graph = context.graph
        topic = box_topic(box.title, context.outline.jurisdiction)
        graph.add(
            Label.BOX, f"{box.label} {box.title}", id=box.id, aliases=(box.label, topic),
            properties={"number": box.number, "topic": topic, "locator": box.locator,
                        "start": box.heading.start, "stop": box.heading.end, "size": len(box.items)},
        )
        graph.relate(box.parent, RelationType.HAS_BOX, box.id)
        for item in box.items:
            project = self._project(context, box, item)
            graph.relate(box.id, RelationType.LISTS, project, quote=_item_span(item), method="box_item")

    def _project(self, context: ExtractionContext, box: Box, item: BoxItem) -> str:
        span = _item_span(item)
        properties: dict[str, str | int] = {
            "number": item.number, "box": box.number, "locator": box.locator,
            "start": span.start, "stop": span.end,
        }
        details = [f"{column}：{value}" for column, value, _ in item.cells if value != item.text]
        if details:
            properties["details"] = "，".join(details)
        name = item.text
        if status := _STATUS.search(name):
            properties["status"] = status.group(1)
            name = name[: status.start()].strip()
        # the text itself may start with a title before a colon: `名称：内容`
        title, colon, rest = name.partition("：")
        if colon and 4 <= len(title) <= 30 and rest:
            properties["description"] = rest
            name = title
        name = short_name(name)
        return context.graph.add(
            Label.PROJECT, name, id=f"{box.id}/{item.number}", aliases=(item.text,), properties=properties
        )


def _item_span(item: BoxItem) -> Span:
    """Where an item stands: its text, or its whole row where the box is a table."""
    if not item.cells:
        return item.span
    return Span(item.cells[0][2].start, item.cells[-1][2].end)
