"""Checks a consent that is written down by hand against what may be consented to."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

from mappings import code_lists, recipient_fields
from mappings.engine.clean import clean_line, fold_text
from mappings.problems import add_suggestion
from mappings.recipient_fields import RecipientFields
from pipelines.consents.statements import (
    NotWritten,
    Statement,
    Written,
    read_record,
    write_statement,
)
from pipelines.hub import Hub
from warehouse.gates.known_consents import ENDED, GRANTED, REVOKED
from warehouse.gates.one_consent import EARLIEST_DAY
from warehouse.schema import consent_statement


@dataclass(frozen=True, kw_only=True)
class Consent:
    """A consent as somebody types it in; all but record, recipient, groups, purposes and day may miss.

    ``released_persons``: who is released from confidentiality, by name. ``own_consent`` False: only
    a ``guardian`` consented. ``scan``: a file of which only the SHA-256 is kept. ``form_version``
    empty: the one that is made today.
    """

    record: str
    recipient: str
    groups: Sequence[str]
    purposes: Sequence[str]
    given_on: date
    direction: str = "one_way"
    valid_until: date | None = None
    ends_with: str = ""
    released_persons: Sequence[str] = ()
    own_consent: bool = True
    guardian: str = ""
    form_version: str = ""
    form_language: str = "de"
    witnessed_by: str = ""
    interpreter: str = ""
    scan: Path | None = None
    by: str = ""


def grant_consent(hub: Hub, given: Consent) -> Written:
    """Writes a consent down; NotWritten says what of it nobody can consent to, or is impossible."""
    settings = hub.config.recipients[given.recipient]
    terms = recipient_fields.load_handover(settings.kind)
    _check_days(hub, given)
    _check_choices(given, terms)
    said = Statement(
        read_record(given.record),
        GRANTED,
        given.recipient,
        clean_line(settings.name),
        given.given_on,
        groups=list(dict.fromkeys(given.groups)),
        purpose_id=", ".join(dict.fromkeys(given.purposes)),
        purpose="; ".join(terms.purposes[name] for name in dict.fromkeys(given.purposes)),
        direction=given.direction,
        valid_until=given.valid_until,
        ends_with=given.ends_with or None,
        released_persons=given.released_persons,
        own_consent=given.own_consent,
        guardian=given.guardian or None,
        form_version=given.form_version or terms.form_version,
        form_language=given.form_language or None,
        witnessed_by=given.witnessed_by or None,
        interpreter=given.interpreter or None,
        made_by=given.by,
    )
    return _write_scanned(hub, said, given.scan)


def withdraw_consent(
    hub: Hub,
    record: str,
    recipient: str | None,
    said_on: date,
    *,
    kind: str = REVOKED,
    witnessed_by: str = "",
    scan: Path | None = None,
    by: str = "",
) -> Written:
    """Writes down that a person revoked or refused, or that the occasion of a consent ended.

    ``recipient`` None: towards all. ``kind``: revoked, refused, or ended, where the consent counted
    until the day before. Raises NotWritten for an impossible day.
    """
    _check_day(hub, said_on)
    if kind == ENDED and recipient is None:
        raise NotWritten("the occasion of a consent ends for one recipient; name it")
    name = hub.config.recipients[recipient].name if recipient else None
    said = Statement(
        read_record(record),
        kind,
        recipient,
        clean_line(name) if name else None,
        said_on,
        valid_until=said_on - timedelta(days=1) if kind == ENDED else None,
        witnessed_by=witnessed_by or None,
        made_by=by,
    )
    return _write_scanned(hub, said, scan)


def _write_scanned(hub: Hub, said: Statement, scan: Path | None) -> Written:
    _check_lengths(said)
    return write_statement(hub, replace(said, scan_sha256=_hash_scan(scan)))


def _check_days(hub: Hub, given: Consent) -> None:
    _check_day(hub, given.given_on)
    until = given.valid_until
    if until is not None and until < given.given_on:
        raise NotWritten(f"the consent would end ({until}) before it was given ({given.given_on})")


def _check_day(hub: Hub, day: date) -> None:
    if day > hub.today:
        raise NotWritten(f"{day} lies after today; what a person said lies before")
    if day < EARLIEST_DAY:
        raise NotWritten(f"{day} lies before {EARLIEST_DAY}, when nobody could say this yet")


def _check_choices(given: Consent, terms: RecipientFields) -> None:
    """Raises NotWritten unless the recipient may be told the groups, for the purposes."""
    if not (given.groups and given.purposes):
        raise NotWritten("a consent names at least one data group and one purpose")
    _check_not_special(given.groups)
    _check_known("data group", given.groups, terms.groups)
    _check_known("purpose", given.purposes, terms.purposes)
    directions = code_lists.load_code_list("consent_direction").labels
    _check_known("direction", [given.direction], directions)
    if not (given.own_consent or given.guardian):
        raise NotWritten("who did not consent alone needs a guardian who did; name one")


def _check_not_special(groups: Sequence[str]) -> None:
    never = {*code_lists.load_code_list("data_group").without_code, "special"}
    if never.intersection(map(fold_text, groups)):
        raise NotWritten(
            "nobody can consent to handing over data of special categories, such as health "
            "(§ 67b Abs. 1 S. 3 SGB X, Art. 9 DSGVO)"
        )


def _check_known(kind: str, names: Sequence[str], known: Collection[str]) -> None:
    for name in names:
        if name not in known:
            raise NotWritten(add_suggestion(f"there is no {kind} '{name}'", name, known))


def _check_lengths(said: Statement) -> None:
    """Raises NotWritten where a text is longer than its column."""
    for name, value in vars(said).items():
        most = _read_length(name)
        if most and isinstance(value, str) and len(value) > most:
            raise NotWritten(f"{name.replace('_', ' ')} may have {most} characters, not more")


def _read_length(name: str) -> int | None:
    """How long a text in a column may be; None where there is no such column or limit."""
    column = consent_statement.c.get(name)
    return None if column is None else getattr(column.type, "length", None)


def _hash_scan(scan: Path | None) -> str | None:
    """The SHA-256 of a file; nothing else of it is kept."""
    if scan is None:
        return None
    if not scan.is_file():
        raise NotWritten(f"there is no file {scan}")
    with scan.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
