"""Workbooks (xlsx, xlsm, xlsb, xls, ods) as text tables, one per wanted sheet. Formulas and macros are never run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

from python_calamine import (
    CalamineError,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from connectors.readers.cell_text import cell_text
from connectors.readers.data_rows import DataRows
from connectors.readers.file_kind import encrypted
from connectors.readers.header import SCANNED_ROWS, Header, find_header, header_at, plain, stated_row
from connectors.readers.limits import Limits
from connectors.readers.sheet_marks import sheet_marks
from connectors.text_table import Batch, CannotRead, Notice, TextTable, UnreadableTable, Wanted

SheetRow = tuple[int, list[str]]


def workbook_tables(path: Path, shown_as: str, wanted: Sequence[Wanted], limits: Limits) -> Iterator[TextTable | UnreadableTable]:
    """The wanted sheets of a workbook; a sheet that is missing or has no fitting header is yielded as unreadable.

    Only visible sheets are read; the hidden ones are named in a notice of the first table. Raises CannotRead for the file.
    """
    with open_workbook(path) as book:
        hidden = hidden_sheets(book)
        for want in wanted:
            try:
                name = _sheet_for(book, want)
                table = _table(path, book, name, shown_as, want, limits, hidden)
                hidden = []
                yield table
            except CannotRead as error:
                yield UnreadableTable(shown_as, want.name, error.sheet, error)


@contextmanager
def open_workbook(path: Path) -> Iterator[CalamineWorkbook]:
    """The workbook by its content, never by its name; raises CannotRead ``encrypted`` or ``broken_file``."""
    with path.open("rb") as file:
        try:
            book = CalamineWorkbook.from_filelike(file)
        except PasswordError:
            raise encrypted() from None
        except (CalamineError, OSError):
            raise CannotRead(
                "broken_file",
                "Die Arbeitsmappe lässt sich nicht öffnen: Sie ist unvollständig, beschädigt, durch ein Kennwort geschützt "
                "oder keine Excel-Datei. Bitte neu exportieren und ohne Kennwort als .xlsx ablegen.",
            ) from None
        with book:
            yield book


def visible_sheets(book: CalamineWorkbook) -> list[str]:
    """Names of the sheets a person sees."""
    return [s.name for s in book.sheets_metadata if s.visible == SheetVisibleEnum.Visible and s.typ == SheetTypeEnum.WorkSheet]


def hidden_sheets(book: CalamineWorkbook) -> list[Notice]:
    """A notice for the sheets that are left out because nobody sees them."""
    names = [s.name for s in book.sheets_metadata if s.visible != SheetVisibleEnum.Visible]
    if not names:
        return []
    listed = ", ".join(f"„{n}“" for n in names)
    return [Notice("hidden_sheet", f"Ausgeblendete Blätter wurden nicht gelesen: {listed}.")]


def sheet_rows(book: CalamineWorkbook, name: str) -> Iterator[SheetRow]:
    """Rows of a sheet as (row number, texts without trailing blanks); raises CannotRead ``broken_file``."""
    try:
        sheet = book.get_sheet_by_name(name)
        if sheet.start is None:
            return
        for number, values in enumerate(sheet.iter_rows(), 1):
            cells = [cell_text(value) for value in values]
            while cells and (not cells[-1] or cells[-1].isspace()):
                cells.pop()
            yield number, cells
    except CalamineError:
        message = f"Das Blatt „{name}“ lässt sich nicht lesen, die Datei ist beschädigt. Bitte neu exportieren."
        raise CannotRead("broken_file", message, sheet=name) from None


def _sheet_for(book: CalamineWorkbook, want: Wanted) -> str:
    visible = visible_sheets(book)
    if want.table is None:
        if visible:
            return visible[0]
    else:
        for name in visible:
            if plain(name) == plain(want.table):
                return name
    named = f"Das Blatt „{want.table}“" if want.table else "Ein sichtbares Blatt"
    raise CannotRead(
        "sheet_missing",
        f"{named} fehlt in der Arbeitsmappe. Sichtbar sind: {', '.join(f'„{v}“' for v in visible) or 'keine'}. "
        "Bitte das Blatt wieder anlegen, einblenden oder die Zuordnung anpassen.",
        table=want.name,
        sheet=want.table,
    )


def _table(
    path: Path, book: CalamineWorkbook, name: str, shown_as: str, want: Wanted, limits: Limits, hidden: Sequence[Notice]
) -> TextTable:
    rows = sheet_rows(book, name)
    first = list(islice(rows, max(SCANNED_ROWS, want.dialect.header_row or 0)))
    try:
        header, index = _header(first, want, name)
    except CannotRead as error:
        error.sheet, error.table = name, want.name
        raise
    rest = chain(first[index + 1 :], rows)
    return sheet_table(shown_as, want, name, header, rest, limits, hidden, Marked(path, book, name))


def _header(first: Sequence[SheetRow], want: Wanted, title: str) -> tuple[Header, int]:
    if want.dialect.columns:
        return header_at(want.dialect.columns, 0, want, title=title), -1
    if want.dialect.header_row is not None:
        index = stated_row(first, want.dialect.header_row, title)
        row, cells = first[index]
        return header_at(cells, row, want, title=title, above=first[:index]), index
    index, header = find_header(first, want, title=title)
    return header, index


def sheet_table(
    shown_as: str,
    want: Wanted,
    sheet: str,
    header: Header,
    rows: Iterable[SheetRow],
    limits: Limits,
    notices: Sequence[Notice],
    marked: Marked,
) -> TextTable:
    """The table of a sheet whose header and following rows are known."""
    data = DataRows(header, want.dialect.footers)
    table = TextTable(
        file=shown_as,
        name=want.name,
        sheet=sheet,
        header=header.shown,
        unknown=header.unknown,
        preamble=header.preamble,
        batches=iter(()),
        notices=list(notices),
        title=sheet,
    )
    table.batches = _Walk(data, table.notices, limits, marked).batches(rows)
    return table


@dataclass(frozen=True)
class Marked:
    """A sheet in its file, to ask for what the workbook library does not tell."""

    path: Path
    book: CalamineWorkbook
    sheet: str

    def notices(self, data: DataRows) -> list[Notice]:
        """Hidden rows, and cells of data whose value the file does not hold."""
        header = data.header
        start = self.book.get_sheet_by_name(self.sheet).start or (0, 0)
        columns = {place + start[1]: name for place, name in enumerate(header.names) if name not in header.unknown}
        marks = sheet_marks(self.path, self.sheet)
        left_out = {row for rows in data.left_out.values() for row in rows}
        places = {*marks.hidden_rows, *(row for row, _ in (*marks.unstored, *marks.errors))}
        return marks.notices(columns, frozenset(row for row in places - left_out if row > header.row))


@dataclass
class _Walk:
    """Fits the rows of a sheet to its header: short ones are filled up, cells beside it are told and left out."""

    data: DataRows
    notices: list[Notice]
    limits: Limits
    marked: Marked
    beside: int = 0
    first_beside: int | None = None

    def batches(self, rows: Iterable[SheetRow]) -> Iterator[Batch]:
        fitted = ((row, self._fitted(row, cells), "") for row, cells in rows)
        yield from self.data.batches(fitted, self.limits.cell_chars)
        self.notices += self.data.notices()
        self.notices += self.marked.notices(self.data)
        if self.first_beside is not None:
            message = (
                f"In {self.beside} Zeilen, zuerst in Zeile {self.first_beside}, stehen Angaben rechts neben der "
                "Tabelle; sie wurden nicht übernommen."
            )
            self.notices.append(Notice("beside_table", message, row=self.first_beside))

    def _fitted(self, row: int, cells: list[str]) -> list[str]:
        width = self.data.width
        if len(cells) > width:
            self.beside += 1
            self.first_beside = self.first_beside or row
            return cells[:width]
        return cells + [""] * (width - len(cells))
