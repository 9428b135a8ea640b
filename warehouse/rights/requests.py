"""The log of what persons asked for; it names a record by a keyed hash only."""

from __future__ import annotations

import getpass
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, insert, select

from warehouse.ledger.clock import read_clock
from warehouse.rights.record_marks import next_number
from warehouse.schema import person_request


class RequestKind(StrEnum):
    """What was asked for."""

    ACCESS = "access"
    RESTRICT = "restrict"
    LIFT = "lift"
    HOLD = "hold"
    RELEASE = "release"
    ERASE = "erase"
    ADMIT = "admit"


@dataclass(frozen=True)
class LoggedRequest:
    """What was asked for, under which reference and why, noted by whom and when (UTC)."""

    kind: str
    reference: str | None
    reason: str | None
    made_by: str
    made_at: datetime


def log_request(
    connection: Connection,
    kind: RequestKind,
    subjects: Iterable[str],
    reason: str | None = None,
    reference: str | None = None,
) -> None:
    """Adds a request, once for each of the keyed hashes of the person's records."""
    same: dict[str, Any] = {"kind": kind, "reason": reason, "reference": reference}
    same |= {"made_by": getpass.getuser(), "made_at": read_clock()}
    for number, subject in enumerate(subjects, next_number(connection, person_request)):
        row = {"number": number, "subject": subject, **same}
        connection.execute(insert(person_request).values(**row))


def list_requests(connection: Connection, subjects: Collection[str]) -> list[LoggedRequest]:
    """What was asked for by a person, given by the keyed hashes of the records; each once."""
    c = person_request.c
    rows = select(c.kind, c.reference, c.reason, c.made_by, c.made_at)
    rows = rows.where(c.subject.in_(list(subjects))).order_by(c.number)
    return list(dict.fromkeys(LoggedRequest(*row) for row in connection.execute(rows)))
