"""64-bit hashes of values and rows, the same on every machine and in every run.

They detect changes; they are no secret.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd
import pyarrow as pa

Hashes = np.ndarray[tuple[int], np.dtype[np.uint64]]
Mask = np.ndarray[tuple[int], np.dtype[np.bool_]]
Positions = np.ndarray[tuple[int], np.dtype[np.int64]]

_PRIME = np.uint64(0x9E3779B97F4A7C15)
_SHIFT = np.uint64(29)
NULL = np.uint64(0x5BD1E9955BD1E995)


def hash_texts(texts: Sequence[str] | pa.StringArray) -> Hashes:
    """One hash for each text (SipHash with pandas' fixed key)."""
    if isinstance(texts, pa.Array):
        values = texts.to_numpy(zero_copy_only=False)
    else:
        values = np.empty(len(texts), dtype=object)
        values[:] = texts
    return pd.util.hash_array(values, categorize=False) if len(values) else np.empty(0, np.uint64)


def derive_seed(name: str) -> np.uint64:
    """The start value of an entity's row hashes, so that equal rows of two entities differ."""
    return np.uint64(hash_texts([name])[0])


def combine_hashes(start: np.uint64, columns: Iterable[Hashes], rows: int) -> Hashes:
    """One hash per row over the hashes of its cells, in order of ``columns``."""
    mixed = np.full(rows, start, dtype=np.uint64)
    with np.errstate(over="ignore"):
        for column in columns:
            mixed = (mixed ^ column) * _PRIME
            mixed ^= mixed >> _SHIFT
    return mixed
