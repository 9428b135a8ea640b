"""The address of the warehouse: the embedded file or a server, whose password comes from outside the configuration."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy import URL, make_url

if TYPE_CHECKING:
    from pipelines.config.models import Config


class _Secrets(BaseSettings):
    """From the environment (DREHSCHEIBE_WAREHOUSE_PASSWORD) or from a file of that name in the secrets folder."""

    model_config = SettingsConfigDict(env_prefix="DREHSCHEIBE_", extra="ignore")
    warehouse_password: SecretStr | None = None


def secrets_folder(config: Config) -> Path:
    """The folder DREHSCHEIBE_SECRETS names, else ``secrets`` beside the configuration."""
    return Path(os.environ.get("DREHSCHEIBE_SECRETS") or config.path.parent / "secrets")


def warehouse_url(config: Config) -> URL:
    """The SQLAlchemy address: ``warehouse.duckdb`` in the data folder, or the configured server with its password."""
    if config.warehouse == "duckdb":
        return URL.create("duckdb", database=str(config.data / "warehouse.duckdb"))
    folder = secrets_folder(config)
    secrets = _Secrets(_secrets_dir=folder) if folder.is_dir() else _Secrets()
    url = make_url(config.warehouse)
    return url.set(password=secrets.warehouse_password.get_secret_value()) if secrets.warehouse_password else url
