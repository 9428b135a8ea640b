"""A backup whose list of contents was altered by someone who knows its form: nothing outside is touched, and it is refused."""

from __future__ import annotations

import copy
import hashlib
import io
import json
import os
import re
import shutil
import stat
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from warehouse.backup.archive import BackupManifest, BadBackup, create_archive
from warehouse.backup.backup import write_backup
from warehouse.backup.restore import open_checked, restore_backup
from warehouse.database.store import Store, WrongSchema
from warehouse.landing.landing import LandedFile, Landing, delivery_id, is_inner_name

CONTENT = b"Name;Geburtsdatum\r\n"
HASH = hashlib.sha256(CONTENT).hexdigest()
CANARY = "canary"
LEADS_OUT = [
    "../canary",
    "../../canary",
    "../../../canary",
    "a/../../canary",
    "{outside}/canary",
    "//server/share/x",
    "/dev/null",
    "/dev/stdin",
    "/proc/self/environ",
    "",
    ".",
    "..",
    "a//b",
    "a/./b",
    "a\x00b",
    None,
    5,
    ["a"],
    {"a": "b"},
]
FOREIGN = [
    "..\\..\\canary",
    "C:\\canary",
    "C:canary",
    "\\\\server\\share\\canary",
    "\\\\?\\C:\\canary",
    "\\\\.\\PhysicalDrive0",
    "CON",
    "AUX.csv",
    "NUL",
    "x; DROP TABLE load",
]
NO_HASH = [HASH.upper(), HASH + "\n", HASH[:-1], HASH + "0", " " + HASH[1:], "ü" * 64]
READ_IN_LITTLE_MEMORY = """\
import resource, sys
from pathlib import Path
from warehouse.backup.archive import open_archive
resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30))
with open_archive(Path(sys.argv[1])) as reader:
    list(reader.read_batches("team"))
"""
Change = Callable[[dict[str, Any], Any], None]


def set_field(name: str) -> Change:
    return lambda content, value: content.__setitem__(name, value)


def set_in_delivery(name: str) -> Change:
    return lambda content, value: content["deliveries"][0].__setitem__(name, value)


def set_in_file(position: int) -> Change:
    return lambda content, value: content["deliveries"][0]["files"][0].__setitem__(position, value)


def rename_key(field: str) -> Change:
    def change(content: dict[str, Any], value: Any) -> None:
        content[field][str(value)] = content[field].pop(next(iter(content[field])))

    return change


def set_value(field: str) -> Change:
    return lambda content, value: content[field].__setitem__(next(iter(content[field])), value)


FIELDS: dict[str, Change] = {
    **{
        name: set_field(name)
        for name in ("format", "revision", "made_at", "engine", "tables", "deliveries", "sha256")
    },
    "ags": set_field("ags"),
    "left_out": set_field("left_out"),
    "name of a table": rename_key("tables"),
    "rows of a table": set_value("tables"),
    "name of a part": rename_key("sha256"),
    "hash of a part": set_value("sha256"),
    "name of a kept file": lambda content, value: content["sha256"].__setitem__(
        f"kept/submissions/{value}", HASH
    ),
    "delivery_id": set_in_delivery("delivery_id"),
    "source": set_in_delivery("source"),
    "delivered_on": set_in_delivery("delivered_on"),
    "scope": set_in_delivery("scope"),
    "files": set_in_delivery("files"),
    "hash of a file": set_in_file(1),
    "an unknown field": set_field("folder"),
}
# What a field may well be; it is a value then, and no path.
HARMLESS: dict[str, Callable[[Any], bool]] = {
    "ags": lambda value: value == "",
    "source": lambda value: isinstance(value, str) and bool(re.fullmatch(r"\w{1,64}", value)),
    "left_out": lambda value: value == ["a"],
    "rows of a table": lambda value: value == 5,
}


