"""Which records the tables of a partial delivery name as ended, once everything speaks that says otherwise. Ending stands in history.py."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import Table, delete, select

from warehouse.balance import RowCount
from warehouse.schema import ENTITIES
from warehouse.staging import Staging


class _Named(NamedTuple):
    of: RowCount
    ends: tuple[str, ...]
    keeps: tuple[str, ...]
    keys: pa.StringArray


class Naming:
    """Collects what is named by keys alone; ``settle`` tells what has ended."""

    def __init__(self) -> None:
        self._named: list[_Named] = []

    def add(self, ends: Iterable[str], keeps: Iterable[str], keys: pa.StringArray, count: RowCount) -> None:
        """Keys from the table of ``count``: these records end, or stay whatever else is said."""
        self._named.append(_Named(count, tuple(ends), tuple(keeps), keys))

    def discard(self, count: RowCount) -> None:
        """Forgets what a table named that broke off."""
        self._named = [n for n in self._named if n.of is not count]

    def settle(self, staging: Staging, stopped: set[str]) -> dict[str, Table]:
        """Per record kind, a staged table of the keys that have ended; all entities of these kinds are staged afterwards.

        What the delivery brings has not ended, whatever else it names: a source may hold an object in its recycle bin and another
        one, alive, with the same key (a double that was removed, an object made anew), and an object may be deleted between two
        questions. Too late an end is mended by the next delivery; an end of what lives would last until the next full one. For
        the same reason nothing ends of a kind of which a table could not be read.
        """
        ended: dict[str, Table] = {}
        for record in sorted({r for n in self._named for r in n.ends}):
            entities = [name for name, kind in ENTITIES.items() if kind.record == record]
            if stopped & set(entities):
                continue
            keys, living = (_keys(n.keys for n in self._named if record in kinds(n)) for kinds in (_ends, _keeps))
            table = staging.add_keys(record, keys.filter(pc.invert(pc.is_in(keys, living))))
            for name in entities:
                staging.ready(name)
                brought = select(staging.tables[name].c.record_key)
                staging.connection.execute(delete(table).where(table.c.record_key.in_(brought)))
            ended[record] = table
        return ended


def _ends(named: _Named) -> tuple[str, ...]:
    return named.ends


def _keeps(named: _Named) -> tuple[str, ...]:
    return named.keeps


def _keys(parts: Iterable[pa.StringArray]) -> pa.StringArray:
    return pc.unique(pa.concat_arrays([pa.array([], pa.string()), *parts]))
