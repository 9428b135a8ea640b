"""Marks an encrypted landing with its key, so that a wrong or missing key is noticed early."""

from __future__ import annotations

from pathlib import Path

from warehouse.encryption.key import Key, KeyProblem
from warehouse.files.atomic_file import WRITING, sync_folder, write_file
from warehouse.files.data_folder import LandingFolder


def read_recipient(landing: Path) -> str | None:
    """The public half of the landing's key; None where the landing is plain."""
    path = LandingFolder(landing).recipient
    return path.read_text(encoding="ascii").strip() if path.exists() else None


def check_key(landing: Path, key: Key | None) -> None:
    """KeyProblem where the landing is not encrypted with this key, or is plain despite a key."""
    marked = read_recipient(landing)
    if marked is None:
        if key is not None and any(LandingFolder(landing).manifests.glob("*.json")):
            raise KeyProblem(
                "the landing is not encrypted, but the configuration says so; "
                "run: drehscheibe encrypt, or take 'encryption' out of it"
            )
    elif key is None:
        raise KeyProblem(
            "landing and warehouse are encrypted; name the key in the configuration: "
            "encryption: {key_file: …} or {key_env: …}"
        )
    elif key.recipient != marked:
        raise KeyProblem(
            "this is another key than the one landing and warehouse are encrypted with "
            f"(its public half is {marked})"
        )


def put_mark(landing: Path, key: str) -> None:
    """Marks the landing as encrypted for the key with this public half."""
    if read_recipient(landing) != key:
        landing.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        landing.mkdir(exist_ok=True, mode=0o700)
        write_whole(LandingFolder(landing).recipient, f"{key}\n".encode("ascii"))


def remove_mark(landing: Path) -> None:
    """Marks the landing as plain."""
    LandingFolder(landing).recipient.unlink(missing_ok=True)


def remove_drafts(folder: Path) -> None:
    """Removes the drafts that interrupted writes left in a folder."""
    for leftover in folder.glob(f"{WRITING}*"):
        leftover.unlink(missing_ok=True)


def write_whole(target: Path, content: bytes) -> None:
    """Writes a small file in one step; file and name survive a loss of power."""
    write_file(target, content)
    sync_folder(target.parent)
