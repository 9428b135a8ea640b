"""The form of `fetch`: how a source is reached that does not come into a folder by itself. No password has a place here."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from pipelines.config.part import Part, Place


class Sftp(Part):
    """A folder on an SFTP server, known by its pinned host key; with ``key_file`` the secret opens the key."""

    kind: Literal["sftp"]
    host: str
    port: int = Field(22, ge=1, le=65535)
    user: str
    folder: str = "."
    host_key: str
    key_file: Place | None = None
    patterns: tuple[str, ...] = ("*",)
    max_files: int = Field(10_000, ge=1)
    max_mb: int = Field(10_000, ge=1)


class WebDav(Part):
    """A WebDAV folder over HTTPS; ``client_cert`` is a PEM file with certificate and key."""

    kind: Literal["webdav"]
    url: str
    user: str
    ca_bundle: Place | None = None
    client_cert: Place | None = None
    proxy: str | None = None
    patterns: tuple[str, ...] = ("*",)
    max_files: int = Field(10_000, ge=1)
    max_mb: int = Field(10_000, ge=1)


class SqlView(Part):
    """Views of a database, each under the name of the table it becomes; ``url`` is SQLAlchemy's, without the password."""

    kind: Literal["sql_view"]
    url: str
    views: dict[str, str] = Field(min_length=1)
    chunk_rows: int = Field(10_000, ge=1, le=1_000_000)
    max_rows: int = Field(20_000_000, ge=1)


class _Enaio(Part):
    """What both interfaces of enaio need; either a user, or a client at the token address of the gateway."""

    url: str
    user: str | None = None
    token_url: str | None = None
    client_id: str | None = None
    object_types: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    page_size: int = Field(200, ge=1, le=5000)
    max_pages: int = Field(10_000, ge=1)
    ca_bundle: Place | None = None
    client_cert: Place | None = None
    proxy: str | None = None
    pause_seconds: float = Field(0, ge=0, le=60)


class EnaioDms(_Enaio):
    """The search of the DMS service; with ``watermark`` only what changed since the last time is asked for."""

    kind: Literal["enaio_dms"]
    watermark: bool = False
    deleted: bool = True


class EnaioOsrest(_Enaio):
    """The old interface (AppConnector): object types, or queries that enaio's administrator stored, by their id."""

    kind: Literal["enaio_osrest"]
    stored_queries: dict[str, str] = Field(default_factory=dict)


Fetch = Annotated[Sftp | WebDav | SqlView | EnaioDms | EnaioOsrest, Field(discriminator="kind")]
KINDS = ("enaio_dms", "enaio_osrest", "sftp", "sql_view", "webdav")
