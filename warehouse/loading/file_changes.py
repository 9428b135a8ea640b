"""Sums up what a delivery changes of the records of each of its files, or sheets.

Of one of several files all may end although few of all records do.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from warehouse.loading.export_names import DeliveredExports
from warehouse.loading.history import Change, FormerRows
from warehouse.loading.mass_change_guard import Trip


def sum_by_file(
    record: str,
    tables: Iterable[tuple[str, str]],
    former: Sequence[FormerRows],
    changes: Sequence[Change],
) -> list[Trip]:
    """What becomes of the records known from each file of a delivery, or each of several sheets.

    ``tables``: file and table of all that have such records. What came under another date or
    number of the export counts for the file that is it now.
    """
    delivered = _DeliveredParts(tables)
    known, gone, changed, there = (Counter[str]() for _ in range(4))
    for rows in former:
        if file := delivered.find_part(rows.file, rows.table):
            known[file] += rows.known
    for change in changes:
        if file := delivered.find_part(change.file, change.table):
            gone[file] += change.gone
            changed[file] += change.changed
            there[file] += change.new + change.changed + change.unchanged
    return [Trip(record, known[f], gone[f], changed[f], there[f], file=f) for f in sorted(gone)]


class _DeliveredParts:
    """The files of a delivery; one with several sheets of a record is as many parts."""

    def __init__(self, tables: Iterable[tuple[str, str]]) -> None:
        sheets: dict[str, set[str]] = defaultdict(set)
        for file, table in tables:
            sheets[file].add(table)
        self._files = DeliveredExports(sheets)
        self._sheets = {f: DeliveredExports(names) for f, names in sheets.items() if len(names) > 1}

    def find_part(self, file: str, table: str) -> str | None:
        """What has the records now that were in a table of any delivery, as people call it."""
        found = self._files.find_file(file)
        if found is None or found not in self._sheets:
            return found
        sheet = self._sheets[found].find_file(table)
        return sheet and f"{found}, Blatt {sheet}"
