"""Authorization headers of HTTP requests: Basic in UTF-8 and bearer tokens."""

from __future__ import annotations

import base64

from requests import PreparedRequest
from requests.auth import AuthBase

from connectors.fetch.http_login import Secret, reveal_secret


class BasicUtf8(AuthBase):
    """HTTP Basic in UTF-8; requests encodes in Latin-1, which fails on characters such as "€"."""

    def __init__(self, user: str, password: Secret) -> None:
        self._user = user
        self._password = password

    def __call__(self, r: PreparedRequest) -> PreparedRequest:
        pair = f"{self._user}:{reveal_secret(self._password)}".encode()
        r.headers["Authorization"] = "Basic " + base64.b64encode(pair).decode("ascii")
        return r


class Token(AuthBase):
    """A bearer token; ``until`` is when it must be renewed, in seconds of the caller's clock."""

    def __init__(self, text: str, until: float) -> None:
        self._text = text
        self.until = until

    def __call__(self, r: PreparedRequest) -> PreparedRequest:
        r.headers["Authorization"] = "Bearer " + self._text
        return r
