"""What the warehouse's tests share: deliveries given as plain rows, loaded the real way, and what is known afterwards as plain Python."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import pyarrow as pa
from sqlalchemy import Boolean, Connection, Date, Integer, select
from sqlalchemy.types import TypeEngine

from mappings.engine.findings import FINDINGS, MappedBatch
from pipelines.intake.identity_terms import identity_terms
from warehouse.as_of import KnownAt
from warehouse.database.store import Store
from warehouse.identity.person_links import refresh_links
from warehouse.loading.findings import DeliveryFindings
from warehouse.loading.loader import IncomingDelivery, Loader, LoadResult
from warehouse.loading.mass_change_guard import Limits
from warehouse.loading.table_load import TableUse
from warehouse.marts.declaration import Indicator
from warehouse.marts.scope import Scope
from warehouse.schema import ENTITIES
from warehouse.schema.columns import HISTORY_NAMES

Row = Mapping[str, Any]
Content = Mapping[str, Sequence[Row]]
FILE, TABLE = "Datei.csv", "Tabelle"
# What a mapping feeds and a delivery may lack stays as it is known.
OTHERS = {"others": TableUse(tuple(ENTITIES), optional=True)}


def deliver(
    store: Store,
    content: Content,
    *,
    source: str = "enaio",
    on: date = date(2025, 1, 31),
    full: bool = True,
    link: bool = True,
    together: Mapping[str, Sequence[str]] | None = None,
    stopped: Sequence[str] = (),
    uncounted: int = 0,
    ends: Mapping[str, Sequence[str]] | None = None,
    keeps: Mapping[str, Sequence[str]] | None = None,
    limits: Limits | None = None,
    found: DeliveryFindings | None = None,
) -> LoadResult:
    """Loads the rows as one table of one delivery.

    ``together``: record → entities on its row; ``stopped``: entities whose table could not be read; ``uncounted``: rows that
    were read and went nowhere, which opens the balance. ``ends``, ``keeps``: record → keys that tables of their own name.
    """
    naming = {("ends", r): keys for r, keys in (ends or {}).items()} | {
        ("keeps", r): keys for r, keys in (keeps or {}).items()
    }
    uses = {
        TABLE: TableUse(tuple(content), companions=together or {}),
        "unread": TableUse(tuple(stopped), optional=not stopped),
        **{
            f"{what}-{record}": TableUse(**{what: (record,)}, unique=False)
            for what, record in naming
        },
        **OTHERS,
    }
    with store.transaction() as connection:
        scope = "full" if full else "partial"
        loader = Loader(
            connection,
            IncomingDelivery(_id(source, on, content, ends, keeps), source, on, scope, "mapping"),
            uses,
        )
        with loader.begin_table(TABLE, FILE, TABLE) as table:
            table.add(mapped(content, len(content), uncounted))
        for (what, record), keys in naming.items():
            with loader.begin_table(f"{what}-{record}", f"{what}-{record}.csv", what) as table:
                table.add(mapped({}, len(keys), named=pa.array(keys, pa.string())))
        done = loader.finish(found or DeliveryFindings(), limits)
        if link:
            replaced = {(source, key) for key in done.replaced}
            refresh_links(connection, done.number, identity_terms(), replaced)
    return done


def mapped(
    content: Content, used: int, uncounted: int = 0, named: pa.StringArray | None = None
) -> MappedBatch:
    """Rows as the mapping hands them over; ``uncounted`` of them went nowhere."""
    entities = {entity: batch(entity, rows) for entity, rows in content.items() if rows}
    return MappedBatch(
        entities, FINDINGS.empty_table(), used + uncounted, used, 0, 0, named_keys=named
    )


def batch(entity: str, rows: Iterable[Row]) -> pa.RecordBatch:
    """Rows of an entity as the engine hands them over; ``key`` is the record's key, the rest are its own fields."""
    kind = ENTITIES[entity]
    columns = [c for c in kind.table.columns if c.name not in HISTORY_NAMES]
    made: dict[str, list[Any]] = {
        n: []
        for n in ("source_key", "record_key", "row_hash", "source_row", *(c.name for c in columns))
    }
    for number, row in enumerate(rows, start=2):
        fields = {**({kind.owner: row["key"]} if kind.owner else {}), **row}
        made["record_key"].append(row["key"])
        made["source_key"].append("\x1f".join([row["key"], *(str(row[n]) for n in kind.each)]))
        made["source_row"].append(number)
        made["row_hash"].append(_hash(entity, [fields.get(c.name) for c in columns]))
        for c in columns:
            made[str(c.name)].append(fields.get(c.name))
    types = {
        "row_hash": pa.int64(),
        "source_row": pa.int64(),
        **{str(c.name): _arrow(c.type) for c in columns},
    }
    return pa.RecordBatch.from_pydict(
        {n: pa.array(values, types.get(n, pa.string())) for n, values in made.items()}
    )


def known(
    store: Store, entity: str, *, load: int | None = None, source: str | None = None
) -> dict[str, dict[str, Any]]:
    """The rows known (at ``load``, else now) by key, with their own fields that hold something."""
    table = ENTITIES[entity].table
    rows = (
        select(table).where(table.c.known_to.is_(None))
        if load is None
        else select(KnownAt(load).select_rows(table, identifying=True))
    )
    with store.read() as connection:
        found = [r._mapping for r in connection.execute(rows)]
    return {
        r["source_key"].replace("\x1f", " · "): {
            n: v for n, v in r.items() if n not in HISTORY_NAMES and v is not None
        }
        for r in found
        if source in (None, r["source"])
    }


def changes(done: LoadResult, record: str) -> tuple[int, int, int, int]:
    """new, changed, unchanged, gone of a kind of record"""
    found = done.changes.get(record, [])
    return (
        sum(c.new for c in found),
        sum(c.changed for c in found),
        sum(c.unchanged for c in found),
        sum(c.gone for c in found),
    )


def everything(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all entities, closed ones included."""
    with store.read() as connection:
        return {
            e: sorted(map(tuple, connection.execute(select(k.table))), key=str)
            for e, k in ENTITIES.items()
        }


def figure(connection: Connection, indicator: Indicator, scope: Scope) -> Any:
    """An indicator's answer: the number itself, or numbers by unit and category."""
    rows = [r._mapping for r in connection.execute(indicator(scope))]
    names = [
        n
        for n in ("municipality", "staff", "carrier", "team", "source", "category")
        if rows and n in rows[0]
    ]
    if not names:
        return rows[0]["value"] if rows else 0
    return {
        r[names[0]] if len(names) == 1 else tuple(r[n] for n in names): r["value"] for r in rows
    }


def _arrow(type_: TypeEngine[Any]) -> pa.DataType:
    if isinstance(type_, Date):
        return pa.date32()
    if isinstance(type_, Boolean):
        return pa.bool_()
    return pa.int32() if isinstance(type_, Integer) else pa.string()


def _hash(*parts: Any) -> int:
    return int.from_bytes(hashlib.sha256(repr(parts).encode()).digest()[:8], signed=True)


def _id(*parts: Any) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()
