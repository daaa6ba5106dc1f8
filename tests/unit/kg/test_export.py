"""Where exports go, what is refused, and how the single writers treat odd values."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from kg.errors import InputError, StoreError
from kg.export import FORMATS, export_graph
from kg.export.base import free_name
from kg.export.cypher import literal
from kg.export.graphml import xml_safe
from kg.export.jsonld import entity_iri, iri_part, json_value, relation_iri
from kg.export.reading import read_graph
from kg.model import Cell, Entity, Evidence, Graph, PropertyValue, Relation, Row
from kg.ports import GraphStore
from kg.schema import Label, RelationType

TOWN = Entity("town-1", Label.TOWN, "乙镇", ("乙",), {"number": 3})
FIRM = Entity("firm-1", Label.ENTERPRISE, "甲厂")
LOCATED = Relation("firm-1", RelationType.LOCATED_IN, "town-1", Evidence("p", 1, 5, "甲厂在乙"), "line", 0.9)
GRAPH = Graph((FIRM, TOWN), (LOCATED,))
EVERY_FORMAT = pytest.mark.parametrize("format", FORMATS)


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def one_line(error: pytest.ExceptionInfo[Exception]) -> str:
    text = str(error.value)
    assert "\n" not in text
    assert "请" in text or "可用的格式" in text
    return text


# --- folders --------------------------------------------------------------------------------------


@EVERY_FORMAT
def test_files_are_returned_and_nothing_else_is_left(format: str, tmp_path: Path) -> None:
    written = export_graph(GRAPH, format, tmp_path / "new" / "deep")
    assert written
    assert sorted(written) == sorted((tmp_path / "new" / "deep").iterdir())
    assert list((tmp_path / "new").iterdir()) == [tmp_path / "new" / "deep"]
    for path in written:
        assert path.stat().st_size > 0
        assert FORMATS[format].files.fullmatch(path.name)
        assert path.read_bytes().decode("utf-8").endswith("\n")


@EVERY_FORMAT
def test_the_same_graph_gives_the_same_bytes(format: str, tmp_path: Path) -> None:
    export_graph(GRAPH, format, tmp_path / "one")
    export_graph(GRAPH, format, tmp_path / "two")
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


@EVERY_FORMAT
def test_an_empty_graph_is_exported(format: str, tmp_path: Path) -> None:
    assert export_graph(Graph((), ()), format, tmp_path / "out")


def test_an_earlier_export_is_replaced_and_other_formats_stay(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    node_number = out.stat().st_ino
    export_graph(GRAPH, "graphml", out)
    export_graph(GRAPH, "csv", out)
    graphml = (out / "graph.graphml").read_bytes()
    assert (out / "nodes-Enterprise.csv").exists()
    export_graph(Graph((TOWN,), ()), "csv", out)
    assert sorted(path.name for path in out.iterdir()) == ["graph.graphml", "import.args", "nodes-Town.csv"]
    assert (out / "graph.graphml").read_bytes() == graphml
    assert out.stat().st_ino == node_number  # it may be somebody's working directory


def test_a_folder_is_the_working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert export_graph(GRAPH, "cypher", Path(".")) == [Path("graph.cypher")]
    assert [path.name for path in tmp_path.iterdir()] == ["graph.cypher"]


@pytest.mark.parametrize("make", [Path.touch, Path.mkdir])
@pytest.mark.parametrize("name", ["notes.txt", "nodes-Town.csv.bak", ".hidden"])
def test_a_folder_with_other_things_is_refused(
    name: str, make: Callable[[Path], None], tmp_path: Path
) -> None:
    export_graph(GRAPH, "csv", tmp_path)
    make(tmp_path / name)
    before = contents(tmp_path)
    with pytest.raises(InputError, match="换一个空目录") as caught:
        export_graph(Graph((TOWN,), ()), "csv", tmp_path)
    assert name in one_line(caught)
    assert contents(tmp_path) == before


def test_a_folder_named_like_one_of_our_files_is_refused(tmp_path: Path) -> None:
    (tmp_path / "graph.cypher").mkdir()
    with pytest.raises(InputError, match=r"graph\.cypher"):
        export_graph(GRAPH, "cypher", tmp_path)


def test_what_a_killed_export_left_is_cleared(tmp_path: Path) -> None:
    for leftover in (tmp_path / "out" / ".plankg-export-1", tmp_path / ".plankg-export-new-1"):
        leftover.mkdir(parents=True)
        (leftover / "graph.cypher").write_text("half")
    export_graph(GRAPH, "cypher", tmp_path / "out")
    export_graph(GRAPH, "cypher", tmp_path / "new")
    assert sorted(contents(tmp_path)) == ["new/graph.cypher", "out/graph.cypher"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["new", "out"]


def test_a_file_in_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(InputError, match="不是目录") as caught:
        export_graph(GRAPH, "cypher", tmp_path / "file")
    one_line(caught)
    with pytest.raises(InputError, match="无法写入目录") as caught:
        export_graph(GRAPH, "cypher", tmp_path / "file" / "below")
    one_line(caught)
    assert (tmp_path / "file").read_text() == "mine"


@pytest.fixture
def ordinary_user() -> Iterator[None]:
    """Not root, who may write everywhere; root takes another user's place for a while."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    yield
    os.seteuid(0)


