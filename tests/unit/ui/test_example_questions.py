"""Example questions: files by plan, and what an unusable one says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kg.errors import InputError
from kg.settings import PROJECT_ROOT
from ui.chat.examples import load_examples

EXAMPLES = PROJECT_ROOT / "data" / "examples"
PLANS = PROJECT_ROOT / "data" / "plans"


def write(directory: Path, name: str, title: str) -> None:
    content = {"title": title, "roles": [{"role": "官员", "questions": ["多少？"]}]}
    (directory / name).write_text(json.dumps(content), "utf-8")


def test_examples_are_those_of_the_loaded_plans_by_id_or_title(tmp_path: Path) -> None:
    write(tmp_path, "first.json", "第一个规划")
    write(tmp_path, "second.json", "第二个规划")
    write(tmp_path, "third.json", "第三个规划")
    titles = [each.title for each in load_examples(tmp_path, ("second", "第三个规划"))]
    assert titles == ["第二个规划", "第三个规划"]


def test_without_a_directory_there_are_no_examples(tmp_path: Path) -> None:
    assert load_examples(tmp_path / "absent", ("plan",)) == ()


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'{"title": "t", "roles": []}', b'{"title": "t", "x": 1}', b"\xff\xfe"]
)
def test_an_unusable_file_is_named_in_one_line(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "broken.json").write_bytes(content)
    with pytest.raises(InputError, match=r"broken\.json") as caught:
        load_examples(tmp_path, ("plan",))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.json")), ids=lambda path: path.stem)
def test_every_example_file_belongs_to_a_plan_and_serves_every_role(path: Path) -> None:
    plan = PLANS / f"{path.stem}.txt"
    (examples,) = load_examples(EXAMPLES, (path.stem,))
    assert "".join(examples.title.split()) in "".join(plan.read_text("utf-8").split())
    assert [role.role for role in examples.roles] == ["官员", "招商", "研究"]
    questions = [question for role in examples.roles for question in role.questions]
    assert len(questions) == len(set(questions)) >= 12
