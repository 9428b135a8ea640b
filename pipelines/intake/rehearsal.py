"""Opens a transaction that a rehearsal undoes at its end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from sqlalchemy import Connection

from pipelines.hub import Hub


class _Rehearsed(Exception):
    """Undoes the transaction of a rehearsal."""


@contextmanager
def open_rehearsable(hub: Hub, *, rehearse: bool) -> Iterator[Connection]:
    """A transaction, of which nothing is kept where it is a rehearsal."""
    with suppress(_Rehearsed), hub.store.transaction() as connection:
        yield connection
        if rehearse:
            raise _Rehearsed
