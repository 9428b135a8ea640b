"""Finds the rows of a table that have other cells than its header, where each has its own."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from connectors.readers.rows.header import Header
from connectors.tables.text_table import RaggedRow

Odd = dict[int, RaggedRow]


class OddRows:
    """Knows how many cells each row of a sheet has; nothing of a sheet whose rows are all alike."""

    def __init__(self, header: Header, widths: Sequence[int]) -> None:
        self._least = len(header.names)
        own = widths[header.row - 1] if 0 < header.row <= len(widths) else 0
        self._most = max(own, self._least)
        self._widths = np.array(widths, dtype=np.int64)

    def find_rows(self, columns: Sequence[pa.Array], rows: np.ndarray) -> Odd:
        """The rows with fewer cells than columns are named, or with a filled one beyond the header.

        They are given by their index among some rows, with the cells that they have.
        """
        if not len(self._widths):
            return {}
        widths = self._widths[rows - 1]
        at = np.flatnonzero((widths < self._least) | (widths > self._most)).tolist()
        found = {i: [column[i].as_py() for column in columns[: widths[i]]] for i in at}
        return {
            i: RaggedRow(int(rows[i]), tuple(cells))
            for i, cells in found.items()
            if len(cells) < self._least or any(map(str.strip, cells[self._most :]))
        }


def part_rows(
    kept: np.ndarray | None, odd: Odd, count: int
) -> tuple[np.ndarray | None, list[RaggedRow]]:
    """The indices of the rows of data without the odd ones among them, and those; None: all."""
    if not odd:
        return kept, []
    at = np.arange(count) if kept is None else kept
    is_odd = np.isin(at, list(odd))
    return at[~is_odd], [odd[i] for i in at[is_odd].tolist()]
