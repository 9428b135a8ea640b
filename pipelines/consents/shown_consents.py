"""Shows all consents of a record or person, and what the gate decides of them today, and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, Select, select

from mappings import code_lists, recipient_fields
from mappings.engine.clean import clean_line
from mappings.recipient_fields import RecipientFields
from pipelines.consents.consent_record import ConsentRecord, KnownConsent, describe_consent
from pipelines.consents.statements import NotWritten, StoredStatement, list_statements
from pipelines.hub import Hub
from pipelines.transfer.decision import Decision
from pipelines.transfer.named_persons import refuse_unnamed
from pipelines.transfer.reason_sentences import POLICY_MEANING, REASON_MEANING
from pipelines.transfer.sending_policy import decide_sending
from warehouse.as_of import resolve_moment
from warehouse.gates.question import STALE, UNGROUNDED
from warehouse.identity.record import Key
from warehouse.schema import consent, consent_data_group, person, person_link


@dataclass(frozen=True)
class TodaysDecision:
    """What may go to a recipient of one record today: groups, or the reasons against it.

    ``because``: German sentences.
    """

    recipient: str
    groups: Sequence[str]
    reasons: Sequence[str]
    because: Sequence[str]


@dataclass(frozen=True)
class ShownRecord:
    """A source record with its consents and today's decisions."""

    record: str
    consents: Sequence[ConsentRecord]
    decisions: Sequence[TodaysDecision]


@dataclass(frozen=True)
class ShownConsents:
    """A person's records, each with what was said in it."""

    person: str | None
    on: date
    records: Sequence[ShownRecord]


def show_consents(hub: Hub, name: str, *, with_values: bool = False) -> ShownConsents:
    """The consents of a record ("enaio:P-1") or of all records of a person's identifier.

    ``with_values``: also who bore witness, interpreted, was released from confidentiality or
    consented as guardian. Raises NotWritten where nobody is known by that name.
    """
    with hub.store.read() as connection:
        principal, keys = _find_records(connection, name)
        known = {key: list(_list_known(connection, hub, key)) for key in keys}
    decisions = _decide_all(hub)
    records = [
        ShownRecord(
            ":".join(key),
            [_describe_known(hub, one, principal, with_values) for one in known[key]],
            [_tell_decision(one, key) for one in decisions],
        )
        for key in keys
    ]
    return ShownConsents(principal, hub.today, records)


def _decide_all(hub: Hub) -> list[Decision]:
    """What would go to each recipient today."""
    recipients = hub.config.recipients
    decisions = [decide_sending(hub, key, hub.today, settle_seconds=0) for key in recipients]
    return [refuse_unnamed(hub, decision) for decision in decisions]


def _find_records(connection: Connection, name: str) -> tuple[str, list[Key]]:
    """The person's identifier and the records that a name means."""
    source, colon, key = name.partition(":")
    if not colon:
        return name, _list_records(connection, name)
    _check_record(connection, (source, key))
    c = person_link.c
    links = _select_links().where(c.source == source, c.source_key == key)
    own = connection.execute(links).first()
    return (own.person_id if own else name), [(source, key)]


def _select_links() -> Select[Any]:
    c = person_link.c
    return select(c.source, c.source_key, c.person_id).where(c.known_to.is_(None))


def _list_records(connection: Connection, owner: str) -> list[Key]:
    c = person_link.c
    links = _select_links().where(c.person_id == owner).order_by(c.source, c.source_key)
    records = [(row.source, row.source_key) for row in connection.execute(links)]
    if not records:
        raise NotWritten(f"no person '{owner}' is known now; name a record like enaio:P-1")
    return records


def _check_record(connection: Connection, key: Key) -> None:
    p = person.c
    ever = select(p.source).where(p.source == key[0], p.source_key == key[1])
    if connection.execute(ever.limit(1)).first() is None:
        raise NotWritten(f"no person record {':'.join(key)} is known")


def _list_known(connection: Connection, hub: Hub, key: Key) -> Iterator[KnownConsent]:
    """The consents of a record as delivered now, then those by hand."""
    known_at = resolve_moment(connection, None)
    given = known_at.select_rows(consent, identifying=True)
    rows = select(given).where(given.c.source == key[0], given.c.person_key == key[1])
    for row in connection.execute(rows.order_by(given.c.source_key)).all():
        yield _read_delivered(row, _read_groups(connection, row))
    for said in list_statements(connection, key):
        yield _read_stated(said)


