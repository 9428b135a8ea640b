"""The landing keeps the bytes as they came: once, by their content, never changed; an interrupted take leaves nothing behind."""

from __future__ import annotations

import hashlib
import io
import json
import stat
from datetime import date
from pathlib import Path

import pytest

from warehouse.encryption.encrypted_file import DamagedFile
from warehouse.landing.landing import Landing

DAY = date(2025, 1, 31)


@pytest.fixture
def landing(tmp_path: Path) -> Landing:
    return Landing(tmp_path / "landing")


def outside(folder: Path, **files: bytes) -> list[tuple[str, Path]]:
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return [(name, folder / name) for name in files]


def lying(landing: Landing) -> list[str]:
    """Everything in the landing but the manifests."""
    return sorted(
        p.name for p in landing.folder.rglob("*") if p.is_file() and p.parent.name != "manifests"
    )


def test_bytes_lie_under_their_own_hash_and_cannot_be_written(
    landing: Landing, tmp_path: Path
) -> None:
    manifest = landing.land_delivery("tau", DAY, "full", outside(tmp_path, a=b"eins", b=b""))
    for file, content in zip(manifest.files, (b"eins", b""), strict=True):
        path = landing.path_of(file)
        assert path.name == file.sha256 == hashlib.sha256(content).hexdigest()
        assert (path.read_bytes(), file.size) == (content, len(content))
        assert stat.S_IMODE(path.stat().st_mode) == 0o400
    assert stat.S_IMODE(landing.folder.stat().st_mode) == 0o700


def test_the_same_bytes_are_kept_once(landing: Landing, tmp_path: Path) -> None:
    landing.land_delivery("tau", DAY, "full", outside(tmp_path, a=b"gleich", b=b"gleich"))
    landing.land_delivery("enaio", DAY, "full", outside(tmp_path, c=b"gleich"))
    assert lying(landing) == [hashlib.sha256(b"gleich").hexdigest()]


def test_the_manifest_says_what_whence_and_when(landing: Landing, tmp_path: Path) -> None:
    manifest = landing.land_delivery("tau", DAY, "partial", outside(tmp_path, b=b"zwei", a=b"eins"))
    (path,) = (landing.folder / "manifests").iterdir()
    written = json.loads(path.read_text(encoding="utf-8"))
    assert path.stem == manifest.delivery_id == written["delivery_id"]
    assert (written["source"], written["delivered_on"], written["scope"]) == (
        "tau",
        "2025-01-31",
        "partial",
    )
    assert [f["name"] for f in written["files"]] == ["a", "b"]


def test_a_delivery_is_named_by_all_that_makes_it(landing: Landing, tmp_path: Path) -> None:
    files = outside(tmp_path, a=b"eins", b=b"zwei")
    first = landing.land_delivery("tau", DAY, "full", files).delivery_id
    assert landing.land_delivery("tau", DAY, "full", reversed(files)).delivery_id == first
    others = [
        landing.land_delivery("enaio", DAY, "full", files),
        landing.land_delivery("tau", date(2025, 2, 1), "full", files),
        landing.land_delivery("tau", DAY, "partial", files),
        landing.land_delivery("tau", DAY, "full", files[:1]),
        landing.land_delivery("tau", DAY, "full", [("x", files[0][1]), files[1]]),
    ]
    assert len({first, *(m.delivery_id for m in others)}) == 6


class Breaking(io.BytesIO):
    """A file whose disk goes away after the first block."""

    def read(self, size: int | None = -1) -> bytes:
        if self.tell():
            raise OSError(5, "Input/output error")
        return super().read(size)


def test_an_interrupted_take_leaves_nothing(
    landing: Landing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = outside(tmp_path, a=b"eins" * 10)
    monkeypatch.setattr(Path, "open", lambda self, mode: Breaking(self.read_bytes()))
    monkeypatch.setattr(Path, "read_bytes", lambda self: b"eins" * 10)
    with pytest.raises(OSError, match="Input/output"):
        landing.land_delivery("tau", DAY, "full", files)
    assert lying(landing) == []
    assert not (landing.folder / "manifests").exists()


def test_bytes_that_are_no_longer_what_came_are_not_read(landing: Landing, tmp_path: Path) -> None:
    manifest = landing.land_delivery("tau", DAY, "full", outside(tmp_path, a=b"eins"))
    (file,) = manifest.files
    landing.path_of(file).chmod(0o600)
    landing.path_of(file).write_bytes(b"zwei")
    with (
        pytest.raises(DamagedFile, match=file.sha256[:16]),
        Landing(landing.folder).open_files(manifest) as files,
    ):
        next(files)
    # Delivered again, they are whole again.
    again = Landing(landing.folder)
    again.land_delivery("tau", DAY, "full", outside(tmp_path, a=b"eins"))
    with again.open_files(manifest) as files:
        assert next(files)[1].read_bytes() == b"eins"


def test_what_a_killed_take_left_is_swept(landing: Landing, tmp_path: Path) -> None:
    landing.land_delivery("tau", DAY, "full", outside(tmp_path, a=b"eins"))
    before = lying(landing)
    (landing.folder / ".arriving-1").write_bytes(b"ei")
    (landing.folder / "manifests" / ".writing-1").write_bytes(b"{")
    (landing.folder / ".restoring-1").mkdir()
    (landing.folder / ".restoring-1" / "0").write_bytes(b"ein")
    landing.remove_leftovers()
    assert lying(landing) == before and not (landing.folder / ".restoring-1").exists()
    assert len(list((landing.folder / "manifests").iterdir())) == 1


def test_what_earlier_versions_kept_of_the_last_delivery_is_removed(
    landing: Landing, tmp_path: Path
) -> None:
    landing.land_delivery("tau", DAY, "full", outside(tmp_path, a=b"eins"))
    old = landing.folder / "cache" / "0123456789abcdef"
    old.mkdir(parents=True)
    (old / "last.json").write_bytes(b"{}")
    (landing.folder / "cache" / "seen.json").write_bytes(b"{}")
    landing.remove_leftovers()
    assert [p.name for p in (landing.folder / "cache").iterdir()] == ["seen.json"]
