"""Switching over to encryption and back: whole, comparable, one at a time, and whenever it is killed the old or the new state is there."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.encryption.filled import fill, holds, plain_places
from warehouse.database.store import Store, WarehouseBusy
from warehouse.encryption import convert as switching
from warehouse.encryption.convert import ConversionResult, NotEnoughSpace, switch_encryption
from warehouse.encryption.convert_landing import list_landed_files
from warehouse.encryption.convert_warehouse import CopyDiffers
from warehouse.encryption.embedded import attach_file, open_memory_database
from warehouse.encryption.encrypted_file import DamagedFile
from warehouse.encryption.key import Key, KeyProblem, from_file, make_file
from warehouse.files.data_folder import DataFolder
from warehouse.landing.landing import Landing, Manifest

pytestmark = pytest.mark.thorough

ROOT = Path(__file__).parents[2]


def test_there_and_back_again(site: DataFolder, manifest: Manifest, key: Key) -> None:
    assert len(plain_places(site.path)) == 3
    before = sorted(site.path.rglob("*"))
    there = switch_encryption(site, key, sealed=True)
    assert (there.changed, there.files) == (True, 2) and there.rows >= 2 and there.tables > 20
    assert holds(site.path, manifest, key) and plain_places(site.path) == []
    with pytest.raises(KeyProblem, match="are encrypted"):
        holds(site.path, manifest, None)
    assert switch_encryption(site, key, sealed=False) == there
    assert holds(site.path, manifest, None)
    assert sorted(site.path.rglob("*")) == before


def test_nothing_else_that_holds_plain_bytes_outlasts_the_switch(
    site: DataFolder, manifest: Manifest, key: Key
) -> None:
    lying = [
        "landing/cache/one/marks",
        "warehouse.duckdb.tmp/spilled",
        "landing/.arriving-1",
        "landing/.restoring-1/0",
        ".writing-1",
    ]
    for name in lying:
        (site.path / name).parent.mkdir(parents=True, exist_ok=True)
        (site.path / name).write_bytes(b"Zzyzxowitsch")
    switch_encryption(site, key, sealed=True)
    assert plain_places(site.path) == []


@pytest.mark.parametrize("sealed", [True, False])
def test_a_second_time_there_is_nothing_to_do(
    site: DataFolder, manifest: Manifest, key: Key, sealed: bool
) -> None:
    switch_encryption(site, key, sealed=True)
    if not sealed:
        switch_encryption(site, key, sealed=False)
    assert switch_encryption(site, key, sealed=sealed) == ConversionResult(False)
    assert holds(site.path, manifest, key if sealed else None)


def test_an_empty_district_is_encrypted_from_its_first_delivery_on(
    site: DataFolder, key: Key
) -> None:
    assert switch_encryption(site, key, sealed=True).changed
    with pytest.raises(KeyProblem):
        Landing(site.landing)
    manifest = fill(site.path, key)
    assert holds(site.path, manifest, key) and plain_places(site.path) == []


def test_another_key_changes_nothing(
    site: DataFolder, manifest: Manifest, key: Key, tmp_path: Path
) -> None:
    other = make_file(tmp_path / "other")
    switch_encryption(site, key, sealed=True)
    for sealed in (True, False):
        with pytest.raises(KeyProblem, match="another key"):
            switch_encryption(site, other, sealed=sealed)
    assert holds(site.path, manifest, key)


def test_a_server_has_only_the_landing_encrypted(
    site: DataFolder, manifest: Manifest, key: Key
) -> None:
    done = switch_encryption(site, key, sealed=True, embedded=False)
    assert (done.files, done.rows) == (2, 0)
    assert (
        len(list_landed_files(site.landing, sealed=True)) == 2
        and list_landed_files(site.landing, sealed=False) == []
    )


def test_while_the_warehouse_is_in_use_nothing_is_switched(
    site: DataFolder, manifest: Manifest, key_file: Path
) -> None:
    program = f"from warehouse.database.store import Store; Store('duckdb:///{site.warehouse}'); print('open', flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", program], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout and other.stdout.readline() == b"open\n"
        with pytest.raises(WarehouseBusy):
            switch_encryption(site, from_file(key_file), sealed=True)
        other.communicate(b"\n")
    assert holds(site.path, manifest, None)


def test_two_at_once_are_kept_apart(site: DataFolder, manifest: Manifest, key: Key) -> None:
    with (
        switching._only_one(site, wait=False),
        pytest.raises(WarehouseBusy, match="another process"),
    ):
        switch_encryption(site, key, sealed=True)
    assert holds(site.path, manifest, None)


def test_without_room_nothing_is_begun(
    site: DataFolder, manifest: Manifest, key: Key, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = sorted(site.path.rglob("*"))
    usage = shutil.disk_usage(site.path)._replace(free=1 << 20)
    monkeypatch.setattr("shutil.disk_usage", lambda path: usage)
    with pytest.raises(NotEnoughSpace, match="MiB"):
        switch_encryption(site, key, sealed=True)
    assert sorted(site.path.rglob("*")) == before


def test_a_damaged_file_stops_it_in_the_old_state(
    site: DataFolder, manifest: Manifest, key: Key
) -> None:
    path = list_landed_files(site.landing, sealed=False)[0]
    content = path.read_bytes()
    path.chmod(0o600)
    path.write_bytes(content + b"x")
    with pytest.raises(DamagedFile, match=path.name[:16]):
        switch_encryption(site, key, sealed=True)
    path.write_bytes(content)
    assert holds(site.path, manifest, None)


def test_what_else_someone_keeps_in_the_warehouse_goes_along(
    site: DataFolder, manifest: Manifest, key: Key
) -> None:
    made = (
        "CREATE TABLE another AS SELECT i FROM range(3) t(i)",
        "CREATE VIEW looking AS SELECT * FROM another",
        "CREATE INDEX by_i ON another(i)",
    )
    with Store(f"duckdb:///{site.warehouse}") as store, store.transaction() as connection:
        for statement in made:
            connection.exec_driver_sql(statement)
    switch_encryption(site, key, sealed=True)
    with Store(f"duckdb:///{site.warehouse}", key) as store, store.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*), max(i) FROM looking").one() == (3, 2)
        assert (
            connection.exec_driver_sql(
                "SELECT index_name FROM duckdb_indexes() WHERE table_name = 'another'"
            ).scalar_one()
            == "by_i"
        )


@pytest.mark.parametrize(
    "spoils",
    [
        "DELETE FROM carrier WHERE key = 'Zzyzxowitsch'",
        "UPDATE carrier SET name = 'x' WHERE key = 'Zzyzxowitsch'",
        "DROP TABLE carrier",
    ],
)
def test_a_copy_that_differs_stops_it_in_the_old_state(
    site: DataFolder, manifest: Manifest, key: Key, monkeypatch: pytest.MonkeyPatch, spoils: str
) -> None:
    def spoiling(
        connection: Any, path: Path, name: str, key: Key | None, *, read_only: bool = False
    ) -> None:
        if name == "new" and read_only:
            with open_memory_database(path) as other:
                attach_file(other, path, "copy", key)
                other.execute("USE copy")
                other.execute(spoils)
        attach_file(connection, path, name, key, read_only=read_only)

    monkeypatch.setattr("warehouse.encryption.convert_warehouse.attach_file", spoiling)
    with pytest.raises(CopyDiffers, match="nothing was switched over"):
        switch_encryption(site, key, sealed=True)
    assert holds(site.path, manifest, None)
    monkeypatch.undo()
    assert switch_encryption(site, key, sealed=True).changed and holds(site.path, manifest, key)
