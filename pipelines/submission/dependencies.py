"""Lists what the figures of a load were made of: deliveries, configuration, registers, persons."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Table, func, insert, select

from connectors.documents.package.statement import Dependency
from warehouse.as_of import KnownAt
from warehouse.ledger.configuration import read_texts
from warehouse.ledger.effective_loads import LoadRow, list_effective
from warehouse.ledger.grant_registers import read_entries
from warehouse.ledger.submissions import read_submissions
from warehouse.schema import REGISTERS, identity_decision, kept_sum, person_link

# What names persons by their keys, so that its sum changes where one is erased.
_NAMING_PERSONS = ("identity/persons", "register/counselling_extension")


def list_dependencies(connection: Connection, known_at: KnownAt) -> Iterator[Dependency]:
    """Everything in the warehouse that the figures as known at a load come from.

    Where somebody was erased since a submission was made, with the sums of before.
    """
    c = kept_sum.c
    rows = select(c.name, c.sha256).where(c.load_number == known_at.load)
    kept = dict(connection.execute(rows).all())
    for found in _list_all(connection, known_at):
        yield replace(found, sha256=kept.get(found.name, found.sha256))


def keep_sums(connection: Connection) -> None:
    """Keeps the sums over what names persons of every submission's load, before one is erased."""
    c = kept_sum.c
    kept = set(connection.execute(select(c.load_number).distinct()).scalars())
    loads = {made.load_number for made in read_submissions(connection)}
    for number in sorted(loads - kept):
        for found in list_dependencies(connection, KnownAt(number)):
            if found.name in _NAMING_PERSONS:
                row = {"load_number": number, "name": found.name, "sha256": found.sha256}
                connection.execute(insert(kept_sum).values(**row))


def _describe_load(row: LoadRow) -> dict[str, Any]:
    return {
        "source": row.source,
        "delivered_on": row.delivered_on.isoformat(),
        "scope": row.scope,
        "load": row.number,
        "mapping_sha256": row.mapping_hash,
    }


def _list_all(connection: Connection, known_at: KnownAt) -> Iterator[Dependency]:
    for row in list_effective(connection, None, known_at):
        yield Dependency(
            f"delivery/{row.source}/{row.number}", row.delivery_id, _describe_load(row)
        )
    for (kind, name), text in sorted(read_texts(connection, known_at.load).items()):
        yield Dependency(f"configuration/{kind}/{name}", _hash_text(text), {})
    for table in REGISTERS:
        yield _describe_register(connection, table, known_at)
    yield _describe_persons(connection, known_at)


def _describe_register(connection: Connection, table: Table, known_at: KnownAt) -> Dependency:
    rows = [[*entry.values()] for entry in read_entries(connection, table, known_at)]
    return Dependency(f"register/{table.name}", _hash_rows(rows), {"entries": len(rows)})


def _describe_persons(connection: Connection, known_at: KnownAt) -> Dependency:
    """Which records were which person, as one sum: it names nobody."""
    links = known_at.select_rows(person_link, identifying=True)
    c = links.c
    rows = connection.execute(select(c.source, c.source_key, c.person_id)).all()
    about = {
        "records": len(rows),
        "persons": len({row.person_id for row in rows}),
        "decisions": _count_decisions(connection, known_at),
    }
    return Dependency("identity/persons", _hash_rows(rows), about)


def _count_decisions(connection: Connection, known_at: KnownAt) -> int:
    decided = select(func.count()).select_from(identity_decision)
    until = decided.where(identity_decision.c.known_load < known_at.load)
    return connection.execute(until).scalar_one()


def _hash_rows(rows: Sequence[Any]) -> str:
    # Sorted here, because databases order text in a language of their own.
    lines = sorted(json.dumps([*row], ensure_ascii=False, default=str) for row in rows)
    return _hash_text("\n".join(lines))


def _hash_text(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
