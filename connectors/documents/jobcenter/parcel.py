"""Writes the parcel for a recipient: files, a covering letter, a manifest of SHA-256 sums."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Protocol

from connectors.documents.atomic_file import open_draft, write_through
from connectors.documents.german_format import count_text
from connectors.documents.packed_parts import pack_parts
from connectors.documents.typst_pdf import render_pdf

MANIFEST, LETTER = "manifest.json", "begleitschreiben.pdf"
# No blanks and no capitals: an opaque id fits, a person's name as people write it does not.
OPAQUE_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,79}(\.[a-z0-9]{1,8}){1,2}")


@dataclass(frozen=True)
class IndexEntry:
    """A form as the person who files it finds it; ``birth_date`` as printed, empty if unknown."""

    number: str
    name: str
    birth_date: str


@dataclass(frozen=True)
class PackageFile:
    """A file of the parcel: an opaque lower-case name with suffix, and its bytes or their path.

    A form has its ``entry`` in the letter's index, and the ``purposes`` of its consents.
    """

    name: str
    content: bytes | Path
    entry: IndexEntry | None = None
    purposes: Sequence[str] = ()


@dataclass(frozen=True)
class CoveringLetter:
    """The content of the covering letter; ``number`` is the parcel's opaque id.

    ``checkpoint`` is the state of the ledger that the recipient keeps as a witness.
    """

    number: str
    district: str
    sender: str
    recipient: str
    sent_on: date
    sender_address: str = ""
    recipient_address: str = ""
    phone: str = ""
    email: str = ""
    checkpoint: str = ""


@dataclass(frozen=True)
class ManifestEntry:
    """One file of the parcel with its size in bytes and the SHA-256 of its content."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """The content of a parcel as written to manifest.json; the covering letter comes last.

    ``content_sha256`` is that of the archive before it was encrypted; None: not encrypted.
    """

    number: str
    recipient: str
    sent_on: str
    files: tuple[ManifestEntry, ...]
    content_sha256: str | None = None

    def as_json(self) -> str:
        """The text of manifest.json."""
        told = {name: value for name, value in asdict(self).items() if value is not None}
        return json.dumps(told, ensure_ascii=False, indent=1) + "\n"

    def is_same_content(self, other: Manifest) -> bool:
        """Whether the other is of the same files, which may be encrypted anew."""
        return replace(self, files=()) == replace(other, files=())


@dataclass(frozen=True)
class Placed:
    """A parcel in its place: the manifest of its content, and the files beside manifest.json."""

    content: Manifest
    files: tuple[str, ...]


class Seal(Protocol):
    """Encrypts for the recipient; ``suffix`` is that of an encrypted file's name."""

    @property
    def suffix(self) -> str:
        """Such as ".age"."""

    def encrypt(self, content: bytes) -> bytes:
        """The content for the recipient's eyes only."""


def write_package(
    folder: Path,
    files: Iterable[PackageFile],
    letter: CoveringLetter,
    record: Callable[[Manifest], None] = lambda manifest: None,
    seal: Seal | None = None,
    enter: Callable[[Sequence[ManifestEntry]], str] | None = None,
) -> Placed:
    """Writes a parcel to ``folder`` (0700, files 0600) atomically.

    ``files`` may be a generator that makes them one by one. ``enter`` is called when all of them are
    made and gives the checkpoint of the letter; ``record`` is called with the finished
    parcel before it is put in place, so that no parcel exists without a record. With ``seal`` the
    folder holds one encrypted archive of all files, and the manifest of that; nothing else is
    written to the disk. Writing the same parcel again changes nothing; another one in the same
    place, or the same with files that are not as they were written, raises FileExistsError. Raises
    ValueError for a file name that is not opaque or not unique.
    """
    with open_draft(folder, folder=True) as work:
        contents: dict[str, bytes] = {}
        keep = contents.__setitem__ if seal else partial(_write_new, work)
        inner = _fill_parcel(keep, files, letter, enter)
        outer = _seal_parcel(work, contents, inner, seal) if seal else inner
        known = _check_place(folder, outer)
        record(inner)
        if not known:
            os.replace(work, folder)
        return Placed(inner, tuple(entry.name for entry in (known or outer).files))


def _check_place(folder: Path, wanted: Manifest) -> Manifest | None:
    """The manifest of this very parcel, if it lies there whole; raises FileExistsError."""
    known = _find_parcel(folder, wanted)
    if known:
        _check_files(folder, known)
    elif folder.exists() and any(folder.iterdir()):
        raise FileExistsError(
            f"{folder} already holds another parcel; choose a new folder or move it away"
        )
    return known


def _find_parcel(folder: Path, wanted: Manifest) -> Manifest | None:
    """The manifest of this very parcel in the folder, if it lies there.

    An encrypted file differs each time; that it is the same parcel says the sum of its content.
    """
    path = folder / MANIFEST
    if not path.is_file():
        return None
    written = path.read_text("utf-8")
    if written == wanted.as_json():
        return wanted
    known = _read_manifest(written)
    same = known is not None and wanted.content_sha256 is not None
    return known if same and known and known.is_same_content(wanted) else None


