"""Erases what the ledger says of a person and leaves every checkpoint provable."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Table,
    and_,
    delete,
    false,
    insert,
    or_,
    select,
    update,
)

from warehouse.ledger.entered_rows import (
    describe_row,
    find_subject,
    find_subject_key,
    list_entered_tables,
    read_contents,
)
from warehouse.ledger.entries import (
    ERASURE,
    SIGNATURE,
    Entry,
    Record,
    Sign,
    append_entries,
    append_entry,
)
from warehouse.schema import ledger_content, notice

_AT_ONCE = 500


def erase_contents(
    connection: Connection,
    sign: Sign,
    subjects: Collection[Record],
    renamed: Collection[Record] = (),
) -> int:
    """Erases salt and content of all entries about these person records; how many they were.

    To be called in the transaction that erases, after the rows themselves were deleted or given the
    keys in ``renamed``; those are entered anew, as they are now. Notices lose their record. The
    leaves stay; what was erased is entered by position and signed, so that whoever may only write
    to the database cannot pass a removed entry off as an erased one.
    """
    about = select(ledger_content.c.position).where(_is_about(ledger_content, subjects))
    positions = sorted(connection.execute(about).scalars())
    if not positions:
        return 0
    _erase_positions(connection, sign, positions)
    _blank_notices(connection, subjects)
    for table in list_entered_tables():
        if find_subject_key(table):
            _enter_anew(connection, table, select(table).where(_is_about(table, renamed)))
    return len(positions)


def forget_texts(
    connection: Connection,
    sign: Sign,
    table: Table,
    column: str,
    texts: Collection[str],
    instead: str,
) -> None:
    """Puts ``instead`` in place of texts of a table whose rows are entered, and of their entries."""
    changed = table.c[column].in_(sorted(texts))
    rows = [dict(row) for row in connection.execute(select(table).where(changed)).mappings()]
    entered = read_contents(connection, table)
    positions = [place for place, content in entered if content["row"].get(column) in texts]
    _erase_positions(connection, sign, positions)
    connection.execute(update(table).where(changed).values({column: instead}))
    _append_anew(connection, table, [{**row, column: instead} for row in rows])


def _erase_positions(connection: Connection, sign: Sign, positions: Sequence[int]) -> None:
    content = {"positions": positions, SIGNATURE: sign(positions)}
    append_entry(connection, ERASURE, None, content)
    _delete_contents(connection, positions)


def _delete_contents(connection: Connection, positions: Sequence[int]) -> None:
    for begin in range(0, len(positions), _AT_ONCE):
        gone = ledger_content.c.position.in_(positions[begin : begin + _AT_ONCE])
        connection.execute(delete(ledger_content).where(gone))


def _is_about(table: Table, records: Collection[Record]) -> ColumnElement[bool]:
    c = table.c
    own = c[find_subject_key(table) or "source_key"]
    each = (and_(c.source == source, own == key) for source, key in records)
    return or_(false(), *each)


def _blank_notices(connection: Connection, subjects: Collection[Record]) -> None:
    """Takes the record out of notices; they keep forms by number and day, and go on."""
    mine = _is_about(notice, subjects)
    rows = [dict(row) for row in connection.execute(select(notice).where(mine)).mappings()]
    if not rows:
        return
    connection.execute(delete(notice).where(mine))
    blanked = [{**row, "source": None, "source_key": None} for row in rows]
    connection.execute(insert(notice), blanked)
    numbers = [row["notice_id"] for row in rows]
    _enter_anew(connection, notice, select(notice).where(notice.c.notice_id.in_(numbers)))


def _enter_anew(connection: Connection, table: Table, rows: Any) -> None:
    found = connection.execute(rows).mappings().all()
    _append_anew(connection, table, [dict(row) for row in found])


def _append_anew(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    append_entries(
        connection,
        [
            Entry(table.name, {**describe_row(table, row), "after": ERASURE}, find_subject(row))
            for row in rows
        ],
    )
