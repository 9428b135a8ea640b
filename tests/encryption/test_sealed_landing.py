"""An encrypted landing keeps what came, by its plain hash; it gives it back while it is read, and leaves no plain byte anywhere."""

from __future__ import annotations

import hashlib
import io
import os
from datetime import date
from pathlib import Path

import pyrage
import pytest

from warehouse.encryption import encrypted_file
from warehouse.encryption.encrypted_file import DamagedFile
from warehouse.encryption.key import Key, KeyProblem, make_file
from warehouse.landing.landing import Landing, Manifest

DAY = date(2025, 1, 31)
FILES = {"a.csv": b"Zzyzxowitsch;1\r\n" * 20_000, "b/leer.txt": b"", "c.csv": b"klein"}


@pytest.fixture
def landing(tmp_path: Path, key: Key) -> Landing:
    return Landing(tmp_path / "data" / "landing", key)


def take(landing: Landing, outside: Path, files: dict[str, bytes] = FILES) -> Manifest:
    for name, content in files.items():
        (outside / name).parent.mkdir(parents=True, exist_ok=True)
        (outside / name).write_bytes(content)
    return landing.land_delivery("tau", DAY, "full", [(name, outside / name) for name in files])


def read(landing: Landing, manifest: Manifest) -> dict[str, bytes]:
    with landing.open_files(manifest) as files:
        return {name: path.read_bytes() for name, path in files}


def everything(folder: Path) -> list[bytes]:
    return [p.read_bytes() for p in folder.rglob("*") if p.is_file()]


def test_what_came_is_given_back_and_lies_nowhere_in_plain(
    landing: Landing, tmp_path: Path
) -> None:
    manifest = take(landing, tmp_path / "outside")
    assert {f.name: f.sha256 for f in manifest.files} == {
        n: hashlib.sha256(c).hexdigest() for n, c in FILES.items()
    }
    assert {f.name: f.size for f in manifest.files} == {n: len(c) for n, c in FILES.items()}
    assert read(landing, manifest) == FILES
    assert not [content for content in everything(tmp_path / "data") if b"Zzyzx" in content]


def test_a_delivery_has_the_same_name_encrypted_or_not(landing: Landing, tmp_path: Path) -> None:
    plain = Landing(tmp_path / "plain" / "landing")
    assert take(landing, tmp_path / "outside") == take(plain, tmp_path / "outside")


def test_any_program_for_age_opens_the_files_with_the_key(
    landing: Landing, tmp_path: Path, key: Key
) -> None:
    (file,) = take(landing, tmp_path / "outside", {"c.csv": b"klein"}).files
    assert pyrage.decrypt(landing.path_of(file).read_bytes(), [key.identity]) == b"klein"


@pytest.mark.parametrize("in_memory", [True, False])
def test_a_path_holds_until_the_next_one_and_has_no_name(
    landing: Landing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, in_memory: bool
) -> None:
    monkeypatch.setattr(encrypted_file, "_fits_memory", lambda size: in_memory)
    manifest = take(landing, tmp_path / "outside")
    kept = set((tmp_path / "data").rglob("*"))
    with landing.open_files(manifest) as files:
        name, path = next(files)
        # readers open a path more than once, from its beginning
        assert path.read_bytes() == path.read_bytes() == FILES[name]
        assert os.stat(path).st_nlink == 0
        assert set((tmp_path / "data").rglob("*")) == kept
        next(files)
        # the number may be given to the next file
        assert not path.exists() or path.read_bytes() != FILES[name]


def test_memory_is_taken_only_where_there_is_twice_the_room() -> None:
    assert encrypted_file._fits_memory(1) and not encrypted_file._fits_memory(1 << 50)


def test_a_reader_that_fails_leaves_nothing_open(landing: Landing, tmp_path: Path) -> None:
    manifest = take(landing, tmp_path / "outside")
    with pytest.raises(ValueError, match="broken"), landing.open_files(manifest) as files:
        _, path = next(files)
        raise ValueError("broken")
    assert not path.exists()


@pytest.mark.parametrize("damage", ["cut", "flip", "empty", "other", "foreign"])
def test_damage_is_noticed(landing: Landing, tmp_path: Path, damage: str) -> None:
    manifest = take(landing, tmp_path / "outside", {"a.csv": FILES["a.csv"], "c.csv": b"klein"})
    path, other = (landing.path_of(f) for f in manifest.files)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    foreign = pyrage.encrypt(FILES["a.csv"], [make_file(tmp_path / "foreign").identity.to_public()])
    spoiled = {
        "cut": path.read_bytes()[:70_000],
        "flip": bytes(content),
        "empty": b"",
        "other": other.read_bytes(),
        "foreign": foreign,
    }
    path.chmod(0o600)
    path.write_bytes(spoiled[damage])
    with pytest.raises(DamagedFile, match=manifest.files[0].sha256[:16]):
        read(landing, manifest)


def test_a_disk_that_is_full_is_no_damage(
    landing: Landing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Full(io.BytesIO):
        def write(self, data: object, /) -> int:
            raise OSError(28, "No space left on device")

    manifest = take(landing, tmp_path / "outside")
    monkeypatch.setattr(
        "warehouse.encryption.encrypted_file.tempfile.TemporaryFile", lambda **_: Full()
    )
    with pytest.raises(OSError, match="No space"):
        read(landing, manifest)


def test_an_interrupted_take_leaves_nothing(
    landing: Landing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    take(landing, tmp_path / "outside", {"c.csv": b"klein"})
    before = sorted(landing.folder.rglob("*"))
    monkeypatch.setattr(
        "warehouse.landing.landing.os.fsync",
        lambda handle: (_ for _ in ()).throw(OSError(5, "Input/output error")),
    )
    with pytest.raises(OSError, match="Input/output"):
        take(landing, tmp_path / "outside", {"a.csv": FILES["a.csv"]})
    assert sorted(landing.folder.rglob("*")) == before


def test_key_and_landing_must_belong_together(landing: Landing, tmp_path: Path, key: Key) -> None:
    take(landing, tmp_path / "outside")
    plain = Landing(tmp_path / "plain" / "landing")
    take(plain, tmp_path / "outside")
    for folder, given, words in (
        (landing.folder, None, "are encrypted; name the key"),
        (landing.folder, make_file(tmp_path / "other"), "another key"),
        (plain.folder, key, "is not encrypted"),
    ):
        with pytest.raises(KeyProblem, match=words):
            Landing(folder, given)


def test_a_landing_switched_over_meanwhile_takes_nothing_in_plain(
    landing: Landing, tmp_path: Path
) -> None:
    before = Landing(landing.folder)
    take(landing, tmp_path / "outside", {"c.csv": b"klein"})
    with pytest.raises(KeyProblem):
        take(before, tmp_path / "outside")
