"""Turns one stored page of enaio into text tables: the objects of a type, and each table field as a table of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from connectors.enaio.objects import OBJECT_ID, Thing, things
from connectors.enaio.replies import NotAPage, parsed
from connectors.readers.data_rows import DataRows
from connectors.readers.header import Header, header_at, plain
from connectors.readers.limits import USUAL_LIMITS, Limits
from connectors.text_table import CannotRead, TextTable, UnreadableTable, Wanted

_NAME = re.compile(r"(?:(?P<title>(?:deleted/)?[^/]+)|(?P<living>living/[^/]+)/\d+)/(?P<first>\d{6,})-(?P<last>\d{6,})\.json")
_ALWAYS_THERE = (OBJECT_ID, "system:objectTypeId", "system:baseTypeId")


@dataclass(frozen=True)
class StoredName:
    """What the name of a page says: its type, and the running numbers of the objects it adds."""

    title: str
    first: int
    last: int


def stored_name(shown_as: str) -> StoredName | None:
    """Reads ``Person/000201-000400.json`` (or ``deleted/Person/…``, ``living/Person/1/…``); None for any other file."""
    found = _NAME.fullmatch(shown_as)
    return StoredName(found["title"] or found["living"], int(found["first"]), int(found["last"])) if found else None


def is_enaio_page(path: Path, shown_as: str) -> bool:
    """Whether a delivered file is a page that a fetch from enaio stored: by its name below the delivery and its first byte."""
    if stored_name(shown_as) is None:
        return False
    with path.open("rb") as file:
        return file.read(64).lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[")


def page_tables(
    path: Path, shown_as: str, wanted: Sequence[Wanted], limits: Limits = USUAL_LIMITS
) -> Iterator[TextTable | UnreadableTable]:
    """The wanted tables of one page; a row's place is the running number of its object over all pages of the type.

    ``table`` of a wanted one is the type's name (or None) for its objects, ``<Type>.<Field>`` for a table field. Objects
    that the page before already held are left out. Raises CannotRead ``broken_page`` or ``too_large``.
    """
    name = stored_name(shown_as)
    if name is None or path.stat().st_size > limits.file_bytes:
        raise CannotRead("too_large", "Die gespeicherte Seite aus enaio ist größer als erlaubt oder umbenannt worden.")
    added = _added(path, name)
    fields = {plain(f"{name.title}.{field}"): field for thing in added for field in thing.tables}
    for want in wanted:
        if want.table is None or plain(want.table) == plain(name.title):
            yield _table(name.title, shown_as, want, limits, _Objects(name, added, _named(wanted)))
        elif plain(want.table).startswith(plain(name.title) + "."):
            field = fields.get(plain(want.table), want.table.rpartition(".")[2])
            yield _table(f"{name.title}.{field}", shown_as, want, limits, _Rows(name, added, field))


def _added(path: Path, name: StoredName) -> list[Thing]:
    count = name.last - name.first + 1
    try:
        found = things(parsed(path.read_bytes()))
    except (NotAPage, RecursionError):
        found = []
    if len(found) < count:
        message = "Die gespeicherte Seite aus enaio ist beschädigt oder umbenannt worden. Bitte den Abruf wiederholen."
        raise CannotRead("broken_page", message)
    return found[len(found) - count :]


def _named(wanted: Sequence[Wanted]) -> set[str]:
    return {plain(want.table) for want in wanted if want.table is not None}


@dataclass
class _Objects:
    """The objects themselves: a row each, with every field that any of them has."""

    name: StoredName
    things: list[Thing]
    own_tables: set[str]

    def columns(self, want: Wanted) -> list[str]:
        mapped = _spellings(want)
        found = dict.fromkeys(name for thing in self.things for name in thing.fields)
        return [name for name in found if name not in _ALWAYS_THERE or plain(name) in mapped]

    def unknown(self, want: Wanted) -> tuple[str, ...]:
        """Table fields that no mapping wants."""
        fields = dict.fromkeys(name for thing in self.things for name in thing.tables)
        mapped = _spellings(want) | self.own_tables
        return tuple(f for f in fields if plain(f) not in mapped and plain(f"{self.name.title}.{f}") not in mapped)

    def rows(self, columns: Sequence[str]) -> Iterator[tuple[int, list[str], str]]:
        for place, thing in enumerate(self.things, self.name.first):
            yield place, [thing.fields.get(column, "") for column in columns], ""


@dataclass
class _Rows:
    """The rows of a table field, each with the id of its object and with those of the object's fields that are wanted."""

    name: StoredName
    things: list[Thing]
    field: str

    def columns(self, want: Wanted) -> list[str]:
        own = dict.fromkeys(c for t in self.things if self.field in t.tables for c in t.tables[self.field].columns)
        taken = {plain(column) for column in own}
        of_object = dict.fromkeys(name for thing in self.things for name in thing.fields if name != OBJECT_ID)
        wanted = [n for n in of_object if plain(n) in _spellings(want) and plain(n) not in taken]
        return [OBJECT_ID, *wanted, *own]

    def unknown(self, want: Wanted) -> tuple[str, ...]:
        return ()

    def rows(self, columns: Sequence[str]) -> Iterator[tuple[int, list[str], str]]:
        for place, thing in enumerate(self.things, self.name.first):
            table = thing.tables.get(self.field)
            for row in table.rows if table is not None else ():
                cells = {
                    **thing.fields,
                    OBJECT_ID: thing.id,
                    **dict(zip(table.columns if table else (), row, strict=True)),
                }
                yield place, [cells.get(column, "") for column in columns], ""


def _table(title: str, file: str, want: Wanted, limits: Limits, source: _Objects | _Rows) -> TextTable | UnreadableTable:
    columns = source.columns(want)
    rows = list(source.rows(columns))
    try:
        header = _header(columns, want, title, filled=bool(rows), limits=limits)
    except CannotRead as error:
        error.table = want.name
        return UnreadableTable(file, want.name, None, error)
    width = len(header.names)
    padded = ((place, [*cells, *[""] * (width - len(cells))], text) for place, cells, text in rows)
    unknown = tuple(c for c in header.unknown if c not in _ALWAYS_THERE) + source.unknown(want)
    return TextTable(
        file=file,
        name=want.name,
        sheet=None,
        header=header.shown,
        unknown=unknown,
        preamble={},
        batches=DataRows(header, ()).batches(padded, limits.cell_chars),
        title=title,
    )


def _header(columns: Sequence[str], want: Wanted, title: str, *, filled: bool, limits: Limits) -> Header:
    """The columns of the page and after them those wanted ones that it does not name: empty in all its objects.

    Only a key column must be there, since enaio leaves out what is empty; that every column exists was asked before.
    """
    there = {plain(column) for column in columns}
    lacking = [
        column
        for column in want.columns
        if column in want.required
        and not there & {plain(text) for text in (column, *want.columns[column])}
        and not (filled and column in want.key)
    ]
    if len(columns) + len(lacking) > limits.columns:
        raise CannotRead("too_large", f"Die Tabelle hat mehr als {limits.columns} Spalten.")
    return header_at([*columns, *lacking], 0, want, title=title)


def _spellings(want: Wanted) -> set[str]:
    return {plain(text) for name, texts in want.columns.items() for text in (name, *texts)}
