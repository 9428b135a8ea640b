"""Loads one table of a delivery: stages and counts what the mapping made of its rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

import pyarrow as pa

from warehouse.loading.row_balance import RowCount
from warehouse.loading.staging import Staging

_T = TypeVar("_T")

_FULL = "vollständige Lieferung"


class MappedRows(Protocol):
    """The result of mapping some rows of a table, as the mapping engine returns it.

    ``named_keys``: keys of the used rows where the table only names records that end or are kept.
    ``doubled``: keys of rows rejected because an earlier row has the same key. ``emptied``: keys of
    consents whose row says that there is none any more. ``doubted``: keys of consents of which
    something is not understood. ``withheld``: entity → keys of the records whose rows were
    rejected; ``torn``: entity → what is read of their keys of several parts, where some are not;
    ``nameless``: entity → what the rejected rows without a key say.
    """

    @property
    def entities(self) -> Mapping[str, pa.RecordBatch]: ...
    @property
    def read(self) -> int: ...
    @property
    def used(self) -> int: ...
    @property
    def rejected(self) -> int: ...
    @property
    def repeated(self) -> int: ...
    @property
    def left_out(self) -> Mapping[str, int]: ...
    @property
    def named_keys(self) -> pa.StringArray | None: ...
    @property
    def doubled(self) -> pa.StringArray | None: ...
    @property
    def emptied(self) -> pa.StringArray | None: ...
    @property
    def doubted(self) -> pa.StringArray | None: ...
    @property
    def withheld(self) -> Mapping[str, pa.StringArray]: ...
    @property
    def torn(self) -> Mapping[str, pa.RecordBatch]: ...
    @property
    def nameless(self) -> Mapping[str, pa.RecordBatch]: ...


class Gap(Protocol):
    """Rows or a field of an entity that a table cannot tell without a column.

    ``codes``: only the rows whose ``field`` has one of these values.
    """

    @property
    def column(self) -> str: ...
    @property
    def entity(self) -> str: ...
    @property
    def field(self) -> str | None: ...
    @property
    def codes(self) -> tuple[str, ...]: ...


@dataclass(frozen=True)
class PersonReference:
    """An entity whose rows in a table name a person that another table has.

    ``is_key``: by the key of their record; ``is_spelled``: another spelling of the key will do.
    """

    entity: str
    is_key: bool = False
    is_spelled: bool = False


@dataclass(frozen=True)
class TableUse:
    """What the mapping uses the rows of one table for.

    ``feeds``: entities made of the rows. ``ends``, ``keeps``: kinds of records whose keys alone the
    rows give. ``unique``: a key occurs in one row at most. ``companions``: record → entities of
    other records on its row, whose changes also count as changes of the record. ``optional``: a
    delivery is complete without the table. ``references``: entities that name persons of others.
    """

    feeds: tuple[str, ...] = ()
    ends: tuple[str, ...] = ()
    keeps: tuple[str, ...] = ()
    unique: bool = True
    companions: Mapping[str, Sequence[str]] = field(default_factory=dict)
    optional: bool = False
    references: tuple[PersonReference, ...] = ()


class TableLoad:
    """A table being loaded; ``named`` are the keys of records that its rows end or keep.

    ``emptied`` are the keys of consents that its rows are complete for without making them.
    ``withheld`` are, by entity, keys of records whose rows were rejected, ``torn`` what is read of
    keys that are not read whole, and ``nameless`` what the rejected rows without a key say.
    ``gaps``: what the table cannot tell, as a column is missing.
    """

    def __init__(self, staging: Staging, use: TableUse, count: RowCount, *, full: bool) -> None:
        self.use = use
        self.count = count
        self.named: list[pa.StringArray] = []
        self.emptied: list[pa.StringArray] = []
        self.withheld: dict[str, list[pa.StringArray]] = {}
        self.torn: dict[str, list[pa.RecordBatch]] = {}
        self.nameless: dict[str, list[pa.RecordBatch]] = {}
        self.gaps: list[Gap] = []
        self._staging = staging
        self._full = full
        staging.open_tables(use.feeds, unique=use.unique)
        for record, entities in use.companions.items():
            staging.bind_companions(record, entities, count.table)

    def add(self, rows: MappedRows) -> None:
        """Stages and counts some rows of the table, in the order of the file."""
        used, left_out = rows.used, rows.left_out
        if rows.named_keys is not None and self._full:
            # What a full delivery does not contain has ended, named or not.
            used, left_out = 0, {**left_out, _FULL: rows.used}
        elif rows.named_keys is not None:
            self.named.append(rows.named_keys)
        self.count.add(rows.read, used, rows.rejected, rows.repeated, left_out)
        for entity, batch in rows.entities.items():
            self._staging.add(entity, batch, self.count.file, self.count.table)
        _append_each(self.withheld, rows.withheld)
        _append_each(self.torn, rows.torn)
        _append_each(self.nameless, rows.nameless)
        if rows.doubled is not None and "consent" in self.use.feeds:
            self._staging.distrust_consents(rows.doubled)
        if rows.doubted is not None:
            self._staging.distrust_consents(rows.doubted)
        if rows.emptied is not None:
            self._add_emptied(rows.emptied)

    def _add_emptied(self, keys: pa.StringArray) -> None:
        if not self._full:
            self.emptied.append(keys)
        if not self.use.unique:
            # Another row of the key may have the consent.
            self._staging.distrust_consents(keys)

    def withhold_records(self, texts: Sequence[str]) -> None:
        """Keeps records whose key is one of these texts of a row without columns."""
        if not texts:
            return
        keys = pa.array(texts, pa.string())
        for entity in self.use.feeds:
            self.withheld.setdefault(entity, []).append(keys)

    def distrust_rows(self, rows: list[int] | None) -> None:
        """Marks the consents of these rows (None: all) as unreadable: cells of them have no value.

        A cell of a workbook with an error or an uncalculated formula may be a withdrawal.
        """
        self._staging.distrust_rows(self.count.file, self.count.table, rows)


def _append_each(kept: dict[str, list[_T]], found: Mapping[str, _T]) -> None:
    """Keeps what was found of an entity with what was found before."""
    for entity, value in found.items():
        kept.setdefault(entity, []).append(value)
