"""An evaluation for people (plain text, Markdown) and for programs (JSON)."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from qa.evaluation import Change, Comparison, Evaluation, Report, verdicts
from qa.grading import GoldQuestion, Grade

_SHOWN_CHARS = 200
_SHOWN_QUOTES = 2
_OURS = "plankg"


@dataclass(frozen=True, slots=True)
class Table:
    """A table with a title; the first column is text, the others are figures."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def plain(self) -> str:
        """Columns in line, also where names are Chinese."""
        lines = (self.header, *self.rows)
        widths = [max(map(_width, column)) for column in zip(*lines, strict=True)]
        return "\n".join(_aligned(line, widths) for line in lines)

    def markdown(self) -> str:
        """As Markdown."""
        ruler = ("---", *("---:" for _ in self.header[1:]))
        lines = (self.header, ruler, *self.rows)
        return "\n".join("| " + " | ".join(map(_cell, line)) + " |" for line in lines)


def _width(text: str) -> int:
    return sum(1 + (unicodedata.east_asian_width(char) in "WF") for char in text)


def _aligned(cells: Sequence[str], widths: Sequence[int]) -> str:
    first = cells[0] + " " * (widths[0] - _width(cells[0]))
    rest = (" " * (width - _width(cell)) + cell for cell, width in zip(cells[1:], widths[1:], strict=True))
    return "  ".join((first, *rest)).rstrip()


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


# -- tables


def _measures(report: Report) -> tuple[str, ...]:
    """The cells of a report, as `_COLUMNS` heads them."""
    totals, refusals, (p50, p95) = report.totals(), report.refusals(), report.latency_ms()
    shares = (f"{totals[name]:.3f}" for name in ("correct", "cited", "grounded", "verbatim"))
    counts = (str(refusals.rightly), str(refusals.wrongly), str(refusals.missed))
    return (str(len(report.grades)), *shares, *counts, f"{p50:.0f}", f"{p95:.0f}")


_COLUMNS = ("n", "correct", "cited", "grounded", "verbatim", "拒答对", "误拒", "漏拒", "p50 ms", "p95 ms")


def category_table(report: Report) -> Table:
    """All measures by category."""
    rows = tuple((name, *_measures(part)) for name, part in report.by_category().items())
    return Table("各类问题", ("category", *_COLUMNS), rows)


def kind_table(report: Report) -> Table:
    """Which answerer answered the questions of each category: how many rightly, of how many."""
    kinds = list(report.by_kind())
    rows: list[tuple[str, ...]] = []
    for name, part in report.by_category().items():
        own = part.by_kind()
        rows.append((name, *(_right_of(own[kind]) if kind in own else "" for kind in kinds)))
    rows.append(("total", *(_right_of(part) for part in report.by_kind().values())))
    return Table("问题类别与作答模块（答对/作答）", ("category", *kinds), tuple(rows))


def _right_of(report: Report) -> str:
    return f"{sum(g.correct for g in report.grades)}/{len(report.grades)}"


def baseline_tables(evaluation: Evaluation) -> list[Table]:
    """The same questions answered by plain searches, beside ours; empty without baselines."""
    if not evaluation.baselines:
        return []
    systems = {_OURS: evaluation.report, **evaluation.baselines}
    totals = tuple((name, *_measures(report)) for name, report in systems.items())
    parts = {name: report.by_category() for name, report in systems.items()}
    shares = tuple(
        (category, *(f"{parts[name][category].totals()['correct']:.3f}" for name in systems))
        for category in parts[_OURS]
    )
    return [
        Table("与只检索首个段落相比", ("system", *_COLUMNS), totals),
        Table("各类问题的 correct", ("category", *systems), shares),
    ]


def comparison_table(comparison: Comparison) -> Table:
    """The measures before and now."""
    rows = tuple(
        (name, f"{before:.3f}", f"{now:.3f}", f"{now - before:+.3f}")
        for name, (before, now) in comparison.measures.items()
    )
    title = f"与先前的报告相比（{comparison.common} 个相同的问题）"
    return Table(title, ("measure", "before", "now", "change"), rows)


# -- single questions


def expected(question: GoldQuestion) -> str:
    """What an answer has to be, in short."""
    if not question.answerable:
        return "拒答"
    parts = ["；".join("|".join(group) for group in question.must)] if question.must else []
    if question.min_ratio < 1:
        parts.append(f"至少 {question.min_ratio:.0%}")
    if question.must_not:
        parts.append("不含 " + "、".join(question.must_not))
    if question.quote:
        more = f" 等 {len(question.quote)} 处之一" if len(question.quote) > _SHOWN_QUOTES else ""
        parts.append("引用 " + "|".join(f"“{quote}”" for quote in question.quote[:_SHOWN_QUOTES]) + more)
    return "；".join(parts)


def answered(grade: Grade) -> str:
    """What was answered, in short."""
    return _short(grade.answer.answer)


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _SHOWN_CHARS else text[:_SHOWN_CHARS] + "……"


def _reasons(grade: Grade) -> tuple[str, ...]:
    uncited = ("引用不符",) if grade.cited is False else ()
    return (*grade.why, *uncited, *(() if all(grade.verbatim) else ("引文与原文不符",)))


def _failure_lines(grade: Grade) -> list[str]:
    question = grade.question
    return [
        f"{question.id} [{question.category}] {question.question}",
        f"    {'；'.join(_reasons(grade))}",
        f"    应为：{expected(question)}",
        f"    回答（{grade.answer.kind}）：{answered(grade)}",
    ]


