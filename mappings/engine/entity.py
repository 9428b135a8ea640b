"""Builds the rows of one entity from the columns of a batch."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mappings.engine.clean import clean_column
from mappings.engine.codes import TOO_LONG
from mappings.engine.column import Column
from mappings.engine.column_reader import Interpreter, Reading, Values, find_long
from mappings.engine.hashes import (
    NULL,
    Hashes,
    Mask,
    Positions,
    combine_hashes,
    derive_seed,
    hash_texts,
)
from mappings.engine.plan import EachPlan, EntityPlan, FieldPlan, MarkPlan, OrderPlan
from warehouse.schema.columns import KEY_LENGTH

UNIT = "\x1f"
INCOMPLETE = "key_incomplete"
Interpret = Callable[[Reading], tuple[Column, Values]]


@dataclass
class EntityRows:
    """Rows of an entity while they are built: their rows in the batch, and fields with hashes."""

    parents: Positions
    fields: dict[str, pa.Array]
    hashes: list[Hashes]

    def add(self, name: str, values: pa.Array, hashes: Hashes) -> None:
        """Adds one field."""
        self.fields[name] = values
        self.hashes.append(hashes)


class EntityBuilder:
    """Makes the record batches of one entity; remembers how its pattern matched a text."""

    def __init__(self, plan: EntityPlan) -> None:
        self.plan = plan
        self._seed = derive_seed(plan.entity)
        parts = plan.each.parts if plan.each else ()
        self._parts = {part.name: Interpreter(part.reading) for part in parts if part.reading}
        self._groups: dict[str, dict[str, str]] = {}
        self.troubles: list[tuple[Positions, str, str]] = []

    def build(
        self, keys: pa.StringArray, numbers: pa.Array, rows: Positions, interpret: Interpret
    ) -> pa.RecordBatch:
        """Rows of the entity for the batch's usable ``rows``.

        ``keys`` are the table's keys and ``numbers`` the visible row numbers, both for the whole
        batch. Afterwards ``troubles`` holds (rows, rule, column) for parts of a value that could not be
        read.
        """
        plan = self.plan
        self.troubles = []
        built = self._build_each(rows, interpret)
        for field in plan.fields:
            built.add(field.name, *_build_field(field, built.parents, interpret))
            if field.within and field.reading:
                self._report_incomplete(field.reading, built.fields[field.name], built, interpret)
        at = pa.array(built.parents)
        record = list_keys(plan, keys, built.parents, interpret)
        key = _extend_key(record, plan.each, built) if plan.each else record
        if plan.owner and plan.owner not in built.fields:
            built.fields[plan.owner] = record
        row_hash = self._hash_rows(built, interpret)
        columns = {
            "source_key": key,
            "record_key": record,
            "row_hash": row_hash,
            "source_row": numbers.take(at),
            **built.fields,
        }
        batch = pa.RecordBatch.from_pydict(columns)
        fit = self._find_fit(plan.each, key, built.parents) if plan.each else None
        return batch if fit is None or fit.all() else batch.filter(pa.array(fit))

    def _find_fit(self, each: EachPlan, keys: pa.StringArray, parents: Positions) -> Mask:
        """The rows whose key is not too long for the store, not empty and not there already."""
        fit: Mask = np.ones(len(parents), dtype=bool)
        too_long = find_long(keys, KEY_LENGTH)
        if too_long is not None:
            self._add_trouble(parents[too_long], TOO_LONG)
            fit = ~too_long
        return fit if each.is_plain else fit & _find_first(keys)

    def _hash_rows(self, built: EntityRows, interpret: Interpret) -> pa.Int64Array:
        """The hashes of the rows; the mark, if there is one, is added to the fields."""
        hashes = combine_hashes(self._seed, built.hashes, len(built.parents)).view(np.int64)
        mark = self.plan.mark
        if mark:
            marked = mark_rows(mark, built.parents, interpret)
            built.fields[mark.name] = pc.if_else(pa.array(marked), True, None)
            hashes = np.where(marked, ~hashes, hashes)
        return pa.array(hashes)

    def _build_each(self, rows: Positions, interpret: Interpret) -> EntityRows:
        """One row per value of ``each``, with these values; without ``each`` one row per row."""
        each = self.plan.each
        if each is None:
            return EntityRows(rows, {}, [])
        if each.reading is None:
            return self._build_ticked(each, rows, interpret)
        if each.further:
            return self._build_several(each, rows, interpret)
        parents, flat, hashes = _spread_values(each.reading, rows, interpret)
        if each.within:
            return self._build_within(each, flat, parents, interpret)
        if each.pattern is None:
            return EntityRows(parents, {each.field: flat}, [hashes])
        return self._build_matched(each, flat, parents)

    def _build_several(self, each: EachPlan, rows: Positions, interpret: Interpret) -> EntityRows:
        """The values of several columns, those of one row together."""
        spread = [_spread_values(reading, rows, interpret) for reading in each.cells]
        parents = np.concatenate([one for one, _, _ in spread])
        order = np.argsort(parents, kind="stable")
        values = pa.concat_arrays([flat for _, flat, _ in spread]).take(pa.array(order))
        hashes = np.concatenate([hashed for _, _, hashed in spread])
        return EntityRows(parents[order], {each.field: values}, [hashes[order]])

    def _build_within(
        self, each: EachPlan, flat: pa.StringArray, parents: Positions, interpret: Interpret
    ) -> EntityRows:
        """The values with what stands before them in a key; without it they name nobody."""
        keys = _join_within(each.within, flat, parents, interpret)
        whole = pc.is_valid(keys).to_numpy(zero_copy_only=False)
        if not whole.all():
            self._add_trouble(parents[~whole], INCOMPLETE)
        kept = keys.filter(pa.array(whole))
        return EntityRows(parents[whole], {each.field: kept}, [hash_texts(kept)])

    def _report_incomplete(
        self, reading: Reading, keys: pa.StringArray, built: EntityRows, interpret: Interpret
    ) -> None:
        own = take_values(*interpret(reading), built.parents)
        lost = pc.and_(pc.is_valid(own), pc.is_null(keys)).to_numpy(zero_copy_only=False)
        if lost.any():
            self.troubles.append((built.parents[lost], INCOMPLETE, reading.column))

    def _add_trouble(self, rows: Positions, rule: str) -> None:
        """Notes a trouble in the column of ``each``."""
        each = self.plan.each
        assert each is not None
        reading = each.reading or each.ticked[0][0]
        self.troubles.append((rows, rule, reading.column))

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
        texts = flat.to_pylist()
        self._match_texts(each, set(texts))
        rows = EntityRows(parents, {}, [])
        for part in each.parts:
            found = [self._groups[text].get(part.name, "") for text in texts]
            values = self._parts[part.name](pa.array(found, pa.string()))
            rows.add(part.name, values.values, values.hashes)
            if values.rules is not None:
                for number, rule in enumerate(values.rule_names, start=1):
                    self._add_trouble(parents[values.rules == number], rule)
        return rows

    def _match_texts(self, each: EachPlan, texts: set[str]) -> None:
        """Splits new texts by the pattern's groups; without a match the text is the value."""
        pattern = re.compile(each.pattern or "")
        for text in texts - self._groups.keys():
            match = pattern.fullmatch(text)
            self._groups[text] = match.groupdict("") if match else {each.field: text}


