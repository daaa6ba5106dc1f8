"""What the layout promises beyond what import-linter can see."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from kg.settings import PROJECT_ROOT
from qa.service import QuestionService

PACKAGES = ("kg", "ingest", "qa", "ui")
#: libraries that take long to import, or that a command does not need to say how it is used
HEAVY = (
    "torch", "transformers", "sentence_transformers", "gradio", "pandas", "chromadb", "onnxruntime",
    "tokenizers", "langchain_core", "langchain_openai", "openai", "tiktoken", "pydantic", "numpy", "kglite",
    "neo4j",
)  # fmt: skip
#: shorter names are ordinary words too often
SHORTEST_NAME = 3


def sources() -> Iterator[Path]:
    for package in PACKAGES:
        yield from sorted((PROJECT_ROOT / package).rglob("*.py"))


def imported_by(statements: str) -> list[str]:
    """The heavy libraries that are loaded after these statements."""
    script = f"import sys\ntry:\n    {statements}\nexcept SystemExit:\n    pass\nprint(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=PROJECT_ROOT, capture_output=True, encoding="utf-8", check=True
    )
    modules = {name.partition(".")[0] for name in done.stdout.splitlines()[-1].split()}
    assert "ui" in modules
    return [name for name in HEAVY if name in modules]


@pytest.mark.parametrize("arguments", [["--help"], ["ask", "--help"], ["serve", "--help"], ["--version"]])
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    assert imported_by(f"from ui import cli; cli.main({arguments!r})") == []


def test_asking_imports_only_what_it_needs() -> None:
    # langchain and gradio are for those who build on them, torch for other models than the default
    adapters = "kg.adapters.embedding, kg.adapters.indexes"
    loaded = imported_by(f"from ui import commands; import qa.service, {adapters}")
    assert set(loaded) <= {"numpy", "pydantic"}


def strings(source: str) -> Iterator[tuple[int, str]]:
    """The strings of a module with their lines, without docstrings and other strings that stand alone."""
    tree = ast.parse(source)
    alone = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in alone:
            yield node.lineno, node.value


def test_strings_leave_out_docstrings_and_comments() -> None:
    source = '"""甲"""\nx = "乙"  # 丙\ndef f(y: str = "丁") -> str:\n    """戊"""\n    return f"己{x}"\n'
    assert [(line, text) for line, text in strings(source)] == [(2, "乙"), (3, "丁"), (5, "己")]


def test_no_name_of_the_plan_stands_in_code(service: QuestionService) -> None:
    rows = service.cypher(
        "MATCH (n:Entity) WHERE n:Enterprise OR n:Town OR n:Village "
        "RETURN n.name AS name, n.aliases AS aliases",
        max_rows=100_000,
    )
    names = {str(row["name"]) for row in rows}
    names |= {str(alias) for row in rows for alias in row["aliases"] or ()}  # type: ignore[union-attr]
    names = {name for name in names if len(name) >= SHORTEST_NAME}
    assert len(names) > 50
    found = [
        (f"{path.relative_to(PROJECT_ROOT)}:{line}", name)
        for path in sources()
        for line, text in strings(path.read_text("utf-8"))
        for name in names
        if name in text
    ]
    assert found == []


def test_no_module_or_function_is_longer_than_a_reader_can_hold() -> None:
    too_long = []
    for path in sources():
        text = path.read_text("utf-8")
        if len(text.splitlines()) > 400:
            too_long.append(str(path.relative_to(PROJECT_ROOT)))
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef) and node.end_lineno is not None:
                if node.end_lineno - node.lineno > 50:
                    too_long.append(f"{path.relative_to(PROJECT_ROOT)}:{node.lineno} {node.name}")
    assert too_long == []
