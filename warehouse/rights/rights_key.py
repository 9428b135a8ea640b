"""The secret of a data folder with which identifiers are hashed, so that nobody can try them out."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import unicodedata
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from warehouse.errors import WarehouseError
from warehouse.files.atomic_file import write_file
from warehouse.identity.record import Key

_BYTES = 32
# As many hexadecimal digits as a caseworker can type from paper.
_NUMBER = 16


class KeyLost(WarehouseError):
    """The key that the journal's hashes were made with is missing."""


class RightsKey:
    """Hashes records and identities; the same secret gives the same hashes."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def hash_record(self, record: Key) -> str:
        """The hash of source and key."""
        return self._hash("record", *record)

    def hash_identity(self, last: str, first: str, born: date) -> str:
        """The hash of name and birth date, however the name is written and in which order."""
        return self._hash("identity", *sorted((_fold_name(last), _fold_name(first))), str(born))

    def hash_numbered(self, number: str, born: date) -> str:
        """The hash of an official number and a birth date: families may share a number."""
        return self._hash("numbered", _fold_name(number), str(born))

    def number_form(self, recipient: str, on: date, person: str) -> str:
        """The number of the form on which a recipient is sent a person's data on a day.

        Erasing leaves the number where the form is listed, so nobody may find the person by trying.
        """
        return self._hash("form", recipient, str(on), person)[:_NUMBER]

    def sign_erasure(self, positions: Sequence[int]) -> str:
        """What proves that an erasure of entries of the ledger was done by the hub itself."""
        return self._hash("erasure", *map(str, positions))

    def _hash(self, *parts: str) -> str:
        return hmac.new(self._secret, "\x1f".join(parts).encode(), hashlib.sha256).hexdigest()


def _fold_name(name: str) -> str:
    """The letters and digits of a name or number without case, accents and signs."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    return "".join(letter for letter in plain if letter.isalnum())


def _make_key(file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_file(file, secrets.token_bytes(_BYTES))


def open_rights_key(folder: Path) -> RightsKey:
    """The key in the folder of rights, made where there is none.

    KeyLost where there is a journal already: with another key nobody in it would be recognised.
    """
    file = folder / "key"
    if not file.exists():
        if any(folder.glob("*.jsonl")):
            raise KeyLost(
                "the key of the journals of erasures and withdrawals is missing; bring the folder rights of the data "
                "folder back as a whole"
            )
        _make_key(file)
    return RightsKey(file.read_bytes())
