"""What each command does. One function a command; it returns the exit code."""

from __future__ import annotations

import argparse
import gc
import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager, nullcontext
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from kg.errors import InputError, ModelMissingError
from kg.settings import PROJECT_ROOT, load_settings
from kg.state import Manifest, StateDirectory
from ui.administration import feedback, user
from ui.output import check_output, say, writing
from ui.progress import ProgressBar

__all__ = ["feedback", "user"]

if TYPE_CHECKING:
    from ingest.pipeline import BuildResult
    from qa.evaluation import Report
    from qa.grading import GoldQuestion
    from qa.model import Answer
    from qa.service import QuestionService


#: An answer waits for the interpreter after each of its searches, five milliseconds by Python's default where
#: others are thought about; with this, three at once are answered 6 % faster
_SWITCH_S = 0.0005


def build(options: argparse.Namespace) -> int:
    """Build the state and print what it holds."""
    from ingest.pipeline import build as run_build
    from ingest.pipeline import default_plans, has_usable_state

    settings = load_settings()
    if options.if_needed and not options.files and has_usable_state(settings):
        return 0
    if options.add and not options.files:
        raise InputError("--add 需要给出要加入的规划文件。")
    files = [Path(name) for name in options.files] or default_plans(PROJECT_ROOT)
    return _change(lambda bar: run_build(files, settings, bar, add=options.add), "建库完成")


def remove(options: argparse.Namespace) -> int:
    """Build anew without one plan."""
    from ingest.pipeline import remove as run_remove

    return _change(lambda bar: run_remove(options.plan, load_settings(), bar), f"已移除 {options.plan}")


def undo(options: argparse.Namespace) -> int:
    """Make the build before the current one current."""
    from ingest.pipeline import undo as run_undo

    code = _change(lambda bar: run_undo(load_settings(), bar), "已退回上一个库")
    say("再次运行 plankg undo 可恢复刚才的库。")
    return code


def _change(action: Callable[[ProgressBar], BuildResult], done: str) -> int:
    """Run what makes a build and say what there is now."""
    started = time.perf_counter()
    with ProgressBar() as bar:
        result = action(bar)
    seconds = time.perf_counter() - started
    say("规划没有变化，沿用已有的库。" if result.unchanged else f"{done}，用时 {seconds:.1f} 秒。")
    for warning in result.warnings:
        say(f"注意：{warning}")
    if not result.unchanged and len(result.manifest.plans) > 1:
        say(f"共 {len(result.manifest.plans)} 个规划，其中重新解析 {result.plans_read} 个。")
    _say_counts(result.manifest)
    return 0


def _say_counts(manifest: Manifest) -> None:
    for plan, title in zip(manifest.plans, manifest.titles, strict=True):
        say(f"规划：{title}（{plan}）")
    nodes, relations = sum(manifest.labels.values()), sum(manifest.relations.values())
    engines = f"{manifest.graph_engine}，{manifest.embedding_model}"
    say(f"段落 {manifest.passages}，节点 {nodes}，关系 {relations}（{engines}）")
    say("节点：" + "，".join(f"{name} {count}" for name, count in manifest.labels.items()))
    say("关系：" + "，".join(f"{name} {count}" for name, count in manifest.relations.items()))


def ask(options: argparse.Namespace) -> int:
    """Answer one question, or a file of questions."""
    if bool(options.batch) == bool(options.question):
        raise InputError("请给出一个问题，或用 --batch 给出问题文件（二者选一）。")
    if options.batch and not options.out:
        raise InputError("--batch 需要用 --out 指定回答文件。")
    if options.batch:
        with closing(_service()) as service:
            return _ask_batch(service, Path(options.batch), Path(options.out))
    with _short_lived(), closing(_service(single=True)) as service:
        answer = service.ask(options.question)
    say(json.dumps(answer.to_json(), ensure_ascii=False, indent=1) if options.json else _readable(answer))
    return 0


