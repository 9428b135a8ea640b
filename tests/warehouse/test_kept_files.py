"""Packages, receipts and publications go into the backup and come back as they were."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from warehouse.backup.backup import write_backup
from warehouse.backup.restore import open_checked, restore_backup
from warehouse.database.store import Store
from warehouse.landing.landing import Landing

KEPT = {
    "submissions/kennzahlen-2024/data/figures.json": b"{}",
    "submissions/kennzahlen-2024/bagit.txt": b"BagIt-Version: 1.0",
    "receipts/0f.pdf": b"%PDF-1.7",
    "publications/0001.json": b"[]",
}
# Half made by a killed process, made anew at any time, or leading out of the folder.
LEFT = ("submissions/.kennzahlen-2024-0f/bagit.txt", "out/report/Bericht.html")


@pytest.fixture
def folder(empty_file: Path, tmp_path: Path) -> Path:
    """A data folder with all of it."""
    data = tmp_path / "data"
    data.mkdir()
    shutil.copyfile(empty_file, data / "warehouse.duckdb")
    for name, content in {**KEPT, **dict.fromkeys(LEFT, b"")}.items():
        (data / name).parent.mkdir(parents=True, exist_ok=True)
        (data / name).write_bytes(content)
    (tmp_path / "secret").write_bytes(b"outside")
    (data / "receipts" / "link.pdf").symlink_to(tmp_path / "secret")
    return data


def test_what_is_kept_comes_back(folder: Path, empty_file: Path, tmp_path: Path) -> None:
    backup, again = tmp_path / "backup.zip", tmp_path / "again"
    with Store(f"duckdb:///{folder / 'warehouse.duckdb'}") as store:
        write_backup(store, Landing(folder / "landing"), backup, "08999")
    (again / "receipts").mkdir(parents=True)
    (again / "receipts" / "0f.pdf").write_bytes(b"%PDF-1.7 altered")
    shutil.copyfile(empty_file, again / "warehouse.duckdb")
    with (
        Store(f"duckdb:///{again / 'warehouse.duckdb'}") as store,
        open_checked(backup, None, "08999") as reader,
    ):
        restore_backup(reader, store, Landing(again / "landing"))
    roots = {name.split("/")[0] for name in (*KEPT, *LEFT)}
    found = {
        path.relative_to(again).as_posix(): path.read_bytes()
        for root in roots
        for path in (again / root).rglob("*")
        if path.is_file()
    }
    assert found == KEPT
