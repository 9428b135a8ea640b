"""What lies in a delivery's folder and is never opened: it is named safely, and the files beside it are found."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from connectors.fetch.local_folder import FolderMissing, find_all_deliveries
from tests.connectors.folders import find_deliveries

DAY = "2025-01-31"


def bind_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as bound:
        # An address has at most 108 bytes.
        os.chdir(path.parent)
        bound.bind(path.name)


def link_in_a_circle(path: Path) -> None:
    path.symlink_to(path.with_name("andere"))
    path.with_name("andere").symlink_to(path)


def write_latin(path: Path) -> None:
    Path(os.fsdecode(os.fsencode(path.parent) + b"/Gespr\xe4che\x1b.csv")).write_text("x")


def write_latin_folder(path: Path) -> None:
    folder = Path(os.fsdecode(os.fsencode(path.parent) + b"/M\xfcller"))
    folder.mkdir()
    (folder / "a.csv").write_text("x")


def nest_folders(path: Path) -> None:
    path.joinpath(*["o"] * 40).mkdir(parents=True)


REFUSED: dict[str, tuple[Callable[[Path], object], list[str], str]] = {
    "pipe": (os.mkfifo, ["fremd.csv"], "Pipe"),
    "socket": (bind_socket, ["fremd.csv"], "Socket"),
    "device": (lambda path: path.symlink_to("/dev/zero"), ["fremd.csv"], "hinaus"),
    "link-out": (lambda path: path.symlink_to("/etc/passwd"), ["fremd.csv"], "hinaus"),
    "link-up": (lambda path: path.symlink_to("../../../geheim"), ["fremd.csv"], "hinaus"),
    "link-to-nothing": (lambda path: path.symlink_to("nichts"), ["fremd.csv"], "Leere"),
    "circle": (link_in_a_circle, ["andere", "fremd.csv"], "Leere"),
    "link-to-a-folder": (lambda path: path.symlink_to("unter"), ["fremd.csv"], "Ordner"),
    "folders-in-folders": (nest_folders, ["fremd.csv" + "/o" * 20], "mehr als zwanzig"),
    "name": (write_latin, ["Gespr\\xe4che\\x1b.csv"], "UTF-8"),
    "name-of-a-folder": (write_latin_folder, ["M\\xfcller/a.csv"], "UTF-8"),
}


@pytest.fixture
def delivery(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A delivery with one file and a secret outside of the source's folder."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "geheim").write_text("nicht für diese Lieferung")
    folder = tmp_path / "quelle" / DAY
    (folder / "unter").mkdir(parents=True)
    (folder / "gut.csv").write_text("x")
    return folder


@pytest.mark.parametrize("kind", REFUSED)
def test_what_is_refused(delivery: Path, kind: str) -> None:
    make, names, says = REFUSED[kind]
    make(delivery / "fremd.csv")
    (found,) = find_deliveries(delivery.parent)
    assert [file.name for file in found.files] == ["gut.csv"]
    assert [file.name for file in found.refused] == names
    assert all(says in file.reason for file in found.refused)
    assert found.state == "ready"


def test_the_same_without_a_dated_folder(delivery: Path) -> None:
    os.mkfifo(delivery / "fremd.csv")
    (found,) = find_deliveries(delivery)
    assert ([f.name for f in found.files], [f.name for f in found.refused]) == (
        ["gut.csv"],
        ["fremd.csv"],
    )


def test_a_link_that_stays_in_the_folder_of_the_source_is_a_file(delivery: Path) -> None:
    (delivery.parent / "2024-12-31").mkdir()
    (delivery.parent / "2024-12-31" / "wie-immer.csv").symlink_to(f"../{DAY}/gut.csv")
    found = find_deliveries(delivery.parent)[0]
    assert ([f.name for f in found.files], found.refused) == (["wie-immer.csv"], ())


def test_a_dated_folder_that_is_a_link_out(delivery: Path, tmp_path: Path) -> None:
    (tmp_path / "anderswo").mkdir()
    (tmp_path / "anderswo" / "a.csv").write_text("x")
    (delivery.parent / "2025-02-28").symlink_to(tmp_path / "anderswo")
    found = find_deliveries(delivery.parent)[1]
    assert (found.files, [f.name for f in found.refused]) == ((), ["2025-02-28"])


def test_a_time_beyond_the_calendar_stops_this_source_only(delivery: Path, tmp_path: Path) -> None:
    other = tmp_path / "andere"
    other.mkdir()
    (other / "a.csv").write_text("x")
    try:
        os.utime(other / "a.csv", (1, 300_000_000_000))
    except OSError:
        pytest.skip("this file system keeps no such times")
    if (other / "a.csv").stat().st_mtime < 300_000_000_000:
        pytest.skip("this file system keeps no such times")
    late, good = find_all_deliveries([other, delivery.parent])
    assert isinstance(late, FolderMissing) and "Kalender" in late.message
    assert isinstance(good, list) and good[0].state == "ready"
