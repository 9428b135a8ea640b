"""Refuses requests to Dagster's page that the page itself or its user would not send."""

from __future__ import annotations

import base64
import hmac
import json
import re
from collections.abc import Collection, Iterable, Mapping, MutableMapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOOPBACK_NAMES = frozenset({"127.0.0.1", "localhost", "[::1]"})
# Dagster's page sends this with every mutation; no other origin can without asking first (CORS).
MUTATION_HEADER = "idempotency-key"
LARGEST_BODY = 32 << 20
_GRAPHQL = "/graphql"
_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:[0-9]{1,5})?")
# The keyword as GraphQL reads it: a name of its own; `mutationType` is another one.
_MUTATION = re.compile(r"(?<![_0-9A-Za-z])mutation(?![_0-9A-Za-z])")
_ONCE = ("host", "origin", "sec-fetch-site", "content-type", "authorization")
# No other page may frame this one and have its user click in it.
_ANSWER_HEADERS = (
    (b"x-frame-options", b"SAMEORIGIN"),
    (b"content-security-policy", b"frame-ancestors 'self'"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"x-content-type-options", b"nosniff"),
)


class PageGuard:
    """An ASGI layer that passes on what comes from the page itself and refuses the rest.

    ``names``: host names besides those of this machine at which a proxy serves the page.
    ``password``: what every request has to prove by HTTP Basic authentication; None: nothing.
    """

    def __init__(
        self, app: ASGIApp, names: Collection[str] = (), password: str | None = None
    ) -> None:
        self._app = app
        self._names = LOOPBACK_NAMES | {name.lower() for name in names}
        self._password = password

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers a request or a WebSocket, or passes it on to the page."""
        if scope["type"] == "lifespan":
            return await self._app(scope, receive, send)
        headers = _single_headers(scope["headers"])
        refusal = find_foreign(headers, self._names)
        if refusal is None and not self._is_admitted(headers):
            return await _refuse(scope, send, 401, "this page needs its password")
        if refusal is None and scope["type"] == "http":
            body = None if _is_safe(scope) else await _read_body(receive)
            refusal = _find_unasked(scope, headers, body)
            if body is not None:
                receive = _replay(body, receive)
        if refusal is not None:
            return await _refuse(scope, send, 403, refusal)
        await self._app(scope, receive, _with_headers(send))

    def _is_admitted(self, headers: Mapping[str, str]) -> bool:
        if self._password is None:
            return True
        scheme, _, given = headers.get("authorization", "").partition(" ")
        try:
            _, _, password = base64.b64decode(given, validate=True).partition(b":")
        except ValueError:
            return False
        same = hmac.compare_digest(password, self._password.encode())
        return scheme.lower() == "basic" and same


def find_foreign(headers: Mapping[str, str], names: Collection[str]) -> str | None:
    """Why a request is for another host or from another page; None where it is not."""
    host = headers.get("host", "").lower()
    parts = _HOST.fullmatch(host)
    if parts is None or parts[1] not in names:
        # A name of someone else that leads to this machine (DNS rebinding).
        return "this page is not served under this host name; open it at http://127.0.0.1"
    if "origin" in headers and headers["origin"].lower() not in (
        f"http://{host}",
        f"https://{host}",
    ):
        return "this page takes no requests from other pages"
    if headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
        return "this page cannot be opened or used from another page; type its address instead"
    return None


def _find_unasked(scope: Scope, headers: Mapping[str, str], body: bytes | None) -> str | None:
    """Why a request may change something without being one that the page sends."""
    if body is None:
        is_query = scope["path"].startswith(_GRAPHQL) and scope["query_string"]
        return "GraphQL is answered to POST only" if is_query else None
    if len(body) > LARGEST_BODY:
        return "the request is too large"
    # Of the form `text/plain; application/json` a browser sends a request without asking first.
    if headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        return "requests have to be of the type application/json"
    if headers.get(MUTATION_HEADER) or (scope["path"] == _GRAPHQL and is_query_only(body)):
        return None
    return f"what changes something has to come with the header {MUTATION_HEADER}"


def is_query_only(body: bytes) -> bool:
    """Whether a GraphQL request asks and changes nothing; one that cannot be read may change."""
    try:
        request = json.loads(body)
    except (ValueError, RecursionError):
        return False
    query = request.get("query") if isinstance(request, dict) else None
    return isinstance(query, str) and _MUTATION.search(query) is None


def _single_headers(raw: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """The headers by lower-case name; one that counts and is sent twice has an impossible value."""
    found: dict[str, str] = {}
    for name, value in raw:
        key = name.decode("latin-1").lower()
        found[key] = "(twice)" if key in found and key in _ONCE else value.decode("latin-1")
    return found


def _is_safe(scope: Scope) -> bool:
    return scope["method"] in ("GET", "HEAD")


async def _read_body(receive: Receive) -> bytes:
    """The whole body, or the first of it where it is too large."""
    body = bytearray()
    while len(body) <= LARGEST_BODY:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    return bytes(body)


def _replay(body: bytes, receive: Receive) -> Receive:
    messages = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive_again() -> Message:
        return messages.pop() if messages else await receive()

    return receive_again


def _with_headers(send: Send) -> Send:
    async def send_with_headers(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", ()), *_ANSWER_HEADERS]
        await send(message)

    return send_with_headers


async def _refuse(scope: Scope, send: Send, status: int, sentence: str) -> None:
    if scope["type"] == "websocket":
        return await send({"type": "websocket.close", "code": 1008})
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"cache-control", b"no-store")]
    if status == 401:
        headers.append((b"www-authenticate", b'Basic realm="Drehscheibe", charset="UTF-8"'))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": f"Refused: {sentence}.\n".encode()})
