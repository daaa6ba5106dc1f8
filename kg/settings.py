"""Settings, read once at an entry point from the environment and ``.env``.

Every variable stands in the README's table; a test compares the two.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, SettingsConfigDict

from kg.errors import SettingsError

PROJECT_ROOT = Path(__file__).resolve().parent.parent
DEFAULT_MODEL = "multilingual-e5-small"

_REASONS = {
    "int_parsing": "应为整数",
    "greater_than_equal": "应不小于 {ge}",
    "less_than_equal": "应不大于 {le}",
    "bool_parsing": "应为 1 或 0",
    "literal_error": "应为 {expected}",
}


class Settings(BaseSettings):
    """Everything that can be configured. Frozen; pass it on, never read the environment again.

    A variable that is set to nothing counts as unset.
    """

    # Only the prefixed names are read: by field name, $HOME and $HOST would be settings of ours.
    model_config = SettingsConfigDict(
        env_file=".env", env_file_encoding="utf-8", env_ignore_empty=True, extra="ignore", frozen=True
    )

    home: Path = Field(PROJECT_ROOT / ".plankg", validation_alias="PLANKG_HOME")
    models_dir: Path = Field(PROJECT_ROOT / ".plankg" / "models", validation_alias="PLANKG_MODELS")
    embedding_model: str = Field(DEFAULT_MODEL, validation_alias="PLANKG_EMBEDDING_MODEL")
    lexicon_dir: Path = Field(PROJECT_ROOT / "data" / "lexicon", validation_alias="PLANKG_LEXICON")
    host: str = Field("127.0.0.1", validation_alias="PLANKG_SERVER_HOST")
    port: int = Field(7860, ge=1, le=65535, validation_alias="PLANKG_SERVER_PORT")
    language: Literal["zh", "en"] = Field("zh", validation_alias="PLANKG_LANGUAGE")
    auth: Path | None = Field(None, validation_alias="PLANKG_AUTH")
    admin: bool = Field(False, validation_alias="PLANKG_ADMIN")
    neo4j_uri: str | None = Field(None, validation_alias="NEO4J_URI")
    neo4j_user: str = Field("neo4j", validation_alias="NEO4J_USER")
    neo4j_password: str | None = Field(None, validation_alias="NEO4J_PASSWORD", repr=False)
    neo4j_database: str = Field("neo4j", validation_alias="NEO4J_DATABASE")
    chroma_host: str | None = Field(None, validation_alias="CHROMA_HOST")
    chroma_port: int = Field(8000, ge=1, le=65535, validation_alias="CHROMA_PORT")
    llm_base_url: str | None = Field(None, validation_alias="PLANKG_LLM_BASE_URL")
    llm_model: str | None = Field(None, validation_alias="PLANKG_LLM_MODEL")
    llm_api_key: str | None = Field(None, validation_alias="PLANKG_LLM_API_KEY", repr=False)
    llm_timeout_s: int = Field(60, ge=1, le=3600, validation_alias="PLANKG_LLM_TIMEOUT")
    llm_extract: bool = Field(False, validation_alias="PLANKG_LLM_EXTRACT")

    @field_validator("llm_base_url")
    @classmethod
    def _is_web_address(cls, value: str | None) -> str | None:
        if value is None:
            return None
        try:
            parts = urlsplit(value)
            usable = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
        except ValueError:
            usable = False
        if not usable:
            raise PydanticCustomError("address", "应是 http:// 或 https:// 开头的地址")
        return value

    @model_validator(mode="after")
    def _chat_model_is_whole(self) -> Settings:
        names = {"PLANKG_LLM_BASE_URL": self.llm_base_url, "PLANKG_LLM_MODEL": self.llm_model}
        missing = [name for name, value in names.items() if not value]
        if len(missing) == 1:
            (given,) = names.keys() - missing
            message = f"设置了 {given}，却没有设置 {missing[0]}。使用对话模型请两个都设置，不使用请都不设置。"
            raise PydanticCustomError("chat_model", "{message}", {"message": message})
        if self.llm_extract and missing:
            message = f"PLANKG_LLM_EXTRACT=1 需要对话模型。请设置 {' 与 '.join(missing)}，或删除该变量。"
            raise PydanticCustomError("chat_model", "{message}", {"message": message})
        return self

    def without_chat_model(self) -> Settings:
        """The same, with no chat model configured."""
        return self.model_copy(update={"llm_base_url": None, "llm_model": None, "llm_extract": False})


def load_settings() -> Settings:
    """Read the settings.

    Raises: SettingsError: names the first variable with an unusable value; or ``.env`` is unreadable.
    """
    try:
        return Settings()  # type: ignore[call-arg]  # values come from the environment
    except ValidationError as exc:
        first = exc.errors()[0]
        if not first["loc"]:  # variables that do not go together
            raise SettingsError(first["msg"]) from exc
        name = ".".join(str(part) for part in first["loc"])
        reason = _REASONS.get(first["type"], first["msg"]).format(**first.get("ctx", {}))
        raise SettingsError(
            f"环境变量 {name} 的值“{first['input']}”无法使用：{reason}。请改正或删除该变量。"
        ) from exc
    except (OSError, UnicodeDecodeError) as exc:
        raise SettingsError("无法读取当前目录下的 .env 文件：它应是 UTF-8 文本。请改正或删除它。") from exc
