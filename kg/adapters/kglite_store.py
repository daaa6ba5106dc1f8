"""The embedded graph store: KGLite in this process, one file on disk."""

from __future__ import annotations

import contextlib
import datetime
import os
import re
import time
import uuid
from collections import defaultdict
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any

import kglite

from kg import cypher as statements
from kg.adapters.graph_rows import Changes, EntityRow, GraphRows, RelationRow, changes, graph_rows
from kg.adapters.query_process import query_apart
from kg.errors import CypherError, CypherRefusedError, StateError, StoreError, StoreUnavailableError
from kg.model import Cell, Graph, Row, WriteCounts
from kg.ports import ProgressCallback
from kg.readonly import Token, TokenKind, check_read_only, significant, tokenize, without_comments
from kg.schema import BASE_LABEL, Label, RelationType

_BATCH = 1000
_LEFTOVER_AGE_S = 3600.0
#: words that KGLite's parser takes for keywords even where only a property name can stand
_RESERVED = frozenset(
    "MATCH OPTIONAL WHERE WITH UNWIND RETURN SKIP LIMIT AND OR CASE WHEN THEN ELSE END EXISTS".split()
)
_ONE_QUOTED = re.compile(r"`(?:[^`]|``)+`")


class KgliteStore:
    """A `GraphStore` in one file.

    Reads the file at the first query and keeps what it read: a later write by another process is seen by
    a new store only. A write builds the whole graph beside the file and replaces it at the end.
    """

    def __init__(self, path: Path) -> None:
        """Remember where the file is; nothing is read yet."""
        kglite.set_query_warning_policy("silent")  # its hints on stderr would stand among our output
        self._path = path
        self._session: kglite.Session | None = None
        self._lock = Lock()
        self._closed = False

    def write(self, graph: Graph, on_progress: ProgressCallback | None = None) -> WriteCounts:
        """See `GraphStore.write`.

        Raises: StateError: the file that is there is damaged; it stays as it is.
        """
        rows = graph_rows(graph)
        with self._lock:
            if self._closed:
                raise _closed()
            change = self._changes(rows)
            if change.none and self._path.exists():
                return change.counts
            built = _build(rows, on_progress)
            _replace_file(self._path, built.to_bytes())
            self._session = built.session()
            return change.counts

    def query(
        self,
        cypher: str,
        parameters: Mapping[str, Cell] | None = None,
        *,
        timeout_s: float = 10.0,
        max_rows: int = 10_000,
    ) -> list[Row]:
        """See `GraphStore.query`. Raises also: StateError: no file yet, or a damaged one."""
        check_read_only(cypher)
        return _run(self._reader(), _dialect(cypher), parameters or {}, timeout_s, max_rows)

    def query_apart(
        self,
        cypher: str,
        parameters: Mapping[str, Cell] | None = None,
        *,
        timeout_s: float = 10.0,
        max_rows: int = 10_000,
    ) -> list[Row]:
        """See `GraphStore.query_apart`. The process reads the file as it is now."""
        check_read_only(cypher)
        return query_apart(self._path, cypher, parameters or {}, timeout_s, max_rows)

    def describe(self) -> str:
        """Engine and version."""
        return f"KGLite {kglite.__version__}"

    def close(self) -> None:
        """Forget what was read; the file is not held open."""
        with self._lock:
            self._closed = True
            self._session = None

    def _reader(self) -> kglite.Session:
        with self._lock:
            if self._closed:
                raise _closed()
            if self._session is None:
                self._session = _load(self._path)
            return self._session

    def _changes(self, wanted: GraphRows) -> Changes:
        """Compare with the file, not with what this store read earlier."""
        if not self._path.exists():
            return changes(wanted, [], [])
        session = _load(self._path)
        stored = [
            _run(session, _dialect(text), {}, timeout_s=600.0, max_rows=None)
            for text in (statements.ALL_ENTITIES, statements.ALL_RELATIONS)
        ]
        return changes(wanted, stored[0], stored[1])


class _Dialect:
    """A statement in the words that KGLite accepts, and the way back for its column names.

    Property names that KGLite reserves (``r.end``) and names that are not ASCII get backticks; comments
    go, because KGLite has no ``/* */``.
    """

    def __init__(self, cypher: str) -> None:
        self._original = without_comments(cypher)
        self._quoted: set[str] = set()
        tokens = tokenize(self._original)
        plain = significant(tokens)
        at = -1
        parts: list[str] = []
        for token in tokens:
            at += token.kind is not TokenKind.SPACE
            if token.kind is TokenKind.WORD and _needs_quotes(plain, at):
                self._quoted.add(token.text)
                parts.append(f"`{token.text}`")
            else:
                parts.append(token.text)
        self.text = "".join(parts)

    def column(self, name: str) -> str:
        """The column's name as the original statement gives it."""
        if name.count("`") % 2:
            name = f"`{name}"  # KGLite cuts a backtick off the front
        if _ONE_QUOTED.fullmatch(name):
            return name[1:-1].replace("``", "`")
        if name not in self._original:  # else the backticks, if any, are the author's
            for word in self._quoted:
                name = name.replace(f"`{word}`", word)
        return name


@lru_cache(maxsize=1024)
def _dialect(cypher: str) -> _Dialect:
    return _Dialect(cypher)


def _needs_quotes(tokens: list[Token], at: int) -> bool:
    word = tokens[at]
    before = tokens[at - 1].text if at else ""
    after = tokens[at + 1].text if at + 1 < len(tokens) else ""
    if not word.text.isascii():
        return before != "$"
    is_name = before == "." or (before in ("{", ",") and after == ":")
    return is_name and word.keyword in _RESERVED


