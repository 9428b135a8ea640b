"""Finds the known keys that a key of several parts may be of which some could not be read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

import pyarrow as pa

_JOINT = "/"
# How many parts a key has, and of these how many before and behind all that cannot be read.
Shape = tuple[int, int, int]


def find_torn(rows: Sequence[pa.RecordBatch], known: Iterable[str]) -> pa.StringArray:
    """Those of the ``known`` keys that agree with a row in the parts that could be read.

    Columns of ``rows``: parts, leading, trailing (the shape), before, behind (what was read).
    """
    read: dict[Shape, set[tuple[str, str]]] = defaultdict(set)
    for batch in rows:
        for parts, leading, trailing, before, behind in zip(
            *batch.to_pydict().values(), strict=True
        ):
            read[parts, leading, trailing].add((before, behind))
    return pa.array([key for key in known if _agrees_with(key, read)], pa.string())


def _agrees_with(key: str, read: dict[Shape, set[tuple[str, str]]]) -> bool:
    parts = key.split(_JOINT)
    return any(ends in texts for shape, texts in read.items() for ends in _list_ends(parts, *shape))


def _list_ends(
    parts: Sequence[str], count: int, leading: int, trailing: int
) -> Iterator[tuple[str, str]]:
    """What may stand before and behind: a part may have the sign that joins them in itself."""
    more = len(parts) - count
    for before in range(more + 1 if leading else 1):
        for behind in range(more + 1 - before if trailing else 1):
            first, last = leading + before, len(parts) - trailing - behind
            yield _JOINT.join(parts[:first]), _JOINT.join(parts[last:])
