"""Makes the files of a BagIt bag (RFC 8493) and checks a bag that lies in a folder."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path

from connectors.documents.atomic_file import open_draft, write_through

PAYLOAD = "data"
MANIFEST = "manifest-sha256.txt"
TAG_MANIFEST = "tagmanifest-sha256.txt"
_DECLARATION = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
# The library bagit works in the folder it packs and writes its own date and name; here the same
# content must give the same bytes, so it only checks.
_AGENT = "Drehscheibe"


def make_bag(payload: Mapping[str, bytes], on: date, title: str) -> dict[str, bytes]:
    """All files of the bag by path with "/", the payload below ``data``; dated ``on``."""
    below = {f"{PAYLOAD}/{name}": content for name, content in payload.items()}
    tags = {
        "bag-info.txt": _describe_bag(payload, on, title).encode(),
        "bagit.txt": _DECLARATION,
        MANIFEST: _list_sums(below),
    }
    return below | tags | {TAG_MANIFEST: _list_sums(tags)}


def _describe_bag(payload: Mapping[str, bytes], on: date, title: str) -> str:
    size = sum(map(len, payload.values()))
    return (
        f"Bag-Software-Agent: {_AGENT}\n"
        f"Bagging-Date: {on.isoformat()}\n"
        f"External-Description: {title}\n"
        f"Payload-Oxum: {size}.{len(payload)}\n"
    )


def _list_sums(files: Mapping[str, bytes]) -> bytes:
    lines = [f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n" for name in sorted(files)]
    return "".join(lines).encode()


def write_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    """Puts the files into a new folder (0700, files 0600): all of them or, after a crash, none.

    Raises FileExistsError where something lies there.
    """
    if folder.exists():
        raise FileExistsError(f"{folder} exists")
    with open_draft(folder, folder=True) as draft:
        _write_files(draft, files)
        draft.rename(folder)


def _write_files(folder: Path, files: Mapping[str, bytes]) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_through(path, content)


def read_folder(folder: Path) -> dict[str, bytes]:
    """The files of a folder by path with "/"; links are not followed."""
    found = (p for p in _list_files(folder) if not p.is_symlink())
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in found}


def _list_files(folder: Path) -> Iterable[Path]:
    return (p for p in folder.rglob("*") if p.is_symlink() or not p.is_dir())


def sum_bag(files: Mapping[str, bytes]) -> str:
    """The SHA-256 that covers every file of a bag: that of the list of its lists of sums."""
    return hashlib.sha256(files.get(TAG_MANIFEST, b"")).hexdigest()


def list_damages(folder: Path) -> list[str]:
    """What is wrong with a bag, by its own sums; empty where it is whole."""
    import bagit  # type: ignore[import-untyped]

    strangers = [f"{name} is not part of the package" for name in _find_strangers(folder)]
    try:
        bagit.Bag(str(folder)).validate()
    except (bagit.BagError, OSError) as error:
        details = getattr(error, "details", None) or [error]
        return [*map(str, details), *strangers]
    return strangers


def _find_strangers(folder: Path) -> list[str]:
    """What is in no list of sums: the format allows it beside the payload."""
    lists = [path for path in (folder / TAG_MANIFEST, folder / MANIFEST) if path.is_file()]
    lines = [line for path in lists for line in path.read_text("utf-8").splitlines()]
    known = {TAG_MANIFEST, *(line.partition("  ")[2] for line in lines)}
    names = (path.relative_to(folder).as_posix() for path in _list_files(folder))
    return sorted(name for name in names if name not in known)
