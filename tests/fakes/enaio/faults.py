"""The faults of the fake enaio and the requests they befall. What each does to an answer stands here, sending stands in server."""

from __future__ import annotations

import email.utils
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

LOGIN_PAGE = b"<!DOCTYPE html><html><form action='login'><input name='user'><input type='password'></form></html>"
MAINTENANCE = b"<html><body><h1>Wartungsarbeiten</h1></body></html>"
STACK_TRACE = b'{"DefaultMessage":"Search by example failed","StackTrace":"java.lang.NullPointerException\\n\\tat com.os.ecm"}'


@dataclass(frozen=True)
class Answer:
    """What is about to be sent; ``drip`` seconds between small pieces, ``cut`` resets the connection in the middle."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    drip: float = 0.0
    cut: bool = False
    expired: bool = False


@dataclass(frozen=True)
class Fault:
    """A fault befalling ``times`` searches in a row from number ``at`` on (searches count from 0, repeats included)."""

    kind: str
    at: int
    times: int = 1

    def __post_init__(self) -> None:
        if self.kind not in FAULTS:
            raise ValueError(f"no such fault: {self.kind}; there are {', '.join(FAULTS)}")

    def befalls(self, number: int) -> bool:
        """Whether the search with this number is hit."""
        return self.at <= number < self.at + self.times


def _said(status: int, retry_after: str | None = None) -> Answer:
    headers = {"Retry-After": retry_after} if retry_after is not None else {}
    return Answer(status, b"busy", {"Content-Type": "text/plain", **headers})


def _http_date(seconds: float) -> str:
    return email.utils.formatdate(time.time() + seconds, usegmt=True)


FAULTS: dict[str, Callable[[Answer], Answer]] = {
    "busy_seconds": lambda answer: _said(429, "7"),
    "busy_date": lambda answer: _said(503, _http_date(60)),
    "busy_past_date": lambda answer: _said(503, _http_date(-3600)),
    "busy_nonsense": lambda answer: _said(503, "soon"),
    "busy_for_hours": lambda answer: _said(503, "7200"),
    "bad_gateway": lambda answer: _said(502),
    "gateway_timeout": lambda answer: _said(504),
    "server_error": lambda answer: Answer(500, STACK_TRACE, {"Content-Type": "application/json"}),
    "not_found": lambda answer: _said(404),
    "drip": lambda answer: replace(answer, drip=0.03),
    "reset": lambda answer: replace(answer, cut=True),
    "truncated": lambda answer: replace(answer, body=answer.body[: len(answer.body) // 2]),
    "empty": lambda answer: replace(answer, body=b""),
    "other_json": lambda answer: replace(answer, body=b"42"),
    "latin1": lambda answer: replace(answer, body=answer.body + b"\xe4"),
    "bom": lambda answer: replace(answer, body=b"\xef\xbb\xbf" + answer.body),
    "text_plain": lambda answer: replace(answer, headers={"Content-Type": "text/plain"}),
    "maintenance": lambda answer: Answer(200, MAINTENANCE, {"Content-Type": "text/html"}),
    "login_page": lambda answer: Answer(
        200, LOGIN_PAGE, {"Content-Type": "text/html"}, expired=True
    ),
    "redirect": lambda answer: Answer(
        302, b"", {"Location": "http://127.0.0.2:9/elsewhere"}, expired=True
    ),
    "expired": lambda answer: Answer(
        401, b"", {"WWW-Authenticate": 'Basic realm="enaio"'}, expired=True
    ),
    "forbidden": lambda answer: Answer(403, b""),
    # these change the holdings or the question before it is answered
    "row_inserted": lambda answer: answer,
    "row_deleted": lambda answer: answer,
    "repeated_page": lambda answer: answer,
    "offset_ignored": lambda answer: answer,
}
