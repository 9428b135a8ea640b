"""The keys of `kind: sql_view`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal
from urllib.parse import parse_qsl, urlsplit

from pydantic import Field

from pipelines.config.part import part_at
from pipelines.config.transport import Transport, WrittenFetch

if TYPE_CHECKING:
    from connectors.fetch.fetcher import Fetcher

TABLE_NAME = re.compile(r"\w[\w .()-]*")


class SqlView(Transport):
    """Views of a database, each under the name of the table it becomes; ``url`` is SQLAlchemy's,
    without the password."""

    kind: Literal["sql_view"]
    url: str
    views: dict[str, str] = Field(min_length=1)
    chunk_rows: int = Field(10_000, ge=1, le=1_000_000)
    max_rows: int = Field(20_000_000, ge=1)

    @classmethod
    def check(cls, fetch: WrittenFetch) -> None:
        """Reports a wrong address, a password in it, and names that cannot be a file's name."""
        written = fetch.data.get("url")
        if isinstance(written, str):
            _check_database(fetch, written)
        for table in part_at(fetch.data, "views"):
            if not TABLE_NAME.fullmatch(table):
                hint = "a file is called like it: letters, digits, blank and _ . ( ) -"
                fetch.report(("views", table), "is no name of a table", hint)

    def make_fetcher(self, secret: str | None, key: str | None) -> Fetcher:
        """The connector of the views."""
        from sqlalchemy import make_url

        from connectors.fetch import sql_view

        url = make_url(self.url)
        url = url.set(password=secret) if secret else url
        settings = sql_view.SqlViewSettings(url, self.views, self.chunk_rows, self.max_rows)
        return sql_view.SqlView(settings)


def _check_database(fetch: WrittenFetch, written: str) -> None:
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        url = make_url(written)
    except (ArgumentError, ValueError):
        hint = "such as postgresql+psycopg://reader@server/database"
        fetch.report(("url",), "is no address of a database", hint)
        return
    named = {key.casefold() for key, _ in parse_qsl(urlsplit(written).query)}
    if url.password is not None or named & {"password", "pwd"} or "pwd=" in written.casefold():
        fetch.report(("url",), "holds a password", fetch.hint_at_secret())
