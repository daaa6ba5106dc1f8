"""The command line. Heavy imports stay inside the commands, so that ``--help`` is instant."""

from __future__ import annotations

import argparse
import contextlib
import io
import logging
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from kg.errors import PlankgError
from ui import VERSION

_PROGRAM = "plankg"
# Vectors are compared in a fraction of a millisecond; NumPy's threads would then wait in a busy loop, which
# took a third of the processor from everything else.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


class _Parser(argparse.ArgumentParser):
    """Errors in one Chinese line, as everywhere."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{_PROGRAM}: 参数有误：{_translate(message)}。运行 {_PROGRAM} --help 查看用法。\n")


def _translate(message: str) -> str:
    for english, chinese in (
        ("unrecognized arguments:", "不认识的参数"),
        ("the following arguments are required:", "缺少参数"),
        ("invalid choice:", "没有这个选项或命令"),
        ("expected one argument", "需要一个值"),
        ("expected at least one argument", "至少需要一个值"),
        ("invalid int value:", "应为整数"),
        ("argument", "参数"),
        ("choose from", "可选"),
    ):
        message = message.replace(english, chinese)
    return message


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command. Returns the exit code; every known error is one line on stderr."""
    options = _parser().parse_args(argv)
    _set_up_output(options.verbose)
    try:
        from ui import commands

        code: int = getattr(commands, options.run)(options)
        return code
    except PlankgError as exc:
        return _fail(str(exc), exc, exc.exit_code)
    except KeyboardInterrupt:
        if sys.stderr.isatty():
            sys.stderr.write("\n")  # after the ^C that the terminal shows
        return _fail("已中断，原有状态未改变。", None, 130)
    except BrokenPipeError:
        _drop_output()
        return 0
    except OSError as exc:
        _drop_output()
        where = f" {exc.filename}" if exc.filename else ""
        return _fail(f"无法读写{where}：{exc.strerror or exc}。请检查路径、权限和磁盘空间。", exc)
    except Exception as exc:
        what = f"{type(exc).__name__}: {exc}".splitlines()[0]
        return _fail(f"程序出错（{what}）。请用 {_PROGRAM} -v 重新运行，并把输出交给维护人员。", exc)


def _set_up_output(verbose: bool) -> None:
    level = logging.DEBUG if verbose else logging.WARNING
    logging.basicConfig(level=level, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    if not verbose:
        # what they report, our own line says
        for noisy in ("chromadb", "httpx", "langchain_openai", "neo4j", "openai"):
            logging.getLogger(noisy).setLevel(logging.CRITICAL)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a terminal that is not UTF-8


def _fail(line: str, exc: Exception | None, code: int = 1) -> int:
    logging.getLogger(__name__).debug("", exc_info=exc)
    sys.stderr.write(f"{_PROGRAM}: {line}\n")
    return code


def _drop_output() -> None:
    """Whoever read our output is gone, or the disk is full: at exit, Python would complain once more."""
    with contextlib.suppress(OSError, ValueError):
        sys.stdout.flush()
        return
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog=_PROGRAM, description="规划知识图谱问答：建库、提问、网页服务、图谱查询与导出。", add_help=False
    )
    _common(parser)
    parser.add_argument("--version", action="version", version=f"{_PROGRAM} {VERSION}", help="显示版本")
    commands = parser.add_subparsers(title="命令", metavar="命令", required=True, parser_class=_Parser)
    _build_parser(commands)
    _ask_parser(commands)
    _serve_parser(commands)
    _command(commands, "mcp", "供支持 MCP 的助手程序使用的只读工具（经标准输入输出）")
    _cypher_parser(commands)
    _report_parsers(commands)
    stats = _command(commands, "stats", "统计图谱与索引")
    stats.add_argument("--json", action="store_true", help="输出 JSON")
    export = _command(commands, "export", "导出图谱")
    formats = ("cypher", "csv", "graphml", "jsonld")
    export.add_argument("--format", required=True, choices=formats, help="格式")
    export.add_argument("directory", metavar="目录", help="输出目录")
    _eval_parser(commands)
    user = _command(commands, "user", "在用户文件（PLANKG_AUTH）中加入用户、改密码或移除用户")
    user.add_argument("name", metavar="用户名")
    user.add_argument("--admin", action="store_true", help="可以在网页上增删规划")
    user.add_argument("--remove", action="store_true", help="移除这个用户")
    feedback = _command(commands, "feedback", "导出用户对回答的评价")
    feedback.add_argument("--format", default="csv", choices=("csv", "xlsx", "jsonl"), help="格式，默认 csv")
    feedback.add_argument("file", metavar="文件", help="输出文件")
    _command(commands, "model", "准备向量模型（只需一次）")
    return parser


