"""Turns one stored page of enaio into text tables: the objects of a type and each table field."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from connectors.enaio.objects import OBJECT_ID, EnaioObject, parse_objects
from connectors.enaio.replies import NotAPage, parse_json
from connectors.readers.rows.data_rows import DataRows
from connectors.readers.rows.header import Header, header_at, normalize_name
from connectors.readers.spreadsheet.size_check import check_columns
from connectors.tables.limits import USUAL_LIMITS, Limits
from connectors.tables.text_table import CannotRead, TextTable, UnreadableTable, Wanted

_NAME = re.compile(
    r"(?:(?P<title>(?:deleted/)?[^/]+)|(?P<living>living/[^/]+)/\d+)"
    r"/(?P<first>\d{6,})-(?P<last>\d{6,})\.json"
)
_ALWAYS_THERE = (OBJECT_ID, "system:objectTypeId", "system:baseTypeId")

Row = tuple[int, list[str], str]


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


def page_tables(
    path: Path, shown_as: str, wanted: Sequence[Wanted], limits: Limits = USUAL_LIMITS
) -> Iterator[TextTable | UnreadableTable]:
    """The wanted tables of one page.

    ``table`` of a wanted one is the type's name (or None) for its objects, ``<Type>.<Field>`` for a
    table field. A row's place is the running number of its object over all pages of the type;
    objects that the page before already held are left out. Raises CannotRead ``broken_page`` or
    ``too_large``.
    """
    name = stored_name(shown_as)
    if name is None or path.stat().st_size > limits.file_bytes:
        raise CannotRead(
            "too_large",
            "Die gespeicherte Seite aus enaio ist größer als erlaubt oder umbenannt worden.",
        )
    added = _added_objects(path, name)
    own_tables = {normalize_name(want.table) for want in wanted if want.table is not None}
    for want in wanted:
        table = normalize_name(want.table or name.title)
        if table == normalize_name(name.title):
            objects = _ObjectTable(name, added, own_tables)
            yield _make_table(name.title, shown_as, want, limits, objects)
        elif table.startswith(normalize_name(name.title) + "."):
            rows = _FieldRows(name, added, _field_name(name.title, added, want))
            yield _make_table(f"{name.title}.{rows.field}", shown_as, want, limits, rows)


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
        message = (
            "Die gespeicherte Seite aus enaio ist beschädigt oder umbenannt worden. "
            "Bitte den Abruf wiederholen."
        )
        raise CannotRead("broken_page", message)
    return found[len(found) - count :]


def _field_names(objects: Iterable[EnaioObject]) -> list[str]:
    """Names of the fields that any of the objects has, in order of appearance."""
    return list(dict.fromkeys(name for thing in objects for name in thing.fields))


@dataclass
class _ObjectTable:
    """The objects themselves: a row each, with every field that any of them has."""

    name: StoredName
    objects: list[EnaioObject]
    own_tables: set[str]

    def list_columns(self, want: Wanted) -> list[str]:
        mapped = _known_spellings(want)
        names = _field_names(self.objects)
        return [n for n in names if n not in _ALWAYS_THERE or normalize_name(n) in mapped]

    def list_unknown(self, want: Wanted) -> tuple[str, ...]:
        """Table fields that no mapping wants."""
        mapped = _known_spellings(want) | self.own_tables
        fields = dict.fromkeys(name for thing in self.objects for name in thing.tables)
        return tuple(field for field in fields if mapped.isdisjoint(self._spellings_of(field)))

    def _spellings_of(self, field: str) -> tuple[str, str]:
        return normalize_name(field), normalize_name(f"{self.name.title}.{field}")

    def iterate_rows(self, columns: Sequence[str]) -> Iterator[Row]:
        for place, thing in enumerate(self.objects, self.name.first):
            yield place, [thing.fields.get(column, "") for column in columns], ""


@dataclass
class _FieldRows:
    """The rows of a table field, each with its object's id and wanted fields of its object."""

    name: StoredName
    objects: list[EnaioObject]
    field: str

    def list_columns(self, want: Wanted) -> list[str]:
        tables = [thing.tables[self.field] for thing in self.objects if self.field in thing.tables]
        own = dict.fromkeys(column for table in tables for column in table.columns)
        mapped = _known_spellings(want) - {normalize_name(column) for column in own}
        of_object = [name for name in _field_names(self.objects) if name != OBJECT_ID]
        return [OBJECT_ID, *(n for n in of_object if normalize_name(n) in mapped), *own]

    def list_unknown(self, want: Wanted) -> tuple[str, ...]:
        return ()

    def iterate_rows(self, columns: Sequence[str]) -> Iterator[Row]:
        for place, thing in enumerate(self.objects, self.name.first):
            if table := thing.tables.get(self.field):
                for row in table.rows:
                    own = dict(zip(table.columns, row, strict=True))
                    cells = {**thing.fields, OBJECT_ID: thing.id, **own}
                    yield place, [cells.get(column, "") for column in columns], ""


def _make_table(
    title: str, file: str, want: Wanted, limits: Limits, source: _ObjectTable | _FieldRows
) -> TextTable | UnreadableTable:
    columns = source.list_columns(want)
    rows = list(source.iterate_rows(columns))
    try:
        header = _page_header(columns, want, title, filled=bool(rows), limits=limits)
    except CannotRead as error:
        error.table = want.name
        return UnreadableTable(file, want.name, None, error)
    lacking = [""] * (len(header.names) - len(columns))
    padded = ((place, cells + lacking, text) for place, cells, text in rows)
    unknown = tuple(c for c in header.unknown if c not in _ALWAYS_THERE) + source.list_unknown(want)
    return TextTable(
        file=file,
        name=want.name,
        sheet=None,
        header=header.shown,
        unknown=unknown,
        preamble={},
        batches=DataRows(header, ()).batch_rows(padded, limits.cell_chars),
        title=title,
    )


def _page_header(
    columns: Sequence[str], want: Wanted, title: str, *, filled: bool, limits: Limits
) -> Header:
    """The columns of the page, then the wanted ones that it does not name.

    enaio leaves out a field that is empty in all objects of a page, so only key columns must be
    there; that every column exists is checked by the fetch.
    """
    there = {normalize_name(column) for column in columns}
    lacking = [
        column
        for column in want.columns
        if column in want.required
        and not there & {normalize_name(text) for text in (column, *want.columns[column])}
        and not (filled and column in want.key)
    ]
    check_columns(len(columns) + len(lacking), limits)
    return header_at([*columns, *lacking], 0, want, title=title)


def _known_spellings(want: Wanted) -> set[str]:
    return {normalize_name(text) for name, texts in want.columns.items() for text in (name, *texts)}
