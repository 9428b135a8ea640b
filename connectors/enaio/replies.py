"""Judges an HTTP answer: data, or which failure it is and whether another try can help."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from connectors.tables.cell_text import number_as_written

T = TypeVar("T")

_BUSY = {429, 502, 503, 504}
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


class NotAPage(ValueError):
    """An answer is not JSON of the expected shape; the message never quotes the answer."""


@dataclass(frozen=True)
class Reply(Generic[T]):
    """A good answer: its bytes as served, and the value parsed from them."""

    body: bytes
    value: T


@dataclass(frozen=True)
class RequestFailure:
    """A failed request; ``rule`` is a key of the messages.

    ``again``: another try may help; ``doubtful``: only few tries, as the request may be wrong;
    ``refused``: the login may be wrong, so no more requests; ``retry_after``: the server's header.
    """

    rule: str
    again: bool = False
    doubtful: bool = False
    refused: bool = False
    retry_after: str | None = None


_FAILURES = {
    401: RequestFailure("login_refused", refused=True),
    403: RequestFailure("access_refused", refused=True),
    404: RequestFailure("not_found", again=True, doubtful=True),
    408: RequestFailure("too_slow", again=True, doubtful=True),
    500: RequestFailure("server_error", again=True, doubtful=True),
}


def judge_answer(
    status: int, headers: Mapping[str, str], body: bytes, shape: Callable[[object], T]
) -> Reply[T] | RequestFailure:
    """Turns an answer into a Reply or a failure; ``shape`` parses its JSON or raises NotAPage."""
    if status in _FAILURES:
        return _FAILURES[status]
    if 300 <= status < 400:
        return RequestFailure("redirected", refused=True)
    if status in _BUSY:
        return RequestFailure("server_busy", again=True, retry_after=headers.get("Retry-After"))
    if status >= 400:
        return RequestFailure("question_refused")
    if status != 200:
        return RequestFailure("answer_broken", again=True)
    return _parse_data(body, shape)


def _parse_data(body: bytes, shape: Callable[[object], T]) -> Reply[T] | RequestFailure:
    """Parses the body regardless of its content type.

    enaio also serves JSON as text, and login pages with status 200.
    """
    broken = RequestFailure("answer_broken", again=True)
    if body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        asks_for_login = b"password" in body.lower() or b"login" in body.lower()
        return RequestFailure("login_page", refused=True) if asks_for_login else broken
    try:
        return Reply(body, shape(parse_json(body)))
    except (NotAPage, RecursionError):
        return broken


def parse_json(body: bytes) -> object:
    """Parses the JSON of a page, keeping every digit as written; raises NotAPage.

    Halves of a character, which no store takes, become U+FFFD.
    """
    try:
        text = body.decode("utf-8-sig")
        value: object = json.loads(
            text, parse_int=str, parse_float=number_as_written, parse_constant=str
        )
        if _SURROGATE.search(text):
            value = json.loads(_replace_surrogates(json.dumps(value, ensure_ascii=False)))
    except ValueError:
        value = NotAPage
    if value is NotAPage:
        raise NotAPage("not JSON in UTF-8")
    return value


def _replace_surrogates(text: str) -> str:
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
