"""How FIT-Connect is reached, and the destination that a recipient agreed to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from connectors.fetch.http_login import RequestLimits

LIMITS = RequestLimits(body_bytes=4 << 20, tries=4)


@dataclass(frozen=True)
class Account:
    """An API client of the delivery service; ``url`` is where ``/v2`` begins.

    ``client_secret`` None: nobody has kept one.
    """

    url: str
    token_url: str
    client_id: str
    client_secret: str | None = field(repr=False)
    ca_bundle: Path | None = None
    proxies: Mapping[str, str] = field(default_factory=dict, repr=False)
    limits: RequestLimits = LIMITS


@dataclass(frozen=True)
class Destination:
    """A destination (Zustellpunkt) agreed upon; both keys are thumbprints after RFC 7638.

    ``service`` is the URN of the service it takes, ``schema_uri`` that of the data it takes.
    """

    destination_id: str
    encryption_key: str
    signing_key: str
    service: str
    service_name: str
    schema_uri: str
