"""Tells which erasures of the journal a warehouse does not know of, as after an older backup."""

from __future__ import annotations

from sqlalchemy import Connection, select

from warehouse.erasure.journal import Journal, JournalLine
from warehouse.errors import WarehouseError
from warehouse.schema import erasure


class ErasuresPending(WarehouseError):
    """Somebody was erased whom the warehouse still holds; nothing is read before that is repeated."""


def list_pending(connection: Connection, journal: Journal) -> list[JournalLine]:
    """The lines of erasures that have no row in the warehouse."""
    requested = journal.list_requested()
    done = set(connection.execute(select(erasure.c.erasure_id)).scalars())
    return [line for line in requested if line.erasure not in done]


def require_none(connection: Connection, journal: Journal) -> None:
    """Raises ErasuresPending where there are some."""
    pending = list_pending(connection, journal)
    if pending:
        raise ErasuresPending(
            f"{len(pending)} persons were erased whom this warehouse still holds, as it came from an "
            "older backup or the erasure was interrupted; first run: drehscheibe person erase "
            "--resume --yes"
        )
