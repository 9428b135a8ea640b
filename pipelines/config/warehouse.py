"""The address of the warehouse: the embedded file, or a server with its password."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import URL, make_url

from pipelines.config.secret import warehouse_password

if TYPE_CHECKING:
    from pipelines.config.models import Config


def warehouse_url(config: Config) -> URL:
    """The SQLAlchemy address: the file in the data folder, or the server with its password."""
    if config.warehouse == "duckdb":
        return URL.create("duckdb", database=str(config.data_folder.warehouse))
    password = warehouse_password(config)
    url = make_url(config.warehouse)
    return url.set(password=password.get_secret_value()) if password else url
