"""A text column of one batch, reduced to its distinct values so that each is read once."""

from __future__ import annotations

from functools import cached_property
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from mappings.engine.hashes import Hashes, Positions, hash_texts

_SAMPLE = 2000
_Kind = TypeVar("_Kind", bound="np.generic[Any]")


class Column:
    """A text column; ``cells`` has one text per row.

    ``distinct`` holds the values to read, ``spread`` the position of each row's value among them
    (None: one value per row).
    """

    def __init__(self, name: str, cells: pa.StringArray) -> None:
        self.name = name
        self.cells = cells

    @cached_property
    def _encoded(self) -> tuple[pa.StringArray, Positions | None]:
        sample = self.cells.slice(0, _SAMPLE)
        # Keys and free text differ in nearly every row: a dictionary of them does not pay.
        if len(sample) > 100 and len(sample.unique()) > len(sample) / 2:
            return self.cells, None
        encoded = self.cells.dictionary_encode()
        return encoded.dictionary, encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64)

    @property
    def distinct(self) -> pa.StringArray:
        return self._encoded[0]

    @property
    def spread(self) -> Positions | None:
        return self._encoded[1]

    @cached_property
    def hashes(self) -> Hashes:
        """One hash per row over the raw text."""
        return self.spread_values(hash_texts(self.distinct))

    def spread_values(self, values: npt.NDArray[_Kind]) -> npt.NDArray[_Kind]:
        """What is said of the distinct values, for each row."""
        return values if self.spread is None else values[self.spread]

    def locate_rows(self, rows: Positions | None) -> Positions | None:
        """The positions in ``distinct`` of the rows' values (None: all rows).

        None where row i has value i.
        """
        if self.spread is None:
            return rows
        return self.spread if rows is None else self.spread[rows]
