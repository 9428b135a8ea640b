"""Describes one consent in the terms of ISO/IEC TS 27560:2023 (consent record information structure).

What a source does not record is null, never guessed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from mappings.recipient_fields import RecipientFields
from warehouse.schema import ENTITIES

SCHEMA_VERSION = "ISO/IEC TS 27560:2023"
LAWFUL_BASIS = "Art. 6 Abs. 1 Buchst. a DSGVO, § 67b Abs. 2 SGB X"
WITHDRAWAL = "jederzeit, formlos, gegenüber jeder Beratungsstelle; wirkt für die Zukunft"
JURISDICTION = "DE"


@dataclass(frozen=True, kw_only=True)
class KnownConsent:
    """What is known of one consent, from a source or by hand; None: not recorded.

    ``origin`` names where it is written down. ``ended``: withdrawal or end by hand as events.
    """

    record: str
    key: str
    origin: str
    basis: str
    recipient: str | None
    purpose: str | None
    groups: Sequence[str]
    direction: str | None
    given_on: date | None
    valid_until: date | None
    ends_with: str | None
    revoked_on: date | None
    confidentiality_released: bool | None
    own_consent: bool | None
    form_version: str | None
    form_language: str | None
    scan_sha256: str | None
    state: str = "granted"
    persons: dict[str, str | None] | None = None


@dataclass(frozen=True)
class RecordHeader:
    """Which record it is, and of whom (TS 27560, 6.3.2)."""

    schema_version: str
    record_id: str
    pii_principal_id: str


@dataclass(frozen=True)
class PiiInformation:
    """A category of data with its attributes (TS 27560, 6.3.3)."""

    pii_type: str
    pii_attribute_id: Sequence[str]
    sensitive_pii_category: bool
    special_pii_category: bool


@dataclass(frozen=True)
class Purpose:
    """A purpose with the data that serve it and those who receive them (TS 27560, 6.3.3)."""

    purpose: str | None
    lawful_basis: str
    pii_information: Sequence[PiiInformation]
    recipient_third_parties: Sequence[str]
    direction: str | None
    retention_period: str | None
    withdrawal_method: str
    jurisdiction: str


@dataclass(frozen=True)
class Notice:
    """The form that the person was shown."""

    privacy_notice: str | None
    language: str | None
    scan_sha256: str | None


@dataclass(frozen=True)
class Event:
    """What happened on a day (TS 27560, 6.3.5): ``event_state`` as the person left it then."""

    event_time: date | None
    event_type: str
    event_state: str
    validity_duration: str | None
    entity_id: str


@dataclass(frozen=True)
class ConsentRecord:
    """One consent; ``party_identification`` only where its values were asked for.

    ``confidentiality_released`` and ``own_consent`` are beside the standard (§ 203 StGB, § 36 SGB I).
    """

    record: RecordHeader
    notice: Notice
    pii_processing: Sequence[Purpose]
    events: Sequence[Event]
    confidentiality_released: bool | None
    own_consent: bool | None
    origin: str
    party_identification: dict[str, str | None] | None


def describe_consent(
    known: KnownConsent, principal: str, terms: RecipientFields | None
) -> ConsentRecord:
    """The record of a consent; ``terms``: the fields of its recipient, None where it is unknown."""
    return ConsentRecord(
        RecordHeader(SCHEMA_VERSION, f"{known.record}/{known.key}", principal),
        Notice(known.form_version, known.form_language, known.scan_sha256),
        [_describe_purpose(known, terms)],
        list(_list_events(known, principal)),
        known.confidentiality_released,
        known.own_consent,
        known.origin,
        known.persons,
    )


def _describe_purpose(known: KnownConsent, terms: RecipientFields | None) -> Purpose:
    fields = terms.groups if terms else {}
    return Purpose(
        known.purpose,
        LAWFUL_BASIS,
        [_describe_group(group, fields.get(group, {})) for group in known.groups],
        [known.recipient] if known.recipient else [],
        known.direction,
        _describe_end(known) if known.state == "granted" else None,
        WITHDRAWAL,
        JURISDICTION,
    )


def _describe_group(group: str, entities: dict[str, list[str]]) -> PiiInformation:
    names = [f"{entity}.{name}" for entity, fields in entities.items() for name in fields]
    classes = _list_classes(entities)
    # The area of a goal is of class special, and goes out of plain areas alone.
    return PiiInformation(group, names, bool(classes & {"identifying"}), False)


def _describe_end(known: KnownConsent) -> str | None:
    if known.valid_until is not None:
        return f"bis {known.valid_until:%d.%m.%Y}"
    return f"bis: {known.ends_with}" if known.ends_with else "bis zum Widerruf"


def _list_classes(entities: dict[str, list[str]]) -> set[str]:
    return {
        ENTITIES[entity].table.columns[name].info["protection"]
        for entity, fields in entities.items()
        for name in fields
    }


def _list_events(known: KnownConsent, principal: str) -> list[Event]:
    """The day it was given, and the day it was withdrawn."""
    events = []
    kind = "explicit" if known.basis == "form" else "release_in_system"
    if known.state == "granted":
        events.append(Event(known.given_on, kind, "given", _describe_end(known), principal))
    else:
        states = {"revoked": "withdrawn", "refused": "refused", "ended": "terminated"}
        events.append(Event(known.given_on, kind, states[known.state], None, principal))
    if known.revoked_on is not None:
        events.append(Event(known.revoked_on, kind, "withdrawn", None, principal))
    return events
