"""Deliveries in folders: which files, of which date, and whether somebody is still writing."""

from __future__ import annotations

import datetime
import errno
import os
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from connectors.fetch.local_folder import FolderMissing, find_all_deliveries, find_stray
from tests.connectors.folders import find_deliveries

OLD = datetime.datetime(2025, 2, 3, 12).timestamp()


@pytest.fixture(autouse=True)
def somebody_may_write(monkeypatch: pytest.MonkeyPatch) -> None:
    """These tests are about files that are being written."""
    monkeypatch.setattr("connectors.fetch.local_folder.YOUNG_SECONDS", 10.0)


def put(path: Path, content: str = "x", at: float = OLD) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    os.utime(path, (at, at))
    return path


def test_dated_folders_are_deliveries_in_order_with_all_files_below(tmp_path: Path) -> None:
    put(tmp_path / "2025-07-31" / "b.csv")
    put(tmp_path / "2025-01-31" / "teil" / "a.csv")
    put(tmp_path / "2025-01-31" / "z.csv")
    put(tmp_path / "2025-02-30" / "kein-datum.csv")
    put(tmp_path / "archiv" / "alt.csv")
    found = find_deliveries(tmp_path)
    assert [(str(d.date), [f.name for f in d.files], d.state) for d in found] == [
        ("2025-01-31", ["teil/a.csv", "z.csv"], "ready"),
        ("2025-07-31", ["b.csv"], "ready"),
    ]
    assert found[0].files[0].path.read_text() == "x"


@pytest.mark.parametrize(
    "name",
    [
        "2025-07-31 neu",
        "31.07.2025",
        "20250731",
        "2025-7-31",
        "2025-02-30",
        ".2025-07-31",
        ".neu",
        "archiv",
        "2025-07-31.zip/",
    ],
)
@pytest.mark.parametrize("beside", ["2025-06-30/a.csv", "a.csv"], ids=["dated", "flat"])
def test_a_folder_that_is_no_delivery_is_stray(tmp_path: Path, name: str, beside: str) -> None:
    put(tmp_path / beside)
    assert find_stray(tmp_path) == []
    put(tmp_path / name / "b.csv")
    assert find_stray(tmp_path) == [name.rstrip("/")]


def test_files_are_stray_beside_dated_folders_only(tmp_path: Path) -> None:
    for name in ("a.csv", "b.csv.part", ".DS_Store", ".c.csv"):
        put(tmp_path / name)
    (tmp_path / "2025-07-31").symlink_to("nowhere")
    assert find_stray(tmp_path) == []
    put(tmp_path / "2025-06-30" / "c.csv")
    assert find_stray(tmp_path) == [".c.csv", "2025-07-31", "a.csv", "b.csv.part"]
    assert find_stray(tmp_path / "fehlt") == []


def test_without_dated_folders_the_files_are_one_delivery_of_the_newest_date(
    tmp_path: Path,
) -> None:
    put(tmp_path / "a.csv", at=OLD - 86_400)
    put(tmp_path / "b.csv")
    put(tmp_path / "archiv" / "alt.csv")
    (delivery,) = find_deliveries(tmp_path)
    assert (str(delivery.date), [f.name for f in delivery.files]) == (
        "2025-02-03",
        ["a.csv", "b.csv"],
    )


@pytest.mark.parametrize(
    "name",
    [
        "~$liste.xlsx",
        ".DS_Store",
        "Thumbs.db",
        "desktop.ini",
        ".~lock.a.ods#",
        "._a.csv",
        ".nfs0000000001",
        ".git/x",
        "@eaDir/x",
    ],
)
def test_what_is_never_data(tmp_path: Path, name: str) -> None:
    put(tmp_path / "2025-01-31" / name)
    (delivery,) = find_deliveries(tmp_path)
    assert (delivery.state, delivery.files) == ("empty", ()) and "keine Dateien" in delivery.message


