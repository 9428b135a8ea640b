"""Refuses the persons whose form could not be assigned to anybody: nothing released says who it is."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from sqlalchemy import Connection

from mappings.identity import load_terms
from mappings.recipient_fields import RecipientFields, load_handover
from pipelines.hub import Hub
from pipelines.transfer.decision import Decision, Record
from warehouse.gates.consent import select_released
from warehouse.gates.question import NOT_NAMED

GROUP, ENTITY = "stammdaten", "person"
# Both names, one of them with the birth date, or the number alone say who it is.
_NAMES, _BORN, _NUMBER = ("last_name", "first_name"), "birth_date", "jobcenter_number"
_TITLES = ("Herr", "Frau")


def refuse_unnamed(hub: Hub, decision: Decision) -> Decision:
    """The decision as forms are made of it; a look back at what was granted makes none.

    Reason ``person_not_named``: the data on the person are not released, or what is recorded of
    names, birth date and customer number names nobody.
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
    naming = (*_NAMES, _BORN, _NUMBER)
    fields = [name for name in terms.groups.get(GROUP, {}).get(ENTITY, ()) if name in naming]
    rows = select_released(decision.gate, GROUP, ENTITY, fields, terms.goal_areas)
    return {
        (source, key)
        for source, key, *values in connection.execute(rows)
        if names_somebody(dict(zip(fields, values, strict=True)))
    }


def names_somebody(told: Mapping[str, Any]) -> bool:
    """Whether these fields of a person, by name, tell who it is."""
    names = sum(_is_said(told.get(name)) and _has_letter(told[name]) for name in _NAMES)
    is_born = told.get(_BORN) is not None
    return _is_said(told.get(_NUMBER)) or (names > 0 and names + is_born >= len(_NAMES))


def _has_letter(text: str) -> bool:
    return any(map(str.isalpha, text))


def _is_said(value: str | None) -> bool:
    """Whether a value is more than what stands for a missing one ("+", "N. N.", "unbekannt")."""
    text = value or ""
    folded = _fold_letters(text)
    return bool(folded) and folded not in _list_no_names() and not load_terms().is_stand_in(text)


@cache
def _list_no_names() -> frozenset[str]:
    """What stands for a name that nobody knows, folded."""
    return frozenset(map(_fold_letters, (*load_terms().no_names, *_TITLES)))


def _fold_letters(text: str) -> str:
    """The letters and digits of a text in small letters."""
    return "".join(filter(str.isalnum, text.casefold()))
