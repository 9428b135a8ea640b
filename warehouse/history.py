"""Taking the incoming rows into history by set: new, changed, unchanged, gone. Old versions are closed, never overwritten."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, Table, and_, exists, false, func, insert, literal, select, update

from warehouse.schema import ENTITIES


@dataclass(frozen=True)
class Taking:
    """One delivery being taken in: who delivers, under which load number, and whether it says everything (``full``).

    ``within`` holds the records that a partial delivery brings: of these it does say everything, so that a topic may end.
    """

    source: str
    load: int
    delivery_id: str
    full: bool
    within: Table | None = None

    def ends(self, missing: ColumnElement[bool], record_key: ColumnElement[str]) -> ColumnElement[bool] | None:
        """Which known rows have ended, of those ``missing`` in the delivery; None where it says so of nothing."""
        if self.full or self.within is None:
            return missing if self.full else None
        return and_(missing, record_key.in_(select(self.within.c.record_key)))


@dataclass(frozen=True)
class Change:
    """What a delivery changed about one entity, from one file and table of it."""

    file: str
    table: str
    new: int
    changed: int
    unchanged: int
    gone: int


def compare(connection: Connection, taking: Taking, entity: str, incoming: Table) -> list[Change]:
    """Counts, per file and table, what ``take_in`` would change. Rows that are gone count where they once came from."""
    known = _open(ENTITIES[entity].table, taking.source)
    is_new, is_gone, same = known.c.source_key.is_(None), incoming.c.source_key.is_(None), known.c.row_hash == incoming.c.row_hash
    ended = taking.ends(is_gone, known.c.record_key)
    # In a delivery that does not say everything, what is missing is not gone: those rows stay out of the join.
    both = incoming.outerjoin(known, known.c.source_key == incoming.c.source_key, full=ended is not None)
    file = func.coalesce(incoming.c.source_file, known.c.source_file)
    table = func.coalesce(incoming.c.source_table, known.c.source_table)
    counted = (func.count().filter(condition) for condition in (is_new, ~same, same, false() if ended is None else ended))
    counts = connection.execute(select(file, table, *counted).select_from(both).group_by(file, table))
    return [Change(*count) for count in sorted(map(tuple, counts))]


def take_in(connection: Connection, taking: Taking, entity: str, incoming: Table) -> None:
    """Closes what changed (and, in a full delivery, what is gone) and opens what is new or changed."""
    table = ENTITIES[entity].table
    mine = and_(table.c.source == taking.source, table.c.known_to.is_(None))
    changed = exists().where(incoming.c.source_key == table.c.source_key, incoming.c.row_hash != table.c.row_hash)
    connection.execute(update(table).where(mine, changed).values(known_to=taking.load))
    ended = taking.ends(~exists().where(incoming.c.source_key == table.c.source_key), table.c.record_key)
    if ended is not None:
        connection.execute(update(table).where(mine, ended).values(known_to=taking.load))
    known = _open(table, taking.source)
    own = [c for c in incoming.columns if c.name != "ordinal"]
    arriving = (
        select(*own, literal(taking.source), literal(taking.load), literal(taking.delivery_id))
        .select_from(incoming.outerjoin(known, known.c.source_key == incoming.c.source_key))
        .where(known.c.source_key.is_(None))
    )
    names = [*(c.name for c in own), "source", "known_from", "delivery_id"]
    connection.execute(insert(table).from_select(names, arriving))


def count_known(connection: Connection, source: str, entity: str) -> int:
    """How many records of the entity are known now from this source."""
    known = _open(ENTITIES[entity].table, source)
    return int(connection.execute(select(func.count()).select_from(known)).scalar_one())


def _open(table: Table, source: str):  # type: ignore[no-untyped-def]
    columns = (table.c.source_key, table.c.record_key, table.c.row_hash, table.c.source_file, table.c.source_table)
    return select(*columns).where(table.c.source == source, table.c.known_to.is_(None)).subquery("known")
