"""The keys of `kind: enaio_dms` and `kind: enaio_osrest`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, model_validator

from connectors.enaio.settings import check_identifier
from mappings.yaml_file import KeyPath
from pipelines.config.part import Part, part_at
from pipelines.config.transport import HttpsTransport, WrittenFetch

if TYPE_CHECKING:
    from connectors.enaio.settings import Enaio
    from connectors.fetch.fetcher import Fetcher
    from connectors.fetch.http_login import Server

# A name of enaio and its place in the file.
Identifier = tuple[KeyPath, str]
NO_SECRET = (
    "Für die Quelle ist kein Kennwort hinterlegt. "
    "Bitte in der Umgebung oder im Geheimnis-Ordner ablegen."
)


class EnaioType(Part):
    """An object type and what is wanted of it; a plain list means its columns.

    ``only`` are fixed conditions, ``key`` the columns that name a deleted object. Over OSRest it
    needs the number of the type, or of a query that enaio's administrator stored.
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


class _Enaio(HttpsTransport):
    """What both interfaces of enaio need: a user, or a client at the gateway's token address."""

    user: str | None = None
    token_url: str | None = None
    client_id: str | None = None
    scope: str = ""
    object_types: dict[str, EnaioType] = Field(min_length=1)
    page_size: int = Field(200, ge=2, le=5000)
    max_pages: int = Field(10_000, ge=1)
    pause_seconds: float = Field(0, ge=0, le=60)
    empty_named: bool = True

    @classmethod
    def check(cls, fetch: WrittenFetch) -> None:
        """Reports mistakes in the addresses, the login and the names of types and columns."""
        super().check(fetch)
        fetch.check_address("token_url")
        _check_login(fetch)
        for name, wanted in part_at(fetch.data, "object_types").items():
            _check_type(fetch, name, wanted)

    def describe_login(self) -> str:
        """The address and who logs in there."""
        return json.dumps([self.url, self.user, self.token_url, self.client_id])

    def _settings(
        self, secret: str | None, key: str | None, api: Literal["dms", "osrest"]
    ) -> Enaio:
        from connectors.enaio.settings import Enaio, ObjectType, Paging

        paging = Paging(
            size=self.page_size, most_pages=self.max_pages, pause_seconds=self.pause_seconds
        )
        types = [ObjectType(name=n, **kind.model_dump()) for n, kind in self.object_types.items()]
        return Enaio(
            server=self._server(secret, key),
            types=tuple(types),
            api=api,
            paging=paging,
            empty_named=self.empty_named,
        )

    def _server(self, secret: str | None, key: str | None) -> Server:
        from connectors.fetch.fetcher import CannotFetch
        from connectors.fetch.http_login import Basic, Bearer, Server

        if secret is None:
            raise CannotFetch("no_secret", NO_SECRET)
        login: Basic | Bearer
        if self.token_url and self.client_id:
            login = Bearer(self.token_url, self.client_id, secret, self.scope)
        else:
            login = Basic(self.user or "", secret)
        return Server(self.url, login, self.tls(key), {"https": self.proxy} if self.proxy else {})


class EnaioDms(_Enaio):
    """The search of enaio's DMS service; with ``watermark`` all is asked for once in
    ``full_every_days``, between that only changes."""

    kind: Literal["enaio_dms"]
    watermark: bool = False
    full_every_days: int = Field(7, ge=1, le=366)
    overlap_days: int = Field(2, ge=1, le=60)
    dms_version: str = ""

    def make_fetcher(self, secret: str | None, key: str | None) -> Fetcher:
        """The connector of the DMS service."""
        from connectors.enaio import dms
        from connectors.enaio.settings import Changes

        settings = replace(self._settings(secret, key, "dms"), dms_version=self.dms_version)
        if self.watermark:
            full_every, overlap = timedelta(self.full_every_days), timedelta(self.overlap_days)
            settings = replace(settings, changes=Changes(full_every, overlap))
        return dms.EnaioDms(settings)


class EnaioOsrest(_Enaio):
    """The old interface of enaio (AppConnector), which knows no deletions and is always asked for
    everything."""

    kind: Literal["enaio_osrest"]

    @classmethod
    def check(cls, fetch: WrittenFetch) -> None:
        """Reports types without a number, too."""
        super().check(fetch)
        for name, wanted in part_at(fetch.data, "object_types").items():
            if not _numbers(wanted):
                hint = 'OSRest needs type_id or stored_query: {columns: […], stored_query: "42"}'
                fetch.report(("object_types", name), "has no number", hint)

    def make_fetcher(self, secret: str | None, key: str | None) -> Fetcher:
        """The connector of OSRest."""
        from connectors.enaio import osrest

        return osrest.EnaioOsrest(self._settings(secret, key, "osrest"))


def _check_login(fetch: WrittenFetch) -> None:
    data = fetch.data
    by_token = "token_url" in data or "client_id" in data
    if "user" in data and by_token:
        hint = "leave out either user, or token_url and client_id"
        fetch.report(("user",), "stands beside a client of the gateway", hint)
    elif "user" not in data and not by_token:
        fetch.report((), "says not who logs in", "add user, or token_url and client_id")
    elif by_token and not ("token_url" in data and "client_id" in data):
        missing = "client_id" if "token_url" in data else "token_url"
        fetch.report((missing,), "is missing", "token_url and client_id belong together")


def _check_type(fetch: WrittenFetch, name: str, wanted: Any) -> None:
    path: KeyPath = ("object_types", name)
    for place, word in _identifiers(path, name, wanted):
        try:
            check_identifier(word)
        except ValueError:
            hint = "letters, digits and _, with system: before where it is enaio's own"
            fetch.report(place, f"'{word}' is no internal name of enaio", hint)
    for key, number in _numbers(wanted):
        if isinstance(number, str) and not re.fullmatch(r"[0-9]{1,18}", number):
            fetch.report((*path, key), f"'{number}' is no number", "enaio's administrator knows it")


def _identifiers(path: KeyPath, name: str, wanted: Any) -> Iterator[Identifier]:
    """The names of a type and of its columns, each with its place in the file."""
    yield path, name
    if not isinstance(wanted, dict):
        yield from _listed_names(path, wanted)
        return
    for key in ("columns", "key"):
        yield from _listed_names((*path, key), wanted.get(key))
    for column in wanted.get("only") or ():
        yield (*path, "only", column), column


def _numbers(wanted: Any) -> list[tuple[str, Any]]:
    whole = wanted if isinstance(wanted, dict) else {}
    return [(key, whole[key]) for key in ("type_id", "stored_query") if whole.get(key)]


def _listed_names(path: KeyPath, names: Any) -> Iterator[Identifier]:
    for index, name in enumerate(names if isinstance(names, list) else ()):
        if isinstance(name, str):
            yield (*path, index), name