def _common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-h", "--help", action="help", help="显示帮助")
    parser.add_argument("-v", "--verbose", action="store_true", default=False, help="显示详细日志")


def _command(
    commands: argparse._SubParsersAction[_Parser], name: str, help: str, run: str = ""
) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=help, description=help, add_help=False)
    parser.add_argument("-h", "--help", action="help", help="显示帮助")
    parser.set_defaults(run=run or name)
    return parser


def _build_parser(commands: argparse._SubParsersAction[_Parser]) -> None:
    build = _command(commands, "build", "从规划文件建立图谱与索引（可重复运行）")
    build.add_argument("files", nargs="*", metavar="规划文件", help="UTF-8 文本；默认为 data/plans/ 中的文件")
    build.add_argument("--add", action="store_true", help="加入或更换这些规划，保留库中其他规划")
    build.add_argument("--if-needed", action="store_true", help="已有可用的库时不重建")
    remove = _command(commands, "remove", "从库中移除一个规划，保留其他规划")
    remove.add_argument("plan", metavar="规划编号", help="规划文件名去掉扩展名；plankg stats 列出全部")
    _command(commands, "undo", "退回上一个库；再次运行则恢复")


def _ask_parser(commands: argparse._SubParsersAction[_Parser]) -> None:
    ask = _command(commands, "ask", "提问并给出带出处的回答")
    ask.add_argument("question", nargs="?", metavar="问题", help="要问的问题")
    ask.add_argument("--json", action="store_true", help="输出 JSON")
    ask.add_argument("--batch", metavar="问题.jsonl", help="批量回答一个文件中的问题")
    ask.add_argument("--out", metavar="回答.jsonl", help="批量回答的输出文件")


def _serve_parser(commands: argparse._SubParsersAction[_Parser]) -> None:
    serve = _command(commands, "serve", "启动网页服务")
    serve.add_argument("--host", help="监听地址（默认 127.0.0.1）")
    serve.add_argument("--port", type=_port, help="端口（默认 7860）")


def _port(value: str) -> int:
    if value.isdecimal() and 1 <= int(value) <= 65535:
        return int(value)
    raise argparse.ArgumentTypeError(f"{value} 应为 1 到 65535 的整数")


def _cypher_parser(commands: argparse._SubParsersAction[_Parser]) -> None:
    cypher = _command(commands, "cypher", "对当前图谱运行只读 Cypher")
    cypher.add_argument("statement", metavar="语句", help="只读 Cypher 语句")
    cypher.add_argument("--json", action="store_true", help="输出 JSON 列表")
    cypher.add_argument("--limit", type=int, default=1000, help="最多返回的行数（默认 1000）")


def _eval_parser(commands: argparse._SubParsersAction[_Parser]) -> None:
    evaluate = _command(commands, "eval", "在问题集上评测：各类问题的指标、失败的回答与对照", run="evaluate")
    evaluate.add_argument("questions", metavar="问题集.jsonl", help="问题文件")
    evaluate.add_argument("--report", metavar="文件", help="JSON 报告的位置（默认在状态目录下）")
    evaluate.add_argument("--out", metavar="文件.md", help="另写一份 Markdown 报告，列出每个失败的回答")
    evaluate.add_argument(
        "--compare", metavar="旧报告.json", help="与先前的 JSON 报告相比，列出变好与变差的问题"
    )
    evaluate.add_argument(
        "--baseline", action="append", default=[], choices=("dense", "bm25"),
        help="同样的问题只用一种检索的首个段落作答，结果列在旁边（可重复）",
    )
    evaluate.add_argument("--split", help="只评测标有此 split 的问题")
    evaluate.add_argument("--with-model", action="store_true", help="评测经对话模型改写的回答（默认不改写）")
    evaluate.add_argument("--show", action="store_true", help="列出每个失败的回答")
    evaluate.add_argument(
        "--min", action="append", default=[], metavar="指标=值", help="低于此值时退出码为 1"
    )


def _report_parsers(commands: argparse._SubParsersAction[_Parser]) -> None:
    query = _command(commands, "query", "运行一个命名查询；不给查询名则列出全部查询")
    query.add_argument("name", nargs="?", metavar="查询名", help="例如 projects_of_town")
    query.add_argument("arguments", nargs="*", metavar="参数", help="名称（任何写法均可）或编号")
    query.add_argument("--json", action="store_true", help="输出 JSON 列表")
    conflicts = _command(commands, "conflicts", "列出规划中互相矛盾的表述及两处原文")
    conflicts.add_argument("--json", action="store_true", help="输出 JSON 列表")
    check = _command(commands, "check", "检查现有图谱：引文、端点、归属与数目；有错误时退出码为 1")
    check.add_argument("--json", action="store_true", help="输出 JSON")


if __name__ == "__main__":
    sys.exit(main())
