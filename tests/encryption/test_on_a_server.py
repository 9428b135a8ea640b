"""With the warehouse on PostgreSQL, the landing alone is encrypted, and no run can go on meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pipelines.cli.encryption import decrypt, encrypt
from pipelines.config import load_config
from pipelines.hub import Hub
from pipelines.intake.run import run_intake
from tests.acceptance.district import CONFIGURATION, FIRST, FOLDER
from warehouse.database.store import WarehouseBusy
from warehouse.encryption.convert_landing import list_landed_files
from warehouse.encryption.key import KeyProblem


def test_the_landing_is_encrypted_and_the_server_left_as_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], new_database: Callable[[], str]
) -> None:
    config, key = tmp_path / "drehscheibe.yaml", tmp_path / "keys" / "kreis.key"
    url = new_database()
    without = CONFIGURATION.format(exports=FOLDER, warehouse=f'"{url}"')
    config.write_text(without, encoding="utf-8")
    with Hub(load_config(config)) as hub:
        assert {r.state for r in run_intake(hub, ["tau"], until=FIRST)} == {"loaded"}
        with hub.store.lock_run(), pytest.raises(WarehouseBusy):
            encrypt(config, key, keep=True, json=False)
    assert not list_landed_files(tmp_path / "data" / "landing", sealed=True)
    encrypt(config, key, keep=True, json=False)
    with pytest.raises(KeyProblem, match="name the key"):
        Hub(load_config(config))
    config.write_text(without + capsys.readouterr().out.splitlines()[-1] + "\n", encoding="utf-8")
    with Hub(load_config(config)) as hub:
        assert [r.state for r in run_intake(hub, ["tau"])] == ["known", "loaded"]
        assert len(list_landed_files(tmp_path / "data" / "landing", sealed=True)) == 6
        decrypt(config, None, json=False)
        config.write_text(without, encoding="utf-8")
        with Hub(load_config(config)) as hub:
            assert [r.state for r in run_intake(hub, ["tau"])] == ["known", "known"]
