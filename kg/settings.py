"""Settings, read once at an entry point from the environment and ``.env``.

Every variable stands in the README's table; a test compares the two.
"""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from kg.errors import SettingsError

PROJECT_ROOT = Path(__file__).resolve().parent.parent
DEFAULT_MODEL = "multilingual-e5-small"

_REASONS = {
    "int_parsing": "应为整数",
    "greater_than_equal": "应不小于 {ge}",
    "less_than_equal": "应不大于 {le}",
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
    neo4j_uri: str | None = Field(None, validation_alias="NEO4J_URI")
    neo4j_user: str = Field("neo4j", validation_alias="NEO4J_USER")
    neo4j_password: str | None = Field(None, validation_alias="NEO4J_PASSWORD", repr=False)
    neo4j_database: str = Field("neo4j", validation_alias="NEO4J_DATABASE")
    chroma_host: str | None = Field(None, validation_alias="CHROMA_HOST")
    chroma_port: int = Field(8000, ge=1, le=65535, validation_alias="CHROMA_PORT")


def load_settings() -> Settings:
    """Read the settings.

    Raises: SettingsError: names the first variable with an unusable value; or ``.env`` is unreadable.
    """
    try:
        return Settings()  # type: ignore[call-arg]  # values come from the environment
    except ValidationError as exc:
        first = exc.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        reason = _REASONS.get(first["type"], first["msg"]).format(**first.get("ctx", {}))
        raise SettingsError(
            f"环境变量 {name} 的值“{first['input']}”无法使用：{reason}。请改正或删除该变量。"
        ) from exc
    except (OSError, UnicodeDecodeError) as exc:
        raise SettingsError("无法读取当前目录下的 .env 文件：它应是 UTF-8 文本。请改正或删除它。") from exc
