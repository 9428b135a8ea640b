"""The parcel for a recipient: a folder of files, a covering letter, a manifest of SHA-256 sums. No forms made here."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Callable, Iterable
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
class PackageFile:
    """A file of the parcel: an opaque lower-case name with its ending, and its bytes or where they lie."""

    name: str
    content: bytes | Path


@dataclass(frozen=True)
class CoveringLetter:
    """What the covering letter says beside the number of files; ``number`` is the parcel's opaque id."""

    number: str
    district: str
    sender: str
    recipient: str
    sent_on: date
    purpose: str
    contact: str = ""


@dataclass(frozen=True)
class ManifestEntry:
    """One file of the parcel with its size in bytes and the SHA-256 of its content."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What is in a parcel, as written to manifest.json; the covering letter is the last entry."""

    number: str
    recipient: str
    sent_on: str
    files: tuple[ManifestEntry, ...]

    def as_json(self) -> str:
        """Give the text of manifest.json."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=1) + "\n"


def write_package(
    folder: Path,
    files: Iterable[PackageFile],
    letter: CoveringLetter,
    record: Callable[[Manifest], None] = lambda manifest: None,
) -> Manifest:
    """Write a parcel to ``folder`` (0700, files 0600), whole or not at all, and give its manifest.

    Files are taken one by one, so they may be made on the way. ``record`` is told of the finished parcel just before it is put in
    its place: what lies there has been written down. The same parcel again changes nothing; another one in the same place raises
    FileExistsError. ValueError for a file name that is not opaque or comes twice.
    """
    with open_draft(folder, folder=True) as work:
        manifest = _fill_parcel(work, files, letter)
        same = (folder / MANIFEST).is_file() and (folder / MANIFEST).read_text(
            "utf-8"
        ) == manifest.as_json()
        if not same and folder.exists() and any(folder.iterdir()):
            raise FileExistsError(
                f"{folder} already holds another parcel; choose a new folder or move it away"
            )
        record(manifest)
        if not same:
            os.replace(work, folder)
        return manifest


def _fill_parcel(work: Path, files: Iterable[PackageFile], letter: CoveringLetter) -> Manifest:
    """Write everything into the working folder, the manifest last."""
    entries: list[ManifestEntry] = []
    for file in files:
        if not OPAQUE_NAME.fullmatch(file.name) or file.name in {MANIFEST, LETTER}:
            raise ValueError(
                f"file {len(entries) + 1} of the parcel has a name that is not an opaque lower-case id"
            )
        entries.append(_add_file(work, file))
    entries.append(_add_file(work, PackageFile(LETTER, _render_letter(letter, entries))))
    manifest = Manifest(letter.number, letter.recipient, letter.sent_on.isoformat(), tuple(entries))
    _add_file(work, PackageFile(MANIFEST, manifest.as_json().encode()))
    return manifest


def _add_file(work: Path, file: PackageFile) -> ManifestEntry:
    """Write one file as new (a second one of the same name is an error) and give its entry."""
    content = file.content if isinstance(file.content, bytes) else file.content.read_bytes()
    if (work / file.name).exists():
        raise ValueError(f"the parcel has two files named {file.name}")
    write_through(work / file.name, content)
    return ManifestEntry(file.name, len(content), hashlib.sha256(content).hexdigest())


def _render_letter(letter: CoveringLetter, entries: list[ManifestEntry]) -> bytes:
    """Make the covering letter: how many files, for whom, from whom, for what; never a name of a person concerned."""
    data = {
        "number": letter.number,
        "district": letter.district,
        "sender": letter.sender,
        "recipient": letter.recipient,
        "sent_on": letter.sent_on.isoformat(),
        "purpose": letter.purpose,
        "contact": letter.contact,
        "forms": count_text(
            sum(entry.name.endswith((".pdf", ".pdf.age")) for entry in entries),
            "Formular",
            "Formulare",
        ),
        "files": count_text(len(entries), "Datei", "Dateien"),
    }
    return render_pdf("jobcenter/covering_letter.typ", data, letter.sent_on, letter.number)
