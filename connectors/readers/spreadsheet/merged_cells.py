"""Carries the value of merged cells into each row of data that they cover, never a key."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from connectors.readers.rows.header import Header
from connectors.readers.rows.two_line_header import Merged
from connectors.tables.text_table import Notice

_NAMED_AREAS = 100
_CARRIED = "ihr Wert gilt für jede dieser Zeilen."
_OF_KEY = "als Kennung gilt ihr Wert nur für die erste Zeile, die übrigen haben keine."
_LEFT = "ihr Wert wurde nur für die erste Zeile übernommen."


@dataclass
class _Area:
    """Merged cells of one column: their rows from 1, the value, and what was done, if anything."""

    top: int
    bottom: int
    place: int
    value: str = ""
    done: str = ""

    def notice(self, column: str) -> Notice:
        """Names the first cell, and the last row that it covers."""
        text = f"Die Zelle ist bis Zeile {self.bottom} verbunden; {self.done}"
        return Notice("cell_merged", text, self.top, column, last_row=self.bottom)


class MergedCells:
    """The areas of a sheet that cover several rows of data in a column that is read.

    Of an area over several columns the first one has the value.
    """

    def __init__(self, header: Header, after: int, merged: Merged) -> None:
        self._header = header
        known = {n for n, name in enumerate(header.names) if name not in header.unknown}
        self._areas = [
            _Area(top + 1, bottom + 1, left)
            for (top, left), (bottom, _) in merged
            if bottom > top >= after and left in known
        ]

    def carry_values(
        self, columns: Sequence[pa.Array], rows: np.ndarray, kept: np.ndarray | None
    ) -> list[pa.Array]:
        """The columns of some rows that follow each other, with what merged cells say of them.

        ``kept`` are the indices of the rows that are data, None: all. A covered cell with a value
        of its own keeps it.
        """
        found = list(columns)
        met = self._meet_areas(rows)
        for place in {area.place for area in met}:
            cells = columns[place].to_pylist()
            for area in met:
                if area.place == place:
                    self._carry_area(area, cells, _covered_places(area, rows, kept), rows)
            found[place] = pa.array(cells, pa.string())
        return found

    def leave_values(self, columns: Sequence[pa.Array], rows: np.ndarray) -> None:
        """Notes merged cells among rows whose columns have another order; nothing is carried."""
        for area in self._meet_areas(rows):
            _take_value(area, columns[area.place].to_pylist(), rows)
            area.done = area.done or (_LEFT if area.value.strip() else "")

    def notices(self) -> Iterator[Notice]:
        """What was carried and what was not, by the place of the first cell."""
        told = [area for area in self._areas if area.done]
        for area in told[:_NAMED_AREAS]:
            yield area.notice(self._header.names[area.place])
        if len(told) > _NAMED_AREAS:
            more = len(told) - _NAMED_AREAS
            yield Notice(
                "cell_merged", f"{more} weitere Zellen sind über mehrere Zeilen verbunden."
            )

    def _meet_areas(self, rows: np.ndarray) -> list[_Area]:
        """The areas that reach into some rows."""
        if not self._areas or not len(rows):
            return []
        first, last = int(rows[0]), int(rows[-1])
        return [area for area in self._areas if area.top <= last and area.bottom >= first]

    def _carry_area(
        self, area: _Area, cells: list[str], covered: Sequence[int], rows: np.ndarray
    ) -> None:
        _take_value(area, cells, rows)
        if not area.value.strip() or not covered:
            return
        if area.place in self._header.key:
            area.done = _OF_KEY
            return
        area.done = _CARRIED
        for at in covered:
            cells[at] = cells[at] if cells[at].strip() else area.value


def _take_value(area: _Area, cells: Sequence[str], rows: np.ndarray) -> None:
    """Keeps the value of the first cell, if it is among these rows."""
    if area.top >= rows[0]:
        area.value = cells[area.top - int(rows[0])]


def _covered_places(area: _Area, rows: np.ndarray, kept: np.ndarray | None) -> list[int]:
    """The indices of the rows of data below the first cell of an area."""
    first = int(rows[0])
    covered = range(max(area.top + 1 - first, 0), min(area.bottom + 1 - first, len(rows)))
    if kept is None:
        return list(covered)
    begin, end = np.searchsorted(kept, (covered.start, covered.stop))
    found: list[int] = kept[begin:end].tolist()
    return found
