"""Writes and reads configuration as of a load: registers with history, texts by their SHA-256."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Select,
    Table,
    delete,
    exists,
    insert,
    or_,
    select,
    update,
)

from warehouse.as_of import KnownAt, read_newest_load
from warehouse.schema import (
    carrier,
    configuration_text,
    load_configuration,
    municipality,
    source_register,
    team,
)

# The kind of text that a load left instead of being made with.
BALANCE = "balance"
# Kind (see the column ``kind``) and name → text.
Texts = Mapping[tuple[str, str], str]


def write_register(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Makes ``rows`` the content of a register from the next load on.

    Writes nothing where the register has this content already.
    """
    if holds_entries(connection, table, rows):
        return
    names = _list_names(table)
    wanted = _by_content(table, rows)
    next_load = read_newest_load(connection) + 1
    _undo_changes(connection, table, next_load)
    before = _read_open(connection, table, names)
    for entry in before - wanted.keys():
        _close_entry(connection, table, dict(zip(names, entry, strict=True)), next_load)
    new = [{**row, "known_from": next_load} for entry, row in wanted.items() if entry not in before]
    if new:
        connection.execute(insert(table), new)


def holds_entries(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a register has exactly this content."""
    return _read_open(connection, table, _list_names(table)) == _by_content(table, rows).keys()


def _list_names(table: Table) -> list[str]:
    return [c.name for c in table.columns if c.name not in ("known_from", "known_to")]


def _by_content(
    table: Table, rows: Sequence[Mapping[str, Any]]
) -> dict[tuple[Any, ...], Mapping[str, Any]]:
    names = _list_names(table)
    return {tuple(row.get(name) for name in names): row for row in rows}


def _undo_changes(connection: Connection, table: Table, next_load: int) -> None:
    """Undoes changes made since the newest load: no load has used them."""
    c = table.c
    connection.execute(delete(table).where(c.known_from == next_load))
    connection.execute(update(table).where(c.known_to == next_load).values(known_to=None))


def _close_entry(
    connection: Connection, table: Table, entry: Mapping[str, Any], next_load: int
) -> None:
    key = [table.c[name] == value for name, value in entry.items() if table.c[name].primary_key]
    closing = update(table).where(table.c.known_to.is_(None), *key)
    connection.execute(closing.values(known_to=next_load))


def has_changed(connection: Connection, register: Table, numbers: Collection[int]) -> bool:
    """Whether an entry of a register began or ended with one of these loads."""
    c = register.c
    changed = exists().where(or_(c.known_from.in_(numbers), c.known_to.in_(numbers)))
    return bool(connection.execute(select(changed)).scalar_one())


def _read_open(connection: Connection, table: Table, names: Sequence[str]) -> set[tuple[Any, ...]]:
    rows = select(*(table.c[n] for n in names)).where(table.c.known_to.is_(None))
    return {tuple(row) for row in connection.execute(rows)}


def read_municipalities(connection: Connection, known_at: KnownAt) -> dict[str, str]:
    """Reads the names of the municipalities by AGS."""
    c = municipality.c
    rows = select(c.ags, c.name).where(known_at.in_force(municipality)).order_by(c.ags)
    return {row.ags: row.name for row in connection.execute(rows)}


def read_teams(connection: Connection, known_at: KnownAt) -> list[str]:
    """Reads the names of the Regionalteams, sorted."""
    return sorted(connection.execute(select(team.c.name).where(known_at.in_force(team))).scalars())


def read_teams_by_municipality(connection: Connection, known_at: KnownAt) -> dict[str, str | None]:
    """Reads the Regionalteam of each municipality by AGS; None where it has none."""
    c = municipality.c
    rows = connection.execute(select(c.ags, c.team).where(known_at.in_force(municipality)))
    return {row.ags: row.team for row in rows}


def read_carriers(connection: Connection, known_at: KnownAt) -> dict[str, str]:
    """Reads the carrier's name of each registered source; empty where it has none."""
    named = (carrier.c.key == source_register.c.carrier) & known_at.in_force(carrier)
    rows = (
        select(source_register.c.source, carrier.c.name)
        .select_from(source_register.outerjoin(carrier, named))
        .where(known_at.in_force(source_register))
        .order_by(source_register.c.source)
    )
    return {source: name or "" for source, name in connection.execute(rows)}


def keep_texts(connection: Connection, number: int, texts: Texts) -> None:
    """Records the texts a load was made with; a text that is kept already is not kept again."""
    hashes = {key: hashlib.sha256(text.encode()).hexdigest() for key, text in texts.items()}
    _keep_contents(connection, {hashes[key]: text for key, text in texts.items()})
    used = [
        {"load_number": number, "kind": kind, "name": name, "sha256": sha256}
        for (kind, name), sha256 in hashes.items()
    ]
    connection.execute(insert(load_configuration).values(used))


def _keep_contents(connection: Connection, contents: Mapping[str, str]) -> None:
    sha256 = configuration_text.c.sha256
    kept = set(connection.execute(select(sha256).where(sha256.in_(contents))).scalars())
    new = [{"sha256": h, "content": text} for h, text in contents.items() if h not in kept]
    if new:
        connection.execute(insert(configuration_text).values(new))


def read_texts(connection: Connection, number: int) -> dict[tuple[str, str], str]:
    """Reads the texts a load was made with; none for loads made before texts were kept."""
    c = load_configuration.c
    rows = select_texts(c.kind, c.name).where(c.load_number == number, c.kind != BALANCE)
    return {(kind, name): content for kind, name, content in connection.execute(rows)}


def select_texts(*columns: Column[Any]) -> Select[Any]:
    """These columns of all kept texts, and the text itself."""
    c = load_configuration.c
    joined = load_configuration.join(configuration_text, configuration_text.c.sha256 == c.sha256)
    return select(*columns, configuration_text.c.content).select_from(joined)
