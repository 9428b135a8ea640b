"""Encrypts a parcel for its recipient: with age, or as CMS for the holder of a certificate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from connectors.dispatch.refusal import CannotDispatch

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

NO_PYRAGE = (
    "Für die Verschlüsselung mit age fehlt eine Bibliothek."
    " Bitte einmal ausführen: python3 drehscheibe.py setup encryption"
)
BAD_KEY = "Ein age-Schlüssel des Empfängers ist nicht lesbar. Bitte beim Empfänger erfragen."
BAD_CERTIFICATE = (
    "Das Zertifikat des Empfängers ist nicht lesbar oder hat keinen RSA-Schlüssel."
    " Bitte beim Empfänger ein RSA-Zertifikat (PEM) erfragen."
)
CERTIFICATE_ENDED = (
    "Das Zertifikat des Empfängers ist abgelaufen oder noch nicht gültig."
    " Bitte beim Empfänger ein neues erfragen."
)


class Cipher(Protocol):
    """Encrypts content; ``suffix`` is that of an encrypted file's name."""

    @property
    def suffix(self) -> str:
        """Such as ".age"."""

    def encrypt(self, content: bytes) -> bytes:
        """The content for the recipient's eyes only; raises CannotDispatch."""


@dataclass(frozen=True)
class Age:
    """Encrypts for one or several public keys of age ("age1…"); each of them opens it."""

    recipients: Sequence[str]
    suffix: str = ".age"

    def encrypt(self, content: bytes) -> bytes:
        """The content as an age file."""
        try:
            import pyrage
        except ModuleNotFoundError:
            raise CannotDispatch("driver_missing", NO_PYRAGE) from None
        try:
            keys = [pyrage.x25519.Recipient.from_str(text) for text in self.recipients]
        except pyrage.RecipientError:
            raise CannotDispatch("bad_key", BAD_KEY) from None
        sealed: bytes = pyrage.encrypt(content, keys)
        return sealed


@dataclass(frozen=True)
class Cms:
    """Encrypts for the holder of an X.509 certificate with an RSA key (PEM), AES-256."""

    certificate: Path
    suffix: str = ".p7m"

    def encrypt(self, content: bytes) -> bytes:
        """The content as CMS EnvelopedData (RFC 5652), DER."""
        from cryptography.hazmat.primitives.ciphers.algorithms import AES256
        from cryptography.hazmat.primitives.serialization import Encoding, pkcs7

        builder = pkcs7.PKCS7EnvelopeBuilder().set_data(content)
        builder = builder.set_content_encryption_algorithm(AES256)
        try:
            sealed = builder.add_recipient(self._read_certificate())
        except TypeError:
            raise CannotDispatch("bad_certificate", BAD_CERTIFICATE) from None
        return sealed.encrypt(Encoding.DER, [pkcs7.PKCS7Options.Binary])

    def _read_certificate(self) -> Certificate:
        from cryptography.x509 import load_pem_x509_certificate

        try:
            certificate = load_pem_x509_certificate(self.certificate.read_bytes())
        except (OSError, ValueError):
            raise CannotDispatch("bad_certificate", BAD_CERTIFICATE) from None
        now = datetime.now(UTC)
        if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
            raise CannotDispatch("certificate_ended", CERTIFICATE_ENDED)
        return certificate
