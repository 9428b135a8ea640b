"""Writes down what a person said about a recipient; it takes effect at once, as a load of its own.

Statements are only ever added. No delivery ends or revives anything by them: the gate reads them
beside the consents of the sources (``warehouse/gates/known_consents.py``).
"""

from __future__ import annotations

import getpass
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, func, insert, select

from pipelines.failures import Failure, Kind
from pipelines.hub import Hub
from pipelines.intake.decision_load import record_decision_load
from pipelines.intake.registers import write_registers
from warehouse.as_of import read_newest_load
from warehouse.gates.known_consents import GRANTED
from warehouse.identity.record import Key
from warehouse.ledger.clock import read_clock
from warehouse.ledger.entered_rows import GROUPS, insert_entered
from warehouse.rights.withdrawal_journal import keep_withdrawal
from warehouse.schema import consent_statement, consent_statement_group, person


class NotWritten(Failure):
    """Nothing can be written down so; the text says why. It names no person."""

    kind = Kind.WRONG_CALL


@dataclass(frozen=True)
class Statement:
    """What a person said, as it is to be written down; ``kind`` as in known_consents.

    ``recipient`` None: said of all recipients. The fields are those of ``consent_statement``.
    """

    record: Key
    kind: str
    recipient: str | None
    recipient_name: str | None
    given_on: date
    groups: Sequence[str] = ()
    purpose_id: str | None = None
    purpose: str | None = None
    direction: str | None = None
    valid_until: date | None = None
    ends_with: str | None = None
    released_persons: Sequence[str] = ()
    own_consent: bool | None = None
    guardian: str | None = None
    form_version: str | None = None
    form_language: str | None = None
    witnessed_by: str | None = None
    interpreter: str | None = None
    scan_sha256: str | None = None
    made_by: str = ""


@dataclass(frozen=True)
class Written:
    """A statement that was written down: its number, and the load with which it took effect."""

    number: int
    record: str
    recipient: str | None
    kind: str
    given_on: date
    load: int


@dataclass(frozen=True)
class StoredStatement(Statement):
    """A statement as it was written down; ``made_at`` in UTC."""

    number: int = 0
    made_at: datetime = datetime.min
    load: int = 0


def read_record(text: str) -> Key:
    """Source and key of a record like "enaio:P-1"; NotWritten where it is none."""
    source, colon, key = text.partition(":")
    if not (source and colon and key):
        raise NotWritten(f"'{text}' is no record; it is named like enaio:P-1")
    return source, key


def write_statement(hub: Hub, said: Statement, made_at: datetime | None = None) -> Written:
    """Adds a statement, while no run is going on; NotWritten where the record is not known now.

    ``made_at``: when it was written down before, of one that a restored warehouse forgot.
    """
    with hub.store.lock_run() as turn:
        write_registers(hub)
        with hub.store.transaction() as connection:
            _check_known(connection, said.record)
            written = _add_statement(hub, connection, said, made_at)
            turn.check_held()
    return written


def _check_known(connection: Connection, record: Key) -> None:
    if connection.execute(_select_known(record)).first() is None:
        raise NotWritten(f"no person record {':'.join(record)} is known now")


def _select_known(record: Key) -> Select[Any]:
    c = person.c
    is_record = (c.source == record[0], c.source_key == record[1])
    return select(c.source_key).where(*is_record, c.known_to.is_(None))


def _add_statement(
    hub: Hub, connection: Connection, said: Statement, made_at: datetime | None
) -> Written:
    number = _read_last(connection) + 1
    load = read_newest_load(connection) + 1
    row = {
        **_describe_row(said),
        "number": number,
        "made_by": said.made_by or getpass.getuser(),
        "made_at": made_at or read_clock(),
        "made_on": hub.today,
        "known_from": load,
    }
    if said.kind != GRANTED and made_at is None:
        keep_withdrawal(hub.config.data_folder.rights, said.record, row)
    insert_entered(connection, consent_statement, [row], [{GROUPS: sorted(said.groups)}])
    _write_groups(connection, number, said.groups)
    record_decision_load(hub, connection, load)
    record = ":".join(said.record)
    return Written(number, record, said.recipient, said.kind, said.given_on, load)


def _write_groups(connection: Connection, number: int, groups: Sequence[str]) -> None:
    rows = [{"number": number, "data_group": group} for group in groups]
    if rows:
        connection.execute(insert(consent_statement_group), rows)


def _read_last(connection: Connection) -> int:
    last = select(func.max(consent_statement.c.number))
    return connection.execute(last).scalar() or 0


def _describe_row(said: Statement) -> dict[str, Any]:
    """The values of the table's columns that a statement gives."""
    own = {name: value for name, value in vars(said).items() if name in consent_statement.c}
    persons = list(said.released_persons)
    return {
        **own,
        "source": said.record[0],
        "person_key": said.record[1],
        "released_persons": json.dumps(persons, ensure_ascii=False) if persons else None,
        "confidentiality_released": bool(persons) if said.groups else None,
    }


def list_statements(connection: Connection, record: Key) -> list[StoredStatement]:
    """All that was written down of a record, in order."""
    c = consent_statement.c
    rows = select(consent_statement).where(c.source == record[0], c.person_key == record[1])
    return [
        _read_row(row, _read_groups(connection, row.number))
        for row in connection.execute(rows.order_by(c.number)).all()
    ]


def _read_groups(connection: Connection, number: int) -> Sequence[str]:
    g = consent_statement_group.c
    groups = select(g.data_group).order_by(g.data_group).where(g.number == number)
    return connection.execute(groups).scalars().all()


def _read_row(row: Row[Any], groups: Sequence[str]) -> StoredStatement:
    names = StoredStatement.__dataclass_fields__
    own = {name: value for name, value in row._mapping.items() if name in names}
    persons = json.loads(row.released_persons) if row.released_persons else []
    return StoredStatement(
        **{**own, "released_persons": persons},
        record=(row.source, row.person_key),
        groups=groups,
        load=row.known_from,
    )
