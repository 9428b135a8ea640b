"""Names the person that a command is about, and keeps what is asked for."""

from __future__ import annotations

from sqlalchemy import Connection

from pipelines.failures import Failure, Kind
from pipelines.hub import Hub
from warehouse.identity.record import Key
from warehouse.rights.requests import RequestKind, log_request
from warehouse.rights.rights_key import RightsKey, open_rights_key
from warehouse.rights.subject import Subject, UnknownPerson, find_subject


class NoSuchPerson(Failure):
    """There is no such person or record."""

    kind = Kind.WRONG_CALL


def find_person(connection: Connection, name: str) -> Subject:
    """The person of an id or of a record; raises NoSuchPerson."""
    try:
        return find_subject(connection, name)
    except UnknownPerson as error:
        raise NoSuchPerson(str(error)) from None


def read_key(hub: Hub) -> RightsKey:
    """The secret of the district's data folder."""
    return open_rights_key(hub.config.data_folder.rights)


def hash_records(hub: Hub, records: list[Key]) -> list[str]:
    """The keyed hashes by which the log of requests names the records."""
    key = read_key(hub)
    return [key.hash_record(record) for record in records]


def keep_request(
    hub: Hub,
    connection: Connection,
    kind: RequestKind,
    subject: Subject,
    reason: str | None = None,
    reference: str | None = None,
) -> None:
    """Adds what was asked for to the log of requests."""
    log_request(connection, kind, hash_records(hub, subject.keys), reason, reference)
