"""Restricts what happens with a person's data (Art. 18 DSGVO), or keeps them from being erased."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipelines.hub import Hub
from pipelines.rights.requested_person import find_person, keep_request
from warehouse.rights.record_marks import MadeMark, Mark, MarkEvent, list_marks, write_mark
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
        changed = write_mark(connection, kind, event, subject.records, reason)
        if changed:
            request = _REQUESTS[kind, event]
            keep_request(hub, connection, request, subject, reason, reference)
        history = list_marks(connection, subject.records)
    return MarkedPerson(subject.person, kind, event, changed, subject.names, history)