def _spread_values(
    reading: Reading, rows: Positions, interpret: Interpret
) -> tuple[Positions, pa.StringArray, Hashes]:
    """The values of a column with several in a cell: the row of each, the values, their hashes."""
    column, values = interpret(reading)
    lists, at = values.values, column.locate_rows(rows)
    offsets = lists.offsets.to_numpy()
    first, counts = offsets[:-1][at], np.diff(offsets)[at]
    parents = np.repeat(rows, counts)
    # The place of each single value among those of the distinct cells: there are fewer of them
    # than rows, so they are hashed instead.
    places = np.arange(len(parents)) + np.repeat(first - np.cumsum(counts) + counts, counts)
    return parents, lists.values.take(pa.array(places)), hash_texts(lists.values)[places]


def list_keys(
    plan: EntityPlan, table_keys: pa.StringArray, rows: Positions, interpret: Interpret
) -> pa.StringArray:
    """The keys of the records that the entity's rows belong to."""
    if plan.key:
        return join_record_key(plan, rows, interpret)
    return table_keys.take(pa.array(rows))


def join_record_key(plan: EntityPlan, rows: Positions, interpret: Interpret) -> pa.StringArray:
    """The keys of an entity that has a key of its own."""
    return join_keys(read_key_parts(plan.key, rows, interpret))


