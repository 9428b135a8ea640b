"""Collects all that the hub holds of one person (Art. 15 DSGVO), from landing to ledger."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Table, and_, or_, select

from mappings import code_lists
from pipelines.hub import Hub
from pipelines.notices.recorded_notices import read_notices
from pipelines.rights.landed_rows import LandedRow, LandedSearch
from pipelines.rights.person_strings import PersonStrings, read_strings
from pipelines.rights.requested_person import find_person, hash_records, keep_request
from pipelines.transfer.parcels import UNFINISHED, ParcelKey, read_events
from warehouse.identity.decisions import list_decisions
from warehouse.ledger.submissions import read_submissions
from warehouse.rights.person_rows import OwnRecords, find_records, read_person_rows
from warehouse.rights.record_marks import MadeMark, list_marks
from warehouse.rights.requests import LoggedRequest, RequestKind, list_requests
from warehouse.rights.subject import Subject
from warehouse.schema import (
    ENTITIES,
    Entity,
    consent_doubt,
    consent_statement,
    consent_statement_group,
    counselling_extension,
    delivery,
    finding,
    load,
    person_link,
    quarantine,
    transmission,
)
from warehouse.schema.columns import HISTORY_NAMES

STAFF = "[Fachkraft]"
_NOT_SHOWN = {"staff", "team", "row_hash"}


@dataclass(frozen=True)
class DeliveredRow:
    """A row as it lies in the landing; ``cells`` is empty where it is about others, too."""

    source: str
    delivered_on: date
    file: str
    table: str
    row: int
    cells: Mapping[str, str]


@dataclass(frozen=True)
class HeldVersion:
    """What one version of a record said, by German label, and from when to when it was known."""

    kind: str
    label: str
    source: str
    key: str
    known_on: date | None
    known_until: date | None
    file: str
    table: str
    row: int
    values: Mapping[str, Any]


@dataclass(frozen=True)
class HeldFinding:
    """What was wrong with a row of the person; ``value``: what was set aside in the quarantine."""

    source: str
    delivered_on: date
    file: str | None
    row: int | None
    column: str | None
    message: str
    value: str | None


@dataclass(frozen=True)
class PersonLinkHeld:
    """Why a record belongs to the person, and since which load."""

    record: str
    rule: str
    linked_to: str | None
    explanation: str
    known_from: int
    known_to: int | None


@dataclass(frozen=True)
class DecisionHeld:
    """What somebody decided about two records; the other one is named where it is the person's."""

    record: str
    other: str | None
    verdict: str
    decided_at: datetime
    reason: str | None


@dataclass(frozen=True)
class SentData:
    """What was handed to whom, when, on which consents; ``sha256`` of the file.

    ``state``: what became of its parcel.
    """

    recipient: str
    sent_on: date
    record: str
    groups: Sequence[str]
    consents: Sequence[str]
    sha256: str
    state: str


@dataclass(frozen=True)
class SentNotice:
    """What an earlier recipient was told, or has to be told, of what it was sent."""

    recipient: str
    cause: str
    found_on: date
    forms: Sequence[str]
    fields: Sequence[str]
    state: str


@dataclass(frozen=True)
class Held:
    """All that the hub holds of one human being, as known when asked.

    ``submissions``: those made from a state in which the person was known; figures in them count
    the person and name nobody.
    """

    person: str
    made_on: date
    district: str
    records: Sequence[str]
    landed: Sequence[DeliveredRow] = field(repr=False)
    entities: Sequence[HeldVersion] = field(repr=False)
    findings: Sequence[HeldFinding] = field(repr=False)
    links: Sequence[PersonLinkHeld] = field(repr=False)
    decisions: Sequence[DecisionHeld] = field(repr=False)
    statements: Sequence[Mapping[str, Any]] = field(repr=False)
    consent_doubts: Sequence[Mapping[str, Any]] = field(repr=False)
    transmissions: Sequence[SentData] = field(repr=False)
    notices: Sequence[SentNotice] = field(repr=False)
    extensions: Sequence[Mapping[str, Any]] = field(repr=False)
    submissions: Sequence[str] = field(repr=False)
    marks: Sequence[MadeMark] = field(repr=False)
    requests: Sequence[LoggedRequest] = field(repr=False)


def collect_held(hub: Hub, name: str, reference: str | None = None) -> Held:
    """Everything on the person of an id or a record; the request is kept in the log.

    Names of other clients and of staff are left out. Raises NoSuchPerson.
    """
    with hub.store.transaction() as connection:
        subject = find_person(connection, name)
        keep_request(hub, connection, RequestKind.ACCESS, subject, reference=reference)
        return _collect_all(hub, connection, subject)