def _read_manifest(written: str) -> Manifest | None:
    try:
        data = json.loads(written)
        files = tuple(ManifestEntry(**entry) for entry in data.pop("files"))
        return Manifest(files=files, **data)
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def _list_altered(folder: Path, entries: Sequence[ManifestEntry]) -> set[str]:
    kept = {path.name for path in folder.iterdir()} - {MANIFEST}
    altered = kept ^ {entry.name for entry in entries}
    for entry in entries:
        if entry.name in kept and not _is_unaltered(folder / entry.name, entry):
            altered.add(entry.name)
    return altered


def _check_files(folder: Path, manifest: Manifest) -> None:
    """Raises FileExistsError where a file of the parcel in place is missing, altered or added."""
    altered = _list_altered(folder, manifest.files)
    if altered:
        raise FileExistsError(
            f"{folder} holds this parcel, but {len(altered)} of its files are missing, altered or"
            " not of it; move it away and make the parcel anew"
        )


def _is_unaltered(path: Path, entry: ManifestEntry) -> bool:
    if path.is_symlink() or not path.is_file() or path.stat().st_size != entry.size:
        return False
    return hashlib.sha256(path.read_bytes()).hexdigest() == entry.sha256


Keep = Callable[[str, bytes], None]


def _fill_parcel(
    keep: Keep,
    files: Iterable[PackageFile],
    letter: CoveringLetter,
    enter: Callable[[Sequence[ManifestEntry]], str] | None,
) -> Manifest:
    """Makes everything that is in the parcel, the manifest last."""
    entries: dict[str, ManifestEntry] = {}
    index: list[IndexEntry] = []
    purposes: set[str] = set()
    for file in files:
        _check_name(file.name, entries)
        entries[file.name] = _add_file(keep, file)
        index += [file.entry] if file.entry else []
        purposes.update(file.purposes)
    if enter is not None:
        letter = replace(letter, checkpoint=enter(tuple(entries.values())))
    written = render_letter(letter, len(entries), index, sorted(purposes))
    entries[LETTER] = _add_file(keep, PackageFile(LETTER, written))
    return _write_manifest(keep, letter, tuple(entries.values()))


def _write_manifest(
    keep: Keep, letter: CoveringLetter, listed: tuple[ManifestEntry, ...]
) -> Manifest:
    manifest = Manifest(letter.number, letter.recipient, letter.sent_on.isoformat(), listed)
    _add_file(keep, PackageFile(MANIFEST, manifest.as_json().encode()))
    return manifest


def _check_name(name: str, entries: Mapping[str, ManifestEntry]) -> None:
    """Raises ValueError for a name that is not opaque, or for a second file of the name."""
    if not OPAQUE_NAME.fullmatch(name) or name in {MANIFEST, LETTER}:
        raise ValueError(
            f"file {len(entries) + 1} of the parcel has a name that is not an opaque lower-case id"
        )
    if name in entries:
        raise ValueError(f"the parcel has two files named {name}")


def _add_file(keep: Keep, file: PackageFile) -> ManifestEntry:
    """Keeps one file and returns its entry."""
    content = file.content if isinstance(file.content, bytes) else file.content.read_bytes()
    keep(file.name, content)
    return ManifestEntry(file.name, len(content), hashlib.sha256(content).hexdigest())


def _write_new(work: Path, name: str, content: bytes) -> None:
    write_through(work / name, content)


def _seal_parcel(
    work: Path, contents: Mapping[str, bytes], inner: Manifest, seal: Seal
) -> Manifest:
    """Writes the encrypted archive of all files and the manifest that stands beside it."""
    archive = pack_parts(contents)
    name = f"{name_sealed(inner.number)}{seal.suffix}"
    entry = _add_file(partial(_write_new, work), PackageFile(name, seal.encrypt(archive)))
    whole = hashlib.sha256(archive).hexdigest()
    outer = replace(inner, files=(entry,), content_sha256=whole)
    _write_new(work, MANIFEST, outer.as_json().encode())
    return outer


def name_sealed(number: str) -> str:
    """The name of the encrypted archive of a parcel, before the suffix of its encryption."""
    return f"sendung-{number}.zip"


def render_letter(
    letter: CoveringLetter, files: int, index: Sequence[IndexEntry], purposes: Sequence[str]
) -> bytes:
    """Renders the covering letter (PDF/A-3a and PDF/UA-1) with its index of forms by name."""
    by_name = sorted(index, key=lambda entry: (entry.name.casefold(), entry.number))
    data = {
        **asdict(letter),
        "sent_on": letter.sent_on.isoformat(),
        "forms": count_text(files, "Formular", "Formulare"),
        "purposes": list(purposes),
        "index": [asdict(entry) for entry in by_name],
    }
    return render_pdf("jobcenter/covering_letter.typ", data, letter.sent_on, letter.number)
