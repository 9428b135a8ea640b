"""Encrypts a parcel for the holder of a destination's key, as FIT-Connect's attachment."""

from __future__ import annotations

from dataclasses import dataclass

from connectors.dispatch.fit_connect.jose import Jwk, encrypt_compact
from connectors.dispatch.fit_connect.metadata import hash_content


@dataclass
class DestinationSeal:
    """Encrypts for one key; ``sha512`` is that of what was encrypted last."""

    jwk: Jwk
    suffix: str = ".jwe"
    sha512: str = ""

    def encrypt(self, content: bytes) -> bytes:
        """The content as compact JWE."""
        self.sha512 = hash_content(content)
        return encrypt_compact(self.jwk, content, "application/zip").encode()
