"""Turns one stored page of enaio into text tables: the objects of a type, and each table field as a table of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from connectors.enaio.objects import OBJECT_ID, EnaioObject, parse_objects
from connectors.enaio.replies import NotAPage, parse_json
from connectors.readers.rows.data_rows import DataRows
from connectors.readers.rows.header import Header, header_at, normalize_name
from connectors.tables.limits import USUAL_LIMITS, Limits
from connectors.tables.text_table import CannotRead, TextTable, UnreadableTable, Wanted

_NAME = re.compile(
    r"(?:(?P<title>(?:deleted/)?[^/]+)|(?P<living>living/[^/]+)/\d+)/(?P<first>\d{6,})-(?P<last>\d{6,})\.json"
)
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
    return (
        StoredName(found["title"] or found["living"], int(found["first"]), int(found["last"]))
        if found
        else None
    )


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
        raise CannotRead(
            "too_large",
            "Die gespeicherte Seite aus enaio ist größer als erlaubt oder umbenannt worden.",
        )
    added = _added_objects(path, name)
    fields = {
        normalize_name(f"{name.title}.{field}"): field for thing in added for field in thing.tables
    }
    for want in wanted:
        if want.table is None or normalize_name(want.table) == normalize_name(name.title):
            yield _make_table(
                name.title, shown_as, want, limits, _ObjectTable(name, added, _named_tables(wanted))
            )
        elif normalize_name(want.table).startswith(normalize_name(name.title) + "."):
            field = fields.get(normalize_name(want.table), want.table.rpartition(".")[2])
            yield _make_table(
                f"{name.title}.{field}", shown_as, want, limits, _FieldRows(name, added, field)
            )


def _added_objects(path: Path, name: StoredName) -> list[EnaioObject]:
    count = name.last - name.first + 1
    try:
        found = parse_objects(parse_json(path.read_bytes()))
    except (NotAPage, RecursionError):
        found = []
    if len(found) < count:
        message = "Die gespeicherte Seite aus enaio ist beschädigt oder umbenannt worden. Bitte den Abruf wiederholen."
        raise CannotRead("broken_page", message)
    return found[len(found) - count :]


def _named_tables(wanted: Sequence[Wanted]) -> set[str]:
    return {normalize_name(want.table) for want in wanted if want.table is not None}


@dataclass
class _ObjectTable:
    """The objects themselves: a row each, with every field that any of them has."""

    name: StoredName
    things: list[EnaioObject]
    own_tables: set[str]

    def list_columns(self, want: Wanted) -> list[str]:
        mapped = _known_spellings(want)
        found = dict.fromkeys(name for thing in self.things for name in thing.fields)
        return [
            name for name in found if name not in _ALWAYS_THERE or normalize_name(name) in mapped
        ]

    def list_unknown(self, want: Wanted) -> tuple[str, ...]:
        """Table fields that no mapping wants."""
        fields = dict.fromkeys(name for thing in self.things for name in thing.tables)
        mapped = _known_spellings(want) | self.own_tables
        return tuple(
            f
            for f in fields
            if normalize_name(f) not in mapped
            and normalize_name(f"{self.name.title}.{f}") not in mapped
        )

    def iterate_rows(self, columns: Sequence[str]) -> Iterator[tuple[int, list[str], str]]:
        for place, thing in enumerate(self.things, self.name.first):
            yield place, [thing.fields.get(column, "") for column in columns], ""


@dataclass
class _FieldRows:
    """The rows of a table field, each with the id of its object and with those of the object's fields that are wanted."""

    name: StoredName
    things: list[EnaioObject]
    field: str

    def list_columns(self, want: Wanted) -> list[str]:
        own = dict.fromkeys(
            c for t in self.things if self.field in t.tables for c in t.tables[self.field].columns
        )
        taken = {normalize_name(column) for column in own}
        of_object = dict.fromkeys(
            name for thing in self.things for name in thing.fields if name != OBJECT_ID
        )
        wanted = [
            n
            for n in of_object
            if normalize_name(n) in _known_spellings(want) and normalize_name(n) not in taken
        ]
        return [OBJECT_ID, *wanted, *own]

    def list_unknown(self, want: Wanted) -> tuple[str, ...]:
        return ()

    def iterate_rows(self, columns: Sequence[str]) -> Iterator[tuple[int, list[str], str]]:
        for place, thing in enumerate(self.things, self.name.first):
            table = thing.tables.get(self.field)
            for row in table.rows if table is not None else ():
                cells = {
                    **thing.fields,
                    OBJECT_ID: thing.id,
                    **dict(zip(table.columns if table else (), row, strict=True)),
                }
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
    width = len(header.names)
    padded = ((place, [*cells, *[""] * (width - len(cells))], text) for place, cells, text in rows)
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
    """The columns of the page and after them those wanted ones that it does not name: empty in all its objects.

    Only a key column must be there, since enaio leaves out what is empty; that every column exists was asked before.
    """
    there = {normalize_name(column) for column in columns}
    lacking = [
        column
        for column in want.columns
        if column in want.required
        and not there & {normalize_name(text) for text in (column, *want.columns[column])}
        and not (filled and column in want.key)
    ]
    if len(columns) + len(lacking) > limits.columns:
        raise CannotRead("too_large", f"Die Tabelle hat mehr als {limits.columns} Spalten.")
    return header_at([*columns, *lacking], 0, want, title=title)


def _known_spellings(want: Wanted) -> set[str]:
    return {normalize_name(text) for name, texts in want.columns.items() for text in (name, *texts)}
