"""The next record of Python's csv, with a bound for its cells. The bound is one number for the whole process: borrowed, given back."""

from __future__ import annotations

import csv
import threading
from collections.abc import Iterator

# Two threads that borrow it would take each other's bound for the one to give back.
_BORROWED = threading.Lock()


def next_record(reader: Iterator[list[str]], cell_chars: int) -> list[str]:
    """The next record; csv.Error where a cell has more characters, StopIteration at the end.

    Left behind, a small bound would be that of everybody in the process: the list of installed packages is read with csv, too.
    """
    with _BORROWED:
        before = csv.field_size_limit(cell_chars)
        try:
            return next(reader)
        finally:
            csv.field_size_limit(before)
