"""Writes the parcel for a recipient: files, a covering letter, a manifest of SHA-256 sums."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from connectors.documents.atomic_file import open_draft, write_through
from connectors.documents.german_format import count_text
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
    """The content of a parcel as written to manifest.json; the covering letter comes last."""

    number: str
    recipient: str
    sent_on: str
    files: tuple[ManifestEntry, ...]

    def as_json(self) -> str:
        """The text of manifest.json."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=1) + "\n"


def write_package(
    folder: Path,
    files: Iterable[PackageFile],
    letter: CoveringLetter,
    record: Callable[[Manifest], None] = lambda manifest: None,
) -> Manifest:
    """Writes a parcel to ``folder`` (0700, files 0600) atomically and returns its manifest.

    ``files`` may be a generator that makes them one by one. ``record`` is called with the finished
    parcel before it is put in place, so that no parcel exists without a record. Writing the same
    parcel again changes nothing; another one in the same place, or the same with files that are not
    as they were written, raises FileExistsError. Raises
    ValueError for a file name that is not opaque or not unique.
    """
    with open_draft(folder, folder=True) as work:
        manifest = _fill_parcel(work, files, letter)
        same = _holds_parcel(folder, manifest)
        if same:
            _check_files(folder, manifest)
        if not same and folder.exists() and any(folder.iterdir()):
            raise FileExistsError(
                f"{folder} already holds another parcel; choose a new folder or move it away"
            )
        record(manifest)
        if not same:
            os.replace(work, folder)
        return manifest


def _holds_parcel(folder: Path, manifest: Manifest) -> bool:
    path = folder / MANIFEST
    return path.is_file() and path.read_text("utf-8") == manifest.as_json()


def _check_files(folder: Path, manifest: Manifest) -> None:
    """Raises FileExistsError where a file of the parcel in place is missing, altered or added."""
    kept = {path.name for path in folder.iterdir()} - {MANIFEST}
    altered = kept ^ {entry.name for entry in manifest.files}
    for entry in manifest.files:
        if entry.name in kept and not _is_unaltered(folder / entry.name, entry):
            altered.add(entry.name)
    if altered:
        raise FileExistsError(
            f"{folder} holds this parcel, but {len(altered)} of its files are missing, altered or"
            " not of it; move it away and make the parcel anew"
        )


def _is_unaltered(path: Path, entry: ManifestEntry) -> bool:
    if path.is_symlink() or not path.is_file() or path.stat().st_size != entry.size:
        return False
    return hashlib.sha256(path.read_bytes()).hexdigest() == entry.sha256


def _fill_parcel(work: Path, files: Iterable[PackageFile], letter: CoveringLetter) -> Manifest:
    """Writes everything into the working folder, the manifest last."""
    entries: list[ManifestEntry] = []
    index: list[IndexEntry] = []
    purposes: set[str] = set()
    for file in files:
        if not OPAQUE_NAME.fullmatch(file.name) or file.name in {MANIFEST, LETTER}:
            raise ValueError(
                f"file {len(entries) + 1} of the parcel has a name"
                " that is not an opaque lower-case id"
            )
        entries.append(_add_file(work, file))
        index += [file.entry] if file.entry else []
        purposes.update(file.purposes)
    written = render_letter(letter, len(entries), index, sorted(purposes))
    entries.append(_add_file(work, PackageFile(LETTER, written)))
    manifest = Manifest(letter.number, letter.recipient, letter.sent_on.isoformat(), tuple(entries))
    _add_file(work, PackageFile(MANIFEST, manifest.as_json().encode()))
    return manifest


def _add_file(work: Path, file: PackageFile) -> ManifestEntry:
    """Writes one file and returns its entry; raises ValueError for a second one of the name."""
    content = file.content if isinstance(file.content, bytes) else file.content.read_bytes()
    if (work / file.name).exists():
        raise ValueError(f"the parcel has two files named {file.name}")
    write_through(work / file.name, content)
    return ManifestEntry(file.name, len(content), hashlib.sha256(content).hexdigest())


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
