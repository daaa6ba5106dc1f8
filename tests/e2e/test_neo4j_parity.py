"""One plan in the embedded engine and on a real server: the same graph, the same answers, small changes."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest

from benchmarks.many_plans import HashingEmbedder
from ingest.pipeline import build, default_plans, remove, undo
from kg.adapters import neo4j_store
from kg.adapters.neo4j_store import Neo4jStore
from kg.adapters.stores import open_graph_store
from kg.model import Cell, WriteCounts
from kg.schema import BASE_LABEL
from kg.settings import PROJECT_ROOT, Settings
from kg.state import StateDirectory
from qa.browse import contradictions, graph, indicators, related, tables, text, things
from qa.service import QuestionService
from tests import neo4j_server as servers
from tests.conftest import SMALL_PLAN, settings_for
from tests.contract.graph_engine import GRAPH, exactly, run_on_server
from tests.neo4j_server import Neo4jServer

QUESTIONS = (
    "2025年常住人口城镇化率的目标是多少？",
    "常住人口城镇化率五年要提高几个百分点？",
    "5G网络用户普及率的基期值是多少？",
    "约束性指标有哪些？",
    "经济发展类有几个指标？",
    "全员劳动生产率增长的目标怎么写的？",
    "专栏5-1有哪些项目？",
    "专栏6-1一共有几个项目？",
    "新基建项目有哪些？",
    "利虎玻璃集团有哪些项目？",
    "宏特煤化工要实施哪些项目？",
    "西社镇有哪些项目？",
    "全县一共有多少个项目？",
    "化工产业有哪些企业？",
    "新天源是做什么的？",
    "四张名片是什么？",
    "三寺两窑一街区包括哪些？",
    "清洁能源产业链依托哪家企业？",
    "规模以上工业企业要达到多少户？",
    "规划中关于高新技术企业的说法一致吗？",
    "第六章讲什么？",
    "农村供热怎么做？",
    "如何加强人才队伍建设？",
    "新天源的股票代码是多少？",
    "规划写了县里要建几座机场？",
)
NODES = f"MATCH (n:{BASE_LABEL}) RETURN labels(n) AS labels, properties(n) AS properties"
RELATIONS = f"""
MATCH (a:{BASE_LABEL})-[r]->(b:{BASE_LABEL})
RETURN a.id AS source, type(r) AS type, b.id AS target, properties(r) AS properties
"""
NO_CHANGES = WriteCounts(0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Held:
    """What a state holds and answers, as text in which 1, 1.0 and true differ."""

    engine: str
    nodes: dict[str, str]
    relations: dict[tuple[str, str, str], str]
    answers: dict[str, dict[str, object]]
    views: dict[str, object]


def views_of(service: QuestionService) -> dict[str, object]:
    """What the tabs show: cards, tables, parts of the graph, what is known of stretches of the text."""
    knowledge = service.knowledge
    (plan,) = knowledge.documents
    ids = sorted(knowledge.by_id)[::60]
    firms = [firm.thing.id for firm in tables.enterprises(knowledge)]
    return {
        "cards": [things.card(knowledge, id) for id in ids],
        "projects": tables.projects(knowledge),
        "enterprises": tables.enterprises(knowledge),
        "related": [related.related(knowledge, id) for id in firms[:10]],
        "indicators": indicators.indicators(knowledge),
        "contradictions": contradictions.compared(knowledge),
        "start": graph.start(knowledge),
        "around": [graph.around(knowledge, id) for id in ids[::3]],
        "paths": [graph.paths(knowledge, one, other) for one, other in pairwise(firms[:12])],
        "known": [text.known(knowledge, plan, at, at + 2000) for at in range(0, 80_000, 9000)],
        "names": text.names(knowledge, plan, 0, 1_000_000),
        "suggestions": [service.suggest([id]) for id in firms[:5]],
    }


def graph_of(settings: Settings) -> tuple[dict[str, str], dict[tuple[str, str, str], str]]:
    """All nodes by id and all relations by key, each of them once."""
    build = StateDirectory(settings.home).require_current().build
    with closing(open_graph_store(settings, settings.home / "builds" / build / "graph.kgl")) as store:
        node_rows = store.query(NODES, max_rows=1_000_000, timeout_s=60)
        relation_rows = store.query(RELATIONS, max_rows=1_000_000, timeout_s=60)
    nodes = {
        text_of(row["properties"], "id"): exactly([sorted(strings(row["labels"])), row["properties"]])
        for row in node_rows
    }
    relations = {
        (str(row["source"]), str(row["type"]), str(row["target"])): exactly(row["properties"])
        for row in relation_rows
    }
    assert (len(nodes), len(relations)) == (len(node_rows), len(relation_rows))
    return nodes, relations


def text_of(properties: Cell, key: str) -> str:
    assert isinstance(properties, dict)
    return str(properties[key])


def strings(cell: Cell) -> list[str]:
    assert isinstance(cell, list)
    return [str(item) for item in cell]


def held(settings: Settings) -> Held:
    nodes, relations = graph_of(settings)
    with closing(QuestionService(settings)) as service:
        answers = {question: service.ask(question).to_json() for question in QUESTIONS}
        engine, views = service.status().graph_engine, views_of(service)
    timeless = {question: {**answer, "elapsed_ms": 0} for question, answer in answers.items()}
    return Held(engine, nodes, relations, timeless, views)


def on_server(server: Neo4jServer, home: Path, models: Path, **values: object) -> Settings:
    return settings_for(
        home, models, NEO4J_URI=server.uri, NEO4J_USER=servers.USER, NEO4J_PASSWORD=servers.PASSWORD,
        NEO4J_DATABASE=servers.DATABASE, **values,
    )  # fmt: skip


# -- the real plan


@pytest.fixture(scope="module")
def here(built: Settings) -> Held:
    """The real plan in the embedded engine."""
    return held(built)


@pytest.fixture(scope="module")
def there(built: Settings, neo4j_server: Neo4jServer, tmp_path_factory: pytest.TempPathFactory) -> Held:
    """The real plan on a server, its vectors taken from the embedded build's cache; all read at once."""
    home = tmp_path_factory.mktemp("parity") / "home"
    home.mkdir()
    shutil.copy(built.home / "vectors.sqlite", home)
    settings = on_server(neo4j_server, home, built.models_dir)
    build(default_plans(PROJECT_ROOT), settings)
    return held(settings)


