"""Settings, read once at an entry point from the environment and ``.env``.

Every variable stands in the README's table; a test compares the two.
"""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from kg.errors import SettingsError

PROJECT_ROOT = Path(__file__).resolve().parent.parent
DEFAULT_MODEL = "multilingual-e5-small"


class Settings(BaseSettings):
    """Everything that can be configured. Frozen; pass it on, never read the environment again."""

    model_config = SettingsConfigDict(
        env_file=".env", env_file_encoding="utf-8", extra="ignore", frozen=True, populate_by_name=True
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

    @field_validator("neo4j_uri", "chroma_host", "neo4j_password", mode="before")
    @classmethod
    def _empty_means_unset(cls, value: object) -> object:
        return None if value == "" else value


def load_settings() -> Settings:
    """Read the settings.

    Raises: SettingsError: names the first variable with an unusable value.
    """
    try:
        return Settings()  # type: ignore[call-arg]  # values come from the environment
    except ValidationError as exc:
        first = exc.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        raise SettingsError(
            f"环境变量 {name} 的值无法使用：{first['msg']}。请改正或删除该变量。"
        ) from exc
