"""Taking the incoming rows into history by set: new, changed, unchanged, gone. Old versions are closed, never overwritten."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Select,
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
    update,
)
from sqlalchemy import table as named

from warehouse.loading.staging import whole_hash
from warehouse.schema import ENTITIES


@dataclass(frozen=True)
class HistoryUpdate:
    """One delivery being taken in: who delivers, under which load number, and whether it says everything (``full``).

    ``within`` holds the records that a partial delivery brings: of these it does say everything, so that a topic may end.
    ``ended`` holds the records that such a delivery names as gone, with all their parts.
    """

    source: str
    load: int
    full: bool
    within: Table | None = None
    ended: Table | None = None

    def select_ended(
        self, missing: ColumnElement[bool], record_key: ColumnElement[str]
    ) -> ColumnElement[bool] | None:
        """Which known rows have ended, of those ``missing`` in the delivery; None where it says so of nothing."""
        if self.full:
            return missing
        told = [
            record_key.in_(select(t.c.record_key))
            for t in (self.within, self.ended)
            if t is not None
        ]
        return and_(missing, or_(*told)) if told else None


@dataclass(frozen=True)
class Change:
    """What a delivery changed about one entity, from one file and table of it."""

    file: str
    table: str
    new: int
    changed: int
    unchanged: int
    gone: int


def all_new(counts: Mapping[tuple[str, str], int]) -> list[Change]:
    """What rows change of which nothing is known: counted per file and table, each is new."""
    return [Change(file, table, count, 0, 0, 0) for (file, table), count in sorted(counts.items())]


def compare_with_history(
    connection: Connection, taking: HistoryUpdate, entity: str, incoming: Table
) -> list[Change]:
    """Counts, per file and table, what ``take_in`` would change. Rows that are gone count where they once came from."""
    known = _open_versions(ENTITIES[entity].table, taking)
    is_new, is_gone = known.c.source_key.is_(None), incoming.c.source_key.is_(None)
    same = known.c.row_hash == whole_hash(connection, incoming)
    ended = taking.select_ended(is_gone, known.c.record_key)
    # In a delivery that does not say everything, what is missing is not gone: those rows stay out of the join.
    both = incoming.outerjoin(known, _same_row(known, incoming), full=ended is not None)
    file = func.coalesce(incoming.c.source_file, known.c.source_file)
    table = func.coalesce(incoming.c.source_table, known.c.source_table)
    counted = (
        func.count().filter(condition)
        for condition in (is_new, ~same, same, false() if ended is None else ended)
    )
    concerned = select(file, table, *counted).select_from(both)
    if ended is not None and not taking.full:
        concerned = concerned.where(or_(~is_gone, ended))
    counts = connection.execute(concerned.group_by(file, table))
    return [Change(*count) for count in sorted(map(tuple, counts))]


def take_in(
    connection: Connection,
    taking: HistoryUpdate,
    entity: str,
    incoming: Table,
    changes: Sequence[Change],
    before: int,
) -> int | None:
    """Closes what changed (and, in a full delivery, what is gone) and opens what is new or changed.

    Returns by how many the known rows have grown, as the database counted them; None where it does not count. ``changes`` are what
    ``compare_with_history`` found: of which there are none, nothing is asked again. ``before``: how many rows are known; with none there is
    nothing to compare with.
    """
    table = ENTITIES[entity].table
    if before == 0:
        return _insert_versions(connection, taking, table, incoming, select())
    grown = list(_apply_changes(connection, taking, table, incoming, changes))
    counted = [rows for rows in grown if rows is not None]
    return sum(counted) if len(counted) == len(grown) else None


def _apply_changes(
    connection: Connection,
    taking: HistoryUpdate,
    table: Table,
    incoming: Table,
    changes: Sequence[Change],
) -> Iterator[int | None]:
    if any(c.changed for c in changes):
        yield _close_changed(connection, taking, table, incoming)
    if any(c.gone for c in changes):
        yield _close_gone(connection, taking, table, incoming)
    if any(c.new or c.changed for c in changes):
        yield _open_missing(connection, taking, table, incoming)


def _close_changed(
    connection: Connection, taking: HistoryUpdate, table: Table, incoming: Table
) -> int | None:
    changed = exists().where(
        _same_row(table, incoming), whole_hash(connection, incoming) != table.c.row_hash
    )
    return _close_versions(connection, taking, table, changed)


def _close_gone(
    connection: Connection, taking: HistoryUpdate, table: Table, incoming: Table
) -> int | None:
    ended = taking.select_ended(~exists().where(_same_row(table, incoming)), table.c.record_key)
    return 0 if ended is None else _close_versions(connection, taking, table, ended)


def _close_versions(
    connection: Connection, taking: HistoryUpdate, table: Table, ended: ColumnElement[bool]
) -> int | None:
    mine = (table.c.source == taking.source, table.c.known_to.is_(None), ended)
    rows = connection.execute(update(table).where(*mine).values(known_to=taking.load)).rowcount
    return -rows if rows >= 0 else None


def _open_missing(
    connection: Connection, taking: HistoryUpdate, table: Table, incoming: Table
) -> int | None:
    """Opens the staged rows that are not known: the new ones, and the changed ones that were closed before."""
    known = _open_versions(table, taking)
    joined = incoming.outerjoin(known, _same_row(known, incoming))
    return _insert_versions(
        connection,
        taking,
        table,
        incoming,
        select().select_from(joined).where(known.c.source_key.is_(None)),
    )


def _insert_versions(
    connection: Connection, taking: HistoryUpdate, table: Table, incoming: Table, rows: Select[()]
) -> int | None:
    own = [c for c in incoming.columns if c.name not in ("ordinal", "parts_hash", "row_hash")]
    said = {
        "row_hash": whole_hash(connection, incoming),
        "source": literal(taking.source),
        "known_from": literal(taking.load),
    }
    if connection.dialect.name == "postgresql":
        # As the column's default it would be asked for row by row.
        said["district"] = text("(SELECT own_district())")  # type: ignore[assignment]
    names: Sequence[str] = [*(c.name for c in own), *said]
    target = named(table.name, *(column(n) for n in names))
    arriving = insert(target).from_select(names, rows.add_columns(*own, *said.values()))
    added = connection.execute(arriving, execution_options={"preserve_rowcount": True}).rowcount
    return added if added >= 0 else None


def count_known(connection: Connection, source: str, entity: str) -> int:
    """How many records of the entity are known now from this source."""
    table = ENTITIES[entity].table
    return int(
        connection.execute(
            select(func.count()).where(table.c.source == source, table.c.known_to.is_(None))
        ).scalar_one()
    )


def is_known(connection: Connection, source: str, entity: str) -> bool:
    """Whether any record of the entity is known now from this source."""
    table = ENTITIES[entity].table
    rows = (
        select(table.c.known_from)
        .where(table.c.source == source, table.c.known_to.is_(None))
        .limit(1)
    )
    return connection.execute(rows).first() is not None


def _same_row(known: FromClause, incoming: Table) -> ColumnElement[bool]:
    # The key of a row begins with that of its record, by which PostgreSQL has an index.
    return and_(
        known.c.record_key == incoming.c.record_key, known.c.source_key == incoming.c.source_key
    )


def _open_versions(table: Table, taking: HistoryUpdate):  # type: ignore[no-untyped-def]
    columns = (
        table.c.source_key,
        table.c.record_key,
        table.c.row_hash,
        table.c.source_file,
        table.c.source_table,
    )
    mine = (table.c.source == taking.source, table.c.known_to.is_(None))
    return select(*columns).where(*mine).subquery("known")