def read_key_parts(
    key: Sequence[Reading], rows: Positions, interpret: Interpret
) -> list[pa.StringArray]:
    """What the columns of a key say in these rows."""
    return [_key_part(reading, rows, interpret) for reading in key]


def describe_torn(parts: Sequence[pa.StringArray], unread: Sequence[Mask]) -> pa.RecordBatch:
    """What stands in keys before and behind all that could not be read (each row once)."""
    cells = zip(*(part.to_pylist() for part in parts), strict=True)
    masks = np.column_stack(unread).tolist()
    read = {
        (len(parts), mask.index(True), mask[::-1].index(True), *_join_ends(texts, mask))
        for texts, mask in zip(cells, masks, strict=True)
    }
    names = ["parts", "leading", "trailing", "before", "behind"]
    return pa.RecordBatch.from_pylist([dict(zip(names, row, strict=True)) for row in read])


def _join_ends(texts: Sequence[str | None], mask: Sequence[bool]) -> tuple[str, str]:
    before, behind = mask.index(True), len(mask) - mask[::-1].index(True)
    parts = [text or "" for text in texts]
    return "/".join(parts[:before]), "/".join(parts[behind:])


def _build_field(
    field: FieldPlan, rows: Positions, interpret: Interpret
) -> tuple[pa.Array, Hashes]:
    if field.reading is None:
        first = pa.array(np.zeros(len(rows), np.int64))
        array = pa.array([field.constant], field.type).take(first)
        return array, np.full(len(rows), hash_texts([repr(field.constant)])[0])
    column, read = interpret(field.reading)
    values, at = take_values(column, read, rows), column.locate_rows(rows)
    hashes = read.hashes if at is None else read.hashes[at]
    if field.within:
        values, hashes = _build_key(field.within, values, rows, interpret)
    for condition, allowed in field.only_if:
        mask = _meets_condition(take_values(*interpret(condition), rows), allowed)
        values = pc.if_else(mask, values, pa.scalar(None, values.type))
        hashes = np.where(mask.to_numpy(zero_copy_only=False), hashes, NULL)
    if field.order is None:
        return values, hashes
    return _put_in_order(field, values, hashes, find_disorder(field.order, rows, interpret))


def _put_in_order(
    field: FieldPlan, values: pa.Array, hashes: Hashes, before: Mask
) -> tuple[pa.Array, Hashes]:
    """The field without the days that lie before their begin; its doubt with them."""
    is_doubt = pa.types.is_boolean(field.type)
    instead = hash_texts([repr(True)])[0] if is_doubt else NULL
    other = pa.scalar(True if is_doubt else None, values.type)
    return pc.if_else(pa.array(before), other, values), np.where(before, instead, hashes)


def find_disorder(order: OrderPlan, rows: Positions, interpret: Interpret) -> Mask:
    """The rows in which the end lies before the begin."""
    begin, end = (take_values(*interpret(day), rows) for day in (order.begin, order.end))
    before: Mask = pc.fill_null(pc.less(end, begin), False).to_numpy(zero_copy_only=False)
    return before


