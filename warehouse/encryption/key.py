"""Reads, creates and derives the key of a district's data; the key is never printed or logged."""

from __future__ import annotations

import hashlib
import hmac
import os
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from warehouse.errors import WrongAccess

if TYPE_CHECKING:
    from pyrage import x25519

SET_UP = (
    "encryption needs further libraries; "
    "set them up once with: python3 drehscheibe.py setup encryption"
)
_WAREHOUSE = b"drehscheibe warehouse 1"


class KeyProblem(WrongAccess):
    """The key is missing, wrong or readable by others; the text says what to do without the key."""


class Key:
    """An age X25519 identity for the landing; the embedded warehouse's key is derived from it."""

    def __init__(self, identity: x25519.Identity) -> None:
        self.identity = identity

    @property
    def recipient(self) -> str:
        """The public half, ``age1…``: it encrypts and cannot decrypt; no secret."""
        return str(self.identity.to_public())

    def warehouse_secret(self) -> str:
        """The key of the embedded warehouse: 64 hexadecimal digits by HKDF-SHA256 (RFC 5869)."""
        return hkdf_sha256(str(self.identity).encode(), _WAREHOUSE).hex()

    def __repr__(self) -> str:
        return f"Key({self.recipient})"


def hkdf_sha256(secret: bytes, purpose: bytes, salt: bytes = b"") -> bytes:
    """32 bytes derived from a secret for one purpose: the first output block of RFC 5869."""
    extracted = hmac.digest(salt or bytes(32), secret, hashlib.sha256)
    return hmac.digest(extracted, purpose + b"\x01", hashlib.sha256)


def from_file(path: Path) -> Key:
    """The key in a file as age-keygen writes it.

    KeyProblem where the file is missing, readable by others, or holds no key or several.
    """
    lines = _read_private(path).splitlines()
    keys = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    if len(keys) != 1:
        raise KeyProblem(f"the key file {path} must hold exactly one key; it holds {len(keys)}")
    return _parse_key(keys[0], f"the key file {path}")


def _read_private(path: Path) -> str:
    try:
        _check_mode(path)
        return path.read_text(encoding="ascii")
    except FileNotFoundError:
        raise KeyProblem(
            f"the key file {path} is missing; without this very key nothing can be read: "
            "bring it back from a copy"
        ) from None
    except UnicodeDecodeError:
        raise KeyProblem(f"the file {path} holds no key") from None
    except OSError as error:
        raise KeyProblem(f"the key file {path} cannot be read: {error.strerror}") from None


def _check_mode(path: Path) -> None:
    if path.stat().st_mode & 0o077:
        raise KeyProblem(
            f"the key file {path} can be read by other users of this machine; run: chmod 600 {path}"
        )


def from_environment(name: str) -> Key:
    """The key in an environment variable; KeyProblem where it is not set or holds no key."""
    written = os.environ.get(name, "").strip()
    if not written:
        raise KeyProblem(
            f"the variable {name} is not set; it has to hold the key (AGE-SECRET-KEY-1…)"
        )
    return _parse_key(written, f"the variable {name}")


def make_file(path: Path) -> Key:
    """Creates a key in a new file that only its owner can read; FileExistsError where it exists."""
    _require_pyrage()
    from pyrage import x25519

    key = Key(x25519.Identity.generate())
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    made_at = f"{datetime.now().astimezone():%Y-%m-%d %H:%M %z}"
    lines = (f"# Drehscheibe, {made_at}", f"# public key: {key.recipient}", f"{key.identity}", "")
    _write_new(path, "\n".join(lines))
    return key


def _write_new(path: Path, text: str) -> None:
    path.touch(mode=0o600, exist_ok=False)
    with path.open("w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _parse_key(written: str, place: str) -> Key:
    _require_pyrage()
    from pyrage import IdentityError, x25519

    try:
        return Key(x25519.Identity.from_str(written))
    except IdentityError:
        raise KeyProblem(f"{place} holds no key: one line AGE-SECRET-KEY-1… is expected") from None


def _require_pyrage() -> None:
    try:
        import pyrage  # noqa: F401
    except ImportError:
        raise KeyProblem(SET_UP) from None
