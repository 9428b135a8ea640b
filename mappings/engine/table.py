"""Maps one text table, batch by batch: text columns and their row numbers in, entity rows and findings out. Closes the count of rows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mappings.engine.clean import clean_column
from mappings.engine.column import Column, Positions
from mappings.engine.column_reader import Interpreter, Reading, Values
from mappings.engine.duplicates import SeenHashes
from mappings.engine.entity import EntityBuilder
from mappings.engine.findings import Findings, MappedBatch
from mappings.engine.hashes import combine_hashes, derive_seed, hash_texts
from mappings.engine.plan import FieldPlan, TablePlan

Mask = np.ndarray[tuple[int], np.dtype[np.bool_]]


class TableMapper:
    """Maps the batches of one table of one file, in order.

    ``keys`` holds the keys seen in the files before it: of two files that hold the same table, a key may stand in one only. A row
    repeats another word for word only within its file: two municipalities may write the same line about two people.
    """

    def __init__(self, plan: TablePlan, keys: SeenHashes | None = None) -> None:
        self.plan = plan
        self._interpreters: dict[Reading, Interpreter] = {}
        self._builders = [EntityBuilder(e) for e in plan.entities]
        self.rows_seen = SeenHashes()
        self.keys_seen = keys or SeenHashes()

    def map_batch(
        self, cells: pa.RecordBatch, numbers: pa.Array, ragged: Sequence[int] = ()
    ) -> MappedBatch:
        """One batch. ``cells`` has a text column (no nulls) per header, ``numbers`` the visible row numbers, ``ragged`` those of
        rows the reader could not place into columns."""
        batch = _Batch(self, cells, numbers)
        batch.findings.add(list(ragged), None, "ragged_row")
        alive, repeated = batch.sift_rows()
        rows = np.flatnonzero(alive)
        batch.report_values(alive)
        entities = {}
        for builder in self._builders:
            made = builder.build(
                batch.keys,
                numbers,
                batch.select_filled(builder.plan.when, rows),
                batch.interpret_column,
            )
            batch.report_parts(builder)
            if made.num_rows:
                entities[builder.plan.entity] = made
        used, again = int(alive.sum()), int(repeated.sum())
        read = cells.num_rows + len(ragged)
        named = batch.keys.take(pa.array(rows)) if self.plan.ends or self.plan.keeps else None
        return MappedBatch(
            entities,
            batch.findings.as_table(),
            read,
            used,
            read - used - again,
            again,
            named_keys=named,
            doubled=batch.doubled,
        )


class _Batch:
    """One batch on its way: its columns, read lazily and once for each reading."""

    def __init__(self, mapper: TableMapper, cells: pa.RecordBatch, numbers: pa.Array) -> None:
        self.mapper, self.plan, self.numbers = mapper, mapper.plan, numbers
        self.size = cells.num_rows
        self.columns = {
            name: Column(name, cells.column(i)) for i, name in enumerate(cells.schema.names)
        }
        for name in self.plan.optional - self.columns.keys():
            self.columns[name] = Column(
                name, pa.array([""], pa.string()).take(pa.array(np.zeros(self.size, np.int64)))
            )
        self.findings = Findings()
        self.doubled: pa.StringArray | None = None
        self._read: dict[Reading, tuple[Column, Values]] = {}

    def interpret_column(self, reading: Reading) -> tuple[Column, Values]:
        if reading not in self._read:
            interpreter = self.mapper._interpreters.setdefault(reading, Interpreter(reading))
            column = self.columns[reading.column]
            self._read[reading] = column, interpreter(column.distinct)
        return self._read[reading]

    def sift_rows(self) -> tuple[Mask, Mask]:
        """Which rows are used, and which repeat an earlier row word for word; the rest is rejected, with findings."""
        cells = combine_hashes(
            derive_seed(self.plan.name), [c.hashes for c in self.columns.values()], self.size
        )
        repeated = self.mapper.rows_seen.check(cells)
        self._add_findings(repeated, None, "repeated")
        alive = ~repeated
        missing = np.zeros(self.size, dtype=bool)
        parts = []
        for reading in self.plan.key:
            column, values = self.interpret_column(reading)
            at = column.locate_rows(None)
            part = values.values if at is None else values.values.take(pa.array(at))
            empty = pc.is_null(part).to_numpy(zero_copy_only=False)
            # What was deleted without a key was never known, and nobody can mend it.
            rule = "nothing_named" if self.plan.ends or self.plan.keeps else "key_missing"
            self._add_findings(alive & empty & ~missing, reading.column, rule)
            missing |= empty
            parts.append(pc.fill_null(part, ""))
        self.keys = parts[0] if len(parts) == 1 else pc.binary_join_element_wise(*parts, "/")
        alive &= ~missing
        for entity in self.plan.entities:
            for field in entity.fields:
                if field.required:
                    alive &= ~self._check_required(field, alive)
        return (alive & ~self._find_doubled(alive) if self.plan.unique else alive), repeated

    def select_filled(self, when: Sequence[str], rows: Positions) -> Positions:
        """Those of ``rows`` in which one of the columns ``when`` holds something (all rows without ``when``)."""
        if not when:
            return rows
        filled = np.zeros(len(rows), dtype=bool)
        for name in when:
            column = self.columns[name]
            some = pc.not_equal(clean_column(column.distinct), "").to_numpy(zero_copy_only=False)
            at = column.locate_rows(rows)
            filled |= some if at is None else some[at]
        return rows[filled]

    def report_values(self, alive: Mask) -> None:
        """Findings for values that were set aside, in rows that are used."""
        for entity in self.plan.entities:
            parts = [*entity.fields]
            readings = [p.reading for p in parts if p.reading and not p.required]
            if entity.each:
                readings += (
                    [entity.each.reading]
                    if entity.each.reading
                    else [r for r, _ in entity.each.ticked]
                )
            for reading in readings:
                self.interpret_column(reading)
        told: set[str] = set()
        for reading, (column, values) in self._read.items():
            if values.rules is None or not reading.report or reading.column in told:
                continue
            told.add(reading.column)
            rules = values.rules if column.spread is None else values.rules[column.spread]
            for number, rule in enumerate(values.rule_names, start=1):
                self._add_findings(alive & (rules == number), column.name, rule)

    def report_parts(self, builder: EntityBuilder) -> None:
        """Findings for parts of a value (a level beside a language) that could not be read, once a row."""
        for rows, rule in builder.troubles:
            assert builder.plan.each is not None and builder.plan.each.reading is not None
            where = np.zeros(self.size, dtype=bool)
            where[rows] = True
            self._add_findings(where, builder.plan.each.reading.column, rule)

    def _check_required(self, field: FieldPlan, alive: Mask) -> Mask:
        assert field.reading is not None
        column, values = self.interpret_column(field.reading)
        empty = pc.is_null(values.values).to_numpy(zero_copy_only=False)
        broken = np.zeros(len(empty), bool) if values.rules is None else values.rules > 0
        if column.spread is not None:
            empty, broken = empty[column.spread], broken[column.spread]
        is_date = pa.types.is_date(field.type)
        rule = "required_date_unreadable" if is_date else "required_unreadable"
        self._add_findings(alive & broken, column.name, rule)
        self._add_findings(alive & empty & ~broken, column.name, "required_missing")
        return np.asarray(empty | broken)

    def _find_doubled(self, alive: Mask) -> Mask:
        doubled = np.zeros(self.size, dtype=bool)
        rows = np.flatnonzero(alive)
        doubled[rows] = self.mapper.keys_seen.check(hash_texts(self.keys.take(pa.array(rows))))
        self.doubled = self.keys.filter(pa.array(doubled))
        self._add_findings(doubled, self.plan.key[0].column, "key_repeated")
        return doubled

    def _add_findings(self, where: Mask, column: str | None, rule: str) -> None:
        rows = np.flatnonzero(where)
        if len(rows):
            at = pa.array(rows)
            values = self.columns[column].cells.take(at) if column else None
            self.findings.add(self.numbers.take(at), column, rule, values)
