"""Maps one text table, batch by batch: text columns and their row numbers in, entity rows and findings out. Closes the count of rows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mappings.engine.clean import clean_column
from mappings.engine.column import Column, Positions
from mappings.engine.entity import EntityBuilder
from mappings.engine.found import Findings, Mapped
from mappings.engine.hashing import combine, hash_texts, seed
from mappings.engine.plan import FieldPlan, TablePlan
from mappings.engine.reading import Interpreter, Reading, Values
from mappings.engine.repeats import Seen

Mask = np.ndarray[tuple[int], np.dtype[np.bool_]]


class TableMapper:
    """Maps the batches of one table of one file, in order.

    ``keys`` holds the keys seen in the files before it: of two files that hold the same table, a key may stand in one only. A row
    repeats another word for word only within its file: two municipalities may write the same line about two people.
    """

    def __init__(self, plan: TablePlan, keys: Seen | None = None) -> None:
        self.plan = plan
        self._interpreters: dict[Reading, Interpreter] = {}
        self._builders = [EntityBuilder(e) for e in plan.entities]
        self.rows_seen = Seen()
        self.keys_seen = keys or Seen()

    def map(self, cells: pa.RecordBatch, numbers: pa.Array, ragged: Sequence[int] = ()) -> Mapped:
        """One batch. ``cells`` has a text column (no nulls) per header, ``numbers`` the visible row numbers, ``ragged`` those of
        rows the reader could not place into columns."""
        batch = _Batch(self, cells, numbers)
        batch.findings.add(list(ragged), None, "ragged_row")
        alive, repeated = batch.sift()
        rows = np.flatnonzero(alive)
        batch.report(alive)
        entities = {}
        for builder in self._builders:
            made = builder.build(batch.keys, numbers, batch.chosen(builder.plan.when, rows), batch.interpret)
            batch.report_parts(builder)
            if made.num_rows:
                entities[builder.plan.entity] = made
        used, again = int(alive.sum()), int(repeated.sum())
        read = cells.num_rows + len(ragged)
        named = batch.keys.take(pa.array(rows)) if self.plan.ends or self.plan.keeps else None
        return Mapped(entities, batch.findings.table(), read, used, read - used - again, again, named=named, doubled=batch.doubled)


class _Batch:
    """One batch on its way: its columns, read lazily and once for each reading."""

    def __init__(self, mapper: TableMapper, cells: pa.RecordBatch, numbers: pa.Array) -> None:
        self.mapper, self.plan, self.numbers = mapper, mapper.plan, numbers
        self.size = cells.num_rows
        self.columns = {name: Column(name, cells.column(i)) for i, name in enumerate(cells.schema.names)}
        for name in self.plan.optional - self.columns.keys():
            self.columns[name] = Column(name, pa.array([""], pa.string()).take(pa.array(np.zeros(self.size, np.int64))))
        self.findings = Findings()
        self.doubled: pa.StringArray | None = None
        self._read: dict[Reading, tuple[Column, Values]] = {}

    def interpret(self, reading: Reading) -> tuple[Column, Values]:
        if reading not in self._read:
            interpreter = self.mapper._interpreters.setdefault(reading, Interpreter(reading))
            column = self.columns[reading.column]
            self._read[reading] = column, interpreter(column.distinct)
        return self._read[reading]

    def sift(self) -> tuple[Mask, Mask]:
        """Which rows are used, and which repeat an earlier row word for word; the rest is rejected, with findings."""
        cells = combine(seed(self.plan.name), [c.hashes for c in self.columns.values()], self.size)
        repeated = self.mapper.rows_seen.check(cells)
        self._find(repeated, None, "repeated")
        alive = ~repeated
        missing = np.zeros(self.size, dtype=bool)
        parts = []
        for reading in self.plan.key:
            column, values = self.interpret(reading)
            at = column.positions(None)
            part = values.values if at is None else values.values.take(pa.array(at))
            empty = pc.is_null(part).to_numpy(zero_copy_only=False)
            # What was deleted without a key was never known, and nobody can mend it.
            rule = "nothing_named" if self.plan.ends or self.plan.keeps else "key_missing"
            self._find(alive & empty & ~missing, reading.column, rule)
            missing |= empty
            parts.append(pc.fill_null(part, ""))
        self.keys = parts[0] if len(parts) == 1 else pc.binary_join_element_wise(*parts, "/")
        alive &= ~missing
        for entity in self.plan.entities:
            for field in entity.fields:
                if field.required:
                    alive &= ~self._required(field, alive)
        return (alive & ~self._doubled(alive) if self.plan.unique else alive), repeated

    def chosen(self, when: Sequence[str], rows: Positions) -> Positions:
        """Those of ``rows`` in which one of the columns ``when`` holds something (all rows without ``when``)."""
        if not when:
            return rows
        filled = np.zeros(len(rows), dtype=bool)
        for name in when:
            column = self.columns[name]
            some = pc.not_equal(clean_column(column.distinct), "").to_numpy(zero_copy_only=False)
            at = column.positions(rows)
            filled |= some if at is None else some[at]
        return rows[filled]

    def report(self, alive: Mask) -> None:
        """Findings for values that were set aside, in rows that are used."""
        for entity in self.plan.entities:
            parts = [*entity.fields]
            readings = [p.reading for p in parts if p.reading and not p.required]
            if entity.each:
                readings += [entity.each.reading] if entity.each.reading else [r for r, _ in entity.each.ticked]
            for reading in readings:
                self.interpret(reading)
        told: set[str] = set()
        for reading, (column, values) in self._read.items():
            if values.rules is None or not reading.report or reading.column in told:
                continue
            told.add(reading.column)
            rules = values.rules if column.spread is None else values.rules[column.spread]
            for number, rule in enumerate(values.rule_names, start=1):
                self._find(alive & (rules == number), column.name, rule)

    def report_parts(self, builder: EntityBuilder) -> None:
        """Findings for parts of a value (a level beside a language) that could not be read, once a row."""
        for rows, rule in builder.troubles:
            assert builder.plan.each is not None and builder.plan.each.reading is not None
            where = np.zeros(self.size, dtype=bool)
            where[rows] = True
            self._find(where, builder.plan.each.reading.column, rule)

    def _required(self, field: FieldPlan, alive: Mask) -> Mask:
        assert field.reading is not None
        column, values = self.interpret(field.reading)
        empty = pc.is_null(values.values).to_numpy(zero_copy_only=False)
        broken = np.zeros(len(empty), bool) if values.rules is None else values.rules > 0
        if column.spread is not None:
            empty, broken = empty[column.spread], broken[column.spread]
        is_date = pa.types.is_date(field.type)
        rule = "required_date_unreadable" if is_date else "required_unreadable"
        self._find(alive & broken, column.name, rule)
        self._find(alive & empty & ~broken, column.name, "required_missing")
        return np.asarray(empty | broken)

    def _doubled(self, alive: Mask) -> Mask:
        doubled = np.zeros(self.size, dtype=bool)
        rows = np.flatnonzero(alive)
        doubled[rows] = self.mapper.keys_seen.check(hash_texts(self.keys.take(pa.array(rows))))
        self.doubled = self.keys.filter(pa.array(doubled))
        self._find(doubled, self.plan.key[0].column, "key_repeated")
        return doubled

    def _find(self, where: Mask, column: str | None, rule: str) -> None:
        rows = np.flatnonzero(where)
        if len(rows):
            at = pa.array(rows)
            values = self.columns[column].cells.take(at) if column else None
            self.findings.add(self.numbers.take(at), column, rule, values)
