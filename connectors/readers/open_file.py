"""Opens one delivered file as the text tables a mapping wants.

The content decides which reader is used, not the file's name.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path, PurePosixPath

from connectors.readers.csv.table import csv_table
from connectors.readers.csv.wanted_tables import csv_tables
from connectors.readers.delivered_file import DeliveredFile, Tables
from connectors.readers.enaio.linear_xml import xml_tables
from connectors.readers.enaio.rest_pages import is_enaio_page, page_tables
from connectors.readers.rows.header import header_at
from connectors.readers.rows.table_names import is_named
from connectors.readers.spreadsheet.decrypt import plain_workbook
from connectors.readers.spreadsheet.file_kind import file_kind
from connectors.readers.spreadsheet.html_page import not_a_table
from connectors.readers.spreadsheet.html_table import html_sheets
from connectors.readers.spreadsheet.sheet_text import SheetText
from connectors.readers.spreadsheet.workbook import loose_tables, workbook_tables
from connectors.readers.spreadsheet.xml_2003 import xml_2003_sheets
from connectors.readers.text.field_description import description_of
from connectors.readers.text.fixed_width import fixed_table
from connectors.readers.text.json_lines import json_table
from connectors.tables.limits import USUAL_LIMITS, Limits
from connectors.tables.text_table import TextTable, UnreadableTable, Wanted


def open_tables(
    path: Path,
    shown_as: str,
    wanted: Sequence[Wanted],
    limits: Limits = USUAL_LIMITS,
    *,
    password: str | None = None,
    beside: Mapping[str, Path] | None = None,
) -> Tables:
    """The wanted tables of one file, read while iterated; read each before the next.

    ``shown_as`` is the file's name below its delivery; only those of ``wanted`` whose ``files``
    match it are searched. ``password`` opens encrypted workbooks, ``beside`` are all files of the
    delivery by name, for descriptions of fields. Yields ``UnreadableTable`` where a table is
    missing or has no matching header. Raises CannotRead for the whole file.
    """
    mine = [want for want in wanted if wants_file(want, shown_as)]
    if not mine:
        return
    file = DeliveredFile(path, shown_as, limits)
    if is_enaio_page(path, shown_as):
        yield from page_tables(file, mine)
        return
    encoding = next((w.dialect.encoding for w in mine if w.dialect.encoding), None)
    match file_kind(path, limits):
        case "workbook":
            yield from workbook_tables(path, file, mine, password)
        case "encrypted":
            yield from workbook_tables(plain_workbook(path, password, limits), file, mine)
        case "xml":
            yield from xml_tables(file, mine)
        case "xml_2003":
            yield from loose_tables(xml_2003_sheets(file, encoding), file, mine)
        case "html":
            yield from _web_tables(html_sheets(file, encoding), file, mine)
        case kind:
            yield from _text_tables(file, mine, kind == "json", beside or {})


def wants_file(want: Wanted, shown_as: str) -> bool:
    """Whether a file's name or its path below the delivery matches a pattern; case is ignored."""
    path = _comparable_text(shown_as)
    name = PurePosixPath(path).name
    return any(
        fnmatchcase(path, pattern) or fnmatchcase(name, pattern)
        for pattern in map(_comparable_text, want.files)
    )


def _web_tables(
    sheets: Sequence[SheetText], file: DeliveredFile, wanted: Sequence[Wanted]
) -> Tables:
    """The tables of a web page; one without any wanted table is no export but, say, a login."""
    found = list(loose_tables(sheets, file, wanted))
    if all(isinstance(table, UnreadableTable) for table in found):
        raise not_a_table()
    yield from found


def _text_tables(
    file: DeliveredFile, wanted: Sequence[Wanted], is_json: bool, beside: Mapping[str, Path]
) -> Tables:
    takers = _choose_takers(file.stem, wanted)
    special = [want for want in takers if is_json or want.dialect.fixed or want.dialect.description]
    for want in special:
        yield file.try_table(want.name, partial(_special_table, file, want, is_json, beside))
    takers = [want for want in takers if want not in special]
    if takers or not special:
        others = [want for want in wanted if want not in special]
        yield from csv_tables(file, takers, others)


def _choose_takers(stem: str, wanted: Sequence[Wanted]) -> Sequence[Wanted]:
    """The tables a text file is named after, else those that name no table, else the only one."""
    named = [want for want in wanted if is_named(stem, want)]
    nameless = [w for w in wanted if w.table is None]
    return named or nameless or (wanted if len(wanted) == 1 else [])


def _special_table(
    file: DeliveredFile, want: Wanted, is_json: bool, beside: Mapping[str, Path]
) -> TextTable:
    """The table of a JSON file or of one that a description belongs to."""
    headed = partial(header_at, row=0, wanted=want, title=file.stem)
    if is_json:
        return json_table(file, want.name, headed, want.dialect.encoding)
    fields, columns = description_of(want.dialect, file.shown, beside)
    file.limits.check_columns(max(len(fields), len(columns)), want.name)
    if fields:
        header = headed(tuple(field.name for field in fields))
        return fixed_table(file, want.name, header, fields, want.dialect.encoding)
    return csv_table(file, replace(want, dialect=replace(want.dialect, columns=columns)))


def _comparable_text(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold()
