"""Sends read-only requests to enaio in one session, limited in time and size, with retries."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import requests
from requests.auth import AuthBase
from urllib3.exceptions import HTTPError, InvalidHeader, ReadTimeoutError
from urllib3.util.retry import Retry

from connectors.enaio.messages import cannot_fetch_error
from connectors.enaio.replies import NotAPage, Reply, RequestFailure, judge_answer
from connectors.fetch.http_login import Basic, Bearer, Server
from connectors.fetch.login import Token, basic_auth
from connectors.fetch.tls import make_adapter

T = TypeVar("T")

_CHUNK = 65_536
_TOKEN_MARGIN = 30.0


class ReadOnlyHttp:
    """A session with one enaio server; after a refused login no further request is sent.

    ``sleep`` and ``clock`` can be replaced, so that tests do not wait.
    """

    def __init__(
        self,
        server: Server,
        *,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._server = server
        self._sleep = sleep
        self._clock = clock
        self._token: Token | None = None
        self._refused_rule: str | None = None
        self._session = requests.Session()
        # Proxies and certificates come from the configuration alone.
        self._session.trust_env = False
        self._session.proxies.update(server.proxies)
        # Uncompressed, so that pages are stored as served.
        self._session.headers.update(
            {
                "User-Agent": "Drehscheibe/enaio (read-only)",
                "Accept": "application/json",
                "Accept-Encoding": "identity",
            }
        )
        self._session.mount("https://", make_adapter(server.tls))

    def close(self) -> None:
        """Ends the session, which frees a licence on the server."""
        self._session.close()

    def post_search(
        self,
        path: str,
        query: Mapping[str, Any],
        params: Mapping[str, str],
        shape: Callable[[object], T],
    ) -> Reply[T]:
        """POSTs a search, which changes nothing and may be repeated; raises CannotFetch."""
        content = {"json": query, "params": params}
        return self._send_request("POST", self._full_url(path), content, shape)

    def get_json(self, path: str, shape: Callable[[object], T]) -> Reply[T]:
        """GETs a resource; raises CannotFetch."""
        return self._send_request("GET", self._full_url(path), {}, shape)

    def _full_url(self, path: str) -> str:
        return self._server.url.rstrip("/") + path

    def _send_request(
        self, method: str, url: str, content: Mapping[str, Any], shape: Callable[[object], T]
    ) -> Reply[T]:
        return self._repeat_attempts(
            lambda: self._try_once(method, url, {**content, "auth": self._current_auth()}, shape)
        )

    def _repeat_attempts(self, attempt: Callable[[], Reply[T] | RequestFailure]) -> Reply[T]:
        """Repeats an attempt until it succeeds or another try is not worth it.

        Exceptions are raised outside of handlers, so that none holds another one with an address.
        """
        limits = self._server.patience
        retry = Retry(None, backoff_factor=1, backoff_max=60, backoff_jitter=0.5)
        tries = doubtful_tries = 0
        while True:
            if self._refused_rule is not None:
                raise cannot_fetch_error(self._refused_rule)
            outcome = attempt()
            if isinstance(outcome, Reply):
                return outcome
            if outcome.refused:
                self._refused_rule = outcome.rule
            tries += 1
            doubtful_tries += outcome.doubtful
            retry = retry.increment("POST", "")
            wait = _waiting_seconds(retry, outcome, limits.longest_wait)
            used_up = tries >= limits.tries or doubtful_tries > limits.doubtful_tries
            if used_up or wait is None or not outcome.again:
                raise cannot_fetch_error(outcome.rule)
            self._sleep(wait)

    def _try_once(
        self, method: str, url: str, content: Mapping[str, Any], shape: Callable[[object], T]
    ) -> Reply[T] | RequestFailure:
        until = self._clock() + self._server.patience.page_seconds
        try:
            with self._open_response(method, url, content) as response:
                body = self._read_body(response, until)
                if isinstance(body, RequestFailure):
                    return body
                return judge_answer(response.status_code, response.headers, body, shape)
        except (requests.RequestException, HTTPError, OSError) as error:
            return _connection_failure(error)

    def _open_response(
        self, method: str, url: str, content: Mapping[str, Any]
    ) -> requests.Response:
        limits, ca_bundle = self._server.patience, self._server.tls.ca_bundle
        return self._session.request(
            method,
            url,
            timeout=(limits.connect_seconds, min(limits.read_seconds, limits.page_seconds)),
            verify=str(ca_bundle) if ca_bundle else True,
            allow_redirects=False,
            stream=True,
            **content,
        )

    def _read_body(self, response: requests.Response, until: float) -> bytes | RequestFailure:
        """Reads the whole body, or fails if it is too large or slow."""
        # read1 returns what has arrived, so that a slow server cannot outlast the deadline.
        body = bytearray()
        while chunk := response.raw.read1(_CHUNK, decode_content=True):
            body += chunk
            if len(body) > self._server.patience.body_bytes:
                return RequestFailure("too_large")
            if self._clock() > until:
                return RequestFailure("too_slow", again=True)
        return bytes(body)

    def _current_auth(self) -> AuthBase:
        login = self._server.login
        if isinstance(login, Basic):
            return basic_auth(login.user, login.password)
        if self._token is None or self._clock() > self._token.until:
            self._token = self._repeat_attempts(lambda: self._new_token(login)).value
        return self._token

    def _new_token(self, login: Bearer) -> Reply[Token] | RequestFailure:
        form = {"grant_type": "client_credentials"}
        if login.scope:
            form["scope"] = login.scope
        content = {"data": form, "auth": basic_auth(login.client_id, login.client_secret)}
        outcome = self._try_once(
            "POST", login.token_url, content, lambda value: _parse_token(value, self._clock())
        )
        if isinstance(outcome, Reply):
            return outcome
        refused = outcome.refused or outcome.rule == "question_refused"
        return RequestFailure("token_refused", refused=True) if refused else outcome


def _parse_token(value: object, now: float) -> Token:
    text = value.get("access_token") if isinstance(value, dict) else None
    if not isinstance(value, dict) or not isinstance(text, str) or not text.isascii():
        raise NotAPage("no access token")
    lifetime = str(value.get("expires_in", ""))
    seconds = float(lifetime) if lifetime.isdecimal() else 60.0
    return Token(text, now + max(seconds - _TOKEN_MARGIN, seconds / 2))


def _waiting_seconds(retry: Retry, failure: RequestFailure, longest: float) -> float | None:
    """Seconds until the next try; None if the server asks for too long a wait.

    Without a readable Retry-After the wait grows with each try.
    """
    if failure.retry_after is None:
        return retry.get_backoff_time()
    try:
        asked = retry.parse_retry_after(failure.retry_after)
    except (InvalidHeader, ValueError, OverflowError, TypeError):
        return retry.get_backoff_time()
    return asked if asked <= longest else None


def _connection_failure(error: Exception) -> RequestFailure:
    match error:
        case requests.exceptions.ProxyError():
            return RequestFailure("proxy", again=True, doubtful=True)
        case requests.exceptions.SSLError() if "CERTIFICATE" in str(error):
            return RequestFailure("certificate")
        case requests.exceptions.InvalidSchema() | requests.exceptions.InvalidURL():
            return RequestFailure("unreachable")
        case requests.ReadTimeout() | ReadTimeoutError():
            return RequestFailure("too_slow", again=True)
        case requests.ConnectionError():
            return RequestFailure("unreachable", again=True)
        case requests.RequestException() | ConnectionError() | TimeoutError():
            return RequestFailure("answer_broken", again=True)
        case OSError():  # the CA bundle is missing or unreadable
            return RequestFailure("certificate")
        case _:
            return RequestFailure("answer_broken", again=True)
