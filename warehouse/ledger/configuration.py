"""Configuration as of a load: registers with history, and the texts of mapping, code lists and
catalogue by their SHA-256."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table, delete, func, insert, select, update

from warehouse.as_of import KnownAt
from warehouse.schema import (
    carrier,
    configuration_text,
    load,
    load_configuration,
    municipality,
    source_register,
    team,
)

# Kind and name → text; the kinds are told by the column of that name.
Texts = Mapping[tuple[str, str], str]


def write_register(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Makes ``rows`` what a register holds from the next load on; nothing is written where it
    holds them already."""
    names = [c.name for c in table.columns if c.name not in ("known_from", "known_to")]
    wanted = {tuple(row.get(n) for n in names): row for row in rows}
    if _read_open(connection, table, names) == wanted.keys():
        return
    newest = select(func.coalesce(func.max(load.c.number), 0))
    next_load = connection.execute(newest).scalar_one() + 1
    c = table.c
    # Entries that changed again before any load came were in force at none.
    connection.execute(delete(table).where(c.known_from == next_load))
    connection.execute(update(table).where(c.known_to == next_load).values(known_to=None))
    before = _read_open(connection, table, names)
    for entry in before - wanted.keys():
        same = [c[n] == v for n, v in zip(names, entry, strict=True) if c[n].primary_key]
        gone = update(table).where(c.known_to.is_(None), *same)
        connection.execute(gone.values(known_to=next_load))
    new = [{**row, "known_from": next_load} for entry, row in wanted.items() if entry not in before]
    if new:
        connection.execute(insert(table), new)


def _read_open(connection: Connection, table: Table, names: Sequence[str]) -> set[tuple[Any, ...]]:
    rows = select(*(table.c[n] for n in names)).where(table.c.known_to.is_(None))
    return {tuple(row) for row in connection.execute(rows)}


def read_municipalities(connection: Connection, known_at: KnownAt) -> dict[str, str]:
    """Names of the municipalities by AGS."""
    c = municipality.c
    rows = select(c.ags, c.name).where(known_at.in_force(municipality)).order_by(c.ags)
    return {row.ags: row.name for row in connection.execute(rows)}


def read_teams(connection: Connection, known_at: KnownAt) -> list[str]:
    """The Regionalteams, by name."""
    return sorted(connection.execute(select(team.c.name).where(known_at.in_force(team))).scalars())


def read_carriers(connection: Connection, known_at: KnownAt) -> dict[str, str]:
    """Name of the carrier of each source that was registered; empty where it has none."""
    named = (carrier.c.key == source_register.c.carrier) & known_at.in_force(carrier)
    rows = (
        select(source_register.c.source, carrier.c.name)
        .select_from(source_register.outerjoin(carrier, named))
        .where(known_at.in_force(source_register))
        .order_by(source_register.c.source)
    )
    return {source: name or "" for source, name in connection.execute(rows)}


def keep_texts(connection: Connection, number: int, texts: Texts) -> None:
    """Notes with which texts a load was made; a text that is kept already is not kept again."""
    hashes = {key: hashlib.sha256(text.encode()).hexdigest() for key, text in texts.items()}
    contents = {hashes[key]: text for key, text in texts.items()}
    c = configuration_text.c
    kept = connection.execute(select(c.sha256).where(c.sha256.in_(contents))).scalars()
    for sha256 in kept:
        del contents[sha256]
    if contents:
        rows = [{"sha256": sha256, "content": text} for sha256, text in contents.items()]
        connection.execute(insert(configuration_text).values(rows))
    notes = [
        {"load_number": number, "kind": kind, "name": name, "sha256": sha256}
        for (kind, name), sha256 in hashes.items()
    ]
    connection.execute(insert(load_configuration).values(notes))


def read_texts(connection: Connection, number: int) -> dict[tuple[str, str], str]:
    """The texts a load was made with; none for loads made before they were kept."""
    c = load_configuration.c
    joined = load_configuration.join(configuration_text, configuration_text.c.sha256 == c.sha256)
    rows = select(c.kind, c.name, configuration_text.c.content).select_from(joined)
    found = connection.execute(rows.where(c.load_number == number))
    return {(kind, name): content for kind, name, content in found}
