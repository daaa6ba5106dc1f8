"""The server graph store: Neo4j through its official driver, a single server or a cluster."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from threading import Lock
from typing import Any

import neo4j
from neo4j.exceptions import AuthError, ClientError, DriverError, Neo4jError, ServiceUnavailable
from neo4j.graph import Node, Path, Relationship
from neo4j.spatial import Point
from neo4j.time import Date, DateTime, Duration, Time

from kg import cypher as statements
from kg.adapters.graph_rows import Changes, EntityRow, RelationRow, changes, graph_rows
from kg.errors import CypherError, CypherRefusedError, StoreError, StoreUnavailableError
from kg.model import Cell, Graph, Row, WriteCounts
from kg.ports import ProgressCallback
from kg.readonly import check_read_only, without_comments
from kg.schema import Label, RelationType

_BATCH = 1000
#: changes in one transaction, of about 5 kB of the server's memory each; a plan makes some 5,000
_ATOMIC_CHANGES = 40_000
_CONNECT_TIMEOUT_S = 5.0
#: how long a transaction is tried again on a transient error, e.g. while a cluster elects a leader
_RETRY_S = 5.0
_WRITE_TIMEOUT_S = 600.0
_AWAIT_INDEXES_S = 60
_MAX_KNOWN = 1000
_READ_TYPE = "r"
_SCHEMES = frozenset({"bolt", "bolt+s", "bolt+ssc", "neo4j", "neo4j+s", "neo4j+ssc"})


class Neo4jStore:
    """A `GraphStore` on a Neo4j server, version 5.7 or later.

    All nodes labelled ``Entity`` in the database belong to this store; a write removes those that are
    not in the graph. Other nodes are never touched. ``uri`` is ``bolt://``, ``neo4j://`` or one of
    their encrypted forms. Connects at the first use.
    """

    def __init__(self, uri: str, user: str, password: str | None, database: str) -> None:
        """Remember where the server is; without a password, no authentication is tried."""
        self._uri = uri
        self._auth = (user, password) if password is not None else None
        self._database = database
        self._lock = Lock()
        self._open: neo4j.Driver | None = None
        self._closed = False
        self._known_reads: set[str] = set()  # statements that the server itself classified as reads

    def write(self, graph: Graph, on_progress: ProgressCallback | None = None) -> WriteCounts:
        """See `GraphStore.write`. One transaction holds the comparison and all changes.

        Only what no server's memory would hold in one transaction, the first load of many plans or their
        removal, is written in several, in an order in which every relation finds its ends. Whatever ends
        such a write, the next one completes it.
        """
        rows = graph_rows(graph)

        @neo4j.unit_of_work(timeout=_WRITE_TIMEOUT_S)
        def replace(transaction: neo4j.ManagedTransaction) -> tuple[Changes, bool]:
            entities = _stored(transaction, statements.ALL_ENTITIES)
            change = changes(rows, entities, _stored(transaction, statements.ALL_RELATIONS))
            fits = change.size <= _ATOMIC_CHANGES
            if fits:
                _apply(transaction, list(_batches(change)), _Progress(change.size, on_progress))
            return change, fits

        with self._errors():
            self._ensure_schema()
            with self._session(neo4j.WRITE_ACCESS) as session:
                change, done = session.execute_write(replace)
                if not done:
                    _apply_in_parts(session, change, on_progress)
                return change.counts

    def query(
        self,
        cypher: str,
        parameters: Mapping[str, Cell] | None = None,
        *,
        timeout_s: float = 10.0,
        max_rows: int = 10_000,
    ) -> list[Row]:
        """See `GraphStore.query`. A server may notice a statement that is over its time up to 2 s late."""
        check_read_only(cypher)
        statement = without_comments(cypher)
        given = dict(parameters or {})

        @neo4j.unit_of_work(timeout=max(0.001, timeout_s))  # 0 would mean no limit
        def read(transaction: neo4j.ManagedTransaction) -> list[Row]:
            self._check_classified_as_read(transaction, statement, given)
            return _rows(transaction.run(statement, given), max_rows)

        with self._errors(timeout_s), self._session(neo4j.READ_ACCESS) as session:
            return session.execute_read(read)

    def query_apart(
        self,
        cypher: str,
        parameters: Mapping[str, Cell] | None = None,
        *,
        timeout_s: float = 10.0,
        max_rows: int = 10_000,
    ) -> list[Row]:
        """See `GraphStore.query_apart`: the server is apart, and bounds the memory of a transaction."""
        return self.query(cypher, parameters, timeout_s=timeout_s, max_rows=max_rows)

    def describe(self) -> str:
        """Engine and version. Raises: StoreUnavailableError."""
        with self._errors():
            info = self._driver().get_server_info()
        return info.agent.replace("/", " ")

    def close(self) -> None:
        """Close all connections."""
        with self._lock:
            self._closed = True
            if self._open is not None:
                self._open.close()

    def _driver(self) -> neo4j.Driver:
        with self._lock:
            if self._closed:
                raise StoreUnavailableError("图存储已经关闭。请重新打开。")
            if self._open is None:
                self._open = self._connect()
            return self._open

    def _connect(self) -> neo4j.Driver:
        if self._uri.partition("://")[0] not in _SCHEMES:
            raise self._bad_address()
        try:
            driver = neo4j.GraphDatabase.driver(
                self._uri,
                auth=self._auth,
                connection_timeout=_CONNECT_TIMEOUT_S,
                max_transaction_retry_time=_RETRY_S,
                # hints such as "no such label yet" would go to the log at every query
                notifications_min_severity="OFF",
            )
        except (DriverError, ValueError) as exc:
            raise self._bad_address() from exc
        try:
            driver.verify_connectivity()  # fails at once, where a transaction would try for a while
        except BaseException as exc:
            driver.close()
            if isinstance(exc, ValueError):  # a host or port that cannot be one
                raise self._bad_address() from exc
            raise
        return driver

    def _session(self, access: str) -> neo4j.Session:
        driver = self._driver()
        return driver.session(
            database=self._database,
            default_access_mode=access,
            # shared, so that on a cluster a query sees the write before it
            bookmark_manager=driver.execute_query_bookmark_manager,
        )

    def _ensure_schema(self) -> None:
        with self._session(neo4j.WRITE_ACCESS) as session:
            for statement in statements.NEO4J_SCHEMA:
                session.run(statement).consume()
            session.run(statements.NEO4J_AWAIT_INDEXES, seconds=_AWAIT_INDEXES_S).consume()

    def _check_classified_as_read(
        self, transaction: neo4j.ManagedTransaction, cypher: str, parameters: dict[str, Any]
    ) -> None:
        """Let the server plan a statement that is new to this store, and refuse all but reads."""
        if cypher in self._known_reads:
            return
        summary = transaction.run(f"EXPLAIN {cypher}", parameters).consume()
        if summary.query_type != _READ_TYPE:
            raise CypherRefusedError("拒绝执行：数据库判定该语句会写入数据，这里只能运行只读查询。")
        if len(self._known_reads) >= _MAX_KNOWN:
            self._known_reads.clear()
        self._known_reads.add(cypher)

    @contextmanager
    def _errors(self, timeout_s: float = _WRITE_TIMEOUT_S) -> Iterator[None]:
        """Translate the driver's errors into ours."""
        try:
            yield
        except (AuthError, ServiceUnavailable) as exc:
            raise self._unavailable(exc) from exc
        except Neo4jError as exc:
            raise self._translated(exc, timeout_s) from exc
        except DriverError as exc:
            raise self._unavailable(exc) from exc
        except (TypeError, ValueError, OverflowError) as exc:
            raise CypherError(f"查询参数无法使用：{_first_line(exc)}。请检查参数。") from exc

    def _translated(self, exc: Neo4jError, timeout_s: float) -> StoreError:
        code = exc.code or ""
        if code.startswith("Neo.ClientError.Security") or "DatabaseNotFound" in code:
            return self._unavailable(exc)
        if "AccessMode" in code:
            return CypherRefusedError("拒绝执行：这里只能运行只读查询。")
        if "OutOfMemory" in code:
            return StoreError(
                f"Neo4j {self._shown_uri()} 的内存不够完成这次操作。"
                "请在服务器上调大 server.memory.heap.max_size 后重试。"
            )
        if "TransactionTimedOut" in code:
            return CypherError(f"查询超过 {timeout_s:g} 秒，已中止。请缩小范围或加上 LIMIT。")
        if "ConstraintCreationFailed" in code:
            return StoreError("Neo4j 中已有编号重复的 Entity 节点，无法建立唯一约束。请改用一个空的数据库。")
        if isinstance(exc, ClientError):
            return CypherError(f"Cypher 语句无法执行：{_first_line(exc)}。请检查语句。")
        return StoreUnavailableError(
            f"Neo4j {self._shown_uri()} 暂时无法完成操作：{_first_line(exc)}。请稍后再试。"
        )

    def _unavailable(self, exc: Exception) -> StoreUnavailableError:
        code = getattr(exc, "code", None) or ""
        if isinstance(exc, AuthError) or code.startswith("Neo.ClientError.Security"):
            return StoreUnavailableError(
                f"Neo4j {self._shown_uri()} 拒绝登录。请检查 NEO4J_USER 和 NEO4J_PASSWORD。"
            )
        if "DatabaseNotFound" in code:
            return StoreUnavailableError(
                f"Neo4j {self._shown_uri()} 上没有数据库“{self._database}”。请检查 NEO4J_DATABASE。"
            )
        return StoreUnavailableError(
            f"无法连接 Neo4j {self._shown_uri()}。请检查服务器是否已启动，以及 NEO4J_URI 是否正确。"
        )

    def _bad_address(self) -> StoreUnavailableError:
        return StoreUnavailableError(
            f"NEO4J_URI 的值“{self._shown_uri()}”无法使用。请写成 neo4j://主机:7687 或 bolt://主机:7687。"
        )

    def _shown_uri(self) -> str:
        """The URI without a password that somebody may have put into it."""
        scheme, mark, rest = self._uri.partition("://")
        return f"{scheme}{mark}{rest.rpartition('@')[2]}"