def _run(
    session: kglite.Session,
    statement: _Dialect,
    parameters: Mapping[str, Cell],
    timeout_s: float,
    max_rows: int | None,
) -> list[Row]:
    handle = session.cursor()  # a snapshot of its own: safe beside other threads
    handle.read_only(True)
    try:
        found: Any = handle.cypher(
            statement.text,
            params=dict(parameters),
            timeout_ms=max(1, round(timeout_s * 1000)),  # 0 would mean no limit
            row_limit=max_rows,
            hide_structural_keys=True,
        )
        raw = found.to_list()
    except kglite.CypherTimeoutError as exc:
        raise CypherError(f"查询超过 {timeout_s:g} 秒，已中止。请缩小范围或加上 LIMIT。") from exc
    except kglite.ReadOnlyError as exc:
        raise CypherRefusedError("拒绝执行：这里只能运行只读查询。") from exc
    except kglite.KgError as exc:
        raise CypherError(f"Cypher 语句无法执行：{_first_line(exc)}。请检查语句。") from exc
    except (TypeError, ValueError, OverflowError, RecursionError) as exc:
        raise CypherError(f"查询参数无法使用：{_first_line(exc)}。请检查参数。") from exc
    return [{statement.column(name): _cell(value) for name, value in row.items()} for row in raw]


def _cell(value: Any) -> Cell:
    """A value as both engines give it.

    KGLite returns nodes and relations as maps of fixed keys; a map that a statement builds with exactly
    those keys cannot be told from them.
    """
    if isinstance(value, dict):
        if value.keys() == {"id", "labels", "properties"}:
            return _node(value["properties"])
        if value.keys() == {"id", "start", "end", "type", "properties"}:
            value = value["properties"]
        return {name: _cell(value[name]) for name in sorted(value)}
    if isinstance(value, list | tuple):
        return [_cell(item) for item in value]
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    return value if value is None or isinstance(value, str | int | float) else str(value)


def _node(properties: dict[str, Any]) -> Cell:
    """The properties without the engine's own title and type; ours of these names are kept."""
    own = {"title": properties.get("id"), "type": BASE_LABEL}
    return {name: _cell(properties[name]) for name in sorted(properties) if properties[name] != own.get(name)}


def _build(rows: GraphRows, on_progress: ProgressCallback | None) -> kglite.KnowledgeGraph:
    graph = kglite.KnowledgeGraph()
    total, done = len(rows.entities) + len(rows.relations), 0
    entities: defaultdict[Label, list[EntityRow]] = defaultdict(list)
    for entity in rows.entities.values():
        entities[entity.label].append(entity)
    relations: defaultdict[RelationType, list[RelationRow]] = defaultdict(list)
    for relation in rows.relations.values():
        relations[relation.type].append(relation)
    work = [
        (statements.kglite_create_entities(label), list(map(_node_row, found)))
        for label, found in entities.items()
    ]
    work += [
        (statements.kglite_create_relations(type), list(map(_relation_row, found)))
        for type, found in relations.items()
    ]
    for statement, records in work:
        for at in range(0, len(records), _BATCH):
            batch = records[at : at + _BATCH]
            graph.cypher(statement, params={"rows": batch}, timeout_ms=0)
            done += len(batch)
            if on_progress is not None:
                on_progress(done, total, "写入图")
    return graph


def _node_row(row: EntityRow) -> dict[str, Any]:
    properties = {name: value for name, value in row.properties.items() if name != "id"}
    return {"id": row.id, "properties": properties, "title": properties.get("title", row.id)}


def _relation_row(row: RelationRow) -> dict[str, Any]:
    return {"source": row.source, "target": row.target, "properties": row.properties}


def _load(path: Path) -> kglite.Session:
    try:
        # read whole, not mapped: replacing the file cannot disturb a reader
        return kglite.from_bytes(path.read_bytes()).session()
    except FileNotFoundError as exc:
        raise StateError(f"没有找到图数据文件 {path}。请先运行 plankg build。") from exc
    except kglite.KgError as exc:
        raise StateError(f"图数据文件 {path} 已损坏或版本不符。请删除它，再运行 plankg build。") from exc
    except OSError as exc:
        raise StateError(f"无法读取图数据文件 {path}：{exc.strerror}。请检查路径和权限。") from exc


def _replace_file(path: Path, content: bytes) -> None:
    """Write beside the file, flush to disk, then rename: a kill leaves the old file or the new one."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _remove_leftovers(path)
        temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex}.tmp")
        try:
            with temporary.open("xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)
        _flush_directory(path.parent)
    except OSError as exc:
        raise StoreError(f"无法写入图数据文件 {path}：{exc.strerror}。请检查磁盘空间和权限。") from exc


def _remove_leftovers(path: Path) -> None:
    """Remove what killed writers left behind, and nothing that one may still be writing."""
    for leftover in path.parent.glob(f".{path.name}.*.tmp"):
        with contextlib.suppress(FileNotFoundError):
            if time.time() - leftover.stat().st_mtime > _LEFTOVER_AGE_S:
                leftover.unlink()


def _flush_directory(folder: Path) -> None:
    """Make a rename durable; not every system lets a directory be opened."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _closed() -> StoreUnavailableError:
    return StoreUnavailableError("图存储已经关闭。请重新打开。")


def _first_line(exc: BaseException) -> str:
    return (str(exc).splitlines() or [type(exc).__name__])[0].rstrip("。.")
