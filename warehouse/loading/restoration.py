"""Returns a source to what it knew after an earlier load. Nothing is deleted; it is a load itself.

Rows that came since are closed, and those that ended since are opened again as new versions. A
withdrawal that was read in what is taken back is not forgotten: its persons are in doubt until a
full delivery of the source is read without one.
"""

from __future__ import annotations

import getpass
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Table,
    and_,
    column,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    union,
    update,
)
from sqlalchemy import table as sql_table

from warehouse.ledger.clock import read_clock
from warehouse.loading.consent_doubts import ANYONE, Doubt, Doubts, insert_doubts, join_rows
from warehouse.loading.history import Change
from warehouse.loading.loader import record_load
from warehouse.record_join import match_keys
from warehouse.schema import (
    ENTITIES,
    consent,
    consent_data_group,
    consent_doubt,
    person,
    restoration,
)

_LOADS = ("known_from", "known_to")


@dataclass(frozen=True)
class Restoration:
    """A source's return to an earlier load, made as load ``number``.

    ``restored_load`` 0: to before its first load. ``delivery_id``, ``delivered_on`` and
    ``mapping_hash`` are those of the restored load, or of the one taken back where there is none.
    ``undone_load`` and ``undone_delivery``: what was taken back, None where it is read anew.
    """

    number: int
    source: str
    restored_load: int
    delivery_id: str
    delivered_on: date
    mapping_hash: str
    reason: str
    undone_load: int | None = None
    undone_delivery: str | None = None


def restore_source(connection: Connection, made: Restoration) -> None:
    """Returns the rows of the source to the restored load, and writes the load into the ledger."""
    for entity in ENTITIES.values():
        _restore_rows(connection, entity.table, made)
    record_load(
        connection,
        made.number,
        made.delivery_id,
        made.source,
        made.delivered_on,
        made.mapping_hash,
    )
    connection.execute(
        insert(restoration).values(
            load_number=made.number,
            source=made.source,
            restored_load=made.restored_load,
            undone_load=made.undone_load,
            undone_delivery=made.undone_delivery,
            reason=made.reason,
            made_by=getpass.getuser(),
            made_at=read_clock(),
        )
    )


def _restore_rows(connection: Connection, table: Table, made: Restoration) -> None:
    c, base = table.c, made.restored_load
    own = c.source == made.source
    came_since = and_(own, c.known_to.is_(None), c.known_from > base)
    ended_since = and_(own, c.known_from <= base, c.known_to > base)
    connection.execute(update(table).where(came_since).values(known_to=made.number))
    names = [own.name for own in table.columns if own.name not in _LOADS]
    again = select(*(c[name] for name in names), literal(made.number)).where(ended_since)
    target = sql_table(table.name, *map(column, (*names, "known_from")))
    connection.execute(insert(target).from_select([*names, "known_from"], again))


def keep_withdrawals(
    connection: Connection, made: Restoration, undone: Collection[int], *, unread: bool
) -> None:
    """Doubts the persons of whom the undone loads said something against a release.

    ``unread``: something in them was not read, which may have been a withdrawal of anybody.
    """
    said = connection.execute(_select_withdrawn(made.source, undone)).scalars()
    ended = select(consent_doubt).where(
        consent_doubt.c.source == made.source, consent_doubt.c.known_to.in_(undone)
    )
    found = join_rows(connection.execute(ended))
    found |= {key: Doubt(said_something=True).join(found.get(key)) for key in said}
    if unread:
        found[ANYONE] = Doubt(said_something=True)
    _add_doubts(connection, made, found)


