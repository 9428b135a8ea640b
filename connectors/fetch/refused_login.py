"""Prevents a refused login from being tried again, since accounts lock after three refusals."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from pathlib import Path

from connectors.documents.atomic_file import write_atomically
from connectors.fetch.fetcher import CannotFetch, Fetched, Fetcher, LoginRefused

NOTE = ".refused.json"
# Work factor of scrypt: makes guessing the secret from a stolen note expensive.
COST = 2**14

_Note = dict[str, str]


class RefusedLoginGuard:
    """A fetcher that sends nothing after a refused login until ``identity`` changes.

    ``identity`` holds address, user and secret.
    """

    def __init__(self, fetcher: Fetcher, identity: str) -> None:
        self.fetcher, self.identity = fetcher, identity

    def fetch(self, into: Path, remembered: Mapping[str, str]) -> Fetched:
        """Fetches; raises CannotFetch, with rule ``refused_before`` without any request."""
        file = into / NOTE
        notes = _read_notes(file)
        if notes is None or any(self._is_same(note) for note in notes):
            raise CannotFetch(
                "refused_before",
                "Die Anmeldung war schon abgewiesen worden, und die Zugangsdaten sind seitdem"
                " dieselben; damit das Konto nicht gesperrt wird, wurde nichts gesendet."
                " Bitte die Zugangsdaten berichtigen. Wurde nur am Server etwas geändert,"
                f" bitte im Arbeitsordner der Quelle die Datei {NOTE} löschen.",
                again=False,
            )
        try:
            fetched = self.fetcher.fetch(into, remembered)
        except LoginRefused:
            into.mkdir(parents=True, exist_ok=True, mode=0o700)
            write_atomically(file, json.dumps([*notes, self._new_note()]).encode())
            raise
        file.unlink(missing_ok=True)
        return fetched

    def _new_note(self) -> _Note:
        salt = secrets.token_bytes(16)
        return {"salt": salt.hex(), "mark": self._hash_identity(salt)}

    def _is_same(self, note: _Note) -> bool:
        return hmac.compare_digest(note["mark"], self._hash_identity(bytes.fromhex(note["salt"])))

    def _hash_identity(self, salt: bytes) -> str:
        """Slow on purpose, so that the secret cannot be guessed from the note."""
        return hashlib.scrypt(self.identity.encode(), salt=salt, n=COST, r=8, p=1, dklen=32).hex()


def _read_notes(file: Path) -> list[_Note] | None:
    """The refusals noted so far; None if the file is damaged, which counts as a refusal."""
    try:
        notes = json.loads(file.read_text(encoding="utf-8"))
        # Earlier versions wrote a single note.
        notes = [notes] if isinstance(notes, dict) else notes
        return [
            {"salt": bytes.fromhex(note["salt"]).hex(), "mark": str(note["mark"])} for note in notes
        ]
    except (FileNotFoundError, NotADirectoryError):
        return []
    except (ValueError, KeyError, TypeError):
        return None
