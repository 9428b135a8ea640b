"""The kit's hands on a PostgreSQL view and on both interfaces of enaio: a record is a row or an object."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Literal

from connectors.enaio.dms import EnaioDms
from connectors.enaio.fetch_run import Tools
from connectors.enaio.osrest import EnaioOsrest
from connectors.enaio.settings import Enaio, ObjectType, Paging
from connectors.fetch.fetcher import Fetched, Fetcher
from connectors.fetch.http_login import Basic, Server
from connectors.fetch.refused_login import RefusedLoginGuard
from connectors.fetch.sql_view import SqlView, SqlViewSettings
from tests.conformance.outside import PAGE, PERSON, number
from tests.fakes import postgres
from tests.fakes.enaio.faults import Fault
from tests.fakes.enaio.holdings import Held, Holdings
from tests.fakes.enaio.server import FakeEnaio


class SqlOutside:
    """A real PostgreSQL over a line that is cut after some bytes; it counts calls."""

    secret = postgres.PASSWORD
    faults = ("cut",)
    resumes = False  # the views belong to one moment

    def __init__(self, database: postgres.Database) -> None:
        self.database, self.count = database, 0

    def fill(self, count: int) -> None:
        self.count = count
        rows = f"SELECT 'R-' || lpad(g::text, 4, '0') AS \"Nr\", '{PERSON}'::text AS \"Name\" FROM generate_series(0, {count - 1}) g"
        self.database.run(
            "DROP VIEW IF EXISTS klienten",
            f"CREATE VIEW klienten AS {rows}",
            f"GRANT SELECT ON klienten TO {postgres.READER}",
        )

    def fetcher(self, secret: str | None = None) -> Fetcher:
        chosen = secret or self.secret
        settings = SqlViewSettings(
            self.database.url(password=chosen), {"Klienten": "klienten"}, chunk_rows=PAGE
        )
        return RefusedLoginGuard(SqlView(settings), f"sql {chosen}")

    def repeat_a_page(self) -> bool:
        return False  # a cursor has no pages

    def start(self, fault: str = "", share: float = 0.0, whole: int = 0) -> None:
        self.database.line.start(int(share * whole) if fault else None)

    def steps(self) -> int:
        return self.database.line.carried

    def contacts(self) -> int:
        return self.database.line.calls

    def records(self, into: Path, fetched: Fetched) -> Iterable[str]:
        with (into / "Klienten.csv").open(encoding="utf-8", newline="") as file:
            return [row["Nr"] for row in csv.DictReader(file, delimiter=";")]

    def served(self, name: str, content: bytes) -> bool:
        return (
            content
            == (
                "Nr;Name\r\n" + "".join(f"{number(n)};{PERSON}\r\n" for n in range(self.count))
            ).encode()
        )


class EnaioOutside:
    """The fake enaio; it counts searches as steps, and every request as a contact."""

    faults = (
        "bad_gateway",
        "busy_for_hours",
        "server_error",
        "reset",
        "truncated",
        "maintenance",
        "latin1",
        "not_found",
    )
    resumes = True

    def __init__(self, server: FakeEnaio, api: Literal["dms", "osrest"]) -> None:
        self.server, self.api = server, api
        self.secret = server.accounts.password
        self.begun = 0

    def fill(self, count: int) -> None:
        objects = [
            Held(str(1000 + n), "Person", {"Nummer": number(n), "Nachname": PERSON}, "1")
            for n in range(count)
        ]
        self.server.holdings = Holdings(
            {"Person": ("Nummer", "Nachname")}, {"Person": "17"}, objects
        )
        self.server.accounts.failures = 0

    def fetcher(self, secret: str | None = None) -> Fetcher:
        login = Basic(self.server.accounts.user, secret or self.secret)
        kinds = (ObjectType("Person", ("Nummer", "Nachname"), key=("Nummer",), type_id="17"),)
        settings = Enaio(Server(self.server.url, login), kinds, self.api, Paging(PAGE))
        chosen = EnaioDms if self.api == "dms" else EnaioOsrest
        return RefusedLoginGuard(
            chosen(settings, Tools(sleep=lambda seconds: None)), f"enaio {login.password}"
        )

    def repeat_a_page(self) -> bool:
        self.server.faults = [Fault("repeated_page", len(self.server.asked) + 3)]
        return True

    def start(self, fault: str = "", share: float = 0.0, whole: int = 0) -> None:
        self.begun = len(self.server.asked)
        self.server.faults = (
            [Fault(fault, self.begun + int(share * whole), times=100)] if fault else []
        )

    def steps(self) -> int:
        return len(self.server.asked) - self.begun

    def contacts(self) -> int:
        return self.server.requests

    def records(self, into: Path, fetched: Fetched) -> Iterable[str]:
        pages = [
            json.loads((into / name).read_bytes())
            for name in fetched.files
            if name.startswith("Person/")
        ]
        return sorted({text for page in pages for text in _texts(page) if text.startswith("R-")})

    def served(self, name: str, content: bytes) -> bool:
        return any(asked.body == content for asked in self.server.asked)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _texts(part)
