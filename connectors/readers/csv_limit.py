"""The next record of Python's csv, with a bound for its cells. The bound is one number for the whole process: borrowed, given back."""

from __future__ import annotations

import csv
from collections.abc import Iterator


def next_record(reader: Iterator[list[str]], cell_chars: int) -> list[str]:
    """The next record; csv.Error where a cell has more characters, StopIteration at the end.

    Left behind, a small bound would be that of everybody in the process: the list of installed packages is read with csv, too.
    """
    before = csv.field_size_limit(cell_chars)
    try:
        return next(reader)
    finally:
        csv.field_size_limit(before)
