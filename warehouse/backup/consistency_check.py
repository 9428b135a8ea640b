"""Checks a warehouse for consistency: schema, balances, loads, links, landed bytes. Read-only."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from sqlalchemy import ColumnElement, Connection, Table, and_, exists, func, or_, select

from warehouse.as_of import read_newest_load
from warehouse.backup.landed_files import find_damage, find_missing, read_manifests
from warehouse.backup.receipt_files import find_lost_receipts
from warehouse.backup.schema_drift import find_drift
from warehouse.database.store import Store
from warehouse.identity.decisions import name_record
from warehouse.identity.key_owners import read_owners
from warehouse.identity.person_links import count_unlinked, read_links, read_verdicts
from warehouse.landing.landing import Landing
from warehouse.ledger.earlier_balances import read_kept
from warehouse.ledger.effective_loads import list_effective
from warehouse.schema import (
    ENTITIES,
    REGISTERS,
    configuration_text,
    delivery,
    entity_balance,
    load,
    load_configuration,
    person_anchor,
    person_link,
    table_balance,
)
from warehouse.schema.roles import find_excess_rights


def check_warehouse(store: Store, landing: Landing, receipts: Path | None = None) -> list[str]:
    """One sentence per inconsistency; where the schema differs, nothing else is checked.

    ``receipts``: the folder of the kept receipts, which are checked with it.
    """
    with store.read() as connection:
        found = list(find_drift(connection))
        if found:
            return found
        for check in _CHECKS:
            found += check(connection)
        manifests = {m.delivery_id: m for m in read_manifests(landing)}
        found += find_missing(connection, manifests)
        found += find_lost_receipts(connection, receipts) if receipts else []
        loaded = connection.execute(select(delivery.c.delivery_id)).scalars().all()
    for number in loaded:
        if number in manifests:
            found += find_damage(landing, manifests[number])
    return found


def _check_row_balances(connection: Connection) -> Iterator[str]:
    c = table_balance.c
    open_balances = (
        select(c.delivery_id, func.count())
        .where(c.read != c.used + c.rejected + c.repeated + c.left_out)
        .group_by(c.delivery_id)
    )
    for delivery_id, count in connection.execute(open_balances):
        yield f"the row balance of delivery {delivery_id[:12]} is open in {count} tables"


def _check_record_balances(connection: Connection) -> Iterator[str]:
    c = entity_balance.c
    before, after = func.max(c.known_before), func.max(c.known_after)
    open_balances = (
        select(c.delivery_id, c.entity)
        .group_by(c.delivery_id, c.entity)
        .having(before + func.sum(c.new) - func.sum(c.gone) != after)
    )
    for delivery_id, entity in connection.execute(open_balances):
        yield f"the record balance of delivery {delivery_id[:12]} is open for {entity}"


def _check_record_counts(connection: Connection) -> Iterator[str]:
    """Compares the number of known records with each source's newest balance."""
    for entity, kind in ENTITIES.items():
        if kind.is_record:
            counted = _count_by_source(connection, kind.table)
            expected = _read_newest_balances(connection, entity)
            for source in sorted({*counted, *expected}):
                if counted[source] != expected[source]:
                    yield (
                        f"{source}: {counted[source]} records of {entity} are known, "
                        f"the balance of the last load says {expected[source]}"
                    )


def _count_by_source(connection: Connection, table: Table) -> Counter[str]:
    c = table.c
    counts = select(c.source, func.count()).where(c.known_to.is_(None)).group_by(c.source)
    return Counter(dict(connection.execute(counts).all()))


def _read_newest_balances(connection: Connection, entity: str) -> Counter[str]:
    """Known records by source after its last load, of those that count, with such a balance.

    A delivery that was read again says so of each of its loads.
    """
    c = entity_balance.c
    rows = select(c.delivery_id, c.known_after).where(c.entity == entity)
    known = {row.delivery_id: row.known_after for row in connection.execute(rows)}
    kept = read_kept(connection)
    newest: Counter[str] = Counter()
    for row in list_effective(connection):
        if row.number in kept:
            after = [r.known_after for r in kept[row.number][1] if r.entity == entity]
        else:
            after = [known[row.delivery_id]] if row.delivery_id in known else []
        if after:
            newest[row.source] = after[-1]
    return newest


