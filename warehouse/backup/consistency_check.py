"""Whether a warehouse holds together: schema, balances, loads, links, landed bytes. Reads everything, changes nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from sqlalchemy import Connection, and_, exists, func, or_, select

from warehouse.backup.landed_files import find_damage, find_missing, read_manifests
from warehouse.backup.schema_drift import find_drift
from warehouse.database.store import Store
from warehouse.identity.person_links import count_unlinked
from warehouse.landing.landing import Landing
from warehouse.schema import (
    ENTITIES,
    REGISTERS,
    configuration_text,
    delivery,
    entity_balance,
    load,
    load_configuration,
    table_balance,
)


def check_warehouse(store: Store, landing: Landing) -> list[str]:
    """A sentence for everything that is wrong; empty: all is well. Where the schema differs, nothing further is looked at."""
    with store.read() as connection:
        found = list(find_drift(connection))
        if found:
            return found
        found += [
            *_check_row_balances(connection),
            *_check_record_balances(connection),
            *_check_loads(connection),
            *_check_persons(connection),
        ]
        found += [*_check_registers(connection), *_check_configuration(connection)]
        here = {m.delivery_id: m for m in read_manifests(landing)}
        found += find_missing(connection, here)
        known = [
            here[d]
            for d in connection.execute(select(delivery.c.delivery_id)).scalars()
            if d in here
        ]
    return [
        *found,
        *(sentence for manifest in known for sentence in find_damage(landing, manifest)),
    ]


def _check_row_balances(connection: Connection) -> Iterator[str]:
    c = table_balance.c
    open_ones = (
        select(c.delivery_id, func.count())
        .where(c.read != c.used + c.rejected + c.repeated + c.left_out)
        .group_by(c.delivery_id)
    )
    for delivery_id, count in connection.execute(open_ones):
        yield f"the row balance of delivery {delivery_id[:12]} is open in {count} tables"


def _check_record_balances(connection: Connection) -> Iterator[str]:
    c = entity_balance.c
    before, after = func.max(c.known_before), func.max(c.known_after)
    sums = (
        select(c.delivery_id, c.entity)
        .group_by(c.delivery_id, c.entity)
        .having(before + func.sum(c.new) - func.sum(c.gone) != after)
    )
    for delivery_id, entity in connection.execute(sums):
        yield f"the record balance of delivery {delivery_id[:12]} is open for {entity}"
    for name, kind in ENTITIES.items():
        if kind.is_record:
            yield from _check_known_counts(connection, name)


def _check_known_counts(connection: Connection, entity: str) -> Iterator[str]:
    """What the newest balance of each source says is known, against what is there."""
    table, c = ENTITIES[entity].table, entity_balance.c
    counts = (
        select(table.c.source, func.count().label("records"))
        .where(table.c.known_to.is_(None))
        .group_by(table.c.source)
    )
    there = {r.source: int(r.records) for r in connection.execute(counts)}
    said = select(load.c.source, load.c.number, c.known_after).join(
        entity_balance, c.delivery_id == load.c.delivery_id
    )
    newest = {
        source: after
        for source, _, after in connection.execute(
            said.where(c.entity == entity).order_by(load.c.number)
        )
    }
    for source in sorted({*there, *newest}):
        found, expected = there.get(source, 0), newest.get(source, 0)
        if found != expected:
            yield f"{source}: {found} records of {entity} are known, the balance of the last load says {expected}"


def _check_loads(connection: Connection) -> Iterator[str]:
    lowest, highest, count = connection.execute(
        select(func.min(load.c.number), func.max(load.c.number), func.count(load.c.number))
    ).one()
    if count and (lowest, highest) != (1, count):
        yield f"the loads are not numbered from 1 to {count} without a gap"
    for name, kind in ENTITIES.items():
        c = kind.table.c
        begun, ended = (
            exists().where(load.c.number == c.known_from),
            exists().where(load.c.number == c.known_to),
        )
        stray = (
            select(func.count())
            .select_from(kind.table)
            .where(or_(~begun, and_(c.known_to.is_not(None), ~ended)))
        )
        rows = connection.execute(stray).scalar_one()
        if rows:
            yield f"{rows} rows of {name} are known from or until a load that is not in the ledger"


def _check_persons(connection: Connection) -> Iterator[str]:
    alone = count_unlinked(connection)
    if alone:
        yield f"{alone} person records belong to no person; the next load links them"


def _check_registers(connection: Connection) -> Iterator[str]:
    next_load = (
        connection.execute(select(func.coalesce(func.max(load.c.number), 0))).scalar_one() + 1
    )
    for table in REGISTERS:
        c = table.c
        held = and_(
            c.known_from.between(1, next_load),
            or_(c.known_to.is_(None), c.known_to.between(c.known_from + 1, next_load)),
        )
        stray = select(func.count()).select_from(table).where(~held)
        rows = connection.execute(stray).scalar_one()
        if rows:
            yield f"{rows} entries of {table.name} are known from or until a load that cannot be"


def _check_configuration(connection: Connection) -> Iterator[str]:
    kept = connection.execute(select(configuration_text)).all()
    for text in kept:
        if hashlib.sha256(text.content.encode()).hexdigest() != text.sha256:
            yield f"the configuration text {text.sha256[:12]} is not the one its number names"
    c = load_configuration.c
    there = {text.sha256 for text in kept}
    for sha256, kind, name in connection.execute(select(c.sha256, c.kind, c.name).distinct()):
        if sha256 not in there:
            yield f"the configuration text {sha256[:12]} ({kind} {name}) is missing"
