"""Reads a source's mapping from YAML and checks it against the common schema.

A district's own mapping may extend one of those that come with the hub.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy import Column

from mappings import code_lists, identity
from mappings.check_consents import check_consents
from mappings.check_constants import (
    OwnLists,
    check_conditions,
    check_constant,
    check_constant_days,
    check_each,
    check_values,
)
from mappings.check_ended_records import Report, check_ended_records
from mappings.code_lists import CodeList
from mappings.consent_terms import read_consent_terms
from mappings.day_limits import Limits, check_limits, overlay_limits, read_day_limits
from mappings.problems import Problem, YamlProblems, did_you_mean
from mappings.source_yaml import EachPart, EntityPart, FieldPart, SourceFile, TablePart
from mappings.yaml_file import Document, KeyPath, read_document, read_yaml, to_model
from warehouse.schema import ENTITIES, PERSON_REFERENCES, Entity
from warehouse.schema.columns import HISTORY_NAMES

FOLDER = Path(__file__).parent / "sources"
# Raised when the engine reads the same cell otherwise than before, so that the latest deliveries
# are mapped anew.
ENGINE_VERSION = 4
NO_LISTS: OwnLists = {}
# Fields that say whom a record is about.
_TELLING = ("last_name", "first_name", "person_key")


@dataclass(frozen=True)
class SourceMapping:
    """A checked mapping.

    ``digest`` changes with the YAML, every code list it uses, the terms of identity and consents,
    the limits of days, and the engine.

    ``text`` is the YAML of the file, ``extended`` that of the mapping it extends.
    """

    name: str
    file: SourceFile
    digest: str
    text: str
    extended: str | None = None

    def for_district(self, municipalities: CodeList, days: Limits) -> SourceMapping:
        """The mapping with a digest that covers what a district's configuration adds to it.

        A municipality or spelling that is added is read in what has been delivered, too.
        """
        added: list[Any] = []
        if any("municipality" in _used_code_lists(table) for table in self.file.tables.values()):
            added.append(sorted(municipalities.spellings.items()))
        if days:
            added.append({name: own.model_dump() for name, own in days.items()})
        return replace(self, digest=_hash_parts([self.digest, *added])) if added else self


def list_mappings() -> list[str]:
    """Names of the mappings that come with the hub."""
    return sorted(p.stem for p in FOLDER.glob("*.yaml"))


def load_mapping(name_or_path: str | Path, own: OwnLists = NO_LISTS) -> SourceMapping:
    """The mapping of that name in mappings/sources, or the one in the YAML file at that path.

    ``own`` are code lists of the district, against which constants are checked, too. YamlProblems
    lists every mistake at once.
    """
    path = Path(name_or_path)
    if path.suffix not in (".yaml", ".yml"):
        path = FOLDER / f"{name_or_path}.yaml"
    document = _merge_parent(path)
    file = to_model(document, SourceFile)
    problems = list(_check_mapping(file, document.problem, own))
    if problems:
        raise YamlProblems(problems)
    digest = _hash_mapping(document.data, file)
    extended = _read_text(FOLDER / f"{file.extends}.yaml") if file.extends else None
    return SourceMapping(path.stem, file, digest, _read_text(path), extended)


def read_kept_mapping(name: str, text: str, extended: str | None = None) -> SourceMapping:
    """The mapping of a load, of the texts that were kept with it; without digest: it maps nothing.

    YamlProblems where it is none as mappings are now.
    """
    document = read_document(text, name)
    if extended is not None and isinstance(document.data, dict):
        _overlay_parent(document.data, read_document(extended, name).data)
    return SourceMapping(name, to_model(document, SourceFile), "", text, extended)


def _hash_mapping(data: Any, file: SourceFile) -> str:
    used = set().union(*(_used_code_lists(table) for table in file.tables.values()))
    names = sorted(used - {"municipality"})
    lists = {name: dict(code_lists.load_code_list(name).spellings) for name in names}
    parts = [
        ENGINE_VERSION,
        data,
        lists,
        identity.read_text(),
        read_consent_terms(),
        read_day_limits(),
    ]
    return _hash_parts(parts)


def _hash_parts(parts: list[Any]) -> str:
    text = json.dumps(parts, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def _read_text(path: Path) -> str:
    return path.read_bytes().decode()


def _merge_parent(path: Path) -> Document:
    """The YAML of a mapping, completed by that of the mapping it extends."""
    try:
        document = read_yaml(path)
    except FileNotFoundError:
        hint = did_you_mean(path.stem, list_mappings())
        raise YamlProblems([Problem(path.name, 0, 0, "", "no such mapping", hint)]) from None
    data = document.data
    if not isinstance(data, dict):
        raise YamlProblems([Problem(path.name, 1, 1, "", "a mapping of keys is expected")])
    parent = data.get("extends")
    if parent is None:
        return document
    if parent not in list_mappings():
        hint = did_you_mean(str(parent), list_mappings())
        raise YamlProblems([document.problem(("extends",), f"unknown mapping '{parent}'", hint)])
    _overlay_parent(data, read_yaml(FOLDER / f"{parent}.yaml").data)
    return document


def _overlay_parent(own: dict[str, Any], base: dict[str, Any]) -> None:
    """Completes ``own`` by what only ``base`` has.

    A list or value of ``own`` replaces that of ``base``, null removes it.
    """
    for key, value in base.items():
        if key not in own:
            own[key] = value
        elif isinstance(own[key], dict) and isinstance(value, dict):
            _overlay_parent(own[key], value)
    for key in [k for k, v in own.items() if v is None and k in base]:
        del own[key]


def _check_mapping(file: SourceFile, problem: Report, own: OwnLists) -> Iterator[Problem]:
    limits = {name: days.not_before for name, days in file.days.items()}
    for below, message, hint in check_limits(limits):
        yield problem(("days", *below), message, hint)
    days = overlay_limits(file.days)
    for title, table in file.tables.items():
        at: KeyPath = ("tables", title)
        for column in collect_columns(table) & set(table.ignore):
            yield problem((*at, "ignore"), f"column '{column}' is both mapped and ignored")
        for entity, part in table.feeds.items():
            here = (*at, "feeds", entity)
            if entity not in ENTITIES:
                yield problem(here, f"unknown entity '{entity}'", did_you_mean(entity, ENTITIES))
            else:
                yield from _check_fields(ENTITIES[entity], part, here, problem, own)
                yield from _check_completeness(ENTITIES[entity], part, here, problem)
                yield from check_constant_days(ENTITIES[entity], part, days, here, problem)
        yield from check_ended_records(file, title, problem)
        yield from check_consents(table, at, problem)


def _check_fields(
    entity: Entity, part: EntityPart, here: KeyPath, problem: Report, own: OwnLists
) -> Iterator[Problem]:
    yield from check_conditions(entity, part, here, problem, own)
    if part.each and entity.each:
        yield from check_each(entity, part.each, (*here, "each"), problem, own)
        yield from _check_within(part.each, entity.each[0], (*here, "each"), problem)
    columns = {c.name: c for c in entity.table.columns if c.name not in HISTORY_NAMES}
    for field, spec in part.fields.items():
        at = (*here, "fields", field)
        if field not in columns:
            hint = did_you_mean(field, columns)
            yield problem(at, f"unknown field '{field}' of {entity.name}", hint)
        else:
            yield from _check_field(columns[field], spec, at, problem, own)


def _check_field(
    column: Column[Any], spec: FieldPart, at: KeyPath, problem: Report, own: OwnLists
) -> Iterator[Problem]:
    yield from _check_codes(spec, column.info["codes"], at, problem, own)
    yield from _check_kind(spec.kind, column.info["read_as"], at, problem)
    yield from check_constant(spec, column, at, problem, own)
    yield from _check_within(spec, column.name, at, problem)
    if spec.only_if and not column.nullable:
        yield problem((*at, "only_if"), f"'{column.name}' must never be empty: no only_if here")


def _check_within(
    spec: FieldPart | EachPart, field: str, here: KeyPath, problem: Report
) -> Iterator[Problem]:
    """``within`` builds a key, of one column each."""
    if not spec.within:
        return
    at = (*here, "within")
    if not field.endswith("_key"):
        yield problem(at, f"'{field}' names no record", "only a field that names a key has it")
    elif not spec.column or getattr(spec, "pattern", None):
        yield problem(at, "stands beside 'column', without 'pattern'")


def _check_completeness(
    entity: Entity, part: EntityPart, here: KeyPath, problem: Report
) -> Iterator[Problem]:
    """The mandatory fields that nothing feeds, and ``each`` where it is missing or superfluous."""
    if part.each and part.each.as_ and entity.name not in PERSON_REFERENCES:
        yield problem((*here, "each", "as"), f"{entity.name} names no persons", "leave it out")
    filled = {*part.fields, entity.owner, *(entity.each if part.each else ()), *HISTORY_NAMES}
    for column in entity.table.columns:
        if not column.nullable and column.name not in filled:
            yield problem(here, f"field '{column.name}' of {entity.name} must be fed")
    if entity.each and part.each is None:
        yield problem(here, f"{entity.name} holds several rows per record and needs 'each'")
    if part.each and not entity.each:
        yield problem(
            (*here, "each"), f"{entity.name} holds one row per record and takes no 'each'"
        )


def _check_codes(
    spec: FieldPart, default: str | None, here: KeyPath, problem: Report, own: OwnLists
) -> Iterator[Problem]:
    known = code_lists.list_names()
    if spec.codes and spec.codes not in known:
        hint = did_you_mean(spec.codes, known)
        yield problem((*here, "codes"), f"unknown code list '{spec.codes}'", hint)
    else:
        yield from check_values(spec, spec.codes or default, here, problem, own)


def _check_kind(
    kind: str | None, read_as: str | None, here: KeyPath, problem: Report
) -> Iterator[Problem]:
    known = identity.load_terms().kinds
    if kind and read_as != "official_number":
        yield problem((*here, "kind"), "only an official number is of a kind", "leave it out")
    elif kind and kind not in known:
        message = f"unknown kind of number '{kind}'"
        yield problem((*here, "kind"), message, did_you_mean(kind, known))


def collect_columns(table: TablePart) -> set[str]:
    """Every column of the file that the mapping reads."""
    columns: set[str | None] = set(table.key)
    for part in table.feeds.values():
        columns.update(part.key, part.when)
        for spec in part.fields.values():
            columns.update([spec.column], spec.within, spec.only_if)
        if part.each:
            columns.update(part.each.read_columns, part.each.within)
    return {column for column in columns if column}


def collect_telling_columns(table: TablePart) -> set[str]:
    """The columns of which a row of data fills one besides its key.

    They say whom or what it is about: names, the key of a person, what the row is no use without.
    """
    columns: set[str | None] = set()
    for name, part in table.feeds.items():
        stored = ENTITIES[name].table.columns
        for field, spec in part.fields.items():
            if spec.required or field in _TELLING or not stored[field].nullable:
                columns.add(spec.column)
        if part.each and name == "conversation_participant":
            columns.add(part.each.first_column)
    return {column for column in columns if column} - set(table.key)


def _used_code_lists(table: TablePart) -> set[str]:
    used: set[str | None] = set()
    for name, part in table.feeds.items():
        entity, columns = ENTITIES[name], ENTITIES[name].table.columns
        fields = [*part.fields, *(entity.each if part.each else ())]
        if part.each and part.each.pattern:
            fields = columns.keys()
        used.update(columns[field].info["codes"] for field in fields)
        used.update(spec.codes for spec in part.fields.values())
    return {codes for codes in used if codes}
