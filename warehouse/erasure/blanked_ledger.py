"""Takes a person out of the tables of identity, transmissions, marks and findings."""

from __future__ import annotations

import getpass
import secrets
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Table,
    and_,
    delete,
    insert,
    or_,
    select,
    update,
)

from warehouse.as_of import read_newest_load
from warehouse.erasure.blanked_rows import NamesPerson
from warehouse.erasure.pseudonyms import Pseudonyms
from warehouse.identity.decisions import SIDES, Decision, Verdict, order_pair, write_decision
from warehouse.identity.key_owners import FIRST_OWNER, KEY_REUSED, KeyOwners
from warehouse.identity.record import Key
from warehouse.ledger.clock import read_clock
from warehouse.ledger.entries import Sign
from warehouse.ledger.erased_contents import erase_contents
from warehouse.rights.record_marks import Mark, MarkEvent, next_number, write_mark
from warehouse.rights.subject import Subject
from warehouse.schema import (
    consent_doubt,
    consent_statement,
    counselling_extension,
    finding,
    identity_decision,
    identity_pair,
    person_anchor,
    person_link,
    person_request,
    quarantine,
    record_mark,
    transmission,
)

ERASED = "gelöscht nach Art. 17 DSGVO"
# What may name somebody in a consent or withdrawal by hand.
_SAID_BY_HAND = (
    "ends_with",
    "released_persons",
    "guardian",
    "witnessed_by",
    "interpreter",
    "scan_sha256",
)


def rename_person(
    connection: Connection, sign: Sign, subject: Subject, names: Pseudonyms, owners: KeyOwners
) -> None:
    """Gives the person's links, ids, decisions, doubts and transmissions random keys.

    ``owners``: whom the keys meant before any row was emptied. What a key stood for before it came
    to mean this person is somebody else's and stays.
    """
    _rename_ids(connection, subject, names, owners)
    _rename_decisions(connection, subject, names)
    for key, since in subject.records.items():
        _rename_record(connection, _Place(key, since), names.name_person(*key))
    # The leaves stay, so that every checkpoint printed before stays provable.
    renamed_keys = [(source, names.name_person(source, key)) for source, key in subject.keys]
    kept_keys = [key for key, since in subject.records.items() if since]
    erase_contents(connection, sign, subject.keys, [*renamed_keys, *kept_keys])
    keep_apart(connection, subject, names)


def _rename_record(connection: Connection, place: _Place, renamed: str) -> None:
    """Gives what is kept of a record a random key, and empties what was written about it."""
    _delete_pairs(connection, place.key)
    _rename_links(connection, place, renamed)
    _set(connection, consent_doubt, place, person_key=renamed, said_hash=None, settled_because=None)
    _set(connection, counselling_extension, place, person_key=renamed, reason=None)
    said = dict.fromkeys(_SAID_BY_HAND)
    _set(connection, consent_statement, place, person_key=renamed, **said)
    _rename_transmissions(connection, place, renamed)
    c, (source, key) = record_mark.c, place.key
    mine = update(record_mark).where(c.source == source, c.source_key == key)
    connection.execute(mine.values(source_key=renamed, reason=ERASED))


def keep_apart(connection: Connection, subject: Subject, names: Pseudonyms) -> None:
    """Keeps the emptied records one person, of whom nothing leaves."""
    keys = sorted((source, names.name_person(source, key)) for source, key in subject.records)
    for key in keys[1:]:
        _decide_same(connection, keys[0], key)
    write_mark(connection, Mark.RESTRICTED, MarkEvent.SET, keys, ERASED)


@dataclass(frozen=True)
class _Place:
    """A record and the load from which on its key meant the person."""

    key: Key
    since: int

    def match_rows(self, table: Table, column: str, load: str) -> ColumnElement[bool]:
        """Condition: a row is of this record, and of a load at which it was the person's."""
        source, key = self.key
        c = table.c
        return and_(c.source == source, c[column] == key, c[load] >= self.since)


def _set(connection: Connection, table: Table, place: _Place, **values: Any) -> None:
    mine = place.match_rows(table, "person_key", "known_from")
    connection.execute(update(table).where(mine).values(values))


def _rename_ids(
    connection: Connection, subject: Subject, names: Pseudonyms, owners: KeyOwners
) -> None:
    """Gives the person's id a random name, and each id that belongs to one of the records.

    An id is a hash of a record's key, which could be tried out.
    """
    newest = read_newest_load(connection)
    a = person_anchor.c
    found = {subject.person: names.person_id}
    for source, key in subject.keys:
        owner = owners.find_owner((source, key), newest)
        mine = and_(a.source == source, a.source_key == key, a.owner == owner)
        for person_id in connection.execute(select(a.person_id).where(mine)).scalars().all():
            found.setdefault(person_id, names.name_id())
        # The random key never meant anybody else.
        place = {"source_key": names.name_person(source, key), "owner": FIRST_OWNER}
        connection.execute(update(person_anchor).where(mine).values(place))
    for table in (person_link, person_anchor):
        for person_id, renamed in found.items():
            mine = table.c.person_id == person_id
            connection.execute(update(table).where(mine).values(person_id=renamed))


