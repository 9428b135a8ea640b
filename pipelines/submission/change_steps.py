"""Divides what came after a load into steps, each with its cause and the records it touched."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Select,
    Table,
    case,
    func,
    or_,
    select,
)

from pipelines.submission.counted_things import Key, Line
from warehouse.ledger.configuration import has_changed
from warehouse.ledger.effective_loads import LoadRow
from warehouse.marts.declaration import Counts
from warehouse.marts.indicators import INDICATORS
from warehouse.schema import REGISTERS, person_link


class Cause(StrEnum):
    """Why a figure is another one than before."""

    DELIVERED = "delivered"
    CORRECTED = "corrected"
    GONE = "gone"
    ATTRIBUTES = "attributes"
    PERSONS = "persons"
    MAPPING = "mapping"
    REREAD = "reread"
    UNDONE = "undone"
    REGISTERS = "registers"
    RULES = "rules"


CAUSE_LABELS: Mapping[Cause, str] = {
    Cause.DELIVERED: "nachgelieferte Datensätze",
    Cause.CORRECTED: "berichtigte Datensätze",
    Cause.GONE: "entfallene Datensätze",
    Cause.ATTRIBUTES: "geänderte Angaben zu den Personen (Wohnort, Status, Zuständigkeit)",
    Cause.PERSONS: "zusammengeführte oder getrennte Personen",
    Cause.MAPPING: "geänderte Zuordnung der Felder",
    Cause.REREAD: "neu gelesene Lieferungen",
    Cause.UNDONE: "zurückgenommene Lieferung",
    Cause.REGISTERS: "geänderte Register (Gemeinden, Teams, Träger)",
    Cause.RULES: "geänderter Katalog oder Stichtag",
}


@dataclass(frozen=True)
class Step:
    """Loads that belong together, in order; ``whole``: the cause of every change in them."""

    numbers: Sequence[int]
    whole: Cause | None = None

    @property
    def last(self) -> int:
        """The load after which the step is complete."""
        return self.numbers[-1]


def list_steps(loads: Sequence[LoadRow], since: int, until: int) -> Iterator[Step]:
    """The steps after the load ``since`` up to ``until``; ``loads`` are all of deliveries, in order.

    A return to an earlier load and the loads that replay what came after it are one step. A load
    that is none of a delivery is one by which decisions or registers took effect.
    """
    rows = {row.number: row for row in loads}
    seen = {row.delivery_id for row in loads if row.number <= since}
    number = since + 1
    while number <= until:
        first, numbers = rows.get(number), [number]
        if first is not None and first.restored_load is not None:
            while (row := rows.get(numbers[-1] + 1)) and _replays(row, first, seen):
                numbers.append(row.number)
        yield Step(numbers, _find_whole(first, loads) if first else None)
        seen |= {rows[n].delivery_id for n in numbers if n in rows}
        number = numbers[-1] + 1


def _replays(row: LoadRow, returned: LoadRow, seen: set[str]) -> bool:
    return row.source == returned.source and row.restored_load is None and row.delivery_id in seen


def _find_whole(row: LoadRow, loads: Sequence[LoadRow]) -> Cause | None:
    """The cause of all changes of a load, where its kind alone tells it."""
    if row.restored_load is not None:
        return Cause.REREAD if row.undone_load is None else Cause.UNDONE
    return Cause.MAPPING if _has_new_mapping(row, loads) else None


def _has_new_mapping(row: LoadRow, loads: Sequence[LoadRow]) -> bool:
    """Whether the source was read otherwise at its load before."""
    before = [
        other
        for other in loads
        if other.number < row.number and other.source == row.source and other.restored_load is None
    ]
    return bool(before) and before[-1].mapping_hash != row.mapping_hash


@dataclass
class StepRecords:
    """What a step did to records, links and registers; asked for as it is needed."""

    connection: Connection
    step: Step
    _touched: dict[str, dict[Key, Cause]] = field(default_factory=dict)

    def find_cause(self, line: Line, records: frozenset[Key]) -> Cause:
        """Why a thing that these records show is counted in the line, or no longer."""
        if self.step.whole is not None:
            return self.step.whole
        if line.counts_persons and records & self._relinked:
            return Cause.PERSONS
        touched = self._list_touched(line.indicator)
        found = {touched[record] for record in records if record in touched}
        if found:
            return min(found, key=list(Cause).index)
        # No record of the thing changed: what is known of its person did, in another table.
        return Cause.REGISTERS if self._has_new_registers else Cause.ATTRIBUTES

    def select_touched(self, line: Line, records: frozenset[Key]) -> frozenset[Key]:
        """Those of the records that the step touched; all where it touched none of them."""
        return frozenset(records & self._list_touched(line.indicator).keys()) or records

    def _list_touched(self, indicator: str) -> dict[Key, Cause]:
        """What became of each record of the indicator's table in this step."""
        declared = INDICATORS[indicator]
        name = "record_key" if declared.counts is Counts.RECORDS else "person_key"
        cached = f"{declared.records.name}.{name}"
        if cached not in self._touched:
            rows = self.connection.execute(self._select_touched(declared.records, name))
            self._touched[cached] = {
                (source, key): self._name_change(bool(is_opened), first)
                for source, key, is_opened, first in rows
            }
        return self._touched[cached]

    def _select_touched(self, table: Table, name: str) -> Select[Any]:
        """Source, key, whether a version began in this step, and the first load of each record."""
        c = table.c
        keys = select(c.source, c[name]).where(self._is_within(table)).distinct().subquery("keys")
        opened = func.max(case((c.known_from.in_(self.step.numbers), 1), else_=0))
        same = (keys.c.source == c.source) & (keys.c[name] == c[name])
        rows = select(c.source, c[name], opened, func.min(c.known_from))
        return rows.select_from(table.join(keys, same)).group_by(c.source, c[name])

    def _is_within(self, table: Table) -> ColumnElement[bool]:
        """Condition: an entry of the table began or ended in this step."""
        numbers = self.step.numbers
        return or_(table.c.known_from.in_(numbers), table.c.known_to.in_(numbers))

    def _name_change(self, is_opened: bool, first: int) -> Cause:
        if not is_opened:
            return Cause.GONE
        return Cause.DELIVERED if first in self.step.numbers else Cause.CORRECTED

    @cached_property
    def _relinked(self) -> frozenset[Key]:
        """The records that were another person's before."""
        c = person_link.c
        return self._list_records(c.known_from) & self._list_records(c.known_to)

    def _list_records(self, load: Column[Any]) -> frozenset[Key]:
        """The records of links that began, or ended, in this step."""
        c = person_link.c
        rows = select(c.source, c.source_key).where(load.in_(self.step.numbers))
        return frozenset((source, key) for source, key in self.connection.execute(rows))

    @cached_property
    def _has_new_registers(self) -> bool:
        return any(has_changed(self.connection, table, self.step.numbers) for table in REGISTERS)
