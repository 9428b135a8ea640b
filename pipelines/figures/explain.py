"""Explains what a figure counts, down to file and row."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection

from pipelines.figures.evidence_places import EvidencePlaces
from pipelines.figures.kennzahlen import FigureRequest, check_catalogue, open_scope
from pipelines.figures.named_units import find_unit, names_no_unit
from pipelines.figures.undelivered import list_gaps
from pipelines.figures.withheld import require_readable
from pipelines.hub import Hub
from warehouse.marts.declaration import Counts, Indicator
from warehouse.marts.indicators import EVERY_INDICATOR, INDICATORS
from warehouse.marts.scope import By, Scope

Row = Mapping[Any, Any]
PLACE = ("file", "table", "row")


@dataclass(frozen=True)
class CountedRecord:
    """A record ("enaio:P-1") with the place it was read from; ``unit`` where asked for by unit.

    ``columns``: what the mapping of that delivery reads for the figure in the row. ``load`` is the one since which the row is
    known; ``sha256`` is that of the delivered file, None where the landing does not have it.
    """

    unit: Mapping[str, Any] | None
    record: str
    file: str
    table: str
    row: int
    columns: Sequence[str]
    load: int
    delivery_date: date | None
    delivery_id: str | None
    sha256: str | None


@dataclass(frozen=True)
class CountedPerson:
    """A person with the records it was counted by; ``unit`` where asked for by unit."""

    unit: Mapping[str, Any] | None
    person: str
    records: Sequence[CountedRecord]


@dataclass(frozen=True)
class ExplainedFigure:
    """What a figure counts; ``value`` is the length of ``made_of``.

    ``sign``: what stands in place of a 0 that no source of the district, or of the unit, delivers.
    """

    indicator: str
    category: str | None
    value: int
    load: int
    made_of: Sequence[CountedRecord | CountedPerson]
    sign: str | None = None


def explain_figure(
    hub: Hub,
    indicator: str,
    asked: FigureRequest,
    category: str | None = None,
    by: By | None = None,
    unit: str | None = None,
) -> ExplainedFigure:
    """What one figure of the district counts, or with ``by`` the figures of its units.

    ``unit``: only that one, such as an AGS, or what belongs to none ("ohne Gemeinde"), or UnknownUnit
    where there is none. A row of several units of one name is of each of them.
    Raises ValueError where the indicator is not counted by that unit, NoRight where the account may
    not count it.
    """
    check_catalogue()
    declared = EVERY_INDICATOR[indicator]
    scope = open_scope(hub, asked, hub.known_at(asked.as_of), by)
    with hub.store.read() as connection:
        require_readable(connection, indicator)
        places = EvidencePlaces(hub, connection)
        if unit is not None and names_no_unit(by, unit):
            rows = connection.execute(declared.list_without_unit(scope)).mappings().all()
            scope, unit = replace(scope, by=None), None
        else:
            rows = connection.execute(declared.list_records(scope)).mappings().all()
        if unit is not None:
            counted = {row[scope.unit_names[0]] for row in rows}
            unit = find_unit(hub, connection, scope, unit, counted)
        found = _choose_rows(rows, category, scope, unit)
        sign = None if found else _find_sign(connection, scope, indicator, unit)
        made_of = _Counted(declared, scope, by, places).list_all(found)
    return ExplainedFigure(indicator, category, len(made_of), scope.known_at.load, made_of, sign)


def _choose_rows(
    rows: Iterable[Row], category: str | None, scope: Scope, unit: str | None
) -> list[Row]:
    return [
        row
        for row in rows
        if category in (None, _spell_category(row.get("category")))
        and (unit is None or row[scope.unit_names[0]] == unit)
    ]


def _spell_category(category: Any) -> str | None:
    """The category of a row as it is asked for; months are counted as numbers, such as 202403."""
    if category is None or isinstance(category, str):
        return category
    year, month = divmod(int(category), 100)
    return f"{year}-{month:02}"


def _find_sign(
    connection: Connection, scope: Scope, indicator: str, unit: str | None
) -> str | None:
    """What stands in place of the figure of the unit, or of the district; None where there is one."""
    if indicator not in INDICATORS:
        return None
    whole = scope if unit is not None else replace(scope, by=None)
    names = {} if unit is None else {scope.unit_names[0]: unit}
    gaps = list_gaps(connection, whole, [indicator])
    return next((gap.sign for gap in gaps if names.items() <= gap.unit.items()), None)


@dataclass(frozen=True)
class _Counted:
    """Describes what an indicator counts; ``by``: by which unit, also of what belongs to none."""

    indicator: Indicator
    scope: Scope
    by: By | None
    places: EvidencePlaces

    def list_all(self, rows: Iterable[Row]) -> list[CountedRecord | CountedPerson]:
        """What is counted, by unit and name; listed once per category it counts in."""
        counted: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
        for row in sorted(rows, key=itemgetter("record_source", "record", *PLACE)):
            names = (*self.scope.unit_names, "category", *self.indicator.thing_names)
            counted[tuple(row.get(name) for name in names)].append(row)
        listed = [self._describe(own) for own in counted.values()]
        return sorted(listed, key=lambda one: (str(one.unit), _name_of(one)))

    def _describe(self, rows: Sequence[Row]) -> CountedRecord | CountedPerson:
        named = {name: rows[0][name] for name in self.scope.unit_names}
        unit = named if self.scope.by else None
        if self.indicator.counts is not Counts.PERSONS:
            return self._describe_record(rows[0], unit)
        records: dict[Any, CountedRecord] = {}
        for row in rows:
            # Several rows may show one record: the first in the delivery represents them, unless
            # one of them says in which category it counts.
            name = row["record_source"], row["record"]
            place = tuple(row[part] for part in PLACE) if self.indicator.stated_by else ()
            records.setdefault((*name, *place), self._describe_record(row))
        return CountedPerson(unit, rows[0]["person"], list(records.values()))

    def _describe_record(self, row: Row, unit: Mapping[str, Any] | None = None) -> CountedRecord:
        delivered = self.places.find_delivery(row["load"], row["file"])
        load = delivered.load if delivered else row["load"]
        read = self.indicator.list_read(self.by)
        return CountedRecord(
            unit,
            f"{row['record_source']}:{row['record']}",
            row["file"],
            row["table"],
            row["row"],
            self.places.list_columns(load, row["file"], row["table"], read),
            row["load"],
            delivered.delivery_date if delivered else None,
            delivered.delivery_id if delivered else None,
            delivered.sha256 if delivered else None,
        )


def _name_of(counted: CountedRecord | CountedPerson) -> str:
    return counted.person if isinstance(counted, CountedPerson) else counted.record
