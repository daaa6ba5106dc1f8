"""The door to the answering layer: open a state, ask, read the source. Objects are wired here."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from kg.errors import InputError, StateError
from kg.model import Cell, Row
from kg.ports import GraphStore
from kg.queries import NODES
from kg.readonly import check_read_only
from kg.schema import Label
from kg.settings import Settings
from kg.state import Manifest, StateDirectory, load_documents
from kg.tokens import fold, shortened, simplified
from qa.answerers.base import Inquiry
from qa.answerers.refusal import refuse
from qa.components import Components
from qa.contradictions import warn
from qa.coordination import combined, coordinated, covers, in_turn
from qa.followup import resolve
from qa.knowledge import Knowledge, node_of
from qa.lexicon import load_question_lexicon
from qa.linking import EntityLinker
from qa.model import Answer, History, SourceExcerpt, Status
from qa.retrieve import HybridRetriever
from qa.suggestions import Span, Suggester, load_next_questions
from qa.typos import TypoCorrector
from qa.verify import verify
from qa.wording.base import Worder
from qa.wording.pairing import Linker

log = logging.getLogger(__name__)

#: a question longer than this is cut: what matters stands at its start, and time stays bounded
MAX_QUESTION_CHARS = 1000
#: the same for what was answered before
_MAX_TURN_CHARS = 4000
_PIECE_CHARS = 12
#: how many questions are thought about at once: more would only take each other's time, and all would wait
_AT_ONCE = 3
#: answers that are kept, 10 kB each: people ask the page's examples, and what it suggests was asked before
_KEPT_ANSWERS = 1000


class QuestionService:
    """Answers from the current build. Notices a new build and changes over. Thread-safe."""

    def __init__(
        self, settings: Settings, components: Components | None = None, *, single: bool = False
    ) -> None:
        """Opens nothing; the first use does. ``components``: the parts to answer with, all by default.

        ``single``: one question is all that will be asked, so loading quickly is what counts.
        """
        self._settings = settings
        self._components = components or Components()
        self._single = single
        self._worder = open_worder(settings)
        self._state = StateDirectory(settings.home)
        self._lock = threading.Lock()
        self._loaded: _Loaded | None = None
        # first come, first served, which a semaphore is not
        self._thinking = ThreadPoolExecutor(_AT_ONCE, "answers")
        self._answers = lru_cache(maxsize=_KEPT_ANSWERS)(self._thought)

    # -- asking

    def ask(self, question: str, history: History = ()) -> Answer:
        """Answer a question with evidence; a question that the plan does not answer is refused.

        Raises: StateError: nothing was built, or for other settings. InputError: the question is empty,
            or it or the history is not valid Unicode.
        """
        *_, answer = self.stream(question, history)
        assert isinstance(answer, Answer)
        return answer

    def stream(self, question: str, history: History = ()) -> Iterator[str | Answer]:
        """The answer's text in pieces, then the complete answer; its text counts if they differ.

        Raises: as `ask`, before the first piece.
        """
        started = time.perf_counter()
        answer, link = self._plain(question, history)
        for piece in self._worder.stream(answer, link) if self._worder else _in_pieces(answer):
            if isinstance(piece, Answer):
                piece = replace(piece, elapsed_ms=(time.perf_counter() - started) * 1000)
            yield piece

    def _plain(self, question: str, history: History = ()) -> tuple[Answer, Linker]:
        """The answer without a model, and what finds the names in a text."""
        text = shortened(" ".join(question.split()), MAX_QUESTION_CHARS)
        if not text:
            raise InputError("问题是空的。请输入要查询的问题。")
        _check_unicode(text, *(part for turn in history for part in turn))
        loaded = self._open()
        text = loaded.knowledge.lexicon.standard(simplified(text))
        turns = _bounded(history) if self._components.follow_ups else ()
        resolved = shortened(resolve(text, turns, loaded.knowledge, loaded.linker), MAX_QUESTION_CHARS)
        answer = self._answers(loaded.knowledge.manifest.build, resolved, text)
        if resolved != text:
            answer = replace(answer, notes=(*answer.notes, f"已结合上文理解为：{resolved}"))
        return replace(answer, question=question), loaded.linker.link

    def _thought(self, build: str, resolved: str, text: str) -> Answer:
        """`_verified`, when it is its turn. ``build`` is the current one: another's answers are others."""
        return self._thinking.submit(self._verified, resolved, text).result()

    def _verified(self, resolved: str, text: str) -> Answer:
        """The answer to a question as it was understood; what it takes from the question may stand in it."""
        loaded = self._open()
        return verify(self._answer(resolved, loaded), loaded.knowledge, (text, resolved))

    def _answer(self, text: str, loaded: _Loaded) -> Answer:
        """The answer; where several things are asked and one answer misses some, an answer to each."""
        whole = self._answer_one(text, loaded)
        alike = coordinated(text)
        questions = alike or in_turn(text)
        if not questions or covers(whole, questions):
            return whole
        parts: list[Answer] = []
        for question in questions:
            if parts and not alike:  # the second question may go without its subject
                turns = ((parts[-1].question, parts[-1].answer),)
                question = resolve(question, turns, loaded.knowledge, loaded.linker)
            parts.append(self._answer_one(question, loaded))
        return whole if all(part.refused for part in parts) else combined(text, parts)

    def _answer_one(self, text: str, loaded: _Loaded) -> Answer:
        inquiry = _inquiry(text, loaded)
        corrections = loaded.typos.correct(inquiry.question) if self._components.typos else ()
        if corrections:
            corrected = inquiry.question.folded
            for item in corrections:
                corrected = corrected.replace(item.asked, item.written)
            answer = self._answer_understood(corrected, _inquiry(corrected, loaded))
            notes = tuple(f"问题中的“{c.asked}”已按规划中的“{c.written}”理解" for c in corrections)
            return replace(answer, notes=(*answer.notes, *notes))
        return self._answer_understood(text, inquiry)

    def _answer_understood(self, text: str, inquiry: Inquiry) -> Answer:
        for answerer in self._components.answerers:
            draft = answerer.answer(inquiry)
            if draft is not None:
                log.debug("%s: %s", answerer.kind, text)
                if self._components.contradictions:
                    warn(draft, inquiry, inquiry.knowledge.contradictions)
                return draft.build(text, refused=draft.refused or not draft.quoted)
        return refuse(inquiry).build(text, refused=True)

    def suggest(
        self, ids: Sequence[str], cited: Sequence[Span] = (), asked: Sequence[str] = (), limit: int = 3
    ) -> tuple[str, ...]:
        """Up to ``limit`` questions that lead on from an answer; all are answered, with other quotes.

        ``ids``: the things that the answer speaks of; ``cited``: its quotes; ``asked``: what was asked
        until now, its question included.
        """
        return self._open().suggester.suggest(ids, cited, asked, limit)

    def _asked_alone(self, question: str) -> Answer:
        return self._plain(question)[0]

    # -- reading

    def source(self, plan_id: str, start: int, end: int, *, context_chars: int = 400) -> SourceExcerpt:
        """The plan around [start, end), for reading.

        Raises: InputError: no such plan, or offsets outside it.
        """
        knowledge = self.knowledge
        document = knowledge.documents.get(plan_id)
        if document is None or not 0 <= start < end <= len(document.text):
            raise InputError("找不到这段原文：规划或位置不存在。请重新提问以取得有效的引用。")
        first = max(0, start - context_chars)
        last = min(len(document.text), end + context_chars)
        block = document.block_at(start)
        return SourceExcerpt(
            source=plan_id,
            title=document.title,
            locator=block.locator if block else "",
            text=document.text[first:last],
            mark_start=start - first,
            mark_end=end - first,
        )

    def cypher(
        self,
        statement: str,
        parameters: Mapping[str, Cell] | None = None,
        *,
        max_rows: int = 1000,
        apart: bool = False,
    ) -> list[Row]:
        """Run a foreign read-only statement; ``apart`` where others are served by this process too.

        Raises: CypherRefusedError: it would write or read files. CypherError: it is wrong.
        """
        check_read_only(statement)
        store = self.knowledge.store
        run = store.query_apart if apart else store.query
        return run(statement, parameters, max_rows=max_rows)

    def export(self, format: str, directory: Path) -> list[Path]:
        """Write the graph in another format (one of `kg.export.FORMATS`); the files written.

        Raises: InputError: the directory cannot be used.
        """
        from kg.export import export_graph
        from kg.export.reading import read_graph

        return export_graph(read_graph(self.knowledge.store), format, directory)

    def status(self) -> Status:
        """What is loaded."""
        manifest = self.manifest()
        return Status(
            plans=manifest.titles,
            nodes=sum(manifest.labels.values()),
            relations=sum(manifest.relations.values()),
            passages=manifest.passages,
            graph_engine=manifest.graph_engine,
            embedding_model=manifest.embedding_model,
            built_at=manifest.built_at,
        )

    def manifest(self) -> Manifest:
        """The current build's manifest.

        Raises: StateError: nothing was built.
        """
        return self._state.require_current()

    @property
    def home(self) -> Path:
        """The state directory."""
        return self._settings.home

    def warm_up(self) -> None:
        """Load everything that a first question would load."""
        loaded = self._open()
        loaded.knowledge.retriever.search("规划的主要目标", 1)
        loaded.typos.warm_up()
        self._plain("规划的主要目标是什么？")
        if self._worder:
            self._worder.prepare()

    @property
    def knowledge(self) -> Knowledge:
        """The current build's knowledge, for components that retrieve themselves."""
        return self._open().knowledge

    @property
    def linker(self) -> EntityLinker:
        """What finds the names of the current build's graph in a text."""
        return self._open().linker

    def close(self) -> None:
        """Release files and connections. Safe to call twice; a later question is answered all the same."""
        with self._lock:
            if self._loaded:
                self._loaded.knowledge.store.close()
            self._loaded = None

    # -- opening

    def _open(self) -> _Loaded:
        manifest = self._state.require_current()
        loaded = self._loaded
        if loaded and loaded.knowledge.manifest.build == manifest.build:
            return loaded
        with self._lock:
            if self._loaded is None or self._loaded.knowledge.manifest.build != manifest.build:
                knowledge = self._load(manifest)
                linker = EntityLinker(knowledge) if self._components.entities else EntityLinker(knowledge, ())
                templates = load_next_questions(self._settings.lexicon_dir)
                suggester = Suggester(knowledge, linker, templates, self._asked_alone)
                # the old build stays open: another thread may be in the middle of an answer
                self._loaded = _Loaded(knowledge, linker, TypoCorrector(knowledge), suggester)
            return self._loaded

    def _load(self, manifest: Manifest) -> Knowledge:
        from kg.adapters.embedder_process import open_single_question_embedder
        from kg.adapters.embedding import open_embedder
        from kg.adapters.indexes import open_vector_index
        from kg.adapters.lexical_index import LexicalIndex
        from kg.adapters.stores import open_graph_store

        settings, sources = self._settings, self._components.sources
        opened = open_single_question_embedder if self._single else open_embedder
        embedder = opened(settings.embedding_model, settings.models_dir)
        _check_model(manifest, embedder.name)
        path = self._state.build_path(manifest.build)
        documents, passages = load_documents(path, manifest.plans)
        index = open_vector_index(settings, manifest.build, path)
        retriever = HybridRetriever(LexicalIndex(path / "lexical"), index, embedder, sources)
        lexicon = load_question_lexicon(settings.lexicon_dir)
        store = open_graph_store(settings, path / "graph.kgl")
        try:
            _check_graph(store, manifest)
        except BaseException:
            store.close()
            raise
        return Knowledge(manifest, documents, passages, store, retriever, lexicon)


