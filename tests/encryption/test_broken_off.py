"""A switch to encryption or back that is broken off or killed: the old or the new state is there, and no plain file of a half-made one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.encryption.filled import fill, holds, plain_places
from warehouse.encryption import convert as switching
from warehouse.encryption.convert import finish_switch, switch_encryption
from warehouse.encryption.convert_landing import list_landed_files
from warehouse.encryption.key import Key, KeyProblem, from_file, make_file
from warehouse.errors import DamagedWarehouse, WarehouseError
from warehouse.files.data_folder import DataFolder
from warehouse.landing.landing import Manifest

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
@pytest.mark.parametrize(("sealed", "every"), [(True, 2), (False, 5)])
def test_killed_at_any_step_the_old_or_the_new_state_is_there(
    tmp_path: Path, site: DataFolder, key_file: Path, sealed: bool, every: int
) -> None:
    key = from_file(key_file)
    manifest = fill(site.path, None if sealed else key)
    (tmp_path / "places").mkdir()
    words = [
        str(site.path),
        str(tmp_path / "places"),
        str(key_file),
        "sealed" if sealed else "plain",
        str(every),
    ]
    subprocess.run(
        [sys.executable, "-m", "tests.encryption.interrupted", *words], cwd=ROOT, check=True
    )
    places = sorted((tmp_path / "places").iterdir(), key=lambda p: int(p.name))
    old, new = (None, key) if sealed else (key, None)
    states = [_state(place, manifest, old, new) for place in places]
    # each state is met, and once the new one counts it stays
    assert (
        len(places) > 15 // every and states == sorted(states) and set(states) == {"1 old", "2 new"}
    )
    for place in places:
        switch_encryption(DataFolder(place), key, sealed=sealed)
        assert holds(place, manifest, new)
        assert not sealed or plain_places(place) == []
        assert sorted(p.name for p in place.iterdir()) == ["landing", "warehouse.duckdb"]
        assert len(
            list_landed_files(place / "landing", sealed=sealed)
        ) == 2 and not list_landed_files(place / "landing", sealed=not sealed)


def _state(place: Path, manifest: Manifest, old: Key | None, new: Key | None) -> str:
    finish_switch(DataFolder(place))
    try:
        assert holds(place, manifest, old)
        return "1 old"
    except KeyProblem:
        assert holds(place, manifest, new)
        return "2 new"


# Where a decryption ends by itself, before it is decided.
ENDS = {
    "while_the_warehouse_is_copied": "warehouse.encryption.convert_warehouse._compare_copies",
    "while_the_landing_is_written": "warehouse.encryption.convert_landing._is_whole",
    "when_it_is_to_be_decided": "warehouse.encryption.convert.json.dumps",
}


@pytest.mark.parametrize("place", ENDS)
def test_a_decryption_that_is_broken_off_leaves_no_plain_file(
    place: str, site: DataFolder, manifest: Manifest, key: Key, monkeypatch: pytest.MonkeyPatch
) -> None:
    switch_encryption(site, key, sealed=True)
    before = sorted(site.path.rglob("*"))

    def interrupted(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(ENDS[place], interrupted)
    with pytest.raises(KeyboardInterrupt):
        switch_encryption(site, key, sealed=False)
    monkeypatch.undo()
    assert plain_places(site.path) == []
    assert sorted(site.path.rglob("*")) == before and holds(site.path, manifest, key)


@pytest.mark.slow
@pytest.mark.thorough
def test_what_a_killed_decryption_left_is_gone_with_the_next_command(
    tmp_path: Path, site: DataFolder, key_file: Path
) -> None:
    manifest = fill(site.path, from_file(key_file))
    (tmp_path / "places").mkdir()
    words = [str(site.path), str(tmp_path / "places"), str(key_file), "plain", "1"]
    subprocess.run(
        [sys.executable, "-m", "tests.encryption.interrupted", *words], cwd=ROOT, check=True
    )
    places = sorted((tmp_path / "places").iterdir(), key=lambda p: int(p.name))
    left = [
        place for place in places if plain_places(place) and not (place / "switching.json").exists()
    ]
    undecided = [place for place in left if (place / "landing" / "recipient").exists()]
    assert len(undecided) > 5
    for place in undecided:
        finish_switch(DataFolder(place))
        assert plain_places(place) == [] and holds(place, manifest, from_file(key_file))
        assert sorted(p.name for p in place.iterdir()) == ["landing", "warehouse.duckdb"]


@pytest.mark.parametrize("same_key", [True, False])
def test_plain_files_that_count_are_never_removed(
    same_key: bool,
    site: DataFolder,
    manifest: Manifest,
    key: Key,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def interrupted(*_: Any) -> None:
        raise KeyboardInterrupt

    # An encryption that was not decided leaves encrypted files beside the plain ones; then a decryption is broken off, too.
    monkeypatch.setattr("warehouse.encryption.convert.json.dumps", interrupted)
    for sealed, used in (
        (True, key),
        (False, key if same_key else make_file(tmp_path / "other.key")),
    ):
        with pytest.raises(KeyboardInterrupt):
            switch_encryption(site, used, sealed=sealed)
    monkeypatch.undo()
    assert list_landed_files(site.landing, sealed=True) and holds(site.path, manifest, None)
    (site.path / "decrypting").write_bytes(b"warehouse.duckdb.new")
    finish_switch(site)
    assert holds(site.path, manifest, None) and not (site.path / "decrypting").exists()


def test_a_decryption_that_goes_on_is_left_alone(
    site: DataFolder, manifest: Manifest, key: Key
) -> None:
    switch_encryption(site, key, sealed=True)
    (site.path / "decrypting").write_bytes(b"")
    plain = list_landed_files(site.landing, sealed=True)[0].with_suffix("")
    plain.write_bytes(b"Zzyzxo")
    with switching._only_one(site, wait=False):
        finish_switch(site)
        assert plain.exists()
    finish_switch(site)
    assert not plain.exists()


def test_a_damaged_warehouse_and_a_link_are_told_before_all_else(
    site: DataFolder, manifest: Manifest, key: Key, tmp_path: Path
) -> None:
    whole = site.warehouse.read_bytes()
    site.warehouse.write_bytes(b"no warehouse")
    with pytest.raises(DamagedWarehouse):
        switch_encryption(site, key, sealed=True)
    site.warehouse.unlink()
    (tmp_path / "elsewhere").write_bytes(whole)
    site.warehouse.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(WarehouseError, match="is a link"):
        switch_encryption(site, key, sealed=True)
    assert len(list_landed_files(site.landing, sealed=True)) == 0 and holds(
        site.path, manifest, None
    )


def test_what_a_killed_restore_left_does_not_outlast_the_switch(
    site: DataFolder, manifest: Manifest, key: Key
) -> None:
    (site.path / ".upgrading-1").mkdir()
    (site.path / ".upgrading-1" / "scratch.duckdb").write_bytes(b"Zzyzxowitsch")
    switch_encryption(site, key, sealed=True)
    assert plain_places(site.path) == []
