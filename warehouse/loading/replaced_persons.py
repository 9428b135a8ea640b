"""Finds the persons of a delivery whose key was another human being's when it was last delivered."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection, Table, and_, exists, select

from warehouse.identity.another_human import is_another, may_be_another
from warehouse.schema import person


class ReplacedPerson(NamedTuple):
    """A person's row whose record was, or (not ``is_sure``) may have been, another human being's.

    Of a record in doubt nothing ends; the gate refuses its consents.
    """

    key: str
    file: str
    table: str
    row: int
    is_sure: bool


def find_replaced(connection: Connection, source: str, incoming: Table) -> list[ReplacedPerson]:
    """Compares each staged person with the version of the record that was known last.

    A key that comes back after a while is compared, too.
    """
    then, newer, now = person.alias("person_then"), person.alias("newer"), incoming
    same = and_(newer.c.source == source, newer.c.record_key == then.c.record_key)
    is_last = ~exists().where(same, newer.c.known_from > then.c.known_from)
    c = now.c
    compared = now.join(then, and_(then.c.source == source, then.c.record_key == c.record_key))
    doubtful = select(c.source_key, c.source_file, c.source_table, c.source_row).where(
        may_be_another(then, now), is_last
    )
    # Nearly always there is none, and the comparison beyond doubt is dear to plan.
    if connection.execute(doubtful.select_from(compared).limit(1)).first() is None:
        return []
    found = doubtful.add_columns(is_another(then, now).label("is_sure")).select_from(compared)
    return [ReplacedPerson(*row) for row in connection.execute(found.order_by(c.ordinal))]
