"""Reading a plan file: the text as it is, or one line that says why not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest import load
from ingest.load import load_text, plan_id_of
from kg.errors import InputError
from tests.strategies import FIRST_PLAN, SECOND_PLAN, examples


def refusal(path: Path) -> str:
    """The line with which a file is refused."""
    with pytest.raises(InputError) as caught:
        load_text(path)
    line = str(caught.value)
    assert "\n" not in line and line.endswith("。"), line
    return line


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    return tmp_path / "plan.txt"


@pytest.mark.parametrize("path", [FIRST_PLAN, SECOND_PLAN], ids=["first", "second"])
def test_the_plans_are_read_to_the_byte(path: Path) -> None:
    assert load_text(path).encode("utf-8") == path.read_bytes()


@given(text=st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1))
@examples(60)
def test_offsets_in_the_text_are_those_of_the_file(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    path = tmp_path_factory.mktemp("load") / "plan.txt"
    path.write_bytes(("第一章" + text).encode("utf-8"))
    assert load_text(path) == "第一章" + text


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r", "\u2028"])
def test_line_breaks_and_byte_order_mark_are_kept(plan: Path, newline: str) -> None:
    text = f"\ufeff第一章{newline}第二章{newline}"
    plan.write_bytes(text.encode("utf-8"))
    assert load_text(plan) == text


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    assert "找不到文件" in refusal(tmp_path / "none.txt") and "none.txt" in refusal(tmp_path / "none.txt")


def test_a_directory_is_no_plan(tmp_path: Path) -> None:
    assert "是目录" in refusal(tmp_path)


@pytest.mark.parametrize("path", ["长" * 300, "plan.txt/plan.txt", "a\0b"])
def test_a_path_that_cannot_exist_is_refused(plan: Path, path: str) -> None:
    plan.write_text("第一章 总则", "utf-8")
    assert "请检查路径" in refusal(plan.parent / path)


@pytest.mark.parametrize("content", ["", " \r\n\t", "\ufeff", "\ufeff\u3000\n"])
def test_an_empty_file_is_refused(plan: Path, content: str) -> None:
    plan.write_bytes(content.encode("utf-8"))
    assert re.search("空文件|只有空白", refusal(plan))


def test_gbk_is_recognised_and_a_remedy_given(plan: Path) -> None:
    plan.write_bytes("第一章 发展基础和发展环境，全县经济社会发展取得成效。".encode("gb18030"))
    line = refusal(plan)
    assert "看来是 GBK 编码" in line and "iconv -f GB18030 -t UTF-8" in line


@pytest.mark.parametrize("content", ["第一章".encode("utf-16"), b"%PDF-1.7\n\x00\x01", b"PK\x03\x04\x00"])
def test_a_binary_is_refused(plan: Path, content: bytes) -> None:
    plan.write_bytes(content)
    assert "二进制" in refusal(plan)


def test_bytes_of_no_known_encoding_are_refused_with_their_place(plan: Path) -> None:
    plan.write_bytes("第一章".encode() + b"\xff\xfe\xff")
    line = refusal(plan)
    assert "第 9 字节起" in line and "无法识别其编码" in line


def test_a_file_above_the_limit_is_refused(plan: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load, "MAX_BYTES", 2**20)
    plan.write_bytes(b"x" * 2**20)
    assert len(load_text(plan)) == 2**20
    plan.write_bytes(b"x" * (2**20 + 1))
    assert "超过上限 1 MB" in refusal(plan)


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="没有 /dev/zero：请在 Linux 上运行")
def test_a_device_without_end_is_read_no_further_than_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load, "MAX_BYTES", 2**20)
    assert "超过上限" in refusal(Path("/dev/zero"))


@pytest.mark.parametrize(
    ("path", "id"),
    [
        ("data/some-plan.txt", "some-plan"),
        ("青山县 规划（2021）.txt", "青山县-规划-2021"),
        ("plan.v2.md", "plan.v2"),
        ("《》.txt", "plan"),
    ],
)
def test_the_id_of_a_plan_is_its_name_without_folders(path: str, id: str) -> None:
    assert plan_id_of(Path(path)) == id


@given(st.text(st.characters(exclude_characters="\0/", exclude_categories=["Cs"]), min_size=1))
@examples(100)
def test_an_id_is_a_file_name(name: str) -> None:
    id = plan_id_of(Path(name))
    assert re.fullmatch(r"[\w.-]+", id) and Path(id).name == id
