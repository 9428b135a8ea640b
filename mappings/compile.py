"""Compiles a checked mapping into the plan that the engine runs."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from types import MappingProxyType
from typing import Any

import pyarrow as pa
from sqlalchemy import Boolean, Column, Date, Integer, Numeric
from sqlalchemy.types import TypeEngine

from mappings import code_lists
from mappings.code_lists import CodeList
from mappings.consent_terms import purpose_reader
from mappings.day_limits import NO_LIMITS, Limits, overlay_limits
from mappings.engine.clean import clean_line, fold_text
from mappings.engine.codes import code_reader, codes_reader, texts_reader
from mappings.engine.column_reader import Interpreter, Reading
from mappings.engine.dates import DAY_ZERO, date_reader, is_no_day
from mappings.engine.day_span import IMPLAUSIBLE, DaySpan, limit_days
from mappings.engine.outcome import Outcome, ReadText
from mappings.engine.plan import (
    ConsentColumns,
    EachPlan,
    EntityPlan,
    FieldPlan,
    MarkPlan,
    OrderPlan,
    TablePlan,
)
from mappings.engine.scalars import flag_reader, read_hours, read_minutes, read_number
from mappings.identity import number_reader
from mappings.source_mapping import SourceMapping, collect_columns
from mappings.source_yaml import EachPart, EntityPart, FieldPart, TablePart
from warehouse.schema import ENTITIES, PERSON_REFERENCES, Entity
from warehouse.schema.columns import KEY_LENGTH

# How a column of the schema is read, unless the mapping says otherwise; others are text.
READINGS = (
    (Date, pa.date32(), "date"),
    (Boolean, pa.bool_(), "flag"),
    (Integer, pa.int32(), "minutes"),
    (Numeric, pa.float64(), "number"),
)
_ENTITY_OF = {entity.table.name: entity.name for entity in ENTITIES.values()}
_UNREADABLE = "_unreadable"
# What a day breaks that somebody meant; a stand-in for none counts as none.
_DOUBTFUL_DAYS = (*IMPLAUSIBLE, "impossible_date", "imprecise_date", "unreadable_date")
# The day whose unreadable value is noted on the row, as the row would mean something else.
_MARKED = {"case": "ended_on"}
NUMBERS = {
    "minutes": (pa.int32(), read_minutes),
    "hours": (pa.int32(), read_hours),
    "number": (pa.float64(), read_number),
}


class Compiler:
    """Compiles the tables of one mapping for one delivery.

    ``municipalities`` is the district's list; ``on`` the day of the delivery, after which no birth
    can be; ``days`` the district's own limits of days. A field is read by its type and its code
    list, unless the mapping says how.
    """

    def __init__(
        self,
        mapping: SourceMapping,
        municipalities: CodeList,
        on: date,
        days: Limits = MappingProxyType({}),
    ) -> None:
        self.mapping = mapping
        self.days = overlay_limits(days, mapping.file.days)
        self.lists = {"municipality": municipalities}
        self.on = on
        self._day_zero, self._title = DAY_ZERO, ""
        self._made: dict[Any, Reading] = {}

    def compile_table(
        self, name: str, preamble: Mapping[str, str], day_zero: date = DAY_ZERO, title: str = ""
    ) -> TablePlan:
        """The plan of one table of a file.

        ``preamble``: the values written above the table; ``day_zero``: the day from which the
        file's day numbers count; ``title``: the name of the sheet.
        """
        self._day_zero, self._title = day_zero, title
        part = self.mapping.file.tables[name]
        above = _label_values(preamble, part.also)
        entities = [self._compile_entity(e, p, above) for e, p in part.feeds.items()]
        entities = [self._mark_unreadable_groups(entity, part) for entity in entities]
        return TablePlan(
            name=name,
            key=tuple(map(self._text_reading, part.key)),
            unique=has_unique_keys(part),
            entities=tuple(entities),
            columns=frozenset(collect_columns(part)),
            optional=frozenset(part.optional_columns),
            ends=tuple(part.ends),
            keeps=tuple(part.keeps),
            consents=self._locate_consents(part),
            groups=None if "consent" in part.feeds else self._mark_groups(part),
        )

    def _locate_consents(self, part: TablePart) -> ConsentColumns | None:
        if not may_hold_consents(part):
            return None
        fed = [part.feeds[name] for name in ("consent", "consent_data_group") if name in part.feeds]
        columns = {spec.column for entity in fed for spec in entity.fields.values()}
        columns.update(name for e in fed if e.each for name in e.each.read_columns)
        consent = part.feeds.get("consent")
        spec = consent.fields.get("person_key") if consent else None
        person = spec.column if spec else None
        used = frozenset(name for name in columns if name and name != person)
        key = self._text_reading(person, KEY_LENGTH) if person else None
        return ConsentColumns(key, used)

    def _compile_entity(
        self, name: str, part: EntityPart, preamble: Mapping[str, str]
    ) -> EntityPlan:
        kind = ENTITIES[name]
        columns = kind.table.columns
        fields = [self._compile_field(columns[f], s, preamble) for f, s in part.fields.items()]
        fields = [replace(f, order=self._find_order(kind, f.name, part)) for f in fields]
        readings = [field.reading for field in fields if field.reading]
        coded = {reading.column: reading for reading in readings if reading.kind == "code"}
        key = tuple(coded.get(c) or self._text_reading(c) for c in part.key)
        each = self._compile_each(kind, part.each) if part.each else None
        mark = self._mark_unreadable_day(kind, part)
        return EntityPlan(name, tuple(fields), key, tuple(part.when), kind.owner, each, mark)

    def _find_order(self, entity: Entity, name: str, part: EntityPart) -> OrderPlan | None:
        """The day that has to come before that of a field, or of the field it is the doubt of."""
        end = name.removesuffix(_UNREADABLE)
        limits = self.days.get(f"{entity.name}.{end}")
        begin = limits.not_before if limits else None
        specs = part.fields.get(begin or ""), part.fields.get(end)
        if begin is None or any(spec is None or spec.column is None for spec in specs):
            return None
        columns = entity.table.columns
        days = [self._read_day(columns[n], part.fields[n]) for n in (begin, end)]
        return OrderPlan(*days)

    def _mark_unreadable_day(self, entity: Entity, part: EntityPart) -> MarkPlan | None:
        """The note that a day was meant and could not be read: a case with one is not just open."""
        name = _MARKED.get(entity.name, "")
        spec = part.fields.get(name)
        if spec is None or spec.column is None or name + _UNREADABLE in part.fields:
            return None
        day = self._read_day(entity.table.columns[name], spec)
        assert day.read is not None
        read = _flag_rules(day.read, _DOUBTFUL_DAYS)
        reading = Reading(spec.column, "doubtful day", pa.bool_(), read, report=False)
        order = self._find_order(entity, name, part)
        return MarkPlan(name + _UNREADABLE, (reading,), orders=(order,) if order else ())

    def _mark_unreadable_groups(self, entity: EntityPlan, table: TablePart) -> EntityPlan:
        """A consent notes where a data group on its row is not understood: it grants none then."""
        if entity.entity != "consent":
            return entity
        return replace(entity, mark=self._mark_groups(table))

    def _mark_groups(self, table: TablePart) -> MarkPlan | None:
        groups = table.feeds.get("consent_data_group")
        if groups is None or groups.each is None:
            return None
        ticks = groups.each.columns
        readings = {name: self._flag_reading(name, {}, None) for name in ticks}
        rivals = [
            tuple(readings[name] for name, code in ticks.items() if code == meaning)
            for meaning in dict.fromkeys(ticks.values())
        ]
        several = tuple(group for group in rivals if len(group) > 1)
        return MarkPlan("groups_unreadable", tuple(self._doubt_readings(groups.each)), several)

    def _doubt_readings(self, part: EachPart) -> Iterator[Reading]:
        """Readings that are true where a cell with data groups is not wholly understood."""
        column = part.first_column
        if column is None:
            for name in part.columns:
                read = _flag_rules(flag_reader({}, None), ("unknown_code",))
                yield self._share(Reading(name, "unreadable tick", pa.bool_(), read, report=False))
            return
        listed = code_lists.load_code_list("data_group")
        known = self._list_spellings("data_group", part.values)
        understood = {**dict.fromkeys(listed.without_code, ""), **known}
        read = _flag_rules(codes_reader(understood, part.split), ("unknown_code",))
        reading = Reading(column, "unreadable groups", pa.bool_(), read, report=False)
        yield self._share(reading, *part.split, *part.values.items())

    def _compile_field(
        self, column: Column[Any], spec: FieldPart, preamble: Mapping[str, str]
    ) -> FieldPlan:
        type_ = arrow_type(column.type)
        plan = FieldPlan(column.name, type_, required=spec.required, mandatory=not column.nullable)
        if spec.column is None:
            constant, broken = self._read_constant(column, spec, preamble)
            return replace(plan, constant=constant, origin=self._name_origin(spec), broken=broken)
        conditions = tuple(
            (self._condition_reading(name, column.table), frozenset(allowed))
            for name, allowed in spec.only_if.items()
        )
        if spec.within:
            own, *before = self._key_readings(spec.column, spec.within)
            return replace(plan, reading=own, within=tuple(before), only_if=conditions)
        return replace(plan, reading=self._field_reading(column, spec), only_if=conditions)

    def _name_origin(self, spec: FieldPart) -> str | None:
        """What findings call the place of a value that stands in no column."""
        return f"Blatt {self._title}" if spec.sheet else spec.preamble

    def _key_readings(self, column: str, within: Sequence[str]) -> list[Reading]:
        """The readings of a key's last column and of those before it; together they fit a key."""
        longest = (KEY_LENGTH - len(within)) // (len(within) + 1)
        return [self._text_reading(name, longest) for name in (column, *within)]

    def _read_constant(
        self, column: Column[Any], spec: FieldPart, preamble: Mapping[str, str]
    ) -> tuple[object, str | None]:
        """The value all rows have, and the rule that the text above the table breaks."""
        if spec.sheet:
            return self._read_text(column, spec, self._title)
        if spec.preamble is None:
            is_day = isinstance(column.type, Date) and spec.constant is not None
            return date.fromisoformat(str(spec.constant)) if is_day else spec.constant, None
        text = preamble.get(fold_label(spec.preamble), "")
        if not clean_line(text):
            return None, "preamble_missing"
        return self._read_text(column, spec, text)

    def _read_text(
        self, column: Column[Any], spec: FieldPart, text: str
    ) -> tuple[object, str | None]:
        """What a text beside the columns means, and the rule that it breaks."""
        named = self._name_origin(spec)
        reading = self._field_reading(column, spec.model_copy(update={"column": named}))
        read = Interpreter(reading)(pa.array([text], pa.string()))
        broken = None if read.rules is None else read.rule_names[read.rules[0] - 1]
        return read.values[0].as_py(), broken

    def _condition_reading(self, column: str, table: Any) -> Reading:
        # A condition is on the meaning of a cell: the column is read as the coded field that takes
        # it, if this entity has one, else as plain text.
        for field, spec in self._fields_of(table):
            if spec.column == column and field.info["codes"]:
                return self._field_reading(field, spec)
        return self._text_reading(column)

    def _fields_of(self, table: Any) -> Iterator[tuple[Column[Any], FieldPart]]:
        """The fields of an entity in all tables of the mapping; ``table`` is the entity's."""
        for part in self.mapping.file.tables.values():
            for entity, fed in part.feeds.items():
                if ENTITIES[entity].table is table:
                    for name, spec in fed.fields.items():
                        yield table.columns[name], spec

    def _field_reading(self, column: Column[Any], spec: FieldPart) -> Reading:
        assert spec.column is not None
        match spec.as_ or _reading_kind(column, spec):
            case "date":
                return self._read_day(column, spec)
            case "unreadable":
                return self._unreadable_reading(column, spec)
            case "code":
                return self._code_reading(spec.column, spec.codes or column.info["codes"], spec)
            case "flag":
                values = {text: bool(value) for text, value in spec.values.items()}
                empty = spec.empty if isinstance(spec.empty, bool) else None
                return self._flag_reading(spec.column, values, empty)
            case "minutes" | "hours" | "number" as kind:
                return self._share(Reading(spec.column, kind, *NUMBERS[kind]))
            case "official_number" as name:
                read = number_reader(spec.kind, text_length(column))
                return self._checked_reading(spec.column, name, read, spec.kind)
            case "purpose" as name:
                return self._checked_reading(spec.column, name, purpose_reader(text_length(column)))
            case _:
                return self._text_reading(spec.column, text_length(column))

    def _read_day(self, column: Column[Any], spec: FieldPart) -> Reading:
        assert spec.column is not None
        serial, span = self._describe_day(column, spec)
        past = spec.past or span.ends_with_delivery
        reading = Reading(spec.column, "date", pa.date32(), self._date_reader(serial, past, span))
        return self._share(reading, serial, past, span, self._day_zero)

    def _unreadable_reading(self, column: Column[Any], spec: FieldPart) -> Reading:
        assert spec.column is not None
        serial, span = self._describe_day(column, spec)
        read = _flag_days(self._date_reader(serial, span.ends_with_delivery, span))
        reading = Reading(spec.column, "unreadable", pa.bool_(), read, report=False)
        return self._share(reading, serial, span, self._day_zero)

    def _date_reader(self, serial: bool, past: bool, span: DaySpan) -> ReadText:
        zero = self._day_zero
        return limit_days(date_reader(serial=serial, past=past, today=self.on, day_zero=zero), span)

    def _describe_day(self, column: Column[Any], spec: FieldPart) -> tuple[bool, DaySpan]:
        """Whether day numbers are read, and the days that a field can hold, or its doubt."""
        serial = self.mapping.file.serial_dates if spec.serial is None else spec.serial
        name = f"{_ENTITY_OF[column.table.name]}.{column.name.removesuffix(_UNREADABLE)}"
        return serial, self.days.get(name, NO_LIMITS).as_span(self.on)

    def _checked_reading(
        self, column: str, kind: str, read: ReadText, *settings: object
    ) -> Reading:
        """A text that counts only where it is what it should be."""
        return self._share(Reading(column, kind, pa.string(), read), *settings)

    def _text_reading(self, column: str, longest: int | None = None) -> Reading:
        return self._share(Reading(column, "text", pa.string(), longest=longest), longest)

    def _code_reading(self, column: str, listed: str, spec: FieldPart) -> Reading:
        own = {text: str(code) for text, code in spec.values.items()}
        read = code_reader(self._list_spellings(listed, own))
        is_closed = listed not in self.lists
        reading = Reading(column, "code", pa.string(), read, is_closed=is_closed)
        return self._share(reading, listed, *spec.values.items())

    def _flag_reading(self, column: str, values: Mapping[str, bool], empty: bool | None) -> Reading:
        read = flag_reader(values, empty)
        return self._share(Reading(column, "flag", pa.bool_(), read), empty, *values.items())

    def _compile_each(self, kind: Entity, part: EachPart) -> EachPlan:
        field = kind.each[0]
        codes = kind.table.columns[field].info["codes"]
        column = part.first_column
        if column is None:
            flags = {name: self._flag_reading(name, {}, None) for name in part.columns}
            ticked = tuple((flags[name], code) for name, code in part.columns.items())
            return EachPlan(field, ticked=ticked)
        if codes and not part.pattern:
            first, *further = (self._codes_reading(name, codes, part) for name in part.column)
            return EachPlan(field, first, further=tuple(further))
        longest = None if part.pattern else text_length(kind.table.columns[field])
        shared = self._texts_reading(column, part.split, longest)
        if part.within:
            before = tuple(self._key_readings(column, part.within)[1:])
            return EachPlan(field, shared, within=before)
        return EachPlan(field, shared, pattern=part.pattern, parts=self._compile_parts(kind, part))

    def _compile_parts(self, kind: Entity, part: EachPart) -> tuple[FieldPlan, ...]:
        """The fields that a pattern finds in each value."""
        return tuple(
            self._compile_field(column, FieldPart(column=column.name), {})
            for column in kind.table.columns
            if f"?P<{column.name}>" in (part.pattern or "")
        )

    def _texts_reading(self, column: str, split: Sequence[str], longest: int | None) -> Reading:
        read = texts_reader(split, longest)
        reading = Reading(column, "texts", pa.list_(pa.string()), read, many=True)
        return self._share(reading, longest, *split)

    def _codes_reading(self, column: str, listed: str, part: EachPart) -> Reading:
        read = codes_reader(self._list_spellings(listed, part.values), part.split)
        kind, is_closed = pa.list_(pa.string()), listed not in self.lists
        reading = Reading(column, "codes", kind, read, many=True, is_closed=is_closed)
        return self._share(reading, *part.split, *part.values.items())

    def _list_spellings(self, name: str, own: Mapping[str, str]) -> Mapping[str, str]:
        """The spellings of a code list, with the mapping's own where it has some."""
        found = self.lists.get(name) or code_lists.load_code_list(name)
        return (found.with_spellings(own) if own else found).spellings

    def _share(self, reading: Reading, *settings: object) -> Reading:
        # Two fields that read a column alike share one reading, so that its values are interpreted
        # once. The functions that read differ by object, hence the settings they were made with.
        return self._made.setdefault((reading.column, reading.kind, settings), reading)


