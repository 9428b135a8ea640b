"""Which records the tables of a partial delivery name as ended, once everything speaks that says otherwise. Ending stands in history.py."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import Table, delete, select

from warehouse.loading.staging import Staging
from warehouse.loading.table_load import TableLoad
from warehouse.schema import ENTITIES


def find_ended(
    tables: Iterable[TableLoad], staging: Staging, stopped: set[str]
) -> dict[str, Table]:
    """Per record kind, a staged table of the keys that have ended; all entities of these kinds are staged afterwards.

    What the delivery brings has not ended, whatever else it names: a source may hold an object in its recycle bin and another
    one, alive, with the same key (a double that was removed, an object made anew), and an object may be deleted between two
    questions. Too late an end is mended by the next delivery; an end of what lives would last until the next full one. For
    the same reason nothing ends of a kind of which a table could not be read (``stopped`` entities).
    """
    naming = [t for t in tables if t.named]
    kinds = {
        record: {n for n, kind in ENTITIES.items() if kind.record == record}
        for t in naming
        for record in t.use.ends
    }
    return {r: _stage_ended(r, naming, staging) for r in sorted(kinds) if not stopped & kinds[r]}


def _stage_ended(record: str, naming: Sequence[TableLoad], staging: Staging) -> Table:
    named = _joined_keys(keys for t in naming if record in t.use.ends for keys in t.named)
    kept = _joined_keys(keys for t in naming if record in t.use.keeps for keys in t.named)
    ended = staging.add_keys(record, named.filter(pc.invert(pc.is_in(named, kept))))
    for name in (n for n, kind in ENTITIES.items() if kind.record == record):
        staging.ensure_table(name)
        brought = select(staging.tables[name].c.record_key)
        staging.connection.execute(delete(ended).where(ended.c.record_key.in_(brought)))
    return ended


def _joined_keys(parts: Iterable[pa.StringArray]) -> pa.StringArray:
    return pc.unique(pa.concat_arrays([pa.array([], pa.string()), *parts]))
