"""A login that was refused is not tried again with the same secret: accounts lock after three. Nothing is sent here."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from connectors.fetching import CannotFetch, Fetched, Fetcher

NOTE = ".refused.json"


class OnceRefused:
    """A fetcher that stays away after ``login_refused`` until ``identity`` (address, user, secret) is another one."""

    def __init__(self, fetcher: Fetcher, identity: str) -> None:
        self.fetcher, self.identity = fetcher, identity

    def fetch(self, into: Path, remembered: Mapping[str, str]) -> Fetched:
        """Fetches as the fetcher does; raises CannotFetch, ``refused_before`` without having asked anyone."""
        into.mkdir(parents=True, exist_ok=True, mode=0o700)
        note = into / NOTE
        if note.exists() and self._is_same(note):
            raise CannotFetch(
                "refused_before",
                "Die Anmeldung war schon abgewiesen worden, und die Zugangsdaten sind seitdem dieselben; damit das Konto nicht "
                "gesperrt wird, wurde nichts gesendet. Bitte die Zugangsdaten berichtigen. Wurde nur am Server etwas geändert, "
                f"bitte im Arbeitsordner der Quelle die Datei {NOTE} löschen.",
                again=False,
            )
        note.unlink(missing_ok=True)
        try:
            return self.fetcher.fetch(into, remembered)
        except CannotFetch as stopped:
            if stopped.rule == "login_refused":
                salt = secrets.token_bytes(16)
                written = json.dumps({"salt": salt.hex(), "mark": self._mark(salt)})
                with os.fdopen(os.open(note, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
                    file.write(written)
            raise

    def _is_same(self, note: Path) -> bool:
        try:
            kept = json.loads(note.read_text(encoding="utf-8"))
            return hmac.compare_digest(str(kept["mark"]), self._mark(bytes.fromhex(kept["salt"])))
        except (ValueError, KeyError, TypeError):
            return True  # rather ask a person than lock the account

    def _mark(self, salt: bytes) -> str:
        """Slow on purpose: the secret cannot be found from the note by trying."""
        return hashlib.scrypt(self.identity.encode(), salt=salt, n=2**14, r=8, p=1, dklen=32).hex()
