"""The compiled form of a mapping: which reading feeds which field of which entity. Made by mappings.compile, run by engine.table."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from mappings.engine.column_reader import Reading


@dataclass(frozen=True)
class FieldPlan:
    """One field: read from a column, or the same for all rows (``constant``, already read). ``only_if``: column → values."""

    name: str
    type: pa.DataType
    reading: Reading | None = None
    constant: object = None
    required: bool = False
    only_if: tuple[tuple[Reading, frozenset[object]], ...] = ()


@dataclass(frozen=True)
class EachPlan:
    """Several values of a row: a reading that gives lists, or columns ticked yes, each standing for a code.

    ``field`` takes the value; with ``pattern`` its named groups go through ``parts`` instead.
    """

    field: str
    reading: Reading | None = None
    ticked: tuple[tuple[Reading, str], ...] = ()
    pattern: str | None = None
    parts: tuple[FieldPlan, ...] = ()

    @property
    def is_plain(self) -> bool:
        """The values of a cell as they are, each once; nothing else could give one value twice."""
        return self.reading is not None and self.pattern is None


@dataclass(frozen=True)
class EntityPlan:
    """One entity fed by a table. ``key`` are the readings whose values make its key (empty: the table's key)."""

    entity: str
    fields: tuple[FieldPlan, ...]
    key: tuple[Reading, ...] = ()
    when: tuple[str, ...] = ()
    owner: str | None = None
    each: EachPlan | None = None


@dataclass(frozen=True)
class TablePlan:
    """All that is done with one text table. ``unique``: a key may stand in one row only.

    ``ends``, ``keeps``: of which records the rows give keys alone.
    """

    name: str
    key: tuple[Reading, ...]
    unique: bool
    entities: tuple[EntityPlan, ...]
    columns: frozenset[str]
    optional: frozenset[str] = frozenset()
    ends: tuple[str, ...] = ()
    keeps: tuple[str, ...] = ()