def mark_rows(mark: MarkPlan, rows: Positions, interpret: Interpret) -> Mask:
    """The rows in which one of the readings is true."""
    marked = np.zeros(len(rows), dtype=bool)
    for reading in mark.readings:
        found = take_values(*interpret(reading), rows)
        marked |= pc.fill_null(found, False).to_numpy(zero_copy_only=False)
    for ticks in mark.rivals:
        flags = [take_values(*interpret(reading), rows) for reading in ticks]
        marked |= _is_any(flags, True) & _is_any(flags, False)
    for order in mark.orders:
        marked |= find_disorder(order, rows, interpret)
    return marked


def _is_any(flags: Sequence[pa.BooleanArray], value: bool) -> Mask:
    """The rows in which one of the flags has the value."""
    found = np.zeros(len(flags[0]), dtype=bool)
    for flag in flags:
        equal = pc.fill_null(pc.equal(flag, value), False)
        found |= equal.to_numpy(zero_copy_only=False)
    return found


def _meets_condition(values: pa.Array, allowed: frozenset[object]) -> pa.BooleanArray:
    wanted = pa.array(sorted(allowed, key=str), values.type)
    return pc.fill_null(pc.is_in(values, wanted), False)


def _extend_key(record: pa.StringArray, each: EachPlan, built: EntityRows) -> pa.StringArray:
    """The record's key with the value by which its rows differ."""
    return pc.binary_join_element_wise(record, built.fields[each.field], UNIT)


def _find_first(keys: pa.StringArray) -> Mask:
    """The rows that have a key, each key where it stands first.

    Two ticked columns may mean one code, and a cell may name one language twice.
    """
    _, first = np.unique(hash_texts(pc.fill_null(keys, "")), return_index=True)
    found = np.zeros(len(keys), dtype=bool)
    found[first] = True
    found &= pc.is_valid(keys).to_numpy(zero_copy_only=False)
    return found


def take_values(column: Column, values: Values, rows: Positions | None) -> pa.Array:
    """The values of ``rows`` (None: all)."""
    at = column.locate_rows(rows)
    return values.values if at is None else values.values.take(pa.array(at))


def join_keys(parts: Sequence[pa.StringArray]) -> pa.StringArray:
    """The keys that several columns make together; a missing part is empty."""
    filled = [pc.fill_null(part, "") for part in parts]
    return filled[0] if len(filled) == 1 else pc.binary_join_element_wise(*filled, "/")


def _build_key(
    within: Sequence[Reading], values: pa.StringArray, rows: Positions, interpret: Interpret
) -> tuple[pa.StringArray, Hashes]:
    keys = _join_within(within, values, rows, interpret)
    filled = pc.is_valid(keys).to_numpy(zero_copy_only=False)
    return keys, np.where(filled, hash_texts(pc.fill_null(keys, "")), NULL)


def _join_within(
    within: Sequence[Reading], values: pa.StringArray, rows: Positions, interpret: Interpret
) -> pa.StringArray:
    """The keys in which the values stand last, joined as the keys of a table are.

    Null where a part is missing: a row of the table without it is rejected.
    """
    before = [take_values(*interpret(reading), rows) for reading in within]
    return pc.binary_join_element_wise(*before, values, "/")


def _key_part(reading: Reading, rows: Positions, interpret: Interpret) -> pa.StringArray:
    column, values = interpret(reading)
    array = take_values(column, values, rows)
    if reading.kind != "code":
        return array
    # A label that is no known code still has to tell two goals apart, but must not be in a key in
    # plain text.
    hashes = hash_texts(pc.utf8_lower(clean_column(column.distinct)))
    at = column.locate_rows(rows)
    hashes = hashes if at is None else hashes[at]
    stand_in = pa.array([f"~{h:016x}" for h in hashes], pa.string())
    return pc.if_else(pc.is_valid(array), array, stand_in)