class _Progress:
    """Counts what was written, and tells."""

    def __init__(self, total: int, on_progress: ProgressCallback | None) -> None:
        self._total, self._done, self._tell = total, 0, on_progress

    def add(self, count: int) -> None:
        self._done += count
        if self._tell is not None:
            self._tell(self._done, self._total, "写入图")


#: statement, name of its parameter, the parameter's list
_Batch = tuple[str, str, list[Any]]


def _apply(transaction: neo4j.ManagedTransaction, batches: list[_Batch], progress: _Progress) -> None:
    for statement, parameter, rows in batches:
        transaction.run(statement, {parameter: rows}).consume()
        progress.add(len(rows))


def _apply_in_parts(session: neo4j.Session, change: Changes, on_progress: ProgressCallback | None) -> None:
    """Apply changes in transactions of a bounded size. Each statement may run twice without harm."""
    progress = _Progress(change.size, on_progress)

    @neo4j.unit_of_work(timeout=_WRITE_TIMEOUT_S)
    def apply(transaction: neo4j.ManagedTransaction, batches: list[_Batch]) -> None:
        _apply(transaction, batches, _Progress(0, None))

    part: list[_Batch] = []
    for batch in (*_batches(change), None):
        if part and (batch is None or sum(len(rows) for *_, rows in part) >= _ATOMIC_CHANGES):
            session.execute_write(apply, part)
            progress.add(sum(len(rows) for *_, rows in part))
            part = []
        if batch is not None:
            part.append(batch)


