"""Lines are found again where they were or soon after what was put in or taken out; one that is found is always the same line."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from warehouse.remembered.file_order import FileOrder

OLD = list(range(100, 160))


def order(rows: list[int]) -> FileOrder:
    return FileOrder(np.array(rows, dtype=np.uint64), np.arange(len(rows), dtype=np.int32))


def followed(rows: list[int], lines: list[int], block: int = 1000) -> list[int | None]:
    """What each line is found to have been, block by block."""
    old, found, place = order(rows), [], 0
    for start in range(0, len(lines), block):
        at, place = old.follow(np.array(lines[start : start + block], dtype=np.uint64), place)
        found += [rows[i] if i >= 0 else None for i in at]
    return found


@pytest.mark.parametrize(
    ("lines", "unknown"),
    [
        (OLD, 0),
        ([1, *OLD], 1),
        ([1, 2, 3, *OLD], 3),
        (OLD[20:], 0),
        ([*OLD[:20], 1, *OLD[21:]], 1),
        ([*OLD[:20], *OLD[21:]], 0),
        ([*OLD[:20], 1, 2, *OLD[20:]], 2),
        ([*OLD, 1, 2, 3], 3),
        ([*OLD[:58], 1, 2], 2),
        ([*OLD[30:], *OLD[:30]], 0),
        ([1, 2, 3], 3),
        ([], 0),
    ],
    ids=lambda v: str(len(v)) if isinstance(v, list) else str(v),
)
@pytest.mark.parametrize("block", [1000, 25])
def test_what_was_there_is_found(lines: list[int], unknown: int, block: int) -> None:
    found = followed(OLD, lines, block)
    # Around the edge of a block a few may be missed; they are only read in vain.
    assert unknown <= found.count(None) <= unknown + (0 if block == 1000 else 8)


@given(st.lists(st.integers(0, 9), max_size=40), st.lists(st.integers(0, 9), max_size=40), st.integers(1, 20))
def test_what_is_found_is_the_same(rows: list[int], lines: list[int], block: int) -> None:
    for line, found in zip(lines, followed(rows, lines, block), strict=True):
        assert found in (line, None)


def test_after_many_new_lines_the_old_ones_are_found_in_the_next_block() -> None:
    found = followed(OLD, [*range(50), *OLD], 50)
    assert found == [*[None] * 50, *OLD]
