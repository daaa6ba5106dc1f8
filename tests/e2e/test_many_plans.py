"""Several plans in one state: added, changed, removed, taken back; only what changed is done again."""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks.many_plans import HashingEmbedder
from benchmarks.synthetic import read_template, synthetic_plan
from ingest.extraction import ExtractionCache, extract
from ingest.lexicon import load_lexicon
from ingest.load import load_text
from ingest.outline import build_outline
from ingest.passages import make_passages
from ingest.pipeline import build, default_plans, remove, undo
from kg.adapters.kglite_store import KgliteStore
from kg.errors import InputError, StateError
from kg.ports import ProgressCallback
from kg.settings import PROJECT_ROOT, Settings
from kg.state import StateDirectory, load_documents
from kg.units import all_units
from qa.service import QuestionService
from tests.conftest import SECOND_PLAN, SMALL_PLAN, settings_for
from tests.e2e.cli import KILLED, CommandLine, build_until, contents, current_build

#: county, its gross product, and its first firm, of each plan
COUNTIES = {
    "east": ("东川县", "310亿元", "金桥"),
    "west": ("西岭县", "420亿元", "银河"),
    "north": ("北原县", "530亿元", "铁山"),
}


def text_of(name: str) -> str:
    county, product, firm = COUNTIES[name]
    return SMALL_PLAN.replace("青山县", county).replace("120亿元", product).replace("青山锂源", f"{firm}锂业")


def question(name: str) -> str:
    return f"到2025年{COUNTIES[name][0]}地区生产总值达到多少？"


class RecordingEmbedder(HashingEmbedder):
    """Hashed vectors, and a list of the texts that they were asked for."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def embed_passages(
        self, texts: Sequence[str], on_progress: ProgressCallback | None = None
    ) -> NDArray[np.float32]:
        self.texts += texts
        return super().embed_passages(texts)


@pytest.fixture
def plans(tmp_path: Path) -> dict[str, Path]:
    """A file per plan."""
    (tmp_path / "plans").mkdir()
    files = {name: tmp_path / "plans" / f"{name}.txt" for name in COUNTIES}
    for name, file in files.items():
        file.write_text(text_of(name), "utf-8")
    return files


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """An empty state directory; its builds take hashed vectors, so that no model is needed."""
    return settings_for(tmp_path / "home", tmp_path / "no-models")


@pytest.fixture
def embedder() -> RecordingEmbedder:
    return RecordingEmbedder()


def plans_in_graph(settings: Settings) -> set[str]:
    """The plans whose nodes the current build's graph holds."""
    with closing(KgliteStore(current_build(settings.home) / "graph.kgl")) as store:
        return {str(row["plan"]) for row in store.query("MATCH (n:Entity) RETURN DISTINCT n.plan AS plan")}


def extracted(settings: Settings) -> dict[str, int]:
    """The files of the extraction cache with their times of writing."""
    return {path.name: path.stat().st_mtime_ns for path in (settings.home / "extracted").iterdir()}


# -- a build holds exactly the plans it was given


def test_a_build_holds_exactly_the_plans_it_was_given(
    settings: Settings, plans: dict[str, Path], embedder: RecordingEmbedder
) -> None:
    both = build([plans["east"], plans["west"]], settings, embedder=embedder)
    assert (both.plans_read, both.manifest.plans) == (2, ("east", "west"))
    assert both.manifest.jurisdictions == ("东川县", "西岭县")
    one = build([plans["west"]], settings, embedder=embedder)
    assert (one.plans_read, one.manifest.plans) == (0, ("west",))
    assert plans_in_graph(settings) == {"west"}
    assert len(extracted(settings)) == 1


def test_the_state_of_several_plans_is_that_of_each_by_itself(
    settings: Settings, plans: dict[str, Path], embedder: RecordingEmbedder
) -> None:
    alone = [build([plans[name]], settings, embedder=embedder).manifest for name in ("east", "west")]
    together = build([plans["east"], plans["west"]], settings, embedder=embedder).manifest
    assert together.passages == sum(manifest.passages for manifest in alone)
    for label, count in together.labels.items():
        assert count == sum(manifest.labels.get(label, 0) for manifest in alone)


# -- only what changed is done again


