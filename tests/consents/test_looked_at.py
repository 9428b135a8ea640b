"""A fetched source may speak only while somebody looked lately what lies on its server."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from connectors.fetch.fetcher import Fetched
from pipelines.intake import fetch_source as fetching
from pipelines.intake.fetch_source import fetch_source
from pipelines.intake.freshness import find_obstacles
from tests.consents.office import LAST, Office, form, person

SFTP = "fetch: {kind: sftp, host: sftp.example.org, user: u, host_key: 'SHA256:%s'" % ("A" * 43)
MEANT = "folder: alpha, delivers: full"


class _NothingNew:
    def fetch(self, into: Path, remembered: Mapping[str, str]) -> Fetched:
        return Fetched((), 0, True, {})


def test_who_never_looked_or_not_lately_knows_of_no_withdrawal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = Office(tmp_path)
    office.deliver("alpha", LAST, [person("1")], [form("a", "1")])
    office.run()
    fetched = f"{MEANT}, {SFTP}, folder: export}}"
    office.configure(**{MEANT: fetched})
    assert "noch nie abgeholt" in office.decide().stale["alpha"]
    monkeypatch.setattr(fetching, "fetcher_of", lambda config, name: _NothingNew())
    with office.open() as hub:
        fetch_source(hub, "alpha")
        state = hub.config.data_folder.fetching("alpha").state
    assert office.released().keys() == {"alpha:1"}
    looked = state.read_text("utf-8").partition('"looked_on": "')[2][:10]
    for day, told, setting in (
        ("2025-07-31", False, ""),
        ("2025-07-30", True, ""),
        ("2025-07-30", False, ", look_every_days: 3"),
    ):
        state.write_text(state.read_text("utf-8").replace(looked, day), "utf-8")
        office.configure(**{MEANT: fetched + setting})
        looked = day
        with office.open() as hub:
            assert ("30.07.2025" in str(find_obstacles(hub, settle_seconds=0))) is told
