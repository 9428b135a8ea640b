"""How a request says who asks: Basic in UTF-8, or a bearer token kept until it ends. Getting a token is asked of http."""

from __future__ import annotations

import base64

from requests import PreparedRequest
from requests.auth import AuthBase

from connectors.fetch.http_login import Secret, reveal_secret


class BasicUtf8(AuthBase):
    """HTTP Basic with user and password as UTF-8, because requests itself fails on "€" and beyond Latin-1."""

    def __init__(self, user: str, password: Secret) -> None:
        self._user = user
        self._password = password

    def __call__(self, r: PreparedRequest) -> PreparedRequest:
        pair = f"{self._user}:{reveal_secret(self._password)}".encode()
        r.headers["Authorization"] = "Basic " + base64.b64encode(pair).decode("ascii")
        return r


class Token(AuthBase):
    """A bearer token and the moment (of the caller's clock) from which on it must be asked for anew."""

    def __init__(self, text: str, until: float) -> None:
        self._text = text
        self.until = until

    def __call__(self, r: PreparedRequest) -> PreparedRequest:
        r.headers["Authorization"] = "Bearer " + self._text
        return r
