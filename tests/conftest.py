"""Fixtures of the whole suite: the prepared model, and one build of the real plan."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.pipeline import build, default_plans
from kg.settings import DEFAULT_MODEL, PROJECT_ROOT, Settings
from qa.service import QuestionService
from tests import neo4j_server as servers
from tests.neo4j_server import Neo4jServer

#: what tests on the Neo4j server ask for
NEO4J_FIXTURES = {"neo4j_server", "engine", "store", "remote"}
SECOND_PLAN = Path(__file__).parent / "data" / "plans" / "qingshan-plan.txt"
#: a plan as small as one can be, for tests that build often
SMALL_PLAN = """青山县国民经济和社会发展第十四个五年规划纲要

第一章 发展目标
第一节 主要目标
到2025年，全县地区生产总值达到120亿元，年均增长7%以上。城镇化率达到62%。
专栏1-1：重点工业项目
1.青山锂源年产5万吨磷酸铁锂项目。
2.金穗粮油年产3万吨大米项目。

第二节 保障措施
加强组织领导。建立县级领导包联项目制度，每年召开一次规划实施评估会议。
"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The modules of the Neo4j server first: they take longest, and the other worker then has the rest."""
    on_server = {item.path for item in items if NEO4J_FIXTURES & set(getattr(item, "fixturenames", ()))}
    items.sort(key=lambda item: item.path not in on_server)


@pytest.fixture(scope="session")
def models_dir() -> Path:
    """Where the prepared embedding model is; skips where it is not."""
    directory = Path(os.environ.get("PLANKG_MODELS", PROJECT_ROOT / ".plankg" / "models"))
    if not (directory / DEFAULT_MODEL / "onnx" / "model.onnx").exists():
        pytest.skip("没有向量模型：先运行 make model")
    return directory


def settings_for(home: Path, models_dir: Path, **values: object) -> Settings:
    """Settings for a state directory of its own, whatever the environment says."""
    return Settings.model_validate(
        {"PLANKG_HOME": home, "PLANKG_MODELS": models_dir, "NEO4J_URI": None, "CHROMA_HOST": None, **values}
    )


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory, models_dir: Path) -> Settings:
    """The real plan, built once for the whole run. Tests must not write to it."""
    settings = settings_for(tmp_path_factory.mktemp("built"), models_dir)
    build(default_plans(PROJECT_ROOT), settings)
    return settings


@pytest.fixture(scope="session")
def service(built: Settings) -> Iterator[QuestionService]:
    """The answering layer on the real plan."""
    opened = QuestionService(built)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def neo4j_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Neo4jServer]:
    """One server for the whole run of a worker. A module that uses it first writes what it needs."""
    if reason := servers.why_not():
        pytest.skip(reason)
    server = servers.start(tmp_path_factory.mktemp("neo4j"))
    yield server
    server.stop()


@pytest.fixture
def small_plan(tmp_path: Path) -> Path:
    """A small plan file."""
    path = tmp_path / "small-plan.txt"
    path.write_text(SMALL_PLAN, "utf-8")
    return path
