"""The service for programs that speak the Model Context Protocol: tools that only read.

Over standard input and output, as desktop assistants start such servers. While it serves, `mcp` points the
process's own output at standard error, so that nothing but the protocol can reach the client.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from functools import wraps
from typing import Annotated, Any, ParamSpec, TypeVar, cast

from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import CallToolResult, InputRequiredResult, TextContent, ToolAnnotations
from pydantic import Field, JsonValue, RootModel, ValidationError

from kg.errors import PlankgError
from qa.browse import things
from qa.browse.model import Card, Thing
from qa.browse.search import MAX_PASSAGES, FoundPassage, search
from qa.model import SourceExcerpt, Status
from qa.reports import ReportedConflict, conflicts, run_named
from qa.service import QuestionService
from ui import VERSION, texts
from ui.api.answers import MAX_TURNS, AnswerDocument, recent
from ui.api.errors import malformed_line
from ui.api.queries import (
    MAX_ROWS,
    NamedRows,
    QueryDescription,
    Rows,
    cypher_rows,
    descriptions,
    named_rows,
)

log = logging.getLogger(__name__)

P = ParamSpec("P")
R = TypeVar("R")

_INSTRUCTIONS = (
    "依据政府五年规划原文回答问题。先用 ask；它的回答每句都有出处，规划没有写到的会明确说没有（refused），"
    "请不要用自己的知识补充。转述时保留编号、位置（locator）和原文（quote）。所有工具都只读取，不改变任何内容。"
)
_READ_ONLY = ToolAnnotations(
    read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
)
_MOST_CONTEXT = 5000

Limit = Annotated[int, Field(ge=1, le=MAX_ROWS, description="最多返回的行数")]


def serve(service: QuestionService) -> None:
    """Serve over standard input and output until the client is gone."""
    threading.Thread(target=_warm_up, args=(service,), name="warm-up", daemon=True).start()
    build(service).run("stdio")


def _warm_up(service: QuestionService) -> None:
    """Load while client and server greet each other; what fails here fails again, and is told, when asked."""
    try:
        service.warm_up()
    except Exception:
        log.warning("not loaded yet", exc_info=True)


def build(service: QuestionService) -> MCPServer:
    """The server over a service; not yet served."""
    server = _Server(
        "plankg", title=texts.APP_TITLE, instructions=_INSTRUCTIONS, version=VERSION, log_level="WARNING"
    )
    _add_question_tools(server, service)
    _add_graph_tools(server, service)
    return server


class _Server(MCPServer[object]):
    """Tells what is wrong with arguments in one line, as everywhere."""

    async def call_tool(
        self, name: str, arguments: dict[str, Any], context: Context[object, Any] | None = None
    ) -> CallToolResult | InputRequiredResult:
        try:
            return await super().call_tool(name, arguments, context)
        except ToolError as exc:
            if not isinstance(exc.__cause__, ValidationError):
                raise
            first = exc.__cause__.errors()[0]
            raise ToolError(malformed_line({**first, "loc": (name, *first["loc"])})) from exc


def _add(server: MCPServer, title: str, description: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Make a function a tool; what a user can be told about is told in its one line."""

    def add(function: Callable[P, R]) -> Callable[P, R]:
        @wraps(function)
        def tool(*arguments: P.args, **named: P.kwargs) -> R:
            try:
                return function(*arguments, **named)
            except PlankgError as exc:
                told = TextContent(type="text", text=str(exc))
                return cast(R, CallToolResult(content=[told], is_error=True))

        server.add_tool(tool, title=title, description=description, annotations=_READ_ONLY)
        return tool

    return add


