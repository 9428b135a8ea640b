"""Sends requests to the delivery service, limited in time, size and tries."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import requests
from urllib3.exceptions import HTTPError

from connectors.dispatch.fit_connect.access import Account
from connectors.dispatch.fit_connect.messages import refuse_dispatch
from connectors.dispatch.refusal import CannotDispatch
from connectors.fetch.login import Token

_CHUNK = 65_536
_TOKEN_MARGIN = 30.0
_PROBLEM = re.compile(r"[A-Za-z0-9-]{1,60}")
RULES = {
    401: "login_refused",
    403: "access_refused",
    404: "not_found",
    413: "parcel_too_large",
    429: "busy",
}
# Another try may help, and where a request changes something nobody knows whether it was done.
UNSURE = frozenset({"unreachable", "server_error", "answer_broken"})


@dataclass(frozen=True)
class Answer:
    """What came of one try: a status with a body, or status 0 with the rule of a failure."""

    status: int = 0
    body: bytes = b""
    failed: str = ""
    retry_after: str | None = None

    @property
    def rule(self) -> str:
        """What stops the submission; empty where nothing does."""
        if self.failed or 200 <= self.status < 300:
            return self.failed
        if self.status >= 500:
            return "server_error"
        return "redirected" if self.status < 400 else RULES.get(self.status, "refused")


class DeliveryHttp:
    """A session with the delivery service; ``sleep`` and ``clock`` can be replaced."""

    def __init__(
        self,
        account: Account,
        *,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._account = account
        self._sleep = sleep
        self._clock = clock
        self._token: Token | None = None
        self._session = requests.Session()
        # Proxies and certificates come from the configuration alone.
        self._session.trust_env = False
        self._session.proxies.update(account.proxies)
        self._session.headers["Accept"] = "application/json, application/problem+json"
        self._session.headers["User-Agent"] = "Drehscheibe"

    def close(self) -> None:
        """Ends the session."""
        self._session.close()

    def read_json(self, told: str, method: str, path: str, **content: Any) -> dict[str, Any]:
        """Sends a request and reads the object it answers; ``told`` names it to IT."""
        body = self.send(told, method, path, **content)
        with suppress(ValueError, RecursionError):
            value = json.loads(body)
            if isinstance(value, dict):
                return value
        raise refuse_dispatch("answer_broken", f"{told}: no JSON object")

    def send(
        self, told: str, method: str, path: str, *, repeat: bool = True, **content: Any
    ) -> bytes:
        """Sends a request; raises CannotDispatch.

        Without ``repeat`` it is sent again only where it certainly was not carried out.
        """
        answer, renewed = Answer(failed="unreachable"), False
        for number in range(self._account.limits.tries):
            answer = self._try_once(method, self._account.url + path, self._with_token(content))
            if answer.status == 401 and not renewed:
                # A token may end before its time.
                self._token, renewed = None, True
                continue
            wait = self._find_wait(answer, number, repeat)
            if wait is None:
                break
            self._sleep(wait)
        if answer.rule:
            raise describe_answer(told, answer)
        return answer.body

    def _find_wait(self, answer: Answer, number: int, repeat: bool) -> float | None:
        """Seconds until the next try; None where there is none."""
        limits = self._account.limits
        is_last = number + 1 >= limits.tries
        worth_it = answer.rule == "busy" or (repeat and answer.rule in UNSURE)
        if is_last or not worth_it:
            return None
        asked = answer.retry_after or ""
        wait = float(asked) if asked.isdecimal() else float(2**number)
        return wait if wait <= limits.longest_wait else None

    def _with_token(self, content: Mapping[str, Any]) -> dict[str, Any]:
        if self._token is None or self._clock() > self._token.until:
            self._token = self._new_token()
        return {**content, "auth": self._token}

    def _new_token(self) -> Token:
        account = self._account
        if account.client_secret is None:
            raise refuse_dispatch("no_secret")
        # The service takes them in the form only, not as HTTP Basic.
        form = {
            "grant_type": "client_credentials",
            "client_id": account.client_id,
            "client_secret": account.client_secret,
        }
        answer = self._try_once("POST", account.token_url, {"data": form})
        if answer.rule:
            rule = "login_refused" if answer.status in (400, 401, 403) else answer.rule
            raise refuse_dispatch(rule, f"token: {describe_status(answer)}")
        return self._read_token(answer.body)

    def _read_token(self, body: bytes) -> Token:
        with suppress(ValueError, RecursionError, AttributeError, TypeError):
            value = json.loads(body)
            text, lifetime = value["access_token"], float(value.get("expires_in", 60))
            if isinstance(text, str) and text.isascii() and text.isprintable():
                return Token(text, self._clock() + max(lifetime - _TOKEN_MARGIN, lifetime / 2))
        raise refuse_dispatch("answer_broken", "token: no access_token")

    def _try_once(self, method: str, url: str, content: Mapping[str, Any]) -> Answer:
        limits, until = self._account.limits, self._clock() + self._account.limits.page_seconds
        try:
            with self._session.request(
                method,
                url,
                timeout=(limits.connect_seconds, limits.read_seconds),
                verify=str(self._account.ca_bundle) if self._account.ca_bundle else True,
                allow_redirects=False,
                stream=True,
                **content,
            ) as response:
                return self._read_answer(response, until)
        except (requests.RequestException, HTTPError, OSError) as error:
            return Answer(failed=_name_failure(error))

    def _read_answer(self, response: requests.Response, until: float) -> Answer:
        # read1 returns what has arrived, so that a slow server cannot outlast the deadline.
        body = bytearray()
        while chunk := response.raw.read1(_CHUNK, decode_content=True):
            body += chunk
            if len(body) > self._account.limits.body_bytes or self._clock() > until:
                return Answer(failed="answer_broken")
        wait = response.headers.get("Retry-After")
        return Answer(response.status_code, bytes(body), retry_after=wait)


def describe_answer(told: str, answer: Answer) -> CannotDispatch:
    """The exception of an answer that stops the submission."""
    return refuse_dispatch(answer.rule, f"{told}: {describe_status(answer)}")


def describe_status(answer: Answer) -> str:
    """The status, with the name of the problem (RFC 9457) but none of its words."""
    if not answer.status:
        return answer.failed
    named = f"HTTP {answer.status}"
    with suppress(ValueError, RecursionError, AttributeError):
        name = str(json.loads(answer.body).get("type")).rpartition("/")[2]
        if _PROBLEM.fullmatch(name):
            return f"{named}, problem {name}"
    return named


def _name_failure(error: Exception) -> str:
    match error:
        case requests.exceptions.ProxyError():
            return "proxy"
        case requests.exceptions.SSLError() if "CERTIFICATE" in str(error):
            return "certificate"
        case requests.ReadTimeout():
            return "answer_broken"
        case requests.ConnectionError() | requests.exceptions.InvalidURL():
            return "unreachable"
        case requests.RequestException() | ConnectionError() | TimeoutError() | HTTPError():
            return "answer_broken"
        case _:  # the CA bundle is missing or unreadable
            return "certificate"
