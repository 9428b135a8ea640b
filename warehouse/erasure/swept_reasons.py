"""Empties what people wrote beside decisions and events, where it names an erased person."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, Table, select, update

from warehouse.erasure.blanked_ledger import ERASED
from warehouse.erasure.blanked_rows import NamesPerson
from warehouse.ledger.entries import Sign
from warehouse.ledger.erased_contents import forget_texts
from warehouse.schema import ENTITIES, metadata

_WRITTEN = ("reason", "note", "reference")


def sweep_reasons(connection: Connection, sign: Sign, names_person: NamesPerson) -> int:
    """Puts a fixed word in place of each such text; returns how many there were."""
    return sum(
        _sweep_column(connection, sign, table, column, names_person)
        for table, column in list(_list_written())
    )


def _list_written() -> Iterator[tuple[Table, str]]:
    entities = {entity.table.name for entity in ENTITIES.values()}
    for table in metadata.sorted_tables:
        if table.name not in entities:
            yield from ((table, name) for name in _WRITTEN if name in table.c)


def _sweep_column(
    connection: Connection, sign: Sign, table: Table, name: str, names_person: NamesPerson
) -> int:
    column = table.c[name]
    texts = connection.execute(select(column).where(column.is_not(None)).distinct()).scalars()
    naming = {text for text in texts if names_person(text)}
    if naming and table.info.get("entered"):
        forget_texts(connection, sign, table, name, naming, ERASED)
    elif naming:
        changed = update(table).where(column.in_(sorted(naming)))
        connection.execute(changed.values({name: ERASED}))
    return len(naming)
