"""Settles the doubts that a delivery brought: all of them, or those of single persons.

Who decides has to know how many it concerns: one false alarm says nothing of the other rows.
"""

from __future__ import annotations

import getpass
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select, update

from pipelines.failures import Failure, Kind
from pipelines.intake.unsettled import is_decidable
from warehouse.as_of import read_newest_load
from warehouse.loading.consent_doubts import ANYONE, SAYING
from warehouse.loading.findings import list_findings
from warehouse.schema import consent_doubt, load

_RULES = ("consents_unread", "withdrawal_lost")
_SHOWN = 5
_REOPENED = {"known_to": None, "settled_at": None, "settled_by": None, "settled_because": None}


class SeveralDoubted(Failure):
    """Rows say of several persons that a consent was withdrawn; the text names the rows."""

    kind = Kind.WRONG_CALL


class NotDoubted(Failure):
    """The delivery put that person in no doubt, or somebody decided it, or nobody did."""

    kind = Kind.WRONG_CALL


@dataclass(frozen=True)
class DoubtedRow:
    """A row of a delivery that may be a withdrawal, or has one no more; None: not in one alone."""

    file: str | None
    table: str | None
    row: int | None

    def __str__(self) -> str:
        place = " ".join(filter(None, (self.file, self.table)))
        return place if self.row is None else f"{place} row {self.row}"


@dataclass(frozen=True)
class Settlement:
    """Who decides, when and why."""

    at: datetime
    reason: str


def count_doubting(connection: Connection, delivery_id: str) -> int:
    """How many known persons are in doubt by the delivery."""
    return _count_persons(connection, delivery_id, consent_doubt.c.person_key != ANYONE)


def check_alone(connection: Connection, delivery_id: str, title: str) -> None:
    """Raises SeveralDoubted where rows say of more than one person that a consent was withdrawn."""
    c = consent_doubt.c
    says = and_(c.person_key != ANYONE, c.kind.in_(SAYING))
    count = _count_persons(connection, delivery_id, says)
    if count > 1:
        raise SeveralDoubted(
            f"{title} says of {count} persons that a consent was withdrawn "
            f"({describe_rows(list_rows(connection, delivery_id))}); to let one of them out: "
            f"drehscheibe accept {title} --person SOURCE:KEY --reason …; to let all of them: --all"
        )


def list_rows(connection: Connection, delivery_id: str) -> list[DoubtedRow]:
    """The rows of the delivery that put somebody in doubt, as its findings name them."""
    found = list_findings(connection, rules=_RULES, deliveries=[delivery_id])
    return list(dict.fromkeys(DoubtedRow(one.file, one.table, one.row) for one in found))


def describe_rows(rows: Sequence[DoubtedRow]) -> str:
    """The first of the rows in a line."""
    shown = "; ".join(map(str, rows[:_SHOWN])) or "see: drehscheibe findings"
    return f"{shown}; and {len(rows) - _SHOWN} more" if len(rows) > _SHOWN else shown


def settle_all(connection: Connection, delivery_id: str, made: Settlement) -> None:
    """Ends the doubts that the delivery brought; a later one with such rows brought its own."""
    _settle(connection, _was_brought(delivery_id), made)


def settle_persons(
    connection: Connection, delivery_id: str, records: Sequence[str], made: Settlement
) -> None:
    """Ends the doubts of these records (``source:key``) alone. Raises NotDoubted."""
    for record in records:
        mine = and_(_was_brought(delivery_id), _is_of(record))
        open_ = and_(mine, consent_doubt.c.known_to.is_(None))
        if not _has_any(connection, open_):
            raise NotDoubted(f"{record} is not in doubt by this delivery")
        _settle(connection, mine, made)


def reopen_all(connection: Connection, delivery_id: str, accepted_at: datetime) -> None:
    """Brings the doubts back that an acceptance ended; those of persons settled alone stay so."""
    settled_at = consent_doubt.c.settled_at
    by_it = and_(_was_brought(delivery_id), settled_at.is_(None))
    # Later deliveries that say the same rest on the decision.
    connection.execute(
        update(consent_doubt).where(or_(by_it, settled_at == accepted_at)).values(_REOPENED)
    )


def reopen_persons(connection: Connection, delivery_id: str, records: Sequence[str]) -> None:
    """Brings the doubts of these records back that a person settled. Raises NotDoubted."""
    for record in records:
        settled = and_(
            _was_brought(delivery_id), _is_of(record), consent_doubt.c.settled_at.is_not(None)
        )
        if not _has_any(connection, settled):
            raise NotDoubted(f"of {record} nothing was settled in this delivery")
        # Later deliveries that say the same rest on the decision.
        at = connection.execute(select(consent_doubt.c.settled_at).where(settled)).scalars().all()
        resting = and_(_is_of(record), consent_doubt.c.settled_at.in_(at))
        connection.execute(update(consent_doubt).where(resting).values(_REOPENED))


def list_settled(connection: Connection, source: str) -> set[str]:
    """The persons of a source who are in no doubt because somebody decided so."""
    c = consent_doubt.c
    own = select(c.person_key).where(c.source == source)
    settled = connection.execute(own.where(c.settled_at.is_not(None))).scalars()
    return set(settled) - list_doubted(connection, source)


def list_doubted(connection: Connection, source: str) -> set[str]:
    """The persons of a source who are in doubt, nobody knows who included."""
    c = consent_doubt.c
    open_ = select(c.person_key).where(c.source == source, c.known_to.is_(None))
    return set(connection.execute(open_).scalars())


def _settle(connection: Connection, condition: ColumnElement[bool], made: Settlement) -> None:
    ended = update(consent_doubt).where(condition, consent_doubt.c.known_to.is_(None))
    connection.execute(
        ended.values(
            known_to=read_newest_load(connection),
            settled_at=made.at,
            settled_by=getpass.getuser(),
            settled_because=made.reason,
        )
    )


def _is_of(record: str) -> ColumnElement[bool]:
    source, _, key = record.partition(":")
    c = consent_doubt.c
    return and_(c.source == source, c.person_key == key, c.person_key != ANYONE)


def _was_brought(delivery_id: str) -> ColumnElement[bool]:
    """Condition: a load of the delivery brought the doubt, and a decision on it settles it."""
    numbers = select(load.c.number).where(load.c.delivery_id == delivery_id)
    return and_(consent_doubt.c.known_from.in_(numbers), is_decidable())


def _has_any(connection: Connection, condition: ColumnElement[bool]) -> bool:
    found = select(consent_doubt.c.source).where(condition).limit(1)
    return connection.execute(found).first() is not None


def _count_persons(connection: Connection, delivery_id: str, condition: ColumnElement[bool]) -> int:
    c = consent_doubt.c
    brought = select(func.count(c.person_key.distinct())).where(_was_brought(delivery_id))
    open_ = brought.where(c.known_to.is_(None), condition)
    return int(connection.execute(open_).scalar_one())
