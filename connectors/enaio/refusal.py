"""Remembers a refused login until the secret changes: the account locks after three wrong passwords. Sends nothing itself."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from pathlib import Path

from connectors.enaio.messages import REFUSED_FILE, stopped
from connectors.enaio.settings import Basic, Server, revealed


class Refusals:
    """The breaker of one source, kept in its working folder: ``check`` before the first request, ``trip`` on a refusal."""

    def __init__(self, into: Path, server: Server) -> None:
        self._file = into / REFUSED_FILE
        self._server = server

    def check(self) -> None:
        """Raises CannotFetch ``refused_before`` while address, user and secret are those that were refused."""
        if not self._file.exists():
            return
        try:
            kept = json.loads(self._file.read_text("utf-8"))
            known = hmac.compare_digest(str(kept["mark"]), self._mark(bytes.fromhex(kept["salt"])))
        except (ValueError, KeyError, TypeError):
            known = True  # a damaged note is still a note: rather ask a person than lock the account
        if known:
            raise stopped("refused_before")
        self._file.unlink(missing_ok=True)

    def trip(self, rule: str) -> None:
        """Notes the refusal; the secret itself cannot be got back from the note."""
        salt = secrets.token_bytes(16)
        self._file.parent.mkdir(parents=True, exist_ok=True)
        part = self._file.with_suffix(".part")
        part.write_text(json.dumps({"rule": rule, "salt": salt.hex(), "mark": self._mark(salt)}), "utf-8")
        part.replace(self._file)

    def _mark(self, salt: bytes) -> str:
        login = self._server.login
        if isinstance(login, Basic):
            told = [login.user, revealed(login.password)]
        else:
            told = [login.token_url, login.client_id, revealed(login.client_secret)]
        text = "\0".join([self._server.url, *told]).encode()
        return hashlib.scrypt(text, salt=salt, n=2**14, r=8, p=1, dklen=32).hex()