@pytest.mark.parametrize("name", [".Widerrufe.csv", ".a.csv.x7Tq2b", "teil/.a.xlsx"])
@pytest.mark.parametrize("folder", ["2025-01-31", ""], ids=["dated", "flat"])
def test_a_hidden_file_is_refused_by_name(tmp_path: Path, name: str, folder: str) -> None:
    put(tmp_path / folder / "a.csv")
    put(tmp_path / folder / name)
    (delivery,) = find_deliveries(tmp_path)
    assert [file.name for file in delivery.files] == ["a.csv"]
    # Of a flat source, the folder is told already.
    hidden = [] if not folder and "/" in name else [name]
    assert [file.name for file in delivery.refused] == hidden
    assert all("versteckte Datei" in file.reason for file in delivery.refused)


@pytest.mark.parametrize("name", ["a.csv.part", "a.TMP", "a.filepart", ".a.csv.part"])
def test_unfinished_transfers(tmp_path: Path, name: str) -> None:
    put(tmp_path / "2025-01-31" / "fertig.csv")
    put(tmp_path / "2025-01-31" / name)
    (delivery,) = find_deliveries(tmp_path)
    assert delivery.state == "growing" and name in delivery.message
    assert [f.name for f in delivery.files] == ["fertig.csv"]


def test_a_growing_file_holds_back_its_own_delivery_only(tmp_path: Path) -> None:
    put(tmp_path / "2025-01-31" / "fertig.csv")
    growing = put(tmp_path / "2025-02-28" / "waechst.csv")
    stop = threading.Event()

    def append() -> None:
        with growing.open("a") as file:
            while not stop.wait(0.02):
                file.write("mehr\n")
                file.flush()

    writer = threading.Thread(target=append)
    writer.start()
    try:
        while growing.stat().st_size < 5:
            time.sleep(0.01)
        states = [d.state for d in find_deliveries(tmp_path, settle_seconds=0.3)]
    finally:
        stop.set()
        writer.join()
    assert states == ["ready", "growing"]
    assert [d.state for d in find_deliveries(tmp_path, settle_seconds=0.1)] == ["ready", "ready"]


def test_a_file_appearing_while_waiting_makes_the_delivery_growing(tmp_path: Path) -> None:
    put(tmp_path / "2025-01-31" / "a.csv", at=time.time())
    later = threading.Timer(0.1, put, [tmp_path / "2025-01-31" / "b.csv"])
    later.start()
    (delivery,) = find_deliveries(tmp_path, settle_seconds=0.4)
    later.join()
    assert delivery.state == "growing"


def test_waits_once_for_all_folders_and_only_for_young_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []
    monkeypatch.setattr("connectors.fetch.local_folder.time.sleep", waits.append)
    folders = [tmp_path / name for name in ("a", "b", "c")]
    for folder in folders:
        put(folder / "x.csv")
    assert find_deliveries(folders[0])[0].state == "ready" and waits == []
    for folder in folders:
        put(folder / "y.csv", at=time.time())
    found = find_all_deliveries([*folders, tmp_path / "fehlt"], settle_seconds=0.7)
    assert waits == [0.7]
    assert [len(d) for d in found[:3] if isinstance(d, list)] == [1, 1, 1] and isinstance(
        found[3], FolderMissing
    )


def test_missing_folder_and_folder_without_anything(tmp_path: Path) -> None:
    with pytest.raises(FolderMissing, match="gibt es nicht"):
        find_deliveries(tmp_path / "fehlt")
    file = put(tmp_path / "datei")
    with pytest.raises(FolderMissing, match="nicht lesbar"):
        find_deliveries(file)
    (tmp_path / "leer").mkdir()
    assert find_deliveries(tmp_path / "leer") == []


@pytest.mark.parametrize(
    ("below", "named"),
    [("2025-01-31", "tau/2025-01-31"), ("2025-01-31/Zzyzxo", "tau/2025-01-31"), (".", "tau")],
)
def test_an_unreadable_folder_is_named_as_far_as_it_names_nobody(
    below: str, named: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path / "tau" / "2025-01-31" / "Zzyzxo" / "x.csv")
    listing = os.scandir

    def refusing(path: str) -> Any:
        if Path(path) == tmp_path / "tau" / below:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return listing(path)

    monkeypatch.setattr(os, "scandir", refusing)
    monkeypatch.setattr(os, "listdir", lambda path: [entry.name for entry in refusing(path)])
    with pytest.raises(FolderMissing) as refused:
        find_deliveries(tmp_path / "tau")
    assert f"{tmp_path}/{named} ist nicht lesbar" in refused.value.message
