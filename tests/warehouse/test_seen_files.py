"""A file nobody touched is not read again; any trace of a change, or doubt, and it is."""

from __future__ import annotations

import os
import time
from datetime import date
from pathlib import Path

import pytest

from warehouse.landing.landing import Landing
from warehouse.landing.seen_files import SeenFiles

DAY = date(2025, 1, 31)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "landing"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file that was left alone for a while."""
    path = tmp_path / "a.csv"
    path.write_bytes(b"eins")
    return path


def an_hour_later(monkeypatch: pytest.MonkeyPatch) -> None:
    now = time.time_ns() + 3600 * 10**9
    monkeypatch.setattr("warehouse.landing.seen_files.time.time_ns", lambda: now)


def seen(folder: Path, file: Path) -> None:
    known = SeenFiles(folder)
    known.remember_file(file, file.stat(), "hash")
    known.write()


def test_an_untouched_file_is_known_again(
    folder: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    an_hour_later(monkeypatch)
    seen(folder, file)
    assert SeenFiles(folder).find_hash(file, file.stat()) == "hash"
    assert SeenFiles(folder).collect_sizes() == {4}


def same_size(path: Path) -> None:
    path.write_bytes(b"zwei")


def same_size_and_time(path: Path) -> None:
    before = path.stat()
    path.write_bytes(b"zwei")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def another_in_its_place(path: Path) -> None:
    before = path.stat()
    other = path.with_suffix(".new")
    other.write_bytes(b"zwei")
    os.utime(other, ns=(before.st_atime_ns, before.st_mtime_ns))
    os.replace(other, path)


@pytest.mark.parametrize("change", [same_size, same_size_and_time, another_in_its_place])
def test_a_changed_file_is_not(
    change, folder: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    an_hour_later(monkeypatch)
    seen(folder, file)
    change(file)
    assert SeenFiles(folder).find_hash(file, file.stat()) is None


def test_a_file_changed_a_moment_ago_is_not_remembered(folder: Path, file: Path) -> None:
    seen(folder, file)
    assert not (folder / "cache" / "seen.json").exists()


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b'{"format": 9, "files": {}}', b'{"format": 1, "files": {"x": 1}}'],
)
def test_what_is_remembered_may_be_lost(content: bytes, folder: Path, file: Path) -> None:
    (folder / "cache").mkdir(parents=True)
    (folder / "cache" / "seen.json").write_bytes(content)
    assert SeenFiles(folder).find_hash(file, file.stat()) is None


def test_the_landing_reads_an_untouched_file_once(
    folder: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    an_hour_later(monkeypatch)
    first = Landing(folder).land_delivery("tau", DAY, "full", [("a.csv", file)])
    opened: list[Path] = []
    usual = Path.open
    monkeypatch.setattr(
        Path, "open", lambda path, *a, **k: (opened.append(path), usual(path, *a, **k))[1]
    )
    assert Landing(folder).land_delivery("tau", DAY, "full", [("a.csv", file)]) == first
    assert file not in opened
    same_size(file)
    assert Landing(folder).land_delivery("tau", DAY, "full", [("a.csv", file)]) != first
    assert file in opened


def test_bytes_that_vanished_from_the_landing_are_kept_anew(
    folder: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    an_hour_later(monkeypatch)
    landing = Landing(folder)
    (landed,) = landing.land_delivery("tau", DAY, "full", [("a.csv", file)]).files
    landing.path_of(landed).unlink()
    landing.land_delivery("tau", DAY, "full", [("a.csv", file)])
    assert landing.path_of(landed).read_bytes() == b"eins"
