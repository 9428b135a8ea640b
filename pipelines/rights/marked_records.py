"""Restricts what happens with a person's data (Art. 18 DSGVO), or keeps them from being erased."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pipelines.hub import Hub
from pipelines.rights.requested_person import find_person, keep_request
from warehouse.ledger.clock import read_clock
from warehouse.rights.mark_journal import keep_marks, list_pending_marks
from warehouse.rights.record_marks import (
    MadeMark,
    Mark,
    MarkEvent,
    list_marks,
    write_mark,
)
from warehouse.rights.requests import RequestKind

_REQUESTS = {
    (Mark.RESTRICTED, MarkEvent.SET): RequestKind.RESTRICT,
    (Mark.RESTRICTED, MarkEvent.LIFTED): RequestKind.LIFT,
    (Mark.HOLD, MarkEvent.SET): RequestKind.HOLD,
    (Mark.HOLD, MarkEvent.LIFTED): RequestKind.RELEASE,
}


@dataclass(frozen=True)
class MarkedPerson:
    """What was noted on the records of a person; ``changed``: on how many it was not so before."""

    person: str
    kind: Mark
    event: MarkEvent
    changed: int
    records: Sequence[str]
    history: Sequence[MadeMark]


def mark_person(
    hub: Hub, name: str, kind: Mark, event: MarkEvent, reason: str, reference: str | None = None
) -> MarkedPerson:
    """Notes it on every record of the person, also those no longer known; raises NoSuchPerson."""
    with hub.store.transaction() as connection:
        subject = find_person(connection, name)
        moment = read_clock()
        changed = write_mark(connection, kind, event, subject.records, reason, moment)
        keep_marks(hub.config.data_folder.rights, kind, event, changed, moment)
        if changed:
            request = _REQUESTS[kind, event]
            keep_request(hub, connection, request, subject, reason, reference)
        history = list_marks(connection, subject.records)
    return MarkedPerson(subject.person, kind, event, len(changed), subject.names, history)


def repeat_marks(hub: Hub, reason: str) -> int:
    """Notes what a restored warehouse does not know, as of when it was noted; how many there were."""
    hub.allow_pending()
    with hub.store.transaction() as connection:
        pending = list_pending_marks(connection, hub.config.data_folder.rights)
        for record, line in pending:
            moment = datetime.fromisoformat(line.made_at)
            write_mark(connection, Mark(line.kind), MarkEvent(line.event), [record], reason, moment)
    return len(pending)