def _batches(change: Changes) -> Iterator[_Batch]:
    """Yield batches in an order that holds at every step."""
    entities: defaultdict[Label, list[EntityRow]] = defaultdict(list)
    for entity in change.entities:
        entities[entity.label].append(entity)
    relations: defaultdict[RelationType, list[RelationRow]] = defaultdict(list)
    for relation in change.relations:
        relations[relation.type].append(relation)
    work: list[tuple[str, str, list[Any]]] = [
        (statements.NEO4J_DELETE_RELATIONS, "elements", change.stale_relations),
        (statements.NEO4J_DELETE_ENTITIES, "elements", change.stale_entities),
        (statements.NEO4J_UNLABEL, "ids", change.relabelled_ids),
    ]
    for label, found in entities.items():
        records = [{"id": row.id, "properties": row.properties} for row in found]
        work.append((statements.neo4j_merge_entities(label), "rows", records))
    for type, edges in relations.items():
        records = [{"source": r.source, "target": r.target, "properties": r.properties} for r in edges]
        work.append((statements.neo4j_merge_relations(type), "rows", records))
    for statement, parameter, rows in work:
        for at in range(0, len(rows), _BATCH):
            yield statement, parameter, rows[at : at + _BATCH]


def _stored(transaction: neo4j.ManagedTransaction, statement: str) -> Iterator[Row]:
    """Rows as the server sends them, one at a time: what is stored never is in memory as a whole."""
    for record in transaction.run(statement):
        yield dict(zip(record.keys(), record.values(), strict=True))


def _rows(result: neo4j.Result, max_rows: int | None) -> list[Row]:
    records = result if max_rows is None else result.fetch(max_rows)
    return [
        {name: _cell(value) for name, value in zip(record.keys(), record.values(), strict=True)}
        for record in records
    ]


def _cell(value: Any) -> Cell:
    """A value as both engines give it: nodes and relations as maps of their properties."""
    if isinstance(value, Node | Relationship | dict):
        return {name: _cell(value[name]) for name in sorted(value.keys())}
    if isinstance(value, Path):
        return {
            "nodes": [_cell(node) for node in value.nodes],
            "relationships": [_cell(relation) for relation in value.relationships],
        }
    if isinstance(value, list):
        return [_cell(item) for item in value]
    if isinstance(value, Date | Time | DateTime):
        return value.iso_format()
    if isinstance(value, Duration):
        return value.iso_format()
    if isinstance(value, Point):
        return [float(part) for part in value]
    return value if value is None or isinstance(value, str | int | float) else str(value)


def _first_line(exc: BaseException) -> str:
    text = exc.message if isinstance(exc, Neo4jError) and exc.message else str(exc)
    return (text.splitlines() or [type(exc).__name__])[0].rstrip("。.")