def test_both_engines_hold_the_same_nodes(here: Held, there: Held) -> None:
    assert "KGLite" in here.engine and "Neo4j" in there.engine
    assert len(here.nodes) > 1500
    assert here.nodes == there.nodes


def test_both_engines_hold_the_same_relations_and_evidence(here: Held, there: Held) -> None:
    assert len(here.relations) > 3500
    assert sum('"quote"' in properties for properties in here.relations.values()) > 2000
    assert here.relations == there.relations


@pytest.mark.parametrize("question", QUESTIONS)
def test_both_engines_give_the_same_answer(here: Held, there: Held, question: str) -> None:
    assert here.answers[question] == there.answers[question]


def test_both_engines_show_the_same(here: Held, there: Held) -> None:
    assert [view for view in here.views if here.views[view] != there.views[view]] == []
    assert all(here.views.values())


def test_most_of_the_questions_have_an_answer(here: Held) -> None:
    refused = [question for question, answer in here.answers.items() if answer["refused"]]
    assert 2 <= len(refused) <= 6, refused


# -- small changes on a server


@pytest.fixture
def plans(tmp_path: Path) -> dict[str, Path]:
    """Two plans of two counties."""
    files = {name: tmp_path / f"{name}.txt" for name in ("east", "west")}
    files["east"].write_text(SMALL_PLAN.replace("青山", "东川"), "utf-8")
    files["west"].write_text(SMALL_PLAN.replace("青山", "西岭"), "utf-8")
    return files


@pytest.fixture
def settings(neo4j_server: Neo4jServer, tmp_path: Path) -> Settings:
    """An empty state whose graph goes to the server; its vectors are hashed, so that no model is needed."""
    run_on_server(neo4j_server.uri, "MATCH (n) DETACH DELETE n")
    return on_server(neo4j_server, tmp_path / "home", tmp_path / "no-models")


def elements(server: Neo4jServer, plan: str) -> set[object]:
    """The server's own ids of a plan's nodes and relations: what is written anew gets others."""
    nodes = run_on_server(server.uri, f"MATCH (n:{BASE_LABEL} {{plan: '{plan}'}}) RETURN elementId(n) AS e")
    relations = run_on_server(
        server.uri, f"MATCH (:{BASE_LABEL} {{plan: '{plan}'}})-[r]->() RETURN elementId(r) AS e"
    )
    return {row["e"] for row in (*nodes, *relations)}


