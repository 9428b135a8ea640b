"""Finds lists of nothing but keys and days: whom they name may have withdrawn something."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from connectors.readers.profiling.profile_file import profile_file
from connectors.readers.rows.header import normalize_name
from connectors.tables.text_table import CannotRead, TextTable
from pipelines.intake.reader_options import ReaderOptions

_DAY = re.compile(r"(?:\d{1,2}\.\d{1,2}\.\d{2,4}|\d{4}-\d{2}-\d{2})(?:[ T]\d{2}:\d{2}(?::\d{2})?)?")
# A column of these says nothing of what happened on a day.
_NO_NAMES = re.compile(r"(?:datum|tag|am|date|day|spalte \d+)?")
_MOST_COLUMNS = 3

Row = tuple[str, ...]


def list_dated_rows(name: str, path: Path, opening: ReaderOptions) -> list[list[Row]]:
    """The tables of a file that are such lists, each as rows of its filled cells.

    A list has a column of days, whose header says nothing of them, and at most two others.
    """
    try:
        tables = profile_file(path, shown_as=name, password=opening.password, limits=opening.limits)
        found = [_read_list(table) for table in tables if isinstance(table, TextTable)]
    except CannotRead:
        return []
    return [rows for rows in found if rows]


def _read_list(table: TextTable) -> list[Row]:
    columns: dict[str, list[str]] = {name: [] for name in table.header}
    for batch in table.batches:
        for name, cells in zip(columns, batch.cells.columns, strict=True):
            columns[name] += cells.to_pylist()
        if sum(any(cells) for cells in columns.values()) > _MOST_COLUMNS:
            return []
    filled = {name: cells for name, cells in columns.items() if any(map(str.strip, cells))}
    days = [name for name, cells in filled.items() if _are_unnamed_days(name, cells)]
    is_list = days and 1 < len(filled) <= _MOST_COLUMNS
    return list(zip(*filled.values(), strict=True)) if is_list else []


def _are_unnamed_days(name: str, cells: list[str]) -> bool:
    is_unnamed = _NO_NAMES.fullmatch(normalize_name(name)) is not None
    return is_unnamed and all(_DAY.fullmatch(cell.strip()) for cell in cells if cell.strip())


def list_columns(rows: list[Row]) -> Iterator[list[str]]:
    """The columns of a list that may hold keys, filled in every row, without those of days."""
    for column in zip(*rows, strict=True):
        cells = [cell.strip() for cell in column]
        if all(cells) and not all(map(_DAY.fullmatch, cells)):
            yield cells
