"""Open one delivered file as the text tables a mapping wants; the content chooses the reader, not the file's name."""

from __future__ import annotations

import fnmatch
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

from connectors.readers.csv_file import csv_table
from connectors.readers.enaio_xml import xml_tables
from connectors.readers.file_kind import file_kind
from connectors.readers.header import plain
from connectors.readers.limits import USUAL_LIMITS, Limits
from connectors.readers.workbook import workbook_tables
from connectors.text_table import CannotRead, TextTable, UnreadableTable, Wanted


def open_tables(
    path: Path, shown_as: str, wanted: Sequence[Wanted], limits: Limits = USUAL_LIMITS
) -> Iterator[TextTable | UnreadableTable]:
    """The wanted tables of one file, read while they are walked; walk each one before taking the next.

    ``shown_as`` is the file's name below its delivery; only those of ``wanted`` whose ``files`` fit it are looked for.
    Yields ``UnreadableTable`` where a table is missing or has no fitting header. Raises CannotRead for the whole file.
    """
    mine = [want for want in wanted if wants_file(want, shown_as)]
    if not mine:
        return
    kind = file_kind(path, limits)
    if kind == "workbook":
        yield from workbook_tables(path, shown_as, mine, limits)
    elif kind == "xml":
        yield from xml_tables(path, shown_as, mine, limits)
    else:
        yield from _csv_tables(path, shown_as, mine, limits)


def wants_file(want: Wanted, shown_as: str) -> bool:
    """Whether a file's name (or its path below the delivery) fits one of the patterns, whatever the case."""
    path = _comparable(shown_as)
    name = PurePosixPath(path).name
    return any(fnmatch.fnmatchcase(path, pattern) or fnmatch.fnmatchcase(name, pattern) for pattern in map(_comparable, want.files))


def _csv_tables(path: Path, shown_as: str, wanted: Sequence[Wanted], limits: Limits) -> Iterator[TextTable | UnreadableTable]:
    """A text file holds one table, for those that name it or name none, else for the only one that wants the file."""
    stem = plain(PurePosixPath(shown_as).stem)
    named = [want for want in wanted if want.table is not None and plain(want.table) == stem]
    takers = named or [want for want in wanted if want.table is None] or (wanted if len(wanted) == 1 else [])
    for want in takers:
        try:
            yield csv_table(path, shown_as, want, limits)
        except CannotRead as error:
            if error.rule not in ("column_missing", "duplicate_header", "header_row_missing"):
                raise
            error.table = want.name
            yield UnreadableTable(shown_as, want.name, None, error)
    for want in wanted if not takers else ():
        message = f"Die Datei enthält die Tabelle „{want.table}“ nicht. Bitte den Dateinamen oder die Zuordnung prüfen."
        yield UnreadableTable(shown_as, want.name, None, CannotRead("sheet_missing", message, table=want.name))


def _comparable(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold()
