"""Lists what every figure counts, thing by thing, so that two states of knowledge can be compared."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from warehouse.marts.declaration import Counts, Indicator
from warehouse.marts.indicators import INDICATORS
from warehouse.marts.scope import Scope

# Source and key of a record.
Key = tuple[str, str]


@dataclass(frozen=True)
class Line:
    """A figure: an indicator, one of its categories, and the unit as pairs of name and value."""

    indicator: str
    category: str | None
    unit: tuple[tuple[str, Any], ...]

    @property
    def counts_persons(self) -> bool:
        """Whether it counts human beings."""
        return INDICATORS[self.indicator].counts is Counts.PERSONS


# A line and the name of something it counts once.
Thing = tuple[Line, tuple[Any, ...]]
# Each counted thing with the records that show it.
Things = Mapping[Thing, frozenset[Key]]


def list_things(
    connection: Connection, scopes: Iterable[Scope], indicators: Sequence[str]
) -> Things:
    """Everything that the indicators count in these scopes."""
    found: dict[Thing, set[Key]] = defaultdict(set)
    for scope in scopes:
        for declared in map(INDICATORS.__getitem__, indicators):
            if scope.by in (None, *declared.units):
                for row in connection.execute(declared.list_records(scope)).mappings():
                    record = row["record_source"], row["record"]
                    found[_name_thing(declared, scope, row)].add(record)
    return {thing: frozenset(records) for thing, records in found.items()}


def _name_thing(declared: Indicator, scope: Scope, row: Mapping[Any, Any]) -> Thing:
    unit = tuple((part, row[part]) for part in scope.unit_names)
    name = tuple(row[part] for part in declared.thing_names)
    return Line(declared.name, row.get("category"), unit), name


def count_lines(things: Things) -> Counter[Line]:
    """The figures: how many things each line counts."""
    return Counter(line for line, _ in things)
