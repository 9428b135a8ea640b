"""Indicators for the district itself: clients by age, assignment, length of the case and German."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    FromClause,
    Select,
    String,
    case,
    cast,
    func,
    literal,
    literal_column,
    null,
    select,
)

from warehouse.marts.clients import client_attribute
from warehouse.marts.person_attributes import NOT_DELIVERED, NOT_STATED, select_attribute
from warehouse.marts.scope import PLACE, Scope
from warehouse.schema import counselling_case, housing, language_level, person

# The first age of each group, and the groups' codes.
AGES = ((60, "from_60"), (27, "from_27"), (18, "from_18"), (14, "from_14"), (6, "from_6"))
YOUNGEST = "under_6"
YEARS = ((4, "later"), (3, "year_4"), (2, "year_3"), (1, "year_2"))
MONTHS = (
    (36, "from_3_years"),
    (24, "under_3_years"),
    (12, "under_2_years"),
    (6, "under_1_year"),
)
SHORTEST = "under_6_months"
GERMAN = ("deutsch", "german")
# Who cannot read and write yet and who knows no German begin alike.
LEVELS = {
    "alpha": 0,
    "A0": 0,
    "A1": 1,
    "A2": 2,
    "B1": 3,
    "B2": 4,
    "C1": 5,
    "C2": 6,
    "muttersprache": 7,
}
_MONTHS_PER_YEAR = 12


# It names no column it needs: whether one that identifies persons is delivered, not every account
# may ask.
@client_attribute(identifying=(person.c.birth_date,))
def clients_by_age(scope: Scope) -> Select[Any]:
    """Klientinnen und Klienten am letzten Tag nach Altersgruppe, das Alter an diesem Tag in
    vollendeten Jahren; ein unbekanntes Geburtsdatum: ohne Angabe.

    Quelle: Annahme; Sinsheim 2021 (Altersgruppen), ifm Mannheim (49 % beraten nur Erwachsene).
    """
    groups, day = _count_months(AGES), scope.counted_on
    return select_attribute(
        scope,
        person.c.birth_date,
        lambda row: name_distance(row.c.birth_date, day, groups, YOUNGEST),
    )


@client_attribute(needs=(housing.c.assigned_on,))
def clients_by_assignment(scope: Scope) -> Select[Any]:
    """Klientinnen und Klienten am letzten Tag nach dem Jahr seit der Zuweisung in die
    Anschlussunterbringung; wer länger als drei Jahre zugewiesen ist, steht im 4. Jahr oder später.

    Quelle: VwV Integrationsmanagement 2023 (Beratung bis zu drei Jahre, begründet vier).
    """
    groups, day = _count_months(YEARS), scope.counted_on

    def name_year(row: FromClause) -> ColumnElement[Any]:
        named = name_distance(row.c.assigned_on, day, groups, "year_1")
        return named if day is None else case((row.c.assigned_on > day, "before"), else_=named)

    return select_attribute(scope, housing.c.assigned_on, name_year)


@client_attribute()
def clients_by_case_length(scope: Scope) -> Select[Any]:
    """Klientinnen und Klienten am letzten Tag danach, wie lange ihr Fall an diesem Tag schon läuft;
    bei mehreren offenen Fällen zählt der zuletzt begonnene.

    Quelle: Annahme; eigene Auswertung.
    """
    day = scope.counted_on
    return select_attribute(
        scope,
        counselling_case.c.begun_on,
        lambda row: name_distance(row.c.begun_on, day, MONTHS, SHORTEST),
    )


@client_attribute(needs=(language_level.c.level,), reads=(language_level.c.language,))
def clients_by_german(scope: Scope) -> Select[Any]:
    """Klientinnen und Klienten am letzten Tag nach ihrem Sprachniveau in Deutsch, wie es zuletzt
    vermerkt ist.

    Quelle: Annahme; eigene Auswertung.
    """

    return select_attribute(scope, language_level.c.level, _read_german)


@client_attribute(needs=(language_level.c.level,), reads=(language_level.c.language,))
def clients_by_german_change(scope: Scope) -> Select[Any]:
    """Klientinnen und Klienten am letzten Tag danach, ob ihr Sprachniveau in Deutsch bis zu diesem
    Tag höher vermerkt wurde als bis zum Tag vor dem Zeitraum; fehlt eines von beiden: ohne Angabe.

    Quelle: Annahme; eigene Auswertung aus den Lieferungen vor und bis zum Ende des Zeitraums.
    """
    level = language_level.c.level
    if scope.before is None or scope.by_end is None:
        return select_attribute(scope, level, lambda row: cast(null(), String))
    before, by_end = (
        select_attribute(scope, level, _read_german, then) for then in (scope.before, scope.by_end)
    )
    return _compare_levels(before, by_end)


def _read_german(row: FromClause) -> ColumnElement[Any]:
    return case((func.lower(row.c.language).in_(GERMAN), row.c.level), else_=None)


def _compare_levels(before: Select[Any], by_end: Select[Any]) -> Select[Any]:
    """Whether the level of each human being became another one, as ``value`` by ``human``.

    Its row is the one of the newer level.
    """
    old, new = before.subquery("old"), by_end.subquery("new")
    had, has = _rank_level(old.c.value), _rank_level(new.c.value)
    change = case(
        (new.c.value == NOT_DELIVERED, NOT_DELIVERED),
        (has > had, "risen"),
        (has < had, "fallen"),
        (has == had, "same"),
        else_=NOT_STATED,
    )
    joined = new.join(old, old.c.human == new.c.human)
    of_row = (new.c[name] for name in ("human", "source", "source_key", *PLACE))
    return select(*of_row, change.label("value")).select_from(joined)


def _rank_level(level: ColumnElement[Any]) -> ColumnElement[int]:
    return case(*((level == code, place) for code, place in LEVELS.items()), else_=None)


def _count_months(groups: Sequence[tuple[int, str]]) -> list[tuple[int, str]]:
    """The groups with months in place of years."""
    return [(years * _MONTHS_PER_YEAR, code) for years, code in groups]


def name_distance(
    since: ColumnElement[Any],
    day: date | None,
    groups: Sequence[tuple[int, str]],
    nearest: str,
) -> ColumnElement[Any]:
    """The code of the first group whose number of months lies between two days, else ``nearest``.

    NULL where a day is not known. ``groups`` begin with the farthest.
    """
    if day is None:
        return cast(null(), String)
    reached = [(since <= _go_back(day, months), code) for months, code in groups]
    return case((since.is_(None), None), *reached, else_=nearest)


def _go_back(day: date, months: int) -> ColumnElement[Any]:
    """The last day from which so many full months have passed by ``day``.

    Who was born on 29 February is a year older on 1 March.
    """
    return cast(cast(literal(day), Date) - literal_column(f"INTERVAL '{months:d} months'"), Date)
