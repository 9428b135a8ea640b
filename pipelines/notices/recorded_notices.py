"""Records notices in the ledger and follows them: made, sent, reminded, confirmed."""

from __future__ import annotations

import getpass
import hashlib
import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, select

from pipelines.failures import Failure, Kind
from pipelines.notices.causes import RECORD_GONE, Cause
from pipelines.notices.due_notices import (
    EVERYTHING,
    DueNotice,
    NoticedForm,
    Told,
    find_due_notices,
    name_side,
)
from pipelines.transfer.parcels import ParcelKey
from pipelines.transfer.transmissions import SentForm, list_recipients_of, list_sent_forms
from warehouse.errors import NoRight
from warehouse.ledger.clock import read_clock
from warehouse.ledger.entered_rows import insert_entered
from warehouse.ledger.entries import Record, lock_ledger
from warehouse.ledger.state_order import explain_wrong_step
from warehouse.schema import notice, notice_event, transmission

if TYPE_CHECKING:
    from pipelines.hub import Hub


class NoticeState(StrEnum):
    """What became of a notice; ``due``: nobody has made its letter yet."""

    DUE = "due"
    MADE = "made"
    SENT = "sent"
    REMINDED = "reminded"
    CONFIRMED = "confirmed"


# Which states may follow a state. A letter that was lost is made again.
FOLLOWING: Mapping[NoticeState, frozenset[NoticeState]] = {
    NoticeState.DUE: frozenset({NoticeState.MADE}),
    NoticeState.MADE: frozenset({NoticeState.MADE, NoticeState.SENT}),
    NoticeState.SENT: frozenset({NoticeState.REMINDED, NoticeState.CONFIRMED}),
    NoticeState.REMINDED: frozenset({NoticeState.REMINDED, NoticeState.CONFIRMED}),
    NoticeState.CONFIRMED: frozenset(),
}


class NoSuchNotice(Failure):
    """No notice, or more than one, has this number."""

    kind = Kind.WRONG_CALL


class NotPossibleNow(Failure):
    """A notice cannot come to this state from the one it is in."""


@dataclass(frozen=True)
class NoticeEvent:
    """A state that a notice came to; ``sha256`` of its letter."""

    state: NoticeState
    happened_on: date
    event_at: datetime
    made_by: str
    note: str | None
    sha256: str | None


@dataclass(frozen=True)
class Notice:
    """A notice of the ledger: what it tells whom, until when it is to be confirmed, its history.

    ``tree_size``: how many entries the ledger had, whose root the letter prints.
    """

    notice_id: str
    recipient: str
    cause: Cause
    reasons: Sequence[str]
    record: Record | None
    forms: Sequence[NoticedForm]
    found_on: date
    due_on: date
    tree_size: int
    events: Sequence[NoticeEvent] = ()

    @property
    def state(self) -> NoticeState:
        """The newest state."""
        return self.events[-1].state if self.events else NoticeState.DUE

    def is_overdue(self, today: date) -> bool:
        """Whether the recipient should have confirmed it."""
        return self.state is not NoticeState.CONFIRMED and today > self.due_on

    def is_to_be_reminded(self, today: date, days: int) -> bool:
        """Whether the last letter went out that many days ago and nothing came back."""
        waiting = self.state in (NoticeState.SENT, NoticeState.REMINDED)
        return waiting and today >= self.events[-1].happened_on + timedelta(days)


@dataclass(frozen=True)
class Recorded:
    """What a comparison added: the new notices; ``unsure``: forms by recipient that stay as is.

    ``lost``: recipients of forms who are not configured any more.
    """

    new: Sequence[Notice]
    unsure: Mapping[str, int]
    lost: Sequence[str]


def record_due_notices(hub: Hub) -> Recorded:
    """Finds what earlier recipients have to be told and records it; the same again adds nothing."""
    with hub.store.read() as connection:
        if not connection.execute(select(transmission.c.transmission_id).limit(1)).first():
            return Recorded([], {}, [])
        told = _list_told(read_notices(connection))
    found = find_due_notices(hub, told)
    with hub.store.transaction() as connection:
        new = _record_notices(hub, connection, found.due)
    return Recorded(new, found.unsure, found.lost)


