"""Explains what a figure counts, down to file and row."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from pipelines.figures.kennzahlen import FigureRequest, check_catalogue, open_scope
from pipelines.hub import Hub
from warehouse.marts.declaration import Counts, Indicator
from warehouse.marts.indicators import INDICATORS
from warehouse.marts.scope import By, Scope

Row = Mapping[Any, Any]
PLACE = ("file", "table", "row")


@dataclass(frozen=True)
class CountedRecord:
    """A record ("enaio:P-1") with the place it was read from; ``unit`` where asked for by unit."""

    unit: Mapping[str, Any] | None
    record: str
    file: str
    table: str
    row: int


@dataclass(frozen=True)
class CountedPerson:
    """A person with the records it was counted by; ``unit`` where asked for by unit."""

    unit: Mapping[str, Any] | None
    person: str
    records: Sequence[CountedRecord]


@dataclass(frozen=True)
class ExplainedFigure:
    """What a figure counts; ``value`` is the length of ``made_of``."""

    indicator: str
    category: str | None
    value: int
    load: int
    made_of: Sequence[CountedRecord | CountedPerson]


def explain_figure(
    hub: Hub,
    indicator: str,
    asked: FigureRequest,
    category: str | None = None,
    by: By | None = None,
) -> ExplainedFigure:
    """What one figure of the district counts, or with ``by`` the figures of its units.

    Raises ValueError where the indicator is not counted by that unit.
    """
    check_catalogue()
    declared = INDICATORS[indicator]
    scope = open_scope(hub, asked, hub.known_at(asked.as_of), by)
    with hub.store.read() as connection:
        rows = connection.execute(declared.list_records(scope)).mappings().all()
    found = [row for row in rows if category in (None, row.get("category"))]
    made_of = _list_counted(declared, scope, found)
    return ExplainedFigure(indicator, category, len(made_of), scope.known_at.load, made_of)


def _list_counted(
    indicator: Indicator, scope: Scope, rows: Iterable[Row]
) -> list[CountedRecord | CountedPerson]:
    """What is counted, by unit and name; listed once per category it counts in."""
    counted: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in sorted(rows, key=itemgetter("record_source", "record", *PLACE)):
        names = (*scope.unit_names, "category", *indicator.thing_names)
        counted[tuple(row.get(name) for name in names)].append(row)
    listed = [_describe_counted(indicator, scope, own) for own in counted.values()]
    return sorted(listed, key=lambda one: (str(one.unit), _name_of(one)))


def _describe_counted(
    indicator: Indicator, scope: Scope, rows: Sequence[Row]
) -> CountedRecord | CountedPerson:
    unit = {name: rows[0][name] for name in scope.unit_names} if scope.by else None
    if indicator.counts is not Counts.PERSONS:
        return _describe_record(rows[0], unit)
    records: dict[str, CountedRecord] = {}
    for record in map(_describe_record, rows):
        # Several rows may show one record: the first in the delivery represents them.
        records.setdefault(record.record, record)
    return CountedPerson(unit, rows[0]["person"], list(records.values()))


def _describe_record(row: Row, unit: Mapping[str, Any] | None = None) -> CountedRecord:
    name = f"{row['record_source']}:{row['record']}"
    return CountedRecord(unit, name, *(row[part] for part in PLACE))


def _name_of(counted: CountedRecord | CountedPerson) -> str:
    return counted.person if isinstance(counted, CountedPerson) else counted.record
