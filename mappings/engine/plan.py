"""The compiled form of a mapping: which reading feeds which field of which entity."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import pyarrow as pa

from mappings.engine.column_reader import Reading


@dataclass(frozen=True)
class OrderPlan:
    """Two days of a row of which ``end`` must not lie before ``begin``."""

    begin: Reading
    end: Reading


@dataclass(frozen=True)
class FieldPlan:
    """One field: read from a column, or the same for all rows (``constant``, already read).

    ``required``: a row without it is rejected. ``mandatory``: the store takes no row of the entity
    without it; rows that make none, by the entity's ``when``, need none. ``only_if``: pairs of a
    reading and the values it must have for the field to be filled. ``origin`` and ``broken``: the
    label above the table that a constant was read from, and the rule that it broke. ``order``: a day
    that lies before its begin is left out, and the field that notes its doubt is true. ``within``:
    the readings whose values stand before this one in a key.
    """

    name: str
    type: pa.DataType
    reading: Reading | None = None
    constant: object = None
    required: bool = False
    mandatory: bool = False
    only_if: tuple[tuple[Reading, frozenset[object]], ...] = ()
    origin: str | None = None
    broken: str | None = None
    order: OrderPlan | None = None
    within: tuple[Reading, ...] = ()


@dataclass(frozen=True)
class EachPlan:
    """Several values of a row: a reading that yields lists, or columns ticked yes, one per code.

    ``field`` takes the value; with ``pattern`` its named groups go through ``parts`` instead.
    ``within``: the readings whose values stand before each value in a key.
    """

    field: str
    reading: Reading | None = None
    ticked: tuple[tuple[Reading, str], ...] = ()
    pattern: str | None = None
    parts: tuple[FieldPlan, ...] = ()
    within: tuple[Reading, ...] = ()
    further: tuple[Reading, ...] = ()

    @property
    def is_plain(self) -> bool:
        """Whether the values are those of a cell unchanged, so that none can occur twice."""
        return self.reading is not None and self.pattern is None and not self.further

    @property
    def cells(self) -> tuple[Reading, ...]:
        """The readings of the cells that hold values."""
        return (self.reading, *self.further) if self.reading else ()


@dataclass(frozen=True)
class MarkPlan:
    """A field that is true where one of the readings is: something in the row was not readable.

    ``rivals``: ticks of one meaning, of which none may say yes and another no; ``orders``: days of
    which none may lie before its begin. It changes the row's hash only where it is true.
    """

    name: str
    readings: tuple[Reading, ...]
    rivals: tuple[tuple[Reading, ...], ...] = ()
    orders: tuple[OrderPlan, ...] = ()


@dataclass(frozen=True)
class EntityPlan:
    """One entity fed by a table; ``key``: readings whose values make its key (empty: the table's).

    ``when``: columns of which one must be filled; ``owner``: the field that takes the record's key.
    """

    entity: str
    fields: tuple[FieldPlan, ...]
    key: tuple[Reading, ...] = ()
    when: tuple[str, ...] = ()
    owner: str | None = None
    each: EachPlan | None = None
    mark: MarkPlan | None = None


class Gap(NamedTuple):
    """What is not told without an optional column: the rows of an entity, or one of its fields.

    ``codes``: of the rows, only those with these values, which are ticked in the column.
    """

    column: str
    entity: str
    field: str | None = None
    codes: tuple[str, ...] = ()


@dataclass(frozen=True)
class ConsentColumns:
    """Where a table has its consents: the reading of the person's key, and the columns read.

    A row that is rejected may be a withdrawal: these tell whose.
    """

    person: Reading | None
    columns: frozenset[str]


@dataclass(frozen=True)
class TablePlan:
    """The plan of one text table; ``unique``: a key may be in one row only.

    ``ends``, ``keeps``: the kinds of record that the rows only name by their keys. ``consents``:
    where the table has consents or their data groups, if it has some. ``groups``: what is doubtful
    about data groups whose consents are in another table.
    """

    name: str
    key: tuple[Reading, ...]
    unique: bool
    entities: tuple[EntityPlan, ...]
    columns: frozenset[str]
    optional: frozenset[str] = frozenset()
    ends: tuple[str, ...] = ()
    keeps: tuple[str, ...] = ()
    consents: ConsentColumns | None = None
    groups: MarkPlan | None = None

    def find_entity(self, name: str) -> EntityPlan | None:
        """The plan of an entity, if the table feeds it."""
        return next((plan for plan in self.entities if plan.entity == name), None)

    def list_gaps(self, header: Collection[str]) -> Iterator[Gap]:
        """What a table with this header says nothing about, of what the mapping reads."""
        for column in sorted(self.optional.difference(header)):
            for entity in self.entities:
                yield from _list_gaps_of(entity, column, header)

    @property
    def only_names(self) -> bool:
        """Whether the rows only name records, which end or stay."""
        return bool(self.ends or self.keeps)


def _list_gaps_of(entity: EntityPlan, column: str, header: Collection[str]) -> Iterator[Gap]:
    """What of an entity stands in a column that is missing."""
    each = entity.each
    if each and any(reading.column == column for reading in each.cells):
        yield Gap(column, entity.entity)
    elif each and (codes := _list_missing_codes(each, column, header)):
        yield Gap(column, entity.entity, each.field, codes)
    elif column in entity.when:
        yield Gap(column, entity.entity)
    for field in entity.fields:
        conditions = [reading.column for reading, _ in field.only_if]
        if column in conditions or (field.reading and field.reading.column == column):
            yield Gap(column, entity.entity, field.name)


def _list_missing_codes(each: EachPlan, column: str, header: Collection[str]) -> tuple[str, ...]:
    """The codes that are ticked in this column and in no other that is there."""
    there = {code for reading, code in each.ticked if reading.column in header}
    return tuple(
        code for reading, code in each.ticked if reading.column == column and code not in there
    )
