"""A hash for each row of text and its key, by which a row is known again without being mapped. What is done with them is not known here."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mappings.engine.clean import clean_column
from mappings.engine.column import Column
from mappings.engine.hashing import Hashes, combine
from mappings.engine.plan import TablePlan
from mappings.engine.reading import Interpreter, Reading


class Marked(NamedTuple):
    """Of each row: its key as the mapper makes it, the key's hash, the hash of all it says."""

    keys: pa.StringArray
    key_hashes: Hashes
    row_hashes: Hashes


class RowMarker:
    """Marks the rows of one table. ``dated`` are columns whose meaning hangs on the day: there, what was read counts as well.

    Hashes are those of DuckDB, the quickest at hand; another release may have others: keep ``hashed_by`` with what is kept of them.
    """

    def __init__(self, plan: TablePlan, dated: Iterable[str] = ()) -> None:
        import duckdb

        self._hasher: Any = duckdb.connect(config={"threads": 1})
        self._key = [reading.column for reading in plan.key]
        self._dated = [Interpreter(r) for r in sorted(_dated(plan, set(dated)), key=lambda r: r.column)]

    @property
    def by_text(self) -> bool:
        """Whether the text of a row says all of it."""
        return not self._dated

    def mark(self, cells: pa.RecordBatch, rows: Hashes | None = None) -> Marked:
        """The marks of one batch; ``rows``: the hashes of the texts of its rows, where these say all of it."""
        parts = [clean_column(cells.column(name)) for name in self._key]
        keys = parts[0] if len(parts) == 1 else pc.binary_join_element_wise(*parts, "/")
        rows = self._hashed(cells.columns) if rows is None else rows
        for interpreter in self._dated:
            column = Column(interpreter.reading.column, cells.column(interpreter.reading.column))
            values = interpreter(column.distinct)
            at = column.spread if column.spread is not None else slice(None)
            rows = combine(np.uint64(0), [rows, values.hashes[at]], len(rows))
        return Marked(keys, self.hash_texts(keys), rows)

    def hash_texts(self, texts: pa.StringArray) -> Hashes:
        """The hashes of keys or raw rows, as ``mark`` gives them; from any thread."""
        return self._hashed([texts])

    def _hashed(self, columns: list[pa.Array]) -> Hashes:
        names = [f"c{i}" for i in range(len(columns))]
        batch = pa.RecordBatch.from_arrays(columns, names=names)
        # A cursor of its own: lines are hashed in one thread while keys are in another.
        with self._hasher.cursor() as cursor:
            cursor.register("arriving", batch)
            found = cursor.sql(f"SELECT hash({', '.join(names)}) AS h FROM arriving").fetchnumpy()["h"]
        return np.asarray(found, dtype=np.uint64)


def hashed_by() -> str:
    """Names what made the hashes; under another name they are others."""
    import duckdb

    return f"duckdb {duckdb.__version__}"


def _dated(plan: TablePlan, columns: set[str]) -> set[Reading]:
    every = {f.reading for entity in plan.entities for f in entity.fields if f.reading}
    return {r for r in every if r.kind == "date" and r.column in columns}
