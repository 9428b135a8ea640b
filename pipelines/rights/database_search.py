"""Looks through every text of every table of the warehouse, as a packed file may hide them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import Connection, Date, String, Table, select

from connectors.search.needles import Needle, fold_bytes
from warehouse.schema import metadata

_ROWS_AT_ONCE = 10_000


def search_database(connection: Connection, needles: Sequence[Needle]) -> list[tuple[str, str]]:
    """The tables that hold a needle, with its kind."""
    return sorted(
        (f"Tabelle {table.name}", kind)
        for table in metadata.sorted_tables
        for kind in _search_table(connection, table, needles)
    )


def _search_table(connection: Connection, table: Table, needles: Sequence[Needle]) -> set[str]:
    columns = [c for c in table.columns if isinstance(c.type, String | Date)]
    if not columns:
        return set()
    rows = connection.execute(select(*columns).execution_options(yield_per=_ROWS_AT_ONCE))
    return {
        needle.kind
        for data in _join_rows(rows.partitions(_ROWS_AT_ONCE))
        for needle in needles
        if needle.is_in(data)
    }


def _join_rows(partitions: Iterator[Sequence[Sequence[object]]]) -> Iterator[bytes]:
    """The rows as text; so far apart that no name is near that of another row."""
    apart = " " * 400
    for rows in partitions:
        lines = (" ".join(str(value) for value in row if value is not None) for row in rows)
        yield fold_bytes(apart.join(lines).encode("utf-8", "replace"))
