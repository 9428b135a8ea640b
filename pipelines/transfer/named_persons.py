"""Refuses the persons whose form could not be assigned to anybody: nothing released says who it is."""

from __future__ import annotations

from sqlalchemy import Connection

from mappings.recipient_fields import RecipientFields, load_handover
from pipelines.hub import Hub
from pipelines.transfer.decision import Decision, Record
from warehouse.gates.consent import select_released
from warehouse.gates.question import NOT_NAMED

GROUP, ENTITY = "stammdaten", "person"
# Any of them says who it is.
_NAMING = ("last_name", "first_name", "jobcenter_number")


def refuse_unnamed(hub: Hub, decision: Decision) -> Decision:
    """The decision as forms are made of it; a look back at what was granted makes none.

    Reason ``person_not_named``: the data on the person are not released, or neither a name nor a
    number is recorded.
    """
    if decision.gate.looks_back:
        return decision
    terms = load_handover(hub.config.recipients[decision.key].kind)
    with hub.store.read() as connection:
        named = _find_named(connection, decision, terms)
    return decision.without(_list_unnamed(decision, named), NOT_NAMED)


def _list_unnamed(decision: Decision, named: set[Record]) -> list[Record]:
    return [
        record
        for release in decision.list_persons()
        if GROUP not in release.groups or named.isdisjoint(release.records)
        for record in release.records
    ]


def _find_named(connection: Connection, decision: Decision, terms: RecipientFields) -> set[Record]:
    fields = [name for name in terms.groups.get(GROUP, {}).get(ENTITY, ()) if name in _NAMING]
    rows = select_released(decision.gate, GROUP, ENTITY, fields, terms.goal_areas)
    return {
        (source, key)
        for source, key, *values in connection.execute(rows)
        if any(_says_something(value) for value in values)
    }


def _says_something(value: str | None) -> bool:
    """Whether a value is more than the signs that stand for a missing name ("+", "-", "?")."""
    return any(sign.isalnum() for sign in value or "")
