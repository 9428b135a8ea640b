"""The doctor answers to the end where nothing can be written, which is where other messages send people to it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from examples.generate import simulate_district
from tests.crash.disk import can_lock, locked, own_disk
from tests.district_server.test_db_commands import call

pytestmark = pytest.mark.thorough


@pytest.mark.skipif(not can_lock(), reason="this account can lock no folder")
@pytest.mark.parametrize("loaded", [True, False])
def test_the_doctor_answers_to_the_end(
    loaded: bool, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    place = tmp_path / "disk"
    with own_disk(place):
        config = str(simulate_district(place, seed=3, persons=30).config)
        if loaded:
            call(capsys, "run", "-c", config)
        with locked(place):
            status, out, err = call(capsys, "doctor", "-c", config, "--json")
    checks = {c["check"]: c for c in json.loads(out)["checks"]}
    assert status == 1 and "red:" in err and "unexpected" not in out
    assert checks["data folder"]["state"] == "red" and checks["folder of enaio"]["state"] == "fine"
    assert (
        checks["warehouse"]["state"] == "red" and "only be read" in checks["warehouse"]["message"]
    )