def test_a_folder_without_permission_is_one_clear_line(ordinary_user: None) -> None:
    with pytest.raises(InputError, match="无法写入目录") as caught:
        export_graph(GRAPH, "cypher", Path("/plankg-export"))
    one_line(caught)
    assert not Path("/plankg-export").exists()


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="no /proc here: run on Linux")
def test_a_folder_that_takes_no_files_is_one_clear_line() -> None:
    # /proc accepts no new entries, not even from root
    with pytest.raises(InputError, match="无法写入目录") as caught:
        export_graph(GRAPH, "cypher", Path("/proc/plankg-export"))
    one_line(caught)


@EVERY_FORMAT
def test_a_failure_while_writing_leaves_the_old_export(
    format: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export_graph(GRAPH, format, tmp_path / "out")
    before = contents(tmp_path)
    whole = FORMATS[format]

    def fails_at_the_end(rows: object, folder: Path) -> list[str]:
        whole.write(rows, folder)  # type: ignore[arg-type]
        raise OSError(28, "No space left on device")

    broken = {**FORMATS, format: replace(whole, write=fails_at_the_end)}
    monkeypatch.setattr("kg.export.FORMATS", broken)
    for target in (tmp_path / "out", tmp_path / "new"):
        with pytest.raises(InputError, match="No space left") as caught:
            export_graph(Graph((TOWN,), ()), format, target)
        one_line(caught)
    assert contents(tmp_path) == before
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


# --- graphs ---------------------------------------------------------------------------------------


def test_an_unknown_format_names_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cypher、csv、graphml、jsonld") as caught:
        export_graph(GRAPH, "rdf", tmp_path / "out")
    one_line(caught)
    assert not (tmp_path / "out").exists()


@EVERY_FORMAT
@pytest.mark.parametrize(
    "graph",
    [
        Graph((TOWN, TOWN), ()),
        Graph((TOWN,), (LOCATED,)),
        Graph((replace(TOWN, properties={"x": float("nan")}),), ()),
        Graph((replace(TOWN, properties={"x": (1.0, float("inf"))}),), ()),
        Graph((replace(TOWN, name="半个\ud83d"),), ()),
        Graph((replace(TOWN, id="半个\ude00"),), ()),
        Graph((replace(TOWN, properties={"a-b": 1}),), ()),
    ],
)
def test_a_graph_that_cannot_be_written_is_refused(format: str, graph: Graph, tmp_path: Path) -> None:
    with pytest.raises(StoreError) as caught:
        export_graph(graph, format, tmp_path / "out")
    one_line(caught)
    assert not list(tmp_path.iterdir())


def test_csv_refuses_what_its_reader_would_change(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cypher 格式") as caught:
        export_graph(Graph((replace(TOWN, aliases=("",)),), ()), "csv", tmp_path / "out")
    one_line(caught)
    assert not list(tmp_path.iterdir())


def test_csv_spreads_values_of_several_types_over_files(tmp_path: Path) -> None:
    values: tuple[PropertyValue, ...] = (1, 1.5, 2, "2")
    towns = tuple(replace(TOWN, id=f"t{at}", properties={"x": value}) for at, value in enumerate(values))
    export_graph(Graph(towns, ()), "csv", tmp_path)
    headers = {path.name: path.read_text().splitlines()[0] for path in tmp_path.glob("*.csv")}
    assert headers == {
        "nodes-Town.csv": "id:ID,x:long,name:string,aliases:string[],:LABEL",
        "nodes-Town-2.csv": "id:ID,x:double,name:string,aliases:string[],:LABEL",
        "nodes-Town-3.csv": "id:ID,x:string,name:string,aliases:string[],:LABEL",
    }
    assert set(headers) < {line.split("=")[1] for line in (tmp_path / "import.args").read_text().splitlines()}


@pytest.mark.parametrize(
    ("aliases", "delimiter"),
    [(("a", "b"), "U+001F"), (("a\x1f", "b"), "U+001E"), (("\x1c\x1d\x1e\x1f",), "U+E000")],
)
def test_csv_chooses_a_delimiter_that_no_list_item_has(
    aliases: tuple[str, ...], delimiter: str, tmp_path: Path
) -> None:
    export_graph(Graph((replace(TOWN, aliases=aliases),), ()), "csv", tmp_path)
    assert f"--array-delimiter={delimiter}\n" in (tmp_path / "import.args").read_text()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a'b\\c\n", r"'a\'b\\c\n'"),
        ("\u2028\x85\0", r"'\u2028\u0085\u0000'"),
        ("中文😀", "'中文😀'"),
        (True, "true"),
        (-3, "-3"),
        (1e22, "1e+22"),
        (1e-7, "1e-07"),
        ([1.0, 2.5], "[1.0, 2.5]"),
        (None, "null"),
    ],
)
def test_values_as_cypher(value: Cell, text: str) -> None:
    assert literal(value) == text


