"""Turns a checked mapping into the plan the engine runs: each column's reading chosen by the type and code list of its field."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pyarrow as pa
from sqlalchemy import Boolean, Column, Date, Integer, Numeric
from sqlalchemy.types import TypeEngine

from mappings import code_lists
from mappings.code_lists import CodeList
from mappings.engine.codes import code_reader, codes_reader, texts_reader
from mappings.engine.column_reader import Reading
from mappings.engine.dates import date_reader
from mappings.engine.outcome import Outcome
from mappings.engine.plan import EachPlan, EntityPlan, FieldPlan, TablePlan
from mappings.engine.scalars import flag_reader, read_minutes, read_number
from mappings.source_mapping import SourceMapping, collect_columns
from mappings.source_yaml import EachPart, EntityPart, FieldPart, TablePart
from warehouse.schema import ENTITIES, Entity


class Compiler:
    """Compiles the tables of one mapping for one delivery.

    ``municipalities`` is the district's list; ``on`` the day of the delivery, behind which no birth can lie; ``preamble`` what
    stood above the table.
    """

    def __init__(self, mapping: SourceMapping, municipalities: CodeList, on: date) -> None:
        self.mapping = mapping
        self.lists = {"municipality": municipalities}
        self.on = on
        self._made: dict[Any, Reading] = {}

    def compile_table(self, name: str, preamble: Mapping[str, str]) -> TablePlan:
        """The plan of one table of a file."""
        part = self.mapping.file.tables[name]
        entities = [
            self._compile_entity(kind, ENTITIES[kind], p, preamble)
            for kind, p in part.feeds.items()
        ]
        return TablePlan(
            name=name,
            key=tuple(self._shared_reading(c, "text", None) for c in part.key),
            unique=has_unique_keys(part),
            entities=tuple(entities),
            columns=frozenset(collect_columns(part)),
            optional=frozenset(part.optional_columns),
            ends=tuple(part.ends),
            keeps=tuple(part.keeps),
        )

    def _compile_entity(
        self, name: str, kind: Entity, part: EntityPart, preamble: Mapping[str, str]
    ) -> EntityPlan:
        fields = tuple(
            self._compile_field(kind.table.columns[f], s, preamble) for f, s in part.fields.items()
        )
        coded = {
            p.reading.column: p.reading for p in fields if p.reading and p.reading.kind == "code"
        }
        key = tuple(coded.get(c) or self._shared_reading(c, "text", None) for c in part.key)
        each = self._compile_each(kind, part.each) if part.each else None
        return EntityPlan(name, fields, key, tuple(part.when), kind.owner, each)

    def _compile_field(
        self, column: Column[Any], spec: FieldPart, preamble: Mapping[str, str]
    ) -> FieldPlan:
        type_ = arrow_type(column.type)
        if spec.column is None:
            return FieldPlan(
                column.name, type_, constant=self._read_constant(column, spec, preamble)
            )
        conditions = tuple(
            (self._condition_reading(c, column.table), frozenset(v))
            for c, v in spec.only_if.items()
        )
        reading = self._read_as(column, spec)
        return FieldPlan(column.name, type_, reading, required=spec.required, only_if=conditions)

    def _read_constant(
        self, column: Column[Any], spec: FieldPart, preamble: Mapping[str, str]
    ) -> object:
        if spec.preamble is None:
            return spec.constant
        text = preamble.get(spec.preamble, "")
        reading = self._read_as(column, spec.model_copy(update={"column": spec.preamble}))
        return reading.read(text).value if reading.read else text or None

    def _condition_reading(self, column: str, table: Any) -> Reading:
        # The condition is on the meaning: read the column as the field of this entity that takes it, else as plain text.
        for part in (p for t in self.mapping.file.tables.values() for p in t.feeds.items()):
            if ENTITIES[part[0]].table is table:
                for name, spec in part[1].fields.items():
                    if spec.column == column and table.columns[name].info["codes"]:
                        return self._read_as(table.columns[name], spec)
        return self._shared_reading(column, "text", None)

    def _read_as(self, column: Column[Any], spec: FieldPart) -> Reading:
        assert spec.column is not None
        kind = spec.as_ or _reading_kind(column, spec)
        serial = self.mapping.file.serial_dates if spec.serial is None else spec.serial
        if kind == "date":
            return self._shared_reading(
                spec.column,
                kind,
                pa.date32(),
                date_reader(serial=serial, past=spec.past, today=self.on),
                (serial, spec.past),
            )
        if kind == "unreadable":
            return self._shared_reading(
                spec.column,
                kind,
                pa.bool_(),
                _flag_unreadable(date_reader(serial=serial)),
                (serial,),
                report=False,
            )
        if kind == "code":
            spellings = self._code_list(
                spec.codes or column.info["codes"], {k: str(v) for k, v in spec.values.items()}
            ).spellings
            return self._shared_reading(
                spec.column,
                kind,
                pa.string(),
                code_reader(spellings),
                (column.info["codes"], *spec.values.items()),
            )
        if kind == "flag":
            values = {k: bool(v) for k, v in spec.values.items()}
            empty = spec.empty if isinstance(spec.empty, bool) else None
            return self._shared_reading(
                spec.column, kind, pa.bool_(), flag_reader(values, empty), (empty, *values.items())
            )
        if kind == "minutes":
            return self._shared_reading(spec.column, kind, pa.int32(), read_minutes)
        if kind == "number":
            return self._shared_reading(spec.column, kind, pa.float64(), read_number)
        return self._shared_reading(spec.column, "text", None)

    def _compile_each(self, kind: Entity, part: EachPart) -> EachPlan:
        field = kind.each[0]
        codes = kind.table.columns[field].info["codes"]
        if part.columns:
            flags = {
                c: self._shared_reading(c, "flag", pa.bool_(), flag_reader({}, None), (None,))
                for c in part.columns
            }
            return EachPlan(
                field, ticked=tuple((flags[c], code) for c, code in part.columns.items())
            )
        assert part.column is not None
        many = pa.list_(pa.string())
        if codes and not part.pattern:
            spellings = self._code_list(codes, part.values).spellings
            reading = self._shared_reading(
                part.column,
                "codes",
                many,
                codes_reader(spellings, part.split),
                (*part.split, *part.values.items()),
                many=True,
            )
            return EachPlan(field, reading)
        reading = self._shared_reading(
            part.column, "texts", many, texts_reader(part.split), tuple(part.split), many=True
        )
        parts = tuple(
            self._compile_field(c, FieldPart.model_validate({"column": c.name}), {})
            for c in kind.table.columns
            if f"?P<{c.name}>" in (part.pattern or "")
        )
        return EachPlan(field, reading, pattern=part.pattern, parts=parts)

    def _code_list(self, name: str, more: Mapping[str, str]) -> CodeList:
        found = self.lists.get(name) or code_lists.load_code_list(name)
        return found.with_spellings(more) if more else found

    def _shared_reading(
        self,
        column: str,
        kind: str,
        type_: pa.DataType | None,
        read: Any = None,
        how: tuple[Any, ...] = (),
        *,
        many: bool = False,
        report: bool = True,
    ) -> Reading:
        # Two fields that read a column alike share one reading, so that its values are interpreted once.
        key = (column, kind, how)
        return self._made.setdefault(
            key, Reading(column, kind, type_ or pa.string(), read, many, report)
        )


def arrow_type(type_: TypeEngine[Any]) -> pa.DataType:
    """The Arrow type in which the engine hands over a column of the schema."""
    if isinstance(type_, Date):
        return pa.date32()
    if isinstance(type_, Boolean):
        return pa.bool_()
    if isinstance(type_, Integer):
        return pa.int32()
    return pa.float64() if isinstance(type_, Numeric) else pa.string()


def has_unique_keys(table: TablePart) -> bool:
    """Whether a key may be in one row of the table only."""
    # A recycle bin may hold several objects of one key: a key that only names a record may be in any number of rows.
    return bool(table.feeds) and not any(part.several_rows for part in table.feeds.values())


def find_companions(table: TablePart) -> dict[str, tuple[str, ...]]:
    """Main record → entities of other records that share its row and key (a release noted on a profile).

    The source keeps them together, so the main record counts as changed with them.
    """
    together = [name for name, part in table.feeds.items() if not part.key]
    records = [name for name in together if ENTITIES[name].is_record]
    return (
        {records[0]: tuple(n for n in together if ENTITIES[n].record != records[0])}
        if len(records) > 1
        else {}
    )


def _reading_kind(column: Column[Any], spec: FieldPart) -> str:
    if spec.codes or column.info["codes"]:
        return "code"
    kinds = {pa.date32(): "date", pa.bool_(): "flag", pa.int32(): "minutes", pa.float64(): "number"}
    return kinds.get(arrow_type(column.type), "text")


def _flag_unreadable(read: Any) -> Any:
    def flag_text(text: str) -> Outcome:
        rule = read(text).rule
        return Outcome(
            True if rule in ("impossible_date", "unreadable_date", "imprecise_date") else None
        )

    return flag_text
