"""Building the rows of one entity out of the columns of a batch. Rejecting rows and finding repeats is done before, in table.py."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mappings.engine.clean import clean_column
from mappings.engine.column import Column, Positions
from mappings.engine.column_reader import Interpreter, Reading, Values
from mappings.engine.hashes import NULL, Hashes, combine_hashes, derive_seed, hash_texts
from mappings.engine.plan import EachPlan, EntityPlan, FieldPlan

UNIT = "\x1f"
Interpret = Callable[[Reading], tuple[Column, Values]]


@dataclass
class EntityRows:
    """Rows of an entity while they are built: where in the batch each comes from, and its fields with their hashes."""

    parents: Positions
    fields: dict[str, pa.Array]
    hashes: list[Hashes]


class EntityBuilder:
    """Makes the record batches of one entity; remembers what its patterns gave."""

    def __init__(self, plan: EntityPlan) -> None:
        self.plan = plan
        self._seed = derive_seed(plan.entity)
        self._parts = {
            part.name: Interpreter(part.reading)
            for part in (plan.each.parts if plan.each else ())
            if part.reading
        }
        self._groups: dict[str, dict[str, str]] = {}
        self.troubles: list[tuple[Positions, str]] = []

    def build(
        self, keys: pa.StringArray, numbers: pa.Array, rows: Positions, interpret: Interpret
    ) -> pa.RecordBatch:
        """Rows of the entity for the batch's usable ``rows``.

        ``keys`` are the table's keys and ``numbers`` the visible row numbers, both for the whole batch. Afterwards ``troubles``
        holds (rows, rule) for parts of a value that could not be read.
        """
        plan = self.plan
        self.troubles = []
        made = (
            EntityRows(rows, {}, [])
            if plan.each is None
            else self._build_each(plan.each, rows, interpret)
        )
        for part in plan.fields:
            made.fields[part.name], hashes = self._build_field(part, made.parents, interpret)
            made.hashes.append(hashes)
        record = (
            _joined_key(plan.key, made.parents, interpret)
            if plan.key
            else keys.take(pa.array(made.parents))
        )
        key = record
        if plan.each is not None:
            names = [part.name for part in plan.each.parts if part.name == plan.each.field] or [
                plan.each.field
            ]
            key = pc.binary_join_element_wise(record, *(made.fields[n] for n in names), UNIT)
        if plan.owner and plan.owner not in made.fields:
            made.fields[plan.owner] = record
        row_hash = combine_hashes(self._seed, made.hashes, len(made.parents)).view(np.int64)
        columns = {
            "source_key": key,
            "record_key": record,
            "row_hash": pa.array(row_hash),
            "source_row": numbers.take(pa.array(made.parents)),
            **made.fields,
        }
        built = pa.RecordBatch.from_pydict(columns)
        return built if plan.each is None or plan.each.is_plain else _keep_first(built)

    def _build_field(
        self, part: FieldPlan, rows: Positions, interpret: Interpret
    ) -> tuple[pa.Array, Hashes]:
        if part.reading is None:
            array = pa.array([part.constant], part.type).take(
                pa.array(np.zeros(len(rows), np.int64))
            )
            return array, np.full(len(rows), hash_texts([repr(part.constant)])[0])
        column, read = interpret(part.reading)
        values, at = take_values(column, read, rows), column.locate_rows(rows)
        hashes = read.hashes if at is None else read.hashes[at]
        for condition, allowed in part.only_if:
            actual = take_values(*interpret(condition), rows)
            mask = pc.fill_null(
                pc.is_in(actual, pa.array(sorted(allowed, key=str), actual.type)), False
            )
            values = pc.if_else(mask, values, pa.scalar(None, values.type))
            hashes = np.where(mask.to_numpy(zero_copy_only=False), hashes, NULL)
        return values, hashes

    def _build_each(self, each: EachPlan, rows: Positions, interpret: Interpret) -> EntityRows:
        if each.reading is None:
            return self._build_ticked(each, rows, interpret)
        column, values = interpret(each.reading)
        lists, at = values.values, column.locate_rows(rows)
        offsets = lists.offsets.to_numpy()
        first, counts = offsets[:-1][at], np.diff(offsets)[at]
        parents = np.repeat(rows, counts)
        # The place of each single value among those of the distinct cells, which are few: they are hashed instead of the rows.
        places = np.arange(len(parents)) + np.repeat(first - np.cumsum(counts) + counts, counts)
        flat = lists.values.take(pa.array(places))
        if each.pattern is None:
            return EntityRows(parents, {each.field: flat}, [hash_texts(lists.values)[places]])
        return self._build_matched(each, flat, parents)

    def _build_ticked(self, each: EachPlan, rows: Positions, interpret: Interpret) -> EntityRows:
        where, codes = [], []
        for reading, code in each.ticked:
            flags = take_values(*interpret(reading), rows)
            ticked = rows[pc.fill_null(flags, False).to_numpy(zero_copy_only=False)]
            where.append(ticked)
            codes += [code] * len(ticked)
        parents = np.concatenate(where)
        order = np.argsort(parents, kind="stable")
        values = pa.array(codes, pa.string()).take(pa.array(order))
        return EntityRows(parents[order], {each.field: values}, [hash_texts(values)])

    def _build_matched(
        self, each: EachPlan, flat: pa.StringArray, parents: Positions
    ) -> EntityRows:
        pattern = re.compile(each.pattern or "")
        texts = flat.to_pylist()
        for text in set(texts) - self._groups.keys():
            match = pattern.fullmatch(text)
            self._groups[text] = (
                {n: v or "" for n, v in match.groupdict().items()} if match else {each.field: text}
            )
        rows = EntityRows(parents, {}, [])
        for part in each.parts:
            values = self._parts[part.name](
                pa.array([self._groups[t].get(part.name, "") for t in texts], pa.string())
            )
            rows.fields[part.name] = values.values
            rows.hashes.append(values.hashes)
            if values.rules is not None:
                self.troubles += [
                    (parents[values.rules == n], r)
                    for n, r in enumerate(values.rule_names, start=1)
                ]
        return rows


def _keep_first(rows: pa.RecordBatch) -> pa.RecordBatch:
    """Each key once, its first row: two ticked columns may stand for one code, a cell may name one language twice."""
    keys = rows.column("source_key")
    _, first = np.unique(hash_texts(pc.fill_null(keys, "")), return_index=True)
    if len(first) < rows.num_rows:
        rows = rows.take(pa.array(np.sort(first)))
    return rows.filter(pc.is_valid(rows.column("source_key"))) if keys.null_count else rows


def take_values(column: Column, values: Values, rows: Positions | None) -> pa.Array:
    """The values of ``rows`` (None: all)."""
    at = column.locate_rows(rows)
    return values.values if at is None else values.values.take(pa.array(at))


def _joined_key(
    readings: tuple[Reading, ...], rows: Positions, interpret: Interpret
) -> pa.StringArray:
    parts = []
    for reading in readings:
        column, values = interpret(reading)
        array = take_values(column, values, rows)
        if reading.kind == "code":
            # A label that is no known code still has to tell two goals apart, but must not stand in a key in plain text.
            hashes = hash_texts(pc.utf8_lower(clean_column(column.distinct)))
            at = column.locate_rows(rows)
            hashes = hashes if at is None else hashes[at]
            stand_in = pa.array([f"~{h:016x}" for h in hashes], pa.string())
            array = pc.if_else(pc.is_valid(array), array, stand_in)
        parts.append(pc.fill_null(array, ""))
    if len(parts) == 1:
        return parts[0]
    return pc.binary_join_element_wise(*parts, "/")