def test_marks_for_xml_are_made_only_where_needed() -> None:
    assert xml_safe("普通_x 文字\n\t_xyz_") == "普通_x 文字\n\t_xyz_"
    assert xml_safe("a\0b\x1b\ufffe") == "a_x0000_b_x001B__xFFFE_"
    assert xml_safe("_x0041_") == "_x005F_x0041_"


def test_names_with_another_meaning_get_an_underscore() -> None:
    names = ("size", "Size", "size_", "size__", "sized", "_size")
    changed = [free_name(name, {"size"}) for name in names]
    assert changed == ["size_", "Size_", "size__", "size___", "sized", "_size"]


def test_iris_keep_letters_and_are_unambiguous() -> None:
    assert iri_part("p/box/专栏 1:a%") == "p/box/专栏%201%3Aa%25"
    assert entity_iri("//x") == "entity:%2F/x"
    assert relation_iri(("a:b", "PART_OF", "c")) != relation_iri(("a", "PART_OF", "b:c"))


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (1.5, 1.5),
        (2.0, {"@value": "2.0", "@type": "xsd:double"}),  # 2.0 is an integer to JSON-LD
        (0.1 + 0.2, {"@value": "0.30000000000000004", "@type": "xsd:double"}),
        (7, 7),
        (2**53, {"@value": "9007199254740992", "@type": "xsd:integer"}),
        (True, True),
        (["a", 2.0], {"@list": ["a", {"@value": "2.0", "@type": "xsd:double"}]}),
    ],
)
def test_json_values_keep_type_and_digits_in_every_processor(value: Cell, written: object) -> None:
    assert json.dumps(json_value(value)) == json.dumps(written)


def test_the_context_knows_every_relation_type(tmp_path: Path) -> None:
    export_graph(GRAPH, "jsonld", tmp_path)
    terms = json.loads((tmp_path / "context.jsonld").read_text(encoding="utf-8"))["@context"]
    for type in RelationType:
        assert terms[type.value]["@type"] == "@id"
    # a label that is a term of its own would no longer be ours
    assert not set(Label) & set(terms)


def test_jsonld_statements_carry_the_evidence(tmp_path: Path) -> None:
    export_graph(GRAPH, "jsonld", tmp_path)
    nodes = json.loads((tmp_path / "graph.jsonld").read_text(encoding="utf-8"))["@graph"]
    (statement,) = [node for node in nodes if node["@type"] == "Statement"]
    assert statement == {
        "@id": "relation:firm-1:LOCATED_IN:town-1", "@type": "Statement", "subject": "entity:firm-1",
        "predicate": "LOCATED_IN", "object": "entity:town-1", "method": "line", "confidence": 0.9,
        "plan": "p", "start": 1, "end": 5, "quote": "甲厂在乙",
    }  # fmt: skip


# --- reading --------------------------------------------------------------------------------------

NODE: Row = {
    "element": "1", "labels": ["Entity", "Town"], "properties": {"id": "t", "name": "镇", "aliases": []}
}  # fmt: skip
EDGE: Row = {
    "element": "1", "source": "t", "type": "PART_OF", "target": "t",
    "properties": {"method": "m", "confidence": 1.0},
}  # fmt: skip


class StoredRows:
    """A store that holds just the rows that it is given."""

    def __init__(self, nodes: list[Row], edges: list[Row]) -> None:
        self._answers: Iterator[list[Row]] = iter((nodes, edges))

    def query(self, *_: object, **__: object) -> list[Row]:
        return next(self._answers)


def stored(nodes: list[Row], edges: list[Row]) -> GraphStore:
    return StoredRows(nodes, edges)  # type: ignore[return-value]


def test_rows_are_read_as_a_graph() -> None:
    expected = Graph((Entity("t", Label.TOWN, "镇"),), (Relation("t", RelationType.PART_OF, "t", None, "m"),))
    assert read_graph(stored([NODE], [EDGE])) == expected


@pytest.mark.parametrize(
    ("nodes", "edges"),
    [
        ([{**NODE, "labels": ["Entity"]}], []),
        ([{**NODE, "labels": ["Entity", "Town", "Village"]}], []),
        ([{**NODE, "properties": {"name": "没有编号"}}], []),
        ([{**NODE, "properties": {"id": 1, "name": "数字编号"}}], []),
        ([{**NODE, "properties": {"id": "t"}}], []),
        ([{**NODE, "properties": {"id": "t", "name": "镇", "aliases": "镇"}}], []),
        ([NODE], [{**EDGE, "type": "KNOWS"}]),
        ([NODE], [{**EDGE, "properties": {}}]),
        ([NODE], [{**EDGE, "properties": {"method": "m", "confidence": 1.0, "quote": "半份证据"}}]),
    ],
)
def test_what_is_not_ours_is_one_clear_line(nodes: list[Row], edges: list[Row]) -> None:
    with pytest.raises(StoreError, match="不是本程序写入的") as caught:
        read_graph(stored(nodes, edges))
    one_line(caught)


def test_a_graph_that_changes_while_it_is_read_is_noticed() -> None:
    with pytest.raises(StoreError, match="被改写") as caught:
        read_graph(stored([NODE], [{**EDGE, "target": "later"}]))
    one_line(caught)
