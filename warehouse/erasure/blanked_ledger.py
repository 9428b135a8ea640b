"""Takes a person out of the tables of identity, transmissions, marks and findings."""

from __future__ import annotations

import getpass
import secrets
from collections.abc import Collection, Iterable
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


def rename_person(connection: Connection, sign: Sign, subject: Subject, names: Pseudonyms) -> None:
    """Gives the person's links, ids, decisions, doubts and transmissions random keys."""
    _rename_links(connection, subject, names)
    _rename_decisions(connection, subject, names)
    for key in subject.keys:
        _delete_pairs(connection, key)
        renamed = names.name_person(*key)
        _set(connection, consent_doubt, "person_key", key, person_key=renamed)
        extension = {"person_key": renamed, "reason": None}
        _set(connection, counselling_extension, "person_key", key, **extension)
        _set(connection, record_mark, "source_key", key, source_key=renamed, reason=ERASED)
        _rename_transmissions(connection, key, renamed)
        _rename_statements(connection, key, renamed)
    # The leaves stay, so that every checkpoint printed before stays provable.
    renamed_keys = [(source, names.name_person(source, key)) for source, key in subject.keys]
    erase_contents(connection, sign, subject.keys, renamed_keys)
    keep_apart(connection, subject, names)


def keep_apart(connection: Connection, subject: Subject, names: Pseudonyms) -> None:
    """Keeps the emptied records one person, of whom nothing leaves."""
    keys = sorted((source, names.name_person(source, key)) for source, key in subject.records)
    for key in keys[1:]:
        _decide_same(connection, keys[0], key)
    write_mark(connection, Mark.RESTRICTED, MarkEvent.SET, keys, ERASED)


def _set(connection: Connection, table: Table, column: str, key: Key, **values: Any) -> None:
    connection.execute(update(table).where(_is_key(table, column, key)).values(values))


def _is_key(table: Table, column: str, key: Key) -> ColumnElement[bool]:
    return and_(table.c.source == key[0], table.c[column] == key[1])


def _rename_statements(connection: Connection, key: Key, renamed: str) -> None:
    said = dict.fromkeys(_SAID_BY_HAND)
    _set(connection, consent_statement, "person_key", key, person_key=renamed, **said)


def _rename_links(connection: Connection, subject: Subject, names: Pseudonyms) -> None:
    for table in (person_link, person_anchor):
        mine = update(table).where(table.c.person_id == subject.person)
        connection.execute(mine.values(person_id=names.person_id))
    for key in subject.keys:
        renamed, name = names.name_person(*key), ":".join(key)
        _set(connection, person_anchor, "source_key", key, source_key=renamed)
        _set(connection, person_link, "source_key", key, source_key=renamed, explanation=ERASED)
        linked = update(person_link).where(person_link.c.linked_to == name)
        connection.execute(linked.values(linked_to=names.name_record(name), explanation=ERASED))


def _delete_pairs(connection: Connection, key: Key) -> None:
    connection.execute(delete(identity_pair).where(_is_side(identity_pair, key)))


def _is_side(table: Table, key: Key) -> ColumnElement[bool]:
    c = table.c
    sides = ((c.a_source, c.a_key), (c.b_source, c.b_key))
    return or_(*(and_(source == key[0], own == key[1]) for source, own in sides))


def _select_decisions(subject: Subject) -> Select[Any]:
    sides = (_is_side(identity_decision, key) for key in subject.keys)
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


def _rename_transmissions(connection: Connection, key: Key, renamed: str) -> None:
    c = transmission.c
    mine = select(c.transmission_id).where(c.source == key[0], c.source_key == key[1])
    for number in connection.execute(mine).scalars().all():
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
