"""Generated sequences of deliveries: a plain history, DuckDB and PostgreSQL answer alike, whatever comes in whatever order."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.history.engines import Warehouse
from tests.history.machine import Deliveries

pytestmark = pytest.mark.thorough

STEPS = 3
QUIET = [
    HealthCheck.too_slow,
    HealthCheck.data_too_large,
    HealthCheck.filter_too_much,
    HealthCheck.large_base_example,
]


def sequences(
    engines: list[Warehouse], count: int, first: int, *, every_unit: bool = False
) -> None:
    """Runs so many sequences, always the same ones for one ``first``."""
    machine = type("Machine", (Deliveries,), {"engines": engines, "every_unit": every_unit})
    profile = settings(
        max_examples=count,
        stateful_step_count=STEPS,
        deadline=None,
        database=None,
        suppress_health_check=QUIET,
        # A sequence is short enough to be read as it is; making it shorter would take minutes.
        phases=[Phase.generate],
    )
    run_state_machine_as_test(seed(first)(machine), settings=profile)


def test_the_plain_history_and_both_engines_know_the_same(engines: list[Warehouse]) -> None:
    sequences(engines, 4, 1)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(20))
def test_two_hundred_sequences(engines: list[Warehouse], part: int) -> None:
    # Each costs about nine seconds of one core.
    sequences(engines, 10, 100 + part, every_unit=part == 0)