def describe_lost(lost: Sequence[str]) -> str:
    """What to do about recipients who are not configured any more."""
    return (
        f"forms were sent to {', '.join(lost)}, which drehscheibe.yaml does not name any more, so nobody "
        "is told of revocations: enter the recipient again, with the same key"
    )


def count_ended_forms(hub: Hub, parcel: ParcelKey) -> int:
    """How many forms of a parcel nobody may use any more, as far as that is sure."""
    with hub.store.read() as connection:
        own = {form.number for form in list_sent_forms(connection) if form.parcel == parcel}
    found = find_due_notices(hub, {}, [parcel.recipient]).due
    ending = (due for due in found if due.cause is not Cause.CORRECTION)
    return len(own & {form.number for due in ending for form in due.forms if form.fields})


def announce_erasure(
    hub: Hub, connection: Connection, records: Collection[Record]
) -> Sequence[Notice]:
    """Records, in the caller's transaction, that all who received something are told of an erasure.

    To be called before anything of the person is destroyed. The notices name forms by number and
    day, and no record.
    """
    by_recipient: dict[str, list[SentForm]] = defaultdict(list)
    for form in list_recipients_of(connection, records):
        by_recipient[form.recipient].append(form)
    due = [
        DueNotice(recipient, Cause.ERASURE, [RECORD_GONE], None, _note_forms(forms))
        for recipient, forms in sorted(by_recipient.items())
    ]
    return _record_notices(hub, connection, due)


def _note_forms(forms: Iterable[SentForm]) -> list[NoticedForm]:
    return [NoticedForm(form.number, form.sent_on, form.load, form.list_shown()) for form in forms]


def _record_notices(hub: Hub, connection: Connection, due: Sequence[DueNotice]) -> list[Notice]:
    """Records those that the ledger does not have; others wait meanwhile."""
    size = lock_ledger(connection)
    notices = read_notices(connection)
    known, told = {made.notice_id for made in notices}, _list_told(notices)
    new: list[Notice] = []
    for found in due:
        # Another process may have told a correction meanwhile.
        if found.cause is Cause.CORRECTION and told[found.recipient].knows(found):
            continue
        made = _draft_notice(hub, found, size + len(new), told[found.recipient])
        if made.notice_id not in known:
            new.append(made)
    insert_entered(connection, notice, [_write_row(made) for made in new])
    return new


def _draft_notice(hub: Hub, found: DueNotice, size: int, told: Told) -> Notice:
    days = hub.config.notices.due_days
    parts: list[Any] = [found.recipient, found.cause, found.reasons, _write_forms(found.forms)]
    if found.cause is Cause.CORRECTION:
        # A value may come back to what was told before.
        parts.append(told.repeated[found.forms[-1].number])
    text = json.dumps(parts)
    number = hashlib.sha256(text.encode()).hexdigest()[:16]
    due_on = hub.today + timedelta(days)
    return Notice(
        number,
        found.recipient,
        found.cause,
        found.reasons,
        found.record,
        found.forms,
        hub.today,
        due_on,
        size,
    )


def _write_row(made: Notice) -> dict[str, Any]:
    source, source_key = made.record or (None, None)
    return {
        "notice_id": made.notice_id,
        "recipient": made.recipient,
        "cause": made.cause.value,
        "reasons": json.dumps(list(made.reasons)),
        "source": source,
        "source_key": source_key,
        "forms": json.dumps(_write_forms(made.forms)),
        "found_on": made.found_on,
        "due_on": made.due_on,
        "tree_size": made.tree_size,
    }


def _write_forms(forms: Sequence[NoticedForm]) -> list[dict[str, Any]]:
    return [{**asdict(form), "sent_on": form.sent_on.isoformat()} for form in forms]


def list_notices(hub: Hub) -> list[Notice]:
    """All notices with what became of them, in the order in which they were found."""
    with hub.store.read() as connection:
        return read_notices(connection)