def test_only_a_changed_plan_is_read_again(
    settings: Settings, plans: dict[str, Path], embedder: RecordingEmbedder
) -> None:
    build(list(plans.values()), settings, embedder=embedder)
    before = extracted(settings)
    plans["west"].write_text(text_of("west").replace("420亿元", "450亿元"), "utf-8")
    again = build(list(plans.values()), settings, embedder=embedder)
    assert (again.unchanged, again.plans_read) == (False, 1)
    kept = {name: at for name, at in extracted(settings).items() if name in before}
    assert len(kept) == 2 and kept.items() <= before.items()
    documents, _ = load_documents(current_build(settings.home), again.manifest.plans)
    assert {name: document.text for name, document in documents.items()} == {
        name: load_text(file) for name, file in plans.items()
    }


def test_only_changed_sentences_are_embedded_again(
    settings: Settings, plans: dict[str, Path], embedder: RecordingEmbedder
) -> None:
    build(list(plans.values()), settings, embedder=embedder)
    embedder.texts.clear()
    plans["west"].write_text(text_of("west").replace("420亿元", "450亿元"), "utf-8")
    build(list(plans.values()), settings, embedder=embedder)
    assert len(embedder.texts) == 1 and "450亿元" in embedder.texts[0]


def test_what_is_kept_of_a_plan_is_what_was_read(settings: Settings, tmp_path: Path) -> None:
    text = load_text(SECOND_PLAN)
    extraction = extract("second", text, load_lexicon(settings.lexicon_dir))
    assert len(extraction.graph.relations) > 500
    cache = ExtractionCache(tmp_path / "extracted", "version 1")
    assert cache.get("second", text) is None
    cache.put(extraction)
    assert cache.get("second", text) == extraction
    for other in (cache.get("other", text), cache.get("second", text + "\n")):
        assert other is None
    assert ExtractionCache(tmp_path / "extracted", "version 2").get("second", text) is None


def test_a_damaged_file_of_the_cache_is_read_anew(
    settings: Settings, plans: dict[str, Path], embedder: RecordingEmbedder
) -> None:
    first = build(list(plans.values()), settings, embedder=embedder)
    files = sorted((settings.home / "extracted").iterdir())
    files[0].write_bytes(files[0].read_bytes()[:100])
    with gzip.open(files[1], "wt", encoding="utf-8") as file:
        json.dump({"title": "x"}, file)
    (settings.home / "current.json").unlink()
    second = build(list(plans.values()), settings, embedder=embedder)
    assert second.plans_read == 2
    assert second.manifest.relations == first.manifest.relations


def test_a_killed_build_goes_on_where_it_was(
    tmp_path: Path, models_dir: Path, plans: dict[str, Path]
) -> None:
    command = CommandLine(tmp_path / "home", models_dir)
    killed = build_until("kill", "解析规划", *plans.values(), count=3)  # when it is about to read the third
    assert command.run_python(*killed).code == KILLED
    settings = settings_for(command.home, models_dir)
    before = extracted(settings)
    assert len(before) == 2
    text = command.run("build", *plans.values()).ok()
    assert "共 3 个规划，其中重新解析 1 个" in text
    after = extracted(settings)
    assert len(after) == 3 and before.items() <= after.items()


# -- add, remove, undo


def test_added_plans_join_those_that_are_there(
    tmp_path: Path, models_dir: Path, plans: dict[str, Path]
) -> None:
    command = CommandLine(tmp_path / "home", models_dir)
    command.run("build", "--add", plans["east"]).ok()  # an empty state takes it too
    plans["east"].unlink()  # the texts are in the state
    text = command.run("build", "--add", plans["west"]).ok()
    assert "（east）" in text and "（west）" in text and "重新解析 1 个" in text
    plans["west"].write_text(text_of("west").replace("420亿元", "450亿元"), "utf-8")
    assert "重新解析 1 个" in command.run("build", "--add", plans["west"]).ok()
    assert command.run("stats", "--json").json()["plans"] == ["east", "west"]
    assert "310亿元" in command.run("ask", question("east")).ok()
    answer = command.run("ask", question("west")).ok()
    assert "450亿元" in answer and "420亿元" not in answer
    assert "没有变化" in command.run("build", "--add", plans["west"]).ok()


def test_adding_nothing_or_what_is_no_plan_changes_nothing(
    tmp_path: Path, models_dir: Path, plans: dict[str, Path]
) -> None:
    command = CommandLine(tmp_path / "home", models_dir)
    command.run("build", plans["east"]).ok()
    before = contents(command.home)
    command.run("build", "--add").refusal("--add", "规划文件")
    plans["west"].write_text("没有标题的文字。\n" * 30, "utf-8")
    command.run("build", "--add", plans["west"]).refusal("章")
    assert contents(command.home) == before


