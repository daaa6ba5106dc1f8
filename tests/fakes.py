"""Fakes: small, working stand-ins for parts that a test does not want to build."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

from kg.errors import StoreUnavailableError
from qa.model import Answer, Citation, ConflictStatement, History, SourceExcerpt, Status

FAKE_PLAN_ID = "fake-plan"
#: A plan of its own, with the characters that a careless page would take for markup.
FAKE_PLAN = (
    "第一章 发展目标\n第一节 主要指标\n"
    "到2025年，全县粮食产量达到4.1万吨，比2020年的3.9万吨增加0.2万吨。"
    "规上企业数量<100户的乡镇 & 园区，由<b>专班</b>包联，<img src=x onerror=\"document.title='被攻破'\">。\n"
    + "全县统筹推进各项工作，补齐短板，提升质量。" * 30
    + "\n第二章 重点项目\n第一节 物流\n专栏1 物流项目\n1.综合物流园区项目。\n2.冷链物流体系项目。\n"
    + "各部门按照职责分工抓好落实，定期调度，及时解决问题。" * 30
    + "\n全县粮食产量达到4.3万吨。\n"
)


def fake_citation(quote: str, locator: str, why: str = "") -> Citation:
    """A citation of the fake plan's first such words."""
    start = FAKE_PLAN.index(quote)
    return Citation(quote, start, start + len(quote), FAKE_PLAN_ID, locator, why)


def _grain(question: str) -> Answer:
    return Answer(
        question=question,
        answer="到2025年，全县粮食产量达到 **4.1万吨** [1]，比2020年增加0.2万吨。另一处写作4.3万吨 [2]。",
        refused=False,
        kind="fact",
        citations=(
            fake_citation("到2025年，全县粮食产量达到4.1万吨", "第一章 第一节", "目标值"),
            fake_citation("全县粮食产量达到4.3万吨", "第二章 第一节", "另一处说法"),
        ),
        derived=("0.2",),
        conflicts=(ConflictStatement("2025年粮食产量：4.1万吨与4.3万吨", (1, 2)),),
        notes=("把“粮食产量”理解为粮食综合生产能力。",),
        cypher="MATCH (i:Indicator {name: $name}) RETURN i.target_value AS target",
        elapsed_ms=42.0,
    )


def _projects(question: str) -> Answer:
    return Answer(
        question=question,
        answer=(
            "专栏1列了 2 个物流项目：\n\n| 编号 | 项目 |\n|---|---|\n"
            "| 1 | 综合物流园区项目 [1] |\n| 2 | 冷链物流体系项目 [2] |\n"
        ),
        refused=False,
        kind="list",
        citations=(
            fake_citation("1.综合物流园区项目。", "第二章 第一节 专栏1"),
            fake_citation("2.冷链物流体系项目。", "第二章 第一节 专栏1"),
        ),
        elapsed_ms=18.0,
    )


def _markup(question: str) -> Answer:
    return Answer(
        question=question,
        answer=f"原文 <script>document.title='被攻破'</script> 如下 [1]。您问的是：{question}",
        refused=False,
        citations=(fake_citation("规上企业数量<100户的乡镇 & 园区，由<b>专班</b>包联", "第一章 第一节"),),
        notes=("<img src=x onerror=\"document.title='被攻破'\">",),
    )


def _refusal(question: str) -> Answer:
    return Answer(
        question=question,
        answer="规划没有写到这件事。最接近的内容是物流项目 [1]。",
        refused=True,
        kind="refusal",
        citations=(fake_citation("1.综合物流园区项目。", "第二章 第一节 专栏1", "最接近的内容"),),
        elapsed_ms=9.0,
    )


_ANSWERS: dict[str, Callable[[str], Answer]] = {"粮食": _grain, "项目": _projects, "<": _markup}


class FakeService:
    """An answering service over `FAKE_PLAN`; it knows grain, projects and markup, and refuses the rest.

    A question with ``断线`` raises a `StoreUnavailableError`, one with ``崩溃`` a `RuntimeError`. One
    with ``慢`` gives its first words and then waits for `proceed`, as a slow model would.
    """

    def __init__(self) -> None:
        """Nothing is asked yet."""
        self.proceed = threading.Event()
        self.asked: list[tuple[str, History]] = []

    def ask(self, question: str, history: History = ()) -> Answer:
        """Answer by the first key word that occurs in the question."""
        self.asked.append((question, history))
        if "断线" in question:
            raise StoreUnavailableError("图数据库没有响应。请检查服务是否启动。")
        if "崩溃" in question:
            raise RuntimeError("a defect")
        known = (make for word, make in _ANSWERS.items() if word in question)
        return next(known, _refusal)(question)

    def stream(self, question: str, history: History = ()) -> Iterator[str | Answer]:
        """The answer's text in pieces of four characters, then the answer."""
        answer = self.ask(question, history)
        for at in range(0, len(answer.answer), 4):
            if at == 8 and "慢" in question:
                self.proceed.wait(timeout=60)
            yield answer.answer[at : at + 4]
        yield answer

    def source(self, plan_id: str, start: int, end: int, *, context_chars: int = 400) -> SourceExcerpt:
        """The fake plan's text around a span."""
        if plan_id != FAKE_PLAN_ID:
            raise KeyError(plan_id)
        first = max(0, start - context_chars)
        text = FAKE_PLAN[first : end + context_chars]
        return SourceExcerpt(plan_id, "测试规划", "第一章 第一节", text, start - first, end - first)

    def status(self) -> Status:
        """Invented figures."""
        return Status(
            plans=("测试规划",),
            nodes=1234,
            relations=5678,
            passages=210,
            graph_engine="内存图 1.0",
            embedding_model="fake-embedder",
            built_at="2025-01-02 03:04",
        )