def _add_question_tools(server: MCPServer, service: QuestionService) -> None:
    """Answers, search and reading."""

    @_add(
        server,
        "提问",
        "就规划内容提问，得到带出处的回答。规划没有写到时 refused 为 true，并给出最接近的内容。",
    )
    def ask(
        question: Annotated[str, Field(description="要问的问题，最多读取 1000 个字")],
        history: Annotated[
            list[tuple[str, str]],
            Field(max_length=MAX_TURNS, description="先前的对话，旧的在前：[问题, 回答]"),
        ] = [],  # noqa: B006
    ) -> AnswerDocument:
        return AnswerDocument.of(service.ask(question, recent(history)))

    @_add(server, "检索段落", "按词语和含义检索规划段落，最相关的在前；每段都有它在原文中的位置。")
    def search_passages(
        text: Annotated[str, Field(description="词语或句子，最多读取 1000 个字")],
        k: Annotated[int, Field(ge=1, le=MAX_PASSAGES, description="最多返回的段落数")] = 10,
    ) -> list[FoundPassage]:
        return list(search(service.knowledge, text, k))

    @_add(server, "阅读原文", "读取规划中某个位置前后的原文；text[mark_start:mark_end] 是该位置的文字。")
    def read_source(
        plan: Annotated[str, Field(description="规划编号，即引用中的 source 或 plan")],
        start: Annotated[int, Field(description="起始字符位置")],
        end: Annotated[int, Field(description="结束字符位置（不含）")],
        context_chars: Annotated[int, Field(ge=0, le=_MOST_CONTEXT, description="前后各多少字")] = 400,
    ) -> RootModel[SourceExcerpt]:
        return RootModel(service.source(plan, start, end, context_chars=context_chars))

    @_add(server, "矛盾之处", "列出规划中互相矛盾的表述，各附两处原文及位置。")
    def list_conflicts() -> list[ReportedConflict]:
        return list(conflicts(service.knowledge))

    @_add(server, "现有内容", "现在载入了哪些规划，图谱有多大，何时建成。")
    def status() -> RootModel[Status]:
        return RootModel(service.status())


def _add_graph_tools(server: MCPServer, service: QuestionService) -> None:
    """The graph: its things, its named queries, Cypher."""

    @_add(server, "查找事物", "按名称（或拼音）查找图谱中的企业、项目、乡镇、产业、指标等，得到编号。")
    def find_entities(
        text: Annotated[str, Field(max_length=100, description="名称的一部分")],
        limit: Annotated[int, Field(ge=1, le=200, description="最多返回的个数")] = 20,
    ) -> list[Thing]:
        return list(things.search(service.knowledge, text, (), limit))

    @_add(server, "事物详情", "一个事物的全部属性、与其他事物的联系（附原文及位置），以及提到它的句子。")
    def entity(id: Annotated[str, Field(description="find_entities 给出的编号")]) -> RootModel[Card]:
        return RootModel(things.card(service.knowledge, id))

    @_add(server, "命名查询一览", "列出 run_query 可用的查询及其参数。")
    def list_queries() -> list[QueryDescription]:
        return descriptions()

    @_add(server, "命名查询", "运行一个命名查询，例如一个乡镇的项目、两个事物之间最短的联系。")
    def run_query(
        name: Annotated[str, Field(description="list_queries 给出的查询名")],
        arguments: Annotated[list[str], Field(description="依次为各参数：名称（任何写法均可）或编号")] = [],  # noqa: B006
        limit: Limit = 200,
    ) -> NamedRows:
        return named_rows(run_named(service.knowledge, name, arguments), limit)

    @_add(
        server,
        "只读 Cypher",
        "对图谱运行只读的 Cypher 语句；会写入或读取文件的语句被拒绝。"
        "节点都有标签 Entity 和属性 id、name、aliases。",
    )
    def run_cypher(
        statement: Annotated[str, Field(max_length=20_000, description="Cypher 语句")],
        parameters: Annotated[dict[str, JsonValue], Field(description="语句中 $名称 的值")] = {},  # noqa: B006
        limit: Limit = 200,
    ) -> Rows:
        return cypher_rows(service, statement, parameters, limit)
