"""Encrypts as compact JWE and checks PS512 signatures, as FIT-Connect prescribes both.

RSA-OAEP-256 with A256GCM (RFC 7516, 7518), JWS (RFC 7515), thumbprints of keys (RFC 7638).
"""

from __future__ import annotations

import hashlib
import json
import os
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

Jwk = Mapping[str, Any]
# BSI TR-02102-1 asks for 3000 bits; FIT-Connect itself for 4096.
LEAST_BITS = 3000
TAG_BYTES = 16


class UnusableKey(ValueError):
    """A key is none of RSA for this purpose, or too short."""


class UnreadableToken(ValueError):
    """A text is no compact JWS of JSON objects."""


@dataclass(frozen=True)
class SignedToken:
    """A compact JWS, its signature not yet checked."""

    header: Mapping[str, Any]
    claims: Mapping[str, Any]
    signed: bytes
    signature: bytes
    text: str


def find_thumbprint(jwk: Jwk) -> str:
    """The SHA-256 of an RSA key after RFC 7638; raises UnusableKey."""
    members = {name: jwk.get(name) for name in ("e", "kty", "n")}
    if not all(isinstance(value, str) for value in members.values()):
        raise UnusableKey("no RSA key")
    text = json.dumps(members, separators=(",", ":"), sort_keys=True)
    return encode_base64(hashlib.sha256(text.encode()).digest())


def encrypt_compact(jwk: Jwk, content: bytes, content_type: str) -> str:
    """The content as compact JWE for the holder of the key; raises UnusableKey."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    header = {"alg": "RSA-OAEP-256", "enc": "A256GCM", "kid": jwk.get("kid"), "cty": content_type}
    protected = _encode_json(header)
    content_key, nonce = AESGCM.generate_key(256), os.urandom(12)
    sealed = AESGCM(content_key).encrypt(nonce, content, protected.encode())
    parts = (_wrap_key(jwk, content_key), nonce, sealed[:-TAG_BYTES], sealed[-TAG_BYTES:])
    return ".".join((protected, *map(encode_base64, parts)))


def _wrap_key(jwk: Jwk, content_key: bytes) -> bytes:
    from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
    from cryptography.hazmat.primitives.hashes import SHA256

    key = read_public_key(jwk, "RSA-OAEP-256", "wrapKey")
    return key.encrypt(content_key, OAEP(MGF1(SHA256()), SHA256(), None))


def read_tag(jwe: str) -> str:
    """The authentication tag of a compact JWE: its last part."""
    return jwe.strip().rpartition(".")[2]


def read_public_key(jwk: Jwk, algorithm: str, operation: str) -> RSAPublicKey:
    """The RSA key of a JWK for this algorithm and operation; raises UnusableKey."""
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers

    if jwk.get("kty") != "RSA" or jwk.get("alg") != algorithm:
        raise UnusableKey(f"no RSA key for {algorithm}")
    if operation not in jwk.get("key_ops", [operation]):
        raise UnusableKey(f"no key to {operation}")
    try:
        numbers = [int.from_bytes(decode_base64(str(jwk[name]))) for name in ("e", "n")]
        key = RSAPublicNumbers(*numbers).public_key()
    except (KeyError, ValueError):
        raise UnusableKey("no RSA key") from None
    if key.key_size < LEAST_BITS:
        raise UnusableKey(f"an RSA key of {key.key_size} bits")
    return key


def split_token(text: str) -> SignedToken:
    """The parts of a compact JWS; raises UnreadableToken."""
    try:
        header, claims, signature = text.split(".")
        told, said = (json.loads(decode_base64(part)) for part in (header, claims))
        signed = f"{header}.{claims}".encode()
        token = SignedToken(told, said, signed, decode_base64(signature), text)
    except (ValueError, RecursionError):
        raise UnreadableToken("no compact JWS") from None
    if not isinstance(token.header, dict) or not isinstance(token.claims, dict):
        raise UnreadableToken("no compact JWS of objects")
    return token


def is_signed_by(token: SignedToken, jwk: Jwk) -> bool:
    """Whether the token is signed with PS512 by the holder of the key; raises UnusableKey."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS
    from cryptography.hazmat.primitives.hashes import SHA512

    # The algorithm is never the token's choice (RFC 8725, 3.1).
    if token.header.get("alg") != "PS512" or "crit" in token.header:
        return False
    key = read_public_key(jwk, "PS512", "verify")
    try:
        key.verify(token.signature, token.signed, PSS(MGF1(SHA512()), 64), SHA512())
    except InvalidSignature:
        return False
    return True


def _encode_json(value: Mapping[str, Any]) -> str:
    return encode_base64(json.dumps(value, separators=(",", ":")).encode())


def encode_base64(content: bytes) -> str:
    """Base64 for URLs, without padding."""
    return urlsafe_b64encode(content).rstrip(b"=").decode()


def decode_base64(text: str) -> bytes:
    """The reverse; raises ValueError for any other letter."""
    if "=" in text:
        raise ValueError("padded")
    return b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