def test_an_unchanged_plan_writes_nothing_even_if_all_is_read_again(
    neo4j_server: Neo4jServer, settings: Settings, plans: dict[str, Path], tmp_path: Path
) -> None:
    files, embedder = list(plans.values()), HashingEmbedder()
    first = build(files, settings, embedder=embedder)
    assert first.graph_changes.entities_written == sum(first.manifest.labels.values())
    assert first.graph_changes.relations_written == sum(first.manifest.relations.values())
    before = elements(neo4j_server, "east"), elements(neo4j_server, "west")
    assert build(files, settings, embedder=embedder).unchanged
    # word lists that differ by a line break: another fingerprint, so that all is read, for the same graph
    shutil.copytree(settings.lexicon_dir, tmp_path / "lexicon")
    lexicon = tmp_path / "lexicon" / "place_words.json"
    lexicon.write_text(lexicon.read_text("utf-8") + "\n", "utf-8")
    other = settings.model_copy(update={"lexicon_dir": tmp_path / "lexicon"})
    again = build(files, other, embedder=embedder)
    assert (again.unchanged, again.plans_read, again.graph_changes) == (False, 2, NO_CHANGES)
    assert (elements(neo4j_server, "east"), elements(neo4j_server, "west")) == before


def test_a_changed_paragraph_touches_only_what_depends_on_it(
    neo4j_server: Neo4jServer, settings: Settings, plans: dict[str, Path]
) -> None:
    embedder = HashingEmbedder()
    build(list(plans.values()), settings, embedder=embedder)
    east, west = elements(neo4j_server, "east"), elements(neo4j_server, "west")
    text = plans["west"].read_text("utf-8")
    plans["west"].write_text(text.replace("每年召开一次", "每年召开两次"), "utf-8")  # no character more
    changes = build(list(plans.values()), settings, embedder=embedder).graph_changes
    assert changes.entities_written == changes.entities_removed == 1  # the passage
    assert 1 <= changes.relations_written <= 4 and changes.relations_removed <= 4
    assert elements(neo4j_server, "east") == east
    assert len(elements(neo4j_server, "west") & west) > 0.8 * len(west)


def test_removing_a_plan_leaves_the_other_as_it_was_and_undo_brings_it_back(
    neo4j_server: Neo4jServer, settings: Settings, plans: dict[str, Path]
) -> None:
    embedder = HashingEmbedder()
    both = build(list(plans.values()), settings, embedder=embedder)
    graph, east = graph_of(settings), elements(neo4j_server, "east")
    changes = remove("west", settings, embedder=embedder).graph_changes
    assert changes.entities_removed > 10 and changes.entities_written == changes.relations_written == 0
    assert elements(neo4j_server, "west") == set() and elements(neo4j_server, "east") == east
    back = undo(settings, embedder=embedder)
    assert back.manifest.plans == both.manifest.plans and back.graph_changes.entities_removed == 0
    assert graph_of(settings) == graph and elements(neo4j_server, "east") == east


# -- more than one transaction holds


@pytest.fixture
def store(neo4j_server: Neo4jServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Neo4jStore]:
    """A store on an empty database that writes two rows a statement and three or four a transaction."""
    monkeypatch.setattr(neo4j_store, "_BATCH", 2)
    monkeypatch.setattr(neo4j_store, "_ATOMIC_CHANGES", 3)
    run_on_server(neo4j_server.uri, "MATCH (n) DETACH DELETE n")
    opened = Neo4jStore(neo4j_server.uri, servers.USER, servers.PASSWORD, servers.DATABASE)
    yield opened
    opened.close()


def stored(store: Neo4jStore) -> tuple[int, int]:
    """How many nodes and relations there are."""
    nodes = store.query("MATCH (n) RETURN n.id AS id")
    return len(nodes), len(store.query("MATCH ()-[r]->() RETURN type(r) AS type"))


def test_a_graph_in_several_transactions_is_whole_in_the_end(store: Neo4jStore) -> None:
    told: list[tuple[int, int]] = []
    nodes, relations = len(GRAPH.entities), len(GRAPH.relations)
    changes = store.write(GRAPH, lambda done, of, label: told.append((done, of)))
    assert (changes.entities_written, changes.relations_written) == (nodes, relations)
    assert len(told) > 1 and told[-1] == (nodes + relations, nodes + relations)
    assert stored(store) == (nodes, relations)
    assert store.write(GRAPH) == NO_CHANGES
    assert store.write(type(GRAPH)((), ())).entities_removed == len(GRAPH.entities)
    assert stored(store) == (0, 0)


def test_a_write_that_ended_between_two_transactions_is_completed_by_the_next(store: Neo4jStore) -> None:
    class Killed(Exception):
        pass

    def stop(done: int, total: int, label: str) -> None:
        raise Killed

    with pytest.raises(Killed):
        store.write(GRAPH, stop)
    nodes, relations = stored(store)
    assert 0 < nodes + relations < len(GRAPH.entities) + len(GRAPH.relations)
    rest = store.write(GRAPH)
    assert rest.entities_written == len(GRAPH.entities) - nodes
    assert store.write(GRAPH) == NO_CHANGES
    assert stored(store) == (len(GRAPH.entities), len(GRAPH.relations))
