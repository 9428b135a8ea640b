"""Judges one HTTP answer: data, or what kind of trouble it is and whether another try can help. Nothing is sent here."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")

_BUSY = {429, 502, 503, 504}
_DOUBTFUL = {404: "not_found", 408: "too_slow", 500: "server_error"}


class NotAPage(ValueError):
    """An answer is JSON but not of the shape asked for; raised by the shapes, always without the answer's content."""


@dataclass(frozen=True)
class Reply(Generic[T]):
    """A good answer: its bytes as served, and what its shape made of it."""

    body: bytes
    value: T


@dataclass(frozen=True)
class RequestFailure:
    """What went wrong, as a rule of the messages. ``again``: worth another try; ``doubtful``: worth only few;
    ``refused``: the login may be at fault, so nothing more may be asked; ``retry_after``: what the server said."""

    rule: str
    again: bool = False
    doubtful: bool = False
    refused: bool = False
    retry_after: str | None = None


def judge_answer(
    status: int, headers: Mapping[str, str], body: bytes, shape: Callable[[object], T]
) -> Reply[T] | RequestFailure:
    """What an answer is worth; ``shape`` turns its JSON into something or raises NotAPage."""
    if status in (401, 403):
        return RequestFailure("login_refused" if status == 401 else "access_refused", refused=True)
    if 300 <= status < 400:
        return RequestFailure("redirected", refused=True)
    if status in _BUSY:
        return RequestFailure("server_busy", again=True, retry_after=headers.get("Retry-After"))
    if status in _DOUBTFUL:
        return RequestFailure(_DOUBTFUL[status], again=True, doubtful=True)
    if status >= 400:
        return RequestFailure("question_refused")
    if status != 200:
        return RequestFailure("answer_broken", again=True)
    return _parse_data(body, shape)


def _parse_data(body: bytes, shape: Callable[[object], T]) -> Reply[T] | RequestFailure:
    """JSON whatever its content type says: enaio serves it as text too, and login pages as 200."""
    broken = RequestFailure("answer_broken", again=True)
    if body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        asks_for_login = b"password" in body.lower() or b"login" in body.lower()
        return RequestFailure("login_page", refused=True) if asks_for_login else broken
    try:
        return Reply(body, shape(parse_json(body)))
    except (NotAPage, RecursionError):
        return broken


def parse_json(body: bytes) -> object:
    """The JSON of a page with every number as the text it was written as; raises NotAPage."""
    try:
        text = body.decode("utf-8-sig")
        value: object = json.loads(text, parse_int=str, parse_float=str, parse_constant=str)
    except ValueError:
        value = NotAPage
    if value is NotAPage:
        raise NotAPage("not JSON in UTF-8")
    return value