def read_notices(connection: Connection) -> list[Notice]:
    """All notices with what became of them, in the order in which they were found."""
    events = _read_events(connection)
    rows = select(notice).order_by(notice.c.found_on, notice.c.tree_size, notice.c.notice_id)
    return [
        _read_notice(row, events.get(row["notice_id"], []))
        for row in connection.execute(rows).mappings()
    ]


def _read_notice(row: Mapping[Any, Any], events: Sequence[NoticeEvent]) -> Notice:
    record = (row["source"], row["source_key"]) if row["source_key"] is not None else None
    return Notice(
        row["notice_id"],
        row["recipient"],
        Cause(row["cause"]),
        json.loads(row["reasons"]),
        record,
        _read_forms(row["forms"]),
        row["found_on"],
        row["due_on"],
        row["tree_size"],
        events,
    )


def _read_forms(text: str) -> list[NoticedForm]:
    return [
        NoticedForm(**{**form, "sent_on": date.fromisoformat(form["sent_on"])})
        for form in json.loads(text)
    ]


def _read_events(connection: Connection) -> dict[str, list[NoticeEvent]]:
    found: dict[str, list[NoticeEvent]] = defaultdict(list)
    c = notice_event.c
    columns = (c.happened_on, c.event_at, c.made_by, c.note, c.sha256)
    rows = select(c.notice_id, c.state, *columns).order_by(c.notice_id, c.number)
    for notice_id, state, *about in connection.execute(rows):
        found[notice_id].append(NoticeEvent(NoticeState(state), *about))
    return found


def _list_told(notices: Sequence[Notice]) -> dict[str, Told]:
    """By recipient, the fields that notices have ended, and the last correction of each form."""
    told: dict[str, Told] = defaultdict(Told)
    for made in notices:
        for form in made.forms:
            known = told[made.recipient]
            if made.cause is Cause.CORRECTION:
                known.repeated[form.number] += 1
                known.corrected |= {name_side(m): (m, form.fields) for m in made.reasons[1:]}
                continue
            more = [EVERYTHING] if made.cause is Cause.ERASURE else []
            known.ended |= {(form.number, name) for name in (*form.fields, *more)}
    return told


def count_notices(hub: Hub) -> dict[str, int]:
    """How many letters are to be sent, and how many confirmations overdue.

    Empty for an account that may not read notices.
    """
    try:
        known = list_notices(hub)
    except NoRight:
        return {}
    waiting = (NoticeState.DUE, NoticeState.MADE)
    return {
        "to_send": sum(made.state in waiting for made in known),
        "overdue": sum(made.is_overdue(hub.today) for made in known),
    }


def find_notice(hub: Hub, number: str) -> Notice:
    """The notice of a number, or the only one whose number begins so; raises NoSuchNotice."""
    found = [made for made in list_notices(hub) if number and made.notice_id.startswith(number)]
    if len(found) == 1:
        return found[0]
    problem = "several notices have numbers that begin so" if found else "no notice has the number"
    raise NoSuchNotice(f"{problem}: '{number}'; drehscheibe notices lists them")


def advance_notice(
    hub: Hub,
    made: Notice,
    state: NoticeState,
    note: str | None = None,
    happened_on: date | None = None,
    sha256: str | None = None,
) -> Notice:
    """Notes that a notice came to a state; raises NotPossibleNow where it cannot."""
    with hub.store.transaction() as connection:
        lock_ledger(connection)
        # Read anew: somebody else may have been quicker.
        now = next(one for one in read_notices(connection) if one.notice_id == made.notice_id)
        _check_following(now, state)
        day = happened_on or hub.today
        event = NoticeEvent(state, day, read_clock(), getpass.getuser(), note, sha256)
        _write_event(connection, now, event)
    return replace(now, events=[*now.events, event])


def _check_following(now: Notice, state: NoticeState) -> None:
    name = f"notice {now.notice_id}"
    if problem := explain_wrong_step(name, now.state, state, FOLLOWING):
        raise NotPossibleNow(problem)


def _write_event(connection: Connection, now: Notice, event: NoticeEvent) -> None:
    number = {"notice_id": now.notice_id, "number": len(now.events) + 1}
    row = {**number, **vars(event), "state": event.state.value}
    insert_entered(connection, notice_event, [row])
