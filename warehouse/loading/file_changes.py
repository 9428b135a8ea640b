"""Sums up what a delivery changes of the records of each of its files.

Of one of several files all may end although few of all records do.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from warehouse.loading.export_names import DeliveredExports
from warehouse.loading.history import Change, FormerRows
from warehouse.loading.mass_change_guard import Trip


def sum_by_file(
    record: str, files: Iterable[str], former: Sequence[FormerRows], changes: Sequence[Change]
) -> list[Trip]:
    """What becomes of the records known from each of these files of a delivery.

    What came under another date or number of the export counts for the file that is it now.
    """
    delivered = DeliveredExports(files)
    known, gone, changed, there = (Counter[str]() for _ in range(4))
    for rows in former:
        if file := delivered.find_file(rows.file):
            known[file] += rows.known
    for change in changes:
        if file := delivered.find_file(change.file):
            gone[file] += change.gone
            changed[file] += change.changed
            there[file] += change.new + change.changed + change.unchanged
    return [Trip(record, known[f], gone[f], changed[f], there[f], file=f) for f in sorted(gone)]
