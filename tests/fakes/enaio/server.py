"""The fake enaio as an HTTP server on loopback: routes, login, faults, and a log of what was asked and served."""

from __future__ import annotations

import json
import socket
import ssl
import struct
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal
from urllib.parse import parse_qsl, urlsplit

from tests.fakes.enaio import answers
from tests.fakes.enaio.accounts import Accounts
from tests.fakes.enaio.answers import Answered
from tests.fakes.enaio.faults import FAULTS, Answer, Fault
from tests.fakes.enaio.holdings import Holdings, sample


@dataclass(frozen=True)
class Asked:
    """One search as the server saw it: what for, which type, from which object on; its answer's status and body."""

    what: str
    type: str
    skip: int
    status: int
    body: bytes
    question: Any


@dataclass
class FakeEnaio:
    """A context manager: while it is open, an enaio answers at ``url``; ``asked`` lists the searches in order."""

    holdings: Holdings = field(default_factory=sample)
    accounts: Accounts = field(default_factory=Accounts)
    faults: list[Fault] = field(default_factory=list)
    totals: Literal["exact", "lookahead"] = "lookahead"
    largest_page: int = 1_000
    port: int = 0
    tls: ssl.SSLContext | None = None
    asked: list[Asked] = field(default_factory=list)
    requests: int = 0

    def __enter__(self) -> FakeEnaio:
        fake = self

        class Handler(_Handler):
            enaio = fake

        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self._server.daemon_threads = True
        if self.tls is not None:
            self._server.socket = self.tls.wrap_socket(self._server.socket, server_side=True)
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(
            target=lambda: self._server.serve_forever(0.01), daemon=True
        )
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http{'s' if self.tls else ''}://127.0.0.1:{self.port}"

    def answer(
        self, method: str, path: str, params: dict[str, str], body: bytes, authorization: str | None
    ) -> Answer:
        """The answer to one request, faults included."""
        with self.holdings.lock:
            self.requests += 1
            if path == "/token":
                token = self.accounts.token(authorization)
                told = (
                    {"access_token": token, "expires_in": 300}
                    if token
                    else {"error": "invalid_client"}
                )
                return Answer(200 if token else 401, json.dumps(told).encode(), answers.JSON)
            if not self.accounts.admits(authorization):
                return Answer(401, b"", {"WWW-Authenticate": 'Basic realm="enaio"'})
            if method == "GET" and path == "/osrest/api/serviceinfo":
                return answers.serviceinfo().answer
            return self._search(method, path, params, body)

    def _search(self, method: str, path: str, params: dict[str, str], body: bytes) -> Answer:
        number = len(self.asked)
        kinds = [fault.kind for fault in self.faults if fault.befalls(number)]
        try:
            question = json.loads(body)
        except ValueError:
            question = None
        self._beforehand(kinds, question, params)
        answered = self._answered(method, path, params, question)
        if "repeated_page" in kinds and self.asked:
            answered = Answered(
                Answer(200, self.asked[-1].body, answers.JSON),
                answered.what,
                answered.type,
                answered.skip,
            )
        answer = answered.answer
        for kind in kinds:
            answer = FAULTS[kind](answer)
        if answer.expired:
            self.accounts.failures += 1
        served = Asked(
            answered.what, answered.type, answered.skip, answer.status, answer.body, question
        )
        self.asked.append(served)
        return answer

    def _beforehand(self, kinds: list[str], question: Any, params: dict[str, str]) -> None:
        if "row_inserted" in kinds:
            self.holdings.insert("Person", "0990")
        if "row_deleted" in kinds:
            self.holdings.delete(next(self.holdings.of("Person")).id)
        if "offset_ignored" in kinds:
            params["offset"] = "0"
            if isinstance(question, dict) and "skipCount" in question.get("query", {}):
                question["query"]["skipCount"] = 0

    def _answered(self, method: str, path: str, params: dict[str, str], question: Any) -> Answered:
        if method == "POST" and path == "/api/dms/objects/search":
            return answers.dms_search(question, self.holdings, self.totals, self.largest_page)
        if method == "POST" and path == "/osrest/api/documents/search":
            return answers.osrest_search(question, params, self.holdings, self.largest_page)
        head, _, number = path.rpartition("/")
        if method == "POST" and head == "/osrest/api/documents/storedqueries":
            return answers.stored_query(number, question, params, self.holdings, self.largest_page)
        return Answered(Answer(404, b"not found"))


class _Handler(BaseHTTPRequestHandler):
    enaio: FakeEnaio
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        self._reply("GET")

    def do_POST(self) -> None:
        self._reply("POST")

    def log_message(self, *_: object) -> None:
        """Says nothing: the log is ``asked``."""

    def _reply(self, method: str) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        asked = urlsplit(self.path)
        answer = self.enaio.answer(
            method,
            asked.path,
            dict(parse_qsl(asked.query)),
            body,
            self.headers.get("Authorization"),
        )
        self.send_response(answer.status)
        for name, value in {**answer.headers, "Content-Length": str(len(answer.body))}.items():
            self.send_header(name, value)
        self.end_headers()
        try:
            self._send(answer)
        except OSError:
            self.close_connection = True

    def _send(self, answer: Answer) -> None:
        if answer.cut:
            self.wfile.write(answer.body[: len(answer.body) // 2])
            self.wfile.flush()
            # close with a reset instead of an orderly end
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
            self.close_connection = True
        elif answer.drip:
            for start in range(0, len(answer.body), 8):
                self.wfile.write(answer.body[start : start + 8])
                time.sleep(answer.drip)
        else:
            self.wfile.write(answer.body)
