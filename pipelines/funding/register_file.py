"""Reads the register of staff, posts and grants from a workbook or YAML, and the `staff` list."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from connectors.readers.open_file import open_tables
from connectors.tables.text_table import CannotRead, TextTable, UnreadableTable, Wanted
from mappings.engine.clean import clean_line, fold_text
from mappings.engine.dates import date_reader
from mappings.engine.scalars import read_number
from mappings.grant_register import (
    LINE_WORDS,
    NUMBERS,
    SHEETS,
    Grant,
    GrantRegister,
    Holding,
    Member,
    Name,
    Surroundings,
    find_mistakes,
    is_day,
)
from mappings.problems import Problem, YamlProblems, did_you_mean
from mappings.yaml_file import read_yaml

if TYPE_CHECKING:
    from pipelines.config import Config
    from pipelines.config.models import Staff

# A column for notes is read by nobody, and that is what it is for.
_NOTES = ("bemerkung", "notiz", "hinweis", "kommentar")
# Nobody was on a post before the first Verwaltungsvorschrift (VwV Integrationsmanagement 2017).
_BEGINNING = date(2017, 1, 1)
# Where a part of the register stands in its file: (part, number of the entry, field) → a problem.
Locate = Callable[[tuple[str | int, ...], str, str | None], Problem]


def read_register(config: Config) -> GrantRegister:
    """The district's register: its file, if it has one, and the configuration's `staff` list.

    YamlProblems with every mistake at once, each with line or row.
    """
    written = _list_staff(config.staff)
    if config.funding.register_file is None:
        return written
    data, locate = _read_file(config.funding.register_file, config)
    register = _validate(data, locate)
    known = Surroundings(list(config.carriers), list(config.sources), list(config.municipalities))
    problems = [
        locate((part, index, *([field] if field else [])), message, hint)
        for part, index, field, message, hint in find_mistakes(register, known)
    ]
    problems += _find_double_names(config, register)
    if problems:
        raise YamlProblems(problems)
    parts = {part: (*getattr(register, part), *getattr(written, part)) for part in SHEETS}
    return GrantRegister(**_with_known_grants(parts))


def _with_known_grants(parts: dict[str, tuple[Any, ...]]) -> dict[str, tuple[Any, ...]]:
    """Grants of the same key once: the register knows more of it than the `staff` list."""
    unique = {grant.key: grant for grant in reversed(parts["grants"])}
    return {**parts, "grants": tuple(reversed(unique.values()))}


def _find_double_names(config: Config, register: GrantRegister) -> Iterator[Problem]:
    listed = {(s.source, s.name) for s in config.staff}
    for name in register.names:
        if (name.source, name.name) in listed:
            message = f"someone of {name.source} is in the register, too"
            hint = "take the entry out of one of the two"
            yield Problem(config.path.name, 0, 0, "staff", message, hint)
            return


def _validate(data: Any, locate: Locate) -> GrantRegister:
    try:
        return GrantRegister.model_validate(data)
    except ValidationError as error:
        found = (locate(e["loc"], *_word_mistake(e)) for e in error.errors())
        raise YamlProblems(found) from None


def _word_mistake(error: Any) -> tuple[str, str | None]:
    """What is wrong and what would be right, in our words."""
    if error["type"] != "extra_forbidden":
        return str(error["msg"]).removeprefix("Value error, "), None
    (*path, word) = error["loc"]
    known = SHEETS[path[0]].columns if path else SHEETS
    return "unknown key", did_you_mean(str(word), known)


def _read_file(path: Path, config: Config) -> tuple[Any, Locate]:
    if path.suffix.casefold() in (".yaml", ".yml"):
        document = read_yaml(path)
        return _name_places(document.data or {}, config), document.problem
    return _read_workbook(path, config)


def _name_places(data: Any, config: Config) -> Any:
    """The same with carriers and municipalities by their keys, where they are called by name."""
    if not isinstance(data, dict):
        return data
    names = _Names(config)
    return {part: names.resolve_all(entries) for part, entries in data.items()}


class _Names:
    """Finds the keys of carriers, municipalities and lines by their names."""

    def __init__(self, config: Config) -> None:
        carriers = {fold_text(c.name): key for key, c in config.carriers.items()}
        self._fields: Mapping[str, Mapping[str, str]] = {
            "carrier": carriers,
            "applicant": carriers,
            "line": LINE_WORDS,
        }
        self._places = {
            fold_text(name): ags
            for ags, place in config.municipalities.items()
            for name in (place.name, *place.also)
        }

    def resolve_all(self, entries: Any) -> Any:
        """A list of entries resolved; anything else is left for the form to refuse."""
        if not isinstance(entries, list):
            return entries
        return [self.resolve(e) if isinstance(e, dict) else e for e in entries]

    def resolve(self, entry: dict[str, Any]) -> dict[str, Any]:
        found = dict(entry)
        for field, names in self._fields.items():
            word = found.get(field)
            if isinstance(word, str):
                found[field] = names.get(fold_text(word), word)
        places = found.get("municipalities")
        if isinstance(places, list):
            found["municipalities"] = [self._places.get(fold_text(str(p)), str(p)) for p in places]
        return found


def _read_workbook(path: Path, config: Config) -> tuple[Any, Locate]:
    names, problems = _Names(config), list[Problem]()
    data: dict[str, list[dict[str, Any]]] = {part: [] for part in SHEETS}
    rows: dict[tuple[str, int], int] = {}
    for part, table in _open_sheets(path, problems):
        for row, cells in _list_rows(table):
            rows[part, len(data[part])] = row
            data[part].append(names.resolve(_read_cells(cells, part, table, row, problems)))
    if not rows and not problems:
        known = ", ".join(sheet.title for sheet in SHEETS.values())
        problems.append(Problem(path.name, 0, 0, "", "holds none of its sheets", f"known: {known}"))
    if problems:
        raise YamlProblems(problems)
    return data, partial(_locate_row, path.name, rows)


def _locate_row(
    file: str,
    rows: Mapping[tuple[str, int], int],
    loc: tuple[str | int, ...],
    message: str,
    hint: str | None,
) -> Problem:
    part, index = str(loc[0]), int(loc[1])
    heading = SHEETS[part].columns.get(str(loc[2]), str(loc[2])) if len(loc) > 2 else ""
    where = f"{SHEETS[part].title} {heading}".strip()
    return Problem(file, rows[part, index], 0, where, message, hint)


def _open_sheets(path: Path, problems: list[Problem]) -> Iterator[tuple[str, TextTable]]:
    wanted = [_want_sheet(part) for part in SHEETS]
    try:
        for table in open_tables(path, path.name, wanted):
            if isinstance(table, TextTable):
                _check_columns(path, table, problems)
                yield table.name, table
            elif table.error.rule != "sheet_missing":
                problems.append(_refused(path, table))
    except CannotRead as error:
        problems.append(Problem(path.name, 0, 0, "", error.message))


def _refused(path: Path, table: UnreadableTable) -> Problem:
    title = SHEETS[table.name].title
    return Problem(path.name, table.error.row or 0, 0, title, table.error.message)


def _want_sheet(part: str) -> Wanted:
    sheet = SHEETS[part]
    needed = list(sheet.columns)[: sheet.required]
    return Wanted(
        name=part,
        files=("*",),
        table=sheet.title,
        columns={field: (heading, field) for field, heading in sheet.columns.items()},
        required=frozenset(needed),
        key=(needed[0],),
    )


def _check_columns(path: Path, table: TextTable, problems: list[Problem]) -> None:
    title = SHEETS[table.name].title
    for heading in table.unknown:
        if not fold_text(heading).startswith(_NOTES):
            message = f"unknown column '{heading}'"
            hint = "known: " + ", ".join([*SHEETS[table.name].columns.values(), "Bemerkung"])
            problems.append(Problem(path.name, 0, 0, title, message, hint))


def _list_rows(table: TextTable) -> Iterator[tuple[int, dict[str, str]]]:
    for batch in table.batches:
        for row, cells in zip(batch.row.to_pylist(), batch.cells.to_pylist(), strict=True):
            filled = {f: clean_line(cells[f]) for f in SHEETS[table.name].columns if f in cells}
            if any(filled.values()):
                yield row, filled


def _read_cells(
    cells: Mapping[str, str], part: str, table: TextTable, row: int, problems: list[Problem]
) -> dict[str, Any]:
    entry: dict[str, Any] = {}
    for field, text in cells.items():
        if not text:
            continue
        value = _read_cell(field, text, table.day_zero)
        if value is None:
            where = f"{SHEETS[part].title} {SHEETS[part].columns[field]}"
            what = "is no day" if is_day(field) else "is no number"
            problems.append(Problem(table.file, row, 0, where, what))
        else:
            entry[field] = value
    return entry


def _read_cell(field: str, text: str, day_zero: date) -> Any:
    """The value of a filled cell; None where it is no day or number."""
    if field == "municipalities":
        return [clean_line(p) for p in text.replace(";", ",").split(",") if p.strip()]
    if is_day(field):
        return date_reader(serial=True, day_zero=day_zero)(text).value
    if field in NUMBERS:
        number = read_number(text).value
        return None if number is None else Decimal(str(number))
    return text


def _list_staff(listed: Sequence[Staff]) -> GrantRegister:
    """The entries of the configuration's `staff` list as a register."""
    # For someone funded several times the qualification of the last entry counts.
    members = {_mint_key(s): s for s in listed}
    grants = {s.grant: _guess_grant(s.grant) for s in listed if s.grant}
    holdings = {(_mint_key(s), s.begin): s for s in listed if s.begin or s.vzae}
    return GrantRegister(
        grants=tuple(grants.values()),
        staff=tuple(Member(key=k, qualification=s.qualification) for k, s in members.items()),
        names=tuple(Name(staff=k, source=s.source, name=s.name) for k, s in members.items()),
        holdings=tuple(_list_holding(s) for s in holdings.values()),
    )


def _list_holding(entry: Staff) -> Holding:
    return Holding(
        staff=_mint_key(entry),
        begin=entry.begin or _BEGINNING,
        end=entry.end,
        vzae=entry.vzae,
        grant=entry.grant or None,
    )


def _guess_grant(name: str) -> Grant:
    # The list knows a grant by its name alone.
    is_second = "ukraine" in name.casefold()
    return Grant(key=name, line="ukraine_soforthilfe" if is_second else "integrationsmanagement")


def _mint_key(entry: Staff) -> str:
    """A key that names nobody: it stands in names of files."""
    return "s-" + hashlib.sha256(f"{entry.source}\x1f{entry.name}".encode()).hexdigest()[:12]
