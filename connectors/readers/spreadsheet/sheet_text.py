"""The cells of one sheet as columns of text, chunk by chunk, with the number of each row. No headers, no meaning."""

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

from connectors.readers.spreadsheet.mark_positions import SheetMarks
from connectors.tables.cell_text import Cell, cell_text, number_text
from connectors.tables.text_table import CannotRead

SheetRow = tuple[int, list[str]]
Values = Sequence[Cell]

# Turning rows into columns is fastest while they fit the processor's cache.
_CHUNK_ROWS = 512
_BATCH_CHUNKS = 64


@dataclass
class SheetText:
    """A sheet being read: first some rows to find the header in, then the rest by columns."""

    name: str
    values: Iterator[Values]
    first_column: int = 0
    marks: SheetMarks = field(default_factory=SheetMarks)
    merged: Sequence[tuple[tuple[int, int], tuple[int, int]]] = ()

    def first_rows(self, count: int) -> list[SheetRow]:
        """The first rows as text without trailing blanks; they are read again by ``read_columns``."""
        head = self._take_rows(count)
        self.values = chain(head, self.values)
        texts = [
            self._marked_texts(column, number)
            for number, column in enumerate(zip(*head, strict=True))
        ]
        rows = [list(cells) for cells in zip(*(t.to_pylist() for t in texts), strict=True)]
        for cells in rows:
            while cells and (not cells[-1] or cells[-1].isspace()):
                cells.pop()
        return list(enumerate(rows, 1))

    def read_columns(self, after: int) -> Iterator[tuple[list[pa.Array], np.ndarray]]:
        """Text columns and row numbers of all rows below row ``after``."""
        self._take_rows(after)
        parts: list[list[pa.Array]] = []
        begun = after
        while chunk := self._take_rows(_CHUNK_ROWS):
            parts.append(
                [
                    self._marked_texts(c, n, after + 1)
                    for n, c in enumerate(zip(*chunk, strict=True))
                ]
            )
            after += len(chunk)
            if len(parts) == _BATCH_CHUNKS:
                yield _join_columns(parts), np.arange(begun + 1, after + 1, dtype=np.int64)
                parts, begun = [], after
        if parts:
            yield _join_columns(parts), np.arange(begun + 1, after + 1, dtype=np.int64)

    def _marked_texts(self, values: Values, column: int, first_row: int = 1) -> pa.Array:
        place = column + self.first_column
        padded, texts = self.marks.padded.get(place), self.marks.texts.get(place)
        if padded or texts:
            values = list(values)
            for row in range(len(values)):
                value = values[row]
                width = padded.get(first_row + row) if padded else None
                if (
                    width
                    and isinstance(value, (int, float))
                    and not isinstance(value, bool)
                    and float(value).is_integer()
                    and value >= 0
                ):
                    values[row] = f"{int(value):0{width}d}"
                if texts and first_row + row in texts:
                    values[row] = texts[first_row + row]
        return column_texts(values)

    def _take_rows(self, count: int) -> list[Values]:
        with guard_calamine(broken_sheet(self.name)):
            return list(islice(self.values, count))


def _join_columns(parts: Sequence[Sequence[pa.Array]]) -> list[pa.Array]:
    return [pa.concat_arrays(pieces) for pieces in zip(*parts, strict=True)]


@contextmanager
def guard_calamine(refusal: CannotRead) -> Iterator[None]:
    """Runs the workbook library; its errors, and its panics over damaged files, become the refusal."""
    try:
        yield
    except PasswordError:
        raise
    except (CalamineError, OSError):
        raise refusal from None
    except BaseException as panic:
        # Rust's panics come as a class of their own that is no Exception and cannot be imported.
        if type(panic).__name__ != "PanicException":
            raise
        raise refusal from None


def sheet_text(sheet: CalamineSheet, marks: SheetMarks) -> SheetText:
    """The text of a sheet that calamine has opened."""
    if sheet.start is None:
        return SheetText(sheet.name, iter(()))
    return SheetText(
        sheet.name, iter(sheet.iter_rows()), sheet.start[1], marks, sheet.merged_cell_ranges or ()
    )


def broken_sheet(name: str) -> CannotRead:
    """The refusal of a sheet whose content is damaged."""
    return CannotRead(
        "broken_file",
        f"Das Blatt „{name}“ lässt sich nicht lesen, die Datei ist beschädigt. Bitte neu exportieren.",
        sheet=name,
    )


def column_texts(values: Values) -> pa.Array:
    """The same as ``cell_text`` of each value, each distinct one said once."""
    if not values or type(values[0]) is str:
        with suppress(pa.ArrowTypeError):  # not texts alone
            return pa.array(values, pa.string())
    kinds = set(map(type, values))
    if kinds == {float}:
        numbers = pa.array(values, pa.float64())
        if (
            pc.all(pc.equal(numbers, pc.floor(numbers))).as_py()
            and pc.max(pc.abs(numbers)).as_py() < 1e15
        ):
            return numbers.cast(pa.int64()).cast(pa.string())
    if kinds == {datetime.date}:
        return pa.array(values, pa.date32()).cast(pa.string())
    # Equal values of different types, as 1 and true, must not take each other's text.
    if len(kinds - {str}) > 1:
        return pa.array(map(cell_text, values), pa.string(), size=len(values))
    text = number_text if kinds == {float} else cell_text
    said = {value: text(value) for value in set(values)}
    return pa.array(map(said.__getitem__, values), pa.string(), size=len(values))
