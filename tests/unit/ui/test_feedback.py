"""Verdicts on answers are kept, replaced, withdrawn, and taken away as tables."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import pytest

from kg.errors import StateError
from ui import feedback, texts
from ui.exports import FORMATS
from ui.feedback import Feedback, FeedbackStore, json_lines, sheet_of

ENTRY = Feedback("0123456789", "down", "数字不对", "粮食目标？", "4.1万吨 [1]", "plan:10-20", "b1")


@pytest.fixture
def store(tmp_path: Path) -> FeedbackStore:
    texts.use("zh")
    return FeedbackStore.of(tmp_path / "home")


def test_a_verdict_is_kept_with_its_time(store: FeedbackStore) -> None:
    store.put(ENTRY)
    (kept,) = store.all()
    assert replace(kept, at="") == ENTRY and kept.at.endswith("+00:00")


def test_the_same_answer_has_one_verdict(store: FeedbackStore) -> None:
    store.put(ENTRY)
    store.put(replace(ENTRY, verdict="up", comment=""))
    assert [entry.verdict for entry in store.all()] == ["up"]


def test_a_verdict_is_withdrawn(store: FeedbackStore) -> None:
    store.put(ENTRY)
    store.remove("unknown")
    store.remove(ENTRY.id)
    assert store.all() == []


def test_nothing_is_made_by_reading(store: FeedbackStore, tmp_path: Path) -> None:
    assert store.all() == [] and list(tmp_path.iterdir()) == []


def test_a_full_store_says_so_and_still_replaces(
    store: FeedbackStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feedback, "MAX_ENTRIES", 1)
    store.put(ENTRY)
    store.put(replace(ENTRY, verdict="up"))
    with pytest.raises(StateError, match="plankg feedback"):
        store.put(replace(ENTRY, id="another-one"))


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "feedback.sqlite").write_bytes(b"no database at all" * 100)
    with pytest.raises(StateError, match=r"feedback\.sqlite"):
        FeedbackStore.of(tmp_path).all()


def test_tables_have_every_verdict_and_no_formula(store: FeedbackStore) -> None:
    store.put(replace(ENTRY, comment="=1+1"))
    written = FORMATS["csv"].write(sheet_of(store.all())).decode("utf-8-sig")
    (head, row) = csv.reader(io.StringIO(written))
    assert len(head) == len(row) == 7
    assert row[1:4] == ["有误", "'=1+1", "粮食目标？"]
    assert json.loads(json_lines(store.all()))["comment"] == "=1+1"
