"""Lets a record of an erased person come in again, where they came back."""

from __future__ import annotations

from pipelines.consents.statements import read_record
from pipelines.hub import Hub
from pipelines.rights.requested_person import hash_records
from warehouse.erasure.journal import Journal, JournalLine
from warehouse.rights.requests import RequestKind, log_request


def admit_record(hub: Hub, name: str, reason: str) -> None:
    """Notes in the journal that a record is guarded no more; raises NotWritten where it is none."""
    hashes = hash_records(hub, [read_record(name)])
    with hub.store.transaction() as connection:
        log_request(connection, RequestKind.ADMIT, hashes, reason)
    Journal(hub.config.data_folder.rights).add(JournalLine("admitted", "", hashes))
