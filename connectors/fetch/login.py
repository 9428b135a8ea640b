"""Authorization headers of HTTP requests: Basic in UTF-8 and bearer tokens."""

from __future__ import annotations

from requests import PreparedRequest
from requests.auth import AuthBase, HTTPBasicAuth

from connectors.fetch.http_login import Secret, reveal_secret


def basic_auth(user: str, password: Secret) -> HTTPBasicAuth:
    """HTTP Basic in UTF-8; requests encodes texts in Latin-1, which fails on such as "€"."""
    return HTTPBasicAuth(user.encode(), reveal_secret(password).encode())


class Token(AuthBase):
    """A bearer token; ``until`` is when it must be renewed, in seconds of the caller's clock."""

    def __init__(self, text: str, until: float) -> None:
        self._text = text
        self.until = until

    def __call__(self, r: PreparedRequest) -> PreparedRequest:
        r.headers["Authorization"] = "Bearer " + self._text
        return r
