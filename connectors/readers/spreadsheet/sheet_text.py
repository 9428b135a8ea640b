"""Reads the cells of one sheet as columns of text, chunk by chunk, with the number of each row."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import chain, islice

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from python_calamine import CalamineError, CalamineSheet, PasswordError

from connectors.readers.rows.header import Row
from connectors.readers.rows.two_line_header import Merged
from connectors.readers.spreadsheet.mark_positions import SheetMarks
from connectors.tables.cell_text import EXACT_BELOW, Cell, cell_text, number_text
from connectors.tables.text_table import CannotRead, Notice

SheetRow = tuple[int, list[str]]
Values = Sequence[Cell]

# Turning rows into columns is fastest while they fit the processor's cache.
_CHUNK_ROWS = 512
_BATCH_CHUNKS = 64


@dataclass
class SheetText:
    """A sheet being read: first some rows to find the header in, then the rest by columns.

    ``first_column`` is the position of the first cell of ``values``, from 0; ``merged`` are the
    merged areas, each by its first and last cell, whose columns count from there. ``widths`` are
    the numbers of cells of its rows where each row has its own; ``notices`` are those of the file.
    """

    name: str
    values: Iterator[Values]
    first_column: int = 0
    marks: SheetMarks = field(default_factory=SheetMarks)
    merged: Merged = ()
    is_hidden: bool = False
    widths: Sequence[int] = ()
    notices: Sequence[Notice] = ()

    def first_rows(self, count: int) -> list[SheetRow]:
        """The first rows as text without trailing blanks; ``read_columns`` reads them again."""
        head = self._take_rows(count)
        self.values = chain(head, self.values)
        columns = [column.to_pylist() for column in self._text_columns(head, 1)]
        rows = zip(*columns, strict=True)
        return [(number, _without_blank_end(cells)) for number, cells in enumerate(rows, 1)]

    def read_columns(self, after: int) -> Iterator[tuple[list[pa.Array], np.ndarray]]:
        """Text columns and row numbers of all rows below row ``after``."""
        self._take_rows(after)
        parts: list[list[pa.Array]] = []
        begun = after
        while chunk := self._take_rows(_CHUNK_ROWS):
            parts.append(self._text_columns(chunk, after + 1))
            after += len(chunk)
            if len(parts) == _BATCH_CHUNKS:
                yield _join_columns(parts), _row_numbers(begun, after)
                parts, begun = [], after
        if parts:
            yield _join_columns(parts), _row_numbers(begun, after)

    def _text_columns(self, rows: Sequence[Values], first_row: int) -> list[pa.Array]:
        columns = enumerate(zip(*rows, strict=True), self.first_column)
        return [column_texts(self._apply_marks(c, place, first_row)) for place, c in columns]

    def _apply_marks(self, values: Values, place: int, first_row: int) -> Values:
        """Replaces the values of a column by the text that the sheet shows for them."""
        padded, texts = self.marks.padded.get(place, {}), self.marks.texts.get(place, {})
        if not padded and not texts:
            return values
        shown = list(values)
        for row, value in enumerate(values, first_row):
            if row in texts:
                shown[row - first_row] = texts[row]
            elif row in padded:
                shown[row - first_row] = _padded_number(value, padded[row])
        return shown

    def _take_rows(self, count: int) -> list[Values]:
        with guard_calamine(broken_sheet(self.name)):
            return list(islice(self.values, count))


def iterate_rows(columns: Sequence[pa.Array], numbers: np.ndarray) -> Iterator[Row]:
    """The rows of text columns, each with its number."""
    rows = zip(*(column.to_pylist() for column in columns), strict=True)
    return zip(numbers.tolist(), rows, strict=True)


def _without_blank_end(cells: Sequence[str]) -> list[str]:
    kept = list(cells)
    while kept and (not kept[-1] or kept[-1].isspace()):
        kept.pop()
    return kept


def _padded_number(value: Cell, width: int) -> Cell:
    """A whole number as text with leading zeros; any other value as it is."""
    match value:
        case bool():
            return value
        case int() | float() if value >= 0 and float(value).is_integer():
            return f"{int(value):0{width}d}"
    return value


def _join_columns(parts: Sequence[Sequence[pa.Array]]) -> list[pa.Array]:
    return [pa.concat_arrays(pieces) for pieces in zip(*parts, strict=True)]


def _row_numbers(after: int, last: int) -> np.ndarray:
    return np.arange(after + 1, last + 1, dtype=np.int64)


@contextmanager
def guard_calamine(refusal: CannotRead) -> Iterator[None]:
    """Runs the workbook library; its errors and its panics over damaged files become ``refusal``.

    PasswordError passes through.
    """
    try:
        yield
    except PasswordError:
        raise
    except (CalamineError, OSError):
        raise refusal from None
    except BaseException as panic:
        # Rust's panics have a class of their own that is no Exception and cannot be imported.
        if type(panic).__name__ != "PanicException":
            raise
        raise refusal from None


def sheet_text(sheet: CalamineSheet, marks: SheetMarks) -> SheetText:
    """The text of a sheet that calamine has opened."""
    if sheet.start is None:
        return SheetText(sheet.name, iter(()))
    first = sheet.start[1]
    merged = tuple(
        ((top, left - first), (bottom, right - first))
        for (top, left), (bottom, right) in sheet.merged_cell_ranges or marks.merged
    )
    return SheetText(sheet.name, sheet.iter_rows(), first, marks, merged)


def broken_sheet(name: str) -> CannotRead:
    """The refusal of a sheet whose content is damaged."""
    return CannotRead(
        "broken_file",
        f"Das Blatt „{name}“ lässt sich nicht lesen, die Datei ist beschädigt. "
        "Bitte neu exportieren.",
        sheet=name,
    )


def column_texts(values: Values) -> pa.Array:
    """The same as ``cell_text`` of each value, computed once for each distinct value."""
    if not values or type(values[0]) is str:
        with suppress(pa.ArrowTypeError):  # not texts alone
            return pa.array(values, pa.string())
    kinds = set(map(type, values))
    if kinds == {float} and (whole := _whole_numbers(values)) is not None:
        return whole.cast(pa.string())
    if kinds == {datetime.date}:
        return pa.array(values, pa.date32()).cast(pa.string())
    # Equal values of different types, as 1 and true, must not take each other's text.
    if len(kinds - {str}) > 1:
        return pa.array(map(cell_text, values), pa.string(), size=len(values))
    text = number_text if kinds == {float} else cell_text
    texts = {value: text(value) for value in set(values)}
    return pa.array(map(texts.__getitem__, values), pa.string(), size=len(values))


def _whole_numbers(values: Values) -> pa.Array | None:
    """The floats as integers; None if one has decimals or is too large to be exact."""
    numbers = pa.array(values, pa.float64())
    is_whole = pc.all(pc.equal(numbers, pc.floor(numbers))).as_py()
    return (
        numbers.cast(pa.int64())
        if is_whole and pc.max(pc.abs(numbers)).as_py() < EXACT_BELOW
        else None
    )
