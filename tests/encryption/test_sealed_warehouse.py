"""An encrypted warehouse is a warehouse as any other; the wrong key, no key, and a second process are each told in one sentence."""

from __future__ import annotations

import signal
import subprocess
import sys
import traceback
from pathlib import Path

import duckdb
import pytest
from sqlalchemy import insert, select, text

from warehouse.database.store import Store, WarehouseBusy
from warehouse.encryption.embedded import LOCKED, PLAIN, WRONG, open_memory_database
from warehouse.encryption.key import SET_UP, Key, KeyProblem, make_file
from warehouse.schema import carrier

pytestmark = pytest.mark.thorough

ROOT = Path(__file__).parents[2]
OPENING = """
import sys
from pathlib import Path
from warehouse.encryption.key import from_file
from warehouse.database.store import Store
try:
    Store(sys.argv[1], from_file(Path(sys.argv[2])))
except Exception as error:
    print(type(error).__name__, error)
"""
DYING = """
import os, signal, sys
from pathlib import Path
from sqlalchemy import insert
from warehouse.encryption.key import from_file
from warehouse.schema import carrier
from warehouse.database.store import Store
store = Store(sys.argv[1], from_file(Path(sys.argv[2])))
with store.transaction() as connection:
    connection.execute(insert(carrier).values(key="y", known_from=1, name="Zzyzxowitsch und Zzyzxowitsch"))
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def url(tmp_path: Path, key: Key) -> str:
    """An encrypted warehouse with one row."""
    address = f"duckdb:///{tmp_path}/warehouse.duckdb"
    with Store(address, key) as store, store.transaction() as connection:
        connection.execute(insert(carrier).values(key="z", known_from=1, name="Zzyzxowitsch"))
    return address


def names(store: Store) -> list[str]:
    with store.read() as connection:
        return list(connection.execute(select(carrier.c.name)).scalars())


def test_what_was_kept_is_there_again_and_nowhere_in_plain(
    url: str, key: Key, tmp_path: Path
) -> None:
    with Store(url, key) as store:
        assert names(store) == ["Zzyzxowitsch"]
        assert store.last_load() == 0
        with store.transaction() as connection:
            connection.execute(
                text(
                    "CREATE TEMPORARY TABLE meanwhile AS SELECT 'Zzyzxowitsch' AS a FROM range(1000)"
                )
            )
            connection.execute(insert(carrier).values(key="y", known_from=1, name="Zzyzxowitsch"))
        assert b"Zzyzx" not in b"".join(p.read_bytes() for p in tmp_path.glob("warehouse.duckdb*"))
    assert [p.name for p in tmp_path.glob("warehouse.duckdb*")] == ["warehouse.duckdb"]


def test_killed_after_its_work_was_finished_all_of_it_is_there(
    url: str, key: Key, tmp_path: Path
) -> None:
    died = subprocess.run(
        [sys.executable, "-c", DYING, url, str(tmp_path / "keys" / "one.key")],
        cwd=ROOT,
        check=False,
    )
    assert died.returncode == -signal.SIGKILL
    log = tmp_path / "warehouse.duckdb.wal"
    assert log.stat().st_size and b"Zzyzx" not in log.read_bytes()
    with Store(url, key) as store:
        assert len(names(store)) == 2


def test_connections_are_separate_and_see_each_others_finished_work(url: str, key: Key) -> None:
    with Store(url, key) as store, Store(url, key) as second:
        with store.transaction() as connection:
            connection.execute(insert(carrier).values(key="y", known_from=1, name="neu"))
            assert len(names(second)) == 1
        assert len(names(second)) == 2


def test_each_mistake_with_the_key_is_one_sentence_without_the_key(
    url: str, key: Key, tmp_path: Path
) -> None:
    other = make_file(tmp_path / "other")
    plain = f"duckdb:///{tmp_path}/plain.duckdb"
    Store(plain).close()
    for address, given, sentence in ((url, other, WRONG), (url, None, LOCKED), (plain, key, PLAIN)):
        with pytest.raises(KeyProblem) as told:
            Store(address, given)
        assert str(told.value) == sentence
        trace = "".join(traceback.format_exception(told.value))
        assert not any(k.warehouse_secret() in trace for k in (key, other))
    with Store(url, key) as store:
        assert names(store) == ["Zzyzxowitsch"]


def test_an_error_nobody_foresaw_does_not_hold_the_key(key: Key, tmp_path: Path) -> None:
    (tmp_path / "junk.duckdb").mkdir()
    with pytest.raises(Exception, match=r"junk\.duckdb") as told:
        Store(f"duckdb:///{tmp_path}/junk.duckdb", key)
    assert key.warehouse_secret() not in "".join(traceback.format_exception(told.value))


def test_a_second_process_is_told_that_the_warehouse_is_in_use(
    url: str, key: Key, tmp_path: Path
) -> None:
    program = [sys.executable, "-c", OPENING, url, str(tmp_path / "keys" / "one.key")]
    with Store(url, key):
        told = subprocess.run(program, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert told.startswith(f"{WarehouseBusy.__name__} the warehouse is in use")
    assert (
        subprocess.run(program, cwd=ROOT, capture_output=True, text=True, check=True).stdout == ""
    )


def test_what_is_spilled_is_encrypted_and_lies_beside_the_warehouse(tmp_path: Path) -> None:
    connection = open_memory_database(tmp_path / "warehouse.duckdb")
    settings = "current_setting('temp_file_encryption'), current_setting('temp_directory')"
    assert connection.execute(f"SELECT {settings}").fetchone() == (
        True,
        f"{tmp_path}/warehouse.duckdb.tmp",
    )
    connection.close()


def test_without_the_fitting_library_one_sentence_says_how_to_get_it(
    url: str, key: Key, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(KeyProblem) as told:
        Store(url, key)
    assert str(told.value) == SET_UP
    monkeypatch.undo()
    monkeypatch.setattr(duckdb, "__version__", "0.0.1")
    with pytest.raises(KeyProblem, match="setup encryption"):
        open_memory_database(tmp_path / "warehouse.duckdb")
