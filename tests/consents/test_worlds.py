"""Over thousands of drawn worlds: what goes out is a part of what the files allow, read by other code."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.consents.office import JOBCENTER
from tests.consents.oracle import may_go_out
from tests.consents.worlds import SITUATIONS, live

PER_DISTRICT = 75


def check_worlds(folder: Path, seed: int, warehouse: str = "duckdb") -> tuple[int, int]:
    """Compares the gate with the files; how many data groups went out, and how many might have."""
    office = live(folder, seed, PER_DISTRICT, warehouse)
    allowed = may_go_out(office.folder, JOBCENTER, office.today)
    released = office.released()
    for record, groups in released.items():
        assert set(groups) <= allowed.get(record, set()), f"seed {seed}, {record}"
    return sum(map(len, released.values())), sum(map(len, allowed.values()))


@pytest.mark.parametrize(
    "seed",
    [0, 1, 8, *(pytest.param(n, marks=pytest.mark.thorough) for n in range(2, 8))],
)
def test_nothing_goes_out_that_the_files_do_not_allow(tmp_path: Path, seed: int) -> None:
    released, allowed = check_worlds(tmp_path, seed)
    name = SITUATIONS[seed].__name__
    if name in ("nothing_else", "a_month_passed"):
        # All that is allowed goes out, too: a gate that is shut would prove nothing.
        assert released == allowed > PER_DISTRICT // 12
    elif name == "notes_wait_elsewhere":
        assert released > PER_DISTRICT // 12
    elif name in ("one_more_waits", "it_is_late"):
        assert released == 0


@pytest.mark.thorough
def test_nothing_goes_out_on_a_server_either(
    tmp_path: Path, new_database: Callable[[], str]
) -> None:
    released, allowed = check_worlds(tmp_path, 1, new_database())
    assert released == allowed > PER_DISTRICT // 12


@pytest.mark.slow
@pytest.mark.parametrize("part", range(5))
def test_three_thousand_worlds(tmp_path: Path, new_database: Callable[[], str], part: int) -> None:
    """40 districts of 75 human beings on each engine."""
    went_out = 0
    for seed in range(8 * part + 8, 8 * part + 16):
        embedded = check_worlds(tmp_path / str(seed), seed)[0]
        assert check_worlds(tmp_path / f"{seed}s", seed, new_database())[0] == embedded
        went_out += embedded
    assert went_out > PER_DISTRICT // 3