def test_a_removed_plan_is_gone_and_the_others_stay(
    tmp_path: Path, models_dir: Path, plans: dict[str, Path]
) -> None:
    command = CommandLine(tmp_path / "home", models_dir)
    command.run("remove", "east").refusal("还没有建库", "plankg build")
    assert not command.home.exists()
    command.run("build", *plans.values()).ok()
    before = contents(command.home)
    command.run("remove", "south").refusal("south", "east、west、north")
    assert contents(command.home) == before
    text = command.run("remove", "west").ok()
    assert "已移除 west" in text and "重新解析 0 个" in text and "（west）" not in text
    assert command.run("stats", "--json").json()["plans"] == ["east", "north"]
    assert plans_in_graph(settings_for(command.home, models_dir)) == {"east", "north"}
    assert "420亿元" not in command.run("ask", question("west")).ok()
    assert "530亿元" in command.run("ask", question("north")).ok()


def test_the_only_plan_cannot_be_removed(
    settings: Settings, plans: dict[str, Path], embedder: RecordingEmbedder
) -> None:
    build([plans["east"]], settings, embedder=embedder)
    before = contents(settings.home)
    with pytest.raises(InputError, match=r"只有 east 一个规划.*plankg build"):
        remove("east", settings, embedder=embedder)
    assert contents(settings.home) == before


def test_undo_takes_a_change_back_and_then_the_undoing(
    tmp_path: Path, models_dir: Path, plans: dict[str, Path]
) -> None:
    command = CommandLine(tmp_path / "home", models_dir)
    command.run("undo").refusal("没有可以退回的")
    command.run("build", plans["east"], plans["west"]).ok()
    command.run("undo").refusal("没有可以退回的")
    with closing(QuestionService(settings_for(command.home, models_dir))) as service:
        command.run("remove", "west").ok()
        assert "420亿元" not in service.ask(question("west")).answer
        assert "plankg undo" in command.run("undo").ok()
        assert "420亿元" in service.ask(question("west")).answer
        command.run("undo").ok()
        assert "420亿元" not in service.ask(question("west")).answer
    assert command.run("stats", "--json").json()["plans"] == ["east"]


def test_undo_repairs_a_damaged_build_from_its_texts(
    settings: Settings, plans: dict[str, Path], embedder: RecordingEmbedder
) -> None:
    both = build([plans["east"], plans["west"]], settings, embedder=embedder).manifest
    build([plans["east"]], settings, embedder=embedder)
    (settings.home / "builds" / both.build / "graph.kgl").unlink()
    back = undo(settings, embedder=embedder).manifest
    assert back.build != both.build
    assert (back.plans, back.labels, back.relations) == (both.plans, both.labels, both.relations)
    assert plans_in_graph(settings) == {"east", "west"}


def test_undo_needs_a_build_that_is_still_there(
    settings: Settings, plans: dict[str, Path], embedder: RecordingEmbedder
) -> None:
    first = build([plans["east"]], settings, embedder=embedder).manifest
    build([plans["west"]], settings, embedder=embedder)
    StateDirectory(settings.home).delete_build(first.build)
    with pytest.raises(StateError, match="没有可以退回的"):
        undo(settings, embedder=embedder)
    assert plans_in_graph(settings) == {"west"}


# -- synthetic plans


def test_synthetic_plans_have_the_structure_of_a_plan_and_words_of_their_own(settings: Settings) -> None:
    (plan,) = default_plans(PROJECT_ROOT)
    template = read_template(plan, settings)
    texts = [template.text, *(synthetic_plan(template, seed) for seed in (1, 2))]
    assert texts[1] == synthetic_plan(template, 1) and len({len(text) for text in texts}) == 1
    outlines = [build_outline(text, "p") for text in texts]
    shapes = [([d.id for d in o.divisions], [len(b.items) for b in o.boxes], len(o.tables)) for o in outlines]
    assert shapes[0] == shapes[1] == shapes[2]
    assert len({outline.jurisdiction for outline in outlines}) == 3
    sentences = [{unit.text for unit in all_units(make_passages(outline))} for outline in outlines]
    for one, other in ((0, 1), (0, 2), (1, 2)):
        assert len(sentences[one] & sentences[other]) < 0.15 * len(sentences[one])
