"""A backup that could not be restored is not made, and one of another district not taken."""

from __future__ import annotations

import errno
import io
import os
import random
import shutil
from contextlib import suppress
from pathlib import Path

import pytest

from tests.district_server.districts import (
    AGS,
    Accounts,
    Exports,
    change_byte,
    change_manifest,
    restore,
    rows,
)
from warehouse.backup.archive import BadBackup
from warehouse.backup.backup import LandingDamaged, write_backup
from warehouse.backup.consistency_check import check_warehouse
from warehouse.backup.restore import open_checked
from warehouse.database.district_account import WrongDistrict
from warehouse.database.store import WrongSchema

pytestmark = pytest.mark.thorough

# What is wrong with a landing, done to it, and words of the sentence that must say so.
LOST = {
    "changed_bytes": (
        lambda landing: _spoilt(_first(landing)),
        "does not have the bytes it came with",
    ),
    "missing_file": (lambda landing: _first(landing).unlink(), "is missing in the landing"),
    "missing_manifest": (
        lambda landing: next(landing.glob("manifests/*")).unlink(),
        "is not in the landing",
    ),
    "empty_manifest": (
        lambda landing: next(landing.glob("manifests/*")).write_text("null"),
        "manifest is damaged",
    ),
    "other_name_in_a_manifest": (
        lambda landing: _renamed(next(landing.glob("manifests/*"))),
        "manifest is damaged",
    ),
    "folder_instead_of_a_file": (
        lambda landing: _folder(_first(landing)),
        "is missing in the landing",
    ),
    "link_to_itself": (lambda landing: _loop(_first(landing)), "is missing in the landing"),
    "torn_manifest": (
        lambda landing: next(landing.glob("manifests/*")).write_text('{"deli'),
        "manifest is damaged",
    ),
    "no_landing": (shutil.rmtree, "and 5 more"),
}


def _first(landing: Path) -> Path:
    return min(landing.glob("??/*"))


def _spoilt(file: Path) -> None:
    file.chmod(0o600)
    change_byte(file, 0)


def _renamed(manifest: Path) -> None:
    manifest.write_text(manifest.read_text("utf-8").replace(".", "_", 1), "utf-8")


def _folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


def _loop(file: Path) -> None:
    file.unlink()
    file.symlink_to(file)


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
            write_backup(hub.store, hub.landing, file, AGS["a"])
        assert [p.name for p in tmp_path.iterdir() if "zip" in p.name] == []
        made = write_backup(hub.store, hub.landing, file, AGS["a"], leave_out_damaged=True)
        assert len(made.deliveries) == 8 - len(made.left_out)
        expected = rows(hub)
    with exports["a"].hub(tmp_path / "there") as hub:
        assert restore(file, hub.store, hub.landing).left_out == made.left_out != []
        assert rows(hub) == expected
        assert len(check_warehouse(hub.store, hub.landing)) == len(made.left_out)


def test_a_backup_of_another_district_is_refused(
    kept: dict[str, Path], exports: dict[str, Exports], accounts: Accounts, tmp_path: Path
) -> None:
    with exports["b"].hub(tmp_path, accounts.url("kreis_b_loader")) as hub:
        with pytest.raises(WrongDistrict, match=r"08991.*08992"):
            restore(kept["duckdb"], hub.store, hub.landing, ags=AGS["b"])
        assert hub.store.last_load() == 0
        assert not hub.landing.folder.exists()


def test_what_the_disk_does_not_give_is_told_and_the_rest_kept(
    exports: dict[str, Exports],
    undisturbed: dict[str, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shutil.copytree(undisturbed["a"] / "data", tmp_path / "data")
    bad, opening = _first(tmp_path / "data" / "landing"), Path.open

    class Broken(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(
        Path,
        "open",
        lambda path, *rest, **more: Broken() if path == bad else opening(path, *rest, **more),
    )
    with exports["a"].hub(tmp_path) as hub:
        assert [
            "cannot be read" in sentence for sentence in check_warehouse(hub.store, hub.landing)
        ] == [True]
        made = write_backup(
            hub.store, hub.landing, tmp_path / "b.zip", AGS["a"], leave_out_damaged=True
        )
    assert len(made.deliveries) == 7 and "cannot be read" in made.left_out[0]


def test_a_restore_heals_a_damaged_landing(
    kept: dict[str, Path], exports: dict[str, Exports], undisturbed: dict[str, Path], tmp_path: Path
) -> None:
    shutil.copytree(undisturbed["a"] / "data", tmp_path / "data")
    landing = tmp_path / "data" / "landing"
    _spoilt(_first(landing))
    next(landing.glob("manifests/*")).write_text("{")
    with exports["a"].hub(tmp_path) as hub:
        assert len(check_warehouse(hub.store, hub.landing)) == 2
        restore(kept["duckdb"], hub.store, hub.landing, force=True)
        assert check_warehouse(hub.store, hub.landing) == []


def test_a_backup_with_a_delivery_that_is_another_is_refused_before_anything_is_touched(
    kept: dict[str, Path], exports: dict[str, Exports], tmp_path: Path
) -> None:
    file = tmp_path / "b.zip"
    file.write_bytes(kept["duckdb"].read_bytes())
    change_manifest(file, '"delivered_on": "2025-01-31"', '"delivered_on": "2025-01-30"')
    with exports["a"].hub(tmp_path) as hub, pytest.raises(BadBackup, match="number names"):
        restore(file, hub.store, hub.landing)
    assert (
        sorted(p.name for p in tmp_path.iterdir()) == ["b.zip", "drehscheibe.yaml"]
        or not hub.landing.folder.exists()
    )


def test_whatever_byte_of_a_backup_is_changed_it_is_bad_or_sound(
    kept: dict[str, Path], tmp_path: Path
) -> None:
    whole = kept["duckdb"].read_bytes()
    file = tmp_path / "b.zip"
    draw = random.Random(3)
    for place in [
        *(len(whole) - 1 - draw.randrange(6000) for _ in range(150)),
        *(draw.randrange(len(whole)) for _ in range(50)),
    ]:
        changed = bytearray(whole)
        changed[place] ^= 1 << draw.randrange(8)
        file.write_bytes(changed)
        with suppress(BadBackup, WrongSchema), open_checked(file, None, AGS["a"]):
            pass


def test_an_older_backup_does_not_say_of_which_district_it_is(
    kept: dict[str, Path], exports: dict[str, Exports], tmp_path: Path
) -> None:
    file = tmp_path / "older.zip"
    file.write_bytes(kept["duckdb"].read_bytes())
    change_manifest(file, '"format": 2', '"format": 1')
    change_manifest(file, f'"ags": "{AGS["a"]}",', "")
    # Its municipalities do.
    with exports["b"].hub(tmp_path) as hub, pytest.raises(WrongDistrict, match=r"08991.*08992"):
        restore(file, hub.store, hub.landing, ags=AGS["b"])
    with exports["a"].hub(tmp_path / "a") as hub:
        restore(file, hub.store, hub.landing)
        assert hub.store.last_load() == 8