@contextmanager
def _short_lived() -> Iterator[None]:
    """Look for no garbage: loading makes none, and looking takes a fifth of the three seconds."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()  # not at exit either
        gc.enable()


def _service(with_model: bool = True, single: bool = False) -> QuestionService:
    from qa.service import QuestionService

    settings = load_settings()
    return QuestionService(settings if with_model else settings.without_chat_model(), single=single)


def _ask_batch(service: QuestionService, questions: Path, out: Path) -> int:
    from qa.grading import read_questions

    gold = read_questions(questions)
    _check_asked(gold, questions)
    if out.exists() and out.samefile(questions):
        raise InputError(f"{out} 就是问题文件本身。请用 --out 指定另一个文件。")
    check_output(out)
    service.warm_up()
    with writing(out) as file, ProgressBar() as bar:
        for done, question in enumerate(gold, 1):
            answer = service.ask(question.question, question.history)
            file.write(json.dumps(answer.to_json(question.id), ensure_ascii=False) + "\n")
            bar(done, len(gold), "回答问题")
    say(f"已回答 {len(gold)} 个问题，写入 {out}")
    return 0


def _check_asked(gold: Iterable[GoldQuestion], file: Path | str) -> None:
    if blank := [question.id for question in gold if not question.question.strip()]:
        raise InputError(f"问题文件 {file} 中编号为 {blank[0]} 的问题是空的。请改正。")


def _readable(answer: Answer) -> str:
    lines = [answer.answer]
    lines += [f"（提示：{note}）" for note in answer.notes]
    if answer.citations:
        lines.append("")
        lines.append("出处：")
    for number, citation in enumerate(answer.citations, 1):
        quote = " ".join(citation.quote.split())
        lines.append(f"[{number}] {citation.locator}（{citation.start}–{citation.end}）：{quote}")
    return "\n".join(lines)


def serve(options: argparse.Namespace) -> int:
    """Serve the web page until interrupted."""
    settings = load_settings()
    service = _service()
    service.manifest()  # without a build there is nothing to serve: say so before the slow imports
    from ui import texts
    from ui.server import access, build_server
    from ui.server import serve as run_server

    texts.use(settings.language)
    host, port = options.host or settings.host, options.port or settings.port
    users, jobs = access(settings, host)
    sys.setswitchinterval(_SWITCH_S)
    with closing(service), closing(jobs) if jobs else nullcontext():
        service.warm_up()
        run_server(
            build_server(service, users=users, jobs=jobs),
            host,
            port,
            lambda address: say(f"网页已就绪：{address}（按 Ctrl-C 停止）"),
        )
    return 0


def mcp(options: argparse.Namespace) -> int:
    """Serve the tools for assistants over standard input and output until the client is gone."""
    settings = load_settings()
    with closing(_service()) as service:
        service.manifest()  # without a build there is nothing to serve: say so before the slow imports
        from ui import texts
        from ui.mcp_server import serve as run_server

        texts.use(settings.language)
        run_server(service)
    return 0


def cypher(options: argparse.Namespace) -> int:
    """Run a foreign statement and print its rows."""
    if options.limit < 1:
        raise InputError("--limit 应为正整数。")
    with closing(_service()) as service:
        rows = service.cypher(options.statement, max_rows=options.limit)
    if options.json:
        say(json.dumps(rows, ensure_ascii=False, indent=1, default=str))
        return 0
    for row in rows:
        cells = ((key, json.dumps(value, ensure_ascii=False, default=str)) for key, value in row.items())
        say("  ".join(f"{key}={cell}" for key, cell in cells))
    say(f"共 {len(rows)} 行" + ("（已达上限，可用 --limit 调整）" if len(rows) == options.limit else ""))
    return 0


def query(options: argparse.Namespace) -> int:
    """Run a named query and print its rows; without a name, list the queries."""
    from qa.reports import named_queries_text, named_text, run_named

    if options.name is None:
        say(named_queries_text())
        return 0
    with closing(_service()) as service:
        result = run_named(service.knowledge, options.name, options.arguments)
    say(json.dumps(result.rows, ensure_ascii=False, indent=1) if options.json else named_text(result))
    return 0


def conflicts(options: argparse.Namespace) -> int:
    """Print the contradictions that the build found."""
    from qa.reports import conflicts as find
    from qa.reports import conflicts_text

    with closing(_service()) as service:
        found = find(service.knowledge)
    data = [conflict.to_json() for conflict in found]
    say(json.dumps(data, ensure_ascii=False, indent=1) if options.json else conflicts_text(found))
    return 0


def check(options: argparse.Namespace) -> int:
    """Check the current graph as it is stored. Returns 1 if there are errors."""
    from ingest.check import check_state

    report = check_state(load_settings())
    if options.json:
        say(json.dumps({**asdict(report), "errors": report.errors}, ensure_ascii=False, indent=1))
        return min(report.errors, 1)
    for finding in report.findings:
        say(str(finding))
    warnings = len(report.findings) - report.errors
    say(f"已检查 {report.entities} 个节点、{report.relations} 条关系："
        f"{report.errors} 处错误，{warnings} 处警告。")
    return min(report.errors, 1)


def stats(options: argparse.Namespace) -> int:
    """Print counts by label and relation, and versions."""
    manifest = StateDirectory(load_settings().home).require_current()
    if not options.json:
        _say_counts(manifest)
        return 0
    labels = manifest.labels
    data = {
        "chapters": labels.get("Chapter", 0),
        "sections": labels.get("Section", 0),
        "boxes": labels.get("Box", 0),
        "projects": labels.get("Project", 0),
        "indicators": labels.get("Indicator", 0),
        "conflicts": manifest.relations.get("CONFLICTS_WITH", 0),
        **asdict(manifest),
    }
    say(json.dumps(data, ensure_ascii=False, indent=1))
    return 0


def export(options: argparse.Namespace) -> int:
    """Write the graph in another format."""
    with closing(_service()) as service:
        files = service.export(options.format, Path(options.directory))
    for file in files:
        say(str(file))
    return 0


def evaluate(options: argparse.Namespace) -> int:
    """Answer and grade a question set; print the tables and write a report."""
    from qa.evaluation import Evaluation, compare, read_report
    from qa.evaluation_text import evaluation_json, evaluation_markdown, evaluation_text, failures_text

    gold = _gold(options)
    minima = _minima(options.min)
    # read before anything is written: it may be the report that this run replaces
    earlier = read_report(Path(options.compare)) if options.compare else None
    path = Path(options.report) if options.report else load_settings().home / "eval-report.json"
    # without a model, so that a question set gives the same figures everywhere
    with closing(_service(options.with_model)) as service, ProgressBar() as bar:
        service.manifest()
        _check_report_files(options, path)
        report, baselines = _run_questions(service, gold, options.baseline, bar)
        plans = service.manifest().titles
    comparison = compare(report, earlier) if earlier else None
    evaluation = Evaluation(Path(options.questions).name, plans, report, baselines, comparison)
    if options.show:
        say(failures_text(report))
    say(evaluation_text(evaluation))
    with writing(path) as file:
        json.dump(evaluation_json(evaluation), file, ensure_ascii=False, indent=1)
    say(f"报告：{path}")
    if options.out:
        with writing(Path(options.out)) as file:
            file.write(evaluation_markdown(evaluation))
        say(f"Markdown 报告：{options.out}")
    totals = report.totals()
    short = [f"{name} {totals[name]:.3f} < {least}" for name, least in minima.items() if totals[name] < least]
    if short:
        say("未达到：" + "，".join(short))
    return 1 if short else 0


def _gold(options: argparse.Namespace) -> list[GoldQuestion]:
    from qa.grading import read_questions

    gold = read_questions(Path(options.questions))
    _check_asked(gold, options.questions)
    if options.split:
        gold = [question for question in gold if question.split == options.split]
        if not gold:
            raise InputError(f"问题集中没有标为 {options.split} 的问题。")
    return gold


def _check_report_files(options: argparse.Namespace, report: Path) -> None:
    """Before the work: two reports in one file would be one, and the question set would be lost."""
    files = [report, *([Path(options.out)] if options.out else [])]
    for path in files:
        check_output(path)
        if path.exists() and path.samefile(options.questions):
            raise InputError(f"{path} 就是问题文件本身。请为报告指定另一个文件。")
    if len({path.resolve() for path in files}) < len(files):
        raise InputError("--report 与 --out 是同一个文件。请分别指定。")


def _run_questions(
    service: QuestionService, gold: list[GoldQuestion], baselines: Iterable[str], bar: ProgressBar
) -> tuple[Report, dict[str, Report]]:
    """Our report, and one for each baseline."""
    from qa.baselines import first_passage
    from qa.evaluation import run

    service.warm_up()
    knowledge = service.knowledge

    def search(name: str, question: GoldQuestion) -> Answer:
        return first_passage(knowledge, name, question.question)

    plans = {id: document.text for id, document in knowledge.documents.items()}
    ours = run(gold, lambda q: service.ask(q.question, q.history), plans, bar)
    others = {
        name: run(gold, partial(search, name), plans, bar, f"对照 {name}")
        for name in dict.fromkeys(baselines)
    }
    return ours, others


def _minima(items: Iterable[str]) -> dict[str, float]:
    minima: dict[str, float] = {}
    for item in items:
        name, _, value = item.partition("=")
        try:
            minima[name] = float(value)
        except ValueError as exc:
            raise InputError(f"--min {item} 应写成 指标=小数，例如 correct=0.75。") from exc
        if name not in ("correct", "cited", "verbatim", "grounded"):
            raise InputError(f"--min 的指标应为 correct、cited、verbatim 或 grounded，而不是 {name}。")
    return minima


def model(options: argparse.Namespace) -> int:
    """Prepare the default embedding model once."""
    from ingest.model_setup import prepare_default_model

    settings = load_settings()
    with ProgressBar() as bar:
        try:
            path = prepare_default_model(settings.models_dir, bar)
        except OSError as exc:
            raise ModelMissingError(f"无法准备向量模型：{exc}。请检查磁盘与权限后重试。") from exc
    say(f"向量模型已就绪：{path}")
    return 0
