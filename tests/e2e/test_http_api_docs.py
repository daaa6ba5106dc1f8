"""`docs/http-api.md`: its routes are those that there are, and its examples run."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from kg.settings import PROJECT_ROOT
from tests.e2e.cli import CommandLine
from tests.e2e.test_http_api import TIMEOUT_S

TEXT = (PROJECT_ROOT / "docs" / "http-api.md").read_text("utf-8")
ADDRESS = "http://127.0.0.1:7860/"
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.M | re.S)
_ROUTE = re.compile(r"^\| `(GET|POST|PUT|DELETE) (/\S+)` \|", re.M)


def blocks(language: str) -> list[str]:
    found = [text for kind, text in _BLOCK.findall(TEXT) if kind == language]
    assert found
    return found


@pytest.fixture(scope="module")
def document(served_page: str) -> dict[str, Any]:
    found: dict[str, Any] = httpx.get(
        f"{served_page}api/openapi.json", trust_env=False, timeout=TIMEOUT_S
    ).json()
    return found


def test_the_documented_routes_are_those_that_there_are(document: dict[str, Any]) -> None:
    there = {(method.upper(), path) for path, of in document["paths"].items() for method in of}
    assert set(_ROUTE.findall(TEXT)) == there


@pytest.mark.parametrize("example", blocks("python"), ids=lambda text: text.split("\n")[0][:40])
def test_the_examples_run(
    served_page: str, example: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", "*")
    assert ADDRESS in example
    exec(compile(example.replace(ADDRESS, served_page), "docs/http-api.md", "exec"), {})
    assert len(capsys.readouterr().out) > 50


def test_the_addresses_of_the_shell_examples_are_there(document: dict[str, Any]) -> None:
    addresses = [urlsplit(url).path for text in blocks("sh") for url in re.findall(r"http://\S+", text)]
    patterns = [re.sub(r"\{\w+\}", "[^/]+", path) for path in document["paths"]]
    assert len(addresses) > 3
    for address in addresses:
        assert any(re.fullmatch(pattern, address) for pattern in patterns), address


def test_the_clients_configuration_starts_the_server(built: Any) -> None:
    (configured,) = (json.loads(text)["mcpServers"]["plankg"] for text in blocks("json"))
    assert configured["command"].endswith("/plankg") and set(configured["env"]) == {"PLANKG_HOME"}
    command = CommandLine(built.home, built.models_dir)
    assert "MCP" in command.run(*configured["args"], "--help").ok()
