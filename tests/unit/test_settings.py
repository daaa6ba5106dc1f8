"""Settings: what the README says is what is read, and a bad value is named in one line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kg.errors import SettingsError
from kg.settings import PROJECT_ROOT, Settings, load_settings

VARIABLES = {str(field.validation_alias): name for name, field in Settings.model_fields.items()}
NUMBERS = [name for name, field in VARIABLES.items() if Settings.model_fields[field].annotation is int]
#: values of the variables that do not take just any text
VALID = {name: "7" for name in NUMBERS} | {
    "PLANKG_LANGUAGE": "en",
    "PLANKG_LLM_BASE_URL": "http://localhost:11434/v1",
    "PLANKG_ADMIN": "True",
    "PLANKG_LLM_EXTRACT": "True",
}


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No variable of ours is set, and there is no ``.env``."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


def readme_rows() -> dict[str, str]:
    """The README's settings table: its variables with their defaults."""
    text = (PROJECT_ROOT / "README.md").read_text("utf-8")
    rows = re.findall(r"^\| `([A-Z0-9_]+)` \| ([^|]*?) \| [^|]*\S [^|]*\|$", text, re.M)
    assert len(rows) == len(dict(rows)), "a variable has two rows"
    return dict(rows)


def test_the_readme_and_the_settings_name_the_same_variables() -> None:
    assert readme_rows().keys() == VARIABLES.keys()


def test_the_readme_states_the_defaults() -> None:
    settings = load_settings()
    for name, shown in readme_rows().items():
        default = getattr(settings, VARIABLES[name])
        if default is None or default is False:
            assert shown == "–", name
        elif isinstance(default, Path):
            assert shown == f"`{default.relative_to(PROJECT_ROOT)}/`", name
        else:
            assert shown == f"`{default}`", name


def test_every_variable_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.setenv(name, VALID.get(name, f"/value/of/{name}"))
    settings = load_settings()
    for name, field in VARIABLES.items():
        assert str(getattr(settings, field)) == VALID.get(name, f"/value/of/{name}")


def test_variables_are_read_from_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("CHROMA_HOST=from-file\nCHROMA_PORT=9\n# 注释\nFOREIGN=1\n", "utf-8")
    monkeypatch.setenv("CHROMA_PORT", "10")
    settings = load_settings()
    assert (settings.chroma_host, settings.chroma_port) == ("from-file", 10)  # the environment goes first


def test_empty_means_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    defaults = load_settings()
    for name in VARIABLES:
        monkeypatch.setenv(name, "")
    assert load_settings() == defaults


def test_only_our_own_names_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    # a shell sets HOME and HOST for everybody
    defaults = load_settings()
    for field in VARIABLES.values():
        if field.upper() not in VARIABLES:
            monkeypatch.setenv(field.upper(), "1")
    assert load_settings() == defaults


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize(
    ("value", "reason"),
    [("abc", "整数"), ("1.5", "整数"), ("0", "不小于 1"), ("-1", "不小于 1"), ("65536", "不大于 ")],
)
def test_a_bad_value_is_named_in_one_chinese_line(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, reason: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as caught:
        load_settings()
    line = str(caught.value)
    assert name in line and value in line and reason in line and "请" in line and "\n" not in line
    assert not re.search(r"[A-Za-z]{3,}", line.replace(name, "").replace(value, ""))


@pytest.mark.parametrize("content", [b"CHROMA_HOST=\xd6\xd0\xce\xc4\n", b"\xff\xfeC\x00"])
def test_a_settings_file_in_another_encoding_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / ".env").write_bytes(content)
    with pytest.raises(SettingsError, match=r"\.env.*UTF-8.*请") as caught:
        load_settings()
    assert "\n" not in str(caught.value)


CHAT = {"PLANKG_LLM_BASE_URL": "http://localhost:11434/v1", "PLANKG_LLM_MODEL": "qwen"}


@pytest.mark.parametrize(("given", "missing"), [tuple(CHAT), tuple(CHAT)[::-1]])
def test_half_a_chat_model_is_one_error_that_names_the_other_half(
    monkeypatch: pytest.MonkeyPatch, given: str, missing: str
) -> None:
    monkeypatch.setenv(given, CHAT[given])
    with pytest.raises(SettingsError, match=rf"{given}.*{missing}.*请") as caught:
        load_settings()
    assert "\n" not in str(caught.value)


def test_extraction_by_a_model_needs_a_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLANKG_LLM_EXTRACT", "1")
    with pytest.raises(SettingsError, match=r"PLANKG_LLM_BASE_URL.*PLANKG_LLM_MODEL"):
        load_settings()


@pytest.mark.parametrize(
    "value", ["localhost:11434", "ftp://host/v1", "http://", "http://[::1", "http://host:x/v1"]
)
def test_a_chat_models_address_must_be_one(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("PLANKG_LLM_BASE_URL", value)
    monkeypatch.setenv("PLANKG_LLM_MODEL", "qwen")
    with pytest.raises(SettingsError, match=r"PLANKG_LLM_BASE_URL.*http://"):
        load_settings()


def test_the_switch_for_extraction_takes_yes_or_no(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLANKG_LLM_EXTRACT", "maybe")
    with pytest.raises(SettingsError, match=r"PLANKG_LLM_EXTRACT.*应为 1 或 0"):
        load_settings()


def test_settings_without_the_chat_model(monkeypatch: pytest.MonkeyPatch) -> None:
    defaults = load_settings()
    for name, value in {**CHAT, "PLANKG_LLM_EXTRACT": "1"}.items():
        monkeypatch.setenv(name, value)
    assert load_settings().llm_extract
    assert load_settings().without_chat_model() == defaults


@pytest.mark.parametrize(
    ("name", "field"), [("NEO4J_PASSWORD", "neo4j_password"), ("PLANKG_LLM_API_KEY", "llm_api_key")]
)
def test_settings_do_not_show_what_is_secret(monkeypatch: pytest.MonkeyPatch, name: str, field: str) -> None:
    monkeypatch.setenv(name, "for-my-eyes-only")
    settings = load_settings()
    assert getattr(settings, field) == "for-my-eyes-only"
    assert "for-my-eyes-only" not in repr(settings) + str(settings)