def return_doubts(connection: Connection, made: Restoration, replaced: Collection[int]) -> None:
    """Returns the doubts to the restored load, as the replaced loads are about to be read anew.

    Those that an undone load left stay.
    """
    c = consent_doubt.c
    own = c.source == made.source
    ended = select(consent_doubt).where(own, c.known_from <= made.restored_load)
    again = join_rows(connection.execute(ended.where(c.known_to.in_(replaced))))
    brought = and_(own, c.known_to.is_(None), c.known_from.in_(replaced))
    connection.execute(update(consent_doubt).where(brought).values(known_to=made.number))
    _add_doubts(connection, made, again)


def _add_doubts(connection: Connection, made: Restoration, doubts: Doubts) -> None:
    """Writes the doubts, each of which an open one of the same person makes needless.

    One that has a day does not make needless one that has none.
    """
    c = consent_doubt.c
    still = select(consent_doubt).where(c.source == made.source, c.known_to.is_(None))
    known = join_rows(connection.execute(still))
    added = {key: own for key, own in doubts.items() if own.join(known.get(key)) != known.get(key)}
    insert_doubts(connection, made.source, made.number, added)


def _select_withdrawn(source: str, undone: Collection[int]) -> Any:
    """The persons of whom the loads brought a withdrawal, or ended a consent or a part of one."""
    c = consent.c
    against = or_(c.revoked_on.is_not(None), c.revoked_on_unreadable, c.groups_unreadable)
    brought = select(c.person_key).where(c.source == source, c.known_from.in_(undone), against)
    # A consent that goes with its person is no withdrawal.
    stayed, last = person.alias("stayed"), max(undone)
    is_known = exists().where(
        match_keys(stayed, "source_key", consent, "person_key"),
        stayed.c.known_from <= last,
        or_(stayed.c.known_to.is_(None), stayed.c.known_to > last),
    )
    ended = select(c.person_key).where(_ended_by(consent, source, undone), is_known)
    groups = consent_data_group
    parted = (
        select(c.person_key)
        .join(groups, match_keys(groups, "consent_key", consent, "source_key"))
        .where(_ended_by(groups, source, undone), is_known)
    )
    return union(brought, ended, parted)


def _ended_by(table: Table, source: str, undone: Collection[int]) -> ColumnElement[bool]:
    """Condition: the loads ended the row, and did not bring it in another version."""
    c, next_ = table.c, table.alias(f"next_{table.name}")
    continued = exists().where(
        match_keys(next_, "source_key", table, "source_key"), next_.c.known_from.in_(undone)
    )
    return and_(c.source == source, c.known_to.in_(undone), ~continued)


@dataclass(frozen=True)
class NetChange:
    """How the records of one kind differ from those before; ``known``: how many there were."""

    known: int
    new: int
    changed: int
    unchanged: int
    gone: int

    def as_change(self) -> Change:
        """The same for the guard, which looks at files and tables."""
        return Change("", "", self.new, self.changed, self.unchanged, self.gone)


def compare_with_load(
    connection: Connection, source: str, number: int
) -> Iterator[tuple[str, NetChange]]:
    """Per kind of record, how what is known now differs from what was known after a load."""
    for entity in ENTITIES.values():
        if entity.is_record:
            yield entity.name, _compare_record(connection, entity.table, source, number)


def _compare_record(connection: Connection, table: Table, source: str, number: int) -> NetChange:
    c = table.c
    row = select(c.source_key, c.row_hash).where(c.source == source)
    was_known = or_(c.known_to.is_(None), c.known_to > number)
    before = row.where(c.known_from <= number, was_known).subquery("before")
    now: FromClause = row.where(c.known_to.is_(None)).subquery("now")
    joined = before.outerjoin(now, before.c.source_key == now.c.source_key, full=True)
    same = before.c.row_hash == now.c.row_hash
    conditions = (
        before.c.source_key.is_not(None),
        before.c.source_key.is_(None),
        ~same,
        same,
        now.c.source_key.is_(None),
    )
    counts = select(*(func.count().filter(condition) for condition in conditions))
    found = connection.execute(counts.select_from(joined)).one()
    return NetChange(found[0], found[1], found[2], found[3], found[4])