def _collect_all(hub: Hub, connection: Connection, subject: Subject) -> Held:
    own = find_records(connection, subject)
    strings = read_strings(connection, subject)
    days = _read_load_days(connection)
    landed = list(_list_landed(hub, own, strings, _read_staff(connection, own)))
    return Held(
        subject.person,
        hub.today,
        hub.config.district.name,
        subject.names,
        landed,
        list(_list_versions(hub, connection, own, days)),
        list(_list_findings(connection, landed)),
        list(_list_links(connection, subject)),
        list(_list_decisions(connection, subject)),
        list(_list_statements(connection, subject)),
        list(_list_rows(connection, consent_doubt, subject)),
        list(_list_sent(connection, subject)),
        list(_list_notices(connection, subject)),
        list(_list_rows(connection, counselling_extension, subject)),
        _list_submissions(connection, subject),
        list_marks(connection, subject.records),
        list_requests(connection, hash_records(hub, subject.keys)),
    )


def _read_load_days(connection: Connection) -> dict[int, date]:
    return dict(connection.execute(select(load.c.number, load.c.delivered_on)).all())


def _read_staff(connection: Connection, own: OwnRecords) -> set[str]:
    """The names of the staff that the person's rows name."""
    found: set[str] = set()
    for entity in ENTITIES.values():
        if "staff" in entity.table.c:
            rows = read_person_rows(connection, own, entity, shared=True)
            found |= {row.staff for row in rows if row.staff}
    return found


def _list_landed(
    hub: Hub, own: OwnRecords, strings: PersonStrings, staff: set[str]
) -> Iterator[DeliveredRow]:
    search = LandedSearch(hub, own, strings)
    for manifest in search.list_manifests():
        for table in search.find_tables(manifest):
            for row in table.rows:
                place = (manifest.source, manifest.delivered_on, table.file, table.title)
                yield DeliveredRow(*place, row.number, _hide_staff(row, staff))


def _hide_staff(row: LandedRow, staff: set[str]) -> dict[str, str]:
    """The filled cells of a row, without names of the staff; none where others are in it."""
    cells = row.cells if row.is_whole else {}
    return {n: STAFF if c in staff else c for n, c in cells.items() if c}


def _list_versions(
    hub: Hub, connection: Connection, own: OwnRecords, days: Mapping[int, date]
) -> Iterator[HeldVersion]:
    for entity in ENTITIES.values():
        for row in read_person_rows(connection, own, entity, shared=True):
            yield _describe_version(hub, entity, row, days)


def _describe_version(
    hub: Hub, entity: Entity, row: Row[Any], days: Mapping[int, date]
) -> HeldVersion:
    return HeldVersion(
        entity.name,
        entity.table.info["label"],
        row.source,
        row.record_key,
        days.get(row.known_from),
        days.get(row.known_to) if row.known_to else None,
        row.source_file,
        row.source_table,
        row.source_row,
        dict(_label_values(hub, entity, row)),
    )


def _label_values(hub: Hub, entity: Entity, row: Row[Any]) -> Iterator[tuple[str, Any]]:
    for column in entity.table.columns:
        value = getattr(row, column.name)
        if value is not None and column.name not in {*HISTORY_NAMES, *_NOT_SHOWN}:
            yield column.info["label"], _label_code(hub, column.info["codes"], value)


def _label_code(hub: Hub, codes: str | None, value: Any) -> Any:
    if codes is None:
        return value
    is_own = codes == "municipality"
    labels = hub.municipalities.labels if is_own else code_lists.load_code_list(codes).labels
    return labels.get(value, value)


def _list_findings(connection: Connection, landed: Sequence[DeliveredRow]) -> Iterator[HeldFinding]:
    """The findings on the person's own rows."""
    own = _list_places(landed)
    f, d = finding.c, delivery.c
    rows = (
        select(d.source, d.delivered_on, f.file, f.row_number, f.column_name, f.message)
        .add_columns(quarantine.c.value)
        .select_from(finding.join(delivery, d.delivery_id == f.delivery_id))
        .outerjoin(quarantine, _match_value())
        .where(f.row_number.is_not(None))
    )
    for row in connection.execute(rows):
        if tuple(row[:4]) in own:
            yield HeldFinding(*row)


def _list_places(landed: Sequence[DeliveredRow]) -> set[tuple[str, date, str, int]]:
    """Source, day, file and row of what is the person's alone."""
    return {(row.source, row.delivered_on, row.file, row.row) for row in landed if row.cells}