@dataclass(frozen=True, slots=True)
class _Loaded:
    knowledge: Knowledge
    linker: EntityLinker
    typos: TypoCorrector
    suggester: Suggester


def _inquiry(text: str, loaded: _Loaded) -> Inquiry:
    """A question with the names in it, both understood once."""
    folded = fold(text)
    entities = loaded.linker.link(folded)
    question = loaded.knowledge.understand(text, loaded.linker.names_in(entities, folded))
    return Inquiry(question, loaded.knowledge, entities, loaded.linker)


def open_worder(settings: Settings) -> Worder | None:
    """What words answers better, if a chat model is configured."""
    from kg.adapters.chat_model import open_chat_model

    model = open_chat_model(settings)
    if model is None:
        return None
    from qa.wording.model_worder import ModelWorder

    return ModelWorder(model, settings.lexicon_dir)


def _in_pieces(answer: Answer) -> Iterator[str | Answer]:
    for start in range(0, len(answer.answer), _PIECE_CHARS):
        yield answer.answer[start : start + _PIECE_CHARS]
    yield answer


def _check_model(manifest: Manifest, model: str) -> None:
    """Vectors of two models cannot be compared, even where their lengths agree."""
    if manifest.embedding_model != model:
        raise StateError(
            f"现有的库用嵌入模型 {manifest.embedding_model} 建立，而现在设置的是 {model}。"
            "请重新建库：plankg build，或改回 PLANKG_EMBEDDING_MODEL。"
        )


