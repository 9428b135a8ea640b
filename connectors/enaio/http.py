"""Asks enaio read-only questions: one session, bounded in time and size, repeated only where that is safe. Knows no enaio data."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import requests
from requests.auth import AuthBase
from urllib3.exceptions import HTTPError, InvalidHeader, MaxRetryError, ReadTimeoutError
from urllib3.util.retry import Retry

from connectors.enaio.messages import cannot_fetch_error
from connectors.enaio.replies import NotAPage, Reply, RequestFailure, judge_answer
from connectors.fetch.http_login import Basic, Bearer, Server
from connectors.fetch.login import BasicUtf8, Token
from connectors.fetch.tls import make_adapter

T = TypeVar("T")

_CHUNK = 65_536
_TOKEN_MARGIN = 30.0


class ReadOnlyHttp:
    """The line to one enaio. After a refused login it is dead: no further request leaves.

    ``sleep`` and ``clock`` can be given so that waiting takes no time in tests.
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
        self._dead: str | None = None
        self._session = requests.Session()
        self._session.trust_env = server.trust_environment
        self._session.proxies.update(server.proxies)
        # uncompressed, so that what lands is what was served
        self._session.headers.update(
            {
                "User-Agent": server.user_agent,
                "Accept": "application/json",
                "Accept-Encoding": "identity",
            }
        )
        self._session.mount("https://", make_adapter(server.tls))

    def close(self) -> None:
        """Ends the session, so that the server may give its licence to others."""
        self._session.close()

    def post_search(
        self,
        path: str,
        question: Mapping[str, Any],
        params: Mapping[str, str],
        shape: Callable[[object], T],
    ) -> Reply[T]:
        """POSTs a search, which changes nothing and may be repeated; raises CannotFetch."""
        return self._send_request(
            "POST", self._full_url(path), {"json": question, "params": params}, shape
        )

    def get_json(self, path: str, shape: Callable[[object], T]) -> Reply[T]:
        """GETs something; raises CannotFetch."""
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
        """Attempts until it is good or not worth it; exceptions are raised outside of handlers, so that none holds another."""
        patience = self._server.patience
        retry: Retry | None = Retry(
            total=patience.tries - 1,
            allowed_methods=None,
            backoff_factor=1,
            backoff_max=60,
            backoff_jitter=0.5,
        )
        doubts = 0
        while True:
            if self._dead is not None:
                raise cannot_fetch_error(self._dead)
            outcome = attempt()
            if isinstance(outcome, Reply):
                return outcome
            if outcome.refused:
                self._dead = outcome.rule
            doubts += outcome.doubtful
            retry = (
                _next_try(retry) if outcome.again and doubts <= patience.doubtful_tries else None
            )
            wait = (
                _waiting_seconds(retry, outcome, patience.longest_wait)
                if retry is not None
                else None
            )
            if wait is None:
                raise cannot_fetch_error(outcome.rule)
            self._sleep(wait)

    def _try_once(
        self, method: str, url: str, content: Mapping[str, Any], shape: Callable[[object], T]
    ) -> Reply[T] | RequestFailure:
        patience = self._server.patience
        begun = self._clock()
        verify: bool | str = str(self._server.tls.ca_bundle) if self._server.tls.ca_bundle else True
        try:
            with self._session.request(
                method,
                url,
                timeout=(
                    patience.connect_seconds,
                    min(patience.read_seconds, patience.page_seconds),
                ),
                verify=verify,
                allow_redirects=False,
                stream=True,
                **content,
            ) as response:
                body = self._read_body(response, begun + patience.page_seconds)
                if isinstance(body, RequestFailure):
                    return body
                return judge_answer(response.status_code, response.headers, body, shape)
        except (requests.RequestException, HTTPError, OSError) as error:
            return _line_trouble(error)

    def _read_body(self, response: requests.Response, until: float) -> bytes | RequestFailure:
        """The whole body; read1 gives what is there, so that a server that drips cannot outlast the deadline."""
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
            return BasicUtf8(login.user, login.password)
        if self._token is None or self._clock() > self._token.until:
            self._token = self._repeat_attempts(lambda: self._new_token(login)).value
        return self._token

    def _new_token(self, login: Bearer) -> Reply[Token] | RequestFailure:
        form = {
            "grant_type": "client_credentials",
            **({"scope": login.scope} if login.scope else {}),
        }
        content = {"data": form, "auth": BasicUtf8(login.client_id, login.client_secret)}
        outcome = self._try_once(
            "POST", login.token_url, content, lambda value: _parse_token(value, self._clock())
        )
        if isinstance(outcome, RequestFailure) and (
            outcome.refused or outcome.rule == "question_refused"
        ):
            return RequestFailure("token_refused", refused=True)
        return outcome


def _parse_token(value: object, now: float) -> Token:
    text = value.get("access_token") if isinstance(value, dict) else None
    if not isinstance(value, dict) or not isinstance(text, str) or not text.isascii():
        raise NotAPage("no access token")
    lasts = str(value.get("expires_in", ""))
    seconds = float(lasts) if lasts.isdecimal() else 60.0
    return Token(text, now + max(seconds - _TOKEN_MARGIN, seconds / 2))


def _next_try(retry: Retry | None) -> Retry | None:
    """The library's counter of tries, one further; None when they are used up."""
    if retry is None:
        return None
    try:
        return retry.increment("POST", "")
    except MaxRetryError:
        return None


def _waiting_seconds(retry: Retry, trouble: RequestFailure, longest: float) -> float | None:
    """Seconds until the next try: what the server asks for, else growing with chance; None if it asks for too long."""
    if trouble.retry_after is None:
        return retry.get_backoff_time()
    try:
        asked = retry.parse_retry_after(trouble.retry_after)
    except (InvalidHeader, ValueError, OverflowError, TypeError):
        return retry.get_backoff_time()
    return asked if asked <= longest else None


def _line_trouble(error: Exception) -> RequestFailure:
    if isinstance(error, requests.exceptions.ProxyError):
        return RequestFailure("proxy", again=True, doubtful=True)
    if isinstance(error, requests.exceptions.SSLError) and "CERTIFICATE" in str(error):
        return RequestFailure("certificate")
    if isinstance(error, requests.exceptions.InvalidSchema | requests.exceptions.InvalidURL):
        return RequestFailure("unreachable")
    if isinstance(error, requests.ReadTimeout | ReadTimeoutError):
        return RequestFailure("too_slow", again=True)
    if isinstance(error, OSError) and not isinstance(
        error, requests.RequestException | ConnectionError | TimeoutError
    ):
        return RequestFailure("certificate")  # the CA bundle is not there or not readable
    return RequestFailure(
        "unreachable" if isinstance(error, requests.ConnectionError) else "answer_broken",
        again=True,
    )
