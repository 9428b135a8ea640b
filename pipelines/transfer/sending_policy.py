"""Applies what a district has set for its recipients: an embargo for new persons, changes only."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import Connection, func, select

from mappings import recipient_fields
from pipelines.notices.causes import Cause
from pipelines.transfer.decision import AllowedStale, Decision, decide_transfer
from pipelines.transfer.sent_fields import Values, list_fields, read_values
from pipelines.transfer.transmissions import SentForm, list_kept_forms, seal_fields
from warehouse.gates.consent import judge_consents
from warehouse.gates.known_consents import match_judged, select_consents
from warehouse.ledger.entered_rows import read_contents
from warehouse.ledger.entries import Record
from warehouse.schema import notice

if TYPE_CHECKING:
    from mappings.recipient_fields import RecipientFields
    from pipelines.config.models import Recipient
    from pipelines.hub import Hub
    from warehouse.as_of import Moment

EMBARGO, UNCHANGED = "embargo", "unchanged"


def decide_sending(
    hub: Hub,
    recipient: str,
    on: date,
    as_of: Moment | None = None,
    settle_seconds: float = 0.5,
    allow_stale: Sequence[AllowedStale] = (),
) -> Decision:
    """What the gate decides, less what the recipient's policy holds back; raises NotToday."""
    decision = decide_transfer(hub, recipient, on, as_of, settle_seconds, allow_stale)
    settings = hub.config.recipients[recipient]
    if not settings.embargo_days and settings.updates == "all":
        return decision
    with hub.store.read() as connection:
        held = _find_held(connection, decision, settings)
    return hold_back(decision, held)


def hold_back(decision: Decision, held: Mapping[Record, str]) -> Decision:
    """The decision with these records refused for their reasons."""
    released = {r: groups for r, groups in decision.released.items() if r not in held}
    refused = {record: (reason,) for record, reason in sorted(held.items())}
    return replace(decision, released=released, refused={**decision.refused, **refused})


def _find_held(
    connection: Connection, decision: Decision, settings: Recipient
) -> dict[Record, str]:
    last = _read_last_forms(connection, decision)
    terms = recipient_fields.load_handover(settings.kind)
    held: dict[Record, str] = {}
    if settings.embargo_days:
        begun = decision.gate.on - timedelta(settings.embargo_days)
        fresh = _find_fresh(connection, decision, begun)
        held |= dict.fromkeys(fresh - last.keys(), EMBARGO)
    if settings.updates == "changed":
        values = read_values(connection, decision.gate, terms, last)
        same = (
            record
            for record, form in last.items()
            if record in decision.released
            and _is_same(form, decision.released[record], values.get(record, {}), terms)
        )
        held |= dict.fromkeys(same, UNCHANGED)
    return held


def _read_last_forms(connection: Connection, decision: Decision) -> dict[Record, SentForm]:
    """The newest form of each record that the recipient was sent in another parcel, and has.

    The parcel itself can be made again. What the recipient rejected, or had to delete
    after a notice, it has not.
    """
    gone = _list_ended(connection, decision.key)
    return {
        form.record: form
        for form in list_kept_forms(connection)
        if form.recipient == decision.key
        and (form.sent_on, form.load) != (decision.gate.on, decision.gate.known_at.load)
        and form.sent_on <= decision.gate.on
        and form.number not in gone
    }


def _list_ended(connection: Connection, recipient: str) -> set[str]:
    """The numbers of the forms of which a notice said that they must not be used any more."""
    rows = (content["row"] for _, content in read_contents(connection, notice))
    ending = (row for row in rows if row["cause"] != Cause.CORRECTION)
    own = [row for row in ending if row["recipient"] == recipient]
    return {form["number"] for row in own for form in json.loads(row["forms"])}


def _find_fresh(connection: Connection, decision: Decision, begun: date) -> set[Record]:
    """The records released by a consent given after ``begun``, or since then known without a day."""
    judged = judge_consents(decision.gate).subquery("judged")
    known = select_consents(decision.gate, "known")
    given = func.coalesce(known.c.given_on, known.c.arrived_on)
    rows = (
        select(judged.c.source, judged.c.person_key)
        .join_from(judged, known, match_judged(known, judged))
        .where(judged.c.reason.is_(None), given > begun)
    )
    found = {(source, key) for source, key in connection.execute(rows)}
    return found & decision.released.keys()


def _is_same(form: SentForm, groups: Sequence[str], values: Values, terms: RecipientFields) -> bool:
    """Whether a form made now would show what that one showed."""
    if form.fields is None or set(form.groups) != set(groups):
        return False
    return seal_fields(form.seal_key, list_fields(terms, groups), values) == dict(form.fields)
