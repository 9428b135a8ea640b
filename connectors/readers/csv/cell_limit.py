"""Reads the next record of Python's csv with a limit for its cells.

csv knows only one limit for the whole process, so it is set for the call and restored.
"""

from __future__ import annotations

import csv
import threading
from collections.abc import Iterator

# Without the lock, two threads would restore each other's limit.
_LIMIT_LOCK = threading.Lock()


def next_record(reader: Iterator[list[str]], cell_chars: int) -> list[str]:
    """The next record; csv.Error if a cell has more characters, StopIteration at the end.

    A small limit must not remain: the list of installed packages is read with csv, too.
    """
    with _LIMIT_LOCK:
        before = csv.field_size_limit(cell_chars)
        try:
            return next(reader)
        finally:
            csv.field_size_limit(before)