@pytest.fixture(scope="module")
def archive(empty_file: Path, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The backup of a warehouse with one delivery of one file."""
    folder = tmp_path_factory.mktemp("backed_up")
    shutil.copyfile(empty_file, folder / "warehouse.duckdb")
    file = folder / "Klienten.csv"
    file.write_bytes(CONTENT)
    landing = Landing(folder / "landing")
    landing.land_delivery("tau", date(2025, 1, 31), "full", [("Klienten.csv", file)])
    with Store(f"duckdb:///{folder / 'warehouse.duckdb'}") as store:
        write_backup(store, landing, folder / "backup.zip", "08999")
    return (folder / "backup.zip").read_bytes()


@pytest.fixture
def made(archive: bytes, tmp_path: Path) -> Path:
    """That backup as a file of its own."""
    (tmp_path / "backup.zip").write_bytes(archive)
    return tmp_path / "backup.zip"


@pytest.fixture
def outside(tmp_path: Path) -> Iterator[Path]:
    """Folders around the landing with a file in each that nothing may touch."""
    here = tmp_path / "here"
    (here / "data" / "landing").mkdir(parents=True)
    for folder in (here, here / "data", here / "data" / "landing"):
        (folder / CANARY).write_bytes(b"alive")
    yield here
    alive = {path.parent.name for path in here.rglob(CANARY) if path.read_bytes() == b"alive"}
    assert alive == {"here", "data", "landing"}


def alter(backup: Path, change: Callable[[dict[str, Any]], None], *, own_ids: bool) -> None:
    """Writes the backup anew with another manifest, whose parts and numbers fit it again."""
    with zipfile.ZipFile(backup) as whole:
        parts = {info.filename: whole.read(info) for info in whole.infolist()}
    content = json.loads(parts.pop("manifest.json"))
    before = copy.deepcopy(content)
    change(content)
    assert content != before
    if own_ids:
        give_own_ids(content, parts)
    with zipfile.ZipFile(backup, "w") as changed:
        for name, part in parts.items():
            changed.writestr(name, part)
        changed.writestr("manifest.json", json.dumps(content))


def give_own_ids(content: dict[str, Any], parts: dict[str, bytes]) -> None:
    """Gives an altered delivery the number that follows from it, and its files a part each."""
    try:
        for entry in content["deliveries"]:
            files = [LandedFile(name, sha256, 0) for name, sha256 in entry["files"]]
            day = date.fromisoformat(entry["delivered_on"])
            entry["delivery_id"] = delivery_id(entry["source"], day, entry["scope"], files)
            for file in files:
                parts.setdefault(f"landing/{file.sha256}", CONTENT)
                content["sha256"].setdefault(f"landing/{file.sha256}", HASH)
        for name in content["tables"]:
            parts.setdefault(f"tables/{name}.parquet", parts["tables/load.parquet"])
            sha256 = hashlib.sha256(parts[f"tables/{name}.parquet"]).hexdigest()
            content["sha256"].setdefault(f"tables/{name}.parquet", sha256)
    except (TypeError, ValueError, AttributeError, KeyError):
        return


def put_back(backup: Path, store: Store, here: Path) -> None:
    with open_checked(backup, None, "08999") as reader:
        restore_backup(reader, store, Landing(here / "data" / "landing"), force=True)


@pytest.mark.parametrize("field", FIELDS)
def test_no_field_leads_out(field: str, made: Path, outside: Path, store: Store) -> None:
    whole = made.read_bytes()
    before = sorted(map(str, outside.rglob("*")))
    for value in (*LEADS_OUT, *FOREIGN, *NO_HASH):
        if isinstance(value, str):
            value = value.format(outside=outside)
        if HARMLESS.get(field, lambda _: False)(value):
            continue
        made.write_bytes(whole)
        own = field not in ("delivery_id", "sha256", "name of a part", "hash of a part")
        alter(made, lambda content, v=value: FIELDS[field](content, v), own_ids=own)  # type: ignore[misc]
        with pytest.raises((BadBackup, WrongSchema)):
            put_back(made, store, outside)
        assert sorted(map(str, outside.rglob("*"))) == before


@pytest.mark.parametrize("value", LEADS_OUT)
def test_no_name_of_a_file_leads_out(value: Any, made: Path, outside: Path, store: Store) -> None:
    if isinstance(value, str):
        value = value.format(outside=outside)
    alter(made, lambda content: set_in_file(0)(content, value), own_ids=True)
    with pytest.raises(BadBackup):
        put_back(made, store, outside)


@pytest.mark.skipif(os.name == "nt", reason="these names are paths there, and refused")
@pytest.mark.parametrize("value", FOREIGN)
def test_a_name_of_another_system_stays_a_name(
    value: str, made: Path, outside: Path, store: Store
) -> None:
    """A source may have such a file, and its backup has to be of use."""
    alter(made, lambda content: set_in_file(0)(content, value), own_ids=True)
    put_back(made, store, outside)
    landing = outside / "data" / "landing"
    names = {path.name for path in landing.rglob("*") if path.is_file()}
    assert HASH in names
    assert not {name for name in names if CANARY in name} - {CANARY}


@pytest.mark.parametrize(
    ("name", "inner"),
    [("a.csv", True), ("a/b c.csv", True), ("ä.csv", True), ("a..b", True), ("a/..", False)],
)
def test_names_within_a_delivery(name: str, inner: bool) -> None:
    assert is_inner_name(name) is inner


def test_a_hash_that_is_none_becomes_no_path(tmp_path: Path) -> None:
    landing = Landing(tmp_path)
    with pytest.raises(ValueError, match="none"):
        landing.path_of(LandedFile("a", "../../canary", 0))
    with pytest.raises(ValueError, match="none"):
        landing.place_of("../canary")


def test_a_packed_part_is_refused(made: Path, outside: Path, store: Store) -> None:
    with zipfile.ZipFile(made) as whole:
        parts = {info.filename: whole.read(info) for info in whole.infolist()}
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as changed:
        for name, part in parts.items():
            changed.writestr(name, part)
    with pytest.raises(BadBackup):
        put_back(made, store, outside)


def test_a_part_that_is_a_link_is_not_followed(made: Path, outside: Path, store: Store) -> None:
    target = str(outside / CANARY).encode()
    sha256 = hashlib.sha256(target).hexdigest()
    with zipfile.ZipFile(made) as whole:
        parts = {info.filename: whole.read(info) for info in whole.infolist()}
    content = json.loads(parts.pop("manifest.json"))
    content["deliveries"][0]["files"][0][1] = sha256
    content["sha256"][f"landing/{sha256}"] = sha256
    give_own_ids(content, parts)
    link = zipfile.ZipInfo(f"landing/{sha256}")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    parts.pop(link.filename, None)
    with zipfile.ZipFile(made, "w") as changed:
        for name, part in parts.items():
            changed.writestr(name, part)
        changed.writestr(link, target)
        changed.writestr("manifest.json", json.dumps(content))
    put_back(made, store, outside)
    landed = Landing(outside / "data" / "landing").path_of(LandedFile("a", sha256, 0))
    assert not landed.is_symlink() and landed.read_bytes() == target


def test_the_backup_itself_is_put_back(made: Path, outside: Path, store: Store) -> None:
    put_back(made, store, outside)
    assert (outside / "data" / "landing" / HASH[:2] / HASH).read_bytes() == CONTENT


def test_a_part_that_unpacks_beyond_the_memory_is_refused(tmp_path: Path) -> None:
    one = pa.array(["x" * (8 << 20)])
    rows = pa.DictionaryArray.from_arrays(pa.array([0] * 1000, pa.int32()), one)
    part = pa.BufferOutputStream()
    pq.write_table(pa.table({"ags": rows}), part, compression="zstd", store_schema=False)
    contents = BackupManifest("0001", "2025-01-31T00:00:00", "duckdb")
    with create_archive(tmp_path / "backup.zip", contents) as writer:
        writer.write_file("tables/team.parquet", io.BytesIO(part.getvalue().to_pybytes()))
    child = subprocess.run(
        [sys.executable, "-c", READ_IN_LITTLE_MEMORY, str(tmp_path / "backup.zip")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "BadBackup: the backup is damaged (tables: team): it unpacks beyond" in child.stderr