def failures_text(report: Report) -> str:
    """Each failure: what was asked, expected and answered."""
    return "\n".join(line for item in report.failures() for line in _failure_lines(item))


def _change_lines(title: str, changes: Iterable[Change]) -> list[str]:
    lines = [f"{title}："]
    for change in changes:
        question, measures = change.grade.question, "、".join(change.measures)
        lines.append(f"  {question.id} [{question.category}] {measures}：{question.question}")
    return lines if len(lines) > 1 else [f"{title}：无"]


def _comparison_lines(comparison: Comparison) -> list[str]:
    lines = [*_change_lines("变好", comparison.better), *_change_lines("变差", comparison.worse)]
    for title, ids in (("先前没有的问题", comparison.only_now), ("现在没有的问题", comparison.only_before)):
        if ids:
            lines.append(f"{title}：{'、'.join(ids)}")
    return lines


# -- the whole


def evaluation_text(evaluation: Evaluation) -> str:
    """The tables for reading in a terminal; the totals stand last."""
    report = evaluation.report
    blocks = [kind_table(report), *baseline_tables(evaluation)]
    parts = [f"{table.title}：\n{table.plain()}" for table in blocks]
    if evaluation.comparison:
        table = comparison_table(evaluation.comparison)
        lines = "\n".join(_comparison_lines(evaluation.comparison))
        parts.append(f"{table.title}：\n{table.plain()}\n{lines}")
    p50, p95 = report.latency_ms()
    totals = "  ".join(f"{name} {value:.3f}" for name, value in report.totals().items())
    table = category_table(report)
    parts.append(
        f"{table.plain()}\nlatency ms: p50 {p50:.0f}  p95 {p95:.0f}\ntotal {totals}  n {len(report.grades)}"
    )
    return "\n\n".join(parts)


def evaluation_markdown(evaluation: Evaluation) -> str:
    """The whole report as a Markdown document, failures included."""
    report = evaluation.report
    everything = Table("总计", ("", *_COLUMNS), (("total", *_measures(report)),))
    tables = [everything, category_table(report), kind_table(report), *baseline_tables(evaluation)]
    parts = [f"# 评测：{evaluation.question_set}", f"规划：{'、'.join(evaluation.plans)}"]
    for table in tables:
        parts += [f"## {table.title}", table.markdown()]
    if evaluation.comparison:
        table = comparison_table(evaluation.comparison)
        lines = "\n".join(f"- {line.strip()}" for line in _comparison_lines(evaluation.comparison))
        parts += [f"## {table.title}", table.markdown(), lines]
    failures = report.failures()
    parts.append(f"## 失败的回答（{len(failures)}）")
    for item in failures:
        first, *rest = _failure_lines(item)
        parts.append("\n".join((f"- {_escaped(first)}", *(f"  - {_escaped(line.strip())}" for line in rest))))
    return "\n\n".join(parts) + "\n"


def _escaped(text: str) -> str:
    """Text that is no markup: questions may hold any characters."""
    for char in "\\`*_<>[]|#":
        text = text.replace(char, "\\" + char)
    return text


def evaluation_json(evaluation: Evaluation) -> dict[str, Any]:
    """Everything for programs; `qa.evaluation.read_report` reads it back."""
    report = evaluation.report
    return {
        "question_set": evaluation.question_set,
        "plans": list(evaluation.plans),
        **_report_json(report),
        "failures": [
            {
                "id": g.question.id, "category": g.question.category, "question": g.question.question,
                "why": list(_reasons(g)), "expected": expected(g.question), "answered": answered(g),
            }
            for g in report.failures()
        ],
        "baselines": {name: _report_json(baseline) for name, baseline in evaluation.baselines.items()},
        "comparison": _comparison_json(evaluation.comparison) if evaluation.comparison else None,
    }


def _summary_json(report: Report) -> dict[str, Any]:
    p50, p95 = report.latency_ms()
    return {
        "n": len(report.grades),
        "totals": report.totals(),
        "refusals": asdict(report.refusals()),
        "latency_ms": {"p50": round(p50, 1), "p95": round(p95, 1)},
    }


def _report_json(report: Report) -> dict[str, Any]:
    categories = report.by_category()
    return {
        **_summary_json(report),
        "categories": {name: _summary_json(part) for name, part in categories.items()},
        "kinds": {
            name: {
                kind: {"n": len(own.grades), "correct": sum(g.correct for g in own.grades)}
                for kind, own in part.by_kind().items()
            }
            for name, part in categories.items()
        },
        "answers": [
            {
                "id": g.question.id, "category": g.question.category, "question": g.question.question,
                **verdicts(g), "refused": g.answer.refused, "why": list(g.why), "kind": g.answer.kind,
                "answer": g.answer.answer, "elapsed_ms": round(g.answer.elapsed_ms, 1),
            }
            for g in report.grades
        ],
    }


def _comparison_json(comparison: Comparison) -> dict[str, Any]:
    def changes(found: Iterable[Change]) -> list[dict[str, Any]]:
        return [
            {
                "id": change.grade.question.id, "question": change.grade.question.question,
                "measures": list(change.measures), "before": _short(change.before),
                "now": answered(change.grade),
            }
            for change in found
        ]

    return {
        "common": comparison.common,
        "measures": {
            name: {"before": before, "now": comparison.measures[name][1]}
            for name, (before, _) in comparison.measures.items()
        },
        "better": changes(comparison.better),
        "worse": changes(comparison.worse),
        "only_now": list(comparison.only_now),
        "only_before": list(comparison.only_before),
    }
