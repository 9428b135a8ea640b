"""Finishes erasures that were interrupted, and repeats those that a restored warehouse forgot."""

from __future__ import annotations

import getpass
from collections.abc import Callable, Iterator, Mapping, Sequence

from sqlalchemy import Connection

from pipelines.consents.repeated_withdrawals import repeat_withdrawals
from pipelines.hub import Hub
from pipelines.rights.erase import ErasedPerson, finish_erasure, prepare_worksheet
from pipelines.rights.marked_records import repeat_marks
from pipelines.rights.worksheet import list_worksheets
from warehouse.as_of import read_newest_load
from warehouse.erasure.blanked_ledger import record_erasure
from warehouse.erasure.journal import Journal, JournalLine
from warehouse.erasure.pending_erasures import list_pending
from warehouse.identity.record import Key
from warehouse.ledger.clock import read_clock
from warehouse.rights.hashed_records import find_hashed
from warehouse.rights.subject import Subject, find_subject
from warehouse.schema import erasure

REPEATED = "nach dem Zurückspielen einer Sicherung wiederholt"


def resume_erasures(
    hub: Hub, tell: Callable[[str], None] = lambda text: None
) -> list[ErasedPerson]:
    """Repeats withdrawals, finishes all that was begun, repeats what the warehouse does not know of.

    Raises the errors of ``erase_person``.
    """
    folder = hub.config.data_folder.rights
    if not folder.exists():
        return []
    repeat_withdrawals(hub)
    repeat_marks(hub, REPEATED)
    done = [finish_erasure(hub, sheet, tell) for sheet in list_worksheets(folder, hub.key)]
    with hub.store.read() as connection:
        pending = list_pending(connection, Journal(folder))
    for line in pending:
        done += _repeat(hub, line, tell)
    return done


def _repeat(hub: Hub, line: JournalLine, tell: Callable[[str], None]) -> Iterator[ErasedPerson]:
    """Erases the person of a journal's line again, where the warehouse holds them."""
    folder = hub.config.data_folder.rights
    with hub.store.transaction() as connection:
        subject = _find_hashed(hub, connection, line.records)
        if subject is None:
            _note_nothing(connection, line)
            return
        sheet = prepare_worksheet(hub, connection, subject, REPEATED, line.reference, line.erasure)
    sheet.write(folder, hub.key)
    yield finish_erasure(hub, sheet, tell)


def _find_hashed(hub: Hub, connection: Connection, hashes: Sequence[str]) -> Subject | None:
    """The person whose records have these keyed hashes; None where none is there."""
    found = _list_hashed(hub, connection, hashes)
    return _gather_subject(connection, found) if found else None


def _list_hashed(hub: Hub, connection: Connection, hashes: Sequence[str]) -> list[Key]:
    records = find_hashed(connection, hub.config.data_folder.rights)
    return [records[one] for one in hashes if one in records]


def _gather_subject(connection: Connection, found: Sequence[Key]) -> Subject:
    """The person of these records, and since when each is theirs."""
    records: dict[Key, int] = {}
    owner = ""
    for record in found:
        known: Mapping[Key, int]
        subject = find_subject(connection, ":".join(record))
        owner, known = subject.person, subject.records
        records[record] = known.get(record, 0)
    return Subject(owner, records)


def _note_nothing(connection: Connection, line: JournalLine) -> None:
    """Notes that the warehouse holds nothing of an erased person."""
    record_erasure(
        connection,
        erasure,
        erasure_id=line.erasure,
        records=0,
        known_load=read_newest_load(connection),
        rows=0,
        made_by=getpass.getuser(),
        made_at=read_clock(),
    )