def _check_graph(store: GraphStore, manifest: Manifest) -> None:
    """A server may hold another graph, or none: the state was built before it was named."""
    stored = {node_of(row, Label.PLAN).id for row in store.query(NODES[Label.PLAN])}
    if not stored.issuperset(manifest.plans):
        raise StateError(
            f"图数据库（{store.describe()}）里不是现有的库所用的规划。"
            "请重新建库：plankg build，或检查 NEO4J_URI 与 NEO4J_DATABASE。"
        )


def _check_unicode(*texts: str) -> None:
    """Halves of surrogate pairs come from a terminal that is not UTF-8, or from broken JSON."""
    if any("\ud800" <= char <= "\udfff" for text in texts for char in text):
        raise InputError("问题不是有效的 UTF-8 文本。请检查终端或问题文件的编码。")


def _bounded(history: History) -> History:
    """Earlier turns cut like questions: they become part of the question that is answered."""
    return tuple(
        (shortened(asked, MAX_QUESTION_CHARS), shortened(said, _MAX_TURN_CHARS)) for asked, said in history
    )


def history_of(turns: Sequence[Sequence[str]]) -> History:
    """Turns as they come from JSON, checked.

    Raises: InputError: a turn is not a pair of texts.
    """
    pairs: list[tuple[str, str]] = []
    for turn in turns:
        if len(turn) != 2 or not all(isinstance(part, str) for part in turn):
            raise InputError("history 的每一轮应是 [用户的话, 系统的话]。请改正问题文件。")
        pairs.append((turn[0], turn[1]))
    return tuple(pairs)
