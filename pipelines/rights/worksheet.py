"""What an erasure needs until it is certified, so that one that was interrupted can be finished.

It holds what the person is recognised by, and is the last thing that is destroyed.
"""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from pipelines.rights.person_strings import PersonStrings
from pipelines.rights.plain_answer import as_plain
from pipelines.rights.rewritten_landing import Rewrite
from warehouse.encryption.encrypted_file import decrypt_stream, seal_stream
from warehouse.encryption.key import Key
from warehouse.files.atomic_file import write_file
from warehouse.rights.subject import Subject

SUFFIX = ".in-arbeit.json"


@dataclass
class Worksheet:
    """An erasure under way: of whom, what is looked for, where the rows were, what was written anew.

    ``places``: delivery, file and row of the person's rows. ``forms``: the names of form files;
    ``recipients``: who received something.
    """

    erasure: str
    reason: str
    reference: str | None
    person: str
    records: dict[tuple[str, str], int] = field(repr=False)
    strings: PersonStrings = field(repr=False)
    remarks: list[str] = field(default_factory=list, repr=False)
    places: list[tuple[str, str, int]] = field(default_factory=list, repr=False)
    forms: list[str] = field(default_factory=list, repr=False)
    rewrites: list[Rewrite] = field(default_factory=list, repr=False)
    recipients: list[str] = field(default_factory=list)

    @property
    def subject(self) -> Subject:
        """The person."""
        return Subject(self.person, self.records)

    def is_of(self, name: str) -> bool:
        """Whether the erasure is that of a person or record named so."""
        return name == self.person or name in {":".join(key) for key in self.records}

    def path(self, folder: Path) -> Path:
        """Its file."""
        return folder / f"{self.erasure}{SUFFIX}"

    def write(self, folder: Path, seal: Key | None) -> None:
        """Keeps it, readable by this account only; encrypted where the district's data are."""
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        records = [[*key, since] for key, since in self.records.items()]
        content = {**as_plain(vars(self)), "records": records}
        text = json.dumps(content).encode()
        write_file(self.path(folder), _seal(text, seal) if seal else text)


def _seal(text: bytes, key: Key) -> bytes:
    sealed = io.BytesIO()
    seal_stream(io.BytesIO(text), sealed, key)
    return sealed.getvalue()


def list_worksheets(folder: Path, seal: Key | None) -> list[Worksheet]:
    """The erasures that are not certified yet."""
    return [_read(_unseal(path, seal)) for path in sorted(folder.glob(f"*{SUFFIX}"))]


def _unseal(path: Path, key: Key | None) -> bytes:
    """The text of a worksheet, which may be older than the encryption."""
    text = path.read_bytes()
    plain = io.BytesIO()
    if key and decrypt_stream(io.BytesIO(text), plain, key):
        return plain.getvalue()
    return text


def _read(text: bytes) -> Worksheet:
    content: dict[str, Any] = json.loads(text)
    records = {(source, key): since for source, key, since in content.pop("records")}
    strings = _read_strings(content.pop("strings"))
    places = [(delivery, file, row) for delivery, file, row in content.pop("places")]
    rewrites = [Rewrite(**one) for one in content.pop("rewrites")]
    return Worksheet(**content, records=records, strings=strings, places=places, rewrites=rewrites)


def _read_strings(content: dict[str, Any]) -> PersonStrings:
    def pairs(name: str) -> tuple[tuple[str, str], ...]:
        found: Sequence[Sequence[str]] = content[name]
        return tuple((one, other) for one, other in found)

    return PersonStrings(
        pairs("records"),
        pairs("names"),
        pairs("shared_names"),
        tuple(date.fromisoformat(day) for day in content["births"]),
        tuple(content["numbers"]),
        tuple(content["shared_keys"]),
        tuple(content.get("contacts", ())),
    )
