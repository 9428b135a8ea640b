"""A source's mapping: read from YAML (ours or a district's that extends ours), checked against the common schema, with its hash."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mappings import code_lists
from mappings.check_ended_records import check_ended_records
from mappings.problems import Problem, YamlProblems, did_you_mean
from mappings.source_yaml import EntityPart, FieldPart, SourceFile, TablePart
from mappings.yaml_file import Document, KeyPath, read_yaml, to_model
from warehouse.schema import ENTITIES
from warehouse.schema.columns import HISTORY_NAMES

FOLDER = Path(__file__).parent / "sources"
# Raised when the engine reads the same cell otherwise than before, so that the latest deliveries are mapped anew.
ENGINE_VERSION = 1


@dataclass(frozen=True)
class SourceMapping:
    """A checked mapping. ``digest`` changes with the YAML, every code list it uses and the engine.

    ``text`` is the YAML as it stood in the file, ``extended`` that of the mapping it extends.
    """

    name: str
    file: SourceFile
    digest: str
    text: str
    extended: str | None = None


def list_mappings() -> list[str]:
    """Names of the mappings that come with the hub."""
    return sorted(p.stem for p in FOLDER.glob("*.yaml"))


def load_mapping(name_or_path: str | Path) -> SourceMapping:
    """The mapping of that name in mappings/sources, or the YAML at that path; YamlProblems tell every mistake at once."""
    path = Path(name_or_path)
    if path.suffix not in (".yaml", ".yml"):
        path = FOLDER / f"{name_or_path}.yaml"
    document = _merge_parent(path)
    file = to_model(document, SourceFile)
    problems = list(_check_mapping(file, document.problem))
    if problems:
        raise YamlProblems(problems)
    used = set().union(*(_used_code_lists(t) for t in file.tables.values()))
    lists = {
        n: dict(code_lists.load_code_list(n).spellings) for n in sorted(used - {"municipality"})
    }
    text = json.dumps([ENGINE_VERSION, document.data, lists], sort_keys=True, ensure_ascii=False)
    digest = hashlib.sha256(text.encode()).hexdigest()
    extended = _read_text(FOLDER / f"{file.extends}.yaml") if file.extends else None
    return SourceMapping(path.stem, file, digest, _read_text(path), extended)


def _read_text(path: Path) -> str:
    return path.read_bytes().decode()


def _merge_parent(path: Path) -> Document:
    try:
        document = read_yaml(path)
    except FileNotFoundError:
        raise YamlProblems(
            [
                Problem(
                    path.name, 0, 0, "", "no such mapping", did_you_mean(path.stem, list_mappings())
                )
            ]
        ) from None
    data = document.data
    if not isinstance(data, dict):
        raise YamlProblems([Problem(path.name, 1, 1, "", "a mapping of keys is expected")])
    parent = data.get("extends")
    if parent is None:
        return document
    if parent not in list_mappings():
        unknown = document.problem(
            ("extends",), f"unknown mapping '{parent}'", did_you_mean(str(parent), list_mappings())
        )
        raise YamlProblems([unknown])
    _overlay_parent(data, read_yaml(FOLDER / f"{parent}.yaml").data)
    return document


def _overlay_parent(own: dict[str, Any], base: dict[str, Any]) -> None:
    """``own`` completed by what only ``base`` has; a list or value of ``own`` replaces that of ``base``, null removes it."""
    for key, value in base.items():
        if key not in own:
            own[key] = value
        elif isinstance(own[key], dict) and isinstance(value, dict):
            _overlay_parent(own[key], value)
    for key in [k for k, v in own.items() if v is None and k in base]:
        del own[key]


def _check_mapping(file: SourceFile, problem: Callable[..., Problem]) -> Iterator[Problem]:
    for title, table in file.tables.items():
        at: KeyPath = ("tables", title)
        yield from (
            problem((*at, "ignore"), f"column '{c}' is both mapped and ignored")
            for c in collect_columns(table) & set(table.ignore)
        )
        for entity, part in table.feeds.items():
            here = (*at, "feeds", entity)
            if entity not in ENTITIES:
                yield problem(here, f"unknown entity '{entity}'", did_you_mean(entity, ENTITIES))
                continue
            yield from _check_entity(entity, part, here, problem)
        yield from check_ended_records(file, title, problem)


def _check_entity(entity: str, part: EntityPart, here: KeyPath, problem: Any) -> Iterator[Problem]:
    kind = ENTITIES[entity]
    known_fields = {c.name for c in kind.table.columns}.difference(HISTORY_NAMES)
    for field, spec in part.fields.items():
        if field not in known_fields:
            yield problem(
                (*here, "fields", field),
                f"unknown field '{field}' of {entity}",
                did_you_mean(field, known_fields),
            )
            continue
        yield from _check_codes(
            spec, kind.table.columns[field].info["codes"], (*here, "fields", field), problem
        )
    filled = set(part.fields) | {kind.owner} | set(kind.each if part.each else ())
    for column in kind.table.columns:
        if column.name in known_fields and not column.nullable and column.name not in filled:
            yield problem(here, f"field '{column.name}' of {entity} must be fed")
    if kind.each and part.each is None:
        yield problem(here, f"{entity} holds several rows per record and needs 'each'")
    if part.each and not kind.each:
        yield problem((*here, "each"), f"{entity} holds one row per record and takes no 'each'")


def _check_codes(
    spec: FieldPart, default: str | None, here: KeyPath, problem: Any
) -> Iterator[Problem]:
    name = spec.codes or default
    if spec.codes and spec.codes not in code_lists.list_names():
        yield problem(
            (*here, "codes"),
            f"unknown code list '{spec.codes}'",
            did_you_mean(spec.codes, code_lists.list_names()),
        )
    elif name and name != "municipality":
        labels = code_lists.load_code_list(name).labels
        for code in {str(v) for v in spec.values.values()} - labels.keys():
            yield problem(
                (*here, "values"),
                f"'{code}' is no code of the list {name}",
                did_you_mean(code, labels),
            )


def collect_columns(table: TablePart) -> set[str]:
    """Every column of the file that the mapping reads."""
    found = set(table.key)
    for part in table.feeds.values():
        found |= set(part.key) | set(part.when)
        for spec in part.fields.values():
            found |= {spec.column} if spec.column else set()
            found |= set(spec.only_if)
        if part.each:
            found |= {part.each.column} if part.each.column else set(part.each.columns)
    return found


def _used_code_lists(table: TablePart) -> set[str]:
    used: set[str] = set()
    for entity, part in table.feeds.items():
        fields = ENTITIES[entity].table.columns
        names = [*part.fields, *(ENTITIES[entity].each if part.each else ())]
        used |= {c for n in names if (c := fields[n].info["codes"])} | {
            s.codes for s in part.fields.values() if s.codes
        }
        if part.each and part.each.pattern:
            used |= {c.info["codes"] for c in fields if c.info["codes"]}
    return used
