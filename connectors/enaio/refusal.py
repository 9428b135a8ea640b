"""Remembers a refused login until the secret changes: the account locks after three wrong passwords. Sends nothing itself."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from pathlib import Path

from connectors.enaio.messages import REFUSED_FILE, stopped
from connectors.enaio.settings import Basic, Server, revealed

# what one guess of the secret costs whoever gets hold of the note
COST = 2**14


class Refusals:
    """The breaker of one source, kept in its working folder: ``check`` before the first request, ``trip`` on a refusal."""

    def __init__(self, into: Path, server: Server) -> None:
        self._file = into / REFUSED_FILE
        self._server = server

    def check(self) -> None:
        """Raises CannotFetch ``refused_before`` while address, user and secret are such that were refused."""
        notes = self._notes()
        if notes is None or any(self._is_ours(note) for note in notes):
            raise stopped("refused_before")

    def trip(self, rule: str) -> None:
        """Notes the refusal beside earlier ones; the secret itself cannot be got back from the note."""
        salt = secrets.token_bytes(16)
        notes = [*(self._notes() or []), {"rule": rule, "salt": salt.hex(), "mark": self._mark(salt)}]
        self._file.parent.mkdir(parents=True, exist_ok=True)
        part = self._file.with_suffix(".part")
        part.write_text(json.dumps(notes), "utf-8")
        part.replace(self._file)

    def forget(self) -> None:
        """After a login that was let in: what was refused before is of no more danger."""
        self._file.unlink(missing_ok=True)

    def _notes(self) -> list[dict[str, str]] | None:
        """The refusals noted so far; None if they are damaged: rather ask a person than lock the account."""
        try:
            notes = json.loads(self._file.read_text("utf-8"))
            for note in notes:
                bytes.fromhex(note["salt"]), str(note["mark"])
        except FileNotFoundError:
            return []
        except (ValueError, KeyError, TypeError):
            return None
        return list(notes)

    def _is_ours(self, note: dict[str, str]) -> bool:
        return hmac.compare_digest(note["mark"], self._mark(bytes.fromhex(note["salt"])))

    def _mark(self, salt: bytes) -> str:
        login = self._server.login
        if isinstance(login, Basic):
            told = [login.user, revealed(login.password)]
        else:
            told = [login.token_url, login.client_id, revealed(login.client_secret)]
        text = "\0".join([self._server.url, *told]).encode()
        return hashlib.scrypt(text, salt=salt, n=COST, r=8, p=1, dklen=32).hex()
