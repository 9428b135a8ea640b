"""A revocation that a run brings keeps the person out from then on, and the notice to the earlier recipient exists."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from pipelines.cli import deliveries
from pipelines.cli.app import app
from pipelines.cli.errors import guarded
from tests.consents.office import Office, form, person

TODAY = date.today()
GIVEN = {"Erteilt": (TODAY - timedelta(30)).strftime("%d.%m.%Y")}
GROUPS = "Stammdaten,Sprache"


@pytest.mark.thorough
def test_from_a_run_to_the_confirmation(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    office = Office(tmp_path, today=TODAY)
    # Report and workbook take most of a run.
    monkeypatch.setattr(deliveries, "renew_outputs", lambda hub, has_loaded: [])

    def call(*arguments: str) -> tuple[int, Any]:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            configuration = str(tmp_path / "drehscheibe.yaml")
            guarded(lambda: app([*arguments, "--json", "-c", configuration]))
        return int(ended.value.code or 0), json.loads(capsys.readouterr().out)

    def deliver(day: date, **revoked: str) -> None:
        forms = [form("e1", "1", GROUPS, **GIVEN, **revoked), form("e2", "2", GROUPS, **GIVEN)]
        office.deliver("alpha", day, [person("1"), person("2")], forms)

    deliver(TODAY - timedelta(1))
    assert call("run")[1]["notices"] == {"to_send": 0, "overdue": 0}
    status, sent = call("transfer", "jobcenter", "--out", str(tmp_path / "out"))
    assert (status, len(sent["released"])) == (0, 2)
    deliver(TODAY, Widerrufen=TODAY.strftime("%d.%m.%Y"))
    assert call("run")[1]["notices"] == {"to_send": 1, "overdue": 0}
    assert [r["records"] for r in call("transfer", "jobcenter", "--dry-run")[1]["released"]] == [
        ["alpha:2"]
    ]
    (made,) = call("notices", "make", "--out", str(tmp_path / "letters"))[1]["made"]
    number = made["notice_id"]
    assert Path(made["file"]).is_file()
    assert call("notices", "confirm", number)[0] == 2
    assert call("notices", "confirm", number, "--by", "Frau Muster")[0] == 1
    assert call("notices", "sent", number[:6], "--note", "Post")[1]["state"] == "sent"
    assert call("notices", "remind", number)[1]["state"] == "reminded"
    assert call("notices", "confirm", number, "--by", "Frau Muster")[1]["state"] == "confirmed"
    status, listed = call("notices")
    assert (status, [n["cause"] for n in listed["notices"]]) == (0, ["revocation"])
    assert call("status")[1]["notices"] == {"to_send": 0, "overdue": 0}
    assert call("ledger", "verify", "--against", made["file"])[0] == 0