def _rename_links(connection: Connection, place: _Place, renamed: str) -> None:
    """Renames the links of a record and those to it; that a key changed hands stays the key's."""
    c, source = person_link.c, place.key[0]
    mine = and_(place.match_rows(person_link, "source_key", "known_from"), c.rule != KEY_REUSED)
    link = {"source_key": renamed, "explanation": ERASED}
    connection.execute(update(person_link).where(mine).values(link))
    linked = and_(c.linked_to == ":".join(place.key), c.known_from >= place.since)
    to_it = {"linked_to": f"{source}:{renamed}", "explanation": ERASED}
    connection.execute(update(person_link).where(linked).values(to_it))


def _delete_pairs(connection: Connection, key: Key) -> None:
    connection.execute(delete(identity_pair).where(_is_side(identity_pair, key)))


def _is_side(table: Table, key: Key) -> ColumnElement[bool]:
    c = table.c
    sides = ((c.a_source, c.a_key), (c.b_source, c.b_key))
    return or_(*(and_(source == key[0], own == key[1]) for source, own in sides))


def _select_decisions(subject: Subject) -> Select[Any]:
    c = identity_decision.c
    sides = (
        and_(_is_side(identity_decision, key), c.known_load >= since)
        for key, since in subject.records.items()
    )
    return select(identity_decision).where(or_(*sides))


def _rename_decisions(connection: Connection, subject: Subject, names: Pseudonyms) -> None:
    c = identity_decision.c
    for row in connection.execute(_select_decisions(subject)).all():
        sides = ((row.a_source, row.a_key), (row.b_source, row.b_key))
        one, other = ((source, names.name_person(source, key)) for source, key in sides)
        pair = order_pair(one, other)
        values = dict(zip(SIDES, (*pair[0], *pair[1]), strict=True))
        changed = update(identity_decision).where(c.number == row.number)
        connection.execute(changed.values(**values, reason=ERASED, seen=None))


def _decide_same(connection: Connection, one: Key, other: Key) -> None:
    number, load = next_number(connection, identity_decision), read_newest_load(connection)
    pair = order_pair(one, other)
    who, when = getpass.getuser(), read_clock()
    made = Decision(number, *pair, Verdict.SAME, None, ERASED, who, when, load)
    write_decision(connection, made)


def _rename_transmissions(connection: Connection, place: _Place, renamed: str) -> None:
    c = transmission.c
    mine = place.match_rows(transmission, "source_key", "load_number")
    for number in connection.execute(select(c.transmission_id).where(mine)).scalars().all():
        # The former id is a hash of the record's key, which could be tried out.
        values = {"transmission_id": secrets.token_hex(32), "source_key": renamed}
        changed = update(transmission).where(c.transmission_id == number)
        connection.execute(changed.values(**values, consent_keys="[]"))


def forget_reasons(connection: Connection, subjects: Collection[str]) -> None:
    """Empties the reasons of a person's requests, as they may name somebody."""
    c = person_request.c
    mine = update(person_request).where(c.subject.in_(list(subjects)))
    connection.execute(mine.values(reason=None))


def forget_values(connection: Connection, places: Iterable[tuple[str, str, int]]) -> int:
    """Deletes the quarantined values of rows, by delivery, file and row; returns how many."""
    f = finding.c
    count = 0
    for delivery_id, file, row in places:
        mine = select(f.number).where(
            f.delivery_id == delivery_id, f.file == file, f.row_number == row
        )
        for number in connection.execute(mine).scalars().all():
            count += _delete_value(connection, delivery_id, number)
    return count


def _delete_value(connection: Connection, delivery_id: str, number: int) -> int:
    q = quarantine.c
    mine = delete(quarantine).where(q.delivery_id == delivery_id, q.number == number)
    return connection.execute(mine).rowcount


def forget_texts(connection: Connection, names_person: NamesPerson) -> int:
    """Deletes the quarantined values that name the person; returns how many."""
    q = quarantine.c
    rows = connection.execute(select(q.delivery_id, q.number, q.value)).all()
    found = [(row.delivery_id, row.number) for row in rows if row.value and names_person(row.value)]
    return sum(_delete_value(connection, *place) for place in found)


def record_erasure(connection: Connection, table: Table, **values: Any) -> None:
    """Adds a row about an erasure."""
    connection.execute(insert(table).values(**values))
