"""Turns one stored page of enaio into text tables: the objects of a type and each table field."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from connectors.enaio.objects import OBJECT_ID, EnaioObject, parse_objects
from connectors.enaio.replies import NotAPage, parse_json
from connectors.readers.delivered_file import DeliveredFile, Tables
from connectors.readers.rows.data_rows import rows_table
from connectors.readers.rows.header import header_at, normalize_name, spellings_of
from connectors.tables.text_table import CannotRead, TextTable, UnreadableTable, Wanted

_NAME = re.compile(
    r"(?:(?P<title>(?:deleted/)?[^/]+)|(?P<living>living/[^/]+)/\d+)"
    r"/(?P<first>\d{6,})-(?P<last>\d{6,})\.json"
)
_ALWAYS_THERE = (OBJECT_ID, "system:objectTypeId", "system:baseTypeId")


@dataclass(frozen=True)
class StoredName:
    """The type of a page and the running numbers of the objects it adds, from its file name."""

    title: str
    first: int
    last: int


def stored_name(shown_as: str) -> StoredName | None:
    """Parses ``Person/000201-000400.json``; None for any other file.

    Also parses ``deleted/Person/…`` and ``living/Person/1/…``.
    """
    found = _NAME.fullmatch(shown_as)
    if found is None:
        return None
    return StoredName(found["title"] or found["living"], int(found["first"]), int(found["last"]))


def is_enaio_page(path: Path, shown_as: str) -> bool:
    """Whether a delivered file is a page stored by a fetch from enaio.

    Decided by its name below the delivery and its first byte.
    """
    if stored_name(shown_as) is None:
        return False
    with path.open("rb") as file:
        return file.read(64).lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[")


def page_tables(file: DeliveredFile, wanted: Sequence[Wanted]) -> Tables:
    """The wanted tables of one page.

    ``table`` of a wanted one is the type's name (or None) for its objects, ``<Type>.<Field>`` for a
    table field. A row's place is the running number of its object over all pages of the type;
    objects that the page before already held are left out. Raises CannotRead ``broken_page`` or
    ``too_large``.
    """
    name = stored_name(file.shown)
    if name is None or file.path.stat().st_size > file.limits.file_bytes:
        raise CannotRead(
            "too_large",
            "Die gespeicherte Seite aus enaio ist größer als erlaubt oder umbenannt worden.",
        )
    objects = _added_objects(file.path, name)
    for table_field in (field for thing in objects for field in thing.tables.values()):
        file.limits.check_columns(len(table_field.columns))
    own_tables = {normalize_name(want.table) for want in wanted if want.table is not None}
    for want in wanted:
        table = normalize_name(want.table or name.title)
        if table == normalize_name(name.title):
            yield _make_table(file, want, _object_table(name, objects, want, own_tables))
        elif table.startswith(normalize_name(name.title) + "."):
            yield _make_table(file, want, _field_table(name, objects, want))


def _field_name(title: str, objects: Sequence[EnaioObject], want: Wanted) -> str:
    """The wanted table field as the page spells it, or as the mapping does if the page lacks it."""
    table = want.table or ""
    fields = {normalize_name(f"{title}.{f}"): f for thing in objects for f in thing.tables}
    return fields.get(normalize_name(table), table.rpartition(".")[2])


def _added_objects(path: Path, name: StoredName) -> list[EnaioObject]:
    """The objects of a page without those that the page before already held."""
    count = name.last - name.first + 1
    try:
        found = parse_objects(parse_json(path.read_bytes()))
    except (NotAPage, RecursionError):
        found = []
    if len(found) < count:
        raise CannotRead(
            "broken_page",
            "Die gespeicherte Seite aus enaio ist beschädigt oder umbenannt worden. "
            "Bitte den Abruf wiederholen.",
        )
    return found[len(found) - count :]


def _field_names(objects: Iterable[EnaioObject]) -> list[str]:
    """Names of the fields that any of the objects has, in order of appearance."""
    return list(dict.fromkeys(name for thing in objects for name in thing.fields))


@dataclass(frozen=True)
class _PageTable:
    """One table of a page: its rows as values by column, and what no mapping wants of it."""

    title: str
    columns: list[str]
    rows: list[tuple[int, dict[str, str]]]
    unknown: tuple[str, ...] = ()


def _object_table(
    name: StoredName, objects: Sequence[EnaioObject], want: Wanted, own_tables: set[str]
) -> _PageTable:
    """The objects themselves: a row each, with every field that any of them has."""
    mapped = spellings_of(want).keys()
    names = _field_names(objects)
    columns = [n for n in names if n not in _ALWAYS_THERE or normalize_name(n) in mapped]
    rows = [(place, thing.fields) for place, thing in enumerate(objects, name.first)]
    unknown = [
        field
        for field in dict.fromkeys(field for thing in objects for field in thing.tables)
        if normalize_name(field) not in mapped | own_tables
        and normalize_name(f"{name.title}.{field}") not in mapped | own_tables
    ]
    return _PageTable(name.title, columns, rows, tuple(unknown))


def _field_table(name: StoredName, objects: Sequence[EnaioObject], want: Wanted) -> _PageTable:
    """The rows of a table field, each with its object's id and wanted fields of its object."""
    field = _field_name(name.title, objects, want)
    found = [
        (place, thing, thing.tables[field])
        for place, thing in enumerate(objects, name.first)
        if field in thing.tables
    ]
    own = dict.fromkeys(column for _, _, table in found for column in table.columns)
    mapped = spellings_of(want).keys() - {normalize_name(column) for column in own}
    of_object = [n for n in _field_names(objects) if n != OBJECT_ID and normalize_name(n) in mapped]
    rows = [
        (place, {**thing.fields, OBJECT_ID: thing.id, **dict(zip(table.columns, row, strict=True))})
        for place, thing, table in found
        for row in table.rows
    ]
    return _PageTable(f"{name.title}.{field}", [OBJECT_ID, *of_object, *own], rows)


def _make_table(file: DeliveredFile, want: Wanted, page: _PageTable) -> TextTable | UnreadableTable:
    """The table with its own columns and then the wanted ones that it does not name.

    enaio leaves out a field that is empty in all objects of a page, so only key columns must be
    there; that every column exists is checked by the fetch.
    """
    columns = [*page.columns, *_lacking_columns(page, want)]
    try:
        file.limits.check_columns(len(columns))
        header = header_at(columns, 0, want, title=page.title)
    except CannotRead as error:
        return UnreadableTable(file.shown, want.name, None, error)
    rows = ((place, [values.get(c, "") for c in columns], "") for place, values in page.rows)
    table = rows_table(file, want.name, page.title, header, rows, [])
    table.unknown = tuple(c for c in header.unknown if c not in _ALWAYS_THERE) + page.unknown
    return table


def _lacking_columns(page: _PageTable, want: Wanted) -> list[str]:
    there = {normalize_name(column) for column in page.columns}
    return [
        column
        for column in want.columns
        if column in want.required
        and not there & {normalize_name(text) for text in (column, *want.columns[column])}
        and not (page.rows and column in want.key)
    ]
