"""The form of `fetch`: how a source is reached that does not come into a folder by itself. No password has a place here."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

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
    max_minutes: int = Field(240, ge=1)


class WebDav(Part):
    """A WebDAV folder over HTTPS; ``client_cert`` and ``client_key`` are PEM files, which may be one."""

    kind: Literal["webdav"]
    url: str
    user: str
    ca_bundle: Place | None = None
    client_cert: Place | None = None
    client_key: Place | None = None
    proxy: str | None = None
    patterns: tuple[str, ...] = ("*",)
    max_files: int = Field(10_000, ge=1)
    max_mb: int = Field(10_000, ge=1)
    max_minutes: int = Field(240, ge=1)


class SqlView(Part):
    """Views of a database, each under the name of the table it becomes; ``url`` is SQLAlchemy's, without the password."""

    kind: Literal["sql_view"]
    url: str
    views: dict[str, str] = Field(min_length=1)
    chunk_rows: int = Field(10_000, ge=1, le=1_000_000)
    max_rows: int = Field(20_000_000, ge=1)


class EnaioType(Part):
    """An object type and what is wanted of it; written as a list, these are its columns.

    ``only`` are fixed conditions, ``key`` the columns that name a deleted object. Over OSRest it needs the number of the type or
    of a query that enaio's administrator stored.
    """

    columns: tuple[str, ...] = Field(min_length=1)
    key: tuple[str, ...] = ()
    only: dict[str, str | tuple[str, ...]] = Field(default_factory=dict)
    type_id: str = ""
    stored_query: str = ""
    sort_by: str = ""

    @model_validator(mode="before")
    @classmethod
    def _a_list_is_the_columns(cls, data: Any) -> Any:
        return {"columns": data} if isinstance(data, list) else data


class _Enaio(Part):
    """What both interfaces of enaio need; either a user, or a client at the token address of the gateway."""

    url: str
    user: str | None = None
    token_url: str | None = None
    client_id: str | None = None
    scope: str = ""
    object_types: dict[str, EnaioType] = Field(min_length=1)
    page_size: int = Field(200, ge=2, le=5000)
    max_pages: int = Field(10_000, ge=1)
    pause_seconds: float = Field(0, ge=0, le=60)
    empty_named: bool = True
    ca_bundle: Place | None = None
    client_cert: Place | None = None
    client_key: Place | None = None
    proxy: str | None = None


class EnaioDms(_Enaio):
    """The search of the DMS service; with ``watermark`` all is asked for once in ``full_every_days``, between that only changes."""

    kind: Literal["enaio_dms"]
    watermark: bool = False
    full_every_days: int = Field(7, ge=1, le=366)
    overlap_days: int = Field(2, ge=1, le=60)
    dms_version: str = ""


class EnaioOsrest(_Enaio):
    """The old interface (AppConnector), which knows no deletions and is always asked for everything."""

    kind: Literal["enaio_osrest"]


Fetch = Annotated[Sftp | WebDav | SqlView | EnaioDms | EnaioOsrest, Field(discriminator="kind")]
KINDS = ("enaio_dms", "enaio_osrest", "sftp", "sql_view", "webdav")
