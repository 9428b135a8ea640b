"""Checks what a mapping itself writes into fields: constants, and codes it names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from sqlalchemy import Boolean, Column, Date, Integer, Numeric

from mappings import code_lists
from mappings.check_ended_records import Report
from mappings.code_lists import CodeList
from mappings.day_limits import Limits
from mappings.engine.clean import fold_text
from mappings.problems import Problem, did_you_mean
from mappings.source_yaml import EachPart, EntityPart, FieldPart
from mappings.yaml_file import KeyPath
from warehouse.schema import Entity

# Lists that are not in mappings/codes, by name: the municipalities of the district.
OwnLists = Mapping[str, CodeList]
# What is doubtful in them counts against a consent, cell by cell of the one column.
_ONE_COLUMN = frozenset({"consent_data_group"})


def check_constant(
    spec: FieldPart, column: Column[Any], here: KeyPath, problem: Report, own: OwnLists
) -> Iterator[Problem]:
    """A constant that its column does not take; every row would have it."""
    value, at = spec.constant, (*here, "constant")
    if value is None:
        return
    listed = spec.codes or column.info["codes"]
    if listed:
        yield from _check_code(str(value), listed, at, problem, own)
        return
    if not _is_of_type(value, column):
        yield problem(at, f"'{value}' is no {_describe_type(column)}")
    longest = getattr(column.type, "length", None)
    if longest and len(str(value)) > longest:
        yield problem(at, f"has more than {longest} characters")


def check_constant_days(
    entity: Entity, part: EntityPart, days: Limits, here: KeyPath, problem: Report
) -> Iterator[Problem]:
    """Constant days that no row could have: their limits, as of today."""
    for field, spec in part.fields.items():
        limits = days.get(f"{entity.name}.{field}")
        if limits and isinstance(spec.constant, str) and _is_day(spec.constant):
            span = limits.as_span(date.today())
            if span.find_rule(date.fromisoformat(spec.constant)):
                message = f"'{spec.constant}' is not between {span.first} and {span.last}"
                hint = "the limits are those of mappings/days.yaml and of 'days'"
                yield problem((*here, "fields", field, "constant"), message, hint)


def check_each(
    entity: Entity, part: EachPart, here: KeyPath, problem: Report, own: OwnLists
) -> Iterator[Problem]:
    """Codes that no value of several in a row can have, and several columns of no codes."""
    listed = entity.table.columns[entity.each[0]].info["codes"]
    if len(part.column) > 1 and (not listed or part.pattern or entity.name in _ONE_COLUMN):
        message = f"{entity.name} is read from one column"
        yield problem((*here, "column"), message, "several are read of codes alone, as topics")
    if listed and not part.pattern:
        for word in ("columns", "values"):
            for code in dict.fromkeys(getattr(part, word).values()):
                yield from _check_code(code, listed, (*here, word), problem, own)


def check_conditions(
    entity: Entity, part: EntityPart, here: KeyPath, problem: Report, own: OwnLists
) -> Iterator[Problem]:
    """Codes that a condition waits for and a column never has."""
    columns = entity.table.columns
    lists = {
        spec.column: spec.codes or columns[field].info["codes"]
        for field, spec in part.fields.items()
        if spec.column and field in columns
    }
    for field, spec in part.fields.items():
        for column, codes in spec.only_if.items():
            if listed := lists.get(column):
                at = (*here, "fields", field, "only_if")
                for code in codes:
                    yield from _check_code(code, listed, at, problem, own)


def check_values(
    spec: FieldPart, listed: str | None, here: KeyPath, problem: Report, own: OwnLists
) -> Iterator[Problem]:
    """Codes that spellings of the mapping's own stand for and that the list does not have."""
    if listed:
        for code in dict.fromkeys(map(str, spec.values.values())):
            yield from _check_code(code, listed, (*here, "values"), problem, own)


def _check_code(
    code: str, listed: str, at: KeyPath, problem: Report, own: OwnLists
) -> Iterator[Problem]:
    if listed not in own and (listed == "municipality" or listed not in code_lists.list_names()):
        return
    found = own.get(listed) or code_lists.load_code_list(listed)
    if code not in found.labels:
        meant = found.spellings.get(fold_text(code))
        hint = f"did you mean '{meant}'?" if meant else did_you_mean(code, found.labels)
        yield problem(at, f"'{code}' is no code of the list {listed}", hint)


def _is_of_type(value: str | bool | int, column: Column[Any]) -> bool:
    if isinstance(column.type, Boolean):
        return isinstance(value, bool)
    if isinstance(column.type, (Integer, Numeric)):
        return isinstance(value, int) and not isinstance(value, bool)
    if not isinstance(value, str):
        return False
    return not isinstance(column.type, Date) or _is_day(value)


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _describe_type(column: Column[Any]) -> str:
    if isinstance(column.type, Boolean):
        return "yes or no (true, false)"
    if isinstance(column.type, (Integer, Numeric)):
        return "whole number"
    return 'day ("2024-12-31")' if isinstance(column.type, Date) else "text (in quotes)"
