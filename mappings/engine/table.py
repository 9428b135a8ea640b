"""Maps one text table batch by batch into entity rows and findings, and counts its rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mappings.engine.clean import clean_column
from mappings.engine.column import Column
from mappings.engine.column_reader import Interpreter, Reading, Values, find_long
from mappings.engine.day_span import BEFORE_BEGIN, IMPLAUSIBLE
from mappings.engine.duplicates import SeenHashes, TableKeys
from mappings.engine.entity import (
    EntityBuilder,
    describe_torn,
    find_disorder,
    join_keys,
    join_record_key,
    list_keys,
    mark_rows,
    read_key_parts,
    take_values,
)
from mappings.engine.findings import Findings, MappedBatch, RejectedConsent, repeat_text
from mappings.engine.foreign_letters import DOUBTFUL, find_doubtful
from mappings.engine.hashes import Mask, Positions, combine_hashes, derive_seed, hash_texts
from mappings.engine.plan import EntityPlan, FieldPlan, TablePlan
from mappings.engine.spoiled_text import ROUNDED, STAND_IN
from mappings.engine.stand_in_keys import find_stand_ins
from warehouse.schema import RECORDS
from warehouse.schema.columns import KEY_LENGTH

# Entities by whose fields a record is known again where its key is missing.
TELLING = frozenset({"person", *RECORDS}) - {"consent"}
UNKNOWN_CODE = "unknown_code"
# The label of a value above a table, and the rule that it breaks.
Place = tuple[str | None, str | None]


class TableMapper:
    """Maps the batches of one table of one file, in order.

    ``keys`` holds the keys of the files before it: of two files with the same table, a key may be
    in one only. A repeated row is looked for only within its file: two municipalities may write the
    same line about two persons. ``told`` are the values above the tables of a file, with the rule
    they break, of which there is a finding already.
    """

    def __init__(
        self,
        plan: TablePlan,
        keys: TableKeys | None = None,
        told: set[Place] | None = None,
    ) -> None:
        self.plan = plan
        self._told = set() if told is None else told
        self.interpreters: dict[Reading, Interpreter] = {}
        self._builders = [EntityBuilder(e) for e in plan.entities]
        self.rows_seen = SeenHashes()
        self.keys_seen = keys or TableKeys(several=False)
        self.keys_seen.begin_file()
        self.columns: list[str] = []
        self._is_first = True
        # By column with codes: cells that are filled, and those of them not wholly understood.
        self.filled: Counter[str] = Counter()
        self.unknown: Counter[str] = Counter()

    def map_batch(
        self, cells: pa.RecordBatch, numbers: pa.Array, ragged: Sequence[int] = ()
    ) -> MappedBatch:
        """Maps one batch.

        ``cells`` has a text column (no nulls) per header, ``numbers`` the visible row numbers,
        ``ragged`` those of rows the reader could not place into columns.
        """
        self.columns = cells.schema.names
        batch = _Batch(self, cells, numbers)
        batch.findings.add(list(ragged), None, "ragged_row")
        alive, repeated = batch.sift_rows()
        rows = np.flatnonzero(alive)
        batch.report_values(alive)
        rejected = ~alive & ~repeated
        if self._is_first:
            batch.report_constants(self._told)
            self._is_first = False
        entities = self._build_entities(batch, rows)
        used, again = len(rows), int(repeated.sum())
        read = cells.num_rows + len(ragged)
        return MappedBatch(
            entities,
            batch.findings.as_table(),
            read,
            used,
            rejected=read - used - again,
            repeated=again,
            named_keys=batch.keys.take(pa.array(rows)) if self.plan.only_names else None,
            doubled=batch.doubled,
            rejected_consents=batch.list_rejected_consents(rejected) + batch.doubt_groups(),
            emptied=batch.list_emptied_consents(rows),
            doubted=batch.doubted,
            withheld=batch.list_withheld(rejected),
            torn=batch.list_torn_keys(rejected),
            nameless=batch.describe_nameless(self._builders, rejected),
            in_files=batch.in_files,
        )

    def _build_entities(self, batch: _Batch, rows: Positions) -> dict[str, pa.RecordBatch]:
        """The rows of the entities of which there are some."""
        built = {b.plan.entity: batch.build_entity(b, rows) for b in self._builders}
        return {entity: made for entity, made in built.items() if made.num_rows}


class _Batch:
    """One batch while it is mapped; each column is read on demand, once for each reading."""

    def __init__(self, mapper: TableMapper, cells: pa.RecordBatch, numbers: pa.Array) -> None:
        self.mapper, self.plan, self.numbers = mapper, mapper.plan, numbers
        self.size = cells.num_rows
        missing = self.plan.optional.difference(cells.schema.names)
        texts = dict(zip(cells.schema.names, cells.columns, strict=True))
        texts |= {name: repeat_text("", self.size) for name in missing}
        self.columns = {name: Column(name, column) for name, column in texts.items()}
        self.findings = Findings()
        self.doubled: pa.StringArray | None = None
        self.in_files: Sequence[str] = ()
        self.doubted: pa.StringArray | None = None
        self.is_doubled: Mask = np.zeros(self.size, dtype=bool)
        self._read: dict[Reading, tuple[Column, Values]] = {}
        self._unread: dict[str, Mask] = {}

    def interpret_column(self, reading: Reading) -> tuple[Column, Values]:
        """The column of a reading with its distinct values as read."""
        if reading not in self._read:
            interpreter = self.mapper.interpreters.setdefault(reading, Interpreter(reading))
            column = self.columns[reading.column]
            self._read[reading] = column, interpreter(column.distinct)
        return self._read[reading]

    def build_entity(self, builder: EntityBuilder, rows: Positions) -> pa.RecordBatch:
        """The rows of one entity, with findings for parts of a value that could not be read."""
        filled = self._select_filled(builder.plan.when, rows)
        built = builder.build(self.keys, self.numbers, filled, self.interpret_column)
        self._report_parts(builder)
        return built

    def sift_rows(self) -> tuple[Mask, Mask]:
        """The rows that are used, and those that repeat an earlier row word for word.

        The other rows are rejected, with findings.
        """
        seed = derive_seed(self.plan.name)
        cells = combine_hashes(seed, [c.hashes for c in self.columns.values()], self.size)
        repeated = self.mapper.rows_seen.check(cells)
        self._add_findings(repeated, None, "repeated")
        alive = ~repeated
        alive &= ~self._read_keys(alive)
        for entity in self.plan.entities:
            alive &= ~self._find_unfit(entity, alive)
        if self.plan.entities:
            alive &= ~self._find_delivered(alive)
        if self.plan.unique:
            alive &= ~self._find_doubled(alive)
        return alive, repeated

    def list_rejected_consents(self, rejected: Mask) -> list[RejectedConsent]:
        """The rejected rows, where the table has consents."""
        places = self.plan.consents
        if places is None or self.plan.groups or not rejected.any():
            return []
        plan = self.plan.find_entity("consent")
        # A row of a form that is empty is a form all the same; one without a release is none.
        is_form = plan is not None and not plan.when
        rows = pa.array(np.flatnonzero(rejected))
        cells = {n: c.cells.take(rows).to_pylist() for n, c in self.columns.items()}
        persons: list[str | None] = [None] * len(rows)
        if places.person:
            persons = (
                take_values(*self.interpret_column(places.person), None).take(rows).to_pylist()
            )
        return [
            RejectedConsent(
                person,
                tuple(column[at] for column in cells.values()),
                is_form or any(cells[name][at].strip() for name in places.columns),
            )
            for at, person in enumerate(persons)
        ]

    def list_emptied_consents(self, rows: Positions) -> pa.StringArray | None:
        """The keys of the consents that the used rows would make if they were filled."""
        plan = self.plan.find_entity("consent")
        if plan is None or not plan.when:
            return None
        emptied = np.setdiff1d(rows, self._select_filled(plan.when, rows))
        return list_keys(plan, self.keys, emptied, self.interpret_column)

    def list_withheld(self, rejected: Mask) -> dict[str, pa.StringArray]:
        """The keys of the records, by entity, that the rejected rows would make.

        They are delivered, though nobody can read how they are now.
        """
        rows = np.flatnonzero(rejected & ~self.keyless & ~self.is_doubled)
        if not len(rows):
            return {}
        return {
            plan.entity: pc.unique(list_keys(plan, self.keys, rows, self.interpret_column))
            for plan in self.plan.entities
        }

    def list_torn_keys(self, rejected: Mask) -> dict[str, pa.RecordBatch]:
        """What is read of the keys of several columns, by entity, where not all of them are.

        A day that a key begins with, and that there is not, tells as little as an empty cell.
        """
        rows = np.flatnonzero(rejected & ~self.is_doubled)
        found = {}
        for plan in self.plan.entities:
            key = plan.key or self.plan.key
            unread = [self._unread.get(part.column, self.is_doubled)[rows] for part in key]
            torn = np.logical_or.reduce(unread)
            if len(key) > 1 and torn.any():
                parts = read_key_parts(key, rows[torn], self.interpret_column)
                found[plan.entity] = describe_torn(parts, [each[torn] for each in unread])
        return found

    def _note_unread(self, column: str, unread: Mask) -> None:
        self._unread[column] = self._unread.get(column, unread) | unread

    def describe_nameless(
        self, builders: Sequence[EntityBuilder], rejected: Mask
    ) -> dict[str, pa.RecordBatch]:
        """What the rejected rows without a key say of a person or record, which may be known."""
        rows = np.flatnonzero(rejected & self.keyless)
        telling = [b for b in builders if b.plan.entity in TELLING and not b.plan.each]
        if not len(rows):
            return {}
        return {
            b.plan.entity: b.build(self.keys, self.numbers, rows, self.interpret_column)
            for b in telling
        }

    def doubt_groups(self) -> list[RejectedConsent]:
        """Sets the keys of consents in another table with a data group here that is doubtful.

        Returns what is doubtful without the key of a consent, which may be a part of any. Groups
        that are understood only permit: a row of them that is rejected hides nothing.
        """
        plan, mark = self.plan.find_entity("consent_data_group"), self.plan.groups
        if plan is None or mark is None:
            return []
        marked = mark_rows(mark, np.arange(self.size), self.interpret_column)
        rows = np.flatnonzero(marked)
        keys = list_keys(plan, self.keys, rows, self.interpret_column)
        named = keys.filter(pc.not_equal(pc.utf8_trim(keys, "/"), ""))
        self.doubted = pc.unique(named)
        return [RejectedConsent(None, ())] * (len(keys) - len(named))

    def _read_keys(self, alive: Mask) -> Mask:
        """Sets the keys of the rows; the rows without a usable key, with findings."""
        # A deletion without a key names nothing that is known, and nobody can correct it.
        rule = "nothing_named" if self.plan.only_names else "key_missing"
        missing = np.zeros(self.size, dtype=bool)
        parts = []
        for reading in self.plan.key:
            missing |= self._check_readable(reading, alive & ~missing)
            missing |= self._check_named(reading, alive & ~missing)
            part = take_values(*self.interpret_column(reading), None)
            empty = pc.is_null(part).to_numpy(zero_copy_only=False)
            self._add_findings(alive & empty & ~missing, reading.column, rule)
            missing |= empty
            self._note_unread(reading.column, empty)
            parts.append(part)
        self.keys = join_keys(parts)
        too_long = self._check_length(self.keys, alive & ~missing, self.plan.key[0].column)
        self.keyless = missing | too_long
        return self.keyless

    def _check_readable(self, reading: Reading, alive: Mask) -> Mask:
        """The rows whose part of a key cannot be read as it was written, with findings."""
        column, values = self.interpret_column(reading)
        if values.rules is None or reading.kind != "text":
            return np.zeros(self.size, dtype=bool)
        rules = column.spread_values(values.rules)
        told_as = {ROUNDED: "key_rounded", STAND_IN: "key_stand_in"}
        for number, name in enumerate(values.rule_names, start=1):
            rule = told_as.get(name, "key_unreadable")
            self._add_findings(alive & (rules == number), column.name, rule)
        self._note_unread(column.name, rules > 0)
        return rules > 0

    def _check_named(self, reading: Reading, alive: Mask) -> Mask:
        """The rows whose part of the table's key names nothing, with findings."""
        if reading.kind != "text":
            return np.zeros(self.size, dtype=bool)
        column, values = self.interpret_column(reading)
        nothing = find_stand_ins(values.values, is_part=len(self.plan.key) > 1)
        nothing = column.spread_values(nothing)
        self._add_findings(alive & nothing, column.name, "key_stand_in")
        self._note_unread(column.name, nothing)
        return nothing

    def _check_length(self, keys: pa.StringArray, alive: Mask, column: str) -> Mask:
        """The rows with a longer key than the store takes, with findings."""
        too_long = find_long(keys, KEY_LENGTH)
        if too_long is None:
            return np.zeros(self.size, dtype=bool)
        self._add_findings(alive & too_long, column, "key_too_long")
        return too_long

    def _find_unfit(self, entity: EntityPlan, alive: Mask) -> Mask:
        """The rows of which the store would refuse a row of the entity, with findings."""
        made = np.zeros(self.size, dtype=bool)
        made[self._select_filled(entity.when, np.arange(self.size))] = True
        unfit = np.zeros(self.size, dtype=bool)
        for field in entity.fields:
            if field.required or field.mandatory:
                needing = np.ones(self.size, dtype=bool) if field.required else made
                unfit |= needing & self._check_required(field, alive & needing & ~unfit)
        for reading in entity.key:
            unfit |= made & self._check_readable(reading, alive & made & ~unfit)
        if entity.key:
            keys = join_record_key(entity, np.arange(self.size), self.interpret_column)
            unfit |= made & self._check_length(keys, alive & made & ~unfit, entity.key[0].column)
        return unfit

    def _select_filled(self, when: Sequence[str], rows: Positions) -> Positions:
        """Those of ``rows`` in which a column of ``when`` is filled (all without ``when``)."""
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
        """Adds findings for values that were set aside, in rows that are used."""
        for entity in self.plan.entities:
            for reading in _reported_readings(entity):
                self.interpret_column(reading)
        # Two fields may read a column differently: a row of it is told once.
        told: dict[str, Mask] = {}
        for reading, (column, values) in self._read.items():
            if values.rules is None or not reading.report:
                continue
            rules = column.spread_values(values.rules)
            untold = alive & ~told.get(column.name, np.zeros(self.size, dtype=bool))
            for number, rule in enumerate(values.rule_names, start=1):
                self._add_findings(untold & (rules == number), column.name, rule)
            told[column.name] = ~untold | (rules > 0)
        self._count_codes(alive)
        self._report_doubts(alive, told)
        for entity in self.plan.entities:
            self._report_days(entity, alive)

    def _count_codes(self, alive: Mask) -> None:
        """Counts the cells with codes; one that a reading of two understands is understood."""
        rows = np.flatnonzero(alive)
        unknown: dict[str, int] = {}
        for reading, (column, values) in self._read.items():
            if reading.is_closed and reading.report:
                broken = int(_find_broken(column, values, UNKNOWN_CODE, self.size)[rows].sum())
                unknown[column.name] = min(unknown.get(column.name, broken), broken)
        self.mapper.unknown.update(unknown)
        filled = {name: len(self._select_filled([name], rows)) for name in unknown}
        self.mapper.filled.update(filled)

    def _report_doubts(self, alive: Mask, told: Mapping[str, Mask]) -> None:
        """Adds findings for texts that are kept though their letters may be those of others."""
        texts = {r.column for r in self._read if r.read is None and r.report}
        for name in sorted(texts):
            column = self.columns[name]
            doubtful = find_doubtful(column.distinct)
            if doubtful is not None:
                rows = column.spread_values(doubtful)
                self._add_findings(rows & alive & ~told.get(name, ~alive), name, DOUBTFUL)

    def _report_days(self, entity: EntityPlan, alive: Mask) -> None:
        """Adds findings for days before their begin, and for cases whose end is in doubt."""
        rows = self._select_filled(entity.when, np.flatnonzero(alive))
        for field in entity.fields:
            if field.order and field.reading and field.reading == field.order.end:
                self._report_rows(
                    rows[find_disorder(field.order, rows, self.interpret_column)],
                    field.reading.column,
                    BEFORE_BEGIN,
                )
        mark = entity.mark
        if mark and entity.entity == "case":
            marked = mark_rows(mark, rows, self.interpret_column)
            self._report_rows(rows[marked], mark.readings[0].column, "case_end_unreadable")

    def _report_rows(self, rows: Positions, column: str, rule: str) -> None:
        where = np.zeros(self.size, dtype=bool)
        where[rows] = True
        self._add_findings(where, column, rule)

    def _report_parts(self, builder: EntityBuilder) -> None:
        # A part of a value is, for example, the level beside a language. One finding per row.
        for rows, rule, column in builder.troubles:
            where = np.zeros(self.size, dtype=bool)
            where[rows] = True
            self._add_findings(where, column, rule)

    def _check_required(self, field: FieldPlan, alive: Mask) -> Mask:
        """The rows in which a required field is missing or unreadable, with findings."""
        if field.reading is None:
            return self._check_constant(field, alive)
        column, values = self.interpret_column(field.reading)
        empty = pc.is_null(values.values).to_numpy(zero_copy_only=False)
        broken = np.zeros(len(empty), bool) if values.rules is None else values.rules > 0
        if column.spread is not None:
            empty, broken = empty[column.spread], broken[column.spread]
        is_date = pa.types.is_date(field.type)
        wrong = self._find_implausible(field, column, values) if is_date else empty & False
        rule = "required_date_unreadable" if is_date else "required_unreadable"
        self._add_findings(alive & wrong, column.name, "required_date_implausible")
        self._add_findings(alive & broken & ~wrong, column.name, rule)
        self._add_findings(alive & empty & ~broken, column.name, "required_missing")
        unread = np.asarray(empty | broken | wrong)
        self._note_unread(column.name, unread)
        return unread

    def _find_implausible(self, field: FieldPlan, column: Column, values: Values) -> Mask:
        """The rows with a day that there is, but that the field cannot hold."""
        wrong = np.zeros(self.size, dtype=bool)
        if values.rules is not None:
            names = enumerate(values.rule_names, start=1)
            found = np.isin(values.rules, [n for n, rule in names if rule in IMPLAUSIBLE])
            wrong = column.spread_values(found)
        if field.order:
            wrong = wrong | find_disorder(field.order, np.arange(self.size), self.interpret_column)
        return wrong

    def _check_constant(self, field: FieldPlan, alive: Mask) -> Mask:
        """All rows, with findings, where a required value is not usable above the table."""
        if field.constant is not None:
            return np.zeros(self.size, dtype=bool)
        is_missing = field.broken in (None, "preamble_missing")
        rule = "required_missing" if is_missing else "required_unreadable"
        self.findings.add(self.numbers.filter(pa.array(alive)), field.origin, rule)
        return np.ones(self.size, dtype=bool)

    def report_constants(self, told: set[Place]) -> None:
        """Adds findings for values above the table that were set aside, unless ``told`` before."""
        for entity in self.plan.entities:
            for field in entity.fields:
                place = field.origin, field.broken
                if field.broken and not (field.required or field.mandatory or place in told):
                    told.add(place)
                    self.findings.add([None], field.origin, field.broken)

    def _find_doubled(self, alive: Mask) -> Mask:
        """The rows whose key an earlier row has, with findings."""
        doubled = np.zeros(self.size, dtype=bool)
        rows = np.flatnonzero(alive)
        hashes = hash_texts(self.keys.take(pa.array(rows)))
        doubled[rows] = self.mapper.keys_seen.find_repeated(hashes)
        self._reject_doubled(doubled, "weiter oben in dieser Datei")
        return doubled

    def _find_delivered(self, alive: Mask) -> Mask:
        """The rows whose key is in a file before this one, with findings that name it."""
        found = np.zeros(self.size, dtype=bool)
        if not self.mapper.keys_seen.several:
            return found
        rows = np.flatnonzero(alive)
        hashes = hash_texts(self.keys.take(pa.array(rows)))
        found[rows] = self.mapper.keys_seen.find_earlier(hashes)
        files = self.mapper.keys_seen.name_files(hashes[found[rows]])
        self.in_files = sorted(set(files))
        for name in self.in_files:
            same = np.zeros(self.size, dtype=bool)
            same[np.flatnonzero(found)] = [file == name for file in files]
            self._reject_doubled(same, f"in der Datei „{name}“")
        return found

    def _reject_doubled(self, doubled: Mask, reason: str) -> None:
        # The record of such a row is there, by the earlier row.
        self.is_doubled |= doubled
        keys = self.keys.filter(pa.array(doubled))
        self.doubled = keys if self.doubled is None else pa.concat_arrays([self.doubled, keys])
        self._add_findings(doubled, self.plan.key[0].column, "key_repeated", reason)

    def _add_findings(
        self, where: Mask, column: str | None, rule: str, reason: str | None = None
    ) -> None:
        rows = np.flatnonzero(where)
        if len(rows):
            at = pa.array(rows)
            values = self.columns[column].cells.take(at) if column else None
            self.findings.add(self.numbers.take(at), column, rule, values, reason)


def _find_broken(column: Column, values: Values, rule: str, size: int) -> Mask:
    """The rows whose value breaks a rule."""
    if values.rules is None or rule not in values.rule_names:
        return np.zeros(size, dtype=bool)
    broken = values.rules == values.rule_names.index(rule) + 1
    return column.spread_values(broken)


def _reported_readings(entity: EntityPlan) -> list[Reading]:
    """The readings whose broken rules set a value aside; a required field rejects the row."""
    readings = [f.reading for f in entity.fields if f.reading and not (f.required or f.mandatory)]
    if entity.each is None:
        return readings
    return [*readings, *entity.each.cells, *(reading for reading, _ in entity.each.ticked)]
