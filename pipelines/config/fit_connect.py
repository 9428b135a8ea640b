"""The part `fit_connect` of a recipient: the destination that was agreed with it, and its keys."""

from __future__ import annotations

import re
from datetime import date
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from pydantic import Field, field_validator, model_validator

from pipelines.config.part import FilePlace, Part
from pipelines.config.transport import NEAR

_THUMBPRINT = re.compile(r"[A-Za-z0-9_-]{43}")
_AGREED = ("destination", "encryption_key", "signing_key", "agreed_on", "agreed_with")
_ADVICE = (
    "FIT-Connect is used only for a destination id that the recipient itself agreed to; ask it for "
    "the id and the thumbprints of both keys and write down who agreed and when, or leave out "
    "fit_connect"
)


class FitConnectDrop(Part):
    """A destination of FIT-Connect, known by its id and the pinned thumbprints of its keys.

    The secret of the API client is that of the recipient.
    """

    url: str
    token_url: str
    client_id: str
    destination: str
    encryption_key: str
    signing_key: str
    service: str = Field(pattern=r"^urn:de:fim:leika:leistung:[0-9]{1,30}$")
    service_name: str = Field(min_length=3)
    schema_uri: str = Field(pattern=r"^(https://|urn:)\S+$")
    agreed_on: date
    agreed_with: str
    ca_bundle: FilePlace | None = None
    proxy: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _was_agreed(cls, data: Any) -> Any:
        missing = [name for name in _AGREED if isinstance(data, dict) and not data.get(name)]
        if missing:
            raise ValueError(f"lacks {', '.join(missing)}; {_ADVICE}")
        return data

    @field_validator("destination")
    @classmethod
    def _is_an_id(cls, value: str) -> str:
        try:
            return str(UUID(value))
        except ValueError:
            raise ValueError("is no destination id; it is a UUID") from None

    @field_validator("encryption_key", "signing_key")
    @classmethod
    def _is_a_thumbprint(cls, value: str) -> str:
        if not _THUMBPRINT.fullmatch(value):
            raise ValueError("is no thumbprint of a key; write the 43 characters of RFC 7638")
        return value

    @field_validator("url", "token_url")
    @classmethod
    def _is_an_address(cls, value: str) -> str:
        parts = urlsplit(value)
        is_near = parts.scheme == "http" and parts.hostname in NEAR
        if not parts.hostname or not (parts.scheme == "https" or is_near):
            raise ValueError("must be an address that begins with https://")
        if parts.username or parts.password or parts.query or parts.fragment:
            raise ValueError("holds more than an address; a secret has its own place")
        return value.rstrip("/")
