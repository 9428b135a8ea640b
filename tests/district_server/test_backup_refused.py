"""A backup that could not be restored is not made, and one of another district not taken."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.district_server.districts import AGS, Accounts, Exports, change_byte, change_manifest, restore, rows
from warehouse.district import WrongDistrict
from warehouse.upkeep.backup import LandingDamaged, backup
from warehouse.upkeep.check import check

# What is wrong with a landing, done to it, and words of the sentence that must say so.
LOST = {
    "changed_bytes": (lambda landing: _spoilt(_first(landing)), "does not have the bytes it came with"),
    "missing_file": (lambda landing: _first(landing).unlink(), "is missing in the landing"),
    "missing_manifest": (lambda landing: next(landing.glob("manifests/*")).unlink(), "is not in the landing"),
    "torn_manifest": (lambda landing: next(landing.glob("manifests/*")).write_text('{"deli'), "manifest is damaged"),
    "no_landing": (shutil.rmtree, "and 5 more"),
}


def _first(landing: Path) -> Path:
    return min(landing.glob("??/*"))


def _spoilt(file: Path) -> None:
    file.chmod(0o600)
    change_byte(file, 0)


@pytest.mark.parametrize("way", LOST)
def test_a_damaged_landing_is_told_before_a_backup_is_needed(
    way: str, exports: dict[str, Exports], undisturbed: dict[str, Path], tmp_path: Path
) -> None:
    shutil.copytree(undisturbed["a"] / "data", tmp_path / "data")
    spoil, words = LOST[way]
    spoil(tmp_path / "data" / "landing")
    file = tmp_path / "b.zip"
    with exports["a"].hub(tmp_path) as hub:
        with pytest.raises(LandingDamaged, match=words):
            backup(hub.store, hub.landing, file, AGS["a"])
        assert [p.name for p in tmp_path.iterdir() if "zip" in p.name] == []
        made = backup(hub.store, hub.landing, file, AGS["a"], leave_out_damaged=True)
        assert len(made.deliveries) == 8 - len(made.left_out)
        expected = rows(hub)
    with exports["a"].hub(tmp_path / "there") as hub:
        assert restore(file, hub.store, hub.landing).left_out == made.left_out != []
        assert rows(hub) == expected
        assert len(check(hub.store, hub.landing)) == len(made.left_out)


def test_a_backup_of_another_district_is_refused(
    kept: dict[str, Path], exports: dict[str, Exports], accounts: Accounts, tmp_path: Path
) -> None:
    with exports["b"].hub(tmp_path, accounts.url("kreis_b_loader")) as hub:
        with pytest.raises(WrongDistrict, match=r"08991.*08992"):
            restore(kept["duckdb"], hub.store, hub.landing, ags=AGS["b"])
        assert hub.store.last_load() == 0
        assert not hub.landing.folder.exists()


def test_an_older_backup_does_not_say_of_which_district_it_is(kept: dict[str, Path], exports: dict[str, Exports], tmp_path: Path) -> None:
    file = tmp_path / "older.zip"
    file.write_bytes(kept["duckdb"].read_bytes())
    change_manifest(file, '"format": 2', '"format": 1')
    change_manifest(file, f'"ags": "{AGS["a"]}",', "")
    with exports["b"].hub(tmp_path) as hub:
        restore(file, hub.store, hub.landing, ags=AGS["b"])
        assert hub.store.last_load() == 8
