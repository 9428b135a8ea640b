"""An indicator that declares what it does not keep is refused before it counts anything."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import FromClause, Select, Table, select

from warehouse.as_of import KnownAt
from warehouse.marts.declaration import Counts, indicator
from warehouse.marts.scope import Scope, unit_columns
from warehouse.schema import consent, goal, person, plan

NOBODY = Scope(None, None, KnownAt(0))


def consents(scope: Scope, rows: FromClause) -> Select[Any]:
    """Einwilligungen.

    Quelle: Probe.
    """
    return select(*unit_columns(scope, rows.c.source, rows.c.source, None)).select_from(rows)


def undefined(scope: Scope, rows: FromClause) -> Select[Any]:
    """Einwilligungen."""
    return consents(scope, rows)


def with_one_column_more(scope: Scope, rows: FromClause) -> Select[Any]:
    """Einwilligungen.

    Quelle: Probe.
    """
    return consents(scope, rows).add_columns(rows.c.given_on)


def test_name_definition_and_source_come_from_the_function() -> None:
    declared = indicator(counts=Counts.RECORDS, records=consent)(consents)
    assert (declared.name, declared.definition, declared.source) == (
        "consents",
        "Einwilligungen.",
        "Probe",
    )
    assert not declared.has_categories


def test_a_definition_without_source_is_refused() -> None:
    with pytest.raises(TypeError, match="undefined needs a docstring"):
        indicator(counts=Counts.RECORDS, records=consent)(undefined)


@pytest.mark.parametrize("counts", [Counts.PERSONS, Counts.PERSON_RECORDS])
@pytest.mark.parametrize("records", [plan, person, goal], ids=str)
def test_persons_are_not_counted_in_rows_that_name_none(counts: Counts, records: Table) -> None:
    with pytest.raises(TypeError, match=f"not every {records.name} names a person"):
        indicator(counts=counts, records=records)(consents)


@pytest.mark.parametrize(
    ("counts", "define"), [(Counts.RECORDS, with_one_column_more), (Counts.PERSONS, consents)]
)
def test_other_columns_than_declared_are_refused(counts: Counts, define: Any) -> None:
    declared = indicator(counts=counts, records=consent)(define)
    for asked in (declared, declared.list_records):
        with pytest.raises(TypeError, match="selects other columns"):
            asked(NOBODY)


def test_a_unit_it_is_not_counted_by_is_refused() -> None:
    declared = indicator(counts=Counts.RECORDS, records=consent, units=("source",))(consents)
    declared(Scope(None, None, KnownAt(0), "source"))
    with pytest.raises(ValueError, match="not counted by team"):
        declared(Scope(None, None, KnownAt(0), "team"))
