"""Holds the positions in a sheet that need a notice or whose text differs from the value."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from connectors.tables.cell_text import long_number_text
from connectors.tables.text_table import Notice

_NAMED_CELLS = 100
_UNSTORED_TEXT = (
    "Die Formel hat kein gespeichertes Ergebnis. "
    "Bitte die Datei in Excel öffnen, speichern und neu ablegen."
)
_ERROR_TEXT = "Die Zelle enthält einen Excel-Fehlerwert. Bitte an der Quelle berichtigen."

Place = tuple[int, int]
# The days from which workbooks count, the second one on the first Macintosh.
DAY_ZERO, DAY_ZERO_1904 = date(1899, 12, 30), date(1904, 1, 1)


@dataclass
class SheetMarks:
    """Positions in a sheet, as row from 1 and column from 0.

    ``padded`` holds by column and row the number of digits a whole number is shown with, ``texts``
    the text of a cell where its value holds less. ``remarks`` holds by row what is said of it
    beside its cells, each note by itself. ``day_zero`` is the day from which the workbook counts days, ``merged`` the
    merged areas (rows from 0, too) where only the marks know them.
    """

    hidden_rows: list[int] = field(default_factory=list)
    unstored: list[Place] = field(default_factory=list)
    errors: list[Place] = field(default_factory=list)
    padded: dict[int, dict[int, int]] = field(default_factory=dict)
    texts: dict[int, dict[int, str]] = field(default_factory=dict)
    remarks: dict[int, list[str]] = field(default_factory=dict)
    day_zero: date = DAY_ZERO
    merged: list[tuple[Place, Place]] = field(default_factory=list)

    def pad_number(self, row: int, column: int, width: int) -> None:
        """Notes with how many digits a whole number is shown."""
        self.padded.setdefault(column, {})[row] = width

    def show_text(self, row: int, column: int, text: str) -> None:
        """Notes the text that a cell shows in place of its value."""
        self.texts.setdefault(column, {})[row] = text

    def keep_digits(self, row: int, column: int, written: str) -> None:
        """Notes all digits of a long number, by its text in the file; no other number."""
        text = long_number_text(written)
        if text is not None:
            self.show_text(row, column, text)

    def notices(self, columns: dict[int, str], is_data: frozenset[int]) -> list[Notice]:
        """Notices of hidden rows, which are read all the same, and of cells without a value.

        ``columns`` are the names of columns by position; only rows in ``is_data`` are reported.
        """

        def named_cells(places: Sequence[Place]) -> list[tuple[int, str]]:
            return [(row, columns[c]) for row, c in places if row in is_data and c in columns]

        return [
            *_hidden_notices([row for row in self.hidden_rows if row in is_data]),
            *_cell_notices("formula_without_value", _UNSTORED_TEXT, named_cells(self.unstored)),
            *_cell_notices("error_value", _ERROR_TEXT, named_cells(self.errors)),
        ]


def _hidden_notices(rows: Sequence[int]) -> Iterator[Notice]:
    if rows:
        yield Notice(
            "hidden_rows",
            f"{len(rows)} Zeilen sind ausgeblendet oder weggefiltert und wurden mitgelesen.",
            row=rows[0],
        )


def _cell_notices(rule: str, message: str, cells: Sequence[tuple[int, str]]) -> Iterator[Notice]:
    for row, column in cells[:_NAMED_CELLS]:
        yield Notice(rule, message, row, column)
    if len(cells) > _NAMED_CELLS:
        yield Notice(rule, f"{len(cells) - _NAMED_CELLS} weitere Zellen: {message}")
