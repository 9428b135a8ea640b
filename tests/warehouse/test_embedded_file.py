"""The file of the embedded warehouse: it has its name once it is whole, and what is no warehouse is told and left as it is."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from tests import empty_warehouse
from warehouse.database import engine
from warehouse.database.store import DamagedWarehouse, Store, WrongSchema
from warehouse.errors import WarehouseError

ROOT = Path(__file__).parents[2]
SPOILT: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda whole: b"",
    "text": lambda whole: b"Name;Vorname\r\n" * 1000,
    "sqlite": lambda whole: b"SQLite format 3\0" + bytes(8000),
    "zeros": lambda whole: bytes(len(whole)),
    "first_header_only": lambda whole: whole[:4096],
    "headers_only": lambda whole: whole[:12288],
    "half": lambda whole: whole[: len(whole) // 2],
    "other_headers": lambda whole: whole[:4096] + bytes(8192) + whole[12288:],
}


@pytest.fixture(autouse=True)
def _made_by_revisions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "_create_file", empty_warehouse.create_file)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "data" / "warehouse.duckdb"


def opened(file: Path) -> int:
    with Store(f"duckdb:///{file}") as store:
        return store.last_load()


@pytest.mark.parametrize("way", SPOILT)
def test_what_is_no_warehouse_is_told_and_left_as_it_is(way: str, file: Path) -> None:
    assert opened(file) == 0
    content = SPOILT[way](file.read_bytes())
    file.write_bytes(content)
    with pytest.raises(DamagedWarehouse, match="db restore BACKUP --force"):
        opened(file)
    assert file.read_bytes() == content


def test_a_damaged_log_is_told(file: Path) -> None:
    program = (
        "import os, sys; from warehouse.database.store import Store; from sqlalchemy import text\n"
    )
    program += "with Store(sys.argv[1]).transaction() as c:\n"
    rows = "SELECT 'k' || i, repeat('n', 50), 1 FROM range(3000) t(i)"
    insert = f"INSERT INTO carrier (key, name, known_from) {rows}"
    program += f" c.execute(text({insert!r}))\n"
    subprocess.run(
        [sys.executable, "-c", program + "os._exit(0)", f"duckdb:///{file}"], cwd=ROOT, check=True
    )
    log = file.with_name(file.name + ".wal")
    content = bytearray(log.read_bytes())
    content[len(content) // 2] ^= 0xFF
    log.write_bytes(content)
    with pytest.raises(DamagedWarehouse):
        opened(file)


@pytest.mark.parametrize("step", ["upgrade_schema", "chmod", "replace"])
def test_a_making_that_breaks_off_leaves_no_file(
    step: str, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(engine if step == "upgrade_schema" else os, step, broken)
    with pytest.raises(RuntimeError):
        opened(file)
    assert list(file.parent.iterdir()) == []
    monkeypatch.undo()
    assert opened(file) == 0


def test_what_a_killed_making_left_is_no_warehouse(file: Path) -> None:
    file.parent.mkdir()
    (file.parent / f".{file.name}.making").write_bytes(bytes(4096))
    assert opened(file) == 0
    assert [p.name for p in file.parent.iterdir()] == [file.name]


def test_two_that_make_it_at_once_make_one(file: Path) -> None:
    program = "import sys; from sqlalchemy import make_url; "
    program += "from warehouse.database.engine import create_warehouse; "
    program += "print(create_warehouse(make_url(sys.argv[1])))"
    makers = [
        subprocess.Popen(
            [sys.executable, "-c", program, f"duckdb:///{file}"],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    assert sorted(maker.communicate()[0] for maker in makers) == ["False\n", "False\n", "True\n"]
    assert opened(file) == 0


def test_looking_at_a_warehouse_that_is_not_there_makes_none(file: Path) -> None:
    with pytest.raises(WrongSchema, match="no warehouse there yet"):
        Store(f"duckdb:///{file}", migrate=False)
    assert not file.parent.exists()


def test_without_room_for_its_log_nothing_is_begun(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Store(f"duckdb:///{file}") as store:
        usage = shutil.disk_usage(file.parent)._replace(free=0)
        monkeypatch.setattr("shutil.disk_usage", lambda path: usage)
        with pytest.raises(OSError, match="No space left"), store.transaction():
            pass
        assert store.last_load() == 0


def test_the_log_of_a_vanished_warehouse_is_not_taken_for_the_new_ones(file: Path) -> None:
    leaving = (
        "import os, sys; from warehouse.database.store import Store; from sqlalchemy import text\n"
    )
    leaving += "with Store(sys.argv[1]).transaction() as c:\n c.execute(text(\"INSERT INTO team (name, known_from) VALUES ('Nord', 1)\"))\n"
    subprocess.run(
        [sys.executable, "-c", leaving + "os._exit(0)", f"duckdb:///{file}"], cwd=ROOT, check=True
    )
    log = file.with_name(file.name + ".wal").read_bytes()
    file.unlink()
    with Store(f"duckdb:///{file}") as store, store.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM team")).scalar_one() == 0
    (aside,) = file.parent.glob("warehouse.duckdb.left-*.wal")
    assert aside.read_bytes() == log


def test_a_link_to_nothing_is_left_as_it_is(file: Path, tmp_path: Path) -> None:
    file.parent.mkdir()
    file.symlink_to(tmp_path / "not mounted" / "warehouse.duckdb")
    with pytest.raises(WarehouseError, match="mounted"):
        opened(file)
    assert file.is_symlink()
