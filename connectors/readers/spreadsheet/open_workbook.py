"""Opens a workbook safely and lists its sheets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from lxml import etree
from python_calamine import CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

from connectors.readers.spreadsheet.decrypt import decrypt_workbook
from connectors.readers.spreadsheet.file_kind import DAMAGED, OLE, encrypted_error
from connectors.readers.spreadsheet.marks import sheet_marks
from connectors.readers.spreadsheet.sheet_text import (
    SheetText,
    broken_sheet,
    guard_calamine,
    sheet_text,
)
from connectors.readers.spreadsheet.xls_size_check import check_xls
from connectors.tables.limits import USUAL_LIMITS, Limits
from connectors.tables.text_table import CannotRead, Notice


@dataclass(frozen=True)
class Workbook:
    """An open workbook, and its bytes for what the workbook library does not report."""

    book: CalamineWorkbook
    content: Path | IO[bytes]


def _broken_error() -> CannotRead:
    return CannotRead(
        "broken_file",
        "Die Arbeitsmappe lässt sich nicht öffnen: Sie ist unvollständig, beschädigt, durch ein "
        "Kennwort geschützt oder keine Excel-Datei. Bitte neu exportieren und ohne Kennwort als "
        ".xlsx ablegen.",
    )


def _check_names(names: Sequence[str]) -> None:
    """Raises CannotRead where two sheets have one name: by it only one of them can be read."""
    twice = next((name for name, count in Counter(names).items() if count > 1), None)
    if twice is not None:
        raise CannotRead(
            "broken_file",
            f"In der Arbeitsmappe heißen zwei Blätter „{twice}“; nur eines davon ließe sich lesen. "
            "Bitte eines umbenennen und neu speichern.",
            sheet=twice,
        )


@contextmanager
def open_workbook(
    content: Path | IO[bytes], password: str | None = None, limits: Limits = USUAL_LIMITS
) -> Iterator[Workbook]:
    """Opens a workbook by its content, never by its name.

    ``password`` is for old workbooks, of which only opening shows that they need one.
    Raises CannotRead ``encrypted``, ``password`` or ``broken_file``.
    """
    with content.open("rb") if isinstance(content, Path) else nullcontext(content) as file:
        if file.read(len(OLE)) == OLE:
            check_xls(file, limits)
        file.seek(0)
        try:
            with guard_calamine(_broken_error()):
                book = CalamineWorkbook.from_filelike(file)
        except PasswordError:
            if password is None or not isinstance(content, Path):
                raise encrypted_error() from None
            plain = decrypt_workbook(content, password, limits)
            with open_workbook(plain, limits=limits) as opened:
                yield opened
            return
        with book:
            _check_names(book.sheet_names)
            yield Workbook(book, content)


def visible_sheets(book: Workbook) -> list[str]:
    """Names of the sheets a person sees."""
    return [
        s.name
        for s in book.book.sheets_metadata
        if s.visible == SheetVisibleEnum.Visible and s.typ == SheetTypeEnum.WorkSheet
    ]


def all_sheets(book: Workbook) -> list[str]:
    """Names of the sheets with cells, hidden ones, too."""
    return [s.name for s in book.book.sheets_metadata if s.typ == SheetTypeEnum.WorkSheet]


def hidden_sheets(book: Workbook) -> list[Notice]:
    """A notice of the sheets that are left out because they are hidden, if there are any."""
    sheets = book.book.sheets_metadata
    return hidden_notice(s.name for s in sheets if s.visible != SheetVisibleEnum.Visible)


def hidden_notice(names: Iterable[str]) -> list[Notice]:
    """A notice that names hidden sheets, if there are any."""
    listed = ", ".join(f"„{name}“" for name in names)
    if not listed:
        return []
    return [Notice("hidden_sheet", f"Ausgeblendete Blätter wurden nicht gelesen: {listed}.")]


def read_sheet(book: Workbook, name: str) -> SheetText:
    """A sheet with its marks; raises CannotRead ``broken_file``."""
    # The workbook library parses outside Python's lock, so finding the marks costs no extra time.
    with ThreadPoolExecutor(1) as pool:
        marks = pool.submit(sheet_marks, book.content, name, book.book.sheet_names.index(name))
        try:
            with guard_calamine(broken_sheet(name)):
                return sheet_text(book.book.get_sheet_by_name(name), marks.result())
        except (*DAMAGED, etree.XMLSyntaxError):
            raise broken_sheet(name) from None