def _read_delivered(row: Row[Any], groups: Sequence[str]) -> KnownConsent:
    place = f"{row.source_file}, {row.source_table}, Zeile {row.source_row}"
    names = KnownConsent.__dataclass_fields__
    own = {name: value for name, value in row._mapping.items() if name in names}
    persons = {
        "witness": row.witnessed_by,
        "interpreter": row.interpreter,
        "released_from_confidentiality": row.released_persons,
    }
    about = {"record": f"{row.source}:{row.person_key}", "key": row.source_key, "origin": place}
    return KnownConsent(**{**own, **about, "groups": groups, "persons": persons})


def _read_groups(connection: Connection, given: Row[Any]) -> Sequence[str]:
    g = consent_data_group.c
    own = (g.source == given.source, g.consent_key == given.source_key, g.known_to.is_(None))
    groups = select(g.data_group).where(*own).order_by(g.data_group)
    return connection.execute(groups).scalars().all()


def _read_stated(said: StoredStatement) -> KnownConsent:
    names = KnownConsent.__dataclass_fields__
    own = {name: value for name, value in vars(said).items() if name in names}
    about = {
        "record": ":".join(said.record),
        "key": f"von Hand {said.number}",
        "origin": f"von Hand, Ladung {said.load}",
        "basis": "form",
        "recipient": said.recipient_name,
        "revoked_on": None,
        "confidentiality_released": bool(said.released_persons) if said.groups else None,
        "state": said.kind,
        "persons": _name_persons(said),
    }
    return KnownConsent(**{**own, **about})


def _name_persons(said: StoredStatement) -> dict[str, str | None]:
    """Who took part in a consent, by the part they had."""
    return {
        "witness": said.witnessed_by,
        "interpreter": said.interpreter,
        "guardian": said.guardian,
        "released_from_confidentiality": ", ".join(said.released_persons) or None,
        "recorded_by": said.made_by,
    }


def _describe_known(
    hub: Hub, known: KnownConsent, principal: str, with_values: bool
) -> ConsentRecord:
    shown = known if with_values else replace(known, persons=None)
    return describe_consent(shown, principal, _find_terms(hub, known))


def _find_terms(hub: Hub, known: KnownConsent) -> RecipientFields | None:
    """The fields of the recipient that a consent names; of a release, of the one it counts for."""
    source = known.record.partition(":")[0]
    for key, settings in hub.config.recipients.items():
        is_named = clean_line(settings.name) == known.recipient
        if is_named or (known.basis == "release" and source in hub.config.release_sources(key)):
            return recipient_fields.load_handover(settings.kind)
    return None


def _tell_decision(decision: Decision, record: Key) -> TodaysDecision:
    groups, reasons = decision.released.get(record, ()), _list_reasons(decision, record)
    return TodaysDecision(
        decision.key,
        groups if not reasons else (),
        reasons,
        list(_explain_decision(decision, record, groups, reasons)),
    )


def _list_reasons(decision: Decision, record: Key) -> list[str]:
    """Why nothing goes out; a release that lacks its ground is one of which no form is made."""
    reasons = list(decision.refused.get(record, ()))
    is_ungrounded = record in decision.released and record in decision.ungrounded
    return [*reasons, UNGROUNDED] if is_ungrounded else reasons


def _explain_decision(
    decision: Decision, record: Key, groups: Sequence[str], reasons: Sequence[str]
) -> Iterator[str]:
    if not (groups or reasons):
        yield "Es geht nichts hinaus: Es liegt keine Äußerung der Person zu diesem Empfänger vor."
    elif not reasons:
        labels = code_lists.load_code_list("data_group").labels
        yield f"Hinaus gehen darf: {', '.join(labels[group] for group in groups)}."
    for reason in reasons:
        yield f"Es geht nichts hinaus: {REASON_MEANING.get(reason) or POLICY_MEANING[reason]}"
        if reason == STALE and record[0] in decision.stale:
            yield decision.stale[record[0]]
    yield from decision.because.get(record, ())
