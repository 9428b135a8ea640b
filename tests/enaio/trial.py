"""Settings, fetches and answers for the tests of the enaio connector: what was fetched is read back through the reader."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from connectors.enaio.dms import EnaioDms
from connectors.enaio.fetch_run import Tools
from connectors.enaio.osrest import EnaioOsrest
from connectors.enaio.settings import Changes, Enaio, ObjectType, Paging
from connectors.fetch.fetcher import Fetched
from connectors.fetch.http_login import Basic, RequestLimits, Server, reveal_secret
from connectors.fetch.refused_login import RefusedLoginGuard
from connectors.readers.delivered_file import DeliveredFile
from connectors.readers.enaio.rest_pages import page_tables
from connectors.tables.text_table import Dialect, TextTable, Wanted
from tests.fakes.enaio import FakeEnaio
from tests.fakes.enaio.holdings import CONVERSATION, PERSON

NOW = datetime.datetime(2024, 4, 1, 3, 0, tzinfo=datetime.UTC)
FULL_BEFORE = {
    "changed_since": "2024-03-20T03:00:00+00:00",
    "full_since": "2024-03-30T03:00:00+00:00",
}
PATIENCE = RequestLimits(connect_seconds=10, read_seconds=10, page_seconds=10)
IMPATIENCE = replace(PATIENCE, page_seconds=0.2)
TYPES = (
    ObjectType("Person", PERSON, key=("Personennummer",), type_id="17", sort_by="Personennummer"),
    ObjectType(
        "Beratung", CONVERSATION, key=("Beratungsnummer",), type_id="18", sort_by="Beratungsnummer"
    ),
    ObjectType("Leer", ("Nummer",), type_id="19"),
)
Rows = dict[str, list[tuple[int, tuple[str, ...]]]]


class Waits(list[float]):
    """Takes the place of sleeping, and remembers for how long it would have been."""

    def sleep(self, seconds: float) -> None:
        self.append(seconds)


def server(fake: FakeEnaio, password: str | None = None) -> Server:
    account = fake.accounts
    return Server(
        fake.url,
        Basic(account.user, account.password if password is None else password),
        patience=PATIENCE,
    )


def settings(fake: FakeEnaio, api: Literal["dms", "osrest"] = "dms", **changed: Any) -> Enaio:
    return replace(Enaio(server(fake), TYPES, api, Paging(size=5), empty_named=True), **changed)


def impatient(told: Enaio) -> Enaio:
    """For a server that drips; only then, because a busy machine is slow too."""
    return replace(told, server=replace(told.server, patience=IMPATIENCE))


def partly(fake: FakeEnaio, **changed: Any) -> Enaio:
    """Only what changed; with ``FULL_BEFORE`` remembered, a fetch has the passes data, ids and deleted."""
    return settings(fake, changes=Changes(), **changed)


def fetch(
    told: Enaio,
    into: Path,
    remembered: Mapping[str, str] | None = None,
    *,
    sleep: Callable[[float], None] = lambda seconds: None,
    now: datetime.datetime = NOW,
) -> Fetched:
    chosen = EnaioDms if told.api == "dms" else EnaioOsrest
    fetcher = chosen(told, Tools(sleep=sleep, now=lambda: now))
    return RefusedLoginGuard(fetcher, _identity(told.server)).fetch(into, remembered or {})


def _identity(server: Server) -> str:
    login = server.login
    if isinstance(login, Basic):
        return f"{server.url} {login.user} {reveal_secret(login.password)}"
    return f"{login.token_url} {login.client_id} {reveal_secret(login.client_secret)}"


def wanted(table: str, columns: tuple[str, ...], key: str) -> Wanted:
    spelled = {column: (column,) for column in columns}
    return Wanted(table, ("*.json",), table, spelled, frozenset(columns), (key,), Dialect())


WANTED = (
    wanted("Person", tuple(c for c in PERSON if c != "Sprachkurse"), "Personennummer"),
    wanted("Person.Sprachkurse", ("Personennummer", "Kurs", "Beginn"), "Personennummer"),
    wanted("Beratung", CONVERSATION, "Beratungsnummer"),
    wanted("Leer", ("Nummer",), "Nummer"),
    wanted("deleted/Person", ("Personennummer",), "Personennummer"),
)


def read(into: Path, files: tuple[str, ...]) -> Rows:
    """Every row by table with its place, in the order of the wanted columns."""
    found: Rows = {}
    for name in files:
        for table in page_tables(DeliveredFile(into / name, name), WANTED):
            assert isinstance(table, TextTable), table
            want = next(w for w in WANTED if w.name == table.name)
            rows = found.setdefault(table.name, [])
            for batch in table.batches:
                columns = [batch.cells.column(c).to_pylist() for c in want.columns]
                rows += zip(batch.row.to_pylist(), zip(*columns, strict=True), strict=True)
                assert not batch.ragged
    return found


def pages(into: Path) -> dict[str, bytes]:
    """The pages on disk by name."""
    return {p.relative_to(into).as_posix(): p.read_bytes() for p in sorted(into.rglob("*-*.json"))}
