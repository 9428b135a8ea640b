"""Applies the staged rows of a delivery to history, by set: new, changed, unchanged, gone.

Former versions are closed, never overwritten.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Select,
    Subquery,
    Table,
    and_,
    column,
    exists,
    false,
    func,
    insert,
    literal,
    or_,
    select,
    text,
)
from sqlalchemy import table as sql_table
from sqlalchemy import update as sql_update

from warehouse.loading.staging import cut_keys, whole_hash
from warehouse.schema import ENTITIES


@dataclass(frozen=True)
class HistoryUpdate:
    """A delivery being applied to history: its source, its load number and what it is complete for.

    ``full``: for the whole source. ``within``: records that a partial delivery contains; it is
    complete for these, so that a topic of one may end. ``ended``: records that a partial delivery
    reports as deleted, with all their parts. ``replaced``: records that became another human
    being's; what was known of them ends, and what is delivered of them is new. ``withheld``:
    records whose rows were delivered and rejected; they do not end.
    """

    source: str
    load: int
    full: bool
    within: tuple[Table, ...] = ()
    ended: Table | None = None
    replaced: Table | None = None
    withheld: Table | None = None

    def select_ended(
        self, missing: ColumnElement[bool], record_key: ColumnElement[str]
    ) -> ColumnElement[bool] | None:
        """Condition: a known row has ended, given that it is ``missing`` in the delivery.

        None where the delivery is complete for nothing.
        """
        if self.withheld is not None:
            missing = and_(
                missing, or_(~_is_in(record_key, self.withheld), self.is_replaced(record_key))
            )
        if self.full:
            return missing
        tables = [*self.within, *(t for t in (self.ended, self.replaced) if t is not None)]
        covered = [_is_in(record_key, table) for table in tables]
        return and_(missing, or_(*covered)) if covered else None

    def is_replaced(self, record_key: ColumnElement[str]) -> ColumnElement[bool]:
        """Condition: what is known under the key ends, whatever is delivered under it."""
        if self.replaced is None:
            return false()
        return _is_in(record_key, self.replaced)


def _is_in(record_key: ColumnElement[str], keys: Table) -> ColumnElement[bool]:
    return record_key.in_(select(keys.c.record_key))


@dataclass(frozen=True)
class Change:
    """How many rows of one entity changed, by the file and table they came from."""

    file: str
    table: str
    new: int
    changed: int
    unchanged: int
    gone: int


@dataclass(frozen=True)
class FormerRows:
    """How many rows known now came from a table, and how many of them a delivery does not have."""

    file: str
    table: str
    known: int
    missing: int


def all_new(counts: Mapping[tuple[str, str], int]) -> list[Change]:
    """The changes where nothing was known: every row counted per file and table is new."""
    return [Change(file, table, count, 0, 0, 0) for (file, table), count in sorted(counts.items())]


def compare_with_history(
    connection: Connection, update: HistoryUpdate, entity: str, incoming: Table
) -> list[Change]:
    """Counts, per file and table, what ``take_in`` would change.

    Rows that are gone count for the file and table they once came from.
    """
    known = _open_versions(ENTITIES[entity].table, update)
    is_gone = incoming.c.source_key.is_(None)
    ended = update.select_ended(is_gone, known.c.record_key)
    same = known.c.row_hash == whole_hash(connection, incoming)
    both = and_(~is_gone, func.coalesce(update.is_replaced(known.c.record_key), False))
    is_new = or_(known.c.source_key.is_(None), both)
    is_closed = or_(false() if ended is None else ended, both)
    conditions = (is_new, and_(~same, ~both), and_(same, ~both), is_closed)
    # Where nothing can end, known rows that are missing in the delivery need not be joined.
    joined = incoming.outerjoin(known, _same_row(known, incoming), full=ended is not None)
    statement = _count_by_table(known, incoming, conditions).select_from(joined)
    if ended is not None and not update.full:
        statement = statement.where(or_(~is_gone, ended))
    return [Change(*row) for row in sorted(map(tuple, connection.execute(statement)))]


def _count_by_table(
    known: FromClause, incoming: Table, conditions: Sequence[ColumnElement[bool]]
) -> Select[*tuple[Any, ...]]:
    file = func.coalesce(incoming.c.source_file, known.c.source_file)
    table = func.coalesce(incoming.c.source_table, known.c.source_table)
    counts = (func.count().filter(condition) for condition in conditions)
    columns: list[ColumnElement[Any]] = [file, table, *counts]
    return select(*columns).group_by(file, table)


def find_changed(
    connection: Connection, update: HistoryUpdate, entity: str, incoming: Table
) -> Select[()]:
    """The known rows of an entity that differ from the staged ones, each joined with its own."""
    table = ENTITIES[entity].table
    joined = incoming.join(table, _same_row(table, incoming))
    differs = table.c.row_hash != whole_hash(connection, incoming)
    return select().select_from(joined).where(_is_current(table, update.source), differs)


def take_in(
    connection: Connection,
    update: HistoryUpdate,
    entity: str,
    incoming: Table,
    changes: Sequence[Change],
    before: int,
) -> int | None:
    """Closes the versions that changed or ended and opens those that are new or changed.

    ``changes`` come from ``compare_with_history``: kinds of change that did not occur cost no
    statement. ``before`` is the number of known rows; with none there is nothing to compare with.
    Returns by how many the known rows have grown, None where the database does not count.
    """
    table = ENTITIES[entity].table
    if before == 0:
        return _insert_versions(connection, update, table, incoming, select())
    grown = list(_apply_changes(connection, update, table, incoming, changes))
    counted = [rows for rows in grown if rows is not None]
    return sum(counted) if len(counted) == len(grown) else None


def _apply_changes(
    connection: Connection,
    update: HistoryUpdate,
    table: Table,
    incoming: Table,
    changes: Sequence[Change],
) -> Iterator[int | None]:
    if update.replaced is not None:
        yield _close_versions(connection, update, table, update.is_replaced(table.c.record_key))
    if any(c.changed for c in changes):
        yield _close_changed(connection, update, table, incoming)
    if any(c.gone for c in changes):
        yield _close_gone(connection, update, table, incoming)
    if any(c.new or c.changed for c in changes):
        yield _open_missing(connection, update, table, incoming)


def _close_changed(
    connection: Connection, update: HistoryUpdate, table: Table, incoming: Table
) -> int | None:
    differs = whole_hash(connection, incoming) != table.c.row_hash
    changed = exists().where(_same_row(table, incoming), differs)
    return _close_versions(connection, update, table, changed)


def _close_gone(
    connection: Connection, update: HistoryUpdate, table: Table, incoming: Table
) -> int | None:
    missing = ~exists().where(_same_row(table, incoming))
    ended = update.select_ended(missing, table.c.record_key)
    return 0 if ended is None else _close_versions(connection, update, table, ended)


def _close_versions(
    connection: Connection, update: HistoryUpdate, table: Table, ended: ColumnElement[bool]
) -> int | None:
    closing = sql_update(table).where(_is_current(table, update.source), ended)
    rows = connection.execute(closing.values(known_to=update.load)).rowcount
    return -rows if rows >= 0 else None


def _open_missing(
    connection: Connection, update: HistoryUpdate, table: Table, incoming: Table
) -> int | None:
    """Opens the staged rows without a current version: new ones, and changed ones just closed."""
    known = _open_versions(table, update)
    joined = incoming.outerjoin(known, _same_row(known, incoming))
    missing = select().select_from(joined).where(known.c.source_key.is_(None))
    return _insert_versions(connection, update, table, incoming, missing)


def _insert_versions(
    connection: Connection, update: HistoryUpdate, table: Table, incoming: Table, rows: Select[()]
) -> int | None:
    own = [c for c in incoming.columns if c.name not in ("ordinal", "parts_hash", "row_hash")]
    added = _history_values(connection, update, incoming)
    names: Sequence[str] = [*(c.name for c in own), *added]
    target = sql_table(table.name, *map(column, names))
    versions = rows.add_columns(*own, *added.values())
    inserted = connection.execute(
        insert(target).from_select(names, versions),
        execution_options={"preserve_rowcount": True},
    ).rowcount
    return inserted if inserted >= 0 else None


def _history_values(
    connection: Connection, update: HistoryUpdate, incoming: Table
) -> dict[str, Any]:
    values: dict[str, Any] = {
        "row_hash": whole_hash(connection, incoming),
        "source": literal(update.source),
        "known_from": literal(update.load),
    }
    if connection.dialect.name == "postgresql":
        # The column's default would be evaluated for every row.
        values["district"] = text("(SELECT own_district())")
    return values


def count_known(connection: Connection, source: str, entity: str) -> int:
    """Counts the rows of the entity that are known now from this source."""
    table = ENTITIES[entity].table
    rows = select(func.count()).where(_is_current(table, source))
    return int(connection.execute(rows).scalar_one())


def list_owners(connection: Connection, source: str, entity: str, keys: Sequence[str]) -> list[str]:
    """The persons of the rows known now with these keys."""
    table = ENTITIES[entity].table
    found: set[str] = set()
    for some in cut_keys(keys):
        rows = select(table.c.person_key).where(_is_current(table, source))
        found |= set(connection.execute(rows.where(table.c.source_key.in_(some))).scalars())
    return sorted(found)


def list_places(
    connection: Connection, source: str, entity: str, incoming: Table | None = None
) -> list[tuple[str, str]]:
    """The files and tables that the rows known now came from, those ``incoming`` left out."""
    c = ENTITIES[entity].table.c
    places = select(c.source_file, c.source_table).distinct()
    places = places.where(_is_current(ENTITIES[entity].table, source))
    if incoming is not None:
        places = places.where(c.source_key.not_in(select(incoming.c.source_key)))
    return sorted((file, table) for file, table in connection.execute(places))


def count_former(
    connection: Connection, source: str, entity: str, incoming: Table | None
) -> list[FormerRows]:
    """Counts, by the file and table they came from, the rows known now and those not among ``incoming``."""
    known = ENTITIES[entity].table
    rows: FromClause = known
    missing: ColumnElement[int] = func.count()
    if incoming is not None:
        rows = known.outerjoin(incoming, _same_row(known, incoming))
        missing = missing.filter(incoming.c.source_key.is_(None))
    place = known.c.source_file, known.c.source_table
    counts = select(*place, func.count(), missing).select_from(rows)
    counts = counts.where(_is_current(known, source)).group_by(*place)
    return [FormerRows(*row) for row in sorted(map(tuple, connection.execute(counts)))]


def _is_current(table: Table, source: str) -> ColumnElement[bool]:
    return and_(table.c.source == source, table.c.known_to.is_(None))


def _same_row(known: FromClause, incoming: Table) -> ColumnElement[bool]:
    # record_key comes first in PostgreSQL's index.
    return and_(
        known.c.record_key == incoming.c.record_key, known.c.source_key == incoming.c.source_key
    )


def _open_versions(table: Table, update: HistoryUpdate) -> Subquery:
    c = table.c
    columns = (c.source_key, c.record_key, c.row_hash, c.source_file, c.source_table)
    return select(*columns).where(_is_current(table, update.source)).subquery("known")
