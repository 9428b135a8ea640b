"""Settings of an HTTP server with a login: address, user or token, certificates, limits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

Secret = str | Callable[[], str]


def reveal_secret(secret: Secret) -> str:
    """The text of a secret, which a callable provides only when it is needed."""
    return secret() if callable(secret) else secret


def _check_address(key: str, address: str) -> None:
    parts = urlsplit(address)
    # On the same machine nobody listens in between.
    near = parts.hostname in ("127.0.0.1", "::1", "localhost")
    if not parts.hostname or not (parts.scheme == "https" or (parts.scheme == "http" and near)):
        raise ValueError(
            f"{key} must be an https address, such as https://enaio-gateway.example:"
            " a password goes there"
        )
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError(f"{key} must hold neither login nor query: they would stand in logs")


@dataclass(frozen=True)
class Basic:
    """A technical user with a password; the account must be allowed to read only."""

    user: str
    password: Secret = field(repr=False)


@dataclass(frozen=True)
class Bearer:
    """Client credentials at an OpenID Connect token endpoint (gateway-ng from enaio 11.10 on)."""

    token_url: str
    client_id: str
    client_secret: Secret = field(repr=False)
    scope: str = ""


@dataclass(frozen=True)
class Tls:
    """TLS settings: a CA bundle (PEM) to trust, a client certificate, its key and key password."""

    ca_bundle: Path | None = None
    certificate: Path | None = None
    key: Path | None = None
    key_password: Secret | None = field(default=None, repr=False)


@dataclass(frozen=True)
class RequestLimits:
    """Limits of the requests for one page.

    Times are in seconds: to connect, between two bytes (``read_seconds``) and for a whole page.
    ``doubtful_tries`` limits retries where the request itself may be wrong (404, 408, 500).
    ``longest_wait`` is the longest Retry-After that is waited for; a longer one ends the run.
    """

    connect_seconds: float = 10
    read_seconds: float = 60
    page_seconds: float = 300
    body_bytes: int = 256 * 2**20
    tries: int = 6
    doubtful_tries: int = 2
    longest_wait: float = 120


@dataclass(frozen=True)
class Server:
    """A server and how it is reached.

    ``patience`` limits each request. Raises ValueError for an address that is not https or holds
    a login.
    """

    url: str
    login: Basic | Bearer
    tls: Tls = Tls()
    proxies: Mapping[str, str] = field(default_factory=dict, repr=False)
    patience: RequestLimits = RequestLimits()

    def __post_init__(self) -> None:
        _check_address("url", self.url)
        if isinstance(self.login, Bearer):
            _check_address("token_url", self.login.token_url)