def _match_value() -> ColumnElement[bool]:
    """Whether a value that was put aside belongs to a finding."""
    q, f = quarantine.c, finding.c
    return and_(q.delivery_id == f.delivery_id, q.number == f.number)


def _list_links(connection: Connection, subject: Subject) -> Iterator[PersonLinkHeld]:
    c = person_link.c
    for source, key in subject.keys:
        rows = select(c.rule, c.linked_to, c.explanation, c.known_from, c.known_to)
        rows = rows.where(c.source == source, c.source_key == key).order_by(c.known_from)
        for rule, linked_to, *others in connection.execute(rows):
            shown = linked_to if linked_to in subject.names else None
            yield PersonLinkHeld(f"{source}:{key}", rule, shown, *others)


def _list_decisions(connection: Connection, subject: Subject) -> Iterator[DecisionHeld]:
    """The decisions on the person's records; a reason may name the other, and then stays out."""
    for made in list_decisions(connection):
        mine = [key for key in made.pair if key in subject.records]
        if mine:
            both = len(mine) > 1
            other = ":".join(mine[-1]) if both else None
            reason = made.reason if both else None
            yield DecisionHeld(":".join(mine[0]), other, made.verdict, made.decided_at, reason)


def _list_rows(
    connection: Connection, table: Table, subject: Subject
) -> Iterator[Mapping[str, Any]]:
    """The rows of a table by person key, by German label."""
    mine = _is_about(table, "person_key", subject)
    for row in connection.execute(select(table).where(mine)).mappings():
        yield _label_filled(table, row)


def _list_statements(connection: Connection, subject: Subject) -> Iterator[Mapping[str, Any]]:
    """What was written down by hand, with the data groups that were granted."""
    g, labels = consent_statement_group.c, code_lists.load_code_list("data_group").labels
    mine = _is_about(consent_statement, "person_key", subject)
    for row in connection.execute(select(consent_statement).where(mine)).mappings():
        granted = select(g.data_group).where(g.number == row["number"])
        groups = connection.execute(granted.order_by(g.data_group)).scalars().all()
        named = {"Datengruppen": [labels.get(one, one) for one in groups]} if groups else {}
        yield {**_label_filled(consent_statement, row), **named}


def _list_notices(connection: Connection, subject: Subject) -> Iterator[SentNotice]:
    for made in read_notices(connection):
        if made.record in subject.records:
            fields = dict.fromkeys(name for form in made.forms for name in form.fields)
            forms = [form.number for form in made.forms]
            about = (made.recipient, made.cause, made.found_on)
            yield SentNotice(*about, forms, list(fields), made.state)


def _label_filled(table: Table, row: Mapping[Any, Any]) -> dict[str, Any]:
    return {table.c[n].info["label"]: value for n, value in row.items() if value is not None}


def _is_about(table: Table, column: str, subject: Subject) -> ColumnElement[bool]:
    """Whether a row is about one of the person's records, whose key is in this column."""
    c = table.c
    return or_(*(and_(c.source == source, c[column] == key) for source, key in subject.keys))


def _list_sent(connection: Connection, subject: Subject) -> Iterator[SentData]:
    c = transmission.c
    mine = _is_about(transmission, "source_key", subject)
    rows = select(transmission).where(mine).order_by(c.sent_on, c.made_at)
    events = read_events(connection)
    for row in connection.execute(rows):
        last = events.get(ParcelKey(row.recipient, row.sent_on, row.load_number))
        yield _describe_sent(row, last.event if last else UNFINISHED)


def _describe_sent(row: Row[Any], state: str) -> SentData:
    return SentData(
        row.recipient,
        row.sent_on,
        f"{row.source}:{row.source_key}",
        json.loads(row.data_groups),
        json.loads(row.consent_keys),
        row.sha256,
        state,
    )


def _list_submissions(connection: Connection, subject: Subject) -> list[str]:
    """The ids of the submissions made when a record of the person was known."""
    c, mine = person_link.c, _is_about(person_link, "source_key", subject)
    spans = connection.execute(select(c.known_from, c.known_to).where(mine)).all()
    return [
        made.submission_id
        for made in read_submissions(connection)
        if any(_includes_load(span, made.load_number) for span in spans)
    ]


def _includes_load(span: Sequence[Any], number: int) -> bool:
    """Whether what is known from one load to another (None: still) was known after a load."""
    known_from, known_to = span
    return known_from <= number and (known_to is None or known_to > number)
