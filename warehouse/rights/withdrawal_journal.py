"""The withdrawals written down by hand, beside the warehouse: an older backup does not know the newest.

Records are named by keyed hashes only. A line is written before the warehouse knows the statement, so
that nothing a person took back is ever forgotten.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from warehouse.errors import WarehouseError
from warehouse.files.json_lines import add_line, read_json_lines
from warehouse.identity.record import Key
from warehouse.rights.hashed_records import find_hashed
from warehouse.rights.mark_journal import list_pending_marks
from warehouse.rights.rights_key import open_rights_key
from warehouse.schema import consent_statement

WITHDRAWALS = "withdrawals.jsonl"


class WithdrawalsPending(WarehouseError):
    """The warehouse does not know what a person said since; nothing is read before it does."""


@dataclass(frozen=True)
class WithdrawalLine:
    """A withdrawal: the hash of its record, and what of ``consent_statement`` tells it apart."""

    record: str
    kind: str
    recipient: str | None
    recipient_name: str | None
    given_on: date
    valid_until: date | None
    made_at: datetime


def keep_withdrawal(folder: Path, record: Key, row: dict[str, Any]) -> None:
    """Adds the withdrawal that a row of ``consent_statement`` is about to say."""
    said = {field.name: row.get(field.name) for field in fields(WithdrawalLine)}
    said["record"] = open_rights_key(folder).hash_record(record)
    add_line(folder / WITHDRAWALS, {name: _write_day(value) for name, value in said.items()})


def _write_day(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _read_lines(folder: Path) -> Iterator[WithdrawalLine]:
    for content in read_json_lines(folder / WITHDRAWALS):
        until = content["valid_until"]
        days = {
            "given_on": date.fromisoformat(content["given_on"]),
            "valid_until": date.fromisoformat(until) if until else None,
            "made_at": datetime.fromisoformat(content["made_at"]),
        }
        yield WithdrawalLine(**{**content, **days})


def list_pending_withdrawals(
    connection: Connection, folder: Path
) -> list[tuple[Key, WithdrawalLine]]:
    """The withdrawals that the warehouse does not know, of records that it has."""
    lines = list(_read_lines(folder))
    if not lines:
        return []
    c = consent_statement.c
    known = {tuple(row) for row in connection.execute(select(c.made_at, c.kind))}
    missing = [line for line in lines if (line.made_at, line.kind) not in known]
    records = find_hashed(connection, folder, now=True) if missing else {}
    return [(records[line.record], line) for line in missing if line.record in records]


def require_nothing_pending(connection: Connection, folder: Path) -> None:
    """Raises WithdrawalsPending where there are some, or marks such as restrictions."""
    pending = len(list_pending_withdrawals(connection, folder))
    marks = len(list_pending_marks(connection, folder))
    if pending or marks:
        raise WithdrawalsPending(
            f"{pending} withdrawals and {marks} restrictions or holds are not in this warehouse, as it "
            "came from an older backup or writing one down was interrupted; first run: drehscheibe "
            "person erase --resume --yes"
        )
