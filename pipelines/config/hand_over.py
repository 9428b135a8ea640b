"""The part `hand_over` of a recipient: how its parcels are encrypted, and where they go."""

from __future__ import annotations

import re

from pydantic import Field, field_validator, model_validator

from pipelines.config.fit_connect import FitConnectDrop
from pipelines.config.part import FilePlace, Part, Place
from pipelines.config.transports.sftp import HOST_KEY_HINT, is_host_key

# Bech32, as age writes the public key of X25519.
_AGE_KEY = re.compile(r"age1[02-9ac-hj-np-z]{58}")


class Encrypt(Part):
    """For whom a parcel is encrypted: public keys of age, or an X.509 certificate (PEM, RSA)."""

    age: tuple[str, ...] = ()
    cms: FilePlace | None = None

    @field_validator("age")
    @classmethod
    def _are_public_keys(cls, keys: tuple[str, ...]) -> tuple[str, ...]:
        # The text is not repeated: it may be the secret key.
        if not all(_AGE_KEY.fullmatch(key) for key in keys):
            raise ValueError("holds something that is no public key of age; they begin with age1")
        return keys

    @model_validator(mode="after")
    def _one_way(self) -> Encrypt:
        if bool(self.age) == (self.cms is not None):
            raise ValueError("needs one of age (keys) and cms (a certificate)")
        return self


class SftpDrop(Part):
    """A folder on an SFTP server, known by its pinned host key.

    The secret is that of the recipient; with ``key_file`` it opens the key.
    """

    host: str
    port: int = Field(22, ge=1, le=65535)
    user: str
    folder: str = "."
    host_key: str
    key_file: FilePlace | None = None

    @field_validator("host_key")
    @classmethod
    def _is_a_key(cls, value: str) -> str:
        if not is_host_key(value):
            raise ValueError(f"is no host key; {HOST_KEY_HINT}")
        return value


class Destination(Part):
    """Where parcels go: a folder, an SFTP server, or a destination of FIT-Connect."""

    folder: Place | None = None
    sftp: SftpDrop | None = None
    fit_connect: FitConnectDrop | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Destination:
        if [self.folder, self.sftp, self.fit_connect].count(None) != 2:
            raise ValueError("needs one of folder, sftp and fit_connect")
        return self


class HandOver(Part):
    """How a recipient's parcels go out; without ``to`` the command says the folder."""

    encrypt: Encrypt | None = None
    to: Destination | None = None

    @model_validator(mode="after")
    def _is_encrypted_on_the_way(self) -> HandOver:
        if self.to and self.to.sftp and not self.encrypt:
            raise ValueError("a parcel on another machine has to be encrypted; add encrypt")
        if self.to and self.to.fit_connect and self.encrypt:
            raise ValueError(
                "FIT-Connect encrypts with the destination's key already; leave out encrypt"
            )
        return self
