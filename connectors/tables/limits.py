"""The bounds every reader keeps, so that no delivered file can exhaust the machine; checked before or while parsing."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """How large a file may be: bytes on disk, bytes unzipped, what a zip may inflate, rows, columns, cells, characters.

    ``inflation`` counts only beyond ``inflation_from`` bytes: small, very regular sheets legitimately shrink a lot.
    ``cells`` bounds the rectangle from A1 to the last used cell of a sheet, which a workbook parser holds in memory.
    ``record_lines`` ends a quoted cell that never closes before it swallows the rest of the file. ``nesting`` bounds
    elements within elements (XML, JSON), ``whole_bytes`` what has to be held at once (web pages, tables of objects).
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


USUAL_LIMITS = Limits()