def _label_values(preamble: Mapping[str, str], also: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """The values above a table by their labels in comparable form, by other spellings, too."""
    values = {fold_label(label): text for label, text in preamble.items()}
    for label, spellings in also.items():
        known = (values[form] for form in map(fold_label, spellings) if form in values)
        if (text := next(known, None)) is not None:
            values.setdefault(fold_label(label), text)
    return values


def fold_label(text: str) -> str:
    """The form in which labels above a table are compared."""
    return fold_text(text).strip(" :*.")


def arrow_type(type_: TypeEngine[Any]) -> pa.DataType:
    """The Arrow type in which the engine yields a column of the schema."""
    return next((arrow for sql, arrow, _ in READINGS if isinstance(type_, sql)), pa.string())


def text_length(column: Column[Any]) -> int | None:
    """How many characters a text column of the schema holds; None without a limit."""
    length: int | None = getattr(column.type, "length", None)
    return length


def has_unique_keys(table: TablePart) -> bool:
    """Whether each key may be in one row of the table only."""
    # A recycle bin may hold several objects of one key, so a key that only names a record may be
    # in any number of rows.
    return bool(table.feeds) and not any(part.several_rows for part in table.feeds.values())


def may_hold_consents(table: TablePart) -> bool:
    """Whether a row of the table may be a consent, or a part of one."""
    return not table.feeds.keys().isdisjoint(("consent", "consent_data_group"))


def find_person_column(entity: str, table: TablePart) -> str | None:
    """The column in which an entity names a person, if a column of the table does."""
    return _list_person_columns(entity, table)[-1]


def list_person_references(table: TablePart) -> list[str]:
    """The entities that name a person other than the one of their row: it may be unknown."""
    own = table.feeds.get("person")
    of_row = tuple(own.key or table.key) if own else None
    return [
        name
        for name in table.feeds
        if name in PERSON_REFERENCES
        or (ENTITIES[name].owner == "person_key" and _list_person_columns(name, table) != of_row)
    ]


def names_by_record(entity: str, part: EntityPart) -> bool:
    """Whether the person that an entity names is the key of its record."""
    return ENTITIES[entity].owner == "person_key" and "person_key" not in part.fields


def is_spelled_freely(part: EntityPart, table: TablePart) -> bool:
    """Whether an entity may name its person by another spelling of the key."""
    return "key" in (table.as_, *_list_key_readings(part))


def _list_person_columns(entity: str, table: TablePart) -> tuple[str | None, ...]:
    """The columns that make the key of the person that an entity names, the last of them last."""
    part = table.feeds[entity]
    if spec := part.fields.get("person_key"):
        return (*spec.within, spec.column)
    if names_by_record(entity, part):
        return tuple(part.key or table.key)
    return (part.each.first_column,) if part.each else (None,)


def _list_key_readings(part: EntityPart) -> Iterator[str | None]:
    if spec := part.fields.get("person_key"):
        yield spec.as_
    if part.each:
        yield part.each.as_


def find_companions(table: TablePart) -> dict[str, tuple[str, ...]]:
    """The entities of other records that share row and key with the main record of a table.

    The source keeps them together (a release noted on a profile), so the main record counts as
    changed with them. Empty where the table feeds one record only.
    """
    together = [name for name, part in table.feeds.items() if part.key in ([], table.key)]
    records = [name for name in together if ENTITIES[name].is_record]
    if len(records) < 2:
        return {}
    # A consent does not change with another record.
    records.sort(key="consent".__eq__)
    main = records[0]
    return {main: tuple(name for name in together if ENTITIES[name].record != main)}


def _reading_kind(column: Column[Any], spec: FieldPart) -> str:
    if spec.codes or column.info["codes"]:
        return "code"
    if column.info["read_as"]:
        return str(column.info["read_as"])
    return next((kind for sql, _, kind in READINGS if isinstance(column.type, sql)), "text")


def _flag_days(read: ReadText) -> ReadText:
    """A function that is true of a text that is neither a day nor surely none.

    What stands for no day elsewhere (01.01.1900, 00.07.2025) is doubtful where a consent depends
    on it.
    """

    def flag_text(text: str) -> Outcome:
        is_clear = read(text).value is not None or is_no_day(text)
        return Outcome(None if is_clear else True)

    return flag_text


def _flag_rules(read: ReadText, rules: Collection[str]) -> ReadText:
    """A function that is true of a text that breaks one of the rules."""

    def flag_text(text: str) -> Outcome:
        return Outcome(True if read(text).rule in rules else None)

    return flag_text