def _check_load_numbers(connection: Connection) -> Iterator[str]:
    number = load.c.number
    lowest, highest, count = connection.execute(
        select(func.min(number), func.max(number), func.count(number))
    ).one()
    if count and (lowest, highest) != (1, count):
        yield f"the loads are not numbered from 1 to {count} without a gap"


def _check_histories(connection: Connection) -> Iterator[str]:
    for name, kind in ENTITIES.items():
        c = kind.table.c
        begun = exists().where(load.c.number == c.known_from)
        ended = exists().where(load.c.number == c.known_to)
        stray = or_(~begun, and_(c.known_to.is_not(None), ~ended))
        rows = _count_rows(connection, kind.table, stray)
        if rows:
            yield f"{rows} rows of {name} are known from or until a load that is not in the ledger"


def _check_persons(connection: Connection) -> Iterator[str]:
    alone = count_unlinked(connection)
    if alone:
        yield f"{alone} person records belong to no person; the next load links them"


def _check_identity(connection: Connection) -> Iterator[str]:
    """Every person's id belongs to a record; decisions agree, and nobody decided apart is one."""
    anchored = exists().where(person_anchor.c.person_id == person_link.c.person_id)
    lost = and_(person_link.c.known_to.is_(None), ~anchored)
    if rows := _count_rows(connection, person_link, lost):
        yield f"{rows} records belong to a person whose id belongs to no record"
    verdicts = read_verdicts(connection, read_owners(connection), read_newest_load(connection))
    for chain in verdicts.list_inconsistencies():
        numbers = ", ".join(str(one.number) for one in chain)
        yield f"the decisions {numbers} on identity contradict each other; take one of them back"
    persons = {key: row.person_id for key, row in read_links(connection).items()}
    for one, others in verdicts.apart.items():
        if any(persons.get(one, one) == persons.get(other) for other in others):
            yield f"{name_record(one)} is one person with a record that was decided apart from it"


def _check_registers(connection: Connection) -> Iterator[str]:
    newest = connection.execute(select(func.max(load.c.number))).scalar_one() or 0
    for table in REGISTERS:
        c = table.c
        # A register changed since the last load belongs to the next one.
        ended = c.known_to.between(c.known_from + 1, newest + 1)
        valid = and_(c.known_from.between(1, newest + 1), or_(c.known_to.is_(None), ended))
        rows = _count_rows(connection, table, ~valid)
        if rows:
            yield f"{rows} entries of {table.name} are known from or until a load that cannot be"


def _count_rows(connection: Connection, table: Table, condition: ColumnElement[bool]) -> int:
    counted = select(func.count()).select_from(table).where(condition)
    return connection.execute(counted).scalar_one()


def _check_texts(connection: Connection) -> Iterator[str]:
    for text in connection.execute(select(configuration_text)):
        if hashlib.sha256(text.content.encode()).hexdigest() != text.sha256:
            yield f"the configuration text {text.sha256[:12]} is not the one its number names"


def _check_missing_texts(connection: Connection) -> Iterator[str]:
    c = load_configuration.c
    there = set(connection.execute(select(configuration_text.c.sha256)).scalars())
    for sha256, kind, name in connection.execute(select(c.sha256, c.kind, c.name).distinct()):
        if sha256 not in there:
            yield f"the configuration text {sha256[:12]} ({kind} {name}) is missing"


_CHECKS: tuple[Callable[[Connection], Iterator[str]], ...] = (
    _check_row_balances,
    _check_record_balances,
    _check_record_counts,
    _check_load_numbers,
    _check_histories,
    _check_persons,
    _check_identity,
    _check_registers,
    _check_texts,
    _check_missing_texts,
    find_excess_rights,
)
