"""Limits that every reader enforces, so that no delivered file exhausts the machine."""

from __future__ import annotations

from dataclasses import dataclass

from connectors.tables.text_table import CannotRead


@dataclass(frozen=True)
class Limits:
    """How large a file may be.

    ``file_bytes`` are bytes on disk, ``unzipped_bytes`` those of all entries of a zip.
    ``inflation`` is the ratio of the two; it applies only above ``inflation_from`` bytes, because
    small, very regular sheets legitimately shrink a lot. ``cells`` bounds the rectangle from A1 to
    the last used cell of a sheet, which a workbook parser holds in memory. ``record_lines`` ends a
    quoted cell that is never closed before it swallows the rest of the file. ``nesting`` bounds
    elements within elements (XML, JSON), ``whole_bytes`` what has to be held in memory at once
    (web pages, tables of objects).
    """

    file_bytes: int = 8 * 2**30
    unzipped_bytes: int = 2 * 2**30
    inflation: int = 200
    inflation_from: int = 16 * 2**20
    zip_entries: int = 10_000
    rows: int = 50_000_000
    columns: int = 2_000
    cells: int = 60_000_000
    cell_chars: int = 1_000_000
    line_bytes: int = 32 * 2**20
    record_lines: int = 1_000
    nesting: int = 100
    whole_bytes: int = 256 * 2**20

    def check_rows(self, count: int) -> None:
        """Raises CannotRead ``too_large`` if a table has more rows than allowed."""
        if count > self.rows:
            raise CannotRead("too_large", f"Die Tabelle hat mehr als {self.rows} Zeilen.")

    def check_columns(self, count: int, table: str | None = None) -> None:
        """Raises CannotRead ``too_large`` if a table has more columns than allowed."""
        if count > self.columns:
            raise CannotRead(
                "too_large", f"Die Tabelle hat mehr als {self.columns} Spalten.", table=table
            )


USUAL_LIMITS = Limits()
